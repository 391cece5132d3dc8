# SPDX-License-Identifier: Apache-2.0
"""Tests of model/import. By hand: PYTHONPATH=model/import .venv/bin/python tests/model/import/import_test.py."""

import io
import json
import pathlib
import pickle
import struct
import tempfile
import unittest
import unittest.mock

import numpy as np
import safetensors.numpy

import assemble
import bundle_files
import fusion_parameters
import language_model
import legacy_checkpoint
import vision_layers

ROOT = pathlib.Path(__file__).resolve().parents[3]
RECIPE = ROOT / "model" / "bundles" / "coco-135m"


class LanguageModelTest(unittest.TestCase):
    def test_unpermute_undoes_the_reordering_that_gguf_converters_apply(self):
        heads, head_width, columns = 3, 8, 5
        weight = np.arange(heads * head_width * columns, dtype=np.float32).reshape(-1, columns)
        permuted = weight.reshape(heads, 2, head_width // 2, columns).swapaxes(1, 2).reshape(weight.shape)
        self.assertFalse(np.array_equal(permuted, weight))
        np.testing.assert_array_equal(language_model.unpermute(permuted, heads), weight)

    def test_names_become_hugging_face_names_and_unknown_ones_are_refused(self):
        self.assertEqual(
            language_model.hugging_face_name("blk.7.ffn_gate.weight"), "model.layers.7.mlp.gate_proj.weight"
        )
        self.assertEqual(language_model.hugging_face_name("output_norm.weight"), "model.norm.weight")
        for name in ("output.weight", "blk.0.attn_q.bias", "blk.0.attn_x.weight"):
            with self.assertRaisesRegex(ValueError, "has no place"):
                language_model.hugging_face_name(name)


class AssembleTest(unittest.TestCase):
    def test_bfloat16_rounds_to_the_nearest_and_ties_to_even(self):
        values = np.array([0x3F800000, 0x3F808000, 0x3F818000, 0x3F808001, 0xBF80FFFF], np.uint32).view(np.float32)
        rounded = np.frombuffer(bundle_files.to_bfloat16(values), "<u2")
        self.assertEqual(rounded.tolist(), [0x3F80, 0x3F80, 0x3F82, 0x3F81, 0xBF81])

    def test_a_written_file_is_read_by_the_safetensors_package(self):
        value = np.arange(6, dtype=np.float16).reshape(2, 3)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "x.safetensors"
            digest = bundle_files.write_safetensors(path, {"a": ("F16", [2, 3], 12, [value.tobytes()])}, {"k": "v"})
            self.assertEqual(digest, bundle_files.sha256_of(path))
            self.assertEqual((8 + struct.unpack("<Q", path.read_bytes()[:8])[0]) % 64, 0)
            np.testing.assert_array_equal(safetensors.numpy.load_file(path)["a"], value)

    def test_adapters_go_into_the_bundle_where_there_are_some(self):
        with tempfile.TemporaryDirectory() as folder:
            with unittest.mock.patch.object(assemble, "_RECIPE", pathlib.Path(folder)):
                self.assertEqual(assemble.copied_files(), ["config.json", "MODEL_CARD.md"])
                (pathlib.Path(folder) / "adapters.safetensors").write_bytes(b"")
                self.assertEqual(assemble.copied_files(), ["config.json", "MODEL_CARD.md", "adapters.safetensors"])

    def test_a_bundle_with_a_changed_file_is_not_whole(self):
        with tempfile.TemporaryDirectory() as folder:
            bundle = pathlib.Path(folder)
            bundle_files.write_safetensors(
                bundle / "model.safetensors", {"a": ("F16", [1], 2, [b"\0\0"])}, {"inputs_sha256": "x"}
            )
            digest = bundle_files.sha256_of(bundle / "model.safetensors")
            (bundle / "checksums.txt").write_text(f"{digest}  model.safetensors\n")
            self.assertTrue(assemble.is_whole(bundle, "x"))
            self.assertFalse(assemble.is_whole(bundle, "y"))
            (bundle / "checksums.txt").write_text(f"{'0' * 64}  model.safetensors\n")
            self.assertFalse(assemble.is_whole(bundle, "x"))


class FusionParametersTest(unittest.TestCase):
    def test_gates_are_zero_norms_one_and_the_rest_the_same_every_time(self):
        config = json.loads((RECIPE / "config.json").read_text())
        first, second = fusion_parameters.initial_values(config), fusion_parameters.initial_values(config)
        self.assertEqual(list(first), list(fusion_parameters.shapes(config)))
        for name, value in first.items():
            np.testing.assert_array_equal(value, second[name])
            if name.endswith(".gate"):
                self.assertFalse(value.any(), name)
            elif "norm" in name:
                self.assertTrue((value == 1).all(), name)
        self.assertEqual(sum(name.endswith(".gate") for name in first), 1 + len(config["fusion"]["integration_layers"]))


class VisionTest(unittest.TestCase):
    def test_the_committed_weights_are_exactly_the_layers(self):
        for filename, layers in (
            ("detector", vision_layers.detector_layers()),
            ("vision_encoder", vision_layers.vision_encoder_layers()),
        ):
            tensors = safetensors.numpy.load_file(RECIPE / f"{filename}.safetensors")
            expected = {f"{layer.name}.weight": layer.weight_shape for layer in layers}
            expected |= {f"{layer.name}.bias": (layer.out_channels,) for layer in layers}
            self.assertEqual({name: value.shape for name, value in tensors.items()}, expected)

    def test_same_padding_puts_the_odd_pixel_at_the_end(self):
        self.assertEqual(vision_layers.same_padding(224, 3, 2), (0, 1))
        self.assertEqual(vision_layers.same_padding(56, 5, 2), (1, 2))
        self.assertEqual(vision_layers.same_padding(14, 5, 1), (2, 2))

    def test_finer_names_point_into_the_labels(self):
        config = json.loads((RECIPE / "config.json").read_text())
        labels = config["vision_encoder"]["labels"]
        self.assertEqual((len(labels), len(set(labels))), (1000, 1000))
        for name, indices in config["vision_encoder"]["finer_names"].items():
            self.assertIn(name, config["detector"]["labels"])
            self.assertEqual(indices, sorted(set(indices)))
            self.assertNotIn(name, [labels[i] for i in indices])

    def test_a_checkpoint_that_would_run_code_is_refused(self):

        class Attack:
            def __reduce__(self):
                return print, ("ran",)

        with self.assertRaisesRegex(pickle.UnpicklingError, "builtins.print is not allowed"):
            legacy_checkpoint._Unpickler(io.BytesIO(pickle.dumps(Attack())), {}).load()


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""mrmllm-import as it is run: what it writes, and that what it refuses leaves nothing behind.

By hand: PYTHONPATH=model/import .venv/bin/python tests/model/import/import_bundle_test.py
"""

import contextlib
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

import numpy as np
import safetensors

import bundle_files
import fusion_parameters
import import_bundle
import tiny_checkpoint
import tiny_perception
from hugging_face import safetensors_header

PROGRAM = pathlib.Path(__file__).resolve().parents[3] / "model" / "import" / "import_bundle.py"


def run(language, perception, out, *more):
    """The program as a process of its own."""
    command = [sys.executable, str(PROGRAM), "--language", language, "--perception", perception, "--out", out, *more]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, check=False)


def run_here(language, perception, out, *more):
    """(exit code, standard error) of the same in this process, which is faster."""
    arguments = ["mrmllm-import", "--language", language, "--perception", perception, "--out", out, *more]
    errors = io.StringIO()
    with (
        unittest.mock.patch.object(sys, "argv", list(map(str, arguments))),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(errors),
    ):
        return import_bundle.main(), errors.getvalue()


class ImportBundleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.root)
        cls.perception = tiny_perception.write(cls.root / "eyes")
        cls.values = tiny_checkpoint.config()
        cls.language = tiny_checkpoint.write(cls.root / "tiny-llama", cls.values)
        cls.done = run(cls.language, cls.perception, cls.root / "out", "--name", "tiny", "--weight-format", "int8")
        cls.bundle = cls.root / "out"

    def read(self, bundle=None):
        """config.json, and the tensors; those in bfloat16 as their bits."""
        bundle = bundle or self.bundle
        path, written = bundle / "model.safetensors", {}
        with safetensors.safe_open(path, "numpy") as file:
            names = set(file.keys())
        for entry in safetensors_header.read(bundle, path.name):
            words = {"F32": np.float32, "F16": np.float16, "BF16": np.uint16}[entry.dtype]
            content = path.read_bytes()[entry.begin : entry.begin + entry.size]
            written[entry.name] = np.frombuffer(content, words).reshape(entry.shape)
        self.assertEqual(set(written), names)
        return json.loads((bundle / "config.json").read_text()), written

    def test_says_what_it_made(self):
        self.assertEqual((self.done.returncode, self.done.stderr), (0, ""))
        self.assertRegex(self.done.stdout, r"out: imported, \d+ MB, ")

    def test_every_file_has_its_checksum(self):
        names = [line.split("  ")[1] for line in (self.bundle / "checksums.txt").read_text().splitlines()]
        self.assertEqual(names, ["MODEL_CARD.md", "config.json", "model.safetensors", "tokenizer.json"])
        self.assertIsNone(bundle_files.changed_file(self.bundle))

    def test_the_weights_are_those_of_the_checkpoint_bit_for_bit(self):
        _, written = self.read()
        for name, value in tiny_checkpoint.tensors(self.values).items():
            np.testing.assert_array_equal(written["language_model." + name], value)
        np.testing.assert_array_equal(written["detector.stem.weight"], np.arange(4, dtype=np.float16))
        self.assertNotIn("language_model.lm_head.weight", written)

    def test_the_fusion_fits_the_new_model_and_its_gates_are_zero(self):
        config, written = self.read()
        self.assertEqual(config["fusion"]["integration_layers"], [2])
        found = {name: value for name, value in written.items() if name.startswith("fusion.")}
        self.assertEqual({n: value.shape for n, value in found.items()}, fusion_parameters.shapes(config))
        gates = [value for name, value in found.items() if name.endswith(".gate")]
        self.assertEqual((len(gates), any(gate.any() for gate in gates)), (2, False))

    def test_the_configuration_is_the_checkpoints(self):
        config, _ = self.read()
        self.assertEqual(
            config["language_model"],
            {
                "family": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 3,
                "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "rms_norm_eps": 1e-05,
                "rope_theta": 10000.0, "vocab_size": 272, "max_position_embeddings": 2048, "tie_word_embeddings": True,
                "eos_token_ids": [0, 2], "weight_format": "int8",
            },
        )  # fmt: skip
        self.assertEqual((config["name"], config["version"]), ("tiny", "1"))
        self.assertNotIn("adapters", config)
        self.assertEqual(config["prompt"]["stop"], [])
        self.assertEqual(config["prompt"]["chat_template"]["user"]["prefix"], "<|im_start|>user\n")

    def test_the_tokenizer_is_copied_as_it_is(self):
        self.assertEqual((self.bundle / "tokenizer.json").read_bytes(), (self.language / "tokenizer.json").read_bytes())

    def test_the_card_names_source_and_licence_and_no_folder_of_this_machine(self):
        card = (self.bundle / "MODEL_CARD.md").read_text()
        self.assertIn("`tiny-llama`", card)
        self.assertIn("apache-2.0", card)
        self.assertNotIn(str(self.root), card)

    def test_shards_are_read_like_one_file(self):
        values = tiny_checkpoint.qwen2_config()
        language = tiny_checkpoint.write_in_shards(self.root / "shards", values)
        code, errors = run_here(language, self.perception, self.root / "of-shards")
        self.assertEqual(code, 0, errors)
        config, written = self.read(self.root / "of-shards")
        self.assertTrue(config["language_model"]["attention_bias"])
        for name, value in tiny_checkpoint.tensors(values).items():
            np.testing.assert_array_equal(written["language_model." + name], value)

    def test_weights_are_rounded_where_asked(self):
        code, errors = run_here(self.language, self.perception, self.root / "half", "--dtype", "float16")
        self.assertEqual(code, 0, errors)
        _, written = self.read(self.root / "half")
        value = tiny_checkpoint.tensors(self.values)["model.norm.weight"]
        np.testing.assert_array_equal(written["language_model.model.norm.weight"], value.astype(np.float16))

    def test_a_refusal_leaves_nothing_behind_and_the_old_bundle_as_it_was(self):
        broken = shutil.copytree(self.language, self.root / "not-finite")
        weights = tiny_checkpoint.tensors(self.values)
        weights["model.norm.weight"][5] = np.nan  # the last tensor: found when most is written
        tiny_checkpoint.save(broken / "model.safetensors", weights)
        old = shutil.copytree(self.bundle, self.root / "old")
        before = sorted(self.root.iterdir())
        for out in (old, self.root / "fresh"):
            code, errors = run_here(broken, self.perception, out)
            self.assertEqual(code, 1)
            self.assertIn("not-finite/model.safetensors: tensor 'model.norm.weight': holds a value", errors)
        self.assertEqual(sorted(self.root.iterdir()), before)
        self.assertIsNone(bundle_files.changed_file(old))

    def test_a_long_copy_says_how_far_it_is(self):
        with unittest.mock.patch.object(import_bundle, "_PROGRESS_SECONDS", -1):
            code, errors = run_here(self.language, self.perception, self.root / "slow")
        self.assertEqual(code, 0)
        self.assertRegex(errors.splitlines()[-1], r"^0\.0 of 0\.0 GB written$")

    def test_a_disk_without_room_is_refused_before_anything_is_written(self):
        usage = unittest.mock.Mock(return_value=unittest.mock.Mock(free=1000))
        with unittest.mock.patch("shutil.disk_usage", usage):
            code, errors = run_here(self.language, self.perception, self.root / "no-room")
        self.assertEqual(code, 1)
        self.assertRegex(errors, "expected 0.0 GB of free space, got 0.0")
        self.assertFalse((self.root / "no-room").exists())

    def test_a_directory_that_is_no_bundle_is_not_replaced(self):
        precious = self.root / "precious"
        precious.mkdir()
        (precious / "thesis.txt").write_text("words")
        code, errors = run_here(self.language, self.perception, precious)
        self.assertEqual(code, 1)
        self.assertIn("is not a bundle", errors)
        self.assertEqual((precious / "thesis.txt").read_text(), "words")

    def test_the_inputs_are_not_replaced(self):
        code, errors = run_here(self.language, self.perception, self.perception)
        self.assertEqual(code, 1)
        self.assertIn("would replace what is read", errors)


if __name__ == "__main__":
    unittest.main()

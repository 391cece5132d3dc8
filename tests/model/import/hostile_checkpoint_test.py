# SPDX-License-Identifier: Apache-2.0
"""Checkpoints that are broken or mean harm are refused with the file and the reason."""

import json
import os
import pathlib
import shutil
import tempfile
import unittest

import numpy as np

import tiny_checkpoint
from hugging_face import checkpoint, plain_file, safetensors_header, strict_json, tensor_copy
from hugging_face.language import language_tensors
from hugging_face.refusal import Refusal

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
ONE = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}


class HostileTest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        self.folder = self.root / "model"
        self.folder.mkdir()

    def refused(self, pattern):
        return self.assertRaisesRegex(Refusal, pattern)


class HeaderTest(HostileTest):
    def assert_refused(self, header, pattern, data=b"\0\0\0\0", length=None):
        tiny_checkpoint.save_raw(self.folder / WEIGHTS, header, data, length)
        with self.refused(f"model/model.safetensors: .*{pattern}"):
            checkpoint.entries(self.folder)

    def test_a_sound_file_is_read(self):
        tiny_checkpoint.save_raw(self.folder / WEIGHTS, {"a": ONE, "__metadata__": {"format": "pt"}}, b"\0\0\0\0")
        self.assertEqual(list(checkpoint.entries(self.folder)), ["a"])

    def test_a_file_of_a_few_bytes(self):
        (self.folder / WEIGHTS).write_bytes(b"\1\0\0")
        with self.refused("at least 8 bytes, got 3"):
            checkpoint.entries(self.folder)

    def test_a_header_longer_than_the_file(self):
        self.assert_refused({"a": ONE}, "length says 4096 bytes", length=4096)

    def test_a_header_without_end(self):
        self.assert_refused({"a": ONE}, "length says 18446744073709551615 bytes", length=2**64 - 1)

    def test_a_header_of_gigabytes_is_not_read(self):
        path = self.folder / WEIGHTS
        path.write_bytes((10**9).to_bytes(8, "little"))
        os.truncate(path, 2 * 10**9)  # sparse: nothing on the disk
        with self.refused("length says 1000000000 bytes"):
            checkpoint.entries(self.folder)

    def test_more_tensors_than_any_model_has(self):
        empty = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
        self.assert_refused({f"t{i}": empty for i in range(100_001)}, "at most 100000 tensors, got 100001", data=b"")

    def test_no_json(self):
        self.assert_refused(b"{", "expected JSON")
        self.assert_refused(b"[]", "expected a JSON object")
        self.assert_refused(b"\xff{}", "expected UTF-8")
        self.assert_refused(b'{"a":' + b"[" * 100_000, "nested too deep")

    def test_a_name_twice(self):
        one = json.dumps(ONE)
        self.assert_refused(f'{{"a":{one},"a":{one}}}'.encode(), "'a' occurs twice")

    def test_offsets(self):
        for offsets, pattern in (
            ([0, 8], r"expected begin <= end <= 4 \(the file's data\), got \[0, 8\]"),
            ([4, 0], "expected begin <= end"),
            ([-4, 0], "whole numbers >= 0"),
            ([0.0, 4.0], "whole numbers >= 0"),
            ([0, 10**30], "whole numbers >= 0"),
            ([0, 2], "expected 4 bytes for its shape and dtype, got 2"),
        ):
            self.assert_refused({"a": ONE | {"data_offsets": offsets}}, pattern)

    def test_shapes(self):
        for shape, pattern in (
            ([2**40, 2**40], "is too large"),
            ([10**9], "expected 4000000000 bytes"),
            ([-1], "whole numbers >= 0"),
            ([True], "whole numbers >= 0"),
            ([1] * 17, "at most 16"),
            ("1", "at most 16"),
        ):
            self.assert_refused({"a": ONE | {"shape": shape}}, pattern)

    def test_a_dtype_that_is_none(self):
        self.assert_refused({"a": ONE | {"dtype": "F32\n\x1b[31m"}}, r"unknown 'F32\\n\\x1b\[31m'")
        self.assert_refused({"a": ONE | {"dtype": []}}, r"unknown \[\]")
        self.assert_refused({"a": {"dtype": "F32"}}, "an object of dtype, shape and data_offsets")

    def test_tensors_that_share_bytes_or_leave_some_out(self):
        self.assert_refused({"a": ONE, "b": ONE}, "'b': its data overlaps")
        self.assert_refused({"a": ONE}, "expected .* bytes in the file", data=b"\0" * 8)
        self.assert_refused({"b": ONE | {"data_offsets": [4, 8]}}, "leaves a hole", data=b"\0" * 8)

    def test_a_truncated_file(self):
        tiny_checkpoint.save(self.folder / WEIGHTS, {"a": np.ones(100, np.float32)})
        path = self.folder / WEIGHTS
        os.truncate(path, path.stat().st_size - 40)
        with self.refused(r"model.safetensors: tensor 'a': data_offsets: expected begin <= end <= 360"):
            checkpoint.entries(self.folder)


class IndexTest(HostileTest):
    def assert_refused(self, index, pattern):
        (self.folder / INDEX).write_text(index if isinstance(index, str) else json.dumps(index))
        with self.refused(pattern):
            checkpoint.entries(self.folder)

    def test_paths_out_of_the_directory(self):
        tiny_checkpoint.save(self.root / "secret.safetensors", {"a": np.ones(1, np.float32)})
        for shard in (
            "../secret.safetensors",
            str(self.root / "secret.safetensors"),
            "a\0.safetensors",
            "a/b.safetensors",
        ):
            self.assert_refused({"weight_map": {"a": shard}}, "expected the name of a file in this directory")

    def test_a_link_out_of_the_directory(self):
        tiny_checkpoint.save(self.root / "secret.safetensors", {"a": np.ones(1, np.float32)})
        (self.folder / "x.safetensors").symlink_to(self.root / "secret.safetensors")
        self.assert_refused({"weight_map": {"a": "x.safetensors"}}, "x.safetensors: is a link to a file outside")

    def test_what_is_no_file(self):
        (self.folder / "folder.safetensors").mkdir()
        os.mkfifo(self.folder / "pipe.safetensors")
        for name in ("folder.safetensors", "pipe.safetensors"):
            self.assert_refused({"weight_map": {"a": name}}, f"{name}: is no regular file")

    def test_files_that_are_not_there(self):
        self.assert_refused(
            {"weight_map": {"a": "gone.safetensors"}},
            "model.safetensors.index.json: names a shard that is refused: .*gone.safetensors: cannot be read: No such",
        )

    def test_an_index_that_disagrees_with_its_shards(self):
        tiny_checkpoint.save(self.folder / "s.safetensors", {"a": np.ones(1, np.float32)})
        self.assert_refused({"weight_map": {"a": "s.safetensors", "b": "s.safetensors"}}, "places 'b' there, but")
        tiny_checkpoint.save(self.folder / "s.safetensors", dict.fromkeys("ab", np.ones(1, np.float32)))
        self.assert_refused({"weight_map": {"a": "s.safetensors"}}, "holds 'b', which the index does not place there")

    def test_no_index(self):
        self.assert_refused({"weight_map": []}, "expected an object weight_map")
        self.assert_refused({}, "expected an object weight_map")
        self.assert_refused({"weight_map": {"a": 1}}, "expected a safetensors file, got 1")
        self.assert_refused('{"weight_map": {"a": "s", "a": "s"}}', "'a' occurs twice")

    def test_a_pickle_is_named_and_not_read(self):
        (self.folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n")
        with self.refused("pytorch_model.bin is a pickle"):
            checkpoint.entries(self.folder)


class PlainFileTest(HostileTest):
    def test_the_hubs_own_cache_may_link_to_its_blobs(self):
        snapshot, blobs = self.root / "models--x" / "snapshots" / "abc", self.root / "models--x" / "blobs"
        snapshot.mkdir(parents=True)
        blobs.mkdir()
        (blobs / "0123").write_text("{}")
        (snapshot / "config.json").symlink_to("../../blobs/0123")
        self.assertEqual(strict_json.read(snapshot, "config.json"), {})
        (self.root / "other.json").write_text("{}")
        (snapshot / "tokenizer.json").symlink_to("../../../other.json")
        with self.refused("tokenizer.json: is a link to a file outside"):
            plain_file.locate(snapshot, "tokenizer.json")

    def test_a_file_that_is_too_large(self):
        (self.folder / "config.json").write_bytes(b" " * 1001)
        with self.refused("config.json: expected at most 1000 bytes, got 1001"):
            plain_file.read(self.folder, "config.json", 1000)

    def test_half_of_a_character(self):
        (self.folder / "config.json").write_text(r'{"chat_template": "\ud83d\ude00"}')
        self.assertEqual(strict_json.read(self.folder, "config.json"), {"chat_template": "😀"})
        (self.folder / "config.json").write_text(r'{"chat_template": "\uD83d"}')
        with self.refused("config.json: expected text, got half of a surrogate pair"):
            strict_json.read(self.folder, "config.json")

    def test_a_file_of_nan(self):
        (self.folder / "config.json").write_text('{"rope_theta": NaN}')
        with self.refused("config.json: expected numbers, got NaN"):
            strict_json.read(self.folder, "config.json")


class TensorTest(HostileTest):
    def entry(self, value):
        tiny_checkpoint.save(self.folder / WEIGHTS, {"w": value})
        return safetensors_header.read(self.folder, WEIGHTS)[0]

    def test_values_that_are_not_finite(self):
        bits = {np.float32: (0x7F800000, 0xFFC00001), np.float16: (0x7C00, 0xFE01), np.uint16: (0x7F80, 0xFFC1)}
        for dtype, bad in bits.items():
            for one in bad:
                value = np.zeros(9, np.uint32 if dtype is np.float32 else np.uint16)
                value[7] = one
                with self.refused("model.safetensors: tensor 'w': holds a value that is not finite"):
                    list(tensor_copy.pieces(self.entry(value.view(dtype)), "F32"))

    def test_values_too_large_for_the_dtype_asked_for(self):
        for value, dtype in ((70000.0, "F16"), (3.4e38, "BF16")):
            entry = self.entry(np.array([1.0, value], np.float32))
            with self.refused(f"tensor 'w': holds a value too large for {dtype}"):
                list(tensor_copy.pieces(entry, dtype))

    def test_dtypes_are_converted_to_the_nearest(self):
        value = np.random.Generator(np.random.PCG64(1)).standard_normal(1000).astype(np.float32)
        half = b"".join(tensor_copy.pieces(self.entry(value), "F16"))
        self.assertEqual(half, value.astype(np.float16).tobytes())
        brain = np.frombuffer(b"".join(tensor_copy.pieces(self.entry(value), "BF16")), np.uint16)
        widened = (brain.astype(np.uint32) << 16).view(np.float32)
        self.assertLess(np.abs(widened / value - 1).max(), 2**-8)
        back = b"".join(tensor_copy.pieces(self.entry(brain), "F32"))
        self.assertEqual(back, widened.tobytes())

    def test_tensors_that_are_missing_extra_or_of_another_kind(self):
        values = tiny_checkpoint.config()
        section = values | {"head_dim": 16}
        sound = tiny_checkpoint.tensors(values)
        norm = "model.norm.weight"
        for changes, pattern in (
            ({norm: None}, "model: 1 tensors are missing, the first: model.norm.weight"),
            ({"evil": np.ones(1, np.float32)}, "1 tensors have no place in the model, the first: 'evil'"),
            ({norm: np.ones(65, np.float32)}, r"'model.norm.weight': expected shape \[64\], got \[65\]"),
            ({"lm_head.weight": np.ones((272, 64), np.float32)}, "'lm_head.weight': differs from 'model.embed_tokens"),
            ({"model.layers.9.self_attn.rotary_emb.inv_freq": np.ones(8, np.float32)}, None),
            ({"lm_head.weight": sound["model.embed_tokens.weight"]}, None),
        ):
            weights = {name: value for name, value in (sound | changes).items() if value is not None}
            tiny_checkpoint.save(self.folder / WEIGHTS, weights)
            entries = checkpoint.entries(self.folder)
            if pattern is None:
                self.assertEqual(set(language_tensors.select(self.folder, entries, section)), set(sound))
            else:
                with self.refused(pattern):
                    language_tensors.select(self.folder, entries, section)

    def test_whole_numbers_are_no_weights(self):
        values = tiny_checkpoint.config()
        header, offset = {}, 0
        for name, shape in tiny_checkpoint.shapes(values).items():
            size = int(np.prod(shape))
            header[name] = {"dtype": "I8", "shape": list(shape), "data_offsets": [offset, offset + size]}
            offset += size
        tiny_checkpoint.save_raw(self.folder / WEIGHTS, header, b"\0" * offset)
        with self.refused("'model.embed_tokens.weight': expected F32, F16 or BF16, got I8"):
            language_tensors.select(self.folder, checkpoint.entries(self.folder), values | {"head_dim": 16})


if __name__ == "__main__":
    unittest.main()

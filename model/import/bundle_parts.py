# SPDX-License-Identifier: Apache-2.0
"""Puts the parts together: a bundle's config.json, its tensors and its other files."""

import json
import shutil

import bundle_files
import fusion_parameters
import model_card
from hugging_face import checkpoint, tensor_copy
from hugging_face.chat import derivation
from hugging_face.language import generation, language_config, language_tensors, tokenizer_files
from hugging_face.refusal import Refusal

_SYSTEM = (
    "You answer questions about an image. Facts that were found in it stand before the question. Answer from them, "
    "briefly, and say so when they do not tell."
)
_DTYPES = {"bfloat16": "BF16", "float16": "F16", "float32": "F32"}


class BundleParts:
    """Everything that is read before anything is written. `options` has the names of the program's arguments."""

    def __init__(self, directory, perception, options):
        self._directory, self._perception, self._options = directory, perception, options
        language = language_config.read(directory, options.context)
        language["eos_token_ids"] = generation.eos_token_ids(directory, language["vocab_size"])
        if options.weight_format is not None:
            language["weight_format"] = options.weight_format
        self._entries = language_tensors.select(directory, checkpoint.entries(directory), language)
        self._tokenizer, special = tokenizer_files.read_tokenizer(directory, language["vocab_size"])
        path, text = tokenizer_files.chat_template(directory)
        tokens = tokenizer_files.special_tokens(directory)
        form = derivation.derive(path, text, tokens, special, options.plain_turns)
        self.config = {
            "format_version": 1,
            "name": options.name,
            "version": str(options.version),
            "detector": perception.section("detector"),
            "vision_encoder": perception.section("vision_encoder"),
            "language_model": language,
            "fusion": perception.fusion(language["num_hidden_layers"]),
            "prompt": self._prompt(form),
        }

    def _prompt(self, form):
        # Without adapters that write one line, no line break ends an answer.
        changed = {"system": _SYSTEM, "stop": [], "chat_template": form.config()}
        return self._perception.section("prompt") | changed

    def tensors(self):
        """Every tensor as bundle_files.write_safetensors takes them: made as they are written."""
        result = {}
        for name, entry in self._entries.items():
            dtype = _DTYPES.get(self._options.dtype, entry.dtype)
            result["language_model." + name] = _copied(entry, dtype)
        for name, entry in sorted(self._perception.entries.items()):
            result[name] = _copied(entry, entry.dtype)
        values = fusion_parameters.each_initial_value(self.config)
        for name, shape in fusion_parameters.shapes(self.config).items():
            size = 2 * _elements(shape)
            result[name] = ("BF16", shape, size, _next_value(values, name))
        return result

    def write(self, fresh, progress):
        """Writes the bundle's files into the directory `fresh`; `progress` sees every piece of weights go by."""
        tensors = self.tensors()
        total = sum(size for _, _, size, _ in tensors.values())
        free = shutil.disk_usage(fresh).free
        if free < total:
            raise Refusal(fresh.parent.parent, f"expected {total / 1e9:.1f} GB of free space, got {free / 1e9:.1f}")
        (fresh / "config.json").write_text(json.dumps(self.config, indent=2, ensure_ascii=False) + "\n", "utf-8")
        (fresh / "tokenizer.json").write_bytes(self._tokenizer)
        (fresh / "MODEL_CARD.md").write_text(self._card(total), "utf-8")
        seen = {
            name: (dtype, shape, size, progress(pieces, total))
            for name, (dtype, shape, size, pieces) in tensors.items()
        }
        metadata = {"format": "pt", "bundle": self.config["name"], "version": self.config["version"]}
        digest = bundle_files.write_safetensors(fresh / bundle_files.WEIGHTS, seen, metadata)
        bundle_files.write_checksums(fresh, {bundle_files.WEIGHTS: digest})

    def _card(self, total):
        parameters = sum(_elements(entry.shape) for entry in self._entries.values())
        return model_card.write(self.config, self._directory, self._perception, parameters, total / 1e9)


def _copied(entry, dtype):
    return (dtype, entry.shape, _elements(entry.shape) * tensor_copy.BYTES[dtype], tensor_copy.pieces(entry, dtype))


def _next_value(values, expected):
    name, value = next(values)
    if name != expected:
        raise ValueError(f"expected the value of {expected}, got {name}")
    yield bundle_files.to_bfloat16(value)


def _elements(shape):
    product = 1
    for side in shape:
        product *= side
    return product

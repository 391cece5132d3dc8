# SPDX-License-Identifier: Apache-2.0
"""The tensors that a language model of these families has, by name and shape."""

import re

import numpy as np

from hugging_face import tensor_copy
from hugging_face.refusal import Refusal, shown

_HEAD = "lm_head.weight"
_EMBEDDING = "model.embed_tokens.weight"
# Old files carry the rotary frequencies, which follow from config.json.
_COMPUTED = re.compile(r"model\.layers\.\d+\.self_attn\.rotary_emb\.inv_freq")


def shapes(section):
    """{name: shape} in the order of the layers, for a bundle's `language_model` section."""
    width, inner = section["hidden_size"], section["intermediate_size"]
    query = section["num_attention_heads"] * section["head_dim"]
    key = section["num_key_value_heads"] * section["head_dim"]
    result = {_EMBEDDING: (section["vocab_size"], width)}
    for layer in range(section["num_hidden_layers"]):
        prefix = f"model.layers.{layer}."
        result[prefix + "input_layernorm.weight"] = (width,)
        for part, rows in (("q", query), ("k", key), ("v", key)):
            result[f"{prefix}self_attn.{part}_proj.weight"] = (rows, width)
            if section.get("attention_bias"):
                result[f"{prefix}self_attn.{part}_proj.bias"] = (rows,)
        result[prefix + "self_attn.o_proj.weight"] = (width, query)
        result[prefix + "post_attention_layernorm.weight"] = (width,)
        for part in ("gate", "up"):
            result[f"{prefix}mlp.{part}_proj.weight"] = (inner, width)
        result[prefix + "mlp.down_proj.weight"] = (width, inner)
    result["model.norm.weight"] = (width,)
    if not section["tie_word_embeddings"]:
        result[_HEAD] = (section["vocab_size"], width)
    return result


def select(directory, entries, section):
    """{name: entry} of exactly the expected tensors; one that is missing, extra or of another shape is refused."""
    expected = shapes(section)
    missing = [name for name in expected if name not in entries]
    if missing:
        raise Refusal(directory, f"{len(missing)} tensors are missing, the first: {missing[0]}")
    extra = [name for name in entries if name not in expected and not _COMPUTED.fullmatch(name)]
    if section["tie_word_embeddings"] and _HEAD in extra:
        _check_tied(entries)
        extra.remove(_HEAD)
    if extra:
        raise Refusal(
            entries[extra[0]].path, f"{len(extra)} tensors have no place in the model, the first: {shown(extra[0])}"
        )
    for name, shape in expected.items():
        entry = entries[name]
        if entry.dtype not in tensor_copy.FLOATS:
            raise Refusal(entry.path, f"tensor '{name}': expected F32, F16 or BF16, got {entry.dtype}")
        if entry.shape != shape:
            raise Refusal(entry.path, f"tensor '{name}': expected shape {list(shape)}, got {list(entry.shape)}")
    return {name: entries[name] for name in expected}


def _check_tied(entries):
    """A head that is stored although it is the embedding: it must be the same, bit for bit."""
    head, embedding = entries[_HEAD], entries.get(_EMBEDDING)
    same = embedding is not None and (head.dtype, head.shape) == (embedding.dtype, embedding.shape)
    if same and head.dtype in tensor_copy.FLOATS:
        pairs = zip(tensor_copy.pieces(head, head.dtype), tensor_copy.pieces(embedding, head.dtype), strict=True)
        same = all(np.array_equal(np.frombuffer(a, np.uint8), np.frombuffer(b, np.uint8)) for a, b in pairs)
    if not same:
        raise Refusal(head.path, f"tensor '{_HEAD}': differs from '{_EMBEDDING}', though tie_word_embeddings is true")

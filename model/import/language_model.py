# SPDX-License-Identifier: Apache-2.0
"""Reads a Llama-family language model and its tokenizer from a GGUF file into Hugging Face's names and formats."""

import gguf
import numpy as np

_CONTROL_TOKEN = 3  # GGUF's token type of tokens that text never contains
_LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_TOP_NAMES = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}


def field(reader, name):
    if name not in reader.fields:
        raise ValueError(f"GGUF: metadata '{name}' is missing")
    return reader.fields[name].contents()


def check_metadata(reader, config):
    """Fails when the file's metadata and config.json's language_model part do not describe the same model."""
    expected = {
        "general.architecture": config["family"],
        "llama.block_count": config["num_hidden_layers"],
        "llama.context_length": config["max_position_embeddings"],
        "llama.embedding_length": config["hidden_size"],
        "llama.feed_forward_length": config["intermediate_size"],
        "llama.attention.head_count": config["num_attention_heads"],
        "llama.attention.head_count_kv": config["num_key_value_heads"],
        "llama.rope.dimension_count": config["head_dim"],
        "llama.rope.freq_base": config["rope_theta"],
        "llama.attention.layer_norm_rms_epsilon": config["rms_norm_eps"],
        "llama.vocab_size": config["vocab_size"],
    }
    for name, value in expected.items():
        got = field(reader, name)
        same = got == value if isinstance(value, str) else abs(got - value) <= 1e-6 * abs(value)
        if not same:
            raise ValueError(f"GGUF: {name}: expected {value!r} as in config.json, got {got!r}")


def unpermute(weight, heads):
    """Undoes GGUF's reordering of the rows of q and k: pairs (i, i + half) of a head lie next to each other there."""
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def hugging_face_name(name):
    """model.layers.0.self_attn.q_proj.weight for blk.0.attn_q.weight."""
    parts = name.split(".")
    if len(parts) == 4 and parts[0] == "blk" and parts[2] in _LAYER_NAMES and parts[3] == "weight":
        return f"model.layers.{parts[1]}.{_LAYER_NAMES[parts[2]]}.weight"
    if len(parts) == 2 and parts[0] in _TOP_NAMES and parts[1] == "weight":
        return f"{_TOP_NAMES[parts[0]]}.weight"
    raise ValueError(f"GGUF: tensor '{name}' has no place in a Llama model with tied embeddings")


def read_weights(reader, config):
    """Yields (Hugging Face name, float32 array) of every tensor."""
    heads = {"attn_q": config["num_attention_heads"], "attn_k": config["num_key_value_heads"]}
    for tensor in reader.tensors:
        name = hugging_face_name(tensor.name)
        value = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        kind = tensor.name.split(".")[-2]
        if kind in heads:
            value = unpermute(value, heads[kind])
        yield name, np.ascontiguousarray(value, np.float32)


def read_tokenizer(reader):
    """Returns the tokenizer as the content of a Hugging Face tokenizer.json."""
    kind = (field(reader, "tokenizer.ggml.model"), field(reader, "tokenizer.ggml.pre"))
    if kind != ("gpt2", "smollm"):
        raise ValueError(f"GGUF: expected tokenizer ('gpt2', 'smollm'), got {kind}")
    tokens = field(reader, "tokenizer.ggml.tokens")
    types = field(reader, "tokenizer.ggml.token_type")
    added = [
        {
            "id": i,
            "content": token,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for i, token in enumerate(tokens)
        if types[i] == _CONTROL_TOKEN
    ]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [{"type": "Digits", "individual_digits": True}, byte_level],
        },
        "post_processor": None,
        "decoder": {**byte_level, "add_prefix_space": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {token: i for i, token in enumerate(tokens)},
            "merges": field(reader, "tokenizer.ggml.merges"),
        },
    }

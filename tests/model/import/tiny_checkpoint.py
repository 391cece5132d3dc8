# SPDX-License-Identifier: Apache-2.0
"""Writes small random checkpoints in the form in which Hugging Face publishes them, with numpy alone."""

import json
import pathlib

import numpy as np

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + "
    "'\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def byte_spellings():
    """The printable character that stands for each byte in a byte-level vocabulary."""
    plain = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    spelling, next_free = {byte: chr(byte) for byte in plain}, 0x100
    for byte in range(256):
        if byte not in spelling:
            spelling[byte] = chr(next_free)
            next_free += 1
    return [spelling[byte] for byte in range(256)]


def tokenizer():
    """A byte-level tokenizer.json without merges: three special tokens, then the bytes."""
    words = SPECIAL + byte_spellings()
    vocabulary = {word: i for i, word in enumerate(words)}
    added = [
        {"id": i, "content": word, "special": True, "normalized": False, "single_word": False, "lstrip": False,
         "rstrip": False}
        for i, word in enumerate(SPECIAL)
    ]  # fmt: skip
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
            "vocab": vocabulary, "merges": [],
        },
    }  # fmt: skip


def config(**changes):
    """A Llama's config.json as transformers 4 wrote it; a change to None takes the key out."""
    values = {
        "architectures": ["LlamaForCausalLM"], "attention_bias": False, "attention_dropout": 0.0, "bos_token_id": 1,
        "eos_token_id": 2, "hidden_act": "silu", "hidden_size": 64, "initializer_range": 0.02,
        "intermediate_size": 128, "max_position_embeddings": 2048, "mlp_bias": False, "model_type": "llama",
        "num_attention_heads": 4, "num_hidden_layers": 3, "num_key_value_heads": 2, "pretraining_tp": 1,
        "rms_norm_eps": 1e-05, "rope_scaling": None, "rope_theta": 10000.0, "tie_word_embeddings": True,
        "torch_dtype": "float32", "transformers_version": "4.46.3", "use_cache": True, "vocab_size": 272,
    } | changes  # fmt: skip
    return {key: value for key, value in values.items() if value is not None or key == "rope_scaling"}


def qwen2_config(**changes):
    values = {
        "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "max_window_layers": 2, "sliding_window": 32768,
        "use_sliding_window": False, "attention_bias": None, "mlp_bias": None, "pretraining_tp": None,
        "tie_word_embeddings": False,
    }  # fmt: skip
    return config(**(values | changes))


def shapes(values):
    """The tensors of a model of this config.json."""
    width, inner, vocabulary = values["hidden_size"], values["intermediate_size"], values["vocab_size"]
    head = width // values["num_attention_heads"]
    key = values["num_key_value_heads"] * head
    result = {"model.embed_tokens.weight": (vocabulary, width), "model.norm.weight": (width,)}
    for i in range(values["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        for part, rows in (("q", width), ("k", key), ("v", key), ("o", width)):
            result[f"{layer}self_attn.{part}_proj.weight"] = (rows, width)
            if values["model_type"] == "qwen2" and part != "o":
                result[f"{layer}self_attn.{part}_proj.bias"] = (rows,)
        result |= {layer + f"mlp.{part}_proj.weight": (inner, width) for part in ("gate", "up")}
        result[layer + "mlp.down_proj.weight"] = (width, inner)
        result |= {layer + norm + ".weight": (width,) for norm in ("input_layernorm", "post_attention_layernorm")}
    if not values["tie_word_embeddings"]:
        result["lm_head.weight"] = (vocabulary, width)
    return result


def tensors(values, seed=7):
    """{name: float32 array} of a model of this config.json."""
    random = np.random.Generator(np.random.PCG64(seed))
    result = {}
    for name, shape in shapes(values).items():
        scale, offset = (0.1, 1.0) if "norm" in name else (0.05, 0.0)
        result[name] = (random.standard_normal(shape) * scale + offset).astype(np.float32)
    return result


def save(path, weights):
    """A safetensors file of float32 (F32), float16 (F16) and uint16 arrays, whose bits are taken for BF16."""
    header, offset = {}, 0
    dtypes = {np.dtype(np.float32): "F32", np.dtype(np.float16): "F16", np.dtype(np.uint16): "BF16"}
    for name, value in weights.items():
        header[name] = {
            "dtype": dtypes[value.dtype],
            "shape": list(value.shape),
            "data_offsets": [offset, offset + value.nbytes],
        }
        offset += value.nbytes
    save_raw(path, header, b"".join(value.tobytes() for value in weights.values()))


def save_raw(path, header, data, length=None):
    """The same from its parts, whatever they say: `header` is an object or the text itself."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes((len(text) if length is None else length).to_bytes(8, "little") + text + data)


def write(directory, values=None, template=CHATML, weights=None):
    """A whole directory of a checkpoint; returns its path."""
    directory, values = pathlib.Path(directory), values or config()
    directory.mkdir(parents=True)
    (directory / "config.json").write_text(json.dumps(values))
    (directory / "generation_config.json").write_text(json.dumps({"bos_token_id": 1, "eos_token_id": [2, 0]}))
    (directory / "tokenizer.json").write_text(json.dumps(tokenizer(), ensure_ascii=False), encoding="utf-8")
    said = {"bos_token": "<|im_start|>", "eos_token": {"content": "<|im_end|>"}, "chat_template": template}
    (directory / "tokenizer_config.json").write_text(json.dumps(said))
    (directory / "README.md").write_text("---\nlanguage:\n- en\nlicense: apache-2.0\n---\n# Tiny\n")
    save(directory / "model.safetensors", tensors(values) if weights is None else weights)
    return directory


def write_in_shards(directory, values):
    """The same in two shards with their index."""
    write(directory, values)
    weights = tensors(values)
    (directory / "model.safetensors").unlink()
    names = sorted(weights)
    weight_map = {}
    for i, part in enumerate((names[::2], names[1::2]), start=1):
        shard = f"model-0000{i}-of-00002.safetensors"
        save(directory / shard, {name: weights[name] for name in part})
        weight_map |= dict.fromkeys(part, shard)
    index = {"metadata": {"total_size": 0}, "weight_map": weight_map}
    (directory / "model.safetensors.index.json").write_text(json.dumps(index))
    return directory

# SPDX-License-Identifier: Apache-2.0
"""A decoder of the Llama family in numpy and float64: what the service must say of a tiny checkpoint, from its files alone."""

import numpy as np


class ReferenceDecoder:
    """ReferenceDecoder(config, tensors).answer(token_ids, count) -> the greedy continuation; no cache, no batching."""

    def __init__(self, config, tensors):
        self._config = config
        self._tensors = {name: value.astype(np.float64) for name, value in tensors.items()}

    def answer(self, ids, count):
        ids = list(ids)
        for _ in range(count):
            ids.append(int(self._logits(ids).argmax()))
        return ids[-count:]

    def _logits(self, ids):
        """Of the token that follows `ids`."""
        hidden = self._tensors["model.embed_tokens.weight"][ids]
        for layer in range(self._config["num_hidden_layers"]):
            prefix = f"model.layers.{layer}."
            hidden = hidden + self._attention(prefix, self._norm(prefix + "input_layernorm", hidden))
            hidden = hidden + self._mlp(prefix, self._norm(prefix + "post_attention_layernorm", hidden))
        head = "model.embed_tokens" if self._config["tie_word_embeddings"] else "lm_head"
        return self._linear(head, self._norm("model.norm", hidden[-1:]))[0]

    def _linear(self, name, x):
        return x @ self._tensors[name + ".weight"].T + self._tensors.get(name + ".bias", 0.0)

    def _norm(self, name, x):
        mean_square = (x * x).mean(-1, keepdims=True)
        return x / np.sqrt(mean_square + self._config["rms_norm_eps"]) * self._tensors[name + ".weight"]

    def _mlp(self, prefix, x):
        gate, up = (self._linear(f"{prefix}mlp.{part}_proj", x) for part in ("gate", "up"))
        return self._linear(prefix + "mlp.down_proj", gate / (1 + np.exp(-gate)) * up)

    def _attention(self, prefix, x):
        heads, groups = self._config["num_attention_heads"], self._config["num_key_value_heads"]
        q, k, v = (self._linear(f"{prefix}self_attn.{part}_proj", x) for part in "qkv")
        width = q.shape[1] // heads
        q, k, v = (part.reshape(len(x), -1, width).swapaxes(0, 1) for part in (q, k, v))
        q, k = self._rotated(q), self._rotated(k)
        k, v = (np.repeat(part, heads // groups, 0) for part in (k, v))
        scores = q @ k.swapaxes(1, 2) / np.sqrt(width)
        scores = np.where(np.tri(len(x), dtype=bool), scores, -np.inf)
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        read = weights / weights.sum(-1, keepdims=True) @ v
        return self._linear(prefix + "self_attn.o_proj", read.swapaxes(0, 1).reshape(len(x), -1))

    def _rotated(self, x):
        half = x.shape[-1] // 2
        frequencies = self._config["rope_theta"] ** (-np.arange(half) / half)
        angles = np.arange(x.shape[1])[:, None] * frequencies
        cos, sin = np.tile(np.cos(angles), 2), np.tile(np.sin(angles), 2)
        return x * cos + np.concatenate([-x[..., half:], x[..., :half]], -1) * sin

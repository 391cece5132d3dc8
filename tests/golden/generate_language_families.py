# SPDX-License-Identifier: Apache-2.0
"""Writes small random language models of every family, and what Hugging Face transformers makes of them in fp32.

  python3 generate_language_families.py

language_NAME.safetensors     a whole model of two layers, an input and every position's logits
language_families.json        of each: the keys of config.json's language_model, greedy tokens after the input's beginnings
"""

import dataclasses
import json

import numpy as np
import torch
import transformers

import golden_file

VOCABULARY = 97
TOKENS = 112  # of the input: beyond every original_max_position_embeddings here
PROMPT_LENGTHS = (3, 19, 80)
NEW_TOKENS = 24
FIRMNESS = 2e-3  # the smallest lead that a greedy token may have
EFFECT = 0.5  # what leaving out a family's own feature must change of some logit
SHAPE = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "rms_norm_eps": 1e-5,
    "max_position_embeddings": 128,
}
LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}


@dataclasses.dataclass
class Family:
    name: str
    family: str
    seed: int
    tied: bool
    head_dim: int
    rope_theta: float = 10000.0
    rope_scaling: dict | None = None

    def model(self):
        config_class, model_class, more = {
            "llama": (transformers.LlamaConfig, transformers.LlamaForCausalLM, {}),
            "mistral": (transformers.MistralConfig, transformers.MistralForCausalLM, {"sliding_window": None}),
            "qwen2": (transformers.Qwen2Config, transformers.Qwen2ForCausalLM, {}),
        }[self.family]
        config = config_class(
            **SHAPE,
            **more,
            head_dim=self.head_dim,
            tie_word_embeddings=self.tied,
            rope_parameters={"rope_theta": self.rope_theta, **(self.rope_scaling or {"rope_type": "default"})},
            initializer_range=0.3,
            bos_token_id=1,
            eos_token_id=2,
            attn_implementation="eager",
        )
        torch.manual_seed(self.seed)
        model = model_class(config).eval()
        for name, parameter in model.named_parameters():
            if "norm" in name:
                parameter.copy_(1 + 0.2 * torch.randn(parameter.shape))
            if name.endswith(".bias"):
                parameter.copy_(torch.randn(parameter.shape))
        return model

    def language_model(self):
        """What a bundle's config.json says of it."""
        keys = {"family": self.family, **SHAPE, "head_dim": self.head_dim, "tie_word_embeddings": self.tied}
        keys |= {"rope_theta": self.rope_theta, "eos_token_ids": [2]}
        if self.family == "qwen2":
            keys["attention_bias"] = True
        if self.rope_scaling:
            keys["rope_scaling"] = self.rope_scaling
        return keys


FAMILIES = (
    Family("llama2", "llama", 31, tied=False, head_dim=16),
    Family("llama2_linear", "llama", 42, tied=False, head_dim=8, rope_scaling={"rope_type": "linear", "factor": 4.0}),
    Family("llama3", "llama", 33, tied=False, head_dim=16, rope_theta=500000.0, rope_scaling=LLAMA3),
    Family("llama3_tied", "llama", 34, tied=True, head_dim=16, rope_theta=1000.0, rope_scaling=LLAMA3),
    Family("mistral", "mistral", 35, tied=False, head_dim=32, rope_theta=1000000.0),
    Family("qwen2", "qwen2", 46, tied=False, head_dim=16, rope_theta=1000000.0),
    Family("qwen2_tied", "qwen2", 37, tied=True, head_dim=16, rope_theta=1000000.0),
)


def distance_without(family, model, ids):
    """How much the logits change when biases, or the scaling of positions, are left out."""
    plain = dataclasses.replace(family, rope_scaling=None).model()
    plain.load_state_dict(model.state_dict())
    for name, parameter in plain.named_parameters():
        if name.endswith(".bias"):
            parameter.zero_()
    return float((plain(ids).logits - model(ids).logits).abs().max())


def greedy(model, ids):
    """Plain greedy search without a cache; also the smallest lead of a winner."""
    lead = float("inf")
    fed = list(ids)
    for _ in range(NEW_TOKENS):
        best = model(torch.tensor([fed])).logits[0, -1].topk(2)
        lead = min(lead, float(best.values[0] - best.values[1]))
        fed.append(int(best.indices[0]))
    return fed[len(ids) :], lead


def write(family):
    model = family.model()
    ids = torch.randint(0, VOCABULARY, (1, TOKENS))
    if family.rope_scaling or family.family == "qwen2":
        effect = distance_without(family, model, ids)
        if effect < EFFECT:
            raise ValueError(f"{family.name}: what makes it differ changes the logits by {effect} only")
    tied = {"lm_head.weight"} if family.tied else set()
    tensors = {f"language_model.{k}": v.numpy() for k, v in model.state_dict().items() if k not in tied}
    tensors["golden.input_ids"] = ids[0].numpy().astype(np.int32)
    tensors["golden.logits"] = model(ids).logits[0].numpy()
    made_by = golden_file.versions("transformers", "torch")
    golden_file.save(f"language_{family.name}.safetensors", tensors, made_by, 1e-4, seed=family.seed)
    answers = []
    for length in PROMPT_LENGTHS:
        prompt = ids[0, :length].tolist()
        output, lead = greedy(model, prompt)
        if lead < FIRMNESS:
            raise ValueError(f"{family.name}: a greedy token leads by {lead} only; take another seed")
        answers.append({"prompt_length": length, "output_ids": output, "smallest_lead": round(lead, 5)})
    return {"name": family.name, "language_model": family.language_model(), "answers": answers}


def main():
    torch.set_grad_enabled(False)
    golden_file.DATA.mkdir(exist_ok=True)
    result = {"made_by": golden_file.versions("transformers", "torch"), "families": [write(f) for f in FAMILIES]}
    path = golden_file.DATA / "language_families.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(FAMILIES)} models")


if __name__ == "__main__":
    main()

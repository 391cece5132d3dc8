# SPDX-License-Identifier: Apache-2.0
"""The tokens that end an answer."""

from hugging_face import plain_file, strict_json
from hugging_face.refusal import Refusal, shown

_GENERATION = "generation_config.json"


def eos_token_ids(directory, vocab_size):
    """From generation_config.json, which transformers generates by, else from config.json.

    Nothing else of generation_config.json is read: how to sample is for each request to say.
    """
    for name in (_GENERATION, "config.json"):
        if not plain_file.exists(directory, name):
            continue
        value = strict_json.read(directory, name).get("eos_token_id")
        if value is None:
            continue
        ids = value if isinstance(value, list) else [value]
        for token in ids:
            if isinstance(token, bool) or not isinstance(token, int) or not 0 <= token < vocab_size:
                raise Refusal(
                    plain_file.locate(directory, name),
                    f"eos_token_id: expected token ids below vocab_size {vocab_size}, got {shown(value)}",
                )
        if ids:
            return sorted(set(ids))
    raise Refusal(directory, f"eos_token_id: expected one in {_GENERATION} or config.json, got none")

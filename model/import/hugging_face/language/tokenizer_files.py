# SPDX-License-Identifier: Apache-2.0
"""The tokenizer's files: tokenizer.json as it is, the special tokens by role, and the chat template's text."""

from hugging_face import plain_file, strict_json
from hugging_face.refusal import Refusal, shown

_TOKENIZER = "tokenizer.json"
_CONFIG = "tokenizer_config.json"
_MAX_TOKENIZER_BYTES = 64 * 1024 * 1024
_MAX_TEMPLATE_BYTES = 256 * 1024
_ROLES = ("bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token")


def read_tokenizer(directory, vocab_size):
    """The bytes of tokenizer.json, and the special tokens in it."""
    if not plain_file.exists(directory, _TOKENIZER):
        raise Refusal(
            directory,
            f"expected {_TOKENIZER}; a directory with tokenizer.model alone gets one from "
            "transformers.AutoTokenizer.from_pretrained(DIR).save_pretrained(DIR)",
        )
    path = plain_file.locate(directory, _TOKENIZER)
    content = plain_file.read(directory, _TOKENIZER, _MAX_TOKENIZER_BYTES)
    parsed = strict_json.parse(path, content)
    model = parsed.get("model")
    if not isinstance(model, dict) or model.get("type") not in ("BPE", None):
        kind = model.get("type") if isinstance(model, dict) else model
        raise Refusal(path, f"model.type: expected 'BPE', got {shown(kind)} (nothing else is understood)")
    vocabulary, added = model.get("vocab"), parsed.get("added_tokens") or []
    if not isinstance(vocabulary, dict) or not isinstance(added, list):
        raise Refusal(path, "expected an object model.vocab and a list added_tokens")
    ids = list(vocabulary.values())
    special = set()
    for token in added:
        if not isinstance(token, dict) or not isinstance(token.get("content"), str):
            raise Refusal(path, f"added_tokens: expected objects with content, got {shown(token)}")
        ids.append(token.get("id"))
        if token.get("special") is True:
            special.add(token["content"])
    for token in ids:
        if isinstance(token, bool) or not isinstance(token, int) or not 0 <= token < vocab_size:
            raise Refusal(path, f"expected token ids below vocab_size {vocab_size} of config.json, got {shown(token)}")
    return content, special


def special_tokens(directory):
    """{"bos_token": "<s>", ...} as chat templates see them."""
    tokens = {}
    for name in (_CONFIG, "special_tokens_map.json"):
        if not plain_file.exists(directory, name):
            continue
        values = strict_json.read(directory, name)
        for role in _ROLES:
            value = values.get(role)
            if isinstance(value, dict):
                value = value.get("content")
            if value is None or role in tokens:
                continue
            if not isinstance(value, str):
                raise Refusal(plain_file.locate(directory, name), f"{role}: expected a token, got {shown(value)}")
            tokens[role] = value
    return tokens


def chat_template(directory):
    """(path, text) of the Jinja template: chat_template.jinja, else tokenizer_config.json, else chat_template.json."""
    if plain_file.exists(directory, "chat_template.jinja"):
        content = plain_file.read(directory, "chat_template.jinja", _MAX_TEMPLATE_BYTES)
        path = plain_file.locate(directory, "chat_template.jinja")
        try:
            return path, content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Refusal(path, f"expected UTF-8, got other bytes at byte {error.start}") from None
    for name in (_CONFIG, "chat_template.json"):
        if not plain_file.exists(directory, name):
            continue
        template = strict_json.read(directory, name).get("chat_template")
        path = plain_file.locate(directory, name)
        if template is None:
            continue
        if isinstance(template, list):
            template = _default_of(path, template)
        if not isinstance(template, str) or len(template) > _MAX_TEMPLATE_BYTES:
            raise Refusal(path, f"chat_template: expected a text of at most {_MAX_TEMPLATE_BYTES} characters")
        return path, template
    raise Refusal(
        directory,
        "has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json): the service answers "
        "questions, so it needs a model that was tuned to answer, with the template that it was tuned with",
    )


def _default_of(path, templates):
    for template in templates:
        if isinstance(template, dict) and template.get("name") == "default":
            return template.get("template")
    raise Refusal(path, "chat_template: expected one named 'default' among several")

# SPDX-License-Identifier: Apache-2.0
"""Writes data/chat_templates.json: conversations as transformers renders them, and the form that an import makes."""

import json
import pathlib
import sys
import tempfile

import transformers

import golden_file

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "model" / "import"))

import chat_templates  # noqa: E402
import tiny_checkpoint  # noqa: E402
from hugging_face.chat import derivation  # noqa: E402

EVERY = 4  # of the conversations that an import compares


def rendered(template):
    """Conversations and their texts, which need no tokenizer but its names of tokens."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "tokenizer.json"
        file.write_text(json.dumps(tiny_checkpoint.tokenizer()))
        tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(file), **chat_templates.TOKENS)
    chats = []
    for turns in list(derivation.conversations())[::EVERY]:
        messages = [{"role": role, "content": text} for role, text in turns]
        text = tokenizer.apply_chat_template(
            messages, chat_template=template, tokenize=False, add_generation_prompt=True
        )
        chats.append({"turns": turns, "text": text})
    return chats


def main():
    templates = {}
    for name, (template, special) in chat_templates.PUBLISHED.items():
        form = derivation.derive(name, template, chat_templates.TOKENS, special, plain_turns=True)
        # A template that asks for today would be another one tomorrow: it gets the date of the import.
        dated = template.replace("strftime_now('%d %b %Y')", "'26 Jul 2024'")
        templates[name] = {"special": sorted(special), "form": form.config(), "chats": rendered(dated)}
    path = golden_file.DATA / "chat_templates.json"
    made_by = f"tests/golden/generate_chat_templates.py; {golden_file.versions('transformers', 'jinja2')}"
    content = {"made_by": made_by, "tolerance": "identical", "templates": templates}
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()

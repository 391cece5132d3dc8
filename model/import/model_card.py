# SPDX-License-Identifier: Apache-2.0
"""MODEL_CARD.md of an imported bundle: what is known of its parts, and what is not."""

import re

from hugging_face import plain_file

_MAX_README_BYTES = 4 * 1024 * 1024
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/+-]{0,99}")


def facts(directory):
    """{"license": ..., "license_name": ..., "base_model": ...} of the front matter of a README.md, as far as plain."""
    if not plain_file.exists(directory, "README.md"):
        return {}
    text = plain_file.read(directory, "README.md", _MAX_README_BYTES).decode("utf-8", errors="replace")
    front = re.match(r"---\r?\n(.*?)\r?\n---", text, re.DOTALL)
    found = {}
    for key in ("license", "license_name", "base_model") if front else ():
        line = re.search(rf"^{key}:[ \t]*(.+?)[ \t\r]*$", front[1], re.MULTILINE)
        value = line[1].strip("'\"") if line else ""
        if _PLAIN.fullmatch(value):
            found[key] = value
    return found


def write(config, source, perception, known, parameters, size_gb):
    """The card's text. `source` and `perception` name the directories that the parts came from."""
    language = config["language_model"]
    licence = known.get("license_name") or known.get("license") or "not said by its README.md: see its authors"
    base = f", of `{known['base_model']}`" if "base_model" in known else ""
    heads = f"{language['num_attention_heads']} heads ({language['num_key_value_heads']} for keys and values)"
    return f"""# Model card: {config["name"]}, version {config["version"]}

Made by `mrmllm-import` from two directories; nothing was trained.

| part | from | what | licence |
| --- | --- | --- | --- |
| `language_model.` | `{source}`{base} | family `{language["family"]}`, {
        language["num_hidden_layers"]
    } layers of width {language["hidden_size"]}, {heads}, {parameters:,} parameters | {licence} |
| `detector.`, `vision_encoder.` | the bundle `{perception}` | family `{config["detector"]["family"]}`, {
        len(config["detector"]["labels"])
    } classes; `{config["vision_encoder"]["family"]}` | that bundle's card says |
| `fusion.` | random from a fixed seed | **untrained**: every gate is exactly 0 | Apache-2.0 |

The weights take {size_gb:.2f} GB.

## What to expect

The detector's boxes and the language model's answers are those of the originals, bit for bit of the weights: the fusion runs and changes nothing while its gates are 0. What the
detector finds reaches the answer as text in the prompt. The language model never saw this project's prompts in training, so how well it reads them is for you to measure.

What the language model can do, what it cannot, and what its authors allow, their own card says.
"""

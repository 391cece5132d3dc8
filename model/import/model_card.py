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


def write(config, directory, perception, parameters, size_gb):
    """The card's text; the parts came from the language model's `directory` and a Perception."""
    language, detector = config["language_model"], config["detector"]
    heads = f"{language['num_attention_heads']} heads ({language['num_key_value_heads']} for keys and values)"
    sizes = (
        f"{language['num_hidden_layers']} layers of width {language['hidden_size']}, {heads}, {parameters:,} parameters"
    )
    bundle = f"the bundle `{perception.config['name']}`"
    rows = [("language_model", *_source(directory), f"family `{language['family']}`, {sizes}")]
    eyes = (bundle, "that bundle's card says") if perception.detector is None else _source(perception.detector)
    rows.append(("detector", *eyes, f"family `{detector['family']}`, {len(detector['labels'])} classes"))
    encoder = f"family `{config['vision_encoder']['family']}`"
    rows.append(("vision_encoder", bundle, "that bundle's card says", encoder))
    rows.append(("fusion", "random from a fixed seed", "Apache-2.0", "**untrained**: every gate is exactly 0"))
    table = "\n".join(f"| `{part}.` | {source} | {what} | {licence} |" for part, source, licence, what in rows)
    return f"""# Model card: {config["name"]}, version {config["version"]}

Made by `mrmllm-import` from published parts; nothing was trained.

| part | from | what | licence |
| --- | --- | --- | --- |
{table}

The weights take {size_gb:.2f} GB.

## What to expect

The detector's boxes and the language model's answers are those of the originals, whose weights these are: the fusion runs and changes nothing while its gates are 0. What the
detector finds reaches the answer as text in the prompt. The language model never saw this project's prompts in training, so how well it reads them is for you to measure.

What the parts can do, what they cannot, and what their authors allow, their own cards say.
"""


def _source(directory):
    """Where a part came from, and its licence as far as its README.md says one."""
    known = facts(directory)
    licence = known.get("license_name") or known.get("license") or "not said by its README.md: see its authors"
    base = f", of `{known['base_model']}`" if "base_model" in known else ""
    return f"`{directory.name}`{base}", licence

# SPDX-License-Identifier: Apache-2.0
"""Chat templates of the published forms, in other words: each has what makes its family special."""

import tiny_checkpoint

TOKENS = {"bos_token": "<|begin|>", "eos_token": "<|end|>"}
SPECIAL = {"<|im_start|>", "<|im_end|>", "<|begin|>", "<|end|>", "<|header|>", "<|/header|>"}

DEFAULT_SYSTEM = """{%- if messages[0]['role'] != 'system' %}
    {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}
{%- endif %}
{%- for turn in messages %}
    {{- '<|im_start|>' ~ turn.role ~ '\\n' ~ turn.content ~ '<|im_end|>' ~ '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"""
HEADERS = """{% for turn in messages %}
{% set text = '<|header|>' + turn['role'] + '<|/header|>\\n\\n' + turn['content'] | trim + '<|end|>' %}
{% if loop.index0 == 0 %}{% set text = bos_token + text %}{% endif %}
{{- text }}
{%- endfor %}
{% if add_generation_prompt %}{{ '<|header|>assistant<|/header|>\\n\\n' }}{% endif %}"""
DATED = """{{- bos_token }}{% if messages[0].role == 'system' %}{% set said = messages[0].content | trim %}
{%- set messages = messages[1:] %}{% else %}{% set said = '' %}{% endif %}
{{- '<|header|>system<|/header|>\\n\\nToday: ' + strftime_now('%d %b %Y') + '\\n\\n' + said + '<|end|>' }}
{%- for turn in messages %}
{{- '<|header|>' + turn.role + '<|/header|>\\n\\n' + turn.content | trim + '<|end|>' }}
{%- endfor %}{% if add_generation_prompt %}{{ '<|header|>assistant<|/header|>\\n\\n' }}{% endif %}"""
ALTERNATE = """{% if (turn.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('alternate') }}{% endif %}"""
# The system text inside the first user's turn, trimmed as a whole.
LLAMA2 = (
    """{% if messages[0].role == 'system' %}{% set said, messages = messages[0].content, messages[1:] %}
{%- else %}{% set said = none %}{% endif %}{% for turn in messages %}"""
    + ALTERNATE
    + """{% set text = turn.content %}{% if loop.first and said is not none %}
{%- set text = '<<SYS>>\\n' ~ said ~ '\\n<</SYS>>\\n\\n' ~ text %}{% endif %}
{%- if turn.role == 'user' %}{{ bos_token ~ '[INST] ' ~ text.strip() ~ ' [/INST]' }}
{%- else %}{{ ' ' ~ text.strip() ~ ' ' ~ eos_token }}{% endif %}{% endfor %}"""
)
# The system text inside the last user's turn; only answers are trimmed; brackets are special tokens.
MISTRAL3 = (
    """{% if messages[0].role == 'system' %}{% set said, messages = messages[0].content, messages[1:] %}
{%- else %}{% set said = none %}{% endif %}{{ bos_token }}{% for turn in messages %}"""
    + ALTERNATE
    + """{% if turn.role == 'user' %}{{ '[INST] ' }}
{%- if loop.last and said is not none %}{{ said + '\\n\\n' }}{% endif %}{{ turn.content + '[/INST]' }}
{%- else %}{{ ' ' + turn.content | trim + eos_token }}{% endif %}{% endfor %}"""
)

# By name: the template and the special tokens of a tokenizer that goes with it.
PUBLISHED = {
    "chatml": (tiny_checkpoint.CHATML, SPECIAL),
    "chatml_default_system": (DEFAULT_SYSTEM, SPECIAL),
    "llama3": (HEADERS, SPECIAL),
    "llama3_dated": (DATED, SPECIAL),
    "llama2": (LLAMA2, {"<|begin|>", "<|end|>"}),
    "mistral3": (MISTRAL3, {"<|begin|>", "<|end|>", "[INST]", "[/INST]"}),
}

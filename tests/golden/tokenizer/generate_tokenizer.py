#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tokenizer_golden.bin: strings and what Hugging Face `tokenizers` makes of them.

usage: generate_tokenizer.py --tokenizer BUNDLE/tokenizer.json [--cross-check DIRECTORY GGUF] [--output FILE]

The strings are made from a fixed seed: every Unicode block, emoji sequences, runs of white space, numbers, code, words of several
languages, names of special tokens, and broken UTF-8. Bytes are decoded with errors="replace" before the reference sees them.
--cross-check also loads vocabulary and merges from a GGUF through transformers.AutoTokenizer and requires the same ids for every string.
transformers does not read the GGUF's `tokenizer.ggml.pre` ("smollm": single digits split off, then GPT-2), so that is set by hand.

File: "MRTOK001", then u32 string count, then per string: u32 byte length, the bytes, and two records, one of plain text
(special tokens not recognised) and one with special tokens recognised: u32 token count, u64 FNV-1a hash of the ids as
little-endian u32. All numbers are little-endian.
"""

import argparse
import pathlib
import random
import struct
import unicodedata

import tokenizers

SEED = 20240615
MAGIC = b"MRTOK001"
WORDS = (
    "the image shows a person riding bicycle near traffic light don't we'll I'm they've it's you'd 'tis O'Neil "
    "hello World HELLO naïve café coöperate straße Größe ÅNGSTRÖM señor año garçon être œuvre "
    "привет мир Київ Ωmega αβγ ελληνικά שלום עולם مرحبا بالعالم नमस्ते दुनिया สวัสดีชาวโลก こんにちは世界 カタカナ 안녕하세요 세계 "
    "你好世界 漢字 中文分詞 không việt İstanbul ığdır ﬁne ﬂow Ⅷ ½ ² ₃ ① ٣ ५ ๗ 一二三"
).split()
CODE = [
    "for (int i = 0; i < n; ++i) {\n\tsum += a[i] * b[i];\n}\n",
    "def f(x, *args, **kwargs):\n    return {k: v for k, v in kwargs.items() if v is not None}\n",
    "SELECT COUNT(*) FROM t WHERE a >= 10 AND b != 'x''y';",
    '<html>\r\n  <body class="a b">&nbsp;</body>\r\n</html>',
    "#include <vector>\n// 100% comment — with dash\nauto x = 0xDEADBEEFull;\n",
    '{"key": [1, 2.5e-3, null, true], "nested": {"a\\\\b": "\\u00e9"}}',
    "https://example.org/a/b?c=d&e=%20f#g user@example.org C:\\Windows\\System32",
    "$ git commit -m 'fix: 3rd try' && echo \"$?\" | tee -a log.txt",
]
EMOJI = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇫🇷", "1️⃣", "❤️", "🤷‍♂️", "🧑🏿‍🚀", "☺", "⌚", "🫠", "\u200d", "\ufe0f"]
SPACES = [
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\u00a0",
    "\u2003",
    "\u3000",
    "\u200b",
    "\u0085",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1f",
    "\u2028",
    "\u2029",
    "\u1680",
    "\u180e",
    "\ufeff",
    "\u202f",
]
SPECIAL = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<repo_name>", "<|im_start|", "|im_end|>", "<|IM_END|>"]
BROKEN = [
    b"\x80",
    b"\xff",
    b"\xc0\xaf",
    b"\xe2\x82",
    b"\xf0\x9f\x98",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xf5",
    b"\xe0\x80\x80",
    b"\xc3(",
    b"\xf0\x28\x8c\xbc",
    b"\xfe\xfe\xff\xff",
    b"\xe2\x28\xa1",
    b"\xf1\x80\x80",
    b"\xc1\xbf",
    b"\xf8\x88\x80\x80\x80",
]


def scalar_values():
    """Code points of every 16-block that has an assigned or private one, unassigned ones of it included."""
    for block in range(0, 0x110000, 16):
        if 0xD800 <= block < 0xE000:
            continue
        if any(unicodedata.category(chr(c)) not in ("Cn", "Co") for c in range(block, block + 16)):
            yield block


def block_strings():
    for number, block in enumerate(scalar_values()):
        if block >= 0x3400 and number % 8 and unicodedata.category(chr(block)) == "Lo":
            continue  # the long runs of ideographs and syllables: every eighth row
        row = "".join(chr(c) for c in range(block, block + 16))
        yield row
        yield " ".join(row[i] + "a" if i % 2 else "1" + row[i] for i in range(0, 16, 3))
    for code_point in (0xE000, 0xF8FF, 0xFDD0, 0xFFFE, 0xFFFF, 0x1FFFE, 0x50000, 0xF0000, 0x10FFFF):
        yield chr(code_point) + " " + chr(code_point) * 2


def random_piece(rng):
    kind = rng.randrange(12)
    if kind < 4:
        return rng.choice(["", " ", " ", "  "]) + rng.choice(WORDS)
    if kind == 4:
        return rng.choice(SPACES) * rng.choice([1, 1, 2, 3, 9])
    if kind == 5:
        return rng.choice(EMOJI)
    if kind == 6:
        return str(rng.choice([rng.randrange(10), rng.randrange(10**4), rng.random(), -rng.randrange(10**9)]))
    if kind == 7:
        return rng.choice("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") * rng.choice([1, 1, 1, 2, 5])
    if kind == 8:
        return chr(
            rng.choice([rng.randrange(0x20, 0x250), rng.randrange(0x250, 0xD800), rng.randrange(0xE000, 0x32000)])
        )
    if kind == 9:
        return rng.choice(SPECIAL)
    if kind == 10:
        return "".join(rng.choice("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ") for _ in range(rng.randrange(1, 15)))
    return rng.choice(["\x00", "\x01", "\x04", "\x7f", "'", "'s", "'S", "’s", "'re", "a'll", "...", "--"])


def code_string(rng):
    text = rng.choice(CODE)
    begin = rng.randrange(len(text))
    return text[begin : begin + rng.randrange(5, 80)]


def make_strings():
    rng = random.Random(SEED)
    strings = [s.encode() for s in block_strings()]
    strings += [b"", b" ", b"\n", b"a" * 5000, b" " * 5000, "é".encode() * 2000, b"\n" * 3000, b"ab" * 2500]
    strings += [text.encode() for text in CODE + EMOJI + SPACES + SPECIAL] + BROKEN
    for _ in range(12000):
        strings.append("".join(random_piece(rng) for _ in range(rng.randrange(1, 12))).encode())
    for _ in range(2000):
        strings.append(code_string(rng).encode())
    for _ in range(2500):  # broken UTF-8: valid text cut and mixed with stray bytes
        text = "".join(random_piece(rng) for _ in range(rng.randrange(1, 6))).encode()
        cut = rng.randrange(len(text) + 1)
        strings.append(text[:cut] + rng.choice(BROKEN) + text[min(len(text), cut + rng.randrange(2)) :])
    for _ in range(1000):
        strings.append(bytes(rng.randrange(256) for _ in range(rng.randrange(1, 24))))
    return strings


def fingerprint(ids):
    value = 0xCBF29CE484222325
    for byte in struct.pack(f"<{len(ids)}I", *ids):
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return struct.pack("<IQ", len(ids), value)


def cross_check(directory, gguf, texts, reference):
    import transformers

    other = transformers.AutoTokenizer.from_pretrained(directory, gguf_file=gguf)
    backend = other.backend_tokenizer
    backend.pre_tokenizer = tokenizers.pre_tokenizers.Sequence(
        [
            tokenizers.pre_tokenizers.Digits(individual_digits=True),
            tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    for text in texts:
        expected = reference.encode(text, add_special_tokens=False).ids
        got = backend.encode(text, add_special_tokens=False).ids
        if got != expected:
            raise SystemExit(f"cross-check failed for {text!r}: {got} != {expected}")
    print(f"cross-check: {len(texts)} strings, the same ids through transformers {transformers.__version__}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--cross-check", nargs=2, metavar=("DIRECTORY", "GGUF"))
    parser.add_argument("--output", default=pathlib.Path(__file__).with_name("tokenizer_golden.bin"))
    arguments = parser.parse_args()

    with_special = tokenizers.Tokenizer.from_file(arguments.tokenizer)
    plain = tokenizers.Tokenizer.from_file(arguments.tokenizer)
    plain.encode_special_tokens = True  # the library's name for: treat special tokens as plain text
    strings = make_strings()
    texts = [data.decode("utf-8", errors="replace") for data in strings]
    with open(arguments.output, "wb") as out:
        out.write(MAGIC + struct.pack("<I", len(strings)))
        for data, text in zip(strings, texts, strict=True):
            out.write(struct.pack("<I", len(data)) + data)
            for reference in (plain, with_special):
                out.write(fingerprint(reference.encode(text, add_special_tokens=False).ids))
        print(f"{len(strings)} strings, {out.tell()} bytes, tokenizers {tokenizers.__version__}")
    if arguments.cross_check:
        cross_check(*arguments.cross_check, texts, with_special)


if __name__ == "__main__":
    main()

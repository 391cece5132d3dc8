#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes families/NAME.json and families/NAME.bin: small tokenizers of each family, and what `tokenizers` makes of strings.

usage: generate_tokenizer_families.py [FAMILY ...]

Each tokenizer is trained here, on text made here, and then put into the pipeline of its family. The strings are those of
tokenizer_golden.bin and, for the family's own tokens, those that NAME.bin holds.

NAME.bin, all numbers little-endian: "MRTOK002", u32 count of own strings, per own string u32 byte length and the bytes; then, per
string of tokenizer_golden.bin and per own one, three u16: of the ids of plain text, of the ids with special tokens recognised, and of
decoded text: the plain ids, and the others without and with special tokens, a zero byte behind each; then u32 count of made-up lists
of ids (made_up_ids) and, per list, one u16 of its decoded text without and with special tokens, a zero byte behind each. Each u16 is
the low end of the FNV-1a hash of the ids as u32, or of the UTF-8 text.
"""

import json
import pathlib
import random
import struct
import sys

import generate_tokenizer
import tokenizers
from tokenizers import models, normalizers, pre_tokenizers, trainers

SEED = 20260117
HERE = pathlib.Path(__file__).parent
VOCABULARY = 1500
OWN_STRINGS = 2500
MADE_UP_LISTS = 2000
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
SPACE = "\u2581"
CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
WORDS = r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
# Not in any trained vocabulary, so that texts fall back to bytes.
RARE = "ਪੰਜਾਬੀ ဗမာ ქართული አማርኛ ខ្មែរ 𝔘𝔫𝔦 𐍈 ﷽ ﹏ ＜ｓ＞ ǆ ﬀ ﬅ 'ſ 'ſT İ ẞ ㍿ Å Å é e\u0301 ọ\u0302 가 각 ᄀᆨ".split()


def corpus():
    rng = random.Random(SEED)
    syllables = ["".join((a, b, c)) for a in "bdklmnprst" for b in "aeiou" for c in ("", "n", "s", "r", "st")]
    made_up = ["".join(rng.choice(syllables) for _ in range(rng.randrange(1, 4))) for _ in range(600)]
    for _ in range(3000):
        words = [rng.choice(rng.choice((generate_tokenizer.WORDS, made_up))) for _ in range(rng.randrange(3, 15))]
        yield " ".join(words) + rng.choice([".", "!", "?", ",", ":", "\n", " 1984", " 42%"])
    for code in generate_tokenizer.CODE * 20:
        yield rng.choice(["", "    ", "        "]) + code


def trained(special, **parts):
    """Vocabulary and merges as in a tokenizer.json; `special` come first."""
    tokenizer = tokenizers.Tokenizer(models.BPE())
    for name, part in parts.items():
        setattr(tokenizer, name, part)
    byte_level = "normalizer" not in parts
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet()) if byte_level else []
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    return json.loads(tokenizer.to_str())["model"]


def character_model(special):
    """As SentencePiece trains it: special tokens, bytes, pieces."""
    model = trained(
        special + BYTES,
        normalizer=normalizers.Replace(" ", SPACE),
        pre_tokenizer=pre_tokenizers.Split(tokenizers.Regex(f"{SPACE}?[^{SPACE}]+|{SPACE}+"), "isolated"),
    )
    return model | {"unk_token": "<unk>", "fuse_unk": True, "byte_fallback": True}


def byte_model(special):
    model = trained([], pre_tokenizer=pre_tokenizers.ByteLevel(add_prefix_space=False))
    model["vocab"] |= {content: len(model["vocab"]) + i for i, content in enumerate(special)}
    return model


def added(model, *tokens):
    """added_tokens; those that model.vocab lacks get the ids after it."""
    next_id = max(model["vocab"].values()) + 1
    entries = []
    for content, flags in tokens:
        token_id = model["vocab"].get(content, next_id)
        next_id = max(next_id, token_id + 1)
        flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), False) | flags
        entries.append({"id": token_id, "content": content} | flags)
    return entries


def file(model, added_tokens, normalizer, pre_tokenizer, decoder):
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added_tokens,
        "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer,
        "post_processor": None,
        "decoder": decoder,
        "model": model,
    }


SPECIAL = {"special": True}
CHARACTER_SPECIAL = ["<unk>", "<s>", "</s>"]
PREPEND = {"type": "Prepend", "prepend": SPACE}
REPLACE = {"type": "Replace", "pattern": {"String": " "}, "content": SPACE}
CHARACTER_DECODER = {
    "type": "Sequence",
    "decoders": [
        {"type": "Replace", "pattern": {"String": SPACE}, "content": " "},
        {"type": "ByteFallback"},
        {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0},
    ],
}
BYTE_DECODER = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
WEIRD = [
    ("[left]", {"lstrip": True}),
    ("[right]", {"rstrip": True}),
    ("[both]", {"lstrip": True, "rstrip": True, "special": True}),
    ("[word]", {"single_word": True}),
    ("[normal]", {"normalized": True}),
    ("[normal] two", {"normalized": True}),
    ("normalword", {"normalized": True, "single_word": True}),
    ("[nleft]", {"normalized": True, "lstrip": True, "special": True}),
    ("[nright]", {"normalized": True, "rstrip": True}),
    ("\u00e9t\u00e9", {"normalized": True}),
    ("\u00f1", {}),
    ("<s", {}),
    ("    ", {"normalized": True}),
    ("\t\t", {}),
]


def sequence(*stages):
    return {"type": "Sequence", "normalizers": list(stages)}


def split_then_bytes(digits):
    split = {
        "type": "Split",
        "pattern": {"Regex": CONTRACTIONS + WORDS % digits},
        "behavior": "Isolated",
        "invert": False,
    }
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    return {"type": "Sequence", "pretokenizers": [split, level]}


def metaspace(scheme, split):
    return {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": scheme, "split": split}


def llama2():
    model = character_model(CHARACTER_SPECIAL)
    tokens = added(model, *((content, SPECIAL) for content in CHARACTER_SPECIAL))
    return file(model, tokens, sequence(PREPEND, REPLACE), None, CHARACTER_DECODER)


def llama2_odd():
    """The same with added tokens of every kind, and special ones matched in normalized text as in the oldest files."""
    model = character_model(CHARACTER_SPECIAL)
    tokens = added(model, *((content, SPECIAL | {"normalized": True}) for content in CHARACTER_SPECIAL), *WEIRD)
    normalizer = sequence({"type": "NFKC"}, PREPEND, REPLACE)
    return file(model, tokens, normalizer, None, CHARACTER_DECODER)


def mistral():
    special = [*CHARACTER_SPECIAL, "[INST]", "[/INST]"]
    model = character_model(special)
    tokens = added(model, *((content, SPECIAL) for content in special))
    return file(model, tokens, None, metaspace("first", False), CHARACTER_DECODER)


def metaspace_odd():
    model = character_model(CHARACTER_SPECIAL)
    tokens = added(model, *((content, SPECIAL) for content in CHARACTER_SPECIAL), *WEIRD)
    decoder = {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always", "split": True}
    normalizer = sequence({"type": "NFD"}, {"type": "Replace", "pattern": {"Regex": "\\s{3,}"}, "content": "  "})
    return file(model, tokens, normalizer, metaspace("always", True), decoder)


def llama3():
    special = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    model = byte_model([])
    model["merges"] = [merge for i, merge in enumerate(model["merges"]) if i < 400 or i % 3]
    model["ignore_merges"] = True
    tokens = added(model, *((content, SPECIAL) for content in special))
    return file(model, tokens, None, split_then_bytes("{1,3}"), BYTE_DECODER)


def qwen2():
    model = byte_model([])
    special = [(content, SPECIAL) for content in ("<|endoftext|>", "<|im_start|>", "<|im_end|>")]
    tokens = added(model, *special, ("<tool_call>", {}), ("</tool_call>", {}))
    return file(model, tokens, {"type": "NFC"}, split_then_bytes(""), BYTE_DECODER)


def byte_level_odd():
    model = byte_model(["<|end|>"])
    tokens = added(model, ("<|end|>", SPECIAL | {"rstrip": True}), *WEIRD)
    return file(model, tokens, {"type": "NFKD"}, split_then_bytes("+"), BYTE_DECODER)


FAMILIES = (llama2, llama2_odd, mistral, metaspace_odd, llama3, qwen2, byte_level_odd)


def own_strings(contents):
    rng = random.Random(SEED)
    lookalikes = [content[:-1] for content in contents] + [content.upper() for content in contents]
    lookalikes += [" ".join(content) for content in contents] + ["<0x0A>", "<0xE9>", SPACE, SPACE * 2, "\u0301"]
    for number in range(OWN_STRINGS):
        pieces = []
        for _ in range(rng.randrange(1, 9)):
            kind = rng.randrange(5)
            if kind == 0:
                pieces.append(rng.choice(lookalikes))
            elif kind == 1:
                pieces.append(rng.choice(RARE))
            elif kind == 2:
                pieces.append(generate_tokenizer.random_piece(rng))
            else:
                pieces.append(rng.choice(contents))
            pieces.append(rng.choice(["", "", " ", "  ", "    ", "a", "\n"]))
        yield ("".join(pieces) if number >= len(contents) else contents[number]).encode()


def made_up_ids(number, vocabulary):
    """Both sides follow this rule; the first 300 ids, among them the bytes, are drawn half of the time."""
    state = number
    ids = []
    for _ in range(1 + number % 23):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        ids.append((state >> 33) % (300 if state >> 63 else vocabulary))
    return ids


def hash16(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value & 0xFFFF


def hash_of_ids(ids):
    return hash16(struct.pack(f"<{len(ids)}I", *ids))


def hash_of_texts(*texts):
    return hash16(b"".join(text.encode() + b"\0" for text in texts))


def write(family, base_strings):
    name = family.__name__
    path = HERE / "families" / f"{name}.json"
    content = family()
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n")
    trusted = tokenizers.Tokenizer.from_file(str(path))
    plain = tokenizers.Tokenizer.from_file(str(path))
    plain.encode_special_tokens = True  # the library's name for: treat special tokens as plain text
    vocabulary = trusted.get_vocab_size()
    special_ids = {entry["id"] for entry in content["added_tokens"] if entry["special"]}

    # Not by skip_special_tokens, which forgets those whose content normalization changes.
    def skip(ids):
        return [token_id for token_id in ids if token_id not in special_ids]

    own = list(own_strings([entry["content"] for entry in content["added_tokens"]]))
    with open(path.with_suffix(".bin"), "wb") as out:
        out.write(b"MRTOK002" + struct.pack("<I", len(own)))
        out.writelines(struct.pack("<I", len(data)) + data for data in own)
        for data in [*base_strings, *own]:
            text = data.decode("utf-8", errors="replace")
            ids = plain.encode(text, add_special_tokens=False).ids
            trusted_ids = trusted.encode(text, add_special_tokens=False).ids
            lists = (ids, skip(trusted_ids), trusted_ids)
            decoded = hash_of_texts(*(trusted.decode(some, skip_special_tokens=False) for some in lists))
            out.write(struct.pack("<3H", hash_of_ids(ids), hash_of_ids(trusted_ids), decoded))
        out.write(struct.pack("<I", MADE_UP_LISTS))
        for number in range(MADE_UP_LISTS):
            ids = made_up_ids(number, vocabulary)
            texts = [trusted.decode(some, skip_special_tokens=False) for some in (skip(ids), ids)]
            out.write(struct.pack("<H", hash_of_texts(*texts)))
        print(f"{name}: {vocabulary} tokens, {len(base_strings) + len(own)} strings, {out.tell()} bytes")


def main():
    base_strings = generate_tokenizer.make_strings()
    for family in FAMILIES:
        if not sys.argv[1:] or family.__name__ in sys.argv[1:]:
            write(family, base_strings)
    print(f"tokenizers {tokenizers.__version__}")


if __name__ == "__main__":
    main()

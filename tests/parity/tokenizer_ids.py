# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tokenizers/: small tokenizers trained here on our own text, and what the reference libraries make of texts.

    pip install sentencepiece tokenizers tiktoken && python tests/parity/tokenizer_ids.py [FOLDER of public test data]

Development only; tests read the files. ids.txt has a line a text: the tokenizer's name, the text's bytes in hexadecimal,
the ids, comma-separated. For tokenizers of the public test data (its folder tokenizers/), the FNV-1a hash of the ids,
each as four bytes, little-endian, in the place of the ids: "#" and 16 hexadecimal digits.
"""
import base64
import json
import pathlib
import random
import struct
import sys

import sentencepiece
import tiktoken
import tokenizers

HERE = pathlib.Path(__file__).parent
OUT = HERE / "tokenizers"
SAMPLE = HERE.parent.parent / "resources/samples/calibration.txt"

# A small table of characters: wide and compatibility forms, a sequence, spaces of many kinds, nothing for some.
RULES = {chr(0xFF01 + i): chr(0x21 + i) for i in range(94)}
RULES |= {"\u3000": " ", "\u00a0": " ", "\t": " ", "\n": " ", "\r": " ", "\u2009": " ", "\ufb01": "fi", "\u2126": "\u03a9"}
RULES |= {"e\u0301": "\u00e9", "o\u0308": "\u00f6", "\u33a1": "m2", "\u2026": "...", "\u200b": "", "\u0301": "", "\ufeff": ""}

TEXTS = [
    "", " ", "   ", "a", " a", "a ", "  a  b  ", "hello world", "Hello  World ", "the the the", "ThE QuIcK bRoWn fox.",
    "Grüße, œuvre, naïve e\u0301 — „Zitat“ …", "Привет, мир! Ελληνικά, עברית, العربية ١٢٣", "日本語のテキスト、中文字符。한국어",
    "नमस्ते दुनिया ไทยไม่มีช่องว่าง தமிழ்", "👩‍👩‍👧‍👦 🇩🇪 👍🏽 🫠 ☃️ 𝔘𝔫𝔦 𓀀", "x\x01side\x7f\x1b[0m", "\ufeffBOM and\u00a0no\u2009break\u3000spaces\u200bzero",
    "ＦＵＬＬ　width ﬁne Ωhm ㎡", "line one\nline two\r\n\n\tindented\t", "I'm you're they'LL 12345 3.14159 x²³ ½ Ⅷ",
    "for (int i = 0; i < n; ++i) { a[i] += b[i] * 2; }", "a" * 70 + " " * 9 + "=" * 40, "▁ and ▁▁ in ▁text", "of the house", "houses, housed; the keeper's lamp",
]


def texts():
    generator = random.Random(11)
    words = SAMPLE.read_text().split()
    strange = list("áß€漢字🙂\u0301\u3000ﬁ\t") + ["  ", " \n", "e\u0301"]
    for _ in range(40):
        pieces = [generator.choice(words if generator.random() < 0.8 else strange) for _ in range(generator.randrange(1, 14))]
        yield generator.choice([" ", "", "  "]).join(pieces)


ALL = TEXTS + list(texts())


def train(name, **options):
    settings = dict(input=str(SAMPLE), model_prefix=str(OUT / name), minloglevel=2, num_threads=1, character_coverage=0.99, max_sentence_length=20000)
    sentencepiece.SentencePieceTrainer.train(**(settings | options))
    (OUT / (name + ".vocab")).unlink()
    return sentencepiece.SentencePieceProcessor(model_file=str(OUT / (name + ".model")))


def proto_fields(message):
    """(field, bytes or number) of a protobuf message."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        key = varint()
        size = {0: None, 1: 8, 2: None, 5: 4}[key & 7]
        if key & 7 == 0:
            yield key >> 3, varint()
            continue
        size = varint() if size is None else size
        yield key >> 3, message[at : at + size]
        at += size


def char_map(name):
    normalizer = dict(proto_fields(dict(proto_fields((OUT / (name + ".model")).read_bytes()))[3]))
    return normalizer[2]


def as_hf(processor, normalizer, pre_tokenizer, byte_fallback):
    vocab = [(processor.id_to_piece(i), processor.get_score(i)) for i in range(processor.get_piece_size())]
    made = tokenizers.Tokenizer(tokenizers.models.Unigram(vocab, unk_id=0, byte_fallback=byte_fallback))
    made.normalizer, made.pre_tokenizer = normalizer, pre_tokenizer
    made.add_special_tokens(["<unk>", "<s>", "</s>"])
    return made


def own():
    """name → function from text to ids."""
    OUT.mkdir(exist_ok=True)
    rules = OUT / "rules.tsv"
    rules.write_text("".join(
        " ".join(f"{ord(c):X}" for c in source) + "\t" + " ".join(f"{ord(c):X}" for c in target) + "\n"
        for source, target in RULES.items()))
    plain = dict(normalization_rule_name="identity", remove_extra_whitespaces=False)
    table = dict(normalization_rule_tsv=str(rules))
    bytes_ = train("unigram-bytes", model_type="unigram", vocab_size=700, byte_fallback=True, **plain)
    mapped = train("unigram-map", model_type="unigram", vocab_size=420, **table)
    suffix = train("unigram-suffix", model_type="unigram", vocab_size=420, treat_whitespace_as_suffix=True, **plain)
    bpe = train("bpe-map", model_type="bpe", vocab_size=700, byte_fallback=True, **table)
    rules.unlink()
    n, p = tokenizers.normalizers, tokenizers.pre_tokenizers
    hf_map = as_hf(
        mapped,
        n.Sequence([n.Precompiled(char_map("unigram-map")), n.Strip(left=False, right=True), n.Replace(tokenizers.Regex(" {2,}"), "▁")]),
        p.Metaspace(replacement="▁", prepend_scheme="always", split=True), False)
    hf_bytes = as_hf(bytes_, n.Sequence([n.Prepend("▁"), n.Replace(" ", "▁")]), None, True)
    for name, made in (("hf-map", hf_map), ("hf-bytes", hf_bytes)):
        (OUT / name).mkdir(exist_ok=True)
        made.save(str(OUT / name / "tokenizer.json"), pretty=False)
    return {
        "unigram-bytes": bytes_.encode, "unigram-map": mapped.encode, "unigram-suffix": suffix.encode, "bpe-map": bpe.encode,
        "hf-map": lambda text: hf_map.encode(text, add_special_tokens=False).ids,
        "hf-bytes": lambda text: hf_bytes.encode(text, add_special_tokens=False).ids,
    }


LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def public(folder):
    """The same of tokenizers that are not in the repository."""
    ranks = {}
    for line in (folder / "llama3/tokenizer.model").read_bytes().splitlines():
        token, rank = line.split()
        ranks[base64.b64decode(token)] = int(rank)
    llama3 = tiktoken.Encoding("llama3", pat_str=LLAMA3, mergeable_ranks=ranks, special_tokens={})
    source = json.loads((folder / "llama2-hf/tokenizer.json").read_text())
    source["model"]["merges"] = [merge for merge in source["model"]["merges"] if merge.count(" ") == 1]  # as it can
    llama2 = tokenizers.Tokenizer.from_str(json.dumps(source))
    found = {"llama3/tokenizer.model": llama3.encode_ordinary,
             "llama2-hf/tokenizer.json": lambda text: llama2.encode(text, add_special_tokens=False).ids}
    for name in ("llama2-spm/tokenizer.model", "mistral/tokenizer.model.v1", "mistral/mistral_instruct_tokenizer_240323.model.v3"):
        found[name] = sentencepiece.SentencePieceProcessor(model_file=str(folder / name)).encode
    return found


def fnv1a(ids):
    state = 0xCBF29CE484222325
    for byte in b"".join(struct.pack("<I", i) for i in ids):
        state = (state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"#{state:016x}"


def main():
    lines = [f"{name} {text.encode().hex()} {','.join(map(str, encode(text)))}" for name, encode in own().items() for text in ALL]
    if len(sys.argv) > 1:
        found = public(pathlib.Path(sys.argv[1]) / "tokenizers")
        lines += [f"{name} {text.encode().hex()} {fnv1a(encode(text))}" for name, encode in found.items() for text in ALL]
    (OUT / "ids.txt").write_text("\n".join(lines) + "\n")


main()

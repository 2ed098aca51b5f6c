# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in model's tokenizer: trained with SentencePiece, used from the GGUF afterwards.

Training gives a byte-pair vocabulary with byte fallback. A line end is not in the vocabulary, so
it becomes the byte token <0x0A>, as in LLaMA. There is no space put in front of a text
(``add_space_prefix`` false): the tokens of "a" followed by those of "\\nb" are those of "a\\nb".
``GgufTokenizer`` is the reference that reads nothing but the vocabulary and scores of the GGUF.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path

VOCABULARY = 8192
UNKNOWN, BOS, EOS = 0, 1, 2
NORMAL, UNKNOWN_TYPE, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6
SPACE = "\u2581"

_WORD = re.compile(f"{SPACE}?[^{SPACE}]+|{SPACE}")


@dataclass(frozen=True)
class Vocabulary:
    """What the GGUF stores: one text, score and type for each token."""

    tokens: list[str]
    scores: list[float]
    types: list[int]


def train(paragraphs, model_file: Path) -> None:
    """Trains the tokenizer on an iterable of paragraphs without line ends."""
    import sentencepiece as spm

    model = io.BytesIO()
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(paragraphs), model_writer=model, model_type="bpe",
        vocab_size=VOCABULARY, byte_fallback=True, character_coverage=0.9995, split_digits=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=False,
        unk_id=UNKNOWN, bos_id=BOS, eos_id=EOS, pad_id=-1, max_sentence_length=20000,
        num_threads=2, minloglevel=1, required_chars="#[]*_|",
    )  # fmt: skip
    model_file.write_bytes(model.getvalue())


def vocabulary(processor) -> Vocabulary:
    """The GGUF arrays of a trained SentencePiece processor."""
    ids = range(processor.get_piece_size())

    def kind(i: int) -> int:
        if processor.is_unknown(i):
            return UNKNOWN_TYPE
        if processor.is_control(i):
            return CONTROL
        return BYTE if processor.is_byte(i) else NORMAL

    return Vocabulary(
        [processor.id_to_piece(i) for i in ids],
        [processor.get_score(i) for i in ids],
        [kind(i) for i in ids],
    )


def byte_count(vocab: Vocabulary, token: int) -> int:
    """Bytes of text that a token stands for."""
    if vocab.types[token] == BYTE:
        return 1
    return len(vocab.tokens[token].replace(SPACE, " ").encode()) if vocab.types[token] in (NORMAL, USER_DEFINED) else 0


class GgufTokenizer:
    """Encodes and decodes with the vocabulary of a GGUF file; plain and slow, for reference."""

    def __init__(self, vocab: Vocabulary):
        self._tokens = vocab.tokens
        self._types = vocab.types
        self._scores = vocab.scores
        self._ids = {t: i for i, t in enumerate(vocab.tokens) if vocab.types[i] == NORMAL}
        self._bytes = {int(t[3:5], 16): i for i, t in enumerate(vocab.tokens) if vocab.types[i] == BYTE}
        self._cache: dict[str, list[int]] = {}

    def encode(self, text: str) -> list[int]:
        """Token ids of ``text``, without bos or eos."""
        ids: list[int] = []
        for word in _WORD.findall(text.replace(" ", SPACE)):
            if word not in self._cache:
                self._cache[word] = self._merge(list(word))
            ids += self._cache[word]
        return ids

    def _merge(self, parts: list[str]) -> list[int]:
        """Joins the neighbours of the best score, leftmost first, until none is in the vocabulary."""
        while True:
            best, where = -1e30, -1
            for i in range(len(parts) - 1):
                token = self._ids.get(parts[i] + parts[i + 1])
                if token is not None and self._scores[token] > best:
                    best, where = self._scores[token], i
            if where < 0:
                break
            parts[where : where + 2] = [parts[where] + parts[where + 1]]
        ids: list[int] = []
        for part in parts:
            token = self._ids.get(part)
            ids += [token] if token is not None else [self._bytes[b] for b in part.encode()]
        return ids

    def decode(self, ids) -> str:
        """Text of ``ids``; control tokens say nothing, broken UTF-8 becomes U+FFFD."""
        out = bytearray()
        for i in ids:
            if self._types[i] == BYTE:
                out.append(int(self._tokens[i][3:5], 16))
            elif self._types[i] in (NORMAL, USER_DEFINED):
                out += self._tokens[i].replace(SPACE, " ").encode()
        return out.decode(errors="replace")

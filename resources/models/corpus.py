# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the training text and splits it, by document, into training and held-out parts.

Nothing is downloaded: the files lie in ``$LECTERN_TEST_DATA/train`` (default ``../shared/data``
beside the repository). The split is a hash of the document's own text, so it is the same on
every machine and does not depend on the order of the records.
"""

from __future__ import annotations

import json
import lzma
import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

HELD_OUT_PERCENT = 2
REPOSITORY = Path(__file__).resolve().parents[2]

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"'\u2019\u201d)\]]*(?=\s)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|St|No|vs|Sec|Fig|cf|Prof|Gen|Col|Capt|Rev|Jr|Sr|Inc|Co|Ltd|al|approx)"
    r"|\b[A-Z]|\be\.g|\bi\.e|\.[A-Za-z])\.$"
)


@dataclass(frozen=True)
class Record:
    """One question with its context and the sentence of the context that answers it."""

    context: str
    question: str
    sentence: str
    short: str
    source: str


def data_folder() -> Path:
    """Where the public data lies; a clear error where it does not."""
    root = Path(os.environ.get("LECTERN_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
    folder = root / "train"
    if not folder.is_dir():
        raise SystemExit(f"no training data in {folder}: set LECTERN_TEST_DATA")
    return folder


def is_held_out(text: str) -> bool:
    """True for about HELD_OUT_PERCENT of the documents; depends on the text alone."""
    return zlib.crc32(text[:4000].encode()) % 100 < HELD_OUT_PERCENT


def _records(name: str):
    with lzma.open(data_folder() / name, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def load_text(held_out: bool) -> list[str]:
    """Plain documents of one side of the split."""
    return [r["text"] for r in _records("text.jsonl.xz") if is_held_out(r["text"]) == held_out]


def load_qa(held_out: bool) -> list[Record]:
    """Questions of one side whose answering sentence stands word for word in the context."""
    kept = []
    for r in _records("qa.jsonl.xz"):
        sentence = (r.get("sentence") or "").strip() or _sentence_of(r["context"], r.get("answers") or [])
        if is_held_out(r["context"]) != held_out or not sentence or len(sentence) > 400:
            continue
        if r["context"].count(sentence) == 1:
            short = next((a for a in r.get("answers") or [] if a in sentence), "")
            kept.append(Record(r["context"], r["question"].strip(), sentence, short, r["source"]))
    return kept


def load_summaries(held_out: bool) -> list[tuple[str, str]]:
    """Abstracts of papers with a sentence that somebody wrote of each (SciTLDR), of one side."""
    records = (r for r in _records("summaries.jsonl.xz") if r["source"] == "scitldr-a")
    return [(r["document"], r["summary"]) for r in records if is_held_out(r["document"]) == held_out]


def _sentence_of(context: str, answers: list[str]) -> str:
    """The one sentence of the context that holds an answer of a few words; empty where there is none."""
    for answer in answers:
        if 3 < len(answer) < 200 and context.count(answer) == 1:
            at = context.index(answer)
            for a, b in split_sentences(context):
                if a <= at and at + len(answer) <= b:
                    return context[a:b]
    return ""


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Half-open spans of the sentences of ``text``, which may run over line ends."""
    spans, start = [], 0
    for match in _SENTENCE_END.finditer(text):
        end = match.end()
        after = text[end : end + 2].strip()
        if after and after[0].islower():
            continue
        if _ABBREVIATION.search(text, start, match.start()):
            continue
        spans.append((start, end))
        start = end
    spans.append((start, len(text)))
    trimmed = []
    for a, b in spans:
        piece = text[a:b]
        left = len(piece) - len(piece.lstrip())
        right = len(piece.rstrip())
        if right > left:
            trimmed.append((a + left, a + right))
    return trimmed

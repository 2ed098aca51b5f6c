# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns tasks into rows of token ids, positions, loss weights and sight, made by processes while training goes on.

A row holds documents and then questions. The first questions follow each other as in a conversation and see all of it.
Each of the others sees what the product's search shows it (engine/quote_reader.h): the sinks and one or two stretches of
the documents, whose keys and values come from reading all of the documents, with the question right behind them. Many
questions so share one reading, and most of what a stretch is asked has its answer elsewhere, or nowhere.
"""

from __future__ import annotations

import multiprocessing as mp
import random
from dataclasses import dataclass, field
from pathlib import Path

import corpus
import numpy as np
import tasks
import tokenizer
from model import SINKS

FIRST_ANSWER_TOKENS = 5
FIRST_WEIGHT, ANSWER_WEIGHT, TEXT_WEIGHT = 3.0, 1.0, 0.25
LONGEST_POSITION = 131_072
PAGE, STRETCH = 64, 6 * 64  # tokens, as the product cuts its cache and reads it again
KINDS = ("text", "made", "real", "fact", "absent", "summary")


@dataclass(frozen=True)
class Stage:
    """One part of the curriculum: rows of ``tokens`` tokens for ``share`` of the time."""

    tokens: int
    batch: int  # rows of one step
    share: float
    plain: float  # share of rows of plain text
    skips: float  # share of rows with gaps in their positions
    noise: float  # share of rows whose keys and values are disturbed, as a quantized cache would
    apart: float  # share of questions that see stretches alone


# The search for the sentence is learnt in short rows, after some 150 million tokens and all at once: "first" in the
# log rises from 0.86 to over 0.95. Longer rows before that teach copying and nothing else.
STAGES = (
    Stage(512, 384, 0.32, 0.05, 0.0, 0.0, 0.0),
    Stage(2048, 96, 0.40, 0.03, 0.15, 0.2, 0.75),
    Stage(8192, 24, 0.18, 0.02, 0.30, 0.2, 0.6),
    Stage(32768, 6, 0.10, 0.00, 0.30, 0.2, 0.4),
)


@dataclass
class _Apart:
    """Tokens [begin, end) of a question with its answer, and the stretches it sees, in order."""

    begin: int
    end: int
    seen: list[tuple[int, int]]


@dataclass
class _Draft:
    """A row before it is cut to its length."""

    ids: list[int]
    weights: list[float]
    marks: list[int]
    starts: list[int] = field(default_factory=list)  # where positions may have gaps
    apart: list[_Apart] = field(default_factory=list)

    def add(self, ids: list[int], weight: float) -> None:
        """Tokens that are no answer."""
        self.ids += ids
        self.weights += [weight] * len(ids)
        self.marks += [0] * len(ids)

    def add_answer(self, ids: list[int], mark: int) -> None:
        """Tokens of an answer."""
        n = min(FIRST_ANSWER_TOKENS, len(ids))
        self.ids += ids
        self.weights += [FIRST_WEIGHT] * n + [ANSWER_WEIGHT] * (len(ids) - n)
        self.marks += [mark] * len(ids)


class _Places:
    """Finds text of the pages in a row's tokens."""

    def __init__(self, sizes: np.ndarray):
        self._sizes, self._pages = sizes, []

    def add(self, piece: str, ids: list[int], start: int) -> None:
        """A page whose tokens ``ids`` stand at ``start`` in the row."""
        self._pages.append((piece, start, ids))

    def find(self, text: str) -> tuple[int, int] | None:
        """Half-open range of the tokens of ``text``, where it stands first."""
        for piece, start, ids in self._pages:
            if text and (at := piece.find(text)) >= 0:
                ends = np.cumsum(self._sizes[ids])
                begin = len(piece[:at].encode())
                first, last = np.searchsorted(ends, (begin, begin + len(text.encode()) - 1), side="right")
                return start + int(first), start + int(last) + 1
        return None


class RowMaker:
    """Fills rows of one stage; one instance per process."""

    def __init__(self, texts, records, model_file: Path, seed: int):
        import sentencepiece as spm

        processor = spm.SentencePieceProcessor(model_file=str(model_file))
        vocab = tokenizer.vocabulary(processor)
        self._encode = processor.encode
        self._sizes = np.array([tokenizer.byte_count(vocab, i) for i in range(len(vocab.tokens))])
        self._rng = random.Random(seed)
        self._tasks = tasks.TaskMaker(texts, records, self._rng)

    def row(self, tokens: int, plain: float = 0.0, skips: float = 0.0, apart: float = 0.0, kinds: tuple[str, ...] = ()):
        """ids u16, positions u32, weights f16, sight i32 [5, ...] and marks u8, each of ``tokens`` + 1 (the last one is
        only a target). A mark is 0 outside of answers, inside it is the index of the kind + 8 · (1 + number of the
        question % 30). Sight is explained at ``model.dense_sight``."""
        draft = _Draft([tokenizer.BOS], [0.0], [0])
        if self._rng.random() < plain:
            draft.add(self._encode(self._tasks.stretch(int(tokens * 5))), TEXT_WEIGHT)
        else:
            self._task(self._tasks.make(tokens, kinds, 0.62 if apart and not kinds else 1.0), draft, apart)
        return self._fit(tokens + 1, draft, skips)

    def _task(self, task: tasks.Task, draft: _Draft, apart: float) -> None:
        places = _Places(self._sizes)
        for page in task.pages:
            draft.starts.append(len(draft.ids))
            piece = tasks.page_piece(page)
            ids = self._encode(piece)
            places.add(piece, ids, len(draft.ids))
            draft.add(ids, TEXT_WEIGHT)
        documents = len(draft.ids)
        draft.starts.append(documents)
        views = [(q, self._view(q, places, documents) if self._rng.random() < apart else None) for q in task.quotes]
        if apart:  # what is rarer than made questions is asked of other stretches as well
            rarer = [q for q in task.quotes if q.kind in ("real", "fact") or q.near]
            more = [(q, view) for q in rarer * 2 if (view := self._view(q, places, documents)) is not None]
            views += more
            self._rng.shuffle(views)
        for i, (quote, _) in enumerate(v for v in views if v[1] is None):
            self._question(draft, quote, quote.answer, i > 0, i)
        for i, (quote, view) in enumerate(v for v in views if v[1] is not None):
            seen, answer = view
            begin = len(draft.ids)
            self._question(draft, quote, answer, self._rng.random() < 0.3, i)
            draft.apart.append(_Apart(begin, len(draft.ids), seen))

    def _question(self, draft: _Draft, quote: tasks.Quote, answer: str, follow_up: bool, number: int) -> None:
        draft.add(self._encode(tasks.question_piece(quote.question, follow_up)), 0.0)
        kind = "absent" if answer == tasks.NOT_THERE else quote.kind
        draft.add_answer([*self._encode(" " + answer), tokenizer.EOS], KINDS.index(kind) + 8 * (1 + number % 30))

    def _view(self, quote: tasks.Quote, places: _Places, documents: int) -> tuple[list[tuple[int, int]], str] | None:
        """Stretches for a question to see, and what it is to answer then; None where there is nothing to choose."""
        rng, pages = self._rng, (documents - SINKS) // PAGE
        if quote.kind == "summary" or pages <= STRETCH // PAGE:
            return None
        absent = quote.answer == tasks.NOT_THERE
        at = places.find(quote.near if absent else quote.answer)
        if at is None and not absent:
            return None
        around, elsewhere = [], []
        for page in range(pages - STRETCH // PAGE + 1):
            lo = SINKS + page * PAGE
            hi = documents if page == pages - STRETCH // PAGE else lo + STRETCH
            if at is not None and lo <= at[0] and at[1] <= hi:
                around.append((lo, hi))
            elif at is None or hi <= at[0] or at[1] <= lo:
                elsewhere.append((lo, hi))
        rivals = [p for p in map(places.find, quote.rivals) if p is not None]
        alone = [s for s in elsewhere if not any(s[0] < b and a < s[1] for a, b in rivals)]
        near = [s for s in alone if at is not None and min(abs(s[0] - at[1]), abs(at[0] - s[1])) < STRETCH]
        chosen = rng.random()
        if absent:
            there = (around or elsewhere) if chosen < 0.7 else (elsewhere or around)
            return ([rng.choice(there)], tasks.NOT_THERE) if there else None
        if not around:
            return None
        if chosen < 0.4 or not elsewhere:
            return ([rng.choice(around)], quote.answer)
        if chosen < 0.6:  # beside another one: an older date where there is one
            older = [s for s in elsewhere if s not in alone]
            return (sorted((rng.choice(around), rng.choice(older or elsewhere))), quote.answer)
        if not alone:
            return ([rng.choice(around)], quote.answer)
        seen = rng.choice(near if near and rng.random() < 0.5 else alone)
        return (sorted((seen, rng.choice(alone))) if chosen < 0.68 else [seen], tasks.NOT_THERE)

    def _fit(self, size: int, draft: _Draft, skips: float):
        """Cuts or pads to the length of the row and gives every token its position and sight."""
        ids, weights, marks = draft.ids, draft.weights, draft.marks
        pad = max(0, size - len(ids))
        positions = np.arange(size, dtype=np.uint32)
        if draft.starts and self._rng.random() < skips:
            spare = self._rng.randint(0, LONGEST_POSITION - size)
            gaps = np.zeros(size, dtype=np.uint32)
            inside = [s for s in draft.starts if s < size]
            for s, at in zip(inside, sorted(self._rng.randint(0, spare) for _ in inside), strict=True):
                gaps[s:] = at
            positions += gaps
        sight = np.zeros((5, size), dtype=np.int32)
        for part in draft.apart:
            if part.begin >= size:
                break
            end = min(part.end, size)
            sight[0, part.begin : end] = part.begin
            for i, (lo, hi) in enumerate(part.seen):
                sight[1 + 2 * i, part.begin : end], sight[2 + 2 * i, part.begin : end] = lo, hi
            behind = positions[part.seen[-1][1] - 1] + 1
            positions[part.begin : end] = behind + np.arange(end - part.begin, dtype=np.uint32)
        if len(ids) > size and marks[size - 1] == marks[size] != 0:
            last, cut = size - 1, marks[size]
            while marks[last] == cut:  # an answer that was cut off is no answer to be counted
                marks[last] = 0
                last -= 1
        return (
            np.array((ids + [tokenizer.EOS] * pad)[:size], dtype=np.uint16),
            positions,
            np.array((weights + [0.0] * pad)[:size], dtype=np.float16),
            sight,
            np.array((marks + [0] * pad)[:size], dtype=np.uint8),
        )


def _work(texts: list[str], records: list, model_file: Path, seed: int, stage, queue, stop) -> None:
    maker = RowMaker(texts, records, model_file, seed)
    while not stop.is_set():
        number = stage.value  # once: it may change while rows are made
        s = STAGES[number]
        rows = [maker.row(s.tokens, s.plain, s.skips, s.apart) for _ in range(max(1, min(16, 16384 // s.tokens)))]
        queue.put((number, *(np.stack([r[i] for r in rows]) for i in range(4))))


class RowFeed:
    """Batches of the current stage from ``workers`` processes."""

    def __init__(self, model_file: Path, seed: int, workers: int):
        context = mp.get_context("fork")  # the texts are loaded once and shared
        texts, records = corpus.load_text(False), corpus.load_qa(False)
        self._stage, self._stop = context.Value("i", 0), context.Event()
        self._queue = context.Queue(maxsize=workers * 6)
        self._parts: list[tuple[np.ndarray, ...]] = []
        self._processes = [
            context.Process(target=_work, daemon=True, args=(texts, records, model_file, seed * 1009 + i, self._stage,
                                                             self._queue, self._stop)) for i in range(workers)
        ]  # fmt: skip
        for p in self._processes:
            p.start()

    def batch(self, stage: int) -> tuple[np.ndarray, ...]:
        """(ids, positions, weights, sight) of one step of ``stage``; rows of another stage that still come are left out."""
        self._stage.value = stage
        self._parts = [p for p in self._parts if p[0] == stage]
        rows = sum(len(p[1]) for p in self._parts)
        while rows < STAGES[stage].batch:
            part = self._queue.get()
            if part[0] == stage:
                self._parts.append(part)
                rows += len(part[1])
        whole = [np.concatenate([p[i] for p in self._parts]) for i in (1, 2, 3, 4)]
        count = STAGES[stage].batch
        self._parts = [(stage, *(a[count:] for a in whole))]
        return tuple(a[:count] for a in whole)

    def close(self) -> None:
        """Ends the processes."""
        self._stop.set()
        for p in self._processes:
            p.terminate()

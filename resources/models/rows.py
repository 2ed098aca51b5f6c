# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns tasks into rows of token ids, positions and loss weights, made by processes while training goes on."""

from __future__ import annotations

import multiprocessing as mp
import random
from dataclasses import dataclass
from pathlib import Path

import corpus
import numpy as np
import tasks
import tokenizer

FIRST_ANSWER_TOKENS = 5
FIRST_WEIGHT, ANSWER_WEIGHT, TEXT_WEIGHT = 3.0, 1.0, 0.25
LONGEST_POSITION = 131_072
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


# The search for the sentence is learnt in short rows, after some 150 million tokens and all at once: "first" in the
# log rises from 0.86 to over 0.95. Longer rows before that teach copying and nothing else.
STAGES = (
    Stage(512, 384, 0.32, 0.05, 0.0, 0.0),
    Stage(2048, 96, 0.28, 0.03, 0.15, 0.2),
    Stage(8192, 24, 0.25, 0.02, 0.30, 0.2),
    Stage(32768, 6, 0.15, 0.00, 0.30, 0.2),
)


class RowMaker:
    """Fills rows of one stage; one instance per process."""

    def __init__(self, texts, records, model_file: Path, seed: int):
        import sentencepiece as spm

        self._encode = spm.SentencePieceProcessor(model_file=str(model_file)).encode
        self._rng = random.Random(seed)
        self._tasks = tasks.TaskMaker(texts, records, self._rng)

    def row(self, tokens: int, plain: float = 0.0, skips: float = 0.0, kinds: tuple[str, ...] = ()):
        """ids u16, positions u32, weights f16 and marks u8, each of ``tokens`` + 1 (the last one is only a target).
        A mark is 0 outside of answers, inside it is the index of the kind + 8 · (1 + number of the question % 30)."""
        ids, starts, weights, marks = [tokenizer.BOS], [], [0.0], [0]
        if self._rng.random() < plain:
            piece = self._encode(self._tasks.stretch(int(tokens * 5)))
            ids, weights, marks = ids + piece, weights + [TEXT_WEIGHT] * len(piece), marks + [0] * len(piece)
        else:
            self._task(self._tasks.make(tokens, kinds), ids, starts, weights, marks)
        return self._fit(tokens + 1, ids, starts, weights, marks, skips)

    def _task(self, task: tasks.Task, ids: list, starts: list, weights: list, marks: list) -> None:
        for page in task.pages:
            starts.append(len(ids))
            piece = self._encode(tasks.page_piece(page))
            ids += piece
            weights += [TEXT_WEIGHT] * len(piece)
        starts.append(len(ids))
        marks += [0] * (len(ids) - len(marks))
        for i, quote in enumerate(task.quotes):
            question = self._encode(tasks.question_piece(quote.question, i > 0))
            answer = [*self._encode(" " + quote.answer), tokenizer.EOS]
            ids += question + answer
            n = min(FIRST_ANSWER_TOKENS, len(answer))
            weights += [0.0] * len(question) + [FIRST_WEIGHT] * n + [ANSWER_WEIGHT] * (len(answer) - n)
            marks += [0] * len(question) + [KINDS.index(quote.kind) + 8 * (1 + i % 30)] * len(answer)

    def _fit(self, size: int, ids: list, starts: list, weights: list, marks: list, skips: float):
        """Cuts or pads to the length of the row and gives every token its position."""
        pad = max(0, size - len(ids))
        positions = np.arange(size, dtype=np.uint32)
        if starts and self._rng.random() < skips:
            spare = self._rng.randint(0, LONGEST_POSITION - size)
            gaps = np.zeros(size, dtype=np.uint32)
            inside = [s for s in starts if s < size]
            for s, at in zip(inside, sorted(self._rng.randint(0, spare) for _ in inside), strict=True):
                gaps[s:] = at
            positions += gaps
        if len(ids) > size and marks[size - 1] == marks[size] != 0:
            last, cut = size - 1, marks[size]
            while marks[last] == cut:  # an answer that was cut off is no answer to be counted
                marks[last] = 0
                last -= 1
        return (
            np.array((ids + [tokenizer.EOS] * pad)[:size], dtype=np.uint16),
            positions,
            np.array((weights + [0.0] * pad)[:size], dtype=np.float16),
            np.array((marks + [0] * pad)[:size], dtype=np.uint8),
        )


def _work(texts: list[str], records: list, model_file: Path, seed: int, stage, queue, stop) -> None:
    maker = RowMaker(texts, records, model_file, seed)
    while not stop.is_set():
        number = stage.value  # once: it may change while rows are made
        s = STAGES[number]
        rows = [maker.row(s.tokens, s.plain, s.skips) for _ in range(max(1, min(16, 16384 // s.tokens)))]
        queue.put((number, *(np.stack([r[i] for r in rows]) for i in range(3))))


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
        """(ids, positions, weights) of one step of ``stage``; rows of another stage that still come are left out."""
        self._stage.value = stage
        self._parts = [p for p in self._parts if p[0] == stage]
        rows = sum(len(p[1]) for p in self._parts)
        while rows < STAGES[stage].batch:
            part = self._queue.get()
            if part[0] == stage:
                self._parts.append(part)
                rows += len(part[1])
        whole = [np.concatenate([p[i] for p in self._parts]) for i in (1, 2, 3)]
        count = STAGES[stage].batch
        self._parts = [(stage, *(a[count:] for a in whole))]
        return tuple(a[:count] for a in whole)

    def close(self) -> None:
        """Ends the processes."""
        self._stop.set()
        for p in self._processes:
            p.terminate()

# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns tasks into rows of token ids, positions and loss weights."""

from __future__ import annotations

import random
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path

import corpus
import numpy as np
import tasks
import tokenizer

FIRST_ANSWER_TOKENS = 4
FIRST_WEIGHT, ANSWER_WEIGHT, END_WEIGHT, TEXT_WEIGHT = 3.0, 1.0, 1.5, 0.3
TEXT_SAMPLE = 0.25
LONGEST_POSITION = 8192


@dataclass(frozen=True)
class Stage:
    """One part of the curriculum: rows of ``tokens`` tokens for ``share`` of the time."""

    tokens: int
    batch: int
    share: float
    copy: float  # share of rows that only repeat tokens
    plain: float  # share of rows of plain text
    real: float  # share of rows with a real question
    skips: float  # share of rows with gaps in their positions


STAGES = (
    Stage(256, 16, 0.42, 0.08, 0.03, 0.15, 0.1),
    Stage(512, 10, 0.32, 0.03, 0.04, 0.20, 0.4),
    Stage(1024, 6, 0.18, 0.02, 0.04, 0.20, 0.5),
    Stage(2048, 4, 0.08, 0.00, 0.04, 0.15, 0.5),
)


class RowMaker:
    """Fills rows of one stage; one instance per process."""

    def __init__(self, texts, records, model_file: Path, seed: int):
        import sentencepiece as spm

        self._encode = spm.SentencePieceProcessor(model_file=str(model_file)).encode
        self._rng = random.Random(seed)
        self._tasks = tasks.TaskMaker(texts, records, self._rng)

    def seed(self, seed: int) -> None:
        """Starts the stream of rows that belongs to ``seed``."""
        self._rng.seed(seed)

    def row(self, stage: Stage) -> tuple[list[int], list[int], list[float]]:
        """ids, positions and weights, each of ``stage.tokens`` + 1 (the last one is only a target)."""
        rng, kind = self._rng, self._rng.random()
        ids, starts, weights = [tokenizer.BOS], [], [0.0]
        if kind < stage.copy:
            self._copy(stage, ids, weights)
        elif kind < stage.copy + stage.plain:
            text = self._tasks.stretch(int(stage.tokens * 3.6))
            self._text(text, ids, weights, 1.0)
        else:
            make = self._tasks.real_question if rng.random() < stage.real else self._tasks.quoting
            self._task(make(stage.tokens, rng.uniform(0.35, 0.75)), ids, starts, weights)
        return self._fit(stage, ids, starts, weights)

    def _text(self, text: str, ids: list, weights: list, weight: float) -> None:
        piece = self._encode(text)
        ids += piece
        weights += [weight if self._rng.random() < TEXT_SAMPLE else 0.0 for _ in piece]

    def _copy(self, stage: Stage, ids: list, weights: list) -> None:
        """Random tokens or a stretch of text, then the same again: what makes copying heads."""
        rng, half = self._rng, stage.tokens // 2
        if rng.random() < 0.5:
            period = rng.randint(8, half)
            once = [rng.randrange(259, tokenizer.VOCABULARY) for _ in range(period)]
        else:
            once = self._encode(self._tasks.stretch(half * 3))[: rng.randint(16, half)]
        period = max(1, len(once))
        while len(ids) < stage.tokens + 1:
            first = len(ids) == 1
            ids += once
            weights += [0.0 if first else ANSWER_WEIGHT] * period

    def _task(self, task: tasks.Task, ids: list, starts: list, weights: list) -> None:
        for page in task.pages:
            starts.append(len(ids))
            self._text(tasks.page_piece(page), ids, weights, TEXT_WEIGHT)
        starts.append(len(ids))
        for i, quote in enumerate(task.quotes):
            question = self._encode(tasks.question_piece(quote.question, i > 0))
            answer = self._encode(" " + quote.answer)
            ids += [*question, *answer, tokenizer.EOS]
            n = min(FIRST_ANSWER_TOKENS, len(answer))
            weights += [0.0] * len(question) + [FIRST_WEIGHT] * n
            weights += [ANSWER_WEIGHT] * (len(answer) - n) + [END_WEIGHT]

    def _fit(self, stage: Stage, ids: list, starts: list, weights: list):
        """Cuts or pads to the length of the row and gives every token its position."""
        size = stage.tokens + 1
        pad = max(0, size - len(ids))
        positions = list(range(size))
        if starts and self._rng.random() < stage.skips:
            spare = self._rng.randint(0, LONGEST_POSITION - size)
            cuts = sorted(self._rng.sample(range(spare + 1), min(len(starts), spare + 1)))
            gap, gaps = 0, dict(zip(starts, cuts, strict=False))
            for i in range(size):
                gap = gaps.get(i, gap)
                positions[i] += gap
        return (ids + [tokenizer.EOS] * pad)[:size], positions, (weights + [0.0] * pad)[:size]


_maker: RowMaker | None = None


def _start(model_file: Path) -> None:
    global _maker
    _maker = RowMaker(corpus.load_text(False), corpus.load_qa(False), model_file, 0)


def _chunk(job: tuple[Stage, int, int]) -> tuple[np.ndarray, ...]:
    stage, count, seed = job
    _maker.seed(seed)  # by chunk, so that the rows do not depend on which process made them
    made = [_maker.row(stage) for _ in range(count)]
    kinds = (np.uint16, np.uint16, np.float16)
    return tuple(np.array([r[i] for r in made], dtype=k) for i, k in enumerate(kinds))


def build(model_file: Path, seed: int, rows_per_stage: list[int]) -> list[tuple[np.ndarray, ...]]:
    """(ids, positions, weights) of every stage, each [rows, tokens + 1]; the same for a seed."""
    with Pool(2, _start, (model_file,)) as pool:
        stages = []
        for n, (stage, count) in enumerate(zip(STAGES, rows_per_stage, strict=True)):
            jobs = [(stage, 250, seed * 1_000_003 + n * 10_007 + i) for i in range(count // 250 + 1)]
            parts = pool.map(_chunk, jobs, chunksize=1)
            stages.append(tuple(np.concatenate([p[i] for p in parts]) for i in range(3)))
        return stages

# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes text to calibrate the built-in model's cache on: what it reads in use, documents with questions and answers.

    python resources/models/calibration_text.py > tasks.txt
    lectern-cli calibrate --text tasks.txt

The search for an answer is the work of layers that plain text leaves idle: their gradients are seen only where
questions are answered.
"""

from __future__ import annotations

import argparse
import random

import corpus
import tasks


def main() -> None:
    """Prints tasks in the format of the prompt, one after another."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", type=int, default=48)
    parser.add_argument("--tokens", type=int, default=1000, help="of each")
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--held-out", action="store_true", help="from the documents that are not trained on, to measure")
    args = parser.parse_args()
    maker = tasks.TaskMaker(corpus.load_text(args.held_out), corpus.load_qa(args.held_out), random.Random(args.seed))
    for _ in range(args.tasks):
        task = maker.make(args.tokens)
        text = "".join(map(tasks.page_piece, task.pages))
        for i, quote in enumerate(task.quotes):
            text += tasks.question_piece(quote.question, i > 0) + " " + quote.answer
        print(text, end="\n\n")


if __name__ == "__main__":
    main()

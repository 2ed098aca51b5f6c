# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures a GGUF of the built-in model with a PyTorch reference of it, on held-out documents.

    python resources/models/evaluate.py resources/models/lectern-mini.gguf

Prints one JSON object: perplexity of held-out text, and for generated tasks and real questions the
share of answers that are the sentence word for word (``exact``) and that contain it or, for real
questions, the short answer (``contains``), by tokens of context. Also the sample document, whose text
is in no training data. Decoding is greedy, in f32, from the weights as the file stores them.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
from pathlib import Path

import corpus
import gguf
import tasks
import tokenizer
import torch
import torch.nn.functional as F
from model import MiniLlama, rope_angles

HERE = Path(__file__).resolve().parent
CONTEXTS = (256, 512, 1024, 2048)
LONGEST_ANSWER = 120


class Reader:
    """The model of one GGUF file, with its tokenizer, answering prompts greedily."""

    def __init__(self, path: Path):
        config, vocab, tensors, self.meta = gguf.read(path)
        self.model = MiniLlama(config).eval()
        self.model.load_gguf_tensors(tensors)
        self.tokenizer = tokenizer.GgufTokenizer(vocab)

    @torch.no_grad()
    def logits(self, ids: list[int], cache: list, offset: int, last_only: bool = True) -> torch.Tensor:
        """Scores after ``ids``, which stand at ``offset`` in the context that ``cache`` holds."""
        positions = torch.arange(offset, offset + len(ids))[None]
        hidden = self.model(torch.tensor([ids]), *rope_angles(self.model.config, positions), cache)[0]
        return self.model.logits(hidden[-1:] if last_only else hidden)

    def answer(self, prompt: str) -> tuple[str, int]:
        """The answer to a prompt, and the prompt's length in tokens."""
        ids = [tokenizer.BOS, *self.tokenizer.encode(prompt)]
        cache: list = []
        scores, out = self.logits(ids, cache, 0), []
        while len(out) < LONGEST_ANSWER:
            token = int(scores[-1].argmax())
            if token == tokenizer.EOS:
                break
            out.append(token)
            scores = self.logits([token], cache, len(ids) + len(out) - 1)
        return self.tokenizer.decode(out).strip(), len(ids)


def perplexity(reader: Reader, tokens: int) -> dict:
    """Perplexity on held-out text in windows of the trained context, by token and by byte."""
    window, loss, count, size = reader.model.config.context, 0.0, 0, 0
    for text in corpus.load_text(held_out=True):
        ids = [tokenizer.BOS, *reader.tokenizer.encode(text[:8000])][:window]
        if len(ids) < 64:
            continue
        scores = reader.logits(ids, [], 0, last_only=False)
        loss += F.cross_entropy(scores[:-1], torch.tensor(ids[1:]), reduction="sum").item()
        count += len(ids) - 1
        size += len(reader.tokenizer.decode(ids).encode())
        if count >= tokens:
            break
    return {
        "tokens": count,
        "perplexity": round(math.exp(loss / count), 2),
        "bits_per_byte": round(loss / math.log(2) / size, 3),
    }


def prompt_of(task: tasks.Task) -> str:
    """The pages and the first question."""
    pages = "".join(tasks.page_piece(p) for p in task.pages)
    return pages + tasks.question_piece(task.quotes[0].question, follow_up=False)


def quoting(reader: Reader, context: int, count: int, real: bool) -> dict:
    """Rates over ``count`` held-out tasks whose prompt is close to ``context`` tokens and within it."""
    rng = random.Random(context + real)
    maker = tasks.TaskMaker(corpus.load_text(True), corpus.load_qa(True), rng)
    exact = contains = done = total = 0
    while done < count:
        task = maker.real_question(context, 0.80) if real else maker.quoting(context, 0.80)
        if real:
            task.quotes = [q for q in task.quotes if q.real]
        if not task.quotes:
            continue
        quote = task.quotes[0]
        said, used = reader.answer(prompt_of(task))
        wanted = " ".join(quote.answer.split())
        said = " ".join(said.split())
        exact += said == wanted
        contains += (quote.short or wanted) in said
        done, total = done + 1, total + used
    return {
        "context": context,
        "tasks": done,
        "mean_prompt_tokens": round(total / done),
        "exact": round(exact / done, 3),
        "contains": round(contains / done, 3),
    }


def sample_pages() -> list[tasks.Page]:
    """The sections of the sample report, one a page as in its PDF, without marks and without contents."""
    source = (HERE.parent / "samples" / "sample.md").read_text(encoding="utf-8")
    sections = source.replace("*", "").split("\n---\n")[1:]
    return [
        tasks.Page(n, re.sub(r"\n{2,}", "\n", re.sub(r"(?m)^#+ ", "", text)).strip())
        for n, text in enumerate(sections, start=1)
    ]


def sample_document(reader: Reader) -> dict:
    """Answers on the sample report, with the page of the answer as context and with all pages."""
    asked = json.loads((HERE.parent / "samples" / "questions.json").read_text(encoding="utf-8"))
    result: dict = {"questions": len(asked["questions"])}
    for context in ("page", "whole"):
        right, longest = 0, 0
        for q in asked["questions"]:
            pages = [p for p in sample_pages() if context == "whole" or p.number == q["section"]]
            pages[0].opens = asked["document"]
            said, used = reader.answer(prompt_of(tasks.Task(pages, [tasks.Quote(q["question"], q["sentence"])])))
            right += " ".join(q["sentence"].split()) in " ".join(said.split())
            longest = max(longest, used)
        result[context] = {"longest_prompt_tokens": longest, "contains": round(right / len(asked["questions"]), 3)}
    return result


def main() -> None:
    """Prints all figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("gguf", type=Path, nargs="?", default=HERE / "lectern-mini.gguf")
    parser.add_argument("--tasks", type=int, default=200, help="tasks for each length of context")
    parser.add_argument("--text-tokens", type=int, default=100_000)
    args = parser.parse_args()
    reader = Reader(args.gguf)
    report = {
        "file": args.gguf.name,
        "bytes": args.gguf.stat().st_size,
        "held_out_text": perplexity(reader, args.text_tokens),
        "generated": [quoting(reader, c, args.tasks, real=False) for c in CONTEXTS],
        "real": [quoting(reader, c, args.tasks, real=True) for c in CONTEXTS[1:3]],
        "sample": sample_document(reader),
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()

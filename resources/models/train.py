# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains lectern-reader from scratch and writes its GGUF.

    python resources/models/train.py --minutes 15                       # on a GPU
    python resources/models/train.py --minutes 180 --device cpu         # the same on a CPU, further from done

Steps: tokenizer, training under a time budget, figures on held-out documents, export. A run may be
cut in pieces (``--pause-after``); the next one goes on from the checkpoint in the work folder. Rows
depend on the seed; how many of them are used depends on the speed of the machine.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

import corpus
import gguf
import numpy as np
import rows
import tasks
import tokenizer
import torch
import torch.nn.functional as F
from model import Config, Reader, block_sight, dense_sight, layer, rope_angles
from muon import Muon

HERE = Path(__file__).resolve().parent
MATRIX_RATE, VECTOR_RATE, WARM_UP_STEPS, LAST_RATE = 0.02, 3e-3, 80, 0.03
MOST_NOISE = 0.3  # standard deviations; 2 bits of a Gaussian lose 0.34, 3 bits 0.19, 4 bits 0.10
TOKENIZER_CHARS = 24_000_000
EVALUATED = ((2048, 1.0), *((n, 0.0) for n in (1024, 4096, 8192, 16384, 32768, 65536, 131072)))


@dataclass
class Progress:
    """What has been done so far; kept in the checkpoint."""

    steps: int = 0
    tokens: int = 0
    seconds: float = 0.0


def train_tokenizer(model_file: Path, seed: int) -> None:
    """Trains on paragraphs of documents in a seeded order, and on the words of the prompt."""
    texts, paragraphs, size = corpus.load_text(False), [], 0
    random.Random(seed).shuffle(texts)
    for text in texts:
        for paragraph in text[:60_000].split("\n"):
            if paragraph.strip():
                paragraphs.append(paragraph[:8000])
                size += len(paragraph)
        if size > TOKENIZER_CHARS:
            break
    prompt = ["# Document: report.pdf", "[page 1]", "Question: What is it?", "Answer: It is.",
              f"Answer: {tasks.NOT_THERE}"]  # fmt: skip
    tokenizer.train(paragraphs + prompt * 3000, model_file)


def head_loss(hidden, embedding, target, weight):
    """Weighted mean of the cross entropy, and with it whether each target came first."""
    logits = F.linear(hidden, embedding.to(hidden.dtype)).float()
    losses = F.cross_entropy(logits, target, reduction="none")
    return (losses * weight).sum() / weight.sum(), losses.detach(), logits.detach().argmax(-1) == target


class Trainer:
    """Owns the model, its optimizers and the clock."""

    def __init__(self, args: argparse.Namespace):
        torch.manual_seed(args.seed)
        self._args, self._device, self.progress = args, torch.device(args.device), Progress()
        on_gpu = self._device.type == "cuda"
        self.model = Reader(Config(), torch.bfloat16 if on_gpu else torch.float32).to(self._device)
        self._waited = 0.0  # seconds for rows
        self._layer = torch.compile(layer, dynamic=False) if on_gpu else layer
        self._loss = torch.compile(head_loss, dynamic=False) if on_gpu else head_loss
        positions = torch.arange(rows.LONGEST_POSITION, device=self._device)
        self._cos, self._sin = rope_angles(self.model.config, positions)
        named = list(self.model.weights.items())
        matrices = [p for k, p in named if p.ndim == 2 and k != "token_embd"]
        vectors = [p for k, p in named if p.ndim == 1 or k == "token_embd"]
        self._optimizers = [
            Muon(matrices, lr=MATRIX_RATE, weight_decay=0.02, dtype=self.model.dtype),
            torch.optim.AdamW(vectors, lr=VECTOR_RATE, betas=(0.9, 0.95), weight_decay=0.0),
        ]
        if (checkpoint := args.work / "checkpoint.pt").exists() and not args.fresh:
            self._load(torch.load(checkpoint, map_location=self._device))
        elif args.start_from:
            self.model.load_gguf_tensors(gguf.read(args.start_from)[2])

    def _load(self, saved: dict) -> None:
        self.model.load_state_dict(saved["model"])
        for optimizer, state in zip(self._optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        self.progress = Progress(**saved["progress"])

    def save(self) -> None:
        """Writes the checkpoint that the next run goes on from."""
        state = {"model": self.model.state_dict(), "optimizers": [o.state_dict() for o in self._optimizers],
                 "progress": asdict(self.progress)}  # fmt: skip
        torch.save(state, self._args.work / "checkpoint.partial")
        (self._args.work / "checkpoint.partial").replace(self._args.work / "checkpoint.pt")

    def run(self, feed: rows.RowFeed) -> None:
        """Trains until the budget is used or the pause is reached."""
        budget, before = self._args.minutes * 60, self.progress.seconds
        pause = self._args.pause_after or math.inf
        started, ends, last = time.time(), [], None
        exported = started
        while self.progress.seconds < budget and time.time() - started < pause:
            part = self.progress.seconds / budget
            stage = self._stage_at(part)
            self._set_rate(part)
            asked = time.time()
            batch = [torch.from_numpy(a) for a in feed.batch(stage)]
            self._waited += time.time() - asked
            if last is not None and stage != last:
                print(json.dumps({"stage": rows.STAGES[stage].tokens}), flush=True)
            report, last = self._step(batch, rows.STAGES[stage]), stage
            if self._device.type == "cuda":  # at most two steps ahead of the device, so that the clock is right
                ends.append(torch.cuda.Event())
                ends[-1].record()
                if len(ends) > 2:
                    ends.pop(0).synchronize()
            self.progress.steps += 1
            self.progress.tokens += batch[0].shape[0] * (batch[0].shape[1] - 1)
            self.progress.seconds = before + time.time() - started
            if time.time() - exported > self._args.export_every:
                self.export(self._args.out, self._args.type)
                exported = time.time()
            if self.progress.steps % self._args.log_every == 0:
                self._log(rows.STAGES[stage], report)

    def _stage_at(self, part: float) -> int:
        end, shares = 0.0, self._args.shares or [s.share for s in rows.STAGES]
        for i, share in enumerate(shares):
            end += share
            if part < end:
                return i
        return max(i for i, share in enumerate(shares) if share > 0)

    def _set_rate(self, part: float) -> None:
        first = self._args.decay_from
        decay = 1.0 if part < first else 1 - (1 - LAST_RATE) * (part - first) / (1 - first)
        factor = min(1.0, (self.progress.steps + 1) / WARM_UP_STEPS) * decay * self._args.rate
        for optimizer, rate in zip(self._optimizers, (MATRIX_RATE, VECTOR_RATE), strict=True):
            for group in optimizer.param_groups:
                group["lr"] = rate * factor

    def _noise(self, stage: rows.Stage, count: int) -> torch.Tensor:
        """How much the keys and values of each row are disturbed: not at all in most rows."""
        chosen = torch.rand(count, device=self._device) < stage.noise
        return torch.rand(count, device=self._device) * MOST_NOISE * chosen

    def _step(self, batch: list[torch.Tensor], stage: rows.Stage) -> tuple[torch.Tensor, ...]:
        ids, positions = (t.to(self._device, torch.int64) for t in batch[:2])
        weights = batch[2].to(self._device, torch.float32)
        places = positions[:, :-1]
        sight = None
        if stage.apart > 0:
            sight = batch[3][:, :, :-1].to(self._device).contiguous()
            sight = block_sight(sight) if self._device.type == "cuda" else dense_sight(sight)
        hidden = self.model(ids[:, :-1].contiguous(), self._cos[places], self._sin[places], self._layer,
                            self._noise(stage, len(ids)), sight)  # fmt: skip
        weight = weights[:, 1:].flatten()
        loss, losses, right = self._loss(hidden.flatten(0, 1), self.model.weights["token_embd"], ids[:, 1:].flatten(), weight)
        loss.backward()
        for optimizer in self._optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return losses, right, weight

    def _log(self, stage: rows.Stage, report: tuple[torch.Tensor, ...]) -> None:
        losses, right, weight = report

        def mean(values: torch.Tensor, of: float) -> float:
            mask = weight == of
            return round(values[mask].float().mean().item(), 3) if mask.any() else -1.0

        p = self.progress
        line = {
            "step": p.steps, "seconds": round(p.seconds), "row": stage.tokens, "mtokens": round(p.tokens / 1e6, 1),
            "text_loss": mean(losses, rows.TEXT_WEIGHT), "first": mean(right, rows.FIRST_WEIGHT),
            "rest": mean(right, rows.ANSWER_WEIGHT), "waited": round(self._waited, 1),
        }  # fmt: skip
        print(json.dumps(line), flush=True)

    @torch.no_grad()
    def evaluate(self, maker: rows.RowMaker, tokens: int, count: int, apart: float = 0.0) -> dict:
        """Share of answers of held-out tasks that greedy decoding would give word for word, by kind.

        Read off one pass over prompt and answers: greedy decoding gives the answer exactly where every
        token of it comes first after those before it.
        """
        right: dict[str, list[bool]] = defaultdict(list)
        for _ in range(count):
            row = maker.row(tokens, apart=apart)
            ids, positions, _, sight, marks = (torch.from_numpy(a.astype(np.int64)).to(self._device) for a in row)
            at = marks[1:].nonzero()[:, 0]
            if not len(at):
                continue
            mask = dense_sight(sight[None, :, :-1]) if apart else None
            places = positions[None, :-1]
            hidden = self.model(ids[None, :-1], self._cos[places], self._sin[places], sight=mask)[0, at]
            said = F.linear(hidden, self.model.weights["token_embd"].to(hidden.dtype)).float().argmax(-1)
            good, mark = (said == ids[1:][at]).tolist(), marks[1:][at].tolist()
            for i in range(len(at)):
                if i == 0 or mark[i] != mark[i - 1]:
                    kind = rows.KINDS[mark[i] % 8]
                    right[kind].append(True)
                right[kind][-1] &= good[i]
        result = {k: [round(sum(v) / len(v), 3), len(v)] for k, v in sorted(right.items())}
        return {"tokens": tokens, "apart": apart, **result}

    def figures(self) -> list[dict]:
        """``evaluate`` at every length that the device has memory for."""
        maker = rows.RowMaker(corpus.load_text(True), corpus.load_qa(True), self._args.work / "tokenizer.model", 7)
        made = []
        for tokens, apart in EVALUATED:
            made.append(self.evaluate(maker, tokens, max(4, min(100, self._args.evaluate * 1024 // tokens)), apart))
            print(json.dumps(made[-1]), flush=True)
        return made

    def export(self, path: Path, kind: str) -> None:
        """Writes the model as it is now."""
        vocab = load_vocabulary(self._args.work / "tokenizer.model")
        tensors = {k: t.float().cpu() for k, t in self.model.gguf_tensors().items()}
        gguf.write(path, self.model.config, vocab, tensors, kind)


def load_vocabulary(model_file: Path) -> tokenizer.Vocabulary:
    """The GGUF arrays of the trained tokenizer."""
    import sentencepiece as spm

    return tokenizer.vocabulary(spm.SentencePieceProcessor(model_file=str(model_file)))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=15.0, help="budget of the whole training")
    parser.add_argument("--pause-after", type=float, help="seconds after which this run saves and ends")
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 2), help="processes that make rows")
    parser.add_argument("--rate", type=float, default=1.0, help="factor on the learning rates")
    parser.add_argument("--decay-from", type=float, default=0.4, help="share of the time after which the rates fall")
    parser.add_argument("--shares", type=float, nargs=len(rows.STAGES), help="of the time for each length of rows, summing to 1")
    parser.add_argument("--export-every", type=float, default=300, help="seconds after which the model as it is is written too")
    parser.add_argument("--log-every", type=int, default=25)
    parser.add_argument("--evaluate", type=int, default=1600, help="thousands of tokens of each length to evaluate on")
    parser.add_argument("--work", type=Path, default=HERE / "work", help="tokenizer and checkpoint")
    parser.add_argument("--start-from", type=Path, help="begin with the weights of this GGUF")
    parser.add_argument("--fresh", action="store_true", help="do not go on from a checkpoint")
    parser.add_argument("--out", type=Path, default=HERE / "lectern-reader.gguf")
    parser.add_argument("--type", choices=gguf.MATRIX_TYPES, default="q8_0", help="type of the matrices in the GGUF")
    return parser.parse_args()


def main() -> None:
    """All steps."""
    args = arguments()
    args.work.mkdir(parents=True, exist_ok=True)
    if not (args.work / "tokenizer.model").exists():
        train_tokenizer(args.work / "tokenizer.model", args.seed)
    feed = rows.RowFeed(args.work / "tokenizer.model", args.seed, args.workers)
    torch.set_float32_matmul_precision("high")
    trainer = Trainer(args)
    trainer.run(feed)
    feed.close()
    trainer.save()
    trainer.export(args.out, args.type)
    summary = {**asdict(trainer.progress), "seed": args.seed, "device": str(trainer._device), "figures": trainer.figures()}
    (args.work / "summary.json").write_text(json.dumps(summary, indent=1) + "\n")


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains lectern-mini from scratch on a CPU and writes its GGUF.

    python resources/models/train.py --minutes 28

Steps: tokenizer, rows of the curriculum, training under a time budget, export. The rows depend on
the seed alone; how many of them are used depends on the speed of the machine, so two runs agree
step by step but may stop at different ones. Figures: evaluate.py, afterwards.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import time
from dataclasses import dataclass
from pathlib import Path

import corpus
import gguf
import initial
import numpy as np
import rows
import tokenizer
import torch
import torch.distributed as dist
import torch.nn.functional as F
from model import Config, MiniLlama, rope_angles
from muon import Muon

HERE = Path(__file__).resolve().parent
MATRIX_RATE, VECTOR_RATE, WARM_UP_STEPS = 0.01, 4e-3, 60
TOKENIZER_CHARS = 24_000_000
EARLY_EXPORT_MINUTES = 5.0


@dataclass
class Progress:
    """What has been done so far; written beside the GGUF's checkpoints at the end."""

    steps: int = 0
    tokens: int = 0
    seconds: float = 0.0
    processor_seconds: float = 0.0


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
    prompt = ["# Document: report.pdf", "[page 1]", "Question: What is it?", "Answer: It is."]
    tokenizer.train(paragraphs + prompt * 3000, model_file)


def load_vocabulary(model_file: Path) -> tokenizer.Vocabulary:
    """The GGUF arrays of the trained tokenizer."""
    import sentencepiece as spm

    return tokenizer.vocabulary(spm.SentencePieceProcessor(model_file=str(model_file)))


def load_rows(args: argparse.Namespace) -> list[tuple[np.ndarray, ...]]:
    """Rows of every stage, made once for a seed, a budget and a speed, and kept in the work folder."""
    file = args.work / f"rows-{args.seed}-{args.minutes:g}-{args.tokens_per_second}.npz"
    if not file.exists():
        tokens = args.minutes * 60 * args.tokens_per_second
        counts = [math.ceil(tokens * s.share / s.tokens) for s in rows.STAGES]
        built = rows.build(args.work / "tokenizer.model", args.seed, counts)
        np.savez(file, **{f"{i}_{j}": a for i, s in enumerate(built) for j, a in enumerate(s)})
    data = np.load(file)
    return [tuple(data[f"{i}_{j}"] for j in range(3)) for i in range(len(rows.STAGES))]


class Trainer:
    """Owns the model, its optimizers and the clock."""

    def __init__(self, args: argparse.Namespace, vocab: tokenizer.Vocabulary):
        torch.manual_seed(args.seed)
        torch.set_num_threads(1)
        self._rank, self._world = dist.get_rank(), dist.get_world_size()
        self._args, self._vocab, self.progress = args, vocab, Progress()
        dtype = torch.float32 if args.f32 else torch.bfloat16
        self.model = MiniLlama(Config()).compute_in(dtype)
        initial.initialise(self.model)
        if args.start_from:
            self.model.load_gguf_tensors(gguf.read(args.start_from)[2])
        self._forward = self.model if not args.compile else torch.compile(self.model, dynamic=False)
        named = list(self.model.weights.items())
        matrices = [p for k, p in named if p.ndim == 2 and k != "token_embd"]
        vectors = [p for k, p in named if p.ndim == 1 or k == "token_embd"]
        self._optimizers = [
            Muon(matrices, lr=MATRIX_RATE, dtype=dtype),
            torch.optim.AdamW(vectors, lr=VECTOR_RATE, betas=(0.9, 0.95), weight_decay=0.0),
        ]
        self._full_rates = (MATRIX_RATE * args.rate, VECTOR_RATE * args.rate)
        self._early_done = args.early is None

    def run(self, stages: list[tuple[np.ndarray, ...]]) -> None:
        """Trains for the budget: each stage has its share of it, one cosine over all."""
        self._started, self._processor = time.time(), time.process_time()
        part = end_of_stage = 0.0
        first = self._args.first_stage
        whole = sum(s.share for s in rows.STAGES[first:])
        for stage, arrays in zip(rows.STAGES[first:], stages[first:], strict=True):
            end_of_stage += stage.share / whole
            batch_of, seen = arrays[0].shape[0] // stage.batch, 0
            while part < end_of_stage:
                at = seen % batch_of * stage.batch + self._rank
                self._set_rate(part)
                mine = [torch.from_numpy(a[at : at + stage.batch - self._rank : self._world]) for a in arrays]
                report, part = self._step(mine)
                seen += 1
                self._note(stage, seen / batch_of, report)
            if self._rank == 0:
                torch.save(self.model.state_dict(), self._args.work / f"stage-{stage.tokens}.pt")

    def _note(self, stage: rows.Stage, used: float, report: tuple[torch.Tensor, ...]) -> None:
        done = self.progress
        done.steps += 1
        done.tokens += stage.tokens * stage.batch
        done.seconds = time.time() - self._started
        done.processor_seconds = (time.process_time() - self._processor) * self._world
        if self._rank == 0 and done.steps % 25 == 0:
            self._log(stage, used, report)
        if self._rank == 0 and not self._early_done and done.seconds > EARLY_EXPORT_MINUTES * 60:
            self.export(self._args.early)
            self._early_done = True

    def _part_done(self) -> float:
        """Share of the budget that is used, by processor time or by the clock, whichever is further.

        On a shared machine the processor decides: the run waits its turn without losing its steps.
        """
        used = (time.process_time() - self._processor) / (60 * self._args.minutes)
        waited = (time.time() - self._started) / (60 * (self._args.wall_minutes or self._args.minutes))
        return max(used, waited)

    def export(self, path: Path) -> None:
        """Writes the model as it is now."""
        gguf.write(path, self.model.config, self._vocab, self.model.gguf_tensors())

    def _set_rate(self, part: float) -> None:
        factor = min(1.0, (self.progress.steps + 1) / WARM_UP_STEPS) * 0.5 * (1 + math.cos(math.pi * min(1.0, part)))
        for optimizer, rate in zip(self._optimizers, self._full_rates, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = max(rate * factor, rate * 0.01)

    def _step(self, batch: list[torch.Tensor]) -> tuple[tuple[torch.Tensor, ...], float]:
        ids, positions, weights = batch[0].long(), batch[1].long(), batch[2].float()
        cos, sin = rope_angles(self.model.config, positions[:, :-1])
        hidden = self._forward(ids[:, :-1], cos, sin).flatten(0, 1)
        weight, target = weights[:, 1:].flatten(), ids[:, 1:].flatten()
        chosen = weight.nonzero()[:, 0]  # no logits where nothing is learnt
        weight, target = weight[chosen], target[chosen]
        logits = self.model.logits(hidden[chosen])
        losses = F.cross_entropy(logits, target, reduction="none")
        ((losses * weight).sum() / weight.sum()).backward()
        part = self._share_gradients()
        for optimizer in self._optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        with torch.no_grad():
            return (losses.detach(), (logits.argmax(-1) == target).float(), weight), part

    def _share_gradients(self) -> float:
        """Averages the gradients over the workers, and with them the part of the budget that is used."""
        grads = [p.grad for p in self.model.parameters()]
        flat = torch.cat([g.flatten() for g in grads] + [torch.tensor([self._part_done()])])
        dist.all_reduce(flat)
        flat /= self._world
        for g, mean in zip(grads, flat[:-1].split([g.numel() for g in grads]), strict=True):
            g.copy_(mean.view_as(g))
        return flat[-1].item()

    def _log(self, stage: rows.Stage, used: float, report: tuple[torch.Tensor, ...]) -> None:
        losses, right, weight = report

        def mean(values: torch.Tensor, of: float) -> float:
            mask = (weight - of).abs() < 1e-3
            return round(values[mask].mean().item(), 3) if mask.any() else -1.0

        line = {
            "step": self.progress.steps, "seconds": round(self.progress.seconds), "row": stage.tokens,
            "tokens": self.progress.tokens, "used": round(used, 2), "text_loss": mean(losses, rows.TEXT_WEIGHT),
            "first": mean(right, rows.FIRST_WEIGHT), "rest": mean(right, rows.ANSWER_WEIGHT),
        }  # fmt: skip
        print(json.dumps(line), flush=True)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=28.0, help="budget of the loop, all threads busy")
    parser.add_argument("--wall-minutes", type=float, help="longest wait on a shared machine; default: as --minutes")
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--workers", type=int, default=2, help="processes of one thread each")
    parser.add_argument("--tokens-per-second", type=int, default=7000, help="how many rows to make")
    parser.add_argument("--work", type=Path, default=HERE / "work", help="tokenizer, rows, checkpoints")
    parser.add_argument("--out", type=Path, default=HERE / "lectern-mini.gguf")
    parser.add_argument("--start-from", type=Path, help="go on from the weights of this GGUF")
    parser.add_argument("--first-stage", type=int, default=0, help="leave out the stages before this one")
    parser.add_argument("--rate", type=float, default=1.0, help="factor on the learning rates")
    parser.add_argument("--early", type=Path, help="also export here after five minutes")
    parser.add_argument("--f32", action="store_true", help="where bfloat16 is not faster")
    parser.add_argument("--compile", action="store_true", help="torch.compile: pays on an idle machine")
    return parser.parse_args()


def work(rank: int, args: argparse.Namespace) -> None:
    """One worker process: the same model in each, every other row of a batch."""
    meeting = dist.FileStore(str(args.work / f"workers-{os.getppid()}"), args.workers)
    dist.init_process_group("gloo", store=meeting, rank=rank, world_size=args.workers)
    trainer = Trainer(args, load_vocabulary(args.work / "tokenizer.model"))
    trainer.run(load_rows(args))
    if rank == 0:
        trainer.export(args.out)
        summary = {**vars(trainer.progress), "seed": args.seed, "workers": args.workers}
        (args.work / "summary.json").write_text(json.dumps(summary) + "\n")
        print(json.dumps(summary))
    dist.destroy_process_group()


def main() -> None:
    """All steps."""
    args = arguments()
    args.work.mkdir(parents=True, exist_ok=True)
    if not (args.work / "tokenizer.model").exists():
        train_tokenizer(args.work / "tokenizer.model", args.seed)
    load_rows(args)
    torch.multiprocessing.spawn(work, (args,), nprocs=args.workers)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of tests/bench/README.md, measured again: what each cache setting costs, on three models and two texts.

  python3 tests/bench/accuracy.py --bin build/release/bin --own-text build/release/bin/own_text [--ablation] [--keep DIR]

Everything goes through lectern-cli (the cache and kernels that answer questions) and own_text (a model's own writing).
LECTERN_TEST_DATA names the folder of models and texts (default ../shared/data). Prints Markdown. Standard library only.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = "fp16,nuq4,nuq3,nuq2,nuq4-0%,nuq3-0%,nuq2-0%,int4,int3,q4"
OWN_TOKENS = {"calibration": (36000, 1), "test": (20000, 2)}  # of a model's own writing, and the seed
WIKITEXT_BYTES = 300_000


class Bench:
    def __init__(self, args):
        self.cli = Path(args.bin) / "lectern-cli"
        self.own_text = args.own_text or Path(args.bin) / "own_text"
        self.threads = str(args.threads)
        self.data = Path(os.environ.get("LECTERN_TEST_DATA", ROOT.parent / "shared" / "data"))
        self.folder = Path(args.keep or tempfile.mkdtemp(prefix="lectern-accuracy-"))
        self.folder.mkdir(parents=True, exist_ok=True)

    def run(self, *command):
        done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"{command[0]} {command[1]} ended with {done.returncode}.")
        return done.stdout

    def own(self, model, name, part):
        """A file with the model's own writing."""
        file = self.folder / f"{name}-{part}.txt"
        if not file.exists():
            self.run(self.own_text, model, file, *OWN_TOKENS[part])
        return file

    def wikitext(self, part):
        file = self.folder / f"wiki-{part}.txt"
        if not file.exists():
            source = "wiki.valid.raw" if part == "calibration" else "wiki.test.raw"
            file.write_bytes((self.data / "text" / "wikitext-2-raw" / source).read_bytes()[:WIKITEXT_BYTES])
        return file

    def calibrated(self, model, text):
        file = self.folder / f"{Path(text).stem}-{Path(model).stem}.kvq"
        if not file.exists():
            self.run(self.cli, "calibrate", "--model", model, "--text", text, "--out", file, "--threads", self.threads)
        return file

    def perplexity(self, model, text, calibration, context, chunks, window):
        command = [self.cli, "perplexity", "--text", text, "--kv", SETTINGS, "--ctx", context, "--chunks", chunks,
                   "--window", window, "--qnorm", "off", "--threads", self.threads, "--json"]
        if model:
            command += ["--model", model, "--calibration", calibration]
        return {row["kv"]: row for row in json.loads(self.run(*command))["settings"]}

    def ablation(self, model, test, calibration, bits):
        return json.loads(self.run(self.cli, "bench", "ablation", "--model", model, "--text", test,
                                   "--calibration-text", calibration, "--bits", bits, "--threads", self.threads,
                                   "--json"))["steps"]


def table(paper, product):
    """Rows of one model on one text: without the recent window as in the paper, and with it as the product runs."""
    print("| cache | bits | perplexity | change | log change | KL | same top token | "
          "with the window: change | log change | KL |")
    print("|" + " --- |" * 10)
    fp16 = paper["fp16"]["perplexity"]
    base = product["fp16"]["perplexity"]
    for name, row in paper.items():
        ppl, other = row["perplexity"], product[name]
        cells = [name, f"{row['bits_per_value']:.2f}", f"{ppl:,.4g}"]
        if name == "fp16":
            cells += [""] * 7
        else:
            cells += [f"{100 * (ppl / fp16 - 1):+.2f}%", f"{100 * (math.log(ppl) / math.log(fp16) - 1):+.2f}%",
                      f"{row['kl_mean']:.4f}", f"{100 * row['top1_agreement']:.1f}%"]
            changed = other["perplexity"]
            cells += [f"{100 * (changed / base - 1):+.2f}%",
                      f"{100 * (math.log(changed) / math.log(base) - 1):+.2f}%", f"{other['kl_mean']:.4f}"]
        print("| " + " | ".join(cells) + " |")
    print(flush=True)


def ablation_tables(bench, models):
    columns = {(name, bits): bench.ablation(model, bench.own(model, name, "test"),
                                            bench.own(model, name, "calibration"), bits)
               for name, model in models.items() for bits in (4, 3, 2)}
    print("| step | " + " | ".join(f"{name}, {bits} bits" for name, bits in columns) + " |")
    print("|" + " --- |" * (len(columns) + 1))
    for i, step in enumerate(next(iter(columns.values()))):
        cells = []
        for rows in columns.values():
            row = rows[i]
            first = f"{row['change_nats']:+.4f}" if i else f"{row['perplexity']:.2f}"
            cells.append(f"{first}; {row['kl_mean']:.4f}")
        print(f"| {step['step']} | " + " | ".join(cells) + " |")
    print(flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default=ROOT / "build" / "release" / "bin", help="folder of lectern-cli")
    parser.add_argument("--own-text", help="the own_text program (default: beside lectern-cli)")
    parser.add_argument("--ablation", action="store_true", help="the ablation too")
    parser.add_argument("--keep", help="folder for texts and calibrations, used again when they are there")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    bench = Bench(args)
    models = {"TinyStories-656K": bench.data / "models" / "TinyStories-656K",
              "stories260K": bench.data / "models" / "stories260K" / "stories260K.gguf"}
    for name, model in models.items():
        for kind, texts in (("own writing", [bench.own(model, name, p) for p in ("calibration", "test")]),
                            ("Wikitext-2", [bench.wikitext(p) for p in ("calibration", "test")])):
            kvq = bench.calibrated(model, texts[0])
            rows = [bench.perplexity(model, texts[1], kvq, 512, 60, window) for window in (0, 128)]
            print(f"### {name}, {kind}\n")
            table(*rows)
    print("### the built-in model, Wikitext-2\n")
    table(*[bench.perplexity(None, bench.wikitext("test"), None, 1024, 8, window) for window in (0, 128)])
    if args.ablation:
        print("### ablation\n")
        ablation_tables(bench, models)


if __name__ == "__main__":
    main()

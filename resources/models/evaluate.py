# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the built-in model as a user meets it: through lectern-cli, on documents that were not trained on.

    python resources/models/evaluate.py --cli build/release/bin/lectern-cli --lengths 1024,4096,8192 --kv fp16,nuq3

For each length and cache setting, generated tasks (tasks.py, held-out documents) are written as text files, read
into one session each, and every question is asked in a conversation of its own. One JSON object is printed: shares
of exact quotes, of answers that contain what was wanted, of right pages among those cited (first, any), by kind of
question and by depth; of recognised and of falsely claimed absence; seconds to the first token.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

import corpus
import tasks

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]


def plain(text: str) -> str:
    """Text with every run of white space as one space."""
    return " ".join(text.split())


class Product:
    """lectern-cli with one model and one cache setting, in a folder of its own."""

    def __init__(self, args: argparse.Namespace, kv: str, folder: Path):
        self._cli, self._folder = str(args.cli), folder
        self._model = ["--model", str(args.model)] if args.model else []
        self._kv, self._threads = kv, ["--threads", str(args.threads)] if args.threads else []

    def _run(self, *words: str) -> list[dict]:
        done = subprocess.run([self._cli, *words, "--json"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(words)}: status {done.returncode}\n{done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]

    def read(self, task: tasks.Task, name: str) -> str:
        """Writes the documents of a task and reads them into a new session."""
        files: list[Path] = []
        for page in task.pages:
            if page.opens:
                files.append(self._folder / f"{name}-{len(files)}.txt")
                files[-1].write_text(page.text, encoding="utf-8")
            else:
                with files[-1].open("a", encoding="utf-8") as out:
                    out.write("\f" + page.text)
        session = str(self._folder / f"{name}.lectern")
        self.ingest(session, files)
        return session

    def ingest(self, session: str, files: list[Path]) -> None:
        """Reads files into a new session."""
        self._run("ingest", session, *map(str, files), "--kv", self._kv, *self._model, *self._threads)

    def ask(self, session: str, question: str, branch: str) -> dict:
        """The answer object to a question in a conversation of its own."""
        lines = self._run("ask", session, question, "--branch", branch, "--max-tokens", "160", *self._model, *self._threads)
        return next(line for line in lines if line["event"] == "answer")


def place_of(task: tasks.Task, answer: str) -> tuple[int, int, int] | None:
    """Index in ``task.pages``, document and page of it (all from 0) that the answer stands on first."""
    document = number = -1
    for i, page in enumerate(task.pages):
        document, number = (document + 1, 0) if page.opens else (document, number + 1)
        if answer in plain(page.text):
            return i, document, number
    return None


def ask_all(product: Product, task: tasks.Task, session: str, most: int, seen: dict) -> None:
    """Asks the questions of one task and notes what came."""
    for i, quote in enumerate(task.quotes[:most]):
        got = product.ask(session, quote.question, f"q{i}")
        said, wanted = plain(got["answer"]), plain(quote.answer)
        absent = plain(tasks.NOT_THERE) in said
        seen["seconds"].append(got["ledger"]["seconds_to_first_token"])
        if quote.kind == "absent":
            seen["absent"].append(absent)
            continue
        seen["false_absent"].append(absent)
        right = said == wanted
        seen[f"exact_{quote.kind}"].append(right)
        seen[f"contains_{quote.kind}"].append((plain(quote.short) or wanted) in said)
        place = place_of(task, wanted)
        if place is None:
            continue
        index, document, number = place
        seen[f"exact_depth_{4 * index // len(task.pages) + 1}_of_4"].append(right)
        if right:
            cited = [(int(c["document"].rsplit("-", 1)[1].split(".")[0]), c["page"] - 1) for c in got["citations"]]
            seen["first_citation_right"].append(cited[:1] == [(document, number)])
            seen["any_citation_right"].append((document, number) in cited)


def measure(args: argparse.Namespace, kv: str, tokens: int, texts: list[str], records: list[corpus.Record]) -> dict:
    """One row: a length and a setting, on tasks made from ``texts`` and ``records``."""
    seen: dict[str, list] = defaultdict(list)
    for n in range(args.tasks):
        maker = tasks.TaskMaker(texts, records, random.Random(1000 * tokens + n))  # the same for every setting
        kinds = tuple(args.kinds.split(",")) if args.kinds else ()
        task = maker.make(tokens, kinds)
        with tempfile.TemporaryDirectory() as folder:
            product = Product(args, kv, Path(folder))
            ask_all(product, task, product.read(task, "task"), args.questions, seen)
    row: dict = {"kv": kv, "tokens": tokens, "tasks": args.tasks}
    for key in sorted(seen):
        values = seen[key]
        if key == "seconds":
            row["seconds_to_first_token_median"] = round(sorted(values)[len(values) // 2], 3)
        else:
            row[key] = [round(sum(values) / len(values), 3), len(values)]
    return row


def sample(args: argparse.Namespace, kv: str) -> dict:
    """The questions of the sample document, whose text is in no training data."""
    asked = json.loads((HERE.parent / "samples" / "questions.json").read_text(encoding="utf-8"))
    right = cited = 0
    with tempfile.TemporaryDirectory() as folder:
        product, session = Product(args, kv, Path(folder)), str(Path(folder) / "sample.lectern")
        product.ingest(session, [HERE.parent / "samples" / asked["document"]])
        for i, q in enumerate(asked["questions"]):
            got = product.ask(session, q["question"], f"q{i}")
            good = plain(q["sentence"]) in plain(got["answer"])
            right += good
            cited += good and bool(got["citations"]) and got["citations"][0]["page"] == q["page"]
    return {"kv": kv, "questions": len(asked["questions"]), "right": right, "right_page_first": cited}


def main() -> None:
    """Prints all rows as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cli", type=Path, default=REPOSITORY / "build" / "release" / "bin" / "lectern-cli")
    parser.add_argument("--model", type=Path, help="default: the built-in model")
    parser.add_argument("--kv", default="fp16,nuq4,nuq3,nuq2")
    parser.add_argument("--lengths", default="1024,4096,8192")
    parser.add_argument("--tasks", type=int, default=4, help="documents sets of each length")
    parser.add_argument("--questions", type=int, default=25, help="questions on each, at most")
    parser.add_argument("--kinds", default="", help="fact, made, real, absent: only these, comma-separated")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--sample-only", action="store_true")
    args = parser.parse_args()
    settings = args.kv.split(",")
    report: dict = {"sample": [sample(args, kv) for kv in settings], "rows": []}
    if not args.sample_only:
        texts, records = corpus.load_text(True), corpus.load_qa(True)
        for tokens in map(int, args.lengths.split(",")):
            for kv in settings:
                report["rows"].append(measure(args, kv, tokens, texts, records))
                print(json.dumps(report["rows"][-1]), flush=True)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()

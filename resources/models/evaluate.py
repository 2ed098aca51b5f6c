# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the built-in model as a user meets it: through lectern-cli, on documents that were not trained on.

    python resources/models/evaluate.py --out answers.jsonl --lengths 1024,4096,8192 --kv fp16,nuq4,nuq3,nuq2
    python resources/models/evaluate.py --out answers.jsonl --table
    python resources/models/evaluate.py --summaries --kv nuq4

For each length and cache setting, generated tasks (tasks.py, held-out documents) are written as text files and read
into one session each; their questions are asked, each in a conversation of its own. Every answer is one line of JSON
in the file that ``--out`` names, and a run that is started again asks only what the file lacks. ``--table`` prints
the shares with the counts behind them, by kind of question and, for facts, by depth.

Two sets of tasks. *Needles*: plain text with planted facts (codes, pairs, tables, dates). *Mixed*: passages that real
questions belong to among other text, planted facts, questions made from sentences, and hard absences, where the
sentence that answers was taken out of its passage. Easy absences are questions of the next task, asked on this one.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import tempfile
import zlib
from collections import Counter, defaultdict
from pathlib import Path

import corpus
import tasks

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
SETS = {"needles": ("fact",), "mixed": ()}
EASY = "absent, easy"
HARD = "absent, hard"
LONGEST_PAGE = 2900  # characters; the product cuts longer pages of plain text


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

    def read(self, task: tasks.Task) -> str:
        """Writes the documents of a task and reads them into a new session."""
        files: list[Path] = []
        for page in task.pages:
            if page.opens:
                files.append(self._folder / f"task-{len(files)}.txt")
                files[-1].write_text(page.text, encoding="utf-8")
            else:
                with files[-1].open("a", encoding="utf-8") as out:
                    out.write("\f" + page.text)
        session = str(self._folder / "task.lectern")
        self.ingest(session, files)
        return session

    def ingest(self, session: str, files: list[Path]) -> None:
        """Reads files into a new session."""
        self._run("ingest", session, *map(str, files), "--kv", self._kv, *self._model, *self._threads)

    def summarize(self, session: str) -> str:
        """The short summary of all that a session has."""
        lines = self._run("summarize", session, "--length", "short", *self._model, *self._threads)
        return " ".join(line["text"] for line in lines if line["event"] == "section")

    def ask(self, session: str, question: str, branch: str) -> dict:
        """The answer object to a question in a conversation of its own."""
        lines = self._run("ask", session, question, "--branch", branch, "--max-tokens", "160", *self._model, *self._threads)
        return next(line for line in lines if line["event"] == "answer")


def without_long_pages(task: tasks.Task) -> tasks.Task:
    """The task with pages that the product does not cut further, or its pages would have other numbers."""
    pages: list[tasks.Page] = []
    for page in task.pages:
        text, opens = page.text, page.opens
        while len(text) > LONGEST_PAGE:
            inside = [(at, at + len(q.answer)) for q in task.quotes if (at := text.find(q.answer)) >= 0]
            ends = [m.end() for m in re.finditer(r"\n|\. ", text[:LONGEST_PAGE])]
            cut = next((e for e in reversed(ends) if not any(a < e < b for a, b in inside)), LONGEST_PAGE)
            pages.append(tasks.Page(page.number, text[:cut], opens))
            text, opens = text[cut:], ""
        pages.append(tasks.Page(page.number, text, opens))
    return tasks.Task(pages, task.quotes)


class Tasks:
    """The tasks of one set and length, the same in every run; ``half`` takes every second document only."""

    def __init__(self, kinds: tuple[str, ...], tokens: int, half: int | None):
        self._kinds, self._tokens = kinds, tokens
        self._texts = [t for t in corpus.load_text(True) if half in (None, zlib.crc32(t[:4000].encode()) // 100 % 2)]
        self._records = [r for r in corpus.load_qa(True) if half in (None, zlib.crc32(r.context[:4000].encode()) // 100 % 2)]

    def task(self, n: int) -> tasks.Task:
        """Number ``n``."""
        rng = random.Random(1000 * self._tokens + n)
        return without_long_pages(tasks.TaskMaker(self._texts, self._records, rng).make(self._tokens, self._kinds))

    def questions(self, n: int, most: int) -> tuple[tasks.Task, list[tasks.Quote]]:
        """A task and what is asked on it: at most ``most`` questions of each kind."""
        task, found = self.task(n), defaultdict(list)
        text = plain(" ".join(page.text for page in task.pages))
        for quote in task.quotes:
            if quote.kind == "absent" and not quote.short:
                continue
            if quote.kind != "summary":
                found[HARD if quote.kind == "absent" else quote.kind].append(quote)
        for other in self.task(n + 1).quotes:
            if other.kind in ("fact", "real") and plain(other.answer) not in text:
                found[EASY].append(tasks.Quote(other.question, tasks.NOT_THERE, "absent"))
        return task, [tasks.Quote(q.question, q.answer, kind, q.short) for kind in found for q in found[kind][:most]]


def place_of(task: tasks.Task, answer: str) -> tuple[int, int, int] | None:
    """Index in ``task.pages``, document and page of it (all from 0) that the answer stands on first."""
    document = number = -1
    for i, page in enumerate(task.pages):
        document, number = (document + 1, 0) if page.opens else (document, number + 1)
        if answer in plain(page.text):
            return i, document, number
    return None


def judged(task: tasks.Task, quote: tasks.Quote, got: dict) -> dict:
    """What is kept of one answer."""
    said, wanted = plain(got["answer"]), plain(quote.answer)
    line: dict = {"kind": quote.kind, "question": quote.question, "answer": said, "wanted": wanted}
    line["absent"] = plain(tasks.NOT_THERE) in said
    line["seconds"] = round(got["ledger"]["seconds_to_first_token"], 3)
    if quote.kind in (EASY, HARD):
        return line
    line["exact"], line["contains"] = said == wanted, (plain(quote.short) or wanted) in said
    place = place_of(task, wanted)
    if place is not None:
        index, document, number = place
        cited = [(int(c["document"].rsplit("-", 1)[1].split(".")[0]), c["page"] - 1) for c in got["citations"]]
        line["depth"] = 4 * index // len(task.pages) + 1
        line["first"], line["any"] = cited[:1] == [(document, number)], (document, number) in cited
    return line


def measure(args: argparse.Namespace) -> None:
    """Asks what ``args.out`` lacks and appends it."""
    done = {(r["set"], r["tokens"], r["task"], r["kv"], r["kind"], r["question"]) for r in answers(args.out)}
    for tokens in map(int, args.lengths.split(",")):
        for name in args.sets.split(","):
            source = Tasks(SETS[name], tokens, args.half)
            for n in range(args.tasks):
                task, quotes = source.questions(n, args.questions)
                for kv in args.kv.split(","):
                    key = {"set": name, "tokens": tokens, "task": n, "kv": kv}
                    left = [q for q in quotes if (*key.values(), q.kind, q.question) not in done]
                    if left:
                        ask_all(args, key, task, left)


def ask_all(args: argparse.Namespace, key: dict, task: tasks.Task, quotes: list[tasks.Quote]) -> None:
    """Reads one task with one setting and asks ``quotes``."""
    with tempfile.TemporaryDirectory() as folder, args.out.open("a", encoding="utf-8") as out:
        product = Product(args, key["kv"], Path(folder))
        session = product.read(task)
        for i, quote in enumerate(quotes):
            line = key | judged(task, quote, product.ask(session, quote.question, f"q{i}"))
            print(json.dumps(line, ensure_ascii=False), file=out, flush=True)


def answers(file: Path) -> list[dict]:
    """What was measured so far."""
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def table(lines: list[dict]) -> list[dict]:
    """One row for each length and setting: [share, count] of each measure."""
    seen: dict[tuple, dict] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        row = seen[line["tokens"], line["kv"]]
        row["seconds"].append(line["seconds"])
        if line["kind"] in (EASY, HARD):
            row[f"{line['kind']}: seen"].append(line["absent"])
            continue
        row["absence claimed falsely"].append(line["absent"])
        row[f"{line['kind']}: exact"].append(line["exact"])
        row[f"{line['kind']}: contains"].append(line["contains"])
        if line["kind"] == "fact" and "depth" in line:
            row[f"fact: exact at depth {line['depth']} of 4"].append(line["exact"])
        if line["contains"] and "first" in line:
            row["page right, first cited"].append(line["first"])
            row["page right, any cited"].append(line["any"])
    rows = []
    for (tokens, kv), measures in sorted(seen.items()):
        rows.append({"tokens": tokens, "kv": kv})
        for measure, values in sorted(measures.items()):
            middle = sorted(values)[len(values) // 2]
            rows[-1][measure] = middle if measure == "seconds" else [round(sum(values) / len(values), 3), len(values)]
    return rows


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


def rouge_1_f(got: str, wanted: str) -> float:
    """F measure of the words that two texts share (Lin, 2004, without stemming)."""
    ours, theirs = (Counter(re.findall(r"\w+", text.lower())) for text in (got, wanted))
    shared = (ours & theirs).total()
    return 2 * shared / max(1, ours.total() + theirs.total())


def summaries(args: argparse.Namespace, kv: str) -> dict:
    """Short summaries of abstracts, against a sentence that was written of each; and what their first sentence gives."""
    scores, first = [], []
    for document, written in corpus.load_summaries(True):
        with tempfile.TemporaryDirectory() as folder:
            product, session = Product(args, kv, Path(folder)), str(Path(folder) / "task.lectern")
            file = Path(folder) / "abstract.txt"
            file.write_text(document, encoding="utf-8")
            product.ingest(session, [file])
            scores.append(rouge_1_f(product.summarize(session), written))
        begin, end = corpus.split_sentences(document)[0]
        first.append(rouge_1_f(document[begin:end], written))
    means = [round(sum(values) / len(values), 3) for values in (scores, first)]
    return {"kv": kv, "abstracts": len(scores), "rouge_1_f": means[0], "first_sentence": means[1]}


def main() -> None:
    """Measures, or prints what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cli", type=Path, default=REPOSITORY / "build" / "release" / "bin" / "lectern-cli")
    parser.add_argument("--model", type=Path, help="default: the built-in model")
    parser.add_argument("--out", type=Path, default=Path("answers.jsonl"), help="one answer a line; added to")
    parser.add_argument("--kv", default="fp16,nuq4,nuq3,nuq2")
    parser.add_argument("--lengths", default="1024,4096,8192", help="tokens, up to 131072")
    parser.add_argument("--sets", default=",".join(SETS), help="needles, mixed")
    parser.add_argument("--tasks", type=int, default=4, help="document sets of each length")
    parser.add_argument("--questions", type=int, default=8, help="of each kind on each, at most")
    parser.add_argument("--half", type=int, choices=(0, 1), help="half of the held-out documents; 0: what weights were fitted to")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--table", action="store_true", help="print what --out has, measure nothing")
    parser.add_argument("--sample-only", action="store_true")
    parser.add_argument("--summaries", action="store_true", help="summaries alone")
    args = parser.parse_args()
    if args.sample_only or args.summaries:
        measured = summaries if args.summaries else sample
        print(json.dumps([measured(args, kv) for kv in args.kv.split(",")], indent=1))
        return
    if not args.table:
        measure(args)
    print(json.dumps(table(answers(args.out)), indent=1))


if __name__ == "__main__":
    main()

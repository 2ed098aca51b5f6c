# SPDX-License-Identifier: GPL-3.0-or-later
"""Find-and-quote tasks made from any text, in exactly the prompt format of the product.

``<bos>``, then for each document ``# Document: NAME\\n\\n[page 1]\\nTEXT\\n\\n[page 2]\\n...``, then
``Question: ...\\nAnswer:`` and the answer, which is one sentence of the text word for word, and
``<eos>``. A follow-up starts with ``\\n\\nQuestion:``. All pieces are joined at line ends or before a
space, where the tokenizer never merges, so that a task is the tokens of its pieces.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass, field

import corpus

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'\u2019-]*")
_CHARS_PER_TOKEN = 3.2
_STOP_WORDS = """
the a an and or of to in on at for by with from as is are was were be been being it its this that these those
he she they them his her their we you i my our your not no but if so than then there here which who whom what
when where how why all any some such more most other into out up down over under can could may might must shall
should will would do does did has have had also only very one
"""
_STOP = frozenset(_STOP_WORDS.split())
_WH = ("Who", "What", "When", "Where", "How", "Why", "Which", "How many", "How much", "Whose", "In what way")
_ABOUT = (
    "What does it say about {}?", "What is said about {}?", "Tell me about {}.", "Find the sentence about {}.",
    "Where is {} mentioned?", "What about {}?", "Quote the sentence on {}.", "What do we know about {}?",
    "What does the document say about {}?", "{}?", "What happened with {}?", "What is {}?", "Who is {}?",
)  # fmt: skip


@dataclass
class Quote:
    """A question and the sentence that answers it; ``answer`` stands word for word in the text."""

    question: str
    answer: str
    short: str = ""  # of a real question: the words of the answer that matter
    real: bool = False


@dataclass
class Page:
    """The text of one page; ``opens`` names the document where the page is its first."""

    number: int
    text: str
    opens: str = ""


@dataclass
class Task:
    """Pages and the questions on them."""

    pages: list[Page] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)


def page_piece(page: Page) -> str:
    """The page as the prompt has it."""
    head = f"# Document: {page.opens}\n\n" if page.opens else ""
    return f"{head}[page {page.number}]\n{page.text}\n\n"


def question_piece(question: str, follow_up: bool) -> str:
    """A question as the prompt has it, up to where the answer starts."""
    return ("\n\n" if follow_up else "") + f"Question: {question}\nAnswer:"


class TaskMaker:
    """Makes tasks of a given length in tokens from plain documents and from real questions."""

    def __init__(self, texts: list[str], records: list[corpus.Record], rng: random.Random):
        self._rng = rng
        self._texts = [t for t in texts if len(t) > 400]
        self._weights = [min(len(t), 100_000) for t in self._texts]
        self._records = records

    def quoting(self, tokens: int, text_share: float) -> Task:
        """A stretch of text of about ``text_share`` of ``tokens``, then questions as room allows."""
        rng = self._rng
        documents = 2 if tokens >= 512 and rng.random() < 0.25 else 1
        task, candidates = Task(), []
        for _ in range(documents):
            text = self.stretch(int(tokens * text_share * _CHARS_PER_TOKEN / documents))
            if rng.random() < 0.25:
                text = self._wrap(text)
            spans = corpus.split_sentences(text)
            self._add_pages(task, text, spans, tokens // documents)
            candidates += [text[a:b] for a, b in spans if 25 <= b - a <= 260]
        self._ask(task, candidates, tokens)
        return task

    def real_question(self, tokens: int, text_share: float) -> Task:
        """A real question over its context, cut around the answer to fit, with made follow-ups."""
        rng, room = self._rng, int(tokens * text_share * _CHARS_PER_TOKEN)
        record = rng.choice(self._records)
        text = record.context
        if len(text) > room:
            at = text.index(record.sentence)
            slack = max(0, room - len(record.sentence))
            start = max(0, min(at - rng.randint(0, slack), len(text) - room))
            start = 0 if start == 0 else min(at, text.find(" ", start) + 1)
            text = text[start : max(start + room, at + len(record.sentence))]
        task = Task(quotes=[Quote(record.question, record.sentence, record.short, True)])
        spans = corpus.split_sentences(text)
        self._add_pages(task, text, spans, tokens, keep=record.sentence)
        pool = [text[a:b] for a, b in spans if 25 <= b - a <= 260 and record.sentence not in text[a:b]]
        self._ask(task, pool, tokens)
        rng.shuffle(task.quotes)
        return task

    def stretch(self, chars: int) -> str:
        """About ``chars`` characters of one document, from the start of a sentence or line."""
        rng = self._rng
        text = rng.choices(self._texts, self._weights)[0]
        start = rng.randint(0, max(0, len(text) - chars))
        if start:
            end = re.search(r"[.!?][\"'\u201d)]*\s+|\n+", text[start : start + 600])
            start += end.end() if end else 0
        text = re.sub(r"\n{2,}", rng.choice(("\n", "\n\n")), text[start : start + chars])
        cut = max(text.rfind(". "), text.rfind(".\n"))
        return text[: cut + 1] if cut > chars // 2 else text

    def _wrap(self, text: str) -> str:
        """Line ends as in a PDF: lines of one width, words kept whole."""
        width, lines = self._rng.randint(50, 95), []
        for paragraph in text.split("\n"):
            line = ""
            for word in paragraph.split(" "):
                if line and len(line) + len(word) >= width:
                    lines.append(line)
                    line = word
                else:
                    line = f"{line} {word}" if line else word
            lines.append(line)
        return "\n".join(lines)

    def _name(self, text: str) -> str:
        words = self._rng.sample(_WORD.findall(text[:2000]) or ["text"], k=1)
        if self._rng.random() < 0.6:
            words += self._rng.sample(_WORD.findall(text[:2000]) or ["notes"], k=1)
        stem = self._rng.choice("-_ ").join(words)
        return (stem.lower() if self._rng.random() < 0.7 else stem) + self._rng.choice((".pdf",) * 4 + (".txt", ".md"))

    def _add_pages(self, task: Task, text: str, spans: list, tokens: int, keep: str = "") -> None:
        """Breaks the text into 1 to 6 pages, each at the end of a sentence."""
        rng = self._rng
        most = 1 if tokens < 200 else 3 if tokens < 400 else 6
        ends = [b for _, b in spans[:-1] if not keep or not (text.find(keep) < b < text.find(keep) + len(keep))]
        cuts = sorted(rng.sample(ends, min(rng.randint(0, most - 1), len(ends))))
        first = 1 if rng.random() < 0.6 else rng.randint(1, 400)
        name = self._name(text)
        for i, (a, b) in enumerate(zip([0, *cuts], [*cuts, len(text)], strict=True)):
            task.pages.append(Page(first + i, text[a:b].strip(), name if i == 0 else ""))

    def _ask(self, task: Task, candidates: list[str], tokens: int) -> None:
        """Adds questions on sentences that stand once, until the task is full."""
        rng = self._rng
        words = Counter(w.lower() for s in candidates for w in set(_WORD.findall(s)))
        once = [s for s, n in Counter(candidates).items() if n == 1]
        rng.shuffle(once)
        chars = sum(len(page_piece(p)) for p in task.pages)
        chars += sum(len(q.question) + len(q.answer) + 30 for q in task.quotes)
        for sentence in once:
            if chars > 0.93 * tokens * _CHARS_PER_TOKEN or len(task.quotes) >= 12:
                break
            question = self._question(sentence, words)
            if question:
                task.quotes.append(Quote(question, sentence))
                chars += len(question) + len(sentence) + 30

    def _question(self, sentence: str, words: Counter) -> str:
        """A question whose words point to the sentence alone; empty where none was found."""
        rng, found = self._rng, list(_WORD.finditer(sentence))
        rare = [m for m in found if words[m[0].lower()] == 1 and m[0].lower() not in _STOP and len(m[0]) > 2]
        if len(found) < 4 or not rare:
            return ""
        kind = rng.random()
        if kind < 0.30:
            return self._noise(self._keywords(found, rare))
        at = found.index(rng.choice(rare))
        if kind < 0.65:
            first = max(0, at - rng.randint(0, 6))
            last = min(len(found), max(at + 1, first + rng.randint(2, 9)))
        else:
            first = min(at, rng.randint(0, 4))
            last = min(len(found), max(at + 1, first + rng.randint(4, 14)))
        span = sentence[found[first].start() : found[last - 1].end()].replace("\n", " ")
        return self._noise(f"{rng.choice(_WH)} {rng.choice(('', '', 'is ', 'was ', 'did ', 'does '))}{span}?")

    def _keywords(self, found: list, rare: list) -> str:
        rng = self._rng
        others = [m for m in found if m not in rare and m[0].lower() not in _STOP]
        chosen = rng.sample(rare, min(len(rare), rng.randint(1, 3)))
        chosen += rng.sample(others, min(len(others), rng.randint(0, 2)))
        names = [m[0] for m in (sorted(chosen, key=lambda m: m.start()) if rng.random() < 0.5 else chosen)]
        joined = rng.choice((" ", ", ", " and ")).join(names)
        return rng.choice(_ABOUT).format(joined)

    def _noise(self, question: str) -> str:
        """People do not type the sentence: other case, other endings, words left out."""
        rng, parts = self._rng, question.split(" ")
        if rng.random() < 0.4:
            parts = [p for i, p in enumerate(parts) if i == 0 or p.lower() not in _STOP or rng.random() < 0.6]
        if rng.random() < 0.3:
            i = rng.randrange(len(parts))
            parts[i] = re.sub(r"(?:s|ed|ing)(\W*)$", r"\1", parts[i]) if len(parts[i]) > 5 else parts[i]
        question = " ".join(parts)
        return question.lower() if rng.random() < 0.15 else question

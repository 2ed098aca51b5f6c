# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading tasks in exactly the prompt format of the product: documents first, then questions.

``<bos>``, then for each document ``# Document: NAME\\n\\n[page 1]\\nTEXT\\n\\n[page 2]\\n...``, then
``Question: ...\\nAnswer:`` and the answer, which stands word for word in the text, and ``<eos>``. A
follow-up starts with ``\\n\\nQuestion:``. All pieces are joined at line ends or before a space, where
the tokenizer never merges, so that a task is the tokens of its pieces.

Documents are stretches of plain text, passages that real questions belong to, and planted facts
(needles.py); questions are made from sentences (questions.py), real ones, on the planted facts, for
a summary, or on something that is not there.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import accumulate

import corpus
from needles import NeedleMaker
from questions import STOP, WORD, Asker

NOT_THERE = "The documents do not say."
CHARS_PER_TOKEN = 3.7
_SHORTEST, _LONGEST = 20, 330  # characters of a sentence that is asked for
_SUMMARY = (
    "What is this document about?", "Summarize the document.", "Summarize this text.", "Give a short summary.",
    "What are the main points?", "What is this about?", "What does the document say?",
)  # fmt: skip
_SUMMARY_OF = ("Summarize {}.", "What is {} about?", "Give a short summary of {}.", "What are the main points of {}?")
_SECTION = ("Summarize the section “{}”.", "What does the section “{}” say?", "What is said under “{}”?", "Summarize {}.")
_HEADING = re.compile(r"(?m)^([A-Z0-9][^\n.!?:;]{3,60})\n+(?=[A-Z\"“(])")
_TAKEN_OUT = 0.3  # share of passages without the sentence that is asked for
_NEAR_MISSES = 0.4  # share of planted facts with a question beside them that they nearly answer
_TEMPLATED = ("openstax-terms", "dc-code", "factbook", "medquad")  # sources whose questions follow a pattern


@dataclass
class Quote:
    """A question and what answers it; ``answer`` stands word for word in the text, or says that nothing does."""

    question: str
    answer: str
    kind: str  # made, real, fact, absent, summary
    short: str = ""  # of a real question: the words of the answer that matter; of an absent one: words that are nowhere
    near: str = ""  # of an absent question: what stands beside where its answer would
    rivals: tuple[str, ...] = ()  # lines that answer where the answer itself is not seen: older dates


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


@dataclass
class _Paragraph:
    """A stretch that is kept together: text, and the questions that hang on it."""

    text: str
    quotes: list[Quote] = field(default_factory=list)
    facts: bool = False


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
        self._sums = list(accumulate(min(len(t), 100_000) for t in self._texts))
        self._records = records
        self._record_sums = list(accumulate(0.35 if r.source.startswith(_TEMPLATED) else 1.0 for r in records))
        self._asker, self._needles = Asker(rng), NeedleMaker(rng)

    def make(self, tokens: int, kinds: tuple[str, ...] = (), text: float = 1.0) -> Task:
        """A task of about ``tokens`` tokens; ``kinds`` restricts its questions (all where empty); less ``text`` leaves
        more room for questions."""
        rng, task = self._rng, Task()
        room = int(tokens * CHARS_PER_TOKEN)
        left = int(text * room * (rng.uniform(0.45, 0.75) if tokens < 1024 else rng.uniform(0.72, 0.85)))
        candidates: list[str] = []
        wanted: list[Quote] = []
        summaries: list[Quote] = []
        while left > 120 or not task.pages:
            size = left if left < 1200 else min(left, int(rng.choice((700, 1500, 4000, 12000, 60000)) * rng.uniform(0.6, 1.4)))
            self._document(task, max(size, 200), kinds, candidates, wanted, summaries)
            left -= size
        self._ask(task, room, kinds, candidates, wanted, summaries)
        return task

    def _document(self, task: Task, size: int, kinds: tuple, candidates: list, wanted: list, summaries: list) -> None:
        """One document: paragraphs, laid out as lines, cut into pages."""
        rng = self._rng
        paragraphs = self._paragraphs(size, kinds)
        # Whole text, with the place of every question's answer as it stands after the lines were cut.
        wrap = rng.random() < 0.5
        width, gap = rng.randint(48, 100), rng.choice(("\n\n", "\n\n", "\n"))
        text, spans = "", []
        for p in paragraphs:
            body = p.text if p.facts else self._lines(p.text, width) if wrap else p.text
            spans.append((len(text), p, body))
            text += body + gap
        pages = self._pages(text.rstrip())
        name = self._name(text)
        first = 1 if rng.random() < 0.7 else rng.randint(1, 400)
        above, below = self._running(name)
        for i, (a, b) in enumerate(pages):
            whole = above.format(first + i) + text[a:b].strip() + below.format(first + i)
            task.pages.append(Page(first + i, whole, name if i == 0 else ""))
        cuts, sentences = [a for a, _ in pages[1:]], []
        for start, p, body in spans:
            for q in p.quotes:
                if q.kind == "absent":
                    q.near = self._as_laid_out(q.near, body) if q.near else ""
                    wanted.append(q)
                    continue
                answer = self._as_laid_out(q.answer, body)
                at = body.find(answer) + start if answer else -1
                if answer and at >= start and not any(at < c < at + len(answer) for c in cuts):
                    wanted.append(replace(q, answer=answer))
            if p.facts:
                continue
            here = [(a, b) for a, b in corpus.split_sentences(body)
                    if _SHORTEST <= b - a <= _LONGEST and not any(start + a < c < start + b for c in cuts)]  # fmt: skip
            good = [body[a:b] for a, b in here]
            candidates += good
            sentences += good
            if rng.random() < 0.3:
                self._section(body, here, wanted)
        if len(sentences) >= 4:
            summaries.append(Quote(name, self._carriers(sentences[:20], sentences[:200]), "summary"))

    def _section(self, body: str, spans: list[tuple[int, int]], wanted: list[Quote]) -> None:
        """Asks for a section by its heading; the answer is the sentences that carry it."""
        heads = list(_HEADING.finditer(body))
        if not heads:
            return
        i = self._rng.randrange(len(heads))
        end = heads[i + 1].start() if i + 1 < len(heads) else len(body)
        inside = [body[a:b] for a, b in spans if heads[i].end() <= a and b <= min(end, heads[i].end() + 2500)]
        if 2 <= len(inside) <= 20 and body.count(heads[i][1]) == 1:
            question = self._rng.choice(_SECTION).format(heads[i][1].strip())
            wanted.append(Quote(question, self._carriers(inside, inside), "summary"))

    def _running(self, name: str) -> tuple[str, str]:
        """What stands at the top and at the bottom of every page, with {} for the page's number."""
        rng = self._rng
        title = name.rsplit(".", 1)[0].replace("{", "").replace("}", "")
        above = rng.choice((title + "\n", "{} " + title + "\n\n", title.upper() + " {}\n\n")) if rng.random() < 0.2 else ""
        below = rng.choice(("\n{}", "\n\n{}", "\n\nPage {}", "\n- {} -")) if rng.random() < 0.25 else ""
        return above, below

    def _paragraphs(self, size: int, kinds: tuple) -> list[_Paragraph]:
        rng, left, made = self._rng, size, []
        while left > 80:
            kind = rng.random()
            if self._records and ("real" in kinds or not kinds) and kind < (0.55 if not kinds else 0.5):
                p = self._real(left)
            else:
                p = _Paragraph(self.stretch(min(left, rng.choice((600, 1500, 5000, 20000)))))
            if not kinds and rng.random() < _TAKEN_OUT:
                self._take_out(p)
            made.append(p)
            left -= len(p.text)
        if (not kinds and rng.random() < 0.5) or "fact" in kinds:
            for _ in range(1 + (rng.random() < 0.3)):
                self._plant(made)
        return made

    def _take_out(self, paragraph: _Paragraph) -> None:
        """Takes the sentence that answers out of the text: a question that all but its answer is there for."""
        if paragraph.quotes:
            question, gone = paragraph.quotes[0].question, paragraph.quotes[0].answer
        else:
            spans = [(a, b) for a, b in corpus.split_sentences(paragraph.text) if _SHORTEST <= b - a <= _LONGEST]
            if len(spans) < 4:
                return
            a, b = self._rng.choice(spans)
            gone = paragraph.text[a:b]
            question = self._asker.ask(gone, Counter())
        if question and paragraph.text.count(gone) == 1 and len(paragraph.text) > 2 * len(gone):
            before, after = (part.strip() for part in paragraph.text.split(gone))
            paragraph.text = f"{before} {after}".strip()
            near = before[-40:] if len(before) > 40 else after[:40]
            paragraph.quotes = [Quote(question, NOT_THERE, "absent", gone, near)]

    def _plant(self, paragraphs: list[_Paragraph]) -> None:
        """Puts the lines of one group of facts somewhere between sentences; the first carries the questions."""
        rng, needle = self._rng, self._needles.make()
        for line in needle.lines:
            quotes = [Quote(q, a, "fact", rivals=needle.rivals.get(q, ())) for q, a in needle.asked if a in line]
            if line is needle.lines[0] and rng.random() < _NEAR_MISSES:
                quotes += [Quote(q, NOT_THERE, "absent", words, line[:60]) for q, words in needle.missing]
            hosts = [p for p in paragraphs if not p.facts and not p.quotes and len(p.text) > 200]
            if "\n" in line or not hosts or rng.random() < 0.3:
                paragraphs.insert(rng.randint(0, len(paragraphs)), _Paragraph(line, quotes, True))
                continue
            host = rng.choice(hosts)
            ends = [b for _, b in corpus.split_sentences(host.text)]
            at = rng.choice(ends)
            i = paragraphs.index(host)
            paragraphs[i : i + 1] = [
                _Paragraph(f"{host.text[:at].strip()} {line}".strip(), quotes),
                _Paragraph(host.text[at:].strip()),
            ]

    def _real(self, room: int) -> _Paragraph:
        """The passage of a real question, cut around the answer where it is longer than the room."""
        rng = self._rng
        record = rng.choices(self._records, cum_weights=self._record_sums)[0]
        text, most = record.context, min(room, rng.choice((600, 1200, 2500, 6000)))
        if len(text) > most:
            at = text.index(record.sentence)
            slack = max(0, most - len(record.sentence))
            start = max(0, min(at - rng.randint(0, slack), len(text) - most))
            start = 0 if start == 0 else min(at, text.find(" ", start) + 1)
            text = text[start : max(start + most, at + len(record.sentence))]
        question = record.question if rng.random() < 0.6 else self._asker.noise(record.question)
        return _Paragraph(text.strip(), [Quote(question, record.sentence, "real", record.short)])

    def stretch(self, chars: int) -> str:
        """About ``chars`` characters of one document, from the start of a sentence or line."""
        rng = self._rng
        text = rng.choices(self._texts, cum_weights=self._sums)[0]
        start = rng.randint(0, max(0, len(text) - chars))
        if start:
            end = re.search(r"[.!?][\"'\u201d)]*\s+|\n+", text[start : start + 600])
            start += end.end() if end else 0
        text = re.sub(r"\n{2,}", rng.choice(("\n", "\n\n")), text[start : start + chars])
        cut = max(text.rfind(". "), text.rfind(".\n"))
        return (text[: cut + 1] if cut > chars // 2 else text).strip()

    def _lines(self, text: str, width: int) -> str:
        """Line ends as in a PDF: lines of one width, words kept whole."""
        lines = []
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

    @staticmethod
    def _as_laid_out(answer: str, body: str) -> str:
        """The answer as it stands in ``body``, where spaces may have become line ends; empty where it is not once."""
        if body.count(answer) == 1:
            return answer
        found = re.findall(r"\s+".join(map(re.escape, answer.split())), body)
        return found[0] if len(found) == 1 else ""

    def _pages(self, text: str) -> list[tuple[int, int]]:
        """Pages of about one size, most cut at the end of a line or sentence, some anywhere between words."""
        rng, size, start, pages = self._rng, self._rng.choice((500, 1200, 2000, 3000, 4500)), 0, []
        while len(text) - start > size * 1.3:
            near = start + int(size * rng.uniform(0.7, 1.2))
            place = rng.random()
            stop = text.find("\n\n", near) if place < 0.4 else text.find("\n", near) if place < 0.7 else -1
            if stop < 0 or stop > near + size // 2:
                stop = text.find(". ", near) + 1 if place < 0.85 else text.find(" ", near)
            if stop <= near or stop > near + size:
                stop = near + max(1, text[near : near + 200].find(" "))
            pages.append((start, stop))
            start = stop
        pages.append((start, len(text)))
        return [(a, b) for a, b in pages if text[a:b].strip()] or [(0, len(text))]

    def _name(self, text: str) -> str:
        words = self._rng.sample(WORD.findall(text[:2000]) or ["text"], k=1)
        if self._rng.random() < 0.6:
            words += self._rng.sample(WORD.findall(text[:2000]) or ["notes"], k=1)
        stem = self._rng.choice("-_ ").join(words)
        return (stem.lower() if self._rng.random() < 0.7 else stem) + self._rng.choice((".pdf",) * 4 + (".txt", ".md"))

    def _carriers(self, sentences: list[str], all_sentences: list[str]) -> str:
        """Two or three of ``sentences``, in order, whose words stand most often in all."""
        counts = Counter(w for s in all_sentences for w in {m.lower() for m in WORD.findall(s)} if w not in STOP)

        def weight(s: str) -> float:
            words = [w.lower() for w in WORD.findall(s) if w.lower() not in STOP]
            return sum(counts[w] for w in words) / (len(words) + 4)

        best = sorted(range(len(sentences)), key=lambda i: -weight(sentences[i]))[: self._rng.choice((2, 3))]
        return " ".join(sentences[i] for i in sorted(best))

    def _ask(self, task: Task, room: int, kinds: tuple, candidates: list, wanted: list, summaries: list) -> None:
        """Adds questions until the task is full: those of passages and facts first, then made ones."""
        rng = self._rng
        words = Counter(w for s in candidates for w in {m.lower() for m in WORD.findall(s)})
        once = [s for s, n in Counter(candidates).items() if n == 1]
        rng.shuffle(once)
        used = sum(len(page_piece(p)) for p in task.pages)
        whole = "\n".join(p.text for p in task.pages)
        flat = " ".join(whole.split())
        queue = [q for q in wanted if self._fair(q, whole, flat)]
        rng.shuffle(queue)
        if not kinds and summaries and rng.random() < 0.3:
            asked = rng.choice(summaries)
            only = sum(bool(p.opens) for p in task.pages) == 1 and rng.random() < 0.8
            asked.question = rng.choice(_SUMMARY) if only else rng.choice(_SUMMARY_OF).format(asked.question)
            queue.append(asked)
        most = max(1, len(queue)) if kinds else 400
        while used < 0.95 * room and len(task.quotes) < most:
            share = rng.random()
            if (not kinds and share < 0.09) or "absent" in kinds:
                quote = self._absent(words, whole)
            elif queue and (share < 0.75 or not once):
                quote = queue.pop()
            elif once and (not kinds or "made" in kinds):
                sentence = once.pop()
                quote = Quote(self._asker.ask(sentence, words), sentence, "made")
            elif not queue:
                break
            else:
                continue
            if quote is None or not quote.question or (kinds and quote.kind not in kinds):
                continue
            task.quotes.append(quote)
            used += len(quote.question) + len(quote.answer) + 30
        rng.shuffle(task.quotes)

    @staticmethod
    def _fair(quote: Quote, whole: str, flat: str) -> bool:
        """The answer stands in the text once; of a question without one, the sentence taken out nowhere."""
        if quote.kind == "absent":
            return " ".join(quote.short.split()) not in flat
        return quote.kind == "summary" or whole.count(quote.answer) == 1

    def _absent(self, words: Counter, whole: str) -> Quote | None:
        """A question like the others whose answer is in none of the documents."""
        rng, kind = self._rng, self._rng.random()
        if kind < 0.3:
            question = self._needles.make().asked[0][0]
            content = [w for w in WORD.findall(question) if w.lower() not in STOP]
            return None if content and content[-1] in whole else Quote(question, NOT_THERE, "absent")
        if kind < 0.65 and self._records:
            record = rng.choices(self._records, cum_weights=self._record_sums)[0]
            question, sentence = self._asker.noise(record.question), record.sentence
        else:
            sentences = corpus.split_sentences(text := self.stretch(900))
            a, b = rng.choice(sentences)
            question, sentence = self._asker.ask(text[a:b], Counter()), text[a:b]
        asked = {w.lower() for w in WORD.findall(question)} - STOP
        rare = [w for w in asked if not words[w]]
        return Quote(question, NOT_THERE, "absent") if len(rare) >= 2 and sentence not in whole else None

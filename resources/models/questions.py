# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions made from a sentence, without labels: what a person might ask whose answer it is."""

from __future__ import annotations

import random
import re
from collections import Counter

WORD = re.compile(r"[^\W_](?:[\w'\u2019-]*[^\W_])?")
_STOP_WORDS = """
the a an and or of to in on at for by with from as is are was were be been being it its this that these those
he she they them his her their we you i my our your not no but if so than then there here which who whom what
when where how why all any some such more most other into out up down over under can could may might must shall
should will would do does did has have had also only very one
"""
STOP = frozenset(_STOP_WORDS.split())
_BE = frozenset("is are was were has have had can could may might must will would should did does".split())
_PLACE = frozenset("in at from near to into across of on".split())
_YEAR = re.compile(r"1[0-9]{3}|20[0-2][0-9]")
_NUMBER = re.compile(r"[0-9][0-9.,]*%?")
_SPELLED = frozenset(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen twenty thirty forty "
    "fifty sixty seventy eighty ninety hundred thousand million dozen".split()
)
_MONTHS = frozenset("January February March April May June July August September October November December".split())
_UNITS = {
    "years": "How old", "metres": "How high", "meters": "How deep", "feet": "How tall", "miles": "How far",
    "kilometers": "How long", "km": "How long", "tonnes": "How heavy", "pounds": "How much", "dollars": "How much",
    "percent": "What percentage", "hours": "How long", "days": "How long", "weeks": "How long", "months": "How long",
    "minutes": "How long", "crowns": "How much", "acres": "How large", "people": "How many people",
}  # fmt: skip
_ABOUT = (
    "What does it say about {}?", "What is said about {}?", "Tell me about {}.", "Find the sentence about {}.",
    "Where is {} mentioned?", "What about {}?", "Quote the sentence on {}.", "What do we know about {}?",
    "What does the document say about {}?", "{}?", "{}", "What happened with {}?", "What is {}?", "Who is {}?",
    "Which sentence mentions {}?", "Explain {}.", "What is written about {}?", "Is there anything about {}?",
)  # fmt: skip
_WH = ("Who", "What", "When", "Where", "How", "Why", "Which", "How many", "How much", "Whose", "In what way")
_SYNONYMS = {}
for _row in """
big large great|small little tiny|begin start|began started|end finish|ended finished|buy purchase|bought purchased
kill slay|killed slain|made created produced|make create produce|build construct|built constructed erected|house home
child kid|children kids|king ruler|road street|sea ocean|boat ship|quick fast rapid|near close|ill sick|happy glad
sad unhappy|rich wealthy|begin commence|help assist|helped assisted|show reveal|showed revealed|say state|said stated
think believe|thought believed|get obtain|got obtained|give provide|gave provided|need require|needs requires
use employ|used employed|important significant|illness disease|doctor physician|job occupation|money funds
law statute|part portion|amount quantity|whole entire|often frequently|live reside|lived resided
died deceased|leader head|company firm|country nation|city town|man person|woman lady|old ancient|new recent
price cost|weight mass|name title|reason cause|result outcome|method approach|aim goal|war conflict|fight battle
scared afraid|angry cross|speak talk|look gaze|find discover|found discovered|answer reply|answered replied
chief main|first initial|final last|huge enormous|strange odd|brave bold|clever smart|wood forest|rock stone
""".strip().replace("\n", "|").split("|"):
    for _w in _row.split():
        _SYNONYMS[_w] = [o for o in _row.split() if o != _w]


class Asker:
    """Makes questions; ``words`` says in how many sentences of the context a word stands."""

    def __init__(self, rng: random.Random):
        self._rng = rng

    def ask(self, sentence: str, words: Counter) -> str:
        """A question whose words point to the sentence; empty where none was found."""
        found = list(WORD.finditer(sentence))
        rare = [m for m in found if words[m[0].lower()] <= 1 and m[0].lower() not in STOP and len(m[0]) > 2]
        if len(found) < 4 or not rare:
            return ""
        kind = self._rng.random()
        if kind < 0.50:
            question = self._focus(sentence, found)
            if question:
                return self.noise(question)
        if kind < 0.58:
            question = self._definition(sentence)
            if question:
                return question
        if kind < 0.78:
            return self.noise(self._keywords(found, rare))
        return self.noise(self._span(sentence, found, rare))

    def _span(self, sentence: str, found: list, rare: list) -> str:
        rng = self._rng
        at = found.index(rng.choice(rare))
        if rng.random() < 0.4:
            first = min(at, rng.randint(0, 4))
            last = min(len(found), max(at + 1, first + rng.randint(4, 14)))
        else:
            first = max(0, at - rng.randint(0, 6))
            last = min(len(found), max(at + 1, first + rng.randint(2, 9)))
        span = " ".join(sentence[found[first].start() : found[last - 1].end()].split())
        if first == 0 and rng.random() < 0.3:
            return rng.choice(("Which sentence starts with “{}”?", "Complete: {}", "How does “{}” go on?")).format(span)
        return f"{rng.choice(_WH)} {rng.choice(('', '', 'is ', 'was ', 'did ', 'does '))}{span}?"

    def _keywords(self, found: list, rare: list) -> str:
        rng = self._rng
        others = [m for m in found if m not in rare and m[0].lower() not in STOP]
        chosen = rng.sample(rare, min(len(rare), rng.randint(1, 3)))
        chosen += rng.sample(others, min(len(others), rng.randint(0, 2)))
        names = [m[0] for m in (sorted(chosen, key=lambda m: m.start()) if rng.random() < 0.5 else chosen)]
        return rng.choice(_ABOUT).format(rng.choice((" ", " ", ", ", " and ")).join(names))

    def _definition(self, sentence: str) -> str:
        match = re.match(r"(?:(?:The|A|An) )?([^,.;:()]{3,40}?) (is|are|was|were|means|refers to) ", sentence)
        if not match:
            return ""
        name, verb = " ".join(match[1].split()), match[2] if match[2] in _BE else "is"
        who = "Who" if name[0].isupper() and self._rng.random() < 0.4 else "What"
        forms = (f"{who} {verb} {name}?", f"{who} {verb} {name}?", f"Define {name}.", f"What is meant by {name}?",
                 f"What does “{name}” mean?", f"How is {name} defined?", f"Explain the term {name}.")  # fmt: skip
        return self._rng.choice(forms)

    def _focus(self, sentence: str, found: list) -> str:
        """Leaves a name, number or date out and asks for it with the words around it."""
        rng = self._rng
        spans = self._focuses(sentence, found)
        if not spans:
            return ""
        first, last, wh = rng.choice(spans)  # words [first, last) are what is asked for
        reach = rng.randint(4, 16)
        left, right = max(0, first - reach), min(len(found), last + reach)
        before = [m[0] for m in found[left:first]]
        after = [m[0] for m in found[last:right]]
        if before and before[-1].lower() in _PLACE | {"by", "with", "for"}:
            before.pop()
        if left == 0 and before and before[0].lower() in STOP | {"but", "and", "however", "then"}:
            before[0] = before[0].lower()
        rest = before + after
        if sum(w.lower() not in STOP for w in rest) < 2:
            return ""
        if first == 0:  # the subject is asked for: "Who opened the gate?"
            return f"{wh} {' '.join(after)}?"
        helper = next((i for i, w in enumerate(rest) if w.lower() in _BE), None)
        if helper is not None and rng.random() < 0.85:
            aux = rest.pop(helper)
            return f"{wh} {aux.lower()} {' '.join(rest)}?"
        verb = next((i for i, w in enumerate(rest) if i and len(w) > 4 and w.endswith("ed")), None)
        if verb is not None and rng.random() < 0.8:
            stem = rest[verb][:-1] if rng.random() < 0.3 else rest[verb][:-2]
            rest[verb] = stem[:-1] if stem[-1:] == stem[-2:-1] and stem[-1:] not in "sl" else stem
            return f"{wh} did {' '.join(rest)}?"
        return f"{wh} {rng.choice(('', 'did ', 'does ', 'is '))}{' '.join(rest)}?"

    def _focuses(self, sentence: str, found: list) -> list[tuple[int, int, str]]:
        rng, spans, i = self._rng, [], 0
        while i < len(found):
            word, j = found[i][0], i + 1
            low, before = word.lower(), found[i - 1][0].lower() if i else ""
            if _YEAR.fullmatch(word) or word in _MONTHS:
                while j < len(found) and (_NUMBER.fullmatch(found[j][0]) or found[j][0] in _MONTHS):
                    j += 1
                spans.append((i, j, rng.choice(("When", "When", "In what year" if _YEAR.fullmatch(word) else "When"))))
            elif _NUMBER.fullmatch(word) or low in _SPELLED:
                while j < len(found) and (_NUMBER.fullmatch(found[j][0]) or found[j][0].lower() in _SPELLED):
                    j += 1
                unit = found[j][0].lower() if j < len(found) else ""
                money = sentence[found[i].start() - 1 : found[i].start()] in "$£€" and found[i].start() > 0
                wh = "How much" if money else _UNITS.get(unit, "How many")
                spans.append((i, j + (unit in _UNITS and rng.random() < 0.7), wh))
            elif word[0].isupper() and (i > 0 or (len(found) > 1 and found[1][0][0].isupper())) and low not in STOP:
                while j < len(found) and found[j][0][0].isupper() and found[j].start() - found[j - 1].end() <= 2:
                    j += 1
                where = before in _PLACE and rng.random() < 0.6
                spans.append((i, j, "Where" if where else rng.choice(("Who", "What", "Which", "Who", "To whom"))))
            elif low == "because" or (low == "order" and before == "in"):
                spans.append((i, len(found), "Why"))
            elif low == "by" and i + 1 < len(found) and found[i + 1][0].endswith("ing"):
                spans.append((i, len(found), "How"))
            elif before in ("the", "a", "an", "his", "her", "their") and low not in STOP and rng.random() < 0.15:
                spans.append((max(0, i - 1), j, rng.choice(("What", "What", "Which thing", "Who"))))
            i = j
        return spans

    def noise(self, question: str) -> str:
        """People do not type the sentence: other case, endings and words, some left out."""
        rng, parts = self._rng, question.split(" ")
        if rng.random() < 0.3:
            parts = [p for i, p in enumerate(parts) if i == 0 or p.lower() not in STOP or rng.random() < 0.6]
        if rng.random() < 0.3:
            i = rng.randrange(len(parts))
            parts[i] = re.sub(r"(?:s|ed|ing)(\W*)$", r"\1", parts[i]) if len(parts[i]) > 5 else parts[i]
        for i, p in enumerate(parts):
            other = _SYNONYMS.get(p.strip("?.,").lower())
            if other and rng.random() < 0.35:
                parts[i] = p.lower().replace(p.strip("?.,").lower(), rng.choice(other))
        question = " ".join(p for p in parts if p)
        if rng.random() < 0.12:
            question = question.lower()
        return question[:-1] if question.endswith("?") and rng.random() < 0.05 else question

# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts to plant in a text, and the questions on them: passkeys, pairs, tables, dated facts."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass, field

_FIRST = """
Anna Boris Clara David Elena Frank Greta Hugo Irene Jonas Karla Leon Marta Nadia Oscar Paula Quentin Rosa Stefan Tara
Ursula Victor Wanda Xavier Yusuf Zoe Amir Bianca Chen Dmitri Esra Farid Gustavo Hanna Ivan Jun Kofi Lucia Mei Noor
""".split()
_LAST = """
Abbott Becker Castro Dalton Eriksen Fischer Garcia Hoffman Ivanov Jensen Kovacs Larsen Moreau Novak Okafor Petrov Quinn
Rossi Schmidt Tanaka Ueda Vargas Weber Yilmaz Zhang Archer Brandt Cole Duarte Evans Farrow Grant Hale Ito Kane Lund
""".split()
_PLACES = """
Arlow Benthel Carrick Dunmore Elstead Farholm Grantley Hollins Ilmar Jarrow Kelso Linden Marsh Norwick Oakham Penrith
Quarry Redford Selby Thornton Upton Varley Wexham Yarrow Ashby Brookfield Crowton Dellwood Eastmere Fenwick Glenport
""".split()
_THINGS = """
vault archive server locker gate warehouse printer safe cabinet laboratory project account elevator garage library
turbine antenna freezer pump reactor terminal shuttle tunnel studio kitchen workshop cellar bridge harbour mill
""".split()
_CODES = ("passkey", "pass key", "access code", "PIN", "secret number", "magic number", "password", "serial number")
_AMOUNTS = ("budget", "headcount", "price", "population", "capacity", "revenue", "deadline", "rent", "speed limit")
_MONTHS = "January February March April May June July August September October November December".split()
_COLUMNS = ("Name", "Item", "Code", "Amount", "Date", "Place", "Status", "Quantity", "Owner", "Price")


@dataclass
class Needle:
    """Lines to plant and the questions on them: (question, answer) pairs; the answers stand in the lines.

    ``missing`` are questions like the others that nothing answers, each with words of it that stand nowhere. ``rivals``
    names, for a question, the lines that answer it where its own is not seen.
    """

    lines: list[str]
    asked: list[tuple[str, str]]
    missing: list[tuple[str, str]] = field(default_factory=list)
    rivals: dict[str, tuple[str, ...]] = field(default_factory=dict)


class NeedleMaker:
    """Makes planted facts of every kind."""

    def __init__(self, rng: random.Random):
        self._rng = rng

    def make(self) -> Needle:
        """One group of facts that belong together."""
        kinds = (self._code, self._code, self._pair, self._pairs, self._dated, self._table, self._several)
        return self._rng.choice(kinds)()

    def person(self) -> str:
        """A made-up name."""
        return f"{self._rng.choice(_FIRST)} {self._rng.choice(_LAST)}"

    def _token(self) -> str:
        rng, kind = self._rng, self._rng.random()
        if kind < 0.35:
            return str(rng.randint(10 ** rng.randint(2, 6), 10**7))
        if kind < 0.55:
            return "".join(rng.choices("0123456789abcdef", k=rng.choice((4, 8, 12))))
        if kind < 0.7:
            parts = ("".join(rng.choices("0123456789abcdef", k=k)) for k in (8, 4, 4))
            return "-".join(parts)
        if kind < 0.85:
            return f"{rng.choice(_PLACES)}-{rng.randint(1, 999)}".lower()
        return "".join(rng.choices(string.ascii_uppercase, k=2)) + str(rng.randint(100, 99999))

    def _owner(self) -> str:
        rng, kind = self._rng, self._rng.random()
        if kind < 0.3:
            return self.person()
        if kind < 0.6:
            return f"the {rng.choice(_PLACES)} {rng.choice(_THINGS)}"
        if kind < 0.8:
            return f"{rng.choice(_THINGS)} {rng.randint(2, 99)}"
        return rng.choice(_PLACES)

    def _code(self) -> Needle:
        rng, owner, what, value = self._rng, self._owner(), self._rng.choice(_CODES), self._token()
        line = rng.choice((
            f"The {what} of {owner} is {value}.", f"The {what} for {owner} is {value}. Remember it.",
            f"One of the special {what}s for {owner} is: {value}.", f"{owner[0].upper()}{owner[1:]} has the {what} {value}.",
            f"Remember this: {value} is the {what} of {owner}.", f"Note: the {what} for {owner} is {value}.",
        ))  # fmt: skip
        answer = line.removesuffix(" Remember it.")
        ask = rng.choice((
            f"What is the {what} of {owner}?", f"What is the {what} for {owner}?", f"Which {what} does {owner} have?",
            f"{what} of {owner}?", f"What is the special {what} for {owner} mentioned in the text?",
        ))  # fmt: skip
        return Needle([line], [(ask, answer)], self._missed(what, owner))

    def _missed(self, what: str, owner: str) -> list[tuple[str, str]]:
        """What a planted fact nearly answers: the same of another owner, or something else of the same one."""
        rng, other = self._rng, self._owner()
        if rng.random() < 0.6:
            words = other.removeprefix("the ")
        else:
            what = rng.choice([w for w in (*_CODES, *_AMOUNTS) if w not in what and what not in w])
            words, other = f"{what} {rng.choice(('of', 'for'))} {owner}", owner
        return [(f"What is the {what} {rng.choice(('of', 'for'))} {other}?", words)]

    def _pair(self) -> Needle:
        key, value = self._token(), self._token()
        line = self._rng.choice((f'"{key}": "{value}"', f"{key}: {value}", f"{key} = {value}", f"{key} -> {value}"))
        ask = self._rng.choice((f"What is the value of {key}?", f"What is {key}?", f'Which value belongs to "{key}"?'))
        absent = self._token()
        return Needle([line], [(ask, line)], [(f"What is the value of {absent}?", absent)])

    def _pairs(self) -> Needle:
        """A block of key-value lines, a few of them asked for."""
        rng = self._rng
        keys = {self._token() for _ in range(rng.randint(4, 24))}
        form = rng.choice(('"{}": "{}",', "{}: {}", "{} = {}", "{}\t{}"))
        lines = {k: form.format(k, self._token()) for k in sorted(keys)}
        order = list(lines)
        rng.shuffle(order)
        asked = [(rng.choice(("What is the value of {}?", "Value of {}?", "Which value does {} have?")).format(k), lines[k])
                 for k in rng.sample(order, min(3, len(order)))]  # fmt: skip
        absent = self._token()
        return Needle(["\n".join(lines[k] for k in order)], asked, [(f"What is the value of {absent}?", absent)])

    def _dated(self) -> Needle:
        """Two or three facts that contradict each other; the latest date holds."""
        rng, what, owner = self._rng, self._rng.choice(_AMOUNTS), self._owner()
        years = sorted(rng.sample(range(1950, 2026), 2 if rng.random() < 0.7 else 3))
        form = rng.choice(("As of {m} {y}, the {w} of {o} is {v}.", "In {m} {y} the {w} of {o} was set to {v}.",
                           "{m} {y}: the {w} of {o} is {v}.", "In {y} the {w} of {o} was {v}.",
                           "Since {m} {y} the {w} of {o} has been {v}.", "The {w} of {o} was {v} in {y}."))  # fmt: skip
        lines = [form.format(m=rng.choice(_MONTHS), y=y, w=what, o=owner, v=f"{rng.randint(2, 9999):,}") for y in years]
        now = rng.choice(("What is the current {} of {}?", "What is the latest {} of {}?", "What is the {} of {} now?",
                          "What is the {} of {}?", "What is the most recent {} of {}?")).format(what, owner)  # fmt: skip
        asked = [(now, lines[-1])]
        for at in rng.sample(range(len(years)), 2 if rng.random() < 0.5 else 1):
            ask = rng.choice(("What was the {} of {} in {}?", "How was the {} of {} in {}?", "{} of {} in {}?"))
            asked.append((ask.format(what, owner, years[at]), lines[at]))
        gap = rng.choice([y for y in range(1950, 2026) if y not in years])
        missing = [(f"What was the {what} of {owner} in {gap}?", f"{gap} the {what} of {owner}")]
        order = rng.sample(lines, len(lines))
        return Needle(order, asked, missing, {now: tuple(lines[:-1])})

    def _table(self) -> Needle:
        """A table with a heading row; a question asks for a row by its first cell."""
        rng = self._rng
        columns = rng.sample(_COLUMNS, rng.randint(2, 4))
        bar = rng.choice((" | ", " | ", "  ", ", ", "\t"))
        names = {rng.choice((self.person, self._token))() for _ in range(rng.randint(3, 12))}
        rows = {n: bar.join([n, *(str(rng.randint(1, 9999)) if rng.random() < 0.6 else rng.choice(_PLACES)
                                  for _ in columns[1:])]) for n in sorted(names)}  # fmt: skip
        order = list(rows)
        rng.shuffle(order)
        asked = []
        for n in rng.sample(order, min(2, len(order))):
            column = rng.choice(columns[1:])
            asked.append((rng.choice((f"What is the {column.lower()} of {n}?", f"{column} of {n}?",
                                      f"What does the table say about {n}?")), rows[n]))  # fmt: skip
        return Needle(["\n".join([bar.join(columns), *(rows[n] for n in order)])], asked)

    def _several(self) -> Needle:
        """Facts of one kind on several owners, scattered: only the one asked for is right."""
        rng, what = self._rng, self._rng.choice(_CODES)
        owners = sorted({self._owner() for _ in range(rng.randint(2, 6))})
        rng.shuffle(owners)
        form = rng.choice(("The {w} of {o} is {v}.", "The {w} for {o} is {v}.", "One of the special {w}s for {o} is: {v}."))
        lines = {o: form.format(w=what, o=o, v=self._token()) for o in owners}
        asked = [(f"What is the {what} {rng.choice(('of', 'for'))} {o}?", lines[o]) for o in owners[:3]]
        return Needle(list(lines.values()), asked, self._missed(what, owners[0]))

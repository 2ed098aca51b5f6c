# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes sample.pdf from sample.md and checks that questions.json agrees with it.

    pip install -r resources/samples/requirements.txt && python resources/samples/make_sample.py

The PDF has an outline, page labels (a cover, the contents on page i, then 1, 2, ...), running heads and a table
of contents with page numbers. Two runs give the same bytes.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Frame, PageBreak, PageTemplate, Paragraph, Spacer, TableStyle
from reportlab.platypus.tableofcontents import TableOfContents

HERE = Path(__file__).resolve().parent
INK, ACCENT = colors.HexColor("#1d2733"), colors.HexColor("#8a3b2a")
FRONT_PAGES = 2  # the cover and the contents come before page 1


def _style(name: str, size: float, **more) -> ParagraphStyle:
    options = {"fontName": "Times-Roman", "leading": size * 1.38, "textColor": INK, **more}
    return ParagraphStyle(name, fontSize=size, **options)


BODY = _style("Body", 10.5, alignment=TA_JUSTIFY, spaceAfter=6)
TITLE = _style("Title", 25, fontName="Times-Bold", alignment=TA_CENTER, spaceAfter=14)
COVER = _style("Cover", 12, alignment=TA_CENTER, spaceAfter=8)
HEADING = _style("Heading", 16, fontName="Times-Bold", spaceAfter=9, textColor=ACCENT)
SUBHEADING = _style("Subheading", 11.5, fontName="Times-BoldItalic", spaceBefore=6, spaceAfter=3)
CONTENTS = [_style("Contents1", 10, leading=13, spaceBefore=2), _style("Contents2", 8.5, leading=11.6, leftIndent=14)]
TIGHT = TableStyle([(side + "PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")])


class Report(BaseDocTemplate):
    """Writes the outline and the contents while headings are placed, and the labels at the end."""

    def __init__(self, path: Path):
        super().__init__(str(path), pagesize=A5, invariant=1, title="The Skerrow Lighthouse Trust: Annual Report 1987",
                         author="The Lectern authors", subject="Sample document of Lectern", lang="en-GB")  # fmt: skip
        frame = Frame(19 * mm, 19 * mm, A5[0] - 38 * mm, A5[1] - 40 * mm, 0, 0, 0, 0)
        self.addPageTemplates([PageTemplate("page", [frame], onPage=self._decorate)])

    def _decorate(self, canvas, _) -> None:
        number = canvas.getPageNumber()
        if number == 1:
            canvas.addPageLabel(0, None, prefix="Cover")
            return
        if number == FRONT_PAGES:
            canvas.addPageLabel(1, "ROMAN_LOWER", start=1)
        if number == FRONT_PAGES + 1:
            canvas.addPageLabel(FRONT_PAGES, "ARABIC", start=1)
        canvas.saveState()
        canvas.setFillColor(INK)
        canvas.setFont("Times-Italic", 8.5)
        canvas.drawString(19 * mm, A5[1] - 13 * mm, "Skerrow Lighthouse Trust \u00b7 Annual Report 1987")
        canvas.drawCentredString(A5[0] / 2, 10 * mm, "i" if number == FRONT_PAGES else str(number - FRONT_PAGES))
        canvas.setStrokeColor(ACCENT)
        canvas.line(19 * mm, A5[1] - 15 * mm, A5[0] - 19 * mm, A5[1] - 15 * mm)
        canvas.restoreState()

    def afterFlowable(self, flowable) -> None:
        level = {"Heading": 0, "Subheading": 1}.get(getattr(getattr(flowable, "style", None), "name", ""))
        if level is None:
            return
        text = flowable.getPlainText()
        key = "h-" + re.sub(r"\W+", "-", f"{self.page}-{text}".lower())
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(text, key, level=level, closed=False)
        self.notify("TOCEntry", (level, text, self.page - FRONT_PAGES, key))


def _inline(text: str) -> str:
    return re.sub(r"\*(.+?)\*", r"<i>\1</i>", text)


def story(source: str) -> list:
    """Flowables of the Markdown subset that the sample uses; a rule starts a new page."""
    parts, front = [Spacer(1, 45 * mm)], True
    for block in re.split(r"\n{2,}", source.strip()):
        if block == "---":
            parts.append(PageBreak())
            if front:
                contents = TableOfContents(levelStyles=CONTENTS, dotsMinLevel=0, tableStyle=TIGHT)
                parts += [Paragraph("Contents", _style("Plain", 16, fontName="Times-Bold", spaceAfter=9)), contents]
                parts.append(PageBreak())
                front = False
        elif block.startswith("### "):
            parts.append(Paragraph(_inline(block[4:]), SUBHEADING))
        elif block.startswith("## "):
            parts.append(Paragraph(_inline(block[3:]), HEADING))
        elif block.startswith("# "):
            parts.append(Paragraph(_inline(block[2:]), TITLE))
        else:
            parts.append(Paragraph(_inline(block), COVER if front else BODY))
    return parts


def check_questions(source: str) -> None:
    """Every answering sentence stands once in the text, on the page that is named (one section is one page)."""
    sections = [re.sub(r"\s+", " ", s.replace("*", "")) for s in source.split("\n---\n")]
    for question in json.loads((HERE / "questions.json").read_text())["questions"]:
        places = [n for n, text in enumerate(sections) for _ in range(text.count(question["sentence"]))]
        named = (question["section"], question["page"] - FRONT_PAGES, int(question["page_label"]))
        if len(places) != 1 or set(named) != set(places):
            raise SystemExit(f"not answered exactly once: {question['question']}")


def main() -> None:
    """Checks the questions and writes the PDF."""
    source = (HERE / "sample.md").read_text()
    check_questions(source)
    Report(HERE / "sample.pdf").multiBuild(story(source))


if __name__ == "__main__":
    main()

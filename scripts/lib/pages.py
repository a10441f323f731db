# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads manual pages (by mandoc, in whichever language they are) and READMEs as parts: what a reader sees of a paragraph, of a cell of
a table or of an example, and where it stands."""

from __future__ import annotations

import dataclasses
import html.parser
import re
import subprocess

MARKED = "marked"  # bold, italic or code


@dataclasses.dataclass
class Part:
    page: str
    section: str  # "NFPROBE-CHECK/Options"
    under: str  # the tag or the first cell that it describes
    kind: str  # head, text, tag (also a first cell), cell or literal
    spans: list[tuple[str, str]] = dataclasses.field(default_factory=list)  # "" or MARKED, and a text

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.spans)

    @property
    def marked(self) -> list[str]:
        """Each run of marked text; blanks between two of them are part of it."""
        runs, run = [], ""
        for mark, text in [*self.spans, ("", "|")]:
            if mark or (run and not text.strip()):
                run += text
            elif run:
                runs.append(" ".join(run.split()))
                run = ""
        return runs

    def add(self, mark: str, text: str) -> None:
        if self.spans and self.spans[-1][0] == mark:
            text = self.spans.pop()[1] + text
        self.spans.append((mark, text))


class Page(html.parser.HTMLParser):
    """What mandoc makes of a page."""
    KINDS = {"h1": "head", "h2": "head", "p": "text", "li": "text", "dt": "tag", "dd": "text", "pre": "literal", "td": "cell"}
    MARKS = ("b", "i", "code", "var", "span", "em", "strong")

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.parts = name, []
        self.heads, self.tags, self.marks = ["", ""], [""], 0
        self.open: list[Part] = []
        self.indents: list[bool] = []
        self.row, self.first, self.last = 0, "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.KINDS:
            kind = self.KINDS[tag]
            if tag == "td":
                self.row += 1
                kind = "tag" if self.row == 1 else "cell"
            self.open.append(Part(self.name, "/".join(filter(None, self.heads)), self.tags[-1], kind))
            if tag == "p" and len(self.tags) == 1:
                self.last = ""
        elif tag == "tr":
            self.row = 0
        elif tag == "dl":
            self.tags.append(self.tags[-1])
        elif tag == "br" and self.open and self.open[-1].kind == "text":
            self.handle_endtag("p")
            self.handle_starttag("p", [])
        elif tag == "div":  # an indented part belongs to the tag before it
            self.indents.append(dict(attrs).get("class") == "Bd-indent")
            self.tags += [self.last] if self.indents[-1] else []
        self.marks += tag in self.MARKS

    def handle_endtag(self, tag: str) -> None:
        self.marks -= tag in self.MARKS
        if tag == "dl" or tag == "div" and self.indents.pop():
            self.last = self.tags.pop()
        if tag not in self.KINDS or not self.open:
            return
        part = self.open.pop()
        text = part.text.strip()
        if tag in ("h1", "h2"):
            self.heads = [text, ""] if tag == "h1" else [self.heads[0], text]
            self.last = ""
        elif tag == "dt":
            outer = " / ".join(filter(None, (*self.tags[-2:-1], " ".join(text.split()))))
            self.tags[-1] = outer if text else self.last  # none: the paragraph goes on
            part.under = self.tags[-1]
        elif part.kind == "tag":
            self.first = " ".join(text.split())
        elif part.kind == "cell":
            part.under = self.first
        if text:
            self.parts.append(part)

    def handle_data(self, data: str) -> None:
        if not self.open:
            return
        part = self.open[-1]
        if part.kind == "literal":
            part.add("", data)
        else:
            part.add(MARKED if self.marks else "", re.sub(r"\s+", " ", data))


def manual(name: str, text: str) -> list[Part]:
    shown = subprocess.run(["mandoc", "-T", "html", "-O", "fragment"], input=text, stdout=subprocess.PIPE, text=True, check=True).stdout
    page = Page(name)
    page.feed(re.sub(r"\n<br/>\n", "\n", shown))  # a line of an example
    return page.parts


def markdown(name: str, text: str) -> list[Part]:
    parts: list[Part] = []
    section, part = "", None
    for line in re.sub(r"^<!--.*-->\n", "", text, flags=re.M).split("\n"):
        if line.startswith("    ") and (part is None or part.kind == "literal"):
            if part is None:
                part = Part(name, section, "", "literal")
                parts.append(part)
            part.add("", line[4:] + "\n")
        elif line.startswith("|"):
            part = None
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if not re.fullmatch(r"[-| :]*", line):
                parts += [spanned(Part(name, section, cells[0].replace("`", ""), "cell" if at else "tag"), cell)
                          for at, cell in enumerate(cells)]
        elif not line.strip():
            if part and part.kind == "literal":
                part.add("", "\n")
            else:
                part = None
        elif line.startswith("#"):
            section, part = line.lstrip("# "), None
        else:
            if part is None or part.kind == "literal" or re.match(r"- |\d+\. ", line):
                part = Part(name, section, "", "text")
                parts.append(part)
            spanned(part, line.strip() + " ")
    return parts


def spanned(part: Part, text: str) -> Part:
    for number, piece in enumerate(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).split("`")):
        if piece:
            part.add(MARKED if number % 2 else "", piece)
    return part


def read(name: str, text: str) -> list[Part]:
    return markdown(name, text) if name.endswith(".md") else manual(name, text)

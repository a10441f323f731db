# SPDX-License-Identifier: GPL-2.0-or-later
"""Text, -v, page and JSON of a result say the same of what to do: each command, its price and its undo, in the same order; and text,
page and JSON have the same cells in the rows of the table.

Of every archetype of drivers.def, in several ways to run.
"""

import html
import io
import json
import os
import re
import sys

import pytest
import tool

from nfprobe_tools import page, result as reading
from nfprobe_tools.subject import subject_of
from test_failover import archetypes

sys.path.insert(0, os.path.join(tool.TOP, "tests/nfsim"))
import alike  # noqa: E402

WAYS = ("", "--style all", "--require ipv6", "--style bridge+fdb,static-bridge --skip fix", "--from vf:1", "--guest-vlan 100",
        "--gap-limit 100", "--allow early,slow,deaf,sticky,refused")
GONE = "guest-elsewhere"


def flat(text):
    return " ".join(text.split())


def block_of(lines, first):
    """The lines to copy of a text: the commands, and those behind "undo:"."""
    found = {"": [], "undo:": []}
    name = ""
    for line in lines:
        match = re.match(r"(?: {11}|  (undo:) {4})(\S.*)", line)
        if not match:
            name = ""
            continue
        name = match[1] or name
        found[name] += match[2].split("; ")  # what runs in any case is on the line of what may fail
    return found[first]


def shown_on(read):
    """The page's text, and what each of its blocks has, by the name before it."""
    out = io.BytesIO()
    page.write_html([subject_of(read)], out)
    section = out.getvalue().decode().partition('<section class="advice">')[2].partition("</section>")[0]
    found = {"": [], "undo:": []}
    blocks = r'(?:<p class="faint">([^<]*)</p>\s*)?<div class="command[^"]*"><pre><code>(.*?)</code>'
    for name, block in re.findall(blocks, section, re.DOTALL):
        found[name] += html.unescape(re.sub("<[^>]*>", "", block)).split("\n")
    return flat(html.unescape(re.sub("<[^>]*>", " ", section))), found


def differ(out):
    """What one form has of the advice, and another lacks."""
    read = reading.parse(json.dumps(out).encode(), "x.json")
    short, verbose, (said, blocks) = read.text.first, [line.strip() for line in read.text.lines], shown_on(read)
    in_words = flat(" ".join(short))
    commands = [line for one in read.advice for line in reading.command_lines(one.commands)]
    undo = [line for one in read.advice for line in reading.command_lines(one.undo)]
    documents = [line for one in read.advice for line in one.document.strip("\n").split("\n") if line]
    # What puts this host right is no advice.
    own = [" ".join(words) for hint in out["left_behind"] for words in hint["commands"]] + [f"nfprobe --restore {read.pf.ifname}"]
    for name, lines in (("", commands), ("undo:", undo)):
        printed = [line for line in block_of(short, name) if line not in own]
        yield from (("text lacks", line) for line in lines if line not in printed)
        yield from (("text alone", line) for line in printed if line not in lines)
        # The text has a block once that several styles share.
        order = [line for line in dict.fromkeys(printed) if line in lines]
        yield from (("order", name) for _ in [0] if order != list(dict.fromkeys(lines)))
    yield from (("page", name) for name, lines in (("undo:", undo),) if blocks[name] != lines)
    on_page = [line for one in read.advice for line in [*filter(None, one.document.strip("\n").split("\n")),
                                                        *reading.command_lines(one.commands)]]
    yield from (("page", blocks[""]) for _ in [0] if blocks[""] != on_page)
    yield from (("-v lacks", line) for line in documents if line.strip() not in verbose)
    for one, raw in zip(read.advice, out["advice"]):
        yield from (("text lacks", one.sentence) for _ in [0] if one.sentence not in in_words)
        yield from (("page lacks", one.sentence) for _ in [0] if one.sentence not in said)
        price = [raw["costs"] or "", raw["cuts_off"] or ""]
        yield from (("no price in", one.sentence) for part in price if part not in one.sentence)
    yield from (("shown", one["sentence"]) for one in out["advice"] if not says_what_was_shown(one, out["advice"]))
    moments = [one.moment == GONE for one in read.advice]
    yield from (("order of", moments) for _ in [0] if moments != sorted(moments))


WORDS = {"LOST": "lost", "no VF": "refused", "SLOW": "slow", "?": "unknown", "gap": "gap", "ok*": "ok-if", "ok": "ok", "-": "untested",
         "": None}


def rows_on(lines):
    """The rows of the table of a text, by name: [the cells' words]; a VLAN's is behind its style's, with its number."""
    found, heads = {}, next((line for line in lines if re.match(r"  standby +boots ", line)), "")
    columns = [match.start() for match in re.finditer(r"\S+(?: \S+)*", heads)][1:]
    name = ""
    for line in lines[lines.index(heads) + 1:] if heads else ():
        match = re.match(r"  (  VLAN \d+|[a-z+-]+)  ", line)
        if not match:
            break
        name = match[1] if match[1][0] != " " else f"{name.partition(',')[0]}, {match[1].strip()}"
        found[name] = [line[at:end].strip() for at, end in zip(columns, [*columns[1:], None])]
    return found


def of_table(out):
    """What text and page have of the cells of a row, and JSON has not, and the other way round."""
    read = reading.parse(json.dumps(out).encode(), "x.json")
    on_text, on_page = rows_on(read.text.first), rows_of_page(read)[1:]  # without its head
    cells = {row.name: list(raw["cells"].values()) for row, raw in zip(read.life, out["life"])}
    serves = {row.name.partition(",")[0] for row in read.life if not row.fix or row.serves and not row.vlan}
    for name, words in cells.items() if on_text else ():
        shown = on_text.get(name)
        yield from (("text lacks", name) for _ in [0] if not shown and name.partition(",")[0] in serves)
        yield from (("cells", name, shown) for _ in [0] if shown and [WORDS[word] for word in shown] != words)
        # IPv6 of a guest that is lost is no cell of its own, and a row of a VLAN has the gaps of its bridge.
        lost = "lost" in words[:-1]
        yield from (("ipv6", name, words) for _ in [0] if (words[-1] is None) != lost)
        plain = cells[name.partition(",")[0]]
        yield from (("gap", name, words) for here, there in zip(words, plain) if here == "ok" and there == "gap")
    yield from (("text alone", name) for name in on_text if name not in cells)
    yield from (("page", name) for name in cells if name not in dict(on_page) and name.partition(",")[0] in serves)
    yield from (("page", name, shown) for name, shown in on_page if [WORDS[word] for word in shown] != cells[name])
    legend = page.legend(read._replace(life=page.shown(read.life)))
    yield from (("legend", legend) for _ in [0] if on_text and legend not in flat(" ".join(read.text.first)))
    steps = re.compile(r"\b(?:vf-first[\w-]*|in step|in the change to)\b")
    yield from (("step", line) for line in read.text.first if steps.search(line))


def rows_of_page(read):
    """The heads, and (name, words) of each row of the page's table."""
    out = io.BytesIO()
    page.write_html([subject_of(read)], out)
    table = out.getvalue().decode().partition('<table class="life">')[2].partition("</table>")[0]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)]
    words = [[html.unescape(re.sub("<small.*?</small>|<[^>]*>", "", cell)).strip() for cell in row] for row in rows]
    return [(row[0], row[1:]) for row in words]


@pytest.mark.parametrize("way", WAYS)
def test_every_form_has_the_same_rows(way):
    lines = [f"{way} -- {keys}" for keys in archetypes().values()]
    outs = alike.memprobe(lines)
    assert [(line, wrong) for line, out in zip(lines, outs) for wrong in of_table(out)] == []
    assert any(row["cells"]["ipv6"] is None for out in outs for row in out["life"])


@pytest.mark.parametrize("cell, word", [("up", "lost"), ("ipv6", None), ("unplug", "unknown")])
def test_a_cell_that_is_otherwise_is_noticed(cell, word):
    [out] = alike.memprobe(["--style macvtap,bridge -- come=up go=unplug"])
    assert list(of_table(out)) == []
    out["life"][0]["cells"][cell] = word
    assert any(wrong[0] == "cells" for wrong in of_table(out))


TESTED = {"tested": "tested", "kernel-rule": "by the kernel's rules", "untested": "not tested"}


def says_what_was_shown(one, advice):
    """Does the sentence end with whether the run has tested it, and with what stands above, if it helps with that alone?"""
    if one["what"] == "probe" or not (one["commands"] or one["document"]):
        return True
    together = one["moment"] != GONE and any(other["rank"] == one["rank"] for other in advice[:advice.index(one)])
    return one["sentence"].endswith(f"; {TESTED[one['tested']['by']]}{', and only with the above' if together else ''}")


def test_every_golden_answer_has_the_same_in_every_form():
    outs = [out for out in tool.answers() if out["text"]["lines"]]
    wrong = [(out["answer"], found) for out in outs for found in [*differ(out), *of_table(out)]]
    assert wrong == [] and len(outs) > 50


@pytest.mark.parametrize("way", WAYS)
def test_every_form_has_the_same_advice(way):
    lines = [f"{way} -- {keys}" for keys in archetypes().values()]
    outs = alike.memprobe(lines)
    assert [(line, wrong) for line, out in zip(lines, outs) for wrong in differ(out)] == []
    assert sum(len(one["undo"]) for out in outs for one in out["advice"]) > 10 or way == "--from vf:1"


@pytest.mark.parametrize("spoil", ["commands", "undo", "sentence", "costs", "document"])
def test_a_form_that_lacks_something_is_noticed(spoil):
    [out] = alike.memprobe(["--style macvtap,bridge -- come=up go=unplug"])
    assert list(differ(out)) == []
    one = next(one for one in out["advice"] if one[spoil])
    one[spoil] = [["true"]] if spoil in ("commands", "undo") else "<other/>" if spoil == "document" else "Do something else"
    assert list(differ(out)) != []

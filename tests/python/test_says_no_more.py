# SPDX-License-Identifier: GPL-2.0-or-later
"""No part of a document, and no reader of it, says more than its answer does: what anything calls safe, the first line calls so.

Of each document that unit/test_golden_formats.c writes, and of every archetype of drivers.def in all ways to run.
"""

import io
import json
import re

import pytest
import tool
from test_failover import STYLES, WAYS, alike, archetypes, named

from nfprobe_tools import cases, labels, matrix, result, rules
from nfprobe_tools.subject import subject_of

BEGINS = r"(?:NOT SAFE|SAFE|Not SAFE by itself|IPv4 SAFE|IPv4 only|ok with|UNKNOWN|NOT TESTED|NOT POSSIBLE|NOT RESTORED)"
CLAUSE = re.compile(rf"(?:^|\. )({BEGINS})(.*?)(?=\. {BEGINS}|$)")
GOOD = ("SAFE", "Not SAFE by itself", "IPv4 SAFE", "IPv4 only", "ok with")


def good(answer, offered=False):
    """The styles that a first line calls safe; @offered: also those that it accepts, or that serve a guest by what stands below."""
    more = ", but (SAFE|IPv4 only)" + "|^ by itself|safe if each guest starts|, which --allow accepts" * offered
    found = [rest for begin, rest in CLAUSE.findall(answer.partition(": ")[2]) if begin in GOOD or re.search(more, rest)]
    return named(" ".join(f"with {rest.strip()}" for rest in found))


def is_good(answer, style, offered=False):
    """A fix is named as it is, or as what makes its style safe."""
    plain = style.replace("+fdb", "").replace("+pin", "").replace("static-bridge", "bridge")
    return bool({STYLES[style], STYLES[plain]} & good(answer, offered))


def written(read):
    out = io.BytesIO()
    labels.write_nfd([subject_of(read)], out)
    return out.getvalue().decode()


def safe_to_readers(read):
    """What each calls safe: (who, style)."""
    tested = rules.tested_of(read)
    query = rules.Query(rules.unix_ms(read.run.start) + 1000, 0, styles=tuple(one.style for one in read.styles if not one.is_fix))
    checked = rules.check(tested, [one.identity for one in tested], query)
    table = matrix.Matrix()
    table.add(read)
    table.finish(range(len(matrix.STYLES)), set())
    nfd = written(read)
    yield from (("nfprobe-check", answer.style) for answer in checked.styles if answer.safe == rules.YES and answer.counts)
    yield from (("exit", read.styles[0].style) for _ in [0] if query.styles and checked.exit_status == 0 and read.exit)
    for number, style in enumerate(matrix.STYLES):
        yield from (("matrix", style) for row in table.rows for tagged in (False, True) if row.style_is_safe(number, tagged) == "yes"
                    and not all(one.is_fix for one in read.styles if one.style == style))
        yield from (("label", style) for _ in [0] if f".{labels.mangle(style)}=safe" in nfd)
    suites = [suite for suite in cases.suites_of(subject_of(read)) if suite.entry and not suite.entry.style.is_fix]
    yield from (("junit", suite.entry.style.style) for suite in suites for case in suite.cases
                if case.name == "verdict" and case.outcome == cases.PASSED)


def says_more(document):
    """What is called safe that the first line does not call so."""
    read = result.parse(json.dumps(document).encode(), "x.json")
    answer = read.answer
    found = list(safe_to_readers(read))
    found += [("life", row.style) for row in read.life if not row.vlan and (row.verdict == "safe" or row.serves)]
    wrong = [(who, style) for who, style in found if not is_good(answer, style)]
    failover = document.get("failover") or {"answer": "unknown", "style": None}
    named_style = result.kind(failover["style"], failover.get("fix") or "") if failover["style"] else ""
    wrong += [("failover", named_style)] if named_style and not is_good(answer, named_style, offered=True) else []
    wrong += [("failover", "exit")] if (failover["answer"] == "yes") != (read.exit == 0) else []
    wrong += [("verdict", read.verdict)] if read.verdict == "safe" and read.exit else []
    return wrong


DOCUMENTS = ("result.json", "igb.json", "odd.json", "fixes.json", "reflector.json", "error.json", "hostile.json")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_of_a_golden_document(name):
    assert says_more(tool.golden(name)) == []


def bridge(**changes):
    return lambda document: document["vf"]["styles"][1].update(changes)


@pytest.mark.parametrize("change, found", (
    (lambda document: document["life"][1].update(verdict="safe"), [("life", "bridge")]),
    (lambda document: document["life"][1].update(serves=["ipv4"]), [("life", "bridge")]),
    (bridge(verdict="safe", reason=None), [(who, "bridge") for who in ("nfprobe-check", "matrix", "label", "junit")]),
    (lambda document: document["failover"].update(style="bridge"), [("failover", "bridge")]),
    (lambda document: document["failover"].update(answer="yes"), [("failover", "exit")]),
    (lambda document: document.update(verdict="safe"), [("verdict", "safe")]),
    # The NIC's answer is that of its wire.
    (lambda document: document["source"].update(kind="vf"), [("life", "macvtap")]),
))
def test_what_says_more_is_named(change, found):
    """Of a document that calls a macvtap safe, and a bridge not."""
    document = tool.golden("igb.json")
    change(document)
    if document["source"]["kind"] == "vf":
        document["answer"] = "eth0 VF 3: UNKNOWN with macvtap: not tested from the wire. NOT SAFE with a bridge: EARLY."
    wrong = says_more(document)
    assert set(found) <= set(wrong) and {style for _, style in wrong} <= {"macvtap", *(style for _, style in found)}, wrong


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_of_every_archetype(way):
    lines = [f"{way} -- {keys}" for keys in archetypes().values()]
    wrong = [(line, found, out["answer"]) for line, out in zip(lines, alike.memprobe(lines)) for found in [says_more(out)] if found]
    assert not wrong, "\n".join(map(str, wrong))


# ---- what a manager does: vf.styles[].requires, the conditions, and the text ----

DUTIES = {"assign-at-hotplug", "assign-before-standby", "release-standby-when-up", "detach-before-migration", "clear-at-unplug"}


def duties_unlike(document):
    """The styles of which the three do not have one list. Where nothing helps, or another style is the way to go, none is printed."""
    advice = {one["id"]: one for one in document["advice"]}
    text = " ".join("\n".join(document["text"]["lines"]).split())
    wrong = []
    for style in (document["vf"] or {"styles": []})["styles"]:
        conditions = [one for one in document["conditions"]
                      if (one["style"], one["fix"]) == (style["style"], style["fix"]) and one["code"] in DUTIES]
        printed = {one["code"] for one in conditions
                   for by in one["met_by"] if " ".join(advice[by]["sentence"].split()) in text or not advice[by]["sentence"]}
        required = set(style["requires"]) & DUTIES
        told = {one["code"] for one in conditions}
        if told and not told == printed == required:
            wrong.append((style["style"], sorted(required), sorted(told), sorted(printed)))
    return wrong


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_golden_document_has_one_list_of_duties(name):
    assert duties_unlike(tool.golden(name)) == []


@pytest.mark.parametrize("way", ("--style bridge --skip fix", "--style macvtap", "--allow early", "--allow early,slow,deaf,sticky,refused"))
def test_every_archetype_has_one_list_of_duties(way):
    lines = [f"{way} -- {keys}" for keys in archetypes().values()]
    told, wrong = set(), []
    for line, out in zip(lines, alike.memprobe(lines)):
        told |= {one["code"] for one in out["conditions"]} & DUTIES
        wrong += [(line, found) for found in [duties_unlike(out)] if found]
    assert told and not wrong, "\n".join(map(str, wrong))

# SPDX-License-Identifier: GPL-2.0-or-later
"""The first line, the exit status, the last line ("Failover on eth0: ..") and JSON's failover.answer of a run say the same.

Of every answer of golden/answers.txt, and of every archetype of drivers.def in all ways to run.
"""

import os
import re
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, TOP + "/tests/nfsim")
import alike  # noqa: E402

ARCHETYPE = re.compile(r'^ARCHETYPE\(([\w-]+), "[^"]*",((?:\s*"[^"]*")+)\)$', re.MULTILINE)
STATUS = {"yes": (0,), "only": (1,), "no": (1,), "not known": (3, 4, 5, 129, 130, 143)}
STYLES = ("macvtap", "a bridge on a second VF", "a bridge", "a static bridge", "bridge+pin", "bridge+fdb+pin", "bridge+fdb",
          "vf-bridge+pin")
WAYS = ("", "--style macvtap", "--style bridge", "--style bridge+pin,bridge+fdb+pin", "--style static-bridge,vf-bridge", "--skip remedy",
        "--from vf:1", "--from pf --style bridge", "--guest-vlan 100", "--require ipv6", "--require neighbours", "--require host",
        "--gap-limit 100", "--allow early", "--allow early,slow,deaf,sticky,refused", "--skip multicast", "--skip sibling", "--settle 0.5")


def parts_of(first):
    """What the first line says of each group of styles: (SAFE, the styles, the rest)."""
    said = first.partition(": ")[2]
    return [(sort.strip(), rest) for sort, rest in
            re.findall(r"(?:^|, )((?:NOT )?SAFE|UNKNOWN)(.*?)(?=, (?:(?:NOT )?SAFE|UNKNOWN) with|$)", said)]


def named(text):
    return [style for style in STYLES if re.search(rf"(?:with|or|and|,) {re.escape(style)}(?![\w+ ]*on a second)(?!\+)", text)]


def broken(first, status, last, text):
    """The rules that do not hold. @text: all that is printed above."""
    said = re.fullmatch(r"Failover(?: on [^:]+)?: (yes|only|not known|no)\b(.*)\.", last)
    if not said:
        return ["word"]
    word, rest = said[1], said[2]
    wrong = [] if status in STATUS[word] else ["status"]
    wrong += ["blank"] if re.search(r"[,(] ?\)| [,;.)]", first + last) else []
    parts = parts_of(first)
    offered = rest if word in ("yes", "only") else rest.partition("; yes, ")[2]
    below = " above" in offered or "-v" in offered or "not for guests with VLAN" in offered or "--allow" in offered or "IPv4" in offered
    safe = " ".join(part for sort, part in parts if sort == "SAFE")
    wrong += [] if below or set(named(" with " + offered if offered else "")) <= set(named(" " + safe)) else ["name"]
    wrong += ["above"] if " above" in offered and not re.search(r"^ {7}\S", text, re.MULTILINE) else []
    wrong += ["-v"] if "commands of -v" in offered and "with -v" not in " ".join(text.split()) else []
    wrong += ["wire"] if "not the wire" in first and word in ("yes", "only") else []
    wrong += ["unknown"] if word == "no" and not rest and any(sort == "UNKNOWN" for sort, _ in parts) else []
    wrong += ["condition"] if any(condition not in first for condition in re.findall(r"\((IPv6[^)]*)\)", offered)) else []
    wrong += ["condition"] if "not for guests with VLAN" in offered and "macvtap" in offered and "IPv6" not in offered else []
    return wrong


def of_golden(name):
    with open(f"{TOP}/tests/golden/{name}", encoding="utf-8") as file:
        for block in re.split(r"^==== ", file.read(), flags=re.MULTILINE)[1:]:
            title, _, text = block.partition("\n")
            if text.startswith("(the text above)") or "Exit " not in text or "Failover" not in text:
                continue
            first = text.partition("\n")[0]
            joined = " ".join(text.split())
            yield title, first, int(re.search(r"Exit (\d+)", joined)[1]), "Failover" + joined.rpartition("Failover")[2], text


def test_every_answer():
    said = list(of_golden("answers.txt"))
    assert len(said) > 55
    assert [(title, wrong) for title, *answer in said for wrong in [broken(*answer)] if wrong] == []


def archetypes():
    with open(TOP + "/tests/drivers.def", encoding="utf-8") as file:
        return {name: " ".join(re.findall(r'"([^"]*)"', keys)) for name, keys in ARCHETYPE.findall(file.read())}


@pytest.mark.parametrize("way", WAYS)
def test_every_archetype(way):
    names = archetypes()
    assert len(names) > 20
    lines = [f"{way} -- {keys}" for keys in names.values()]
    wrong = []
    for line, out in zip(lines, alike.memprobe(lines)):
        text = "\n".join(out["text"]["short"])
        last = out["failover"]["text"]
        rules = broken(out["answer"], out["exit"], last, text)
        word = re.match(r"[^:]*: (yes|only|not known|no)\b", last)[1].replace("not known", "unknown")
        rules += [] if out["failover"]["answer"] == word else ["answer"]
        wrong += [(line, rules, out["answer"], out["exit"], last)] if rules else []
    assert wrong == []


@pytest.mark.parametrize("first, status, last, rule", [
    ("eth0 VF 3: SAFE with macvtap.", 1, "yes, with macvtap", "status"),
    ("eth0 VF 3: NOT SAFE with macvtap (EARLY).", 1, "only with macvtap", "name"),
    ("eth0 VF 3: NOT SAFE with a bridge (EARLY).", 1, "only with a bridge, after the commands above", "above"),
    ("eth0 VF 3: UNKNOWN with macvtap (SAFE from VF 1 only, not the wire).", 0, "yes, with macvtap", "wire"),
    ("eth0 VF 3: UNKNOWN with macvtap (loss), NOT SAFE with a bridge (EARLY).", 1, "no", "unknown"),
    ("eth0 VF 3: SAFE with macvtap.", 0, "yes, with macvtap (IPv6: trustGuestRxFilters)", "condition"),
    ("eth0 VF 3: SAFE with macvtap.", 0, "of course", "word"),
])
def test_a_rule_that_is_broken_is_named(first, status, last, rule):
    assert rule in broken(first, status, f"Failover on eth0: {last}.", "")

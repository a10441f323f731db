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
SENTENCE = re.compile(r"(?:^|\. )(SAFE|NOT SAFE|UNKNOWN|NOT TESTED|NOT POSSIBLE|NOT RESTORED)(.*?)"
                      r"(?=\. (?:SAFE|NOT |UNKNOWN)|\.?$)")
TRUST = "trust-guest-rx-filters"
STATUS = {"yes": (0,), "only": (1,), "no": (1,), "not known": (3, 4, 5, 129, 130, 143)}
STYLES = {"macvtap": "macvtap", "vf-bridge": "vf-bridge", "bridge": "a bridge", "static-bridge": "static-bridge",
          "vf-bridge+pin": "vf-bridge+pin", "bridge+fdb+pin": "bridge+fdb+pin", "bridge+fdb": "bridge+fdb", "bridge+pin": "bridge+pin"}
WAYS = ("", "--style macvtap", "--style bridge", "--style bridge+pin,bridge+fdb+pin", "--style static-bridge,vf-bridge",
        "--style static-bridge", "--skip fix", "--from vf:1", "--from pf --style bridge", "--guest-vlan 100", "--require ipv6",
        "--gap-limit 100", "--allow early", "--allow early,slow,deaf,sticky,refused",
        "--skip multicast", "--settle 0.5")


ASKED_MORE = ("--style bridge", "+pin", "static", "--from", "--guest-vlan", "ipv6", "--allow")  # than a run without options


def lines_of(text):
    """The lines of a screen of 80 columns."""
    return sum(max(1, -(-len(line) // 80)) for line in text.splitlines())


def sentences(first):
    """The sentences of the first line behind its names: (SAFE, the rest)."""
    said = first.partition(": ")[2]
    return [(sort.strip(), rest) for sort, rest in SENTENCE.findall(said)]


def named(text):
    """The styles of a text, in the words of both lines."""
    found, text = set(), " " + text
    for style in STYLES.values():  # the longer names come before those that they contain
        if re.search(rf"(?:with|or|and|,) {re.escape(style)}(?![\w+])", text):
            found.add(style)
        text = text.replace(f" {style}", " -")
    return found


def conditions(text):
    """Of a style: of its IPv6, and of its bridge."""
    return [one for bracket in re.findall(r"\(((?:IP|pin)[^)]*)\)", text) for one in bracket.split("; ")]


def broken(first, status, last, text, asked=()):
    """The rules that do not hold. @text: all that is printed above; @asked: the styles that count, in the words of the first line."""
    said = re.fullmatch(r"Failover(?: on [^:]+)?: (yes|only|not known|no)\b(.*)\.", last)
    if not said:
        return ["word"]
    word, rest = said[1], said[2]
    wrong = [] if status in STATUS[word] else ["status"]
    wrong += ["blank"] if re.search(r"[,(] ?\)| [,;.)]|  ", first + last) else []
    wrong += ["brackets"] if re.search(r"\([^)]*\(", first) or re.search(r"\([^)]*\(", last) else []
    parts = sentences(first)
    by_style = not any(rest.startswith(":") for _, rest in parts)
    # A bracket holds the condition of a style, and nothing else.
    wrong += ["brackets"] if by_style and any("(" in re.sub(r"\((?:IPv[46]|pin its guests)[^)]*\)", "", rest) for _, rest in parts) else []
    # A state has the name of its column.
    wrong += ["state"] if by_style and re.search(r"\bat (?:attach|up|unplug|detach|clear|vf-first[\w-]*)\b", first) else []
    # By itself: the last line has what helps.
    wrong += ["itself"] if "by itself" in first and not (word == "only" and re.search("each guest starts|command", rest)) else []
    offered = rest if word in ("yes", "only") else rest.partition("; yes, ")[2]
    safe = " ".join(part for sort, part in parts if sort == "SAFE")
    below = named(offered.partition("by --allow")[2]) | {style for style in named(offered) if "each guest starts" in offered}
    wrong += [] if named(offered) - below <= named(safe) else ["name"]
    wrong += ["asked"] if by_style and not set(asked) <= named(" ".join(part for _, part in parts)) else []
    count = re.search(r"the (?:(\d+) commands|command) above", offered)
    wrong += ["above"] if " above" in offered and not re.search(r"^ {7}\S", text, re.MULTILINE) else []
    wrong += ["above"] if count and len(re.findall(r"^ {7}(?!<)\S", text, re.MULTILINE)) < int(count[1] or 1) else []
    wrong += ["-v"] if "of -v" in offered and "with -v" not in " ".join(text.split()) else []
    wrong += ["wire"] if "from the wire" in first and word in ("yes", "only") else []
    wrong += ["unknown"] if word == "no" and "not known" not in rest and any(sort == "UNKNOWN" for sort, _ in parts) else []
    wrong += ["condition"] if any(condition not in first for condition in conditions(last)) else []
    wrong += ["condition"] if offered and any(condition not in last for condition in conditions(safe)) else []
    wrong += ["condition"] if ("for guests with VLAN" in offered) != ("for guests with VLAN" in safe) and offered else []
    return wrong


def whole(text):
    """A golden text with what it has once wherever it belongs (unit/golden.h)."""
    told, heading, blocks = {}, "", []
    for block in re.findall(r"\n|.+\n(?: .*\n)*", text):
        heading = block[5:-1] if block.startswith("==== ") else heading
        again = re.fullmatch(r"(.*) \[as under: (.*)\]\n", block)
        blocks.append(told[again[2], again[1]] if again else block)
        told.setdefault((heading, block.partition("\n")[0]), block)
    return "".join(blocks)


def of_golden(name):
    with open(f"{TOP}/tests/golden/{name}", encoding="utf-8") as file:
        for block in re.split(r"^==== ", whole(file.read()), flags=re.MULTILINE)[1:]:
            title, _, text = block.partition("\n")
            if text.startswith("(the text above)") or "Exit " not in text or "Failover" not in text:
                continue
            first = text.partition("\n")[0]
            joined = " ".join(text.split())
            rows = re.findall(r"^  ([a-z+-]+)  ", text, re.MULTILINE)
            fixes = re.findall(r"([a-z+-]+): a fix", joined)
            asked = [STYLES[row] for row in rows if row in STYLES and row not in fixes]
            yield title, first, int(re.search(r"Exit (\d+)", joined)[1]), "Failover" + joined.rpartition("Failover")[2], text, asked


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
        asked = [STYLES[style["style"]] for style in out["vf"]["styles"] if style["fix"] is None]
        rules = broken(out["answer"], out["exit"], last, text, asked)
        word = re.match(r"[^:]*: (yes|only|not known|no)\b", last)[1].replace("not known", "unknown")
        rules += [] if out["failover"]["answer"] == word else ["answer"]
        most = 36 if any(more in way for more in ASKED_MORE) else 20 if word == "yes" else 24
        rules += [] if lines_of(text) <= most else ["lines"]
        rules += [] if all(any((one["style"], one["fix"], one["vlan"], one["code"]) == (row["style"], row["fix"], row["vlan"], TRUST)
                               for one in out["conditions"]) for row in out["life"] if row["cells"]["ipv6"] == "ok-if") else ["star"]
        wrong += [(line, rules, out["answer"], out["exit"], last)] if rules else []
    assert wrong == []


def test_ipv6_that_is_required_makes_no_yes_of_frames_from_inside():
    way = "--style macvtap --require ipv6 --settle 0.5"
    outs = alike.memprobe([f"{way} {more} -- come=up go=unplug" for more in ("", "--from vf:1", "--from vf:1 --allow no-wire")])
    assert [(out["failover"]["answer"], "SAFE for IPv4" in out["answer"]) for out in outs] == [
        ("only", True), ("no", False), ("only", True)]


@pytest.mark.parametrize("first, status, last, rule", [
    ("SAFE with macvtap.", 1, "yes, with macvtap", "status"),
    ("NOT SAFE with macvtap: EARLY.", 1, "only with macvtap", "name"),
    ("SAFE with macvtap. NOT SAFE with a bridge: EARLY.", 0, "yes, with macvtap, or with a bridge", "name"),
    ("SAFE with a bridge and 2 commands.", 1, "only with a bridge and the 2 commands above", "above"),
    ("SAFE with a bridge and 2 commands.", 1, "only with a bridge and the 2 commands of -v", "-v"),
    ("UNKNOWN with macvtap: ok so far, but no frame came from the wire.", 0, "yes, with macvtap", "wire"),
    ("NOT SAFE with a bridge: EARLY. UNKNOWN with macvtap: loss.", 1, "no", "unknown"),
    ("SAFE with macvtap.", 0, "yes, with macvtap (IPv6: set trustGuestRxFilters)", "condition"),
    ("SAFE with macvtap (IPv6: set trustGuestRxFilters).", 0, "yes, with macvtap", "condition"),
    ("SAFE with macvtap, but not for guests with VLAN 100.", 1, "only with macvtap", "condition"),
    ("NOT SAFE with a bridge (SLOW (1.2 s)).", 1, "no", "brackets"),
    ("NOT SAFE with a bridge (EARLY).", 1, "no", "brackets"),
    ("UNKNOWN with a bridge: loss at unplug.", 3, "not known: run it again", "state"),
    ("SAFE with a bridge (slowly).", 0, "yes, with a bridge", "brackets"),
    ("SAFE with macvtap. NOT SAFE by itself with a bridge: EARLY.", 1, "only with macvtap", "itself"),
    ("SAFE with macvtap.", 0, "yes, with macvtap", "asked"),
    ("SAFE with macvtap.", 0, "of course", "word"),
])
def test_a_rule_that_is_broken_is_named(first, status, last, rule):
    assert rule in broken(f"eth0 VF 3: {first}", status, f"Failover on eth0: {last}.", "", ["macvtap", "a bridge"])


@pytest.mark.parametrize("first, status, last", [
    ("SAFE with a bridge, and with macvtap (IPv6: set trustGuestRxFilters).", 0,
     "yes, with a bridge, or with macvtap (IPv6: set trustGuestRxFilters)"),
    ("NOT SAFE with macvtap or a bridge: EARLY.", 1, "no"),
    ("UNKNOWN: stopped by Ctrl-C after 31 s. So far: ok with macvtap.", 130, "not known: run it to its end"),
])
def test_lines_that_hold(first, status, last):
    assert broken(f"eth0 VF 3: {first}", status, f"Failover on eth0: {last}.", "", ["macvtap", "a bridge"]) == []

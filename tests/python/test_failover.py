# SPDX-License-Identifier: GPL-2.0-or-later
"""The first line, the exit status, what stands below and JSON's failover.answer of a run say the same.

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
BEGINS = (r"(?:SAFE with|ok with|IPv4 SAFE with|IPv4 only with|Not SAFE by itself with|NOT SAFE|UNKNOWN|NOT TESTED|NOT POSSIBLE"
          r"|NOT RESTORED)")
CLAUSE = re.compile(rf"(?:^|\. )({BEGINS})(.*?)(?=\. {BEGINS}|\. \w+ (?:is inactive|has no carrier)|\.?$)")
GOOD = ("SAFE with", "ok with", "Not SAFE by itself with", "IPv4 SAFE with", "IPv4 only with")
TRUST = "trust-guest-rx-filters"
STATUS = {"yes": (0,), "only": (1,), "no": (1,), "unknown": (3, 4, 5, 129, 130, 143)}
STYLES = {"macvtap": "macvtap", "vf-bridge": "vf-bridge", "bridge": "a bridge", "static-bridge": "static-bridge",
          "vf-bridge+pin": "vf-bridge+pin", "bridge+fdb+pin": "bridge+fdb+pin", "bridge+fdb": "bridge+fdb", "bridge+pin": "bridge+pin"}
WAYS = ("", "--style macvtap", "--style bridge", "--style bridge+pin,bridge+fdb+pin", "--style static-bridge,vf-bridge",
        "--style static-bridge", "--skip fix", "--from vf:1", "--from pf --style bridge", "--guest-vlan 100", "--require ipv6",
        "--gap-limit 100", "--allow early", "--allow early,slow,deaf,sticky,refused",
        "--skip multicast", "--settle 0.5", "--from vf:1 --allow no-wire", "--gap-limit 1000 --allow slow", "--style all",
        "--style all --guest-vlan 100", "--style all --require ipv6", "--style all --allow early",
        "--style all --gap-limit 100 --allow deaf,early")

# A condition in the first line, and what brings it about below.
PIN = "bridge fdb replace GUEST_MAC"
CONDITIONS = {"trustGuestRxFilters": "trustGuestRxFilters='yes'", "pin its guests": PIN, "guest is pinned": PIN,
              "all groups to its tap": "bridge link set dev TAP mcast_router 2", "pin its guests on each bridge": f"{PIN} dev VETH",
              "clear the VF's address": "vf GUEST_VF mac "}
IN_BRACKETS = (r"(?:IPv6 not (?:tested|known), |IPv4 only, )?as below|IPv6 depends on each guest"
               r"|IPv6: set trustGuestRxFilters|IPv6: all groups to its tap"
               r"|pin its guests(?: on each bridge)?, or up to \d+ s are lost after unplug"
               r"|clear the VF's address once the guest has left"
               r"|IPv4 only"
               r"|IPv6 not (?:tested|known)(?:, and only with (?:trustGuestRxFilters|all groups at its tap))?"
               r"|(?:[^()]* so far)")


# An answer that would have more lines says only that there are conditions and commands, and has them below.
BRIEF = re.compile(r"as below\)|but \S+(?: only| \(IPv6 not known\))? as below|\(IPv6 depends on each guest\)")
LINES = 3


def lines_of(text):
    """The lines of a screen of 80 columns."""
    return sum(max(1, -(-len(line) // 80)) for line in text.splitlines())


def clauses(first):
    """The clauses of the first line behind its names: (SAFE with, the rest)."""
    return [(begin, rest) for begin, rest in CLAUSE.findall(first.partition(": ")[2])]


def named(text):
    """The styles of a text, in the words of the first line."""
    found, text = set(), " " + re.sub(r"(a )?([a-z+-]+)\[\+pin\]", r"\1\2, \2+pin", text)
    for style in sorted(STYLES.values(), key=len, reverse=True):  # the longer names come before those that they contain
        if re.search(rf"(?:with|or|and|,|\(|of) {re.escape(style)}(?![\w+])|\({re.escape(style)} ", text):
            found.add(style)
        text = text.replace(f" {style}", " -").replace(f"({style}", "(-")
    return found


def good(begin, rest):
    """Does the clause say that a guest is served, if only by what stands below?"""
    return begin in GOOD or ", but SAFE" in rest or ", but IPv4 only" in rest


def commands_of(text):
    return re.findall(r"^ {11}(?!<| )\S.*", text, re.MULTILINE)


def wrong_with(word, status, said):
    """The rules on the word of an answer."""
    yes = all(begin in GOOD or begin in ("NOT POSSIBLE", "NOT TESTED") for begin, _ in said)
    some = any(good(*one) for one in said)
    yield from ("status" for _ in [0] if status not in STATUS[word])
    yield from ("yes" for _ in [0] if word == "yes" and not (yes and some))
    yield from ("only" for _ in [0] if word == "only" and not some)
    yield from ("no" for _ in [0] if word == "no" and some)
    wants = word == "unknown" and status in (3, 130, 143)
    yield from ("unknown" for _ in [0] if wants and not any(begin == "UNKNOWN" for begin, _ in said))


def broken(first, status, text, asked=(), word=None):
    """The rules that do not hold. @text: all that is printed; @asked: the styles that count, in the words of the first line; @word: of
    JSON, else what status and first line come to."""
    said = clauses(first)
    word = word or {0: "yes", 1: "only" if any(good(*one) for one in said) else "no"}.get(status, "unknown")
    wrong = list(wrong_with(word, status, said))
    by_style = not any(rest.startswith(":") for _, rest in said)
    wrong += ["blank"] if re.search(r"[,(] ?\)| [,;.)]|  ", first) else []
    # A bracket holds conditions, and nothing else.
    wrong += ["brackets"] if re.search(r"\([^)]*\(", first) or by_style and any(
        not re.fullmatch(IN_BRACKETS, one) for bracket in re.findall(r"\(([^)]*)\)", first) for one in
        ([bracket] if "so far" in bracket else bracket.split("; "))) else []
    # A state has the name of its column.
    wrong += ["state"] if by_style and re.search(r"\bat (?:attach|up|unplug|detach|clear|vf-first[\w-]*)\b", first) else []
    wrong += ["itself"] if any(begin == "NOT SAFE" and rest.startswith(" by itself") != good(begin, rest) for begin, rest in said) else []
    wrong += ["asked"] if by_style and not set(asked) <= named(" ".join(begin + rest for begin, rest in said)) else []
    commands, below = commands_of(text), text.partition("\n\n")[2]
    count = re.search(r"the command(s?) below", first)
    wrong += ["below"] if text and count and len(commands) < len(count[1]) + 1 else []
    wrong += ["below"] if text and " as below" in first and not commands else []
    # What a shell reads has no number, and no remark.
    wrong += ["paste"] if any(re.match(r"\d+\. ", line.strip()) or " # " in line for line in commands) else []
    inside = "inside the NIC" in " ".join(text.split())
    wrong += ["wire"] if inside and any(begin in ("SAFE with", "IPv4 SAFE with") or ", but SAFE" in rest for begin, rest in said) else []
    helped, flat = "as below" in first or bool(count), " ".join(text.split())
    for condition, brings in CONDITIONS.items() if text and by_style and status in (0, 1, 3) else ():
        wrong += ["condition"] if condition in first and brings not in flat else []
    for condition, brings in list(CONDITIONS.items())[:1] if text and by_style and status in (0, 1, 3) else ():
        wrong += ["condition"] if brings in flat and condition not in first and not BRIEF.search(first) else []
    wrong += ["condition"] if by_style and "bridge fdb replace" in text and not (helped or "pin" in first) else []
    wrong += ["style"] if re.search(r"^(?:EARLY|REFUSED|DEAF|STICKY|SLOW|UNKNOWN|IPv6) +(?! )(?!With )", below, re.MULTILINE) else []
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
    """Title, first line, status, text, the styles that were asked for, and where it stands the word of each answer."""
    with open(f"{TOP}/tests/golden/{name}", encoding="utf-8") as file:
        for block in re.split(r"^==== ", whole(file.read()), flags=re.MULTILINE)[1:]:
            title, _, text = block.partition("\n")
            joined = " ".join(text.split())
            exits = re.search(r"Exit (\d+)(?:, (\w+)\.$)?", joined)
            if not exits:
                continue
            first = text.partition("\n")[0] if exits[2] else " ".join(text.partition("\n\n")[0].split())
            rows = re.findall(r"^  ([a-z+-]+)  ", text, re.MULTILINE)
            fixes = re.findall(r"([a-z+-]+): a fix, tested", joined)
            asked = [STYLES[row] for row in rows if row in STYLES and row not in fixes]
            yield title, first, int(exits[1]), "" if exits[2] else text, asked, exits[2]


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
        text = "\n".join(out["text"]["lines"][:out["text"]["short"]])
        asked = [STYLES[style["style"]] for style in out["vf"]["styles"] if style["fix"] is None]
        rules = broken(out["answer"], out["exit"], text, asked, out["failover"]["answer"])
        # All that a guest takes is printed, so that a style which is not safe by itself has more than a screen.
        most = 100 if "all" in way else 50 if "by itself" in out["answer"] or "below" in out["answer"] else 26
        rules += [] if lines_of(text) <= most and lines_of(text.partition("\n\n")[0]) <= LINES else ["lines"]
        rules += [] if all(any((one["style"], one["fix"], one["vlan"], one["code"]) == (row["style"], row["fix"], row["vlan"], TRUST)
                               for one in out["conditions"]) for row in out["life"] if row["cells"]["ipv6"] == "ok-if") else ["star"]
        wrong += [(line, rules, out["answer"], out["exit"])] if rules else []
    assert wrong == []


# The verdicts that a clause may have: of one that is lost in a VLAN, or without IPv6, alone, the clause says so.
FAULTS = ("early", "refused", "deaf", "sticky", "slow")
MEANS = {"SAFE with": ("safe",), "ok with": ("safe",), "NOT POSSIBLE": ("not-applicable",), "NOT TESTED": ("not-applicable",),
         "UNKNOWN": ("unknown",)}
FROM_INSIDE = ("--from vf:1 --style all", "--from pf --guest-vlan 100", "--from vf:1 --require ipv6 --gap-limit 100",
               "--from vf:1 --allow early,slow", "--from pf --style all --allow no-wire", "--from vf:1 --gap-limit 100 --allow slow")


def two_verdicts(out):
    """The styles of a run that have one verdict by their key, and another by life, first line or status."""
    said, styles = clauses(out["answer"]), out["vf"]["styles"]
    rows = {(row["style"], row["fix"]): row["verdict"] for row in out["life"] if not row["vlan"]}
    by_style = not any(rest.startswith(":") for _, rest in said)
    for style in styles:
        verdict, row = style["verdict"], rows.get((style["style"], style["fix"]))
        yield from ((style["style"], "life", verdict, row) for _ in [0] if row not in (None, verdict))
        words = [(begin, rest) for begin, rest in said if not by_style or STYLES[style["style"]] in named(begin + rest)]
        if style["fix"] is None and len(words) == 1:
            [(begin, rest)] = words
            in_part = "but for guests with VLAN" in rest or "but in VLAN" in rest or f"{verdict.upper()}, which --allow accepts" in rest
            yield from ((style["style"], begin, verdict) for _ in [0] if verdict not in MEANS.get(begin, FAULTS) and not in_part)
    counted = [style for style in styles if style["fix"] is None and style["verdict"] != "not-applicable"]
    good = all(style["verdict"] == "safe" or style["allowed"] for style in counted)
    yield from (("status", out["exit"]) for _ in [0] if out["exit"] == 0 and not good)
    yield from (("status", out["exit"]) for _ in [0] if out["exit"] == 3 and all(style["verdict"] == "safe" for style in counted))


@pytest.mark.parametrize("way", [*WAYS, *FROM_INSIDE])
def test_no_style_has_two_verdicts(way):
    lines = [f"{way} -- {keys}" for keys in archetypes().values()]
    outs = alike.memprobe(lines)
    assert [(line, two) for line, out in zip(lines, outs) for two in two_verdicts(out)] == []
    styles = [style for out in outs for style in out["vf"]["styles"] if style["fix"] is None]
    assert len(styles) >= len(lines)
    if "--from" in way and "no-wire" not in way:
        assert not any(style["verdict"] == "safe" for style in styles)
    if way in ("--from vf:1", "--from vf:1 --style all"):
        assert any((style["decided_by"], style["filter_verdict"]) == ("wire", "safe") for style in styles)


def test_the_rows_that_end_with_0_are_safe_or_have_conditions_alone():
    """Each style by itself, and no other row does."""
    names = archetypes()
    outs = alike.memprobe([f" -- {keys}" for keys in names.values()])
    safe = {name: all(style["verdict"] == "safe" for style in out["vf"]["styles"] if style["fix"] is None)
            for name, out in zip(names, outs)}
    assert {name: out["exit"] == 0 for name, out in zip(names, outs)} == safe and 3 < sum(safe.values()) < len(safe)


def test_ipv6_that_is_required_makes_no_yes_of_frames_from_inside():
    way = "--style macvtap --require ipv6 --settle 0.5"
    outs = alike.memprobe([f"{way} {more} -- come=up go=unplug" for more in ("", "--from vf:1", "--from vf:1 --allow no-wire")])
    assert [(out["failover"]["answer"], "IPv4 SAFE" in out["answer"]) for out in outs] == [
        ("only", True), ("no", False), ("only", True)]


@pytest.mark.parametrize("first, status, word, rule", [
    ("SAFE with macvtap, and with a bridge.", 1, "yes", "status"),
    ("NOT SAFE with macvtap or a bridge: EARLY.", 1, "only", "only"),
    ("SAFE with macvtap. NOT SAFE with a bridge: EARLY.", 0, "yes", "yes"),
    ("SAFE with macvtap. NOT SAFE with a bridge: EARLY.", 1, "no", "no"),
    ("SAFE with macvtap. UNKNOWN with a bridge: loss.", 0, "yes", "yes"),
    ("NOT SAFE with macvtap or a bridge: EARLY.", 3, "unknown", "unknown"),
    ("SAFE with macvtap, and with a bridge (slowly).", 0, "yes", "brackets"),
    ("NOT SAFE with macvtap or a bridge (EARLY).", 1, "no", "brackets"),
    ("UNKNOWN with macvtap or a bridge: loss at unplug.", 3, "unknown", "state"),
    ("SAFE with macvtap. NOT SAFE by itself with a bridge: EARLY.", 1, "only", "itself"),
    ("SAFE with macvtap. NOT SAFE with a bridge: EARLY, but SAFE once each guest is pinned.", 1, "only", "itself"),
    ("SAFE with macvtap.", 0, "yes", "asked"),
    ("SAFE with macvtap ( ), and with a bridge.", 0, "yes", "blank"),
])
def test_a_rule_that_is_broken_is_named(first, status, word, rule):
    assert rule in broken(f"eth0 VF 3: {first}", status, "", ["macvtap", "a bridge"], word)


@pytest.mark.parametrize("first, text, rule", [
    ("SAFE with macvtap (IPv6: set trustGuestRxFilters), and with a bridge.", "Exit 0", "condition"),
    ("SAFE with macvtap, and with a bridge (pin its guests, or up to 300 s are lost after unplug).", "Exit 0", "condition"),
    ("SAFE with macvtap, and with a bridge.", "give its <interface\ntype='direct'> on eth0 trustGuestRxFilters='yes'", "condition"),
    ("SAFE with macvtap, and with a bridge.", "           bridge fdb replace GUEST_MAC dev TAP master static sticky", "condition"),
    ("SAFE with macvtap, and with bridge+fdb and the commands below.", "           bridge fdb add", "below"),
    ("SAFE with macvtap, and with a bridge.", "           ip link show # all", "paste"),
    ("SAFE with macvtap, and with a bridge.", "from vf:1 inside the\nNIC", "wire"),
    ("SAFE with macvtap, and with a bridge.", "\n\nEARLY    VF 3 takes the address", "style"),
])
def test_a_rule_on_what_stands_below_is_named(first, text, rule):
    assert rule in broken(f"eth0 VF 3: {first}", 0, text)


@pytest.mark.parametrize("first, status", [
    ("SAFE with macvtap (IPv6: set trustGuestRxFilters), and with a bridge (pin its guests, or up to 300 s are lost after unplug).", 0),
    ("NOT SAFE with macvtap or a bridge: EARLY.", 1),
    ("NOT SAFE by itself with macvtap: EARLY, but SAFE if each guest starts and migrates as below. NOT SAFE with a bridge: EARLY.", 1),
    ("UNKNOWN: stopped by Ctrl-C after 31 s (macvtap ok so far).", 130),
    ("UNKNOWN: tested from VF 1 only, not from the wire (macvtap ok, a bridge ok but for gaps so far).", 3),
])
def test_lines_that_hold(first, status):
    assert broken(f"eth0 VF 3: {first}", status, "", ["macvtap", "a bridge"]) == []

# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-report compare: two results, whether they can be compared, and what is worse."""

import copy
import io
import json
import re

import pytest
import tool
from nfprobe_tools import compare
from nfprobe_tools.words import VERDICTS
from reports import IGB, SAID, of_schema, parse, report, save, style
from tool import put


def comparison(new, old=IGB, same=False):
    return compare.compare(parse(old), parse(new), same)


def newer_kernel(base=IGB):
    """The drivers come with it."""
    new = put(put(base, ("run", "kernel"), "6.13"), ("pf", "driver_version"), "6.13")
    return put(new, ("vf", "driver_version"), "6.13")


def test_nothing_changed():
    found = comparison(newer_kernel())
    assert (found.exit_status, found.differences, found.changes) == (0, (), ("kernel was 6.12.95, is 6.13",))
    assert comparison(copy.deepcopy(IGB), same=True).exit_status == 0


@pytest.mark.parametrize("was, now, allowed, trend, exit_status", [
    ("safe", "early", False, "worse", 1), ("safe", "early", True, "worse", 0), ("early", "safe", False, "better", 0),
    ("early", "sticky", False, "better", 0), ("safe", "unknown", False, "changed", 3), ("safe", "unknown", True, "changed", 0),
    ("unknown", "safe", False, "better", 0), ("unknown", "deaf", False, "worse", 1)])
def test_verdicts(was, now, allowed, trend, exit_status):
    old, new = copy.deepcopy(IGB), newer_kernel()
    style(old)["verdict"] = was
    style(new).update(verdict=now, allowed=allowed)
    found = comparison(new, old)
    assert ([d.trend for d in found.differences], found.exit_status) == ([trend], exit_status)
    assert (found.differences[0].before, found.differences[0].now) == (was, now)


def test_frames_from_inside_show_what_is_worse():
    """Of two runs with the same kind of source: each verdict is unknown, and what the frames show is compared."""
    def inside(document):
        document["source"].update({"kind": "vf", "from": "vf:1", "by": "vf"})
        style(document).update(verdict="unknown", decided_by="wire", reason="frames came from vf:1, not from the wire")
        return document

    old, new = inside(copy.deepcopy(IGB)), inside(newer_kernel())
    found = comparison(new, old)
    assert (found.exit_status, found.differences, found.alike[0]) == (0, (), "macvtap UNKNOWN (not proven)")
    style(new).update(verdict="early", decided_by="steps")
    found = comparison(new, old)
    assert ([(d.before, d.now, d.trend) for d in found.differences], found.exit_status) == ([("safe", "early", "worse")], 1)


def test_landings_and_gaps():
    new = newer_kernel()
    step = next(step for step in style(new)["steps"] if step["state"] == "unplug")
    step.update(answer="no")
    step["frames"]["unicast"].update(landing="nowhere", pf=0, lost=1500)
    style(new)["transitions"][-1].update(gap_us=900_000)
    found = comparison(new)
    assert [(d.compared, d.words(), d.before, d.now, d.trend) for d in found.differences] == [
        ("landing", "unplug", "pf", "nowhere", "worse"), ("gap", "attach to up", "312.0 ms", "900.0 ms", "worse")]
    assert found.exit_status == 1
    # What proves nothing may have been the network's doing, and so may these.
    style(new)["verdict"] = "unknown"
    assert comparison(new).exit_status == 3
    # Within the tolerance of a VF, or of the uncertainty.
    for change in ({"gap_us": 800_000}, {"gap_us": 900_000, "gap_error_us": 600_000}):
        new = newer_kernel()
        style(new)["transitions"][-1].update(change)
        assert comparison(new).differences == ()


def test_styles_of_one_result():
    new = newer_kernel()
    del new["vf"]["styles"][1]
    assert [(d.style, d.trend) for d in comparison(new).differences] == [("bridge", "gone")]
    found = comparison(newer_kernel(), {**copy.deepcopy(IGB), "vf": new["vf"]})
    assert ([(d.style, d.trend, d.now) for d in found.differences], found.exit_status) == ([("bridge", "new", "early")], 1)


def test_a_fix_is_the_style_that_it_is():
    """Whether it was asked for or not, it had a ladder."""
    old, asked = newer_kernel(), newer_kernel()
    style(old, 1).update(fix="pin")
    style(asked, 1).update(style="bridge+pin")
    assert comparison(asked, {**old, "run": IGB["run"]}).differences == ()
    old["vf"]["styles"][1]["verdict"] = "safe"
    assert [(d.style, d.trend) for d in comparison(asked, {**old, "run": IGB["run"]}).differences] == [("bridge+pin", "worse")]
    both = copy.deepcopy(old)
    both["vf"]["styles"][1].update(verdict="deaf")
    assert comparison(both, {**old, "run": IGB["run"]}).differences == ()  # a run may have it or not


@pytest.mark.parametrize("same", (False, True))
def test_the_last_line_and_the_status_agree(same):
    """Whatever two results differ in."""
    words = {0: ("no difference", "nothing is worse", "repeatable: no difference counts", "the same, as far as"),
             1: ("worse: ", "not repeatable: "),
             3: ("not known whether ",)}
    seen = set()
    for seed in range(200):
        some = tool.random_of(seed)
        old, new = copy.deepcopy(IGB), copy.deepcopy(IGB) if same else newer_kernel()
        for document in (old, new):
            for one in document["vf"]["styles"]:
                one.update(verdict=some.choice(VERDICTS), allowed=some.random() < 0.3,
                           fix=some.choice([None, None, "pin"]) if one["style"] == "bridge" else None)
            del document["vf"]["styles"][:some.choice([0, 0, 0, 1])]
        found = comparison(new, old, same=same)
        said = compare.summary(found)
        if not found.not_compared:
            assert said.startswith(words[found.exit_status]), (seed, said)
            seen.add(found.exit_status)
    assert seen == {0, 1, 3}


def test_repeatability():
    new = copy.deepcopy(IGB)
    style(new)["steps"][2]["frames"]["unicast"]["landing"] = "mixed"
    found = comparison(new, same=True)
    assert ([d.trend for d in found.differences], found.exit_status) == (["unstable"], 1)


def said_of(new, old=IGB, **options):
    out = io.StringIO()
    then, now = parse(old), parse(new)
    found = compare.compare(then, now, **{"same": False, **options})
    compare.write_text(then, now, found, out)
    return out.getvalue().splitlines(), found.exit_status


def test_what_is_the_same_is_said():
    """A job that passes says what it has found."""
    lines, status = said_of(newer_kernel())
    assert (lines[-1][:24], status) == ("no difference: macvtap S", 0) and lines[-1].endswith(", bridge EARLY, in both")
    worse = newer_kernel()
    style(worse).update(verdict="sticky")
    lines, status = said_of(worse)
    assert (lines[-2:], status) == (["the same in both: bridge EARLY", "worse: 1 of 1"], 1)


def test_what_only_the_new_one_asked_is_no_difference():
    new = copy.deepcopy(IGB)
    new["vf"]["styles"].append({**copy.deepcopy(style(new, 1)), "style": "static-bridge"})
    lines, status = said_of(new, same=True)
    assert (lines[-1], status) == ("the same, as far as both were asked; only in new: static-bridge EARLY", 0)
    # Where something was updated, a new verdict that is not safe counts.
    assert said_of({**newer_kernel(), "vf": new["vf"]})[1] == 1


def test_or_same():
    """The job of a pipeline, most of whose runs change no version."""
    assert comparison(copy.deepcopy(IGB)).exit_status == 3
    assert said_of(copy.deepcopy(IGB), or_same=True)[1] == 0
    assert said_of(newer_kernel(), or_same=True)[1] == 0
    new = copy.deepcopy(IGB)
    style(new)["verdict"] = "sticky"
    assert said_of(new, or_same=True)[1] == 1


def test_multicast_that_only_one_tested():
    old, new = copy.deepcopy(IGB), newer_kernel()
    for step in style(old)["steps"]:
        step["frames"]["multicast"].update(landing=None, sent=0, lost=0)
    style(new).update(verdict="deaf", multicast="lost")
    for step in style(new)["steps"]:
        if step["state"] == "unplug":
            step["answer"] = "no"
            step["frames"]["multicast"].update(landing="nowhere")
    assert comparison(new, old).differences == ()
    assert comparison(new).exit_status == 1


@pytest.mark.parametrize("change, why", [
    (lambda d: d, "driver, firmware and kernel are the same in both"),
    (lambda d: put(d, ("vf", "vf"), 4), "they are of two VFs (3 and 4)"),
    (lambda d: put(d, ("vf", "probed_vlan"), 7), "one run was on a VLAN"),
    (lambda d: put(d, ("pf", "device"), "0x1592"), "two kinds of NIC"),
    (lambda d: put(d, ("vf",), None), "the new result has no verdict"), (lambda d: put(d, ("restored",), False), "counts for nothing"),
    (lambda d: put(d, ("source", "kind"), "vf"), "from another source then (wire, now vf)")])
def test_not_comparable(change, why):
    found = comparison(change(copy.deepcopy(IGB) if "same in both" in why else newer_kernel()))
    assert why in found.not_compared and found.exit_status == 3


UNASKED = "none of --guest-vlan, --require, --gap-limit"


def in_guest_vlan(document):
    for one in document["vf"]["styles"]:
        one.update(verdict="deaf", decided_by="vlan", guest_vlan={"vlan": 100, "verdict": "lost"})
    return document


@pytest.mark.parametrize("change, asked", [
    (in_guest_vlan, "--guest-vlan 100"), (lambda d: put(d, ("settings", "require_ipv6"), True), "--require ipv6"),
    (lambda d: put(d, ("settings", "gap_limit_ms"), 100), "--gap-limit 100")])
def test_runs_that_were_not_asked_alike_are_not_comparable(change, asked):
    """Not worse, nor lost: a style of the one is judged by more than that of the other."""
    for old, new, options in ((IGB, change(newer_kernel()), f"(old: {UNASKED}; new: {asked})"),
                              (change(copy.deepcopy(IGB)), newer_kernel(), f"(old: {asked}; new: {UNASKED})")):
        found = comparison(new, old)
        assert (compare.summary(found), found.exit_status, found.differences) == (
            f"not comparable: the runs were not asked alike {options}", 3, ())
    assert comparison(change(newer_kernel()), change(copy.deepcopy(IGB))).not_compared == ""


def test_runs_without_a_style_in_common_are_not_comparable():
    new = newer_kernel()
    new["vf"]["styles"] = [{**style(new), "style": "static-bridge"}]
    found = comparison(new)
    assert (compare.summary(found), found.exit_status) == ("not comparable: the two have no style in common", 3)


def test_what_really_sent():
    """Two sources of one class show different things, which is told."""
    new = newer_kernel()
    new["source"].update({"from": "arp:192.0.2.1", "by": "arp"})
    assert comparison(new).changes[-1] == "frames came from eth1 (netdev), now from arp:192.0.2.1 (arp)"


@pytest.mark.slow
def test_compare_command(folder):
    new = newer_kernel()
    style(new).update(verdict="sticky")
    save(folder / "b.json", new)
    done = report("compare", "a.json", "b.json")
    assert done.returncode == 1 and re.search(r"^macvtap +verdict +safe +sticky +WORSE$", done.stdout, re.MULTILINE)
    assert done.stdout.endswith("worse: 1 of 1\n")
    document = json.loads(report("compare", "--json", "a.json", "b.json").stdout)
    assert (document["worse"], document["exit"], document["differences"][0]["trend"]) == (True, 1, "worse")
    tool.valid("compare", document)
    tool.valid("compare", json.loads(report("compare", "--json", "a.json", "a.json").stdout))
    done = report("compare", "a.json", "nosuch")
    assert (done.returncode, done.stderr) == (4, "nfprobe-report: cannot use nosuch: No such file or directory\n")


@pytest.mark.slow
@pytest.mark.parametrize("files, why", ((("a.json", "nosuch"), "cannot use nosuch: No such file or directory"),
                                        (("-", "-"), "only one of the two can be standard input")))
def test_compare_that_fails_as_json(folder, files, why):
    done = report("compare", "--json", *files)
    document = json.loads(done.stdout)
    tool.valid("compare", document)
    assert (done.returncode, done.stderr) == (4, f"nfprobe-report: {why}\n")
    assert (document["exit"], document["not_compared"], document["worse"]) == (4, why, False)
    assert document["error"] == {"code": "input", "message": why, "hint": None}
    done = report("compare", "--json", "-o", "out.json", *files)
    assert (done.stdout, json.loads((folder / "out.json").read_text())) == ("", document)


@pytest.mark.parametrize("words", [("old.json", "a.json"), ("a.json", "old.json"), ("--same", "old.json", "old.json")])
def test_another_schema_is_not_compared(folder, words):
    save(folder / "old.json", of_schema(4))
    done = report("compare", *words)
    assert (done.returncode, done.stdout, done.stderr) == (3, "", SAID)
    done = report("compare", "--json", *words)
    document = json.loads(done.stdout)
    tool.valid("compare", document)
    assert (done.returncode, document["exit"], document["differences"]) == (3, 3, [])
    assert document["not_compared"] in SAID and "makes a new one" in document["not_compared"]

# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-report matrix: what counts, what got worse, what is known, which text is read, and what comes out."""

import copy
import io
import json
import os
import re
import subprocess
import sys
import urllib.parse

import pytest
import tool
from nfprobe_tools import inputs, matrix, page, result as reading, text as texts  # tool knows where

SAMPLE = tool.golden("igb.json")
for ladder in SAMPLE["vf"]["styles"]:
    ladder["steps"], ladder["transitions"] = ladder["steps"][:1], ladder["transitions"][:1]
NEEDS = SAMPLE["conditions"][:1]
SAMPLE["conditions"] = []
TEXT = json.dumps(SAMPLE)
EARLY, STICKY, UNKNOWN, SAFE, NONE = "early", "sticky", "unknown", "safe", "not-applicable"


def result(number, host, firmware, macvtap, bridge, kernel=None, version=None, device=None, source="wire", vlan=0, **pf):
    """A result of --json; a kernel is also the version of both drivers."""
    document = json.loads(TEXT)
    document["run"].update(id=f"{number:032x}" if number else None, host=host)
    document["pf"].update(firmware=firmware, **pf)
    if device:
        document["pf"]["device"] = f"0x{device:04x}"
    vf = document["vf"]
    if kernel:
        document["run"]["kernel"] = document["pf"]["driver_version"] = vf["driver_version"] = kernel
    if version:
        document["pf"]["driver_version"] = version
    vf["probed_vlan"] = vlan
    for style, verdict in zip(vf["styles"], (macvtap, bridge)):
        style.update(verdict=verdict)
    document["source"] = {**document["source"], "kind": source} if source else None
    return document


def add(table, document, file="x.json"):
    table.add(reading.parse(json.dumps(document).encode(), file, ladders=False))


def skip(table, file, why, foreign=False):
    table.skipped.append(inputs.Skipped(file, why, foreign))


def table_of(*documents, styles=(0, 1), allow=()):
    table = matrix.Matrix()
    for number, document in enumerate(documents):
        add(table, document, f"runs/{number}.json")
    table.finish(styles, {matrix.VERDICTS.index(word) for word in allow})
    return table


def row_of(table, firmware, kernel="6.12.95"):
    return next(row for row in table.rows if (row.versions.firmware, row.versions.kernel) == (firmware or "", kernel))


def cells_of(row):
    return list(row.cells.values())


def verdict_of(cell):
    return matrix.VERDICTS[cell.verdict]


def before(cell):
    """The results that a cell is worse than: (verdict, firmware, kernel, what was updated)."""
    return [(matrix.VERDICTS[b.verdict], b.versions.firmware, b.versions.kernel, b.changed) for b in cell.before]


# ---- cells ----

@pytest.mark.parametrize("require, multicast, macvtap, restored, allow, verdict, safe, status", (
    ((), "ok", SAFE, True, (), SAFE, "yes", 0), (("ipv6",), "ok", SAFE, True, (), "deaf", "no", 1),
    (("ipv6",), "unproven", SAFE, True, (), UNKNOWN, "unknown", 3), (("ipv6",), "ok", SAFE, True, ("deaf",), "deaf", "no", 1),
    (("ipv6",), "unproven", EARLY, True, ("early",), EARLY, "unknown", 3), (("ipv6",), "ok", SAFE, False, (), UNKNOWN, "unknown", 3),
    (("ipv6",), "ok", UNKNOWN, True, (), UNKNOWN, "unknown", 3)))
def test_what_is_required_counts_as_in_nfprobe_check(require, multicast, macvtap, restored, allow, verdict, safe, status):
    document = result(1, "a", "1.0", macvtap, NONE)
    document["restored"] = restored
    document["vf"]["styles"][0]["multicast"] = multicast
    table = matrix.Matrix(require)
    add(table, document)
    table.finish((0,), {matrix.VERDICTS.index(word) for word in allow})
    cell, = cells_of(table.rows[0])
    assert (verdict_of(cell), cell.safe, table.exit_status) == (verdict, safe, status)


@pytest.mark.parametrize("limit, verdict, safe, status", ((0, SAFE, "yes", 0), (1, "slow", "no", 1), (600_000, SAFE, "yes", 0)))
def test_a_guest_that_may_be_lost_for_too_long_counts_as_in_nfprobe_check(tmp_path, limit, verdict, safe, status):
    """The time for which it was lost is in the ladder, which is read for that."""
    path = tmp_path / "result.json"
    path.write_text(json.dumps(tool.golden("igb.json")))
    options = [f"--gap-limit={limit}"] if limit else []
    done = tool.run("nfprobe-report", "matrix", "--style=macvtap", "--json", *options, path)
    cell, = json.loads(done.stdout)["rows"][0]["cells"]
    assert (cell["verdict"], cell["safe"], done.returncode) == (verdict, safe, status)


def test_worst_of_runs_and_hosts():
    table = table_of(result(1, "hv1", "1", SAFE, SAFE), result(2, "hv1", "1", STICKY, SAFE),
                     result(3, "hv2", "1", EARLY, SAFE), result(4, None, "1", SAFE, UNKNOWN))
    assert (len(table.rows), len(table.runs), len(table.hosts), table.files, table.conflicts) == (1, 4, 3, 4, 1)
    macvtap, bridge = cells_of(table.rows[0])
    assert (verdict_of(macvtap), macvtap.runs, macvtap.hosts, macvtap.conflict, macvtap.differences) == (EARLY, 4, 3, True, [])
    assert (macvtap.verdicts[matrix.SAFE], macvtap.verdicts[matrix.VERDICTS.index("sticky")]) == (2, 1)
    assert [macvtap.results[0].file, macvtap.results[1].verdict] == ["runs/2.json", matrix.VERDICTS.index("sticky")]
    # A run that proves nothing disagrees with nobody, but is no proof either.
    assert (verdict_of(bridge), bridge.proof, bridge.conflict, bridge.safe) == (UNKNOWN, matrix.SAFE, False, "unknown")


def test_a_run_counts_once():
    documents = [result(number, "hv1", "1", verdict, SAFE)
                 for number, verdict in ((1, SAFE), (1, EARLY), (1, SAFE), (0, SAFE), (0, SAFE))]
    table = table_of(*documents, documents[0])
    cell = cells_of(table.rows[0])[0]
    assert (table.files, len(table.runs), cell.runs, len(cell.results)) == (6, 3, 3, 3)
    assert (cell.verdicts[matrix.VERDICTS.index("early")], cell.verdicts[matrix.SAFE]) == (1, 2)


def test_vfs_of_a_run_may_disagree():
    one, other = result(1, "hv1", "1", SAFE, SAFE), result(1, "hv1", "1", EARLY, SAFE)
    other["vf"]["vf"] = 4
    cell = cells_of(table_of(one, other).rows[0])[0]
    assert (cell.runs, len(cell.results), cell.results[0].vf, cell.conflict) == (1, 2, 4, True)


def test_a_fix_that_failed_counts_for_nothing():
    for verdict, styles in ((SAFE, 3), (EARLY, 2)):
        document = result(1, "hv1", "1", SAFE, SAFE)
        fix = {**document["vf"]["styles"][1], "style": "bridge", "fix": "fdb", "verdict": verdict}
        document["vf"]["styles"].append(fix)
        table = table_of(document, styles=range(len(matrix.STYLES)))
        assert (table.exit_status, len(table.rows[0].cells)) == (0, styles)


@pytest.mark.parametrize("bridge, fix, options, told", (
    (EARLY, {}, {}, True), (EARLY, {"fix": "fdb", "verdict": STICKY}, {}, False), (EARLY, {"fix": "static", "verdict": STICKY}, {}, False),
    ("slow", {"fix": "pin", "verdict": SAFE}, {}, False), ("slow", {"fix": "pin", "verdict": "slow"}, {}, True), (SAFE, {}, {}, False),
    (UNKNOWN, {}, {}, False), (EARLY, {}, {"allow": [EARLY]}, False)))
def test_no_fix_was_tried(bridge, fix, options, told):
    """A pin takes no ladder: that it helps is known, that it does not leaves other fixes."""
    document = result(1, "hv1", "1", SAFE, bridge)
    if fix:
        document["vf"]["styles"].append({**document["vf"]["styles"][1], "style": "bridge", **fix})
    said = "\n  bridge, wire: no fix was tried, and nfprobe PF --vf any --style bridge --save tries them\n"
    assert (said in text_of(table_of(document, **options))) == told
    # One run that has tried it is enough.
    tried = result(2, "hv1", "1", SAFE, EARLY)
    tried["vf"]["styles"].append({**tried["vf"]["styles"][1], "style": "bridge", "fix": "fdb"})
    assert said not in text_of(table_of(document, tried, **options))


def test_what_else_differs_is_told():
    one, other = result(1, "a", "1", SAFE, SAFE), result(2, "a", "1", EARLY, SAFE, num_vfs=7)
    other["vf"].update(driver="iavf", driver_version="4.13.3", trust=True)
    other["pf"]["firmware_versions"] = [{"name": "fw.app", "running": "1.3", "stored": None}]
    assert cells_of(table_of(one, other).rows[0])[0].differences == [
        {"what": "firmware_versions", "worst": "fw.app 1.3", "best": None},
        {"what": "vf_driver", "worst": "iavf", "best": "igbvf"},
        {"what": "vf_driver_version", "worst": "4.13.3", "best": "the kernel's"},
        {"what": "num_vfs", "worst": "7", "best": "4"},
        {"what": "trust", "worst": "on", "best": "off"}]


def test_what_makes_a_row():
    table = matrix.Matrix()
    changes = [({}, 1), ({"num_vfs": 5}, 1), ({"ifname": "eth7"}, 1), ({"vendor": "0x8087"}, 2), ({"device": "0x10ca"}, 3),
               ({"subsystem_vendor": "0x8087"}, 4), ({"subsystem_device": "0xa04d"}, 5), ({"board_id": "M1"}, 6),
               ({"firmware": "2"}, 7), ({"driver": "ixgbe"}, 8), ({"driver_version": "5.1"}, 9)]
    for number, (change, rows) in enumerate(changes, 1):
        document = result(number, "hv1", "1", SAFE, SAFE)
        document["pf"].update(change)
        add(table, document)
        assert len(table.row_of) == rows
    document["run"]["kernel"] = "6.13"
    add(table, document)
    assert len(table.row_of) == 10


# ---- what counts ----

@pytest.mark.parametrize("change, verdict, counts_as", [
    ({"restored": False}, EARLY, UNKNOWN),
    ({"vf": {"status": "failed"}}, SAFE, UNKNOWN),
    ({"settings": {"settle_ms": 100, "settle_short": True}}, SAFE, UNKNOWN),
    ({"settings": {"settle_ms": 100, "settle_short": True}}, EARLY, EARLY),  # a fault that showed in a short time is one
])
def test_what_was_not_proven_is_unknown(change, verdict, counts_as):
    document = result(1, "hv1", "1", verdict, verdict)
    for key, value in change.items():
        document[key] = {**document[key], **value} if isinstance(value, dict) else value
    table = table_of(document)
    assert verdict_of(cells_of(table.rows[0])[0]) == counts_as
    assert table.exit_status != 0


@pytest.mark.parametrize("status, of_run, exit_status", [
    ("in-use", None, 0), ("in-use", "vf-in-use", 3), ("failed", None, 3), ("probed", None, 3)])
def test_a_vf_that_failed_beside_a_safe_one(status, of_run, exit_status):
    safe, document = result(1, "hv1", "1", SAFE, SAFE), result(2, "hv1", "1", SAFE, SAFE)
    document["vf"].update(vf=4, styles=[], status=status)
    if of_run:
        document["error"] = {"code": of_run, "message": "VF 4 is in use", "hint": None}
    table = table_of(safe, document)
    # One without a verdict is not counted as such only if it was not to be probed.
    assert (table.exit_status, table.without) == (3, 1)
    assert verdict_of(cells_of(table.rows[0])[0]) == SAFE


# ---- what got worse ----

def setup_of(row):
    """Firmware, kernel, and the version of a driver that is not the kernel's own."""
    was = row.versions
    return was.firmware, was.kernel, was.driver_version if was.driver_version != was.kernel else ""


# The runs, as result() takes them; and by setup and style of each cell that is worse than older ones, these.
WORSE = {
    "newer firmware is compared with older, by its numbers": (
        [("2.10.0", STICKY, SAFE), ("2.9.0", SAFE, STICKY), ("2.11.0", EARLY, EARLY), ("2.8.0", EARLY, SAFE)],
        {("2.11.0", "6.12.95", "", 0): [(STICKY, "2.10.0", "6.12.95", ("firmware",))],
         ("2.11.0", "6.12.95", "", 1): [(SAFE, "2.10.0", "6.12.95", ("firmware",))],
         ("2.10.0", "6.12.95", "", 0): [(SAFE, "2.9.0", "6.12.95", ("firmware",))],
         ("2.9.0", "6.12.95", "", 1): [(SAFE, "2.8.0", "6.12.95", ("firmware",))]}),
    "with the nearest that proves something": (
        [("1", SAFE, SAFE), ("2", UNKNOWN, NONE), ("3", EARLY, UNKNOWN), ("4", EARLY, EARLY), ("1", UNKNOWN, SAFE)],
        {("3", "6.12.95", "", 0): [(SAFE, "1", "6.12.95", ("firmware",))],
         ("4", "6.12.95", "", 1): [(SAFE, "1", "6.12.95", ("firmware",))]}),
    "newer kernels are compared with older, but not from where more differs": (
        [("2", SAFE, SAFE, "6.9.1"), ("2", UNKNOWN, SAFE, "6.12.0-rc3"), ("2", STICKY, SAFE, "6.12.0"), ("2", STICKY, EARLY, "6.12.1"),
         ("1", SAFE, EARLY, "6.9.1")],
        {("2", "6.12.0", "", 0): [(SAFE, "2", "6.9.1", ("kernel",))],
         ("2", "6.12.1", "", 1): [(SAFE, "2", "6.12.0", ("kernel",))]}),
    "newer drivers are compared with older, whatever the kernel": (
        [("1", SAFE, SAFE, "6.1", "1.9"), ("1", EARLY, SAFE, "6.1", "1.10"), ("1", EARLY, EARLY, "6.2", "1.11"), ("2", SAFE, SAFE, "6.3"),
         ("2", STICKY, SAFE, "6.3", "1.0"), ("3", SAFE, SAFE, "6.2", "1.9"), ("3", EARLY, SAFE, "6.1", "1.10"),
         ("3", EARLY, SAFE, "6.2", "1.10")],
        {("1", "6.1", "1.10", 0): [(SAFE, "1", "6.1", ("driver_version",))],
         ("1", "6.2", "1.11", 1): [(SAFE, "1", "6.1", ("driver_version", "kernel"))],
         ("2", "6.3", "1.0", 0): [(SAFE, "2", "6.3", ("driver_version",))],
         ("3", "6.2", "1.10", 0): [(SAFE, "3", "6.2", ("driver_version",))]}),
    "two updates made it worse, each by itself; the only older firmware had a newer kernel": (
        [("1", SAFE, SAFE, "6.1"), ("2", EARLY, SAFE, "6.0"), ("3", EARLY, SAFE, "6.1"), ("3", SAFE, SAFE, "6.0")],
        {("3", "6.1", "", 0): [(SAFE, "1", "6.1", ("firmware",)), (SAFE, "3", "6.0", ("kernel",))],
         ("2", "6.0", "", 0): [(SAFE, "1", "6.1", ("firmware", "kernel"))]}),
    "several changes if there is nothing else; firmware that no driver names is not known to be another": (
        [("1", SAFE, SAFE, "6.1"), ("1", STICKY, SAFE, "6.10"), ("2", EARLY, UNKNOWN, "6.11"), (None, STICKY, SAFE, "6.1"),
         (None, EARLY, SAFE, "6.2")],
        {("1", "6.10", "", 0): [(SAFE, "1", "6.1", ("kernel",))],
         ("2", "6.11", "", 0): [(STICKY, "1", "6.10", ("firmware", "kernel"))],
         ("", "6.2", "", 0): [(STICKY, "", "6.1", ("kernel",))]}),
}


@pytest.mark.parametrize("name", WORSE)
def test_what_got_worse(name):
    runs, expected = WORSE[name]
    table = table_of(*(result(number, "a", *run) for number, run in enumerate(runs, 1)))
    assert expected == {
        (*setup_of(row), column.style): before(cell) for row in table.rows for column, cell in row.cells.items() if cell.before}
    assert (table.exit_status, table.worse) == (1, len(expected))
    worse = len({key[:3] for key in expected})
    assert [row.worse for row in table.rows] == [True] * worse + [False] * (len(table.rows) - worse)


def test_an_update_is_not_blamed_for_another_vf_driver():
    newer = result(2, "a", "2", EARLY, SAFE)
    newer["vf"]["driver"] = "iavf"
    newer["pf"]["firmware_versions"] = [{"name": "fw", "running": "2", "stored": None}]  # part of what was updated
    table = table_of(result(1, "a", "1", SAFE, SAFE), newer)
    found = cells_of(row_of(table, "2"))[0].before
    assert found[0].differences == [{"what": "vf_driver", "worst": "iavf", "best": "igbvf"}]
    assert "EARLY with firmware 2, VF driver iavf (then igbvf): " in text_of(table)


@pytest.mark.parametrize("order", [
    ["2.8", "2.8.1", "2.9", "2.10", "2.10b", "10.1"], ["8.05", "8.5", "8.10"],
    ["0x800003df", "0x80000d5e", "0x80000E10", "0x1000000000"],
    ["9.20 0x8000d95e 22.0.9", "9.20 0x8000D961 21.5.9", "9.30 0x8000d95e 22.0.9"],
    ["6.12~rc6-amd64", "6.12-rc7", "6.12", "6.12-13", "6.12.0-rc3", "6.12.0", "6.12.1"],
    ["5.14.0-427.el9", "5.14.0-427.13.1.el9_4", "5.14.0-503.el9"], ["6.1.0-9-amd64", "6.1.0-13-amd64"], ["", "0", "1"],
    ["0", "0x", "0x0"], ["1", "1\u0661"]])
def test_versions(order):
    keys = [matrix.version_key(version) for version in order]
    assert all(a < b for a, b in zip(keys, keys[1:]))


def test_vlans_are_columns():
    table = table_of(result(1, "a", "1", SAFE, SAFE), result(2, "a", "1", EARLY, SAFE, vlan=7),
                     result(3, "a", "2", EARLY, SAFE), result(4, "a", "2", EARLY, STICKY, vlan=100))
    assert (table.conflicts, table.worse) == (0, 2)
    row = row_of(table, "2")
    assert [column.tagged for column in row.cells] == [False, True, False, True]
    # Which VLAN it was does not matter.
    assert [bool(cell.before) for cell in cells_of(row)] == [True, False, False, True]
    unproven = table_of(result(1, "a", "1", SAFE, SAFE), result(2, "a", "1", SAFE, UNKNOWN, vlan=7))
    assert (unproven.exit_status, unproven.unproven) == (3, 1)


def test_only_one_model_driver_and_source():
    table = table_of(result(1, "a", "1", SAFE, SAFE, device=1), result(2, "a", "2", EARLY, EARLY, device=2),
                     result(3, "a", "1", SAFE, SAFE, device=3, source="vf"), result(4, "a", "2", EARLY, EARLY, device=3),
                     result(5, "a", None, SAFE, SAFE, device=4), result(6, "a", "2", EARLY, EARLY, device=4),
                     result(7, "a", "1", SAFE, SAFE, device=5), result(8, "a", None, EARLY, EARLY, device=5),
                     result(9, "a", "2", EARLY, EARLY, device=1, driver="another"),
                     result(10, "a", "2", EARLY, EARLY, device=1, board_id="another"))
    assert (table.worse, table.exit_status) == (0, 1)


def test_what_got_worse_comes_first():
    table = table_of(result(1, "a", "3", SAFE, SAFE, device=1), result(2, "a", "1", EARLY, SAFE, device=2),
                     result(3, "a", "3", SAFE, SAFE, device=2), result(4, "a", "10", SAFE, SAFE, device=3),
                     result(5, "a", "9", STICKY, SAFE, device=3), result(6, "a", "8", SAFE, SAFE, device=3),
                     result(7, "a", None, SAFE, SAFE, device=3))
    assert [(row.model.device, row.versions.firmware) for row in table.rows] == [
        (3, "9"), (3, "10"), (3, "8"), (3, ""), (1, "3"), (2, "3"), (2, "1")]


# ---- exit statuses ----

@pytest.mark.parametrize("status, options, runs", [
    (0, {}, [(SAFE, SAFE)]),
    (0, {}, [(SAFE, NONE)]),
    (3, {}, [(NONE, NONE)]),
    (1, {}, [(SAFE, EARLY)]),
    (0, {"styles": [0]}, [(SAFE, EARLY)]),
    (3, {}, [(SAFE, UNKNOWN)]),
    (0, {"allow": [UNKNOWN]}, [(SAFE, UNKNOWN)]),
    (3, {}, [(SAFE, SAFE), (SAFE, UNKNOWN)]),
    (1, {}, [(EARLY, SAFE), (SAFE, UNKNOWN)]),
    # Allowed, but not that it got worse, nor what is hidden behind it.
    (0, {"allow": [EARLY]}, [(SAFE, EARLY)]),
    (1, {"allow": [EARLY]}, [(SAFE, EARLY), (SAFE, STICKY)]),
    (3, {"allow": [EARLY]}, [(SAFE, EARLY), (SAFE, UNKNOWN)]),
    (1, {"allow": [EARLY]}, [(SAFE, EARLY), (EARLY, EARLY, {"firmware": "2"})]),
    # Only the wire proves that it is safe; that it is not, every source does.
    (3, {}, [(SAFE, SAFE, {"source": "vf"})]),
    (0, {}, [(SAFE, UNKNOWN, {"source": "vf"}), (SAFE, SAFE)]),
    (1, {}, [(SAFE, EARLY, {"source": "vf"}), (SAFE, SAFE)]),
    (3, {}, [(SAFE, SAFE, {"vlan": 7}), (SAFE, SAFE, {"source": "vf"})]),
])
def test_exit_status(status, options, runs):
    documents = [result(number, "a", **{"firmware": "1", "macvtap": macvtap, "bridge": bridge, **(more[0] if more else {})})
                 for number, (macvtap, bridge, *more) in enumerate(runs, 1)]
    assert table_of(*documents, **options).exit_status == status


def test_a_style_that_does_not_apply_is_not_safe():
    table = table_of(result(1, "a", "1", NONE, NONE), result(2, "a", "1", SAFE, NONE))
    assert ([cell.safe for cell in cells_of(table.rows[0])], table.exit_status) == (["yes", "unknown"], 0)


@pytest.mark.parametrize("foreign, exit_status", [(True, 0), (False, 3)])
def test_what_was_not_read_is_not_known(foreign, exit_status):
    table = matrix.Matrix()
    add(table, result(1, "a", "1", SAFE, SAFE))
    skip(table, "x", "whatever", foreign)
    table.finish((0, 1), set())
    assert table.exit_status == exit_status


def test_a_run_without_a_verdict():
    failed = {**result(0, "a", None, SAFE, SAFE), "vf": None, "error": {"code": "permission", "message": "no", "hint": None}}
    for documents in ([failed], [failed, result(1, "a", "1", SAFE, SAFE)]):
        table = table_of(*documents)
        assert (table.exit_status, table.without) == (3, 1)
    assert table_of().exit_status == 4
    unsaved = {**result(1, "a", "1", SAFE, SAFE), "error": {"code": "output", "message": "the disk is full", "hint": None}}
    assert (table_of(unsaved).exit_status, table_of(unsaved).without) == (3, 1)


# ---- names ----

PCI_IDS = """# a comment
14e4  Broadcom Inc. and subsidiaries
\t10c9  no 82576 of Intel's
8086  Intel Corporation
\t10c8  another device
\t\t8086 a04c  no ET
\t10c9  82576 Gigabit Network Connection
\t\t8086 a04c  Gigabit ET \033[31m<b>Dual</b>
8087  Another
\t10ca  no 82576
C 02  Network controller
\t10c9  no device
"""


def test_names():
    table = table_of(result(1, "a", "1", SAFE, SAFE), result(2, "a", "1", SAFE, SAFE, vendor="0x8087"))
    table.name(PCI_IDS)
    assert [(row.vendor_name, row.device_name, row.subsystem_name) for row in table.rows] == [
        ("Intel Corporation", "82576 Gigabit Network Connection", "Gigabit ET ?[31m<b>Dual</b>"), ("Another", "", "")]
    assert [row.model_label() for row in table.rows] == ["Intel Corporation 82576 Gigabit Network Connection",
                                                         "Another PCI 8087:10c9"]


@pytest.mark.parametrize("text", [
    "", "\n\n\t\n\t\t\n#", "8086", "8086 ", "8086 \n\t10c9  a device of a vendor without a name\n",
    "\t10c9  a device without a vendor\n", "808g  Intel\n\t10c9  x\n", "C 02  Network\n8086  Intel\n", "8086\tIntel\n\t10c9  x\n",
    "8086  Intel\n\t\t8086 a04c  no device\n"])
def test_names_of_broken_files(text):
    table = table_of(result(1, "a", "1", SAFE, SAFE))
    table.name(text)
    assert (table.rows[0].device_name, table.rows[0].subsystem_name) == ("", "")


# ---- what comes out ----

def text_of(table, columns=0, colours=False, **options):
    out = io.StringIO()
    matrix.write_text(table, texts.Writer(out, columns, colours), **options)
    return out.getvalue()


def json_of(table):
    out = io.StringIO()
    out.write(texts.json_text(matrix.as_json(table, None)))
    document = json.loads(out.getvalue())
    tool.valid("matrix", document)
    return document


def html_of(table):
    out = io.BytesIO()
    page.write_matrix(table, "/", out)
    return out.getvalue().decode()


@pytest.fixture(name="fleet")
def a_fleet():
    """An 82576 that firmware 2.10.0 made worse, with another kernel on one host; a NIC about which runs disagree."""
    odd = result(7, '"><script>alert(1)</script>\033[2J', "1.3", SAFE, NONE, device=0x1592, board_id='<b>M&"1\u202e')
    worse = copy.deepcopy(odd)
    worse["run"]["id"] = f"{8:032x}"
    worse["vf"].update(driver="iavf")
    worse["vf"]["styles"][0].update(verdict="deaf", reason="</li><img src=x onerror=alert(1)>\001\ud800\n")
    table = matrix.Matrix()
    for number, document in enumerate([
            result(1, "hv1", "2.9.1", SAFE, EARLY), result(2, "hv2", "2.9.1", UNKNOWN, EARLY),
            result(3, "hv3", "2.10.0", STICKY, EARLY), result(4, "hv4", "2.10.0", SAFE, EARLY, "6.1.0"),
            result(5, "hv5", None, SAFE, UNKNOWN, device=0x1592, source="vf", vlan=7), odd, worse]):
        add(table, document, f"/runs/{number}\033<i>\".json")
    skip(table, "<b>\033torn.json", "it is damaged")
    table.finish((0, 1), set())
    table.name(PCI_IDS)
    return table


def test_text(fleet):
    assert text_of(fleet).splitlines() == [
        "Got worse:",
        "  Intel Corporation 82576 Gigabit Network Connection, igb, Linux 6.12.95, macvtap, wire: SAFE with firmware 2.9.1, STICKY "
        f"with firmware 2.10.0: {SAMPLE['vf']['styles'][0]['reason']}",
        "  Intel Corporation 82576 Gigabit Network Connection, firmware 2.10.0, igb, macvtap, wire: SAFE with Linux 6.1.0, STICKY "
        f"with Linux 6.12.95: {SAMPLE['vf']['styles'][0]['reason']}",
        "",
        "Runs disagree:",
        '  Intel Corporation PCI 8086:1592, firmware 1.3, igb, Linux 6.12.95, macvtap, wire: 1 DEAF, 1 SAFE; the worst is VF 3 of '
        '"><script>alert(1)</script>?[2J, /runs/6?<i>".json, which has VF driver iavf (the best: igbvf)',
        "",
        "Intel Corporation 82576 Gigabit Network Connection  8086:10c9, subsystem 8086:a04c (Gigabit ET ?[31m<b>Dual</b>)",
        "  firmware  driver  kernel   macvtap, wire           bridge, wire",
        "  2.10.0    igb     6.12.95  STICKY 1/1, worse       EARLY 1/1",
        "  2.10.0    igb     6.1.0    SAFE 1/1                EARLY 1/1",
        "  2.9.1     igb     6.12.95  UNKNOWN 2/2, else SAFE  EARLY 2/2",
        "  bridge, wire: no fix was tried, and nfprobe PF --vf any --style bridge --save tries them",
        "",
        "Intel Corporation PCI 8086:1592  subsystem 8086:a04c",
        "  firmware  driver  kernel   macvtap, vf, VLAN      bridge, vf, VLAN",
        "  unknown   igb     6.12.95  SAFE (not proven) 1/1  UNKNOWN 1/1",
        "",
        'Intel Corporation PCI 8086:1592  subsystem 8086:a04c, board <b>M&"1?',
        "  firmware  driver  kernel   macvtap, wire       bridge, wire",
        "  1.3       igb     6.12.95  DEAF 2/1, disagree  NOT APPLICABLE 2/1",
        "",
        "7 runs on 6 hosts, 3 styles not proven, 1 file skipped; in the table: runs/hosts"]
    assert "    2.10.0, macvtap, wire: STICKY, hv3 VF 3, 2026-11-20T10:00:00.123Z, /runs/2?<i>\".json" in text_of(fleet, verbose=True)
    quiet = text_of(fleet, quiet=True)
    assert quiet.startswith("Got worse:") and "disagree:" not in quiet and "7 runs" not in quiet
    assert "\033[1;31mSTICKY 1/1, worse" in text_of(fleet, colours=True)


def test_no_verdict_stands_below_another_heading(fleet):
    for columns in range(20, 140):
        lines = text_of(fleet, columns).splitlines()
        assert all(len(line) <= columns or " " not in line.strip() or ": " in line or "firmware" not in line for line in lines)
        assert ("    macvtap, wire: STICKY 1/1, worse" in lines) == (columns < 65)
        assert "\n".join(lines).count("SAFE 1/1") == 1


def test_what_a_cell_needs():
    one = result(1, "a", "1", SAFE, SAFE)
    one["conditions"] = NEEDS
    table = table_of(one)
    lines = text_of(table).splitlines()
    assert "SAFE* 1/1" in lines[2] and lines[2].count("*") == 1 and lines[3] == "  * macvtap, wire needs: IPv6: set trustGuestRxFilters"
    cells = matrix.as_json(table, None)["rows"][0]["cells"]
    assert [cell["results"][0]["needs"] for cell in cells] == ["IPv6: set trustGuestRxFilters", None]
    out = io.BytesIO()
    page.write_matrix(table, ".", out)
    assert out.getvalue().decode().count("needs: IPv6: set trustGuestRxFilters") == 1


def test_all_columns():
    table = table_of(*(result(i + 1, "a", "1", SAFE, SAFE, vlan=i % 2, source=(*matrix.SOURCES, None)[i // 2]) for i in range(8)))
    assert (len(table.rows[0].cells), table.exit_status) == (16, 0)
    for columns in (0, 80):
        assert text_of(table, columns).count("SAFE") == 16


def test_nothing_that_a_file_says_moves_the_cursor_or_is_markup(fleet):
    page = html_of(fleet)
    for text in (text_of(fleet, 100, verbose=True), page):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800]", text)
    assert not re.search("<script|<img|<i>|href=\"javascript|onerror=[^&]*\"|https?:", page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert '<a href="runs/2%1B%3Ci%3E%22.json">hv3, VF 3</a> <span class="verdict bad">STICKY</span>' in page
    assert '<b class="bad">worse than with firmware 2.9.1</b>' in page


def test_no_line_is_a_command_of_a_ci_system():
    table = table_of(*(result(i, f"a{i}", command, SAFE, SAFE, "##[x]") for i, command in enumerate(tool.COMMANDS)))
    skip(table, "##[x", "it is ::no:: ##vso[x]")
    for columns in (0, 20, 60):
        text = text_of(table, columns, verbose=True)
        assert "##?set-output" in text and not tool.has_command(text)
    assert json_of(table)["rows"][0]["firmware"] in tool.COMMANDS
    out = io.StringIO()
    out.write(texts.json_text(matrix.as_json(table, None)))
    assert not tool.has_command(out.getvalue()) and not tool.has_command(html_of(table))
    assert "##&#91;set-output" in html_of(table)


def test_json(fleet):
    document = json_of(fleet)
    assert (document["exit"], document["worse"], document["conflicts"], document["unproven"]) == (1, 1, 1, 3)
    worst = document["rows"][0]["cells"][0]
    assert (worst["style"], worst["source"], worst["verdict"], worst["safe"]) == ("macvtap", "wire", "sticky", "no")
    assert [(w["firmware"], w["changed"]) for w in worst["worse_than"]] == [("2.9.1", ["firmware"]), ("2.10.0", ["kernel"])]
    assert document["rows"][3]["board_id"] is None and document["rows"][4]["board_id"] == '<b>M&"1?'


def test_a_broken_answer_is_noticed(fleet):
    document = json_of(fleet)
    document["rows"][0]["cells"][0]["differences"] = [{"what": "num_vfs", "worst": "1", "best": "2"}]
    broken = {what: found for what, found in tool.validate.breakages(document) if not what.endswith(": empty text")}
    assert len(broken) > 100 and not [what for what, found in broken.items() if tool.validator("matrix").is_valid(found)]


# ---- the command ----

def tabulate(*args, **options):
    done = tool.run("nfprobe-report", "matrix", *args, **options)
    assert "Traceback" not in done.stderr
    return done


def save(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))


@pytest.fixture(name="folder")
def a_folder(tmp_path, monkeypatch):
    """results/ with one safe result; the working directory."""
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "results/hv1/a.json", result(1, "hv1", "2.9", SAFE, SAFE))
    return tmp_path


NEITHER = "it is no result of nfprobe (--json, --save)"


@pytest.mark.slow
def test_folders_and_files(folder):
    save(folder / "results/hv2/deeper/b.json", result(2, "hv2", "2.9", SAFE, SAFE))
    done = tabulate("results")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2.9       igb     6.12.95  SAFE 2/2       SAFE 2/2" in done.stdout
    save(folder / "c", result(3, "hv3", "2.9", STICKY, EARLY))
    assert tabulate("results", "c").returncode == 1
    assert tabulate("c", "results", "--style", "bridge", "--allow=early").returncode == 0
    assert "macvtap" not in tabulate("results", "c", "--style=bridge").stdout
    with open("c", encoding="utf-8") as file:
        assert tabulate(stdin=file).returncode == 1


@pytest.mark.slow
def test_files_that_cannot_be_used_are_named(folder):
    (folder / "results/package.json").write_text('{"name": "x"}')
    done = tabulate("results")
    assert (done.returncode, done.stderr) == (0, f"nfprobe-report: skipped results/package.json: {NEITHER}\n")
    assert tabulate("results/hv1", "results/package.json").returncode == 3
    (folder / "results/torn.json").write_text(TEXT[:200])
    done = tabulate("results")
    assert done.returncode == 3 and "cannot use results/torn.json: it is damaged, or not JSON\n" in done.stderr
    assert "SAFE 1/1" in done.stdout
    done = tabulate("results", "nosuch", "-q")
    assert (done.returncode, done.stderr) == (3, "")
    assert "cannot use nosuch: No such file or directory" in tabulate("results", "nosuch").stderr
    (folder / "empty").mkdir()
    done = tabulate("results", "empty")
    assert done.returncode == 3
    assert "cannot use empty: no file in it whose name ends in .json is a result of nfprobe" in done.stderr


@pytest.mark.parametrize("path, why", [
    ("nosuch", "No such file or directory"), ("/dev/null", "it is neither a file nor a folder"),
    ("empty", "no file in it whose name ends in .json is a result of nfprobe"), ("package.json", NEITHER),
    ("foreign", "no file in it whose name ends in .json is a result of nfprobe"), ("a.txt", "it is damaged, or not JSON")])
@pytest.mark.slow
def test_nothing_that_can_be_used_is_an_error(tmp_path, monkeypatch, path, why):
    monkeypatch.chdir(tmp_path)
    for name in ("package.json", "foreign/x.json"):
        save(tmp_path / name, {"name": "x"})
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.txt").write_text("no result")
    for option in ("-v", "-q"):
        done = tabulate(path, option, "-o", "out")
        assert (done.returncode, done.stdout) == (4, "")
        assert f"nfprobe-report: cannot use {path}: {why}\n" in done.stderr
        assert "nfprobe-report: no result could be read\nIt takes " in done.stderr
        assert not (tmp_path / "out").exists()
    (tmp_path / "torn").write_text("{")
    assert f"use {path}: {why}\nnfprobe-report: cannot use torn: it is damaged" in tabulate(path, "torn", "-q").stderr
    done = tabulate(path, "--json")
    document = json.loads(done.stdout)
    tool.valid("matrix", document)
    assert (done.returncode, document["exit"], document["error"]["code"]) == (4, 4, "input")


@pytest.mark.slow
def test_links_in_circles_pipes_hidden_files_and_names_of_any_bytes(folder):
    results = folder / "results"
    (results / "hv1/up").symlink_to("..")
    (results / "hv1/up.json").symlink_to("../..")
    (results / "loop.json").symlink_to("loop.json")
    os.mkfifo(results / "pipe.json")
    save(results / ".git/x.json", {"torn": 1})
    (results / ".torn.json").write_text("{")
    (results / "folder.json").mkdir()
    (results / "a.html").write_text("no result")
    (results / "latest.json").symlink_to("hv1/a.json")
    with open(os.fsencode(results) + b"/\033[2J\xff.json", "w", encoding="ascii") as file:
        file.write(json.dumps(result(1, "hv1", "2.9", SAFE, SAFE)))
    done = tabulate("results", "-v")
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 2)
    assert "results/loop.json: Too many levels of symbolic links" in done.stderr
    assert "results/pipe.json: it is neither a file nor a folder" in done.stderr
    assert "SAFE 1/1" in done.stdout and "\033" not in done.stdout
    (results / "loop.json").unlink()
    assert tabulate("results").returncode == 0
    results.joinpath(*"d" * 50).mkdir(parents=True)
    assert "it is in too many folders" in tabulate("results").stderr


def links(path):
    with open(path, encoding="utf-8") as file:
        return [urllib.parse.unquote(link) for link in re.findall('href="([^"]*)"', file.read())]


@pytest.mark.slow
def test_links_of_the_page_are_relative_to_it(folder):
    save(folder / 'results/hv 2/b"<&:.json', result(2, "hv2", "2.9", EARLY, EARLY))
    (folder / "results/hv1/a.html").write_text("page")
    (folder / "pages/deep").mkdir(parents=True)
    (folder / "results/hv").mkdir()
    for file in ("pages/deep/matrix.html", "matrix.html", "results/hv1/matrix.html", "results/hv/matrix.html"):
        assert tabulate(folder / "results" if "deep" in file else "results", "--html", "-o", file).returncode == 1
        subprocess.run(["xmllint", "--nonet", "--noout", file], check=True)
        found = links(file)
        assert found and all(os.path.exists(os.path.join(os.path.dirname(file), link)) for link in found)
    assert '../../results/hv1/a.html' in links("pages/deep/matrix.html")
    assert tabulate("results", "--html").stdout.count('href="results/hv1/a.html"') == 2


@pytest.mark.parametrize("words, message", [
    (("",), "a file has an empty name"),
    (("x", "--allow", "unknown"), "'unknown' is not possible: what is not known cannot"),
    (("x", "--allow", "\033"), "'?' is not possible"), (("x", "--style", "bridge,y"), "'y' is unknown"),
    (("x", "-q", "-v"), "not allowed with"), (("x", "--json", "--html"), "not allowed with")])
def test_usage_errors(words, message):
    done = tabulate(*words)
    assert done.returncode == 2 and message in done.stderr
    if "--json" in words:
        document = json.loads(done.stdout)
        tool.valid("matrix", document)
        assert (document["exit"], document["error"]["code"]) == (2, "usage")
    else:
        assert done.stdout == ""


def test_without_privileges_and_nfprobe(folder):
    """Nothing but Python and the files: no PATH, no home, no modules of others."""
    done = subprocess.run([sys.executable, "-S", tool.script("nfprobe-report"), "matrix"], env={}, text=True,
                          stdin=(folder / "results/hv1/a.json").open(), capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "SAFE 1/1" in done.stdout

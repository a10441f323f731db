# SPDX-License-Identifier: GPL-2.0-or-later
"""A standby on another NIC: what is judged from what is stored, and not by words alone."""

import copy
import json
from types import SimpleNamespace

import pytest
import tool
from test_pair import MAC, OTHER, a_host, vf

from nfprobe_tools import apart, check
from nfprobe_tools import result as reading

NEAR, SHEET = tool.golden("neighbours.json"), tool.golden("sheet.json")


def parse(golden, name):
    return reading.parse(json.dumps(golden).encode(), name)


def near(verdict, until=None):
    changed = copy.deepcopy(NEAR)
    changed["vf"]["neighbours"]["elsewhere"].update({"verdict": verdict, "from": "reset" if until else None, "until": until})
    return parse(changed, f"{verdict}.json")


def stored(*results):
    """results: (a result, why it says nothing about now)."""
    entries = [SimpleNamespace(tested=SimpleNamespace(run=result.file), stale=stale) for result, stale in results]
    return SimpleNamespace(error=None, check=SimpleNamespace(entries=entries), results={result.file: result for result, _ in results})


OK, LOST, UNPROVEN = near("ok"), near("lost", "clear"), near("unproven")


@pytest.mark.parametrize("results, answer, words", (
    ([], "unknown", "nothing that holds now"), ([(OK, "")], "yes", "ok"), ([(UNPROVEN, "")], "unknown", "nothing that holds now"),
    ([(OK, ""), (LOST, "")], "no", "other VFs are lost from reset until clear"), ([(LOST, "kernel was 1, is 2"), (OK, "")], "yes", "ok"),
    ([(OK, "kernel was 1, is 2")], "unknown", "nothing that holds now")))
def test_neighbours(results, answer, words):
    said = apart.neighbours(stored(*results))
    assert said[0] == answer and words in said[1]


def nic(**more):
    """The PF of the sheet as it is now."""
    was = SHEET["pf"]
    known = {key: was[key] for key in ("driver", "driver_version", "firmware", "vendor", "device", "subsystem_vendor", "subsystem_device",
                                       "board_id", "num_vfs", "eswitch_mode", "l2_fwd_offload")}
    return a_host().pfs[0]._replace(**known)._replace(vfs=(second(),), **more)


def second(**more):
    return vf(3, "0000:01:10.6", driver="igbvf", driver_version="6.12.95", **{"trust": False, "spoofchk": True, "address": OTHER, **more})


@pytest.mark.parametrize("changed, pf, answer", (
    ({"spoofchk": False}, {}, "yes"), ({"address": MAC}, {}, "yes"),
    ({}, {}, "yes"),  # spoof checking is on there, and does nothing
    ({"trust": True}, {}, "no"), ({"trust": True}, {"firmware": "2.2.0"}, "unknown"), ({"spoofchk": None}, {}, "unknown")))
def test_who_may_send_as_the_guest(changed, pf, answer):
    assert apart.may_send(second(**changed), MAC, nic(**pf), "6.12.95", [parse(SHEET, "sheet.json"), OK]) == answer


def test_nothing_is_stored():
    assert apart.may_send(second(), MAC, nic(), "6.12.95", [OK]) == "unknown"
    assert apart.neighbours(SimpleNamespace(error="no store"))[0] == "unknown"


@pytest.mark.parametrize("trust, spoofchk, pf, kept", (
    (True, True, {}, True), (False, True, {}, False), (True, False, {}, False), (True, True, {"firmware": "2.2.0"}, False),
    (None, None, {}, False)))
def test_an_address_that_a_guest_leaves_behind(trust, spoofchk, pf, kept):
    """By the sheet of this setup, with the settings that the VF has."""
    now = second(trust=trust, spoofchk=spoofchk)
    said = check.kept_words(nic(**pf)._replace(vfs=(now,)), None, "6.12.95", [parse(SHEET, "sheet.json"), OK])
    assert [("VF 3 keeps an address" in words, "let the host assign" in words) for words in said] == [(True, True)] * kept
    assert check.kept_words(nic(), now, "6.12.95", [OK]) == ()

# SPDX-License-Identifier: GPL-2.0-or-later
"""
What a VF of QEMU's igb lets its guest do.

QEMU's igb has no anti-spoofing (igb_tx_pkt_switch) and neither promiscuity nor allmulticast of a VF (ROPE and MPME in
igb_receive_assign), and gates a VF's second address by trust, as igb's driver does (igb_set_vf_mac_filter).
"""

import contextlib
import json

from probing import PACE, unchanged, valid
from scenario import PF, WIRE, check, equal

RESULT = "/tmp/sheet.json"
V = 100


@contextlib.contextmanager
def fresh_vfs(host):
    """What a guest's driver could not take back of the NIC's filter goes with the VFs."""
    numvfs = f"/sys/class/net/{PF}/device/sriov_numvfs"
    count = host.read(numvfs)

    def recreate():
        host.write(numvfs, 0)
        host.write(numvfs, count)
        host.wait_carrier(PF)

    recreate()
    try:
        yield
    finally:
        recreate()


def taken(host, *words, vf=1, status=None):
    """A sheet: its text, its combinations by (trust, spoofchk). The VF is as it was."""
    with unchanged(host):
        result = host.nfprobe(PF, "--vf", vf, "--from", WIRE, *words, *PACE, f"--json={RESULT}")
    document = valid(json.loads(host.read(RESULT)))
    check(status is None or result.status == status, f"status {result.status}, not {status}: {result.err}{result.out}")
    sheet = document["sheet"]
    check(sheet["forged_sent"] <= 20, f"{sheet['forged_sent']} forged frames")
    equal(document["verdict"], None, "verdict")
    return result.out, {(c["trust"], c["spoofchk"]): c for c in sheet["combinations"]}


def answers(combination):
    return {row["state"]: row["answer"] for row in combination["rows"]}


def expect(combination, expected, what):
    """Each row that is expected has its answer; one that has another is shown whole, since its counts and note say why."""
    rows = {row["state"]: row for row in combination["rows"]}
    equal([rows[name] for name, answer in expected.items() if rows[name]["answer"] != answer], [], f"{what}: rows with other answers than {expected}")


# Of a VF without trust, with spoof checking on. It has nothing that could stay.
UNTRUSTED = {"forged": "yes", "forged-sibling": "yes", "unaddressed": "no", "second-address": "no", "third-address": "no",
             "group": "yes", "allmulticast": "no", "promiscuous": "no", "overhears": "no", "vlan": "yes", "free-vlan": "no",
             "new-address": "no", "old-address": "yes", "keeps-second": "unknown", "keeps-new": "unknown",
             "keeps-groups": "unknown", "keeps-promiscuous": "unknown"}


# With trust; igb refuses the request with which igbvf takes a further address back (igbvf_set_uni).
TRUSTED = {"second-address": "yes", "third-address": "yes", "new-address": "yes", "old-address": "no", "keeps-second": "yes",
           "keeps-new": "no"}


def test_present(host):
    """one table: spoof checking is on and does nothing, which is a finding; the rest is as QEMU and igb have it"""
    out, combinations = taken(host, "--sheet", "--neighbour", "vf:2", "--guest-vlan", V, "--save=/tmp/sheets", status=1)
    equal(host.sh("cat /tmp/sheets/*/*.json; rm -r /tmp/sheets"), host.read(RESULT) + "\n", "what is saved")
    equal(list(combinations), [(False, True)], "combinations")
    present = combinations[False, True]
    equal(answers(present).keys(), UNTRUSTED.keys(), "rows")
    expect(present, UNTRUSTED, "without trust")
    equal(present["findings"], ["forged"], "findings")
    check("NOT SAFE for untrusted guests: a forged source leaves although spoofchk is on" in out, out)
    check(len([line for line in out.splitlines() if not line.startswith("Saved.")]) <= 24, out)


def test_all(host):
    """trust and spoof checking are turned on and off, and put back: a trusted VF gets its second address"""
    with fresh_vfs(host):
        out, combinations = taken(host, "--sheet=all", status=1)
    equal(sorted(combinations), [(False, False), (False, True), (True, False), (True, True)], "combinations")
    for (_, spoofchk), combination in combinations.items():
        equal(answers(combination)["forged"], "yes", "without anti-spoofing every source leaves")
        # What stays of the first guest with trust is not asked for again.
        found = [("forged", spoofchk), ("kept", combination["trust"] and spoofchk)]
        equal(combination["findings"], [finding for finding, is_found in found if is_found], "findings")
    expect(combinations[True, True], TRUSTED, "with trust")
    equal(combinations[True, True]["reported"] != combinations[False, True]["reported"], True, "the address that the PF reports")
    check("still gets frames to the addresses that its guest asked for" in " ".join(out.split()), out)

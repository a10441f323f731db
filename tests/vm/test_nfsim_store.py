# SPDX-License-Identifier: GPL-2.0-or-later
"""--save on a simulated NIC, and what nfprobe-check makes of that."""

from probing import unchanged, validate, words
from scenario import equal
from simulated import one

VF = 3
SAFE = "come=up go=down+unplug+clear arb=both"
STORE = "/var/lib/nfprobe"
RUN = ("nf0", "--vf", VF, "--style", "macvtap", "--from", "nf0w", "--save")


def files(host, number):
    """Those of the store, the oldest first."""
    names = sorted(host.ok("find", STORE, "-type", "f").split())
    equal(len(names), number, f"how many files are in the store: {names}")
    return names


def checked(host, name, status, says=None):
    """nfprobe-check of a PF or VF: its status, the answer on macvtap, and why."""
    with unchanged(host):
        result = host.nfprobe_check(name, "--style", "macvtap", "--json")
    validate(result.out, "nfprobe-check.schema.json")
    out = result.json()["pfs"][0]
    equal((result.status, out["exit"], result.err), (status, status, ""), f"status, exit and stderr of nfprobe-check {name}")
    if says:
        words(out["styles"][0]["why"], says, "why")
    return out


def test_what_was_saved_holds(host):
    """nfprobe-check by netdev, PF and VF says what the run said; not of a sibling, nor of another style"""
    with one(host, f"{SAFE} fw_running=2", bound=True):
        pf, vf, other = (host.ok("basename", host.ok("realpath", f"/sys/class/net/nf0/device{below}").strip()).strip()
                         for below in ("", f"/virtfn{VF}", "/virtfn1"))
        with unchanged(host):
            result = host.nfprobe(*RUN)
        equal(result.status, 0, "status: " + result.err)
        equal(host.ok("stat", "-c", "%a %U", files(host, 1)[0]).strip(), "644 root", "mode and owner of the file")
        for name in ("nf0", pf, vf):
            out = checked(host, name, 0)
            equal((out["styles"][0]["safe"], out["styles"][0]["verdict"], out["parentdev"]), ("yes", "safe", pf), f"answer on {name}")
        checked(host, other, 3, "nothing is stored for VF 1")
        equal(host.nfprobe_check(vf, "-q").status, 3, "status for both styles")
        host.sh(f"rm -r {STORE}")

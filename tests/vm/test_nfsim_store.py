# SPDX-License-Identifier: GPL-2.0-or-later
"""--save on a simulated NIC, and what nfprobe-check makes of that while the NIC changes."""

from probing import unchanged, validate, words
from scenario import check, equal, long
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


def test_what_has_changed_is_named(host):
    """other firmware or another number of VFs: nfprobe-check says so; as before: safe again"""
    with one(host, f"{SAFE} fw_running=2", bound=True) as nic:
        equal(host.nfprobe(*RUN).status, 0, "status")
        nic.personality(f"default {SAFE} fw_running=3")
        checked(host, "nf0", 3, "firmware was 2.0, is 3.0")
        nic.personality(f"default {SAFE} fw_running=2")
        checked(host, "nf0", 0)
        nic.vfs(0)
        checked(host, "nf0", 3, "number of VFs was 4, is 0")
        host.sh(f"rm -r {STORE}")


@long
def test_nothing_found_replaces_nothing(host):
    """a run that --timeout ends leaves the verdict, also with other firmware, where nothing is known then"""
    with one(host, f"{SAFE} fw_running=2", bound=True) as nic:
        equal(host.nfprobe(*RUN).status, 0, "status")
        equal(host.nfprobe(*RUN, "--timeout", 3).status, 3, "status of a run that --timeout ended")
        checked(host, "nf0", 0)
        nic.personality(f"default {SAFE} fw_running=3")
        equal(host.nfprobe(*RUN, "--timeout", 3).status, 3, "status of a run that --timeout ended")
        checked(host, "nf0", 3)
        nic.personality(f"default {SAFE} fw_running=2")
        checked(host, "nf0", 0)
        kept = files(host, 3)[0]
        equal(host.nfprobe_check("--prune").status, 0, "status of --prune")
        check(kept in files(host, 2), "the verdict went")
        checked(host, "nf0", 0)
        host.sh(f"rm -r {STORE}")


@long
def test_a_damaged_file_stays(host):
    """a file that cannot be used is named, keeps no run from being saved, and stays as it was"""
    with one(host, SAFE, bound=True):
        equal(host.nfprobe(*RUN).status, 0, "status")
        name = files(host, 1)[0]
        host.sh(f"echo '{{' >{name}")
        result = host.nfprobe_check("nf0")
        equal(result.status, 3, "status of nfprobe-check")
        words(result.err, (f"cannot use {name}: it is damaged", "move it away"), "stderr")
        equal(host.nfprobe(*RUN).status, 0, "status of another run")
        checked(host, "nf0", 0)
        equal(host.nfprobe_check("--prune").status, 0, "status of --prune")
        check(name in files(host, 2), "it went")
        equal(host.ok("cat", name).strip(), "{", "the file")
        host.sh(f"rm -r {STORE}")

# SPDX-License-Identifier: GPL-2.0-or-later
"""What a VF lets its guest do (--sheet): of simulated NICs by the rules of drivers, each answer is that in memory."""

import functools
import sys

from probing import come_to, outcome, unchanged, unlocked, worker
from scenario import TOP, check, differences, equal, long
from simulated import one

sys.path.insert(0, TOP + "/tests/nfsim")
import alike  # noqa: E402
import lots  # noqa: E402
import personalities  # noqa: E402

VF, SIBLING = 3, 1
RUN = ("nf0", "--vf", VF, "--from", "nf0w", "--neighbour", f"vf:{SIBLING}", "--settle", "0.6", "--rate", "200")
# Rows that a run on a NIC which is at peace may leave open, of those that are known.
OPEN = 2


# Nothing shows whether a thing stays that no guest was granted.
OF = {"keeps-second": "second-address", "keeps-new": "new-address", "keeps-groups": "allmulticast", "keeps-promiscuous": "promiscuous"}


@functools.cache
def answers(name, trust, spoofchk, vlan=False):
    """What a VF lets its guest do, in memory: {row of the sheet: "yes", "no" or None}."""
    words = f"--sheet=all --from nf0w --settle 0.6 --rate 200 {'--guest-vlan 100' if vlan else ''}"
    [out] = alike.memprobe([f"{words} -- {lots.text(personalities.GUESTS[name].keys)}"], "--truth")
    [rows] = [one["rows"] for one in out["truth"] if (one["trust"], one["spoofchk"]) == (trust, spoofchk)]
    return {row: None if row in OF and rows[OF[row]] == "no" else answer for row, answer in rows.items() if vlan or "vlan" not in row}


def furnish(nic, name, trust, spoofchk, more=""):
    nic.personality(f"{personalities.GUESTS[name].text()} {more}")
    nic.trust(VF, "on" if trust else "off")
    nic.spoofchk(VF, "on" if spoofchk else "off")


def wrong_rows(name, combination, vlan):
    """Sentences; an answer may be missing, but not be the opposite."""
    truth = answers(name, combination["trust"], combination["spoofchk"], vlan)
    told = {row["state"]: row["answer"] for row in combination["rows"]}
    check(truth.keys() <= told.keys(), f"rows: {sorted(told)}")
    who = f"{name}, trust {combination['trust']}, spoofchk {combination['spoofchk']}"
    known = [row for row in truth if told[row] != "unknown"]
    if combination["present"] and len(known) < sum(answer is not None for answer in truth.values()) - OPEN:
        unknown = [(row["state"], row["note"], row["disturbed"]) for row in combination["rows"] if row["answer"] == "unknown"]
        yield f"{who}: unknown are {unknown}; {combination['note']}"
    for row in known:
        if truth[row] != told[row]:
            yield f"{who}: {row} is {told[row]}, not {truth[row]}"


def findings_of(name, combination):
    """What must be found, of a NIC on which the VF's own frames are heard."""
    keys = personalities.GUESTS[name].keys
    forged = combination["spoofchk"] and keys.get("antispoof") == "ignored"
    heard = not combination["trust"] and keys.get("vf_promisc") == "always"
    rows = answers(name, combination["trust"], combination["spoofchk"])
    kept = "yes" in (rows["keeps-second"], rows["keeps-new"]) and rows["keeps-promiscuous"] != "yes"
    return [finding for finding, found in (("forged", forged), ("unaddressed", heard), ("kept", kept)) if found]


def reported(host, nic):
    """What the PF reports of the VF, and what the NIC has of its guest: addresses, and whether it heeds spoofchk."""
    info = {name: value for name, value in nic.info(VF).items() if name != "stats"}
    lines = host.read("/sys/kernel/debug/nfsim/nfsim0/filters").splitlines()
    return info, [line for line in lines if line.startswith(f"vf{VF} ") and ("guest's" in line or "unchecked" in line)]


def sheet(host, nic, name, *words, trust=False, spoofchk=True, more=""):
    """The sheet of a run, which is that in memory; the host and the VF are as before."""
    furnish(nic, name, trust, spoofchk, more)
    before = reported(host, nic)
    words = ("--sheet", *words) if "--sheet=all" not in words else words
    with unchanged(host):
        result = host.nfprobe(*RUN, *words, "--json")
    equal(reported(host, nic), before, f"{name}: what is left of the VF's guest")
    check(result.status in (0, 1), f"{name}: status {result.status}: {result.err}{result.out[-2000:]}")
    out = outcome(result, result.status)["sheet"]
    lines = []
    for combination in out["combinations"]:
        lines += wrong_rows(name, combination, "--guest-vlan" in words)
        if combination["findings"] != findings_of(name, combination):
            lines.append(f"{name}: found are {combination['findings']}")
    check(not lines, "\n".join(lines))
    equal(result.status, int(any(c["findings"] for c in out["combinations"])), f"{name}: status")
    return out


def test_ixgbe_mlx5(host):
    """forged sources, addresses and promiscuity by the rules of ixgbe and mlx5_core: yes and no as in memory"""
    with one(host, bound=True) as nic:
        for name in ("ixgbe-guest", "mlx5-guest"):
            out = sheet(host, nic, name)
            equal(len(out["combinations"]), 1, "combinations")


@long
def test_reset_permits(host):
    """a driver that sets trust and spoofchk anew at each reset of the VF: the sheet is of what its guest has, and the VF's are restored"""
    with one(host, bound=True) as nic:
        out = sheet(host, nic, "mlx5-guest", trust=True, spoofchk=True, more="spoofchk=off forget=trust+spoofchk forget_on=reset")
        equal([(c["trust"], c["spoofchk"]) for c in out["combinations"]], [(False, False)], "combinations")


def test_all(host):
    """all four combinations for a trusted VF of ixgbe, where a guest's address ends what spoofchk does: it is set anew for each, and in the end"""
    with one(host, bound=True) as nic:
        out = sheet(host, nic, "ixgbe-guest", "--sheet=all", trust=True)
        equal({(c["trust"], c["spoofchk"]) for c in out["combinations"]}, {(a, b) for a in (True, False) for b in (True, False)},
              "combinations")
        own = out["combinations"][0]
        check(own["present"] and own["reported"] not in (out["address"], None), f"the PF reports {own['reported']} after a new own address")


# Changes of a run of a trusted VF, with all combinations, right after which it is killed.
POINTS = ("self permanent", "promisc on", "link set nfpvf address", f"vf {VF} trust off")


def test_killed(host):
    """a run that is killed while its guest has more, or another trust: trust, spoofchk, address, VLAN and the NIC's filters are as before"""
    with one(host, bound=True) as nic:
        furnish(nic, "ixgbe-guest", True, True)
        before, state = reported(host, nic), host.state()
        for number, point in enumerate(POINTS):
            run = host.begin_nfprobe(*RUN, "--sheet=all", "-v", hold=point)
            come_to(run, point, "the run")
            both = number % 2
            child = worker(host, "nf0")
            host.sh(f"kill -9 {f'$(pgrep -f -- --sheet=all | head -1) ' if both else ''}{child}")
            run.go_on()
            check(run.wait(180).status != 0, f"the run was killed at {point}, and says so")
            unlocked(host)
            if both:
                host.ok(host.nfprobe_path, "--restore", "nf0")
            equal(reported(host, nic), before, f"the VF after a kill at {point}")
            equal(list(differences(state, host.state())), [], f"the host after a kill at {point}")

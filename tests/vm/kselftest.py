# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/kselftest/vf_mac_failover.py, run by kselftest's own runner with a remote end in a namespace, beside nfprobe.

KSELFTEST is where the selftests are installed (scripts/check vm-kselftest).
"""

import dataclasses
import os
import re

from probing import elsewhere, ladder_of, unlocked
from scenario import Skip, check, differences, equal, made
from simulated import one

TEST = "drivers/net/hw:vf_mac_failover.py"
CASES = [f"{case}_{how}" for case in "standby assign reset up unbind clear vf_first".split() for how in ("filter", "promisc")] + ["neighbour"]
STYLES = {"macvtap": "filter", "bridge": "promisc"}
QUICK = ("--settle", "0.5", "--rate", "200", "--skip=multicast", "--skip=fix", "--json")
PATIENCE_S = 3600  # by the host's clock, however busy that is
KEPT = re.compile(r"/(vfinfo_list/0|nf0v0)/address:")  # of a VF whose address stays: the PF's report, and the VF's netdev
RESULT = re.compile(r"^# (not )?ok \d+ vf_mac_failover\.(\w+)(?: # (SKIP|XFAIL) (.*))?$", re.MULTILINE)


def each(how, *cases):
    return [f"{case}_{how}" for case in cases]


@dataclasses.dataclass(frozen=True)
class Nic:
    personality: str
    macvtap: str  # nfprobe's verdicts
    bridge: str
    xfail: tuple = ()  # cases; all others pass
    fail: tuple = ()


# As test_igb has it: the emulated NIC gives the address to an idle VF, unless the PF has it in its filter.
IGB = Nic("", "safe", "early", (*each("promisc", "assign", "reset", "unbind", "vf_first"), "neighbour"))


def kselftest(host, pf, wire, netns):
    """({case: (outcome, reason)}, all that was printed)"""
    folder = os.environ.get("KSELFTEST")
    if not folder:
        raise Skip("scripts/check vm-kselftest installs the selftests, and is to run it")
    settings = {"NETIF": pf, "LOCAL_V4": "192.0.2.1", "REMOTE_V4": "192.0.2.2", "REMOTE_TYPE": "netns", "REMOTE_ARGS": netns}
    with elsewhere(host, wire, netns, "192.0.2.2"), reserved(host, wire):
        words = [f"{key}={value}" for key, value in settings.items()]
        began = host.uptime()
        done = host.run("env", *words, f"{folder}/run_kselftest.sh", "-t", TEST, timeout=PATIENCE_S)
        took = host.uptime() - began
    results = {case: ("fail" if bad else (directive or "pass").lower(), reason) for bad, case, directive, reason in RESULT.findall(done.out)}
    equal(list(results), CASES, f"cases of {pf}:\n{done.out}{done.err}")
    last = done.out.splitlines()[-1]
    good = not any(outcome == "fail" for outcome, _ in results.values())
    check(last.startswith(("ok 1 selftests", "not ok 1 selftests")[not good]), f"the runner's last line is {last}:\n{done.out}")
    return results, f"{done.out}# took {took:.0f} s"


def reserved(host, name):
    """The name of a netdev that is elsewhere, which the kernel would give to the next one: that of the VF."""
    return made(host, f"ip link add {name} type dummy", f"ip link del {name}")


def sort_of(results, how):
    """The verdict of the cases on a style, in nfprobe's words."""
    bad = {case: reason for case, (outcome, reason) in results.items() if outcome in ("fail", "xfail")}
    refused = "is refused" in bad.get(f"assign_{how}", "")
    if any(f"{case}_{how}" in bad and not refused for case in ("reset", "vf_first")):
        return "early"
    if refused:
        return "refused"
    if f"up_{how}" in bad:
        return "deaf"
    if f"unbind_{how}" in bad or "cannot be cleared" not in bad.get(f"clear_{how}", "cannot be cleared"):
        return "sticky"
    return "safe"


def complaints(nic, results, verdicts, text):
    """The contradictions of the table: a case, a verdict of nfprobe, or the verdict of the cases beside it."""
    cases = {case: "fail" if case in nic.fail else "xfail" if case in nic.xfail else "pass" for case in CASES}
    wrong = [f"{case}: {outcome} {reason}" for case, (outcome, reason) in results.items() if outcome != cases[case]]
    wanted = {"macvtap": nic.macvtap, "bridge": nic.bridge}
    sorts = {style: sort_of(results, how) for style, how in STYLES.items()}
    wrong += [f"{who} says {said}, not {wanted}" for who, said in (("nfprobe", verdicts), ("the selftest", sorts)) if said != wanted]
    return "\n".join([*wrong, text]) if wrong else ""


def verdicts_of(host, pf, vf, wire):
    out = host.nfprobe(pf, "--vf", vf, "--from", wire, *QUICK, timeout=PATIENCE_S).json()
    return {ladder_of(style): style["verdict"] for style in out["vf"]["styles"]}


def printed(text):
    """The lines of a log that a maintainer would look at."""
    return "\n".join(line for line in text.splitlines() if re.match(r"# (not )?ok|# # Totals|# took|(not )?ok", line))


def probed(host, nic, keeps=False):
    """The output of the selftest; it and nfprobe agree with the table, and leave the NIC as it was, but for an address that it keeps."""
    with one(host, nic.personality, vfs=1, bound=True) as rig:
        rig.settled()
        before = host.state()
        results, text = kselftest(host, "nf0", "nf0w", "far")
        verdicts = verdicts_of(host, "nf0", 0, "nf0w")
        unlocked(host)
        wrong = complaints(nic, results, verdicts, text)
        check(not wrong, wrong)
        changed = [line for line in differences(before, host.state()) if not keeps or not KEPT.search(line)]
        equal(changed, [], "what is not as it was")
    return printed(text)

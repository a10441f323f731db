# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-all: NICs that are probed one after another and at the same time, that are in use, and that are each other's only source; and
runs apart."""

import contextlib
import time

from probing import PACE, ladder_of, outcome, unchanged, unlocked, valid, validate
from scenario import check, equal, long
from simulated import Module

# The emulated PF is there, but has nothing to probe.
MACHINE = {"vfs": (0,)}

QUICK = (*PACE, "--style", "macvtap")
NICS = 4
UP = "+ ip -n nfprobe link set nfpvf up"
HOLD = "+ ip maddr add"  # the last change before `standby` is watched


@contextlib.contextmanager
def nics(host, vfs=(4,) * NICS):
    with Module(host, nics=len(vfs)) as module, contextlib.ExitStack() as stack:
        found = [stack.enter_context(module.nic(number=i, vfs=num, bound=True)) for i, num in enumerate(vfs)]
        for nic in found:
            nic.settled()
        yield found


def document(result, status, named="nf"):
    """{PF: what is said of it} of those whose names begin so."""
    check(result.status == status, f"status {result.status} instead of {status}\n{result.err}\n{result.out[-3000:]}")
    validate(result.out, "nfprobe-all.schema.json")
    out = result.json()
    equal(out["exit"], status, "exit in JSON")
    for pf in out["pfs"]:
        if pf["result"]:
            valid(pf["result"])
    return {pf["ifname"]: pf for pf in out["pfs"] if pf["ifname"].startswith(named)}


def span(pf):
    """The begin and the end of its run, in microseconds of one clock."""
    run = pf["result"]["run"]
    return run["monotonic_us"], run["monotonic_us"] + 1000 * run["duration_ms"]


def at_once(*pfs):
    spans = [span(pf) for pf in pfs]
    return max(begin for begin, _ in spans) < min(end for _, end in spans)


def test_at_once(host):
    """four NICs one after another, and at the same time, with the wire that is nobody else's as the source of each; what is kept, and a table"""
    with nics(host), unchanged(host):
        begun = time.monotonic()
        outcome(host.nfprobe("nf0", "--vf", "any", "--json", *QUICK), 0)
        alone = time.monotonic() - begun
        begun = time.monotonic()
        pfs = document(host.nfprobe_all("--json", f"-j{NICS}", *QUICK), 0)
        together = time.monotonic() - begun
        equal(sorted(pfs), [f"nf{i}" for i in range(NICS)], "PFs")
        for name, pf in pfs.items():
            result = pf["result"]
            equal((pf["exit"], result["verdict"], result["source"]["from"]), (0, "safe", f"{name}w"), f"{name}: {result['warnings']}")
        check(at_once(*pfs.values()), f"not at the same time: {[span(pf) for pf in pfs.values()]}")

        host.ok("mkdir", "/tmp/store")
        result = host.nfprobe_all("--save=/tmp/store", *QUICK)
        errors = [line for line in result.err.splitlines() if line.startswith("nfprobe: ") and " warning: " not in line and " so far " not in line]
        equal((result.status, errors), (0, []), f"status, errors; {result.err}")
        turns = [line.split(": ")[2].split()[0] for line in result.err.splitlines() if " done: nf" in line]
        equal(turns, sorted(pfs), "one after another")
        for name in pfs:
            check(any(line.split()[:1] == [name] and "SAFE" in line for line in result.out.splitlines()), result.out)
        equal(sorted(host.ok("ls", "/tmp/store").split()), [f"nfsim-nfsim{i}" for i in range(NICS)], "what is kept")
        host.ok("rm", "-r", "/tmp/store")
    return f"{NICS} take {together:.1f} s, one {alone:.1f} s: {together / alone:.2f} times as long"


def join(host, *found):
    """Their wires become ports of a switch, so none of them can be a source: only the PFs hear each other."""
    host.ok("ip", "link", "add", "wires", "type", "bridge")
    for nic in found:
        host.ok("ip", "link", "set", f"nf{nic.number}w", "master", "wires")
    host.ok("ip", "link", "set", "wires", "up")
    for nic in found:
        nic.settled()


@contextlib.contextmanager
def switched(host, number, *personalities):
    """The given number of NICs on one switch. @personalities: one for each; one alone is for all; none: as they are."""
    with nics(host, (4,) * number) as found:
        for nic in found:
            nic.personality(" ".join(["default", *personalities[nic.number % max(len(personalities), 1) :][:1]]))
        join(host, *found)
        with unchanged(host):
            yield found
        host.ok("ip", "link", "del", "wires")


def shown(result):
    """The parts of a run's result that the NIC determines; when and how fast is chance."""
    return [(ladder_of(style), style["verdict"], style["claim"], style["release"], style["delivery"], style["multicast"],
             [(step["state"], step["status"], step["frames"]["unicast"]["landing"]) for step in style["steps"]])
            for style in result["vf"]["styles"]]


def alone(host, pf, source, *args):
    result = host.nfprobe(pf, "--vf", 0, "--from", source, "--json", *args)
    check(result.status in (0, 1), f"{pf} alone: status {result.status}: {result.err}")
    return shown(valid(result.json()))


@long
def test_switch(host):
    """four NICs on one switch: at the same time, each the source of another, and what each says is what it says alone"""
    with switched(host, NICS):
        begun = time.monotonic()
        before = alone(host, "nf0", "nf1", *QUICK)
        one = time.monotonic() - begun
        begun = time.monotonic()
        pfs = document(host.nfprobe_all("--json", f"-j{NICS}", *QUICK), 0)
        together = time.monotonic() - begun
        sources = {name: pf["result"]["source"]["from"] for name, pf in pfs.items()}
        check(all(source in pfs and source != name for name, source in sources.items()), f"each has another as its source: {sources}")
        check(at_once(*pfs.values()), f"not at the same time: {[span(pf) for pf in pfs.values()]}")
        for name, pf in pfs.items():
            equal(shown(pf["result"]), before, f"{name}: {pf['result']['warnings']}")

        # One that the user names is probed by nobody, and sends for all.
        pfs = document(host.nfprobe_all("--json", "--from", "nf3", *QUICK), 3)
        equal([(pfs[f"nf{i}"]["exit"], pfs[f"nf{i}"].get("error", {}).get("code")) for i in range(NICS)],
              [(0, None)] * 3 + [(3, "source-unusable")], "--from nf3")
        check(at_once(*(pfs[f"nf{i}"] for i in range(3))), "not at the same time, --from nf3")
    return f"{NICS} take {together:.1f} s, one {one:.1f} s: {together / one:.2f} times as long"


@long
def test_apart(host):
    """runs that were started apart: two that are each other's source, a third that shares one, a VF that sends, one address"""
    with switched(host, 3) as (_, second, *_):
        before = alone(host, "nf0", "nf1", *QUICK)
        runs = [host.begin_nfprobe(pf, "--vf", 0, "--from", source, "-v", "--json", *QUICK)
                for pf, source in (("nf0", "nf1"), ("nf1", "nf0"), ("nf2", "nf1"))]
        for run in runs:
            check(run.wait_for(HOLD, 120), run.stderr.decode())
        results = [valid(run.wait(300).json()) for run in runs]
        check(at_once(*({"result": result} for result in results)), "not at the same time")
        for result in results:
            equal(shown(result), before, f"{result['pf']['ifname']}: {result['warnings']}")

        # Its netdev is up, so another run takes this VF only with --force.
        netdev = second.netdev(0)
        host.ok("ip", "link", "set", netdev, "up")
        second.until("carrier", 0, True)
        run = host.begin_nfprobe("nf0", "--vf", 0, "--from", netdev, "-v", "--json", *QUICK, hold=HOLD)
        check(run.wait_for(HOLD, 120), run.stderr.decode())
        out = outcome(host.nfprobe("nf1", "--vf", 0, "--force", "--json", "--from", "nf2", *QUICK), 4)
        equal(out["error"]["code"], "locked", "a VF that sends")
        check("is sending its test frames through nfsim1-vf0" in out["error"]["message"], out["error"]["message"])
        outcome(host.nfprobe("nf1", "--vf", 1, "--from", "nf2", "--json", *QUICK), 0)
        run.go_on()
        equal(shown(valid(run.wait(300).json())), before, "what came from a VF")
        host.ok("ip", "link", "set", netdev, "down")

        run = host.begin_nfprobe("nf0", "--vf", 0, "--from", "nf1", "--mac", "02:00:5e:00:02:77", "-v", "--json", *QUICK, hold="+ ")
        check(run.wait_for("+ ", 120), run.stderr.decode())
        out = outcome(host.nfprobe("nf1", "--vf", 0, "--from", "nf0", "--mac", "02:00:5e:00:02:77", "--json", *QUICK), 4)
        equal(out["error"]["code"], "locked", "an address that another run tests with")
        run.go_on()
        equal(run.wait(300).status, 0, "status of the first")


@long
def test_source_killed(host):
    """kill -9 of both processes of a run whose PF is the source of another: that one goes on, and both hosts are put back"""
    with switched(host, 2):
        before = alone(host, "nf0", "nf1", *QUICK)
        run = host.begin_nfprobe("nf0", "--vf", 0, "--from", "nf1", "--json", *QUICK)
        other = host.begin_nfprobe("nf1", "--vf", 0, "--from", "nf0", "-v", "--json", *QUICK, hold=UP)
        check(other.wait_for(UP, 120), other.stderr.decode())
        pid = host.ok("pgrep", "-o", "-f", "nfprobe nf1 ").strip()
        host.sh(f"kill -KILL {pid} $(pgrep -P {pid})")
        equal(other.wait(120).status, 137, "status of the run that was killed")
        unlocked(host)
        restored = host.nfprobe("--restore", "nf1")
        equal(restored.status, 0, f"status of --restore: {restored.err}")
        result = valid(run.wait(300).json())
        equal(shown(result), before, f"{result['warnings']}")

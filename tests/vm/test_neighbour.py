# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers to ARP, of neighbours and NICs with manners of their own: what nfprobe says of each, exactly.

Simulated NICs side by side, the wire of each in a namespace that is its gateway (Linux), and there, where a case
says so, somebody who forges answers or has the same address (tests/nfsim/arp_forger.py).
"""

import concurrent.futures
import contextlib
import dataclasses
import json
import queue

import bench
from probing import elsewhere
from scenario import TOP, check, equal, made
from simulated import Module

# A processor of its own speed: the time that an answer takes is that of its neighbour, not of a busy host.

FORGER = TOP + "/tests/nfsim/arp_forger.py"
GATEWAY = "192.0.2.1"
OTHER = "02:00:5e:00:07:77"  # the second host with that address
BROADCAST = "ff:ff:ff:ff:ff:ff"
NICS = 6  # side by side
VF = 3

SAFE = {"come": "up", "go": "down+unplug+reset+clear"}
EARLY = {"come": "assign+reset+driver+up", "go": "clear", "arb": "vf"}
INSIDE = {"loop_vf_pf": 0, "loop_pf_pf": 0}  # with these the standby hears nothing from inside

TO_ONE_ONLY = ("egress", "protocol", "arp", "flower", "dst_mac", BROADCAST, "action", "drop")

TWO = f"two hosts answer for {GATEWAY}"


@dataclasses.dataclass
class Case:
    name: str
    keys: dict
    verdict: str = "safe"
    forger: str = ""
    tc: tuple = ()
    asked: str = ""  # who is asked, by the kernel's table
    says: tuple = ("broadcast too",)  # words of source.note
    warns: tuple = ()  # of the warnings, each
    duplicates: bool = False  # of the standby's unicast
    reason: str = ""
    bound: bool = False  # the siblings have drivers


CASES = [
    Case("guessed", EARLY, "early", forger="guessed", duplicates=True),
    Case("two hosts, the other", EARLY, "early", forger="second", asked=OTHER, says=("broadcast too", OTHER), warns=(TWO,)),
    Case("no broadcast at the VF", {**SAFE, "bcast_vf": "no"}, "deaf"),
    Case("to one only, nothing inside", {**SAFE, **INSIDE, "loop_vf_vf": 0, "loop_pf_vf": 0}, "unknown", tc=TO_ONE_ONLY,
         says=("from the wire is not shown", "and VF 2 send it inside"), bound=True, reason="broadcast may be missing"),
]


class Gateway:
    """The wire of a simulated NIC as a host of its own."""

    def __init__(self, host, number):
        self.host, self.netns, self.pf, self.netdev = host, f"gw{number}", f"nf{number}", f"nf{number}w"

    def inside(self, *argv):
        return self.host.ok("ip", "netns", "exec", self.netns, *argv)

    @contextlib.contextmanager
    def of(self, case):
        with elsewhere(self.host, self.netdev, self.netns, GATEWAY):
            if case.tc:
                self.inside("tc", "qdisc", "add", "dev", self.netdev, "clsact")
                self.inside("tc", "filter", "add", "dev", self.netdev, *case.tc)
            yield
            entries = json.loads(self.inside("ip", "-j", "neigh", "show", "nud", "all"))
            equal([e for e in entries if "." in e["dst"] or "NOARP" not in e["state"]], [], f"{case.name}: what the gateway has learned")

    def mac(self):
        return json.loads(self.inside("ip", "-j", "link", "show", self.netdev))[0]["address"]

    def known(self, mac):
        """This host's own table has the neighbour."""
        return made(self.host, f"ip neigh replace {GATEWAY} lladdr {mac} dev {self.pf} nud permanent", f"ip neigh del {GATEWAY} dev {self.pf}")

    @contextlib.contextmanager
    def forger(self, case):
        """Somebody besides; must have been asked, and have done something."""
        if not case.forger:
            yield
            return
        mac = OTHER if case.forger == "second" else self.mac()
        enemy = self.host.begin("ip", "netns", "exec", self.netns, "/usr/bin/python3", "-I", "-S", FORGER, self.netdev,
                                case.forger, GATEWAY, mac, stdin=True)
        check(enemy.wait_for("ready"), f"the forger did not begin: {enemy.stderr.decode()}")
        try:
            yield
        finally:
            enemy.write(b"")
            done = enemy.wait(120)
        equal(done.status, 0, f"the forger: {done.err}")
        did = json.loads(done.out.splitlines()[-1])
        check(did["asked"] > 50 and did["sent"] >= did["asked"], f"{case.name}: the forger did {did}")

    def probe(self, case):
        with self.of(case), self.known(case.asked or self.mac()), self.forger(case):
            return self.host.nfprobe(self.pf, "--vf", VF, "--from", f"arp:{GATEWAY}", "--settle", 0.3,
                                     "--style", "macvtap", "--json")


def wrong(case, result):
    """Sentences."""
    try:
        status = {"safe": 0, "unknown": 3}.get(case.verdict, 1)
        check(result.status in (0, 1, 3), f"status {result.status}: {result.err}")
        out = result.json()
        [style] = out["vf"]["styles"]
        equal(style["verdict"], case.verdict, f"verdict ({style['reason']})")
        equal(result.status, status, "status")
        equal(style["multicast"], "untested", "multicast")
        check(case.reason in style["reason"], f"the reason is {style['reason']}")
        equal(out["source"]["kind"], "wire", "source")
        for word in case.says:
            check(word in out["source"]["note"], f"the note does not say {word!r}: {out['source']['note']}")
        seen = [s["frames"]["unicast"] for s in style["steps"] if s["status"] == "done" and s["frames"]["unicast"]["landing"] == "pf"]
        sent, duplicates = (sum(unicast[key] for unicast in seen) for key in ("sent", "duplicates"))
        warnings = [w for w in out["warnings"] if "--settle" not in w]
        check(len(warnings) == len(case.warns) and all(w in s for w, s in zip(case.warns, warnings)),
              f"the warnings are {warnings}, not {case.warns}")
        # On a starved machine an answer may come after the next probe: one more there, one less here.
        check(duplicates * 2 > sent if case.duplicates else duplicates * 5 < sent, f"{duplicates} duplicates of {sent}")
        # All else as from any source on the wire.
        if case.verdict not in ("unknown", "deaf"):
            on_wire = bench.Case(case.name, case.keys)
            lines = list(bench.differences(on_wire, result))
            # A neighbour that answers ARP brings no groups: of them, less is said than is true.
            yield from () if bench.is_unclear(on_wire, result) else lines
    except AssertionError as error:
        yield f"{case.name}: {error}"


def prepare(nic, case):
    nic.personality("default " + bench.lots.text(case.keys))
    nic.autoprobe(int(case.bound))
    nic.vfs(0)
    nic.vfs(4)
    nic.autoprobe(1)
    if not case.bound:
        nic.bind(VF)
    nic.down("pf")
    nic.up("pf")


def each(host, cases):
    waiting = queue.SimpleQueue()
    for case in cases:
        waiting.put(case)
    with Module(host, nics=NICS) as module:

        def work(number):
            lines = []
            with module.nic("", number=number) as nic, contextlib.suppress(queue.Empty):
                while True:
                    case = waiting.get_nowait()
                    prepare(nic, case)
                    lines += wrong(case, Gateway(host, number).probe(case))
            return lines

        with concurrent.futures.ThreadPoolExecutor(NICS) as pool:
            lines = [line for part in pool.map(work, range(NICS)) for line in part]
    check(not lines, "\n".join(lines))


def test_neighbours(host):
    """forged answers, two hosts, a VF without broadcast, a gateway that answers to one only: the verdict is exactly so"""
    each(host, CASES)

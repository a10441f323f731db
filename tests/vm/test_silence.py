# SPDX-License-Identifier: GPL-2.0-or-later
"""The traces of a run on the network: every frame on the wire, by whatever protocol, while it goes on.

IPv6 is on for new netdevs: one that nfprobe made, or set up, and left it on there, would be heard. Each kind of
source has a simulated NIC of its own, side by side.
"""

import contextlib
from concurrent import futures

from probing import elsewhere, outcome
from scenario import check, long
from simulated import Module
from spy import Spy

VF, SIBLING = 3, 1
RATE = 150
BROADCAST = "ff:ff:ff:ff:ff:ff"
ROUTERS = "33:33:00:00:00:16"  # ff02::16
DATAGRAM = ["0.0.0.0:9", "255.255.255.255:9"]  # of an announcement
GATEWAY, PEER_ID = "192.0.2.1", "00112233445566778899aabbccddeeff"
# Frames a second of each kind, as in src/verdict/ladder.c.
RATES = {"unicast": RATE, "broadcast": 40, "multicast": 40, "unregistered": 20, "all-nodes": 5, "unjoined": 5}
OFTEN = {"broadcast": 100, "multicast": 100}  # from a netdev of this host on the wire
ARP_RATE, ARP_BROADCAST_RATE = 15, 5
VLAN = 100
# Announcements of an address: by the standby that takes it, and by the VF that is up, and goes; besides, one in each step that would condemn.
TAKEN, UP = 3, 3


@contextlib.contextmanager
def ipv6(host):
    """IPv6 is on for each netdev that comes from now on, and off for those that are there."""
    host.write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "0")
    yield
    host.write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1")


@contextlib.contextmanager
def far(host, nic, address=None, vlan=0):
    """The wire's other end in a namespace of its own; its address on the wire's VLAN, if there is one."""
    netns = f"far{nic.number}"
    with elsewhere(host, f"nf{nic.number}w", netns, address, vlan):
        nic.until("carrier", "pf", True)
        yield netns


class Run:
    """One, on a NIC of its own, with what was heard on its wire."""

    def __init__(self, host, nic, source, vlan):
        self.host, self.nic, self.vlan = host, nic, vlan
        self.pf, self.wire = f"nf{nic.number}", f"nf{nic.number}w"
        self.name, self.source = source.split(":")[0], source
        self.macs = {"wire": nic.address("wire"), "pf": nic.address("pf"), "sibling": nic.address(SIBLING)}

    def probe(self, *more):
        result = self.host.nfprobe(self.pf, "--vf", VF, "--from", self.source.replace("WIRE", self.wire), "--settle", "0.1",
                                   *more, "--json")
        check(result.status in (0, 1, 3), f"{self.name}: status {result.status}: {result.err}")
        return outcome(result, result.status)

    def go(self):
        """Its result; self.seen."""
        rate = ("--rate", RATE)
        if self.name in ("WIRE", "vf", "pf"):
            with Spy(self.host, self.wire) as spy:
                out = self.probe(*rate)
        elif self.name == "arp":
            vlan = ("--vlan", self.vlan) if self.vlan else ()
            with far(self.host, self.nic, GATEWAY, self.vlan) as netns, Spy(self.host, self.wire, netns) as spy:
                out = self.probe(*vlan)
        else:
            with far(self.host, self.nic) as netns:
                argv = ("ip", "netns", "exec", netns, self.host.nfprobe_path, "--reflect", self.wire, "--id", PEER_ID)
                reflector = self.host.begin(*argv)
                check(reflector.wait_for("--from peer:"), reflector.stderr.decode())
                with Spy(self.host, self.wire, netns) as spy:
                    out = self.probe(*rate, "--id", PEER_ID)
                reflector.signal(2)
                reflector.wait(120)
        self.seen = spy.seen
        return out

    def wrong(self, out):
        """A line for each class of frames that should not have been there."""
        own = {"WIRE": {self.macs["wire"]}, "vf": {self.macs["sibling"]}, "pf": {self.macs["pf"]}, "arp": {self.macs["pf"]},
               "peer": {self.macs["wire"]}}[self.name]
        tested = {f.dst for f in self.seen if f.kind in ("unicast", "unregistered")}
        tested |= {f.arp[1] for f in self.seen if f.arp} - {self.macs["wire"]}
        if self.name in ("vf", "pf"):  # unicast stays in the NIC: both addresses of each ladder, and that of the check of learning
            spoken = {f.src for f in self.seen if f.kind == "announce"} - {self.macs["wire"], self.macs["pf"], self.macs["sibling"]}
            if len(spoken) > 3 * len(out["vf"]["styles"]):
                yield f"{self.name}: more addresses were announced than there are: {spoken}"
            tested |= spoken
        steps = max(len(style["steps"]) for style in out["vf"]["styles"])
        for f in self.seen:
            reason = self.judge(f, own, tested, steps, out)
            if reason:
                yield f"{self.name}: {reason}: {f}"
        if self.name in ("WIRE", "peer") and not any(f.mld for f in self.seen):
            yield f"{self.name}: no MLD report was heard: {self.seen}"
        if self.name in ("WIRE", "peer") and not {"0806", "8035", "ip"} <= {"ip" if f.ip else f.type for f in self.seen}:
            yield f"{self.name}: no address was announced by ARP, RARP and IPv4: {self.seen}"
        if self.name == "arp":
            if {f.arp[0] for f in self.seen if f.arp} != {"1", "2"}:
                yield f"arp: no question, or no answer, was heard: {self.seen}"
        else:
            for kind in ("unicast", "broadcast", "multicast", "all-nodes", "unjoined"):
                if not any(f.kind == kind for f in self.seen) and self.name != "vf" and self.name != "pf":
                    yield f"{self.name}: no {kind} was heard at all: {self.seen}"

    def judge(self, f, own, tested, steps, out):
        """The error in a frame, or None."""
        if f.type == "8035" or f.ip == DATAGRAM or (f.arp == ["1", f.src, "0.0.0.0"] and f.src != self.macs["pf"]):
            most = TAKEN + UP + steps
            return None if f.src in tested and f.dst == BROADCAST and f.number <= most else "no address under test, or announced too often"
        if self.name == "arp" and f.arp:
            return self.judge_arp(f)
        if f.mld:
            return self.judge_mld(f, tested, steps)
        if f.kind == "carrier":
            ends = {self.macs["wire"], self.macs["pf"]}
            if self.name != "peer" or {f.src, f.dst} - ends - {BROADCAST} or f.faster(sum(RATES.values())):
                return "not between the prober and its reflector, or too many"
            return None
        if f.run != out["run"]["id"]:
            return "not of this run"
        if f.kind == "announce" and f.src in tested:
            return None if f.number <= TAKEN + UP + steps else "X is the source too often"
        if f.src not in own:
            return "the source is not the sending netdev's own address"
        rate = {**RATES, **(OFTEN if self.name == "WIRE" else {})}.get(f.kind, 3 if f.kind in ("announce", "hello") else 20)
        if self.name == "peer":
            rate *= 2  # a reflector that stood still passes on what waited for it
        if f.faster(rate):
            return f"more than {rate} a second"
        return None

    def judge_mld(self, f, tested, steps):
        """The PF reports from its own address, and the VF from that under test; in each step, and once more before it condemns."""
        groups = {g.dst for g in self.seen if g.kind == "multicast"}
        if f.src not in tested | {self.macs["pf"]} or f.dst != ROUTERS or self.name not in ("WIRE", "peer"):
            return "no report of the standby, or of the VF"
        if f"33:33:ff:{f.mld}" not in groups:
            return "a group that no frame went to"
        return None if f.number <= 2 * steps + 2 else "reported too often"

    def judge_arp(self, f):
        operation, sender, ip = f.arp
        if f.src == self.macs["wire"] and operation == "2":
            return None
        limit = ARP_BROADCAST_RATE if f.dst == BROADCAST else ARP_RATE
        # The address that is to be answered is the test address; the neighbour learns nothing from a probe.
        if (operation, ip, f.src) != ("1", "0.0.0.0", self.macs["pf"]) or sender == self.macs["wire"]:
            return "no ARP probe of the PF"
        return f"more than {limit} a second" if f.faster(limit) else None


# With the VLAN that it is tried in.
SOURCES = (("WIRE", 0), (f"vf:{SIBLING}", 0), ("pf", 0), (f"arp:{GATEWAY}", 0), ("peer", 0), (f"arp:{GATEWAY}", VLAN))


def attempt(run):
    try:
        return list(run.wrong(run.go()))
    except Exception as error:  # noqa: BLE001 the others go on
        return [f"{run.name}: {error!r}"]


@long
def test_every_source(host):
    """from the wire, another VF, the PF, by ARP (in a VLAN, too) and by a reflector, in both styles: nothing but its own frames, no
    faster than promised"""
    with Module(host, nics=len(SOURCES)) as module, contextlib.ExitStack() as stack:
        stack.enter_context(ipv6(host))  # of VFs, not of PFs and wires
        nics = [stack.enter_context(module.nic(number=i, bound=True)) for i in range(len(SOURCES))]
        runs = [Run(host, nic, *source) for nic, source in zip(nics, SOURCES)]
        with futures.ThreadPoolExecutor(len(runs)) as pool:
            wrong = [line for lines in pool.map(attempt, runs) for line in lines]
        check(not wrong, "\n".join(wrong))


def test_heard(host):
    """what a netdev that comes up with IPv6 on sends is heard, so that silence means something"""
    with Module(host) as module, ipv6(host), module.nic(bound=True):
        for command in ("ip link add link nf0 name child type macvlan; ip link set child up", "ip link set nf0v2 up"):
            with Spy(host, "nf0w") as spy:
                host.sh(command)
                check(spy.command.wait_for("heard", 120), "no IPv6 frame was heard")

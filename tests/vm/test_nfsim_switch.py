# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated NIC's switch and wire: which frames it forwards, drops and delays, and what it counts."""

import itertools

from scenario import CLOCK, check, equal, long
from simulated import BROADCAST, MS, UNREGISTERED, X, Y, Z, between, one

MACHINE = CLOCK


def test_unregistered(host):
    """unreg_wire, unreg_vf, promisc_vf, promisc_owned: what the PF sees that is not for it"""
    with one(host) as nic:
        nic.bind(1)
        nic.up(1)
        nic.assign(3, Y)

        def row():
            return [nic.landing(mac, origin=origin) for mac in (UNREGISTERED, Y) for origin in ("wire", 1)]

        nic.promisc("wire", True)  # it hears what leaves the NIC
        equal(row(), ["nowhere", "wire", "nowhere", "nowhere"], "landings")
        nic.personality("unreg_wire=1")
        equal(row(), ["pf", "wire", "nowhere", "nowhere"], "landings, unreg_wire=1")
        nic.personality("unreg_wire=0 unreg_vf=1")
        equal(row(), ["nowhere", "pf+wire", "nowhere", "nowhere"], "landings, unreg_vf=1")
        nic.personality("unreg_vf=0")
        nic.promisc("pf", True)
        equal(row(), ["pf", "pf+wire", "nowhere", "nowhere"], "landings, the PF promiscuous")
        nic.personality("promisc_vf=0")
        equal(row(), ["pf", "wire", "nowhere", "nowhere"], "landings, promisc_vf=0")
        nic.personality("promisc_owned=1")
        equal(row(), ["pf", "wire", "pf", "nowhere"], "landings, promisc_owned=1 promisc_vf=0")
        nic.personality("promisc_vf=1")
        equal(row(), ["pf", "pf+wire", "pf", "pf"], "landings, promisc_owned=1")
        nic.bind(3)
        nic.up(3)
        equal(row(), ["pf", "pf+wire", "pf+vf3", "pf+vf3"], "landings, promisc_owned=1, its VF up")
        nic.personality("promisc_owned=alone")
        equal(row(), ["pf", "pf+wire", "pf", "pf"], "landings, promisc_owned=alone")
        nic.promisc("pf", False)
        equal(row(), ["nowhere", "wire", "vf3", "vf3"], "landings, no more promiscuous, its VF up")


def test_loops(host):
    """loop_*: what the switch does not forward inside leaves by the wire"""
    with one(host, "arb=vf") as nic:
        for vf, mac in ((1, X), (2, Y)):
            nic.assign(vf, mac)
            nic.bind(vf)
            nic.up(vf)
        nic.hold(Z)
        nic.promisc("wire", True)
        ways = {"loop_vf_pf": (1, Z, "pf"), "loop_vf_vf": (1, Y, "vf2"), "loop_pf_vf": ("pf", Y, "vf2"),
                "loop_pf_pf": ("pf", Z, "pf")}
        broadcasts = {"loop_vf_pf": 1, "loop_vf_vf": 1, "loop_pf_vf": "pf", "loop_pf_pf": "pf"}
        for way, (origin, mac, receiver) in ways.items():
            for value in (0, 1):
                nic.personality(f"{way}={value}")
                equal(nic.landing(mac, origin=origin), receiver if value else "wire", f"landing, {way}={value}")
                heard = nic.landing(BROADCAST, origin=broadcasts[way]).split("+")
                equal((receiver in heard, "wire" in heard), (bool(value), True), f"broadcast, {way}={value}")
        check(nic.landing(BROADCAST, origin=1) == "pf+vf2+wire", "its own broadcast came back to a VF")


def test_broadcast(host):
    """bcast_pf, bcast_vf, and the VF's link state: who hears a broadcast"""
    with one(host, "stats=1") as nic:
        nic.bind(3)
        equal(nic.landing(BROADCAST), "pf", "broadcast, no VF up")
        nic.up(3)
        equal(nic.landing(BROADCAST), "pf+vf3", "broadcast")
        nic.personality("bcast_vf=no")
        equal(nic.landing(BROADCAST), "pf", "broadcast, bcast_vf=no")
        nic.personality("bcast_vf=up bcast_pf=0")
        equal(nic.landing(BROADCAST), "vf3", "broadcast, bcast_pf=0")
        nic.link_state(3, "disable")
        equal(nic.carrier(3), False, "carrier of a VF that the PF disabled")
        equal(nic.landing(BROADCAST), "nowhere", "broadcast, the VF disabled")
        nic.link_state(3, "auto")
        equal(nic.info(2)["stats"]["rx"]["dropped"], 0, "broadcasts that a VF without driver missed")
        nic.personality("bcast_vf=always")
        nic.landing(BROADCAST)
        equal(nic.info(2)["stats"]["rx"]["dropped"], 20, "the same, bcast_vf=always")


def vids(nic, port, **request):
    """Which VLAN tags a receiver sees on twenty frames; "none" if it gets none."""
    tags = {vid for _, vid, _ in nic.frames(**request)["seen"][str(port)]}
    return tags.pop() if len(tags) == 1 else tags or "none"


def test_vlan(host):
    """vlan: strict, ignored, and the tag kept; 802.1Q and 802.1ad"""
    with one(host, "arb=vf") as nic:
        nic.assign(3, X)
        nic.vlan(3, 100, qos=5)
        nic.bind(3)
        nic.up(3)
        nic.hold(X)
        child = ("link", "nf0", "name", "nf0.100", "type", "vlan", "id", 100)

        def row():
            return [(nic.landing(X, vid=vid), vids(nic, 3, to=X, vid=vid)) for vid in (None, 100, 200)]

        equal(row(), [("pf", "none"), ("vf3", None), ("nowhere", "none")], "landings and tags, strict")
        nic.ip("link", "add", *child)
        nic.ip("link", "set", "nf0.100", "up")
        nic.personality("arb=both")
        equal(row(), [("pf", "none"), ("pf+vf3", None), ("nowhere", "none")], "the same, the PF in the VLAN, too")
        equal(vids(nic, "pf", to=X, vid=100), 100, "the PF's tag")
        nic.ip("link", "del", "nf0.100")
        nic.personality("vlan=keep")
        equal(row(), [("pf", "none"), ("vf3", 100), ("nowhere", "none")], "landings and tags, keep")
        nic.personality("vlan=ignore arb=vf")
        equal(row(), [("vf3", None), ("vf3", None), ("vf3", 200)], "landings and tags, ignore")
        nic.personality("vlan=strict")
        nic.promisc("wire", True)
        equal(vids(nic, "wire", to=UNREGISTERED, origin=3), 100, "the tag of what the VF sends")
        equal(vids(nic, "wire", to=UNREGISTERED, origin=3, vid=7), "none", "what the VF sends with a tag of its own")
        nic.vlan(3, 100, "802.1ad")
        equal([nic.landing(X, vid=100, tpid=tpid) for tpid in (0x8100, 0x88A8)], ["nowhere", "vf3"], "802.1ad")
        info = nic.info(3)["vlan_list"][0]
        equal((info["vlan"], info.get("protocol")), (100, "802.1ad"), "VLAN in ip link")
        nic.vlan(3, 0)
        equal(nic.landing(X), "vf3", "landing without VLAN")


def test_spoof(host):
    """spoofchk, trust, pf_spoof: what is not sent"""
    with one(host) as nic:
        nic.assign(3, X)
        nic.bind(3)
        nic.up(3)
        nic.promisc("wire", True)

        def sent(origin, source):
            return nic.landing(UNREGISTERED, origin=origin, source=source)

        equal([sent(3, X), sent(3, Y)], ["wire", "nowhere"], "frames of the VF, spoofchk on")
        nic.spoofchk(3, "off")
        equal([sent(3, X), sent(3, Y)], ["wire", "wire"], "frames of the VF, spoofchk off")
        equal(sent("pf", X), "wire", "frames of the PF with the VF's address")
        for value in ("filter", "assigned"):
            nic.personality(f"pf_spoof={value}")
            equal([sent("pf", X), sent("pf", Y)], ["nowhere", "wire"], f"frames of the PF, pf_spoof={value}")
        nic.personality("default come=up go=down")
        nic.down(3)
        for value, landing in (("filter", "wire"), ("assigned", "nowhere")):
            nic.personality(f"pf_spoof={value}")
            equal(sent("pf", X), landing, f"frames of the PF, the VF down, pf_spoof={value}")
        nic.personality("spoofchk=absent trust=absent")
        for setting in ("spoofchk", "trust"):
            check("not supported" in str(nic.refusal(setting, 3, "on")), f"{setting} was set though absent")
            check(setting not in nic.info(3), f"{setting} is shown though absent")
        nic.vfs(0)
        nic.personality("default spoofchk=off trust=on")
        nic.vfs(1)
        equal((nic.info(0)["spoofchk"], nic.info(0)["trust"]), (False, True), "settings of a new VF")


def test_trust(host):
    """an address that was assigned: an untrusted VF cannot change it; a trusted one hears unregistered"""
    with one(host) as nic:
        nic.bind(3)
        nic.ip("link", "set", "nf0v3", "address", Y)
        equal(nic.info(3)["address"], Y, "the address that a VF chose")
        nic.assign(3, X)
        nic.unbind(3)
        nic.bind(3)
        nic.up(3)
        equal((nic.address(3), host.read("/sys/class/net/nf0v3/addr_assign_type")), (X, "0"), "address")
        check("not permitted" in str(nic.refusal("ip", "link", "set", "nf0v3", "address", Y)), "it was changed")
        nic.promisc(3, True)
        equal(nic.landing(UNREGISTERED), "nowhere", "landing of an unregistered address, the VF promiscuous")
        nic.trust(3, "on")
        equal(nic.landing(UNREGISTERED), "vf3", "landing of an unregistered address, the VF trusted, too")
        nic.ip("link", "set", "nf0v3", "address", Y)
        equal(nic.landing(Y), "vf3", "landing of an address that a trusted VF chose")
        nic.personality("default own_report=0")
        nic.unbind(3)
        nic.clear(3)
        nic.reset(3)
        nic.bind(3)
        nic.up(3)
        equal(nic.info(3)["address"], "00:00:00:00:00:00", "the address of a VF that does not report it")
        equal(nic.landing(nic.address(3)), "vf3", "landing of a VF's own address")


def missing(stream, port="pf"):
    return sorted(set(range(len(stream["sent"]))) - {number for number, *_ in stream["seen"][port]})


def test_loss(host):
    """loss, dup, seed: as many as said, the same ones with the same seed"""
    with one(host, "loss=10 seed=7") as nic:
        lost = missing(nic.frames(to=BROADCAST, count=2000))
        between(133, len(lost), 267, "lost of 2000 at 10 %")
        nic.personality("seed=7")
        equal(missing(nic.frames(to=BROADCAST, count=2000)), lost, "lost with the same seed")
        nic.personality("seed=8")
        check(missing(nic.frames(to=BROADCAST, count=2000)) != lost, "the same are lost with another seed")
        nic.personality("loss=100")
        equal(nic.landing(BROADCAST), "nowhere", "landing, all lost")
        equal(nic.landing(BROADCAST, origin="pf"), "nowhere", "landing on the wire, all lost")
        nic.personality("loss=0 dup=10")
        stream = nic.frames(to=BROADCAST, count=2000)
        equal(missing(stream), [], "missing")
        between(133, len(stream["seen"]["pf"]) - 2000, 267, "twice of 2000 at 10 %")


def test_delay(host):
    """delay_us, jitter_us, reorder: late as said, in order or not"""
    def late(stream):
        return [(seen - stream["sent"][number]) / MS for number, _, seen in stream["seen"]["pf"]]

    def order(stream):
        return [number for number, *_ in stream["seen"]["pf"]]

    with one(host, "delay_us=50000") as nic:
        stream = nic.frames(to=BROADCAST, count=100, rate=200, quiet=0.3)
        equal(order(stream), list(range(100)), "order with a delay")
        between(50, min(late(stream)), 100, "least ms late")
        nic.personality("jitter_us=20000")
        stream = nic.frames(to=BROADCAST, count=100, rate=200, quiet=0.3)
        equal(order(stream), list(range(100)), "order with jitter")
        between(30, min(late(stream)), 49, "least ms late, with jitter")
        check(max(late(stream)) > 55, f"no more than {max(late(stream))} ms late, with jitter")
        nic.personality("delay_us=0 jitter_us=0 reorder=10 reorder_us=30000")
        stream = nic.frames(to=BROADCAST, count=200, rate=200, quiet=0.3)
        equal(sorted(order(stream)), list(range(200)), "numbers, out of order")
        highest = itertools.accumulate(order(stream), max)
        overtaken = sum(number < high for number, high in zip(order(stream), highest))
        between(5, overtaken, 60, "overtaken of 200 at 10 %")
        nic.personality("default delay_us=2000000")
        nic.frames(to=BROADCAST, count=100)  # still on their way when the module is unloaded


@long
def test_statistics(host):
    """stats, stats_down, stats_ms, and the counters in debugfs"""
    with one(host, "stats=1") as nic:
        nic.assign(3, X)
        nic.counters(clear=True)
        nic.landing(X)
        equal(nic.counters(), [["wire", X, "vf3", 0, 20]], "counters, no VF driver")
        equal(nic.info(3)["stats"]["rx"]["dropped"], 20, "dropped, no VF driver")
        nic.personality("stats_down=0")
        nic.landing(X)
        equal(nic.info(3)["stats"]["rx"]["dropped"], 20, "dropped, stats_down=0")
        nic.bind(3)
        nic.up(3)
        nic.landing(X)
        nic.landing(BROADCAST)
        nic.landing(UNREGISTERED, origin=3, count=7)
        stats = nic.info(3)["stats"]
        equal((stats["rx"]["packets"], stats["rx"]["broadcast"], stats["tx"]["tx_packets"]), (40, 20, 7), "statistics")
        nic.counters(clear=True)
        nic.landing(UNREGISTERED, origin=3, source=Y)
        equal(nic.counters(), [["vf3", UNREGISTERED, "nowhere", 0, 20]], "counters of what is not sent")
        nic.personality("stats_ms=60000")
        # It looks at each full minute, which may be over meanwhile, but not twice.
        for sent in (60, 80):
            shown = nic.info(3)["stats"]["rx"]["packets"]
            nic.landing(X)
            later = nic.info(3)["stats"]["rx"]["packets"]
            if later == shown:
                break
        equal(later, shown, "packets while the driver has not looked again")
        nic.personality("stats_ms=1")
        equal(nic.info(3)["stats"]["rx"]["packets"], sent, "packets when it has")
        nic.personality("stats=0")
        equal(nic.info(3)["stats"]["rx"]["packets"], 0, "packets without statistics")


def test_eswitch(host):
    """eswitch: devlink's mode; in switchdev mode no VF gets anything by its address"""
    with one(host, "unreg_wire=0") as nic:
        show = ("devlink", "dev", "eswitch", "show", "nfsim/nfsim0")
        change = ("devlink", "dev", "eswitch", "set", "nfsim/nfsim0", "mode")
        nic.assign(3, X)
        nic.bind(3)
        nic.up(3)
        check("mode legacy" in nic.run(*show), "mode")
        check("legacy mode only" in str(nic.refusal("run", *change, "switchdev")), "switchdev was taken")
        equal(nic.landing(X), "vf3", "landing, legacy")
        nic.personality("eswitch=switchdev")
        check("mode switchdev" in nic.run(*show), "mode")
        equal(nic.landing(X), "nowhere", "landing, switchdev")
        nic.run(*change, "legacy")
        equal(nic.landing(X), "vf3", "landing, legacy again")
        nic.personality("eswitch=absent")
        check("not supported" in str(nic.refusal("run", *show)), "there is a mode")

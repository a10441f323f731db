# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated NIC does what its personality says: each key, seen by plain sockets."""

import sys

from scenario import TOP, check, equal
from simulated import Module

sys.path.insert(0, TOP + "/tests/nfsim")
import personalities  # noqa: E402

X = "02:00:5e:00:02:01"
Y = "02:00:5e:00:02:02"
Z = "02:00:5e:00:02:03"
STRANGER = "02:00:5e:00:02:99"
BROADCAST = "ff:ff:ff:ff:ff:ff"
MS = 1_000_000  # ns
STATES = ("standby", "assign", "attach", "driver", "up", "down", "unplug", "detach", "clear")


def one(host, personality="", **request):
    """A NIC alone in its module."""
    return Alone(Module(host), personality, request)


class Alone:
    def __init__(self, module, personality, request):
        self.module, self.personality, self.request = module, personality, request

    def __enter__(self):
        self.module.__enter__()
        self.nic = self.module.nic(self.personality, **self.request)
        return self.nic.__enter__()

    def __exit__(self, *error):
        self.nic.__exit__(*error)
        self.module.__exit__(*error)


def walk(nic, vf=3, to=X):
    """A guest's life, and where frames for an address that the PF has, too, land in each state of it."""
    row = []
    nic.hold(to)
    row.append(nic.landing(to))
    for what in ("assign", "reset", "bind", "up", "down", "unbind", "reset", "clear"):
        nic.call(what, vf, *([to] if what == "assign" else []))
        row.append(nic.landing(to))
    nic.release(to)
    return dict(zip(STATES, row))


def life(assign, attach, driver, up, down, unplug, detach, clear):
    """A row for walk: 1 where the VF has the address. Up it has the frames then, else nobody has."""
    row = [0, assign, attach, driver, up, down, unplug, detach, clear]
    return {name: ("vf3" if name == "up" else "nowhere") if on else "pf" for name, on in zip(STATES, row)}


def first(log, port, what, after=0):
    """When it was first noted that."""
    times = [ns for ns, who, event, _ in log if who == port and event == what and ns > after]
    check(times, f"no line \"{port} {what}\" in the log: {log}")
    return times[0]


def between(low, value, high, what):
    check(low <= value <= high, f"{what}: {value}, not from {low} to {high}")


def test_devices(host):
    """its devices, links, drivers and netdevs look like those of an SR-IOV NIC"""
    with one(host, bound=True) as nic:
        pf, vf = "/sys/class/net/nf0/device", "/sys/class/net/nf0/device/virtfn3"
        equal([host.read(f"{pf}/sriov_{name}vfs") for name in ("total", "num")], ["256", "4"], "numbers of VFs")
        equal(host.ok("readlink", "-f", f"{vf}/physfn"), host.ok("readlink", "-f", pf), "physfn")
        equal(nic.netdev(3), "nf0v3", "the VF's netdev")
        equal(host.ok("readlink", f"{vf}/driver").split("/")[-1].strip(), "nfsimvf", "the VF's driver")
        equal(host.ok("readlink", f"{vf}/subsystem").split("/")[-1].strip(), "nfsim", "the VF's bus")
        equal(nic.vf_attribute(3, "modalias"), "nfsim:vf", "modalias")
        check(not host.run("test", "-e", "/sys/class/net/nf0w/device/sriov_totalvfs").status == 0, "the wire is no PF")
        info = host.ok("ethtool", "-i", "nf0")
        for line in ("driver: nfsim", "version: 1.0", "firmware-version: 1.0", "bus-info: nfsim0"):
            check(line in info.splitlines(), f"no \"{line}\" in ethtool's {info}")
        link = nic.ip_json("-d", "link", "show", "nf0")[0]
        equal((link["parentbus"], link["parentdev"]), ("nfsim", "nfsim0"), "parent")
        equal(len(link["vfinfo_list"]), 4, "VFs in ip link")
        equal(nic.info(3)["address"], nic.address(3), "the random address that the VF reported")


def test_bind(host):
    """a VF is bound by hand, by autoprobe and by driver_override, with the errors of PCI"""
    with one(host) as nic:
        equal(nic.driver(3), None, "driver without autoprobe")
        nic.bind(3)
        nic.unbind(3)
        nic.autoprobe(0)
        check("No such device" in str(nic.refusal("bind", 3)), "bind without autoprobe")
        nic.vf_attribute(3, "driver_override", "nfsimvf\n")
        nic.bind(3)
        nic.unbind(3)
        nic.vf_attribute(3, "driver_override", "nfsimstub\n")
        check("No such device" in str(nic.refusal("bind", 3)), "bind of a driver that is not the override")
        nic.bind(3, "nfsimstub")
        equal((nic.driver(3), nic.netdev(3)), ("nfsimstub", None), "a driver without netdev")
        nic.unbind(3)
        nic.vf_attribute(3, "driver_override", "\n")
        equal(nic.vf_attribute(3, "driver_override"), "(null)", "driver_override when cleared")
        nic.autoprobe(1)
        check("Device or resource busy" in str(nic.refusal("vfs", 5)), "another number of VFs while there are some")
        check("range" in str(nic.refusal("vfs", 257)), "more VFs than there can be")
        nic.vfs(0)
        nic.vfs(2)
        equal([nic.driver(i) for i in (0, 1)], ["nfsimvf"] * 2, "drivers with autoprobe")


def test_reset_file(host):
    """no_reset, reset_method: the files of a VF's reset"""
    with one(host) as nic:
        equal(nic.vf_attribute(3, "reset_method"), "flr", "reset_method")
        nic.personality("reset_method=bus")
        equal(nic.vf_attribute(3, "reset_method"), "bus", "reset_method")
        check("Invalid" in str(nic.refusal("vf_attribute", 3, "reset", "2")), "2 written to reset")
        nic.personality("no_reset=1")
        check(not {"reset", "reset_method"} & set(nic.vf_files(3)), "there is a reset file")
        nic.personality("no_reset=0")
        check({"reset", "reset_method"} <= set(nic.vf_files(3)), "there is no reset file")


def test_personality_text(host):
    """the personality is read back as written; a bad word changes nothing"""
    with one(host) as nic:
        start = nic.personality()
        nic.personality("loss=12.5 come=up+driver go=never wrong_mac=always zero=EPERM pf_second=silent")
        now = nic.personality()
        words = ("loss", "come", "go", "wrong_mac", "zero", "pf_second")
        equal([now[word] for word in words], ["12.5000", "driver+up", "never", "always", "EPERM", "silent"], "keys")
        for bad in ("arb=us", "loss=101", "come=later", "loss=1.", "history=2", "zero=silent", "nonsense=1", "come",
                    "seed=4294967296", "come=", "go=never+up"):
            check("Invalid" in str(nic.refusal("personality", f"arb=pf {bad}")), f"{bad} was taken")
        equal(nic.personality(), now, "keys after bad words")
        equal(nic.personality("default"), start, "keys by default")
        nic.personality("\n".join(f"{key}={value}" for key, value in now.items()))
        equal(nic.personality(), now, "keys, what was shown written back")


def test_named(host):
    """each named personality is one, and each archetype has one"""
    with one(host) as nic:
        defaults = nic.personality("default")
        for name, named in personalities.PERSONALITIES.items():
            got = nic.personality(named.text())
            for key, value in named.keys.items():
                words = lambda text: set(str(text).split("+"))  # noqa: E731 events in any order
                equal(words(got[key]), words(value), f"{key} of {name}")
            equal({k: v for k, v in got.items() if k not in named.keys},
                  {k: v for k, v in defaults.items() if k not in named.keys}, f"other keys of {name}")
        for number in personalities.ARCHETYPES:
            check(personalities.of_archetype(number), f"no personality of archetype {number}")


def test_come(host):
    """come: the VF has the address from each event on, and not before"""
    expected = {
        "assign+reset+driver+up": life(1, 1, 1, 1, 1, 1, 1, 0),
        "assign": life(1, 1, 1, 1, 1, 1, 1, 0),
        "reset": life(0, 1, 1, 1, 1, 1, 1, 0),
        "driver": life(0, 0, 1, 1, 1, 1, 1, 0),
        "up": life(0, 0, 0, 1, 1, 1, 1, 0),
        "never": life(0, 0, 0, 0, 0, 0, 0, 0),
    }
    with one(host) as nic:
        for come, row in expected.items():
            nic.personality(f"default arb=vf come={come}")
            equal(walk(nic), row, f"landings, come={come}")


def test_go(host):
    """go: the VF has the address up to each event"""
    expected = {
        "come=assign go=down": life(1, 1, 1, 1, 0, 0, 0, 0),
        "come=assign go=unplug": life(1, 1, 1, 1, 1, 0, 0, 0),
        "come=driver go=reset": life(0, 0, 1, 1, 1, 1, 0, 0),
        "come=assign go=clear": life(1, 1, 1, 1, 1, 1, 1, 0),
        "come=assign go=never": life(1, 1, 1, 1, 1, 1, 1, 1),
        "come=assign go=reset": life(1, 0, 0, 0, 0, 0, 0, 0),
        "come=assign+up go=down+clear": life(1, 1, 1, 1, 0, 0, 0, 0),
        "come=up go=down+unplug+reset+clear": life(0, 0, 0, 1, 0, 0, 0, 0),
    }
    with one(host) as nic:
        for text, row in expected.items():
            nic.personality(f"default arb=vf {text}")
            equal(walk(nic), row, f"landings, {text}")


def flip(nic, act, what, to=X, vf=3):
    """Streams from right after `act`; until the NIC notes `what`, the PF gets (or lacks) every frame, and then not."""
    nic.log(clear=True)
    act()
    stream = nic.frames(to=to, count=160, rate=200)
    log = nic.log()
    begin = log[0][0]
    at = first(log, f"vf{vf}", what)
    seen = {number for number, *_ in stream["seen"]["pf"]}
    starts = stream["sent"] + [float("inf")]
    for number, sent in enumerate(stream["sent"]):
        if starts[number + 1] < at:
            equal(number in seen, what == "filter on", f"PF has frame {number}, before {what}")
        elif sent > at:
            equal(number in seen, what != "filter on", f"PF has frame {number}, after {what}")
    check(0 < len(seen) < 160, f"nothing changed: the PF has {len(seen)} of 160 frames")
    return (at - begin) / MS


def test_delays(host):
    """come_ms, go_ms: to the frame that was just sent, and not sooner than said"""
    with one(host, "arb=vf come=assign come_ms=300 go=clear go_ms=200") as nic:
        nic.hold(X)
        between(300, flip(nic, lambda: nic.assign(3, X), "filter on"), 500, "ms from assign to filter")
        between(200, flip(nic, lambda: nic.clear(3), "filter off"), 400, "ms from clear to no filter")
        nic.assign(3, X)
        nic.clear(3)
        nic.frames(to=Y, quiet=0.5)
        equal(nic.landing(X), "pf", "landing of what was cleared before it came")


def test_blip(host):
    """blip_ms, and an event in come and go: away at a reset, and back later"""
    with one(host, "arb=vf blip_ms=250") as nic:
        nic.hold(X)
        nic.assign(3, X)
        equal(nic.landing(X), "nowhere", "landing when assigned")
        between(250, flip(nic, lambda: nic.reset(3), "filter on"), 450, "ms from reset to filter")
        nic.personality("blip_ms=0 go=reset+clear come=assign+reset come_ms=150")
        between(150, flip(nic, lambda: nic.reset(3), "filter on"), 350, "ms from reset to filter")


def test_history(host):
    """history: a PF that was set up again has the frames until the VF is reset"""
    with one(host, "arb=vf history=1") as nic:
        def landings(*acts):
            row = []
            for act in acts:
                act()
                row.append(nic.landing(X))
            return row

        def pf_again():
            nic.down("pf")
            nic.up("pf")
            nic.until("carrier", "pf", True)

        nic.hold(X)
        assign, reset, clear = (lambda: nic.assign(3, X)), (lambda: nic.reset(3)), (lambda: nic.clear(3))
        equal(landings(assign, reset, clear), ["pf", "nowhere", "pf"], "landings of a VF that was never reset")
        equal(landings(assign, clear), ["nowhere", "pf"], "landings of one that was")
        equal(landings(assign, pf_again, reset, clear), ["nowhere", "pf", "nowhere", "pf"], "landings with the PF set up")
        equal(landings(pf_again, assign, reset, clear), ["pf", "pf", "nowhere", "pf"], "landings after it")


def test_arbitration(host):
    """arb: who gets a frame whose address both have"""
    with one(host) as nic:
        nic.bind(3)
        nic.up(3)
        for arb, expected in {"vf": "vf3", "pf": "pf", "both": "pf+vf3", "last": "vf3"}.items():
            nic.personality(f"default arb={arb}")
            nic.hold(X)
            nic.assign(3, X)
            equal(nic.landing(X), expected, f"landing, arb={arb}")
            if arb == "last":
                nic.release(X)
                nic.hold(X)
                equal(nic.landing(X), "pf", "landing, the PF the last writer")
            nic.release(X)
            equal(nic.landing(X), "vf3", f"landing when the PF has let go, arb={arb}")
            nic.clear(3)


def test_second_owner(host):
    """wipe, vf_second, pf_second, retry: an address that the other has already"""
    with one(host, "arb=vf wipe=1 come=never") as nic:
        nic.hold(X)
        nic.assign(3, X)
        equal(nic.landing(X), "nowhere", "landing when the PF's entry was wiped")
        nic.release(X)
        nic.hold(X)
        equal(nic.landing(X), "pf", "landing when the PF has it anew")

        nic.clear(3)
        nic.personality("default arb=vf vf_second=EEXIST")
        check("File exists" in str(nic.refusal("assign", 3, X)), "assigned although the PF has it")
        equal((nic.info(3)["address"], nic.landing(X)), ("00:00:00:00:00:00", "pf"), "address and landing when refused")
        nic.personality("vf_second=silent")
        nic.assign(3, X)
        equal((nic.info(3)["address"], nic.landing(X)), (X, "pf"), "address and landing when refused silently")
        nic.release(X)
        nic.hold(X)
        equal(nic.landing(X), "pf", "landing without retry")
        nic.personality("retry=1")
        nic.release(X)
        nic.hold(X)
        equal(nic.landing(X), "nowhere", "landing with retry")
        nic.release(X)

        for refusal, words in (("EEXIST", "File exists"), ("EBUSY", "busy")):
            nic.personality(f"pf_second={refusal}")
            check(words in str(nic.refusal("hold", X)), f"held although the VF has it, pf_second={refusal}")
        nic.personality("arb=pf pf_second=silent")
        nic.hold(X)
        equal((nic.landing(X), nic.landing(STRANGER)), ("nowhere", "nowhere"), "landings, refused silently")
        nic.release(X)
        nic.personality("pf_second_promisc=1")
        nic.hold(X)
        equal((nic.landing(X), nic.landing(STRANGER)), ("nowhere", "pf"), "landings, promiscuous instead")
        nic.release(X)
        equal(nic.landing(STRANGER), "nowhere", "landing of a stranger after that")


def test_refused_for_a_while(host):
    """busy_ms, vf_second_ms: refused from the first try on for so long"""
    def insisted(nic, word, *what):
        refusals, words, took = nic.insist(*what)
        check(refusals and all(word in text for text in words), f"{what}: {refusals} refusals, {words}")
        between(300 * MS, took, 900 * MS, f"ns of refusals, {what}")

    with one(host, "busy=EAGAIN busy_ms=300") as nic:
        for _ in range(2):
            insisted(nic, "temporarily unavailable", "assign", 3, X)
            equal(nic.info(3)["address"], X, "address")
            insisted(nic, "temporarily unavailable", "clear", 3)
            equal(nic.info(3)["address"], "00:00:00:00:00:00", "address")
        nic.personality("default vf_second=EBUSY vf_second_ms=300 arb=vf")
        nic.hold(X)
        nic.assign(3, Y)
        insisted(nic, "busy", "assign", 3, X)
        equal(nic.landing(X), "nowhere", "landing when it was taken at last")


def test_zero(host):
    """zero: refused with its errno; another address takes its place"""
    errors = {"EINVAL": "Invalid argument", "EPERM": "not permitted", "EADDRNOTAVAIL": "Cannot assign"}
    with one(host) as nic:
        for error, words in errors.items():
            nic.personality(f"default arb=vf zero={error}")
            nic.assign(3, X)
            check(words in str(nic.refusal("clear", 3)), f"cleared, zero={error}")
            equal(nic.landing(X), "nowhere", "landing when clearing was refused")
            nic.hold(X)
            nic.assign(3, "02:00:00:00:00:00")
            equal(nic.landing(X), "pf", "landing when another address took its place")
            nic.release(X)
        check("Invalid" in str(nic.refusal("assign", 3, "01:00:5e:00:00:01")), "a multicast address was assigned")


def test_table(host):
    """uc_max, uc_full, fdb_full, fdb: the PF's table"""
    with one(host, "uc_max=2 fdb_full=ENOMEM uc_full=drop") as nic:
        nic.hold(X)
        nic.hold(Y)
        check("allocate memory" in str(nic.refusal("hold", Z)), "a third address was taken")
        nic.personality("fdb_full=ok")
        nic.hold(Z)
        equal([nic.landing(mac) for mac in (X, Z, STRANGER)], ["pf", "nowhere", "nowhere"], "landings, uc_full=drop")
        nic.personality("uc_full=promisc")
        equal([nic.landing(mac) for mac in (X, Z, STRANGER)], ["pf", "pf", "pf"], "landings, uc_full=promisc")
        nic.release(X)
        equal([nic.landing(mac) for mac in (X, Z, STRANGER)], ["nowhere", "pf", "nowhere"], "landings when there is room")
        nic.personality("uc_full=drop")
        nic.ip("link", "add", "link", "nf0", "name", "mv0", "address", X, "type", "macvlan", "mode", "private")
        nic.ip("link", "set", "mv0", "up")
        equal(nic.landing(X), "nowhere", "landing, by a macvlan child, uc_full=drop")
        nic.release(Z)
        equal(nic.landing(X), "pf", "landing, by a macvlan child, when there is room")
        nic.ip("link", "del", "mv0")
        equal(nic.landing(X), "nowhere", "landing without it")
        nic.personality("fdb=EOPNOTSUPP")
        check("not supported" in str(nic.refusal("hold", Z)), "fdb add was taken, fdb=EOPNOTSUPP")


def test_unregistered(host):
    """unreg_wire, unreg_vf, promisc_vf, promisc_owned: what the PF sees that is not for it"""
    with one(host) as nic:
        nic.bind(1)
        nic.up(1)
        nic.assign(3, Y)

        def row():
            return [nic.landing(mac, origin=origin) for mac in (STRANGER, Y) for origin in ("wire", 1)]

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
        nic.promisc("pf", False)
        equal(row(), ["nowhere", "wire", "nowhere", "nowhere"], "landings, no more promiscuous")


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
        equal(vids(nic, "wire", to=STRANGER, origin=3), 100, "the tag of what the VF sends")
        equal(vids(nic, "wire", to=STRANGER, origin=3, vid=7), "none", "what the VF sends with a tag of its own")
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
            return nic.landing(STRANGER, origin=origin, source=source)

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
    """an address that was assigned: an untrusted VF cannot change it; a trusted one hears strangers"""
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
        equal(nic.landing(STRANGER), "nowhere", "landing of a stranger, the VF promiscuous")
        nic.trust(3, "on")
        equal(nic.landing(STRANGER), "vf3", "landing of a stranger, the VF trusted, too")
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


def test_pf_reset(host):
    """set_reset_ms, and the cable: the PF loses its carrier, and hears nothing meanwhile"""
    with one(host, "set_reset_ms=300") as nic:
        nic.assign(3, X)
        equal((nic.carrier("pf"), nic.landing(BROADCAST)), (False, "nowhere"), "carrier and broadcast in the reset")
        nic.until("carrier", "pf", True)
        log = nic.log()
        off = first(log, "pf", "reset")
        between(300, (first(log, "pf", "carrier on", off) - off) / MS, 500, "ms without carrier")
        equal(nic.landing(BROADCAST), "pf", "broadcast after it")
        nic.personality("default")
        nic.bind(3)
        nic.up(3)
        nic.cable(False)
        equal([nic.carrier(port) for port in ("pf", 3, "wire")], [False] * 3, "carrier without a cable")
        nic.cable(True)
        equal([nic.carrier(port) for port in ("pf", 3, "wire")], [True] * 3, "carrier with it")
        nic.down("wire")
        equal([nic.carrier(port) for port in ("pf", 3)], [False] * 2, "carrier with the other end down")
        nic.link_state(3, "enable")
        equal(nic.carrier(3), True, "carrier of a VF that the PF enabled")
        nic.up("wire")


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
        between(50, min(late(stream)), 60, "least ms late")
        nic.personality("jitter_us=20000")
        stream = nic.frames(to=BROADCAST, count=100, rate=200, quiet=0.3)
        equal(order(stream), list(range(100)), "order with jitter")
        between(30, min(late(stream)), 45, "least ms late, with jitter")
        check(max(late(stream)) > 55, f"no more than {max(late(stream))} ms late, with jitter")
        nic.personality("delay_us=0 jitter_us=0 reorder=10 reorder_us=30000")
        stream = nic.frames(to=BROADCAST, count=200, rate=200, quiet=0.3)
        equal(sorted(order(stream)), list(range(200)), "numbers, out of order")
        overtaken = sum(1 for ms in late(stream) if ms >= 30)
        between(5, overtaken, 60, "overtaken of 200 at 10 %")
        check(order(stream) != sorted(order(stream)), "all in order")
        nic.personality("default delay_us=2000000")
        nic.frames(to=BROADCAST, count=100)  # still on their way when the module is unloaded


def test_driver_delays(host):
    """vf_carrier_ms, netdev_ms, bind_ms, unbind_ms, reset_ms, set_ms: how long it takes"""
    with one(host, "netdev_ms=300 vf_carrier_ms=400") as nic:
        took = nic.timed("bind", 3)
        equal(nic.netdev(3), None, "netdev right after bind")
        between(300 * MS, took + nic.until("netdev", 3, "nf0v3"), 900 * MS, "ns to the netdev")
        nic.up(3)
        equal(nic.carrier(3), False, "carrier right after up")
        between(350 * MS, nic.until("carrier", 3, True), 900 * MS, "ns to the carrier")
        nic.unbind(3)
        nic.bind(3)
        nic.unbind(3)  # before the netdev comes
        for key, *words in (("bind_ms", "bind", 3), ("unbind_ms", "unbind", 3), ("reset_ms", "reset", 3),
                            ("set_ms", "assign", 3, X)):
            nic.personality(f"default {key}=250")
            between(250 * MS, nic.timed(*words), 800 * MS, f"ns, {key}")


def test_wrong_address(host):
    """wrong_mac, rename_ms: a VF's netdev that is not as expected"""
    with one(host, "wrong_mac=2") as nic:
        nic.assign(3, X)

        def bound():
            nic.bind(3)
            mac = nic.address(3)
            nic.unbind(3)
            return mac == X

        equal([bound() for _ in range(3)], [False, False, True], "address is the assigned one")
        nic.personality("wrong_mac=always")
        equal([bound() for _ in range(3)], [False] * 3, "address is the assigned one, wrong_mac=always")
        nic.personality("default rename_ms=50")
        nic.bind(3)
        nic.until("netdev", 3, "nf0ren3")
        nic.unbind(3)
        nic.ip("netns", "add", "nfsim")
        nic.bind(3)
        nic.ip("link", "set", "nf0v3", "netns", "nfsim")
        for _ in range(100):
            if "nf0ren3" in nic.ip("-n", "nfsim", "link", "show"):
                break
            nic.frames(to=STRANGER, count=1, quiet=0.1)
        else:
            raise AssertionError("it was not renamed in a namespace")
        nic.ip("netns", "del", "nfsim")
        nic.until("netdev", 3, "nf0ren3")


def test_statistics(host):
    """stats, stats_down, and the counters in debugfs"""
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
        nic.landing(STRANGER, origin=3, count=7)
        stats = nic.info(3)["stats"]
        equal((stats["rx"]["packets"], stats["rx"]["broadcast"], stats["tx"]["tx_packets"]), (40, 20, 7), "statistics")
        nic.counters(clear=True)
        nic.landing(STRANGER, origin=3, source=Y)
        equal(nic.counters(), [["vf3", STRANGER, "nowhere", 0, 20]], "counters of what is not sent")
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


def test_several(host):
    """several NICs side by side, made and removed while they run; each has a wire of its own"""
    with Module(host, nics=2) as module:
        with module.nic("arb=vf") as one_nic, module.nic("arb=pf", number=1) as other:
            for nic in (one_nic, other):
                nic.hold(X)
                nic.assign(3, X)
                nic.bind(3)
                nic.up(3)
            equal([one_nic.landing(X), other.landing(X)], ["vf3", "pf"], "landings")
            host.write("/sys/bus/nfsim/new_device", "7")
            check(host.run("sh", "-c", "echo 7 >/sys/bus/nfsim/new_device").status != 0, "7 was made twice")
            with module.nic(number=7) as third:
                equal(third.landing(BROADCAST), "pf", "landing")
            host.write("/sys/bus/nfsim/del_device", "7")
            host.write("/sys/bus/nfsim/del_device", "0")
            equal(other.landing(X), "pf", "landing when others are gone")
            equal([host.run("ip", "link", "show", name).status for name in ("nf0", "nf1", "nf7")], [1, 0, 1], "netdevs")


def test_many_vfs(host):
    """256 VFs: the last has its address, and all come and go"""
    with one(host, "come=assign+up arb=both", vfs=256) as nic:
        equal(host.read("/sys/class/net/nf0/device/sriov_numvfs"), "256", "VFs")
        nic.assign(255, X)
        nic.bind(255)
        nic.up(255)
        nic.hold(X)
        equal(nic.landing(X), "pf+vf255", "landing")
        nic.vfs(0)
        equal(nic.landing(X), "pf", "landing without VFs")


STRESS = r"""
device=/sys/bus/nfsim/devices/nfsim0
end=$(($(date +%s) + 8))
going() { [ "$(date +%s)" -lt $end ]; }
send() { /usr/bin/python3 -I -S -c '
import socket, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
end = time.monotonic() + 8
while time.monotonic() < end:
    try:
        s.bind((sys.argv[1], 0))
        for i in range(200):
            s.send(bytes.fromhex("02005e000201") + b"\0\0\0\0\0\0\x88\xb5" + bytes(46))
            s.send(b"\xff" * 6 + b"\0\0\0\0\0\0\x88\xb5" + bytes(46))
    except OSError:
        pass
' $1; }
send nf0w & send nf0 & send nf0v1 &
while going; do ip link set nf0 vf 1 mac 02:00:5e:00:02:01; ip link set nf0 vf 1 mac 0:0:0:0:0:0; done 2>/dev/null &
while going; do echo 1 >$device/virtfn1/reset; cat /sys/kernel/debug/nfsim/nfsim0/* ; done >/dev/null 2>&1 &
while going; do
	echo "default come=assign+up go=down+clear+reset come_ms=3 go_ms=2 rename_ms=1 netdev_ms=2" >$device/personality
	echo "delay_us=2000 jitter_us=2000 dup=20 loss=5 reorder=5 set_reset_ms=2 arb=last vf_carrier_ms=3" >$device/personality
done &
while going; do
	echo nfsim0-vf1 >/sys/bus/nfsim/drivers/nfsimvf/unbind
	echo nfsim0-vf1 >/sys/bus/nfsim/drivers/nfsimvf/bind
	for name in $(ls $device/virtfn1/net); do ip link set $name up; done
done 2>/dev/null &
while going; do echo 0 >$device/sriov_numvfs; echo 3 >$device/sriov_numvfs; done 2>/dev/null &
while going; do echo 9 >/sys/bus/nfsim/new_device; ip link set nf9 up; ip link set nf9w up; echo 9 >/sys/bus/nfsim/del_device; done 2>/dev/null &
while going; do
	bridge fdb add 02:00:5e:00:02:01 dev nf0 self permanent; bridge fdb del 02:00:5e:00:02:01 dev nf0 self
	ip link set nf0 down; ip link set nf0 up
done 2>/dev/null &
wait
"""


def test_stress(host):
    """everything at once, for some seconds: the kernel does not complain, and the NIC still works"""
    with one(host, vfs=3) as nic:
        host.run("sh", "-c", STRESS, timeout=120)
        nic.personality("default")
        nic.vfs(0)
        nic.up("pf")
        nic.until("carrier", "pf", True)
        equal(nic.landing(BROADCAST), "pf", "landing")


def test_reload(host):
    """loads and unloads twenty times, in use; drivers come off PF and wire, and on again"""
    for _ in range(20):
        with one(host, "come_ms=5000 delay_us=100000 set_reset_ms=5000", vfs=2, bound=True) as nic:
            nic.ip("link", "set", "nf0v1", "up")
            nic.hold(X)
            nic.promisc("pf", True)
            nic.assign(1, Y)
            nic.frames(to=BROADCAST, count=10, quiet=0)
    with one(host, vfs=2, bound=True) as nic:
        for driver, device in (("nfsim", "nfsim0"), ("nfsimwire", "nfsim0-wire")):
            host.write(f"/sys/bus/nfsim/drivers/{driver}/unbind", device)
            host.write(f"/sys/bus/nfsim/drivers/{driver}/bind", device)
        check("No such" not in str(nic.refusal("vfs", 2)), "VFs after the PF's driver came again")
        nic.up("pf")
        nic.up("wire")
        nic.until("carrier", "pf", True)
        equal(nic.landing(BROADCAST), "pf", "landing")

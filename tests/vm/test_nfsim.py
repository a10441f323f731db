# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated NIC does what its personality says: who has an address, and when."""

import sys

from scenario import CLOCK, TOP, check, equal
from simulated import MS, UNREGISTERED, X, Y, Z, between, first, one

sys.path.insert(0, TOP + "/tests/nfsim")
import personalities  # noqa: E402

MACHINE = CLOCK
STATES = ("standby", "assign", "attach", "driver", "up", "down", "unplug", "detach", "clear")


def walk(nic, vf=3, to=X, style="macvtap"):
    """A guest's life, and where frames for an address that the PF has, too, land in each state of it."""
    row = []
    if style == "macvtap":
        nic.hold(to)
    else:
        nic.promisc("pf", True)
    row.append(nic.landing(to))
    for what in ("assign", "reset", "bind", "up", "down", "unbind", "reset", "clear"):
        nic.call(what, vf, *([to] if what == "assign" else []))
        row.append(nic.landing(to))
    if style == "macvtap":
        nic.release(to)
    else:
        nic.promisc("pf", False)
    return dict(zip(STATES, row))


def life(assign, attach, driver, up, down, unplug, detach, clear):
    """A row for walk: 1 where the VF has the address. Up it has the frames then, else nobody has."""
    row = [0, assign, attach, driver, up, down, unplug, detach, clear]
    return {name: ("vf3" if name == "up" else "nowhere") if on else "pf" for name, on in zip(STATES, row)}


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
        for name, named in personalities.ALL.items():
            got = nic.personality(named.text())
            for key, value in named.keys.items():
                words = lambda text: set(str(text).split("+"))  # noqa: E731 events in any order
                equal(words(got[key]), words(value), f"{key} of {name}")
            equal({k: v for k, v in got.items() if k not in named.keys},
                  {k: v for k, v in defaults.items() if k not in named.keys}, f"other keys of {name}")
        for number in personalities.ARCHETYPES:
            check(personalities.of_archetype(number), f"no personality of archetype {number}")


def test_igb(host):
    """the personality igb: the landings that were measured with the driver itself (test_nic, test_igb)"""
    early = life(1, 1, 1, 1, 1, 1, 1, 0)
    with one(host, personalities.PERSONALITIES["igb"].text().removeprefix("default")) as nic:
        equal(nic.landing(X), "pf", "landing before the PF has the address, from the wire")
        equal(walk(nic, style="bridge"), {**early, "assign": "pf"}, "landings, promisc, a VF that was never reset")
        equal(walk(nic), {**dict.fromkeys(STATES, "pf"), "up": "pf+vf3"}, "landings, filter")
        equal(walk(nic, style="bridge"), early, "landings, promisc")
        nic.bind(1)
        nic.up(1)
        equal([nic.landing(X, origin=origin) for origin in (1, "pf")], ["nowhere"] * 2, "landings from VF and PF")
        nic.hold(X)
        equal([nic.landing(X, origin=origin) for origin in (1, "pf")], ["pf"] * 2, "the same, the PF has the address")


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


FLIP_FRAMES = 800  # 4 s of them
# The NIC acts so much later than it was asked to, in ms: on a slow machine it is a while until the first frame.
LATER = 1000
SLOW = 60000  # ms that no machine needs; that nothing comes too soon is what is looked at


def flip(nic, act, what, to=X, vf=3):
    """Streams from right after `act`, a method of the rig; until the NIC notes `what`, the PF gets (or lacks) every frame, and then not."""
    nic.log(clear=True)
    stream = nic.frames_after(act[0], act[1:], to=to, count=FLIP_FRAMES, rate=200)
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
    check(0 < len(seen) < FLIP_FRAMES, f"nothing changed: the PF has {len(seen)} frames of {FLIP_FRAMES}")
    return (at - begin) / MS


def test_delays(host):
    """come_ms, go_ms: to the frame that was just sent, and not sooner than said"""
    with one(host, f"arb=vf come=assign come_ms={LATER} go=clear go_ms={LATER}") as nic:
        nic.hold(X)
        between(LATER, flip(nic, ("assign", 3, X), "filter on"), SLOW, "ms from assign to filter")
        between(LATER, flip(nic, ("clear", 3), "filter off"), SLOW, "ms from clear to no filter")
        nic.assign(3, X)
        nic.clear(3)
        nic.frames(to=Y, quiet=2 * LATER / 1000)
        equal(nic.landing(X), "pf", "landing of what was cleared before it came")


def test_blip(host):
    """blip_ms, and an event in come and go: away at a reset, and back later"""
    with one(host, f"arb=vf blip_ms={LATER}") as nic:
        nic.hold(X)
        nic.assign(3, X)
        equal(nic.landing(X), "nowhere", "landing when assigned")
        between(LATER, flip(nic, ("reset", 3), "filter on"), SLOW, "ms from reset to filter")
        nic.personality(f"blip_ms=0 go=reset+clear come=assign+reset come_ms={LATER}")
        between(LATER, flip(nic, ("reset", 3), "filter on"), SLOW, "ms from reset to filter")


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
        equal(landings(assign, pf_again, reset, clear), ["nowhere", "pf", "nowhere", "pf"], "landings, the PF set up")
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
        equal((nic.landing(X), nic.landing(UNREGISTERED)), ("nowhere", "nowhere"), "landings, refused silently")
        nic.release(X)
        nic.personality("pf_second_promisc=1")
        nic.hold(X)
        equal((nic.landing(X), nic.landing(UNREGISTERED)), ("nowhere", "pf"), "landings, promiscuous instead")
        nic.release(X)
        equal(nic.landing(UNREGISTERED), "nowhere", "landing of an unregistered address after that")


def test_refused_for_a_while(host):
    """busy_ms, vf_second_ms: refused from the first try on for so long"""
    def insisted(nic, word, *what):
        refusals, words, took = nic.insist(*what)
        check(refusals and all(word in text for text in words), f"{what}: {refusals} refusals, {words}")
        between(300 * MS, took, SLOW * MS, f"ns of refusals, {what}")

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
        equal([nic.landing(mac) for mac in (X, Z, UNREGISTERED)], ["pf", "nowhere", "nowhere"], "landings, uc_full=drop")
        nic.personality("uc_full=promisc")
        equal([nic.landing(mac) for mac in (X, Z, UNREGISTERED)], ["pf", "pf", "pf"], "landings, uc_full=promisc")
        nic.release(X)
        equal([nic.landing(mac) for mac in (X, Z, UNREGISTERED)], ["nowhere", "pf", "nowhere"], "landings, room again")
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
        nic.unicast("pf", True, Z)
        equal(nic.landing(Z), "pf", "landing, by a socket, fdb=EOPNOTSUPP")
        nic.unicast("pf", False, Z)


def test_fdb_del(host):
    """fdb_del: which entries of the PF's FDB can be deleted again"""
    with one(host) as nic:
        for takes in ("permanent", "static", "any", "none"):
            for state in ("permanent", "static"):
                nic.personality(f"default fdb_del={takes}")
                nic.hold(X)
                gone = nic.refusal("run", "bridge", "fdb", "del", X, "dev", "nf0", "self", state) is None
                equal(gone, takes in (state, "any"), f"deleted as {state}, fdb_del={takes}")
                equal(nic.landing(X), "nowhere" if gone else "pf", f"landing after it was deleted as {state}, fdb_del={takes}")
                if not gone:
                    nic.personality("fdb_del=any")
                    nic.release(X)


def test_no_unicast_filter(host):
    """unicast_flt: without a unicast filter, Linux makes the PF promiscuous"""
    with one(host, "unicast_flt=0") as nic:
        nic.unicast("pf", True, X)
        equal([nic.landing(mac) for mac in (X, UNREGISTERED)], ["pf", "pf"], "landings")
        equal([line for line in nic.filters() if X in line], [], "the NIC's tables")
        nic.unicast("pf", False, X)
        equal([nic.landing(mac) for mac in (X, UNREGISTERED)], ["nowhere", "nowhere"], "landings without it")

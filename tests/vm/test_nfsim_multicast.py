# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated NIC's multicast filters: which groups PF and VFs get, in which mode, and when they lose them; what nfprobe says."""

from probing import PACE, outcome, words
from scenario import equal, long
from simulated import BROADCAST, X, one

GROUP = "33:33:ff:5e:02:01"
OTHER = "33:33:ff:5e:02:02"
ALL_NODES = "33:33:00:00:00:01"
IPV4 = "01:00:5e:00:00:fb"
# 8 groups, one for each value of the simulated hash.
SPREAD = [f"33:33:ff:00:00:{number:02x}" for number in range(8)]


def attach(nic, vf=3):
    nic.bind(vf)
    nic.up(vf)


def landings(nic, *groups, **request):
    return [nic.landing(group, **request) for group in groups]


def test_filter(host):
    """mc=filter, pf_mc=filter: PF and VFs get the groups that their netdevs have joined, and while they are up"""
    with one(host) as nic:
        equal(landings(nic, GROUP, IPV4), ["nowhere"] * 2, "landings, nobody has joined")
        nic.group("pf", True, GROUP)
        equal(landings(nic, GROUP, OTHER), ["pf", "nowhere"], "landings, the PF has joined")
        nic.bind(3)
        nic.group(3, True, GROUP)
        nic.group(3, True, IPV4)
        equal(landings(nic, GROUP, IPV4), ["pf", "nowhere"], "landings, the VF has joined and is down")
        nic.up(3)
        equal(landings(nic, GROUP, OTHER, IPV4, BROADCAST), ["pf+vf3", "nowhere", "vf3", "pf+vf3"], "landings, the VF is up")
        nic.group("pf", False, GROUP)
        equal(nic.landing(GROUP), "vf3", "landing, the PF has left")
        nic.down(3)
        equal(nic.landing(GROUP), "nowhere", "landing, the VF is down")
        nic.up(3)
        equal(nic.landing(GROUP), "vf3", "landing, the VF is up again")
        nic.group(3, False, GROUP)
        equal(landings(nic, GROUP, IPV4), ["nowhere", "vf3"], "landings, the VF has left one")
        nic.unbind(3)
        attach(nic)
        equal(nic.landing(IPV4), "nowhere", "landing, the VF's netdev is a new one")
        nic.personality("bcast_pf=0 bcast_vf=no")
        nic.group("pf", True, GROUP)
        nic.group(3, True, GROUP)
        equal(landings(nic, GROUP, BROADCAST), ["pf+vf3", "nowhere"], "landings without broadcast")


def test_sources(host):
    """multicast from VFs and the PF: to the wire always, inside as loop_* say"""
    with one(host) as nic:
        for vf in (1, 3):
            attach(nic, vf)
        for port in ("pf", 1, 3):
            nic.group(port, True, GROUP)
        ways = {"loop_vf_pf": (1, "vf3+wire"), "loop_vf_vf": (1, "pf+wire"), "loop_pf_vf": ("pf", "wire")}
        for way, (origin, without) in ways.items():
            equal(nic.landing(GROUP, origin=origin), "+".join(sorted({"pf", "vf1", "vf3", "wire"} - {f"vf{origin}", origin})),
                  f"landing from {origin}")
            nic.personality(f"{way}=0")
            equal(nic.landing(GROUP, origin=origin), without, f"landing from {origin}, {way}=0")
            nic.personality(f"{way}=1")


def test_vlan(host):
    """multicast in a VLAN reaches its members only"""
    with one(host) as nic:
        nic.vlan(3, 100)
        attach(nic)
        for port in ("pf", 3):
            nic.group(port, True, GROUP)
        equal(landings(nic, GROUP), ["pf"], "landing without VLAN")
        equal(landings(nic, GROUP, OTHER, vid=100), ["vf3", "nowhere"], "landings in the VF's VLAN")
        nic.allmulti("pf", True)
        equal(nic.landing(GROUP, vid=100), "vf3", "landing in the VF's VLAN, the PF in allmulticast mode")
        nic.promisc("pf", True)
        equal(nic.landing(GROUP, vid=100), "pf+vf3", "the same, the PF promiscuous")


def test_modes(host):
    """pf_allmulti, pf_promisc_mc: what the PF's allmulticast and promiscuous modes do, each alone"""
    expected = {"": "pf", "pf_allmulti=ignored": "nowhere", "pf_promisc_mc=0": "nowhere"}
    with one(host) as nic:
        for text, landing in expected.items():
            nic.personality(f"default {text}")
            for mode, key in (("allmulti", "pf_allmulti"), ("promisc", "pf_promisc_mc")):
                nic.call(mode, "pf", True)
                equal(nic.landing(GROUP), landing if key in text or not text else "pf", f"landing, {mode}, {text}")
                nic.call(mode, "pf", False)
                equal(nic.landing(GROUP), "nowhere", f"landing after {mode}, {text}")
        nic.personality("default pf_allmulti=ignored pf_promisc_mc=0")
        nic.allmulti("pf", True)
        nic.promisc("pf", True)
        nic.group("pf", True, GROUP)
        equal(landings(nic, GROUP, OTHER), ["pf", "nowhere"], "landings, modes that do nothing, and a group")


def test_vf_modes(host):
    """a VF in allmulticast or promiscuous mode gets every group if it is trusted"""
    with one(host) as nic:
        attach(nic)
        for mode in ("allmulti", "promisc"):
            nic.call(mode, 3, True)
            equal(nic.landing(GROUP), "nowhere", f"landing, {mode}")
            nic.trust(3, "on")
            equal(nic.landing(GROUP), "vf3", f"landing, {mode}, trusted")
            nic.call(mode, 3, False)
            equal(nic.landing(GROUP), "nowhere", f"landing after {mode}, trusted")
            nic.trust(3, "off")


def test_trust(host):
    """mc=trust: a VF gets its groups only while it is trusted"""
    with one(host, "mc=trust") as nic:
        attach(nic)
        nic.group(3, True, GROUP)
        for trust, landing in (("off", "nowhere"), ("on", "vf3"), ("off", "nowhere")):
            nic.trust(3, trust)
            equal(landings(nic, GROUP, OTHER), [landing, "nowhere"], f"landings, trust {trust}")
        equal(nic.landing(BROADCAST), "pf+vf3", "landing of a broadcast")


def test_all(host):
    """mc=all, pf_mc=all: every group, joined or not"""
    with one(host, "mc=all") as nic:
        attach(nic)
        equal(landings(nic, GROUP, ALL_NODES), ["vf3", "pf+vf3"], "landings, mc=all")
        nic.down(3)
        equal(nic.landing(GROUP), "nowhere", "landing, mc=all, the VF is down")
        nic.personality("pf_mc=all")
        equal(nic.landing(GROUP), "pf", "landing, pf_mc=all")


def test_hash(host):
    """mc=hash, pf_mc=hash: also groups that nobody has joined, where one has that has the same hash; the table is one for all"""
    with one(host, "mc=hash pf_mc=hash") as nic:
        # Every netdev has joined 33:33:00:00:00:01 and 01:00:5e:00:00:01, which share the hash of the second.
        nic.ip("maddress", "add", SPREAD[0], "dev", "nf0")
        equal(landings(nic, *SPREAD), ["pf", "pf", *["nowhere"] * 6], "landings, the first has been joined")
        nic.ip("maddress", "del", SPREAD[0], "dev", "nf0")
        equal(landings(nic, *SPREAD), ["nowhere", "pf", *["nowhere"] * 6], "landings, it has been left")
        attach(nic)
        nic.group(3, True, GROUP)
        both = nic.landing(GROUP)
        equal(both, "pf+vf3", "landing of the VF's group: the PF looks into the same table")
        found = landings(nic, *[f"33:33:ff:5e:03:{number:02x}" for number in range(16)])
        equal((any("vf3" in landing for landing in found), "nowhere" in found), (True, True), f"some that nobody joined land, some do not: {found}")


def test_forget(host):
    """mc_forget: the NIC has none of the VF's groups after that, until they are joined anew"""
    for event, again in (("reset", None), ("down", "up")):
        with one(host, f"mc_forget={event}") as nic:
            attach(nic)
            nic.group(3, True, GROUP)
            equal(nic.landing(GROUP), "vf3", "landing")
            nic.call(event, 3)
            if again:
                nic.call(again, 3)
            nic.group(3, True, OTHER)
            equal(landings(nic, GROUP, OTHER), ["nowhere", "vf3"], f"landings after {event}, and of a new one")
            nic.group(3, False, GROUP)
            nic.group(3, True, GROUP)
            equal(nic.landing(GROUP), "vf3", "landing when it was joined anew")


def test_wipe(host):
    """mc_wipe: the PF's groups are gone after that, until it joins them anew"""
    with one(host) as nic:
        for event, args in (("assign", (3, X)), ("reset", (3,))):
            nic.personality(f"default mc_wipe={event}")
            nic.group("pf", True, GROUP)
            equal(nic.landing(GROUP), "pf", "landing")
            nic.call(event, *args)
            nic.group("pf", True, GROUP)
            equal(nic.landing(GROUP), "pf", f"landing after {event}, joined anew")
            nic.call(event, *args)
            equal(landings(nic, GROUP, BROADCAST), ["nowhere", "pf"], f"landings after {event}")
            nic.allmulti("pf", True)
            equal(nic.landing(GROUP), "pf", "landing, allmulticast")
            nic.allmulti("pf", False)
            nic.personality("default")
            equal(nic.landing(GROUP), "pf", "landing when it is as after power-on")
            nic.group("pf", False, GROUP)


def test_steal(host):
    """mc_steal, mc_back: while the VF has it, the PF does not get the group, whatever its mode"""
    events = ("down", "unplug", "reset", "clear")
    with one(host) as nic:
        nic.group("pf", True, GROUP)
        nic.allmulti("pf", True)
        for back in (*events, "never"):
            nic.personality(f"default mc_steal=1 mc_back={back}")
            nic.assign(3, X)
            nic.bind(3)
            nic.group(3, True, GROUP)
            equal(nic.landing(GROUP), "pf", f"landing, the VF down, mc_back={back}")
            nic.up(3)
            equal(landings(nic, GROUP, OTHER), ["vf3", "pf"], f"landings, the VF up, mc_back={back}")
            row = []
            for what in ("down", "unbind", "reset", "clear"):
                nic.call(what, 3)
                row.append(nic.landing(GROUP))
            since = events.index(back) if back in events else len(events)
            equal(row, ["nowhere"] * since + ["pf"] * (len(events) - since), f"landings afterwards, mc_back={back}")


def test_late(host):
    """pf_sync_ms: the PF's groups are written at its next turn"""
    with one(host, "pf_sync_ms=1000") as nic:
        nic.group("pf", True, GROUP)
        nic.hold(X)
        nic.noted("pf", "unicast on")
        equal(landings(nic, GROUP, X), ["pf", "pf"], "landings when its table was written")


def probed(host, status, *args):
    """{style: what is said of it}, and what is required of the VF."""
    result = host.nfprobe("nf0", "--vf", 3, "--from", "nf0w", *PACE, *args, "--json")
    vf = outcome(result, status)["vf"]
    return {style["style"]: style for style in vf["styles"]}, vf["requires"]


@long
def test_untrusted(host):
    """a VF that gets no groups until it is trusted: deaf, with the remedy; safe when it is trusted, or multicast not tested"""
    with one(host, "mc=trust come=up go=down arb=vf", bound=True) as nic:
        said = probed(host, 1, "--style", "macvtap")[0]["macvtap"]
        equal((said["verdict"], said["multicast"], said["requires"]), ("deaf", "lost", []), "verdict, multicast, what is required")
        words(said["reason"], ("multicast", "ip link set nf0 vf 3 trust on"), "the reason")
        equal(nic.info(3)["trust"], False, "trust after the run")
        said = probed(host, 0, "--style", "macvtap", "--skip=multicast")[0]["macvtap"]
        equal((said["verdict"], said["multicast"]), ("safe", "untested"), "verdict and multicast, --skip multicast")
        nic.trust(3, "on")
        said = probed(host, 0, "--style", "macvtap")[0]["macvtap"]
        equal((said["verdict"], said["multicast"]), ("safe", "ok"), "verdict and multicast when it is trusted")


@long
def test_one_style(host):
    """a PF that gets the groups that it has joined, and no others in any mode: the bridge is deaf, as the macvtap shows that the network
    passes them"""
    with one(host, "pf_allmulti=ignored pf_promisc_mc=0 come=up go=down arb=vf", bound=True):
        styles, requires = probed(host, 1)
        equal({name: (style["verdict"], style["multicast"]) for name, style in styles.items()},
              {"macvtap": ("safe", "ok"), "bridge": ("deaf", "lost")}, "verdicts and multicast")
        equal(requires[0], "use-macvtap-standby", "what is required first")
        said = probed(host, 0, "--style", "bridge")[0]["bridge"]
        equal((said["verdict"], said["multicast"]), ("safe", "unproven"), "verdict and multicast of the bridge alone")

# SPDX-License-Identifier: GPL-2.0-or-later
"""
The VLAN of a guest on a simulated NIC whose PF drops what it has not registered, unless it is promiscuous: as igb
(igb_vlan_promisc_enable), ixgbe (ixgbe_vlan_promisc_enable), ice (ice_set_rx_mode, ice_cfg_vlan_pruning) and mlx5
(mlx5e_enable_cvlan_filter, mlx5e_disable_cvlan_filter) do.
"""

import json
import shlex

from bench import Case, judge, none, slow_enough
from probing import PACE, changes, come_to, ladder_of, worker
from scenario import check, equal, made
from simulated import one

import personalities  # noqa: I001, bench has added its folder

V = 100
SAFE = "come=up go=down+unplug+clear arb=both"
RUN = ("nf0", "--vf", 3, "--from", "nf0w", "--guest-vlan", V, *PACE)


def printed_by(advice):
    """Its commands, as lines for a shell."""
    return "\n".join(map(shlex.join, advice["commands"]))


def styles_of(host, *words, status):
    result = host.nfprobe(*RUN, *words, "--json")
    equal(result.status, status, f"status: {result.err}")
    return {ladder_of(style): style for style in result.json()["vf"]["styles"]}, result.json()


def registered(host, netdev):
    return made(host, f"ip link add link {netdev} name tag0 type vlan id {V}", "ip link del tag0")


def test_drivers(host):
    """nfprobe says of the guest's VLAN what is true in memory, by the VLAN filters of five drivers"""
    pairs = (("igb", "macvtap,bridge"), ("igb-qemu", "macvtap"), ("ixgbe", "macvtap"), ("i40e", "macvtap,bridge"), ("ice", "macvtap,bridge"),
             ("ice-old", "static-bridge"), ("mlx5", "macvtap,static-bridge"))
    none(judge(host, [Case(name, keys, settle_ms=slow_enough(keys), style=styles, guest_vlan=V)
                      for name, styles in pairs for keys in (personalities.PERSONALITIES[name].keys,)]))


def test_cured(host):
    """a macvtap is deaf in it, a bridge hears it; the printed commands cure the macvtap, and what is left of the run is nothing"""
    with one(host, SAFE, bound=True) as nic:
        styles, document = styles_of(host, "--style", "macvtap,bridge", status=1)
        found = {name: (style["verdict"], style["guest_vlan"]["verdict"], style["guest_vlan"]["filters"],
                        style["guest_vlan"]["works_registered"]) for name, style in styles.items()}
        equal(found["macvtap"], ("deaf", "lost", "yes", "yes"), "macvtap")
        equal(found["bridge"], ("safe", "ok", "no", "yes"), "bridge")
        printed = next(printed_by(advice) for advice in document["advice"] if "macvlan" in printed_by(advice))
        equal(nic.landing("ff:ff:ff:ff:ff:ff"), "pf", "broadcast without a tag after the run")
        with made(host, printed, "ip link del vlans0"):
            styles, _ = styles_of(host, "--style", "macvtap", status=0)
        equal((styles["macvtap"]["verdict"], styles["macvtap"]["guest_vlan"]["verdict"]), ("safe", "ok"), "by the printed commands")


BRIDGE = "ip link add br0 type bridge vlan_filtering 1; ip link set nf0 master br0; ip link set br0 up"
STATIC = f"{BRIDGE}; bridge link set dev nf0 learning off flood off"
NO_BRIDGE = "ip link del br0"


def test_ways(host):
    """the PF registers it so that nobody loses it: by a macvlan, on the port of a bridge that drops it by a VLAN netdev, else not at all"""
    vlan, macvlan = f"name nfpvlan netns nfprobe type vlan proto 802.1Q id {V}", "type macvlan mode private"
    with one(host, SAFE, bound=True):
        for setup, way in (
            ("true", macvlan),
            (BRIDGE, vlan),
            (f"{BRIDGE}; ip link set br0 type bridge vlan_filtering 0", None),
            (f"{BRIDGE}; ip link set br0 type bridge vlan_protocol 802.1ad", None),
            (f"{BRIDGE}; bridge vlan add vid {V} dev nf0", None),
        ):
            with made(host, setup, f"{NO_BRIDGE} || true"):
                plan = host.ok(host.nfprobe_path, *RUN, "--style", "bridge", "--dry-run")
                equal([found for found in (vlan, macvlan) if found in plan], [way] if way else [], f"by {setup}: {plan}")


def test_harm(host):
    """a driver whose first VLAN takes others (i40e): while a guest is on the PF it is registered with --force alone"""
    with one(host, f"{SAFE} driver=i40e", bound=True), made(host, "ip link add link nf0 name guest0 type macvtap", "ip link del guest0"):
        for words, status, cured in ((), "skipped", "unknown"), (("--force",), "done", "yes"):
            result = host.nfprobe(*RUN, "--style", "macvtap", "-v", *words, "--json=/tmp/harm.json")
            found = json.loads(host.read("/tmp/harm.json"))["vf"]["styles"][0]["guest_vlan"]
            equal((found["registered"]["status"], found["works_registered"]), (status, cured), f"the window, by {words}: {result.out}")
            equal(any("type macvlan mode private" in line for line in changes(result.err)), status == "done", "the change")


def test_killed(host):
    """a run that is killed while the PF has registered the VLAN, by either way, leaves nothing on the PF and its bridge"""
    for setup, style, at in ("true", "macvtap", "type macvlan mode private"), (STATIC, "static-bridge", "name nfpvlan "):
        with one(host, SAFE, bound=True), made(host, setup, f"{NO_BRIDGE} || true"):
            before = host.state()["links"], host.ok("bridge", "vlan", "show")
            run = host.begin_nfprobe(*RUN, "--style", style, "-v", hold=at)
            come_to(run, at, "the run")
            host.sh(f"kill -9 {worker(host, 'nf0')}")
            run.go_on()
            check(run.wait(180).status != 0, "the run was killed, and says so")
            equal((host.state()["links"], host.ok("bridge", "vlan", "show")), before, "netdevs, and VLANs of the bridge")

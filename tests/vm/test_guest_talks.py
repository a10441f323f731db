# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest with net_failover that talks, by whatever it has, in each state, on QEMU's igb: how many of 20 frames of each sender it hears.

A bridge learns from each frame of the guest's where the guest is (br_fdb_update), and drops what comes from there and would go back
there (should_deliver). igb gives the PF what a VF sends to everybody, and once it has VFs, also what the PF itself sends to everybody.
While the guest has its VF, net_failover drops what comes by the standby.
"""

import contextlib
import json

from guest import ADDRESS, Guest, bridge, hypervisors_vf, macvtap, netdev_of, silent_guest, vf_bridge, without_driver
from probing import PACE, ladder_of, valid
from scenario import CLOCK, PF, WIRE, check, made
from talking import STATES, foretold, live, talking

RESULT = "/tmp/result.json"
MACHINE = {"failover": True, "vfs": (3,), **CLOCK}

# Another guest on the bridge, and another macvtap on the PF.
BESIDE = """ip -n hv link add beside type veth peer name port; ip -n hv link set port master br0
    ip -n hv link set port up; ip -n hv link set beside up"""
MACVTAP_BESIDE = f"ip -n hv link add beside link {PF} type macvtap mode bridge; ip -n hv link set beside up"

# Settings of the bridge. An entry in the PF's filter is what bridge+fdb means. A bridge is static if no port of a guest learns.
ENTRY = f"bridge -n hv fdb add {ADDRESS} dev {PF} self permanent"
STATIC = f"""ip -n hv link set br0 type bridge vlan_filtering 1
    for name in vnet0 port; do bridge -n hv link set dev $name learning off flood off; done
    bridge -n hv fdb add {ADDRESS} dev vnet0 master static"""
STICKY = f"bridge -n hv fdb replace {ADDRESS} dev vnet0 master static sticky"
UPLINK_OFF = "bridge -n hv link set dev {uplink} learning off"
TAP_OFF = "bridge -n hv link set dev vnet0 learning off"


def deleted(host, netdev):
    return made(host, "", f"ip -n hv link del {netdev} || :")


@contextlib.contextmanager
def among_others(host, standby, settings, other_vf=True):
    """A silent guest, and the senders: the wire, the host, a neighbour and another VF, unless that is to be down."""
    host.write("/proc/sys/net/ipv6/conf/failover/disable_ipv6", "1")
    own = PF if standby is macvtap else "br0"
    with silent_guest(host, standby) as it, deleted(host, "beside"), contextlib.ExitStack() as more:
        host.sh(MACVTAP_BESIDE if standby is macvtap else BESIDE)
        uplink = netdev_of(host, 1) if standby is vf_bridge else PF
        host.sh("\n".join(settings).format(uplink=uplink))
        senders = {"host": own, "neighbour": "beside"}
        if other_vf:
            senders["vf"] = more.enter_context(hypervisors_vf(host, 2))
        yield it, more.enter_context(talking(host, ADDRESS, "failover", WIRE, senders))


ALL, DEAF = "20/20/20/20", "0/0/0/0"
PINNED = "20/0/0/20"  # the bridge sends to the tap, and net_failover drops it there
TWICE = "20/40/40/20"  # flooded to the tap and to the PF, from where igb brings it back
OFF = (UPLINK_OFF, TAP_OFF)
OFF_TWICE = (TWICE, TWICE, ALL, ALL, TWICE, TWICE, TWICE)
HELD = (ALL, ALL, PINNED, PINNED, ALL, ALL, ALL)
LOST = (DEAF, DEAF, ALL, ALL, DEAF, DEAF, DEAF)

# The standby and its settings; nfprobe's name for that, if it has one; what the guest hears in each state, of the wire/the host/a
# neighbour/another VF.
TABLE = {
    "bridge+fdb": (bridge, (ENTRY,), "bridge+fdb", LOST),
    "bridge+fdb, sticky": (bridge, (ENTRY, STICKY), "bridge+fdb+pin", HELD),
    "bridge+fdb, learning off at the PF's port": (bridge, (ENTRY, UPLINK_OFF), "bridge+fdb+pin", HELD),
    "bridge+fdb, learning off at both ports": (bridge, (ENTRY, *OFF), "bridge+fdb+pin", OFF_TWICE),
    "static-bridge": (bridge, (STATIC,), None, LOST),
    "static-bridge, sticky": (bridge, (STATIC, STICKY), "static-bridge", HELD),
    "static-bridge, learning off at both ports": (bridge, (STATIC, *OFF), "static-bridge", HELD),
    "vf-bridge": (vf_bridge, (), "vf-bridge", LOST),
    "vf-bridge, learning off at both ports": (vf_bridge, OFF, "vf-bridge+pin", OFF_TWICE),
    # Of one macvtap to another the NIC is not asked (macvlan_queue_xmit).
    "macvtap": (macvtap, (), "macvtap", (ALL, ALL, "20/20/0/20", "20/20/0/20", ALL, ALL, ALL)),
}


def probed(host, styles):
    """The styles of nfprobe's result. The emulated igb gives groups to macvtaps alone."""
    with without_driver(host):
        Guest(host).precede()
        run = host.nfprobe(PF, "--vf", 0, "--from", WIRE, "--skip=multicast", "--style", ",".join(styles), *PACE,
                           f"--json={RESULT}")
    check(run.status in (0, 1), f"nfprobe's status {run.status}: {run.err}")
    return {ladder_of(style): style for style in valid(json.loads(host.read(RESULT)))["vf"]["styles"]}


def heard(host, names):
    report, styles = [], probed(host, {TABLE[name][2] for name in names} - {None})
    for name in names:
        standby, settings, style, expected = TABLE[name]
        if style:
            foretold(styles[style], expected)
        with among_others(host, standby, settings) as (it, talk):
            report.append(f"{name}: {live(it, talk, expected)}")
    return "\n".join(report)


def test_cures(host):
    """a bridge loses a guest that talks; a sticky entry, and learning that is off at the PF's port, keep it for the wire, and
    learning that is off at the tap as well keeps it for everybody"""
    return heard(host, [name for name in TABLE if name.startswith("bridge+fdb")])


def test_styles(host):
    """the same of static-bridge and of one on a second VF; behind a macvtap nobody loses it but another macvtap"""
    return heard(host, [name for name in TABLE if not name.startswith("bridge+fdb")])


def test_moments(host):
    """an entry that is sticky from detach to attach: nobody loses the guest"""
    with among_others(host, bridge, (ENTRY, STICKY)) as (it, talk):
        it.pin, it.unpin = lambda: host.sh(STICKY), lambda: host.sh(f"bridge -n hv fdb del {ADDRESS} dev vnet0 master")
        return live(it, talk, (ALL,) * len(STATES), {**STATES, "up": ("unpin", "boot"), "unplug": ("unbind", "pin")})


def test_early(host):
    """a bridge that does not learn gives the guest what its NIC brings: on igb nothing from the wire while an idle VF has the address"""
    well, early = "20/20/20", "0/20/20"
    with among_others(host, bridge, OFF, other_vf=False) as (it, talk):
        return live(it, talk, (well, early, well, well, early, early, well))

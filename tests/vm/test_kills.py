# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs killed at any instant, on simulated NICs side by side and on the emulated one: --restore puts all back.

NFPROBE_KILLS="SEED SIMULATED EMULATED" draws others, and another number of each; a failing one is printed
with all that was drawn for it.
"""

import json
import os
import time

from probing import forget
from scenario import TOP, check, equal
from simulated import Module

KILLER = os.path.join(TOP, "tests/vm/killer.py")
SEED, SIMULATED, EMULATED = "1", 24, 6
NICS = 5  # simulated ones, side by side
# As slow as drivers are, so that a kill finds them in the middle of it.
SLOW = "bind_ms=20 unbind_ms=20 netdev_ms=30 set_ms=10 reset_ms=20"


# Each a change of what is compared, and what takes it back. {0} is the PF, {1} the VF's netdev, {2} the PF's PCI address.
CHANGES = (
    ("ip link set {0} vf 3 mac 02:00:00:00:00:09", "ip link set {0} vf 3 mac 02:00:00:00:00:08"),
    ("ip link set {0} vf 3 vlan 7 qos 2", "ip link set {0} vf 3 vlan 0"),
    ("ip link set {0} vf 3 spoofchk off", "ip link set {0} vf 3 spoofchk on"),
    ("ip link set {0} vf 3 trust on", "ip link set {0} vf 3 trust off"),
    ("ip link set {0} promisc on", "ip link set {0} promisc off"),
    ("ip link set {0} allmulticast on", "ip link set {0} allmulticast off"),
    ("ip maddr add 33:33:ff:00:00:09 dev {0}", "ip maddr del 33:33:ff:00:00:09 dev {0}"),
    ("ip link set {0} mtu 1400", "ip link set {0} mtu 1500"),
    ("ip link add link {0} name child type macvtap", "ip link del child"),
    ("bridge fdb add 02:00:00:00:00:09 dev {0}", "bridge fdb del 02:00:00:00:00:09 dev {0}"),
    ("ip link set {1} up", "ip link set {1} down"),
    ("ip link set {1} mtu 1400", "ip link set {1} mtu 1500"),
    ("ip link set {1} name other", "ip link set other name {1}"),
    ("mkdir -p /run/nfprobe; echo > /run/nfprobe/{2}.journal", "rm /run/nfprobe/{2}.journal"),
)
# Prints what each made different, and what was still different afterwards, a JSON array a line.
COMPARE = """
import json, subprocess, sys
sys.path.insert(0, sys.argv[1])
import killer
nic = killer.Nic("eth0", "eth1", 0, 1)
before = nic.state()
for change, back in json.loads(sys.argv[2]):
    said = []
    for command in (change, back):
        subprocess.run(command, shell=True, check=True)
        said.append(list(killer.differences(before, nic.state())))
    print(json.dumps(said))
"""


def shares(pfs, total):
    """So many kills, spread over PFs. Each PF begins with another number: by that it is killed at an instant or at a change (killer.Lot)."""
    each, more = divmod(total, len(pfs))
    for number, (pf, wire) in enumerate(pfs):
        count = each + (number < more)
        if count:
            yield json.dumps({"pf": pf, "wire": wire, "begin": number, "end": number + count})


def outcomes(host, seed, nics, timeout):
    out = host.ok("/usr/bin/python3", "-I", "-S", KILLER, host.nfprobe_path, seed, *nics, timeout=timeout)
    return [json.loads(line) for line in out.splitlines()]


def test_compared(host):
    """what is compared after a kill shows each change of a PF, a VF and its netdev"""
    host.vf_unbind(3)
    host.ok("ip", "link", "set", "eth0", "vf", 3, "mac", "02:00:00:00:00:08")  # else its driver draws one when it is set up
    host.vf_bind(3)
    words = ("eth0", host.vf_netdev(3), os.path.basename(host.ok("readlink", "/sys/class/net/eth0/device").strip()))
    changes = [[command.format(*words) for command in both] for both in CHANGES]
    told = host.ok("/usr/bin/python3", "-c", COMPARE, os.path.dirname(KILLER), json.dumps(changes)).splitlines()
    forget(host, 3)
    equal(len(told), len(CHANGES), "changes made")
    for (change, back), line in zip(changes, told):
        seen, left = json.loads(line)
        check(seen, f"not seen: {change}")
        equal(left, [], f"seen after {back}")


def test_killed(host):
    """SIGKILL at instants drawn by lot, then --restore, itself killed now and then: all is as it was"""
    seed, simulated, emulated = os.environ.get("NFPROBE_KILLS", f"{SEED} {SIMULATED} {EMULATED}").split()
    simulated, emulated = int(simulated), int(emulated)
    print(f"# NFPROBE_KILLS='{seed} {simulated} {emulated}'", flush=True)
    begun = time.monotonic()
    with Module(host, nics=NICS) as module:
        rigs = [module.nic(SLOW if number % 2 else "", number=number, bound=True) for number in range(NICS)]
        nics = [*shares([(f"nf{n}", f"nf{n}w") for n in range(NICS)], simulated),
                *shares([("eth0", "eth1")], emulated)]
        told = outcomes(host, seed, nics, 600 + 60 * (simulated + emulated))
        for rig in rigs:
            rig.__exit__(None, None, None)
    cpu = told.pop()["cpu"]
    print(f"# CPU {cpu}")
    summary(told, time.monotonic() - begun)
    wrong = [one for one in told if one["wrong"]]
    check(not wrong, "\n".join(json.dumps(one) for one in wrong[:10]))
    check(len(told) == simulated + emulated, f"{len(told)} kills instead of {simulated + emulated}")


def summary(told, took):
    killed = [one for one in told if one.get("ended") is False]
    left = sum(one["journal"] for one in killed)
    wrong = sum(bool(one["wrong"]) for one in told)
    print(f"# kills: {len(killed)} of {len(told)} runs before they ended by themselves, {left} with something to undo; {wrong} wrong; "
          f"{took:.0f} s", flush=True)

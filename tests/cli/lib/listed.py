# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs nfprobe (listed.py PROGRAM ARGUMENT...), and adds to its list the netdevs that a test has in its /sys alone, since not each kernel
makes VLAN netdevs, bonds and Open vSwitch: what is below each is in its links lower_*, and one that is down has a file
"down". In which VLANs frames leave is not known of them."""

import json
import os
import subprocess
import sys

NET = "/sys/class/net"


def lowers(name):
    return sorted(entry[len("lower_"):] for entry in os.listdir(f"{NET}/{name}") if entry.startswith("lower_"))


def kind_of(name):
    return ("bridge" if name.startswith("br") else "bond" if name.startswith("bond") else "openvswitch" if name.startswith("ovs")
            else "vlan" if "." in name else "macvtap" if name.startswith("macvtap") else None)


def master_of(name):
    link = f"{NET}/{name}/master"
    return os.path.basename(os.readlink(link)) if os.path.islink(link) else None


def ways(name):
    below = lowers(name) if os.path.isdir(f"{NET}/{name}") else []
    if kind_of(name) == "macvtap":
        return
    if not below:
        yield {"ifname": name, "vlans": [], "known": True, "bridges": []}
    for lower in below:
        for way in ways(lower):
            hops = [{"ifname": name, "inner": None, "outer": lower}] if kind_of(name) == "bridge" else []
            yield {**way, "vlans": None if kind_of(name) == "vlan" else way["vlans"], "bridges": hops + way["bridges"]}


def netdev(name):
    return {"ifname": name, "kind": kind_of(name), "address": None, "parentdev": None if lowers(name) else "0000:09:00.0",
            "vlan": None, "vlan_filtering": False, "default_pvid": None,
            "has_address": False, "stp_delay_ms": None, "isolated": False,
            "up": not os.path.exists(f"{NET}/{name}/down"), "carrier": True, "lower": (lowers(name) or [None])[0],
            "elsewhere": False, "master": master_of(name), "mode": None, "tagged": [], "untagged": [], "pvid": None,
            "port_state": None, "snoops": False, "netfilter": False, "rx_handler": None, "rx_handler_note": None,
            "ways": list(ways(name))}


def main():
    done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, check=False)
    out = done.stdout
    if "--list" in sys.argv and "--json" in sys.argv and done.returncode == 0:
        found = json.loads(out)
        there = {one["ifname"] for one in found["netdevs"]}
        found["netdevs"] += [netdev(name) for name in os.listdir(NET) if name not in there]
        out = json.dumps(found).encode()
    sys.stdout.buffer.write(out)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())

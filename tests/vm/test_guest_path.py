# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest with net_failover that talks, on QEMU's igb, with more between its tap and the PF than a bridge that forwards: a second bridge,
and STP. Deaf before, it hears after the commands that nfprobe has for it. No run plays such a path."""

import json

from guest import ADDRESS, HV, bridge, silent_guest
from scenario import CLOCK, PF, WIRE, check, equal, made
from talking import STATES, live, talking

MACHINE = {"failover": True, "vfs": (2,), **CLOCK}

ENTRY = f"bridge -n hv fdb add {ADDRESS} dev {PF} self permanent"  # what bridge+fdb means
# Frames of the wire and of the host: a pinned guest gets the host's by its standby. igb brings back what the bridge floods.
ALL, PINNED, DEAF, TWICE = "20/20", "20/0", "0/0", "20/40"


def second_bridge(host):
    """As Proxmox with firewall=1 plugs it: vnet0 is a port of fwbr, which a veth joins with br0, of which the PF is one."""
    return made(host, f"""ip -n hv link add br0 type bridge; ip -n hv link add fwbr type bridge
        ip -n hv link add fwpr type veth peer name fwln; ip -n hv link set fwpr master br0; ip -n hv link set fwln master fwbr
        ip -n hv link set {PF} master br0; ip -n hv link set vnet0 master fwbr
        for name in br0 fwbr fwpr fwln; do ip -n hv link set $name up; done
        {ENTRY}""", "ip -n hv link del fwpr; ip -n hv link del fwbr; ip -n hv link del br0")


def asked(host, *words):
    return json.loads(host.run(*HV, host.nfprobe_path, *words, "--json").out)


def pin(host, port):
    host.ok("bridge", "-n", "hv", "fdb", "replace", ADDRESS, "dev", port, "master", "static", "sticky")


def test_second_bridge(host):
    """behind a second bridge a guest that talks is lost, also with a pin at its tap; pinned in each bridge on its way it is not"""
    host.write("/proc/sys/net/ipv6/conf/failover/disable_ipv6", "1")
    with silent_guest(host, second_bridge) as it, talking(host, ADDRESS, "failover", WIRE, {"host": "br0"}) as talk:
        found = {one["ifname"]: one["ways"] for one in asked(host, "--list", PF, "-q")["netdevs"]}
        way = next(way for way in found["fwbr"] if way["ifname"] == PF)
        ports = ["vnet0", *(one["inner"] for one in way["bridges"][1:])]
        equal(ports, ["vnet0", "fwpr"], "the port of each bridge at which the guest is")
        for before in (lambda: None, lambda: pin(host, ports[0])):
            before()
            talk.talk()
            equal(talk.until(DEAF), DEAF, "what the guest hears of the wire and the host, not pinned in both")
        pin(host, ports[1])
        return live(it, talk, (ALL, ALL, PINNED, PINNED, ALL, ALL, ALL), STATES)


def test_stp(host):
    """on a bridge with STP a guest is deaf as long as a new port is held back; with the command of --audit it hears at once"""
    host.write("/proc/sys/net/ipv6/conf/failover/disable_ipv6", "1")
    rejoin = "ip -n hv link set vnet0 nomaster; ip -n hv link set vnet0 master br0"
    slow = f"ip -n hv link set br0 type bridge stp_state 1 forward_delay 3000; {rejoin}"
    with silent_guest(host, lambda host: bridge(host, f"{slow}; {ENTRY}")), \
            talking(host, ADDRESS, "failover", WIRE, {"host": "br0"}) as talk:
        equal(talk.ask(talk.senders[0], 1), "sent", "the wire's answer")
        equal(json.loads(talk.ask(talk.guest, 1)), {}, "what the guest hears for 30 s")
        [finding] = [one for one in asked(host, "--audit", PF)["findings"] if one["code"] == "stp-delay"]
        check("for 60 s" in finding["what"], finding["what"])
        for words in finding["commands"]:
            host.ok(*HV, *words)
        host.sh(rejoin)  # as the tap of the next guest
        talk.round = 1
        equal(talk.until(TWICE), TWICE, "what the guest hears of the wire and the host")
        return "0 of 20 for 30 s with STP, and all without"

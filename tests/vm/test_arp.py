# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames that are a neighbour's answers to ARP: the other end of the wire is a gateway in a namespace."""

import contextlib
import json

from probing import outcome, probe, refused, style_of, words
from scenario import PF, WIRE, check, equal
from test_igb import EARLY, FILTER, PROMISC, SAFE, STEPS, landings, reset_vf

NETNS, IMPOSTOR = "gw", "gw2"
GATEWAY, OWN, NOBODY = "192.0.2.1", "192.0.2.2", "192.0.2.77"


def inside(*argv):
    return ("ip", "netns", "exec", NETNS, *argv)


def neighbours(host, *where):
    """What the kernel there has learned by ARP."""
    entries = json.loads(host.ok("ip", *where, "-j", "neigh", "show", "nud", "all"))
    return sorted((e["dst"], e.get("lladdr", ""), e["dev"]) for e in entries if "." in e["dst"])


@contextlib.contextmanager
def gateway(host, vlan=None, addresses=(GATEWAY,)):
    """The wire's other end as a host of its own, which has learned no address when this is left."""
    reset_vf(host)  # while the name of the wire's netdev is taken: a VF driver that binds takes a free one
    netdev = f"{WIRE}.{vlan}" if vlan else WIRE
    host.ok("ip", "netns", "add", NETNS)
    try:
        host.ok("ip", "link", "set", WIRE, "netns", NETNS)
        host.ok(*inside("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1"))
        host.ok("ip", "-n", NETNS, "link", "set", WIRE, "up")
        if vlan:
            host.ok("ip", "-n", NETNS, "link", "add", "link", WIRE, "name", netdev, "type", "vlan", "id", vlan)
            host.ok("ip", "-n", NETNS, "link", "set", netdev, "up")
        for address in addresses:
            host.ok("ip", "-n", NETNS, "address", "add", f"{address}/24", "dev", netdev)
        yield netdev
        equal(neighbours(host, "-n", NETNS), [], "what the gateway has learned")
    finally:
        host.ok("ip", "-n", NETNS, "link", "set", WIRE, "netns", "1")
        host.ok("ip", "netns", "del", NETNS)
        host.ok("ip", "link", "set", WIRE, "up")
        host.wait_carrier(WIRE)


@contextlib.contextmanager
def impostor(host, netdev):
    """Another host on the gateway's segment that has its address."""
    host.ok("ip", "netns", "add", IMPOSTOR)
    try:
        host.ok("ip", "-n", NETNS, "link", "add", "link", netdev, "name", "mv0", "type", "macvlan", "mode", "bridge")
        host.ok("ip", "-n", NETNS, "link", "set", "mv0", "netns", IMPOSTOR)
        host.ok("ip", "-n", IMPOSTOR, "link", "set", "mv0", "up")
        host.ok("ip", "-n", IMPOSTOR, "address", "add", f"{GATEWAY}/24", "dev", "mv0")
        yield
        equal(neighbours(host, "-n", IMPOSTOR), [], "what the other host has learned")
    finally:
        host.ok("ip", "netns", "del", IMPOSTOR)


@contextlib.contextmanager
def routed(host, netdev=PF):
    """This host has an address on the PF or its bridge, and its default route there."""
    host.ok("ip", "address", "add", f"{OWN}/24", "dev", netdev)
    host.ok("ip", "route", "add", "default", "via", GATEWAY, "dev", netdev)
    try:
        yield
    finally:
        host.ok("ip", "address", "flush", "dev", netdev, "scope", "global")


@contextlib.contextmanager
def bridged(host):
    """The PF is the port of a bridge."""
    host.ok("ip", "link", "add", "br0", "type", "bridge")
    host.ok("ip", "link", "set", PF, "master", "br0")
    host.ok("ip", "link", "set", "br0", "up")
    try:
        yield
    finally:
        host.ok("ip", "link", "del", "br0")


def expect(style, row, judgement):
    """As from the wire; the control is at the PF in every step, and at a VF that is up."""
    equal(landings(style), dict(zip(STEPS, row)), style["style"] + " landings")
    for step, landing in landings(style, "broadcast").items():
        equal(landing, "both" if step in ("up", "vf-first-up") else "pf", f"{style['style']} {step}: control")
    equal({key: style[key] for key in judgement}, judgement, style["style"] + " judgement")


def both_styles(host, *args):
    out, _ = probe(host, "--vf", "3", "--settle", "0.5", *args, status=1)
    equal((out["settings"]["source"], out["settings"]["from"]), ("wire", f"arp:{GATEWAY}"), "source")
    words(out["settings"]["source_note"], (GATEWAY, "no id", "broadcast from the wire"), "source_note")
    expect(style_of(out, "filter"), FILTER, SAFE)
    expect(style_of(out, "promisc"), PROMISC, EARLY)
    check("not asked for" not in " ".join(out["warnings"]), f"warnings: {out['warnings']}")
    return out


def test_both_styles(host):
    """answers of a gateway: both styles as from the wire, and nobody has learned an address"""
    with gateway(host):
        out = both_styles(host, "--from", f"arp:{GATEWAY}")
        equal(neighbours(host), [], "what this host has learned")
        equal(out["settings"]["rate"], 8, "rate")


def test_vlan(host):
    """the same on VLAN 100, of a gateway that answers late and twice while another host answers for its address"""
    with gateway(host, vlan=100) as netdev, impostor(host, netdev):
        host.ok(*inside("tc", "qdisc", "add", "dev", WIRE, "root", "netem", "delay", "100ms", "duplicate", "100%"))
        out = both_styles(host, "--from", f"arp:{GATEWAY}", "--vlan", "100")
        equal(out["settings"]["vlan"], 100, "vlan")
        words(" ".join(out["warnings"]), f"two hosts answer for {GATEWAY}", "the warnings")
        standby = next(s for s in style_of(out, "filter")["steps"] if s["step"] == "standby")
        check(standby["unicast"]["duplicates"] > 0, f"no second answer was seen: {standby}")


def test_auto(host):
    """auto takes the default gateway before a sibling VF, and says so; also through the PF's bridge"""
    with gateway(host), routed(host):
        out, _ = probe(host, "--vf", "3", "--timeout", "4", status=3)
        equal(out["settings"]["from"], f"arp:{GATEWAY}", "source")
        words(out["settings"]["source_note"], "auto: ", "source_note")
    with bridged(host), routed(host, "br0"):
        plan = host.ok(host.nfprobe_path, PF, "--vf", "3", "--dry-run")
        words(plan, f"{PF} asks {GATEWAY} (a default gateway) by ARP", "--dry-run")


def test_policed(host):
    """a gateway that answers five a second: the rate falls by itself, and the verdict is the same"""
    with gateway(host) as netdev:
        host.ok(*inside("tc", "qdisc", "add", "dev", netdev, "clsact"))
        host.ok(*inside("tc", "filter", "add", "dev", netdev, "ingress", "protocol", "arp", "matchall",
                        "action", "police", "pkts_rate", "5", "pkts_burst", "2", "conform-exceed", "drop/ok"))
        out, _ = probe(host, "--vf", "3", "--style", "macvtap", "--settle", "0.2", "--from", f"arp:{GATEWAY}", status=0)
        expect(style_of(out, "filter"), FILTER, SAFE)


def test_nobody(host):
    """a neighbour that does not answer is named; without a gateway a name is asked for"""
    with gateway(host):
        for args, says in ((f"arp:{NOBODY}", (NOBODY, "does not answer")), ("arp", ("no default gateway", PF))):
            result = host.nfprobe(PF, "--vf", "3", "--from", args, "--json")
            out = outcome(result, 4)
            equal(out["error"]["code"], "no-source", "error code")
            words(out["error"]["message"], says, "the sentence")
            words(out["error"]["hint"], "--from arp:IP", "the hint")
            equal(out["restored"], True, "restored")

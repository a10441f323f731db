# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames that are a neighbour's answers to ARP: the other end of the wire is a gateway in a namespace.

QEMU's user network, which is another TCP/IP stack than Linux's (libslirp), is on the segment, too. Neighbours with manners of
their own: netns/test_arp.c.
"""

import contextlib
import json

import test_errors
from probing import elsewhere, hint_of, outcome, probe, words
from scenario import PF, WIRE, check, equal, made
from test_igb import FILTER, SAFE, landings, reset_vf, rows

MACHINE = test_errors.MACHINE
NETNS = "gw"
SLIRP = "198.51.100.1"
GATEWAY, OWN = "192.0.2.1", "192.0.2.2"


def neighbours(host, *where):
    """The neighbours that the kernel there has learned by ARP."""
    entries = json.loads(host.ok("ip", *where, "-j", "neigh", "show", "nud", "all"))
    return sorted((e["dst"], e.get("lladdr", ""), e["dev"]) for e in entries if "." in e["dst"])


@contextlib.contextmanager
def gateway(host):
    """The wire's other end as a host of its own, which has learned no address when this is left."""
    reset_vf(host)  # while the name of the wire's netdev is taken: a VF driver that binds takes a free one
    with elsewhere(host, WIRE, NETNS, GATEWAY):
        yield
        equal(neighbours(host, "-n", NETNS), [], "what the gateway has learned")
    host.wait_carrier(WIRE)


def routed(host, netdev=PF):
    """This host has an address on the PF or its bridge, and its default route there."""
    return made(host, f"ip address add {OWN}/24 dev {netdev}; ip route add default via {GATEWAY} dev {netdev}",
                f"ip address flush dev {netdev} scope global")


def bridged(host):
    """The PF is the port of a bridge."""
    return made(host, f"ip link add br0 type bridge; ip link set {PF} master br0; ip link set br0 up", "ip link del br0")


def expect(style, row, judgement):
    """The landings are as from the wire; the control is at the PF in every step, and at a VF that is up."""
    equal(landings(style), rows(style, row), style["style"] + " landings")
    for step, landing in landings(style, "broadcast").items():
        equal(landing, "both" if step in ("up", "vf-first-up", "vf-first-rewritten", "vf-first-back") else "pf", f"{style['style']} {step}: control")
    equal({key: style[key] for key in judgement}, judgement, style["style"] + " judgement")


def one_style(host, name, row, judgement, *args, status):
    out, _ = probe(host, "--vf", "3", "--style", name, "--settle", "0.5", *args, status=status)
    equal((out["source"]["kind"], out["source"]["from"]), ("wire", f"arp:{GATEWAY}"), "source")
    words(out["source"]["note"], (GATEWAY, "no id", "broadcast too"), "source_note")
    expect(out["vf"]["styles"][0], row, judgement)
    check("not asked for" not in " ".join(out["warnings"]), f"warnings: {out['warnings']}")
    return out


def test_auto(host):
    """auto takes the default gateway before another VF: macvtap as from the wire, and nobody has learned an address"""
    with gateway(host), routed(host):
        out = one_style(host, "macvtap", FILTER, SAFE, status=0)
        words(out["source"]["note"], "auto: ", "source_note")
        equal(neighbours(host), [], "what this host has learned")
        equal(out["settings"]["rate"], 8, "rate")
    with bridged(host), routed(host, "br0"):
        plan = host.ok(host.nfprobe_path, PF, "--vf", "3", "--dry-run")
        words(" ".join(plan.split()), (f"{GATEWAY} (a default gateway), which {PF} asks by ARP; else VF 2 (",), "--dry-run")


def test_other_stack(host):
    """a stack that answers ARP, but always to the frame's source, is refused and named"""
    result = host.nfprobe(PF, "--vf", "3", "--from", f"arp:{SLIRP}", "--json")
    out = outcome(result, 4)
    equal(out["error"]["code"], "no-source", "error code")
    words(out["error"]["message"], (SLIRP, "answers ARP, but always to the sender of the frame"), "the sentence")
    words(hint_of(out["error"]), "--from arp:IP", "the hint")
    equal(out["restored"], True, "restored")

# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames that a reflector on another host sends on: the wire's other end is that host, in a namespace."""

import contextlib
import signal

from probing import PACE, elsewhere, hint_of, outcome, probe, style_of, unchanged, words
from scenario import CLOCK, PF, WIRE, check, equal, long
from test_igb import EARLY, FILTER, PROMISC, SAFE, expect, reset_vf

# A question waits for tenths of a second, which the other clock jumps over while QEMU still has the answer.
MACHINE = CLOCK
NETNS = "far"
ID = "00112233445566778899aabbccddeeff"
OTHER_ID = "ff112233445566778899aabbccddeeff"

# Root, but for everything that makes it root.
ONLY_NET_RAW = ("setpriv", "--bounding-set", "-all,+net_raw", "--inh-caps", "-all")

# Sends what is no carrier, or forged, or recorded, to the reflector; prints how many of our frames came back.
FLOOD = r"""
import os, select, socket, sys
netdev, mac, num = sys.argv[1], bytes.fromhex(sys.argv[2].replace(":", "")), int(sys.argv[3])
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
s.bind((netdev, 3))
source = s.getsockname()[4]
head = mac + source + b"\x88\xb5"
inner = b"\x02\x01\x02\x03\x04\x05" + mac + b"\x88\xb5nfpr\x02\0\0\0" + bytes(40)
for i in range(num):
    body = inner if i % 2 else os.urandom(62)
    s.send(head + b"nfpx\x03\x03\0\x3e" + os.urandom(32) + body + os.urandom(8))
    if i % 50 == 49:  # for the one who hears them
        select.select([], [], [], 0.02)
back = 0
while select.select([s], [], [], 1)[0]:
    data, where = s.recvfrom(2048)
    back += where[2] != socket.PACKET_OUTGOING and data[12:14] == b"\x88\xb5"
print(back)
"""


class Reflector:
    """nfprobe --reflect at the other end; `mac`, and after `stop` the status and what it wrote."""

    def __init__(self, host, *args):
        self.mac = host.ok("ip", "netns", "exec", NETNS, "cat", f"/sys/class/net/{WIRE}/address").strip()
        self.command = host.begin("ip", "netns", "exec", NETNS, *ONLY_NET_RAW, host.nfprobe_path,
                                  "--reflect", WIRE, *args)
        check(self.command.wait_for(f"--from peer:{self.mac} --id"), f"no line to type: {self.command.stderr.decode()}")

    def stop(self, number=signal.SIGINT):
        self.command.signal(number)
        return self.command.wait(120)

    def line(self):
        """The options for the other host, from its output."""
        out = self.command.stdout.decode()
        return out[out.index("--from"):].splitlines()[0].split()


@contextlib.contextmanager
def far_end(host):
    """The wire's other end in a namespace; it is the same there when this is left."""
    reset_vf(host)  # while the name of the wire's netdev is taken: a VF driver that binds takes a free one
    look = ("ip", "-n", NETNS, "-d", "-j", "address")
    with elsewhere(host, WIRE, NETNS):
        host.wait_carrier(WIRE, inside=("ip", "netns", "exec", NETNS))
        before = host.json(*look)
        yield
        equal(host.json(*look), before, "what the reflector left different on its host")
    host.wait_carrier(WIRE)


@contextlib.contextmanager
def reflecting(host, *args):
    with far_end(host):
        reflector = Reflector(host, *args)
        yield reflector
        result = reflector.stop()
        equal((result.status, result.err), (0, ""), "the reflector's end")
        words(result.out, "stopped after", "the summary")
        reflector.summary = result.out


def both_styles(host, reflector, *args, **request):
    out, err = probe(host, "--vf", "3", *PACE, *args, status=1, **request)
    equal((out["source"]["kind"], out["source"]["from"]), ("wire", f"peer:{reflector.mac}"), "source")
    expect(style_of(out, "macvtap"), FILTER, SAFE)
    expect(style_of(out, "bridge"), PROMISC, EARLY)
    for style in out["vf"]["styles"]:
        for step in style["steps"]:
            equal(step["frames"]["unicast"]["duplicates"], 0, f"duplicates in {step['state']}")
    return out, err


@long
def test_both_styles(host):
    """by a reflector: both styles as from the wire; the line that it prints is the line to type; a recording without names"""
    with reflecting(host) as reflector:
        out, _ = both_styles(host, reflector, *reflector.line())
        equal(out["reflector"], {"address": reflector.mac}, "the reflector")
    check("not forwarded" not in reflector.summary, reflector.summary)


def test_vlan_auto(host):
    """the same on VLAN 100; auto finds the reflector by its id"""
    with reflecting(host, "--id", ID) as reflector:
        out, _ = both_styles(host, reflector, "--id", ID, "--vlan", "100")
        equal(out["settings"]["vlan"], 100, "vlan")
        words(out["source"]["note"], "auto: ", "source_note")


def test_killed(host):
    """a reflector that is killed in mid-run: unknown, never safe; it is said why"""
    with far_end(host):
        reflector = Reflector(host, "--id", ID)
        with unchanged(host):
            run = host.begin_nfprobe(PF, "--vf", "3", "--style", "macvtap", *PACE, "--json", "-v",
                                     *reflector.line(), hold=" up\n")
            # The VF is bound and up.
            check(run.wait_for(" up\n"), "the VF was not set up")
            equal(reflector.stop(signal.SIGKILL).status, 128 + signal.SIGKILL, "status of what was killed")
            run.go_on()
            out = outcome(run.wait(120), 3)
        equal(out["verdict"], "unknown", "verdict")
        equal(out["restored"], True, "restored")
        check(any("does not answer any more" in w for w in out["warnings"]), f"warnings: {out['warnings']}")
        words(style_of(out, "macvtap")["reason"], "broadcast", "the reason")


def test_refused(host):
    """a wrong id, no reflector at all, more than it sends on: it cannot begin"""
    quick = ("--vf", "3", "--style", "macvtap", "--settle", "0.2", "--json")
    with reflecting(host, "--id", ID, "--rate", "500") as reflector:
        with unchanged(host):
            for args, code, says in (
                (("--id", OTHER_ID), "no-source", ("no reflector with this id", reflector.mac)),
                (("--id", ID), "source-unusable", ("--rate 1000", "500")),
            ):
                out = outcome(host.nfprobe(PF, *quick, "--from", f"peer:{reflector.mac}", *args), 4)
                equal(out["error"]["code"], code, "error code")
                words(out["error"]["message"], says, "the sentence")
                words(hint_of(out["error"]), "--reflect", "the hint")
                equal(out["restored"], True, "restored")
    words(reflector.summary, "not forwarded: 7 with another id, or forged", "the summary")


def test_flood(host):
    """a flood at the reflector: it reflects none of it"""
    num = 3000
    with reflecting(host, "--id", ID) as reflector:
        back = host.ok("/usr/bin/python3", "-I", "-S", "-c", FLOOD, PF, reflector.mac, num)
        equal(int(back), 0, "frames that came back")
    words(reflector.summary, ("  0 forwarded", f"not forwarded: {num} with another id, or forged"), "the summary")

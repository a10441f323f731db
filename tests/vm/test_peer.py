# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames that a reflector on another host sends on: the wire's other end is that host, in a namespace."""

import contextlib
import signal

from probing import PACE, elsewhere, outcome, probe, style_of, unchanged, words
from scenario import CLOCK, PF, WIRE, check, equal, long
from test_igb import EARLY, FILTER, PROMISC, SAFE, expect, reset_vf

# A question waits for tenths of a second, which the other clock jumps over while QEMU still has the answer.
MACHINE = CLOCK
NETNS = "far"
ID = "00112233445566778899aabbccddeeff"


# Root, but for everything that makes it root.
ONLY_NET_RAW = ("setpriv", "--bounding-set", "-all,+net_raw", "--inh-caps", "-all")


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


def both_styles(host, reflector):
    out, _ = probe(host, "--vf", "3", *PACE, *reflector.line(), status=1)
    equal((out["source"]["kind"], out["source"]["from"]), ("wire", f"peer:{reflector.mac}"), "source")
    expect(style_of(out, "macvtap"), FILTER, SAFE)
    expect(style_of(out, "bridge"), PROMISC, EARLY)
    for style in out["vf"]["styles"]:
        for step in style["steps"]:
            equal(step["frames"]["unicast"]["duplicates"], 0, f"duplicates in {step['state']}")
    return out


@long
def test_both_styles(host):
    """by a reflector: both styles as from the wire; the line that it prints is the line to type; a recording without names"""
    with reflecting(host) as reflector:
        out = both_styles(host, reflector)
        equal(out["reflector"], {"address": reflector.mac}, "the reflector")
    check("not forwarded" not in reflector.summary, reflector.summary)


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

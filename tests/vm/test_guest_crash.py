# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest whose QEMU is killed, or that is reset hard, while its VF is up: its driver says no goodbye, which the host's own always does.
The VF is reset, and nobody drives it then; what the standby hears is held against what a run says of a VF that was reset."""

import contextlib
import os
import signal

from guest import PYTHON
from probing import PACE, style_of, valid
from scenario import CLOCK, PF, WIRE, check, equal
from simulated import X
from test_audit import SERVER, audit, home, namespaces, ping
from test_pair import VF, pinger, qemu
from test_refuse import parked

MACHINE = CLOCK
MONITOR = "/run/monitor"

# QEMU tells of a reset once its devices were reset, the VF among them.
RESET = """
import json, socket, sys
monitor = socket.socket(socket.AF_UNIX)
monitor.connect(sys.argv[1])
lines = monitor.makefile("rw")

def command(name, until):
    print(json.dumps({"execute": name}), file=lines, flush=True)
    while until not in json.loads(lines.readline()).items():
        pass

command("qmp_capabilities", ("return", {}))
command("system_reset", ("event", "RESET"))
"""


@contextlib.contextmanager
def guest(host):
    """QEMU with a guest that uses the VF. After a hard reset it does so again only when it is told to."""
    program = os.path.join(os.path.dirname(host.nfprobe_path), "tests/vm/crash_guest")
    it = host.begin(host.vm.settings.qemu, "-nodefaults", "-no-user-config", "-display", "none", "-machine", "q35", "-accel", "tcg",
                    "-m", 32, "-kernel", program, "-serial", "stdio", "-qmp", f"unix:{MONITOR},server=on,wait=off",
                    "-device", f"vfio-pci,host={os.path.basename(host.vf_device(VF))},romfile=", stdin=True)
    try:
        equal(it.line(), "guest: starts", "the guest's first words")
        it.write(b"\n")
        equal(it.line(), "guest: has its VF", "the guest's next words")
        yield it
    finally:
        it.signal(signal.SIGKILL)
        it.wait(120)


def heard(it):
    """How many frames to its address the guest has got by its VF."""
    it.write(b"\n")
    return int(it.line().removeprefix("guest: heard "))


@contextlib.contextmanager
def bridge(host):
    host.sh(f"ip link add br9 type bridge; ip link set br9 up; ip link set {PF} master br9; bridge link set dev {PF} learning off")
    try:
        with qemu(host, [], "vnet0"):
            host.sh("ip link set vnet0 master br9 up")
            yield
    finally:
        host.sh(f"ip link set {PF} nomaster; ip link del br9")


@contextlib.contextmanager
def macvtap(host):
    host.sh(f"ip link add link {PF} name macvtap9 address {X} type macvtap mode bridge; ip link set macvtap9 up")
    try:
        with qemu(host, [], "macvtap9", f"/dev/tap{host.read('/sys/class/net/macvtap9/ifindex')}"):
            yield
    finally:
        host.sh("ip link del macvtap9")


STANDBYS = {"bridge": bridge, "macvtap": macvtap}


def foretold(host):
    """How many of three pings the standby answers once the VF was reset, and once the address is cleared, by a run."""
    run = host.nfprobe(PF, "--vf", VF, "--from", WIRE, "--style", ",".join(STANDBYS), "--skip=multicast", *PACE, "--json")
    document = valid(run.json())
    hears = {}
    for style in STANDBYS:
        landings = {step["state"]: step["frames"]["unicast"]["landing"] for step in style_of(document, style)["steps"]}
        hears[style] = tuple(3 * (landings[state] in ("pf", "both")) for state in ("detach", "clear"))
    equal(hears, {"bridge": (0, 3), "macvtap": (3, 3)}, "what a run says of this NIC")
    return hears


def answers(host):
    """How many pings the guest answers by each standby."""
    found = {}
    for style, standby in STANDBYS.items():
        with standby(host):
            found[style] = ping(host, "far", SERVER)[0]
    return found


def crashed(host, crash, is_gone):
    """@is_gone: QEMU is, and no process has the VF."""
    expected = foretold(host)
    with namespaces(host, "far"), contextlib.ExitStack() as stack:
        pinger(host)
        host.ok("ip", "link", "set", PF, "vf", VF, "mac", X)
        stack.callback(home, host, VF)
        stack.enter_context(parked(host, VF))
        it = stack.enter_context(guest(host))
        with bridge(host):
            equal((ping(host, "far", SERVER)[0], heard(it)), (0, 3), "answers by the standby, and frames that the guest gets by its VF")
            crash(it)
            equal(ping(host, "far", SERVER)[0], expected["bridge"][0], "answers by the standby after the crash")
            if is_gone:
                host.sh(f"bridge fdb replace {X} dev vnet0 master dynamic")  # as the standby's own frames would
                equal([one["code"] for one in audit(host, 1)], ["idle-address"], "findings")
        equal(answers(host), {style: after for style, (after, _) in expected.items()}, "answers after the crash")
        host.vf_clear(VF)
        equal(answers(host), {style: cleared for style, (_, cleared) in expected.items()}, "answers once the address is cleared")


def test_killed(host):
    """QEMU is killed: behind a bridge the standby is deaf until the address is cleared, and behind a macvtap it hears, as a run says"""
    def kill(it):
        it.signal(signal.SIGKILL)
        check(not it.wait_for("guest: lives"), "QEMU was not killed")

    crashed(host, kill, True)


def test_reset(host):
    """the guest is reset hard, and nobody drives its VF while it boots: the same"""
    def reset(it):
        host.ok(*PYTHON, RESET, MONITOR)
        equal(it.line(), "guest: starts", "the words of the guest that was reset")

    crashed(host, reset, False)

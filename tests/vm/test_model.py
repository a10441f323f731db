# SPDX-License-Identifier: GPL-2.0-or-later
"""The model (tests/nfsim/model.py) is right about the simulated NIC: each step of the ladder is made with ip, bridge, sysfs and
plain sockets, on the NIC and in the model at once, and frames land where the model says. nfprobe has no part in it.
"""

import concurrent.futures
import errno
import itertools
import os
import sys

import simulated
from scenario import TOP, check
from simulated import BROADCAST, Module

sys.path.insert(0, TOP + "/tests/nfsim")
import lots  # noqa: E402
import model  # noqa: E402
import personalities  # noqa: E402

NICS = 2  # side by side
VF, SIBLING = 3, 1
SOURCES = {"wire": "wire", "vf": SIBLING, "pf": "pf"}
RECEIVERS = {"pf": "pf", str(VF): "vf"}
DELAYS = ("come_ms", "go_ms", "blip_ms", "pf_sync_ms", "vf_sync_ms")
DELAY_MS = 20  # a survey lasts longer, so what it leaves is settled
# Landings are of whole windows, and it does not matter how long a driver takes.
NOISE = ("loss", "dup", "reorder", "delay_us", "jitter_us", "rename_ms", "bind_ms", "unbind_ms", "netdev_ms", "no_netdev", "mac_late_ms")
WAITS = {"busy_ms": ("EAGAIN", "EBUSY"), "vf_second_ms": ("EAGAIN", "EBUSY"), "vfr_ms": ("EAGAIN", "EBUSY", "EINVAL")}
RANDOM = 8
ZERO = "00:00:00:00:00:00"
PARKED = "02:00:00:00:00:00"  # of nobody: for drivers that refuse the zero address
ERRORS = {os.strerror(number): name.replace("ENOTSUP", "EOPNOTSUPP") if name == "ENOTSUP" else name
          for number, name in errno.errorcode.items()}
serial = itertools.count(1)


class Differs(Exception):
    """The model and the NIC are no longer in the same state."""


def refusal(action, *args):
    """The name of the errno; None if it was done."""
    try:
        action(*args)
    except simulated.Refused as error:
        return next((name for text, name in ERRORS.items() if text in str(error)), str(error))
    return None


class Both:
    """The NIC for Climb: the model's and the simulated one. Each action is done to both."""

    def __init__(self, nic, rig, style):
        self.nic, self.rig, self.style = nic, rig, style
        self.macs = {f"{name} of {style}": f"02:00:5e:01:{next(serial) % 256:02x}:{number:02x}" for number, name in enumerate("XY")}
        self.macs["parked"] = PARKED
        self.group = f"33:33:ff:01:{next(serial) % 256:02x}:01"
        self.delayed = any(int(nic.keys.get(key, 0)) for key in DELAYS)
        self.child = None  # a macvlan of the PF, which holds the address
        self.held = False

    def __getattr__(self, name):
        return getattr(self.nic, name)

    def both(self, what, pretend, do):
        expected = None
        try:
            pretend()
        except model.Refused as refused:
            expected = refused.errno
        got = refusal(do)
        if got != expected:
            raise Differs(f"{what}: the NIC said {got}, the model {expected}")
        if expected:
            raise model.Refused(expected)
        self.settle()

    def settle(self):
        if self.keys.get("set_reset_ms"):
            self.rig.until("carrier", "pf", True)
        if self.delayed:
            self.rig.survey([BROADCAST], ["wire"], 1)

    # As the PF
    def patiently(self, *args):
        """Drivers that are busy are asked again."""
        answer = refusal(self.rig.assign, *args)
        if any(self.keys.get(key) and answer in errors for key, errors in WAITS.items()):
            self.rig.insist("assign", *args)
        elif answer:
            raise simulated.Refused(os.strerror(getattr(errno, answer)))

    def assign(self, mac):
        self.both("assign", lambda: self.nic.assign(mac), lambda: self.patiently(VF, self.macs[mac]))

    def clear(self):
        self.both("clear", self.nic.clear, self.take_back)

    def take_back(self):
        try:
            self.patiently(VF, ZERO)
        except simulated.Refused:
            self.patiently(VF, PARKED)
            refusal(self.patiently, VF, ZERO)

    def take(self, mac):
        if self.style == "bridge":
            self.rig.promisc("pf", True)
            self.rig.allmulti("pf", True)
            return
        self.take_address(mac)
        self.rig.group("pf", True, self.group)

    def take_address(self, mac):
        if self.keys["l2fw"] != "on":
            self.rig.unicast("pf", True, mac)
            return
        self.child = f"nfm{self.rig.number}"
        self.rig.ip("link", "add", "link", self.rig.netdev("pf"), "name", self.child, "address", mac, "type", "macvlan",
                    "mode", "private")
        self.rig.ip("link", "set", self.child, "up")

    def let_go(self, mac):
        self.rig.group("pf", False, self.group)
        if self.style == "bridge":
            self.rig.promisc("pf", False)
            self.rig.allmulti("pf", False)
        elif self.child:
            self.rig.ip("link", "del", self.child)
            self.child = None
        else:
            self.rig.unicast("pf", False, mac)

    def hold(self, style, mac, group):
        self.both("hold", lambda: self.nic.hold(style, mac, group), lambda: self.take(self.macs[mac]))
        self.held = True

    def release(self, style, mac, group):
        if self.held:
            self.both("release", lambda: self.nic.release(style, mac, group), lambda: self.let_go(self.macs[mac]))
        self.held = False

    # As the VF's device and driver
    def reset(self):
        self.both("reset", self.nic.reset, lambda: self.rig.reset(VF))

    def bind(self):
        def attach():
            self.rig.bind(VF)
            self.rig.until("has_netdev", VF, True)
            return self.rig.address(VF) == self.macs[self.nic.vf_mac]

        def do():
            if attach():
                return
            self.rig.unbind(VF)  # once more, as it may have been bad luck
            if not attach():
                self.rig.unbind(VF)
                raise simulated.Refused(os.strerror(errno.EADDRNOTAVAIL))

        self.both("bind", self.nic.bind, do)

    def set_up(self, group):
        def do():
            self.rig.group(VF, True, self.group)
            self.rig.up(VF)
            self.rig.until("carrier", VF, True)

        self.both("up", lambda: self.nic.set_up(group), do)

    def set_down(self):
        def do():
            self.rig.down(VF)
            self.rig.group(VF, False, self.group)

        self.both("down", self.nic.set_down, do)

    def unbind(self):
        def do():
            self.rig.unbind(VF)
            self.rig.group(VF, False, self.group)

        self.both("unbind", self.nic.unbind, do)

    def tidy(self):
        """Cleans up for the next personality, whatever went wrong."""
        if self.rig.driver(VF):
            self.rig.unbind(VF)
        self.rig.group(VF, False, self.group)
        for mac in set(self.macs.values()) - {PARKED}:
            refusal(self.let_go, mac)
        refusal(self.take_back)


class Walk(model.Climb):
    """Climbs the ladder on both at once; at each step frames from each source must land on the NIC where the model says."""

    def __init__(self, nic, style, rig):
        self.both = Both(nic, rig, style)
        super().__init__(self.both, style, "wire")
        self.wrong = []

    def look(self, step):
        super().look(step)
        mac = self.both.macs[self.x]
        group = self.both.group
        got = self.both.rig.survey([mac, BROADCAST, group], list(SOURCES.values()), also=[self.both.child] if self.both.child else [])
        for source, origin in SOURCES.items():
            for to, kind in ((mac, "unicast"), (BROADCAST, "broadcast"), (group, "multicast")):
                landed = {RECEIVERS.get(port) for port in got[str(origin)][to]} - {None}
                if self.both.child in got[str(origin)][to]:
                    landed.add("pf")
                if kind == "multicast":
                    expected, maybe = self.both.land_group(source, self.group)
                else:
                    expected, maybe = self.both.land(source, self.x if kind == "unicast" else None), set()
                if landed - maybe != expected:
                    self.wrong.append(f"{step}: {kind} from {source} landed on {sorted(landed)}, expected {sorted(expected)}")

    def run(self):
        try:
            super().run()
            self.leave()
        except Differs as error:
            self.wrong.append(str(error))
        except simulated.Refused as error:
            self.wrong.append(f"the rig: {error}")
        self.both.tidy()
        return [f"{self.style}: after {list(self.seen)[-1]}: {line}" for line in self.wrong]


def quick(keys):
    """The keys without noise, and with delays that a survey outlasts."""
    keys = {key: value for key, value in keys.items() if key not in NOISE}
    return {key: min(int(value), DELAY_MS) if key in DELAYS else value for key, value in keys.items()}


def walk(rig, name, keys):
    """A NIC with a history forgets it when the PF is set up. The second style finds what the NIC remembers of the first."""
    keys = quick(keys)
    rig.personality("default")
    rig.trust(VF, "on" if keys.get("trust") == "on" else "off")  # the VF is there already
    rig.personality("default " + lots.text(keys))
    rig.down("pf")
    rig.up("pf")
    rig.until("carrier", "pf", True)
    rig.until("carrier", SIBLING, True)
    nic = model.Nic(keys)
    for style in ("macvtap", "bridge"):
        wrong = Walk(nic, style, rig).run()
        if wrong:
            return [f"{name}: {lots.text(keys)}\n  {line}" for line in wrong]
    return []


def walk_all(host, named):
    """Some NICs side by side, each takes the next personality when it is free."""
    waiting = list(named)

    def work(rig):
        wrong = []
        while waiting:
            wrong += walk(rig, *waiting.pop(0))
        return wrong

    with Module(host, nics=NICS) as module:
        rigs = [module.nic(number=number) for number in range(NICS)]
        for rig in rigs:
            rig.bind(SIBLING)
            rig.up(SIBLING)
        with concurrent.futures.ThreadPoolExecutor(NICS) as pool:
            wrong = [line for lines in pool.map(work, rigs) for line in lines]
        for rig in rigs:
            rig.__exit__(None, None, None)
    print(f"# {len(named)} personalities walked, {len(wrong)} differences", flush=True)
    check(not wrong, "\n".join(wrong))


def test_named(host):
    """frames land where the model says, of every driver by name"""
    named = [(name, one.keys) for name, one in personalities.ALL.items()]
    # nfprobe refuses to run in switchdev mode, without carrier, and where the PF sets nothing of a VF: nobody asks the model.
    refused = ("mgmt", "no_vf_ops")
    walk_all(host, [(name, keys) for name, keys in named
                    if keys.get("eswitch") != "switchdev" and not any(keys.get(key) for key in refused)])


def test_random(host):
    """the same of personalities drawn by lot"""
    seed, count = os.environ.get("NFPROBE_RANDOM", f"model {RANDOM}").split()
    print(f"# NFPROBE_RANDOM='{seed} {count}'", flush=True)
    walk_all(host, [(f"{seed}/{number}", lots.numbered(seed, number, 300)) for number in range(int(count))])

# SPDX-License-Identifier: GPL-2.0-or-later
"""The tools that the scenarios of tests/vm are written with.

A scenario is a function `test_...(host)` in a file test_*.py here; its docstring is its name in the
report. It raises to fail (`equal`, `check`, or any exception), and Skip to be skipped. Text that it returns is
printed with its result, as comments. `host` is a machine that other scenarios of the same file used before and will use
after: leave it as it was. Differences that are left fail the scenario, and the next one gets a machine that was just
booted.

A file that needs another machine than the usual one (a PF with four VFs, one wire) says so:

    MACHINE = {"pfs": 2, "vfs": (4, 0)}      (fields of machine.Settings)

The machine's clock counts instructions, and while nothing runs in the machine it jumps to the next timer: a minute may be over before
the next command comes. `CLOCK` is for files whose scenarios look around while something lasts.
"""

import contextlib
import json
import os
import random
import shlex
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCHEMAS = ""  # where the JSON schemas are: set by run
NFPROBE_ALL = os.path.join(TOP, "scripts/tools/nfprobe-all")
NFPROBE_CHECK = os.path.join(TOP, "scripts/tools/nfprobe-check")
sys.path.insert(0, os.path.join(TOP, "scripts/lib"))
import machine  # noqa: E402

# Goes with the host's clock while the machine waits.
CLOCK = {"icount": "shift=2"}

PF = "eth0"
WIRE = "eth1"
ZERO = "00:00:00:00:00:00"  # of a VF that has no address

# A value that the kernel or a driver counts, numbers or invents is not state that a run must put back. One
# process in the machine answers each line of its input, since starting it is most of what a look costs.
STATE = r'''
import glob, json, os, select, socket, subprocess, sys, time

def out(command, words):
    """The arrays that `ip -batch` or `bridge -batch` prints."""
    text = subprocess.run(command, input="\n".join(words) + "\n", check=True, capture_output=True, text=True).stdout
    decoder, at = json.JSONDecoder(), 0
    for _ in words:
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at) if at < len(text) else ([], at)
        yield [item for item in value if item]

def read(path):
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError:
        return None

def target(path):
    return os.path.basename(os.readlink(path)) if os.path.islink(path) else None

def listing(path):
    return sorted(os.listdir(path)) if os.path.isdir(path) else []

def own_address(name):
    """A VF driver that was given no address draws a new one at every bind, and tells the PF."""
    return read(f"/sys/class/net/{name}/addr_assign_type") in ("1", "3")

def link_state(link, exact):
    for name in ("ifindex", "stats", "stats64", "qdisc", "link_index", "carrier_changes"):
        link.pop(name, None)
    for info in ("info_data", "info_slave_data"):
        data = link.get("linkinfo", {}).get(info, {})
        for name in [name for name in data if name.endswith("_timer") or "_oper_port_state" in name]:  # the latter are LACP's
            del data[name]
    if link.get("operstate") == "UNKNOWN":  # of a netdev that is up: UP, once the kernel has looked at its carrier
        link["operstate"] = "UP"
    base = f"/sys/class/net/{link['ifname']}"
    if os.path.exists(f"{base}/device/physfn"):
        link.pop("permaddr", None)
        if not exact and own_address(link["ifname"]):
            link.pop("address", None)
    for vf in link.get("vfinfo_list", []):
        vf.pop("stats", None)
        names = listing(f"{base}/device/virtfn{vf['vf']}/net")
        if not exact and names and own_address(names[0]):
            vf.pop("address", None)
    return link

def is_between(name):
    """The driver has told of carrier, or of none, and the kernel has not passed it on (net/core/link_watch.c)."""
    base = f"/sys/class/net/{name}"
    return (read(f"{base}/carrier"), read(f"{base}/operstate")) in (("1", "down"), ("1", "lowerlayerdown"), ("0", "up"))

def settle():
    """Until what the drivers said of their cables is what the kernel says; it takes up to a second."""
    link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    link.bind((0, 1))  # RTMGRP_LINK
    deadline = time.monotonic() + 60
    while any(map(is_between, os.listdir("/sys/class/net"))):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([link], [], [], left)[0]:
            break
        link.recv(65536)
    link.close()

def pci_state(path):
    return {
        "driver": target(f"{path}/driver"),
        "driver_override": read(f"{path}/driver_override"),
        "numvfs": read(f"{path}/sriov_numvfs"),
        "autoprobe": read(f"{path}/sriov_drivers_autoprobe"),
        "netdevs": listing(f"{path}/net"),
    }

def state(exact):
    settle()
    links, addresses = out(["ip", "-d", "-j", "-batch", "-"], ["link show", "address show"])
    (fdb,) = out(["bridge", "-j", "-batch", "-"], ["fdb show"])
    return {
        "links": {link["ifname"]: link_state(link, exact) for link in links},
        "addresses": {a["ifname"]: a.get("addr_info") for a in addresses},
        # Not what a bridge has learned from frames: it forgets that by itself.
        "fdb": {json.dumps(e, sort_keys=True): "there" for e in fdb if e["state"]},
        "namespaces": listing("/run/netns"),
        "pci": {os.path.basename(path): pci_state(path) for path in sorted(glob.glob("/sys/bus/pci/devices/*"))},
        "journal": [f for f in listing("/run/nfprobe") if not f.endswith(".lock")],
    }

for line in sys.stdin:
    print(json.dumps(state(line.strip() == "exact")), flush=True)
'''


class Skip(Exception):
    """This machine or kernel cannot show it; the message says why. A failure in CI."""


def long(test):
    """Marks a scenario that the groups leave to `scripts/check vm-long`, where others show the essence of it in less time."""
    test.is_long = True
    return test


def drawn(variable, items):
    """All of them; if the VARIABLE is "SEED COUNT", so many, drawn by lot, in their order."""
    words = os.environ.get(variable, "").split()
    if len(words) != 2 or int(words[1]) >= len(items):
        return items
    return [items[at] for at in sorted(random.Random(words[0]).sample(range(len(items)), int(words[1])))]


@contextlib.contextmanager
def made(host, commands, undo):
    """What shell commands have made, until others undo it."""
    host.sh(commands)
    try:
        yield
    finally:
        host.sh(undo)


class CommandFailed(AssertionError):
    pass


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def show(value):
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=repr)


def equal(got, expected, what):
    check(got == expected, f"{what}:\n  got      {show(got)}\n  expected {show(expected)}")


def differences(before, after, path=""):
    """One line for each leaf that differs."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(set(before) | set(after)):
            yield from differences(before.get(key), after.get(key), f"{path}/{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for i, (one, other) in enumerate(zip(before, after)):
            yield from differences(one, other, f"{path}/{i}")
    elif before != after:
        yield f"{path}: {show(before)} -> {show(after)}"


class Host:
    """The machine as a scenario sees it."""

    def __init__(self, vm, nfprobe):
        self.vm = vm
        self.nfprobe_path = nfprobe
        self.homes = vars(vm).setdefault("homes", {})

    def run(self, *argv, timeout=900, **request):
        """A command whatever its status: machine.Result, with status, out, err and json()."""
        return self.vm.run([str(word) for word in argv], timeout=timeout, **request)

    def begin(self, *argv, **request):
        """The same in the background: machine.Running, with wait, wait_for, signal."""
        return self.vm.begin([str(word) for word in argv], **request)

    def ok(self, *argv, **request):
        """A command that must succeed; what it wrote on stdout."""
        result = self.run(*argv, **request)
        if result.status != 0:
            raise CommandFailed(f"{shlex.join(result.argv)}: {result.status} {result.error}{result.err}")
        return result.out

    def sh(self, script, **request):
        return self.ok("sh", "-ec", script, **request)

    def json(self, *argv):
        return json.loads(self.ok(*argv))

    def write(self, path, text):
        """Writes to a file of sysfs or procfs, as echo does."""
        self.ok("sh", "-ec", 'printf "%s\\n" "$2" >"$1"', "write", path, text)

    def read(self, path):
        return self.ok("cat", path).strip()

    @staticmethod
    def run_of(args, fixes, probes=False):
        """A run without `fixes` ends with the styles that it is asked for: fixes are what test_styles.py and the matrix test."""
        names = {str(arg).split("=")[0] for arg in args}
        if not probes and ("--vf" not in names or names & {"--list", "--check", "--restore", "--reflect", "--read"}):
            return args
        return (*args, *(() if fixes else ("--skip=fix",)))

    def nfprobe(self, *args, timeout=900, fixes=False, **request):
        return self.run(self.nfprobe_path, *self.run_of(args, fixes), timeout=timeout, **request)

    def begin_nfprobe(self, *args, fixes=False, **request):
        return self.begin(self.nfprobe_path, *self.run_of(args, fixes), **request)

    def nfprobe_all(self, *args):
        """nfprobe-all, which the machine finds where this host has it."""
        return self.run("env", f"NFPROBE={self.nfprobe_path}", "/usr/bin/python3", "-B", NFPROBE_ALL, *self.run_of(args, False, True))

    def nfprobe_check(self, *args, **request):
        return self.run("env", f"NFPROBE={self.nfprobe_path}", "/usr/bin/python3", "-B", NFPROBE_CHECK, *args, **request)

    def state(self, exact=False):
        """All that a run must leave as it was, as nested dicts; compare with `differences`.

        An address that a VF driver drew itself is only part of it when `exact`: what binds the
        driver again gets another one, unless it puts the old one back.
        """
        server = getattr(self.vm, "state_server", None)
        if server is None:
            server = self.begin("/usr/bin/python3", "-I", "-S", "-c", STATE, stdin=True)
            self.vm.state_server = server
        server.write(b"exact\n" if exact else b"\n")
        return json.loads(server.line(300))

    # SR-IOV
    def vf_device(self, vf, pf=PF):
        """Its folder in sysfs."""
        return self.ok("readlink", "-f", f"/sys/class/net/{pf}/device/virtfn{vf}").strip()

    def vf_netdev(self, vf, pf=PF):
        names = self.run("ls", self.vf_device(vf, pf) + "/net").out.split()
        return names[0] if names else None

    def vf_info(self, vf, pf=PF):
        """The PF's words about it: mac, vlan_list, spoofchk, trust, link_state."""
        return self.json("ip", "-d", "-j", "link", "show", pf)[0]["vfinfo_list"][vf]

    def vf_clear(self, vf, pf=PF):
        """Takes a VF the address that it was given; gives back its first one where the PF's driver refuses that."""
        self.ok("ip", "link", "set", pf, "vf", vf, "mac", self.homes.get((pf, vf), ZERO))

    def keep_addresses(self):
        """Gives each VF the address that it has, if its PF's driver refuses to clear it.

        Such a driver draws an address for each VF, and another one at each reset, until it is given one. `homes` has these:
        {(PF, VF): address}.
        """
        for link in self.json("ip", "-d", "-j", "link", "show"):
            for info in link.get("vfinfo_list", []):
                words = ("ip", "link", "set", link["ifname"], "vf", info["vf"], "mac")
                if self.run(*words, ZERO).status:
                    self.ok(*words, info["address"])
                    self.homes[link["ifname"], info["vf"]] = info["address"]

    def vf_unbind(self, vf, pf=PF):
        device = self.vf_device(vf, pf)
        self.write(f"{device}/driver/unbind", os.path.basename(device))

    def vf_bind(self, vf, driver="igbvf", pf=PF):
        self.write(f"/sys/bus/pci/drivers/{driver}/bind", os.path.basename(self.vf_device(vf, pf)))

    def uptime(self):
        """Seconds of the machine's own clock, which a busy host does not stretch."""
        return float(self.read("/proc/uptime").split()[0])

    def wait_carrier(self, netdev, timeout=120, inside=()):
        """Waits for the kernel's notification; needs the netdev to be up. `inside`: a command that enters its namespace."""
        script = "import sys; sys.path.insert(0, '/run/vm'); import agent; agent.wait_carrier(sys.argv[1:])"
        self.ok(*inside, "/usr/bin/python3", "-I", "-S", "-c", script, netdev, timeout=timeout + 10)

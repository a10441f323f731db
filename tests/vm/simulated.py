# SPDX-License-Identifier: GPL-2.0-or-later
"""A simulated NIC (tests/nfsim) in the virtual machine, for scenarios.

    with one(host, "come=up go=down") as nic:        a NIC with 4 VFs that are not bound, PF and wire up
        nic.assign(3, X)                             every method of tests/nfsim/rig.py

    with Module(host, nics=2) as module:             several: loaded; unloaded on leaving, and the kernel's
        with module.nic("arb=vf", number=1) as nic:  log looked at
"""

import json
import os
import re
import subprocess

from scenario import TOP, check

# Addresses that nobody else has.
X = "02:00:5e:00:02:01"
Y = "02:00:5e:00:02:02"
BROADCAST = "ff:ff:ff:ff:ff:ff"

RIG = os.path.join(TOP, "tests/nfsim/rig.py")
TROUBLE = re.compile(r"BUG|WARNING:|Oops|Call Trace|general protection|waiting for|refcount|nfsim.*could not")
# igbvf's own race: its reset task does not take the RTNL, and igbvf_close warns if the task runs (igbvf/netdev.c).
KNOWN = re.compile(r".*WARNING: .* igbvf_close\+.*\n.*Call Trace:.*\n?")
built = []  # where the module is, once it was built


def build(host):
    if not built:
        done = subprocess.run([os.path.join(TOP, "scripts/nfsim-build"), host.vm.settings.kernel_dir], stdout=subprocess.PIPE, text=True)
        check(done.returncode == 0, "scripts/nfsim-build failed")
        built.append(done.stdout.strip())
    return built[0]


class Refused(Exception):
    """The answer of the kernel, or of the command that asked it."""


def rigs(host):
    """The rigs that no scenario has now: to start one takes half a second, as long as many a scenario."""
    return vars(host.vm).setdefault("rigs", {})


class Nic:
    def __init__(self, host, number, rig):
        self.host, self.number, self.rig = host, number, rig
        self.process = rigs(host).pop((rig, number), None) or host.begin("/usr/bin/python3", "-I", "-S", rig, number, stdin=True)

    def call(self, method, *args, timeout=180, **request):
        self.process.write(json.dumps({"do": method, "args": args, **request}).encode() + b"\n")
        answer = json.loads(self.process.line(timeout))
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    def __getattr__(self, name):
        return lambda *args, **request: self.call(name, *args, **request)

    def settled(self):
        """Once the kernel says of both ends what their drivers said of the cable."""
        for end in ("pf", "wire"):
            self.until("operstate", end, "up")

    def refusal(self, method, *args, **request):
        """The sentence of the refusal; None if it was done."""
        try:
            self.call(method, *args, **request)
        except Refused as error:
            return str(error)
        return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.call("leave")
        rigs(self.host)[self.rig, self.number] = self.process


def complaints(log):
    """The lines of the kernel's log that tell of trouble."""
    lines = [line for line in log.splitlines() if TROUBLE.search(line)]
    return KNOWN.sub("", "\n".join(lines)).splitlines()


class Module:
    def __init__(self, host, nics=1):
        self.host, self.count = host, nics

    def __enter__(self):
        self.host.ok("insmod", build(self.host), f"nics={self.count}")
        return self

    def nic(self, personality="", number=0, vfs=4, bound=False, rig=RIG):
        """autoprobe is off unless bound: a VF is what the PF makes of it, until a test binds it."""
        nic = Nic(self.host, number, rig)
        nic.personality("default " + personality)
        nic.up("wire")
        nic.up("pf")
        nic.autoprobe(int(bound))
        nic.vfs(vfs)
        nic.autoprobe(1)
        for end in ("pf", "wire"):
            nic.until("carrier", end, True)
        return nic

    def __exit__(self, kind, *_):
        self.host.ok("rmmod", "nfsim")
        if kind is None:
            lines = complaints(self.host.ok("dmesg"))
            check(not lines, "the kernel complains:\n  " + "\n  ".join(lines[:20]))


class Alone:
    def __init__(self, module, personality, request):
        self.module, self.personality, self.request = module, personality, request

    def __enter__(self):
        self.module.__enter__()
        self.nic = self.module.nic(self.personality, **self.request)
        return self.nic.__enter__()

    def __exit__(self, *error):
        self.nic.__exit__(*error)
        self.module.__exit__(*error)


def one(host, personality="", **request):
    """A NIC alone in its module."""
    return Alone(Module(host), personality, request)

# SPDX-License-Identifier: GPL-2.0-or-later
"""A simulated NIC (tests/nfsim) in the virtual machine, for scenarios.

    with Module(host) as module:                  loaded; unloaded on leaving, and the kernel's log looked at
        with module.nic("come=up go=down") as nic:   a NIC with 4 VFs that are not bound, PF and wire up
            nic.assign(3, X)                      every method of tests/nfsim/rig.py
"""

import json
import os
import re
import subprocess

from scenario import TOP, check

RIG = os.path.join(TOP, "tests/nfsim/rig.py")
TROUBLE = re.compile(r"BUG|WARNING:|Oops|Call Trace|general protection|waiting for|refcount|nfsim.*could not")
built = []  # where the module is, once it was built


def build():
    if not built:
        done = subprocess.run([os.path.join(TOP, "scripts/nfsim-build")], stdout=subprocess.PIPE, text=True)
        check(done.returncode == 0, "scripts/nfsim-build failed")
        built.append(done.stdout.strip())
    return built[0]


class Refused(Exception):
    """What the kernel, or the command that asked it, said."""


class Nic:
    def __init__(self, host, number):
        self.host, self.number = host, number
        self.process = host.begin("/usr/bin/python3", "-I", "-S", RIG, number, stdin=True)
        self.rest = b""

    def line(self, timeout):
        while b"\n" not in self.rest:
            for kind, data in self.process.frames(timeout):
                before = len(self.process.stdout)
                self.process.keep(kind, data)
                self.rest += self.process.stdout[before:]
                break
            else:
                raise AssertionError("the rig ended")
            check(self.process.number in self.host.vm.running, f"the rig ended: {self.process.stderr.decode()}")
        line, _, self.rest = self.rest.partition(b"\n")
        return line

    def call(self, method, *args, timeout=60, **request):
        self.process.write(json.dumps({"do": method, "args": args, **request}).encode() + b"\n")
        answer = json.loads(self.line(timeout))
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    def __getattr__(self, name):
        return lambda *args, **request: self.call(name, *args, **request)

    def refusal(self, method, *args, **request):
        """What was said; None if it was done."""
        try:
            self.call(method, *args, **request)
        except Refused as error:
            return str(error)
        return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.write(b"")
        self.process.wait(30)


class Module:
    def __init__(self, host, nics=1):
        self.host, self.count = host, nics

    def __enter__(self):
        self.host.ok("insmod", build(), f"nics={self.count}")
        return self

    def nic(self, personality="", number=0, vfs=4, bound=False):
        """autoprobe is off unless bound: a VF is what the PF makes of it, until a test binds it."""
        nic = Nic(self.host, number)
        nic.personality("default " + personality)
        nic.up("wire")
        nic.up("pf")
        nic.autoprobe(int(bound))
        nic.vfs(vfs)
        nic.autoprobe(1)
        nic.until("carrier", "pf", True)
        return nic

    def __exit__(self, kind, *_):
        self.host.ok("rmmod", "nfsim")
        if kind is None:
            lines = [line for line in self.host.ok("dmesg").splitlines() if TROUBLE.search(line)]
            check(not lines, "the kernel complains:\n  " + "\n  ".join(lines[:20]))

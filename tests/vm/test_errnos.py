# SPDX-License-Identifier: GPL-2.0-or-later
"""Every errno with which the kernel's drivers refuse a VF's address: what is said, and the host as before."""

import concurrent.futures
import errno
import os

from probing import PACE, outcome, words
from scenario import differences, equal
from simulated import Module

# The answers of drivers, and a word of the advice for each.
ANSWERS = {"EBUSY": "probe again", "EAGAIN": "probe again", "EINVAL": "--mac", "EOPNOTSUPP": "firmware", "ENOMEM": "fewer VFs",
           "EEXIST": "bridge fdb show", "EPERM": "CAP_NET_ADMIN", "ENODEV": "--list"}
NICS = 4


def run(host, number, style):
    return host.nfprobe(f"nf{number}", "--vf", 3, "--style", style, "--from", f"nf{number}w", *PACE, "--json")


def judge(result, name, hint, verdict):
    """A refusal because the address is there already is a verdict; any other proves nothing."""
    out = outcome(result, {"refused": 1, "unknown": 3}[verdict])
    style = out["vf"]["styles"][0]
    equal((style["verdict"], out["restored"]), (verdict, True), f"{name}: verdict, restored")
    refused = [step for step in style["steps"] if step["status"] == "refused"]
    words(refused[0]["note"], os.strerror(errno.__dict__[name]), f"{name}: the note of {refused[0]['state']}")
    words(style["reason"], (os.strerror(errno.__dict__[name]), hint), f"{name}: the reason")


def test_errnos(host):
    """each errno, on several NICs at a time"""
    with Module(host, nics=NICS) as module:
        rigs = [module.nic(number=number, bound=True) for number in range(NICS)]

        def work(number):
            for name, hint in list(ANSWERS.items())[number::NICS]:
                rigs[number].personality(f"default busy={name} busy_ms=60000")
                judge(run(host, number, "macvtap"), name, hint, "refused" if name == "EEXIST" else "unknown")
                rigs[number].personality("default")

        before = host.state(exact=True)
        with concurrent.futures.ThreadPoolExecutor(NICS) as pool:
            list(pool.map(work, range(NICS)))
        equal(list(differences(before, host.state(exact=True))), [], "what is different")
        for rig in rigs:
            rig.__exit__(None, None, None)

# SPDX-License-Identifier: GPL-2.0-or-later
"""256 VFs: more than the kernel's list of them, whose length is 16 bits, has room for."""

import json
import sys

from scenario import TOP, check, differences, equal
from simulated import Module

sys.path.insert(0, TOP + "/tests/nfsim")
import alike  # noqa: E402

VFS = 256
DELAY_MS = 1  # of the driver, for each VF, as that of a query to firmware
PROBED = (0, 128, 255)
KEYS = {"come": "up", "go": "down+unplug+reset+clear", "arb": "vf"}
# A filter that is off has no address. The kernel joins all nodes and all hosts on each netdev; the driver is told when that first comes up.
STATE = """
sed 's/^\\(vf[0-9]*\\) [0-9a-f:]* off/\\1 off/' /sys/kernel/debug/nfsim/nfsim0/filters |
    sed '/^vf[0-9]* group \\(33:33:00:00:00:01\\|01:00:5e:00:00:01\\) /d'
cd /sys/bus/nfsim/devices
for vf in nfsim0-vf*; do echo "$vf $(readlink "$vf/driver") $(ls "$vf/net" 2>/dev/null)"; done
ls /run/nfprobe 2>/dev/null | grep -v 'lock$' || true
"""


def mac(vf):
    return f"02:00:5e:02:00:{vf:02x}"


def test_many(host):
    """of 256 VFs all are listed, the first, the last and one in the middle are probed, and all is put back"""
    with Module(host) as module, module.nic("come=up go=down+unplug+reset+clear arb=vf", vfs=VFS) as nic:
        for vf in (0, 1, 127, 254, 255):
            nic.assign(vf, mac(vf))
        for vf in (1, 255):  # the others are probed with the driver of a sibling
            nic.bind(vf)
        before = host.sh(STATE).splitlines()
        listed = host.nfprobe("--list", "nf0", "--json")
        equal(listed.status, 0, "status of --list: " + listed.err)
        vfs = listed.json()["pfs"][0]["vfs"]
        equal([vf["vf"] for vf in vfs], list(range(VFS)), "VFs listed")
        equal({vf["vf"]: vf["address"] for vf in vfs if vf["vf"] in (0, 1, 127, 254, 255)},
              {vf: mac(vf) for vf in (0, 1, 127, 254, 255)}, "their addresses")
        for number in PROBED:
            done = host.nfprobe("nf0", "--vf", number, "--from", "nf0w", "--style", "macvtap", "--settle", "0.3", "--rate", "200",
                                "--json", timeout=400)
            equal(done.status, 0, "status: " + done.err)
            out = done.json()
            case = alike.Case(f"VF {number}", KEYS)
            wrong = list(alike.differences(case, out, alike.truths_of(case, out)))
            check(not wrong, "\n".join(wrong))
        changes = list(differences(before, host.sh(STATE).splitlines()))
        check(not changes, "what the run left changed:\n" + "\n".join(changes))


# How the kernel reports VFs (net/core/rtnetlink.c, rtnl_fill_vf): all or none, each by a call of the driver, under RTNL.
COST = """
import json, resource, subprocess, sys, time
begin = time.monotonic()
done = subprocess.run(sys.argv[1:], capture_output=True, text=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([done.returncode, time.monotonic() - begin, used.ru_utime + used.ru_stime, done.stderr]))
"""


def cost_of_run(host, vfs):
    """[times that all VFs were asked for, seconds, seconds of processor time] of a run in one style."""
    with Module(host) as module, module.nic(f"come=up go=down+unplug+reset+clear arb=vf get_us={DELAY_MS}000", vfs=vfs) as nic:
        nic.bind(3)
        nic.settled()
        nic.reads(clear=True)
        done = host.ok("/usr/bin/python3", "-I", "-S", "-c", COST, host.nfprobe_path, "nf0", "--vf", 3, "--from", "nf0w", "--style",
                       "macvtap", timeout=400)
        status, seconds, cpu, err = json.loads(done)
        reads = nic.reads()
        equal(status, 0, f"status with {vfs} VFs: {err}")
        equal(reads % vfs, 0, f"calls for {vfs} VFs")
        return reads // vfs, seconds, cpu


def test_reads(host):
    """a run in which nothing else happens asks for the VFs of the PF at most seven times"""
    few, many = cost_of_run(host, 4), cost_of_run(host, VFS)
    check(many[0] <= 7, f"{many[0]} times")
    return (f"{VFS} VFs against 4, {DELAY_MS} ms each: {many[1]:.1f} s against {few[1]:.1f} s ({many[1] / few[1]:.2f}), processor time "
            f"{many[2]:.1f} s against {few[2]:.1f} s ({many[2] / few[2]:.2f}), VFs read {many[0]} times against {few[0]}")


def test_audit(host):
    """an audit of a host with 256 VFs asks their driver for each of them once"""
    with Module(host) as module, module.nic(f"come=up go=down+unplug+reset+clear arb=vf get_us={DELAY_MS}000", vfs=VFS) as nic:
        for vf in range(0, VFS, 2):
            nic.assign(vf, mac(vf))
        nic.settled()
        nic.reads(clear=True)
        status, seconds, cpu, err = json.loads(host.ok("/usr/bin/python3", "-I", "-S", "-c", COST, host.nfprobe_path, "--audit", "nf0"))
        equal((status, err), (0, ""), "status, stderr")
        equal(nic.reads(), VFS, "calls of the driver")
    return f"{VFS} VFs, {DELAY_MS} ms each for the driver: {seconds:.2f} s, processor time {cpu:.2f} s"

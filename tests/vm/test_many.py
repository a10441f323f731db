# SPDX-License-Identifier: GPL-2.0-or-later
"""256 VFs: more than the kernel's list of them, whose length is 16 bits, has room for."""

import sys

from scenario import TOP, check, differences, equal
from simulated import Module

sys.path.insert(0, TOP + "/tests/nfsim")
import model  # noqa: E402

VFS = 256
PROBED = (0, 128, 255)
KEYS = {"come": "up", "go": "down+unplug+reset+clear", "arb": "vf"}
STATE = """
sed 's/^\\(vf[0-9]*\\) [0-9a-f:]* off/\\1 off/' /sys/kernel/debug/nfsim/nfsim0/filters  # of a filter that is off, no address
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
        done = host.nfprobe("nf0", "--vf", ",".join(map(str, PROBED)), "--from", "nf0w", "--settle", "0.3", "--rate", "200",
                            "--json", timeout=400)
        equal(done.status, 0, "status: " + done.err)
        probed = done.json()["vfs"]
        equal([vf["vf"] for vf in probed], list(PROBED), "VFs probed")
        for vf in probed:
            for style in vf["styles"]:
                allowed = [answer.verdict for answer in model.expect(KEYS, style["style"])]
                check(style["verdict"] in allowed, f"VF {vf['vf']} {style['style']}: {style['verdict']} {style['reason']}")
        changes = list(differences(before, host.sh(STATE).splitlines()))
        check(not changes, "what the run left changed:\n" + "\n".join(changes))

# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the results in tests/fixtures anew (scripts/soak fixtures 1), of the emulated card and of simulated ones.

Each is of a run on a VF that has an address, a VLAN and other attributes of its own, as far as its driver has them.
"""

import json
import os
import subprocess
import sys

from scenario import PF, TOP, WIRE, check
from simulated import one

sys.path.insert(0, TOP + "/tests/nfsim")
import personalities  # noqa: E402

VF = "3"
# The run leaves out the VLAN of the VF, so that it changes that, too.
QUICK = ("--skip=transmit", "--rate", "50", "--vlan", "0")
ADDRESS = "02:00:5e:00:05:01"

# A driver, and what of it no other has here.
SIMULATED = {
    "ixgbe": "every attribute, and counters of its VFs",
    "mlx4-two-ports": "VLAN 4095 stands for none, no trust, two netdevs a VF",
    "bnxt-last-address": "goes on reporting the last address, in place of none",
    "ice-in-reset": "leaves VFs out of its report while they are reset",
    "octeontx2": "refuses to clear an address, no spoofchk",
}
# These are about a VF without an address; it has no driver either.
BARE = ("bnxt-last-address", "octeontx2")


def keep(host, name, pf, source, *args):
    result = host.nfprobe(pf, "--vf", VF, "--from", source, *QUICK, *args, "--json", near=True)
    check(result.status in (0, 1, 3), f"{name}: status {result.status}: {result.err}")
    path = os.path.join(os.environ["FIXTURES_WORK"], name + ".json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(result.json(), file)
    subprocess.run([os.path.join(TOP, "scripts/fixture"), "add", "--anew", path, name], check=True)


def furnish(host, pf, keys):
    """Gives the VF values other than those of a new one; `keys` as of a personality."""

    def vf(*words):
        host.ok("ip", "link", "set", pf, "vf", VF, *words)

    vf("mac", ADDRESS)
    vf("vlan", "77", "qos", "3")
    if keys.get("spoofchk") != "absent":
        vf("spoofchk", "on" if keys.get("spoofchk") == "off" else "off")
    if keys.get("trust") != "absent":
        vf("trust", "on")
    if keys.get("rate"):
        vf("max_tx_rate", "100")


def test_igb(host):
    """a fixture of igb, as QEMU emulates it"""
    before = host.vf_info(3)
    furnish(host, PF, {"rate": 1})
    try:
        keep(host, "igb", PF, WIRE, "--settle", "0.5")
    finally:
        for words in (("mac", before["address"]), ("vlan", "0"), ("spoofchk", "on"), ("trust", "off"), ("max_tx_rate", "0")):
            host.ok("ip", "link", "set", PF, "vf", VF, *words)


def test_simulated(host):
    """fixtures of simulated NICs"""
    for name in SIMULATED:
        personality = personalities.ALL[name]
        bare = name in BARE
        with one(host, personality.text().removeprefix("default "), bound=not bare) as nic:
            if bare:
                nic.bind(1)  # by which the driver is known
            else:
                nic.personality("vfr=never")  # or the driver refuses the next setting
                furnish(host, "nf0", personality.keys)
                nic.personality("vfr=" + personality.keys.get("vfr", "never"))
            keep(host, "nfsim-" + name, "nf0", "nf0w", "--style", "macvtap", "--settle", "0.6")

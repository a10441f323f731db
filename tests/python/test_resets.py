# SPDX-License-Identifier: GPL-2.0-or-later
"""NICs in memory whose PF loses its carrier whenever a VF's address is set: a ladder waits for it, as it begins and before it goes on."""

import json
import os
import subprocess

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MEMPROBE = os.environ.get("MEMPROBE", TOP + "/build/tests/memnic/memprobe")


@pytest.mark.parametrize("options, nic, verdicts", [
    # The ladder before has cleared the VF, which takes longer than anything that the next one does first.
    ("--style macvtap,bridge,bridge+fdb", "come=driver+assign+reset go=down+unplug+clear arb=pf set_reset_ms=4000 unreg_wire=1",
     {"macvtap": "deaf", "bridge": "early", "bridge+fdb": "deaf"}),
    # A guest was let use the VF in between, and the VF is cleared before the ladder is made anew.
    ("--style macvtap,bridge --skip=fix", "come=up+reset go=reset+unplug arb=vf set_reset_ms=200 promisc_vf=0",
     {"macvtap": "early", "bridge": "early"}),
], ids=["begin", "anew"])
def test_the_carrier_is_waited_for(options, nic, verdicts):
    done = subprocess.run([MEMPROBE], input=f"{options} -- {nic}\n", stdout=subprocess.PIPE, text=True, check=True)
    styles = json.loads(done.stdout)["vf"]["styles"]
    assert {style["style"]: style["verdict"] for style in styles} == verdicts

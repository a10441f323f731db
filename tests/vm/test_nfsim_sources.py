# SPDX-License-Identifier: GPL-2.0-or-later
"""A VF that is the source where the PF has no cable, on a simulated NIC."""

from probing import PACE, outcome, refused, unchanged
from scenario import check, equal
from simulated import one

QUICK = ("--vf", 3, *PACE)
SAFE = "come=up go=down+unplug+clear arb=both"


def test_no_cable(host):
    """no cable: VFs with link all the same send to each other; what the wire would say is not known, but if that is allowed"""
    with one(host, SAFE, bound=True) as nic:
        for vf in (1, 3):
            nic.vf(vf, "state", "enable")
        nic.cable(False)
        nic.until("carrier", "pf", False)
        refused(host, *QUICK, code="pf-no-carrier", says="nf0 has no carrier", hint="--from vf:M", pf="nf0")
        for more, status, failover in (((), 3, "unknown"), (("--allow", "no-wire"), 0, "yes")):
            with unchanged(host):
                out = outcome(host.nfprobe("nf0", *QUICK, "--from", "vf:1", "--style", "macvtap", *more, "--json"), status)
            equal((out["pf"]["no_carrier"], out["source"]["by"]), (True, "vf"), "carrier, source")
            check("nf0 has no carrier" in out["answer"] and failover == out["failover"]["answer"], f"{out['answer']} {out['failover']}")
            equal({style["no_wire"] for style in out["vf"]["styles"]}, {bool(more)}, "by --allow no-wire")
        nic.cable(True)
        nic.until("carrier", "pf", True)

# SPDX-License-Identifier: GPL-2.0-or-later
"""plans"""
from simulated import one
SAFE = "come=up go=down+unplug+clear arb=both"


def test_plans(host):
    """plans"""
    with one(host, SAFE, bound=True):
        for args in (("--vf", 3), ("--vf", "all", "--repeat", 2, "--from", "nf0w,vf:1", "--mac", "02:00:00:00:00:77"), ("--vf", 3, "--from", "arp:10.9.9.9"),
                     ("--vf", 2, "--no-multicast", "--style", "bridge"), ("--vf", "0,1", "--no-announce", "--from", "nf0w")):
            plan = host.nfprobe("nf0", *args, "--dry-run")
            print("PLAN", args, plan.status, plan.err)
            for line in plan.out.splitlines():
                print("PLAN|" + line)

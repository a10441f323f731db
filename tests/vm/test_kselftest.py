# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel selftest of scripts/kselftest on simulated NICs that are bad in each way."""

from kselftest import Nic, each, probed


def test_deaf_promiscuous(host):
    """a promiscuous PF that gets the frames in place of the VF: the case fails, since no driver does that; deaf"""
    return probed(host, Nic("come=up go=down+unplug+clear arb=both promisc_owned=alone", "safe", "deaf", (), each("promisc", "up")))


def test_never_back(host):
    """a VF that keeps its address for good: that it is not cleared is a failure, since net_failover.rst relies on it; sticky"""
    return probed(host, Nic("come=up go=never arb=vf", "sticky", "sticky", (*each("filter", "unbind"), *each("promisc", "unbind")),
                            (*each("filter", "clear"), *each("promisc", "clear"))))


def test_early(host):
    """an idle VF gets the address beside a promiscuous PF: reported, also that the PF does not reach a guest elsewhere; early"""
    return probed(host, Nic("come=assign+reset+driver+up go=clear arb=both promisc_vf=0", "safe", "early",
                            (*each("promisc", "assign", "reset", "unbind", "vf_first"), "neighbour")))

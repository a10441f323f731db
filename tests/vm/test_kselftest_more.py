# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel selftest of scripts/kselftest on more NICs, and on the emulated igb without VFs."""

from kselftest import IGB, Nic, each, kselftest, printed, probed
from scenario import PF, WIRE, equal


def test_deaf_in_filter(host):
    """two equal filters, of which the PF's wins: reported; deaf"""
    return probed(host, Nic("come=up go=down+unplug+clear arb=pf", "deaf", "safe", each("filter", "up")))


def test_keeps(host):
    """a VF whose address cannot be cleared: reported; safe, as a reset gives it back"""
    return probed(host, Nic("come=up go=down+unplug+reset arb=both zero=EINVAL", "safe", "safe",
                            (*each("filter", "clear"), *each("promisc", "clear"))), keeps=True)


def test_safe(host):
    """a NIC that does all as it should: each case passes; safe"""
    return probed(host, Nic("come=up go=down+unplug+clear arb=both", "safe", "safe"))


def test_igb_without_vfs(host):
    """the emulated igb, which has no VFs: the test makes one, and takes it away"""
    numvfs = f"/sys/class/net/{PF}/device/sriov_numvfs"
    count = host.read(numvfs)
    host.write(numvfs, 0)
    host.wait_carrier(PF)
    try:
        results, text = kselftest(host, PF, WIRE, "far")
        equal(host.read(numvfs), "0", "number of VFs after the test")
    finally:
        host.write(numvfs, count)
        host.wait_carrier(PF)
    equal({case: outcome for case, (outcome, _) in results.items() if outcome != "pass"}, dict.fromkeys(IGB.xfail, "xfail"), text)
    return printed(text)


def test_refused(host):
    """an address that the PF holds is refused to the VF: reported in each case that needs it; refused"""
    return probed(host, Nic("come=up go=down+unplug+clear arb=both vf_second=EEXIST", "refused", "safe",
                            each("filter", "assign", "reset", "up", "unbind", "clear")))


def test_sticky(host):
    """a VF that keeps its address until it is cleared: reported; sticky"""
    return probed(host, Nic("come=up go=clear arb=vf", "sticky", "sticky", (*each("filter", "unbind"), *each("promisc", "unbind"))))

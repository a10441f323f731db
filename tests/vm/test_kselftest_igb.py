# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel selftest of scripts/kselftest on the emulated igb."""

from kselftest import IGB, complaints, kselftest, printed, verdicts_of
from scenario import PF, WIRE, check


def test_igb(host):
    """the emulated igb, with a VF that the test borrows: as nfprobe says"""
    results, text = kselftest(host, PF, WIRE, "far")
    wrong = complaints(IGB, results, verdicts_of(host, PF, 0, WIRE), text)
    check(not wrong, wrong)
    return printed(text)

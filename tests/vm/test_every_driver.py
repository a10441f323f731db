# SPDX-License-Identifier: GPL-2.0-or-later
"""Every simulated driver with all five styles in one run: what nfprobe says is what the model says (scripts/check vm-drivers).

In parts, which several machines share.
"""

from test_matrix import personalities
from test_matrix_styles import probed

PARTS = 4


def a_part(host, number):
    probed(host, list(personalities.PERSONALITIES)[number::PARTS])


def test_first_part(host):
    """all five styles on every driver: a quarter of them"""
    a_part(host, 0)


def test_second_part(host):
    """.. the second"""
    a_part(host, 1)


def test_third_part(host):
    """.. the third"""
    a_part(host, 2)


def test_fourth_part(host):
    """.. the last"""
    a_part(host, 3)

# SPDX-License-Identifier: GPL-2.0-or-later
"""What pytest has to know of these tests."""


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes a good part of a second; `make quick` leaves it out")

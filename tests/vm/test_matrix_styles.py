# SPDX-License-Identifier: GPL-2.0-or-later
"""Standbys as people build them, on simulated drivers: what nfprobe says of the five styles is what is true in memory.

Here on one driver of some archetypes; of every driver in memory.
"""

from scenario import long
from test_matrix import Case, judge, none, one_of_each_archetype, personalities, slow_enough

# A second VF gets what is not its own only if the PF's driver trusts it.
TRUSTED = "ixgbe ice mlx5 groups-stolen".split()


def probed(host, names, **more):
    keys = [{**personalities.PERSONALITIES[name].keys, **more} for name in names]
    none(judge(host, [Case(name, one, style="all", settle_ms=slow_enough(one)) for name, one in zip(names, keys)]))


ARCHETYPES = sorted(dict(one_of_each_archetype()))


def test_archetypes(host):
    """all five styles in one run, on one driver of every other archetype"""
    probed(host, ARCHETYPES[::2])


@long
def test_more_archetypes(host):
    """the same on the others"""
    probed(host, ARCHETYPES[1::2])


@long
def test_trusted(host):
    """the same, and trusted VFs"""
    probed(host, TRUSTED, trust="on")

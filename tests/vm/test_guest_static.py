# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest that sends, with static-bridge as its standby: a sticky entry, and that of a real libvirtd."""

from guest import static_bridge, static_bridge_libvirt
from scenario import CLOCK
from test_guest import ALL, DEAF, STATES, life

MACHINE = {"failover": True, "vfs": (2,), **CLOCK}

# The same of a guest that sends a frame by its VF, and then one by its standby.
SPEAKING = tuple((state, (*actions, "speak") if state in ("up", "unplug") else actions, *more) for state, actions, *more in STATES)

# Where libvirt keeps the table, its entry is not sticky: it moves to the PF once the guest has sent by its VF
# (br_fdb_update), and since libvirt's tap does not learn, no frame of the guest's moves it back.
KEPT = (
    *SPEAKING[:4],
    ("unplug", ("unbind", "speak"), (), DEAF),
    ("put back", ("put_back",), ("unplug",), "pf"),
    *SPEAKING[5:],
)


def test_sticky(host):
    """standby on static-bridge, whose entry is sticky, of a guest that sends"""
    return life(host, static_bridge, "static-bridge", ALL, SPEAKING)


def test_libvirt(host):
    """standby on a bridge whose table libvirt keeps (macTableManager): once the guest has sent by its VF, its entry must be put back"""
    return life(host, static_bridge_libvirt, "static-bridge", ALL, KEPT)

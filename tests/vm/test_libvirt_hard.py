# SPDX-License-Identifier: GPL-2.0-or-later
"""The entry of the libvirt hook under a real libvirtd: each VF of the NIC gets its guest at the same moment."""

from scenario import CLOCK, check, equal
from test_libvirt import UNHELPED, bridged, configure, cured, primary, served, unfit
from virsh import define, done, libvirtd

MACHINE = {"cmdline": "nfprobe=services", "pfs": 2, "vfs": (7, 2), **CLOCK}
STYLES = ("bridge", "bridge+fdb+pin")
HANGS_S = 3600  # by the host's clock: a busy host takes minutes for seven guests
MACS = [f"02:00:5e:00:03:{i:02x}" for i in range(7)]


def test_at_once(host):
    """a guest for each VF, all started and ended at the same moment: an entry for each, then none"""
    with bridged(host, cured("learning-off"), STYLES), libvirtd(host, "libvirtd"):
        for i, mac in enumerate(MACS):
            define(host, f"g{i}", "bridge", "bridge='br0'", mac, primary(host, mac, i))
        # Their processors would only take time from the machine's.
        for what, expected in (("start", "--paused"), MACS), (("destroy",), []):
            commands = [host.begin("virsh", "-q", *what, f"g{i}") for i in range(len(MACS))]
            equal([command.wait(HANGS_S).status for command in commands], [0] * len(MACS), f"virsh {what}")
            served(host, expected, f"after virsh {what}")


def test_found_again(host):
    """a libvirtd that comes back finds three guests, and the hook judges each of them"""
    with bridged(host, "off", UNHELPED) as log:
        with libvirtd(host, "libvirtd"):
            for i, mac in enumerate(MACS[:3]):
                define(host, f"g{i}", "bridge", "bridge='br0'", mac, primary(host, mac, i))
                done(host, "start", "--paused", f"g{i}")
        configure(host, "warn")
        with libvirtd(host, "libvirtd"):
            for i in range(3):
                check(log.wait_for(unfit(host, i, f"g{i}"), HANGS_S), f"the guest g{i} is not judged")

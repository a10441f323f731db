# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated NIC does what its personality says: each key, seen by plain sockets."""

from scenario import check, equal
from simulated import Module

X = "02:00:5e:00:02:01"
Y = "02:00:5e:00:02:02"
STRANGER = "02:00:5e:00:02:99"
BROADCAST = "ff:ff:ff:ff:ff:ff"


def walk(nic, vf=3, to=X):
    """A guest's life, and where frames from the wire land in each state of it."""
    row = {"standby": nic.landing(to)}
    nic.assign(vf, to)
    row["assign"] = nic.landing(to)
    nic.reset(vf)
    row["attach"] = nic.landing(to)
    nic.bind(vf)
    row["driver"] = nic.landing(to)
    nic.up(vf)
    nic.until("carrier", vf, True)
    row["up"] = nic.landing(to)
    nic.down(vf)
    row["down"] = nic.landing(to)
    nic.unbind(vf)
    row["unplug"] = nic.landing(to)
    nic.reset(vf)
    row["detach"] = nic.landing(to)
    nic.clear(vf)
    row["clear"] = nic.landing(to)
    return row


def test_devices(host):
    """bus, links, drivers, ethtool and devlink look like those of an SR-IOV NIC"""
    with Module(host) as module, module.nic(bound=True) as nic:
        for name in ("device/sriov_totalvfs", "device/sriov_numvfs", "device/virtfn3/physfn/sriov_totalvfs"):
            check(host.read(f"/sys/class/net/nf0/{name}") in ("256", "4"), name)
        print(nic.vf_files(3))

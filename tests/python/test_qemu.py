# SPDX-License-Identifier: GPL-2.0-or-later
"""Does QEMU take a pair where its XML has it? Each case was tried with QEMU 10.0 (pseries: 7.2): -device virtio-net-pci,failover=on,id=n,
and -device e1000e,failover_pair_id=n at that place."""

import re

import pytest

from nfprobe_tools import qemu
from test_pair import ETH0, HOSTDEV, MAC, PLAIN, VF, a_host, judged, standby, transient, vf

ROOT = "<controller type='pci' index='0' model='pcie-root'/>"
PORT = "<controller type='pci' index='1' model='pcie-root-port'><target chassis='1' port='0x10'/></controller>"
NO_HOTPLUG = PORT.replace("<target ", "<target hotplug='off' ")
SWITCH = "<controller type='pci' index='1' model='pcie-switch-downstream-port'/>"
ARCHES = {"s390": "s390x", "pseries": "ppc64le", "virt": "aarch64"}
HOST = a_host(ETH0, vfs=(vf(0, VF, address=MAC),))
OTHER = "<disk><address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x1'/></disk>"


def at(bus, more="slot='0x00' function='0x0'"):
    return f"<address type='pci' domain='0x0000' bus='{bus}' {more}/>"


def in_guest(address, element=None):
    return re.sub("(<teaming type='transient'[^>]*>)", rf"\1{address}", element or transient())


WRONG = {
    "i440fx, by its long name": ("machine='pc-i440fx-9.2'", "", "", "machine pc-i440fx-9.2 has no PCI Express", "machine='q35' in <type>"),
    "i440fx": ("machine='pc'", "", at(0, "slot='0x05' function='0x0'"), "machine pc has no PCI Express", "machine='q35' in <type>"),
    "i440fx, with a bridge": ("machine='pc'", "<controller type='pci' index='1' model='pci-bridge'/>", at(1), "machine pc has no", "q35"),
    "pseries": ("machine='pseries-9.2'", "", "", "machine pseries-9.2 has no PCI Express", ""),
    "s390x": ("machine='s390-ccw-virtio'", "", "", "machine s390-ccw-virtio has no PCI Express", ""),
    "a machine whose virtio is old": ("machine='pc-q35-2.6'", "", "", "pc-q35-2.6 has virtio NICs of the time before 1.0", "machine='q35'"),
    "the root complex": ("machine='q35'", ROOT, at(0, "slot='0x05'"), "on the pcie-root, where no device comes while", "without <address"),
    "the same, without controllers": ("machine='pc-q35-9.2'", "", at("0x00"), "on the pcie-root, where", "without <address"),
    "virt": ("machine='virt-9.2'", "", at(0), "on the pcie-root, where", "without <address"),
    "an expander": ("machine='q35'", "<controller type='pci' index='1' model='pcie-expander-bus'/>", at(1), "the pcie-expander-bus, where",
                    "without <address"),
    "a bridge of PCI": ("machine='q35'", "<controller type='pci' index='3' model='pcie-to-pci-bridge'/>", at("0x03"),
                        "on a pcie-to-pci-bridge, which is no PCI Express", "without <address type='pci'>"),
    "the bridge of old q35": ("machine='q35'", "<controller type='pci' index='2' model='pci-bridge'/>", at(2), "on a pci-bridge, which is",
                              "without <address type='pci'>"),
    "no hotplug": ("machine='q35'", NO_HOTPLUG, at(1), "on a pcie-root-port with hotplug='off', where", "<target> without hotplug='off'"),
    "the second function": ("machine='q35'", PORT, at(1, "slot='0x00' function='0x1'"), "is function 1 of its slot, and QEMU", "without <"),
    "many functions": ("machine='q35'", PORT, at(1, "multifunction='on'"), "has multifunction='on', and QEMU", "without <address"),
    "a slot that is shared": ("machine='q35'", PORT + OTHER, at(1), "shares its slot with another device, and QEMU", "without <address"),
    "not for the guest": ("machine='q35'", PORT, "<address type='unassigned'/>", "keeps the VF from the guest", "without that <address>"),
}
WELL = {
    "libvirt's choice": ("machine='q35'", ROOT + PORT, ""),
    "what libvirt makes of that": ("machine='pc-q35-9.2'", ROOT + PORT, at(1)),
    "a file that has no controllers": ("machine='q35'", "", at(7)),
    "a port of a switch": ("machine='q35'", SWITCH, at(1)),
    "another port without hotplug": ("machine='q35'", NO_HOTPLUG, at(2)),
    "another device in another slot": ("machine='q35'", PORT + OTHER, at(2)),
    "virt": ("machine='virt'", PORT, at(1)),
    "a machine of Red Hat": ("machine='pc-q35-rhel9.4.0'", PORT, at(1)),
    "the first with virtio 1.0": ("machine='pc-q35-2.7'", PORT, at(1)),
    "multifunction that is off": ("machine='q35'", PORT, at(1, "multifunction='off'")),
}


def judged_at(machine, controllers, address, element=None, **more):
    arch = next((arch for name, arch in ARCHES.items() if name in machine), "x86_64")
    [one] = judged(HOST, controllers, standby(), in_guest(address, element), machine=machine, arch=arch, **more)
    return one


@pytest.mark.parametrize("kind", ("interface", "hostdev"))
@pytest.mark.parametrize("name", WRONG)
def test_a_place_that_is_refused(name, kind):
    machine, controllers, address, words, change = WRONG[name]
    [fault] = judged_at(machine, controllers, address, HOSTDEV if kind == "hostdev" else None).faults
    assert words in fault.what and (change in fault.change if change else fault.change == ""), fault


@pytest.mark.parametrize("name", WELL)
def test_a_place_that_is_taken(name):
    one = judged_at(*WELL[name])
    assert (one.faults, one.doubts) == ((), ()), one


def test_each_row_has_a_case():
    seen = {fault.what for name in WRONG for fault in judged_at(*WRONG[name][:3]).faults}
    for row in qemu.ROWS[:-1]:
        pattern = "(.*)".join(map(re.escape, re.split("{[^}]*}", row.what)))
        assert any(re.fullmatch(pattern, what) for what in seen), row.what


@pytest.mark.parametrize("pci_class, refused", (("0x020000", False), ("", False), ("0x028000", True), ("0x020700", True)))
def test_the_class_of_the_vf(pci_class, refused):
    one = judged_at("machine='q35'", "", "", pci_class=pci_class)
    assert [f"class {pci_class}, and no Ethernet" in fault.what for fault in one.faults] == [True] * refused


@pytest.mark.parametrize("machine, doubt", (
    ("", "the XML has no machine in <type>"), ("machine='sbsa-ref'", "whether machine sbsa-ref has PCI Express"),
    ("machine='microvm'", "whether machine microvm"), ("machine='pc'", "")))
def test_a_machine_that_is_not_known(machine, doubt):
    one = judged_at(machine, "", "")
    assert doubt in " ".join(one.doubts) and len(one.doubts) == bool(doubt), one


@pytest.mark.parametrize("machine, kind, fault, doubt", (
    ("machine='q35'", "direct", "of model rtl8139, which libvirt takes without <model>", ""), ("machine='pc'", "direct", "rtl8139", ""),
    ("", "direct", "rtl8139", "no machine"), ("machine='virt'", "direct", "", "has no <model>"), ("machine='q35'", "vdpa", "", "")))
def test_a_standby_without_a_model(machine, kind, fault, doubt):
    arch = "aarch64" if "virt" in machine else "x86_64"
    [one] = judged(a_host(ETH0), standby(kind).replace("<model type='virtio'/>", ""), transient(), machine=machine, arch=arch)
    assert fault in " ".join(map(str, one.faults)) and bool(one.faults) == bool(fault), one
    assert doubt in " ".join(one.doubts) and len(one.doubts) == bool(doubt), one


def test_a_pair_of_the_guests_own_is_nothing_to_qemu():
    """It has no failover_pair_id; but a VF that is not in the guest is in no bond."""
    for address, refused in (("", False), (at(0), False), ("<address type='unassigned'/>", True)):
        plain = PLAIN.replace("</hostdev>", f"{address}</hostdev>")
        [one] = judged(HOST, standby(teaming="", model="e1000e"), plain, assigned={VF: MAC}, machine="machine='pc'")
        assert ["keeps the VF from" in fault.what for fault in one.faults] == [True] * refused and not one.doubts


@pytest.mark.parametrize("alias, runs, fault, doubt", (
    ("ua-backup0", "", "", ""), ("backup0", "", "libvirt keeps no alias but ua-.., so that backup0 names no NIC", ""),
    ("ua-b:0", "", "so that ua-b:0 names no NIC", ""), ("net0", "", "", "whether the alias net0"), ("net0", " id='3'", "", "")))
def test_the_alias_of_a_standby(alias, runs, fault, doubt):
    [one] = judged(a_host(ETH0), standby().replace("ua-backup0", alias), transient(names=alias), runs=runs)
    assert fault in " ".join(map(str, one.faults)) and bool(one.faults) == bool(fault), one
    assert doubt in " ".join(one.doubts) and bool(one.doubts) == bool(doubt), one

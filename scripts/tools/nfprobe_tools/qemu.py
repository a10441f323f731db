# SPDX-License-Identifier: GPL-2.0-or-later
"""Does QEMU take the halves of a pair where the XML of the guest has them? Pure.

QEMU adds the VF once the guest's driver has asked for failover (failover_add_primary in hw/net/virtio-net.c). What it refuses then
(pci_qdev_realize in hw/pci/pci.c) is in the guest's log alone, and the guest runs without its VF. It asks nothing of the standby's place.
libvirt gives each device without an <address> one that QEMU takes, so that only one in the XML can be wrong.
"""

from __future__ import annotations

import collections
import re
from typing import Callable, Iterator, Mapping, NamedTuple, Optional, Tuple
from xml.etree.ElementTree import Element

Slot = Tuple[int, int, int]  # domain, bus, slot

# As libvirt tells them apart (qemuDomainMachineIsI440FX and the like). Those of s390x and pseries have a PCI bus alone.
CONVENTIONAL = re.compile(r"pc|pc-(i440fx|[01]\.).*|rhel.*|isapc|pseries(-.*)?|s390-ccw-virtio(-.*)?")
EXPRESS = re.compile(r"q35|pc-q35-.*|virt(-.*)?")
X86_MACHINES = re.compile(r"(q35|pc|isapc|rhel)\b.*")
OLD_VIRTIO = re.compile(r"pc-q35-2\.[4-6]")  # disable-modern=on (hw_compat_2_6): VIRTIO_NET_F_STANDBY is bit 62, and they have 32
NO_EXPRESS = ("pci-root", "pci-bridge", "dmi-to-pci-bridge", "pcie-to-pci-bridge", "pci-expander-bus")
NO_HOTPLUG = ("pcie-root", "pcie-expander-bus")
ETHERNET = "0x0200"  # PCI_CLASS_NETWORK_ETHERNET, as sysfs begins


class Controller(NamedTuple):
    model: str
    hotplug: bool


class Machine(NamedTuple):
    name: str  # empty: the XML does not say
    arch: str
    controllers: Mapping[int, Controller]  # of PCI, by the number of the bus
    slots: Mapping[Slot, int]  # how many devices are in each
    runs: bool  # the XML is that of a guest that runs: aliases and netdevs are as they are

    @property
    def is_conventional(self) -> bool:
        return bool(CONVENTIONAL.fullmatch(self.name))

    @property
    def is_x86(self) -> bool:
        return self.arch in ("x86_64", "i686") or bool(X86_MACHINES.fullmatch(self.name))


class Place(NamedTuple):
    """Of the VF in the guest. Without an <address> of PCI there is no slot."""
    machine: Machine
    controller: Controller
    kind: str  # of the address
    slot: Optional[Slot]
    function: int
    multifunction: bool
    pci_class: str  # as sysfs has it; empty: not known


class Row(NamedTuple):
    is_so: Callable[[Place], bool]
    what: str
    change: str


NEVER = ", and QEMU then refuses the VF of a pair once the guest's driver asks for it: the guest runs, and never gets it"
NOT_AT_ALL = ", where no device comes while the guest runs, as the VF of a pair does: QEMU does not start"
BY_LIBVIRT = "the VF without <address type='pci'>, for which libvirt then takes a pcie-root-port of its own"

# The first that is so is the cause. QEMU 10.0 refuses each of them but the first, which is libvirt's; pseries was asked of QEMU 7.2, and
# s390x is read (s390_pcihost_realize).
ROWS = (
    Row(lambda at: at.kind == "unassigned", "<address type='unassigned'/> keeps the VF from the guest",
        "the VF without that <address>"),
    Row(lambda at: at.machine.is_conventional and at.machine.is_x86, "machine {at.machine.name} has no PCI Express" + NEVER,
        "machine='q35' in <type>, without the <address type='pci'> and the <controller type='pci'> of the old machine, which libvirt then"
        " chooses anew"),
    Row(lambda at: at.machine.is_conventional, "machine {at.machine.name} has no PCI Express" + NEVER, ""),
    Row(lambda at: bool(OLD_VIRTIO.fullmatch(at.machine.name)),
        "machine {at.machine.name} has virtio NICs of the time before 1.0, which cannot tell the guest's driver that they are a standby:"
        " the guest runs, and never gets its VF", "machine='q35' in <type>"),
    Row(lambda at: at.controller.model in NO_EXPRESS, "the VF is on a {at.controller.model}, which is no PCI Express" + NEVER,
        BY_LIBVIRT),
    Row(lambda at: at.controller.model in NO_HOTPLUG, "the VF is on the {at.controller.model}" + NOT_AT_ALL, BY_LIBVIRT),
    Row(lambda at: not at.controller.hotplug, "the VF is on a {at.controller.model} with hotplug='off'" + NOT_AT_ALL,
        "<target> without hotplug='off' in that controller"),
    Row(lambda at: at.function != 0, "the VF is function {at.function} of its slot" + NEVER, BY_LIBVIRT),
    Row(lambda at: at.multifunction, "the VF has multifunction='on'" + NEVER, BY_LIBVIRT),
    # libvirt then sets multifunction (virDomainPCIAddressSetAllMulti)
    Row(lambda at: at.slot is not None and at.machine.slots[at.slot] > 1, "the VF shares its slot with another device" + NEVER, BY_LIBVIRT),
    Row(lambda at: at.pci_class != "" and not at.pci_class.startswith(ETHERNET),
        "the VF is of class {at.pci_class}, and no Ethernet controller" + NEVER, "a VF of another NIC"),
)
OF_THE_XML = ROWS[:1]  # also where the guest itself makes the pair, of which QEMU then knows nothing


def slot_of(address: Element) -> Slot:
    domain, bus, slot = (int(address.get(part, "0"), 0) for part in ("domain", "bus", "slot"))
    return domain, bus, slot


def machine_of(domain: Element) -> Machine:
    kind = domain.find("os/type")
    addresses = domain.findall("devices/*/address[@type='pci']")
    controllers = {int(one.get("index", "0"), 0): Controller(one.get("model", ""), one.find("target[@hotplug='off']") is None)
                   for one in domain.findall("devices/controller[@type='pci']")}
    return Machine(kind.get("machine", "") if kind is not None else "", kind.get("arch", "") if kind is not None else "", controllers,
                   collections.Counter(map(slot_of, addresses)), "id" in domain.keys())


def place_of(vf: Element, machine: Machine, pci_class: str) -> Place:
    address = vf.find("address")
    kind = address.get("type", "") if address is not None else ""
    if address is None or kind != "pci":
        return Place(machine, Controller("", True), kind, None, 0, False, pci_class)
    slot = slot_of(address)
    of_root = {0: Controller("pcie-root", True)} if EXPRESS.fullmatch(machine.name) else {}
    controller = {**of_root, **machine.controllers}.get(slot[1], Controller("", True))  # libvirt adds one that is missing
    return Place(machine, controller, kind, slot, int(address.get("function", "0"), 0), address.get("multifunction") == "on", pci_class)


def refusals(vf: Element, machine: Machine, pci_class: str, teaming: bool) -> Iterator[Tuple[str, str]]:
    """Why the VF never gets to the guest, and the change."""
    at = place_of(vf, machine, pci_class)
    for row in ROWS if teaming else OF_THE_XML:
        if row.is_so(at):
            yield row.what.format(at=at), row.change
            return


def doubts(machine: Machine) -> Iterator[str]:
    if not machine.name:
        yield "the XML has no machine in <type>, and the one that libvirt then takes may have no PCI Express: q35 has it"
    elif not machine.is_conventional and not EXPRESS.fullmatch(machine.name):
        yield f"whether machine {machine.name} has PCI Express, which QEMU wants of the VF of a pair"


def model_of(kind: str, machine: Machine) -> Optional[str]:
    """That libvirt takes for an interface without <model> (qemuDomainDefaultNetModel); None: that depends on its version."""
    if kind in ("vhostuser", "vdpa"):
        return "virtio"
    return "rtl8139" if machine.is_x86 else None

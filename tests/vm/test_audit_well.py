# SPDX-License-Identifier: GPL-2.0-or-later
"""--audit of hosts with ten guests, as others set them up: silent while all is well, and not when one thing goes wrong."""

import contextlib

from probing import holding
from scenario import PF, equal
from simulated import one
from test_audit import audit, home, mend
from test_refuse import parked

NF = "nf0"
VFS = 16
GUESTS = range(10)
PLACEHOLDER = "02:00:00:00:00:00"
VRRP = "00:00:5e:00:01:33"

# A process for each guest, which has what it needs until the first of them ends: files, taps that have told a bridge of an address,
# a network namespace.
HOLDERS = """
import ctypes, fcntl, os, struct, subprocess
started, began = os.pipe()
ended, until = os.pipe()
for guest in {guests!r}:
    if os.fork():
        continue
    os.close(until)
    kept = [os.open(path, os.O_RDWR) for path in guest.get("files", ())]
    for tap, bridge, mac in guest.get("taps", ()):
        kept.append(os.open("/dev/net/tun", os.O_RDWR))
        fcntl.ioctl(kept[-1], 0x400454ca, struct.pack("16sH22x", tap.encode(), 0x1002))  # TUNSETIFF, IFF_TAP | IFF_NO_PI
        subprocess.run(["ip", "link", "set", tap, "master", bridge, "up"], check=True)
        os.write(kept[-1], bytes.fromhex("ff" * 6 + mac.replace(":", "") + "88b5").ljust(60))
    if "netns" in guest:
        ctypes.CDLL(None).setns(os.open("/run/netns/" + guest["netns"], os.O_RDONLY), 0x40000000)  # CLONE_NEWNET
    os.write(began, b"x")
    os.read(ended, 1)
    os._exit(0)
os.close(began)
left = {count}
while left:
    left -= len(os.read(started, left)) or left / 0  # one did not start
"""


def guests(host, *descriptions):
    return holding(host, HOLDERS.replace("{guests!r}", repr(descriptions)).replace("{count}", str(len(descriptions))))


def mac(number):
    return f"52:54:00:00:01:{number:02x}"


def is_well(host, pf):
    equal(audit(host, 0, pf), [], "findings of a host that is well")


def found(host, pf, code):
    """The one finding."""
    findings = audit(host, 1, pf)
    equal([finding["code"] for finding in findings], [code], "findings")
    return findings[0]


@contextlib.contextmanager
def macvtaps(host, pf, numbers):
    host.sh("".join(f"ip link add link {pf} name macvtap{n} address {mac(n)} type macvtap mode bridge; ip link set macvtap{n} up\n"
                    for n in numbers))
    try:
        yield [f"/dev/tap{index}" for index in host.sh("".join(f"cat /sys/class/net/macvtap{n}/ifindex\n" for n in numbers)).split()]
    finally:
        host.sh("".join(f"ip link del macvtap{n}\n" for n in numbers))


# Bit 2 of the command register: the guest's driver has it set for as long as it uses the VF.
MASTER = """
import sys
with open(sys.argv[1], "r+b", buffering=0) as config:
    config.seek(4)
    command = config.read(1)[0]
    config.seek(4)
    config.write(bytes([command & ~4 | int(sys.argv[2])]))
"""


def use(host, vf, used):
    host.ok("/usr/bin/python3", "-c", MASTER, f"{host.vf_device(vf)}/config", 4 if used else 0)


def test_libvirt(host):
    """libvirt: ten guests with a macvtap, two of them with a VF as well, VFs with its placeholder; VLANs and VRRP on the PF"""
    with contextlib.ExitStack() as stack:
        stack.callback(home, host, 0, 1)  # in this order the kernel gives them their names again
        groups = [stack.enter_context(parked(host, vf)) for vf in (0, 1)]
        for vf, address in enumerate((mac(0), mac(1), PLACEHOLDER)):
            host.ok("ip", "link", "set", PF, "vf", vf, "mac", address)
            stack.callback(host.vf_clear, vf)
        taps = stack.enter_context(macvtaps(host, PF, GUESTS))
        host.sh(f"""ip link add link {PF} name {PF}.30 type vlan id 30; ip link set {PF}.30 up
            ip link add link {PF} name vrrp.51 address {VRRP} type macvlan mode private; ip link set vrrp.51 up""")
        stack.callback(host.sh, f"ip link del vrrp.51; ip link del {PF}.30")
        held = [{"files": [tap, *(f"/dev/vfio/{group}" for group in groups[n:n + 1])]} for n, tap in enumerate(taps)]
        for vf in (0, 1):
            use(host, vf, True)
        with guests(host, *held):
            is_well(host, PF)
        use(host, 1, False)
        with guests(host, held[0], {"files": [taps[1]]}, *held[2:]):  # libvirtd was killed as it took the VF from a guest
            finding = found(host, PF, "idle-address")
            equal([f["vf"] for f in finding["functions"]], [1], "functions")
            mend(host, finding)
            is_well(host, PF)


@contextlib.contextmanager
def pods(host, nic, numbers):
    """The CNI plugin gives each pod a VF under its netdev's name net1, and the pods talk to each other."""
    for n in numbers:
        nic.assign(n, mac(n))
        nic.bind(n)
    names = [nic.netdev(n) for n in numbers]
    host.sh("".join(f"""ip netns add pod{n}; ip link set {name} netns pod{n} name net1
        ip -n pod{n} link set net1 up; ip -n pod{n} addr add 192.0.2.{n + 1}/24 dev net1
        """ for n, name in zip(numbers, names)))
    try:
        for n in numbers:
            host.wait_carrier("net1", inside=("ip", "netns", "exec", f"pod{n}"))
        host.sh("".join(f"ip netns exec pod{n} busybox ping -c 1 -W 60 192.0.2.{m + 1}\n" for n, m in zip(numbers, numbers[1:])))
        yield [{"netns": f"pod{n}"} for n in numbers]
    finally:
        host.sh("".join(f"ip -n pod{n} link set net1 netns 1 name {name}; ip netns del pod{n}\n" for n, name in zip(numbers, names)))
        for n in numbers:
            nic.unbind(n)
            nic.clear(n)


def dpdk(nic, vf):
    """In use all the same where no process is seen to have it: nfprobe does not know how that driver gives it to one."""
    nic.vf_attribute(vf, "driver_override", "nfsimstub\n")
    nic.bind(vf, "nfsimstub")


def test_kubevirt(host):
    """KubeVirt: ten pods with a VF, among them two VRRP routers, a bond of two VFs, a VLAN, a macvtap; a VF of DPDK"""
    with one(host, "come=up go=down+unplug+reset+clear arb=vf", vfs=VFS) as nic, pods(host, nic, GUESTS) as held:
        dpdk(nic, 11)
        nic.assign(10, mac(10))
        nic.trust(10, "on")
        nic.bind(10)
        second = nic.netdev(10)
        host.sh(f"""for n in 8 9; do
                ip -n pod$n link add link net1 name vrrp.51 address {VRRP} type macvlan mode private; ip -n pod$n link set vrrp.51 up
            done
            ip link set {second} netns pod7; ip -n pod7 link add bond0 type bond mode active-backup
            ip -n pod7 link set net1 down; ip -n pod7 link set net1 master bond0; ip -n pod7 link set {second} master bond0
            ip -n pod7 link set bond0 up
            ip -n pod6 link add link net1 name net1.30 type vlan id 30; ip -n pod6 link set net1.30 up
            ip link add link {NF} name tap0 address {mac(32)} netns pod5 type macvtap mode bridge; ip -n pod5 link set tap0 up""")
        tap = host.ok("ip", "netns", "exec", "pod5", "sh", "-c", "echo /dev/tap$(cat /sys/class/net/tap0/ifindex)").strip()
        with guests(host, *held, {"files": [tap]}):
            is_well(host, NF)
            nic.assign(12, mac(3))  # a pod has come again before its VF was taken from it
            nic.bind(12)
            host.sh(f"ip netns add pod12; ip link set {nic.netdev(12)} netns pod12 name net1; ip -n pod12 link set net1 up")
            equal([f["vf"] for f in found(host, NF, "same-address")["functions"]], [3, 12], "functions")
            host.sh("ip -n pod12 link set net1 netns 1; ip netns del pod12")
            nic.unbind(12)
            nic.clear(12)
            is_well(host, NF)
        host.sh(f"ip -n pod7 link del bond0; ip -n pod7 link set {second} netns 1; ip -n pod5 link del tap0; ip -n pod6 link del net1.30")

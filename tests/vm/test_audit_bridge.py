# SPDX-License-Identifier: GPL-2.0-or-later
"""--audit of bridges that lose a guest: broken for pings, found, mended by the command that is printed, gone."""


from probing import holding
from scenario import PF, equal, made
from simulated import one
from test_audit import FIRST, REMOTE, SERVER, audit, far, mend, namespaces, ping
from test_audit_well import NF, found, guests, is_well, mac, pods

TAP = "fe" + FIRST[2:]  # as libvirt calls the tap of a guest with FIRST

# A guest that answers ARP and pings by itself, so that no netdev of the host has its address. It never sends to all: this NIC brings back
# to the PF what the PF has sent to all.
GUEST = """
import fcntl, os, struct, subprocess
mac, ip = bytes.fromhex("{mac}".replace(":", "")), bytes(int(n) for n in "{ip}".split("."))
tap = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tap, 0x400454ca, struct.pack("16sH22x", b"tap9", 0x1002))  # TUNSETIFF, IFF_TAP | IFF_NO_PI
subprocess.run(["ip", "link", "set", "tap9", "address", "{tap}", "master", "br9", "up"], check=True)

def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return struct.pack("!H", ~total & 0xffff)

def answer():
    f = os.read(tap, 2048)
    if f[12:14] == b"\\x08\\x06" and f[20:22] == b"\\0\\1" and f[38:42] == ip:
        os.write(tap, f[6:12] + mac + f[12:20] + b"\\0\\2" + mac + ip + f[22:32])
    elif f[:6] == mac and f[12:14] == b"\\x08\\0" and f[23] == 1 and f[34] == 8:
        echo = b"\\0\\0\\0\\0" + f[38:14 + int.from_bytes(f[16:18], "big")]
        os.write(tap, f[6:12] + mac + f[12:26] + f[30:34] + f[26:30] + echo[:2] + checksum(echo) + echo[4:])

import threading
threading.Thread(target=lambda: [answer() for _ in iter(int, 1)], daemon=True).start()
"""


def bridge(host, learning):
    return made(host, f"""modprobe tun; ip link add br9 type bridge; ip link set {PF} master br9; ip link set br9 up
        bridge link set dev {PF} learning {learning}""", f"ip link set {PF} nomaster; ip link delete br9")


def guest(host):
    return holding(host, GUEST.format(mac=FIRST, ip=SERVER, tap=TAP))


def answers(host):
    return ping(host, "far", SERVER)[0]


def mended(host, learning, port, kind, code):
    """The bridge gets an entry for the guest that makes it deaf: found by that code, and mended as printed."""
    with namespaces(host, "far"), bridge(host, learning), guest(host):
        far(host, REMOTE)
        equal(answers(host), 3, "answers before it")
        equal(audit(host, 0), [], "findings before it")
        host.ok("bridge", "fdb", "replace", FIRST, "dev", port, "master", kind)
        equal(answers(host), 0, "answers")
        findings = audit(host, 1)
        equal([(f["code"], f["address"]) for f in findings], [(code, FIRST)], "findings")
        mend(host, findings[0])
        equal(answers(host), 3, "answers when it is mended")
        equal(audit(host, 0), [], "findings when it is mended")


def test_local_entry(host):
    """systemd 37776: an entry of the guest that is permanent, not static: the bridge keeps what comes for it"""
    mended(host, "off", "tap9", "permanent", "local-entry")


def test_bridge_learned(host):
    """the bridge has the guest behind the PF's port, and nobody has a VF with its address: it is deaf until it talks"""
    mended(host, "on", PF, "static", "bridge-learned")


def test_vf_bridge_port(host):
    """pipework 258: a pod's VF is the port of a bridge, and is not trusted: who is behind the bridge reaches nobody"""
    with one(host, "come=up go=down+unplug+reset+clear arb=vf", vfs=4) as nic, pods(host, nic, range(2)) as held, guests(host, *held):
        with namespaces(host, "box"):
            is_well(host, NF)
            host.sh(f"""ip -n pod1 link add br0 address {mac(1)} type bridge; ip -n pod1 addr flush dev net1
                ip -n pod1 link set net1 master br0; ip -n pod1 link set br0 up; ip -n pod1 addr add 192.0.2.2/24 dev br0
                ip -n pod1 link add v0 type veth peer name e0 netns box; ip -n pod1 link set v0 master br0 up
                ip -n box link set e0 up; ip -n box addr add 192.0.2.9/24 dev e0""")
            equal([ping(host, "pod0", address)[0] for address in ("192.0.2.2", "192.0.2.9")], [3, 0], "answers of the pod, and of the box")
            finding = found(host, NF, "vf-bridge-port")
            equal([f["vf"] for f in finding["functions"]], [1], "functions")
            mend(host, finding)
            equal(ping(host, "pod0", "192.0.2.9")[0], 3, "answers when it is mended")
            is_well(host, NF)
            host.sh("ip -n pod1 link del v0; ip -n pod1 link del br0")

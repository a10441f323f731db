# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest with net_failover, its hypervisor and the wire, each in a network namespace of one machine.

The machine's own namespace is the guest, because a net_failover netdev cannot leave it, and drivers register a VF's netdev
there. The namespace `hv` is the hypervisor: it has the PF, and with `vnet0` the other end of the standby's segment, which
QEMU would have. The namespace `wire` has the other end of the PF's cable.

This guest sends nothing, so the hypervisor's bridge never learns where the guest is, and floods; talking.py has one that sends.
"""

import contextlib
import json
import os

from probing import running
from scenario import PF, WIRE, equal, made

ADDRESS = "52:54:00:12:34:58"  # of the standby (scripts/lib/machine.py) and of the VF
GROUP = "33:33:ff:12:34:58"  # where neighbour solicitations for the guest are sent (RFC 4291, 2.7.1)
UNSET = "00:00:00:00:00:00"
HV = ("ip", "netns", "exec", "hv")
AT_WIRE = ("ip", "netns", "exec", "wire")
PYTHON = ("/usr/bin/python3", "-I", "-S", "-c")

# The wire sends a UDP datagram to the guest in each tick, and a neighbour solicitation and an ARP request in every fifth.
# The solicitation also leaves through the netdev `side` if there is one. The number and time of the tick follow the packet
# in each frame.
SEND = r"""
import select, socket, struct, sys, time
TICK, MARK = 0.005, b"numbered"
netdev, address, group = sys.argv[1], *(bytes.fromhex(word.replace(":", "")) for word in sys.argv[2:])

def opened(name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.bind((name, 0))
    return s

wire = opened(netdev)
sides = [opened(name) for _, name in socket.if_nameindex() if name == "side"]
source = wire.getsockname()[4]
ours, theirs = (socket.inet_aton(ip) for ip in ("192.0.2.1", "192.0.2.2"))
ours6 = socket.inet_pton(socket.AF_INET6, "fe80::1")
theirs6 = bytes.fromhex("fe80") + bytes(9) + b"\xff\xfe" + address[3:]

def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return struct.pack("!H", ~total & 0xffff)

udp = struct.pack("!HHHH", 9, 9, 8 + 24, 0)
ip = struct.pack("!BBHIBBH4s4s", 0x45, 0, 20 + 8 + 24, 0, 64, 17, 0, ours, theirs)
ip = ip[:10] + checksum(ip) + ip[12:]
arp = struct.pack("!HHBBH6s4s6s4s", 1, 0x800, 6, 4, 1, source, ours, bytes(6), theirs)
node = b"\xff\x02" + bytes(9) + b"\x01" + group[2:]
solicit = b"\x87\0\0\0" + bytes(4) + theirs6 + b"\x01\x01" + source
solicit = solicit[:2] + checksum(ours6 + node + struct.pack("!II", len(solicit), 58) + solicit) + solicit[4:]
ip6 = struct.pack("!IHBB16s16s", 6 << 28, len(solicit), 58, 255, ours6, node)

frames = [
    (1, [wire], address + source + b"\x08\x00" + ip + udp),
    (5, [wire, *sides], group + source + b"\x86\xdd" + ip6 + solicit),
    (5, [wire], b"\xff" * 6 + source + b"\x08\x06" + arp),  # last: whoever hears it has heard the others
]
print("sending", flush=True)
number, due = 0, time.monotonic()
while not select.select([sys.stdin], [], [], max(0, due - time.monotonic()))[0]:
    number += 1
    for every, sockets, frame in frames:
        for s in sockets if number % every == 0 else ():
            s.send(frame + MARK + struct.pack("!QQ", number, time.monotonic_ns()))
    due = max(due + TICK, time.monotonic())
"""

# Counts what the guest hears. The line `change` says that a change is about to begin. After a line of JSON, {kind: whether
# it must be heard}, this waits until two windows in a row are like that, for 90 seconds at most, and prints the counts of
# the last window, {kind: [heard, sent, heard twice]}. A window lasts from one broadcast to another: the guest hears those
# in every state, and they are sent last in their tick.
HEAR = r"""
import json, os, select, socket, struct, sys, time
WIDTH, PATIENCE = 50, 90  # ticks, seconds
netdev, address, group = sys.argv[1], *(bytes.fromhex(word.replace(":", "")) for word in sys.argv[2:])
KINDS = {address: ("unicast", 1), group: ("multicast", 5), b"\xff" * 6: ("broadcast", 5)}
SOL_PACKET, PACKET_IGNORE_OUTGOING, SO_RCVBUFFORCE, ETH_P_ALL = 263, 23, 33, 3
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
s.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
s.bind((netdev, ETH_P_ALL))
heard = []  # (kind, number, time sent) since the last change, and the last unicast before it
asked, was_heard, lines = 0, False, b""

def hear(timeout):
    "Reads one frame or line of input; returns the kind of the frame, `line`, or None after the timeout."
    global lines
    ready = select.select([s, 0], [], [], timeout)[0]
    if s in ready:
        data, where = s.recvfrom(2048)
        at = data.rfind(b"numbered")
        if at < 0 or where[2] == socket.PACKET_OTHERHOST or data[:6] not in KINDS:
            return "foreign"
        heard.append((KINDS[data[:6]][0], *struct.unpack_from("!QQ", data, at + 8)))
        return heard[-1][0]
    if ready:
        lines = os.read(0, 4096)
        if not lines:
            sys.exit(0)
        return "line"
    return None

def broadcast(after, deadline):
    "Waits for a broadcast with a number above `after` and returns its number; None after the deadline."
    while (left := deadline - time.monotonic()) > 0:
        if hear(left) == "broadcast" and heard[-1][1] > after:
            return heard[-1][1]
    return None

def window(deadline):
    "The counts of a window that begins now; empty after the deadline."
    now = time.monotonic_ns()
    first = broadcast(0, deadline)
    while first is not None and heard[-1][2] < now:
        first = broadcast(first, deadline)
    last = None if first is None else broadcast(first + WIDTH - 1, deadline)
    # Another processor may have been late with a frame, so wait for one more broadcast.
    if last is None or broadcast(last, deadline) is None:
        return {}
    shares = {}
    for kind, every in KINDS.values():
        numbers = [number for what, number, _ in heard if what == kind and first < number <= last]
        shares[kind] = [len(set(numbers)), (last - first) // every, len(numbers) - len(set(numbers))]
    return shares

def agrees(shares, expected):
    return bool(shares) and all(shares[kind][0] >= 0.8 * shares[kind][1] if yes else shares[kind][0] <= 0.05 * shares[kind][1]
                                for kind, yes in expected.items())

def outage(heard_before, hears):
    "The longest silence since the change, in milliseconds; None if it goes on."
    times = {number: sent for kind, number, sent in heard if kind == "unicast"}
    numbers = sorted(times)
    if not hears or not numbers:
        return None
    gaps = [times[b] - times[a] for a, b in zip(numbers, numbers[1:]) if b != a + 1]
    if not heard_before:  # counted from the request of the change, as nfprobe does
        gaps.append(times[numbers[0]] - asked)
    return max([0, *gaps]) / 1e6

print("listening", flush=True)
while True:
    if hear(None) != "line":
        continue
    for line in lines.decode().splitlines():
        if line == "change":
            asked = time.monotonic_ns()
            heard[:] = [item for item in heard if item[0] == "unicast"][-1:] if was_heard else []
            print("go", flush=True)
            continue
        expected, deadline, good, shares = json.loads(line), time.monotonic() + PATIENCE, 0, {}
        while good < 2 and (new := window(deadline)):
            shares = new
            good = good + 1 if agrees(shares, expected) else 0
        before, was_heard = was_heard, agrees(shares, {"unicast": True})
        print(json.dumps({"shares": shares, "outage": outage(before, was_heard), "good": good == 2}), flush=True)
"""

SPEAK = """
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
s.bind((sys.argv[1], 0))
s.send(b"\\xff" * 6 + s.getsockname()[4] + b"\\x88\\xb5" + bytes(46))
"""

# Passes frames between a macvtap and the standby's segment, which is QEMU's part.
PUMP = r"""
import fcntl, os, select, socket, struct, sys
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 2, 0x1000
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_IGNORE_OUTGOING, PACKET_MR_PROMISC, ETH_P_ALL = 263, 1, 23, 1, 3
tap = os.open(sys.argv[1], os.O_RDWR)
fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", b"", IFF_TAP | IFF_NO_PI))
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
s.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
s.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, struct.pack("iHH8s", socket.if_nametoindex(sys.argv[2]), PACKET_MR_PROMISC, 0, b""))
s.bind((sys.argv[2], ETH_P_ALL))
print("pumping", flush=True)
while True:
    ready = select.select([tap, s, 0], [], [])[0]
    if tap in ready:
        s.send(os.read(tap, 65536))
    if s in ready:
        os.write(tap, s.recv(65536))
    if 0 in ready:
        break
"""


@contextlib.contextmanager
def namespaces(host):
    """Moves the PF and vnet0 to `hv` and eth1 to `wire`, and back."""
    host.sh(f"""ip netns add hv; ip netns add wire; ip -n hv link set lo up
        for name in {PF} vnet0; do ip link set $name netns hv; ip -n hv link set $name up; done
        ip link set {WIRE} netns wire; ip -n wire link set {WIRE} up""")
    try:
        host.wait_carrier(PF, inside=HV)
        yield
    finally:
        host.sh(f"""ip -n hv link set vnet0 down
            for name in {PF} vnet0; do ip -n hv link set $name netns 1; done; ip -n wire link set {WIRE} netns 1
            ip netns del hv; ip netns del wire; for name in {PF} {WIRE}; do ip link set $name up; done""")
        host.wait_carrier(PF)


def vf_device(host, vf, inside):
    return host.ok(*inside, "readlink", "-f", f"/sys/class/net/{PF}/device/virtfn{vf}").strip()


def bridge(host, setting="", port=PF):
    """The port and the standby are in a bridge; then come the shell commands `setting`. The PF loses an entry of its own when it
    leaves the namespace."""
    return made(host, f"""ip -n hv link add br0 type bridge
        for name in {port} vnet0; do ip -n hv link set $name master br0; done; ip -n hv link set br0 up
        {setting}""", "ip -n hv link del br0")


@contextlib.contextmanager
def static_bridge(host):
    """The rules of libvirt's macTableManager, by hand; the kernel then no longer keeps the PF promiscuous."""
    with bridge(host, f"""ip -n hv link set br0 type bridge vlan_filtering 1
            bridge -n hv link set dev vnet0 learning off flood off
            bridge -n hv fdb add {ADDRESS} dev vnet0 master static sticky"""):
        equal(promiscuity(host), 0, "the PF's promiscuity")
        yield


def promiscuity(host):
    return host.json(*HV, "ip", "-d", "-j", "link", "show", PF)[0]["promiscuity"]


def netdev_of(host, vf):
    device = vf_device(host, vf, HV)
    return host.run("ls", f"{device}/net").out.strip() or host.ok(*HV, "ls", f"{device}/net").strip()


@contextlib.contextmanager
def hypervisors_vf(host, vf):
    """Makes a VF the hypervisor's, without a check of the addresses that it sends from; its netdev."""
    netdev = netdev_of(host, vf)
    host.sh(f"""ip link set {netdev} netns hv; ip -n hv link set {netdev} up
        ip -n hv link set {PF} vf {vf} spoofchk off""")
    try:
        host.wait_carrier(netdev, inside=HV)
        yield netdev
    finally:
        host.sh(f"""ip -n hv link set {PF} vf {vf} spoofchk on
            ip -n hv link set {netdev} down; ip -n hv link set {netdev} netns 1""")


@contextlib.contextmanager
def vf_bridge_without(host):
    """A second VF is the port."""
    with hypervisors_vf(host, 1) as netdev, bridge(host, port=netdev):
        yield


def second_vf_fdb(host, what):
    host.ok("bridge", "-n", "hv", "fdb", what, ADDRESS, "dev", netdev_of(host, 1))


@contextlib.contextmanager
def vf_bridge(host):
    """A second VF is the port, and has the entry."""
    with vf_bridge_without(host):
        second_vf_fdb(host, "add")
        yield
        second_vf_fdb(host, "del")


@contextlib.contextmanager
def macvtap(host, *setting):
    """The standby is a macvtap on the PF, after the `ip` command `setting`."""
    host.ok("ip", "-n", "hv", "link", "add", "link", PF, "name", "macvtap0", "address", ADDRESS, "type", "macvtap", "mode", "bridge")
    try:
        if setting:
            host.ok("ip", "-n", "hv", *setting)
        host.ok("ip", "-n", "hv", "link", "set", "macvtap0", "up")
        tap = host.ok(*HV, "sh", "-c", "echo /dev/tap$(cat /sys/class/net/macvtap0/ifindex)").strip()
        with running(host, *HV, *PYTHON, PUMP, tap, "vnet0", ready="pumping"):
            yield
    finally:
        host.ok("ip", "-n", "hv", "link", "del", "macvtap0")


def macvtap_group(host):
    """A macvtap that has joined the guest's group, as libvirt's trustGuestRxFilters='yes' makes it do."""
    return macvtap(host, "maddr", "add", GROUP, "dev", "macvtap0")


class Guest:
    """Changes the VF's state and counts what the guest hears. `inside`: a command that enters the PF's namespace."""

    def __init__(self, host, inside=()):
        self.host, self.inside = host, inside
        self.device = vf_device(host, 0, inside)
        self.hearing = None

    def assign(self, address=ADDRESS):
        self.host.ok(*self.inside, "ip", "link", "set", PF, "vf", 0, "mac", address)

    def clear(self):
        self.assign(UNSET)

    def reset(self):
        self.host.write(f"{self.device}/reset", "1")

    def bind(self):
        """Binds the guest's VF driver; net_failover takes the new netdev as its primary, because the addresses are the same."""
        for _ in range(10):  # while the emulator is starved of CPU, the PF may answer too late, and igbvf draws an address
            self.host.write("/sys/bus/pci/drivers/igbvf/bind", os.path.basename(self.device))
            netdev = self.host.ok("ls", f"{self.device}/net").strip()
            if self.host.read(f"/sys/class/net/{netdev}/address") == ADDRESS:
                master = self.host.ok("readlink", f"/sys/class/net/{netdev}/master").strip()
                equal(os.path.basename(master), "failover", f"the master of {netdev}")
                return netdev
            self.unbind()
        raise AssertionError(f"the VF driver did not take {ADDRESS}, ten times")

    def unbind(self):
        self.host.write(f"{self.device}/driver/unbind", os.path.basename(self.device))

    def boot(self):
        """The guest loads its VF driver; net_failover sets the primary up."""
        self.host.wait_carrier(self.bind())

    def precede(self):
        """Another guest uses the VF first: igb treats a VF differently from when the PF is set up until the VF's first reset."""
        self.assign()
        self.bind()
        self.unbind()
        self.clear()

    def link_up(self):
        self.host.vm.set_link("standby", True)

    def link_down(self):
        self.host.vm.set_link("standby", False)

    def fdb_add(self):
        second_vf_fdb(self.host, "add")

    def fdb_add_master(self, *state):
        """Without a state it is `permanent`, which means the bridge itself (bridge(8), "local")."""
        self.host.ok("bridge", "-n", "hv", "fdb", "replace", ADDRESS, "dev", "vnet0", "master", *state)

    def fdb_add_master_static(self):
        self.fdb_add_master("static")

    def fdb_del(self):
        second_vf_fdb(self.host, "del")
        self.host.ok("bridge", "-n", "hv", "fdb", "del", ADDRESS, "dev", "vnet0", "master")

    def speak(self):
        """By the VF, or by the standby, as net_failover chooses. The NIC lets the PF hear a broadcast of its VF's."""
        self.host.ok(*PYTHON, SPEAK, "failover")

    def leave(self):
        self.link_up()
        if self.host.run("test", "-e", f"{self.device}/driver").status == 0:
            self.unbind()
        self.clear()

    def fdb(self):
        """The lines of the hypervisor's bridge about the guest."""
        return self.host.sh(f"bridge -n hv fdb show | grep {ADDRESS} || true")

    def begin_change(self):
        self.hearing.write(b"change\n")
        equal(self.hearing.line(), "go", "the guest's answer")

    def hears(self, expected):
        """The answer of HEAR: `shares`, the counts; `good`, whether they are as expected; `outage` in milliseconds or None."""
        self.hearing.write(json.dumps(expected).encode() + b"\n")
        return json.loads(self.hearing.line(300))


@contextlib.contextmanager
def without_driver(host):
    host.vf_unbind(0)
    try:
        yield
    finally:
        host.vf_bind(0)


@contextlib.contextmanager
def silent_guest(host, standby):
    """A guest in the state "standby"; `standby` is one of the above."""
    with without_driver(host), namespaces(host):
        it = Guest(host, HV)
        it.precede()
        try:
            with standby(host):
                yield it
        finally:
            it.leave()


@contextlib.contextmanager
def guest(host, standby):
    """The same, while the wire sends."""
    host.ok("ip", "maddr", "add", GROUP, "dev", "failover")
    try:
        with (silent_guest(host, standby) as it, running(host, *PYTHON, HEAR, "failover", ADDRESS, GROUP, ready="listening") as it.hearing,
              running(host, *AT_WIRE, *PYTHON, SEND, WIRE, ADDRESS, GROUP, ready="sending")):
            equal(it.hearing.line(), "listening", "the guest's first line")
            yield it
    finally:
        host.ok("ip", "maddr", "del", GROUP, "dev", "failover")

# SPDX-License-Identifier: GPL-2.0-or-later
"""The way of a guest's standby, broken at each hop in turn: frames are lost, --audit and --way name the hop, and frames are heard after the
command that is printed; where none is printed, after what an admin types."""

import contextlib
import typing

from probing import line_of, running, valid
from scenario import PF, WIRE, check, equal
from test_refuse import parked

VF = 2
GUEST, FAR = "52:54:00:00:00:12", "52:54:00:00:00:99"

# A process that has a VF's group and its standby open, as QEMU: a tap, or a macvtap. A line "count TO TAG LENGTH" sends ten such frames
# from the wire, and says how many come to the standby; they have come once the last frame, which the PF hears in each state but one, has.
HOLDER = r"""
import fcntl, os, select, socket, struct, sys, time
group, kind, pf, wire = sys.argv[1:5]
held = os.open("/dev/vfio/" + group, os.O_RDWR)
TAP = struct.pack("16sH22x", b"vnet0", 0x1002)  # IFF_TAP | IFF_NO_PI
standby = -1
if kind == "tap":
    standby = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(standby, 0x400454CA, TAP)  # TUNSETIFF
def open_macvtap():
    global standby
    standby = os.open("/dev/tap%d" % socket.if_nametoindex("vnet0"), os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(standby, 0x400454CA, TAP)
ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
ear.bind((pf, 0))
mouth = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
mouth.bind((wire, 0))
def send(to, kind, tag, length):
    vlan = struct.pack("!HH", 0x8100, tag) if tag else b""
    mouth.send((to + bytes.fromhex("525400000099") + vlan + kind).ljust(length, b"\0"))
def drain():
    got = 0
    while True:
        try:
            frame = os.read(standby, 65536)
        except OSError:
            return got
        got += b"\x88\xb5" in frame[12:18]
def count(to, tag, length):
    drain()
    for _ in range(10):
        send(to, b"\x88\xb5", tag, length)
    send(b"\xff" * 6, b"\x88\xb7", 0, 60)
    until = time.monotonic() + 5
    while select.select([ear], [], [], max(0, until - time.monotonic()))[0]:
        try:
            if ear.recv(65536)[12:14] == b"\x88\xb7":
                break
        except OSError:  # it was down meanwhile
            pass
    return drain()
print("ready", flush=True)
for line in sys.stdin:
    words = line.split()
    if words[0] == "open":
        open_macvtap()
        print("opened", flush=True)
    else:
        print(count(bytes.fromhex(words[1].replace(":", "")), int(words[2]), int(words[3])), flush=True)
"""


class State(typing.NamedTuple):
    name: str
    breaks: str
    what: str  # of the finding
    at: str  # the hop of --way
    typed: str = ""  # where no command is printed
    lost: tuple = ("ff:ff:ff:ff:ff:ff", 60)
    code: str = "not-forwarding"
    weight: str = "stops"


BRIDGE = f"ip link set {PF} master br0; ip link set vnet0 address fe:54:00:00:00:12 master br0 up"
FILTERS = f"""{BRIDGE}; ip link set br0 type bridge vlan_filtering 1; bridge vlan del vid 1 dev vnet0
    bridge vlan add vid 9 dev vnet0 pvid untagged; bridge vlan add vid 9 dev {PF}"""
STATES = {
    ("tap", 0, BRIDGE): (
        # Without STP, a port that is set to blocking forwards at once (br_make_forwarding), and one that is to listen does so for good.
        State("a port that listens", "bridge link set dev vnet0 state 1", "vnet0 of br0 does not forward (listening)", "vnet0"),
        State("an uplink that listens", f"bridge link set dev {PF} state 1", f"{PF} of br0 does not forward (listening)", PF),
        State("isolated ports", f"bridge link set dev vnet0 isolated on; bridge link set dev {PF} isolated on",
              "vnet0 of br0 is isolated from the PF", "vnet0"),
        State("no broadcasts", "bridge link set dev vnet0 bcast_flood off", "vnet0 of br0 gets no broadcasts", "vnet0", weight="loses"),
        State("a tap that is out of its bridge", "ip link set vnet0 nomaster", "vnet0 is in no bridge", "vnet0", "ip link set vnet0 master br0"),
        State("a NIC that left the bridge", f"ip link set {PF} nomaster", "br0 has no port that leads out", "br0",
              f"ip link set {PF} master br0"),
        State("a bridge that is down", "ip link set br0 down", "br0 is down", "br0"),
        State("a tap that is down", "ip link set vnet0 down", "vnet0 of br0 is down", "vnet0"),
    ),
    ("tap", 0, f"{BRIDGE}; ip link set {WIRE} mtu 9000; ip link set {PF} mtu 9000; ip link set vnet0 mtu 9000"): (
        State("a tap that takes smaller frames", "ip link set vnet0 mtu 1500", "vnet0 of br0 takes smaller frames than the PF: 1500, and not 9000",
              "vnet0", lost=("ff:ff:ff:ff:ff:ff", 8000), code="mtu", weight="may"),
    ),
    ("tap", 9, FILTERS): (
        State("an uplink that lacks the VLAN", f"bridge vlan del vid 9 dev {PF}", f"{PF} of br0 is not in VLAN 9", PF),
        State("a tap with the VLAN of a new port", "bridge vlan del vid 9 dev vnet0; bridge vlan add vid 1 dev vnet0 pvid untagged",
              f"vnet0 of br0 leads to another VLAN: none there, and VLAN 9 by VF {VF}", "vnet0"),
        State("a tap in no VLAN", "bridge vlan del vid 9 dev vnet0", "vnet0 of br0 is in no VLAN", "vnet0",
              "bridge vlan add vid 9 dev vnet0 pvid untagged"),
    ),
    ("tap", 9, f"""ip link add link {PF} name {PF}.9 type vlan id 9; ip link set {PF}.9 master br0 up
        ip link set vnet0 address fe:54:00:00:00:12 master br0 up"""): (
        State("a VLAN netdev that is down", f"ip link set {PF}.9 down", f"{PF}.9 of br0 is down, and vnet0 is behind it", f"{PF}.9"),
    ),
    ("tap", 0, f"""ip link add bond0 type bond mode active-backup; ip link set {PF} down; ip link set {PF} master bond0
        ip link set bond0 master br0 up; ip link set {PF} up; ip link set vnet0 address fe:54:00:00:00:12 master br0 up"""): (
        State("a bond that lost its member", f"ip link set {PF} nomaster", "bond0 of br0 has no port that leads out", "bond0",
              f"ip link set {PF} down; ip link set {PF} master bond0; ip link set {PF} up"),
    ),
    ("macvtap", 9, f"""ip link add link {PF} name {PF}.9 type vlan id 9; ip link set {PF}.9 up
        ip link add link {PF}.9 name vnet0 address {GUEST} type macvtap mode bridge; ip link set vnet0 up"""): (
        State("a macvtap that is down", "ip link set vnet0 down", "vnet0 is down", "vnet0"),
        State("a netdev below a macvtap that is down", f"ip link set {PF}.9 down", f"{PF}.9 is down, and vnet0 is behind it", f"{PF}.9"),
    ),
}


@contextlib.contextmanager
def guest(host, kind, vlan, makes):
    """A guest whose standby is joined as MAKES says."""
    with parked(host, VF) as group:
        host.ok("ip", "link", "set", PF, "vf", VF, "mac", GUEST, "vlan", vlan)
        host.sh("modprobe tun; modprobe macvtap; ip link add br0 type bridge mcast_snooping 0; ip link set br0 up")
        try:
            with running(host, "/usr/bin/python3", "-I", "-S", "-c", HOLDER, group, kind, PF, WIRE, ready="ready") as holder:
                equal(holder.line(), "ready", "the guest")
                host.sh(makes)
                if kind == "macvtap":
                    holder.write(b"open\n")
                    equal(holder.line(), "opened", "the macvtap")
                host.wait_carrier(PF)
                yield holder
        finally:
            host.sh(f"""ip link set {PF} nomaster; ip link set {PF} mtu 1500; ip link set {WIRE} mtu 1500; ip link del br0; ip link set {PF} up
                for netdev in bond0 vnet0 {PF}.9; do ! ip link show $netdev >/dev/null 2>&1 || ip link del $netdev; done""")
            host.ok("ip", "link", "set", PF, "vf", VF, "mac", "00:00:00:00:00:00", "vlan", 0)


def heard(holder, lost, vlan):
    """Of ten frames from the wire."""
    holder.write(f"count {lost[0]} {vlan} {lost[1]}\n".encode())
    return int(holder.line())


def findings(host):
    """Not that of a macvtap whose VF rests with its address, which is a fault of its own."""
    document = valid(host.nfprobe("--audit", PF, "--json").json(), "nfprobe-audit.schema.json")
    return [finding for finding in document["findings"] if finding["code"] != "idle-address"]


def is_well(host):
    equal([finding["what"] for finding in findings(host) if not finding["remark"]], [], "findings of a way that is well")


def hops(host, status):
    """(the netdev, weight, what) of each stop of the one guest."""
    for _ in range(3):  # a machine that stood still for its ten seconds says so, and is asked again
        result = host.nfprobe("--way", "vnet0", "--json")
        if "no time" not in result.out:
            break
    equal(result.status, status, f"status of --way: {result.out}{result.err}")
    [known] = valid(result.json(), "nfprobe-way.schema.json")["guests"]
    equal((known["vf"]["vf"], known["standby"]["pair"]), (VF, "sure"), "VF, pair")
    return [(stop["ifname"], stop["weight"], stop["what"]) for hop in known["hops"] for stop in hop["stops"]]


def is_broken(host, holder, vlan, state):
    host.sh(state.breaks)
    equal(heard(holder, state.lost, vlan), 0, f"{state.name}: frames heard of ten")
    [finding] = [finding for finding in findings(host) if finding["code"] == state.code]
    check(state.what in finding["what"], f"{state.name}: {finding['what']}")
    equal((finding["remark"], bool(finding["commands"])), (state.weight == "may", not state.typed), f"{state.name}: remark, commands")
    stops = [stop for stop in hops(host, 1 if state.weight == "stops" else 0) if stop[1] == state.weight]
    equal([stop[0] for stop in stops], [state.at], f"{state.name}: the hop of {stops}")
    host.sh(state.typed or "\n".join(line_of(command) for command in finding["commands"]))
    host.wait_carrier(PF)
    equal(heard(holder, state.lost, vlan), 10, f"{state.name}: frames heard of ten after {state.typed or finding['commands']}")
    is_well(host)


def test_each_hop(host):
    """a standby whose way is broken at each hop in turn: deaf; the hop named by --audit and --way; hears after the printed command"""
    for (kind, vlan, makes), states in STATES.items():
        with guest(host, kind, vlan, makes) as holder:
            equal(heard(holder, ("ff:ff:ff:ff:ff:ff", 60), vlan), 10, f"frames heard of ten: {makes}")
            is_well(host)
            equal(hops(host, 0), [], "stops of a way that is well")
            for state in states:
                is_broken(host, holder, vlan, state)

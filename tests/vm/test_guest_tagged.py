# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest with net_failover and a VLAN on top of it, behind a macvtap on QEMU's igb: it hears its VLAN where nfprobe says."""

import contextlib
import json

from guest import ADDRESS, AT_WIRE, HV, PYTHON, Guest, macvtap, namespaces, without_driver
from probing import PACE, running, valid
from scenario import PF, WIRE, check, equal

MACHINE = {"failover": True, "vfs": (2,)}
RESULT = "/tmp/tagged.json"
V = 100

# As in test_guest: the state, the actions that lead to it, nfprobe's step, and the receiver to which the guest listens.
STATES = (
    ("standby", (), "standby", "pf"),
    ("attach", ("assign", "reset"), "attach", "pf"),
    ("up", ("boot",), "up", "vf"),
    ("unplug", ("unbind",), "unplug", "pf"),
    ("detach", ("reset",), "detach", "pf"),
    ("clear", ("clear",), "clear", "pf"),
)

# In each tick, to the guest in its VLAN; to all in its VLAN; and last to all without a tag, by which the guest knows the time.
SEND = r"""
import select, socket, struct, sys, time
netdev, address, vid = sys.argv[1], bytes.fromhex(sys.argv[2].replace(":", "")), int(sys.argv[3])
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
s.bind((netdev, 0))
source, tag, kind = s.getsockname()[4], struct.pack("!HH", 0x8100, vid), b"\x88\xb5"
print("sending", flush=True)
number = 0
while not select.select([sys.stdin], [], [], 0.005)[0]:
    number += 1
    mark = b"numbered" + struct.pack("!Q", number) + bytes(40)
    for frame in (address + source + tag, b"\xff" * 6 + source + tag, b"\xff" * 6 + source):
        s.send(frame + kind + mark)
"""

# After a line of JSON, {kind: whether it must be heard}, waits until two windows of 100 ticks in a row are like that, for 90 s at
# most, and prints the shares of the last one. A window ends with a frame without a tag, which the guest hears in each state.
HEAR = r"""
import json, select, socket, struct, sys, time
outer, inner = (socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88b5)) for _ in range(2))
outer.bind((sys.argv[1], 0x88b5))
inner.bind((sys.argv[2], 0x88b5))
address = bytes.fromhex(sys.argv[3].replace(":", ""))
print("listening", flush=True)

def window(deadline):
    heard, first, last = {"unicast": set(), "broadcast": set()}, None, None
    begin = time.monotonic()
    while time.monotonic() < deadline:
        for s in select.select([outer, inner], [], [], 1)[0]:
            data = s.recv(2048)
            number = struct.unpack_from("!Q", data, data.rfind(b"numbered") + 8)[0]
            if s is inner:
                heard["unicast" if data[:6] == address else "broadcast"].add(number)
            elif data[:6] == b"\xff" * 6:
                first, last = first or number, number
        if last and last - first >= 100:
            return {kind: len([n for n in numbers if first < n <= last]) / (last - first) for kind, numbers in heard.items()}
    return {}

for line in sys.stdin:
    expected, deadline, good, shares = json.loads(line), time.monotonic() + 90, 0, {}
    while good < 2 and (shares := window(deadline)):
        agrees = all(shares[kind] >= 0.8 if yes else shares[kind] <= 0.05 for kind, yes in expected.items())
        good = good + 1 if agrees else 0
    print(json.dumps({"shares": shares, "good": good == 2}), flush=True)
"""


def probed(host):
    with without_driver(host):
        Guest(host).precede()
        result = host.nfprobe(PF, "--vf", 0, "--from", WIRE, "--style", "macvtap", "--guest-vlan", V, *PACE, f"--json={RESULT}")
    check(result.status in (0, 1), f"nfprobe's status {result.status}: {result.err}{result.out}")
    return valid(json.loads(host.read(RESULT)))["vf"]["styles"][0]


@contextlib.contextmanager
def vlan(host):
    host.sh(f"ip link add link failover name failover.{V} type vlan id {V}; ip link set failover.{V} up")
    try:
        yield f"failover.{V}"
    finally:
        host.sh(f"ip link del failover.{V}")


def hears(hearing, expected, state):
    hearing.write(json.dumps(expected).encode() + b"\n")
    answer = json.loads(hearing.line(300))
    check(answer["good"], f"in {state} the guest was to hear of its VLAN {expected}: {answer['shares']}")
    return f"{state:10} {answer['shares']}"


def test_macvtap(host):
    """standby on a macvtap: in each state the guest hears of its VLAN what follows from nfprobe's landings, also once the PF has it"""
    style, report = probed(host), []
    equal((style["verdict"], style["guest_vlan"]["verdict"]), ("deaf", "lost"), "nfprobe's verdicts")
    steps = {step["state"]: step["frames"] for step in style["steps"] if "vlan_unicast" in step["frames"]}
    with without_driver(host), namespaces(host):
        it = Guest(host, HV)
        it.precede()
        try:
            with (macvtap(host), vlan(host) as tagged,
                  running(host, *PYTHON, HEAR, "failover", tagged, ADDRESS, ready="listening") as hearing,
                  running(host, *AT_WIRE, *PYTHON, SEND, WIRE, ADDRESS, V, ready="sending")):
                equal(hearing.line(), "listening", "the guest's first line")
                for state, actions, step, by in STATES:
                    for action in actions:
                        getattr(it, action)()
                    expected = {kind: steps[step][f"vlan_{kind}"]["landing"] in (by, "both") for kind in ("unicast", "broadcast")}
                    report.append(hears(hearing, expected, state))
                host.sh(f"""ip -n hv link add link {PF} name vlans0 type macvlan mode private
                    ip -n hv link add link vlans0 name vlans0.{V} type vlan id {V}""")
                registered = style["guest_vlan"]["registered"]["frames"]
                expected = {kind: registered[f"vlan_{kind}"]["landing"] == "pf" for kind in ("unicast", "broadcast")}
                report.append(hears(hearing, expected, "registered"))
                host.sh("ip -n hv link del vlans0")
        finally:
            if host.run("test", "-e", f"{it.device}/driver").status == 0:
                it.unbind()
            it.clear()
    return "\n".join(report)

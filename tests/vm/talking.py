# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest that talks, among others: how many frames of each sender it hears.

The senders are the wire, the host, a neighbour (another guest on the same bridge, or another macvtap on the PF) and another VF of
the NIC. Each sends so many frames to the guest's address when it is told to; then the wire sends one to everybody, which the
guest hears in each state.
"""

import contextlib
import json

from guest import AT_WIRE, HV, PYTHON
from probing import running
from scenario import check, equal

# The guest's life, and what leads to each state.
STATES = {
    "talked": ("talk",),
    "reset": ("assign", "reset"),
    "up": ("boot",),
    "up talked": ("talk",),
    "unplug": ("unbind",),
    "unplug talked": ("talk",),
    "cleared": ("reset", "clear"),
}
COUNT = 20  # frames of each sender
TRIES = 8  # measurements until two in a row are as they must be: a change of a VF's state takes effect late

# For each line, ROUND, each netdev of `words` (NAME=NETDEV) sends its frames; the one named "last" sends only the frame to all.
SENDERS = r"""
import socket, struct, sys
address, count = bytes.fromhex(sys.argv[1].replace(":", "")), int(sys.argv[2])
sockets = {}
for word in sys.argv[3:]:
    name, _, netdev = word.partition("=")
    sockets[name] = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sockets[name].bind((netdev, 0))
print("ready", flush=True)
for line in sys.stdin:
    for name, s in sockets.items():
        for number in range(1 if name == "last" else count):
            to = b"\xff" * 6 if name == "last" else address
            frame = to + s.getsockname()[4] + b"\x88\xb5talking" + struct.pack("!II", int(line), number) + name.encode()
            s.send(frame.ljust(60, b"\0"))
    print("sent", flush=True)
"""

# The guest's end: a line ROUND has the counts of that round, {name: [different ones, all]}, once the last frame was heard and
# nothing came for a moment. A line "talk ADDRESS..." has the guest send by the netdev that net_failover chooses: three frames to
# each address, and then three to everybody, which a NIC may bring back to where they came from.
GUEST = r"""
import collections, json, select, socket, struct, sys
PACKET_OTHERHOST, ETH_P_TEST, QUIET, PATIENCE = 3, 0x88b5, 0.1, 30
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_TEST))
s.bind((sys.argv[1], ETH_P_TEST))
print("ready", flush=True)

def talk(addresses):
    for to in [*addresses * 3, *["ff:ff:ff:ff:ff:ff"] * 3]:
        s.send((bytes.fromhex(to.replace(":", "")) + s.getsockname()[4] + b"\x88\xb5").ljust(60, b"\0"))

def hear(round):
    heard, is_over = collections.defaultdict(list), False
    while select.select([s], [], [], QUIET if is_over else PATIENCE)[0]:
        data, where = s.recvfrom(2048)
        if data[14:21] == b"talking" and where[2] not in (socket.PACKET_OUTGOING, PACKET_OTHERHOST):
            its_round, number = struct.unpack_from("!II", data, 21)
            name = data[29:].rstrip(b"\0").decode()
            is_over |= (name, its_round) == ("last", round)
            if its_round == round:
                heard[name].append(number)
    return {name: [len(set(numbers)), len(numbers)] for name, numbers in heard.items()}

for line in sys.stdin:
    what, *words = line.split()
    print(json.dumps(talk(words) if what == "talk" else hear(int(what))), flush=True)
"""


class Talking:
    """The processes of the senders and of the guest."""

    def __init__(self, guest, senders, addresses):
        self.guest, self.senders, self.addresses = guest, senders, addresses
        self.names = [word.partition("=")[0] for process in senders for word in process.words if not word.startswith("last=")]
        self.round = 0

    @staticmethod
    def ask(process, words, timeout=300):
        process.write(f"{words}\n".encode())
        return process.line(timeout)

    def talk(self):
        self.ask(self.guest, f"talk {' '.join(self.addresses)}")

    def once(self):
        """How many frames of each sender the guest hears, each copy counted: "20/0/40"."""
        self.round += 1
        for process in reversed(self.senders):
            equal(self.ask(process, self.round), "sent", "a sender's answer")
        heard = json.loads(self.ask(self.guest, self.round))
        check("last" in heard, "the guest does not hear the wire's frame to everybody")
        counts = [heard.get(name, [0, 0]) for name in self.names]
        # Ten frames, twice each, must not look like all of them.
        return "/".join(f"{every}" if different in (0, COUNT) else f"{different} of {COUNT}" for different, every in counts)

    def until(self, expected):
        """The last counts, once two in a row are as expected, or in vain."""
        good, tries, counts = 0, 0, ""
        while good < 2 and tries < TRIES:
            counts = self.once()
            good, tries = (good + 1 if counts == expected else 0), tries + 1
        return counts if good == 2 or counts != expected else f"{counts}, not twice in a row"


@contextlib.contextmanager
def talking(host, address, heard_at, wire, others, inside=(HV, AT_WIRE)):
    """`heard_at`: the guest's netdev. `wire`: the netdev at the wire's end. `others`: {name: netdev} of the other senders, of which
    "host" is the host's own. `inside`: the commands that enter the namespace of these, and of the wire."""
    named = ((inside[1], {"wire": wire}), (inside[0], {"host": others["host"]}))
    addresses = [host.ok(*enter, "cat", f"/sys/class/net/{name}/address").strip() for enter, names in named for name in names.values()]
    words = ([f"wire={wire}", f"last={wire}"], [f"{name}={netdev}" for name, netdev in others.items()])
    with contextlib.ExitStack() as running_now:
        def begin(*argv):
            process = running_now.enter_context(running(host, *argv, ready="ready"))
            equal(process.line(), "ready", "its first line")
            return process

        guest = begin(*PYTHON, GUEST, heard_at)
        senders = []
        for enter, its in zip(reversed(inside), words):
            senders.append(begin(*enter, *PYTHON, SENDERS, address, COUNT, *its))
            senders[-1].words = its
        yield Talking(guest, senders, addresses)


# For each state nfprobe's step, and the receiver to which the guest listens.
STEPS = {"talked": ("standby", "pf"), "reset": ("attach", "pf"), "up": ("up", "vf"), "up talked": ("up", "vf"),
         "unplug": ("unplug", "pf"), "unplug talked": ("unplug", "pf"), "cleared": ("clear", "pf")}


def predicted(style):
    """In which states the guest hears the wire, by what nfprobe says of a style: of the NIC's filter, by its landings; and of a bridge
    that learns, which loses for good a guest that has talked (deaf), or one that has lost its VF, until it talks again (slow)."""
    landings = {step["state"]: step["frames"]["unicast"].get("landing") for step in style["steps"]}
    bridge = style["bridge_verdict"]
    lost = {"deaf": [state for state, (_, by) in STEPS.items() if by == "pf"], "slow": ["unplug"]}.get(bridge, [])
    check(bridge in (None, "safe", "deaf", "slow"), f"nfprobe on a bridge that learns: {bridge}")
    return [state for state, (step, by) in STEPS.items() if landings[step] in (by, "both") and state not in lost]


def foretold(style, expected):
    """nfprobe says that the guest hears the wire in the states where it does, and calls safe what it always hears."""
    hears = [state for state, counts in zip(STATES, expected) if counts.startswith("20")]
    equal(predicted(style), hears, f"where the guest hears the wire, as {style['style']} foretells it and as it does")
    equal(style["verdict"] == "safe", len(hears) == len(STATES), f"is {style['style']} safe, of which nfprobe says {style['verdict']}")


def live(it, talk, expected, states=None):
    """Takes the guest `it` through its states; returns what it hears in each, which must be as expected."""
    report = []
    for (state, actions), counts in zip((states or STATES).items(), expected):
        for action in actions:
            getattr(talk if action == "talk" else it, action)()
        report.append(f"{state} {talk.until(counts)}")
        check(report[-1] == f"{state} {counts}", f"of {'/'.join(talk.names)} the guest was to hear {counts}; it hears:\n" + "\n".join(report))
    return ", ".join(report)

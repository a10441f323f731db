# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything that is sent and received at a netdev of the machine, or at all, by whatever protocol: how often, and how fast."""

import collections
import json

from probing import running
from scenario import equal

WINDOW = 3  # seconds
# By their number in a frame.
KINDS = ("unicast", "broadcast", "multicast", "unregistered", "all-nodes", "unjoined", "vlan-unicast", "vlan-broadcast",
         "vlan-multicast", "vlan-own", "vlan-free", "announce", "hello")

# All frames at a netdev, or at all, by class: {"netdev sent|received src dst type kind id": [number, most in WINDOW seconds]}.
# A frame of a sender that was off the processor for a moment is late, and the next is in time: in some seconds that is little.
SPY = r"""
import collections, json, select, socket, struct, sys
SO_TIMESTAMPNS, PACKET_OUTGOING, ETH_P_ALL = 35, 4, 3
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0 if sys.argv[1] else socket.htons(ETH_P_ALL))
s.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
if sys.argv[1]:
    s.bind((sys.argv[1], ETH_P_ALL))
seen, last = collections.Counter(), collections.defaultdict(collections.deque)
most = collections.Counter()

def take():
    data, extra, _, where = s.recvmsg(2048, 256)
    if not extra:  # of before it was told to stamp them
        return
    at = 12
    while data[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    kind, run = "", ""
    if data[at:at + 2] == b"\x88\xb5":
        kind, run = data[at + 2:at + 6].decode("latin") + str(data[at + 7]), data[at + 10:at + 26].hex()
    if data[at:at + 2] == b"\x08\x06":
        kind = f"{data[at + 9]} {data[at + 10:at + 16].hex(':')} {socket.inet_ntoa(data[at + 16:at + 20])}"
    if data[at:at + 2] == b"\x08\x00":
        kind = " ".join(f"{socket.inet_ntoa(data[i:i + 4])}:{int.from_bytes(data[j:j + 2], 'big')}"
                        for i, j in ((at + 14, at + 22), (at + 18, at + 24)))
    # A report of MLDv2, behind the hop-by-hop options: what sets its first group apart from others.
    if data[at:at + 2] == b"\x86\xdd" and data[at + 8] == 0 and data[at + 50:at + 51] == b"\x8f":
        kind = f"mld {data[at + 75:at + 78].hex(':')}"
    who = "sent" if where[2] == PACKET_OUTGOING else "received"
    key = " ".join((where[0], who, data[6:12].hex(":"), data[:6].hex(":"), data[at:at + 2].hex(), kind, run)).strip()
    if data[at:at + 2] == b"\x86\xdd" and not any(" 86dd" in key for key in seen):
        print("heard", flush=True)
    seen[key] += 1
    now = sum(n * f for n, f in zip(struct.unpack("qq", extra[0][2]), (1, 1e-9)))
    times = last[key]
    times.append(now)
    while times[0] <= now - int(sys.argv[2]):
        times.popleft()
    most[key] = max(most[key], len(times))

print("listening", flush=True)
while True:
    ready = select.select([s, sys.stdin], [], [])[0]
    if s in ready:
        take()
    elif sys.stdin in ready:
        break
drops = struct.unpack("II", s.getsockopt(263, 6, 8))[1]  # PACKET_STATISTICS
print(json.dumps({"drops": drops, "seen": {key: [seen[key], most[key]] for key in seen}}))
"""


class Spy:
    """A listener at a netdev, in a namespace or here; `seen` is set when it is left."""

    def __init__(self, host, netdev="", netns=None):
        inside = ("ip", "netns", "exec", netns) if netns else ()
        self.manager = running(host, *inside, "/usr/bin/python3", "-I", "-S", "-c", SPY, netdev, WINDOW, ready="listening")

    def __enter__(self):
        self.command = self.manager.__enter__()
        return self

    def __exit__(self, *error):
        self.manager.__exit__(*error)
        result = json.loads(self.command.result.out.splitlines()[-1])
        equal(result["drops"], 0, "frames that the listener itself has lost")
        self.seen = [Frames(key, *counts) for key, counts in result["seen"].items()]


class Listener(Spy):
    """A listener to nfprobe's own frames only: `seen` is {netdev: {destination: frames}}."""

    def __exit__(self, *error):
        super().__exit__(*error)
        frames, self.seen = self.seen, collections.defaultdict(collections.Counter)
        for f in frames:
            if f.type == "88b5":
                self.seen[f.netdev][f.dst] += f.number


class Frames:
    """The frames of one class."""

    def __init__(self, key, number, most):
        self.key, self.number, self.most = key, number, most  # most: in WINDOW seconds
        self.netdev, self.way, self.src, self.dst, self.type, *rest = key.split(" ")
        self.arp = rest if self.type == "0806" else None
        self.ip = rest if self.type == "0800" else None
        self.mld = rest[1] if self.type == "86dd" and rest and rest[0] == "mld" else None
        self.kind = self.run = None
        if self.type == "88b5" and rest and rest[0].startswith("nfpr"):
            self.kind, self.run = KINDS[int(rest[0][4:])], rest[1]
        elif self.type == "88b5" and rest and rest[0].startswith("nfpx"):
            self.kind = "carrier"  # between a prober and its reflector

    def __repr__(self):
        return f"{self.key}: {self.number}, {self.most} in {WINDOW} s"

    def faster(self, rate):
        """The rate is above so many a second. A sender off the processor for a third of a second is late, and then in time."""
        return self.most > rate * (WINDOW + 0.4) + 2

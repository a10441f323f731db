#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An enemy on the wire: hears what is sent from a netdev, and sends frames of its own there.

usage: forger.py NETDEV WHAT [FILE]    until its input ends; then prints {"heard": frames, "sent": frames, "seconds": ..}
WHAT is one of the functions below, or "record" (into FILE) or "replay" (what is in FILE, over and over).
"""

import heapq
import itertools
import json
import os
import select
import socket
import struct
import sys
import time

ETH_P_ALL, PACKET_OUTGOING = 3, 4
ETHERTYPE = b"\x88\xb5"  # of nfprobe's frames; then magic 4, version, kind, 2 zero, run id 16, number 8, time 8, tag 8
AT_KIND, AT_RUN, AT_NUMBER, AT_TAG = 19, 22, 38, 54
FOREIGN_RATE, FOREIGN_BATCH = 10_000, 50
LATE = 1.0  # seconds: in another step


def put(frame, at, data):
    return frame[:at] + data + frame[at + len(data):]


def number_of(frame):
    return struct.unpack_from("!Q", frame, AT_NUMBER)[0]


# Each: a frame that was heard -> [(seconds from now, frame)]
def unregistered_id(frame):
    """All as it should be, of another run."""
    return [(0, put(frame, AT_RUN, os.urandom(16)))] * 3


def wrong_tag(frame):
    """The run's own id and a number that is to come, but made without the key."""
    ahead = struct.pack("!Q", number_of(frame) + 50)
    return [(0, put(frame, AT_TAG, os.urandom(8))), (0, put(frame, AT_NUMBER, ahead))]


def impossible(frame):
    """Numbers that were never sent, and kinds that there are not."""
    numbers = (0, 1 << 63, (1 << 64) - 1, number_of(frame) ^ 1 << 40)
    return [(0, put(frame, AT_NUMBER, struct.pack("!Q", number))) for number in numbers] + [(0, put(frame, AT_KIND, b"\xff"))]


def truncated(frame):
    return [(0, frame[:length]) for length in (14, AT_KIND, AT_RUN + 8, AT_NUMBER, AT_TAG, AT_TAG + 7)]


def twice(frame):
    """Played back at once, three times."""
    return [(0, frame)] * 3


def late(frame):
    """Played back when the NIC is in another state."""
    return [(LATE, frame), (2 * LATE, frame)]


def silent(_):
    return []


class Enemy:
    def __init__(self, netdev, what, path):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.bind((netdev, ETH_P_ALL))
        self.socket.setblocking(False)
        self.answer = globals().get(what, silent)
        self.book = open(path, "ab") if what == "record" else None
        self.flood = what == "foreign"
        self.heard = self.sent = 0
        self.to = None  # whom nfprobe sends to
        self.due = []
        self.order = itertools.count()
        if what == "replay":
            with open(path, "rb") as book:
                frames = [bytes.fromhex(line.decode()) for line in book.read().split()]
            for number, frame in enumerate(frames):
                self.later(number / 1000, frame)
            self.old = (len(frames) / 1000, frames)

    def later(self, seconds, frame):
        heapq.heappush(self.due, (time.monotonic() + seconds, next(self.order), frame))

    def hear(self):
        frame, where = self.socket.recvfrom(2048)
        if where[2] != PACKET_OUTGOING or frame[12:14] != ETHERTYPE or len(frame) < AT_TAG + 8:
            return
        self.heard += 1
        if not frame[0] & 1 and frame[AT_KIND] == 0:
            self.to = frame[:6]
        if self.book:
            self.book.write(frame.hex().encode() + b"\n")
        for seconds, answer in self.answer(frame):
            if seconds:
                self.later(seconds, answer)
            else:
                self.send(answer)

    def send(self, frame):
        try:
            self.socket.send(frame)
            self.sent += 1
        except OSError:  # no carrier, no room
            pass

    def flush(self):
        """Sends what is due; seconds until the next."""
        now = time.monotonic()
        for _ in range(200):
            if not self.due or self.due[0][0] > now:
                break
            self.send(heapq.heappop(self.due)[2])
        return max(0, self.due[0][0] - now) if self.due else None

    def foreign(self, next_at):
        """FOREIGN_RATE frames a second for the same address, which are nothing of nfprobe's."""
        now = time.monotonic()
        if self.to and now >= next_at:
            frame = (self.to + b"\x02\0\x5e\0\x7f\1" + b"\x08\x00" + bytes(46), self.to + b"\x02\0\x5e\0\x7f\1" + ETHERTYPE + bytes(48))
            for number in range(FOREIGN_BATCH):
                self.send(frame[number & 1])
        return max(next_at, now - 0.1) + FOREIGN_BATCH / FOREIGN_RATE if now >= next_at else next_at

    def run(self):
        begun = next_at = time.monotonic()
        print("ready", flush=True)
        while True:
            wait = self.flush()
            if self.flood:
                next_at = self.foreign(next_at)
                wait = max(0, next_at - time.monotonic())
            elif not self.due and hasattr(self, "old"):
                for number, frame in enumerate(self.old[1]):
                    self.later(number / 1000, frame)
            ready = select.select([self.socket, sys.stdin], [], [], wait)[0]
            if sys.stdin in ready:
                break
            if self.socket in ready:
                self.hear()
        if self.book:
            self.book.close()
        print(json.dumps({"heard": self.heard, "sent": self.sent, "seconds": time.monotonic() - begun}), flush=True)


if __name__ == "__main__":
    Enemy(*sys.argv[1:3], *(sys.argv[3:] or [None])).run()

# SPDX-License-Identifier: GPL-2.0-or-later
"""The protocol between host and guest on the virtio-serial port.

A frame is a kind (one byte), the number of the command it belongs to, a length (both 32 bits, big
endian) and that many bytes. The host chooses the numbers; 0 is the machine itself.
"""

import struct

HEADER = struct.Struct("!cII")
MAX = 1 << 16

# From the host.
RUN = b"R"  # JSON: argv, cwd, env, stdin, tty, rows, cols; hold: a text or several, at each of which it
           # stands still, once it has written it, until the next signal
STDIN = b"I"  # bytes; none at all is the end of the file
SIGNAL = b"S"  # number of the signal, in decimal, for the whole process group
WINSIZE = b"W"  # "rows cols"
PING = b"P"  # comes back as it is

# From the guest.
HELLO = b"H"  # JSON: error, if the machine could not be set up
STDOUT = b"O"
STDERR = b"E"
STATUS = b"X"  # JSON: exit or signal, or error when it could not be started


def pack(kind, number, data=b""):
    """The bytes of one frame, or of several of the same kind if the data is long."""
    chunks = [data[i : i + MAX] for i in range(0, len(data), MAX)] or [b""]
    return b"".join(HEADER.pack(kind, number, len(chunk)) + chunk for chunk in chunks)


class Parser:
    """Cuts a stream of bytes into (kind, number, data)."""

    def __init__(self):
        self.buffer = bytearray()

    def feed(self, data):
        self.buffer += data
        while len(self.buffer) >= HEADER.size:
            kind, number, length = HEADER.unpack_from(self.buffer)
            if len(self.buffer) < HEADER.size + length:
                return
            body = bytes(self.buffer[HEADER.size : HEADER.size + length])
            del self.buffer[: HEADER.size + length]
            yield kind, number, body

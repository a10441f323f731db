# SPDX-License-Identifier: GPL-2.0-or-later
"""A process that keeps its own mmap lock: who reads its arguments or its mappings waits for as long as it likes.

It serves a file by FUSE, maps it as shared, writes to it, and maps it once more, opened for direct I/O. The kernel first has the server
write back what is dirty (fuse_file_mmap), with the lock held, and the server, its parent, does not answer. Root runs it as
`held.py USER [WORD..]`: it says "held" once it has the lock, as that user, and stays until the server is killed. An ordinary user does the
same in a user namespace of his own, or by fusermount3."""

import ctypes
import mmap
import os
import struct
import sys

CLONE_NEWNS = 0x20000
FOPEN_DIRECT_IO, FOPEN_KEEP_CACHE = 1, 2  # without the second, open(2) would have it written back, without the lock
LOOKUP, FORGET, GETATTR, OPEN, READ, WRITE, RELEASE, FLUSH, INIT, INTERRUPT = 1, 2, 3, 14, 15, 16, 18, 25, 26, 36
SIZE = 4096
PR_SET_PDEATHSIG, SIGKILL = 1, 9
LIBC = ctypes.CDLL(None, use_errno=True)


def must(result, what):
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def attributes(node):
    mode, size = (0o40755, 0) if node == 1 else (0o100666, SIZE)
    return struct.pack("<6Q10I", node, size, 1, 0, 0, 0, 0, 0, 0, mode, 1, os.getuid(), os.getgid(), 0, SIZE, 0)


def serve(fuse):
    """(include/uapi/linux/fuse.h)"""
    opened = 0
    while True:
        request = os.read(fuse, 1 << 17)
        _, code, unique, node = struct.unpack_from("<IIQQ", request)
        if code == WRITE:
            print("held", flush=True)
            continue
        if code in (FORGET, INTERRUPT):
            continue
        error, data = 0, b""
        if code == INIT:
            data = struct.pack("<IIIIHHIIHHI7I", 7, 31, SIZE, 0, 12, 9, SIZE, 1, 1, 0, 0, *(0,) * 7)
        elif code == LOOKUP:
            data = struct.pack("<4Q2I", 2, 0, 3600, 3600, 0, 0) + attributes(2)
        elif code == GETATTR:
            data = struct.pack("<QII", 3600, 0, 0) + attributes(node)
        elif code == OPEN:
            data = struct.pack("<QII", opened, FOPEN_DIRECT_IO | FOPEN_KEEP_CACHE if opened else 0, 0)
            opened += 1
        elif code == READ:
            data = bytes(SIZE)
        elif code not in (RELEASE, FLUSH):
            error = -38  # ENOSYS
        os.write(fuse, struct.pack("<IiQ", 16 + len(data), error, unique) + data)


def main(owner):
    must(LIBC.unshare(CLONE_NEWNS), "unshare")
    must(LIBC.mount(b"none", b"/", None, 0x4000 | 0x40000, None), "make mounts private")  # MS_REC | MS_PRIVATE
    fuse = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={fuse},rootmode=40000,user_id={owner},group_id={owner}".encode()
    must(LIBC.mount(b"held", b"/mnt", b"fuse", 0x6, options), "mount")  # MS_NOSUID | MS_NODEV
    os.setgid(owner)
    os.setuid(owner)
    LIBC.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)  # setuid(2) has cleared it
    if os.fork():
        serve(fuse)
    os.close(fuse)
    first = os.open("/mnt/x", os.O_RDWR)
    shared = mmap.mmap(first, SIZE)
    shared[0] = 1
    again = os.open("/mnt/x", os.O_RDWR)
    mmap.mmap(again, SIZE, mmap.MAP_PRIVATE)


if __name__ == "__main__":
    main(int(sys.argv[1]))

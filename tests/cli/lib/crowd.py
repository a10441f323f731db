# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes of a user who wants root to wait, or to run out of memory.

crowd.py many NUMBER               so many, each called as a guest of libvirt's, whose arguments are 64 MB of zeros that were never
                                   touched, with 64 open devices; it says "up", and the first of them that ends ends all
crowd.py within MB SECONDS WORD..  runs a program, which is killed after so many seconds; fails if it was, or if it or a child of it had
                                   more memory"""

import ctypes
import mmap
import os
import resource
import signal
import struct
import subprocess
import sys
import time

NOBODY = 65534
ARGUMENTS = 64 << 20
DEVICES = 64
PR_SET_PDEATHSIG, PR_SET_NAME, PR_SET_MM, PR_SET_MM_MAP = 1, 15, 35, 14
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.sbrk.restype = ctypes.c_void_p


def claim_arguments(start, end):
    """A process says itself where its arguments are (struct prctl_mm_map, include/uapi/linux/prctl.h)."""
    with open("/proc/self/stat", "rb") as file:
        stat = [0, 0, 0, *file.read().rpartition(b")")[2].split()]
    code, code_end, stack, data, data_end, brk = (int(stat[at]) for at in (26, 27, 28, 45, 46, 47))
    zeros = struct.pack("<11QQIi", code, code_end, data, data_end, brk, LIBC.sbrk(0), stack, start, end, end, end, 0, 0, -1)
    if LIBC.prctl(PR_SET_MM, PR_SET_MM_MAP, zeros, ctypes.c_ulong(len(zeros)), 0):
        raise OSError(ctypes.get_errno(), "PR_SET_MM_MAP")


def many(number):
    os.makedirs("/dev/net", exist_ok=True)
    if not os.path.exists("/dev/net/tun"):
        os.mknod("/dev/net/tun", 0o20666, os.makedev(10, 200))
    os.chmod("/dev/net/tun", 0o666)
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # setuid(2) has cleared it
    LIBC.prctl(PR_SET_NAME, b"qemu-system-x86", 0, 0, 0)
    zeros = mmap.mmap(-1, ARGUMENTS, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    start = ctypes.addressof(ctypes.c_char.from_buffer(zeros))
    claim_arguments(start, start + ARGUMENTS)
    tun = os.open("/dev/net/tun", os.O_RDWR)
    while tun < DEVICES:
        tun = os.dup(tun)
    for _ in range(int(number)):
        if os.fork() == 0:
            signal.pause()
    print("up", flush=True)
    os.wait()


def within(megabytes, seconds, *words):
    begun = time.monotonic()
    with subprocess.Popen(words) as process:
        try:
            status = process.wait(float(seconds))
        except subprocess.TimeoutExpired:
            process.kill()
            sys.exit(f"killed after {seconds} s: {' '.join(words)}")
    had = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    if had > float(megabytes):
        sys.exit(f"it had {had:.0f} MB of memory: {' '.join(words)}")
    if os.environ.get("NFPROBE_CROWD"):
        os.write(3, f"# {had:.0f} MB, {time.monotonic() - begun:.1f} s: {' '.join(words)[:120]}\n".encode())
    sys.exit(status)


if __name__ == "__main__":
    {"many": many, "within": within}[sys.argv[1]](*sys.argv[2:])

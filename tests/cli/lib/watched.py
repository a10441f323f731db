#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest's tap on a bridge with eth0, or its macvtap on eth0, and frames from the wire for as long as a command runs.

usage: watched.py KIND SETTING COMMAND...

KIND: tap or macvtap, watched0 of the guest web1. SETTING is what a shell does once all stands. Frames go to the guest, to everybody and to a
group until the command is over; the exit status is the command's. Once it has listened for 20 rounds of them it gets SIGINT.
"""

import fcntl
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 2, 0x1000
GUEST, OTHER = bytes.fromhex("525400000012"), bytes.fromhex("020000000009")
PF, WIRE = "eth0", "wire0"
SOCKETS, ROUNDS = 7, 20
DESTINATIONS = (GUEST, b"\xff" * 6, bytes.fromhex("3333ff000012"))


def sh(text):
    subprocess.run(["sh", "-ec", text], check=True)


def open_tap():
    sh(f"ip link add br0 type bridge mcast_snooping 0; ip link set br0 up; ip link set {PF} master br0")
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", b"watched0", IFF_TAP | IFF_NO_PI))
    # As libvirt makes it; the bridge learns its guest.
    sh("ip link set watched0 address fe:54:00:00:00:12 master br0 up")
    os.write(tap, b"\xff" * 6 + GUEST + b"\x88\xb5" + bytes(46))
    return tap


def open_macvtap():
    sh(f"ip link add link {PF} name watched0 address 52:54:00:00:00:12 type macvtap mode bridge; ip link set watched0 allmulticast on up")
    with open("/proc/devices", encoding="ascii") as file:
        [major] = [int(line.split()[0]) for line in file if line.split()[1:] == ["macvtap"]]
    path = f"/dev/tap{socket.if_nametoindex('watched0')}"
    sh("mount -t tmpfs none /dev")
    os.mknod(path, 0o020600, os.makedev(major, 1))
    return os.open(path, os.O_RDWR | os.O_NONBLOCK)


def drain(fd):
    """A netdev that is down gives an error of its own."""
    try:
        while os.read(fd, 65536):
            pass
    except OSError:
        pass


def begin(kind, setting, command):
    """Goes on as a QEMU by its name and by its arguments, which have the guest's name and address, and VF 3."""
    sh(f"ip link set {PF} up; ip link set {WIRE} up")
    tap = {"tap": open_tap, "macvtap": open_macvtap}[kind]()
    sh(setting)
    os.set_inheritable(tap, True)
    qemu = ["-name", "guest=web1", "-netdev", f"tap,fd={tap},id=host0", "-device", "virtio-net-pci,netdev=host0,mac=52:54:00:00:00:12",
            "-device", "vfio-pci,host=0000:01:10.6"]
    program = "/var/lib/qemu-system-x86_64"  # in the test's own tmpfs
    shutil.copy(os.path.realpath(sys.executable), program)
    os.execv(program, [program, "-I", "-S", __file__, "--", str(tap), *qemu, "--", *command])


def listens(index):
    """Are all sockets of a listener at the netdev? There it comes last."""
    with open("/proc/net/packet", encoding="ascii") as file:
        return [line.split()[4] for line in file].count(str(index)) >= SOCKETS


def go_on(tap, command):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    wire.bind((WIRE, 0))
    index, rounds = socket.if_nametoindex(PF), 0
    with subprocess.Popen(command) as process:
        while True:
            try:
                return process.wait(0.01)
            except subprocess.TimeoutExpired:
                pass
            rounds += rounds > 0 or listens(index)
            for destination in DESTINATIONS:
                wire.send(destination + OTHER + b"\x88\xb5" + bytes(46))
            drain(tap)
            if rounds == ROUNDS:
                process.send_signal(signal.SIGINT)


def main():
    if sys.argv[1] != "--":
        return begin(sys.argv[1], sys.argv[2], sys.argv[3:])
    return go_on(int(sys.argv[2]), sys.argv[sys.argv.index("--", 2) + 1:])


if __name__ == "__main__":
    sys.exit(main())

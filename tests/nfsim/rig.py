#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Works a simulated NIC with plain sockets, sysfs, ip and bridge, on the machine that has it.

Reads requests from stdin, a JSON object a line: {"do": METHOD OF Rig, arguments...};
answers each with a line {"result": ...} or {"error": ...}. Nothing here knows nfprobe.
"""

import contextlib
import fcntl
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "vm"))
import killer  # noqa: E402

BUS = "/sys/bus/nfsim"
DEBUG = "/sys/kernel/debug"
ETH_P_TEST = 0x88B5
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING = 263, 1, 8, 23
PACKET_MR_MULTICAST, PACKET_MR_PROMISC, PACKET_MR_ALLMULTI, PACKET_MR_UNICAST = 0, 1, 2, 3
SO_RCVBUFFORCE = 33
TP_STATUS_VLAN_VALID = 1 << 4
RTMGRP_LINK = 1
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
QUIET = 0.06  # seconds without a frame after which no more are expected, of a NIC without delays


def raw(address):
    return bytes.fromhex(address.replace(":", ""))


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def write(path, text):
    """Writes as echo does; an OSError is the driver's answer."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def pause():
    """debugfs has no events. A loop without a pause takes the machine's one processor, and so its clock, from everybody else."""
    select.select([], [], [], 0.01)


class Refused(Exception):
    """A command that failed: what it said, which has the kernel's answer."""


def command(*argv):
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused((done.stderr or done.stdout).strip())
    return done.stdout


class Ear:
    """A socket that hears test frames at a netdev."""

    def __init__(self, netdev):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        self.socket.bind((netdev, 3))  # ETH_P_ALL: an unknown VLAN's frames too
        self.socket.setblocking(False)

    def fileno(self):
        return self.socket.fileno()

    def hear(self, run):
        """(number, vid or None) of the next frame; None if it is not of this run."""
        data, extra, _, _ = self.socket.recvmsg(2048, 256)
        vid = None
        for level, kind, value in extra:
            if level == SOL_PACKET and kind == PACKET_AUXDATA:
                status, _, _, _, _, tci, _ = struct.unpack("IIIHHHH", value[:20])
                if status & TP_STATUS_VLAN_VALID:
                    vid = tci & 0xFFF
        if data[14:22] != run:
            return None
        return struct.unpack("!I", data[22:26])[0], vid


class Rig:
    def __init__(self, nic=0):
        self.nic = int(nic)
        self.name = f"nfsim{self.nic}"
        self.device = f"{BUS}/devices/{self.name}"
        self.debug = f"{DEBUG}/nfsim/{self.name}"
        self.memberships = {}
        if not os.path.isdir(f"{DEBUG}/nfsim"):
            with contextlib.suppress(Refused):  # another rig has done it at this moment; else the next read says so
                command("mount", "-t", "debugfs", "debugfs", DEBUG)

    def leave(self):
        """Nothing of the NIC is in use any more, and another one may come in its place."""
        for holder in self.memberships.values():
            holder.close()
        self.memberships.clear()

    # Names
    def netdev(self, port):
        """The name of the netdev of pf, wire, or a VF's number; None if it has none now."""
        if isinstance(port, str) and port not in ("pf", "wire"):
            return port
        folder = {"pf": self.device, "wire": self.device + "-wire"}.get(port, f"{self.device}/virtfn{port}")
        try:
            names = os.listdir(f"{folder}/net")
        except OSError:
            return None
        return min(names, key=lambda name: name.endswith("s"), default=None)  # that of the other port ends so

    def has_netdev(self, port):
        return self.netdev(port) is not None

    def address(self, port):
        return read(f"/sys/class/net/{self.netdev(port)}/address").strip()

    # The NIC
    def personality(self, text=None):
        if text is not None:
            write(f"{self.device}/personality", text)
        return dict(line.split("=") for line in read(f"{self.device}/personality").split())

    def vfs(self, number):
        write(f"{self.device}/sriov_numvfs", str(number))

    def autoprobe(self, value):
        write(f"{self.device}/sriov_drivers_autoprobe", str(value))

    # Netdevs
    def is_up(self, port):
        return int(read(f"/sys/class/net/{self.netdev(port)}/flags"), 16) & IFF_UP != 0

    def flags(self, port, up):
        name = self.netdev(port).encode()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            answer = fcntl.ioctl(control, SIOCGIFFLAGS, struct.pack("16sh14x", name, 0))
            flags = struct.unpack("16sh14x", answer)[1]
            flags = flags | IFF_UP if up else flags & ~IFF_UP
            fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", name, flags))

    def up(self, port):
        self.flags(port, True)

    def down(self, port):
        self.flags(port, False)

    def carrier(self, port):
        try:
            return read(f"/sys/class/net/{self.netdev(port)}/carrier").strip() == "1"
        except OSError:  # a netdev that is down has none
            return False

    def operstate(self, port):
        """The state that others are told, some time after the carrier has changed."""
        return read(f"/sys/class/net/{self.netdev(port)}/operstate").strip()

    def cable(self, plugged):
        write(f"/sys/class/net/{self.netdev('pf')}/carrier", str(int(plugged)))

    def until(self, what, port, value, timeout=120):
        """Waits until a method of this class gives that, asked again at each change of a link; returns how long it took, ns."""
        start = time.monotonic_ns()
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as news:
            news.bind((0, RTMGRP_LINK))
            while getattr(self, what)(port) != value:
                left = timeout - (time.monotonic_ns() - start) / 1e9
                if left <= 0 or not select.select([news], [], [], left)[0]:
                    raise Refused(f"{what} of {port} is not {value} after {timeout} s")
                news.recv(1 << 16)
        return time.monotonic_ns() - start

    # VFs, as the PF
    def vf(self, vf, *words):
        command("ip", "link", "set", self.netdev("pf"), "vf", vf, *words)

    def assign(self, vf, mac):
        self.vf(vf, "mac", mac)

    def clear(self, vf):
        self.vf(vf, "mac", "00:00:00:00:00:00")

    def vlan(self, vf, vid, proto="802.1Q", qos=0):
        self.vf(vf, "vlan", vid, "qos", qos, "proto", proto)

    def infos(self):
        """The VFs as rtnetlink lists them; None if it has no list of them."""
        links = json.loads(command("ip", "-s", "-d", "-j", "link", "show", self.netdev("pf")))
        return links[0].get("vfinfo_list")

    def info(self, vf):
        """One VF of that list; None if it is left out."""
        return next((info for info in self.infos() if info["vf"] == vf), None)

    def spoofchk(self, vf, value):
        self.vf(vf, "spoofchk", value)

    def trust(self, vf, value):
        self.vf(vf, "trust", value)

    # VFs, as devices
    def bind(self, vf, driver="nfsimvf"):
        write(f"{BUS}/drivers/{driver}/bind", f"{self.name}-vf{vf}")

    def unbind(self, vf):
        write(f"{self.device}/virtfn{vf}/driver/unbind", f"{self.name}-vf{vf}")

    def any_id(self, on):
        """nfsimuio matches any VF that has no driver_override, and takes those without a driver; no more if not on."""
        write(f"{BUS}/drivers/nfsimuio/{'new_id' if on else 'remove_id'}", "nfsim:vf")

    def reset(self, vf):
        write(f"{self.device}/virtfn{vf}/reset", "1")

    def vf_attribute(self, vf, name, value=None):
        path = f"{self.device}/virtfn{vf}/{name}"
        if value is not None:
            write(path, value)
        return read(path).strip()

    def driver(self, vf):
        try:
            return os.path.basename(os.readlink(f"{self.device}/virtfn{vf}/driver"))
        except OSError:
            return None

    # The PF as a standby
    def hold(self, mac):
        command("bridge", "fdb", "add", mac, "dev", self.netdev("pf"), "self", "permanent")

    def release(self, mac):
        command("bridge", "fdb", "del", mac, "dev", self.netdev("pf"), "self")

    def member(self, port, on, kind, address=""):
        """A packet socket's membership of a netdev."""
        holder = self.memberships.pop((port, kind, address), None)
        if holder:
            holder.close()
        if on:
            holder = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            index = socket.if_nametoindex(self.netdev(port))
            membership = struct.pack("iHH8s", index, kind, len(raw(address)), raw(address))
            holder.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership)
            self.memberships[port, kind, address] = holder

    def promisc(self, port, on):
        self.member(port, on, PACKET_MR_PROMISC)

    def allmulti(self, port, on):
        self.member(port, on, PACKET_MR_ALLMULTI)

    def unicast(self, port, on, address):
        """Enters an address as a macvtap does: no driver's FDB handlers are asked."""
        self.member(port, on, PACKET_MR_UNICAST, address)

    def group(self, port, on, address):
        self.member(port, on, PACKET_MR_MULTICAST, address)

    def send(self, port, frame):
        """One, in hex."""
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as out:
            out.bind((self.netdev(port), 0))
            out.send(bytes.fromhex(frame))

    def ip(self, *words):
        return command("ip", *words)

    def ip_json(self, *words):
        return json.loads(command("ip", "-j", *words) or "[]")

    def run(self, *words):
        return command(*words)

    # The NIC's own account
    def log(self, clear=False):
        """[[ns, port, what, address or None]]"""
        lines = [line.split(" ") for line in read(f"{self.debug}/log").splitlines()]
        if clear:
            write(f"{self.debug}/log", "0")
        answer = []
        for ns, port, *words in lines:
            mac = words.pop() if words[-1].count(":") == 5 else None
            answer.append([int(ns), port, " ".join(words), mac])
        return answer

    def calls(self, clear=False):
        """[[ns, VF, call, name of the process, argument]]: what was asked of VFs, as it reached the driver."""
        lines = [(line + " ").split(" ") for line in read(f"{self.debug}/calls").splitlines()]
        if clear:
            write(f"{self.debug}/calls", "0")
        if lines and lines[0][1] == "forgotten":
            raise Refused(f"{lines[0][0]} calls are forgotten")
        return [[int(ns), int(vf[2:]), call, who, argument] for ns, vf, call, who, argument, *_ in lines]

    def counters(self, clear=False):
        """[[from, address, to, taken, not taken]]"""
        lines = [line.split(" ") for line in read(f"{self.debug}/counters").splitlines()]
        if clear:
            write(f"{self.debug}/counters", "0")
        return [[a, mac, b, int(taken), int(lost)] for a, mac, b, taken, lost in lines]

    def reads(self, clear=False):
        """How often rtnetlink asked the driver about a VF, under its lock."""
        count = int(read(f"{self.debug}/reads"))
        if clear:
            write(f"{self.debug}/reads", "0")
        return count

    def filters(self):
        return read(f"{self.debug}/filters").splitlines()

    def state(self):
        """The state that a run must restore, by netlink and sysfs; no VF is in reset then."""
        self.personality("vfr=never")
        found = killer.Nic(self.netdev("pf"), self.netdev("wire"), 0, 0).state()
        del found["filters"], found["vlans"]  # a task of the driver may write the tables later, and a namespace may go later
        return found

    # Frames
    def receivers(self):
        ports = ["pf", "wire"] + [int(name[6:]) for name in os.listdir(self.device) if name.startswith("virtfn")]
        return [port for port in ports if self.netdev(port) and self.is_up(port)]

    def frames(self, to, origin="wire", count=20, source=None, vid=None, tpid=0x8100, rate=None, quiet=QUIET, also=()):
        """Sends and listens, at other netdevs also: {"sent": [ns], "seen": {port: [[number, vid or None, ns]]}}, each in its order."""
        run = os.urandom(8)
        ears = {Ear(self.netdev(port)): port for port in [*self.receivers(), *also]}
        seen = {str(port): [] for port in ears.values()}
        out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        out.bind((self.netdev(origin), 0))
        tag = struct.pack("!HH", tpid, vid) if vid is not None else b""
        head = raw(to) + raw(source or self.address(origin)) + tag + struct.pack("!H", ETH_P_TEST) + run

        def listen(timeout):
            ready = select.select(list(ears), [], [], timeout)[0]
            for ear in ready:
                frame = ear.hear(run)
                if frame:
                    seen[str(ears[ear])].append([*frame, time.monotonic_ns()])
            return bool(ready)

        sent = []
        start = time.monotonic()
        for number in range(count):
            sent.append(time.monotonic_ns())
            try:
                out.send((head + struct.pack("!I", number)).ljust(60, b"\0"))
            except OSError:  # no carrier: nobody gets it
                pass
            while rate and (left := start + (number + 1) / rate - time.monotonic()) > 0:
                listen(left)
        while listen(quiet):
            pass
        out.close()
        for ear in ears:
            ear.socket.close()
        return {"sent": sent, "seen": seen}

    def counts(self, **request):
        return {port: len(frames) for port, frames in self.frames(**request)["seen"].items()}

    def landing(self, to, origin="wire", count=20, **request):
        """The ports that have all of the frames, joined by "+"; "nowhere"; "mixed" if any has but some."""
        counts = self.counts(to=to, origin=origin, count=count, **request)
        if any(0 < number < count for number in counts.values()):
            return f"mixed {counts}"
        ports = sorted(f"vf{port}" if port.isdigit() else port for port, n in counts.items() if n)
        return "+".join(ports) or "nowhere"


def main(kind=Rig):
    rig = kind(*sys.argv[1:])
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"result": getattr(rig, request.pop("do"))(*request.pop("args", []), **request)}
        except Refused as error:
            answer = {"error": str(error)}
        except OSError as error:
            answer = {"error": f"{error.strerror} [{error.errno}]"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

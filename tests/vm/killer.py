#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Kills runs of nfprobe, restores, and compares the host with what it was; in the machine that has the NICs.

usage: killer.py NFPROBE SEED {"pf": NAME, "wire": NAME, "begin": N, "end": N}...

One worker a PF; each makes the kills of its PF from number `begin` up to `end`. SEED, PF and number alone determine
a kill: what the VF is like before, what the run is asked, and when it is killed: at an instant of its length, or
right after the n-th change that -v shows, which is in the journal and is about to be made. A restore is killed likewise.
Prints a JSON object a line: one for each kill, what is wrong in "wrong".

Nothing here asks nfprobe: the state is read by netlink and sysfs.
"""

import contextlib
import dataclasses
import json
import os
import random
import resource
import shutil
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

VF, SIBLING = 3, 1
RUNDIR = "/run/nfprobe"
QUICK = ("--settle", "0.1", "--rate", "50")
DEADLINE = 300  # seconds for a run, and for --restore
POLL_S = 0.05
RESTORE_CHANGES = 14  # about as many as a restore makes
AF_BRIDGE, RTMGRP_LINK = 7, 1
RTM_GETLINK, RTM_SETLINK, RTM_GETNEIGH = 18, 19, 30
NLM_F_REQUEST, NLM_F_ACK, NLM_F_ROOT, NLM_F_MATCH = 1, 4, 0x100, 0x200
NLMSG_ERROR, NLMSG_DONE = 2, 3
IFLA_IFNAME, IFLA_MTU, IFLA_EXT_MASK, RTEXT_FILTER_VF, RTEXT_FILTER_SKIP_STATS = 3, 4, 29, 1, 8
IFLA_VFINFO_LIST, IFLA_VF_INFO, NLA_F_NESTED = 22, 1, 0x8000
IFLA_VF_MAC, IFLA_VF_VLAN, IFLA_VF_SPOOFCHK, IFLA_VF_STATS, IFLA_VF_TRUST = 1, 2, 4, 8, 9
# The attributes of a netdev: address, name, MTU, master, promiscuity, and the count of those that want all multicast.
LINK_ATTRS = {1: "address", 3: "name", 4: "mtu", 10: "master", 30: "promiscuity", 61: "allmulti"}
NDA_LLADDR, NDA_CACHEINFO, NUD_PERMANENT, NUD_NOARP = 2, 3, 0x80, 0x40
IFF_UP, IFF_PROMISC = 1, 0x100
ZERO = "00:00:00:00:00:00"


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return None


def write(path, text):
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def target(path):
    return os.path.basename(os.readlink(path)) if os.path.islink(path) else None


def listing(path):
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []


# ---- netlink, as far as it takes


def attributes(data):
    """[(type, payload)]"""
    at = 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("HH", data, at)
        if length < 4:
            break
        yield kind & 0x3FFF, data[at + 4 : at + length]
        at += (length + 3) & ~3


def ask(kind, flags, body):
    """The payloads of the messages that the kernel answers with, to an acknowledgement or the end of a dump."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as nl:
        nl.bind((0, 0))
        nl.send(struct.pack("IHHII", 16 + len(body), kind, NLM_F_REQUEST | flags, 1, 0) + body)
        while True:
            data = nl.recv(1 << 20)
            at = 0
            while at + 16 <= len(data):
                length, answer, _, _, _ = struct.unpack_from("IHHII", data, at)
                if answer == NLMSG_ERROR:
                    error = -struct.unpack_from("i", data, at + 16)[0]
                    if error:
                        raise OSError(error, f"netlink: {os.strerror(error)}")
                if answer in (NLMSG_ERROR, NLMSG_DONE):
                    return
                yield data[at + 16 : at + length]
                at += (length + 3) & ~3


def attribute(kind, payload):
    return struct.pack("HH", 4 + len(payload), kind) + payload + bytes(-len(payload) % 4)


def link(index):
    """The attributes of a netdev that are compared."""
    mask = attribute(IFLA_EXT_MASK, struct.pack("I", RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS))
    (body,) = ask(RTM_GETLINK, NLM_F_ACK, struct.pack("BxHiII", 0, 0, index, 0, 0) + mask)
    found = {"flags": struct.unpack_from("BxHiII", body)[3] & (IFF_UP | IFF_PROMISC), "vfs": {}}
    for kind, value in attributes(body[16:]):
        if kind in LINK_ATTRS:
            found[LINK_ATTRS[kind]] = value.hex()
        elif kind == IFLA_VFINFO_LIST:
            for _, info in attributes(value):  # a driver leaves a VF out while it is in reset
                one = dict(attributes(info))
                number = struct.unpack_from("I", one[IFLA_VF_MAC])[0]
                found["vfs"][number] = {str(k): v.hex() for k, v in one.items() if k != IFLA_VF_STATS}
    return found


def set_link(index, flags, *wanted):
    """RTM_SETLINK: what is in `flags`, and attributes."""
    for _ in ask(RTM_SETLINK, NLM_F_ACK, struct.pack("BxHiII", 0, 0, index, flags, flags) + b"".join(wanted)):
        pass


def set_vf(index, number, address, vlan, qos, spoofchk, trust):
    """Each as `ip link set ... vf` does it, in one request."""
    info = attribute(IFLA_VF_MAC, struct.pack("I32s", number, bytes.fromhex(address.replace(":", ""))))
    info += attribute(IFLA_VF_VLAN, struct.pack("III", number, vlan, qos))
    info += attribute(IFLA_VF_SPOOFCHK, struct.pack("II", number, spoofchk))
    info += attribute(IFLA_VF_TRUST, struct.pack("II", number, trust))
    set_link(index, 0, attribute(IFLA_VFINFO_LIST | NLA_F_NESTED, attribute(IFLA_VF_INFO | NLA_F_NESTED, info)))


def fdb(index):
    """The entries that somebody made in the FDB of a netdev, or of the bridge that it is a port of."""
    entries = []
    for body in ask(RTM_GETNEIGH, NLM_F_ROOT | NLM_F_MATCH, struct.pack("BxHiII", AF_BRIDGE, 0, index, 0, 0)):
        _, of, state, flags, _ = struct.unpack_from("BxxxiHBB", body)
        if of == index and state & (NUD_PERMANENT | NUD_NOARP):
            kept = [(kind, value.hex()) for kind, value in attributes(body[12:]) if kind != NDA_CACHEINFO]
            entries.append([flags, *sorted(kept)])
    return sorted(entries)


def groups(name):
    """The multicast groups in the list of a netdev, each with the number of those that joined it."""
    lines = map(str.split, (read("/proc/net/dev_mcast") or "").splitlines())
    return sorted([group, users] for _, netdev, users, _, group in lines if netdev == name)


def of_netdev(name):
    index = socket.if_nametoindex(name)
    return [link(index), fdb(index), groups(name)]


def stack(name):
    """A netdev, all that stand on it, and what else these stand on."""
    found, left = set(), [name]
    while left:
        one = left.pop()
        found.add(one)
        ways = ("upper_",) if one == name else ("upper_", "lower_")
        near = [entry.partition("_")[2] for entry in listing(f"/sys/class/net/{one}") if entry.startswith(ways)]
        left += [other for other in near if other not in found]
    return found


# ---- one NIC


@dataclasses.dataclass
class Nic:
    pf: str
    wire: str
    begin: int
    end: int
    bond: bool = False  # the PF is a member of one, which has no VLAN

    def __post_init__(self):
        self.device = os.path.realpath(f"/sys/class/net/{self.pf}/device")
        self.name = os.path.basename(self.device)
        self.bus = os.path.realpath(f"{self.device}/subsystem")
        self.index = int(read(f"/sys/class/net/{self.pf}/ifindex"))
        self.simulated = os.path.basename(self.bus) == "nfsim"

    def vf(self, number):
        return os.path.realpath(f"{self.device}/virtfn{number}")

    def vfs(self):
        """All: the source, or a standby's port, and the one under test."""
        return range(int(read(f"{self.device}/sriov_numvfs")))

    def netdev(self, number):
        names = listing(self.vf(number) + "/net")
        return names[0] if names else None

    def of_vf(self, number):
        path, name = self.vf(number), self.netdev(number)
        of = link(socket.if_nametoindex(name)) if name else None
        return {"driver": target(f"{path}/driver"), "override": read(f"{path}/driver_override"), "netdev": name, "link": of}

    def state(self):
        return {
            "pf": link(self.index),
            "children": [name for name in listing(f"/sys/class/net/{self.pf}") if name.startswith("upper_")],
            "beside": {name: of_netdev(name) for name in sorted(stack(self.pf) - {self.pf})} if self.bond else {},
            "vfs": [self.of_vf(number) for number in self.vfs()],
            "fdb": fdb(self.index),
            "groups": groups(self.pf),
            "journal": [name for name in listing(RUNDIR) if name.startswith(self.name + ".") and not name.endswith(".lock")],
            "filters": filters(self.name),
            "vlans": [line for line in filters(self.name) if line.startswith("pf vlan")],
        }

    @staticmethod
    def kept(state):
        """The part of a state that a process holds at the PF and the source, and so cannot leave behind."""
        names = ("flags", "promiscuity", "allmulti")
        return {"pf": {name: state["pf"].get(name) for name in names}, **{name: state[name] for name in ("fdb", "groups", "vlans")}}

    def bind(self, number, driver):
        write(f"{self.bus}/drivers/{driver}/bind", os.path.basename(self.vf(number)))

    def unbind(self, number):
        driver = target(self.vf(number) + "/driver")
        if driver:
            write(f"{self.bus}/drivers/{driver}/unbind", os.path.basename(self.vf(number)))


def filters(name):
    """The entries of the PF in a simulated NIC's tables; VFs' own filters come and go with their drivers."""
    text = read(f"/sys/kernel/debug/nfsim/{name}/filters") or ""
    return sorted(line for line in text.splitlines() if line.startswith("pf"))


def differences(before, after, path=""):
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(set(before) | set(after), key=str):
            yield from differences(before.get(key), after.get(key), f"{path}/{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after)):
            yield from differences(one, other, f"{path}/{number}")
    elif before != after:
        yield f"{path}: {json.dumps(before)} -> {json.dumps(after)}"


# ---- what is drawn


class Lot:
    """The settings that seed, PF and number determine."""

    def __init__(self, seed, nic, number):
        self.number = number
        draw = random.Random(f"{seed}/{nic.pf}/{number}")
        self.address = "02:00:5e:%02x:%02x:%02x" % tuple(draw.randrange(256) for _ in range(3))
        self.assigned = draw.random() < 0.5
        self.vlan = draw.randrange(1, 4095) if draw.random() < 0.3 else 0
        self.qos = draw.randrange(8)
        self.spoofchk = draw.random() < 0.7
        self.trust = draw.random() < 0.3
        self.mtu = draw.choice((1500, 1500, 1300, 1400))
        # A name that the kernel gave is soon another netdev's, where two NICs' are taken at a time.
        self.renamed = not nic.simulated or draw.random() < 0.2
        self.bound = draw.random() < 0.8
        self.up = self.bound and draw.random() < 0.15
        self.style = draw.choice(("macvtap", "bridge", "bridge+fdb", "vf-bridge", "macvtap,bridge"))
        self.source = f"vf:{SIBLING}" if draw.random() < 0.2 and self.style != "vf-bridge" else nic.wire
        self.of_run = draw.random() < 0.15 and ["--vlan", str(draw.randrange(1, 4095))] or []
        # Odd: at a change; even: at an instant. Both as a part of the whole.
        self.by_change = number % 2 == 1
        self.part = draw.random()
        self.restore_part = draw.random() if draw.random() < 0.25 else None
        # The process that was started, the one that it forked, or both: then only --restore is left to put the host back.
        self.whom = draw.choice(("both", "both", "parent", "child"))
        self.guest_vlan = draw.random() < 0.5
        if nic.bond:
            self.vlan, self.of_run = 0, []

    def argv(self, nic):
        style = f"vf-bridge:{SIBLING}" if self.style == "vf-bridge" else self.style
        return [nic.pf, "--vf", str(VF), "--style", style, "--skip=fix", "--from", self.source, *QUICK, *self.of_run,
                *(["--guest-vlan", "100"] if self.guest_vlan else []),
                *(["--force"] if self.up else []), "--json", "-v"]


def rename(name, new):
    set_link(socket.if_nametoindex(name), 0, attribute(IFLA_IFNAME, new.encode() + b"\0"))


def bind_until(nic, driver, number=VF):
    """Binds the driver and waits for the netdev, whose name is returned."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as news:
        news.bind((0, RTMGRP_LINK))
        nic.bind(number, driver)
        deadline = time.monotonic() + DEADLINE
        while not nic.netdev(number):
            if not select.select([news], [], [], deadline - time.monotonic())[0]:
                raise TimeoutError(f"no netdev of {driver} after {DEADLINE} s")
            news.recv(1 << 16)
    return nic.netdev(number)


def furnish(nic, lot, driver):
    """The VF as the lot wants it."""
    nic.unbind(VF)
    set_vf(nic.index, VF, lot.address if lot.assigned else ZERO, lot.vlan, lot.qos if lot.vlan else 0, lot.spoofchk, lot.trust)
    if not lot.bound:
        return
    name = bind_until(nic, driver)
    index = socket.if_nametoindex(name)
    set_link(index, 0, attribute(IFLA_MTU, struct.pack("I", lot.mtu)))
    if lot.renamed:
        rename(name, f"tenant{nic.index}")
    if lot.up:
        set_link(index, IFF_UP)


# ---- a run that is killed


def slay(run, whom):
    """Kills the run's process, the one that it has forked, or the two (and waits for their end); one that has ended is let be."""
    children = [int(pid) for pid in (read(f"/proc/{run.pid}/task/{run.pid}/children") or "").split()]
    handles = []
    with contextlib.suppress(ProcessLookupError):
        if whom == "both":
            handles = [os.pidfd_open(pid) for pid in (run.pid, *children)]
            os.killpg(run.pid, signal.SIGKILL)
        for pid in {"both": [], "parent": [run.pid], "child": children}[whom]:
            os.kill(pid, signal.SIGKILL)
    for handle in handles:
        select.select([handle], [], [], DEADLINE)
        os.close(handle)


@dataclasses.dataclass
class Length:
    """The length of a run that nobody kills."""

    seconds: float
    changes: int


def ends(process, until, changes):
    """Waits until the process has ended, an instant has come, or -v has shown so many changes: whether it ended, how many it showed,
    and all else that it said."""
    handle, out = os.pidfd_open(process.pid), process.stderr.fileno()
    said, seen, ended = b"", 0, False
    try:
        while not ended and seen < changes and (left := until - time.monotonic()) > 0:
            ready = select.select([handle, out], [], [], left)[0]
            if out in ready:
                said += os.read(out, 1 << 16)
                seen = sum(line.startswith(b"+ ") for line in said.splitlines(keepends=True) if line.endswith(b"\n"))
            ended = handle in ready
    finally:
        os.close(handle)
    return ended, seen, said


def without_changes(said):
    return "".join(line for line in said.decode().splitlines(keepends=True) if not line.startswith("+ "))


class Lengths:
    """The lengths of runs that nobody kills, in both styles, by the driver of the NIC: each is measured once."""

    def __init__(self):
        self.lock = threading.Lock()
        self.known = {}

    def of(self, worker, lot):
        key = (target(worker.nic.device + "/driver"), read(worker.nic.device + "/personality"))
        with self.lock:
            mine = self.known.setdefault(key, threading.Lock())
        with mine if isinstance(mine, type(self.lock)) else contextlib.nullcontext():
            if not isinstance(self.known[key], Length):
                self.known[key] = worker.measure("--skip=fix")
        both = self.known[key]
        share = (1 if "," in lot.style else 0.55) * (1.1 if lot.guest_vlan else 1)
        return Length(both.seconds * share, int(both.changes * share))


class Worker:
    def __init__(self, nfprobe, seed, nic, lengths, say):
        self.nfprobe, self.seed, self.nic, self.lengths, self.say = nfprobe, seed, nic, lengths, say
        self.restore_seconds = 0.5
        self.driver, self.name = target(nic.vf(VF) + "/driver"), nic.netdev(VF)
        self.others = {number: nic.netdev(number) for number in nic.vfs() if number != VF}

    def spawn(self, *argv):
        # Nobody reads until the run has ended: a result of both styles fits the usual 64 KiB only just.
        return subprocess.Popen([self.nfprobe, *argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                start_new_session=True, pipesize=1 << 20)

    def measure(self, word):
        start = time.monotonic()
        run = self.spawn(self.nic.pf, "--vf", str(VF), word, "--from", self.nic.wire, *QUICK, "-v")
        _, changes, _ = ends(run, start + DEADLINE, sys.maxsize)
        run.communicate()
        return Length(time.monotonic() - start, changes)

    def kill(self, lot):
        """Kills a run, and tells what it was doing, as far as that can be known."""
        length = self.lengths.of(self, lot)
        start = time.monotonic()
        run = self.spawn(*lot.argv(self.nic))
        until = start + (DEADLINE if lot.by_change else length.seconds * lot.part)
        ended, seen, err = ends(run, until, 1 + int(length.changes * lot.part) if lot.by_change else sys.maxsize)
        slay(run, lot.whom)
        out, more = run.communicate()  # which a child that goes on keeps open until its end
        err = without_changes(err + more)
        told = {"whom": lot.whom, "status": run.returncode, "after_ms": round((time.monotonic() - start) * 1000), "changes": seen, "ended": ended}
        if ended and run.returncode not in (0, 1, 3):
            told["said"] = err
        if lot.whom == "child" and run.returncode == 4:
            told.update(self.said(out, err))
        return told

    @staticmethod
    def said(out, err):
        """The errors in the message in place of the dead process, which may have been in the middle of its result, or behind it."""
        try:
            error, restored = (json.loads(out)[key] for key in ("error", "restored"))
        except (ValueError, KeyError):
            error, restored = None, True
        if "the process that probed was killed by SIGKILL" not in err or (error and error["code"] != "died") or not restored:
            return {"said": f"{err} {error} {restored}"}
        return {}

    def restore(self, lot):
        """Sentences on what is wrong with --restore."""
        if lot.restore_part is not None:
            first = self.spawn("--restore", "-v", self.nic.pf)
            until = time.monotonic() + (DEADLINE if lot.by_change else self.restore_seconds * lot.restore_part)
            ends(first, until, 1 + int(RESTORE_CHANGES * lot.restore_part) if lot.by_change else sys.maxsize)
            first.send_signal(signal.SIGKILL)
            first.communicate()
        start = time.monotonic()
        done = self.spawn("--restore", self.nic.pf)
        out, err = done.communicate(timeout=DEADLINE)
        self.restore_seconds = time.monotonic() - start
        if done.returncode or err:
            yield f"--restore: {done.returncode} {err.decode()}{out.decode()}"
        if lot.number % 5 == 0:
            done = self.spawn("--restore", self.nic.pf)
            out, err = done.communicate(timeout=DEADLINE)
            if (done.returncode, out.strip(), err) != (0, b"nothing to undo", b""):
                yield f"--restore once more: {done.returncode} {err.decode()}{out.decode()}"

    def lasting(self, before, part):
        """How it differs for good. Once the process that probed is gone, a worker of the kernel removes its namespace, and tells nobody."""
        end = time.monotonic() + DEADLINE
        while (wrong := list(differences(part(before), part(self.nic.state())))) and time.monotonic() < end:
            select.select([], [], [], POLL_S)
        return wrong

    def one(self, number):
        lot = Lot(self.seed, self.nic, number)
        furnish(self.nic, lot, self.driver)
        before = self.nic.state()
        told = self.kill(lot)
        left = len(listing(RUNDIR)) and f"{self.nic.name}.journal" in listing(RUNDIR)
        # The process that is left has put the host back; without either, the PF at least is as it was.
        wrong = self.lasting(before, self.nic.kept if lot.whom == "both" else lambda state: state)
        wrong += self.restore(lot)
        wrong += differences(before, self.nic.state())
        if "said" in told:
            wrong.append(f"the run ended with {told['status']}: {told['said']}")
        self.say({"pf": self.nic.pf, "number": number, "lot": vars(lot), "argv": lot.argv(self.nic), "journal": left, "wrong": wrong,
                  **told})

    def named(self, number):
        return self.others[number] if self.nic.simulated else f"vf{self.nic.index}n{number}"

    def name_others(self, mine):
        """While one is taken for a source, a name that the kernel gave may become that of another NIC's VF."""
        for number, name in self.others.items() if not self.nic.simulated else ():
            rename(self.nic.netdev(number), self.named(number) if mine else name)

    def tidy(self):
        """The VF as it is after a boot."""
        self.nic.unbind(VF)
        set_vf(self.nic.index, VF, ZERO, 0, 0, spoofchk=True, trust=False)
        name = bind_until(self.nic, self.driver)
        if name != self.name:
            rename(name, self.name)

    def work(self):
        try:
            self.name_others(mine=True)
            for number in range(self.nic.begin, self.nic.end):
                self.one(number)
            self.nic.unbind(VF)
        except Exception as error:  # noqa: BLE001 the other NICs go on
            self.say({"pf": self.nic.pf, "wrong": [f"{type(error).__name__}: {error}"]})


def main():
    nfprobe, seed, *nics = sys.argv[1:]
    lock = threading.Lock()

    def say(what):
        with lock:
            print(json.dumps(what), flush=True)

    os.makedirs(RUNDIR, mode=0o700, exist_ok=True)
    nfprobe = shutil.copy(nfprobe, "/run/killed-nfprobe")  # from the host's folder each start is slow
    lengths = Lengths()
    workers = [Worker(nfprobe, seed, Nic(**json.loads(nic)), lengths, say) for nic in nics]
    threads = [threading.Thread(target=worker.work) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # No VF that comes takes a name that is another's.
    for worker in workers:
        worker.name_others(mine=False)
    for worker in workers:
        worker.tidy()
    say({"cpu": [resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime
                 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]})


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: GPL-2.0-or-later
# mypy: ignore-errors
"""Hook of libvirt's QEMU and network drivers: warns about a guest that would be deaf, refuses it, or helps it to hear
(see nfprobe-libvirt-hook(8)).

libvirt calls it as NAME OPERATION SUBOPERATION EXTRA, with the XML of the domain, or of the network and its port, on
standard input (libvirt, hooks.rst), and waits for it. It must not call libvirt, which would wait for itself, nor print
anything to standard output, which would replace the XML of a guest that migrates in. It never fails but to refuse: at
"reconnect" a failure kills the guest. A user calls it with --explain or --clean.
"""
import contextlib
import copy
import fcntl
import functools
import importlib
import json
import os
import queue
import re
import resource
import shutil
import signal
import subprocess
import sys
import syslog
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections import namedtuple

CONF = os.environ.get("NFPROBE_CONF", "/etc/nfprobe/nfprobe.conf")
PCI = "/sys/bus/pci/devices"
NET = "/sys/class/net"
# The list of entries that this hook has added. nfprobe-check reads it too (nfprobe_tools/served.py).
LIST = "/run/nfprobe-libvirt-hook"
QEMU_PIDS = "/run/libvirt/qemu"
REFUSED_AT = ("prepare", "start", "port-created")  # at others libvirt does not ask whether a guest may start
# Seconds by the clock: a driver that is stuck may hold the kernel's RTNL for ever. A host that is busy takes long as well, so what goes
# wrong in a program is found by the processor's time: a start takes 0.12 s of it, and nfprobe --list 0.02 s (make bench). The limits are
# a hundred times that and more, since a host that is itself emulated is some thirty times slower.
CHECK_LIMIT = 30
HOOK_LIMIT = 60
ACT_LIMIT = 15
EXPLAIN_LIMIT = 120
LOG_LIMIT = 1
PROGRAM_CPU = 4
HOOK_CPU = 15
XML_BYTES = 1 << 20  # a guest has some ten thousand
STARTING = 60  # after which a guest without a process is not about to get one
CHECKS = 16  # at the same time
OVS = "ovs-system"  # the netdev of its datapath
FIXES = ("learning-off", "uplink-learning-off", "pin")  # LIBVIRT_BRIDGE_FIX
GONE = "LIBVIRT_BRIDGE_CURE"  # its name up to 0.3.0
PIN = "+pin"  # the end of a style's name: its bridge has the guest at its tap, whatever the guest sends
IFF_PROMISC = 0x100  # include/uapi/linux/if.h
NOT_FIT = "guest %s is not fit for failover: %s"
NOT_KNOWN = "not known whether guest %s is fit for failover: %s"
HAS_GAP = "guest %s is fit for failover, but not pinned: %s"
GAP_LIMIT_MS = 600_000  # the most that --gap-limit takes

refused = []  # why, as soon as it is known: the watchdog ends with that
may_refuse = []  # this call, if it does not know in time
settled = []  # the exit status, once the guest is
looks = {}  # what each thread waits for, in words

# kind: macvtap, passthrough or bridge; None: no style of nfprobe is like it. place: in words. lower: the netdev that it is on.
# static: libvirt keeps the bridge's table, so that its ports learn and flood nothing. tap: the port of a bridge, once it is there.
Standby = namedtuple("Standby", "mac kind place lower static tap", defaults=[""])
# The addresses of a VF and its PF, and the PF's netdev ("": there is none here). team and teams: of the XML, as nfprobe_tools/team.py
# has them; None: there is no XML. vlan: in which the two are on the wire, 0: none; None: not known. inside: in which the guest itself tags.
Pair = namedtuple("Pair", "vf pf netdev standby team teams vlan inside", defaults=[None, (), None, ()])
Guest = namedtuple("Guest", "name uuid")
# The store's answer for a style: yes, no or unknown, a sentence, what must be brought about, and the advice that says how
# (nfprobe_tools/result.py). is_other: all that is stored is of another schema. gap_ms: a guest that is not pinned may be lost for so long.
# style: of the result, which may be that without the pin.
Told = namedtuple("Told", "safe why conditions advice unseen is_other gap_ms style", defaults=[(), (), False, 0, ""])
# Of a pair, as it is judged in its VLAN: its style; yes, no, unknown or "" (nothing is said), in words; what the store says, and that as
# far as it is about this pair; each condition with what the guest lacks; where no style is like it: what it is, and what to do; of a pair
# that is safe, what its guest loses since it is not pinned.
# stops: why nothing passes between its standby and the NIC now.
Answer = namedtuple("Answer", "pair style safe why known stored needs instead step gap stops",
                    defaults=[None, "nothing", (), "", "", "", ""])
# text: a sentence. gap: does the guest lose frames for a time since it is not pinned?
Judged = namedtuple("Judged", "style safe text gap stops", defaults=[""])


class Failed(Exception):
    """A sentence."""


def guest_of(name, uuid):
    return Guest(name, uuid.lower() if re.fullmatch("[0-9a-fA-F-]{36}", uuid or "") else "")


def settings():
    """The hook's own of the configuration, whose lines are as in systemd's EnvironmentFile=."""
    values = {"LIBVIRT_HOOK": "warn", "LIBVIRT_BRIDGE_FIX": "", "LIBVIRT_IPV6": "yes", "LIBVIRT_GAP_LIMIT": ""}
    for line in lines_of(CONF):
        key, _, text = line.partition("=")
        if key.strip() in values:
            values[key.strip()] = text.strip().strip("\"'")
    return values


def guests_have_ipv6():
    return settings()["LIBVIRT_IPV6"] != "no"


def gap_limit_ms(text):
    """0: there is none."""
    return int(text) if re.fullmatch("[0-9]{1,6}", text) and int(text) <= GAP_LIMIT_MS else 0


def configured():
    """LIBVIRT_HOOK and LIBVIRT_BRIDGE_FIX ("": none)."""
    mode, fix, ipv6, limit = settings().values()
    if limit and not gap_limit_ms(limit):
        log(syslog.LOG_ERR, "%s: LIBVIRT_GAP_LIMIT is %s, not 1 to %d milliseconds: no gap is too long" % (CONF, limit, GAP_LIMIT_MS))
    if any(line.partition("=")[0].strip() == GONE for line in lines_of(CONF)):
        log(syslog.LOG_ERR, "%s: %s is LIBVIRT_BRIDGE_FIX since 0.4.0, and is not read" % (CONF, GONE))
    if ipv6 not in ("yes", "no"):
        log(syslog.LOG_ERR, "%s: LIBVIRT_IPV6 is %s, not yes or no: guests count as having IPv6" % (CONF, ipv6))
    if mode not in ("warn", "refuse", "act"):
        log(syslog.LOG_ERR, "%s: LIBVIRT_HOOK is %s, not warn, refuse or act: it only warns" % (CONF, mode))
        mode = "warn"
    if fix not in ("", *FIXES):
        log(syslog.LOG_ERR, "%s: LIBVIRT_BRIDGE_FIX is %s, not %s: no bridge is changed" % (CONF, fix, " or ".join(FIXES)))
        fix = ""
    return mode, fix if mode == "act" else ""


def printable(text):
    """A guest, a bridge and a netdev have names that others chose."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in text)


def say(text, file=None):
    print(printable(text), file=file or sys.stdout)


def log(priority, text):
    """libvirt shows standard error to whoever starts a guest that is refused, and otherwise to nobody."""
    say("nfprobe: " + text, sys.stderr)
    syslog.syslog(priority, printable(text))


def names(folder):
    try:
        return os.listdir(folder)
    except OSError:
        return []


def lines_of(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()
    except OSError:
        return []


@contextlib.contextmanager
def looking(what):
    """Should it take too long, the log says what did."""
    me = threading.get_ident()
    before, looks[me] = looks.get(me), what
    try:
        yield
    finally:
        looks[me] = before


def first_line(path):
    return next(iter(lines_of(path)), "").strip()


def program(name):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        raise Failed("there is no %s in PATH, /usr/sbin or /usr/local/sbin" % name)
    return path


def output_of(words, seconds, **options):
    """Runs a program: (its exit status, what it printed). A program that is stuck in the kernel is not waited for."""
    process = subprocess.Popen([program(words[0])] + words[1:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **options)
    with contextlib.suppress(OSError):  # it has ended already
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (PROGRAM_CPU, PROGRAM_CPU + 1))
    try:
        with looking(command(words)):
            said = process.communicate(timeout=max(0, seconds))[0].decode(errors="replace").strip()
    except subprocess.TimeoutExpired:
        process.kill()
        raise Failed("%s took too long" % command(words)) from None
    if process.returncode == -signal.SIGXCPU:
        raise Failed("%s took more than %d s of a processor" % (command(words), PROGRAM_CPU))
    return process.returncode, said


# ---- commands, as text ----

def command(words):
    return tools("shell").command(*words)


def probe(pair, style=""):
    return tools("shell").about("nfprobe", pair.netdev or pair.pf, "--vf", "any", *(["--vlan", str(pair.vlan)] if pair.vlan else []),
                                *(["--guest-vlan", str(pair.inside[0])] if len(pair.inside) == 1 else []),
                                *(["--style", style, "--save"] if style else []))


def learning_off(port):
    return ["bridge", "link", "set", "dev", port, "learning", "off"]


def entry(netdev, mac):
    return ["bridge", "fdb", "add", mac, "dev", netdev, "self", "permanent"]


def typed(commands):
    """As one line."""
    return "; ".join(map(command, commands))


# ---- netdevs ----

def ways(vf, netdev):
    """Where frames that are sent to the netdev leave this host, as nfprobe lists it."""
    return next((one.ways for one in host_with(vf).netdevs if one.ifname == netdev), ())


def leaves_by(pair):
    """The netdevs of hardware that the standby leaves by, with no more than its own bridge between them: no run has two."""
    return {way.ifname for way in ways(pair.vf, pair.standby.lower) if len(way.bridges) < 2}


def ports_of(vf, master):
    return sorted(one.ifname for one in host_with(vf).netdevs if one.master == master)


def standby_at(pair):
    """The netdev on which a standby of the PF stands: its bond, which takes its frames, or itself (nfp_standby_netdev)."""
    netdev = pair.netdev or pair.pf
    if not os.path.exists("%s/%s/bonding_slave" % (NET, netdev)):
        return netdev
    return os.path.basename(os.readlink("%s/%s/master" % (NET, netdev)))


def is_promiscuous(netdev):
    """True if that cannot be read: a bridge that is static only in name must not count as one."""
    flags = first_line("%s/%s/flags" % (NET, netdev))
    return not flags or bool(int(flags, 16) & IFF_PROMISC)


def bridge_tool(words, deadline, lock=None):
    """Runs bridge(8): (did it work, what it printed). It keeps the lock, should it be stuck in the kernel: until it has
    ended, nobody knows whether the change is made."""
    status, said = output_of(["bridge"] + words, deadline - time.monotonic(), stderr=subprocess.STDOUT,
                             env=dict(os.environ, LC_ALL="C"), pass_fds=() if lock is None else (lock,))
    return status == 0, said


def all_entries(netdev, deadline):
    """The words of each entry in the netdev's own filter and, of the port of a bridge, in the bridge's table."""
    worked, said = bridge_tool(["fdb", "show", "dev", netdev], deadline)
    if not worked:
        raise Failed("%s: %s" % (command(["bridge", "fdb", "show", "dev", netdev]), said))
    return [line.split() for line in said.splitlines()]


def entries_of(netdev, mac, deadline):
    """Those of the address."""
    return [line for line in all_entries(netdev, deadline) if line[:1] == [mac]]


def is_own(line):
    """Is the entry of the netdev's own unicast list, whoever added it? It is permanent there (ndo_dflt_fdb_dump)."""
    return "self" in line and "permanent" in line


def has_entry(netdev, mac, deadline):
    return any(map(is_own, entries_of(netdev, mac, deadline)))


def own_entries(netdev, deadline):
    """The addresses of that list."""
    return {line[0] for line in filter(is_own, all_entries(netdev, deadline))}


def learning(port):
    """"1" or "0", or nothing of what is not the port of a Linux bridge."""
    return first_line("%s/%s/brport/learning" % (NET, port))


def set_learning(port, what, lock, deadline):
    """Raises Failed, unless it is so all the same."""
    worked, said = bridge_tool([*learning_off(port)[1:-1], what], deadline, lock)
    if not worked and learning(port) == {"on": "0", "off": "1"}[what]:
        raise Failed("cannot turn learning %s at %s: %s" % (what, port, said))


def change_entry(what, netdev, mac, lock, deadline):
    """(did it work, the first refusal). A driver may take only one of the two: ice deletes nothing that is permanent
    (ice_fdb_del), others nothing else (ndo_dflt_fdb_del), and none but ice logs that it was asked."""
    refusal = ""
    for state in ("permanent", "static") if what == "add" else ("static", "permanent"):
        worked, said = bridge_tool(["fdb", what, mac, "dev", netdev, "self", state], deadline, lock)
        if worked:
            return True, ""
        refusal = refusal or said
    return False, refusal


# ---- the list ----
#
# A file for each entry, PF-MAC or BOND-MAC, whose content says whose it is. A process that changes the entry or the file holds its
# lock. The file is written before the kernel is asked to add the entry, and removed after it was asked to delete it, so
# a process that is killed leaves a file, and never an entry without one. incoming-UUID: this guest is to migrate in.
# sticky-TAP-MAC: the entry at a guest's tap is sticky. learning-PORT-UUID: this guest needs a port that does not learn. Guests share a
# port: who changes that or such a file holds the lock of the folder as well.

def read_record(fd):
    """None: the kernel was not asked yet, since whoever made the file was killed before it wrote it."""
    try:
        record = json.loads(os.pread(fd, 4096, 0))
        return record if {"guest", "uuid", "ifindex", "since"} <= set(record) else None
    except (ValueError, TypeError):
        return None


def write_record(fd, guest, ifindex, **more):
    """Writes the record by one call, which nothing can interrupt in its midst: a page of a file in memory."""
    text = json.dumps({"guest": guest.name, "uuid": guest.uuid, "ifindex": ifindex,
                       "since": time.clock_gettime(time.CLOCK_BOOTTIME), **more})
    os.pwrite(fd, text.ljust(2048).encode(), 0)


@contextlib.contextmanager
def held(path, deadline, create=False):
    """The file, open and locked, or the folder LIST. FileNotFoundError: it is gone."""
    with contextlib.suppress(FileExistsError):
        if create:
            os.mkdir(LIST, 0o700)
    while True:
        fd = os.open(path, os.O_RDONLY if path == LIST else os.O_RDWR | (os.O_CREAT if create else 0), 0o600)
        locked = []
        waiting = threading.Thread(target=lambda: locked.append(fcntl.flock(fd, fcntl.LOCK_EX)), daemon=True)
        with looking("another process at %s" % path):
            waiting.start()
            waiting.join(max(0, deadline - time.monotonic()))
        if not locked:
            raise Failed("another process has been at %s for too long" % path)
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(fd), os.stat(path)):
                break
        os.close(fd)
    try:
        yield fd
    finally:
        os.close(fd)


def listed():
    """(path, record) of each file."""
    for name in names(LIST):
        path = os.path.join(LIST, name)
        with contextlib.suppress(OSError):
            fd = os.open(path, os.O_RDONLY)
            try:
                yield path, read_record(fd)
            finally:
                os.close(fd)


def named(path):
    """(netdevs, MAC) of the file of an entry, by its name: those of the PF, or the bond. (): it is of no entry."""
    match = re.fullmatch("(.+)-((?:[0-9a-f]{2}:){5}[0-9a-f]{2})", os.path.basename(path))
    there = [*names("%s/%s/net" % (PCI, match.group(1))), match.group(1)] if match else []
    return [netdev for netdev in there if os.path.exists("%s/%s/ifindex" % (NET, netdev))], match.group(2) if match else ""


def where(path, record):
    """(netdev, MAC) of an entry; "": there is no such netdev any more, and so no entry."""
    netdevs, mac = named(path)
    for netdev in netdevs if record else ():
        if first_line("%s/%s/ifindex" % (NET, netdev)) == str(record["ifindex"]):
            return netdev, mac
    return "", ""


def take_back(path, is_wanted, why, deadline):
    """Deletes the entry of a file, and the file, if that is still wanted once nobody else is at it."""
    with contextlib.suppress(FileNotFoundError), held(path, deadline) as lock:
        record = read_record(lock)
        if not is_wanted(record):
            return
        kind = os.path.basename(path).split("-")[0]
        with held(LIST, deadline) if kind == "learning" else contextlib.nullcontext(lock) as lock_of_change:
            done = {"learning": relearn, "sticky": unstick}.get(kind, delete)(path, record, lock_of_change, deadline)
            if done:
                log(syslog.LOG_INFO, "guest %s %s: %s" % (record["guest"], why, done))
            os.unlink(path)


def delete(path, record, lock, deadline):
    """Returns what was done, in words."""
    netdev, mac = where(path, record)
    worked, said = change_entry("del", netdev, mac, lock, deadline) if netdev else (False, "")
    # A reload of the driver may have removed it already.
    if netdev and not worked and has_entry(netdev, mac, deadline):
        raise Failed("cannot delete %s from %s: %s" % (mac, netdev, said))
    return "deleted %s from %s" % (mac, netdev) if worked else ""


def take_all_back(is_wanted, why):
    """False: something is left, for the next call."""
    deadline, is_all = time.monotonic() + ACT_LIMIT, True
    for path, record in listed():
        try:
            if is_wanted(record) and time.monotonic() < deadline:
                take_back(path, is_wanted, why, deadline)
            elif is_wanted(record):
                is_all = False
        except (Failed, OSError) as error:
            is_all = False
            log(syslog.LOG_ERR, "%s stays: %s" % (path, error))
    return is_all


def drop(guest, why):
    return take_all_back(lambda record: record is not None and record["uuid"] == guest.uuid, why)


def running():
    """{guest of whom libvirt has noted a process: the UUIDs with which that was started; None: they cannot be read}. What a process says
    counts of its own guest alone: anybody can have one that says something of another."""
    found = {}
    with looking("the arguments of guests' processes"):
        for guest in tools("proc").guests(QEMU_PIDS):
            words = guest.arguments
            if words is None:
                log(syslog.LOG_WARNING, "the arguments of process %d (guest %s) cannot be read" % (guest.pid, guest.name))
                found[guest.name] = None
            else:
                found[guest.name] = {after.decode(errors="replace").lower() for word, after in zip(words, words[1:]) if word == b"-uuid"}
    return found


def clean():
    """Removes what is stale: its guest has no process, and is not about to get one. False: something is left."""
    def is_old(record):
        return record is None or not 0 <= time.clock_gettime(time.CLOCK_BOOTTIME) - record["since"] < STARTING

    if not any(is_old(record) for _, record in listed()):
        return True
    guests = running()

    def is_stale(record):
        uuids = guests.get(record["guest"], ()) if record else ()
        return is_old(record) and uuids is not None and (record is None or record["uuid"] not in uuids)
    is_all = take_all_back(is_stale, "is gone")
    return is_all and None not in guests.values()


def incoming(guest):
    return "%s/incoming-%s" % (LIST, guest.uuid)


def expect(guest):
    with held(incoming(guest), time.monotonic() + ACT_LIMIT, create=True) as lock:
        write_record(lock, guest, 0)


def entry_file(pair):
    """Of an entry through a bond, which the kernel brings to the active member alone (bond_set_rx_mode), the bond has the file."""
    netdev = standby_at(pair)
    return "%s/%s-%s" % (LIST, pair.pf if netdev == (pair.netdev or pair.pf) else netdev, pair.standby.mac)


def is_served(pair):
    """Has this hook added the entry? Then it takes it back, too."""
    return os.path.exists(entry_file(pair))


def serve(guest, pair):
    """Adds the entry, or says why not (Failed)."""
    netdev, deadline = standby_at(pair), time.monotonic() + ACT_LIMIT
    mac, path = pair.standby.mac, entry_file(pair)
    if any(other == path and record is not None and record["uuid"] != guest.uuid for other, record in listed()):
        clean()
    with held(path, deadline, create=True) as lock:
        before = read_record(lock)
        if before is not None and before["uuid"] != guest.uuid:
            raise Failed("guest %s has that address on %s" % (before["guest"], netdev))
        try:
            write_record(lock, guest, int(first_line("%s/%s/ifindex" % (NET, netdev))))
        except (OSError, ValueError):
            os.unlink(path)
            raise
        # If that takes too long, the file stays: the entry may come yet.
        worked, said = change_entry("add", netdev, mac, lock, deadline)
        if not worked and not (before and has_entry(netdev, mac, deadline)):
            os.unlink(path)
            raise Failed("cannot add %s to %s: %s" % (mac, netdev, said))


# ---- a bridge that learns ----
#
# A bridge that has learned from what a guest sends by its VF, or from what the NIC brings back, that the guest is behind the NIC drops
# what comes from there for it (br_fdb_update, should_deliver in net/bridge).

def hops(pair):
    """The bridges between the standby and its NIC: of each the port towards the standby, and those towards the NIC."""
    ours, found = {pair.netdev, second_vf(pair)} - {""}, {}
    for way in ways(pair.vf, pair.standby.lower) if pair.standby.kind == "bridge" else ():
        for bridge in way.bridges if way.ifname in ours else ():
            _, outers = found.setdefault(bridge.ifname, (bridge.inner or pair.standby.tap, []))
            if bridge.outer not in outers and learning(bridge.outer):
                outers.append(bridge.outer)
    return list(found.values())


def uplinks(pair):
    """The ports of these bridges that lead to the NIC."""
    return [outer for _, outers in hops(pair) for outer in outers]


def inners(pair):
    """Those that lead to the standby, the first of which is the guest's tap, once it is there."""
    return [inner or "TAP" for inner, _ in hops(pair)] or [pair.standby.tap or "TAP"]


def learners(pair):
    """The ports among them that would move the guest: none of a bridge that has a sticky entry for it."""
    return [outer for inner, outers in hops(pair) for outer in outers if learning(outer) == "1" and not is_sticky(inner, pair.standby.mac)]


def is_sticky(port, mac):
    return port != "" and any("sticky" in line for line in entries_of(port, mac, time.monotonic() + ACT_LIMIT))


def pinned_now(pair):
    """Does the bridge keep the guest at its tap, in words? "": no port of it that leads to the NIC could take the guest there."""
    ports, learns = uplinks(pair), learners(pair)
    if not ports:
        return ""
    if not any(learning(port) == "1" for port in ports):
        return "yes, %s learns nothing" % " and ".join(ports)
    if not pair.standby.tap:
        return "not seen, the guest's tap is not in the bridge"
    return "no, %s learns" % " and ".join(learns) if learns else "yes, its entry at %s is sticky" % " and ".join(inners(pair))


def still_there(path, record):
    """The port of a file of the list; "": it is gone. A tap and a MAC, a PF and a UUID."""
    name = os.path.basename(path).partition("-")[2]
    port = name[:-37] if path.startswith(LIST + "/learning-") else name.rpartition("-")[0]
    return port if record and first_line("%s/%s/ifindex" % (NET, port)) == str(record["ifindex"]) else ""


def others_need(path, port):
    """Does another guest need that the port does not learn?"""
    return any(other != path and other.startswith("%s/learning-%s-" % (LIST, port)) and still_there(other, record)
               for other, record in listed())


def unlearn(guest, port, mac):
    """A port that does not learn, and for no guest of the list, is as somebody else wants it: it is not ours to turn on again."""
    deadline = time.monotonic() + ACT_LIMIT
    path = "%s/learning-%s-%s" % (LIST, port, guest.uuid)
    with held(path, deadline, create=True) as file, held(LIST, deadline) as lock:
        before = read_record(file)
        is_ours = learning(port) == "1" or still_there(path, before) or others_need(path, port)
        if not is_ours:
            os.unlink(path)
            return
        macs = sorted({mac, *(before or {}).get("macs", ())})
        write_record(file, guest, int(first_line("%s/%s/ifindex" % (NET, port))), macs=macs)
        set_learning(port, "off", lock, deadline)


def relearn(path, record, lock, deadline):
    """Returns what was done, in words."""
    port = still_there(path, record)
    if not port or others_need(path, port) or learning(port) != "0":
        return ""
    set_learning(port, "on", lock, deadline)
    return "%s learns again" % port


def change_table(words, deadline, lock=None):
    """Changes the FDB of a bridge. Raises Failed."""
    worked, said = bridge_tool(words[1:], deadline, lock)
    if not worked:
        raise Failed("%s: %s" % (command(words), said))


def sticky(port, mac):
    return ["bridge", "fdb", "replace", mac, "dev", port, "master", "static", "sticky"]


def forgetting(port, mac):
    return ["bridge", "fdb", "del", mac, "dev", port, "master"]


def kind_of_pin(standby, fix):
    """Where libvirt keeps the bridge's table, it adds an entry of its own each time that the guest's CPUs start, with NLM_F_EXCL, and
    deletes it when they stop (virNetDevBridgeFDBAdd in virDomainInterfaceStartDevice): beside a sticky one neither a guest that was
    paused nor a migration goes on."""
    return "uplink-learning-off" if standby.static and fix == "pin" else fix


def pinning(pair, fix, ports=None):
    """The commands of a setting, which are what the hook does; whoever types the last ones may be told that there is no such entry."""
    standby, fix = pair.standby, kind_of_pin(pair.standby, fix)
    if fix == "pin":
        return [sticky(port, standby.mac) for port in inners(pair)]
    ports = [*(uplinks(pair) if ports is None else ports), *(inners(pair) if fix == "learning-off" else [])]
    return [*map(learning_off, ports), *(forgetting(port, standby.mac) for port in ports)]


def forget(port, mac):
    """An entry that the port has learned stays for the bridge's ageing time: a guest that migrates in was elsewhere until now."""
    deadline = time.monotonic() + ACT_LIMIT
    if any("master" in line and "static" not in line and "permanent" not in line for line in entries_of(port, mac, deadline)):
        change_table(forgetting(port, mac), deadline)


def stick(guest, port, mac):
    deadline = time.monotonic() + ACT_LIMIT
    path = "%s/sticky-%s-%s" % (LIST, port, mac)
    with held(path, deadline, create=True) as lock:
        if read_record(lock) is None and is_sticky(port, mac):
            os.unlink(path)  # somebody else's
            return
        was_static = any("static" in line and "sticky" not in line for line in entries_of(port, mac, deadline))
        write_record(lock, guest, int(first_line("%s/%s/ifindex" % (NET, port))), static=was_static)
        change_table(sticky(port, mac), deadline, lock)


def unstick(path, record, lock, deadline):
    """Returns what was done, in words. A port that is gone, as libvirt's own taps are by now, has taken the entry along."""
    tap, mac = still_there(path, record), path[-len("00:00:00:00:00:00"):]
    if not tap or not any("sticky" in line for line in entries_of(tap, mac, deadline)):
        return ""
    change_table(sticky(tap, mac)[:-1] if record.get("static") else forgetting(tap, mac), deadline, lock)
    return "took the sticky entry of %s from %s" % (mac, tap)


def pin(guest, pair, fix):
    """Makes the setting: a sentence; or says why not (Failed)."""
    standby, ports, fix = pair.standby, uplinks(pair), kind_of_pin(pair.standby, fix)
    if not ports:
        raise Failed("Open vSwitch takes an entry of its own, which nfprobe-guide(7) has" if standby.lower == OVS else
                     "no port of %s leads to the NIC" % standby.lower)
    if not guest.uuid or fix != "uplink-learning-off" and not standby.tap:
        raise Failed("the XML has no UUID of the guest, or does not name the standby's netdev")
    if fix == "pin":
        for port in inners(pair):
            stick(guest, port, standby.mac)
        return "the entry of %s at %s is sticky" % (standby.mac, " and ".join(inners(pair)))
    ports = [*ports, *(inners(pair) if fix == "learning-off" else [])]
    for port in ports:
        unlearn(guest, port, standby.mac)
        forget(port, standby.mac)
    return "no learning at %s" % " and ".join(ports)


def pin_all(found, guest, fix):
    for pair in found:
        if pair.team and pair.team.by_guest:
            continue
        try:
            on = {way.ifname for way in ways(pair.vf, pair.standby.lower)}
            unread = host_with(pair.vf).unread.get("ways")
            if pair.standby.kind == "bridge" and unread and pair.netdev not in on:
                raise Failed("not all ways that lead out of this host's netdevs are known: %s" % unread)
            if pair.standby.kind == "bridge" and {pair.netdev, second_vf(pair)} & on:
                log(syslog.LOG_NOTICE, "guest %s: %s" % (guest.name, pin(guest, pair, fix)))
        except Exception as error:
            log(syslog.LOG_WARNING, "guest %s: the bridge that learns is not changed: %s" % (guest.name, error))


# ---- what is lost while the guest runs ----
#
# A PF, or its bond, that leaves its bridge and comes back (ifreload, NetworkManager) learns again. It loses the address of each static
# entry of the bridge's, such as a pin: a port that becomes promiscuous needs none of these (br_port_set_promisc in net/bridge/br_if.c).
# A driver that is reloaded has another netdev, without an entry.

def renew_entry(path, lock, deadline):
    """Returns what was done, in words."""
    record, (netdevs, mac) = read_record(lock), named(path)
    if not record or not netdevs or has_entry(netdevs[0], mac, deadline):
        return ""
    write_record(lock, Guest(record["guest"], record["uuid"]), int(first_line("%s/%s/ifindex" % (NET, netdevs[0]))))
    worked, said = change_entry("add", netdevs[0], mac, lock, deadline)
    if not worked and not has_entry(netdevs[0], mac, deadline):
        raise Failed("cannot add %s to %s: %s" % (mac, netdevs[0], said))
    return "added %s to %s again" % (mac, netdevs[0])


def renew_port(path, file, deadline):
    """The same of a port of a bridge that was not to learn."""
    record = read_record(file)
    port = still_there(path, record)
    if not port or learning(port) != "1":
        return ""
    with held(LIST, deadline) as lock:
        set_learning(port, "off", lock, deadline)
    # Other guests of the port are not asked about again: it learns no more.
    of_port = [record for other, record in listed() if other.startswith("%s/learning-%s-" % (LIST, port)) and record]
    for mac in sorted({mac for record in of_port for mac in record.get("macs", ())}):
        forget(port, mac)
    return "no learning at %s again" % port


def renew():
    """Sets again what guests of the list have lost."""
    deadline = time.monotonic() + ACT_LIMIT
    has = functools.lru_cache(maxsize=None)(lambda netdev: own_entries(netdev, deadline))  # many guests share a netdev
    for path, record in listed():
        is_port, (netdevs, mac) = path.startswith(LIST + "/learning-"), named(path)
        try:
            if learning(still_there(path, record)) != "1" if is_port else not netdevs or mac in has(netdevs[0]):
                continue
            with contextlib.suppress(FileNotFoundError), held(path, deadline) as lock:
                done = (renew_port if is_port else renew_entry)(path, lock, deadline)
                if done:
                    log(syslog.LOG_NOTICE, "guest %s: %s" % (record["guest"], done))
        except (Failed, OSError) as error:
            log(syslog.LOG_ERR, "%s is not set again: %s" % (path, error))


# ---- pairs ----

def pair_of(vf, standby):
    """None: this host has no such VF."""
    if vf is None or not os.path.exists("%s/%s/physfn" % (PCI, vf)):
        return None
    pf = os.path.basename(os.path.realpath("%s/%s/physfn" % (PCI, vf)))
    netdevs = sorted(names("%s/%s/net" % (PCI, pf))) or [""]
    on = {way.ifname for way in ways(vf, standby.lower)} if len(netdevs) > 1 else set()
    return Pair(vf, pf, next((netdev for netdev in netdevs if netdev in on), netdevs[0]), standby)


def standby_of(half):
    """Judges the persistent half of a team (nfprobe_tools/team.py)."""
    if half.kind == "direct" and half.netdev:
        # A macvtap in passthrough mode gives its netdev the guest's address: that of a second VF is like a bridge on it with an entry.
        if half.mode == "passthrough":
            return Standby(half.mac, "passthrough", "a macvtap of %s in mode passthrough" % half.netdev, half.netdev, False)
        return Standby(half.mac, "macvtap", "a macvtap of " + half.netdev, half.netdev, False)
    if half.kind == "bridge" and half.netdev:
        # Open vSwitch keeps its ports in one datapath, whatever the names of its bridges.
        return Standby(half.mac, "bridge", "bridge " + half.netdev, OVS if half.switch else half.netdev, half.static,
                       half.tap if os.path.exists("%s/%s/master" % (NET, half.tap)) else "")
    if half.kind == "network":
        return Standby(half.mac, None, "a network, which is known once the guest runs", None, False)
    return Standby(half.mac, None, "an interface of type " + half.kind, None, False)


def assigned(domain):
    """The addresses that VFs of this host have which are plain <hostdev>s, by device, and why some are not known."""
    rules, found, doubts = tools("team"), {}, []
    for device in rules.plain_hostdevs(domain):
        if not names("%s/%s/physfn/net" % (PCI, device)):  # also a VF of what is no NIC
            continue
        try:
            _, vf = host_with(device).find(device)
            if vf is not None and vf.unread.get("address"):
                raise Failed(vf.unread["address"])
            found.update({device: vf.address} if vf is not None and vf.address not in (None, rules.RELEASED) else {})
        except Exception as error:
            doubts.append("the address of VF %s: %s" % (device, error))
    return found, doubts


def teams(domain, networks=None):
    """Those of the XML, and why it is not known whether there are others. networks: libvirt's, by name, as far as they are known."""
    rules = tools("team")
    addresses, doubts = assigned(domain)
    found = rules.teams(domain, networks or {}, addresses)
    found = [team._replace(vf=by_own_names(team.vf), standby=by_own_names(team.standby)) for team in found]
    return found, list(filter(None, [*doubts, rules.past_libvirt(domain)]))


def by_own_names(half):
    """An XML may call a netdev by an altname, which the kernel takes, and which is no name in sysfs."""
    own_name = tools("names").own_name
    return half and half._replace(netdev=own_name(half.netdev), pool=own_name(half.pool))


def of_this_host(found):
    """The pairs whose VF is on this host."""
    for team in found:
        pair = pair_of(team.device, standby_of(team.standby)) if team.standby else None
        if pair:
            yield pair._replace(team=team, teams=found)


def known_pairs(domain):
    return of_this_host(teams(domain)[0])


def judged(team, all_teams, device):
    """Can the two be a pair, whatever the NIC does? device: of a VF of this host; None: the XML alone is judged, and the PF of its pool."""
    pool = team.vf.pool if team.vf.pool and team.vf.pool in names(NET) else None
    host = host_with(device or pool) if device or pool else tools("host").Host(0, "", None, (), 0)
    return tools("pair").judge(team, all_teams, host, first_line("%s/%s/class" % (PCI, device)) if device else "")


def pair_of_port(port):
    """The VF that a network gives to a guest that runs, whose standby the kernel shows: a macvtap has the guest's
    address, a tap of libvirt's the same but for the first byte."""
    element, vf = port.find("mac"), tools("team").pci_address(port.find("plug[@type='hostdev-pci']/address"))
    mac = element.get("address", "").lower() if element is not None else ""
    for one in host_with(vf).netdevs if mac and vf and os.path.exists("%s/%s/physfn" % (PCI, vf)) else ():
        folder, lower = "%s/%s" % (NET, one.ifname), one.lower or ""
        address = first_line(folder + "/address")
        if one.kind == "macvtap" and address == mac and first_line("%s/%s/address" % (NET, lower)) != mac:  # that of mode passthrough
            return pair_of(vf, Standby(mac, "macvtap", "a macvtap of " + lower, lower, False))
        if one.master and address == "fe" + mac[2:]:
            quiet = all(first_line("%s/brport/%s" % (folder, name)) == "0" for name in ("learning", "unicast_flood"))
            return pair_of(vf, Standby(mac, "bridge", "bridge " + one.master, one.master, quiet, one.ifname))
    return None


def style_of(pair, pinned=False):
    """nfprobe's name for how the standby reaches the wire; None: it knows nothing of that kind. pinned: it is about to be."""
    kind, netdevs = pair.standby.kind, leaves_by(pair)
    suffix = PIN if kind == "bridge" and uplinks(pair) and (pinned or not learners(pair)) else ""
    if pair.netdev and pair.netdev in netdevs:
        if kind in ("macvtap", "passthrough"):
            return "macvtap" if kind == "macvtap" else None
        if pair.standby.static and not is_promiscuous(standby_at(pair)):
            return "static-bridge"
        entry = has_entry(standby_at(pair), pair.standby.mac, time.monotonic() + ACT_LIMIT)
        return ("bridge+fdb" if entry else "bridge") + suffix
    suffix = PIN if kind == "passthrough" else suffix  # a macvtap learns nothing
    return "vf-bridge" + suffix if kind in ("bridge", "passthrough") and second_vf(pair) else None


def second_vf(pair):
    """The netdev of a VF of the same PF that the standby is on; "": there is none."""
    folder = "%s/%s" % (PCI, pair.pf)
    siblings = {name for vf in names(folder) if vf.startswith("virtfn") for name in names("%s/%s/net" % (folder, vf))}
    return min(siblings & leaves_by(pair), default="")


# ---- what is stored ----

def tools(module):
    """Returns a module of nfprobe-tools, which has the rules by which a stored result counts. What a call does not need is not loaded."""
    return importlib.import_module("nfprobe_tools." + module)


hosts = []  # that were read, one for each PF


@functools.lru_cache(maxsize=None)
def host_with(device):
    """Returns what nfprobe lists of this host: the PF that is, or has, the device. One call of the hook asks once of each PF."""
    for one in hosts:
        if one.find(device)[0] is not None:
            return one
    hosts.append(list_with(device))
    return hosts[-1]


def list_with(device):
    host = tools("host")
    words = host.list_command("nfprobe", device, quick=True)
    status, text = output_of(words, CHECK_LIMIT, stderr=subprocess.DEVNULL)
    if not text:
        raise Failed("%s says nothing, and ends with %d" % (command(words), status))
    return host.read_list(text.encode(), "what %s says" % command(words))


def ask(pf, vf, kernel, style, vlan, inside, at_tap=False, limit=0):
    """Returns what the store says of a PF, or of a VF of it, in that VLAN, for a guest that tags so. at_tap: it is pinned. limit: the
    longest gap that counts as safe; 0: any."""
    check, store = tools("check"), tools("store")
    ipv6 = guests_have_ipv6()
    asked = check.Asked((style,), False, vlan, tools("holds").of_pf(pf.ifname or "").max_age, ipv6, gap_limit_ms=limit, at_tap=at_tap)
    answer = check.check_pf(pf, vf, kernel, store.DIR, asked, here=False)
    if answer.error or not answer.check.styles:
        return Told("unknown", str(answer.error or "nothing is stored"), ())
    if answer.others:
        return Told("unknown", answer.check.styles[0].why, (), is_other=True)
    found = answer.check.styles[0]
    tested = found.standing.tested if found.standing else None
    verdict = "IPv4 only" if tested and tested.ipv4_only else tested.verdict.upper() if tested else ""
    none = "LIBVIRT_IPV6=no in %s, if no guest has IPv6" % CONF if verdict == "IPv4 only" and found.safe == "no" else ""
    safe, words = found.safe, [": ".join(filter(None, (verdict, found.why))), *([none] if none else [])]
    for tag in inside:
        tagged, why = check.in_guest_vlan(answer, style, tag)
        words += [why] if why else []
        safe = "no" if "no" in (safe, tagged) else "unknown" if "unknown" in (safe, tagged) else "yes"
    run = answer.results[tested.run] if tested else None
    needs = run.conditions_of(style, inside) if run else ()
    needs = [one for one in needs if ipv6 or one.whom != ("ipv6",)]
    return Told(safe, "; ".join(words), tuple(needs), run.advice if run else (), run.unseen_of(style) if run else (),
                gap_ms=tested.gap_ms if tested else 0, style=style)


def told(pair, style, limited=True, at_tap=False):
    """The same of a pair. A service probes one idle VF of each PF; its siblings share hardware, firmware and drivers.

    limited: a gap may be too long (LIBVIRT_GAP_LIMIT). at_tap: the guest is pinned, of which a run has a row of its own only where the
    bridge is no good without."""
    host, limit = host_with(pair.vf), gap_limit_ms(settings()["LIBVIRT_GAP_LIMIT"]) if limited else 0
    pf, vf = host.find(pair.vf)
    if pf is None:
        return Told("unknown", "nfprobe --list does not know VF %s" % pair.vf, ())
    found = ask(pf, vf, host.kernel or "", style, pair.vlan, pair.inside, at_tap, limit)
    if found.safe == "unknown":
        found = ask(pf, None, host.kernel or "", style, pair.vlan, pair.inside, at_tap, limit)
    if found.is_other:
        return found._replace(why="%s: %s makes a new one" % (found.why, probe(pair, style)))
    return told(pair, style[:-len(PIN)], limited, True) if found.safe == "unknown" and style.endswith(PIN) else found


def stored(pair, style):
    return told(pair, style)[:2]


def applied(pair, style, safe, why, pinned=False):
    """The stored answer, as far as it says something about this pair.

    A standby on a second VF has its entry all the time under nfprobe. Where a manager follows the kernel's
    net_failover.rst, it has one only while the guest is without its VF, and is down otherwise. The PF's port in a static-bridge
    learns from what the guest sends by its VF, and libvirt's entry is not sticky (br_fdb_update in net/bridge/br_fdb.c)."""
    port = next(iter([] if pinned else learners(pair)), None)
    once = "once %s does not learn where the guest is (%s)" % (port, typed(pinning(pair, "uplink-learning-off", [port])) if port else "")
    if style == "static-bridge" and safe == "yes" and port:
        return "unknown", "%s, but only %s" % (why, once)
    if style in ("bridge", "bridge+fdb") and safe == "no" and port and stored(pair, style + PIN)[0] == "yes":
        return "no", "%s; SAFE %s" % (why, once)
    if style.startswith("vf-bridge") and safe == "no":
        return "unknown", why + "; that does not count where the standby is down while the guest has its VF"
    if style.startswith("vf-bridge") and safe == "yes" and pair.standby.kind == "bridge" and not has_entry(
            second_vf(pair), pair.standby.mac, time.monotonic() + ACT_LIMIT):
        return "unknown", "%s, but only once %s has the guest's address" % (why, second_vf(pair))
    return safe, why


def sends_by(vf, mac):
    """A sentence: may a standby on a VF of another NIC send as the guest?"""
    pf, found = host_with(vf).find(vf)
    if found is None:
        return "nfprobe --list does not know VF %s" % vf
    name = "VF %d of %s" % (found.vf, pf.ifname or pf.parentdev)
    if found.spoofchk is False or found.address == mac:
        return "%s may send as the guest" % name
    return "whether %s may send as the guest is not known: it has another address and spoofchk %s" % (
        name, "on" if found.spoofchk else "unknown")


def exits(pair):
    """A sentence for each netdev by which the standby leaves this host and of which there is something to say."""
    for netdev in sorted({way.ifname for way in ways(pair.vf, pair.standby.lower)}):
        device = os.path.realpath("%s/%s/device" % (NET, netdev))
        if not os.path.exists(device):
            continue
        if first_line("%s/%s/carrier" % (NET, netdev)) == "0":
            yield "%s has no link" % netdev
        if os.path.exists(device + "/physfn"):
            yield sends_by(os.path.basename(device), pair.standby.mac)


def place_words(pair):
    """Why no style is like that standby."""
    lower = pair.standby.lower
    if not os.path.exists("%s/%s" % (NET, lower)):
        return "%s does not exist here" % lower
    if pair.standby.kind != "bridge":
        return "%s is neither the PF of this VF nor another VF of it" % lower
    return "%s has no port on %s; its ports: %s" % (lower, pair.netdev or pair.pf, ", ".join(ports_of(pair.vf, lower)) or "none")


def elsewhere(pair):
    """(what a standby is that no style is like, what to do): no result of nfprobe is about it."""
    if pair.standby.kind == "passthrough" and pair.standby.lower == pair.netdev:
        return "the PF has the guest's address as its own then, which no run of nfprobe tries", "a macvtap in mode bridge can be judged"
    last = next((way.bridges[-1].ifname for way in ways(pair.vf, pair.standby.lower) if way.ifname == pair.netdev and way.bridges), "")
    if last not in ("", pair.standby.lower):
        return ("%s is behind %s, which asks %s for the guest's frames: no run has two bridges" % (
            pair.standby.lower, last, pair.netdev), "a bridge with %s as its port can be judged" % pair.netdev)
    what = "; ".join(["%s: EARLY and DEAF do not apply, since nobody asks that PF for the guest's frames" % place_words(pair),
                      *exits(pair)])
    return what, ("make sure that both NICs are in one network, which cannot be seen here; when the guest has let go of its VF, and"
                  " not before, clear the VF's address, or this host and other VFs may not reach it")


def lacks(pair, condition, style):
    """(yes, no or unknown, in words): does the guest lack what its XML, its VF or its bridge shows? None: nobody sees that before its
    moment."""
    if condition.code == "trust-guest-rx-filters":
        trusts = pair.team.standby.trusts if pair.team else None
        return {True: ("no", ""), False: ("yes", "the XML lacks trustGuestRxFilters='yes'"),
                None: ("unknown", "what is seen here does not say whether it has trustGuestRxFilters='yes'")}[trusts]
    met = {
        "filter-entry": lambda: "+fdb" in style or (
            style.startswith("vf-bridge") and has_entry(second_vf(pair), pair.standby.mac, time.monotonic() + ACT_LIMIT)),
        "pinned-at-tap": lambda: style.endswith(PIN),
        "static-bridge": lambda: style == "static-bridge" and not learners(pair),
        "entry-removed": lambda: is_served(pair),
    }.get(condition.code, lambda: False)()
    return ("no", "") if met else None


def answer(pair, pinned=False, now=True):
    """The one answer about a pair; no verdict of a NIC helps two NICs that are no pair, or of which one is cut off. now: that counts."""
    found = judged(pair.team, pair.teams, pair.vf) if pair.team else None
    said = answer_of(pair, found, pinned)
    return said._replace(safe="no", gap="", stops="; ".join(map(str, found.stops))) if now and found and found.stops else said


def answer_of(pair, found, pinned):
    """That of the store. found: whether they are a pair."""
    if found:
        pair = pair._replace(vlan=found.vlan, inside=found.inside)
        if found.faults:
            return Answer(pair, None, "no", "no pair: " + "; ".join(map(str, found.faults)))
    if not pair.standby.kind:
        return Answer(pair, None, "", "")
    style = style_of(pair, pinned)
    if style is None:
        what, step = elsewhere(pair)
        return Answer(pair, None, "unknown", "", None, "nothing", (), what, step)
    known = told(pair, style)
    safe, of_store = applied(pair, style, known.safe, known.why, pinned)
    needs, why = [(one, lacks(pair, one, style)) for one in known.conditions], [of_store]
    lacking = [(lack[0], "%s: %s" % (one.said, lack[1])) for one, lack in needs if lack and lack[0] != "no"]
    for answer_is, said in [*(("unknown", doubt) for doubt in (found.doubts if found else ())), *lacking] if safe != "no" else []:
        safe = "no" if answer_is == "yes" or safe == "no" else "unknown"
        why.append(said)
    left = [(one, lack) for one, lack in needs if lack is None or lack[0] != "no"]
    gap = gap_words(pair, known.gap_ms) if safe == "yes" and known.gap_ms and not style.endswith(PIN) else ""
    if gap:
        left = [(one, lack) for one, lack in left if one.code != "pinned-at-tap"]
    return Answer(pair, style, safe, "; ".join(why), known, of_store, left, gap=gap)


def gap_words(pair, gap_ms):
    """What a guest loses that is not pinned, and how it is."""
    how = "THE BRIDGE LEARNS in nfprobe-guide(7)" if pair.standby.lower == OVS else "once it runs here: " + typed(pinning(pair, "pin"))
    return "up to %g s are lost after unplug, until it sends; to pin it, %s" % (gap_ms / 1000, how)


def judge(pair, pinned=False, now=True):
    text = "VF %s of %s, standby on %s: " % (pair.vf, pair.netdev or pair.pf, pair.standby.place)
    found = answer(pair, pinned, now)
    stops = "nothing passes on its standby now: " + found.stops if found.stops else ""
    words = "; ".join(filter(None, (stops, found.instead, found.gap or found.why)))
    style = found.known.style or found.style if found.known else found.style
    asked = " (%s)" % command(["nfprobe-check", pair.pf, "--style", style]) if style else ""
    return Judged(found.style, found.safe, text + words + asked if found.safe else "", found.gap != "", found.stops)


def help_to_hear(guest, pair, style):
    """Adds the entry where that is known to be the fix, a style: a sentence; or says why not (Failed)."""
    standby, netdev = pair.standby, standby_at(pair)
    if not re.fullmatch("(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", standby.mac):
        raise Failed("the XML has no address of the standby")
    if not guest.uuid:
        raise Failed("the XML has no UUID of the guest")
    known = told(pair, style, limited=False)
    safe, why = known.safe, known.why
    if safe == "unknown":
        raise Failed("not known whether an entry would help (%s): %s finds out" % (why, probe(pair, "bridge+fdb")))
    if safe == "no" and not style.endswith(PIN) and stored(pair, style + PIN)[0] == "yes":
        raise Failed("an entry helps only a bridge that does not learn (LIBVIRT_BRIDGE_FIX in %s)" % CONF)
    if safe == "no":
        raise Failed("an entry would not help: " + why)
    serve(guest, pair)
    gap = "" if style.endswith(PIN) or not known.gap_ms else "; but " + gap_words(pair, known.gap_ms)
    return "added %s to %s, with which the standby on %s is SAFE%s" % (standby.mac, netdev, standby.place, gap)


def finding(pair, guest=None, pinned=False):
    """(yes, gap, no, unknown or added, a sentence) about a pair; of a guest that is to be helped, after that."""
    try:
        style, safe, text, gap, stops = judge(pair, pinned)
    except Exception as error:
        return "unknown", "VF %s: %s" % (pair.vf, error)
    if guest is None or pair.team and pair.team.by_guest or style not in ("bridge", "bridge" + PIN) or safe != "no":
        return "gap" if gap else safe, text
    try:
        if told(pair, style, limited=False).safe != "no":  # the limit alone is not met, which no entry helps
            return safe, text
        helped = help_to_hear(guest, pair, style.replace("bridge", "bridge+fdb"))
        return ("no", "%s; %s" % (text, helped)) if stops else ("added", helped)
    except Exception as error:
        return safe, "%s; nothing is added: %s" % (text, error)


# ---- the hook ----

def at_once(call, pairs):
    """Yields the number of a pair, and what the call says of it, as each says it. CHECKS are asked about at the same time."""
    left, answers = queue.SimpleQueue(), queue.SimpleQueue()

    def ask_on():
        with contextlib.suppress(queue.Empty):
            while True:
                number, pair = left.get_nowait()
                answers.put((number, call(pair)))

    for numbered in enumerate(pairs):
        left.put(numbered)
    for _ in range(min(CHECKS, len(pairs))):
        threading.Thread(target=ask_on, daemon=True).start()
    for _ in pairs:
        yield answers.get()


def judge_all(found, guest, mode, operation, pinned, doubts=()):
    """The exit status. doubts: of the guest. At prepare nothing is said but a refusal, since start says all of it, with the VFs of pools.

    The pairs are asked about at the same time, so that one whose check hangs does not keep another from being refused."""
    asked = at_once(functools.partial(finding, guest=guest if mode == "act" else None, pinned=pinned), found)
    told = {}
    for number, (safe, text) in asked:
        told[number] = safe, text
        if mode == "refuse" and safe == "no":
            refused.append(text)
            log(syslog.LOG_WARNING, NOT_FIT % (guest.name, text))
            return 1
    for safe, text in [told[number] for number in sorted(told)] if operation != "prepare" else []:
        if safe == "added":
            log(syslog.LOG_NOTICE, "guest %s: %s" % (guest.name, text))
        elif safe in ("no", "gap") and operation != "reconnect":
            log(syslog.LOG_WARNING, (NOT_FIT if safe == "no" else HAS_GAP) % (guest.name, text))
        elif safe == "unknown" and operation != "reconnect":
            log(syslog.LOG_NOTICE, NOT_KNOWN % (guest.name, text))
    for text in doubts if operation == "start" else []:
        log(syslog.LOG_NOTICE, NOT_KNOWN % (guest.name, text))
    return 0


def run(name, operation):
    """The exit status."""
    mode, fix = configured()
    may_refuse.extend([operation] if mode == "refuse" and operation in REFUSED_AT else [])
    wanted = {"prepare": mode == "refuse", "start": True, "port-created": True, "release": bool(names(LIST))}
    if not wanted.get(operation, mode == "act" and operation in ("migrate", "started", "reconnect")):
        return 0
    with looking("the XML of libvirt"):
        root = ElementTree.fromstring(sys.stdin.buffer.read())
    if operation == "port-created":
        port = root.find("networkport")
        pair = pair_of_port(port) if port is not None else None
        owner = guest_of(port.findtext("owner/name"), port.findtext("owner/uuid")) if pair else None
        if pair and fix:
            pin_all([pair], owner, fix)
        return judge_all([pair], owner, mode, operation, False) if pair else 0
    if root.tag != "domain":  # a network has operations of the same names
        return 0
    guest = guest_of(name, root.findtext("uuid"))
    migrates = mode == "act" and os.path.exists(incoming(guest))
    if operation == "migrate" and guest.uuid:
        expect(guest)
    elif operation == "release":
        drop(guest, "has ended")
    elif operation == "start" and migrates or operation == "started" and not migrates:
        # The entry of a guest that is still elsewhere would draw frames: it comes by the last call before it runs here.
        if operation == "started" and fix:
            pin_all(list(known_pairs(root)), guest, fix)
    else:
        if operation in ("start", "started"):
            drop(guest, "starts anew")
        found, doubts = teams(root)
        found = list(of_this_host(found))
        if operation in ("started", "reconnect") and fix:
            pin_all(found, guest, fix)
        return judge_all(found, guest, mode, operation, bool(fix) and operation == "start", doubts)
    return 0


def give_up(limit):
    """Ends the process, with the status that is known by then. Even the log may block: the process ends all the same."""
    status = settled[0] if settled else 1 if refused or may_refuse else 0
    said = "what is stale stays" if settled else "refused" if status else "no guest is judged"
    slow = [what for what in looks.values() if what]
    end = threading.Timer(LOG_LIMIT, os._exit, [status])
    end.daemon = True
    end.start()
    log(syslog.LOG_ERR, "it took %s: %s%s" % (limit, said, " (%s)" % "; ".join(slow) if slow else ""))
    os._exit(status)


def watch():
    """Gives up at a limit."""
    begun, never = time.monotonic(), threading.Event()
    while True:
        left, cpu = HOOK_LIMIT - (time.monotonic() - begun), HOOK_CPU - time.process_time()
        if left <= 0:
            give_up("longer than %d s" % HOOK_LIMIT)
        if cpu <= 0:
            give_up("more than %d s of a processor" % HOOK_CPU)
        never.wait(min(left, max(cpu, 0.1)))


def watched(call):
    """Calls, and gives up at a limit."""
    threading.Thread(target=watch, daemon=True).start()
    return call()


def hook():
    try:
        status = run(*sys.argv[1:3])
    except Exception as error:
        log(syslog.LOG_ERR, "no guest is judged: %s: %s" % (type(error).__name__, error))
        status = 0
    settled.append(status)
    look_at_stale()
    return status


def judge_guest(path):
    """Judges a guest that runs, whose XML is left there, in a process of its own: what hangs is that one's."""
    with open(path, "rb") as file:
        text = file.read(XML_BYTES)
    os.unlink(path)
    root = ElementTree.fromstring(text)
    with contextlib.suppress(Exception):  # reads the host for all guests; whoever needs what cannot be read says so
        if not hosts:
            for pair in list(known_pairs(root))[:1]:
                host_with(pair.vf)
    pid = os.fork()
    if pid == 0:
        reader, writer = os.pipe()
        threading.Thread(target=lambda: (os.write(writer, text), os.close(writer)), daemon=True).start()
        os.dup2(reader, 0)
        sys.argv[1:] = [root.findtext("name", "?"), "reconnect", "begin", "-"]
        os._exit(watched(lambda: run(*sys.argv[1:3])))
    os.waitpid(pid, 0)


def judge_left(folder):
    """Judges each guest whose XML is left in the folder, as libvirt's calls would, and then looks once at what is stale."""
    syslog.openlog("nfprobe-libvirt-hook", 0, syslog.LOG_DAEMON)
    hosts.clear()
    host_with.cache_clear()
    if configured()[0] != "act":
        for name in names(folder):
            if name.endswith(".xml"):
                os.unlink("%s/%s" % (folder, name))
        return
    for module in ("pair", "team", "qemu", "shell", "host", "check", "store", "holds"):  # once for all of them
        tools(module)
    for name in sorted(names(folder)):
        if name.endswith(".xml"):
            try:
                judge_guest("%s/%s" % (folder, name))
            except Exception as error:
                log(syslog.LOG_ERR, "no guest is judged: %s: %s" % (type(error).__name__, error))
    if os.fork() == 0:
        os._exit(watched(look_at_stale))
    os.wait()


def look_at_stale():
    """Takes back, and sets again, what guests have lost or left behind: a guest waits for its answer, and nobody for this."""
    if not settled:
        settled.append(0)
    try:
        clean()
        if acting():
            renew()
    except Exception as error:
        log(syslog.LOG_ERR, "what is stale stays: %s: %s" % (type(error).__name__, error))
    return 0


def clean_all():
    settled.append(4)
    return 0 if clean() else 4


# ---- --explain ----

# Where a style is not safe, by the least effort.
STYLES_THAT_HELP = ("bridge", "bridge+fdb", "bridge+pin", "bridge+fdb+pin", "vf-bridge+pin", "static-bridge", "macvtap")


def is_possible(pair, fix):
    """Those of a bridge were proved with the PF as its port, but for that of a second VF; libvirt keeps no table of Open vSwitch's."""
    lower = pair.standby.lower
    if fix.startswith("vf-bridge"):
        return pair.standby.kind == "bridge" and bool(second_vf(pair))
    if fix == "macvtap" or pair.standby.kind == "macvtap":
        return parent_of(pair)[0] is not None
    return fix != "bridge" and pair.netdev in leaves_by(pair) and (fix != "static-bridge" or lower != OVS)


def parent_of(pair):
    """The netdev of the guest's VLAN on the PF, for a macvtap, and the commands that make it; None: it would take the VLAN from others."""
    host = host_with(pair.vf) if pair.vlan else None
    pf, _ = host.find(pair.vf) if host else (None, None)
    if pf is None:
        return standby_at(pair), []
    rules = tools("pair")
    place = rules.place_of((pair.vlan,), pf, rules.Links(host))
    return (place.ifname, [place.making] if place.making else []) if rules.may_make(place) else (None, [])


def steps_to(pair, fix, style):
    """(a sentence, commands). style: that it has now."""
    netdev, standby, texts, commands = standby_at(pair), pair.standby, [], []
    parent, making = parent_of(pair)
    if fix == "macvtap":
        text = "put the standby on a macvtap of %s, as its interface is after%s" % (parent, "; it needs" if making else "")
        if parent == netdev and netdev in ports_of(pair.vf, standby.lower):  # then a macvtap gets EBUSY
            text += "; that is for a maintenance window, since %s must leave %s first (EBUSY), which cuts off whatever else is on it" % (
                netdev, standby.lower)
        return text, making
    ports = uplinks(pair)
    if standby.kind == "macvtap":
        texts.append("put the standby on a bridge whose port is %s, once no macvtap is on it (EBUSY)" % parent)
        commands += making
        ports = [parent]
    if fix == "static-bridge":
        texts.append("make the bridge static: <bridge macTableManager='libvirt'/> in a network of libvirt's on it, and")
        return "; ".join(texts), [*commands, command(learning_off(netdev))]
    by_hand, gap_ms = [], told(pair, fix).gap_ms
    missing = "+fdb" in fix and standby.tap != ""
    if missing:
        texts.append("the entry is missing, as it may be once %s has left its bridge and come back, and %s adds it %s" % (
            netdev, setting("LIBVIRT_HOOK", "act"), when_again(is_served(pair))))
    elif "+fdb" in fix:
        texts.append("%s adds the guest's address to %s when the guest starts" % (setting("LIBVIRT_HOOK", "act"), netdev))
    by_hand += [entry(netdev, standby.mac)] if "+fdb" in fix else []
    if not style.endswith(PIN) and (fix.endswith(PIN) or gap_ms):
        text, more = pin_steps(pair, gap_ms, ports)
        texts.append(text)
        by_hand += more
    how = "; type it again:" if missing else "; by hand:"
    return "; and ".join(texts) + how * bool(by_hand), [*commands, *map(command, by_hand)]


def when_again(is_listed):
    """The moment at which the hook sets again what a guest that runs has lost, or never had."""
    return "again at libvirt's next event" if is_listed and acting() else "when the guest starts"


def is_kept(pair):
    """Has this hook turned learning off for the guest?"""
    return any(pair.standby.mac in (record or {}).get("macs", ()) and still_there(path, record) in uplinks(pair)
               for path, record in listed())


def pin_steps(pair, gap_ms, ports=None):
    """(a sentence, words of commands). gap_ms: what is lost without; 0: the guest, for good."""
    lost = ", without which up to %g s are lost after unplug, until it sends" % (gap_ms / 1000) if gap_ms else ""
    if pair.standby.lower == OVS:
        return "an entry of Open vSwitch's pins the guest (THE BRIDGE LEARNS in nfprobe-guide(7))" + lost, []
    fix = acting().get("LIBVIRT_BRIDGE_FIX") or "pin"
    when = when_again(True) if acting() and is_kept(pair) else "once it runs"
    return "%s pins the guest %s%s" % (setting("LIBVIRT_BRIDGE_FIX", fix), when, lost), pinning(pair, fix, ports)


def acting():
    """The settings by which the hook acts; none, if it does not."""
    values = settings()
    return {key: value for key, value in values.items() if value} if values["LIBVIRT_HOOK"] == "act" else {}


def setting(key, value):
    """What makes the hook act: it is there, or is to be."""
    if acting().get(key) == value:
        return "%s=%s, which is set," % (key, value)
    both = "" if key == "LIBVIRT_HOOK" or acting() else ", with LIBVIRT_HOOK=act,"
    return "%s=%s%s in %s" % (key, value, both, CONF)


def changed(element, parent, trusts):
    """The interface as a macvtap of that netdev, in mode bridge."""
    after = copy.deepcopy(element)
    for child in [child for child in after if child.tag in ("source", "target", "virtualport", "vlan", "backend")]:
        after.remove(child)
    after.set("type", "direct")
    if trusts:
        after.set("trustGuestRxFilters", "yes")
    mac = after.find("mac")
    after.insert(0 if mac is None else list(after).index(mac) + 1, ElementTree.Element("source", dev=parent, mode="bridge"))
    return after


def say_element(head, element):
    element = copy.deepcopy(element)
    element.tail = None
    ElementTree.indent(element)
    say("  " + head)
    for line in ElementTree.tostring(element, encoding="unicode").splitlines():
        say("    " + line)


def next_step(pair, style, known, safe):
    """The same; known: what is stored; safe: what that says about this pair."""
    if safe == "yes":
        return "nothing", []
    if known == "unknown":
        return "", [probe(pair._replace(inside=(tag,)), style) for tag in pair.inside] or [probe(pair, style)]
    if known == "yes" and style == "static-bridge":
        return "", list(map(command, pinning(pair, "uplink-learning-off", learners(pair))))
    if known == "yes":
        step = "the entry is missing, type it again:" if pair.standby.tap else "when the guest starts here:"
        return step, [command(entry(second_vf(pair), pair.standby.mac))]
    for fix in STYLES_THAT_HELP:
        if fix != style and is_possible(pair, fix) and stored(pair, fix)[0] == "yes":
            text, commands = steps_to(pair, fix, style)
            return "%s is SAFE: %s" % (fix, text), commands
    return "%s looks for a fix; what a manager must do: nfprobe-verdicts(7)" % probe(pair, "macvtap,bridge"), []


def missing_entry(pair):
    """The command that gives a guest that runs here the entry which it needs, in words; none: it lacks none, or that is not known."""
    found = answer(pair)
    pair, style = found.pair, found.style or ""
    if found.safe not in ("no", "unknown") or not found.known or not pair.standby.tap:
        return []
    if style.startswith("vf-bridge") and found.known.safe == "yes" and found.needs is not None and not has_entry(
            second_vf(pair), pair.standby.mac, time.monotonic() + ACT_LIMIT):
        return entry(second_vf(pair), pair.standby.mac)
    fixes = [fix for fix in STYLES_THAT_HELP if "+fdb" in fix] if style in ("bridge", "bridge" + PIN) and found.known.safe == "no" else []
    helps = any(is_possible(pair, fix) and stored(pair, fix)[0] == "yes" for fix in fixes)
    return entry(standby_at(pair), pair.standby.mac) if helps else []


def filled_in(words, pair):
    """The words of a stored command, which is about any guest."""
    _, vf = host_with(pair.vf).find(pair.vf)
    known = {"GUEST_MAC": pair.standby.mac, "GUEST_VF": str(vf.vf) if vf else "", "TAP": pair.standby.tap,
             "VF_NETDEV": second_vf(pair)}
    return words if hasattr(words, "to") else tuple(known.get(word) or word for word in words)


def say_need(found, condition, lack):
    """What the guest lacks, or what has to be brought about at its moment, as the run has said it."""
    if lack:
        say("  needs:   %s: %s" % (condition.said, lack[1]))
        return
    advice = next((one for one in found.known.advice if one.id in condition.met_by), None)
    say("  needs:   %s" % (advice.said if advice else condition.said))
    if advice and advice.where == "host":
        known = {key: tuple(filled_in(words, found.pair) for words in getattr(advice, key)) for key in ("commands", "undo")}
        for name, lines in advice._replace(**known).blocks():
            for number, line in enumerate(lines):
                say("    %-9s%s" % ("" if number else name, line))


def explain_pair(team, all_teams):
    """Yes, no or unknown: is it fit?"""
    vf, standby, half = team.device, standby_of(team.standby) if team.standby else None, team.standby
    pair = pair_of(vf, standby) if standby else None
    pair = pair._replace(team=team, teams=all_teams) if pair else None
    pairing = judged(team, all_teams, pair and vf)
    found = answer(pair) if pair else Answer(None, None, "unknown", "nothing")
    safe, why, step, commands, after = found.safe or "unknown", found.stored, found.step, [], None
    instead = "no standby" if standby is None else found.instead or ("not known here" if standby.kind else standby.place)
    lacking = [lack[0] for _, lack in found.needs if lack]
    if standby is None:
        safe, step = "unknown", "<teaming persistent=..> must name the alias of the standby's interface"
    elif pairing.faults:
        safe, why = "no", "whatever it is, it is of a pair"
        step = "; and ".join(dict.fromkeys(fault.change for fault in (*pairing.faults, *pairing.stops) if fault.change))
    elif not standby.kind:
        step = "nfprobe has no style like that; one on a macvtap or a bridge of the PF can be judged"
    elif pair is None:
        step = "ask on the host that has this VF" if vf else "ask again when the guest runs: libvirt then says which VF it has"
    elif found.style:
        known, style = found.known, found.style
        step, commands = next_step(found.pair, style, known.safe, "yes" if known.safe == "yes" and style == "macvtap" else safe)
        if found.gap and step == "nothing":
            step, by_hand = pin_steps(pair, known.gap_ms)
            step, commands = step + "; by hand:" * bool(by_hand), list(map(command, by_hand))
        if standby.kind == "macvtap" and known.safe == "yes" and ("yes" in lacking or half.mode not in ("", "bridge")):
            after = changed(half.element, half.netdev, "yes" in lacking)
        elif step.startswith("macvtap is SAFE"):
            after = changed(half.element, parent_of(found.pair)[0], bool(told(pair, "macvtap").conditions)) if not pairing.doubts else None
        if known.safe == "yes" and "yes" in lacking:
            step, commands = "give the standby's interface what it lacks, as it is after", []
        elif known.safe == "yes" and (lacking or pairing.doubts):
            step, commands, after = "find out what is not known, as it is above", [], None
    if pairing.stops and not pairing.faults:
        safe, commands, after = "no", [], None
        step = "; and ".join(fault.change for fault in pairing.stops) + "; then ask again"
    ours = found.style in ("bridge+fdb", "bridge+fdb" + PIN) and os.path.exists("%s/%s-%s" % (LIST, pair.pf, standby.mac))
    said = ["no, " + fault.what for fault in (*pairing.faults, *pairing.stops)]
    said += [*("not known: " + doubt for doubt in pairing.doubts), *pairing.remarks]
    say("VF %s, standby %s" % (vf or "of a pool", "%s on %s" % (standby.mac, standby.place) if standby else "unknown"))
    say("  pair:    %s" % ("; ".join(said) or "yes" if standby else "no"))
    say("  style:   %s%s" % (found.style or "none: " + instead, " (this hook has added the entry)" if ours else ""))
    pinned = pinned_now(pair) if pair else ""
    if pinned:
        say("  pinned:  " + pinned)
    say("  stored:  " + why)
    for condition, lack in found.needs:
        say_need(found, condition, lack)
    for need in pairing.needs:
        say("  needs:   " + need)
    for line in map(command, pinning(pair, acting().get("LIBVIRT_BRIDGE_FIX") or "pin")) if pair and len(hops(pair)) > 1 else ():
        say("             " + line)
    for unseen in found.known.unseen if found.known else ():
        say("  unseen:  " + unseen.said.replace("not seen: ", ""))
    if standby and standby.kind == "macvtap" and half.mode not in ("", "bridge"):
        say("  mode:    %s, and bridge was tested: guests with a macvtap of %s do not reach one another on this host" % (
            half.mode, half.netdev))
    alone = len(commands) == 1
    say("  next:    " + " ".join(filter(None, [step] + commands * alone)))
    for line in [] if alone else commands:
        say("             " + line)
    if after is not None:
        say_element("before:", half.element)
        say_element("after:", after)
    return safe if standby else "no"


def networks_of(domain):
    """Those of libvirt's that the interfaces name, as far as it knows them."""
    found, sources = {}, domain.findall("devices/interface[@type='network']/source")
    for name in list(dict.fromkeys(source.get("network", "") for source in sources))[:tools("team").MOST_TEAMS]:
        with contextlib.suppress(Failed, ElementTree.ParseError):
            status, text = output_of(["virsh", "-c", "qemu:///system", "net-dumpxml", "--", name], EXPLAIN_LIMIT, stderr=subprocess.DEVNULL)
            if status == 0:
                found[name] = ElementTree.fromstring(text)
    return found


def explain(what):
    """Explains a guest, named or in a file of XML: the exit status, as that of nfprobe-check. As no hook, it may
    call libvirt."""
    if os.path.exists(what):
        document = tools("document")
        try:
            text = bytes(document.read_within(what, document.Limits(XML_BYTES, XML_BYTES)))
        except document.Damaged as damage:
            raise Failed("%s %s" % (what, damage.what)) from None
    else:
        status, text = output_of(["virsh", "-c", "qemu:///system", "dumpxml", "--", what], EXPLAIN_LIMIT)
        if status:
            raise Failed("there is no file %s, and libvirt knows no such guest" % what)
    root = ElementTree.fromstring(text)
    if root.tag != "domain":
        raise Failed("%s is not the XML of a guest: it is a <%s>" % (what, root.tag))
    found, doubts = teams(root, networks_of(root))
    if not found and not doubts:
        say("guest %s has no <teaming type='transient'>, nor two NICs of one address: there is nothing to fail over"
            % root.findtext("name", what))
    for doubt in doubts:
        say("not known whether the guest has other pairs: " + doubt)
    answers = [explain_pair(team, found) for team in found] + ["unknown" for _ in doubts]
    return 1 if "no" in answers else 3 if "unknown" in answers else 0


USAGE = """nfprobe-libvirt-hook --explain GUEST|FILE.xml   which style each pair of a guest has, its verdict, and what to do
nfprobe-libvirt-hook --clean                    takes back what it changed for guests that are gone
libvirt calls it with other arguments: see nfprobe-libvirt-hook(8)"""


def main():
    syslog.openlog("nfprobe-libvirt-hook", 0, syslog.LOG_DAEMON)
    words = sys.argv[1:]
    try:
        if len(words) > 2:  # libvirt gives it four
            status = watched(hook)
        elif len(words) == 2 and words[0] == "--explain":
            status = explain(words[1])
        elif words == ["--clean"]:
            status = watched(clean_all)
        else:
            status = 0 if words in (["--help"], ["-h"]) else 2
            print(USAGE, file=sys.stderr if status else sys.stdout)
    except (OSError, ValueError, KeyError, ElementTree.ParseError, Failed) as error:
        if not isinstance(error, BrokenPipeError):
            say("nfprobe: %s" % error, sys.stderr)
        status = 4
    try:
        sys.stdout.flush()
    except OSError as error:
        if not isinstance(error, BrokenPipeError):  # a reader that has gone, such as head(1), has all that it wanted
            say("nfprobe: the answer could not be written: %s" % error.strerror, sys.stderr)
        status = 4
    os._exit(status)


if __name__ == "__main__":
    main()

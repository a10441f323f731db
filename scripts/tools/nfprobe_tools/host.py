# SPDX-License-Identifier: GPL-2.0-or-later
"""The answers of nfprobe about a host: `nfprobe --list --json`."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import subprocess
from typing import Any, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

from . import Failure, shell
from .document import Damaged, Input, Limits, Read, parse_json, read_within, record
from .files import why
from .result import SCHEMA, Error
from .text import clean
from .words import SHARES

LIMITS = Limits(16 << 20, 600_000)  # twenty thousand VFs
SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")  # which the PATH of a user may lack
INSTALLED = "/share/nfprobe/tools/nfprobe_tools"  # behind the prefix with which make install was called
# --list and --audit take a second or two of a processor, and on a host that is busy far longer by the clock; a driver that holds the
# kernel's lock may never let go.
ASK_SECONDS, ASK_CPU_SECONDS = 300, 60
NO_PF_HINT = "DIAGNOSTICS in nfprobe(8) has the usual causes."
CODE = "host"  # of an error: nfprobe cannot be run, or what it said cannot be used


# ---- the documents: each field is a key ----

class FirmwareVersion(NamedTuple):
    name: str
    running: Optional[str]
    stored: Optional[str]


class Vf(NamedTuple):
    vf: int
    parentdev: Optional[str]
    driver: Optional[str]
    driver_version: Optional[str]
    net_driver: Optional[str]
    net_driver_version: Optional[str]
    hands_over: bool
    ifname: Optional[str]
    address: Optional[str]
    vlan: Optional[int]
    trust: Optional[bool]
    spoofchk: Optional[bool]
    use: Optional[str]  # None: nobody has looked
    user: Optional[str]
    unread: Mapping[str, str] = {}  # why the value of a key is not known
    up: bool = False  # also in a guest


class Pf(NamedTuple):
    ifname: Optional[str]
    bus: Optional[str]
    parentdev: Optional[str]
    driver: Optional[str]
    driver_version: Optional[str]
    firmware: Optional[str]
    firmware_versions: Tuple[FirmwareVersion, ...]
    vendor: Optional[str]
    device: Optional[str]
    subsystem_vendor: Optional[str]
    subsystem_device: Optional[str]
    board_id: Optional[str]
    num_vfs: Optional[int]
    total_vfs: Optional[int]
    eswitch_mode: Optional[str]
    l2_fwd_offload: Optional[bool]
    settle_ms: int
    not_with: Tuple[str, ...]
    vfs: Tuple[Vf, ...]
    unread: Mapping[str, str] = {}
    rx_handler: Optional[str] = None  # who takes its frames; None: not known
    where: Optional[str] = None  # its netdev is, if not in this namespace; or why it has none
    rx_handler_note: Optional[str] = None
    master: Optional[str] = None
    lag: Optional[str] = None  # the mode of that bond, where the switch chooses the member
    bond_mode: Optional[str] = None  # the same of any bond

    @property
    def standby_at(self) -> str:
        """The netdev on which a standby stands: the PF, or its bond (nfp_standby_netdev)."""
        return (self.master if self.bond_mode and not self.lag else self.ifname) or ""


class Bridge(NamedTuple):
    """One on a way."""
    ifname: str
    inner: Optional[str]  # its port towards the netdev whose way it is; None: it begins there
    outer: str  # its port towards the exit


class WayOut(NamedTuple):
    """Where frames leave the host that are sent to a netdev."""
    ifname: str
    vlans: Optional[Tuple[str, ...]]  # their tags then, the outermost first; None: not known
    known: bool  # by hardware, or by a tunnel; else by what nobody on this host can look into
    bridges: Tuple[Bridge, ...]  # the nearest first


class Netdev(NamedTuple):
    """A netdev of the host's own network namespace."""
    ifname: str
    kind: Optional[str]  # None: hardware
    parentdev: Optional[str]
    vlan: Optional[int]  # of kind vlan
    vlan_filtering: bool
    default_pvid: Optional[int]
    has_address: bool
    up: bool
    lower: Optional[str]
    elsewhere: bool  # the netdev below it is in another network namespace
    master: Optional[str]
    mode: Optional[str]
    tagged: Tuple[str, ...]  # of a bridge's port: "7", "100-199"
    untagged: Tuple[str, ...]
    pvid: Optional[int]
    rx_handler: Optional[str] = None  # as of a PF
    rx_handler_note: Optional[str] = None
    port_state: Optional[str] = None  # of a bridge's port
    isolated: bool = False
    stp_delay_ms: Optional[int] = None  # of kind bridge
    snoops: bool = False
    netfilter: bool = False
    carrier: bool = True
    ways: Tuple[WayOut, ...] = ()  # none of taps, macvtaps and veths; of a bridge, one by each port, whatever VLANs the port has


class Host(NamedTuple):
    schema: int
    version: str
    kernel: Optional[str]
    pfs: Tuple[Pf, ...]
    exit: int
    error: Optional[Error] = None
    netdevs: Tuple[Netdev, ...] = ()
    have_vlans: bool = False
    unread: Mapping[str, str] = {}  # as of a PF

    def find(self, name: str) -> Tuple[Optional[Pf], Optional[Vf]]:
        """The PF that has this name, a netdev's or an address on the bus, or of which a VF has it."""
        for pf in self.pfs:
            if name in (pf.ifname, pf.parentdev):
                return pf, None
        for pf in self.pfs:
            for vf in pf.vfs:
                if name in (vf.ifname, vf.parentdev):
                    return pf, vf
        return None, None

    def takers(self, pf: Pf, vlan: int) -> List[Tuple[Optional[str], Optional[str]]]:
        """The users of the frames where the standby of a VF in a VLAN (0: none) can be: of the PF, and of the netdev of that VLAN."""
        at = [(pf.rx_handler, pf.rx_handler_note)]
        if vlan:
            on_vlan = (one for one in self.netdevs if one.kind == "vlan" and one.lower == pf.standby_at and one.vlan == vlan)
            at += [next(((one.rx_handler, one.rx_handler_note) for one in on_vlan), ("nobody", None))]
        return at

    def impossible_while(self, pf: Pf, style: str, vlan: int) -> str:
        """Why this host cannot build the standby of a style there, as a clause; empty: it can, or that is not known. As
        nfp_style_is_possible (src/verdict/possible.c)."""
        at = self.takers(pf, vlan)
        if any(user is None or user in SHARES[style] for user, _ in at):
            return ""
        return ", and ".join(clean(note or f"{pf.ifname} is in use") for _, note in at)

    def is_taken_by_guests(self, pf: Pf, vlan: int) -> bool:
        """Macvtaps come and go with guests; whoever makes the PF the port of a bridge has decided how guests are connected."""
        return any(user == "macvlan" for user, _ in self.takers(pf, vlan))


# ---- from JSON ----

any_host = record(Host)


def load_document(read: Read, source: Input, what: str) -> Any:
    """The document in a file. Raises Failure."""
    try:
        return read_document(read, read_within(source, LIMITS), what)
    except Damaged as damage:
        raise Failure(f"cannot use {what}: it {damage.what}", CODE) from None
    except (OSError, ValueError) as error:
        raise Failure(f"cannot use {what}: {why(error) if isinstance(error, OSError) else 'it has an impossible name'}", "input") from None


def read_document(read: Read, data: Union[bytes, bytearray], what: str) -> Any:
    try:
        root = parse_json(data, LIMITS)
        schema = root.get("schema") if isinstance(root, dict) else None
        if schema != SCHEMA:
            raise Damaged(f"is not of schema {SCHEMA}, but {'of no schema' if schema is None else json.dumps(schema)[:20]}")
        document = read(root)
    except Damaged as damage:
        raise Failure(f"{what} {f'cannot be used: {damage}' if damage.path else damage.what}", CODE) from None
    if document.error:
        raise Failure(document.error.message, document.error.code)
    return document


def read_list(data: bytes, what: str) -> Host:
    """@what: names the text in an error. Raises Failure, also if the text says that nfprobe has failed."""
    host: Host = read_document(any_host, data, what)
    return host


def load_list(source: Input, what: str) -> Host:
    """The same of a file."""
    host: Host = load_document(any_host, source, what)
    return host


# ---- nfprobe ----

def find_nfprobe() -> str:
    """$NFPROBE, or the nfprobe that was installed together with this, or that of PATH or of a folder for the system's programs.
    Raises Failure."""
    here = os.path.dirname(os.path.realpath(__file__))
    own = [here[:-len(INSTALLED)] + "/sbin"] if here.endswith(INSTALLED) else []
    found = os.environ.get("NFPROBE") or shutil.which("nfprobe", path=os.pathsep.join([*own, os.environ.get("PATH", os.defpath), *SBIN]))
    if not found:
        raise Failure(f"there is no nfprobe in PATH, {', '.join([*own, *SBIN])}", CODE,
                      "NFPROBE=FILE in the environment names one that is elsewhere, such as build/nfprobe.")
    return found


def list_command(nfprobe: str, name: Optional[str] = None, quick: bool = False) -> List[str]:
    """@name: of one PF or VF. @quick: without who uses each VF."""
    return [nfprobe, "--list", "--json", *(["-q"] if quick else []), *(["--", name] if name else [])]


class Said(NamedTuple):
    status: int  # -N if signal N has killed it
    out: bytes
    err: bytes


def ask(command: Sequence[str]) -> Said:
    """Returns what a program says. A program that takes too long is killed, and not waited for: a process that is
    stuck in the kernel does not end. Raises Failure."""
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            with contextlib.suppress(OSError):  # it has ended already
                resource.prlimit(process.pid, resource.RLIMIT_CPU, (ASK_CPU_SECONDS, ASK_CPU_SECONDS + 1))
            out, err = process.communicate(timeout=ASK_SECONDS)
            return Said(process.returncode, out, err)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Failure(f"{shell.command(*command[:2])} has not answered within {ASK_SECONDS:g} s, and was killed", CODE,
                          "It may be stuck in the kernel, which a driver holds up: journalctl -k") from None
    except OSError as error:
        raise Failure(f"cannot run {command[0]}: {error.strerror}", CODE) from None


def ask_json(command: Sequence[str]) -> bytes:
    """The same of a program that always says something. Raises Failure."""
    said = ask(command)
    if not said.out.strip():
        words = said.err.decode("utf-8", "replace").strip().split("\n")[0]
        how = f"was killed by signal {-said.status}" if said.status < 0 else f"ended with status {said.status}"
        raise Failure(f"{shell.command(*command[:2])} {how}{f': {words}' if words else ' and said nothing'}", CODE)
    return said.out


def list_host(name: Optional[str] = None, quick: bool = False) -> Host:
    """Runs `nfprobe --list`, and returns what it says of this host now. Raises Failure."""
    nfprobe = find_nfprobe()
    return read_list(ask_json(list_command(nfprobe, name, quick)), f"what {nfprobe} --list --json said")

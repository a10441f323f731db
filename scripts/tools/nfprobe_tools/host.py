# SPDX-License-Identifier: GPL-2.0-or-later
"""What nfprobe says of a host: `nfprobe --list --json`, and who hears whom, `nfprobe --hear --json`.

Another host may have written the text, or anybody: each value is checked when it is read."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Type, TypeVar, Union, get_args, get_origin, get_type_hints

from . import Failure

SCHEMA = 3
LIST_BYTES = 32 << 20
SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")  # which the PATH of a user may lack
INSTALLED = "/share/nfprobe/tools/nfprobe_tools"  # behind the prefix with which make install was called


class HostError(Failure):
    """nfprobe cannot be run, or what it said cannot be used. @code: nfprobe's own, or host."""

    def __init__(self, text: str, code: str = "host") -> None:
        super().__init__(text, code)


# ---- the documents: each field is a key ----

@dataclass(frozen=True)
class Error:
    code: str
    message: str
    hint: Optional[str] = None


@dataclass(frozen=True)
class FirmwareVersion:
    name: str
    running: Optional[str]
    stored: Optional[str]


@dataclass(frozen=True)
class Vf:
    vf: int
    parentdev: Optional[str]
    driver: Optional[str]
    driver_version: Optional[str]
    net_driver: Optional[str]
    net_driver_version: Optional[str]
    vfio_driver: Optional[str]
    hands_over: bool
    ifname: Optional[str]
    address: Optional[str]
    vlan: Optional[int]
    trust: Optional[bool]
    spoofchk: Optional[bool]
    use: Optional[str]  # None: nobody has looked
    user: Optional[str]
    unread: Mapping[str, str] = field(default_factory=dict)  # why the value of a key is not known


@dataclass(frozen=True)
class Pf:
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
    unread: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Host:
    schema: int
    version: str
    kernel: Optional[str]
    pfs: Tuple[Pf, ...]
    exit: int
    error: Optional[Error] = None

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


@dataclass(frozen=True)
class Hearing:
    """A PF, and the netdevs of this host that it hears."""
    ifname: Optional[str]
    parentdev: Optional[str]
    heard: Tuple[str, ...]
    error: Optional[Error] = None


@dataclass(frozen=True)
class Hearings:
    schema: int
    version: str
    pfs: Tuple[Hearing, ...]
    exit: int
    error: Optional[Error] = None


# ---- from JSON ----

Document = TypeVar("Document", Host, Hearings)


class _Mismatch(Exception):
    pass


@functools.lru_cache(maxsize=None)
def _hints(kind: Type[Any]) -> Dict[str, Any]:
    return get_type_hints(kind)


def _convert(hint: Any, value: Any, where: str) -> Any:
    """The value of JSON as this type: a class above, a plain one, an optional one, a tuple or a mapping of texts."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Union:
        return None if value is None else _convert(args[0], value, where)
    if dataclasses.is_dataclass(hint):
        return _object(hint, value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise _Mismatch(f"{where} is not an array")
        return tuple(_convert(args[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if origin is not None:
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise _Mismatch(f"{where} is not an object of texts")
        return value
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise _Mismatch(f"{where} is not {'a number' if hint is int else 'a text' if hint is str else 'true or false'}")
    return value


def _object(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise _Mismatch(f"{where or 'it'} is not an object")
    found = {}
    for key in dataclasses.fields(kind):
        path = f"{where}.{key.name}" if where else key.name
        if key.name in value:
            found[key.name] = _convert(_hints(kind)[key.name], value[key.name], path)
        elif key.default is dataclasses.MISSING and key.default_factory is dataclasses.MISSING:
            raise _Mismatch(f"{path} is missing")
    return kind(**found)


def _read(kind: Type[Document], data: bytes, what: str) -> Document:
    if len(data) > LIST_BYTES:
        raise HostError(f"{what} is larger than {LIST_BYTES >> 20} MB")
    try:
        root = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise HostError(f"{what} is not JSON: {error}") from None
    schema = root.get("schema") if isinstance(root, dict) else None
    if schema != SCHEMA:
        raise HostError(f"{what} is not of schema {SCHEMA}, but {'of no schema' if schema is None else json.dumps(schema)[:20]}")
    try:
        document: Document = _object(kind, root, "")
    except _Mismatch as mismatch:
        raise HostError(f"{what} cannot be used: {mismatch}") from None
    if document.error:
        raise HostError(document.error.message, document.error.code)
    return document


def read_list(data: bytes, what: str) -> Host:
    """@what: names the text in an error. Raises HostError, also if the text says that nfprobe has failed."""
    return _read(Host, data, what)


def read_hearings(data: bytes, what: str) -> Hearings:
    return _read(Hearings, data, what)


# ---- nfprobe ----

def find_nfprobe() -> str:
    """$NFPROBE, or the nfprobe that was installed together with this, or that of PATH or of a folder for the system's programs.
    Raises HostError."""
    here = os.path.dirname(os.path.realpath(__file__))
    own = [here[:-len(INSTALLED)] + "/sbin"] if here.endswith(INSTALLED) else []
    found = os.environ.get("NFPROBE") or shutil.which("nfprobe", path=os.pathsep.join([*own, os.environ.get("PATH", os.defpath), *SBIN]))
    if not found:
        raise HostError(f"there is no nfprobe in PATH, {', '.join([*own, *SBIN])}")
    return found


def list_command(nfprobe: str, name: Optional[str] = None, quick: bool = False) -> List[str]:
    """@name: of one PF or VF. @quick: without who uses each VF."""
    return [nfprobe, "--list", "--json", *(["-q"] if quick else []), *(["--", name] if name else [])]


def hear_command(nfprobe: str, names: Sequence[str], vlan: Optional[str] = None) -> List[str]:
    return [nfprobe, "--hear", "--json", *([f"--vlan={vlan}"] if vlan is not None else []), "--", *names]


def list_host(name: Optional[str] = None, quick: bool = False) -> Host:
    """What `nfprobe --list` says of this host now. Raises HostError."""
    nfprobe = find_nfprobe()
    try:
        done = subprocess.run(list_command(nfprobe, name, quick), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
    except OSError as error:
        raise HostError(f"cannot run {nfprobe}: {error.strerror}") from None
    if not done.stdout.strip():
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        how = f"was killed by signal {-done.returncode}" if done.returncode < 0 else f"ended with status {done.returncode}"
        raise HostError(f"{nfprobe} --list {how}{f': {said}' if said else ' and said nothing'}")
    return read_list(done.stdout, f"what {nfprobe} --list --json said")

# SPDX-License-Identifier: GPL-2.0-or-later
"""What /proc says of other processes.

Some files of /proc/PID wait for the mmap lock of the process: cmdline, environ, maps, map_files and smaps. Whoever owns the process can
keep that lock for as long as he likes: mmap(2) of a FUSE file first has its server write pages back (fuse_file_mmap). The rules, which
src/net/procread.c has as well:

- Such a file is read only of a process that can be a guest's, by what does not wait: its users, its program, and the pid files of libvirt.
- A child reads it, which is killed when its share of the time is over.
- No more than so many bytes are read: ARGS_BYTES of cmdline.
- A process that was not read may be anything, and the answer says so."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from typing import Iterator, List, NamedTuple, Optional, Set, Tuple

ARGS_BYTES = 64 << 10
TOTAL = 2.0  # seconds, for the arguments of all
SHARES = 4  # of the time that is left, one for each process
PROC = "/proc"


class Guest(NamedTuple):
    """A process that can be a guest's."""
    pid: int
    name: str  # as libvirt has noted it; "": it has not
    arguments: Optional[Tuple[bytes, ...]]  # None: they could not be read


def _child(path: str, to: int) -> None:
    status = 1
    try:
        fd, left = os.open(path, os.O_RDONLY | os.O_CLOEXEC), ARGS_BYTES + 1
        while left > 0:
            data = os.read(fd, left)
            if not data:
                break
            left -= len(data)
            os.write(to, data)
        status = 0
    except OSError:
        pass
    finally:
        os._exit(status)


def read_waiting(path: str, until: float) -> Optional[bytes]:
    """None: it was not read in a share of the time, or is longer than ARGS_BYTES."""
    begun = time.monotonic()
    end = begun + (until - begun) / SHARES
    if end <= begun:
        return None
    source, to = os.pipe()
    pid = os.fork()
    if pid == 0:
        _child(path, to)
    os.close(to)
    data, has_ended = bytearray(), False
    with contextlib.closing(os.fdopen(source, "rb", buffering=0)):
        while not has_ended and len(data) <= ARGS_BYTES:
            if not select.select([source], [], [], max(0.0, end - time.monotonic()))[0]:
                break
            more = os.read(source, ARGS_BYTES)
            data += more
            has_ended = not more
    if not has_ended:
        os.kill(pid, signal.SIGKILL)
    # A child in an uninterruptible wait is left to whoever inherits it.
    _, status = os.waitpid(pid, 0 if has_ended else os.WNOHANG)
    return bytes(data) if has_ended and status == 0 and len(data) <= ARGS_BYTES else None


def _read(path: str, most: int) -> Optional[bytes]:
    """Nothing of what is not there; None: it cannot be read. Waits for nobody."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.read(fd, most)
        finally:
            os.close(fd)
    except (FileNotFoundError, ProcessLookupError):
        return b""
    except OSError:
        return None


def can_be(pid: int, users: Set[int]) -> bool:
    """Does it run as one of them: real, effective, saved, of file systems? True as well if that cannot be read. The owner of its folder in
    /proc is root where a process is not dumpable, which any user's can be. A process with many groups has a long file, in which these come
    first."""
    status = _read(f"{PROC}/{pid}/status", 512)
    lines = [line.split()[1:] for line in (status or b"").split(b"\n") if line.startswith(b"Uid:")]
    return status is None or any(int(word) in users for line in lines for word in line if word.isdigit())


def runs_qemu(pid: int) -> bool:
    """qemu-system-x86_64, qemu-kvm, kvm; " (deleted)" follows the name of a program that has been replaced. An unreadable one may be it."""
    try:
        name = os.path.basename(os.readlink(f"{PROC}/{pid}/exe"))
    except PermissionError:
        comm = _read(f"{PROC}/{pid}/comm", 32)
        if comm is None:
            return True
        name = comm.decode(errors="replace").strip()
    except OSError:  # it has ended, or is a thread of the kernel
        return False
    return "qemu" in name or name.split(" ")[0] == "kvm"


def noted(folder: str) -> Iterator[Tuple[int, str]]:
    """The guests of libvirt's that it has noted there: (pid, name)."""
    for name in _names(folder):
        text = (_read(f"{folder}/{name}", 32) or b"").strip()
        if name.endswith(".pid") and text.isdigit():
            yield int(text), name[:-len(".pid")]


def _names(folder: str) -> List[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def guests(pids: str, home: str) -> Iterator[Guest]:
    """Those that libvirt has noted in @pids, and each QEMU of root and of the owner of @home, as whom libvirt runs it. Anybody may call a
    process of his own as he likes."""
    users, known, left = {0}, dict(noted(pids)), TOTAL
    with contextlib.suppress(OSError):
        users.add(os.stat(home).st_uid)
    for pid in map(int, filter(str.isdigit, _names(PROC))):
        if pid not in known and not (can_be(pid, users) and runs_qemu(pid)):
            continue
        begun = time.monotonic()  # how many processes others have takes nothing from it
        data = read_waiting(f"{PROC}/{pid}/cmdline", begun + left)
        left -= time.monotonic() - begun
        if data is None and not os.path.exists(f"{PROC}/{pid}"):
            continue
        yield Guest(pid, known.get(pid, ""), None if data is None else tuple(data.split(b"\0")))

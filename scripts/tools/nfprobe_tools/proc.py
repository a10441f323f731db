# SPDX-License-Identifier: GPL-2.0-or-later
"""What /proc says of other processes.

Some files of /proc/PID wait for the mmap lock of the process: cmdline, environ, maps, map_files and smaps. Whoever owns the process can
keep that lock for as long as he likes: mmap(2) of a FUSE file first has its server write pages back (fuse_file_mmap). The rules, which
src/net/procread.c has as well, but for whose it reads:

- Such a file is read only of a process that can be a guest's, by what does not wait: the pid files of libvirt.
- A child reads it, which is killed when its share of the time is over.
- No more than so many bytes are read: ARGS_BYTES of cmdline.
- A process that was not read may be anything, and the answer says so."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from typing import Iterator, List, NamedTuple, Optional, Tuple

ARGS_BYTES = 64 << 10
TOTAL = 2.0  # seconds, for the arguments of all
SHARES = 4  # of the time that is left, one for each process
PROC = "/proc"


class Guest(NamedTuple):
    """A process that libvirt has noted as a guest's."""
    pid: int
    name: str
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


def guests(pids: str) -> Iterator[Guest]:
    """Those that libvirt has noted in @pids, which root alone writes, and that have not ended. Anybody may call a process of his own as he
    likes, and a setuid program that he has stopped is root's."""
    left = TOTAL
    for pid, name in noted(pids):
        begun = time.monotonic()
        data = read_waiting(f"{PROC}/{pid}/cmdline", begun + left)
        left -= time.monotonic() - begun
        if data is None and not os.path.exists(f"{PROC}/{pid}"):
            continue
        yield Guest(pid, name, None if data is None else tuple(data.split(b"\0")))

# SPDX-License-Identifier: GPL-2.0-or-later
"""The processes of nfprobe-all: what they say, and their ends.

There are no threads here, and there must be none in a program that uses this: the kernel sends the signal of a parent's death
when the thread that forked has ended."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import tempfile
from typing import Callable, Sequence, Tuple

PR_SET_PDEATHSIG = 1
READ_BYTES = 1 << 16
PIPE_READS = 17  # more than a pipe has room for (fs/pipe.c: a megabyte)
LINE_BYTES = 64 << 10  # a longer line is broken

_libc = ctypes.CDLL(None, use_errno=True)


def die_with(parent: int, status: int, handled: Sequence[int] = ()) -> None:
    """For a process that has just been forked: gets SIGTERM when its parent dies, however that dies. A parent that died before
    the kernel knew of this wish has been replaced by another, and then this process ends."""
    for number in handled:
        signal.signal(number, signal.SIG_DFL)
    _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if os.getppid() != parent:
        os._exit(status)


class Child:
    """A process in a session of its own, so that it gets the signals of a terminal by its parent alone. Raises OSError or ValueError if it
    cannot be started."""

    def __init__(self, command: Sequence[str], cannot: int, take: Callable[[bytes], None], handled: Sequence[int], mixed: bool) -> None:
        """@cannot: its status if this process dies meanwhile. @take: gets each line of its standard error, with @mixed those of its
        standard output as well; else that is in the file out. @handled: the signals that this process handles."""
        parent = os.getpid()
        self.take = take
        self.out = tempfile.TemporaryFile()
        self.fd, write = os.pipe()
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=write if mixed else self.out, stderr=write,
                                            start_new_session=True, preexec_fn=lambda: die_with(parent, cannot, handled))
            self.pidfd = os.pidfd_open(self.process.pid)
        except BaseException:
            os.close(self.fd)
            raise
        finally:
            os.close(write)
        os.set_blocking(self.fd, False)
        self.status = 0  # of waitpid, once it is reaped: -N if signal N has killed it
        self.reaped = self.said_all = False
        self._line = bytearray()

    def signal(self, number: int) -> None:
        if not self.reaped:
            self.process.send_signal(number)

    @property
    def is_over(self) -> bool:
        """Has nothing of it been left? A run that was killed goes on: its second process undoes its changes, and has ended when nobody has
        its pipe any more."""
        return self.reaped and (self.status >= 0 or self.said_all)

    def waits(self) -> Sequence[Tuple[int, Callable[[], object]]]:
        """The descriptors that are readable when something happens, and what sees to it."""
        ended = () if self.reaped else ((self.pidfd, self.reap),)
        return (*ended, *(() if self.said_all else ((self.fd, self.read),)))

    def reap(self) -> None:
        self.status, self.reaped = self.process.wait(), True
        os.close(self.pidfd)

    def read(self) -> bool:
        """Takes what has come, up to READ_BYTES; False: nothing has."""
        try:
            data = b"" if self.said_all else os.read(self.fd, READ_BYTES)
        except BlockingIOError:
            return False
        *lines, rest = (self._line + data).split(b"\n")
        for line in lines:
            self.take(bytes(line))
        while len(rest) > LINE_BYTES or (rest and not data):
            self.take(bytes(rest[:LINE_BYTES]))
            del rest[:LINE_BYTES]
        self._line = rest
        if not data and not self.said_all:
            self.said_all = True
            os.close(self.fd)
        return bool(data)

    def finish(self) -> None:
        """Kills it, and does not wait for it: it may be stuck in the kernel. Reads what its pipe holds now, and no more: a process that it
        has started may still write to that."""
        self.signal(signal.SIGKILL)
        for _ in range(PIPE_READS):
            if not self.read():
                break
        if not self.said_all:
            self.said_all = True
            os.close(self.fd)
            self.read()

# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes that are watched together: their output by lines, their ends, and the signals that this process gets meanwhile.

There are no threads here, and there must be none in a program that uses this: the kernel sends the signal of a parent's death
when the thread that forked has ended."""

from __future__ import annotations

import ctypes
import errno
import os
import select
import selectors
import signal
import struct
import subprocess
from typing import Callable, List, Optional, Sequence

PR_SET_PDEATHSIG = 1
SFD_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC
SIGSET_BYTES = 128
SIGINFO = struct.Struct("=Iii")  # of 128 bytes the first: number, errno, code
SIGINFO_BYTES = 128
READ_BYTES = 1 << 16
PIPE_READS = 17  # more than a pipe has room for (fs/pipe.c: a megabyte)
STUCK_MS = 3000  # a reader that takes nothing for so long is given up

_libc = ctypes.CDLL(None, use_errno=True)


class Signals:
    """Blocks the signals that end a program, and reads them from a descriptor, with the sender that a handler is not told."""

    def __init__(self) -> None:
        wanted: List[signal.Signals] = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # by nohup; a blocked signal would arrive all the same
            wanted.append(signal.SIGHUP)
        signal.pthread_sigmask(signal.SIG_BLOCK, wanted)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # whoever began this with SIGCHLD ignored would leave nothing to wait for
        mask = ctypes.create_string_buffer(SIGSET_BYTES)
        _libc.sigemptyset(mask)
        for number in wanted:
            _libc.sigaddset(mask, int(number))
        self.fd: int = _libc.signalfd(-1, mask, SFD_FLAGS)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        self.caught = 0  # the first one
        self.by_kernel = False  # such as by a terminal, which signals each process of the group itself

    def read(self) -> bool:
        """Is it the first that has come?"""
        was = self.caught
        while True:
            try:
                info = os.read(self.fd, SIGINFO_BYTES)
            except BlockingIOError:
                return self.caught != was
            if not self.caught:
                number, _, code = SIGINFO.unpack_from(info)
                self.caught, self.by_kernel = number, code > 0


def die_with(parent: int, status: int) -> None:
    """For a process that has just been forked: gets SIGTERM when its parent dies, however that dies. A parent that died before
    the kernel knew of this wish has been replaced by another, and then this process ends."""
    _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if os.getppid() != parent:
        os._exit(status)


class Lines:
    """The lines that come through a pipe. One of more than @limit bytes is broken, or with @whole left out."""

    def __init__(self, fd: int, limit: int, take: Callable[[bytes], None], whole: bool = False) -> None:
        os.set_blocking(fd, False)
        self.fd, self.limit, self.take, self.whole = fd, limit, take, whole
        self.ended = False
        self.cut = False  # a line was left out
        self._text = bytearray()
        self._skips = False

    def read(self) -> bool:
        """Takes what has come, up to READ_BYTES; False: nothing has."""
        if self.ended:
            return False
        try:
            data = os.read(self.fd, READ_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self.end()
            return False
        *lines, rest = data.split(b"\n")
        for line in lines:
            self._add(line)
            self._pass()
        self._add(rest)
        return True

    def _add(self, data: bytes) -> None:
        if self._skips:
            return
        self._text += data
        while len(self._text) > self.limit and not self._skips:
            if self.whole:
                self.cut = self._skips = True
                self._text.clear()
            else:
                self.take(bytes(self._text[:self.limit]))
                del self._text[:self.limit]

    def _pass(self) -> None:
        line, skipped = bytes(self._text), self._skips
        self._text.clear()
        self._skips = False
        if not skipped:
            self.take(line)

    def end(self) -> None:
        """Nothing more will be read; passes on what is left of a line."""
        if self.ended:
            return
        self.ended = True
        os.close(self.fd)
        if self._text:
            self._pass()


class Child:
    """A process, from its start until nothing of it is left. Raises OSError if it cannot be started."""

    def __init__(self, command: Sequence[str], cannot: int, out: Optional[Callable[[bytes], None]], err: Callable[[bytes], None],
                 out_limit: int, err_limit: int) -> None:
        """@cannot: its status if this process dies meanwhile. @out: takes standard output; None: @err takes both."""
        parent = os.getpid()
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        preexec_fn=lambda: die_with(parent, cannot))
        assert self.process.stdout and self.process.stderr
        try:
            self.pidfd = os.pidfd_open(self.process.pid)
        except OSError:
            self.process.terminate()
            self.process.communicate()
            raise
        self.status: Optional[int] = None  # of waitpid: -N if signal N has killed it
        self.out = Lines(os.dup(self.process.stdout.fileno()), out_limit, out or err, whole=out is not None)
        self.err = Lines(os.dup(self.process.stderr.fileno()), err_limit, err)
        self.process.stdout.close()
        self.process.stderr.close()

    def signal(self, number: int) -> None:
        if self.status is None:
            self.process.send_signal(number)

    def reap(self) -> None:
        self.status = self.process.wait()
        os.close(self.pidfd)

    @property
    def killed_by(self) -> int:
        return -self.status if self.status is not None and self.status < 0 else 0

    def finish(self) -> None:
        """Reads what its pipes hold now, and takes no more: a process that it has started may still write to them."""
        for lines in (self.out, self.err):
            for _ in range(PIPE_READS):
                if not lines.read():
                    break
            lines.end()


class Watch:
    """Waits for signals and for children."""

    def __init__(self, signals: Signals) -> None:
        self.signals = signals
        self.children: List[Child] = []

    def wait(self, timeout: Optional[float] = None) -> bool:
        """Until something happens, and sees to it. True: the first signal has come."""
        with selectors.PollSelector() as selector:
            selector.register(self.signals.fd, selectors.EVENT_READ, self.signals.read)
            for child in self.children:
                if child.status is None:
                    selector.register(child.pidfd, selectors.EVENT_READ, child.reap)
                for lines in (child.out, child.err):
                    if not lines.ended:
                        selector.register(lines.fd, selectors.EVENT_READ, lines.read)
            ready = [key.data for key, _ in selector.select(timeout)]
        before = self.signals.caught
        for see_to in ready:
            see_to()
        return self.signals.caught != before


class Screen:
    """Standard error, or another descriptor, to which this process writes while it has children to see to. A reader that takes
    nothing, such as a terminal that is stopped, would hold it up, and with it what it is told by signals: what such a reader
    does not take in time is lost."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.stuck = False

    def isatty(self) -> bool:
        return os.isatty(self.fd)

    def size(self) -> os.terminal_size:
        """Of the terminal. One that knows none, such as a serial line, says that it has no columns."""
        try:
            size = os.get_terminal_size(self.fd)
        except OSError:
            size = os.terminal_size((0, 0))
        return os.terminal_size((size.columns or 80, size.lines or 24))

    def write(self, text: str) -> int:
        data = text.encode("utf-8", "replace")
        ready = select.poll()
        ready.register(self.fd, select.POLLOUT)
        try:
            while data:
                # A pipe that can be written to at all has room for so much.
                if not ready.poll(0 if self.stuck else STUCK_MS):
                    self.stuck = True
                    break
                data = data[os.write(self.fd, data[:select.PIPE_BUF]):]
                self.stuck = False
        except OSError as error:
            if error.errno not in (errno.EPIPE, errno.EBADF, errno.EIO, errno.ENOSPC, errno.EFBIG):
                raise
        return len(text)

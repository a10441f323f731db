#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0-or-later
"""Second half of the virtual machine's first process: runs what the host asks for.

Commands come and go over one virtio-serial port (see frames.py), several at a time; each has its
own stdout, stderr and exit status. Nothing of the kernel's log is on that port.
"""

import fcntl
import json
import os
import select
import signal
import socket
import struct
import sys
import termios
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frames  # noqa: E402

PORT_NAME = "nfprobe.agent"
END_OF_FILE = b"\x04"  # Ctrl-D
CARRIER_DEADLINE = 120  # seconds; an emulated machine on a loaded host is slow


def port_path():
    """udev would make a link named after the port; there is no udev here."""
    base = "/sys/class/virtio-ports"
    for port in os.listdir(base):
        with open(f"{base}/{port}/name", encoding="ascii") as name:
            if name.read().strip() == PORT_NAME:
                return f"/dev/{port}"
    raise FileNotFoundError(f"no virtio-serial port {PORT_NAME}")


def has_carrier(ifname):
    """Told by the driver, and passed on by the kernel, which may take a second (net/core/link_watch.c)."""
    base = f"/sys/class/net/{ifname}"
    try:
        with open(f"{base}/carrier", encoding="ascii") as carrier, open(f"{base}/operstate", encoding="ascii") as state:
            return carrier.read().strip() == "1" and state.read().strip() in ("up", "unknown")
    except OSError:  # EINVAL: it is down
        return False


def wait_carrier(ifnames):
    """Waits for the kernel's own notification, not for time to pass."""
    link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    link.bind((0, 1))  # RTMGRP_LINK
    deadline = time.monotonic() + CARRIER_DEADLINE
    while True:
        lacking = [name for name in ifnames if not has_carrier(name)]
        left = deadline - time.monotonic()
        if not lacking or left <= 0:
            break
        if select.select([link], [], [], left)[0]:
            link.recv(65536)
    link.close()
    if lacking:
        raise TimeoutError(f"no carrier on {' '.join(lacking)} after {CARRIER_DEADLINE} s")


def set_winsize(fd, rows, cols):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))


def open_pty(request, raw):
    master, slave = os.openpty()
    set_winsize(slave, request.get("rows") or 24, request.get("cols") or 80)
    if raw:  # the user's own terminal turns \n into \r\n, once is enough
        mode = termios.tcgetattr(slave)
        mode[1] &= ~termios.OPOST
        mode[3] &= ~termios.ECHO
        termios.tcsetattr(slave, termios.TCSANOW, mode)
    return master, slave


class Command:
    """A process of the guest with its streams: master ends in `outputs` (fd to kind) and `stdin`."""

    def __init__(self, number, request):
        self.number = number
        self.outputs = {}
        self.stdin = None
        self.pending = bytearray()
        self.stdin_ended = False
        self.window = None
        self.pid = None
        hold = request.get("hold") or ()
        self.holds = [text.encode() for text in ([hold] if isinstance(hold, str) else hold)]
        self.held = False
        self.heard = {}  # by fd: the end of what was written, which may be the beginning of the next of them
        ends = []
        try:
            ends = self.make_ends(request)
            self.pid = self.spawn(request, ends)
        except BaseException:
            self.close()
            raise
        finally:
            for fd in set(ends):
                os.close(fd)

    def make_ends(self, request):
        tty = request.get("tty") or []
        if "all" in tty:
            master, slave = open_pty(request, raw=False)
            self.outputs[master] = frames.STDOUT
            self.stdin = self.window = master
            os.set_blocking(master, False)
            return [slave, slave, slave]
        ends = [self.make_input(request)]
        for name, kind in (("stdout", frames.STDOUT), ("stderr", frames.STDERR)):
            if name in tty:
                ours, theirs = open_pty(request, raw=True)
                self.window = ours
            else:
                ours, theirs = os.pipe()
            self.outputs[ours] = kind
            os.set_blocking(ours, False)
            ends.append(theirs)
        return ends

    def make_input(self, request):
        if not request.get("stdin"):
            return os.open("/dev/null", os.O_RDONLY)
        theirs, self.stdin = os.pipe()
        os.set_blocking(self.stdin, False)
        return theirs

    def spawn(self, request, ends):
        error_in, error_out = os.pipe()
        pid = os.fork()
        if pid == 0:
            self.exec(request, ends, error_out)
        os.close(error_out)
        with os.fdopen(error_in, "rb") as pipe:
            error = pipe.read().decode()
        if error:
            os.waitpid(pid, 0)
            raise OSError(error)
        return pid

    @staticmethod
    def exec(request, ends, error_out):
        """The child's part. `error_out` closes by itself when the exec works."""
        try:
            os.setsid()
            for number, fd in enumerate(ends):
                os.dup2(fd, number, inheritable=True)
            if "all" in (request.get("tty") or []):
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            for number in (signal.SIGPIPE, signal.SIGINT, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_DFL)
            os.chdir(request.get("cwd") or "/")
            environment = request.get("env") or {}
            os.environ.clear()
            os.environ.update(environment)
            os.execvp(request["argv"][0], request["argv"])
        except OSError as error:
            name = error.filename or request["argv"][0]
            os.write(error_out, f"{name}: {error.strerror}".encode())
        finally:
            os._exit(127)

    def watch(self, fd, data):
        """Stops the command when it has written the next text that it is held at, before it does anything else: see main."""
        if not self.holds:
            return
        heard = self.heard.get(fd, b"") + data
        self.heard[fd] = heard[-len(self.holds[0]):]
        if self.holds[0] in heard:
            del self.holds[0], self.heard[fd]
            self.held = True
            os.killpg(self.pid, signal.SIGSTOP)

    def signal(self, number):
        """A frame that is held goes on with it."""
        os.killpg(self.pid, number)
        if self.held and number != signal.SIGSTOP:
            self.held = False
            os.killpg(self.pid, signal.SIGCONT)

    def write(self, data):
        """Bytes for stdin, or its end if there are none."""
        if self.stdin is None:
            return
        if not data and self.stdin in self.outputs:
            data = END_OF_FILE  # a pty is not closed
        self.pending += data
        self.stdin_ended = self.stdin_ended or not data
        self.flush()

    def flush(self):
        try:
            while self.pending:
                del self.pending[: os.write(self.stdin, self.pending)]
        except BlockingIOError:
            return
        except OSError:  # it reads no more
            self.pending.clear()
        if self.stdin_ended and self.stdin not in self.outputs:
            os.close(self.stdin)
            self.stdin = None

    def close(self):
        for fd in set(self.outputs) | ({self.stdin} if self.stdin is not None else set()):
            os.close(fd)
        self.outputs = {}
        self.stdin = None


class Agent:
    def __init__(self, port):
        self.port = port
        self.commands = {}
        self.parser = frames.Parser()
        self.wake_in, wake_out = os.pipe()
        os.set_blocking(self.wake_in, False)
        os.set_blocking(wake_out, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_out)

    def send(self, kind, number, data=b""):
        data = memoryview(frames.pack(kind, number, data))
        while data:
            data = data[os.write(self.port, data) :]

    def send_json(self, kind, number, what):
        self.send(kind, number, json.dumps(what).encode())

    def forward(self, command, fd):
        """Sends what the command wrote; false when there is nothing (more) at the moment."""
        try:
            data = os.read(fd, frames.MAX)
        except BlockingIOError:
            return False
        except OSError:  # EIO: nobody holds the other end of a pty
            data = b""
        if data:
            command.watch(fd, data)
            self.send(command.outputs[fd], command.number, data)
            return True
        command.outputs.pop(fd)
        if fd == command.stdin:
            command.stdin = None
        if fd == command.window:
            command.window = None
        os.close(fd)
        return False

    def reap(self):
        try:
            os.read(self.wake_in, 512)
        except BlockingIOError:
            pass
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for command in [c for c in self.commands.values() if c.pid == pid]:
                self.finish(command, status)

    def finish(self, command, status):
        """The pipes have all that the process wrote before it ended; the output of its children after that is lost."""
        for fd in list(command.outputs):
            while self.forward(command, fd):
                pass
        command.close()
        del self.commands[command.number]
        if os.WIFSIGNALED(status):
            self.send_json(frames.STATUS, command.number, {"signal": os.WTERMSIG(status)})
        else:
            self.send_json(frames.STATUS, command.number, {"exit": os.WEXITSTATUS(status)})

    def handle(self, kind, number, data):
        if kind == frames.PING:
            self.send(kind, number, data)
            return
        if kind == frames.RUN:
            try:
                self.commands[number] = Command(number, json.loads(data))
            except OSError as error:
                self.send_json(frames.STATUS, number, {"error": str(error)})
            return
        command = self.commands.get(number)
        if command is None:
            return  # it has ended in the meantime
        if kind == frames.SIGNAL:
            command.signal(int(data))
        elif kind == frames.STDIN:
            command.write(data)
        elif kind == frames.WINSIZE and command.window is not None:
            set_winsize(command.window, *map(int, data.split()))

    def loop(self):
        while True:
            outputs = {fd: c for c in self.commands.values() for fd in c.outputs}
            inputs = {c.stdin: c for c in self.commands.values() if c.pending}
            readable, writable, _ = select.select([self.port, self.wake_in, *outputs], list(inputs), [])
            for fd in writable:
                inputs[fd].flush()
            for fd in readable:
                if fd in outputs and fd in outputs[fd].outputs:
                    self.forward(outputs[fd], fd)
            if self.port in readable:
                for frame in self.parser.feed(os.read(self.port, frames.MAX)):
                    self.handle(*frame)
            if self.wake_in in readable:
                self.reap()


def main():
    # A command that writes something is interrupted by it, and so can be held right there. Its own commands are as any others.
    os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    port = os.open(port_path(), os.O_RDWR)
    agent = Agent(port)
    with open("/run/vm/agent.json", encoding="utf-8") as settings_file:
        settings = json.load(settings_file)
    error = None
    try:
        for tag, path in settings["shares"].items():
            os.makedirs(path, exist_ok=True)
            command = ["mount", "-t", "9p", "-o", "trans=virtio,version=9p2000.L,msize=512000", tag, path]
            if os.spawnvp(os.P_WAIT, "mount", command) != 0:
                raise OSError(f"cannot mount {path} of the host")
        wait_carrier(settings["carrier"])
    except OSError as problem:
        error = str(problem)
    agent.send_json(frames.HELLO, 0, {"error": error})
    agent.loop()


if __name__ == "__main__":
    main()

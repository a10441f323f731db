#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0-or-later
"""An nfprobe for test_all: answers --list with a file of the folder $FAKE, and on each PF acts as the file named for
it says, by one of the functions below. Each call adds a line with its arguments to the file calls."""

import fcntl
import json
import os
import select
import signal
import sys

FOLDER = os.environ["FAKE"]


def file(name):
    return os.path.join(FOLDER, name)


def text(name):
    with open(file(name), encoding="utf-8") as opened:
        return opened.read()


def note(what):
    """One write, so that those of several processes do not mix."""
    fd = os.open(file("calls"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(fd, (json.dumps(what) + "\n").encode())
    os.close(fd)


def out(line):
    os.write(1, (line if isinstance(line, str) else json.dumps(line)).encode() + b"\n")


def err(line):
    os.write(2, line.encode() + b"\n")


def end(status=0, **changes):
    """The document of a run that ends so."""
    out(json.dumps({**json.loads(text("result")), "exit": status, **changes}, indent=1))
    return status


# ---- what runs do ----

def good(pf):
    return end(0)


def unsafe(pf):
    return end(1)


def unknown(pf):
    return end(3)


def in_use(pf):
    return end(4, vf=None, error={"code": "vf-in-use", "message": "every VF of eth0 is in use", "hint": None})


def lost(pf):
    """The VF was taken during the run."""
    return end(4, error={"code": "vf-in-use", "message": "VF 3 is in use", "hint": None})


def reads(pf):
    """Goes on once another run, of the kind that writes, has begun: they are at the same time."""
    os.close(os.open(file("fifo"), os.O_RDONLY))
    return end(0)


def writes(pf):
    os.close(os.open(file("fifo"), os.O_WRONLY))
    return end(0)


def alone(pf):
    """Notes whether another run on its port is at the same time; gives it half a second to come."""
    lock = os.open(file("port"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        note(["disturbs", pf])
        os.close(os.open(file("fifo"), os.O_WRONLY))
        return end(0)
    fifo = os.open(file("fifo"), os.O_RDONLY | os.O_NONBLOCK)
    poll = select.poll()
    poll.register(fifo, select.POLLIN)
    poll.poll(500)
    note(["is done", pf])
    return end(0)


def waits(pf):
    """For a signal; says which. Until it ends it has a FIFO that the test may read."""
    if os.path.exists(file("alive")):
        os.open(file("alive"), os.O_WRONLY)
    caught = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, caught)
    err("nfprobe: ready")
    number = signal.sigwait(caught)
    note(["signal", pf, int(number)])
    return end(128 + number, error={"code": "interrupted", "message": "stopped", "hint": None})


def counts_signals(pf):
    """The same, and whether others came; goes on, when the test says so, until whoever began this has surely passed on what it had to."""
    caught = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, caught)
    err("ready")
    said = signal.sigwaitinfo(caught)
    for turn in range(3):
        err(f"turn {turn}")
        with open(file("fifo"), "rb") as fifo:
            fifo.read()  # to its end: the next turn must not begin with the writer of this one
    # A terminal's comes from nobody, and one that follows at once is the same to the kernel.
    others = said.si_pid != os.getppid() or signal.sigtimedwait(caught, 0) is not None
    note(["signal", pf, said.si_signo, others])
    return end(128 + said.si_signo, error={"code": "interrupted", "message": "stopped", "hint": None})


def hangs(pf):
    """As one that a driver holds up in the kernel."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    err("begun")
    signal.pause()


def killed(pf):
    os.kill(os.getpid(), signal.SIGKILL)


def killed_before_child(pf):
    """The second process undoes, for half a second or until --restore begins, which is too early."""
    fifo = os.open(file("fifo"), os.O_RDONLY | os.O_NONBLOCK)
    poll = select.poll()
    poll.register(fifo, select.POLLIN)
    if os.fork() == 0:
        err("disturbed" if poll.poll(500) else "undone")
        os._exit(0)
    killed(pf)


def begun(pf):
    err("begun")
    return end(0)


def floods(pf):
    for number in range(20_000):
        err(f"line {number}")
    os.write(2, b"x" * 200_000)
    return end(0)


def says(pf):
    err("nfprobe: warning: \033[2Jone")
    err("::error::two")
    os.write(2, b"\xff no end")
    return end(0)


def garbage(pf):
    out("[" * 100_000)
    return 0


def other_schema(pf):
    out({**json.loads(text("result")), "schema": 99})
    return 0


def silent(pf):
    return 0


def silent_and_not_restored(pf):
    err("nfprobe: VF 3 could not be put back")
    return 5


def half(pf):
    os.write(1, text("result").encode()[:1000])
    return 0


def large(pf):
    for _ in range(9 << 4):
        os.write(1, b" " * 65536)
    return end(0)


def late(pf):
    """Such as a file that could not be written."""
    err("nfprobe: no room")
    end(0)
    return 4


def hostile(pf):
    return end(1, error={"code": "died", "message": "\033]0;x\007##[error]\u202e", "hint": None})


# ---- the other modes ----

def restore(pf):
    note(["restore", pf])
    kind = text(pf).strip()
    out(f"restored by {' '.join(sys.argv[1:-2])}")
    if kind == "killed_before_child":
        try:
            os.write(os.open(file("fifo"), os.O_WRONLY | os.O_NONBLOCK), b"x")  # whoever undoes has ended if this fails
            return 5
        except OSError:
            return 0
    if pf.endswith("9"):
        killed(pf)
    return 5 if pf.endswith("5") else 0


def main():
    arguments, pf = sys.argv[1:], sys.argv[-1]
    note(arguments)
    arguments = arguments[:arguments.index("--")] if "--" in arguments else arguments  # a netdev may be called --list
    if "--list" in arguments:
        os.write(1, text("list").encode())
        return 0
    if "--dry-run" in arguments:
        if "--rate=x" in arguments:
            err("nfprobe: --rate x is not a number")
            return 2
        return 4
    if signal.pthread_sigmask(signal.SIG_BLOCK, ()):
        err("signals are blocked")
        return 2
    if "--restore" in arguments:
        return restore(pf)
    return globals()[text(pf).strip()](pf)


if __name__ == "__main__":
    sys.exit(main())

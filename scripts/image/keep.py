# SPDX-License-Identifier: GPL-2.0-or-later
"""keep.py SECONDS ROUND [--after OTHER] COMMAND...: runs the commands one after the other, and again so often, until SIGTERM. The image
has no shell. Each has its share of that time. When all are done, the file ROUND says when that was.
--after: runs them whenever the file OTHER, which is the ROUND of another keep.py, says something else.

keep.py SECONDS --alive ROUND: did the last round end within three times so long?

What a command writes (-o FILE, --json=FILE) is removed when it fails, takes too long, is no longer due, or when all of this ends: a
label or a metric of the past would pass for what is so now."""

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time

STOP = {signal.SIGTERM, signal.SIGINT}
WAKE = STOP | {signal.SIGCHLD}
ANSWERS = (0, 1, 3)
ROUNDS = 3  # a file that is older says nothing about now
DYING = 2  # seconds in which a process that was killed has ended, if it can
LOOK = 5  # seconds between looks at the ROUND of another


def say(text):
    print(f"keep.py: {text}", file=sys.stderr, flush=True)


def uptime():
    """No clock that anybody sets, and the same in each container of a node."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def read_round(path):
    """None: there was none yet, or not since the node has booted."""
    try:
        with open(path, encoding="ascii") as file:
            ended = float(file.read(32))
    except (OSError, ValueError):
        return None
    return ended if ended <= uptime() else None


def is_recent(ended, seconds):
    return ended is not None and uptime() - ended < ROUNDS * seconds


def end_round(path):
    with open(f"{path}.new", "w", encoding="ascii") as file:
        file.write(str(uptime()))
    os.replace(f"{path}.new", path)


class Stopped(Exception):
    pass


def wait(until):
    """Waits for the end of a child, or so long. Raises Stopped."""
    got = signal.sigtimedwait(WAKE, max(0.0, until - time.monotonic()))
    if got and got.si_signo in STOP:
        raise Stopped


class Command:
    def __init__(self, text):
        self.text, self.words = text, shlex.split(text)
        self.files = [after if word == "-o" else word.partition("=")[2] for word, after in zip(self.words, self.words[1:] + [""])
                      if word == "-o" or word.startswith("--json=")]

    def take_back(self):
        for file in self.files:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(file)

    def run(self, seconds):
        """Raises Stopped."""
        try:
            # A group of its own, which has what the command starts as well.
            process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, start_new_session=True,
                                       preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, WAKE))
        except OSError as error:
            say(f"{self.text}: {error.strerror}")
            self.take_back()
            return
        until = time.monotonic() + seconds
        try:
            while process.poll() is None and time.monotonic() < until:
                wait(until)
        finally:
            ended = process.poll()
            if ended is None:
                os.killpg(process.pid, signal.SIGKILL)
                with contextlib.suppress(subprocess.TimeoutExpired):  # one that is stuck in the kernel does not end
                    process.wait(DYING)
        if ended is None:
            say(f"{self.text}: not done after {seconds:g} s, and killed")
        # The command has said what went wrong. The files that it wrote in an earlier round may be out of date.
        if ended not in ANSWERS:
            self.take_back()


def keep(seconds, path, other, commands):
    """Raises Stopped."""
    seen = None
    while True:
        begun, now = time.monotonic(), read_round(other) if other else None
        if other and not is_recent(now, seconds):
            for command in commands:
                command.take_back()
        if not other or (is_recent(now, seconds) and now != seen):
            for command in commands:
                command.run(seconds / len(commands))
            seen = now
        end_round(path)
        until = begun + (min(LOOK, seconds) if other else seconds)
        wait(until)
        while time.monotonic() < until:  # a child that was killed has ended meanwhile
            wait(until)


def main(seconds, path, *rest):
    if path == "--alive":
        return 0 if is_recent(read_round(rest[0]), float(seconds)) else 1
    other, rest = (rest[1], rest[2:]) if rest[0] == "--after" else ("", rest)
    commands = [Command(text) for text in rest]
    # Process 1 of a container has no other way to hear of its end.
    signal.pthread_sigmask(signal.SIG_BLOCK, WAKE)
    try:
        keep(float(seconds), path, other, commands)
    except Stopped:
        return 0
    finally:
        for command in commands:
            command.take_back()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

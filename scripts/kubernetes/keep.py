# SPDX-License-Identifier: GPL-2.0-or-later
"""keep.py SECONDS COMMAND...: runs the commands one after the other, and again so often, until SIGTERM. The image has no shell."""

import contextlib
import os
import shlex
import signal
import subprocess
import sys

STOP = {signal.SIGTERM, signal.SIGINT}
ANSWERS = (0, 1, 3)


def run(words):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, check=False, preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP))
    if done.returncode in ANSWERS:
        return
    # The command has said what went wrong. The files that it wrote in an earlier round may be out of date.
    for word, after in zip(words, words[1:] + [""]):
        with contextlib.suppress(FileNotFoundError):
            if word == "-o" or word.startswith("--json="):
                os.unlink(after if word == "-o" else word.partition("=")[2])


def main(seconds, *commands):
    # Process 1 of a container has no other way to hear of its end.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP)
    while True:
        for command in commands:
            try:
                run(shlex.split(command))
            except OSError as error:
                print(f"keep.py: {command}: {error.strerror}", file=sys.stderr, flush=True)
        if signal.sigtimedwait(STOP, float(seconds)):
            return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

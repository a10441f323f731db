# SPDX-License-Identifier: GPL-2.0-or-later
"""keep.py SECONDS COMMAND...: runs the commands one after the other, and again so often, until SIGTERM. The image has no shell."""

import shlex
import signal
import subprocess
import sys

STOP = {signal.SIGTERM, signal.SIGINT}


def main(seconds, *commands):
    # Process 1 of a container has no other way to hear of its end.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP)
    while True:
        for command in commands:
            # Statuses 0, 1 and 3 are answers; what went wrong is in the command's own words, and the next round tries again.
            try:
                subprocess.run(shlex.split(command), stdin=subprocess.DEVNULL, check=False,
                               preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP))
            except OSError as error:
                print(f"keep.py: {command}: {error.strerror}", file=sys.stderr, flush=True)
        if signal.sigtimedwait(STOP, float(seconds)):
            return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ssh for Ansible's ssh connection: runs the command in the machine that is served (scripts/lib/server.py) in $NFPROBE_MACHINES/HOST."""

import json
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts/lib"))
import frames  # noqa: E402
import machine  # noqa: E402
import server  # noqa: E402


def feed(link):
    while data := os.read(0, 1 << 16):
        link.send(frames.STDIN, data)
    link.send(frames.STDIN)


def main():
    host, command = sys.argv[-2:]
    try:
        link = server.Link(os.path.join(os.environ["NFPROBE_MACHINES"], host), ["sh", "-c", command], {"stdin": True})
        threading.Thread(target=feed, args=(link,), daemon=True).start()
        for kind, body in link.frames():
            if kind == frames.STATUS:
                return machine.shell_status(json.loads(body))
            os.write(1 if kind == frames.STDOUT else 2, body)
    except (machine.MachineError, OSError) as error:
        print(f"ssh: {host}: {error}", file=sys.stderr)
    return 255


if __name__ == "__main__":
    sys.exit(main())

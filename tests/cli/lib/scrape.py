#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints what node_exporter has to say of the files in a folder for its textfile collector.

scrape.py NODE_EXPORTER FOLDER

It listens on a free port of the loopback interface, says which, and ends with this program.
"""

import re
import subprocess
import sys
import urllib.request


def main():
    program, folder = sys.argv[1:]
    command = [program, "--web.listen-address=127.0.0.1:0", "--collector.disable-defaults", "--collector.textfile",
               f"--collector.textfile.directory={folder}"]
    exporter = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        for line in exporter.stderr:
            address = re.search(r'"Listening on" address=(\S+)', line)
            if address:
                break
            print(line, end="", file=sys.stderr)
        else:
            sys.exit(f"{program} ended with {exporter.wait()}")
        # No proxy may come between.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://{address[1]}/metrics", timeout=60) as answer:
            print(answer.read().decode(), end="")
    finally:
        exporter.kill()
        exporter.wait()


if __name__ == "__main__":
    main()

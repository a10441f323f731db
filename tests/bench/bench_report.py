#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The cost of nfprobe-report; make bench-report.

usage: bench_report.py PROGRAM FOLDER RESULTS

Writes so many results, each of a ladder in both styles, of 8 PFs and 64 VFs, 4 models, 10 firmware versions and 3 kernels,
to a FOLDER that it makes and removes.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def sample():
    """The result that nfprobe writes for igb, with a transition into each step."""
    with open(os.path.join(TOP, "tests/golden/igb.json"), encoding="utf-8") as file:
        result = json.load(file)
    for style in result["vf"]["styles"]:
        steps, one = [step["step"] for step in style["steps"]], style["transitions"][0]
        style["transitions"] = [dict(one, **{"from": before, "to": step}) for before, step in zip(steps, steps[1:])]
    return result


# Each is to take at most 20 s and 200 MB for 10,000 results.
FORMATS = (("junit",), ("ktap",), ("nfd",), ("prometheus",), ("html",), ("matrix",), ("matrix", "--json"), ("matrix", "--html"))


def write(folder, result, number):
    """Returns the size of what it wrote."""
    result["run"].update(id=f"{number:032x}", kernel=f"6.{number // 2000 % 3}.0")
    result["pf"].update(device=f"0x{0x1000 + number % 4:04x}", firmware=f"2.{number // 200 % 10}.0", ifname=f"eth{number % 8}")
    result["vf"]["vf"] = number // 8 % 64
    with open(os.path.join(folder, f"{number:06}.json"), "w", encoding="utf-8") as file:
        return file.write(json.dumps(result, indent=2) + "\n")


def measure(program, folder, words):
    """Each in a process of its own, whose children it alone has: RUSAGE_CHILDREN has the most memory of all of them."""
    if os.fork() == 0:
        begin = time.monotonic()
        status = subprocess.run([program, *words, folder], stdout=subprocess.DEVNULL, check=False).returncode
        wall, usage = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"  {' '.join(words):18} {wall:5.2f} s, processor {usage.ru_utime + usage.ru_stime:5.2f} s, peak memory "
              f"{usage.ru_maxrss // 1024:4} MB, exit status {status}", flush=True)
        os._exit(0)
    os.wait()


def main():
    if len(sys.argv) != 4 or not sys.argv[3].isdigit():
        sys.exit(__doc__)
    program, folder, num = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    os.mkdir(folder, 0o700)
    try:
        result = sample()
        size = sum(write(folder, result, number) for number in range(num))
        print(f"{num} results of {size // max(num, 1)} bytes", flush=True)
        for words in FORMATS:
            measure(program, folder, words)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()

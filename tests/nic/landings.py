# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the table landings.txt, and the same from the results of runs."""

import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
LETTERS = {"pf": "P", "vf": "V", "both": "B", "nowhere": "-", "mixed": "m", "refused": "r", "skipped": "s"}


def rows():
    """[key, kind, options, other keys, landings without the word, the word, landings with it]"""
    with open(os.path.join(HERE, "landings.txt"), encoding="utf-8") as file:
        return [[column.strip() for column in line.split("|")] for line in file if line.strip() and not line.startswith("#")]


def keys(memprobe, *who):
    """The names of the keys that these play."""
    listed = subprocess.run([memprobe, "--keys"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return [name for plays, name, _ in (line.split(" ", 2) for line in listed.splitlines()) if plays in who]


def letters(words):
    return "".join(LETTERS.get(word, "?") for word in words)


def landings(result, kind):
    """Of the first style of a result (--json)."""
    style = result["vf"]["styles"][0]
    if kind.startswith("tagged-"):
        windows = [style["guest_vlan"][name]["frames"] for name in ("registered", "unregistered")]
        return letters(window[f"vlan_{kind.removeprefix('tagged-')}"]["landing"] for window in windows)
    if kind.startswith("vlan-"):
        return letters(step["frames"][f"vlan_{kind.removeprefix('vlan-')}"]["landing"] for step in style["steps"] if "vlan_unicast" in step["frames"])
    if kind == "duplicates":
        return "".join("ny"[step["frames"]["broadcast"]["duplicates"] > 0] for step in style["steps"] if step["status"] == "done")
    return letters(step["frames"][kind]["landing"] if step["status"] == "done" else step["status"] for step in style["steps"])

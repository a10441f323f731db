# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the table landings.txt, and the same from the results of runs."""

import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
LETTERS = {"pf": "P", "vf": "V", "both": "B", "nowhere": "-", "mixed": "m", "refused": "r", "skipped": "s", "yes": "y", "no": "n",
           "ok": "y", "dropped": "n"}


def rows():
    """[key, kind, options, other keys, landings without the word, the word, landings with it]"""
    with open(os.path.join(HERE, "landings.txt"), encoding="utf-8") as file:
        return [[column.strip() for column in line.split("|")] for line in file if line.strip() and not line.startswith("#")]


def keys(*who):
    """The names of the keys that these play (keys.def)."""
    with open(os.path.join(HERE, "keys.def"), encoding="utf-8") as file:
        return [name for plays, name in re.findall(r"^KEY\((\w+), (\w+),", file.read(), re.MULTILINE) if plays in who]


def letters(words):
    return "".join(LETTERS.get(word, "?") for word in words)


def landings(result, kind):
    """Of the first style of a result (--json)."""
    style = result["vf"]["styles"][0]
    if kind in ("leaves", "arrives"):
        guest = style["neighbours"]["elsewhere" if kind == "leaves" else "here"] or {}
        return letters(window[kind] for window in guest.get("windows", ()))
    if kind.startswith("tagged-"):
        windows = [window for window in style["guest_vlan"].values() if isinstance(window, dict) and "status" in window]
        return letters((window[kind.removeprefix("tagged-")] or {}).get("landing") for window in windows)
    if kind == "transmit":
        return letters(step["transmit"] for step in style["steps"] if step["transmit"])
    return letters((step[kind] or {}).get("landing") if step["status"] == "done" else step["status"] for step in style["steps"])

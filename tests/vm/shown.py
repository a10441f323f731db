# SPDX-License-Identifier: GPL-2.0-or-later
"""The text of a run in the machine, as a person sees it and tests/golden/real has it.

Only what differs between two runs of one machine is replaced: durations, counts, addresses, process ids, vfio groups.
NFPROBE_GOLDEN_WRITE=1 writes the files anew; read their differences like code.
"""

import os
import re
import textwrap

from scenario import TOP, check

FOLDER = os.path.join(TOP, "tests/golden/real")
VARIES = (
    (r"\b\d+ s\. (?=Exit|VF)", "N s. "),
    (r"Linux [^;,]+", "Linux N"),
    (r"so far \(\d+ s\)", "so far (N s)"),
    (r"\d+ unicast and \d+ broadcast", "N unicast and N broadcast"),
    (r"\(pid \d+\)", "(pid N)"),
    (r"\(group \d+\)", "(group N)"),
    (r"\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b(?<!00:00:00:00:00:00)", "xx:xx:xx:xx:xx:xx"),
)
# A busy machine warns of what it could not do in time; every other word on stderr counts.
WARNING = "nfprobe: warning: "
COLUMNS = 80


def steady(text):
    """The text, with the same words in the same lines whatever varies."""
    lines = text.splitlines()
    # The line of context is all behind the last command.
    last = max((i + 1 for i, line in enumerate(lines) if line.startswith(" ")), default=len(lines))
    if not lines:
        return ""
    context = textwrap.fill(replaced(" ".join(lines[last:])), COLUMNS, break_long_words=False, break_on_hyphens=False)
    return "\n".join([*map(replaced, lines[:last]), *([context] if context else [])]) + "\n"


def replaced(text):
    for pattern, by in VARIES:
        text = re.sub(pattern, by, text)
    return text


def compare(name, args, result):
    """The command, what it wrote on stderr, and its answer."""
    errors = "".join(line for line in result.err.splitlines(True) if not line.startswith(WARNING))
    text = " ".join(["# nfprobe", *map(str, args)]) + "\n" + replaced(errors) + steady(result.out)
    path = os.path.join(FOLDER, name + ".txt")
    if os.environ.get("NFPROBE_GOLDEN_WRITE"):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    with open(path, encoding="utf-8") as file:
        expected = file.read()
    check(text == expected, f"{path} has\n{expected}\nthe run says\n{text}")

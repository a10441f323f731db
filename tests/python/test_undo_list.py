# SPDX-License-Identifier: GPL-2.0-or-later
"""The list in nfprobe(8) of how a VF is put back is the list by which the program does so."""

import os
import re

import tool


def text_of(*path):
    with open(os.path.join(tool.TOP, *path), encoding="utf-8") as file:
        return file.read()


def test_the_manual_has_the_list_of_the_program():
    table = re.search(r"struct row \{.*?\} rows\[\] = \{(.*?)\n\};", text_of("src/change/undo.c"), re.DOTALL)[1]
    section = re.search(r"\.SS Undoing the changes\n(.*?)\n\.S", text_of("man/nfprobe.8"), re.DOTALL)[1]
    rows = [" ".join(row.split()) for row in re.findall(r"/\* (.*?) \*/", table, re.DOTALL)]
    items = [" ".join(re.sub(r"\\f[BPI]", "", item).replace("\\-", "-").split())
             for item in re.findall(r"\.IP \d+\..*\n((?:[^.].*\n)+)", section + "\n")]
    assert len(rows) > 10
    assert items == rows

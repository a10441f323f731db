# SPDX-License-Identifier: GPL-2.0-or-later
"""Text that others have written: what of it is not printed."""

import os
import unicodedata

import pytest
import tool
from nfprobe_tools import text as texts


def test_all_of_unicode():
    """Against the list that the program in C is held to as well (tests/unit/test_text.c)."""
    unprintable = tool.unprintable()
    for c in range(0x110000):
        assert c in unprintable or unicodedata.category(chr(c)) not in ("Cc", "Cf", "Zl", "Zp"), hex(c)
        expected = chr(c)
        if 0xD800 <= c <= 0xDFFF:
            expected = "\ufffd"
        elif c in unprintable:
            expected = " " if chr(c) in "\n\t\r" else "?"
        assert texts.clean(chr(c)) == expected, hex(c)


@pytest.mark.parametrize("name", ("igb", "igb-other-vf-up"))
def test_a_terminal_holds_the_text_of_a_run(name):
    """24 lines of 80 columns, but for all that makes a style safe which is not safe by itself; what else there is has -v."""
    with open(os.path.join(tool.TOP, "tests/golden/real", f"{name}.txt"), encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if not line.startswith(("# ", "nfprobe: "))]
    assert "SAFE" in lines[0] or "UNKNOWN" in lines[0]
    assert 10 < len(lines) < (32 if any("by itself" in line for line in lines) else 24) and max(map(len, lines)) <= 80, lines

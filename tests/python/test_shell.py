# SPDX-License-Identifier: GPL-2.0-or-later
"""A shell reads the words of which a command was made, whatever others have called a netdev."""

import os

import pytest
import tool

from nfprobe_tools import shell, text


@pytest.mark.parametrize("name", (*tool.HOSTILE, "", "a b", "\x01b\x7f", "\u202eeno", "\ud800", os.fsdecode(b"\xff1"), "section_end:"))
def test_words(name):
    """They are also printed as they were made."""
    for command, words in (
            (shell.command("ip", "link", "set", "dev", name, "up"), ("ip", "link", "set", "dev", name, "up")),
            (shell.command(name, name), (name, name)), (shell.command("nfprobe", "--restore", *shell.operand("eth0"), name),
                                                        ("nfprobe", "--restore", "eth0", name))):
        assert text.clean(command) == command == text.harmless(command)
        assert tool.words_of(command) == list(words)


def test_no_name_is_an_option():
    assert shell.about("nfprobe", "eth0", "--vf", "any") == "nfprobe eth0 --vf any"
    assert shell.about("nfprobe", "-x", "--vf", "any") == "nfprobe --vf any -- -x"
    assert shell.operand("-x") == ["--", "-x"]


def test_plain_words_stay_as_they_are():
    plain = "bridge fdb add 52:54:00:00:00:07 dev eth0.5@if3 self --save=/a,b+c%d"
    assert shell.command(*plain.split()) == plain

# SPDX-License-Identifier: GPL-2.0-or-later
"""A shell reads the words of which a command was made, whatever others have called a netdev."""

import os
import subprocess
import sys

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


@pytest.mark.parametrize("name, bad, good", (
    ("x.c", ['nfp_err_hint(err, "try ip link set %s up", name);', 'f("bridge fdb " "add %s",\n a);', 'puts("nfprobe --restore %s");'],
     ['nfp_command_add(&c, "ip link set %s up", name);', 'f("%s is a bridge", a);', '/* "ip link set %s" */', 'f("nfprobe --list");']),
    ("x.py", ['f"nfprobe {name} --vf any"', '"bridge link set dev %s up" % name', '"ip link set " + name', '"echo {}".format(1)',
              '" ".join(["ip", "link", name])'],
     ['command("ip", "link", "set", name)', '"nfprobe --list does not know VF %s" % vf', 'f"nfprobe {version}, run"'])))
def test_lint_finds_commands_that_are_made_otherwise(tmp_path, name, bad, good):
    for line, status in (*((line, 1) for line in bad), *((line, 0) for line in good)):
        (tmp_path / name).write_text(f"{line}\n")
        done = subprocess.run([sys.executable, os.path.join(tool.TOP, "scripts/lib/commands.py"), tmp_path / name], check=False)
        assert done.returncode == status, line

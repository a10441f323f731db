# SPDX-License-Identifier: GPL-2.0-or-later
"""A netdev's altname is a name of it, wherever the tools take one."""

import subprocess
import sys

import tool
from test_check import Place

from nfprobe_tools import all as all_of_host, check_main, names

LONG = "enp129s0f0np0-of-a-card-in-slot-seven"
ALTNAME = f"""
import subprocess, sys
def ip(*words): subprocess.run(["ip", *words], check=True)
ip("link", "add", "wire", "type", "veth", "peer", "name", "eth0")
ip("link", "property", "add", "dev", "eth0", "altname", "{LONG}", "altname", "ens7")
sys.path.insert(0, {tool.TOOLS!r})
from nfprobe_tools import names
print(*map(names.own_name, ("{LONG}", "ens7", "eth0", "wire", "ens8", "0000:01:00.0", "")))
"""


def test_an_altname_is_a_name_of_its_netdev():
    done = subprocess.run(["unshare", "--net", sys.executable, "-c", ALTNAME], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == "eth0 eth0 eth0 wire ens8 0000:01:00.0 \n"


def test_no_name_is_an_error():
    for name in ("x" * 70000, "\udc80", "a\0b", "../lo", "lo"):
        assert names.own_name(name) == name


def test_whoever_takes_a_name_takes_an_altname(tmp_path, capsys, monkeypatch):
    place = Place(tmp_path)
    (tmp_path / "nfprobe").write_text(f"#!/bin/sh\ncat {place.list}\n")
    (tmp_path / "nfprobe").chmod(0o755)
    monkeypatch.setenv("NFPROBE", str(tmp_path / "nfprobe"))
    monkeypatch.setattr(check_main.rights, "give_up", lambda: None)
    monkeypatch.setattr(check_main, "own_name", lambda name: {"ens7": "eth0"}.get(name, name))

    def asked(*args):
        status = check_main.main([*args, f"--store={place.store}"])
        return status, capsys.readouterr().out

    assert asked("ens7", "--style=macvtap")[1].startswith("eth0: macvtap SAFE")
    assert asked("ens7", "--prune")[0] == 0
    assert asked("ens8")[0] == 4
    # That host is another one, whose netdevs are as its list has them.
    assert asked("ens7", f"--host={place.list}")[0] == 4


def test_a_word_of_from_is_no_altname(monkeypatch):
    monkeypatch.setattr(all_of_host, "own_name", lambda name: "eth9")
    for words, source in (([], "auto"), (["--from=arp"], "arp"), (["--from=pf"], "pf"), (["--from=ens7"], "eth9")):
        assert all_of_host.parse_options(words).source == source

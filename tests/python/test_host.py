# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe_tools.host: what --list says, and every way in which that can be wrong."""

import json
import os
import shutil
import stat
import subprocess

import pytest
import tool

from nfprobe_tools import Failure, host


def document():
    """--list --json of a host with two PFs."""
    return tool.golden("list-full.json")


def read(said):
    return host.read_list(json.dumps(said).encode(), "the list")


def test_list():
    said = document()
    said["pfs"][0]["vfs"][3]["unread"] = {"trust": "Operation not permitted"}
    read_ = read(said)
    first, second = read_.pfs
    assert (first.ifname, first.parentdev, first.bus, first.settle_ms, second.vfs) == ("eth0", "0000:01:00.0", "pci", 1500, ())
    assert [vf.use for vf in first.vfs] == ["idle", "netdev", "idle", "vfio"]
    assert first.vfs[3].unread == {"trust": "Operation not permitted"}
    assert first.vfs[0].unread == {}
    # A key of a later version is no error.
    said["pfs"][0]["colour"] = "red"
    assert read(said) == read_


def test_names():
    read_ = read(document())
    first = read_.pfs[0]
    for name, found in (("eth0", (first, None)), ("0000:01:00.0", (first, None)), ("enp1s16", (first, first.vfs[0])),
                        ("0000:01:10.6", (first, first.vfs[3])), ("eth9", (None, None)), ("", (None, None))):
        assert read_.find(name) == found


@pytest.mark.slow
def test_every_value_of_another_type():
    """It is refused with a sentence, or it is a type that the key may have."""
    root, refused = document(), 0
    for at in tool.places(root):
        for value in (None, True, 7, 1.5, "x", [], {}, [None], [[]], {"x": None}):
            try:
                host.read_list(json.dumps(tool.put(root, at, value)).encode(), "the text")
            except Failure as error:
                refused += 1
                assert str(error).startswith("the text ") and "\n" not in str(error)
    assert refused > 100


def test_every_key_that_is_missing():
    root = document()
    for at in tool.places(root):
        if not isinstance(at[-1], str):
            continue
        changed = tool.validate.changed(root, at[:-1], lambda there, key=at[-1]: there.pop(key))
        lists = {"pfs": host.Pf, "vfs": host.Vf, "netdevs": host.Netdev, "ways": host.WayOut, "bridges": host.Bridge}
        known = lists.get(at[-3] if len(at) > 2 else "", host.Host)
        if at[-1] in known._fields and at[-1] not in known._field_defaults:
            with pytest.raises(Failure, match="is missing|of no schema"):
                read(changed)
        else:
            read(changed)


@pytest.mark.parametrize("data, says", (
    (b"", "not JSON"),
    (b"{", "not JSON"),
    (b"\xff", "not JSON"),
    (b"[" * 100_000, "not JSON"),
    (b"1" * 10_000, "JSON|schema"),
    (b"[]", "is not of schema 5, but of no schema"),
    (b'{"schema": 99}', "is not of schema 5, but 99"),
    (b'{"schema": [{"x": "a very long one that goes on"}]}', "is not of schema 5, but "),
    (b"x" * (host.LIMITS.bytes + 1), "is larger than 16 MB"),
))
def test_other_texts(data, says):
    with pytest.raises(Failure, match=says):
        host.read_list(data, "the text")


def test_nfprobe_that_failed():
    said = {**document(), "exit": 4, "pfs": [], "error": {"code": "not-a-pf", "message": "eth9 is no PF", "hint": None}}
    with pytest.raises(Failure) as error:
        read(said)
    assert (str(error.value), error.value.code) == ("eth9 is no PF", "not-a-pf")


def fake(tmp_path, monkeypatch, script):
    path = tmp_path / "nfprobe"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("NFPROBE", str(path))
    return path


def test_a_list_of_this_host(tmp_path, monkeypatch):
    (tmp_path / "list").write_text(json.dumps(document()))
    fake(tmp_path, monkeypatch, f'echo "$*" >{tmp_path}/asked; cat {tmp_path}/list')
    assert host.list_host().pfs[0].ifname == "eth0"
    assert (tmp_path / "asked").read_text() == "--list --json\n"
    host.list_host("--all", quick=True)
    assert (tmp_path / "asked").read_text() == "--list --json -q -- --all\n"


@pytest.mark.parametrize("script, says", (
    ("echo 'nfprobe: no memory' >&2; exit 4", "nfprobe --list ended with status 4: nfprobe: no memory"),
    ("kill -9 $$", "nfprobe --list was killed by signal 9 and said nothing"),
    ("echo '{'", "what .*/nfprobe --list --json said is damaged, or not JSON"),
))
def test_an_nfprobe_that_fails(tmp_path, monkeypatch, script, says):
    fake(tmp_path, monkeypatch, script)
    with pytest.raises(Failure, match=says):
        host.list_host()


def test_one_that_does_not_answer(tmp_path, monkeypatch):
    """It is killed, and nobody waits for it: while the kernel holds it, it does not end."""
    fake(tmp_path, monkeypatch, f"echo $$ >{tmp_path}/pid; exec tail -f /dev/null")
    monkeypatch.setattr(host, "ASK_SECONDS", 0.5)
    monkeypatch.setattr(subprocess.Popen, "wait", None)
    with tool.in_time(), pytest.raises(Failure, match="nfprobe --list has not answered within 0.5 s, and was killed") as failure:
        host.list_host()
    assert failure.value.status == 4 and "journalctl" in failure.value.hint


def test_one_that_works_for_ever(tmp_path, monkeypatch):
    """By the processor's time: the clock goes on where others work."""
    fake(tmp_path, monkeypatch, "while :; do :; done")
    monkeypatch.setattr(host, "ASK_CPU_SECONDS", 1)
    with tool.in_time(300), pytest.raises(Failure, match="nfprobe --list was killed by signal 24"):
        host.list_host()


def test_where_nfprobe_is(tmp_path, monkeypatch):
    path = fake(tmp_path, monkeypatch, "")
    assert host.find_nfprobe() == str(path)
    monkeypatch.delenv("NFPROBE")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert host.find_nfprobe() == str(path)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(host, "SBIN", (str(tmp_path),))
    assert host.find_nfprobe() == str(path)
    monkeypatch.setattr(host, "SBIN", ("/none",))
    with pytest.raises(Failure, match="there is no nfprobe in PATH, /none") as failed:
        host.find_nfprobe()
    assert "NFPROBE=FILE" in failed.value.hint
    monkeypatch.setenv("NFPROBE", "/none/nfprobe")
    with pytest.raises(Failure, match="cannot run /none/nfprobe: No such file or directory"):
        host.list_host()


def test_the_nfprobe_of_the_same_prefix(tmp_path, monkeypatch):
    """Whatever the prefix, and although another nfprobe is in PATH; through the links that make install makes."""
    shutil.copytree(tool.TOOLS, tmp_path / "opt/share/nfprobe/tools")
    (tmp_path / "opt/bin").mkdir()
    (tmp_path / "opt/bin/nfprobe-check").symlink_to("../share/nfprobe/tools/nfprobe-check")
    for folder in ("opt/sbin", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "nfprobe").write_text(f"#!/bin/sh\necho {folder} >&2; exit 4\n")
        (tmp_path / folder / "nfprobe").chmod(0o755)
    monkeypatch.delenv("NFPROBE", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}/other:{os.environ['PATH']}")

    def said():
        return subprocess.run([tmp_path / "opt/bin/nfprobe-check"], capture_output=True, text=True, check=False).stderr

    assert said() == f"nfprobe-check: {tmp_path}/opt/sbin/nfprobe --list ended with status 4: opt/sbin\n"
    (tmp_path / "opt/sbin/nfprobe").unlink()
    assert said() == f"nfprobe-check: {tmp_path}/other/nfprobe --list ended with status 4: other\n"


@pytest.mark.parametrize("name", ("nfprobe-all", "nfprobe-check", "nfprobe-report"))
def test_no_module_of_somebody_else(tmp_path, name):
    """What a caller's environment, or the folder that root is in, would lead to. An own site of the user is such a place as well."""
    site = subprocess.check_output(["/usr/bin/python3", "-m", "site", "--user-site"], text=True,
                                   env={**os.environ, "PYTHONUSERBASE": str(tmp_path / "user")}).strip()
    for folder in (tmp_path, site):
        os.makedirs(folder, exist_ok=True)
        for module in ("argparse", "usercustomize", "nfprobe_tools"):
            with open(os.path.join(folder, f"{module}.py"), "w", encoding="ascii") as file:
                file.write("print('of somebody else')\n")
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONUSERBASE": str(tmp_path / "user")}
    (tmp_path / "link").symlink_to(os.path.join(tool.TOOLS, name))
    for path in (os.path.join(tool.TOOLS, name), tmp_path / "link"):
        done = subprocess.run([path, "--version"], cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              check=False)
        assert (done.returncode, done.stdout.split()[0], done.stderr) == (0, name, "")


@pytest.mark.parametrize("user, vlans, style, vlan, why", [
    # Who takes the frames of eth0, and of its VLANs; the style, and the VLAN of the VF.
    ("bridge", {}, "macvtap", 0, "eth0 has bridge"), ("bridge", {}, "bridge", 0, ""), ("bridge", {}, "static-bridge", 0, ""),
    ("openvswitch", {}, "bridge+fdb", 0, ""), ("openvswitch", {}, "static-bridge", 0, "eth0 has openvswitch"),
    ("macvlan", {}, "macvtap", 0, ""), ("macvlan", {}, "bridge", 0, "eth0 has macvlan"), ("other", {}, "macvtap", 0, "eth0 has other"),
    ("other", {}, "vf-bridge", 0, ""), ("nobody", {}, "macvtap", 0, ""), (None, {}, "macvtap", 0, ""), (None, {}, "bridge", 0, ""),
    # The netdev of the VF's VLAN will do as well, and can be made where there is none.
    ("bridge", {}, "macvtap", 100, ""), ("bridge", {100: "bridge"}, "macvtap", 100, "eth0 has bridge, and eth0.100 has bridge"),
    ("bridge", {7: "bridge"}, "macvtap", 100, ""), ("bridge", {100: "macvlan"}, "macvtap", 100, ""),
    ("other", {100: "macvlan"}, "bridge", 100, "eth0 has other, and eth0.100 has macvlan"), ("bridge", {100: None}, "macvtap", 100, "")])
def test_what_a_host_has_no_room_for(user, vlans, style, vlan, why):
    def note(name, taker):
        return f"{name} has {taker}" if taker else None

    pf = host.Pf(**{**dict.fromkeys(host.Pf._fields), "ifname": "eth0", "rx_handler": user, "rx_handler_note": note("eth0", user)})
    values = dict.fromkeys(host.Netdev._fields)
    netdevs = [host.Netdev(**{**values, "ifname": f"eth0.{vid}", "kind": "vlan", "lower": "eth0", "vlan": vid, "rx_handler": taker,
                              "rx_handler_note": note(f"eth0.{vid}", taker)}) for vid, taker in vlans.items()]
    found = host.Host(3, "", "", (pf,), 0, None, tuple(netdevs))
    assert found.impossible_while(pf, style, vlan) == why

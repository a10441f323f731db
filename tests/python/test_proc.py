# SPDX-License-Identifier: GPL-2.0-or-later
"""What /proc says of other processes: within bounds, and of whom it is asked. The processes here are folders."""

import os
import pathlib
import re
import resource
import select
import types

import pytest

import tool

from nfprobe_tools import proc

QEMU = "/usr/bin/qemu-system-x86_64"


@pytest.fixture(name="host")
def host_fixture(tmp_path, monkeypatch):
    """Adds a process: number, user, program, and its arguments."""
    monkeypatch.setattr(proc, "PROC", str(tmp_path / "proc"))
    (tmp_path / "pids").mkdir()
    os.mkdir(tmp_path / "home")

    def add(pid, user, program, arguments=b""):
        folder = tmp_path / "proc" / str(pid)
        folder.mkdir(parents=True)
        (folder / "status").write_text(f"Name:\tx\nUid:\t{user}\t{user}\t{user}\t{user}\nGroups:\t{' 1' * 4096}\n")
        if program:
            (folder / "exe").symlink_to(program)
        if arguments is None:
            os.mkfifo(folder / "cmdline")
        else:
            (folder / "cmdline").write_bytes(arguments)
        return folder
    add.guests = lambda: list(proc.guests(str(tmp_path / "pids"), str(tmp_path / "home")))
    add.note = lambda name, text: (tmp_path / "pids" / name).write_text(text)
    return add


@pytest.mark.parametrize("user, program, is_guest", (
    (0, QEMU, True), (0, QEMU + " (deleted)", True), (0, "/usr/libexec/qemu-kvm", True), (0, "/usr/bin/kvm", True),
    (0, "/usr/bin/python3", False), (0, None, False), (65534, QEMU, False),
))
def test_of_whom(host, user, program, is_guest):
    """Anybody calls a process of his own as he likes; libvirt's note counts, whatever it is."""
    host(7, user, program, b"qemu\0-uuid\0X\0")
    assert bool(host.guests()) == is_guest
    host.note("db.pid", "7\n")
    host.note("old", "8\n")
    host.note("broken.pid", "-1\n")
    assert host.guests() == [proc.Guest(7, "db", (b"qemu", b"-uuid", b"X", b""))]


def test_not_to_be_read(host, monkeypatch):
    """Whose a process is that shows neither its users nor its program is not known: it counts, and what waits is asked of it."""
    for pid in (7, 8):
        folder = host(pid, 65534, QEMU if pid == 7 else "/usr/bin/python3", b"qemu\0-uuid\0X\0")
        os.unlink(folder / "status")
        (folder / "status").mkdir()
    assert [guest.pid for guest in host.guests()] == [7]

    def denied(path):
        raise PermissionError(path)
    monkeypatch.setattr(proc.os, "readlink", denied)
    (folder / "comm").mkdir()
    assert [guest.pid for guest in host.guests()] == [8]


def test_the_user_of_libvirt(host, tmp_path):
    """The owner of the folder is the user as whom it runs QEMU."""
    host(7, os.stat(tmp_path / "home").st_uid + 4711, QEMU)
    assert host.guests() == []
    if os.geteuid() == 0:
        os.chown(tmp_path / "home", 4711, 4711)
        assert [guest.pid for guest in host.guests()] == [7]


def test_longer_than_is_read(host):
    """Neither read nor taken for ended."""
    host(7, 0, QEMU, b"x" * proc.ARGS_BYTES)
    host(8, 0, QEMU, b"x" * (proc.ARGS_BYTES + 1))
    assert sorted((guest.pid, guest.arguments is None) for guest in host.guests()) == [(7, False), (8, True)]


def test_who_keeps_his_reader(host, monkeypatch):
    """He has a share of the time, and the next one what is left; nobody is waited for of whom nothing is read. Time passes by those waits
    alone: how busy this host is decides nothing."""
    for pid in range(100, 110):
        host(pid, 0, QEMU, None)
    host(50, 65534, QEMU, None)
    host(9999, 0, QEMU, b"qemu\0")
    clock, paths, names, read_waiting = [0.0], [], proc._names, proc.read_waiting

    def read(path, until):
        paths.append(path)
        return read_waiting(path, until)

    def wait(sources, _to, _failed, limit):
        if not pathlib.Path(paths[-1]).is_fifo():
            return select.select(sources, [], [])
        clock[0] += limit
        return [], [], []
    monkeypatch.setattr(proc, "_names", lambda folder: sorted(names(folder), key=lambda name: (len(name), name)))  # as /proc has them
    monkeypatch.setattr(proc, "read_waiting", read)
    monkeypatch.setattr(proc, "select", types.SimpleNamespace(select=wait))
    monkeypatch.setattr(proc, "time", types.SimpleNamespace(monotonic=lambda: clock[0]))
    found = {guest.pid: guest.arguments for guest in host.guests()}
    assert found.pop(9999) == (b"qemu", b"") and found == dict.fromkeys(range(100, 110))
    assert proc.TOTAL / 2 < clock[0] < proc.TOTAL


def test_without_end(host):
    """A process whose arguments never end costs no memory."""
    folder = host(7, 0, QEMU)
    os.unlink(folder / "cmdline")
    (folder / "cmdline").symlink_to("/dev/zero")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert host.guests() == [proc.Guest(7, "", None)]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10240


def test_one_set_of_rules():
    """Those of the program are these, word for word, but for the name of a limit."""
    with open(os.path.join(tool.TOP, "src/net/procread.c"), encoding="utf-8") as file:
        comment = re.findall(r"/\*.*?\*/", file.read(), re.DOTALL)[0].strip("/* \n").replace("\n *", "\n")
    theirs, ours = (re.split(r"\s- ", " ".join(text.split()))[-4:] for text in (comment, proc.__doc__))
    assert [rule.replace("NFP_ARGS_MAX", "ARGS_BYTES").strip() for rule in theirs] == [rule.strip() for rule in ours]


def test_one_reader():
    """What may wait is opened where a child reads it, and nowhere else."""
    waits = re.compile(r"proc}?/[^\"\s]+/(cmdline|environ|maps|map_files|smaps)", re.IGNORECASE)
    folders = [pathlib.Path(tool.TOP, name) for name in ("src", "include", "scripts/tools", "scripts/packaging")]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    found = {path.name for path in files if waits.search(path.read_text(encoding="utf-8", errors="replace"))}
    assert found == {"maps.c", "procread.c", "proc.py"}

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


@pytest.fixture(name="host")
def host_fixture(tmp_path, monkeypatch):
    """Adds a process: number, its arguments, and the name by which libvirt has noted it."""
    monkeypatch.setattr(proc, "PROC", str(tmp_path / "proc"))
    (tmp_path / "pids").mkdir()

    def add(pid, arguments=b"", name=""):
        folder = tmp_path / "proc" / str(pid)
        folder.mkdir(parents=True)
        if arguments is None:
            os.mkfifo(folder / "cmdline")
        else:
            (folder / "cmdline").write_bytes(arguments)
        if name:
            add.note(f"{name}.pid", f"{pid}\n")
        return folder
    add.guests = lambda: list(proc.guests(str(tmp_path / "pids")))
    add.note = lambda name, text: (tmp_path / "pids" / name).write_text(text)
    return add


def test_of_whom(host):
    """libvirt's note counts, whatever the process is; a process that nobody has noted says nothing, and is not read."""
    host(7, b"qemu\0-uuid\0X\0")
    host(8, None)
    assert host.guests() == []
    host.note("db.pid", "7\n")
    host.note("old", "8\n")
    host.note("broken.pid", "-1\n")
    host.note("gone.pid", "9\n")
    assert host.guests() == [proc.Guest(7, "db", (b"qemu", b"-uuid", b"X", b""))]


def test_longer_than_is_read(host):
    """Neither read nor taken for ended."""
    host(7, b"x" * proc.ARGS_BYTES, "a")
    host(8, b"x" * (proc.ARGS_BYTES + 1), "b")
    assert sorted((guest.pid, guest.arguments is None) for guest in host.guests()) == [(7, False), (8, True)]


def test_who_keeps_his_reader(host, monkeypatch):
    """He has a share of the time, and the next one what is left; nobody is waited for of whom nothing is read. Time passes by those waits
    alone: how busy this host is decides nothing."""
    for pid in range(100, 110):
        host(pid, None, str(pid))
    host(50, None)
    host(9999, b"qemu\0", "9999")
    clock, paths, names, read_waiting = [0.0], [], proc._names, proc.read_waiting

    def read(path, until):
        paths.append(path)
        return read_waiting(path, until)

    def wait(sources, _to, _failed, limit):
        if not pathlib.Path(paths[-1]).is_fifo():
            return select.select(sources, [], [])
        clock[0] += limit
        return [], [], []
    monkeypatch.setattr(proc, "_names", lambda folder: sorted(names(folder), key=lambda name: (len(name), name)))
    monkeypatch.setattr(proc, "read_waiting", read)
    monkeypatch.setattr(proc, "select", types.SimpleNamespace(select=wait))
    monkeypatch.setattr(proc, "time", types.SimpleNamespace(monotonic=lambda: clock[0]))
    found = {guest.pid: guest.arguments for guest in host.guests()}
    assert found.pop(9999) == (b"qemu", b"") and found == dict.fromkeys(range(100, 110))
    assert proc.TOTAL / 2 < clock[0] < proc.TOTAL


def test_without_end(host):
    """A process whose arguments never end costs no memory."""
    folder = host(7, b"", "db")
    os.unlink(folder / "cmdline")
    (folder / "cmdline").symlink_to("/dev/zero")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert host.guests() == [proc.Guest(7, "db", None)]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10240


def test_one_set_of_rules():
    """Those of the program are these, word for word, but for whose it reads and the name of a limit."""
    with open(os.path.join(tool.TOP, "src/net/procread.c"), encoding="utf-8") as file:
        comment = re.findall(r"/\*.*?\*/", file.read(), re.DOTALL)[0].strip("/* \n").replace("\n *", "\n")
    theirs, ours = (re.split(r"\s- ", " ".join(text.split()))[-4:] for text in (comment, proc.__doc__))
    theirs = [rule.replace("NFP_ARGS_MAX", "ARGS_BYTES").replace("its users, its program, and the", "the").strip() for rule in theirs]
    assert theirs == [rule.strip() for rule in ours]


def test_one_reader():
    """What may wait is opened where a child reads it, and nowhere else."""
    waits = re.compile(r"proc}?/[^\"\s]+/(cmdline|environ|maps|map_files|smaps)", re.IGNORECASE)
    folders = [pathlib.Path(tool.TOP, name) for name in ("src", "include", "scripts/tools", "scripts/packaging")]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    found = {path.name for path in files if waits.search(path.read_text(encoding="utf-8", errors="replace"))}
    assert found == {"maps.c", "procread.c", "proc.py"}

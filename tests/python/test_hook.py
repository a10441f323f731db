# SPDX-License-Identifier: GPL-2.0-or-later
"""The libvirt hook: whose processes it believes. What it does with a guest, tests/cli has."""

import os
import subprocess
import sys
import uuid

import pytest
import tool

from nfprobe_tools import audit

UUID = str(uuid.UUID(int=0x1234))
PROCESS = """
import ctypes, os, signal, sys
user = int(sys.argv[1])
os.setgid(user)
os.setuid(user)
ctypes.CDLL(None).prctl(4, int(sys.argv[2]), 0, 0, 0)  # PR_SET_DUMPABLE
print("ready", flush=True)
signal.pause()
"""


@pytest.fixture(name="hook")
def hook_fixture(tmp_path, monkeypatch):
    """With the folders of a libvirt that runs QEMU as the user 64055."""
    hook = audit.load_hook(os.path.join(tool.TOP, "scripts/packaging/libvirt/nfprobe-libvirt-hook"))
    for name in ("home", "pids"):
        (tmp_path / name).mkdir()
    os.chown(tmp_path / "home", 64055, 64055)
    monkeypatch.setattr(hook, "QEMU_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(hook, "QEMU_PIDS", str(tmp_path / "pids"))
    return hook


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
@pytest.mark.parametrize("user, dumpable, noted, believed", (
    (0, True, False, True), (64055, True, False, True), (65534, True, False, False),
    (64055, False, False, True), (65534, False, False, False),  # root then owns its folder in /proc
    (65534, True, True, True),  # a guest that has a user of its own (<seclabel model='dac'>)
))
def test_only_a_process_of_libvirt_keeps_an_entry(hook, tmp_path, user, dumpable, noted, believed):
    """Any user may call a process "qemu -uuid UUID"."""
    with subprocess.Popen([sys.executable, "-c", PROCESS, str(user), str(int(dumpable)), "-uuid", UUID.upper()],
                          stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline() == b"ready\n"
            (tmp_path / "pids/other.pid").write_text("1\n")
            if noted:
                (tmp_path / "pids/guest.pid").write_text(f"{process.pid}\n")
            assert (UUID in hook.running()) == believed
        finally:
            process.kill()
    assert UUID not in hook.running()

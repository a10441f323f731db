# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine itself: what the other scenarios take for granted."""

import signal
import time

from scenario import check, equal, machine


def test_streams(host):
    """stdout, stderr and the exit status of a command come back apart and unchanged"""
    result = host.run("sh", "-c", r"printf 'a\0b'; printf 'c\nd' >&2; exit 7")
    equal((result.status, result.stdout, result.stderr), (7, b"a\0b", b"c\nd"), "status, stdout, stderr")
    result = host.run("head", "-c", 2000000, "/dev/zero")
    equal(len(result.stdout), 2000000, "bytes of stdout")


def test_signals(host):
    """a signal reaches the command, and how it ended is told"""
    # Not `read`: a signal between "ready" and the read would only be noticed after it.
    command = host.begin("sh", "-c", "trap 'echo caught; exit 3' TERM; echo ready; while :; do :; done", tty=["all"])
    check(command.wait_for("ready"), "the command did not start")
    command.signal(signal.SIGTERM)
    result = command.wait(120)
    equal((result.status, "caught" in result.out), (3, True), "status, trap ran")
    command = host.begin("sh", "-c", "echo ready; kill -STOP $$")
    check(command.wait_for("ready"), "the command did not start")
    command.signal(signal.SIGKILL)
    equal(command.wait(120).status, 128 + 9, "status of a killed command")


def test_held(host):
    """a command that is held stands still where it has written a text, and nothing comes after it; any signal lets it go on"""
    command = host.begin("sh", "-c", "for word in one two three four; do echo $word; done", hold=["two\n", "three\n"])
    for last in ("two", "three"):
        check(command.wait_for(last), f"it never wrote {last}")
        command.pause()
        equal(command.stdout.split()[-1], last.encode(), "the last word")
        command.go_on()
    equal(command.wait(120).out.split(), ["one", "two", "three", "four"], "what it wrote")


def test_no_time_passes(host):
    """nobody waits for the machine: it is stopped, so that none of its time passes"""
    host.uptime()
    state, end = "", time.monotonic() + 60
    while state != "T":
        check(time.monotonic() < end, f"the emulator's state is {state}")
        with open(f"/proc/{host.vm.process.pid}/stat", encoding="ascii") as stat:
            state = stat.read().rpartition(")")[2].split()[0]


def test_not_found(host):
    """a command that cannot be started has status 127 and a reason"""
    result = host.run("/nonexistent")
    equal((result.status, result.error), (127, "/nonexistent: No such file or directory"), "status, error")


def ends_by(command, seconds):
    """How waiting for a command ends."""
    try:
        command.wait(seconds)
    except (TimeoutError, machine.EmulatorError) as error:
        return type(error)
    return None


def test_stands_still(host):
    """a machine whose emulator stands still is told from a command that takes long, and goes on afterwards"""
    command = host.begin("cat", stdin=True)
    # Pings are a second apart: too few of them are lost in that time, even if a busy host leaves the machine no processor.
    equal(ends_by(command, 3), TimeoutError, "what a command that takes long ends with")
    lost, host.vm.settings.pings_lost = host.vm.settings.pings_lost, 10
    stands, host.vm.stands = host.vm.stands, False  # nothing here sets it going
    host.vm.process.send_signal(signal.SIGSTOP)
    try:
        equal(ends_by(command, 20), machine.EmulatorError, "what a machine that stands still ends with")
    finally:
        host.vm.process.send_signal(signal.SIGCONT)
        host.vm.settings.pings_lost, host.vm.stands = lost, stands
    command.write(b"")
    equal(command.wait(120).status, 0, "status of the command, once the machine goes on")

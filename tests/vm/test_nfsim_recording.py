# SPDX-License-Identifier: GPL-2.0-or-later
"""A run as a file of packets: whole or not at all, and read by others."""

import os
import shutil
import signal

from probing import unlocked, words
from scenario import check, equal
from simulated import one

SAFE = "come=up go=down+unplug+clear arb=both"
RUN_AT = ("nf0", "--vf", "3", "--from", "nf0w", "--style", "macvtap", "--rate", "100")
RUN = (*RUN_AT, "--settle", "0.2")
FILE = "/tmp/run.pcapng"


def by_others(host, path, steps=("attach", "up", "clear")):
    """Wireshark's tools, where they are installed, read it without a warning."""
    if not shutil.which("tshark") or not shutil.which("capinfos"):
        return
    shown = host.run("env", "HOME=/nonexistent", "tshark", "-r", path, "-Y", "frame.comment", "-T", "fields", "-e", "frame.comment")
    warnings = [line for line in shown.err.splitlines() if "Running as user" not in line]
    equal((shown.status, warnings), (0, []), "status and warnings of tshark")
    check(all(f"nfprobe step {step}, address " in shown.out.replace("\\", "") for step in steps), "a step has no comment")
    told = host.run("env", "HOME=/nonexistent", "capinfos", path)
    equal((told.status, told.err), (0, ""), "status and warnings of capinfos")
    words(told.out, ("nfprobe ", "nanoseconds", "Number of interfaces"), "capinfos")


def test_recording(host):
    """a run on record: Wireshark's tools read it"""
    with one(host, SAFE, bound=True):
        result = host.nfprobe(*RUN, "--gap-limit", "600000", "--json", "--write", FILE)
        equal(result.status, 0, "exit status of the run: " + result.err)
        by_others(host, FILE)


def begin(host, *args, at):
    run = host.begin_nfprobe(*RUN, "--write", FILE, "-v", *args, hold=at)
    check(run.wait_for(at), f"it never came to: {at}\n{run.stderr.decode()}")
    return run


def test_stopped(host):
    """SIGINT: what there is can be read; SIGKILL: the file is as it was, and the new one lies beside it"""
    with one(host, SAFE, bound=True):
        run = begin(host, "--json", at="drivers/nfsimvf/bind")
        run.signal(signal.SIGINT)
        result = run.wait(120)
        equal(result.status, 130, "exit status of the run")
        equal(result.json()["error"]["code"], "interrupted", "error")
        by_others(host, FILE, steps=())

        before = host.ok("sha256sum", FILE)
        run = begin(host, at="drivers/nfsimvf/bind")
        run.signal(signal.SIGKILL)
        run.wait(120)
        unlocked(host)
        equal(host.ok("sha256sum", FILE), before, "the file that was there")
        left = host.ok("sh", "-c", f"ls {os.path.dirname(FILE)}/.{os.path.basename(FILE)}.*").split()
        equal(len(left), 1, "files beside it")
        host.ok(host.nfprobe_path, "--restore")
        host.ok("rm", *left)


def test_disk_full(host):
    """a disk that is full: the run goes on to its verdict, says so and exits 4; the file is as it was"""
    with one(host, SAFE, bound=True) as nic:
        host.ok("sh", "-ec", "mkdir -p /tmp/small /tmp/tiny; mount -t tmpfs -o size=300k tmpfs /tmp/small; echo before >/tmp/small/f;"
                "mount -t tmpfs -o size=4k tmpfs /tmp/tiny")
        try:
            address = nic.ip_json("link", "show", "nf0")[0]["vfinfo_list"][3]
            result = host.nfprobe(*RUN[:-2], "--write", "/tmp/small/f", "--json=/tmp/tiny/r.json")
            equal(result.status, 4, "exit status")
            words(result.out, ("SAFE with macvtap", "Exit 4"), "the text")
            words(result.err, ("cannot write /tmp/small/f: No space left on device; the run goes on without it",
                               "cannot write /tmp/tiny/r.json: No space left on device"), "stderr")
            equal(host.ok("ls", "-A", "/tmp/tiny"), "", "what is on the other disk")
            # The file alone: the last line of the text has the status of the program.
            again = host.nfprobe(*RUN[:-2], "--json=/tmp/tiny/r.json")
            check("Exit 4" in again.out and "Exit 0" not in again.out, again.out)
            equal(again.status, 4, "exit status")
            equal(host.ok("sh", "-c", "cat /tmp/small/*"), "before\n", "what is on the disk")
            equal(nic.ip_json("link", "show", "nf0")[0]["vfinfo_list"][3], address, "VF 3 afterwards")
        finally:
            host.ok("umount", "/tmp/small", "/tmp/tiny")

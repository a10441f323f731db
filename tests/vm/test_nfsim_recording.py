# SPDX-License-Identifier: GPL-2.0-or-later
"""A run as a file of packets: whole or not at all, read by others, and saying the same on its own."""

import os
import shutil
import signal

from probing import differing, unlocked, words
from scenario import TOP, check, equal
from simulated import one

SAFE = "come=up go=down+unplug+clear arb=both"
RUN_AT = ("nf0", "--vf", "3", "--from", "nf0w", "--style", "macvtap", "--rate", "100")
RUN = (*RUN_AT, "--settle", "0.2")
WITHOUT = os.path.join(TOP, "tests/cli/lib/without.py")
FILE = "/tmp/run.pcapng"


def read(host, path, *args):
    result = host.nfprobe("--read", path, "--json", *args)
    return result.status, result.json()


def same(host, result, path=FILE):
    status, again = read(host, path)
    equal(status, result.status, "exit status of --read")
    equal(differing(result.json(), again), "", "what --read says")
    return again


def by_others(host, path):
    """Wireshark's tools, where they are installed, read it without a warning."""
    if not shutil.which("tshark") or not shutil.which("capinfos"):
        return
    shown = host.run("env", "HOME=/nonexistent", "tshark", "-r", path, "-Y", "frame.comment", "-T", "fields", "-e", "frame.comment")
    warnings = [line for line in shown.err.splitlines() if "Running as user" not in line]
    equal((shown.status, warnings), (0, []), "status and warnings of tshark")
    check(all(f'step {{"step":"{step}"' in shown.out.replace("\\", "") for step in ("attach", "up", "clear")), "a step has no comment")
    told = host.run("env", "HOME=/nonexistent", "capinfos", path)
    equal((told.status, told.err), (0, ""), "status and warnings of capinfos")
    words(told.out, ("nfprobe ", "nanoseconds", "nf0w", "Number of interfaces"), "capinfos")


def test_recording(host):
    """several ladders, a limit and the transmit test: --read says the same, alone; without the VF's frames it does not"""
    with one(host, SAFE, bound=True):
        result = host.nfprobe(*RUN, "--repeat", "2", "--gap-limit", "600000", "--json", "--write", FILE, near=True)
        equal(result.status, 0, "exit status of the run: " + result.err)
        same(host, result)
        by_others(host, FILE)
        text = host.run("setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-all", host.nfprobe_path, "--read", FILE)
        equal(text.status, 0, "exit status without rights: " + text.err)
        words(text.out, ("macvtap  SAFE",), "the text")
        host.ok(WITHOUT, "2", FILE, "/tmp/fewer.pcapng")
        status, fewer = read(host, "/tmp/fewer.pcapng")
        equal((status, fewer["verdict"]), (3, "inconclusive"), "status and verdict without the VF's frames")
        words(" ".join(fewer["warnings"]), ("the recording was changed",), "the warnings")


def test_refused(host):
    """a VF in use: the file has the error; it replaces no other"""
    with one(host, SAFE, bound=True) as nic:
        host.ok("rm", "-f", FILE)
        nic.ip("address", "add", "192.0.2.77/24", "dev", nic.netdev(3))
        result = host.nfprobe(*RUN, "--json", "--write", FILE)
        equal((result.status, result.json()["error"]["code"]), (4, "vf-in-use"), "status and error of the run")
        same(host, result)
        before = host.ok("sha256sum", FILE)
        equal(host.nfprobe(*RUN, "--write", FILE).status, 4, "status of the next run")
        equal(host.ok("sha256sum", FILE), before, "the file afterwards")


def begin(host, *args, at):
    run = host.begin_nfprobe(*RUN, "--write", FILE, "-v", *args)
    check(run.wait_for(at), f"it never came to: {at}\n{run.stderr.decode()}")
    return run


def test_stopped(host):
    """SIGINT: what there is says the same; SIGKILL: the file is as it was, the new one lies beside it and is no proof"""
    with one(host, SAFE, bound=True):
        run = begin(host, "--json", at="drivers/nfsimvf/bind")
        run.signal(signal.SIGINT)
        result = run.wait(120)
        equal(result.status, 130, "exit status of the run")
        again = same(host, result)
        equal(again["error"]["code"], "interrupted", "error")

        before = host.ok("sha256sum", FILE)
        run = begin(host, at="drivers/nfsimvf/bind")
        run.signal(signal.SIGKILL)
        run.wait(120)
        unlocked(host)
        equal(host.ok("sha256sum", FILE), before, "the file that was there")
        left = host.ok("sh", "-c", f"ls {os.path.dirname(FILE)}/.{os.path.basename(FILE)}.*").split()
        equal(len(left), 1, "files beside it")
        status, partial = read(host, left[0])
        equal((status, partial["error"]["code"]), (4, "input"), "what is read of a killed run")
        host.ok(host.nfprobe_path, "--restore")
        host.ok("rm", *left)


def test_disk_full(host):
    """a disk that is full: the run goes on to its verdict, says so and exits 4; the file is as it was"""
    with one(host, SAFE, bound=True) as nic:
        host.ok("sh", "-ec", "mkdir -p /tmp/small; mount -t tmpfs -o size=300k tmpfs /tmp/small; echo before >/tmp/small/f")
        try:
            address = nic.ip_json("link", "show", "nf0")[0]["vfinfo_list"][3]
            result = host.nfprobe(*RUN[:-2], "--write", "/tmp/small/f")
            equal(result.status, 4, "exit status")
            words(result.out, ("macvtap  SAFE",), "the text")
            words(result.err, ("cannot write /tmp/small/f: No space left on device; the run goes on without it",), "stderr")
            equal(host.ok("sh", "-c", "cat /tmp/small/*"), "before\n", "what is on the disk")
            equal(nic.ip_json("link", "show", "nf0")[0]["vfinfo_list"][3], address, "VF 3 afterwards")
        finally:
            host.ok("umount", "/tmp/small")

# SPDX-License-Identifier: GPL-2.0-or-later
"""A run that is stopped, at whatever moment, leaves the host as it was; one that is killed can be undone."""

import signal

from probing import PACE, changes, outcome, unchanged, unlocked, words
from scenario import PF, check, equal
from spy import Listener

VF = 3
FILTER = ("--style", "macvtap", *PACE)
PROMISC = ("--style", "bridge", *PACE)
OTHER = ("--from", "vf:1")

# The lines of -v right before each change.
UNBIND = "drivers/igbvf/unbind"
HOLD = "+ bridge fdb add"
ASSIGN = f"+ ip link set {PF} vf {VF} mac"
BIND = "drivers/igbvf/bind"
MOVE = "netns nfprobe name nfpvf"
UP = "+ ip -n nfprobe link set nfpvf"
# The same of another VF that sends.
OTHER_UP = "+ ip -n nfprobe link set nfpsends"
PROMISCUOUS = f"+ ip link set {PF} promisc on"
CLEARED = f"+ ip link set {PF} vf {VF} mac 00:00:00:00:00:00"


def begin(host, *args, at):
    """A run that has come to the change `at`, the first of them if there are more, and stands still at each until the next signal."""
    at = (at,) if isinstance(at, str) else at
    run = host.begin_nfprobe(PF, "--vf", VF, *args, "-v", "--json", hold=at)
    check(run.wait_for(at[0]), f"it never came to: {at[0]}\n{run.stderr.decode()}")
    return run


def stop(host, number, *args, at):
    with unchanged(host):
        run = begin(host, *args, at=at)
        run.go_on()  # so that the signal meets it in the change, or in the wait behind it
        run.signal(number)
        result = run.wait(120)
    out = outcome(result, 128 + number)
    equal((out["error"]["code"], out["restored"]), ("interrupted", True), "error, restored")
    words(out["error"]["message"], number.name, "the error")
    check(out["verdict"] in (None, "unknown"), f"a run that was stopped says {out['verdict']}")


def test_interrupt(host):
    """SIGINT while the VF is taken from its driver, while the PF holds the address, and while the VF gets it"""
    for at in (UNBIND, HOLD, ASSIGN):
        stop(host, signal.SIGINT, *FILTER, at=at)


def test_terminate(host):
    """SIGTERM while the VF driver is bound, its netdev moved away, and while it is set up; and while another VF is"""
    for args, at in (((), BIND), ((), MOVE), ((), UP), (OTHER, OTHER_UP)):
        stop(host, signal.SIGTERM, *FILTER, *args, at=at)


def test_hang_up(host):
    """SIGHUP while the PF is promiscuous, with and without the VF up"""
    for at in (PROMISCUOUS, UP):
        stop(host, signal.SIGHUP, *PROMISC, at=at)


def test_twice(host):
    """a second signal does not stop the undoing"""
    with unchanged(host):
        run = begin(host, *FILTER, at=(UP, CLEARED))
        run.signal(signal.SIGINT)
        check(run.wait_for(CLEARED), "nothing is undone")
        run.signal(signal.SIGTERM)
        run.signal(signal.SIGINT)
        result = run.wait(120)
    equal(outcome(result, 130)["error"]["code"], "interrupted", "error")


def test_pipe(host):
    """a reader that goes away, of stdout or of stderr: everything is put back, and status 4 says it"""
    script = '"$0" "$@" 2>/dev/null | true; echo ${PIPESTATUS[0]}'
    with unchanged(host):
        out = host.ok("bash", "-c", script, host.nfprobe_path, PF, "--vf", VF, *FILTER, "--timeout", 1)
    equal(out.strip(), "4", "status when stdout was closed")
    script = 'exec 3>&1; { "$0" "$@" 2>&1 >/dev/null; echo $? >&3; } | read -r line'
    with unchanged(host):
        out = host.ok("bash", "-c", script, host.nfprobe_path, PF, "--vf", VF, *FILTER, "-v", "--timeout", 2)
    equal(out.strip(), "3", "status when stderr was closed")


# Runs a command one of whose streams is a pipe of one page that is never read.
STALLED = r"""
import fcntl, os, subprocess, sys
stream, argv = sys.argv[1], sys.argv[2:]
held, theirs = os.pipe()
fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, 4096)
sys.exit(subprocess.run(argv, **{stream: theirs}).returncode)
"""


def stalled(host, stream, *args):
    """The stderr of such a run, which went on to its end."""
    out = "/tmp/stalled.json"
    with unchanged(host):
        result = host.run("/usr/bin/python3", "-I", "-S", "-c", STALLED, stream, host.nfprobe_path, PF, "--vf", VF, *FILTER, f"--json={out}", *args)
    equal(result.status, 4, f"status where nobody reads {stream}: {result.err}")
    told = host.json("cat", out)
    host.ok("rm", out)
    equal((told["restored"], told["vf"]["styles"][0]["steps"][-1]["state"]), (True, "vf-first-clear"), "restored, the last step")
    return result.err


def test_stalled(host):
    """a reader that stops reading in mid-run, of --json-stream, of -v: given up, the run goes on, status 4"""
    words(stalled(host, "stdout", "--json-stream"), "the result could not be written: nobody reads it", "stderr")
    equal(stalled(host, "stderr", "-v"), "", "stderr")


def test_timeout(host):
    """--timeout ends a run: unknown, everything put back"""
    with unchanged(host):
        result = host.nfprobe(PF, "--vf", VF, *PROMISC, "--timeout", 3, "--json")
    out = outcome(result, 3)
    equal((out["error"]["code"], out["verdict"], out["restored"]), ("timeout", "unknown", True),
          "error, verdict, restored")
    check(2900 <= out["run"]["duration_ms"] <= 60000, f"duration {out['run']['duration_ms']} ms")


def test_killed_next_run(host):
    """after SIGKILL the next run puts back first and says so; --dry-run does not"""
    with unchanged(host):
        run = begin(host, *PROMISC, at=UP)
        run.signal(signal.SIGKILL)
        equal(run.wait(120).status, 137, "status of the run that was killed")
        unlocked(host)
        with Listener(host) as listener:
            plan = host.nfprobe(PF, "--vf", VF, "--dry-run")
        equal((len(host.state()["journal"]), listener.seen), (1, {}), "journals after --dry-run, frames sent")
        check(plan.status in (0, 4), f"--dry-run: {plan.status} {plan.err}")
        result = host.nfprobe(PF, "--vf", VF, *FILTER, "-v", "--json")
        out = outcome(result, 0)
        check(any("an earlier run on eth0 was interrupted" in w for w in out["warnings"]), f"warnings: {out['warnings']}")
        said = changes(result.err)
        again = next(i for i, command in enumerate(said) if command.startswith("bridge fdb add"))
        check(any(BIND in command for command in said[:again]), "not put back before it began:\n" + "\n".join(said))

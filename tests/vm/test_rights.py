# SPDX-License-Identifier: GPL-2.0-or-later
"""The rights with which nfprobe works, its messages without them, and the rights that it gives up."""

import contextlib

from probing import PACE, outcome, probe, refused, unchanged
from scenario import check, equal
from simulated import one

NEEDED = ("net_admin", "net_raw", "sys_admin")
NOBODY = "65534"
PF, VF = "nf0", 3
QUICK = ("--vf", VF, "--from", "nf0w", *PACE, "--style", "macvtap")

# Bits of linux/capability.h: DAC_OVERRIDE, DAC_READ_SEARCH, NET_ADMIN, NET_RAW, SYS_RAWIO, SYS_PTRACE, SYS_ADMIN.
KEPT = sum(1 << bit for bit in (1, 2, 12, 13, 17, 19, 21))


def signed(caps):
    return ",".join(["-all"] + ["+" + cap for cap in caps])


def root_with(*caps):
    """Root, but for all other capabilities."""
    return ["setpriv", "--bounding-set", signed(caps), "--inh-caps", "-all"]


def nobody_with(*caps):
    """Another user, with some of root's capabilities."""
    return ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--inh-caps", signed(caps),
            "--ambient-caps", signed(caps)]


class Prefixed:
    """The machine, where nfprobe is run by way of another command."""

    def __init__(self, host, prefix):
        self.host, self.prefix = host, prefix

    def __getattr__(self, name):
        return getattr(self.host, name)

    def nfprobe(self, *args, timeout=600, **request):
        return self.host.run(*self.prefix, self.host.nfprobe_path, *args, timeout=timeout, **request)


@contextlib.contextmanager
def files_of(host, user):
    """The files that probing writes belong to this user meanwhile; they are all that it takes besides capabilities."""
    device = f"/sys/bus/nfsim/devices/nfsim0-vf{VF}"
    files = [f"{device}/reset", f"{device}/driver_override", "/sys/bus/nfsim/drivers/nfsimvf/bind",
             "/sys/bus/nfsim/drivers/nfsimvf/unbind"]
    host.sh("rm -rf /run/nfprobe; mkdir -m 700 /run/nfprobe")
    host.ok("chown", user, *files, "/run/nfprobe")
    yield
    host.ok("chown", "root", *files)
    host.sh("rm -rf /run/nfprobe")


def test_root(host):
    """root with CAP_NET_ADMIN, CAP_NET_RAW and CAP_SYS_ADMIN only: a run as any other"""
    with one(host, bound=True):
        out, _ = probe(Prefixed(host, root_with(*NEEDED)), *QUICK, pf=PF)
        equal((out["verdict"], out["error"] if "error" in out else None), ("safe", None), "verdict, error")


def test_not_root(host):
    """another user with these three, who owns the four files and /run/nfprobe: the same; without a file it is named"""
    with one(host, bound=True):
        user = Prefixed(host, nobody_with(*NEEDED))
        refused(user, *QUICK, pf=PF, code="permission", says=("may not write", "/driver/unbind"), hint="CAP_DAC_OVERRIDE")
        with files_of(host, NOBODY):
            out, _ = probe(user, *QUICK, pf=PF)
            equal(out["verdict"], "safe", "verdict")
            # This user's journal is not root's own, so root does not take it for the truth.
            refused(host, *QUICK, pf=PF, code="journal", says=("belongs to another user",), hint="0700")


def test_lacking(host):
    """without one of the capabilities: which one is said, and nothing is touched"""
    with one(host, bound=True):
        for lacks in NEEDED:
            rest = [cap for cap in NEEDED if cap != lacks]
            refused(Prefixed(host, root_with(*rest)), *QUICK, pf=PF, code="permission", says=f"lacks CAP_{lacks.upper()}",
                    hint="root")


def sets(host):
    """The rights of the process that runs: read at once, before it ends."""
    told = host.sh("cat /proc/$(pidof -s nfprobe)/status")
    status = dict(line.split(":\t", 1) for line in told.splitlines() if ":\t" in line)
    return {name: status[name] for name in ("CapInh", "CapPrm", "CapEff", "NoNewPrivs")}


def test_given_up(host):
    """a run by root has given up every capability that it has no use for; a reflector all of them"""
    with one(host, bound=True):
        with unchanged(host):
            run = host.begin_nfprobe(PF, *QUICK, "-v", "--json", hold="+ bridge fdb add")
            check(run.wait_for("+ bridge fdb add"), run.stderr.decode())
            got = sets(host)
            run.go_on()
            equal(outcome(run.wait(120), 0)["verdict"], "safe", "verdict")
        mask = f"{KEPT:016x}"
        equal(got, {"CapInh": f"{0:016x}", "CapPrm": mask, "CapEff": mask, "NoNewPrivs": "1"}, "capabilities of a run")
        reflector = host.begin_nfprobe("--reflect", "nf0w")
        check(reflector.wait_for("--from peer:"), reflector.stderr.decode())
        got = sets(host)
        reflector.signal(15)
        equal(reflector.wait(120).status, 0, "status of the reflector")
        zero = f"{0:016x}"
        equal(got, {"CapInh": zero, "CapPrm": zero, "CapEff": zero, "NoNewPrivs": "1"}, "capabilities of a reflector")

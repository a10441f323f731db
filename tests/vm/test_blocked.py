# SPDX-License-Identifier: GPL-2.0-or-later
"""A driver that lets nobody go: scripts/check vm-others, since it takes as long as nfprobe waits."""

from probing import outcome, unchanged, words
from scenario import equal
from simulated import Module
from test_foreign import VF, arguments

BUSY_MS = 35000  # more than a change is waited for, and less than that and what undoing it is
LONG_MS = 175000  # more than all that a run waits: for the change, twice to undo it, and once more by the other process


def test_blocked_unbind(host):
    """an unbind that the driver blocks is given up in time: 4 when it ends while it is undone, else 5; --restore does the rest"""
    host.write("/proc/sys/kernel/hung_task_timeout_secs", "0")  # or the kernel complains of it after two minutes
    with Module(host, nics=2) as module, module.nic(f"unbind_ms={BUSY_MS}", 0, bound=True) as short:
        with module.nic(f"unbind_ms={LONG_MS}", 1, bound=True) as long:
            short.settled()
            long.settled()
            with unchanged(host):
                runs = [host.begin_nfprobe(*arguments(nic)) for nic in (short, long)]
                first, second = [run.wait(240) for run in runs]
                out = outcome(first, 4)
                equal(out["restored"], True, "restored, of the one that ended")
                words(out["error"]["message"], ("cannot unbind nfsim0-vf3", "has not answered"), "the error")
                out = outcome(second, 5)
                words(out["error"]["message"], ("could not be put back", "the kernel has been busy with nfsim1-vf3"), "the error")
                short.personality("unbind_ms=0")
                long.personality("unbind_ms=0")
                long.vf_attribute(VF, "driver_override")  # which waits for the unbind
                result = host.nfprobe("--restore", "nf1")
                equal((result.status, result.err), (0, ""), "--restore")

# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs on simulated NICs side by side, and what they say otherwise than is true of the same NIC in memory (tests/nfsim/alike.py)."""

import concurrent.futures
import contextlib
import queue
import sys

import scenario
from scenario import TOP, check
from simulated import Module

sys.path.insert(0, TOP + "/tests/nfsim")
import alike  # noqa: E402
import lots  # noqa: E402
from alike import SECOND, SETTLE_MS, VF, Case, slow_enough  # noqa: E402, F401, others take them from here

NICS = 8  # side by side
PATIENCE_S = 3600  # of a run, by the host's clock: that of the machine stands still while the host has no time for it


def is_unclear(case, result):
    """Each style as it should be, or unclear."""
    if result.status not in (0, 1, 3) or any(host_differences(case, result)):
        return False
    out = result.json()
    return bool(out.get("vf")) and alike.is_unclear(case, out, alike.truths_of(case, out))


def host_differences(case, result):
    """The differences from before, unless the result says that one cannot be undone (an address), or it comes later (rename_ms)."""
    may = ["/pf/vfs/3/1:", "/vfs/1/link/address:"] if '"VF 3 of nf' in result.out.partition('"left_behind"')[2] else []
    may += ["/vfs/1/netdev:", "/vfs/1/link/name:"] if case.keys.get("rename_ms") else []
    for line in getattr(result, "changed", ()):  # others judge runs, too, and compare by themselves
        if not line.startswith(tuple(may)):
            yield f"{case}: the host is not as it was: {line}"


def differences(case, result):
    """One line for each style that is wrong, and for what is not as it was."""
    yield from host_differences(case, result)
    cannot = ("switchdev" if case.keys.get("eswitch") == "switchdev" else "carrier" if case.keys.get("mgmt")
              else "eswitch mode" if case.keys.get("eswitch_get")
              else "does not report" if case.keys.get("no_vf_config") or case.keys.get("no_vf_ops") else None)
    if cannot:
        if result.status != 4 or cannot not in result.err:
            yield f"{case}: {cannot} was not refused: {result.status}: {result.err.strip()}"
        return
    if result.status not in (0, 1, 3):
        yield f"{case}: status {result.status}: {result.err.strip()}"
        return
    out = result.json()
    if not out.get("vf"):
        yield f"{case}: nothing was probed: {result.err.strip()}"
        return
    yield from alike.differences(case, out, alike.truths_of(case, out))


class Bench:
    """Some simulated NICs that work side by side."""

    def __init__(self, host, module, count=NICS):
        self.host = host
        self.ports = {}
        with concurrent.futures.ThreadPoolExecutor(count) as pool:
            self.nics = list(pool.map(lambda number: module.nic("", number=number, bound=True), range(count)))

    def close(self):
        with concurrent.futures.ThreadPoolExecutor(len(self.nics)) as pool:
            list(pool.map(lambda nic: nic.__exit__(None, None, None), self.nics))

    def prepare(self, number, case):
        nic = self.nics[number]
        nic.personality("default")
        for vf in (SECOND, VF):  # which are there already
            nic.trust(vf, "on" if case.keys.get("trust") == "on" else "off")
        nic.personality("default " + lots.text(case.keys))
        ports = [case.keys.get(key) for key in ("two_ports", "dev_port")]
        if self.ports.get(number, [None, None]) != ports:  # a VF that is bound has the netdevs of before
            nic.vfs(0)
            nic.vfs(4)
        self.ports[number] = ports
        nic.down("pf")  # a NIC with a history has forgotten what it knew
        nic.up("pf")
        nic.until("carrier", "pf", not case.keys.get("mgmt"))

    def once(self, number, case):
        """The result of a run, and in `changed` how the host differs afterwards."""
        self.prepare(number, case)
        before = self.nics[number].state()
        self.nics[number].personality(lots.text({key: value for key, value in case.keys.items() if key == "vfr"}))
        result = self.host.nfprobe(*case.argv(number), timeout=PATIENCE_S)
        result.changed = list(scenario.differences(before, self.nics[number].state()))
        return result

    def run(self, cases):
        """[(case, result)]; each NIC takes the next case when it is free."""
        waiting = queue.SimpleQueue()
        for case in cases:
            waiting.put(case)

        def work(number):
            done = []
            with contextlib.suppress(queue.Empty):
                while True:
                    case = waiting.get_nowait()
                    done.append((case, self.once(number, case)))
            return done

        with concurrent.futures.ThreadPoolExecutor(len(self.nics)) as pool:
            return [done for part in pool.map(work, range(len(self.nics))) for done in part]


@contextlib.contextmanager
def bench(host, count=NICS):
    with Module(host, nics=count) as module:
        rig = Bench(host, module, count)
        yield rig
        rig.close()


def allowed(cases):
    """The number of cases that may be unknown without need: one in a hundred."""
    return max(1, len(cases) // 100)


def sort_out(done):
    """(those that are wrong, those that are unclear): [(case, its differences)]."""
    wrong, vague = [], []
    for case, result in done:
        lines = list(differences(case, result))
        if lines:
            (vague if is_unclear(case, result) else wrong).append((case, "\n".join(lines)))
    return wrong, vague


def judge(host, cases):
    """[(case, what is wrong)]; prints how many were right, wrong and unknown."""
    with bench(host) as rig:
        done = rig.run(cases)
        wrong, vague = sort_out(done)
        if len(vague) > allowed(cases):  # frames that the machine itself lost leave a landing unclear, but not twice
            again = [case for case, _ in vague]
            print("# made again, since they were unclear: " + "\n# ".join(map(str, again)), flush=True)
            done = [(case, result) for case, result in done if case not in again] + rig.run(again)
            wrong, vague = sort_out(done)
    failed = [case for case, _ in wrong + vague]
    unsure = sum(result.status == 3 and case not in failed for case, result in done)
    for what, some in (("unclear", vague), ("wrong", wrong)):
        for _, text in some:
            print(f"# {what}: " + text.replace("\n", "\n# "), flush=True)
    print(f"# {len(cases)} runs: {len(cases) - len(wrong) - len(vague)} right (of which {unsure} rightly unknown), "
          f"{len(vague)} unclear that need not be, {len(wrong)} wrong", flush=True)
    return wrong + (vague if len(vague) > allowed(cases) else [])


def none(wrong):
    check(not wrong, f"{len(wrong)} wrong, or unclear too often: see above")

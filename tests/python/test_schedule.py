# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe_tools.schedule: which runs are at the same time, what each is told, and what they come to together."""

import json

import pytest

from test_all import list_of, pf_of  # it knows where the tools are
from nfprobe_tools import host, schedule


def jobs_of(*pfs, source=None):
    return schedule.plan(host.read_list(json.dumps(list_of(list(pfs))).encode(), "x"), source)


def begin(jobs, index):
    assert schedule.next_job(jobs) is jobs[index]
    jobs[index].state = schedule.State.RUNS


def test_ports():
    """Whether or not they are functions of one card; those that share a port take turns."""
    jobs = jobs_of(pf_of("eth0"), pf_of("eth1", 1), pf_of("eth2", 2), pf_of("eth3", 3, not_with=["eth2"]))
    begin(jobs, 0)
    begin(jobs, 1)
    begin(jobs, 2)
    assert schedule.next_job(jobs) is None
    jobs[0].end(0)
    assert schedule.next_job(jobs) is None
    jobs[2].end(4)
    begin(jobs, 3)
    jobs[3].end(0)
    jobs[1].end(0)
    assert schedule.next_job(jobs) is None


def test_ports_of_several():
    """Two that share a port with a third are never at the same time, even if nobody says so of them."""
    jobs = jobs_of(pf_of("a"), pf_of("b", 1, not_with=["a"]), pf_of("c", 2, not_with=["b"]), pf_of("d", 3, not_with=["e"]),
                   pf_of("e", 4, not_with=["d"]))
    assert [job.port for job in jobs] == [0, 0, 0, 3, 3]
    # Two netdevs of one device, and devices that nobody knows.
    jobs = jobs_of(pf_of("a"), pf_of("b"), pf_of("c", 2, parentdev=None), pf_of("d", 3, parentdev=None))
    assert [job.port for job in jobs] == [0, 0, 2, 3]


def test_who_sends_for_whom():
    """On one switch each PF sends for one other; what is not probed sends for all."""
    jobs = jobs_of(*(pf_of(f"eth{i}", i) for i in range(4)))
    for index, heard, source in (
            (0, ("eth1v0", "eth1", "eth2", "eth3"), "eth1"), (1, ("eth0", "eth2", "eth3"), "eth0"),
            (2, ("eth1v0", "eth0", "eth1", "eth3"), "eth3"), (3, ("eth1v0", "eth0", "eth1", "eth2"), "eth2"),
            *((i, (f"eth{(i + 1) % 4}", "spare"), "spare") for i in range(4)), (0, ("eth1v0",), "eth1v0"), (2, (), "spare")):
        schedule.choose_source(jobs, jobs[index], heard)
        assert jobs[index].source == source
    # A PF without VFs is not probed, and so is not reset.
    jobs[1].end(3)
    schedule.choose_source(jobs, jobs[0], ("eth2", "eth1"))
    assert jobs[0].source == "eth1"


def test_who_sends_for_all():
    """Those that are over are told nothing."""
    jobs = jobs_of(pf_of("eth0"), pf_of("eth1", 1, vfs=0), pf_of("eth2", 2), pf_of("eth3", 3))
    schedule.choose_sources(jobs, {"eth0": ("eth1", "eth2"), "eth1": ("eth0",), "eth2": ("eth0", "eth3"), "eth9": ("x",)})
    assert [job.source for job in jobs] == ["eth1", "", "eth0", ""]


def test_what_is_planned():
    jobs = jobs_of(pf_of("eth0"), pf_of("eth1", 1, vfs=0), pf_of("eth2", 2), pf_of(None, 3), source="eth2")
    assert [(job.counts, job.state.value, job.error.code if job.error else None) for job in jobs] == [
        (True, "waits", None), (False, "over", "no-vfs"), (True, "over", "source-unusable"), (True, "over", "not-a-pf")]
    begin(jobs, 0)
    jobs[0].end(0)
    assert schedule.next_job(jobs) is None
    # The source is not there, so nothing is known of this PF.
    assert schedule.status_of(jobs) == 3


def test_stopped():
    jobs = jobs_of(pf_of("eth0"), pf_of("eth1", 1))
    begin(jobs, 0)
    schedule.stop(jobs, host.Error("interrupted", "why"))
    assert [(job.state.value, job.exit, bool(job.error)) for job in jobs] == [("runs", 3, False), ("over", 3, True)]
    assert schedule.next_job(jobs) is None


@pytest.mark.parametrize("first, second, worst", (
    (0, 0, 0), (0, 3, 3), (3, 1, 1), (1, 4, 4), (4, 5, 5), (5, 1, 5), (2, 0, 4), (2, 5, 5), (130, 1, 4), (125, 3, 4), (-9, 0, 4)))
def test_the_worst_counts(first, second, worst):
    assert schedule.status_of([]) == 4
    for statuses in ((first, second), (second, first)):
        jobs = jobs_of(pf_of("eth0"), pf_of("eth1", 1))
        for job, status in zip(jobs, statuses):
            job.end(status)
        assert schedule.status_of(jobs) == worst
        for job in jobs:
            job.counts = False
        assert schedule.status_of(jobs) == 4

# SPDX-License-Identifier: GPL-2.0-or-later
"""The runs of nfprobe-all, one for each PF of a host: which may start now, which netdev sends for which, and what they come to
together. Pure: nothing here starts a process or reads a file."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import List, Mapping, Optional, Sequence

from . import EXIT_UNKNOWN, worst
from .host import Host, Pf
from .result import Error
from .text import clean


class State(enum.Enum):
    WAITS = "waits"
    RUNS = "runs"
    OVER = "over"


@dataclass
class Job:
    """The run on one PF."""
    pf: Pf
    port: int  # runs with the same number are never at the same time
    counts: bool  # False: the PF has no VFs, so there is nothing to know
    state: State = State.WAITS
    source: str = ""  # the netdev that sends for it; empty: the run finds its own
    exit: int = EXIT_UNKNOWN
    error: Optional[Error] = None  # why there is no verdict

    def end(self, status: int, error: Optional[Error] = None, chose_vf: bool = True) -> None:
        """@chose_vf: it got as far as to a VF. A PF of which none is idle is not known; a VF that was lost later is an error."""
        if error and error.code == "vf-in-use" and not chose_vf:
            status = EXIT_UNKNOWN
        self.state, self.exit, self.error = State.OVER, status, error


def _port(pfs: Sequence[Pf], index: int, jobs: Sequence[Job]) -> int:
    """The port of the first PF before it that must not be probed at the same time, else a port of its own."""
    pf = pfs[index]
    for job in jobs:
        if job.pf.ifname in pf.not_with or (job.pf.parentdev is not None and job.pf.parentdev == pf.parentdev):
            return job.port
    return index


def plan(host: Host, source: Optional[str] = None) -> List[Job]:
    """A job for each PF. Those without VFs, and the one that is the @source of all others, are over."""
    jobs: List[Job] = []
    for index, pf in enumerate(host.pfs):
        job = Job(pf, _port(host.pfs, index, jobs), counts=bool(pf.num_vfs))
        if not job.counts:
            job.end(EXIT_UNKNOWN, Error("no-vfs", "it has no VFs"))
        elif not pf.ifname:
            job.end(EXIT_UNKNOWN, Error("not-a-pf", clean(pf.where or "it has no netdev")))
        elif pf.ifname == source:
            job.end(EXIT_UNKNOWN, Error("source-unusable", "it is the source of the others' frames (--from)"))
        jobs.append(job)
    return jobs


def next_job(jobs: Sequence[Job]) -> Optional[Job]:
    """A run that may start now; None: none, for now or at all."""
    busy = {job.port for job in jobs if job.state is State.RUNS}
    return next((job for job in jobs if job.state is State.WAITS and job.port not in busy), None)


def _cost(jobs: Sequence[Job], name: str) -> int:
    """How little this netdev is wanted as a source: what is probed may be reset, a VF by a run on its PF above all."""
    cost = 0
    for job in jobs:
        cost += job.source == name
        if job.state is not State.WAITS:
            continue
        if any(pf.parentdev == job.pf.parentdev and pf.ifname == name for pf in (other.pf for other in jobs)):
            cost += len(jobs)
        elif any(vf.ifname == name for vf in job.pf.vfs):
            cost += 2 * len(jobs)
    return cost


def choose_source(jobs: Sequence[Job], job: Job, heard: Sequence[str]) -> None:
    """Takes one of the netdevs that its PF hears: one that nobody probes, else a PF, else a VF; of several, the one that sends for
    the fewest others."""
    if heard:
        job.source = min(heard, key=lambda name: _cost(jobs, name))


def choose_sources(jobs: Sequence[Job], heard: Mapping[str, Sequence[str]]) -> None:
    """@heard: by each PF, in the order of the host's netdevs."""
    for job in jobs:
        if job.state is State.WAITS:
            choose_source(jobs, job, heard.get(job.pf.ifname or "", ()))


def stop(jobs: Sequence[Job], error: Error) -> None:
    """Those that wait never begin."""
    for job in jobs:
        if job.state is State.WAITS:
            job.end(EXIT_UNKNOWN, error)


def status_of(jobs: Sequence[Job]) -> int:
    """The exit status of all."""
    return worst(job.exit for job in jobs if job.counts)

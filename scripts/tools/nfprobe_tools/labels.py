# SPDX-License-Identifier: GPL-2.0-or-later
"""Results as metrics for Prometheus, and as labels for Kubernetes' Node Feature Discovery. Both describe one host, and have
one place for each VF and style: of several results, the newest counts."""

from __future__ import annotations

from typing import BinaryIO, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from . import VERSION
from .result import MULTICAST, NEIGHBOURS
from .rules import DAY_MS, STYLES, VERDICTS, unix_ms
from .subject import Entry, Outage, SeveralHosts, Subject, outage_of, time_text
from .text import clean, harmless


class Kept(NamedTuple):
    """An entry without its ladder, which is nine tenths of it."""
    entry: Entry
    outages: Tuple[Tuple[str, Outage], ...]  # by receiver


class Port(NamedTuple):
    """All subjects of a PF as one."""
    subject: Subject  # the newest
    entries: Dict[Tuple[int, str, str, str], Kept]  # the newest of each VF, style and source
    exit_status: int  # the worst
    restored: bool


# How an exit status counts among others; the worst first.
EXIT_RANKS = {5: 0, 4: 1, 1: 2, 3: 3, 0: 4}


def entry_key(entry: Entry) -> Tuple[int, str, str, str]:
    source = entry.result.source
    return entry.vf.vf, entry.style.style, source.name if source else "", source.kind if source else ""


def keep(entry: Entry) -> Kept:
    outages = ((name, outage_of(entry.style, receiver)) for receiver, name in (("pf", "standby"), ("vf", "vf")))
    style = entry.style._replace(steps=(), transitions=())
    vf = entry.vf._replace(styles=())
    return Kept(Entry(entry.result._replace(vf=None), vf, style, entry.stale),
                tuple([(name, outage) for name, outage in outages if outage]))


def merge(subjects: Iterable[Subject]) -> List[Port]:
    hosts: Dict[str, None] = {}
    ports: Dict[Tuple[str, str], Port] = {}
    for subject in subjects:
        if subject.result.run.host:
            hosts[subject.result.run.host] = None
        if len(hosts) > 1:
            names = " and ".join(map(clean, hosts))
            raise SeveralHosts(f"the results are of several hosts ({names}), and this format describes one")
        key = (subject.ifname, subject.parentdev)
        ports[key] = add(ports.get(key), subject)
    return [ports[key] for key in sorted(ports)]


def began_ms(subject: Subject) -> int:
    return unix_ms(subject.result.run.start)


def add(port: Optional[Port], subject: Subject) -> Port:
    entries = {entry_key(entry): keep(entry) for entry in subject.entries}
    head = subject._replace(entries=(), result=subject.result._replace(vf=None))
    if port is None:
        return Port(head, entries, subject.exit_status, subject.restored)
    status = min(port.exit_status, subject.exit_status, key=lambda status: EXIT_RANKS.get(status, 1))
    newer = began_ms(subject) >= began_ms(port.subject)
    for entry, kept in entries.items():
        old = port.entries.get(entry)
        if old is None or unix_ms(old.entry.result.run.start) <= unix_ms(kept.entry.result.run.start):
            port.entries[entry] = kept
    return Port(head if newer else port.subject, port.entries, status, port.restored and subject.restored)


# ---- Prometheus' text format, for the textfile collector of node_exporter, which takes no timestamps ----

class Metrics(Collector):
    def __init__(self, ports: List[Port]) -> None:
        self.ports = ports

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from self.of_styles()
        yield from self.of_runs()

    def of_styles(self) -> Iterator[GaugeMetricFamily]:
        labels = ["device", "vf", "pci_address", "style", "from", "source"]
        verdict = GaugeMetricFamily("nfprobe_verdict", "1 for the verdict on this VF with this kind of standby, else 0.",
                                    labels=[*labels, "verdict"])
        outage = GaugeMetricFamily("nfprobe_outage_seconds", "Longest time for which the guest was deaf at a change.",
                                   labels=[*labels, "receiver"])
        error = GaugeMetricFamily("nfprobe_outage_error_seconds", "Uncertainty of nfprobe_outage_seconds.",
                                  labels=[*labels, "receiver"])
        multicast = GaugeMetricFamily("nfprobe_multicast", "1 for whether the guest gets the multicast that IPv6 needs, else 0.",
                                      labels=[*labels, "state"])
        near = GaugeMetricFamily("nfprobe_neighbours",
                                 "1 for whether neighbours on the NIC reach a guest that is elsewhere, else 0.",
                                 labels=[*labels, "state"])
        for port in self.ports:
            # A result that does not count is no reason for an alert.
            for entry, outages in (kept for _, kept in sorted(port.entries.items()) if kept.entry.counts):
                source = entry.result.source
                common = values(port.subject.ifname, str(entry.vf.vf), entry.vf.parentdev, entry.style.style,
                                source.name if source else "", source.kind if source else "")
                neighbours = entry.style.neighbours
                one_of(verdict, common, VERDICTS[:-1], entry.style.verdict)
                one_of(multicast, common, MULTICAST, entry.style.multicast)
                one_of(near, common, NEIGHBOURS, neighbours.verdict if neighbours else "")
                for receiver, found in outages:
                    add_outage(outage, error, [*common, receiver], found)
        yield from (verdict, outage, error, multicast, near)

    def of_runs(self) -> Iterator[GaugeMetricFamily]:
        begun = GaugeMetricFamily("nfprobe_run_timestamp_seconds", "When the run began.", labels=["device"])
        status = GaugeMetricFamily("nfprobe_exit_status", "Exit status of the run.", labels=["device"])
        stale = GaugeMetricFamily("nfprobe_stale", "1 if a stored verdict says nothing about now, or one is missing, else 0.",
                                  labels=["device"])
        missing = GaugeMetricFamily("nfprobe_entries_missing",
                                    "Guests whose address the libvirt hook had added to the PF, which has lost it.",
                                    labels=["device"])
        info = GaugeMetricFamily("nfprobe_info", "What was probed, with which version of nfprobe.",
                                 labels=["device", "pci_address", "driver", "driver_version", "firmware", "kernel", "version"])
        for port in self.ports:
            subject, result = port.subject, port.subject.result
            device = values(subject.ifname)
            if unix_ms(result.run.start):
                begun.add_metric(device, unix_ms(result.run.start) / 1000)
            status.add_metric(device, port.exit_status)
            stale.add_metric(device, bool(subject.unstored or any(kept.entry.stale for kept in port.entries.values())))
            if subject.entries_missing is not None:
                missing.add_metric(device, subject.entries_missing)
            info.add_metric(values(subject.ifname, subject.parentdev, result.pf.driver, result.pf.driver_version,
                                   result.pf.firmware, result.run.kernel, result.version), 1)
        yield from (begun, status, stale, missing, info)


def values(*texts: str) -> List[str]:
    return [harmless(clean(text)) for text in texts]


def one_of(metric: GaugeMetricFamily, common: List[str], words: Iterable[str], value: str) -> None:
    """1 for the value, 0 for each other; nothing if there is none."""
    for word in words if value else ():
        metric.add_metric([*common, word], word == value)


def add_outage(metric: GaugeMetricFamily, error: GaugeMetricFamily, labels: List[str], outage: Outage) -> None:
    metric.add_metric(labels, float("inf") if outage.endless else (outage.longest.gap_us or 0) / 1e6)
    if not outage.endless:
        error.add_metric(labels, (outage.longest.gap_error_us or 0) / 1e6)


def write_prometheus(subjects: Iterable[Subject], out: BinaryIO) -> None:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Metrics(merge(subjects)))
    out.write(generate_latest(registry))


# ---- a feature file of Node Feature Discovery (its source/local/local.go); labels as in Kubernetes' apimachinery ----

PREFIX = "feature.node.kubernetes.io/nfprobe."
EXPIRY_MS = 30 * DAY_MS  # the labels of a host that is probed no more go away
FITS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def mangle(name: str) -> str:
    """The part of a label that is a name. With the words around it, it is within 63 characters, and neither begins nor ends
    the label."""
    return "".join(char if char in FITS else "_" for char in name)[:15]


def port_lines(port: Port) -> Iterator[str]:
    subject, name = port.subject, mangle(port.subject.ifname)
    yield from (f"# no label: {clean(text)}" for text in subject.unstored)
    if subject.error:
        yield f"# no label: {clean(subject.error.message)}"
    elif not port.restored:
        yield "# no label: the host could not be restored"
    elif is_labelled(port):
        if name != subject.ifname:
            yield f"# {clean(subject.ifname)} is not valid in a label, which names it {name}"
        yield from label_lines(port, name)


def label_lines(port: Port, name: str) -> Iterator[str]:
    for style in STYLES:
        entries = [kept.entry for kept in port.entries.values() if kept.entry.style.style == style]
        stale = next((entry.stale for entry in entries if entry.stale), "")
        verdicts = [VERDICTS.index(entry.style.verdict) for entry in entries if entry.counts]
        # No label is better than one that may be wrong: a scheduler cannot ask why.
        if stale:
            yield f"# no label: {style}: {clean(stale)}"
        elif verdicts:
            yield f"{PREFIX}{name}.{mangle(style)}={VERDICTS[min(verdicts)]}"
    near = worst_neighbours(port)
    if near:
        yield f"{PREFIX}{name}.neighbours={near}"


def worst_neighbours(port: Port) -> str:
    """A stale verdict may be wrong by now: its VF does not count."""
    entries = [kept.entry for kept in port.entries.values()]
    stale = {entry.vf.vf for entry in entries if entry.stale}
    found = {entry.vf.neighbours.verdict for entry in entries if entry.vf.neighbours and entry.vf.vf not in stale}
    return next((verdict for verdict in ("lost", "unproven", "untested", "ok") if verdict in found), "")


def oldest_ms(ports: List[Port]) -> int:
    """Of the results that give a label."""
    return min((unix_ms(entry.result.run.start) for port in ports if is_labelled(port)
                for entry, _ in port.entries.values() if not entry.stale),
               default=min((began_ms(port.subject) for port in ports if is_labelled(port)), default=0))


def is_labelled(port: Port) -> bool:
    return bool(port.entries) and port.restored and not port.subject.error


def write_nfd(subjects: Iterable[Subject], out: BinaryIO) -> None:
    ports = merge(subjects)
    lines = [f"# written by nfprobe {VERSION}"]
    if any(map(is_labelled, ports)):
        lines.append(f"# +expiry-time={time_text(oldest_ms(ports) + EXPIRY_MS)}Z")
    for port in ports:
        lines += port_lines(port)
    out.write("".join(f"{harmless(line)}\n" for line in lines).encode())

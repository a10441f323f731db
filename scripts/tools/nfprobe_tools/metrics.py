# SPDX-License-Identifier: GPL-2.0-or-later
"""Results as metrics in Prometheus' text format, for the textfile collector of node_exporter, which takes no timestamps."""

from __future__ import annotations

import time
from typing import BinaryIO, Dict, Iterable, Iterator, List

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from .audit import Audit, numbers
from .labels import IF_PINNED, NO_WIRE, Port, label_of, merge
from .rules import unix_ms
from .subject import Outage, Subject
from .text import clean, harmless
from .words import CHECK_STATES, VERDICTS


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
        gap = GaugeMetricFamily("nfprobe_bridge_gap_seconds",
                                "Longest time for which a bridge may lose a guest that is not pinned, once its VF is gone.", labels=labels)
        condition = GaugeMetricFamily("nfprobe_condition", "1 for what must be brought about for the verdict to hold.",
                                      labels=[*labels, "code", "for"])
        for port in self.ports:
            # A result that does not count is no reason for an alert.
            for entry, outages in (kept for _, kept in sorted(port.entries.items()) if kept.entry.counts):
                source = entry.result.source
                common = values(port.subject.ifname, str(entry.vf.vf), entry.vf.parentdev, entry.style.style,
                                source.name if source else "", source.kind if source else "")
                one_of(verdict, common, (*VERDICTS[:-1], NO_WIRE, IF_PINNED), label_of(entry.verdict, [entry]))
                if entry.gap_ms:
                    gap.add_metric(common, entry.gap_ms / 1000)
                one_of(multicast, common, CHECK_STATES, entry.style.multicast)
                for one, whom in sorted({(one.code, "+".join(one.whom)) for one in entry.conditions}):
                    condition.add_metric([*common, *values(one, whom)], 1)
                for receiver, found in outages:
                    add_outage(outage, error, [*common, receiver], found)
        yield from (verdict, condition, outage, error, gap, multicast)

    def of_runs(self) -> Iterator[GaugeMetricFamily]:
        begun = GaugeMetricFamily("nfprobe_run_timestamp_seconds", "When the run began.", labels=["device"])
        status = GaugeMetricFamily("nfprobe_exit_status", "Exit status of the run.", labels=["device"])
        stale = GaugeMetricFamily("nfprobe_stale", "1 if a stored verdict says nothing about now, or one is missing, else 0.",
                                  labels=["device", "style"])
        missing = GaugeMetricFamily("nfprobe_entries_missing",
                                    "Guests whose address the libvirt hook had added to the PF, which has lost it.",
                                    labels=["device"])
        written = GaugeMetricFamily("nfprobe_written_timestamp_seconds", "When these metrics were written.", labels=["device"])
        info = GaugeMetricFamily("nfprobe_info", "What was probed, with which version of nfprobe.",
                                 labels=["device", "pci_address", "driver", "driver_version", "firmware", "kernel", "version"])
        for port in self.ports:
            subject, result = port.subject, port.subject.result
            device = values(subject.ifname)
            if unix_ms(result.run.start):
                begun.add_metric(device, unix_ms(result.run.start) / 1000)
            status.add_metric(device, port.exit_status)
            for style, is_stale in stale_of(port).items():
                stale.add_metric([*device, *values(style)], is_stale)
            written.add_metric(device, now_s())
            if subject.entries_missing is not None:
                missing.add_metric(device, subject.entries_missing)
            info.add_metric(values(subject.ifname, subject.parentdev, result.pf.driver, result.pf.driver_version,
                                   result.pf.firmware, result.run.kernel, result.version), 1)
        yield from (begun, status, stale, missing, written, info)


def stale_of(port: Port) -> Dict[str, bool]:
    """By style; without one, where nothing is known of any, as where the store cannot be read."""
    found: Dict[str, bool] = {}
    for kept in port.entries.values():
        if kept.entry.counts:
            style = kept.entry.style.style
            found[style] = found.get(style, False) or bool(kept.entry.stale)
    found.update({text.partition(": ")[0]: True for text in port.subject.unstored})
    return found or {"": not port.subject.result.file}


def now_s() -> int:
    """A file that nobody writes any more says what was so then: this tells how long ago that is."""
    return int(time.time())


def values(*texts: str) -> List[str]:
    return [harmless(clean(text)) for text in texts]


def one_of(metric: GaugeMetricFamily, common: List[str], words: Iterable[str], value: str) -> None:
    """1 for the value, 0 for each other; nothing if there is none."""
    for word in words if value else ():
        metric.add_metric([*common, word], word == value)


def add_outage(metric: GaugeMetricFamily, error: GaugeMetricFamily, labels: List[str], outage: Outage) -> None:
    if outage.endless or outage.longest is None:
        metric.add_metric(labels, float("inf"))
    else:
        metric.add_metric(labels, (outage.longest.gap_us or 0) / 1e6)
        error.add_metric(labels, (outage.longest.gap_error_us or 0) / 1e6)


def write_prometheus(subjects: Iterable[Subject], out: BinaryIO) -> None:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Metrics(merge(subjects)))
    out.write(generate_latest(registry))


class AuditMetrics(Collector):
    def __init__(self, audit: Audit) -> None:
        self.audit = audit

    def collect(self) -> Iterator[GaugeMetricFamily]:
        findings = GaugeMetricFamily("nfprobe_audit_findings", "What nfprobe --audit found on this PF, without remarks.",
                                     labels=["device", "code"])
        remarks = GaugeMetricFamily("nfprobe_audit_remarks", "What nfprobe --audit remarked on this PF.", labels=["device", "code"])
        status = GaugeMetricFamily("nfprobe_audit_exit_status", "Exit status of the audit: 3 if something could not be seen.")
        written = GaugeMetricFamily("nfprobe_audit_written_timestamp_seconds", "When the metrics of the audit were written.")
        for ifname, code, number in numbers(self.audit):
            findings.add_metric(values(ifname, code), number)
        for ifname, code, number in numbers(self.audit, remarks=True):
            remarks.add_metric(values(ifname, code), number)
        status.add_metric([], self.audit.exit_status)
        written.add_metric([], now_s())
        yield from (findings, remarks, status, written)


def write_audit(audit: Audit, out: BinaryIO) -> None:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(AuditMetrics(audit))
    out.write(generate_latest(registry))

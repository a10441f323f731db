# SPDX-License-Identifier: GPL-2.0-or-later
"""The module in the kernel shows of each key what the NIC in memory shows: both play the table tests/nic/landings.txt.

NFPROBE_LANDINGS="SEED COUNT" draws rows.
"""

import dataclasses
import sys

from scenario import TOP, check, drawn, long
from bench import VF, bench, lots

sys.path.insert(0, TOP + "/tests/nic")
import landings  # noqa: E402

# Nor are these held against the module: those whose landings depend on how many frames there are.
NOT_HERE = {*lots.MEMORY, *"seed pf_sync_ms vf_sync_ms".split()}


@dataclasses.dataclass(frozen=True)
class Run:
    """A run of the table's, as far as it differs from others: what lands, several rows read."""
    options: str
    words: str

    @property
    def keys(self):
        return dict(word.split("=", 1) for word in self.words.split())

    def argv(self, number):
        """A NIC that acts late is watched for as long as in memory."""
        options = self.options.replace("nf0w", f"nf{number}w").split()
        for name, value in (("--from", f"nf{number}w"), ("--rate", "200"), ("--settle", "" if "_ms=" in self.words else "0.4")):
            options += [name, value] if value and name not in options else []
        return [f"nf{number}", "--vf", str(VF), *options, "--json"]


def played():
    """[a row's key and kind, a run, what lands]: without the key, and with it."""
    for key, kind, options, others, without, words, with_it in landings.rows():
        if key not in NOT_HERE and not lots.MEMORY & {word.partition("=")[0] for word in others.split()}:
            yield [(f"{key} ({kind}), {added or 'without it'}", kind, Run(options, f"{others} {added}".strip()), expected)
                   for added, expected in (("", without), (words, with_it))]


def is_as(got, expected):
    """Where some frames land and others do not, or it is not known, either may be."""
    return len(got) == len(expected) and all(a == b or "m" in (a, b) or "?" in (a, b) for a, b in zip(got, expected))


def hold(host, rows):
    parts = [part for row in drawn("NFPROBE_LANDINGS", rows) for part in row]
    runs = list(dict.fromkeys(run for _, _, run, _ in parts))
    with bench(host) as rig:
        results = dict(rig.run(runs))
    wrong = []
    for what, kind, run, expected in parts:
        result = results[run]
        got = landings.landings(result.json(), kind) if result.status in (0, 1, 3) else f"status {result.status}: {result.err.strip()}"
        if "does not hear" in got:  # where a run in memory, which looks for no source, ends with its second step
            got = "--".ljust(len(expected), "s")
        if not is_as(got, expected):
            wrong.append(f"{what}: {got}, not {expected}\n    nfprobe {' '.join(run.argv(0))}, personality: default {run.words}")
        wrong += [f"{what}: the host is not as it was: {line}" for line in result.changed]
    check(not wrong, "\n".join(wrong))


def test_every_second(host):
    """every second row of the table of landings: the kernel's NIC shows what memory shows"""
    hold(host, list(played())[::2])


@long
def test_others(host):
    """the other rows"""
    hold(host, list(played())[1::2])

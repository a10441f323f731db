# SPDX-License-Identifier: GPL-2.0-or-later
"""NICs that act later than a landing is watched (tests/nfsim/slow.py): what may be said of them."""

import test_matrix
from scenario import check


# Delays in ms, all of them longer than what a landing is watched for.
LATE = {
    # A service task that runs once a second, as hns3's and i40e's do.
    "up, a second later": {"come": "up", "go": "down+clear", "come_ms": 1000, "go_ms": 1000},
    "assigned, a second later: attach does not show it, a later step does": {"come": "assign", "come_ms": 1000, "arb": "vf"},
    "assigned, three seconds later": {"come": "assign", "come_ms": 3000, "arb": "vf"},
    "unplugged, two seconds later": {"come": "up", "go": "unplug+clear", "go_ms": 2000, "arb": "vf"},
    "cleared, two seconds later": {"come": "up", "go": "down+clear", "go_ms": 2000, "arb": "vf"},
    "away for a second at each reset": {"come": "assign+reset+driver+up", "go": "clear", "blip_ms": 1000, "arb": "vf"},
    "later than the whole ladder": {"come": "assign", "come_ms": 60000, "arb": "vf"},
}


def test_later_than_it_is_watched(host):
    """NICs that act later than --settle: what is said can be explained, and is said to have been watched for so long"""
    cases = [test_matrix.Case(name, keys, style=style) for name, keys in LATE.items() for style in ("macvtap", "bridge")]
    test_matrix.none(test_matrix.judge(host, cases))
    with test_matrix.bench(host, 1) as rig:
        case = test_matrix.Case("in words", LATE["up, a second later"], style="macvtap")
        rig.prepare(0, case)
        said_so = host.nfprobe(*case.argv(0)[:-1]).out
    check("Watched for 0.3 s only" in " ".join(said_so.split()), f"the text does not say for how long it watched:\n{said_so}")

# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe's runner and judge say of NICs in memory (tests/memnic) what a model in another language says (tests/nfsim/model.py).

MEMPROBE is the program, of `make python`. NFPROBE_LOTS="SEED COUNT" draws other NICs, and more; one that fails is printed as words that
the program takes. The NIC in memory is not the model's witness, nor the other way round: where they differ, nfsim decides (vm-matrix).
"""

import collections
import json
import os
import subprocess
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, TOP + "/tests/nfsim")
import lots  # noqa: E402
import model  # noqa: E402
import oracle  # noqa: E402
import personalities  # noqa: E402

MEMPROBE = os.environ.get("MEMPROBE", TOP + "/build/tests/memnic/memprobe")
SEED, COUNT = os.environ.get("NFPROBE_LOTS", "1 300").split()
# Runs with these are refused before they begin, which only a host shows.
REFUSED = {"eswitch", "mgmt", "eswitch_get", "no_vf_config", "no_vf_ops"}
UNCLEAR = 0.02  # of the lots: a tenth act later than they are watched for, and what does not happen again may be the network's doing


def line_of(case):
    return f"{' '.join(case.argv(0)[3:-1])} --skip=remedy -- {lots.text(case.keys)}"


def probe(cases):
    """[(case, the result's JSON)]"""
    done = subprocess.run([MEMPROBE], input="".join(line_of(case) + "\n" for case in cases), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(cases), done.stderr
    return list(zip(cases, answers))


def told(case, wrong):
    return f"{line_of(case)}\n" + "\n".join(wrong)


def judge(cases, unclear):
    """The texts of those of which more, or other, is said than is true; of at most so many less may be said."""
    wrong, vague = [], []
    for case, out in probe(cases):
        assert "does_not_fit" not in out, f"{line_of(case)}: {out}"
        differences = list(oracle.differences(case, out))
        if differences:
            (vague if oracle.is_unclear(case, out) else wrong).append(told(case, differences))
    return wrong + (vague if len(vague) > unclear else [])


def none(wrong):
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n\n".join(wrong[:5])


def fitting():
    return {name: one.keys for name, one in personalities.PERSONALITIES.items() if not REFUSED & one.keys.keys()}


def runs(keys):
    """A PF that stays promiscuous in hardware hides from later styles what its filter does, and they say so: each is probed alone."""
    return list(model.STYLES) if keys.get("pf_second_promisc") == "stays" else [",".join(model.STYLES)]


@pytest.mark.slow
@pytest.mark.parametrize("source, vlan", [
    ("wire", 0), ("wire", 100), ("vf", 0), ("pf", 0)])
def test_every_driver_with_every_style(source, vlan):
    cases = [oracle.Case(name, keys, source, vlan, oracle.slow_enough(keys), style=styles)
             for name, keys in fitting().items() for styles in runs(keys)]
    none(judge(cases, 0))


@pytest.mark.slow
@pytest.mark.parametrize("source, vlan", [("wire", 0), ("wire", 7), ("vf", 0)])
def test_every_driver_with_a_vlan_of_its_guest(source, vlan):
    cases = [oracle.Case(name, keys, source, vlan, oracle.slow_enough(keys), style=styles, guest_vlan=100)
             for name, keys in fitting().items() for styles in runs(keys)]
    none(judge(cases, 0))


def test_only_what_is_refused_does_not_fit():
    names = collections.Counter()
    for case, out in probe([oracle.Case(name, one.keys) for name, one in personalities.PERSONALITIES.items()]):
        word = out.get("does_not_fit", "").partition("=")[0]
        assert not word or word in REFUSED & case.keys.keys(), f"{case}: {out}"
        names[bool(word)] += 1
    assert names == {False: len(fitting()), True: len(personalities.PERSONALITIES) - len(fitting())}


def test_a_ladder_waits_for_the_carrier_that_the_one_before_took():
    styles = ("macvtap", "bridge", "bridge+fdb")
    cases = [oracle.Case("away", {"come": "assign", "arb": "vf", "set_reset_ms": ms}, settle_ms=500, style=",".join(styles))
             for ms in range(800, 1700, 200)]
    for case, out in probe(cases):
        controls = [style["steps"][0]["broadcast"]["landing"] for style in out["vf"]["styles"]]
        assert controls == ["pf"] * len(styles), line_of(case)
        assert [style["verdict"] for style in out["vf"]["styles"]] == ["early"] * len(styles), line_of(case)


def test_a_ladder_is_made_anew_once_the_carrier_is_back_that_a_guest_took():
    keys = {"come": "reset", "go": "unplug+reset", "history": 1, "vf_second": "silent", "set_reset_ms": 100}
    case = oracle.Case("took", keys, style="bridge")
    [(_, out)] = probe([case])
    assert [style["release"] for style in out["vf"]["styles"]] == ["never"], line_of(case)


def test_a_word_that_is_none_is_an_error():
    lines = {"-- come=often": "come=often", "-- no_such=1": "no_such=1", "--no-such -- come=up": "--no-such", "come=up": '"-- "'}
    for line, bad in lines.items():
        done = subprocess.run([MEMPROBE], input=line + "\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 2 and not done.stdout and bad in done.stderr


def test_lots():
    cases = [oracle.lot(SEED, number) for number in range(int(COUNT))]
    none(judge(cases, UNCLEAR * len(cases)))


@pytest.mark.slow
def test_lots_in_the_vlan_of_a_guest():
    cases = [oracle.in_vlan(SEED, number) for number in range(int(COUNT))]
    none(judge(cases, UNCLEAR / 2 * len(cases)))


def test_lots_behind_switches():
    cases = [oracle.behind_switch(SEED, number) for number in range(int(COUNT))]
    none(judge(cases, UNCLEAR / 2 * len(cases)))


def test_what_a_nic_does_but_once_or_keeps_for_good_behind_a_switch():
    none(judge([oracle.behind_switch("1795786373.0", number) for number in (3, 9, 70, 75)], 0))

# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe's runner and judge say of NICs in memory what is true of them: what a guest meets there (tests/memnic/truth.h).

MEMPROBE is the program, of `make python`. NFPROBE_LOTS="SEED COUNT" draws other NICs, and more; one that fails is printed as words that
the program takes. Whether a NIC in memory is one that there is, the machine shows (vm-matrix).
"""

import collections
import os
import re
import subprocess
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, TOP + "/tests/nfsim")
import alike  # noqa: E402
import personalities  # noqa: E402

MEMPROBE = os.environ.get("MEMPROBE", TOP + "/build/tests/memnic/memprobe")
SEED, COUNT = os.environ.get("NFPROBE_LOTS", "1 150").split()
# Of the lots: a tenth act later than they are watched for; what does not happen again may be the network's doing. Most of these lose the
# frames in one state of the ladder alone, as no driver of drivers.def does: test_every_driver_with_every_style allows none.
UNCLEAR = 0.04


SORT = "wrong sort of unsafe"  # what follows from a landing that may be the network's


def judge(cases, unclear):
    """The texts of those of which more, or other, is said than is true; of at most so many less may be said."""
    wrong, vague = [], []
    for case, out in alike.in_memory(cases):
        assert "does_not_fit" not in out, f"{alike.line_of(case)}: {out}"
        differences = list(alike.differences(case, out["result"], out["truth"]))
        quick = [one for one in out["truth"] if not one["slow"]]
        bad = [f"{one['style']} is {one['class']}" for one in quick if one["wrong"]]
        bad += [f"{one['style']}: a landing that was not there" for one in out["truth"] if one["slow"] and not one["explained"]]
        surely = [one for one in bad if not one.endswith(SORT)]
        if differences or bad:
            is_less = not surely and alike.is_unclear(case, out["result"], out["truth"])
            (vague if is_less else wrong).append("\n".join([alike.line_of(case), *differences, *bad]))
    return wrong + (vague if len(vague) > unclear else [])


def none(wrong):
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n\n".join(wrong[:5])


def fitting():
    return {name: one.keys for name, one in personalities.PERSONALITIES.items() if not alike.REFUSED & one.keys.keys()}


def runs(keys):
    """A PF that stays promiscuous in hardware hides from later styles what its filter does, and they say so: each is probed alone."""
    return list(alike.STYLES) if keys.get("pf_second_promisc") == "stays" else [",".join(alike.STYLES)]


@pytest.mark.slow
@pytest.mark.parametrize("source, vlan", [
    ("wire", 0), ("wire", 100), ("vf", 0), ("pf", 0)])
def test_every_driver_with_every_style(source, vlan):
    cases = [alike.Case(name, keys, source, vlan, alike.slow_enough(keys), style=styles)
             for name, keys in fitting().items() for styles in runs(keys)]
    none(judge(cases, 0))


@pytest.mark.slow
@pytest.mark.parametrize("source, vlan", [("wire", 0), ("wire", 7), ("vf", 0)])
def test_every_driver_with_a_vlan_of_its_guest(source, vlan):
    cases = [alike.Case(name, keys, source, vlan, alike.slow_enough(keys), style=styles, guest_vlan=100)
             for name, keys in fitting().items() for styles in runs(keys)]
    none(judge(cases, 0))


def test_only_what_is_refused_does_not_fit():
    names = collections.Counter()
    for case, out in alike.in_memory([alike.Case(name, one.keys) for name, one in personalities.PERSONALITIES.items()]):
        word = out.get("does_not_fit", "").partition("=")[0]
        assert not word or word in alike.REFUSED & case.keys.keys(), f"{case}: {out}"
        names[bool(word)] += 1
    assert names == {False: len(fitting()), True: len(personalities.PERSONALITIES) - len(fitting())}


def styles_of(case):
    [(_, out)] = alike.in_memory([case])
    return out["result"]["vf"]["styles"]


def test_a_ladder_waits_for_the_carrier_that_the_one_before_took():
    for ms in range(800, 1700, 200):
        case = alike.Case("away", {"come": "assign", "arb": "vf", "set_reset_ms": ms}, settle_ms=500, style="macvtap,bridge,bridge+fdb")
        controls = [(style["steps"][0]["frames"]["broadcast"]["landing"], style["verdict"]) for style in styles_of(case)]
        assert controls == [("pf", "early")] * 3, alike.line_of(case)


def test_a_ladder_is_made_anew_once_the_carrier_is_back_that_a_guest_took():
    keys = {"come": "reset", "go": "unplug+reset", "history": 1, "vf_second": "silent", "set_reset_ms": 100}
    case = alike.Case("took", keys, style="bridge")
    assert [style["release"] for style in styles_of(case)] == ["never"], alike.line_of(case)


def test_ipv6_that_is_required_has_no_condition():
    for style, asked, verdict, status in (("macvtap", "", "safe", 0), ("macvtap", "--require=ipv6", "deaf", 1),
                                          ("static-bridge", "", "safe", 0), ("static-bridge", "--require=ipv6", "safe", 0)):
        [out] = alike.memprobe([f"{asked} --style={style} --settle=0.5 -- come=up go=unplug"])
        found, row = out["vf"]["styles"][0], out["life"][0]
        assert (found["verdict"], out["exit"]) == (verdict, status), (style, asked)
        assert row["serves"] == ["ipv4", "ipv6"] and row["cells"]["ipv6"] == ("ok-if" if style == "macvtap" else "ok")
    [out] = alike.memprobe(["--require=ipv6 --style=macvtap --settle=0.5 -- come=up go=unplug"])
    assert out["answer"].endswith("IPv4 SAFE with macvtap. IPv6, which --require asks for, depends on each guest's trustGuestRxFilters.")
    assert out["vf"]["styles"][0]["decided_by"] == "ipv6"
    assert "--require ipv6: without trustGuestRxFilters" in " ".join(" ".join(out["text"]["lines"]).split())
    assert out["failover"] == {"answer": "only", "style": "macvtap", "fix": None, "ipv6": "ok"}


# What a judge has against a style: who, its verdict, and the options and the words of a NIC that bring it about.
Objection = collections.namedtuple("Objection", "judge verdict options keys")
OBJECTIONS = {
    "early": Objection("steps", "early", "", "come=assign"), "sticky": Objection("steps", "sticky", "", "go=clear"),
    "refused": Objection("steps", "refused", "", "come=assign+reset+driver+up go=clear arb=both vf_second=EEXIST"),
    "deaf": Objection("steps", "deaf", "", "arb=pf"),
    "vlan": Objection("vlan", "deaf", "--guest-vlan 100", ""), "limit": Objection("limit", "slow", "--gap-limit 1", ""),
    "ipv6": Objection("ipv6", "deaf", "--require ipv6", ""),
    "group": Objection("others", "deaf", "", "pf_allmulti=ignored"), "loop": Objection("bridge", "deaf", "", "loop_pf_pf=1"),
}
STEPS = ("early", "sticky", "refused", "deaf")
OF_STYLE = {"static-bridge": (*STEPS, "vlan", "limit"), "static-bridge,macvtap": (*STEPS, "limit", "group"),
            "macvtap": (*STEPS, "vlan", "limit", "ipv6"), "bridge": ("early", "sticky", "loop")}


def with_objections(style, *objections, allow=()):
    """A run on a NIC that would be safe but for these."""
    keys = dict(word.split("=") for one in ("come=up go=down+clear arb=vf", *(one.keys for one in objections)) for word in one.split())
    options = [one.options for one in objections]
    return " ".join([f"--style={style} --skip fix --settle 0.5", *options, *([f"--allow {','.join(allow)}"] if allow else []),
                     "--", *("=".join(word) for word in keys.items())])


@pytest.mark.parametrize("style", OF_STYLE)
def test_an_allowed_verdict_hides_no_other_objection(style):
    """The steps have one verdict. A NIC that refuses the address has no outage."""
    objections = [OBJECTIONS[name] for name in OF_STYLE[style]]
    alone = alike.memprobe([with_objections(style, one) for one in objections])
    assert [out["verdict"] for out in alone] == [one.verdict for one in objections]
    allowed = [one for one in objections if one.judge != "ipv6"]
    exits = [out["exit"] for out in alike.memprobe([with_objections(style, one, allow=(one.verdict,)) for one in allowed])]
    assert exits == [0] * len(allowed)
    pairs = [(one, other) for one in allowed for other in objections if one.judge != other.judge and one.verdict != other.verdict
             and not (one.verdict == "refused" and other.judge == "limit")]
    answers = alike.memprobe([with_objections(style, one, other, allow=(one.verdict,)) for one, other in pairs])
    assert len(pairs) > 3 and [(one, other) for (one, other), out in zip(pairs, answers) if out["exit"] == 0] == []


@pytest.mark.parametrize("allow, keys, verdict, status", [
    ("early", "come=assign go=clear", "early", 0),
    ("early", "come=assign+reset go=clear bcast_vf=no", "deaf", 1), ("early", "come=assign go=clear+up", "deaf", 1),
    ("early", "come=assign go=never", "sticky", 1), ("early", "come=up+assign go=unplug mc=trust", "deaf", 1),
    ("early,deaf", "come=assign go=clear+up", "early", 0), ("early,deaf", "come=up+assign go=unplug mc=trust", "early", 0),
    ("deaf", "come=up go=down+clear mc=trust", "deaf", 0)])
def test_an_allowed_verdict_hides_no_step_in_which_its_duties_do_not_help(allow, keys, verdict, status):
    [out] = alike.memprobe([f"--style=macvtap --settle=0.5 --allow={allow} -- {keys} arb=vf"])
    assert (out["vf"]["styles"][0]["verdict"], out["exit"]) == (verdict, status)
    assert (out["failover"]["ipv6"] == "lost", "IPv4 only" in out["answer"]) == ("mc=trust" in keys,) * 2


# A standby that is early, one whose VF is deaf when it comes back, and one that is sticky behind a bridge that learns.
TALKS = {"early": "arb=vf", "deaf when it comes back": "come=assign go=clear+unplug", "sticky": "come=up go=clear loop_pf_pf=1"}
TYPED = ("bridge", "macvtap", "macvtap,bridge", "static-bridge", "bridge+fdb", "bridge+pin", "bridge+fdb+pin", "vf-bridge", "all")


def typed(nics, styles, option=""):
    """What memprobe says of runs in these styles whose advice somebody types, as it is printed: {run: answer}"""
    lines = [f"--style {style} {option} -- {keys}" for keys in nics for style in styles]
    return dict(zip(lines, alike.memprobe(lines, "--pasted")))


def none_lost(runs):
    none([f"{line}\n{one['answer']}\n" + "\n".join(one["lost"]) for line, one in runs.items() if one["lost"]])


@pytest.mark.parametrize("name", TALKS)
def test_a_guest_that_talks_is_served_where_the_advice_is_typed(name):
    # Longer than the driver takes to come up, which no advice shortens, and shorter than the bridge's gap.
    runs = typed([TALKS[name]], ("bridge", "bridge+fdb", "macvtap,bridge"), "--gap-limit 1000")
    none_lost(runs)
    assert any(one["promised"] for one in runs.values())


def test_a_style_whose_outage_is_accepted_still_needs_what_it_takes():
    styles = ("bridge+pin", "bridge+fdb+pin", "static-bridge", "macvtap")
    runs = typed(["come=up arb=vf go=down+clear"], styles, "--gap-limit 100 --allow slow")
    none_lost(runs)
    assert all(one["promised"] and "SLOW, which --allow accepts" in one["answer"] for one in runs.values())


@pytest.mark.parametrize("line", ("--style bridge -- come=up go=down+clear arb=both", "--style macvtap -- come=assign go=unplug",
                                  "--style bridge,bridge+fdb -- come=up go=down+clear mc=trust arb=vf"))
def test_nothing_is_offered_that_leaves_a_style_slow(line):
    """The driver's 300 ms to come up are neither a pin's nor a manager's to shorten."""
    refused, accepted = alike.memprobe([f"--gap-limit 100 {line}", f"--gap-limit 100 --allow slow {line}"])
    assert (refused["failover"]["answer"], refused["exit"]) == ("no", 1)
    assert "SAFE with" not in refused["answer"].replace("NOT SAFE with", "")
    assert not [one for one in refused["advice"] if one["what"] != "probe" and (one["commands"] or one["document"])]
    assert [one for one in accepted["advice"] if one["what"] != "probe"]


def test_who_takes_the_address_back_does_so_some_time_before():
    """A write that is refused while the VF has the address, and takes the PF's groups with it."""
    keys = "come=driver+up go=unplug+reset vf_second=silent pf_second=silent retry=1 pf_retry=1 pf_sync_ms=100"
    runs = typed([keys, f"{keys} uc_blocks_mc=1"], ("macvtap",))
    none_lost(runs)
    assert ["IPv6 not known" in one["answer"] for one in runs.values()] == [False, True]


def test_a_cleared_address_that_is_given_again_brings_no_filter_back():
    """A migration that is cancelled gives the guest its VF as it is."""
    keys = "arb=both come=reset go=unplug+reset+clear"
    outs = alike.memprobe([f"--style bridge+pin --settle 0.5 {allow} -- {keys}" for allow in ("", "--allow early")])
    assert [(out["failover"]["answer"], out["exit"]) for out in outs] == [("no", 1), ("no", 1)]


@pytest.mark.slow
@pytest.mark.parametrize("option", ("", "--gap-limit 100", "--skip fix"))
def test_so_it_is_on_every_driver_in_every_style(option):
    nics = [*personalities.archetypes().values(), *(alike.lots.text(keys) for keys in fitting().values())]
    runs = typed(nics, TYPED, option)
    none_lost(runs)
    assert sum(one["promised"] and one["states"] > 20 for one in runs.values()) > len(runs) / 4


def test_a_style_is_no_better_behind_another_that_takes_the_address_otherwise():
    """A station of a macvtap is no entry."""
    keys = "come=up go=down+clear rewrites=1 arb=last l2fw=on station_arb=both"
    lines = [f"--style {styles} --skip fix --settle 0.5 -- {keys}" for styles in ("static-bridge", "macvtap,static-bridge")]
    assert [out["vf"]["styles"][-1]["verdict"] for out in alike.memprobe(lines)] == ["deaf", "deaf"]


def test_a_block_is_for_one_moment():
    """Of all that a NIC takes that is early: one row for each, and each line of it that a shell reads is a command."""
    [out] = alike.memprobe([f"--style bridge -- {TALKS['early']}"])
    rows = [one for one in out["advice"] if one["style"] == "bridge"]
    assert [one["moment"] for one in rows] == ["guest-runs-here", "guest-runs-here", "vf-gone"]
    attach, pin = (next(one for one in rows if one["commands"][0][:2] == words)
                   for words in (["virsh", "attach-device"], ["bridge", "fdb"]))
    assert attach["undo"] == [["virsh", "detach-device", *attach["commands"][0][2:]]]
    assert pin["lasts"] == "while-port" and pin["costs"]
    assert next(one["met_by"] for one in out["conditions"] if one["code"] == "pinned-at-tap") == [pin["id"]]
    blocks = re.split(r"^(?=\S| {9}\S)", "\n".join(out["text"]["lines"][:out["text"]["short"]]), flags=re.MULTILINE)
    shown = [[line[11:] for line in block.splitlines() if line.startswith(" " * 11)] for block in blocks]
    assert [lines for lines in shown if lines] == [[" ".join(words) for words in one["commands"]] for one in out["advice"]]


def test_the_advice_on_a_style_that_is_safe_is_the_same_beside_another():
    def commands(style, keys):
        [out] = alike.memprobe([f"--style {style} --skip fix -- {keys}"])
        return [(one["moment"], one["commands"], one["sentence"]) for one in out["advice"] if one["style"] == "macvtap"]

    for keys in ("come=up go=unplug", "come=assign go=clear arb=both"):
        assert commands("macvtap", keys) == commands("macvtap,bridge", keys) != [], keys


def test_a_pin_is_required_only_where_its_bridge_is_not_safe_without():
    for keys, loops in (("come=up go=unplug", False), ("come=assign go=clear arb=both", False), ("come=up go=unplug loop_pf_pf=1", True)):
        [out] = alike.memprobe([f"--style all -- {keys}"])
        assert ("pin-at-tap" in out["vf"]["requires"]) == loops, keys


def test_a_word_that_is_none_is_an_error():
    lines = {"-- come=often": "come=often", "-- no_such=1": "no_such=1", "--no-such -- come=up": "--no-such", "come=up": '"-- "'}
    for line, bad in lines.items():
        done = subprocess.run([MEMPROBE], input=line + "\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 2 and not done.stdout and bad in done.stderr


def test_lots():
    cases = [alike.lot(SEED, number) for number in range(int(COUNT))]
    none(judge(cases, UNCLEAR * len(cases)))


@pytest.mark.slow
def test_lots_in_the_vlan_of_a_guest():
    cases = [alike.in_vlan(SEED, number) for number in range(int(COUNT))]
    none(judge(cases, UNCLEAR * len(cases)))


def test_lots_behind_switches():
    cases = [alike.behind_switch(SEED, number) for number in range(int(COUNT))]
    none(judge(cases, UNCLEAR / 2 * len(cases)))


# Answers of memprobe that may never be.
NEVER = ("wrong safe", "wrong multicast ok", "safe condemned", "wrong gap")


def classes(lines):
    """How many verdicts are right, or wrong in what way; and the runs in which one is as it may never be."""
    told = [(one["class"], line) for line, out in zip(lines, alike.memprobe(lines, "--truth")) for one in out["truth"]]
    return collections.Counter(word for word, _ in told), [one for one in told if one[0] in NEVER]


def test_lots_that_learn():
    """A run that announces nothing may teach the NIC by what it asks: it names another fault then, or one that is none."""
    lines = [alike.line_of(alike.learner(SEED, number)) for number in range(int(COUNT))]
    told, never = classes(lines)
    assert [one for one in never if one[0] != "safe condemned" or "announce" not in one[1]] == []
    assert sum(told[word] for word in (SORT, "wrong proof", "safe condemned")) <= 3 + len(lines) / 20, told
    assert told["right"] > len(lines) / 2, told


def test_the_outage_of_a_nic_that_forgets_the_silent():
    lines = [f"--style macvtap,bridge --skip=fix -- come=up go=down+unplug+reset+clear learns={sorts} unlearn_ms={ms} promisc_vf={promisc}"
             for sorts in ("any", "arp") for ms in range(1000, 2501, 300) for promisc in (0, 1)]
    assert classes(lines) == ({"right": 2 * len(lines)}, [])


def test_what_a_nic_does_but_once_or_keeps_for_good_behind_a_switch():
    none(judge([alike.behind_switch("1795786373.0", number) for number in (3, 9, 70, 75)], 4))

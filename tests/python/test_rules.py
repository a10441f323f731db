# SPDX-License-Identifier: GPL-2.0-or-later
"""rules.py: what a result proves, whether it still holds, what supersedes what, and which of several counts."""

import json
import pathlib
import sys

import pytest
import tool

sys.path.insert(0, tool.TOP + "/tests/nfsim")
import alike  # noqa: E402

from nfprobe_tools import result, rules  # noqa: E402

DAY = rules.DAY_MS
SETUP = rules.Identity({
    "device": "8086:10c9", "subsystem": "8086:a04c", "board_id": "", "firmware": "2.1.0", "kernel": "6.12.95", "driver": "igb",
    "driver_version": "the kernel's", "vf_driver": "igbvf", "vf_driver_version": "the kernel's", "eswitch_mode": "", "num_vfs": "4",
    "l2_fwd_offload": "off", "trust": "off", "spoofchk": "on", "vlan": ""})
START = rules.unix_ms("2026-11-20T10:00:00.123Z")
NOW = START + DAY
FIRST = rules.Tested("1", START, 3, "macvtap", "wire", "eth1", 0, "safe", "", "ok", "", 1500, SETUP, asked="auto")
EARLY = FIRST._replace(style="bridge", verdict="early", reason="the VF has it")
UNTESTABLE = {"verdict": "unknown", "why": "standby-untestable"}
QUERY = rules.Query(NOW, 1500, styles=("macvtap",), others=False)


def other(identity=SETUP, **values):
    """The same setup but for these facts."""
    return identity._replace(values={**identity.values, **values})


def later(number=2, start=START + 1000, **changes):
    """Another run, a second later."""
    return FIRST._replace(run=str(number), start_ms=start, **changes)


def check(*results, now=SETUP, query=QUERY, **asked):
    return rules.check(results, [now] * len(results), query._replace(**asked))


def first(*results, now=SETUP, **asked):
    """Exit status, and answer and reason of the first style."""
    found = check(*results, now=now, **asked)
    return found.exit_status, found.styles[0].safe, found.styles[0].why


# ---- identity ----

MEMBERS = [
    ("device", "8086:10ca", "PCI device was 8086:10c9, is 8086:10ca"),
    ("subsystem", "1028:a04c", "PCI subsystem was 8086:a04c, is 1028:a04c"),
    ("board_id", "K65390-000", "board.id was none, is K65390-000"),
    ("firmware", "2.2.0", "firmware was 2.1.0, is 2.2.0"),
    ("kernel", "6.12.96", "kernel was 6.12.95, is 6.12.96"),
    ("driver", "igb_oot", "driver was igb, is igb_oot"),
    ("driver_version", "5.18.3", "driver version was the kernel's, is 5.18.3"),
    ("vf_driver", "igbvf2", "VF driver was igbvf, is igbvf2"),
    ("vf_driver_version", "2.4.1", "VF driver version was the kernel's, is 2.4.1"),
    ("eswitch_mode", "switchdev", "eswitch mode was none, is switchdev"),
    ("num_vfs", "7", "number of VFs was 4, is 7"),
    ("l2_fwd_offload", "on", "l2-fwd-offload was off, is on"),
    ("trust", "on", "trust of the VF was off, is on"),
    ("spoofchk", "off", "spoofchk of the VF was on, is off"),
    ("spoofchk", "", "spoofchk of the VF was on, is unknown"),
    ("vlan", "100", "VLAN of the VF was none, is 100"),
]


def test_each_fact_has_a_row():
    assert {what for what, _, _ in MEMBERS} | {"firmware_versions"} == set(rules.IDENTITY)
    assert first(FIRST) == (0, "yes", "")


@pytest.mark.parametrize("what,value,words", MEMBERS)
def test_each_fact_counts(what, value, words):
    found = check(FIRST, now=other(**{what: value}))
    assert (found.exit_status, found.styles[0].why) == (3, words)
    assert found.entries[0].differences == [rules.Difference(what, SETUP.values[what], value)]


@pytest.mark.parametrize("what", rules.IDENTITY)
def test_a_fact_that_cannot_be_read_is_not_what_it_was(what):
    status, _, why = first(FIRST, now=SETUP._replace(unread={what: rules.UNREADABLE}))
    assert status == 3 and why.endswith("and cannot be read now") and why.startswith(rules.IDENTITY[what])


def test_what_takes_privileges_is_said():
    found = check(FIRST, now=SETUP._replace(unread={"eswitch_mode": rules.NEEDS_PRIVILEGES}))
    assert found.exit_status == 0
    assert found.notes == ["eswitch mode was none; what it is now cannot be read without CAP_NET_ADMIN"]


def test_several_facts_are_one_sentence():
    assert first(FIRST, now=other(trust="on", l2_fwd_offload="on"), query=QUERY._replace(max_age_days=1, now_ms=NOW + 1))[2] == \
        "l2-fwd-offload was off, is on; trust of the VF was off, is on; it is older than 1 day"


# ethtool names one version; what is loaded beside it (ice's DDP package) is as much firmware.
PARTS = (("fw.mgmt", "7.4.13"), ("fw.app", "1.3.36.0"))


@pytest.mark.parametrize("now,words", [
    (SETUP, "firmware version was fw.mgmt 7.4.13, is none"),
    (SETUP._replace(parts=PARTS[::-1]), ""),
    (SETUP._replace(parts=(PARTS[0], ("fw.app", "1.3.37.0"))), "firmware version was fw.app 1.3.36.0, is fw.app 1.3.37.0"),
    (SETUP._replace(parts=(*PARTS, ("fw.undi", "1.0"))), "firmware version was none, is fw.undi 1.0"),
    (other(SETUP, firmware="2.2.0"), "firmware was 2.1.0, is 2.2.0"),  # that implies the parts
    (SETUP._replace(parts=PARTS, unread={"firmware_versions": rules.UNREADABLE}), "firmware version was none, and cannot be read now"),
])
def test_each_part_of_the_firmware_counts(now, words):
    assert first(FIRST._replace(identity=SETUP._replace(parts=PARTS)), now=now)[2] == words


def test_no_firmware_version_is_said():
    none = other(firmware="")
    found = check(FIRST._replace(identity=none), now=none)
    assert found.exit_status == 0 and "reports no firmware version" in found.notes[0]
    found = check(FIRST._replace(identity=none), now=none._replace(unread={"firmware": rules.UNREADABLE}))
    assert found.exit_status == 3 and not found.notes


@pytest.mark.parametrize("before,tested,now,why", [
    ("", 100, "100", ""),  # in which it was tested
    ("", 100, "", ""),  # which it had
    ("", 100, "200", "VLAN of the VF was none, is 200"),
    ("200", 0, "200", ""),
    ("200", 0, "", ""),
    ("200", 0, "100", "VLAN of the VF was 200, is 100"),
])
def test_a_run_in_a_vlan_has_tested_that_one(before, tested, now, why):
    assert first(FIRST._replace(identity=other(vlan=before), vlan=tested), now=other(vlan=now))[2] == why


# ---- from a result ----

def sample(change=lambda document: None):
    document = tool.golden("igb.json")
    change(document)
    return result.parse(json.dumps(document).encode(), "1", ladders=False)


def test_the_styles_of_a_result():
    tested = rules.tested_of(sample())
    assert [(t.style, t.verdict) for t in tested] == [("macvtap", "safe"), ("bridge", "early")]
    assert tested[0]._replace(reason="") == FIRST._replace(why="safe-both")
    assert [t.reason for t in tested] == [style["reason"] or "" for style in tool.golden("igb.json")["vf"]["styles"]]
    only = rules.tested_of(sample(lambda d: d["life"][0].update(serves=["ipv4"], verdict="deaf")))
    assert [t.ipv4_only for t in only] == [True, False] and not tested[0].ipv4_only
    unknown = rules.tested_of(sample(lambda d: (d.update(source=None), d["settings"].update(settle_ms=None))))[0]
    assert (unknown.source, unknown.source_name, unknown.settle_ms) == ("", "", 0)


BY_VLAN = {"verdict": "deaf", "why": "safe-both", "decided_by": "vlan", "reason": "the standby is deaf in VLAN 100 only"}
UNJUDGED = "it is lost in VLAN 100, and without that --gap-limit was not judged"
NO_FILTERS = "without trustGuestRxFilters a macvtap passes no group of the guest, and IPv6 is lost"


@pytest.mark.parametrize("style,settings,answer", [
    ({}, {}, ("safe", "")),
    ({"verdict": "sticky", "why": "safe"}, {}, ("safe", "")),
    # The steps have a verdict of their own, or another judge has made it, or nothing was proved.
    ({"why": "claimed"}, {}, ("deaf", BY_VLAN["reason"])),
    ({"why": None}, {}, ("deaf", BY_VLAN["reason"])),
    ({"decided_by": "steps"}, {}, ("deaf", BY_VLAN["reason"])),
    ({"decided_by": "others"}, {}, ("deaf", BY_VLAN["reason"])),
    ({"verdict": "unknown"}, {}, ("unknown", BY_VLAN["reason"])),
    ({"guest_vlan": None}, {}, ("deaf", BY_VLAN["reason"])),
    # A judge behind the VLAN's objects.
    ({"multicast": "lost", "multicast_note": "no group"}, {}, ("deaf", "no group")),
    ({"bridge_verdict": "deaf"}, {}, ("deaf", "a bridge that learns loses the guest")),
    ({"bridge_verdict": "safe"}, {}, ("safe", "")),
    ({"bridge_verdict": "unknown"}, {}, ("unknown", "whether the bridge learns the guest is not known")),
    ({}, {"gap_limit_ms": 5}, ("unknown", UNJUDGED)),
    # What the run was told to require is judged by what it measured.
    ({}, {"require_ipv6": True}, ("deaf", f"--require ipv6 is not met: {NO_FILTERS}")),
    ({}, {"require_ipv6": False, "gap_limit_ms": None}, ("safe", "")),
])
def test_what_a_vlan_alone_decided_says_nothing_of_guests_without_it(style, settings, answer):
    def change(document):
        first = document["vf"]["styles"][0]
        first.update({"guest_vlan": {"vlan": 100, "verdict": "lost"}, **BY_VLAN, **style})
        document["settings"].update(settings)
    tested = rules.tested_of(sample(change))[0]
    assert (tested.verdict, tested.reason) == answer
    assert tested.lost_vlan == (100 if answer[1] != BY_VLAN["reason"] else 0)
    found = check(tested)
    assert found.styles[0].safe == {"safe": "yes", "unknown": "unknown"}.get(answer[0], "no")
    assert found.notes == (["macvtap: a guest that tags its frames itself is lost in VLAN 100"] if answer[0] == "safe" else [])


# ---- what --require asks ----

def groups(**changes):
    return lambda found: found["vf"]["styles"][0].update(**changes)


@pytest.mark.parametrize("change,safe,why", [
    # IPv6: with a condition it is not met, whichever style has it.
    (groups(), "no", NO_FILTERS),
    (lambda found: found.update(conditions=[]), "no", NO_FILTERS),  # one of 0.3.0 may have none
    (groups(style="bridge"), "yes", ""),
    (lambda found: (groups(style="static-bridge")(found), found["conditions"][0].update(style="static-bridge")), "no",
     "it has a condition (IPv6: set trustGuestRxFilters)"),
    (groups(style="bridge", multicast="lost", multicast_note="no group"), "no", "no group"),
    (groups(style="bridge", multicast="lost"), "no", "IPv6 is lost"),
    (groups(style="bridge", multicast="unproven", multicast_note="a switch"), "unknown", "a switch"),
    (groups(style="bridge", multicast="untested"), "unknown", "IPv6 was not tested"),
])
def test_what_is_required_is_judged_by_what_was_measured(change, safe, why):
    read = sample(change)
    unmet = rules.unmet_of(read, read.styles[0], ("ipv6",))
    how = {"yes": "", "no": "--require ipv6 is not met: ", "unknown": "--require ipv6 is not known to be met: "}[safe]
    assert (unmet.safe, unmet.option) == (safe, "" if safe == "yes" else "--require")
    assert unmet.brief == {"yes": "", "no": "--require ipv6 not met", "unknown": "--require ipv6 not known"}[safe]
    assert unmet.why == (how + why if how else "")
    # So is the answer, where the verdict is safe and nothing else is in doubt.
    tested = FIRST._replace(unmet=unmet)
    assert first(tested)[:2] == ({"yes": 0, "no": 1, "unknown": 3}[safe], safe)


NOT_MET = rules.Unmet("no", "--require", "not met", "ipv6 it is")
NOT_KNOWN = rules.Unmet("unknown", "--require", "not known", "it may not be")
# As a run says it of a style that nothing but the wire is missing to.
NO_WIRE = {"verdict": "unknown", "reason": "frames came from vf:1, not from the wire", "source": "vf", "source_name": "vf:1",
           "lacks_wire": True}


@pytest.mark.parametrize("tested,answer", [
    (FIRST._replace(unmet=NOT_MET), ("no", "ipv6 it is")),
    (FIRST._replace(unmet=NOT_KNOWN), ("unknown", "it may not be")),
    # Its own verdict says more, once; one that a run made of what it required, too.
    (FIRST._replace(verdict="deaf", reason="--require ipv6: lost", unmet=NOT_MET), ("no", "--require ipv6: lost")),
    (FIRST._replace(verdict="unknown", reason="noise", unmet=NOT_KNOWN), ("unknown", "noise")),
    # Wherever its frames came from; but they prove no more by that.
    (FIRST._replace(source="vf", source_name="vf:1", unmet=NOT_MET), ("no", "ipv6 it is")),
    (FIRST._replace(source="vf", source_name="vf:1", unmet=NOT_KNOWN), ("unknown", "frames came from vf:1, not from the wire")),
    (FIRST._replace(**NO_WIRE, unmet=NOT_MET), ("no", "ipv6 it is")),
    (FIRST._replace(**NO_WIRE, unmet=NOT_KNOWN), ("unknown", "frames came from vf:1, not from the wire")),
])
def test_what_is_required_stands_behind_the_verdict(tested, answer):
    assert first(tested)[1:] == answer
    standing = check(tested).entries[0]
    assert standing.unmet == (tested.unmet if answer[1] == tested.unmet.why else rules.MET)
    assert first(tested, now=other(firmware="9"))[1] == "unknown"


NICS = ("come=up go=down+clear arb=both", "come=up go=unplug", "come=assign go=clear")


@pytest.mark.slow
@pytest.mark.parametrize("nic", NICS)
def test_a_run_that_requires_it_says_no_more_than_its_result_does(nic):
    """nfprobe --require ipv6, and the same run without, asked afterwards."""
    begin = "--style=macvtap,bridge,bridge+fdb,static-bridge --settle=0.5"
    read, told = (result.parse(json.dumps(out["result"] if "result" in out else out).encode(), "1", ladders=False)
                  for out in alike.memprobe([f"{begin} -- {nic}", f"{begin} --require=ipv6 -- {nic}"]))
    assert (read.settings.require, told.settings.require) == ((), ("ipv6",))
    asked = 0
    for style in read.styles:
        if style.verdict != "safe" or style.is_fix:
            continue
        [again] = [one for one in told.styles if one.style == style.style]
        asked += 1
        safe = rules.unmet_of(read, style, ("ipv6",)).safe
        run = "yes" if again.verdict == "safe" else "unknown" if again.verdict == "unknown" else "no"
        assert safe == run, f"{nic}: {style.style}: {safe}, {run}"
    assert asked


LIMITED = (*NICS, "come=up go=unplug loop_pf_pf=1", "come=up go=unplug loop_vf_pf=0")


@pytest.mark.slow
@pytest.mark.parametrize("way", ("", "--from vf:1", "--from vf:1 --allow no-wire", "--from arp:192.0.2.9"))
def test_a_limit_makes_of_a_result_what_it_makes_of_a_run(way):
    """nfprobe --gap-limit, and the same run without, asked afterwards."""
    begin, found = f"--style=macvtap,bridge,bridge+fdb,static-bridge --skip=fix --settle=0.5 {way}", set()
    limits = (5, 100, 310, 1000, 300000)
    for nic in LIMITED:
        read, *told = (result.parse(json.dumps(out).encode(), "1") for out in alike.memprobe(
            [f"{begin} -- {nic}", *(f"{begin} --gap-limit={limit} -- {nic}" for limit in limits)]))
        for limit, limited in zip(limits, told):
            for style, again in zip(read.styles, limited.styles):
                if style.verdict == "safe" or style.decided_by == rules.BY_WIRE:
                    unmet = rules.asked_of(read, style, (), limit)
                    run = "yes" if again.decided_by == rules.BY_WIRE else {"safe": "yes", "slow": "no", "unknown": "unknown"}[again.verdict]
                    assert unmet.safe == run, (nic, limit, style.style, unmet, again.reason)
                    assert (unmet == rules.MET) == (run == "yes")
                    found.add((run, style.style.partition("+")[0]))
    bridge = "unknown" if way == "--from vf:1" else "no"
    assert found >= {("yes", "macvtap"), ("no", "macvtap"), (bridge, "bridge")}, found


@pytest.mark.parametrize("nic", LIMITED)
def test_a_guest_that_is_pinned_has_the_verdict_of_the_row_with_a_pin(nic):
    [out] = alike.memprobe([f"--style=bridge,bridge+pin,bridge+fdb,bridge+fdb+pin,vf-bridge,vf-bridge+pin --settle=0.5 -- {nic}"])
    read = result.parse(json.dumps(out).encode(), "1")
    styles, at_tap = {style.style: style.verdict for style in read.styles}, rules.tested_of(read, at_tap=True, gap_limit_ms=1000)
    for tested in at_tap:
        row = tested.style if tested.style.endswith("+pin") else f"{tested.style}+pin"
        assert tested.verdict == styles.get(row, styles[tested.style]) and not tested.gap_ms, tested
        assert tested.unmet.option != "--gap-limit" or "pinned" not in tested.unmet.why
    assert len(at_tap) >= 6


CARDS = sorted(pathlib.Path(tool.TOP, "tests/fixtures").glob("*/result.json"))


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.parent.name)
def test_what_was_sent_of_a_card_is_judged_as_its_folder_says(path):
    origin = json.loads((path.parent / "origin.json").read_text())
    tested = rules.tested_of(result.parse(path.read_bytes(), "1", ladders=True))
    assert {t.style: t.verdict for t in tested} == origin["judged"]
    assert [t.identity.values["driver"] for t in tested] == [origin["driver"]] * len(tested)


def test_a_run_that_reached_no_vf():
    none = sample(lambda found: found.update(vf=None))
    assert rules.tested_of(none) == [] and rules.void_reason(none) == ""


def put(**values):
    """A change of the result; of its PF or VF, where that has the key."""
    def change(document):
        for key, value in values.items():
            place = next((part for part in (document["vf"], document["pf"], document) if key in part), document)
            place[key] = value
    return change


@pytest.mark.parametrize("change,key,value", [
    (put(kernel=None), "kernel", "6.12.95"),
    (put(driver_version="5.0"), "vf_driver_version", "5.0"),
    (put(trust=None, spoofchk=False), "trust", ""),
    (put(trust=None, spoofchk=False), "spoofchk", "off"),
    (put(vendor=None), "device", ""),
    (put(subsystem_vendor="0x1028"), "subsystem", "1028:a04c"),
    (put(l2_fwd_offload=True), "l2_fwd_offload", "on"),
    (put(num_vfs=7), "num_vfs", "7"),
    (put(num_vfs=None), "num_vfs", "0"),
    (put(vlan=100), "vlan", "100"),
    (put(board_id="K1"), "board_id", "K1"),
    (put(eswitch_mode="legacy"), "eswitch_mode", "legacy"),
])
def test_the_setup_of_a_result(change, key, value):
    assert rules.tested_of(sample(change))[0].identity.values[key] == value


def test_only_firmware_that_runs_counts():
    parts = [{"name": "fw.app", "running": "1.3", "stored": "1.4"}, {"name": "fw.undi", "running": None, "stored": "1.0"}]
    assert rules.tested_of(sample(put(firmware_versions=parts)))[0].identity.parts == (("fw.app", "1.3"),)


@pytest.mark.parametrize("change,why", [
    (put(error={"code": "kernel", "message": "cannot bind igbvf", "hint": None}), "cannot bind igbvf"),  # the VF's
    (lambda d: d.update(error={"code": "interrupted", "message": "stopped by SIGINT", "hint": None}), "stopped by SIGINT"),
    (lambda d: d.update(error={"code": "timeout", "message": "the time is over", "hint": None}), "the time is over"),
    (lambda d: d.update(error={"code": "died", "message": "", "hint": None}), "died"),
    (put(restored=False), "the host could not be restored"),
    (put(status="failed"), "the probe of the VF failed"),
    (lambda d: d.update(error={"code": "output", "message": "no room", "hint": None}), ""),
])
def test_a_run_that_failed_proves_nothing(change, why):
    tested = rules.tested_of(sample(change))[1]
    assert (tested.verdict, tested.reason) == (("unknown", why) if why else ("early", tested.reason))
    assert (rules.proof_of(tested) == rules.PROVES_NOTHING) == bool(why)


@pytest.mark.parametrize("text,ms", [("2026-11-20T10:00:00.123Z", 1795168800123), ("9999-99-99T99:99:99.999Z", 0), ("", 0),
                                     ("1970-01-01T00:00:00.001Z", 1), ("0001-01-01T00:00:00.000Z", 0)])
def test_time(text, ms):
    assert rules.unix_ms(text) == ms


# ---- what a result proves ----

@pytest.mark.parametrize("changes,proof", [
    ({}, rules.PROVES_WHOLE),
    ({"multicast": "lost"}, rules.PROVES_WHOLE),
    ({"multicast": "unproven"}, rules.PROVES_PART),
    ({"multicast": "untested"}, rules.PROVES_PART),
    ({"verdict": "unknown"}, rules.PROVES_NOTHING),
    ({"verdict": "unknown", "why": "standby-untestable"}, rules.PROVES_NOTHING),
    ({"verdict": "not-applicable"}, rules.PROVES_NOTHING),
    ({"short": True}, rules.PROVES_NOTHING),
    ({"short": True, "verdict": "deaf"}, rules.PROVES_WHOLE),
    ({"settle_ms": 0}, rules.PROVES_NOTHING),
    ({"settle_ms": 500}, rules.PROVES_WHOLE),  # the drivers act at once
])
def test_proof(changes, proof):
    assert rules.proof_of(FIRST._replace(**changes)) == proof


@pytest.mark.parametrize("version,own", [("6.12.95", "the kernel's"), ("5.18.3", "5.18.3"), ("", "")])
def test_a_driver_of_the_kernel_has_no_version_of_its_own(version, own):
    assert rules.own_version(version, "6.12.95") == own
    assert rules.own_version("", "") == ""


# ---- age ----

@pytest.mark.parametrize("days,now,why", [
    (1, NOW, ""),
    (1, NOW + 1, "it is older than 1 day"),
    (2, NOW + 1, ""),
    (2, NOW + 40 * DAY, "it is older than 2 days"),
    (0, NOW + 4000 * DAY, ""),
    (0, START - 1, ""),
    (1000, START, ""),
    (1000, START - 1, "its age is not known: the clock was set"),
])
def test_age(days, now, why):
    assert first(FIRST, max_age_days=days, now_ms=now) == (3 if why else 0, "unknown" if why else "yes", why)


def test_a_run_without_a_time_has_no_age():
    assert first(FIRST._replace(start_ms=0), max_age_days=1000)[2] == "its age is not known: the clock was set"
    assert first(FIRST._replace(start_ms=0))[0] == 0


# ---- what supersedes what: a run before another ----

NEW_FIRMWARE = other(firmware="2.2.0")
NEW_PART = SETUP._replace(parts=(("fw.app", "1.3.36.0"),))
WEAK, NOTHING = {"multicast": "unproven"}, {"verdict": "unknown"}


@pytest.mark.parametrize("old,new,kept", [
    ({}, {}, "new"),
    ({"verdict": "early"}, {}, "new"),
    ({}, {"verdict": "early"}, "new"),
    (WEAK, {}, "new"),
    ({}, WEAK, "both"),  # a weaker proof hides nothing
    ({}, NOTHING, "old"),  # no proof says nothing beside one
    (NOTHING, {}, "new"),
    (NOTHING, NOTHING, "new"),
    (WEAK, NOTHING, "old"),
    ({}, {"short": True}, "old"),
    ({"short": True}, {}, "new"),
    # The newer one is of another setup.
    ({}, {"identity": NEW_FIRMWARE}, "new"),
    ({}, {**WEAK, "identity": NEW_FIRMWARE}, "both"),
    ({}, {**NOTHING, "identity": NEW_FIRMWARE}, "both"),
    (WEAK, {"identity": NEW_FIRMWARE}, "new"),
    (NOTHING, {"identity": NEW_FIRMWARE}, "new"),
    # The newer one is narrower, or about something else.
    ({}, {"vf": 2}, "both"),
    ({}, {"style": "bridge"}, "both"),
    ({}, {"source": "vf"}, "both"),
    ({}, {"vlan": 100}, "both"),
    # The clock was wrong when the older one was made.
    ({"start_ms": NOW + DAY}, {}, "new"),
    ({"start_ms": 0}, {}, "new"),
])
def test_what_supersedes_what(old, new, kept):
    pair = [FIRST._replace(**old), later()._replace(**new)]
    gone = {"old": [False, True], "new": [True, False], "both": [False, False]}[kept]
    assert rules.superseded(pair, NOW) == gone
    assert rules.superseded(pair[::-1], NOW) == gone[::-1]  # the order in which they are read decides nothing


def test_the_time_decides_and_not_the_name():
    results = [FIRST._replace(run="2"), later(1), FIRST._replace(run="3", start_ms=NOW), FIRST._replace(run="4", start_ms=NOW + 1)]
    assert rules.superseded(results, NOW) == [True, True, False, True]


RIGHT, BEHIND, AHEAD = START + 1000, rules.unix_ms("2000-01-01T00:00:30.000Z"), NOW + DAY


@pytest.mark.parametrize("verdicts,clock,numbers,status,kept", [
    (("safe", "early"), RIGHT, (1, 2), 1, "new"),
    (("safe", "early"), BEHIND, (1, 2), 1, "new"),
    (("safe", "early"), AHEAD, (1, 2), 1, "new"),
    # Whether the safe one is newer is in doubt where the two disagree.
    (("early", "safe"), RIGHT, (1, 2), 0, "new"),
    (("early", "safe"), BEHIND, (1, 2), 1, "both"),
    (("early", "safe"), AHEAD, (1, 2), 1, "both"),
    # A store of 0.3.0, and one that goes on in this version.
    (("safe", "early"), RIGHT, (0, 0), 1, "new"),
    (("early", "safe"), RIGHT, (0, 0), 0, "new"),
    (("early", "safe"), AHEAD, (0, 0), 1, "old"),
    (("safe", "early"), BEHIND, (0, 2), 1, "new"),
    (("early", "safe"), RIGHT, (0, 1), 0, "new"),
    (("early", "safe"), BEHIND, (0, 1), 1, "both"),
])
def test_three_clocks_by_two_verdicts(verdicts, clock, numbers, status, kept):
    """The first run when the clock was right, the second by this clock."""
    old = FIRST._replace(verdict=verdicts[0], number=numbers[0])
    new = later(start=clock)._replace(verdict=verdicts[1], number=numbers[1])
    assert check(old, new).exit_status == check(new, old).exit_status == status
    assert rules.superseded([old, new], NOW) == {"old": [False, True], "new": [True, False], "both": [False, False]}[kept]
    # So it is with a run of other firmware, of which alone the answer is unknown.
    moved = new._replace(identity=NEW_FIRMWARE)
    assert rules.superseded([old, moved], NOW) == rules.superseded([old, new], NOW)


def test_the_number_decides_and_not_the_name_or_the_time():
    results = [later(n, start=START + t)._replace(number=number) for n, t, number in ((9, 5, 3), (5, 9, 1), (7, 7, 2), (1, 1, 4))]
    assert rules.superseded(results, NOW) == [True, True, True, False]


def test_one_run_supersedes_of_itself_only_what_proves_nothing():
    strong, weak = FIRST, FIRST._replace(verdict="sticky", **WEAK)
    assert rules.superseded([strong, weak], NOW) == [False, False]
    assert rules.superseded([strong, FIRST._replace(**NOTHING)], NOW) == [False, True]


def drawn(seed):
    some = tool.random_of(seed)
    return [FIRST._replace(run=str(n // some.choice([1, 1, 1, 2])), start_ms=START + some.choice([0, 1000, 5000, 10 * DAY]),
                           vf=some.choice([2, 3]), verdict=some.choice(rules.VERDICTS), multicast=some.choice(["ok", "unproven"]),
                           source=some.choice(["wire", "wire", "vf"]), short=some.choice([True, False, False]),
                           identity=some.choice([SETUP, ALONE.identity, IN_COMPANY.identity, NEW_FIRMWARE, NEW_PART]),
                           number=some.choice([0, n, n, 9 - n]))
            for n in range(6)]


def supersedes(new, old):
    """The rule for two results, in nfprobe-check(1): of each pair that superseded() looks at all at once."""
    ours, others = rules.proof_of(new), rules.proof_of(old)
    newer = rules.order_key(new.order, new.run, NOW) > rules.order_key(old.order, old.run, NOW)
    if new.verdict == "safe" and others != rules.PROVES_NOTHING and old.verdict != "safe" and not rules.is_older(old.order, new.order, NOW):
        newer = False
    if new.verdict == "safe" and new.identity.others_up == 0 and old.identity.others_up:
        newer = False
    beside_proof = others == rules.PROVES_NOTHING < ours and not rules.differences(old.identity, new.identity)
    return new.key == old.key and (beside_proof or (newer and ours >= others))


def test_all_at_once_is_as_each_pair():
    for seed in range(1000):
        results = drawn(seed)
        assert rules.superseded(results, NOW) == [any(supersedes(new, old) for new in results) for old in results]


def test_the_time_grows_as_the_number():
    """Each result is looked at once: four times as many take four times as long, not sixteen times."""
    looks = []

    def count(number):
        looks.append(0)

        class Looked(rules.Tested):
            @property
            def key(self):
                looks[-1] += 1
                return super().key

        rules.superseded([Looked(*FIRST._replace(run=str(n), start_ms=START + n)) for n in range(number)], NOW)
        return looks[-1]

    assert count(400) == 4 * count(100)


def test_pruning_changes_no_answer():
    """Whatever is superseded may go: what is left says the same."""
    for seed in range(300):
        results = drawn(seed)
        kept = [tested for tested, gone in zip(results, rules.superseded(results, NOW)) if not gone]
        assert kept and not any(rules.superseded(kept, NOW))
        assert check(*kept) == check(*results)
        for tested, gone in zip(results, rules.superseded(results, NOW)):
            assert not gone or any(k.key == tested.key and rules.proof_of(k) >= rules.proof_of(tested) for k in kept)


# ---- which results count ----

def test_styles():
    found = check(FIRST, EARLY, styles=("macvtap", "bridge"))
    assert found.exit_status == 1
    assert [(s.style, s.safe, s.counts) for s in found.styles] == [("macvtap", "yes", True), ("bridge", "no", True)]
    assert check(FIRST, EARLY, styles=("bridge",)).exit_status == 1
    # Firmware that has changed since may have cured it.
    assert rules.check([FIRST, EARLY], [SETUP, NEW_FIRMWARE], QUERY._replace(styles=("bridge",))).exit_status == 3


def test_a_style_that_nobody_asked_for_is_shown_and_no_more():
    found = check(FIRST, EARLY, others=True)
    assert found.exit_status == 0
    assert [(s.style, s.safe, s.counts) for s in found.styles] == [("macvtap", "yes", True), ("bridge", "no", False)]
    assert len(check(FIRST, EARLY).entries) == 1
    found = check(FIRST, EARLY, others=True, vf=2)
    assert found.exit_status == 3 and len(found.styles) == 1


@pytest.mark.parametrize("asked,why", [
    ({"vf": 3}, ""),
    ({"vf": 2}, "nothing is stored for VF 2, only for others, such as VF 3"),
    ({"vlan": 100}, "nothing is stored"),
    ({"vlan": 100, "vf": 3}, "nothing is stored"),
    ({"vlan": 0}, ""),
    ({"vf": 2, "styles": ("bridge",)}, "nothing is stored"),
])
def test_nothing_is_stored(asked, why):
    assert first(FIRST, **asked)[2] == why


IPV4_ONLY = FIRST._replace(verdict="deaf", reason="IPv6 is lost", multicast="lost", ipv4_only=True)


@pytest.mark.parametrize("tested, ipv6, answer", (
    (IPV4_ONLY, True, (1, "no", "IPv6 is lost")),
    (IPV4_ONLY, False, (0, "yes", "")),
    # as much is asked of its proof as of one that is safe
    (IPV4_ONLY._replace(source="vf", source_name="vf:1"), False, (3, "unknown", "frames came from vf:1, not from the wire")),
    (IPV4_ONLY._replace(settle_ms=500), False, (3, "unknown", "each state was watched for only 0.5 s, less than the driver may need")),
    (IPV4_ONLY._replace(identity=SETUP._replace(others_up=0)), False, (3, "unknown", "no other VF was up, and now 1 is")),
    (IPV4_ONLY._replace(ipv4_only=False), False, (1, "no", "IPv6 is lost")),
    (FIRST, False, (0, "yes", "")),
))
def test_guests_without_ipv6(tested, ipv6, answer):
    assert first(tested, now=SETUP._replace(others_up=1), ipv6=ipv6) == answer


DEAF_2 = FIRST._replace(vf=2, verdict="deaf", reason="it is deaf")
UNKNOWN_1 = FIRST._replace(vf=1, verdict="unknown", reason="frames were lost")


def test_a_pf_is_as_good_as_the_worst_of_its_vfs():
    assert first(FIRST, UNKNOWN_1) == (3, "unknown", "frames were lost")
    found = check(FIRST, UNKNOWN_1, DEAF_2)
    assert (found.exit_status, found.styles[0].why, found.styles[0].standing.tested.vf) == (1, "it is deaf", 2)
    assert first(FIRST, UNKNOWN_1, DEAF_2, vf=3)[0] == 0
    # This holds as far as they are still what they were.
    found = rules.check([FIRST, UNKNOWN_1, DEAF_2], [SETUP, other(kernel="6.13"), other(kernel="6.13")], QUERY)
    assert (found.exit_status, found.styles[0].standing.tested.vf) == (0, 3)


SIBLING = FIRST._replace(run="2", source="vf", source_name="vf:1")


@pytest.mark.parametrize("results,answer", [
    ((FIRST, SIBLING), (0, "yes", "")),
    ((SIBLING,), (3, "unknown", "frames came from vf:1, not from the wire")),
    ((FIRST, SIBLING._replace(**NO_WIRE)), (0, "yes", "")),
    ((SIBLING._replace(**NO_WIRE),), (3, "unknown", "frames came from vf:1, not from the wire")),
    # It is a proof of what its frames show: older ones of that source count no more.
    ((SIBLING._replace(verdict="deaf", reason="it is deaf"), later(3, **NO_WIRE)),
     (3, "unknown", "frames came from vf:1, not from the wire")),
    ((SIBLING._replace(source="", source_name=""),), (3, "unknown", "frames came from an unknown source, not from the wire")),
    ((FIRST, SIBLING._replace(reason="x", **UNTESTABLE)), (0, "yes", "")),  # no doubt of what the wire has proved
    ((FIRST, SIBLING._replace(verdict="deaf", reason="it is deaf")), (1, "no", "it is deaf")),
    ((SIBLING._replace(verdict="deaf", reason="it is deaf"),), (1, "no", "it is deaf")),
    ((FIRST._replace(settle_ms=500),), (3, "unknown", "each state was watched for only 0.5 s, less than the driver may need")),
    # The worse of two that are not safe counts, and the newer of two that are as bad.
    ((FIRST._replace(verdict="slow", reason="slow", vf=1), DEAF_2), (1, "no", "it is deaf")),
    ((DEAF_2._replace(vf=1, reason="x"), later(verdict="deaf", reason="y", vf=2)), (1, "no", "y")),
    # A weaker proof of the same: the stronger one says what it is worth.
    ((FIRST._replace(verdict="deaf", reason="strong"), later(verdict="deaf", reason="weak", **WEAK)), (1, "no", "strong")),
])
def test_which_result_counts(results, answer):
    assert first(*results) == answer


def test_this_hosts_nfprobe_may_know_that_a_driver_needs_longer():
    assert first(FIRST, needed_ms=3000)[:2] == (3, "unknown")


def test_of_two_doubts_the_newer_is_told():
    doubts = [FIRST._replace(verdict="unknown", reason="old"), later(verdict="unknown", why="standby-untestable", reason="new", vf=2)]
    assert first(*doubts)[2] == first(*doubts[::-1])[2] == "new"


def test_multicast_is_said():
    """The verdict does not speak of IPv6 then."""
    weak = later(multicast="unproven", multicast_note="a switch drops it")
    assert check(FIRST).notes == [] and check(FIRST, weak).notes == []  # the stronger proof has shown it
    found = check(FIRST._replace(start_ms=START - 10 * DAY), weak, max_age_days=3)  # the stronger proof no longer holds
    assert found.exit_status == 0 and found.notes == ["macvtap: IPv6 is not known: a switch drops it"]
    assert check(FIRST._replace(multicast="untested")).notes == ["macvtap: IPv6 was not tested"]
    assert check(FIRST._replace(multicast="lost")).notes == ["macvtap: IPv6 was not tested"]
    assert check(EARLY._replace(multicast="untested"), styles=("bridge",)).notes == []


def test_what_cannot_be_read_may_say_otherwise():
    found = rules.doubted(check(FIRST, EARLY, others=True), "damaged")
    assert found.exit_status == 3
    assert [(s.safe, s.why) for s in found.styles] == [("unknown", "damaged"), ("no", "the VF has it")]


def test_what_holds_no_more_has_no_other_limits():
    unread = {"eswitch_mode": rules.NEEDS_PRIVILEGES}
    assert not check(FIRST, now=other(firmware="2.2.0")._replace(unread=unread)).notes
    denied = {"firmware": rules.NEEDS_PRIVILEGES}
    assert check(FIRST, now=other(firmware="")._replace(unread=denied)).notes == [
        "firmware was 2.1.0; what it is now cannot be read without CAP_NET_ADMIN"]
    both = check(FIRST, later(style="bridge"), now=SETUP._replace(unread=unread), styles=("macvtap", "bridge"))
    assert len(both.notes) == 1  # once for all styles


INSIDE = FIRST._replace(source="vf", source_name="vf:2", asked="auto")


@pytest.mark.parametrize("results, asked, due", [
    ((), {}, True), ((FIRST,), {}, False), ((FIRST._replace(verdict="early"),), {}, False),
    ((INSIDE,), {}, False), ((INSIDE._replace(**UNTESTABLE),), {}, False), ((INSIDE._replace(source="pf"),), {}, False),
    ((INSIDE._replace(asked="vf:2"),), {}, True),  # auto has not been asked yet
    ((INSIDE._replace(**NO_WIRE),), {}, False),
    ((INSIDE._replace(verdict="unknown"),), {}, True),  # a run that was disturbed may go better
    ((INSIDE,), {"max_age_days": 1, "now_ms": NOW + 1}, True), ((INSIDE,), {"now": other(firmware="2.2.0")}, True),
    ((FIRST._replace(verdict="unknown"),), {}, True), ((FIRST._replace(short=True),), {}, True),
    ((INSIDE,), {"styles": ("macvtap", "bridge")}, True),  # nothing is stored of one
    ((INSIDE, INSIDE._replace(style="bridge", verdict="unknown", why="standby-untestable")), {"styles": ("macvtap", "bridge")}, False),
    ((INSIDE._replace(style="bridge"), FIRST), {"others": True}, False)])
def test_a_run_that_would_find_the_same_is_not_due(results, asked, due):
    assert rules.is_due(check(*results, **asked), "auto") == due


ALONE = FIRST._replace(identity=SETUP._replace(others_up=0))
IN_COMPANY = FIRST._replace(identity=SETUP._replace(others_up=2))


@pytest.mark.parametrize("tested,others_up,answer", [
    (ALONE, 0, (0, "yes", "")), (ALONE, None, (0, "yes", "")), (IN_COMPANY, 3, (0, "yes", "")), (IN_COMPANY, 0, (0, "yes", "")),
    (FIRST, 3, (0, "yes", "")),  # nobody counted
    (ALONE, 1, (3, "unknown", "no other VF was up, and now 1 is")), (ALONE, 3, (3, "unknown", "no other VF was up, and now 3 are")),
    (ALONE._replace(verdict="early", reason="x"), 3, (1, "no", "x"))])
def test_who_was_safe_alone_may_not_be_in_company(tested, others_up, answer):
    assert first(tested, now=SETUP._replace(others_up=others_up)) == answer


@pytest.mark.parametrize("old,new,kept", [
    (ALONE, IN_COMPANY, "new"), (IN_COMPANY, ALONE, "both"), (FIRST, ALONE, "new"), (ALONE, ALONE, "new"),
    (IN_COMPANY._replace(verdict="early"), ALONE, "both"), (IN_COMPANY, ALONE._replace(verdict="early"), "new")])
def test_what_was_found_alone_hides_nothing_that_was_found_in_company(old, new, kept):
    pair = [old, new._replace(run="2", start_ms=START + 1000)]
    assert rules.superseded(pair, NOW) == {"new": [True, False], "both": [False, False]}[kept]


# ---- what the host has no room for ----

def in_br0(style, vlan):
    return "eth0 is a port of br0" if style == "macvtap" and not vlan else ""


def test_what_is_not_possible_counts_for_nothing():
    styles = ("macvtap", "bridge")
    why = "not possible while eth0 is a port of br0 (EBUSY)"
    for bridge, status in (("safe", 0), ("early", 1), ("unknown", 3)):
        found = check(FIRST, EARLY._replace(verdict=bridge), styles=styles, impossible=in_br0)
        # Safe with macvtap as it is, so that a scheduler must not be told so.
        assert [(one.style, one.counts, one.safe, one.why) for one in found.styles[:1]] == [("macvtap", False, "no", why)]
        assert found.exit_status == status
    # Where nothing else was asked, no style serves a guest, whatever is stored.
    assert first(FIRST, impossible=in_br0) == (1, "no", why)
    assert first(impossible=in_br0) == (1, "no", why)
    # That of a VLAN is apart.
    assert first(FIRST._replace(vlan=100), now=other(vlan="100"), impossible=in_br0)[:2] == (0, "yes")
    assert check(impossible=in_br0, styles=("bridge",)).exit_status == 3


def under_macvtap(style, vlan):
    return "eth0 has macvtap0" if "bridge" in style and not vlan else ""


@pytest.mark.parametrize("tested, now, answer, status", [
    # What a run has shown not to be safe stays so; and stays what it was.
    (EARLY, SETUP, (True, "no", EARLY.reason, "", "eth0 has macvtap0"), 1),
    # Safe is no yes: the next guest would not get that standby. Nor is what is not known made known by a guest.
    (EARLY._replace(verdict="safe"), SETUP, (False, "no", "not possible while eth0 has macvtap0 (EBUSY)", "eth0 has macvtap0", ""), 0),
    (EARLY._replace(verdict="unknown"), SETUP, (False, "no", "not possible while eth0 has macvtap0 (EBUSY)", "eth0 has macvtap0", ""), 0),
    (EARLY, other(firmware="9"), (False, "no", "not possible while eth0 has macvtap0 (EBUSY)", "eth0 has macvtap0", ""), None)])
def test_a_guest_that_starts_changes_no_verdict(tested, now, answer, status):
    """Its macvtap leaves no room for a bridge until it has gone."""
    found = check(FIRST, tested, now=now, styles=("macvtap", "bridge"), impossible=under_macvtap, by_guests=lambda vlan: True)
    [bridge] = [one for one in found.styles if one.style == "bridge"]
    assert (bridge.counts, bridge.safe, bridge.why, bridge.impossible, bridge.taken) == answer
    assert status is None or found.exit_status == status
    assert any("not possible on the host as it is now" in note for note in found.notes) == bool(bridge.taken)
    assert not rules.is_due(found, "auto") or now is not SETUP
    # Never a yes, whoever asks for it alone.
    assert check(tested, now=now, styles=("bridge",), impossible=under_macvtap, by_guests=lambda vlan: True).exit_status == 1

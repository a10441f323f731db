# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-check: this host beside what was tested, what it prints, and how it ends."""

import json
import os

import pytest
import tool

from nfprobe_tools import check, check_main, host, result, rules, served
from nfprobe_tools.text import writer_to

GOLDEN = os.path.join(tool.TOP, "tests/golden/tools")
START = "2026-11-20T10:00:00.123Z"
RUN = "20261120T100000.123Z-00112233445566778899aabbccddeeff.json"
LIFE = dict.fromkeys(result.MOMENTS, "ok")


def document(change=lambda document: None):
    found = tool.golden("igb.json")
    for style in found["vf"]["styles"]:
        style["steps"], style["transitions"] = [], []
    found.update(answer="eth0 VF 3: SAFE with macvtap. NOT SAFE with a bridge: EARLY.", advice=[
        tool.advice("Use macvtap.", style="macvtap", document="<source dev='eth0' mode='bridge'/>"),
        tool.advice("Set the address when the guest starts", number=2)], conditions=[
            *tool.conditions("macvtap"), tool.unseen("macvtap", 2)], life=[
        tool.life("macvtap", {**LIFE, "ipv6": "ok-if"}, conditions=["c1", "c2"]),
        tool.life("bridge", {**LIFE, "attach": "lost", "ipv6": "untested"}, verdict="early")])
    change(found)
    return found


vf = tool.listed_vf


def listing(vfs=None, kernel="6.12.95", **changes):
    """A host on which nothing has changed."""
    return tool.listed(tool.listed_pf(*(vfs or map(vf, range(4))), **changes), kernel=kernel)


class Place:
    """A store, and what nfprobe says of the host."""

    def __init__(self, folder):
        self.store, self.pf, self.list = folder / "store", folder / "store/pci-0000:01:00.0", folder / "host.json"
        self.pf.mkdir(parents=True)
        for place in (self.store, self.pf):
            os.chmod(place, 0o755)
        self.save()
        self.is_now()

    def save(self, found=None, name=RUN):
        (self.pf / name).write_text(json.dumps(found or document()))
        os.chmod(self.pf / name, 0o644)

    def is_now(self, found=None, **changes):
        self.list.write_text(json.dumps(found or listing(**changes)))

    def run(self, *args, **options):
        """Status, what is on standard output without the folder's name, and what is on standard error."""
        with tool.in_time():
            done = tool.run("nfprobe-check", f"--store={self.store}", f"--host={self.list}", *args, **options)
        return done.returncode, done.stdout.replace(str(self.store), "STORE"), done.stderr.replace(str(self.store), "STORE")

    def json(self, *args):
        status, text, said = self.run("--json", *args)
        found = json.loads(text)
        tool.valid("check", found)
        assert found["exit"] == status and not said
        assert '""' not in text  # what is not known is null
        return found


@pytest.fixture(name="place")
def place_fixture(tmp_path):
    return Place(tmp_path)


# ---- this host ----

TESTED = rules.tested_of(result.parse(json.dumps(document()).encode(), "1", ladders=False))[0].identity


def now(found, number=3):
    read = host.read_list(json.dumps(found).encode(), "it")
    return check.identity_now(read.pfs[0], read.kernel, number, TESTED)


def test_nothing_has_changed():
    assert now(listing()) == TESTED._replace(others_up=0)


def test_others_that_are_up():
    found = listing()
    for vf in found["pfs"][0]["vfs"]:
        vf["up"] = True
    assert now(found).others_up == len(found["pfs"][0]["vfs"]) - 1


@pytest.mark.parametrize("found,what,value", [
    (listing(firmware="2.2.0"), "firmware", "2.2.0"),
    (listing(kernel="6.13"), "kernel", "6.13"),
    (listing(kernel="6.13"), "driver_version", "6.12.95"),
    (listing(board_id="K1"), "board_id", "K1"),
    (listing(num_vfs=7), "num_vfs", "7"),
    (listing(device="0x10ca"), "device", "8086:10ca"),
    (listing(subsystem_vendor=None), "subsystem", ""),
    (listing(eswitch_mode="switchdev"), "eswitch_mode", "switchdev"),
    (listing(l2_fwd_offload=True), "l2_fwd_offload", "on"),
    (listing(driver="a\x1b"), "driver", "a?"),  # as a result's text is cleaned
    (listing([vf(3, trust=True)]), "trust", "on"),
    (listing([vf(3, spoofchk=None)]), "spoofchk", ""),
    (listing([vf(3, vlan=100)]), "vlan", "100"),
    (listing([vf(3, driver="igbvf2")]), "vf_driver", "igbvf2"),
    (listing([vf(3, driver_version="2.0")]), "vf_driver_version", "2.0"),
    # A driver that hands the VF to a guest, or none, says nothing about the driver that it would be tested with.
    (listing([vf(3, driver="vfio-pci", driver_version="9", hands_over=True)]), "vf_driver_version", "the kernel's"),
    (listing([vf(3, driver=None, driver_version=None, net_driver="other")]), "vf_driver", "other"),
    (listing([vf(3, driver=None, driver_version=None, net_driver_version="3.0")]), "vf_driver_version", "3.0"),
    (listing([vf(3, driver=None, driver_version=None, net_driver=None, net_driver_version=None)]), "vf_driver", "igbvf"),
    (listing([vf(3, driver=None, driver_version=None, net_driver=None, net_driver_version=None)]), "vf_driver_version", "the kernel's"),
    # One that is gone is as it was: the number of VFs has changed.
    (listing([vf(0)]), "vf_driver", "igbvf"),
    (listing([vf(0)]), "trust", "off"),
])
def test_what_the_host_is_now(found, what, value):
    identity = now(found)
    assert identity.values[what] == value and not identity.unread


def test_a_host_that_knows_little():
    unknown = ("firmware", "driver", "driver_version", "num_vfs", "subsystem_vendor", "subsystem_device", "eswitch_mode", "board_id")
    identity = now(listing([vf(3, driver_version=None)], **dict.fromkeys(unknown)))
    known = ("firmware", "driver", "driver_version", "vf_driver_version", "num_vfs")
    assert [identity.values[key] for key in known] == ["", "", "", "", "0"]
    assert now(listing([vf(3, driver=None, net_driver_version=None)])).values["vf_driver_version"] == ""


@pytest.mark.slow
def test_a_pf_without_a_name_or_an_address(place):
    place.is_now(ifname=None)
    assert states(place.json("0000:01:00.0"))[0][1] == "yes"
    place.is_now(bus=None)
    assert states(place.json("eth0"))[0][1] == "yes"
    place.is_now(parentdev=None)
    status, text, said = place.run("--json", "eth0")
    assert (status, json.loads(text)["pfs"][0]["parentdev"], said) == (3, None, "")
    assert json.loads(text)["pfs"][0]["error"]["message"] == "eth0 has no address on a bus: nothing is stored of it"
    place.is_now(bus="pci")
    (place.pf / RUN).unlink()
    assert states(place.json("eth0"))[0] == ("macvtap", "unknown", "nothing is stored")


def test_what_a_result_does_not_know_is_null(place):
    place.save(document(lambda d: (d["run"].update(start=None), d.update(source=None), d["vf"]["styles"][0].update(multicast=None))))
    entry = place.json("eth0")["pfs"][0]["entries"][0]
    assert [entry[key] for key in ("start", "from", "source", "multicast")] == [None] * 4


def test_parts_of_the_firmware_that_run():
    parts = [{"name": "fw.app", "running": "1.3", "stored": None}, {"name": "fw.undi", "running": None, "stored": "1"}]
    assert now(listing(firmware_versions=parts)).parts == (("fw.app", "1.3"),)


DENIED = "Operation not permitted: needs CAP_NET_ADMIN"


@pytest.mark.parametrize("found,unread", [
    (listing(unread={"eswitch_mode": DENIED}), {"eswitch_mode": rules.NEEDS_PRIVILEGES}),
    (listing(unread={"eswitch_mode": "Input/output error"}), {"eswitch_mode": rules.UNREADABLE}),
    (listing(unread=dict.fromkeys(["driver_version", "firmware", "firmware_versions", "board_id"], "No such device")),
     dict.fromkeys(["driver_version", "firmware", "firmware_versions", "board_id"], rules.UNREADABLE)),
    (listing(unread={"mtu": "x"}), {}),
    (listing([vf(3, unread=dict.fromkeys(["address", "vlan", "trust", "spoofchk"], "Input/output error"))]),
     dict.fromkeys(["vlan", "trust", "spoofchk"], rules.UNREADABLE)),
    (listing([vf(3, unread={"driver_version": "No such file or directory"})]), {"vf_driver_version": rules.UNREADABLE}),
    (listing([vf(3, driver="vfio-pci", hands_over=True, unread={"driver_version": "x"})]), {}),
    (listing([vf(3, driver=None, unread={"net_driver_version": "x"})]), {"vf_driver_version": rules.UNREADABLE}),
])
def test_what_the_host_does_not_know(found, unread):
    assert now(found).unread == unread


def test_a_driver_of_its_own_that_nobody_knows_now():
    own = TESTED._replace(values={**TESTED.values, "vf_driver_version": "2.4.1"})
    read = host.read_list(json.dumps(listing([vf(3, driver=None, net_driver=None)])).encode(), "it")
    assert check.identity_now(read.pfs[0], read.kernel, 3, own).unread == {"vf_driver_version": rules.UNREADABLE}


# ---- the answer ----

def states(found, number=0):
    return [(s["style"], s["safe"], s["why"]) for s in found["pfs"][number]["styles"]]


@pytest.mark.slow
def test_by_netdev_pf_and_vf(place):
    for name in ("eth0", "0000:01:00.0", "0000:01:10.6"):
        found = place.json(name)
        assert [s["safe"] for s in found["pfs"][0]["styles"]] == ["yes", "no"] and found["exit"] == 1
        assert found["pfs"][0]["vf"] == (3 if name.endswith("6") else None)
        assert place.run(name, "--style", "macvtap")[0] == 0
    assert place.json()["exit"] == 1  # every PF of the host


def test_an_entry_has_what_was_tested(place):
    place.is_now(firmware="2.2.0")
    entry = place.json("eth0")["pfs"][0]["entries"][1]
    assert entry.pop("file").endswith(RUN)
    assert entry == {"start": START, "vf": 3, "style": "bridge", "from": "eth1", "source": "wire", "verdict": "early", "allowed": False,
                     "reason": "VF 3 takes the address as soon as it is assigned, and keeps it until it is cleared",
                     "multicast": "ok", "vlan": 0, "safe": "unknown", "stale": "firmware was 2.1.0, is 2.2.0",
                     "differences": [{"what": "firmware", "was": "2.1.0", "is": "2.2.0"}]}


@pytest.mark.parametrize("schema", (3, 4, result.SCHEMA + 1))
def test_what_is_stored_in_another_schema_is_not_known(place, schema):
    """Neither what was safe nor what was not, until the next run, which is due."""
    place.save({**document(), "schema": schema})
    status, text, said = place.run("eth0")
    brief, again = f"UNKNOWN (stored as schema {schema})", "Probe again: nfprobe eth0 --vf 3 --save=STORE"
    assert (status, said) == (3, "") and text.startswith(f"eth0: macvtap {brief}, bridge {brief}.\n")
    assert text.count(f"UNKNOWN  stored as schema {schema}, which this version does not read\n") == 2
    assert text.endswith(f"Exit 3. {again}\n")
    assert place.run("eth0", "-q", "--due=auto") == (3, f"eth0: macvtap {brief}, bridge {brief}.\n", "")
    found = place.json("eth0")["pfs"][0]
    assert found["entries"] == [] and [style["safe"] for style in found["styles"]] == ["unknown", "unknown"]
    assert place.run("0000:01:10.4")[1].endswith("Exit 3. Probe again: nfprobe eth0 --vf 2 --save=STORE\n")
    # The next run counts, and the old one is no more than a note.
    place.save(name="20261121T100000.123Z-00112233445566778899aabbccddeeff-1.json")
    found = place.json("eth0")["pfs"][0]
    assert [style["safe"] for style in found["styles"]] == ["yes", "no"]
    assert found["notes"] == ["1 result of another schema counts for nothing: nfprobe-check --prune removes what newer ones supersede"]
    assert place.run("eth0", "--style=macvtap", "-q", "--due=auto")[0] == 0


def test_a_newer_result_of_another_schema_leaves_nothing_safe(place):
    """Another version was installed for a while: nobody knows what it found."""
    place.save({**document(), "schema": result.SCHEMA + 1}, "20261121T100000.123Z-00112233445566778899aabbccddeeff-1.json")
    found = place.json("eth0")["pfs"][0]
    assert [style["safe"] for style in found["styles"]] == ["unknown", "no"]
    assert found["styles"][0]["why"].startswith("what a newer result says is not known: cannot use ")


@pytest.mark.parametrize("args,status", [
    (("--style", "macvtap"), 0), (("--style=bridge",), 1), (("--style", "all"), 1), (("--max-age", "1"), 3), (("--vlan", "100"), 3),
    (("--vlan", "0"), 1), (("0000:01:10.4",), 3), (("nosuch0",), 4), (("eth0", "nosuch0"), 4), (("eth0", "0000:01:10.4"), 1),
])
@pytest.mark.slow
def test_exit_statuses(place, args, status):
    assert place.json(*args)["exit"] == status
    assert place.run(*args)[0] == status


def test_allowed_is_not_safe(place):
    place.save(document(lambda d: d["vf"]["styles"][1].update(allowed=True)))
    assert place.run("eth0", "--style", "bridge")[0] == 1
    assert place.json("eth0")["pfs"][0]["entries"][1]["allowed"] is True


# ---- --require ----


def test_what_is_not_met_is_a_sentence(place):
    status, text, _ = place.run("eth0", "--style=macvtap", "--require=ipv6")
    said = " ".join(text.split())
    assert status == 1 and "macvtap NOT SAFE --require ipv6 is not met: without trustGuestRxFilters a macvtap passes no group" in said
    assert "no run sees a guest's XML: nfprobe-libvirt-hook --explain GUEST says whether it has trustGuestRxFilters" in said
    assert "SAFE: --require" not in said and "Needs:" not in said
    [style] = [style for style in place.json("eth0", "--require=ipv6")["pfs"][0]["styles"] if style["style"] == "macvtap"]
    assert (style["safe"], style["verdict"], style["why"].partition(":")[0]) == ("no", "safe", "--require ipv6 is not met")
    # Who does not ask is told as before, and what is early is so first.
    assert place.run("eth0", "--style=macvtap", "-q")[0] == 0
    assert "bridge NOT SAFE (EARLY)" in place.run("eth0", "--require=ipv6", "-q")[1]


GAP = {"verdict": "safe", "reason": None, "decided_by": "steps", "why": "safe", "bridge_verdict": "safe", "bridge_gap_ms": 300000,
       "uplink_hears_vf": "yes"}
PIN = {**tool.conditions("bridge")[0], "id": "c7", "code": "pinned-at-tap", "for": ["all"], "without": "gap",
       "words": "pin its guests, or up to 300 s are lost after unplug"}


def with_gap(**changes):
    return document(lambda d: (d["vf"]["styles"][1].update({**GAP, **changes}), d["conditions"].append(PIN)))


@pytest.mark.parametrize("changes, args, status, answer", (
    ({}, (), 0, "bridge SAFE (pin its guests, or up to 300 s are lost after unplug)"),
    ({}, ("--gap-limit=300000",), 0, "bridge SAFE (pin its guests"),
    ({}, ("--gap-limit=299999",), 1, "bridge NOT SAFE (SLOW: up to 300 s unless it is pinned)"),
    ({"uplink_hears_vf": "unknown"}, ("--gap-limit=1000",), 3, "bridge UNKNOWN (up to 300 s unless it is pinned)"),
    ({"bridge_gap_ms": None}, ("--gap-limit=1000",), 0, "bridge SAFE (pin"),
    # The changes that were measured count as well, but for what they may be longer by.
    ({"bridge_gap_ms": None}, ("--gap-limit=100",), 1, "bridge NOT SAFE (SLOW: 0.313 s)"),
    ({"bridge_gap_ms": None}, ("--gap-limit=312",), 3, "bridge UNKNOWN (outage not measured)"),
    ({"bridge_gap_ms": None}, ("--gap-limit=314",), 0, "bridge SAFE (pin"),
))
def test_a_limit_of_gaps_is_judged_by_what_is_stored(place, changes, args, status, answer):
    """Whatever limit its run had: none."""
    found = with_gap(**changes)
    found["vf"]["styles"][1]["transitions"] = tool.golden("igb.json")["vf"]["styles"][0]["transitions"]
    place.save(found)
    found, text, said = place.run("eth0", "--style=bridge", *args)
    assert (found, said) == (status, "") and text.startswith(f"eth0: {answer}"), text
    [style] = place.json("eth0", "--style=bridge", *args)["pfs"][0]["styles"]
    assert style["gap_ms"] == {**GAP, **changes}["bridge_gap_ms"]
    assert (style["safe"], style["verdict"]) == ({0: "yes", 1: "no", 3: "unknown"}[status], "safe")
    assert ("--gap-limit" in (style["why"] or "")) == (status != 0) and ("Needs: pin its guests" in text) == (status == 0)


def test_a_limit_is_a_number_and_makes_no_run_due(place):
    for args, words in ((("--gap-limit=0",), "it takes 1 to 600000"), (("--gap-limit=x",), "x is out of range"),
                        (("--gap-limit=5", "--due=auto"), "--gap-limit makes no sense with --due: another run may well find the same"),
                        (("--gap-limit=5", "--prune"), "--gap-limit makes no sense with --prune")):
        status, text, said = place.run("eth0", *args)
        assert (status, text) == (2, "") and words in said, said


def test_a_bridge_whose_guests_must_be_pinned_has_a_label_of_its_own(place):
    place.save(with_gap())
    assert ".bridge=safe-if-pinned\n" in labels_of(place) and ".bridge.needs=pinned-at-tap\n" in labels_of(place)
    done = tool.run("nfprobe-report", "prometheus", "--stored", f"--store={place.store}", f"--host={place.list}")
    bridge = 'device="eth0",from="eth1",pci_address="0000:01:10.6",source="wire",style="bridge"'
    assert f'nfprobe_verdict{{{bridge},verdict="safe-if-pinned",vf="3"}} 1.0\n' in done.stdout, done.stdout
    assert f'nfprobe_verdict{{{bridge},verdict="safe",vf="3"}} 0.0\n' in done.stdout
    assert f'nfprobe_bridge_gap_seconds{{{bridge},vf="3"}} 300.0\n' in done.stdout
    place.save(with_gap(bridge_gap_ms=None))
    assert ".bridge=safe\n" in labels_of(place)
    place.save(with_gap(no_wire=True), "2.json")
    place.save({**with_gap(no_wire=True), "source": {**document()["source"], "kind": "vf", "from": "vf:0"}})
    (place.pf / "2.json").unlink()
    assert ".bridge=safe-by-no-wire\n" in labels_of(place)


@pytest.mark.parametrize("vlan, needs", ((None, True), (100, False)))
def test_a_condition_of_a_vlan_is_none_of_guests_without_it(place, vlan, needs):
    """Of a run with --guest-vlan: check, label and table say the same."""
    registered = {**tool.conditions("macvtap")[0], "id": "c9", "code": "vlan-registered", "for": ["vlan"], "vlan": vlan,
                  "words": "its VLAN is registered"}
    lost = {"verdict": "deaf", "decided_by": "vlan", "why": "safe", "reason": "deaf in VLAN 100 only",
            "guest_vlan": {"vlan": 100, "verdict": "lost"}}
    found = document(lambda d: (d["vf"]["styles"][0].update(lost), d["conditions"].append(registered)))
    place.save(found)
    assert ("its VLAN is registered" in " ".join(place.run("eth0", "--style=macvtap")[1].split())) == needs
    assert ("vlan-registered" in labels_of(place)) == needs and ".macvtap=safe\n" in labels_of(place)
    table = tool.run("nfprobe-report", "matrix", str(place.pf / RUN), "--style=macvtap")
    assert table.returncode == 0 and "SAFE*" in table.stdout and "DEAF" not in table.stdout
    assert ("its VLAN is registered" in table.stdout) == needs
    assert "macvtap, wire: a guest that tags its frames itself is lost in VLAN 100\n" in table.stdout
    as_json = json.loads(tool.run("nfprobe-report", "matrix", "--json", str(place.pf / RUN), "--style=macvtap").stdout)
    tool.valid("matrix", as_json)
    assert as_json["rows"][0]["cells"][0]["results"][0]["lost_vlan"] == 100


def labels_of(place):
    return tool.run("nfprobe-report", "nfd", "--stored", f"--store={place.store}", f"--host={place.list}").stdout


def test_a_guest_with_a_macvtap_changes_neither_status_nor_label_of_a_bridge(place):
    """Where the bridge is not safe: that is what the NIC does."""
    status, said, _ = place.run("eth0", "-q")
    before = labels_of(place)
    place.is_now(rx_handler="macvlan", rx_handler_note="eth0 has macvtap0")
    assert place.run("eth0", "-q")[:2] == (status, said) and (status, "bridge NOT SAFE (EARLY)" in said) == (1, True)
    assert "bridge: not possible on the host as it is now either, while eth0 has macvtap0 (EBUSY)" in " ".join(place.run("eth0")[1].split())
    after = labels_of(place)
    assert [line for line in after.splitlines() if line[0] != "#"] == [line for line in before.splitlines() if line[0] != "#"]
    assert ".bridge=early" in after
    assert "\n# bridge: not possible on the host as it is now either, while eth0 has macvtap0 (EBUSY)\n" in after
    # A bridge that is safe gets no guest meanwhile, and is nowhere called so.
    place.save(document(lambda d: d["vf"]["styles"][1].update(verdict="safe", reason=None)))
    assert ".bridge=" not in labels_of(place)
    assert place.run("eth0", "--style=bridge")[0] == 1
    assert "bridge NOT POSSIBLE while eth0 has macvtap0." in place.run("eth0", "-q")[1]
    place.is_now()
    assert ".bridge=safe" in labels_of(place)


def test_what_a_run_was_told_to_require_is_said_once(place):
    reason = "frames land where they must, but --require ipv6: without trustGuestRxFilters IPv6 is lost"
    place.save(document(lambda d: (d["settings"].update(require_ipv6=True), d["vf"]["styles"][0].update(
        verdict="deaf", decided_by="ipv6", reason=reason))))
    for args in ((), ("--require=ipv6",)):
        status, text, _ = place.run("eth0", "--style=macvtap", *args)
        assert status == 1 and " ".join(text.split()).count("--require ipv6") == 1 and "NOT SAFE (DEAF)" in text, text


def test_two_lists_are_no_demand_that_is_dropped(place):
    status, text, said = place.run("eth0", "--require=ipv6", "--require=ipv6")
    assert (status, text) == (2, "")
    assert said == "nfprobe-check: --require is given twice\n"


# A file that cannot be used, beside one of 20 November.
@pytest.mark.slow
@pytest.mark.parametrize("name,safe", [
    ("20261121T100000.000Z-1.json", "unknown"), ("x.json", "unknown"),  # nobody knows what it would say
    ("20261119T100000.000Z-1.json", "yes"), ("20261120T100000.123Z-1.json", "yes"),
])
def test_a_result_that_cannot_be_read(place, name, safe):
    (place.pf / name).write_text("{")
    os.chmod(place.pf / name, 0o644)
    found = place.json("eth0")["pfs"][0]
    assert [s["safe"] for s in found["styles"]] == [safe, "no"]  # what is not safe stays so
    assert any(name in note and "it is damaged" in note for note in found["notes"])
    assert place.run("eth0", "--style=macvtap")[0] == (3 if safe == "unknown" else 0)


def test_of_thousands_the_newest_count(place):
    """There is an answer, which says that it is of some only."""
    for number in range(1000):
        os.link(place.pf / RUN, place.pf / f"20261121T100000.000Z-{number:032x}.json")
    note = "only the newest 1000 of 1001 results count: nfprobe-check --prune removes what others supersede"
    found = place.json()["pfs"][0]
    assert "error" not in found and [style["safe"] for style in found["styles"]] == ["yes", "no"] and note in found["notes"]
    os.unlink(place.pf / RUN)
    assert note not in place.json()["pfs"][0]["notes"]


def test_only_a_result_that_cannot_be_read(place):
    (place.pf / RUN).write_text("{")
    error = place.json("eth0")["pfs"][0]["error"]
    assert error["code"] == "input" and RUN in error["message"] and "it is damaged" in error["message"]
    status, text, said = place.run("eth0")
    assert (status, text) == (3, "eth0: UNKNOWN (what is stored cannot be used).\n")
    assert "cannot use STORE/pci-0000:01:00.0/" in said and "move it away" in said


@pytest.mark.slow
@pytest.mark.parametrize("text,words", [("{", "not JSON"), ("{}", "schema"), (json.dumps({"schema": host.SCHEMA}), "missing")])
def test_a_list_that_cannot_be_used(place, text, words):
    place.list.write_text(text)
    assert words in place.json("eth0")["error"]["message"]
    status, said = place.run("eth0")[::2]
    assert status == 4 and said.startswith("nfprobe-check: ") and len(said.splitlines()) == 1


def test_no_nfprobe(tmp_path):
    done = tool.run("nfprobe-check", "eth0", env={**os.environ, "NFPROBE": str(tmp_path / "none")})
    assert done.returncode == 4 and "cannot run" in done.stderr and not done.stdout


def test_this_host(place, tmp_path):
    """nfprobe-check asks nfprobe with the right words, and passes its errors on."""
    fake = tmp_path / "nfprobe"
    fake.write_text(f"#!/bin/sh\necho \"$@\" >>{tmp_path}/asked\n[ \"$5\" != eth9 ] || exec cat {tmp_path}/error\nexec cat {place.list}\n")
    os.chmod(fake, 0o755)
    (tmp_path / "error").write_text(json.dumps({**listing(), "pfs": [], "exit": 4, "error": {
        "code": "no-such-interface", "message": "there is no interface or device eth9", "hint": None}}))
    env = {**os.environ, "NFPROBE": str(fake)}
    assert tool.run("nfprobe-check", f"--store={place.store}", "eth0", env=env).returncode == 1
    assert tool.run("nfprobe-check", f"--store={place.store}", env=env).returncode == 1
    done = tool.run("nfprobe-check", f"--store={place.store}", "eth0", "eth9", env=env)
    assert done.returncode == 4 and "bridge NOT SAFE" in done.stdout
    assert done.stderr == ("nfprobe-check: there is no interface or device eth9\n"
                           "nfprobe --list shows the PFs and VFs of this host.\n")
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[:2] == ["--list --json -q -- eth0", "--list --json -q"]


# ---- text ----

def write_golden(name, text):
    with open(os.path.join(GOLDEN, name), "w", encoding="utf-8") as file:
        file.write(text)


def scene(place, title, *args, **options):
    status, text, said = place.run(*args, **options)
    assert not said
    return f"==== {title}\n{text}", status


@pytest.mark.parametrize("environment, colours", [({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_of_a_terminal(monkeypatch, environment, colours):
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ours, others = os.openpty()
    with open(others, "w", encoding="utf-8") as out:
        assert writer_to(out).colours is colours
        assert writer_to(out, "always").colours and not writer_to(out, "never").colours
    os.close(ours)


@pytest.mark.slow
def test_text(place):
    """As tests/golden/tools/check.txt has it; NFPROBE_GOLDEN_WRITE=1 writes that anew."""
    texts = [scene(place, "one style is safe", "eth0"), scene(place, "-q", "eth0", "-q")]
    narrow = {**os.environ, "COLUMNS": "60"}
    texts.append(scene(place, "60 columns", "eth0", env=narrow))
    texts.append(scene(place, "COLUMNS that is no number", "eth0", "-q", env={**os.environ, "COLUMNS": "wide"}))
    place.is_now(firmware="2.2.0", unread={"eswitch_mode": DENIED})
    texts += [scene(place, "new firmware", "eth0"), scene(place, "a VF, -v", "0000:01:10.6", "-v")]
    place.is_now(unread={"firmware": "No such device"})
    texts.append(scene(place, "firmware that cannot be read", "eth0"))
    place.is_now()
    texts += [scene(place, "another VF", "0000:01:10.4"), scene(place, "another VLAN, and another store", "eth0", "--vlan", "7")]
    texts.append(scene(place, "too old", "eth0", "--max-age", "1", "--style", "bridge"))
    place.save(document(lambda d: (d["vf"]["styles"][0].update(multicast="unproven", multicast_note="a switch drops it"),
                                   d["vf"]["styles"][1].update(verdict="unknown", reason="frames were lost"),
                                   d["source"].update({"from": "vf:1", "kind": "vf", "by": "vf"}))), "2.json")
    (place.pf / RUN).unlink()
    texts.append(scene(place, "by a sibling", "eth0"))
    place.save(document(lambda d: (d["vf"].update(probed_vlan=100), d["vf"]["styles"][0].update(
        multicast="unproven", multicast_note="a switch drops it"), d["vf"]["styles"].pop())), "3.json")
    texts += [scene(place, "in a VLAN, without IPv6", "eth0", "--style", "macvtap", "--vlan", "100")]
    text = "".join(found for found, _ in texts)
    if os.environ.get("NFPROBE_GOLDEN_WRITE"):
        write_golden("check.txt", text)
    with open(os.path.join(GOLDEN, "check.txt"), encoding="utf-8") as file:
        assert text == file.read()
    assert [status for _, status in texts] == [1, 1, 1, 1, 3, 3, 3, 3, 3, 3, 3, 0]


@pytest.mark.slow
def test_hostile_text(place):
    """Nothing in a result or a list reaches a terminal or the log of a CI system as a command."""
    bad = "".join(f"\n{command}\x1b[2J" for command in tool.COMMANDS)

    def spoil(found, key=None):
        if isinstance(found, dict):
            return {name: spoil(value, name) for name, value in found.items()}
        if isinstance(found, list):
            return [spoil(value, key) for value in found]
        free = key in ("reason", "multicast_note", "answer", "text", "command", "when", "firmware", "driver", "driver_version", "board_id",
                       "host", "kernel", "from", "note", "message", "net_driver")
        return bad if free and (isinstance(found, str) or found is None) else found

    place.save(spoil(document()))
    for found in (listing(), spoil(listing())):
        place.is_now(found)
        for args in ((), ("-v",), ("-q",)):
            _, text, said = place.run("eth0", *args)
            assert text and not tool.has_command(text + said) and "\x1b" not in text + said
    place.json("eth0")


def test_json_in_a_file_beside_the_text(place, tmp_path):
    status, text, _ = place.run("eth0", f"--json={tmp_path}/out.json")
    assert status == 1 and text.startswith("eth0: macvtap SAFE (IPv6: set trustGuestRxFilters), bridge NOT SAFE (EARLY).\n")
    with open(tmp_path / "out.json", encoding="utf-8") as file:
        assert json.loads(file.read().replace(str(place.store), "STORE")) == place.json("eth0")
    status, text, said = place.run("eth0", "--json=/no/such/folder/x")
    assert status == 4 and "cannot write /no/such/folder/x: No such file or directory" in said and "SAFE" in text
    assert "\nExit 4." in text and "Exit 1" not in text


@pytest.mark.slow
def test_every_key_of_the_schema_is_written(place, tmp_path):
    """A schema that promises what never comes would be none."""
    place.is_now(firmware="2.2.0")
    documents = [place.json(*args) for args in ((), ("0000:01:10.6",), ("nosuch0",))]
    place.save(with_gap())
    documents.append(place.json())
    documents[0]["pfs"][0]["entries_missing"] = 0  # null here, where another host is asked of
    place.list.write_text("{")
    (tmp_path / "all.jsonl").write_text("".join(json.dumps(document) + "\n" for document in [*documents, place.json("eth0")]))
    assert tool.validate.covers(tool.schema("check"), [str(tmp_path / "all.jsonl")]) == 0


# ---- the command line ----

@pytest.mark.parametrize("args,words", [
    (("a/b",), "is neither an interface name nor a PCI address"), (("",), "is neither an interface name nor a PCI address"),
    (("--style", "x"), f"is unknown: it takes macvtap (or direct), {', '.join(result.STYLES[1:])}, with commas"),
    (("--vlan", "4095"), "out of range"),
    (("--max-age", "0"), "0 is out of range: it takes 1 to 36500"), (("--max-age", "٣"), "is out of range"),
    (("--store=",), "names no folder"),
    (("--json=",), "names no file"), (("-q", "-v"), "not allowed with"), (("--prune", "--json"), "--json makes no sense with --prune"),
    (("--require", "ipv4"), "'ipv4' is unknown: it takes ipv6"),
    (("--require=",), "is unknown: it takes ipv6"), (("--require=host",), "'host' is unknown"),
    (("--require=ipv6", "--due=auto"), "--require makes no sense with --due"),
    (("--require=ipv6", "--prune"), "--require makes no sense with --prune"),
    (("--require=ipv6", "--audit"), "--require makes no sense with --audit"),
    (("--prune", "--max-age", "3"), "--max-age makes no sense with --prune"), (("--nonsense",), "--nonsense is not an option"),
])
def test_what_is_typed_wrongly(place, args, words):
    status, text, said = place.run(*args)
    assert (status, text if "--json" not in args else "") == (2, "") and words in said.splitlines()[0]
    assert said.splitlines()[1:] == ["nfprobe-check --help lists the options."]


@pytest.mark.parametrize("args,advice", [
    ((), "Probe: nfprobe eth0 --vf any --save=STORE"), (("--vlan=7",), "Probe: nfprobe eth0 --vf any --vlan 7 --save=STORE"),
    (("--vlan=0",), "Probe: nfprobe eth0 --vf any --save=STORE"),
    (("--style=bridge+fdb,macvtap",), "Probe: nfprobe eth0 --vf any --style macvtap,bridge+fdb --save=STORE")])
def test_the_run_that_would_answer(place, args, advice):
    """It answers what was asked."""
    (place.pf / RUN).unlink()
    assert place.run("eth0", *args)[1].endswith(f"Exit 3. {advice}\n")


def test_a_run_like_the_one_that_holds_no_more(place):
    place.save(document(lambda d: d["vf"].update(probed_vlan=7)))
    place.is_now(firmware="2.2.0")
    advice = "Probe again: nfprobe eth0 --vf 3 --vlan 7 --save=STORE"
    assert place.run("eth0")[1].endswith(f"Exit 3. {advice}\n")
    assert place.run("0000:01:10.6")[1].endswith(f"Exit 3. {advice}\n")


@pytest.mark.parametrize("name", tool.HOSTILE)
@pytest.mark.parametrize("columns", ("30", "300"))
def test_a_command_is_pasted_whole(place, name, columns):
    """It is on one line, whatever the width, and a shell reads its words."""
    place.save(document(lambda d: (d["source"].update({"kind": "vf", "from": "vf:0"}), d["vf"]["styles"][0].update(verdict="safe"))))
    place.is_now(ifname=name)

    def last(line, *args):
        lines = place.run("--style=macvtap", *args, "--", name, env={**os.environ, "COLUMNS": columns})[1].splitlines()
        return tool.words_of("nfprobe " + lines[line].partition("nfprobe ")[2])

    def run(*options):
        return ["nfprobe", *options, "--", name] if name == "-x" else ["nfprobe", name, *options]

    assert last(-1) == run("--vf", "3", "--from", "arp:IP", "--save=STORE")
    assert last(-1, "-q", "--due=auto") == run("--vf", "any", "--from", "arp:IP", "--save")


# ---- --prune ----

@pytest.mark.slow
def test_prune(place):
    old = "20251120T100000.123Z-1.json"
    place.save(document(lambda d: d["run"].update(start="2025-11-20T10:00:00.123Z")), old)
    assert place.run("--prune", "nosuch0")[0] == 4
    assert place.run("--prune", "eth0", "-v") == (0, f"removed STORE/pci-0000:01:00.0/{old}\n", "")
    assert os.listdir(place.pf) == [RUN]
    assert place.run("--prune") == (0, "", "")
    assert states(place.json("eth0"))[0][1] == "yes"


# ---- the entries of the libvirt hook ----

MAC = "52:54:00:00:00:07"


@pytest.fixture(name="listed")
def listed_fixture(tmp_path, monkeypatch):
    """The hook's list; the PF's filter has one of its addresses."""
    place = tmp_path / "list"
    place.mkdir(mode=0o700)
    monkeypatch.setattr(served, "LIST", str(place))
    monkeypatch.setattr(served, "own_addresses", lambda ifindex: {"52:54:00:00:00:09"})
    monkeypatch.setattr(served.socket, "if_nametoindex", lambda name: 3)
    monkeypatch.setattr(os, "geteuid", lambda: place.stat().st_uid)
    if os.getuid() != 0:
        pytest.skip("only root may know")
    for mac in (MAC, "52:54:00:00:00:09"):
        (place / f"0000:01:00.0-{mac}").write_text('{"guest": "web1"}')
    return place


class Endless:
    """A socket whose answer has always one more part."""
    seconds = None

    def __init__(self, *_):
        self.parts = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def settimeout(self, seconds):
        self.seconds = seconds

    def bind(self, _):
        pass

    def send(self, _):
        pass

    def recv(self, _):
        self.parts += 1
        assert self.parts < 100
        if self.seconds < 0.01:
            raise TimeoutError
        return b""


def test_a_filter_without_an_end(monkeypatch):
    """Each part comes at once, and all of them never."""
    clock = iter(range(200))
    monkeypatch.setattr(served.socket, "socket", Endless)
    monkeypatch.setattr(served.time, "monotonic", lambda: next(clock) / 10)
    with pytest.raises(TimeoutError):
        served.own_addresses(3)


def find():
    return served.find("eth0", "0000:01:00.0")


def test_an_entry_that_is_gone(listed):
    assert find() == (1, [("entry missing: guest web1 needs its address in the filter of eth0, where the libvirt hook had added it; at "
                           "libvirt's next event the hook adds it again; type it again:", f"bridge fdb add {MAC} dev eth0 self permanent")])
    for name in tool.HOSTILE:
        command = served.find(name, "0000:01:00.0").notes[0].command
        assert tool.words_of(command) == ["bridge", "fdb", "add", MAC, "dev", name, "self", "permanent"]
    for text in ("", "{", "[]", '{"guest": 1}'):  # the hook has not asked for it yet
        (listed / f"0000:01:00.0-{MAC}").write_text(text)
        assert find() == (0, [])
    (listed / f"0000:01:00.0-{MAC}").unlink()
    (listed / f"0000:02:00.0-{MAC}").write_text('{"guest": "web1"}')  # another PF's
    (listed / "incoming-x").write_text("")
    assert find() == (0, [])


def test_an_entry_of_the_bond_that_is_gone(listed, tmp_path, monkeypatch):
    (tmp_path / "eth0/bonding_slave").mkdir(parents=True)
    (tmp_path / "eth0/master").symlink_to("../bond0")
    monkeypatch.setattr(served, "NET", str(tmp_path))
    (listed / f"0000:01:00.0-{MAC}").rename(listed / f"bond0-{MAC}")
    missing, (note,) = find()
    assert (missing, note.command) == (1, f"bridge fdb add {MAC} dev bond0 self permanent")
    (tmp_path / "eth0/bonding_slave").rmdir()  # it has left the bond
    assert find() == (0, [])


@pytest.mark.parametrize("spoil", [
    lambda listed, file: os.chmod(listed, 0o777), lambda listed, file: os.chown(listed, 65534, 0),
    lambda listed, file: os.chmod(file, 0o622),
    lambda listed, file: os.chown(file, 65534, 0), lambda listed, file: (file.unlink(), os.mkfifo(file)),
    lambda listed, file: (file.rename(listed / "x"), file.symlink_to("x")),
    lambda listed, file: (listed.rename(f"{listed}2"), listed.symlink_to(f"{listed}2")),
])
def test_the_list_counts_only_if_it_is_roots_own(listed, spoil, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    spoil(listed, listed / f"0000:01:00.0-{MAC}")
    with tool.in_time(5):
        missing, notes = find()
    assert missing is None and str(listed) in notes[0].text


def test_who_cannot_know_says_nothing(listed, monkeypatch):
    assert served.find("", "0000:01:00.0") == (None, [])
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    assert find() == (None, [])
    monkeypatch.undo()
    monkeypatch.setattr(served, "LIST", f"{listed}/none")
    monkeypatch.setattr(served.socket, "if_nametoindex", lambda name: 3)
    assert find() == ((0, []) if os.geteuid() == 0 else (None, []))


def test_the_kernels_answer():
    def message(index, flags, state, mac):
        body = served.struct.pack("=B3xiHBB", 7, index, state, flags, 0) + served.struct.pack("=HH", 10, 2) + bytes.fromhex(mac) + b"\0\0"
        return served.struct.pack("=IHHII", 16 + len(body), served.RTM_NEWNEIGH, 0, 0, 0) + body
    done = served.struct.pack("=IHHIIi", 20, served.NLMSG_DONE, 0, 0, 0, 0)
    data = (message(3, 2, 0x80, "525400000001") + message(4, 2, 0x80, "525400000002") + message(3, 4, 0x80, "525400000003")
            + message(3, 2, 0x40, "525400000004"))
    assert served.addresses_in(data, 3) == ({"52:54:00:00:00:01"}, False)
    assert served.addresses_in(data + done, 3) == ({"52:54:00:00:00:01"}, True)
    with pytest.raises(OSError):
        served.addresses_in(served.struct.pack("=IHHIIi", 20, served.NLMSG_ERROR, 0, 0, 0, -1), 3)
    for length in range(len(data)):  # cut anywhere, it ends
        served.addresses_in(data[:length], 3)


# ---- --plugin ----

@pytest.mark.slow
def test_as_a_monitoring_plugin(place):
    """0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; one line, whose numbers follow a "|"."""
    def asked(*args):
        status, text, _ = place.run("--plugin", *args)
        assert text.count("\n") == 1 and text.count("|") == 1
        return status, text.rstrip()
    assert asked("--style", "macvtap") == (
        0, "NFPROBE OK - eth0: macvtap SAFE (IPv6: set trustGuestRxFilters) | ok=1 warning=0 critical=0 unknown=0")
    status, text = asked()
    assert status == 2 and text.startswith("NFPROBE CRITICAL - eth0: macvtap SAFE") and text.endswith("critical=1 unknown=0")
    status, text = asked("eth9")
    assert status == 3 and text.startswith("NFPROBE UNKNOWN - eth9: there is no interface or device eth9 | ")
    # Wrong usage is not CRITICAL, nor is a host that cannot be asked.
    assert asked("--nonsense")[0] == 3
    place.is_now(firmware="2.2.0 | x=1")
    status, text = asked("--style", "macvtap")
    assert status == 3 and "UNKNOWN (firmware changed)" in text
    assert place.run("--plugin", "--json")[0] == 3


def test_guests_that_the_pf_has_lost_are_a_warning():
    found = check.failed("eth0", "", None, check.unknown("x"))
    safe = found._replace(error=None, check=found.check._replace(exit_status=0))
    assert check_main.plugin_state(safe) == 0
    assert check_main.plugin_state(safe._replace(added=safe.added._replace(missing=2))) == 1

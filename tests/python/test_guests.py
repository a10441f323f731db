# SPDX-License-Identifier: GPL-2.0-or-later
"""The picture of a guest: two ways of boxes from it to the wire, the stop with its command, and the counts of --watch."""

import copy
import html
import json
import re

import pytest
import tool

from nfprobe_tools import guests, host, report, rights

MAC = "52:54:00:00:00:12"


def hop(kind, ifname, bridge=None, side=None, vlan=None, stops=(), netns=None):
    return {"ifname": ifname, "kind": kind, "netns": netns, "bridge": bridge, "inward": side == "in", "vlan": vlan,
            "stops": [{"ifname": ifname, **one} for one in stops]}


def stop(what, commands=(), weight="stops", after=None, **more):
    return {"code": "not-forwarding", "weight": weight, "what": what, "after": after, "commands": list(commands), **more}


def guest(name, number, standby, *hops, end="pf", vlan=None, pair="sure"):
    vf = {"pf": "eth0", "vf": number, "at_rest": False, "left": False, "address": MAC, "vlan": vlan}
    return {"name": name, "pid": 4711 + number, "vf": vf, "standby": {"ifname": standby, "address": MAC, "pair": pair}, "end": end,
            "hops": list(hops)}


LACKS = stop("is not in VLAN 9", [["bridge", "vlan", "add", "vid", "9", "dev", "eth0"]])
WEB = guest("web1", 2, "vnet0", hop("tun", "vnet0", "br0", "in", 0), hop(None, "eth0", "br0", "out", 9, [LACKS]), vlan=9)
DB = guest("db", 3, "tap106i0", hop("tun", "tap106i0", "fwbr106i0", "in"), hop("veth", "fwln106i0", "fwbr106i0", "out"),
           hop("veth", "fwpr106p0", "br0", "in"), hop(None, "eth0", "br0", "out", 0))
MAIL = guest("mail", 4, "macvtap0", hop("macvtap", "macvtap0"),
             hop("vlan", "eth0.5", stops=[stop("is down", [["ip", "link", "set", "eth0.5", "up"]], after="nobody keeps it down")]),
             hop(None, "eth0", vlan=5))
HEARD = {"unicast": 9, "broadcast": 12, "groups": 3}
WATCH = {"schema": host.SCHEMA, "minor": 0, "version": "0.4.0", "answer": "stops", "text": "stops between eth0 of br0 and vnet0: 12 came,"
         " 0 went on", "address": MAC, "ms": 10000, "hops": [
             {"ifname": "vnet0", "netns": None, "bridge": "br0", "state": "heard", "why": None, "any_vlan": False,
              "to": {**HEARD, "broadcast": 0}, "from": HEARD, "tx_dropped": 7},
             {"ifname": "eth0", "netns": None, "bridge": "br0", "state": "heard", "why": None, "any_vlan": True, "to": HEARD,
              "from": HEARD}],
         "stops": [{"bound": "to", "kinds": ["broadcast"], "after": "eth0", "before": "vnet0", "came": 12, "what": "broadcast stops"}],
         "vf": {"pf": "eth0", "vf": 2, "in_use": True, "counts": True}, "vf_unicast": 5, "notes": ["a note"], "exit": 1}


def read(one):
    return guests.record(guests.Guest)(one)


def audited(*some):
    return {**tool.golden("audit-full.json"), "guests": list(some)}


@pytest.fixture(name="keeps_rights", autouse=True)
def keeps_rights_fixture(monkeypatch):
    monkeypatch.setattr(rights, "give_up", lambda: None)  # those of the tests


def page_of(tmp_path, found=None, watch=None):
    words = ["html", "-o", str(tmp_path / "page.html")]
    for option, document in (("--audit", found), ("--watch", watch)):
        if document:
            (tmp_path / option[2:]).write_text(json.dumps(document))
            words += [option, str(tmp_path / option[2:])]
    assert report.main(words) == 0
    return (tmp_path / "page.html").read_text()


def text_of(page):
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]*>", " ", page)))


def test_each_hop_is_a_box():
    """From the guest to the wire; what is behind a stop is beyond it, and the stop has its command."""
    one = guests.picture_of(read(WEB))
    assert (one.name, one.who, one.answer, one.colour) == ("web1", "web1 (process 4713)", "STOPS at eth0 of br0", "bad")
    (_, vf), (_, standby) = one.ways
    assert [box.name for box in vf] == ["VF 2", "eth0", "the wire"] and [box.name for box in standby] == ["vnet0", "eth0", "the wire"]
    assert vf[2].details == standby[2].details == ["VLAN 9"]
    assert [box.style for box in standby] == ["", "held", "beyond"]
    assert standby[1].marks == [guests.Mark("bad", "is not in VLAN 9", "bridge vlan add vid 9 dev eth0")]
    assert standby[0].details == ["tap", "port of br0, towards the guest"]
    assert standby[1].details == ["NIC", "port of br0, towards the wire", "VLAN 9"]


LOSES = stop("drops broadcasts", weight="loses")
MAY = stop("snoops", weight="may")
DOWN = stop("is down", ifname="br0")


@pytest.mark.parametrize("one, answer, colour", (
    (DB, "reaches eth0", "safe"), (MAIL, "STOPS at eth0.5", "bad"),
    ({**DB, "hops": [hop(None, "eth0", vlan=9)]}, "reaches eth0, VLAN 9", "safe"),
    ({**DB, "hops": [hop("tun", "vnet0", "br0", stops=[MAY, DOWN])]}, "STOPS at br0", "bad"),
    ({**DB, "hops": [hop("tun", "vnet0", stops=[MAY, LOSES])]}, "loses frames at vnet0", "bad"),
    ({**DB, "hops": [hop("tun", "vnet0", stops=[MAY])]}, "reaches vnet0", "unsure"),
    ({**DB, "end": "none", "hops": []}, "STOPS: its macvtap is no more", "bad"),
    ({**DB, "end": "none", "hops": [], "standby": None}, "no standby was found", "unsure"),
    ({**DB, "end": "nowhere"}, "leads nowhere", "unsure"), ({**DB, "end": "host"}, "ends in this host, which routes", "unsure"),
    ({**DB, "end": "switch"}, "goes through Open vSwitch, whose tables are not read", "unsure"),
    ({**DB, "end": "nic"}, "leaves by eth0, another NIC than its VF's", "unsure"),
    ({**DB, "end": "other"}, "leaves by eth0, where nfprobe cannot look", "unsure"),
    ({**DB, "end": "unseen"}, "is not followed: it has too many netdevs", "unsure"),
    ({**DB, "end": "a new word"}, "leaves by eth0, not known", "unsure"),
))
def test_where_it_leads(one, answer, colour):
    found = guests.picture_of(read(one))
    assert (found.answer, found.colour) == (answer, colour)
    if one["hops"]:
        assert found.ways[-1][1][-1].beyond == (answer.startswith("STOPS") or one["end"] == "nowhere")


def test_what_may_lose_is_no_stop():
    [tap, _] = guests.picture_of(read({**DB, "hops": [hop("tun", "vnet0", stops=[MAY, LOSES, DOWN])]})).ways[-1][1]
    assert [mark[:2] for mark in tap.marks] == [("unsure", "may: snoops"), ("bad", "drops broadcasts"), ("bad", "br0 is down")]


@pytest.mark.parametrize("more, words", (({"at_rest": True}, "at rest: the guest does not use it"), ({"left": True}, "nobody has it now"),
                                         ({"address": None}, "")))
def test_what_is_known_of_the_vf(more, words):
    one = guests.picture_of(read({**DB, "vf": {**DB["vf"], **more}, "name": None, "pid": None}))
    assert one.ways[0][1][0].details == ["of eth0", *filter(None, [words, "" if "address" in more else MAC])] and one.name == "a guest"


def test_those_that_stop_come_first():
    first, whole = guests.pictures_of([read(one) for one in (DB, WEB, MAIL)], None)
    assert ([one.name for one in first], [one.name for one in whole]) == (["web1", "mail"], ["db"])


def test_the_counts_are_at_their_hops():
    """Of the guest whose way begins where that of the counts does."""
    watch = guests.any_watch(WATCH)
    first, whole = guests.pictures_of([read(DB), read(WEB)], watch)
    assert [len(first), len(whole)] == [1, 1]
    (_, vf), (_, standby) = first[0].ways
    assert standby[0].counts == [("to the guest: 9 unicast, 0 broadcast, 3 groups", "bad"),
                                 ("from the guest: 9 unicast, 12 broadcast, 3 groups", ""), ("7 dropped by its driver", "unsure")]
    assert [text for text, _ in standby[1].counts] == ["to the guest: 9 unicast, 12 broadcast, 3 groups",
                                                       "from the guest: 9 unicast, 12 broadcast, 3 groups"]
    assert not any(box.counts for box in vf)
    assert first[0].notes == [f"{WATCH['text']}: frames of {MAC} in 10 s", "the NIC has given 5 frames to its VF meanwhile", "a note"]
    # Nobody's: they are shown all the same.
    first, whole = guests.pictures_of([read(DB)], watch)
    assert [one.who for one in first] == [MAC] and len(whole) == 1


def test_the_counts_alone():
    one = guests.picture_of_watch(guests.any_watch(WATCH))
    assert (one.who, one.answer, one.colour) == (MAC, WATCH["text"], "bad")
    (_, vf), (_, standby) = one.ways
    assert [box.name for box in vf] == ["VF 2", "eth0", "the wire"]
    assert standby[0].marks == [guests.Mark("bad", "broadcast stops")] and standby[1].details == ["port of br0", "in whatever VLAN"]
    deaf = copy.deepcopy(WATCH)
    deaf["hops"][0].update(state="unheard", why="the socket was lost")
    deaf["hops"][1].update(state="down")
    del deaf["vf"]
    one = guests.picture_of_watch(guests.any_watch(deaf))
    assert [box.counts[0][0] for box in one.ways[0][1][:2]] == ["not listened at: the socket was lost", "down all the time"]


def test_the_page(tmp_path):
    text = text_of(page_of(tmp_path, audited(WEB, DB)))
    assert "web1 (process 4713): STOPS at eth0 of br0 By its VF: web1 VF 2 of eth0" in text
    assert "is not in VLAN 9 bridge vlan add vid 9 dev eth0" in text and "1 guest whose way is whole" in text
    assert "unicast" not in text
    text = text_of(page_of(tmp_path, audited(WEB), WATCH))
    assert "to the guest: 9 unicast, 0 broadcast, 3 groups" in text and "7 dropped by its driver" in text
    text = text_of(page_of(tmp_path, None, WATCH))
    assert text.count(WATCH["text"]) >= 2 and "Counted at each netdev" in text and "By its standby: " in text
    # An audit of an older version has none.
    said = tool.golden("audit-full.json")
    assert "Guests" in text_of(page_of(tmp_path, said))
    del said["guests"]
    assert "Guests" not in text_of(page_of(tmp_path, said))


@pytest.mark.parametrize("name", [*tool.HOSTILE, "<script>alert(1)</script>", "\033[2J"])
def test_hostile_names(tmp_path, name):
    """A netdev, a guest and a command have names that others chose."""
    one = guest(name, 2, name, hop(name, name, name, "in", stops=[stop(name, [["ip", "link", "set", name, "up"]], after=name)], netns=name),
                end=name)
    watch = copy.deepcopy(WATCH)
    watch.update(text=name, notes=[name])
    watch["hops"][0].update(ifname=name, netns=name, bridge=name)
    page = page_of(tmp_path, audited(one), watch)
    assert "<script>alert" not in page and "\033" not in page and not tool.has_command(page[page.index("</style>"):])


@pytest.mark.parametrize("damage", ({"hops": 7}, {"vf": []}, {"pid": "1"}, {"end": 7}, {"hops": [{}]}))
def test_a_document_that_is_damaged(tmp_path, capsys, damage):
    (tmp_path / "audit").write_text(json.dumps(audited({**DB, **damage})))
    assert report.main(["html", "--audit", str(tmp_path / "audit"), "-o", str(tmp_path / "page")]) == 4
    assert "guests" in capsys.readouterr().err and not (tmp_path / "page").exists()


def test_many_guests(tmp_path):
    with tool.in_time(60):
        page = page_of(tmp_path, audited(*[WEB] * 500, *[DB] * 500))
    assert page.count("STOPS at eth0 of br0") == 500

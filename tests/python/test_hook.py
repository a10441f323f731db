# SPDX-License-Identifier: GPL-2.0-or-later
"""The libvirt hook: whose processes it believes. Tests of what it does with a guest are in tests/cli."""

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

import pytest
import tool

sys.path.insert(0, os.path.join(tool.TOP, "tests/nfsim"))
import alike  # noqa: E402

from nfprobe_tools import audit, proc, result  # noqa: E402

from nfprobe_tools.team import QEMU  # noqa: E402
from test_pair import (  # noqa: E402
    BR0, ETH0, IN_BR0, MAC as PAIR_MAC, OTHER, PLAIN, SECOND, TAP, a_host, netdev as netdev_of, standby, transient,
    vf as a_vf, with_ways)

MAC = "52:54:00:00:00:07"
MACHINE = "<os><type arch='x86_64' machine='q35'/></os>"
GUEST = f"""<domain><name>web</name>{MACHINE}<devices>
<interface type='direct'><mac address='52:54:00:00:00:07'/><source dev='eth0' mode='bridge'/><alias name='ua-standby'/></interface>
<hostdev><source><address domain='0' bus='1' slot='16' function='0'/></source><teaming type='transient' persistent='ua-standby'/></hostdev>
</devices></domain>"""
UUID = str(uuid.uuid4())  # other tests run beside these
PROGRAM = os.environ.get("PROGRAM", os.path.join(tool.TOP, "build/nfprobe"))
PROCESS = """
import ctypes, os, signal, sys
user = int(sys.argv[1])
os.setgid(user)
os.setuid(user)
ctypes.CDLL(None).prctl(4, int(sys.argv[2]), 0, 0, 0)  # PR_SET_DUMPABLE
print("ready", flush=True)
signal.pause()
"""


@pytest.fixture(name="hook")
def hook_fixture(tmp_path, monkeypatch):
    """With the folder of libvirt's pid files."""
    hook = audit.load_hook(os.path.join(tool.TOP, "scripts/packaging/libvirt/nfprobe-libvirt-hook"))
    (tmp_path / "pids").mkdir()
    monkeypatch.setattr(hook, "QEMU_PIDS", str(tmp_path / "pids"))
    return hook


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
@pytest.mark.parametrize("user, dumpable, noted", (
    (0, True, False), (64055, True, True), (65534, True, False), (64055, False, True), (65534, False, False),
    (65534, True, True),  # a guest that has a user of its own (<seclabel model='dac'>)
))
def test_only_a_process_of_libvirt_keeps_an_entry(hook, tmp_path, user, dumpable, noted):
    """Any user may call a process "qemu -uuid UUID", also with root's uid: a setuid program that he has stopped."""
    program = tmp_path / "qemu-system-x86_64"
    shutil.copy(os.path.realpath(sys.executable), program)
    os.chmod(tmp_path, 0o755)
    with subprocess.Popen([program, "-I", "-c", PROCESS, str(user), str(int(dumpable)), "-uuid", UUID.upper()],
                          stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline() == b"ready\n"
            (tmp_path / "pids/other.pid").write_text("1\n")
            if noted:
                (tmp_path / "pids/web.pid").write_text(f"{process.pid}\n")
            assert hook.running().get("web") == ({UUID} if noted else None)
        finally:
            process.kill()
    assert "web" not in hook.running()


@pytest.mark.parametrize("noted, kept", (
    ({}, set()), ({"web": None}, {"web"}), ({"web": UUID}, {"web"}), ({"web": "other"}, set()), ({"db": UUID}, {"db"}),
))
def test_a_process_keeps_the_entry_of_its_own_guest(hook, tmp_path, monkeypatch, noted, kept):
    """If it has that guest's UUID, or cannot be read."""
    monkeypatch.setattr(hook, "LIST", str(tmp_path / "list"))
    guests = [proc.Guest(7, name, uuid and (b"qemu", b"-uuid", uuid.encode())) for name, uuid in noted.items()]
    monkeypatch.setattr(hook.tools("proc"), "guests", lambda pids: iter(guests))
    for name in ("web", "db"):
        with hook.held(f"{hook.LIST}/incoming-{name}", time.monotonic() + 60, create=True) as lock:
            hook.write_record(lock, hook.Guest(name, UUID), 0)
    monkeypatch.setattr(hook, "STARTING", 0)
    assert hook.clean() == (None not in noted.values())
    assert {os.path.basename(path)[len("incoming-"):] for path, _ in hook.listed()} == kept


@pytest.fixture(name="pair")
def pair_fixture(hook, monkeypatch):
    """A guest's pair, of whose names each can be asked for; what the host and the store say is as a test wants it."""
    said = {"stored": {}, "uplinks": [], "second": "", "is_port": True}
    monkeypatch.setattr(hook, "told", lambda pair, style, **_: hook.Told(*said["stored"].get(style, ("no", "deaf")), ()))
    monkeypatch.setattr(hook, "hops", lambda pair: [(pair.standby.tap, said["uplinks"])] * bool(said["uplinks"]))
    monkeypatch.setattr(hook, "learners", lambda pair: said["uplinks"])
    monkeypatch.setattr(hook, "second_vf", lambda pair: said["second"])
    ports_of = hook.ports_of
    monkeypatch.setattr(hook, "ports_of", lambda vf, master: ports_of(vf, master) if said["is_port"] is None else
                        [hook.standby_at(hook.Pair(vf, "", said["netdev"], None))] * said["is_port"])
    monkeypatch.setattr(hook, "leaves_by", lambda pair: {pair.netdev})
    monkeypatch.setattr(hook, "has_entry", lambda netdev, mac, deadline: False)

    def make(style, netdev, tap="", **more):
        said.update(more, netdev=netdev)
        monkeypatch.setattr(hook, "style_of", lambda pair, pinned=False: style)
        return hook.Pair("0000:01:10.6", "0000:01:00.0", netdev, hook.Standby(MAC, "bridge", "bridge br0", "br0", False, tap))
    return make


YES = ("yes", "")


@pytest.mark.parametrize("name", tool.HOSTILE)
def test_a_step_that_is_to_be_pasted(hook, pair, monkeypatch, name):
    """Each that --explain prints, in the words that went in."""
    def steps(style, known, safe, **more):
        _, commands = hook.next_step(pair(style, name, **more), style, known, safe)
        return [tool.words_of(command) for command in commands]

    def probe(*options):
        return ["nfprobe", *options, "--", name] if name == "-x" else ["nfprobe", name, *options]

    def learning(*ports):
        return [["bridge", "link", "set", "dev", port, "learning", "off"] for port in ports]

    def forgetting(*ports):
        return [["bridge", "fdb", "del", MAC, "dev", port, "master"] for port in ports]

    def sticky(tap):
        return ["bridge", "fdb", "replace", MAC, "dev", tap, "master", "static", "sticky"]

    entry = ["bridge", "fdb", "add", MAC, "dev", name, "self", "permanent"]
    assert steps("bridge", "unknown", "unknown") == [probe("--vf", "any", "--style", "bridge", "--save")]
    assert hook.next_step(pair("bridge", name)._replace(inside=(42, 47)), "bridge", "unknown", "unknown")[1] == [
        hook.probe(pair("bridge", name)._replace(inside=(tag,)), "bridge") for tag in (42, 47)]
    assert steps("static-bridge", "yes", "unknown", uplinks=[name]) == [*learning(name), *forgetting(name)]
    assert steps("vf-bridge", "yes", "unknown", second=name) == [entry]
    assert steps("bridge", "no", "no", stored={"bridge+fdb": YES}) == [entry]
    assert steps("bridge", "no", "no", stored={"bridge+pin": YES}, tap=name) == [sticky(name)]
    assert steps("bridge", "no", "no", stored={"bridge+fdb+pin": YES}) == [entry, sticky("TAP")]
    acts = {"LIBVIRT_HOOK": "act", "LIBVIRT_BRIDGE_FIX": "learning-off", "LIBVIRT_IPV6": "yes", "LIBVIRT_GAP_LIMIT": ""}
    monkeypatch.setattr(hook, "settings", lambda: acts)
    assert steps("bridge", "no", "no", stored={"bridge+fdb+pin": YES}, tap="vnet0") == [
        entry, *learning(name, "vnet0"), *forgetting(name, "vnet0")]
    assert steps("bridge", "no", "no", stored={"static-bridge": YES}) == learning(name)


def test_the_program_takes_each_command(hook, pair, monkeypatch):
    """A command that it refuses is worse than none: whoever pastes it has been told a way that does not exist."""
    made = []
    shell, command = hook.tools("shell"), hook.tools("shell").command
    monkeypatch.setattr(shell, "command", lambda *words: (made.append(words), command(*words))[1])
    nosuch = a_host(ETH0).pfs[0]._replace(ifname="nosuch0")  # there it ends, past its options
    monkeypatch.setattr(hook, "host_with", lambda device: SimpleNamespace(
        kernel="1", netdevs=(), have_vlans=True, unread={}, find=lambda device: (nosuch, nosuch.vfs[0])))
    monkeypatch.setattr(hook.tools("check"), "check_pf", lambda *words, **more: SimpleNamespace(
        error=None, others=(), results={}, check=SimpleNamespace(entries=[])))
    monkeypatch.setattr(hook, "exits", lambda pair: [hook.sends_by("0000:02:10.0", MAC)])
    for name in ("nosuch0", "-x"):
        for style in (None, "macvtap", *hook.STYLES_THAT_HELP):
            for vlan, inside in ((None, ()), (0, (42,)), (100, (42, 47)), (4094, ())):
                one = pair(style, name)._replace(vlan=vlan, inside=inside)
                hook.elsewhere(one)
                hook.judge(one)
                for known in ("unknown", "no") if style else ():
                    hook.next_step(one, style, known, "unknown")
    asked = {words for words in made if words[0].startswith("nfprobe")}
    assert {options for words in asked for options in words if options.startswith("--")} >= {
        "--vf", "--vlan", "--guest-vlan", "--style", "--save"}
    for words in asked:
        done = tool.run(*words) if words[0] != "nfprobe" else subprocess.run(
            [PROGRAM, *words[1:]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 4, (words, done.stderr)


VLANS = {"ok": ("yes", ""), "lost": ("no", "the guest's own VLAN 47 is lost"), "unproven": ("unknown", "proves the guest's own VLAN 47"),
         None: ("unknown", "proves the guest's own VLAN 47")}


@pytest.mark.parametrize("verdict", VLANS)
@pytest.mark.parametrize("stale, safe", (("", "yes"), ("", "unknown"), ("kernel was 1, is 2", "unknown")))
def test_a_guest_that_tags_itself(hook, monkeypatch, verdict, stale, safe):
    """A verdict without its tag says nothing of it; one that holds no more, or has no proof, neither."""
    golden = tool.golden("igb.json")
    for style in golden["vf"]["styles"]:
        style["guest_vlan"] = {"vlan": 47, "verdict": verdict} if verdict else None
    found = result.parse(json.dumps(golden).encode(), "a.json")
    tested = SimpleNamespace(run="a.json", style="macvtap", verdict="safe", ipv4_only=False, gap_ms=0)
    standing = SimpleNamespace(tested=tested, stale=stale, safe=safe)
    answer = SimpleNamespace(error=None, others=(), results={"a.json": found}, check=SimpleNamespace(
        entries=[standing], styles=[SimpleNamespace(safe=safe, why=stale, standing=standing)]))
    monkeypatch.setattr(hook.tools("check"), "check_pf", lambda *words, **more: answer)
    expected, words = VLANS[verdict] if not stale and (safe == "yes" or verdict != "ok") else VLANS[None]
    assert hook.ask(a_host(ETH0).pfs[0], None, "", "macvtap", 0, ())[0] == safe
    said = hook.ask(a_host(ETH0).pfs[0], None, "", "macvtap", 0, (47,))
    assert said[0] == expected and words in said[1]
    assert hook.ask(a_host(ETH0).pfs[0], None, "", "macvtap", 0, (47, 48))[0] == ("no" if expected == "no" else "unknown")


@pytest.mark.parametrize("why, inside, safe, words", (
    ("safe", (), "yes", "SAFE"), ("safe", (47,), "no", "SAFE; the guest's own VLAN 47 is lost"),
    ("claimed", (), "no", "DEAF: deaf in VLAN 47"),
    ("safe", (48,), "unknown", "SAFE; nothing that holds now proves the guest's own VLAN 48")))
def test_a_result_that_was_asked_about_a_vlan(hook, monkeypatch, why, inside, safe, words):
    """Where the steps are safe it says nothing against a guest without it."""
    golden = tool.golden("igb.json")
    golden["vf"]["styles"][0].update(verdict="deaf", decided_by="vlan", why=why, reason="deaf in VLAN 47 only",
                                     guest_vlan={"vlan": 47, "verdict": "lost"})
    read = result.parse(json.dumps(golden).encode(), "a.json")
    rules, tested = hook.tools("rules"), hook.tools("rules").tested_of(read)
    found = rules.check(tested, [one.identity for one in tested], rules.Query(tested[0].start_ms + 1000, 1500, styles=("macvtap",)))
    monkeypatch.setattr(hook.tools("check"), "check_pf", lambda *words, **more: SimpleNamespace(
        error=None, others=(), results={"a.json": read}, check=found))
    told = hook.ask(a_host(ETH0).pfs[0], None, "", "macvtap", 0, inside)
    assert told.safe == safe and told.why.startswith(words), told


@pytest.mark.parametrize("ipv6, only, safe, words, codes", (
    ("yes", False, "yes", "SAFE", ["trust-guest-rx-filters"]), ("no", False, "yes", "SAFE", []),
    ("maybe", True, "no", "IPv4 only: no IPv6; LIBVIRT_IPV6=no in ", ["trust-guest-rx-filters"]),
    ("no", True, "yes", "IPv4 only", []),
))
def test_a_host_whose_guests_have_no_ipv6(hook, monkeypatch, tmp_path, ipv6, only, safe, words, codes):
    """One setting for the hook and --explain: what only IPv6 needs is not asked for."""
    (tmp_path / "nfprobe.conf").write_text(f"LIBVIRT_IPV6={ipv6}\n")
    monkeypatch.setattr(hook, "CONF", str(tmp_path / "nfprobe.conf"))
    golden = {**tool.golden("igb.json"), "conditions": [tool.unseen("macvtap", 9)]}
    found = result.parse(json.dumps(golden).encode(), "a.json")
    unseen, found = found.conditions, found._replace(conditions=(*NEEDS["macvtap"], *found.conditions))
    tested = SimpleNamespace(run="a.json", style="macvtap", verdict="deaf" if only else "safe", ipv4_only=only, gap_ms=0)

    def check_pf(pf, vf, kernel, folder, asked, here):
        standing = SimpleNamespace(tested=tested, stale="", safe=safe)
        assert asked.ipv6 == (ipv6 != "no")
        return SimpleNamespace(error=None, others=(), results={"a.json": found}, check=SimpleNamespace(
            entries=[standing], styles=[SimpleNamespace(safe=safe, why="" if safe == "yes" else "no IPv6", standing=standing)]))
    monkeypatch.setattr(hook.tools("check"), "check_pf", check_pf)
    told = hook.ask(a_host(ETH0).pfs[0], None, "", "macvtap", 0, ())
    assert (told.safe, [one.code for one in told.conditions]) == (safe, codes) and told.why.startswith(words), told
    assert told.unseen == unseen


def test_a_result_that_is_too_old_for_the_service_is_too_old_for_a_guest(hook, monkeypatch, tmp_path):
    (tmp_path / "nfprobe.conf").write_text("LIBVIRT_HOOK=refuse\nNFPROBE_HOLDS='--style macvtap --max-age 7'\n")
    monkeypatch.setattr(hook.tools("holds"), "CONF", str(tmp_path / "nfprobe.conf"))
    asked = []
    monkeypatch.setattr(hook.tools("check"), "check_pf", lambda *words, **more: (asked.append(words[4]), SimpleNamespace(error="none"))[1])
    hook.ask(a_host(ETH0).pfs[0], None, "", "bridge", 0, ())
    # The style is that of the guest.
    assert [(one.max_age_days, one.styles) for one in asked] == [(7, ("bridge",))]


def test_the_xml_may_have_an_altname(hook, monkeypatch):
    """sysfs and the list of netdevs know the other name alone."""
    text = GUEST.replace("eth0", "enp1s0f0np0")
    monkeypatch.setattr(hook, "assigned", lambda domain: ({}, []))
    monkeypatch.setattr(hook.tools("names"), "own_name", lambda name: {"enp1s0f0np0": "eth0"}.get(name, name))
    [team] = hook.teams(ElementTree.fromstring(text))[0]
    assert hook.standby_of(team.standby).lower == "eth0"


SECOND_BRIDGE = (IN_BR0, BR0, netdev_of("fwpr", "veth", lower="fwln", master="br0"),
                 netdev_of("fwln", "veth", lower="fwpr", master="fwbr"), netdev_of("fwbr", "bridge"))


def test_each_bridge_on_the_way_is_pinned(hook, monkeypatch):
    """A bridge on which the guest is not pinned has it where its VF spoke last."""
    monkeypatch.setattr(hook, "host_with", lambda device: a_host(*SECOND_BRIDGE))
    monkeypatch.setattr(hook, "second_vf", lambda pair: "")
    monkeypatch.setattr(hook, "learning", lambda port: "1")
    there = []
    monkeypatch.setattr(hook, "is_sticky", lambda port, mac: port in there)
    one = hook.Pair("0000:01:10.6", "0000:01:00.0", "eth0", hook.Standby(MAC, "bridge", "bridge fwbr", "fwbr", False, "tap1"))
    assert hook.uplinks(one) == ["fwln", "eth0"]
    assert hook.pinning(one, "pin") == [hook.sticky(port, MAC) for port in ("tap1", "fwpr")]
    off = [*map(hook.learning_off, ("fwln", "eth0")), *(hook.forgetting(port, MAC) for port in ("fwln", "eth0"))]
    assert hook.pinning(one, "uplink-learning-off") == off
    assert hook.pinning(one, "learning-off")[:4] == [hook.learning_off(port) for port in ("fwln", "eth0", "tap1", "fwpr")]
    for ports, learns, words in (((), ["fwln", "eth0"], "no, fwln and eth0 learns"), (("tap1",), ["eth0"], "no, eth0 learns"),
                                 (("tap1", "fwpr"), [], "yes, its entry at tap1 and fwpr is sticky")):
        there[:] = ports
        assert (hook.learners(one), hook.pinned_now(one)) == (learns, words)


def test_a_bridge_whose_way_is_too_long_is_not_pinned(hook, monkeypatch):
    """A pin in some of the bridges helps nobody."""
    monkeypatch.setattr(hook, "host_with", lambda device: a_host()._replace(unread={"ways": "behind more than 8 bridges"}))
    logged = []
    monkeypatch.setattr(hook, "log", lambda level, text: logged.append(text))
    one = hook.Pair("0000:01:10.6", "0000:01:00.0", "eth0", hook.Standby(MAC, "bridge", "bridge br9", "br9", False, "tap1"))
    hook.pin_all([one], hook.Guest("web", ""), "pin")
    assert logged == ["guest web: the bridge that learns is not changed: not all ways that lead out of this host's netdevs are known:"
                      " behind more than 8 bridges"]


def test_a_macvtap_on_the_port_of_a_bridge(hook, pair):
    """A sentence says what that cuts off, and no command does it."""
    for is_port in (True, False):
        text, commands = hook.next_step(pair("bridge", "it's", stored={"macvtap": YES}, is_port=is_port), "bridge", "no", "no")
        assert not commands and "put the standby on a macvtap of it's" in text
        assert ("(EBUSY), which cuts off whatever else is on it" in text) == is_port


def test_a_standby_stands_on_the_bond(hook, pair, monkeypatch, tmp_path):
    """The entry of a member, and a macvtap of it, are none."""
    (tmp_path / "eth0").mkdir()
    (tmp_path / "eth0/bonding_slave").mkdir()
    (tmp_path / "eth0/master").symlink_to("../bond0")
    monkeypatch.setattr(hook, "NET", str(tmp_path))
    text, _ = hook.next_step(pair("bridge", "eth0", stored={"macvtap": YES}), "bridge", "no", "no")
    assert "put the standby on a macvtap of bond0" in text and "since bond0 must leave br0 first (EBUSY)" in text
    entry = f"bridge fdb add {MAC} dev bond0 self permanent"
    assert hook.next_step(pair("bridge", "eth0", stored={"bridge+fdb": YES}), "bridge", "no", "no")[1] == [entry]
    assert hook.entry_file(pair("bridge", "eth0")).endswith(f"/bond0-{MAC}")


@pytest.mark.parametrize("carrier, changed, words", (
    ("1", None, "both NICs are in one network"), ("1", None, "when the guest has let go of its VF, and not before, clear the VF's address"),
    ("0", None, "eth1 has no link"),
    ("1", {"spoofchk": False}, "VF 2 of eth9 may send as the guest"), ("1", {"address": MAC}, "VF 2 of eth9 may send as the guest"),
    ("1", {}, "whether VF 2 of eth9 may send as the guest is not known: it has another address and spoofchk on"),
    ("1", {"spoofchk": None}, "whether VF 2 of eth9 may send as the guest is not known: it has another address and spoofchk unknown"),
))
def test_a_standby_on_another_nic(hook, pair, monkeypatch, tmp_path, carrier, changed, words):
    """Its link, and who may send as the guest there: no verdict is about it."""
    device = tmp_path / "device"
    device.mkdir()
    if changed is not None:
        (device / "physfn").mkdir()
    (tmp_path / "eth1").mkdir()
    (tmp_path / "eth1/device").symlink_to(device)
    (tmp_path / "eth1/carrier").write_text(carrier + "\n")
    second = a_vf(2, "0000:02:10.0", **{"trust": False, "spoofchk": True, "address": OTHER, **(changed or {})})
    monkeypatch.setattr(hook, "NET", str(tmp_path))
    monkeypatch.setattr(hook, "host_with", lambda device: SimpleNamespace(
        find=lambda device: (a_host().pfs[0]._replace(ifname="eth9"), second),
        netdevs=with_ways([netdev_of("eth1", parentdev="0000:02:10.0", master="br0"), netdev_of("vnet0", "tun", master="br0")])))
    one = pair(None, "eth0", is_port=None)._replace(
        vf="0000:01:10.0", standby=hook.Standby(MAC, "macvtap", "a macvtap of eth1", "eth1", False))
    what, step = hook.elsewhere(one)
    assert "EARLY and DEAF do not apply" in what and words in f"{what}; {step}", (what, step)
    assert what.startswith("eth1 is neither the PF of this VF nor another VF of it: ")
    (tmp_path / "br0").mkdir()
    (tmp_path / "br1").mkdir()
    for bridge, said in (("br0", "br0 has no port on eth0; its ports: eth1, vnet0: EARLY"),
                         ("br1", "br1 has no port on eth0; its ports: none: EARLY"), ("br2", "br2 does not exist here: EARLY")):
        assert hook.elsewhere(one._replace(standby=hook.Standby(MAC, "bridge", "bridge", bridge, False)))[0].startswith(said)


def test_a_standby_behind_a_second_bridge(hook, pair, monkeypatch):
    """Its PF is asked for the guest's frames, and no run has built that."""
    monkeypatch.setattr(hook, "host_with", lambda device: a_host(*SECOND_BRIDGE))
    one = pair(None, "eth0")._replace(vf="0000:01:10.0", standby=hook.Standby(MAC, "bridge", "bridge fwbr", "fwbr", False))
    what, step = hook.elsewhere(one)
    assert "fwbr is behind br0, which asks eth0 for the guest's frames" in what and "EARLY" not in what
    assert step == "a bridge with eth0 as its port can be judged"
    assert hook.judge(one)[:2] == (None, "unknown")


# ---- --explain, of the XML of a guest ----

def need(code, words, *whom):
    return result.Condition("macvtap", "", 0, "c1", code, whom, "lost", words, (), "kernel-rule")


TRUST = need("trust-guest-rx-filters", "IPv6: set trustGuestRxFilters", "ipv6")
NEEDS = {"macvtap": (TRUST,),
         "bridge+fdb+pin": (need("filter-entry", "an entry", "all"), need("pinned-at-tap", "a pin", "all"))}
TRUSTED = standby().replace("<interface ", "<interface trustGuestRxFilters='yes' ")
VEPA = TRUSTED.replace(" mode='bridge'", "")
BRIDGE = standby("bridge", "bridge='br0'", "<target dev='vnet0'/>")
SECOND_ALONE, SECOND_IN_BR0 = (netdev_of("eth0v1", parentdev=SECOND, master=master) for master in (None, "br0"))
PASSTHROUGH = standby(source="dev='eth0v1' mode='passthrough'")
LACKS = "needs:   IPv6: set trustGuestRxFilters: the XML lacks trustGuestRxFilters='yes'"
AFTER = f"""  after:
    <interface type="direct" trustGuestRxFilters="yes">
      <mac address="{PAIR_MAC}" />
      <source dev="eth0" mode="bridge" />
      <model type="virtio" />
      <teaming type="persistent" />
      <alias name="ua-backup0" />
    </interface>
"""


@pytest.mark.parametrize("devices, port, entry, stored, status, words, others", (
    # a macvtap that has what it needs
    (TRUSTED, "", False, {"macvtap": "yes"}, 0, ("next:    nothing",), ("needs:", "after:")),
    # one that lacks the attribute
    (standby(), "", False, {"macvtap": "yes"}, 1, (LACKS, "  before:\n    <interface type=\"direct\">", AFTER), ("mode:",)),
    # one that has it, in libvirt's default mode
    (VEPA, "", False, {"macvtap": "yes"}, 0, ("mode:    vepa, and bridge was tested", '<source dev="eth0" mode="bridge" />'),
     ("lacks",)),
    # one on the port of a bridge
    (TRUSTED, "eth0", False, {"macvtap": "yes"}, 1, ("the kernel makes no macvtap of eth0, which is a port of br0 (EBUSY)",), ("after:",)),
    # a bridge that is not safe, where a macvtap is
    (BRIDGE, "eth0", False, {"bridge": "no", "macvtap": "yes"}, 1,
     ("style:   bridge\n", "next:    macvtap is SAFE", "eth0 must leave br0 first (EBUSY)", '<target dev="vnet0" />', AFTER), ("lacks",)),
    # a bridge with an entry and a pin
    (BRIDGE, "eth0", True, {"bridge+fdb+pin": "yes"}, 0, ("style:   bridge+fdb+pin", "next:    nothing"), ("needs:", "after:")),
    # the same, not pinned, where the bridge is no good without
    (BRIDGE, "eth0", True, {"bridge+fdb": "no", "bridge+fdb+pin": "yes"}, 1,
     ("style:   bridge+fdb\n", "SAFE once eth0 does not learn", "next:    bridge+fdb+pin is SAFE"), ("needs:",)),
    # a macvtap that is not safe, where a bridge is, as it is or pinned
    (standby(), "", False, {"macvtap": "no", "bridge": "yes"}, 1,
     ("next:    bridge is SAFE: put the standby on a bridge whose port is eth0, once no macvtap is on it (EBUSY)\n",),
     ("after:", "by hand")),
    (standby(), "", False, {"macvtap": "no", "bridge": "no", "bridge+pin": "yes"}, 1,
     ("next:    bridge+pin is SAFE: put the standby on a bridge whose port is eth0",
      f"by hand: bridge fdb replace {PAIR_MAC} dev TAP master static sticky\n"), ("after:",)),
    # a macvtap of a second VF, which learns nothing
    (PASSTHROUGH, "", False, {"vf-bridge": "no", "vf-bridge+pin": "yes"}, 0, ("style:   vf-bridge+pin\n", "stored:  SAFE"),
     ("TAP",)),
    (PASSTHROUGH, "", False, {"vf-bridge": "yes"}, 0, ("style:   vf-bridge+pin\n", "stored:  SAFE", "next:    nothing"), ("TAP",)),
    (PASSTHROUGH, "", False, {"vf-bridge": "no", "macvtap": "yes"}, 3, ("next:    macvtap is SAFE",), ("TAP",)),
    # nothing is known
    (standby(), "", False, {}, 3, ("stored:  nothing is stored", "next:    nfprobe eth0 --vf any --style macvtap --save"), ("needs:",)),
))
def test_explain(hook, monkeypatch, capsys, tmp_path, devices, port, entry, stored, status, words, others):
    pinned = "bridge+fdb+pin" in stored and "bridge+fdb" not in stored
    found, said = explained(hook, monkeypatch, capsys, tmp_path, devices, stored, port, entry, not pinned)
    assert found == status, said
    for word in words:
        assert word in said, said
    for word in others:
        assert word not in said, said


def explained(hook, monkeypatch, capsys, tmp_path, devices, stored, port="", entry=False, learns=True, needs=None, device=transient(),
              advice=(), unseen=(), gap_ms=0, pci_class="0x020000", state=None,
              **assigned):
    """What --explain says of a guest with this standby, and its exit status. @stored: yes, no or unknown of each style. @port: of br0,
    which learns or not. @device: its VF. @assigned: what the list says of that."""
    needs = NEEDS if needs is None else needs
    pf, vf, second, net = tmp_path / "pci/0000:01:00.0", tmp_path / "pci/0000:01:10.0", tmp_path / "pci/0000:01:10.1", tmp_path / "net"
    for folder in (pf / "net/eth0", vf, second / "net/eth0v1", net / f"br0/lower_{port or 'none'}"):
        folder.mkdir(parents=True)
    (vf / "physfn").symlink_to(pf)
    (vf / "class").write_text(f"{pci_class}\n")
    (pf / "virtfn1").symlink_to(second)
    monkeypatch.setattr(hook, "entries_of", lambda netdev, mac, deadline: [])
    for netdev in ("eth0", "eth0v1", "vnet0"):
        (net / netdev / "brport").mkdir(parents=True)
        (net / netdev / "brport/learning").write_text(f"{learns:d}\n")
        (net / netdev / "flags").write_text("0x1003\n")
    (net / "vnet0/master").symlink_to(net / "br0")
    monkeypatch.setattr(hook, "PCI", str(tmp_path / "pci"))
    monkeypatch.setattr(hook, "NET", str(net))
    monkeypatch.setattr(hook, "has_entry", lambda netdev, mac, deadline: entry)
    netdevs = IN_BR0._replace(port_state=state) if port == "eth0" else ETH0, SECOND_IN_BR0 if port == "eth0v1" else SECOND_ALONE, BR0, TAP
    on = a_host(*netdevs, vfs=tuple(one._replace(**assigned) for one in a_host().pfs[0].vfs))
    monkeypatch.setattr(hook, "host_with", lambda device: on)
    why = {"yes": "SAFE", "no": "EARLY", "unknown": "UNKNOWN"}

    def told(_, style, at_tap=False, **__):
        if style in stored:
            return hook.Told(stored[style], why[stored[style]], needs.get(style, ()), advice, unseen, gap_ms=0 if at_tap else gap_ms)
        if style.endswith("+pin"):
            return told(_, style[:-len("+pin")], at_tap=True)
        return hook.Told("unknown", "nothing is stored", ())

    monkeypatch.setattr(hook, "told", told)
    xml = tmp_path / "guest.xml"
    xml.write_text(f"<domain><name>web</name>{MACHINE}<devices>{devices}{device}</devices></domain>")
    capsys.readouterr()
    status = hook.explain(str(xml))
    said = capsys.readouterr().out
    # The hook's answer is this one.
    found, doubts = hook.teams(ElementTree.fromstring(xml.read_text()))
    answers = [hook.judge(one)[1] or "unknown" for one in hook.of_this_host(found)] + ["unknown"] * len(doubts)
    assert (1 if "no" in answers else 3 if "unknown" in answers else 0) == status, (answers, said)
    return status, said


GAP = need("pinned-at-tap", "pin its guests, or up to 300 s are lost after unplug", "all")._replace(style="bridge", without="gap")


@pytest.mark.parametrize("learns, xml, conf, words, others", (
    (True, BRIDGE, "", ("pinned:  no, eth0 learns", "next:    LIBVIRT_BRIDGE_FIX=pin, with LIBVIRT_HOOK=act, in ",
                        "pins the guest once it runs, without which up to 300 s are lost after unplug, until it sends; by hand: bridge fdb "
                        f"replace {PAIR_MAC} dev vnet0 master static sticky\n"), ("needs:",)),
    (False, BRIDGE, "", ("style:   bridge+pin", "pinned:  yes, eth0 learns nothing", "next:    nothing"), ("needs:", "300 s")),
    (True, BRIDGE, "LIBVIRT_HOOK=act\nLIBVIRT_BRIDGE_FIX=uplink-learning-off\n", (
        "next:    LIBVIRT_BRIDGE_FIX=uplink-learning-off, which is set, pins the guest once it runs", "by hand:\n"
        f"             bridge link set dev eth0 learning off\n             bridge fdb del {PAIR_MAC} dev eth0 master\n"), ("needs:",)),
    (True, BRIDGE, "LIBVIRT_GAP_LIMIT=1000\n", ("next:    LIBVIRT_BRIDGE_FIX=pin",), ()),
))
def test_a_guest_that_is_not_pinned_is_fit_with_a_gap(hook, monkeypatch, capsys, tmp_path, learns, xml, conf, words, others):
    """--explain ends with 0, and says what closes the gap; a pin closes it, whether or not a run has a row of that."""
    (tmp_path / "nfprobe.conf").write_text(conf)
    monkeypatch.setattr(hook, "CONF", str(tmp_path / "nfprobe.conf"))
    status, said = explained(hook, monkeypatch, capsys, tmp_path, xml, {"bridge": "yes"}, "eth0", learns=learns, needs={"bridge": (GAP,)},
                             gap_ms=300_000)
    assert status == 0 and "stored:  SAFE" in said, said
    assert all(word in said for word in words) and not any(word in said for word in others), said


def test_a_hook_that_acts_is_not_to_be_set_to_act(hook, monkeypatch, capsys, tmp_path):
    (tmp_path / "nfprobe.conf").write_text("LIBVIRT_HOOK=act\n")
    monkeypatch.setattr(hook, "CONF", str(tmp_path / "nfprobe.conf"))
    not_here = BRIDGE.replace("<target dev='vnet0'/>", "")
    status, said = explained(hook, monkeypatch, capsys, tmp_path, not_here, {"bridge": "no", "bridge+fdb": "yes"}, "eth0", gap_ms=300_000)
    assert status == 1 and "LIBVIRT_HOOK=act, which is set, adds the guest's address to eth0 when the guest starts; and " in said, said
    assert f"LIBVIRT_BRIDGE_FIX=pin in {hook.CONF} pins the guest once it runs, without which up to 300 s are lost" in said, said
    assert "; by hand:\n" in said, said
    assert f"             bridge fdb add {PAIR_MAC} dev eth0 self permanent\n             bridge fdb replace {PAIR_MAC} dev TAP " in said


SERVED = f"0000:01:00.0-{PAIR_MAC}"
AGAIN = "adds it again at libvirt's next event"
LEARNS_AGAIN = ("LIBVIRT_BRIDGE_FIX=uplink-learning-off, which is set, pins the guest again at libvirt's next event, without which up to "
                "300 s")


@pytest.mark.parametrize("port, learns, conf, files, stored, needed, words, others", (
    # as the hook had it, and a port that learns again
    ("eth0", True, "LIBVIRT_HOOK=act\nLIBVIRT_BRIDGE_FIX=uplink-learning-off\n", (SERVED, f"learning-eth0-{UUID}"),
     {"bridge": "no", "bridge+fdb": "yes"}, True, (f"LIBVIRT_HOOK=act, which is set, {AGAIN}", LEARNS_AGAIN,
                                                   "             bridge link set dev eth0 learning off\n"), ()),
    # the same, of a guest that has its pin yet
    ("eth0", False, "LIBVIRT_HOOK=act\n", (SERVED,), {"bridge": "no", "bridge+fdb": "yes"}, True,
     ("style:   bridge+pin\n", f"LIBVIRT_HOOK=act, which is set, {AGAIN}; type it again: bridge fdb add"), ("learning off", "300 s")),
    # typed by hand, on a host whose hook warns, or acts since then
    ("eth0", False, "", (), {"bridge": "no", "bridge+fdb": "yes"}, True,
     ("and LIBVIRT_HOOK=act in ", "adds it when the guest starts;"), (AGAIN,)),
    ("eth0", False, "LIBVIRT_HOOK=act\n", (), {"bridge": "no", "bridge+fdb": "yes"}, True,
     ("LIBVIRT_HOOK=act, which is set, adds it when the guest starts;",), (AGAIN,)),
    ("eth0v1", False, "", (), {"vf-bridge": "yes", "vf-bridge+pin": "yes"}, True,
     ("next:    the entry is missing, type it again: bridge",), ()),
    # one that would not help, or of which nothing is known, or that is not needed
    ("eth0", False, "", (), {"bridge": "no", "bridge+fdb": "no"}, False, ("looks for a fix",), ("missing",)),
    ("eth0", False, "", (), {"bridge": "no"}, False, ("looks for a fix",), ("missing",)),
    ("eth0", False, "", (), {"bridge": "yes", "bridge+fdb": "yes"}, False, ("next:    nothing",), ("missing",)),
))
def test_an_entry_that_a_guest_which_runs_has_lost(hook, monkeypatch, capsys, tmp_path, port, learns, conf, files, stored, needed, words,
                                                   others):
    """--explain, and nfprobe-check --audit, have the command, and when the hook has it by itself."""
    netdev = "eth0v1" if port == "eth0v1" else "eth0"
    entry = ["bridge", "fdb", "add", PAIR_MAC, "dev", netdev, "self", "permanent"]
    (tmp_path / "nfprobe.conf").write_text(conf)
    monkeypatch.setattr(hook, "CONF", str(tmp_path / "nfprobe.conf"))
    monkeypatch.setattr(hook, "LIST", str(tmp_path / "list"))
    monkeypatch.setattr(hook, "still_there", lambda path, record: "eth0")
    (tmp_path / "list").mkdir()
    for name in files:
        with open(tmp_path / "list" / name, "w+b") as file:
            hook.write_record(file.fileno(), hook.Guest("web", UUID), 7, macs=[PAIR_MAC])
    status, said = explained(hook, monkeypatch, capsys, tmp_path, BRIDGE, stored, port, learns=learns, gap_ms=300_000)
    assert all(word in said for word in words) and not any(word in said for word in others), said
    assert ("the entry is missing" in said and hook.command(entry) + "\n" in said) == needed, said
    found, _ = hook.teams(ElementTree.fromstring((tmp_path / "guest.xml").read_text()))
    [one] = hook.of_this_host(found)
    assert hook.missing_entry(one) == (entry if needed else [])
    finding = audit.unproven(hook, "web", one)
    assert (finding is not None and finding.commands == (tuple(entry),)) == needed
    assert status == (0 if finding is None else 3 if port == "eth0v1" else 1)


def test_the_advice_of_a_run_and_the_hook_have_one_list_of_commands(hook, pair):
    """For a bridge with an entry and a pin, in memory; the hook's other settings are as nfprobe-guide(7) has them."""
    [out] = alike.memprobe(["--style=bridge -- come=assign go=clear arb=both"])
    read = result.parse(json.dumps(out).encode(), "a.json")
    advised = {line for one in read.advice if one.style == "bridge+fdb" for line in result.command_lines(one.commands)}
    names = {MAC: "GUEST_MAC", "vnet0": "TAP"}
    one = pair("bridge", "eth0", "vnet0", uplinks=["eth0"], stored={"bridge+fdb": ("yes", "")})
    of_hook = [[names.get(word, word) for word in words] for words in [hook.entry("eth0", MAC), *hook.pinning(one, "pin")]]
    assert {hook.command(words) for words in of_hook} <= advised, advised
    with open(os.path.join(tool.TOP, "man/nfprobe-guide.7"), encoding="utf-8") as file:
        guide = file.read()
    of_hook = [[names.get(word, word) for word in words] for fix in hook.FIXES for words in hook.pinning(one, fix)]
    assert all(f"\n{hook.command(words)}\n" in guide for words in of_hook)


@pytest.mark.parametrize("fix", ("learning-off", "uplink-learning-off", "pin"))
def test_the_hook_runs_what_is_printed(hook, pair, monkeypatch, tmp_path, fix):
    """Where the guest has talked by both ports."""
    ran = []
    one = pair("bridge", "eth0", "vnet0", uplinks=["eth0"])
    monkeypatch.setattr(hook, "LIST", str(tmp_path / "list"))
    monkeypatch.setattr(hook, "learning", lambda port: "1")
    monkeypatch.setattr(hook, "first_line", lambda path: "7")
    monkeypatch.setattr(hook, "entries_of", lambda netdev, mac, deadline: [[mac, "vlan", "1", "master", "br0"]])
    monkeypatch.setattr(hook, "bridge_tool", lambda words, deadline, lock=None: (ran.append(["bridge", *words]), (True, ""))[1])
    hook.pin(hook.guest_of("web", UUID), one, fix)
    assert sorted(ran) == sorted(hook.pinning(one, fix)) and ran, ran


def test_what_is_needed_has_the_moment_that_the_run_said(hook, monkeypatch, capsys, tmp_path):
    """And its command is about this guest."""
    golden = result.parse(json.dumps(tool.golden("igb.json")).encode(), "a.json")
    clear = next(one for one in golden.conditions if one.code == "vf-address-cleared")
    advice = next(one for one in golden.advice if one.id in clear.met_by)
    status, said = explained(hook, monkeypatch, capsys, tmp_path, BRIDGE, {"bridge+pin": "yes"}, "eth0", learns=False,
                             needs={"bridge+pin": (clear,)}, advice=golden.advice)
    assert status == 0 and f"  needs:   {advice.said}\n             ip link set dev eth0 vf 0 mac 00:00:00:00:00:00\n" in said, said


def test_what_the_run_has_not_seen_is_named_and_no_doubt(hook, monkeypatch, capsys, tmp_path):
    golden = {**tool.golden("igb.json"), "conditions": [tool.unseen("macvtap", 9)]}
    unseen = result.parse(json.dumps(golden).encode(), "a.json").conditions
    status, said = explained(hook, monkeypatch, capsys, tmp_path, TRUSTED, {"macvtap": "yes"}, unseen=unseen)
    assert status == 0 and "  unseen:  a VF that no style before has used\n" in said, said


OPENS = ("next:    bridge link set dev eth0 state 3, unless a second path leads around br0, by which frames would go in circles;"
         " then ask again\n")


@pytest.mark.parametrize("stored, state, status, words, others", (
    ("yes", "forwarding", 0, ("pair:    yes", "next:    nothing"), ()),
    ("yes", "learning", 0, ("pair:    yes", "needs:   eth0 of br0 does not forward yet (learning)", "next:    nothing"), ()),
    ("yes", "blocking", 1, ("pair:    no, eth0 of br0 does not forward now (blocking)\n", "style:   bridge+pin", "stored:  SAFE",
                            OPENS), ("next:    nothing", "needs:")),
    ("no", "blocking", 1, ("stored:  EARLY", OPENS), ("next:    nothing",)),
    ("unknown", "blocking", 1, (OPENS,), ("next:    nothing", "--save")),
))
def test_a_stop_counts(hook, monkeypatch, capsys, tmp_path, stored, state, status, words, others):
    """Whatever the NIC does, and never beside "nothing"; a delay is a remark."""
    found, said = explained(hook, monkeypatch, capsys, tmp_path, BRIDGE, {"bridge+pin": stored}, "eth0", learns=False, needs={},
                            state=state)
    assert found == status and all(word in said for word in words) and not any(word in said for word in others), said
    [one] = hook.of_this_host(hook.teams(ElementTree.fromstring((tmp_path / "guest.xml").read_text()))[0])
    assert hook.judge(one, now=False).safe == stored


def test_a_guest_that_is_cut_off_gets_its_entry(hook, monkeypatch):
    """It needs that once its bridge forwards, and is not fit until then."""
    monkeypatch.setattr(hook, "judge", lambda pair, pinned: hook.Judged("bridge", "no", "EARLY", False, "br0 is down"))
    monkeypatch.setattr(hook, "told", lambda pair, style, limited: hook.Told("no", "EARLY", ()))
    monkeypatch.setattr(hook, "help_to_hear", lambda guest, pair, style: f"added with {style}")
    one = hook.Pair("0000:01:10.6", "0000:01:00.0", "eth0", None)
    assert hook.finding(one, hook.Guest("web", UUID)) == ("no", "EARLY; added with bridge+fdb")


@pytest.mark.parametrize("of_hook", (False, True))
def test_who_removes_the_entry(hook, monkeypatch, capsys, tmp_path, of_hook):
    """The hook, where it has added it; else an admin, at the moment that the run said."""
    golden = result.parse(json.dumps(tool.golden("igb.json")).encode(), "a.json")
    gone = need("entry-removed", "this host: the entry is removed afterwards", "host")
    monkeypatch.setattr(hook, "LIST", str(tmp_path / "list"))
    if of_hook:
        (tmp_path / "list").mkdir()
        (tmp_path / f"list/0000:01:00.0-{PAIR_MAC}").write_text("")
    status, said = explained(hook, monkeypatch, capsys, tmp_path, BRIDGE, {"bridge+fdb": "yes"}, "eth0", entry=True,
                             needs={"bridge+fdb": (gone,)}, advice=golden.advice)
    assert status == 0 and ("needs:   this host: the entry is removed afterwards" in said) != of_hook, said
    assert ("(this hook has added the entry)" in said) == of_hook


GUESTS_OWN = TRUSTED.replace("<teaming type='persistent'/>", "")


@pytest.mark.parametrize("devices, assigned, status, words", (
    (GUESTS_OWN, {"address": PAIR_MAC}, 0, ("pair:    two NICs of one address and no <teaming>", "style:   macvtap", "stored:  SAFE")),
    (GUESTS_OWN, {"address": PAIR_MAC, "vlan": 7}, 1, ("no, the VF is in VLAN 7, and its standby on eth0 in no VLAN",)),
    (standby("ethernet", "dev='tap0'", teaming=""), {"address": PAIR_MAC}, 3,
     ("two NICs of one address", "style:   none: an interface of type")),
    (GUESTS_OWN, {"address": None, "unread": {"address": "needs CAP_NET_ADMIN"}}, 3,
     ("not known whether the guest has other pairs: the address of VF 0000:01:10.0: needs CAP_NET_ADMIN",)),
    (GUESTS_OWN, {"address": "52:54:00:00:00:99"}, 0, ("nor two NICs of one address: there is nothing to fail over",)),
))
def test_the_address_that_a_plain_hostdev_has(hook, monkeypatch, capsys, tmp_path, devices, assigned, status, words):
    """The PF's list has it, and the XML has not."""
    found, said = explained(hook, monkeypatch, capsys, tmp_path, devices, {"macvtap": "yes"}, device=PLAIN, **assigned)
    assert found == status and all(word in said for word in words), said


def test_the_class_of_a_vf_is_read(hook, monkeypatch, capsys, tmp_path):
    status, said = explained(hook, monkeypatch, capsys, tmp_path, TRUSTED, {"macvtap": "yes"}, pci_class="0x020700")
    assert status == 1 and "pair:    no, the VF is of class 0x020700, and no Ethernet controller" in said, said


def test_a_pair_past_libvirt(hook, monkeypatch, capsys, tmp_path):
    """Neither the hook nor --explain takes its XML for all that the guest has."""
    options = f"<x:commandline xmlns:x='{QEMU[1:-1]}'><x:arg value='virtio-net-pci,failover=on,id=n0'/></x:commandline>"
    found, said = explained(hook, monkeypatch, capsys, tmp_path, "", {}, device=f"</devices>{options}<devices>")
    assert found == 3 and "not known whether the guest has other pairs: QEMU's own options in it make a pair" in said, said
    logged = []
    monkeypatch.setattr(hook, "log", lambda priority, text: logged.append(text))
    monkeypatch.setattr(hook, "configured", lambda: ("refuse", ""))
    monkeypatch.setattr(hook, "clean", lambda: True)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=open(tmp_path / "guest.xml", "rb")))
    assert hook.run("web", "start") == 0 and len(logged) == 1 and logged[0].startswith("not known whether guest web is fit"), logged


def test_what_a_terminal_gets(hook, capsys):
    hook.say("guest \033[2Jx\u202e\n::error::y")
    assert capsys.readouterr().out == "guest ?[2Jx? ::error::y\n"
    assert all(hook.printable(chr(c)) in " ?" for c in tool.unprintable())

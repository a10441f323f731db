# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-report share: nothing of the host is left, and what is left says the same."""

import copy
import json

import pytest
import tool
from nfprobe_tools import rules, share
from reports import IGB, PEER, parse, report, save, style

SECRETS = ("hv1", "eth0", "eth1", "52:54:00", "02:11:22", "acme", "198.51.100.7", "SN4711", "secret")


def secretive():
    document = copy.deepcopy(PEER)
    document["run"]["kernel"] = "6.12.0-acme1"
    document["pf"].update(firmware="2.1.0 (eth0)", master="br-acme", master_kind="bridge")
    document["pf"]["firmware_versions"] = [{"name": "fw", "running": "1.3", "stored": "1.3 of acme1", "serial": "SN4711"}]
    document["settings"]["from"] = "arp:198.51.100.7"
    document["source"].update({"from": "arp:198.51.100.7", "by": "arp", "note": "198.51.100.7"})
    for one in document["vf"]["styles"]:
        one.update(reason="acme")
        one["steps"][0].update(note="eth0 acme", hint="secret")
    document.update(warnings=["acme"], answer="eth0 of acme", extra={"acme": "secret"}, left_behind=["secret"],
                    error={"code": "kernel", "message": "acme", "hint": "secret"})
    document["run"]["host"] = "acme1"
    return document


def test_nothing_of_the_host_is_left():
    shared = share.share(json.dumps(secretive()).encode())
    for secret in SECRETS:
        assert secret not in shared.text, secret
    assert len(shared.text) < share.SHARED_BYTES and "time of the run: 2026-11-20T10:00:00.123Z" in shared.contains


@pytest.mark.slow
@pytest.mark.parametrize("text, kept", [
    ("6.12.95-amd64", True), ("5.14.0-427.13.1.el9_4.x86_64", True), ("9.20 0x8000d8c5 22.0.9", True), ("22.31.1014 (MT_0000000359)", True),
    ("218.0.219.13/pkg 218.0.221.0", True), ("1.3.36.0", True), ("fw:8.0.0.1015 rx1 tx1", True), ("1.63, 0x800009fa", True),
    ("0.0.0.7", True),
    ("52:54:00:5e:c7:e7", False), ("v52-54-00-5E-C7-E7", False), ("1.2 5254.00aa.bbcc", False), ("x525400AAbbcc", False),
    ("192.0.2.177", False), ("6.1-10.20.30.40-x", False), ("fe80::1", False), ("2001:db8:0:1", False), ("1.2_100.64.3.4", False),
    ("6.12-hv1-prod", False), ("6.12hv1", False), ("HV1.PROD", False), ("6.12-ENS5F0", False), ("6.12-prod", False),
    ("1.770.2", False), ("1.7701.2", True),
])
def test_versions_that_name_the_host(text, kept):
    """What was built there may have the name of the host, of a netdev, or an address in its version."""
    document = copy.deepcopy(IGB)
    document["run"].update(host="HV1-PROD-770", kernel=text)
    document["pf"].update(ifname="ens5f0", address="52:54:00:aa:bb:cc", firmware=text, driver_version=text, board_id=text)
    shared = json.loads(share.share(json.dumps(document).encode()).text)
    expected = text if kept else None
    assert [shared["run"]["kernel"], *(shared["pf"][key] for key in ("firmware", "driver_version", "board_id"))] == [expected] * 4


def test_what_is_shared_says_the_same():
    document = json.loads(share.share(json.dumps(PEER).encode()).text)
    shared = parse(document)
    result = parse(PEER)
    assert [(s.style, s.verdict, s.multicast, s.transitions) for s in shared.styles] == \
        [(s.style, s.verdict, s.multicast, s.transitions) for s in result.styles]
    ours, theirs = ([step._replace(note="") for step in one.styles[1].steps] for one in (shared, result))
    assert ours == theirs
    assert (shared.life, shared.verdict, shared.exit) == (result.life, result.verdict, result.exit)
    assert document["vf"]["requires"] == PEER["vf"]["requires"]
    for name in ("igb.json", "reflector.json", "odd.json", "error.json"):
        tool.valid("result", json.loads(share.share(json.dumps(tool.golden(name)).encode()).text))
    # One address is one address everywhere.
    assert len({place["address"] for place in (document["pf"], document["vf"], document["vf"]["styles"][0])}) == 3
    assert (shared.settings.source, shared.source.name) == ("peer:n3", "peer:n3")


@pytest.mark.slow
def test_share_command(folder):
    done = report("share", "a.json", "-o", "public.json")
    assert (done.returncode, done.stdout) == (0, "") and "replaced: " in done.stderr
    assert done.stderr.endswith("nfprobe-report: send it to where the source or the package came from, with the name of the card\n")
    assert report("junit", "public.json").returncode == 0
    save(folder / "torn.json", json.dumps(IGB)[:-9])
    done = report("share", "torn.json", "-o", "public.json")
    assert (done.returncode, done.stderr) == (4, "nfprobe-report: cannot use torn.json: it is damaged, or not JSON\n")
    large = copy.deepcopy(IGB)
    large["vf"]["styles"] = [{**style(large), "style": name} for name in rules.STYLES] * 5
    save(folder / "large.json", large)
    done = report("share", "large.json")
    assert (done.returncode, done.stdout) == (4, "") and "larger than 100 kB" in done.stderr

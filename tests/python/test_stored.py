# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-report --stored: what each format says of the results that a host keeps."""

import datetime
import json
import re
from xml.etree import ElementTree

import pytest
import tool
from nfprobe_tools import result as reading
from nfprobe_tools import share
from reports import FORMATS, IGB, of_schema, report, save, write
from tool import put

HOST = {"schema": reading.SCHEMA, "version": "x", "kernel": "6.12.95", "pfs": [], "exit": 0}


@pytest.fixture(name="store")
def a_store(folder):
    """A store with one result, and the host that it is of."""
    (folder / "store/pci-0000:01:00.0").mkdir(parents=True)
    save(folder / "store/pci-0000:01:00.0/20261120T100000.123Z-00.json", IGB)
    host = tool.golden("list-full.json")
    pf = host["pfs"][0]
    pf.update({key: IGB["pf"][key] for key in pf if key in IGB["pf"]})
    vf = next(vf for vf in pf["vfs"] if vf["vf"] == 3)
    vf.update({key: IGB["vf"][key] for key in ("trust", "spoofchk", "vlan", "driver", "driver_version")})
    vf["hands_over"], host["pfs"] = False, [pf]
    vf.pop("unread", None)
    pf.pop("unread", None)
    save(folder / "host.json", host)
    return host


def stored(name, *args):
    return report(name, "--stored", "--store", "store", "--host", "host.json", *args)


@pytest.mark.slow
def test_stored_results_that_hold(store, folder):
    assert stored("nfd", "eth0").stdout.splitlines()[2:] == write("nfd", IGB).splitlines()[2:]
    assert "nfprobe_stale{device=\"eth0\",style=\"macvtap\"} 0.0" in stored("prometheus").stdout
    xml = ElementTree.fromstring(stored("junit").stdout)
    assert (xml.get("tests"), xml.get("errors")) == ("30", "0")
    assert "eth0: macvtap SAFE (IPv6: set trustGuestRxFilters), bridge NOT SAFE (EARLY)." in stored("html").stdout
    store["pfs"][0]["firmware"] = "2.2.0"
    save(folder / "host.json", store)
    assert "# no label: macvtap: firmware was 2.1.0, is 2.2.0" in stored("nfd").stdout
    assert "nfprobe_stale{device=\"eth0\",style=\"macvtap\"} 1.0" in stored("prometheus").stdout
    case = ElementTree.fromstring(stored("junit").stdout).find(".//testcase[@name='verdict']/error")
    assert (case.get("type"), case.get("message")[:33]) == ("stale", "firmware was 2.1.0, is 2.2.0; it ")


@pytest.mark.slow
def test_a_site_that_uses_one_style(store, folder):
    """Each reader of the store takes what the service takes: a style that nobody has asked for is neither missing nor stale."""
    (path,) = (folder / "store/pci-0000:01:00.0").iterdir()
    document = json.loads(path.read_text())
    document["vf"]["styles"] = document["vf"]["styles"][:1]
    save(path, document)
    said = stored("prometheus", "eth0").stdout
    assert 'nfprobe_stale{device="eth0",style="bridge"} 1.0' in said and 'nfprobe_exit_status{device="eth0"} 3.0' in said
    said = stored("prometheus", "--style", "macvtap", "eth0").stdout
    assert 'style="bridge"' not in said and 'nfprobe_stale{device="eth0",style="macvtap"} 0.0' in said
    assert 'nfprobe_exit_status{device="eth0"} 0.0' in said
    assert "no label" not in stored("nfd", "--style", "macvtap", "--vlan", "0").stdout
    assert "no label: macvtap" in stored("nfd", "--style", "macvtap", "--vlan", "5").stdout
    for name in ("text", "share"):
        assert stored(name, "eth0", "--style", "macvtap", "--vlan", "0").returncode == 0
        assert stored(name, "eth0", "--style", "bridge").returncode == stored(name, "eth0", "--vlan", "5").returncode == 3
    done = report("nfd", "--style", "macvtap", "a.json")
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "nfprobe-report: --style makes no sense without --stored")


@pytest.mark.slow
def test_labels_expire_because_their_writer_died(store, folder):
    """Not because the run is long ago, which nfprobe-check does not mind either; each PF has its own directive."""
    def until(*args):
        found = re.findall(r"^# \+expiry-time=(.*)Z$", stored("nfd", *args).stdout, re.M)
        return [datetime.datetime.fromisoformat(f"{text}+00:00") - datetime.datetime.now(datetime.timezone.utc) for text in found]
    assert [round(left.total_seconds() / 3600) for left in until()] == [72]  # the timer's day
    assert [round(left.total_seconds() / 60) for left in until("--every", "5")] == [15]
    # Of files, which nobody writes again, the run decides.
    second = put(put(put(IGB, ("pf", "ifname"), "eth7"), ("pf", "parentdev"), "0000:07:00.0"), ("run", "start"), "2026-11-24T10:00:00.123Z")
    save(folder / "second.json", second)
    lines = report("nfd", "a.json", "second.json").stdout.splitlines()
    assert [line for line in lines if "expiry" in line] == ["# +expiry-time=2026-12-20T10:00:00Z", "# +expiry-time=2026-12-24T10:00:00Z"]
    assert ".eth7." in lines[-1] and ".eth7." not in "".join(lines[:lines.index("# +expiry-time=2026-12-24T10:00:00Z")])


@pytest.mark.slow
def test_what_is_stored_in_another_schema(store, folder):
    """It was safe, and early: now neither is known."""
    (path,) = (folder / "store/pci-0000:01:00.0").iterdir()
    save(path, of_schema(4, json.loads(path.read_text())))
    why = "stored as schema 4, which this version does not read: Probe again: nfprobe eth0 --vf 3 --save=store"
    said = f"nfprobe-report: cannot use store/pci-0000:01:00.0/{path.name}: it has schema 4, and this version reads schema " \
        f"{reading.SCHEMA}: nfprobe eth0 --vf 3 --save makes a new one\n"
    assert stored("nfd").stdout.splitlines()[1:] == [f"# no label: macvtap: {why}", f"# no label: bridge: {why}"]
    for name in FORMATS:
        done = stored(name)
        assert (done.returncode, done.stderr) == (3, said), name
    for name in ("text", "share"):
        assert (stored(name).returncode, stored(name).stdout, stored(name).stderr) == (3, "", said)
    assert "nfprobe_stale{device=\"eth0\",style=\"macvtap\"} 1.0" in stored("prometheus").stdout
    assert "nfprobe_verdict{" not in stored("prometheus").stdout
    assert "UNKNOWN (stored as schema 4)" in stored("html").stdout and store


@pytest.mark.slow
def test_nothing_stored(store, folder):
    assert store
    for path in (folder / "store/pci-0000:01:00.0").iterdir():
        path.unlink()
    assert stored("nfd").stdout.splitlines()[1:] == ["# no label: macvtap: nothing is stored", "# no label: bridge: nothing is stored"]
    for name in ("junit", "nfd", "html", "prometheus"):
        done = stored(name)
        assert (done.returncode, done.stderr) == (3, "nfprobe-report: nothing is stored in store\n")
    assert "nfprobe_stale{device=\"eth0\",style=\"macvtap\"} 1.0" in done.stdout
    # Nothing is known of a PF that is not there, either, and a host without PFs is as little of an answer.
    for name in ("junit", "prometheus"):
        done = stored(name, "eth9")
        assert (done.returncode, done.stderr.splitlines()[0]) == (4, "nfprobe-report: there is no interface or device eth9")
    assert "nfprobe_stale{device=\"eth9\",style=\"\"} 1.0" in done.stdout
    save(folder / "host.json", HOST)
    for words in (("nfd",), ("junit", "-o", "out"), ("share",)):
        done = stored(*words)
        says = "nfprobe-report: this host has no SR-IOV PF\nDIAGNOSTICS in nfprobe(8) has the usual causes.\n"
        assert (done.returncode, done.stdout, done.stderr) == (4, "", says)
    assert not (folder / "out").exists()


@pytest.mark.slow
def test_sharing_what_is_stored(store, folder):
    """The newest result, whether or not it holds, and whatever its name; one that cannot be used is told."""
    newer = put(put(IGB, ("run", "start"), "2026-11-21T10:00:00.000Z"), ("run", "id"), "2" * 32)
    save(folder / "store/pci-0000:01:00.0/0.json", newer)
    (folder / "store/pci-0000:01:00.0/torn.json").write_text("{")
    for words in ((), ("eth0",), ("0000:01:00.0",), (IGB["vf"]["parentdev"],)):
        done = stored("share", "-o", "card.json", *words)
        assert (done.returncode, done.stdout) == (0, "")
        assert "cannot use store/pci-0000:01:00.0/torn.json: it is damaged" in done.stderr
        assert "nfprobe-report: of store/pci-0000:01:00.0/0.json\n" in done.stderr
        assert (folder / "card.json").read_text() == share.share(json.dumps(newer).encode()).text
    # The user must name one of two PFs that have results. Nothing can be shared of a PF that has none.
    other = {**store["pfs"][0], "ifname": "eth7", "parentdev": "0000:07:00.0"}
    save(folder / "host.json", {**store, "pfs": [store["pfs"][0], other]})
    assert stored("share").returncode == 0
    done = stored("share", "eth7")
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "nfprobe-report: nothing is stored in store of eth7\n")
    (folder / "store/pci-0000:07:00.0").mkdir()
    save(folder / "store/pci-0000:07:00.0/1.json", put(IGB, ("pf", "parentdev"), "0000:07:00.0"))
    done = stored("share")
    assert (done.returncode, done.stderr) == (4, "nfprobe-report: results of eth0, eth7 are stored: name one of them\n")
    assert stored("share", "eth0", "eth7").returncode == 2
    assert stored("share", "eth7").returncode == 0
    assert stored("share", "eth9").returncode == 4

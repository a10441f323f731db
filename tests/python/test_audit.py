# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-check --audit: what nfprobe finds, and what the libvirt hook knows of it."""

import collections
import copy
import datetime
import io
import json
import os
import re
import stat
import time

import pytest
import tool

from nfprobe_tools import Failure, audit, check_main, report, rights, text

LABEL = "feature.node.kubernetes.io/nfprobe."
GUEST = """<domstatus><domain><name>web</name><devices>
<interface type='direct'><mac address='52:54:00:00:00:07'/><source dev='eth0' mode='bridge'/><alias name='ua-standby'/></interface>
<hostdev><source><address domain='0' bus='1' slot='16' function='0'/></source><teaming type='transient' persistent='ua-standby'/></hostdev>
</devices></domain></domstatus>"""


@pytest.fixture
def nfprobe(tmp_path, monkeypatch):
    """A program that says what it is told."""
    program, said = tmp_path / "nfprobe", tmp_path / "said"
    program.write_text(f"#!/bin/sh\necho \"$@\" >{tmp_path}/asked\ncat {said}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("NFPROBE", str(program))
    monkeypatch.setattr(audit, "hook_path", lambda: "")

    def says(document):
        said.write_text(document if isinstance(document, str) else json.dumps(document))
        return tmp_path

    return says


def document(*codes):
    said = tool.golden("audit-full.json")
    said["findings"] = [finding for finding in said["findings"] if finding["code"] in codes]
    said["unread"] = []
    return said


def test_the_command_prints_it(nfprobe, capsys):
    nfprobe(document("same-address"))
    assert check_main.main(["--audit", "--store", "/nowhere"]) == 1
    assert capsys.readouterr().out.startswith("same-address      eth0: VF 1 (idle) and VF 4")


def test_statuses(nfprobe):
    for codes, unseen, status in (((), [], 0), (("bridge-filter",), [], 0), (("same-address",), [], 1),
                                  ((), [{"pf": None, "what": "x", "needs": "root"}], 3)):
        said = document(*codes)
        said["unread"] = unseen
        nfprobe(said)
        assert audit.look(["eth0"]).exit_status == status


def test_accepted(nfprobe, capsys):
    """What is accepted is shown, and counts nowhere."""
    said = document("same-address")
    said["findings"][0]["accepted"] = True
    folder = nfprobe(said)
    assert check_main.main(["--audit", "--accept", "same-address:eth0", "--accept", "mtu", "--store", "/nowhere"]) == 0
    assert (folder / "asked").read_text() == "--audit --json --accept=same-address:eth0 --accept=mtu --\n"
    out = capsys.readouterr().out
    assert out.startswith("same-address      accepted, eth0: VF 1 (idle)") and "no findings but 1 accepted" in out
    found = audit.look([])
    assert audit.answer_of(found, "eth0") == "ok" and not any(number for _, _, number in audit.numbers(found))
    assert check_main.main(["--accept", "mtu"]) == 2


def test_names_and_errors(nfprobe):
    folder = nfprobe(document())
    audit.look(["eth0", "--list"])
    assert (folder / "asked").read_text() == "--audit --json -- eth0 --list\n"
    nfprobe(tool.golden("audit-error.json"))
    with pytest.raises(Failure, match="this host has no SR-IOV PF"):
        audit.look([])
    nfprobe("{")
    with pytest.raises(Failure, match="--audit --json said"):
        audit.look([])
    nfprobe("")
    with pytest.raises(Failure, match="said nothing"):
        audit.look([])


Standby, Pair = collections.namedtuple("Standby", "mac"), collections.namedtuple("Pair", "vf pf netdev standby")


class Hook:
    """As much of the hook as is asked."""

    class Failed(Exception):
        pass

    def __init__(self, safe):
        self.safe = safe

    def known_pairs(self, domain):
        assert domain.findtext("name") == "web"
        yield Pair("0000:01:10.0", "0000:01:00.0", "eth0", Standby("52:54:00:00:00:07"))

    def judge(self, pair, now):
        assert not now
        if self.safe == "no pair":
            return None, "no", "the VF is in VLAN 100, and its standby in none"
        if self.safe == "no style":
            return None, "", ""
        if self.safe == "fails":
            raise self.Failed("nothing is known")
        return "macvtap", self.safe, "VF 0000:01:10.0 of eth0: nothing is stored"

    @staticmethod
    def missing_entry(pair):
        return []


@pytest.mark.parametrize("safe, code, said, commands", (
    ("yes", None, "", 0), ("no style", None, "", 0), ("no", "teaming-unproven", "guest web has a team", 0),
    ("unknown", "teaming-unproven", "guest web has a team", 1), ("fails", "teaming-unproven", "guest web has a team", 0),
    ("no pair", "no-pair", "guest web has two NICs that are no pair: the VF is in VLAN 100", 0)))
def test_teams(nfprobe, monkeypatch, safe, code, said, commands):
    folder = nfprobe(document())
    (folder / "web.xml").write_text(GUEST)
    monkeypatch.setattr(audit, "GUESTS", str(folder))
    monkeypatch.setattr(audit, "hook_path", lambda: "hook")
    monkeypatch.setattr(audit, "load_hook", lambda path: Hook(safe))
    found = audit.look([])
    assert ([finding.code for finding in found.findings], found.exit_status) == ([code] * bool(code), int(bool(code)))
    assert all(said in finding.what and len(finding.commands) == commands for finding in found.findings)


@pytest.mark.parametrize("safe", ("no", "unknown"))
def test_an_entry_that_is_missing(monkeypatch, safe):
    """The finding has its command, and no run."""
    hook = Hook(safe)
    entry = ["bridge", "fdb", "add", "52:54:00:00:00:07", "dev", "eth0", "self", "permanent"]
    monkeypatch.setattr(hook, "missing_entry", lambda pair: entry, raising=False)
    finding = audit.unproven(hook, "web", next(hook.known_pairs(audit.ElementTree.fromstring(GUEST)[0])))
    [command] = audit.command_lines(finding.commands)
    assert tool.words_of(command) == entry and finding.why.endswith(" is missing, type it again")
    assert ("may lose" in finding.why) == (safe == "unknown")


def test_the_hook_has_what_is_asked(monkeypatch):
    hook = audit.load_hook(os.path.join(tool.TOP, "scripts/packaging/libvirt/nfprobe-libvirt-hook"))
    assert callable(hook.known_pairs) and callable(hook.judge) and callable(hook.missing_entry) and issubclass(hook.Failed, Exception)
    pair = hook.Pair("0000:01:10.0", "0000:01:00.0", "eth0", hook.Standby("", None, "", None, False))
    monkeypatch.setattr(hook, "style_of", lambda pair, pinned: None)
    assert audit.unproven(hook, "web", pair) is None
    pair = pair._replace(standby=pair.standby._replace(kind="macvtap", lower="eth9"))
    assert audit.unproven(hook, "web", pair).code == "teaming-unproven"


def test_text(nfprobe):
    said = tool.golden("audit-full.json")
    said["findings"][0]["what"] += "\033[2J"
    nfprobe(said)
    out = io.StringIO()
    audit.print_audit(text.Writer(out), audit.look([]), False)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("same-address      eth0: VF 1 (idle) and VF 4") and "\033" not in out.getvalue()
    assert "                    ip link set eth0 vf 1 mac 00:00:00:00:00:00" in lines
    assert "not asked         the tables of Open vSwitch" in lines
    in_words = " ".join(out.getvalue().split())
    assert "It rests on what could be seen: somebody else may use it. Do nothing now; once no guest is about to get VF 2" in in_words
    assert "silent. Fix it now: ip link set eth0 vf 1 mac" in in_words


def page_of(tmp_path, said):
    (tmp_path / "audit.json").write_text(json.dumps(said))
    done = tool.run("nfprobe-report", "html", "--audit", tmp_path / "audit.json")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_page(tmp_path):
    """In the words of the text, and with no more than text in them."""
    said = tool.golden("audit-full.json")
    said["findings"].append({**copy.deepcopy(said["findings"][0]), "accepted": True})
    text = page_of(tmp_path, said)
    plain = " ".join(re.sub("<[^>]*>", " ", text.split("<main>")[1]).split())
    assert plain.startswith("eth0, eth1: 2 findings ") and "<title>eth0, eth1: 2 findings</title>" in text
    for sentence in ("same-address : eth0: VF 1 (idle) and VF 4", "Fix it now: ip link set eth0 vf 1 mac 00:00:00:00:00:00",
                     "It rests on what could be seen: somebody else may use it. Do nothing now; once no guest is about to get VF 2, which",
                     "Remarks bridge-filter : eth0: the filter", "Accepted same-address ", "Not asked the tables of Open vSwitch",
                     "Not seen what each process of this host has open, which needs CAP_SYS_PTRACE", "exit status 1"):
        assert sentence in plain, sentence
    # The file may be anybody's: nothing offers a command to be copied, and nothing is loaded.
    assert "<button" not in text and "<script" not in text and "default-src 'none'" in text
    said["findings"][0].update(what="<img src=x onerror=alert(1)>\033[2J", commands=[["ip", "a" + " " * 200 + "; reboot"]])
    text = page_of(tmp_path, said)
    assert "<img" not in text and "\033" not in text and "\N{OPEN BOX}" * 200 in text


def test_page_of_nothing(tmp_path):
    said = tool.golden("audit-full.json")
    said.update(findings=[], unasked=[])
    assert '<h1><span class="unsure">eth0, eth1: nothing was found, but not everything was seen</span></h1>' in page_of(tmp_path, said)
    said.update(unread=[])
    assert '<h1><span class="safe">eth0, eth1: nothing was found</span></h1>' in page_of(tmp_path, said)
    # What nfprobe could not find out is no page.
    (tmp_path / "audit.json").write_text(json.dumps(tool.golden("audit-error.json")))
    assert tool.run("nfprobe-report", "html", "--audit", tmp_path / "audit.json", "-o", tmp_path / "none.html").returncode == 4
    assert not (tmp_path / "none.html").exists()


def test_beside_a_remark_something_was_found(nfprobe):
    said = tool.golden("audit-full.json")
    said["findings"], said["unread"] = said["findings"][2:], []
    nfprobe(said)
    out = io.StringIO()
    audit.print_audit(text.Writer(out), audit.look([]), False)
    assert out.getvalue().endswith("eth0, eth1: no findings, 1 remark\n") and "nothing was found" not in out.getvalue()


def test_json(nfprobe, capsys):
    nfprobe(tool.golden("audit-full.json"))
    assert check_main.main(["--audit", "--json", "eth0"]) == 1
    said, golden = json.loads(capsys.readouterr().out), tool.golden("audit-full.json")
    for key in golden:
        assert said[key] == golden[key] or key in ("version", "schema")
    nfprobe("")
    assert check_main.main(["--audit", "--json"]) == 4
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "host"


def test_options(capsys):
    for option in ("--style=macvtap", "--host=x", "--prune", "--max-age=3", "--vlan=5"):
        assert check_main.main(["--audit", option]) == 2
        assert f"{option.split('=')[0]} makes no sense with --audit" in capsys.readouterr().err


def test_reports(tmp_path, capsysbinary, monkeypatch):
    monkeypatch.setattr(rights, "give_up", lambda: None)  # those of the tests
    file = os.path.join(tool.TOP, "tests/golden/audit-full.json")
    assert report.main(["prometheus", "--audit", file]) == 0
    lines = capsysbinary.readouterr().out.decode().splitlines()
    assert 'nfprobe_audit_findings{code="same-address",device="eth0"} 1.0' in lines
    assert 'nfprobe_audit_findings{code="bridge-filter",device="eth0"} 0.0' in lines  # a remark
    assert 'nfprobe_audit_remarks{code="bridge-filter",device="eth0"} 1.0' in lines
    assert 'nfprobe_audit_findings{code="vf-address",device="eth0"} 0.0' in lines
    assert "nfprobe_audit_exit_status 1.0" in lines
    written = float(next(line for line in lines if line.startswith("nfprobe_audit_written_timestamp_seconds ")).split()[1])
    assert 0 <= time.time() - written < 600
    assert report.main(["nfd", "--audit", file]) == 0
    _, expiry, *found = capsysbinary.readouterr().out.decode().splitlines()
    assert found == [f"{LABEL}eth0.audit=found", f"{LABEL}eth1.audit=found"]
    # An audit is of one moment, and nobody takes back a label of a pod that is gone.
    until = datetime.datetime.strptime(expiry, "# +expiry-time=%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    assert 300 < until.timestamp() - time.time() <= 900
    said = document()
    said["unread"] = [{"pf": "eth1", "what": "x", "needs": None}]
    (tmp_path / "audit.json").write_text(json.dumps(said))
    assert report.main(["nfd", "--audit", str(tmp_path / "audit.json")]) == 0
    assert capsysbinary.readouterr().out.decode().splitlines()[2:] == [f"{LABEL}eth0.audit=ok", f"{LABEL}eth1.audit=unknown"]
    assert report.main(["nfd", "--audit", str(tmp_path / "none")]) == 4

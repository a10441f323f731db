# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/lib/claims.py notices a claim of each form that is not so, and lets the same pass where it is."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

import tool
from test_memnic import MEMPROBE

sys.path.insert(0, os.path.join(tool.TOP, "scripts/lib"))
import claims  # noqa: E402
import pages  # noqa: E402
import tried  # noqa: E402

pytestmark = pytest.mark.skipif(not shutil.which("mandoc"), reason="no mandoc here")

TAGS = "".join(f"\n.TP\n.B {status}\nText" for status in ("0", "1", "2", "3", "{}"))

# A page, its text with a hole, what is so, what is not, and how that is said.
ROWS = [
    ("man/x.8", "\\fB--{}\\fP", "vf", "vff", "no program has this option"),
    ("man/nfprobe.8", ".SH OPTIONS\n.TP\n.BI --{}\nText", 'vf " N"', "stored", "nfprobe has no such option"),
    ("man/nfprobe.8", ".SH OPTIONS\n.TP\n.BI --vf \" {}\"\nText", "N", "NUMBER", "--help has another form of it"),
    ("man/nfprobe-check.1", ".SH OPTIONS\n.TP\n.BR --json {}\nText", "[=FILE]", '" FILE"',
     "--help has another form of it"),
    ("man/nfprobe.8", ".SH OPTIONS\n.TP\n.BI --skip \" TEST[,..]\"\nText\n.RS\n.TP\n.B {}\nText\n.RE", "fix", "fixes",
     "it takes fix, announce"),
    ("man/nfprobe.8", ".SH OPTIONS\n.TP\n.BI --settle \" SEC\"\n{} to 60 seconds", "0.1", "0.2", "the program says 0.1 to 60"),
    ("man/nfprobe-check.1", ".SH OPTIONS\n.TP\n.BI --max-age \" DAYS\"\n(1 to {})", "36500", "365",
     "the program says 1 to 36500"),
    ("man/nfprobe.8", ".SH OPTIONS\n.TP\n.BI --rate \" PPS\"\nThe default is {}", "1000", "2000", "FIGURES in claimed.py does not say"),
    ("man/nfprobe-result.5", "It waits {} seconds in all", "30", "20", "FIGURES in claimed.py does not say"),
    ("man/nfprobe-recipes.7", "After {} minutes the run ends", "thirteen", "twelve", "FIGURES in claimed.py does not say"),
    ("man/x.8", ".SH DIAGNOSTICS\n.TP\n.B {}\nText", "eth0 lost its carrier", "eth0 forgot its carrier", "no program says"),
    ("README.md", "| it says | do |\n|---|---|\n| {} | wait |\n", "eth0 has no carrier", "eth0 is without carrier", "no program says"),
    ("man/x.8", "\\fI/run/nfprobe/{}\\fP", "DEVICE.journal", "DEVICE.record", "the source has no .record"),
    ("man/x.8", "\\fIPREFIX/share/nfprobe/{}\\fP", "nfprobe.conf", "other.conf", "it is not installed"),
    ("man/x.8", "\\fIscripts/{}\\fP", "check", "chek", "the repository has no such file"),
    ("man/x.8", "its \\fB{}\\fP", "duration_ms", "durations_ms", "no key"),
    ("man/x.8", "its \\fBvf.{}\\fP", "trust", "ifname", "a result has no such key"),
    ("man/x.8", "Each key is always there, but for error{}", " and unread", "", "the schema lets it be absent"),
    ("man/nfprobe.8", ".SH EXIT STATUS" + TAGS.format("4") + TAGS.format("128") + TAGS.format("{}"), "5", "6",
     "it exits with 0 1 128 2 3 4 5"),
    ("README.md", "The exit status is 0 if it is safe, 1 if not, 2 on an error, 3 or 4{}\n", ", and 5", "", "it is one of 0 1 2 3 4 5"),
    ("man/x.8", "It ends with status {} then", "4", "9", "no program has this exit status"),
    ("man/nfprobe-check.1", ".SH EXIT STATUS" + TAGS.format("{}"), "4", "5", "it exits with 0 1 2 3 4"),
    ("man/x.8", "See \\fBnfprobe-{}\\fP(7)", "guide", "guides", "there is no such page"),
    ("man/x.8", "See {} in \\fBnfprobe\\fP(8)", "AUDIT", "AUDITS", "there is no such section"),
    ("man/x.8", ".nf\nnfprobe eth0 --vf {}\n.fi", "3", "three", "is not a whole number"),
    ("man/x.8", ".nf\nNFPROBE_RUN=\"--vf {}\"\n.fi", "any", "none", "is not a whole number"),
    ("man/x.8", ".nf\nnfprobe-report {} a.json\n.fi", "html", "page", "is not a format"),
    ("man/x.8", "\\fBnfprobe-libvirt-hook --{}\\fP \\fIGUEST\\fP", "explain", "clean", "the hook takes"),
    ("man/x.8", ".nf\nssh FAR nfprobe --reflect eth1 --{} 5\n.fi", "rate", "vf", "makes no sense"),
    ("man/x.8", ".SH SYNOPSIS\n\\fBnfprobe --list\\fP [\\fB-{}\\fP]", "q", "n", "do not go together"),
    ("man/x.8", "\\fBvirsh {}-device GUEST vf.xml --live\\fP", "attach", "append", "of virsh"),
    ("man/x.8", ".nf\n{} eth0 --vf 3\n.fi", "nfprobe", "nfrpobe", "nobody tries this example"),
    ("man/x.8", ".nf\nnfprobe\n{} a\n.fi", "scp", "scq", "nobody tries this command"),
    ("man/x.8", ".nf\nfor a in b; do\n    nfprobe\n{}\n.fi", "done", "", "sh -n"),
    ("man/x.8", ".nf\nip link set eth0 {} up\n.fi", "", "upp", "ip link set eth0 upp up"),
    ("man/x.8", ".nf\nbridge fdb add MAC dev eth0 self {}\n.fi", "permanent", "for ever", "bridge fdb"),
    ("man/x.8", ".nf\nsystemctl enable {}@eth0.service\n.fi", "nfprobe", "nfprobed", "there is no unit nfprobed@"),
    ("man/x.8", ".nf\njob:\n  script:\n    - nfprobe eth0 --vf 0 {}\n.fi", "--json=a", "--json a", "is not its value"),
    ("man/x.8", ".nf\n<interface type='direct'>\n  <source dev='eth0'{}>\n</interface>\n.fi", "/", "", "mismatched tag"),
    ("README.md", "`scripts/check {}`\n", "lint", "lints", "no group lints"),
    ("README.md", "    make && make {}\n", "install", "instal", "make has no instal"),
    ("README.md", "    apt install gcc libnl-3-dev libnl-route-3-dev libpcap-dev libmnl-dev {} libkmod-dev\n", "libjansson-dev", "",
     "make asks for"),
    ("scripts/image/README.md", "| file | what |\n|---|---|\n| `{}` | a hook |\n", "finish", "finished", "no such file beside it"),
    ("scripts/ansible/README.md", "| variable | default | meaning |\n|---|---|---|\n| `probe_throttle` | {} | hosts |\n", "10", "20",
     "it is 10"),
]


@pytest.fixture(scope="module", name="project")
def a_project():
    return claims.Project(pathlib.Path(tool.PROGRAMS).parent)


def faults(project, page, text):
    """Of this page alone: what it does not say is not looked for."""
    parts = pages.markdown(page, text) if page.endswith(".md") else pages.manual(page, f".TH X 8\n.SH HEAD\n{text}\n")
    said = claims.faults(claims.claims_of(project, parts), set())
    return [fault for fault in said if not re.search("the page does not|no page names", fault)]


@pytest.mark.parametrize("row", ROWS, ids=[row[4] for row in ROWS])
def test_what_is_not_so_is_noticed(project, row):
    page, text, so, other, said = row
    assert not faults(project, page, text.replace("{}", so))
    assert any(said in fault for fault in faults(project, page, text.replace("{}", other)))


def test_a_printed_command_that_nobody_takes_is_noticed(tmp_path, project):
    folder = tmp_path / "tests/golden"
    folder.mkdir(parents=True)
    (folder / "text.txt").write_text("      nfprobe eth0 --vf three\n      bridge fdb put GUEST_MAC dev eth0 self\n")
    printed = claims.Project(project.build, tmp_path)
    said = list(claims.faults(claims.printed_claims(printed), set()))
    assert len(said) == 2 and "--vf three is not a whole number" in said[0] and 'Command "put" is unknown' in said[1]


def test_what_a_page_leaves_out_is_noticed(project):
    parts = pages.manual("man/nfprobe.8", ".TH X 8\n.SH OPTIONS\n.TP\n.BI --skip \" TEST[,..]\"\nText\n")
    said = "\n".join(claims.faults(claims.claims_of(project, parts), set()))
    for line in ("--vf: the page does not describe it", "--skip fix: the page does not name it"):
        assert line in said


def test_a_figure_that_the_source_has_otherwise_is_noticed(project):
    assert claims.try_figure(project, "1.5", "second", "include/base/base.h NFP_SETTLE_DEFAULT_NS") == ""
    assert claims.try_figure(project, "2", "second", "include/base/base.h NFP_SETTLE_DEFAULT_NS").endswith("is 1.5")
    assert "has no" in claims.try_figure(project, "2", "second", "include/base/base.h NFP_SETTLE_NS")


def test_the_size_of_a_result():
    """As scripts/ansible/README.md gives it, of the emulated card, whose bridge gets a remedy."""
    text = pathlib.Path(tool.TOP, "scripts/ansible/README.md").read_text(encoding="utf-8")
    done = subprocess.run([MEMPROBE], input="--style macvtap,bridge -- come=assign go=clear arb=both\n", stdout=subprocess.PIPE, text=True, check=True)
    size = len(json.dumps(json.loads(done.stdout), indent=2))
    assert float(re.search(r"some (\d+) kB per PF and run", text)[1]) * 1000 == pytest.approx(size, rel=.15)


SAFE, STICKY = "mem --style=macvtap -- come=up go=down+clear arb=both", "mem --style=macvtap -- come=up go=clear arb=last"

# How a sentence is tried, where it is so; where not, and how that is said.
TRIALS = [
    ("try: nfprobe --restore => 0 nothing to undo", "try: nfprobe --restore => 5", "it ends with 0"),
    ("try: nfprobe eth0 --vf 3 --rate 0 => 2 1 to .. 10000", "try: nfprobe eth0 --vf 3 --rate 0 => 2 2 to", "it does not say '2 to'"),
    ("try: nfprobe-check eth0 => 3 nothing is stored", "try: nfprobe-check eth0 => 0", "it ends with 3"),
    ('try: nfprobe | grep -c "eth0 .* 4 of 7" => 0 1', 'try: nfprobe | grep -c "eth0 .* 3 of 7" => 0 1', "it ends with 1"),
    (f"try: {SAFE} => 0 Failover on eth0: yes", f"try: {STICKY} => 0 Failover on eth0: yes", "it ends with 1"),
    (f"try: {STICKY} => 1 STICKY", f"try: {STICKY} => 1 EARLY", "it does not say 'EARLY'"),
    (f"try: {STICKY.replace('mem', 'mem -j')} => 1 \"requires\": [\"clear-at-unplug\"]",
     f"try: {STICKY} => 1 \"requires\": [\"clear-at-unplug\"]", "it does not say"),
    ("tried: tests/vm/test_refuse.py test_vfio", "tried: tests/vm/test_refuse.py no such test", "has no 'no such test'"),
    ("tried: tests/cli/guide.bats the guest has let go of its VF", "tried: tests/vm/test_refuse.py def test_", "lines have 'def test_'"),
    ("try: nfprobe -V => 0", "try: nfprobe -V", "it lacks => STATUS"),
]


def trial_faults(project, name, text):
    return list(tried.faults(pathlib.Path(tool.TOP), project.build, {name: text}))


@pytest.mark.parametrize("form", ['.\\" {}\nIt is so.\n', "<!-- {} -->\nIt is so.\n"], ids=["man", "README"])
def test_a_sentence_that_is_not_so_is_noticed(project, form):
    name = "README.md" if form.startswith("<") else "man/x.8"
    so, others = ("".join(form.replace("{}", row[at]) for row in TRIALS) for at in (0, 1))
    assert not trial_faults(project, name, so)
    said = trial_faults(project, name, others)
    assert len(said) == len(TRIALS)
    for _, trial, why in TRIALS:
        assert any(trial.split(" => ")[0].partition(": ")[2].split()[0] in line and why in line for line in said), (trial, said)


def test_a_trial_without_a_sentence_is_noticed(project):
    assert "no sentence follows" in trial_faults(project, "man/x.8", '.\\" try: nfprobe -V => 0\n.SH NEXT\n')[0]
    assert not trial_faults(project, "man/x.8", '.\\" try: nfprobe -V\n.\\"   | cat => 0\nIt is so.\n')


def run_of_readme(command):
    """What README.md shows of it."""
    text = pathlib.Path(tool.TOP, "README.md").read_text(encoding="utf-8")
    shown = re.search(rf"^    # {re.escape(command)} *#.*\n((?:    (?!# ).*\n|\n(?=    ))+)", text, re.M)
    return re.sub(r"^    ", "", shown[1], flags=re.M)


def test_the_runs_that_readme_shows():
    """One as in memory, but for its time, its source and how many notes it leaves out; one as it was in the machine."""
    igb = "--style=macvtap -- come=assign go=clear arb=both"
    done = subprocess.run([MEMPROBE], input=igb + "\n", stdout=subprocess.PIPE, text=True, check=True)
    said, shown = (re.sub(r"from (?:eth1|auto)|, \d+ s|\d (?=more with)", "", " ".join(text.split()))
                   for text in ("\n".join(json.loads(done.stdout)["text"]["short"]), run_of_readme("nfprobe eth0 --vf 3 --style macvtap")))
    assert shown == said
    real = pathlib.Path(tool.TOP, "tests/golden/real/igb.txt").read_text(encoding="utf-8")
    assert run_of_readme("nfprobe eth0 --vf 3") in real

# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/lib/tried.py notices what is not so, and lets the same pass where it is; and what the READMEs show and count."""

import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

import tool
from test_memnic import MEMPROBE

sys.path.insert(0, os.path.join(tool.TOP, "scripts/lib"))
import tried  # noqa: E402

BUILD = pathlib.Path(tool.PROGRAMS).parent
SAFE, STICKY = "mem --style=macvtap -- come=up go=down+clear arb=both", "mem --style=macvtap -- come=up go=clear arb=last"

# How a sentence is tried, where it is so; where not, and how that is said.
TRIALS = [
    ("nfprobe --restore => 0 nothing to undo", "nfprobe --restore => 5", "it ends with 0"),
    ("nfprobe eth0 --vf 3 --rate 0 => 2 1 to .. 10000", "nfprobe eth0 --vf 3 --rate 0 => 2 2 to", "it does not say '2 to'"),
    ("nfprobe-check eth0 => 3 nothing is stored", "nfprobe-check eth0 => 0", "it ends with 3"),
    ('nfprobe | grep -c "eth0 .* 4 of 7" => 0 1', 'nfprobe | grep -c "eth0 .* 3 of 7" => 0 1', "it ends with 1"),
    (f"{SAFE} => 0 Exit 0: safe", f"{STICKY} => 0 Exit 0: safe", "it ends with 1"),
    (f"{STICKY} => 1 STICKY", f"{STICKY} => 1 EARLY", "it does not say 'EARLY'"),
    (f"{SAFE.replace('mem', 'mem -v')} => 0 claim up", f"{SAFE} => 0 claim up", "it does not say 'claim up'"),
    ("nfprobe -V => 0", "nfprobe -V", "it lacks => STATUS"),
]


def faults(name, text):
    return list(tried.trial_faults(pathlib.Path(tool.TOP), BUILD, {name: text}))


@pytest.mark.parametrize("form", ['.\\" try: {}\nIt is so.\n', "<!-- try: {} -->\nIt is so.\n"], ids=["man", "README"])
def test_a_sentence_that_is_not_so_is_noticed(form):
    name = "README.md" if form.startswith("<") else "man/x.8"
    so, others = ("".join(form.replace("{}", row[at]) for row in TRIALS) for at in (0, 1))
    assert not faults(name, so)
    said = faults(name, others)
    assert len(said) == len(TRIALS)
    for _, trial, why in TRIALS:
        assert any(trial.split(" => ")[0].split()[0] in line and why in line for line in said), (trial, said)


def test_a_trial_without_a_sentence_is_noticed():
    assert "no sentence follows" in faults("man/x.8", '.\\" try: nfprobe -V => 0\n.SH NEXT\n')[0]
    assert not faults("man/x.8", '.\\" try: nfprobe -V\n.\\"   | cat => 0\nIt is so.\n')


# An example with a hole, what its programs take, what they do not, and how that is said.
EXAMPLES = [
    ("nfprobe eth0 \\-\\-vf {}", "N", "three", "is not a whole number"),
    ("# nfprobe eth0 --vf 3 {}  # so", "", "--vff", "--vff is not an option"),
    ("    - nfprobe eth0 --vf 0 {} || exit", "--json=a", "--json a", "is not its value"),
    ("nfprobe-report {} a.json", "html", "page", "is not a format"),
    ("for a in b; do nfprobe-check eth0 {}; done", "-q", "-k", "-k is not an option"),
    ("nfprobe-all \\e\n    --quiet {}", "", "--nosuch", "--nosuch is not an option"),
    ("ip link set eth0 {} up", "", "upp", "ip link set eth0 upp up"),
    ("bridge fdb add GUEST_MAC dev eth0 self {}", "permanent", "for ever", "bridge fdb"),
]


@pytest.mark.parametrize("example, so, other, said", EXAMPLES)
def test_a_command_that_nobody_takes_is_noticed(example, so, other, said):
    def of(value):
        text = f"{example.replace('{}', value)}\n"
        [command] = tried.commands_of("man/x.8", f".nf\n{text}.fi\n")
        indented = re.sub("^", "    ", text.replace("\\-", "-").replace("\\e", "\\"), flags=re.M)
        assert list(tried.commands_of("README.md", indented.removesuffix("    "))) == [command]
        return list(tried.command_faults(BUILD, {command: "man/x.8"}))
    sys.path.insert(0, tool.TOOLS)
    assert of(so) == []
    assert said in of(other)[0]


def test_what_a_program_prints_is_a_command():
    text = "     nfprobe eth0 --vf three\n     bridge fdb put GUEST_MAC dev eth0 self\n  ip link\n         ip link show eth0):\n"
    assert tried.PRINTED.findall(text) == [
        "nfprobe eth0 --vf three", "bridge fdb put GUEST_MAC dev eth0 self"]


@pytest.mark.parametrize("page, said, missing", [
    ("man/nfprobe.8", "0\t1\n1\tx\n2\n3\tT{\n4\n5\n128+N\n", "5\n"), ("man/nfprobe-check.1", ".B 0\n.B 1\n.B 2\n.B 3\n.B 4\n", ".B 4\n"),
    ("man/nfprobe-all.8", ".B 0\n.B 1\n.B 2\n.B 3\n.B 4\n.B 5\n.BI 128+ SIGNAL\n", ".BI 128+ SIGNAL\n"),
])
def test_a_status_that_a_page_lacks_is_noticed(page, said, missing):
    assert list(tried.status_faults(page, f".SH EXIT STATUS\n{said}.SH NEXT\n")) == []
    for other in (said.replace(missing, ""), said + "9\n"):
        assert len(list(tried.status_faults(page, f".SH EXIT STATUS\n{other}.SH NEXT\n"))) == 1


def test_the_size_of_a_result():
    """As scripts/ansible/README.md gives it, of the emulated card, whose bridge gets a fix."""
    text = pathlib.Path(tool.TOP, "scripts/ansible/README.md").read_text(encoding="utf-8")
    done = subprocess.run([MEMPROBE], input="--style=macvtap,bridge -- come=assign go=clear arb=both\n",
                          stdout=subprocess.PIPE, text=True, check=True)
    size = len(json.dumps(json.loads(done.stdout), indent=2))
    assert float(re.search(r"some (\d+) kB per PF and run", text)[1]) * 1000 == pytest.approx(size, rel=.15)


def run_of_readme(command, remark):
    """What README.md shows of it."""
    text = pathlib.Path(tool.TOP, "README.md").read_text(encoding="utf-8")
    shown = re.search(rf"^    # {re.escape(command)} *# {re.escape(remark)}.*\n((?:    (?!# ).*\n|\n(?=    ))+)", text, re.M)
    return re.sub(r"^    ", "", shown[1], flags=re.M)


def test_the_runs_that_readme_shows():
    """One as in memory, but for its NIC, its time and its source; the beginning of one as it was in the machine."""
    done = subprocess.run([MEMPROBE], input="-- come=up go=unplug\n", stdout=subprocess.PIPE, text=True, check=True)
    text = json.loads(done.stdout)["text"]
    said, shown = (re.sub(r"mac 00:00:00:00:00:00.* over the wire(?:, \d+ s)?\.", "", " ".join(lines.split()))
                   for lines in ("\n".join(text["lines"][:text["short"]]), run_of_readme("nfprobe eth0 --vf 3", "can guests")))
    assert shown == said
    real = pathlib.Path(tool.TOP, "tests/golden/real/igb.txt").read_text(encoding="utf-8")
    assert run_of_readme("nfprobe eth0 --vf 3", "on QEMU's igb") in real

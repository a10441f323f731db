# SPDX-License-Identifier: GPL-2.0-or-later
"""Tries what the pages and READMEs say in prose. A comment directly above a sentence says how:

    try: COMMAND => STATUS [WORDS]    a shell runs COMMAND on a host of its own; its output has WORDS, or all that " .. " parts
    try: mem OPTIONS -- KEYS => ..    the same of a run on a NIC in memory (tests/memnic): its text, its status;
                                      before OPTIONS, -v for what -v prints, -j for what --json does
    tried: FILE WORDS                 a test that needs a machine or a guest: WORDS are its name, or stand in one line of FILE

In a page a line of it begins with .\\" and one that goes on with .\\" and two blanks; in a README it is <!-- .. -->.
The host has a PF eth0 with four VFs, of which VF 3 is idle, and a second port eth1, but neither a driver that does anything nor a guest.
"stored [STYLE VERDICT]" stores a run on VF 3 in $kept: macvtap SAFE and bridge EARLY, or this style alone.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import re
import subprocess
import sys
from typing import Iterator

HOST = r"""
mount -t tmpfs none /run && mount -t tmpfs none /var/lib && mount -t tmpfs none /mnt || exit
. tests/cli/lib/sriov.bash && sriov_tree /mnt/sys && sriov_wire /mnt/sys && rm /mnt/sys/devices/pci0000:00/0000:01:10.6/driver || exit
ip link add eth0 type veth peer name wire0 && ip link add eth1 type veth peer name wire1 && mount --bind /mnt/sys /sys || exit
ip link add switch type bridge && ip link set wire0 master switch && ip link set wire1 master switch || exit
for netdev in lo switch wire0 wire1 eth0 eth1; do ip link set "$netdev" up; done
PATH=$PWD/scripts/tools:$PWD/scripts/packaging/libvirt:$PATH LC_ALL=C
mkdir /mnt/tmp
kept=/var/lib/nfprobe/pci-0000:01:00.0/20261120T100000.123Z-0.json
stored() { # [STYLE VERDICT]
    top=$PWD here=$PWD/tests/cli NFPROBE=$(command -v nfprobe) && . tests/cli/lib/documents.bash && mkdir /var/lib/nfprobe &&
        trap 'rm -r /var/lib/nfprobe' EXIT && sriov_result "$kept" "$@" >/dev/null 2>/mnt/stored || cat /mnt/stored >&2
}
"""
END = "-- end of claim --"


@dataclasses.dataclass
class Trial:
    page: str
    line: int
    kind: str  # try or tried
    what: str
    status: str
    words: str
    sentence: str  # which it is about


def flat(text: str) -> str:
    return " ".join(text.split())


def marked(name: str, text: str) -> Iterator[tuple[int, str, str]]:
    """The comments that try something: line, comment, what follows."""
    if name.endswith(".md"):
        for found in re.finditer(r"^<!-- (tr(?:y|ied): .*) -->\n", text, re.M):
            rest = re.sub(r"\A(?:<!--.*-->\n)+", "", text[found.end():])
            yield text.count("\n", 0, found.start()) + 1, flat(found[1]), rest
        return
    for found in re.finditer(r'^\.\\" (tr(?:y|ied): .*\n(?:\.\\" {2,}.*\n)*)', text, re.M):
        rest = re.sub(r'\A(?:\.\\".*\n)+', "", text[found.end():])
        yield text.count("\n", 0, found.start()) + 1, flat(found[1].replace('.\\" ', " ")), rest


def trials(name: str, text: str) -> Iterator[Trial | str]:
    """A trial, or what is wrong with a comment."""
    for line, comment, rest in marked(name, text):
        kind, _, what = comment.partition(": ")
        what, arrow, expected = what.rpartition(" => ") if kind == "try" else (what, "", "")
        status, _, words = expected.partition(" ")
        ends = r"\n" if "\t" in rest.split("\n")[0] else r"(?<=[.:])\s|\n\n|\n(?=\.)"  # of a row of a table: its first line
        sentence = re.split(ends, re.sub(r"\\f.|\\", "", rest), maxsplit=1)[0]
        if kind == "try" and not (arrow and status.isdigit()):
            yield f"{name}:{line}: {comment}: it lacks => STATUS"
        elif not sentence.strip() or re.match(r"\.(?:S[HS]|PP|TE|fi)\b", sentence):
            yield f"{name}:{line}: {comment}: no sentence follows"
        else:
            yield Trial(name, line, kind, what, status, words, flat(sentence))


NAMED = {".py": r"^def (test_\w+)", ".c": r"^(?:TEST|CASE)\w*\((\w+)", ".bats": r'^@test "(.*)" \{'}


def unnamed(path: pathlib.Path, words: str) -> str:
    """Why @words name no test of a file, or nothing. What stands there often shows nothing of a sentence."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if words in re.findall(NAMED.get(path.suffix, "$^"), text, re.M):
        return ""
    lines = sum(words in line for line in text.split("\n"))
    return "" if words and lines == 1 else f"{lines} lines have {words!r}" if lines else f"has no {words!r}"


def fault(trial: Trial, status: str, said: str) -> str:
    """Why it is not so, or nothing."""
    if status != trial.status:
        return f"it ends with {status}: {flat(said)[-300:]}"
    rest = flat(said)
    for piece in trial.words.split(" .. ") if trial.words else ():
        _, found, rest = rest.partition(piece)
        if not found:
            return f"it does not say {piece!r}: {flat(said)[:600]}"
    return ""


def in_memory(build: pathlib.Path, asked: list[Trial]) -> Iterator[tuple[Trial, str]]:
    forms, lines = zip(*(re.fullmatch(r"mem (-[vj] )?(.*)", trial.what).groups() for trial in asked)) if asked else ((), ())
    done = subprocess.run([build / "tests/memnic/memprobe"], input="\n".join(lines) + "\n",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    answers = done.stdout.split("\n")[:-1]
    for number, trial in enumerate(asked):
        document = json.loads(answers[number]) if number < len(answers) else {}
        if "text" not in document:
            yield trial, f"no run in memory: {document or done.stderr.strip()}"
            continue
        text = document.pop("text")
        said = json.dumps(document) if forms[number] == "-j " else "\n".join(text["verbose" if forms[number] else "short"])
        yield trial, fault(trial, str(document["exit"]), said)


def on_a_host(top: pathlib.Path, build: pathlib.Path, asked: list[Trial]) -> Iterator[tuple[Trial, str]]:
    script = HOST + "".join(f"(\n{trial.what}\n) </dev/null 2>&1; status=$?; echo; echo '{END}' $status\n" for trial in asked)
    path = f"PATH={build}:{build}/tests/memnic:/usr/sbin:/usr/bin:/sbin:/bin"
    done = subprocess.run(["unshare", "-r", "tests/own-host", "env", path, "bash"],
                          input=script, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, cwd=top)
    answers = re.findall(rf"(.*?)\n{END} (\d+)\n", done.stdout, re.S)
    if not answers and "unshare" in done.stderr:
        print("# no command of the prose is tried: no network namespace can be had", file=sys.stderr)
        return
    for number, trial in enumerate(asked):
        said, status = answers[number] if number < len(answers) else ("it was not run " + done.stderr, "none")
        yield trial, fault(trial, status, said)


def faults(top: pathlib.Path, build: pathlib.Path, texts: dict[str, str], told: bool = False) -> Iterator[str]:
    """@told: prints each claim that was tried, with its trial."""
    asked: list[Trial] = []
    for name, text in texts.items():
        for trial in trials(name, text):
            if isinstance(trial, str):
                yield trial
            else:
                asked.append(trial)
    for trial in asked if told else ():
        expected = f" => {trial.status} {trial.words}".rstrip() if trial.status else ""
        print(f"{trial.page}:{trial.line}: {trial.sentence}\n    {trial.kind}: {trial.what}{expected}")
    for trial in asked:
        if trial.kind == "tried":
            file, _, words = trial.what.partition(" ")
            why = unnamed(top / file, words)
            if why:
                yield f"{trial.page}:{trial.line}: {trial.sentence}: {file}: {why}"
    memory = [trial for trial in asked if trial.kind == "try" and trial.what.startswith("mem ")]
    others = [trial for trial in asked if trial.kind == "try" and not trial.what.startswith("mem ")]
    for trial, why in [*in_memory(build, memory), *(on_a_host(top, build, others) if others else ())]:
        if why:
            yield f"{trial.page}:{trial.line}: {trial.sentence}: {trial.what}: {why}"

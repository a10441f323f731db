#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tried.py BUILD [tried]: tries what the manual and the READMEs have a reader type, and prints what is not so. "tried" lists the trials.

An example's commands of nfprobe and its tools must be ones that these take, and those of ip and bridge ones that iproute2 takes; so must
the commands that nfprobe prints, as tests/golden has them. EXIT STATUS of a page has each status of its program. A comment directly above
a sentence says how to try that:

    try: COMMAND => STATUS [WORDS]    a shell runs COMMAND on a host of its own; its output has WORDS, or all that " .. " parts
    try: mem OPTIONS -- KEYS => ..    the same of a run on a NIC in memory (tests/memnic): its text, its status;
                                      before OPTIONS, -v for what -v prints

In a page a line of it begins with .\\" and one that goes on with .\\" and two blanks; in a README it is <!-- .. -->.
The host has a PF eth0 with four VFs, of which VF 3 is idle, and a second port eth1, but neither a driver that does anything nor a guest.
"stored [STYLE VERDICT]" stores a run on VF 3 in $kept: macvtap SAFE and bridge EARLY, or this style alone.
BUILD has nfprobe, memprobe, the program that scripts/lib/options.c is made to, and tests/unit/test_golden_formats.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import io
import json
import pathlib
import re
import shlex
import subprocess
import sys
from typing import Iterator

TOP = pathlib.Path(__file__).resolve().parents[2]
READMES = ("README.md", *(f"scripts/{name}/README.md" for name in ("ansible", "ansible/roles/probe", "image", "kubernetes", "kselftest")))
MODULES = {"nfprobe-check": ("check_main", "check", "audit", "rules"), "nfprobe-report": ("report", "matrix", "compare"),
           "nfprobe-all": ("all",)}  # that parse, and have statuses
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
# The netdevs that commands of ip and bridge name. iproute2 exits with 2 where it has understood, and the kernel refuses.
NETDEVS = """mount -t tmpfs none /run
ip link add bond0 type bridge
ip link add br0 type bridge
for name in eth0 eth1 TAP VETH VF_NETDEV MACVTAP macvtap0 PF vlans0; do ip link add "$name" type veth; done
ip link set eth0 master bond0
ip link set TAP master bond0
ip link set VETH master bond0
"""
END = "-- end of trial --"
# What stands for a value in a command.
SAMPLES = {"N": "3", "M": "2", "V": "100", "VLAN": "100", "ID": "100", "IP": "192.0.2.1", "MAC": "52:54:00:11:22:33", "HEX": "0" * 32,
           "GUEST_MAC": "52:54:00:11:22:33", "GUEST_VF": "0", "UNUSED_MAC": "52:54:00:11:22:34", "STYLE": "macvtap", "VERDICT": "early",
           "PPS": "100", "SEC": "10", "MS": "10", "DAYS": "3"}
COMMAND = re.compile(r"(?:^ *(?:- (?:run: )?|# )?|[;&|(] *|\b(?:do|then|exec|ssh \S+) )"
                     r"((?:nfprobe(?:-check|-report|-all)?|ip|bridge(?= fdb| link| vlan)) [^;&|)<>\n]*)", re.M)
# At 9 there is the text beside a label.
PRINTED = re.compile(r"^(?: {4,8}| {10,})((?:ip (?:-s )?link|bridge (?:fdb|link|vlan)|nfprobe (?:--|\w+ --)).*)", re.M)


@dataclasses.dataclass
class Trial:
    page: str
    line: int
    what: str
    status: str
    words: str
    sentence: str  # which it is about


def flat(text: str) -> str:
    return " ".join(text.split())


def output_of(*words: str | pathlib.Path, given: str, cwd: pathlib.Path = TOP) -> str:
    done = subprocess.run(words, input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, cwd=cwd)
    if "unshare" in done.stderr:
        print("# no command is run: no network namespace can be had", file=sys.stderr)
    return done.stdout


# ---- trials ----

def trials(name: str, text: str) -> Iterator[Trial | str]:
    """A trial, or what is wrong with a comment."""
    form = r"^<!-- try: (.*) -->\n" if name.endswith(".md") else r'^\.\\" try: (.*\n(?:\.\\" {2,}.*\n)*)'
    for found in re.finditer(form, text, re.M):
        line, comment = text.count("\n", 0, found.start()) + 1, flat(found[1].replace('.\\" ', " "))
        rest = re.sub(r'\A(?:\.\\".*\n|<!--.*-->\n)+', "", text[found.end():])
        what, arrow, expected = comment.rpartition(" => ")
        status, _, words = expected.partition(" ")
        ends = r"\n" if "\t" in rest.split("\n")[0] else r"(?<=[.:])\s|\n\n|\n(?=\.)"  # of a row of a table: its first line
        sentence = re.split(ends, re.sub(r"\\f.|\\", "", rest), maxsplit=1)[0]
        if not arrow or not status.isdigit():
            yield f"{name}:{line}: {comment}: it lacks => STATUS"
        elif not sentence.strip() or re.match(r"\.(?:S[HS]|PP|TE|fi)\b", sentence):
            yield f"{name}:{line}: {comment}: no sentence follows"
        else:
            yield Trial(name, line, what, status, words, flat(sentence))


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
    forms, lines = zip(*(re.fullmatch(r"mem (-v )?(.*)", trial.what).groups() for trial in asked)) if asked else ((), ())
    answers = output_of(build / "tests/memnic/memprobe", given="".join(f"{line}\n" for line in lines)).split("\n")[:-1]
    for number, trial in enumerate(asked):
        document = json.loads(answers[number]) if number < len(answers) else {}
        if "text" not in document:
            yield trial, f"no run in memory: {document}"
        else:
            yield trial, fault(trial, str(document["exit"]), "\n".join(document["text"]["lines"][:None if forms[number] else document["text"]["short"]]))


def on_a_host(top: pathlib.Path, build: pathlib.Path, asked: list[Trial]) -> Iterator[tuple[Trial, str]]:
    script = HOST + "".join(f"(\n{trial.what}\n) </dev/null 2>&1; status=$?; echo; echo '{END}' $status\n" for trial in asked)
    path = f"PATH={build}:{build}/tests/memnic:/usr/sbin:/usr/bin:/sbin:/bin"
    said = output_of("unshare", "-r", "tests/own-host", "env", path, "bash", given=script, cwd=top)
    answers = re.findall(rf"(.*?)\n{END} (\d+)\n", said, re.S)
    for number, trial in enumerate(asked if answers else ()):
        text, status = answers[number] if number < len(answers) else ("it was not run", "none")
        yield trial, fault(trial, status, text)


def trial_faults(top: pathlib.Path, build: pathlib.Path, texts: dict[str, str], told: bool = False) -> Iterator[str]:
    """@told: prints each trial, with its sentence."""
    found = [trial for name, text in texts.items() for trial in trials(name, text)]
    yield from (trial for trial in found if isinstance(trial, str))
    asked = [trial for trial in found if isinstance(trial, Trial)]
    for trial in asked if told else ():
        print(f"{trial.page}:{trial.line}: {trial.sentence}\n    try: {trial.what} => {trial.status} {trial.words}".rstrip())
    memory = [trial for trial in asked if trial.what.startswith("mem ")]
    others = [trial for trial in asked if not trial.what.startswith("mem ")]
    for trial, why in [*in_memory(build, memory), *(on_a_host(top, build, others) if others else ())]:
        if why:
            yield f"{trial.page}:{trial.line}: {trial.sentence}: {trial.what}: {why}"


# ---- commands ----

def commands_of(name: str, text: str) -> Iterator[str]:
    """Those of a page's examples."""
    if name.endswith(".md"):
        blocks = re.findall(r"(?:^ {4}.*\n)+", text, re.M)
    else:
        blocks = [re.sub(r"\\f.|\\&", "", block).replace("\\-", "-").replace("\\(aq", "'").replace("\\e", "\\")
                  for block in re.findall(r"^\.nf\n(.*?)^\.fi", text, re.M | re.S)]
    for block in blocks:
        block = re.sub(r"\$\([^)]*\)|<\([^)]*\)", "VALUE", re.sub(r"\\\n\s*", "", block))
        block = re.sub(r" \d(?=[<>])", "", block)  # a descriptor
        for found in COMMAND.findall(re.sub(r"^    ", "", block, flags=re.M)):
            yield re.sub(r" +#.*$", "", found).strip()  # a remark


def refusal(build: pathlib.Path, words: list[str]) -> str:
    """Why a program of ours does not take them, or nothing."""
    if words[0] == "nfprobe":
        return output_of(build / "scripts/lib/options", "commands", given="\t".join(words) + "\n").strip()
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            importlib.import_module(f"nfprobe_tools.{MODULES[words[0]][0]}").parse_options(words[1:])
    except SystemExit:
        return ""  # --help, --version
    except Exception as error:  # noqa: BLE001 - a Failure, of a module that is imported late
        return str(error)
    return ""


def command_faults(build: pathlib.Path, commands: dict[str, str]) -> Iterator[str]:
    """@commands: by command, where it stands."""
    theirs = []
    for command, where in commands.items():
        words = [re.sub(rf"(?<![A-Z_])(?:{'|'.join(SAMPLES)})(?![A-Z_])", lambda name: SAMPLES[name[0]], word)
                 for word in shlex.split(command, comments=True)]
        if words[0] in ("ip", "bridge"):
            theirs.append((where, shlex.join(words)))
        elif why := refusal(build, words):
            yield f"{where}: {command}: {why}"
    lines = [f"said=$({command} 2>&1 >&-); case $?:$said in 0:*|2:*|*RTNETLINK*) echo {number} ok;; *) echo {number} $said;; esac"
             for number, (_, command) in enumerate(theirs)]
    said = output_of("unshare", "-r", "--net", "--mount", "sh", given=NETDEVS + "\n".join([*lines, "true\n"]))
    answers = dict(line.split(" ", 1) for line in said.split("\n") if re.match(r"\d+ ", line))
    for number, (where, command) in enumerate(theirs if answers else ()):
        if answers.get(str(number)) != "ok":
            yield f"{where}: {command}: {answers.get(str(number), 'it was not run')}"


# ---- statuses ----

def statuses(program: str) -> set[str]:
    if program == "nfprobe":
        enum = re.search(r"enum nfp_exit \{(.*?)\};", (TOP / "include/base/output.h").read_text(encoding="utf-8"), re.S)[1]
        return {*map(str, range(len(re.findall(r"^\s+NFP_EXIT_", enum, re.M)))), "128"}
    tools = TOP / "scripts/tools/nfprobe_tools"
    names = re.search(r"^(EXIT_.*) = range", (tools / "__init__.py").read_text(encoding="utf-8"), re.M)[1].split(", ")
    text = "".join((tools / f"{module}.py").read_text(encoding="utf-8") for module in (*MODULES[program], "command"))
    return {str(names.index(name)) for name in re.findall(r"\bEXIT_[A-Z_]+", text)} | ({"128"} if program == "nfprobe-all" else set())


def status_faults(name: str, text: str) -> Iterator[str]:
    program = pathlib.Path(name).stem
    if program in ("nfprobe", *MODULES) and name.startswith("man/"):
        section = re.search(r"^\.SH EXIT STATUS\n(.*?)^\.SH ", text, re.M | re.S)
        said = set(re.findall(r"^(?:\.BI? )?(\d+)(?=\+|\t|$)", section[1] if section else "", re.M))
        if said != statuses(program):
            yield f"{name}: EXIT STATUS has {' '.join(sorted(said))}, and {program} {' '.join(sorted(statuses(program)))}"


def main(build: str, *more: str) -> int:
    folder = pathlib.Path(build).resolve()
    sys.path.insert(0, str(TOP / "scripts/tools"))
    sys.dont_write_bytecode = True
    paths = [*sorted((TOP / "man").iterdir()), *(TOP / name for name in READMES)]
    texts = {str(path.relative_to(TOP)): path.read_text(encoding="utf-8") for path in paths}
    commands = {command: name for name, text in texts.items() for command in commands_of(name, text)}
    for path in sorted((TOP / "tests/golden").rglob("*.txt")):
        commands.update((re.sub(r"\b(?:nf\d|enp\w+)\b", "eth0", command), str(path.relative_to(TOP)))
                        for command in PRINTED.findall(path.read_text(encoding="utf-8")))
    said = [*trial_faults(TOP, folder, texts, told=more == ("tried",)), *command_faults(folder, commands),
            *(why for name, text in texts.items() for why in status_faults(name, text))]
    print(*said, sep="\n", end="\n" if said else "")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

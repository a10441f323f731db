#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""claims.py BUILD: prints each claim of the manual, of the READMEs that users meet and of --help that is not so, and fails if there is one.

A claim is found by its form: an option, a word that it takes, a figure beside it, a path, a key, an exit status, a command, a page or a
section that is pointed to. The program, its tables or its source try it; what nobody can try here stands in claimed.py with a reason.
Prose has no such form: a comment above a sentence says how to try it (tried.py), and "claims.py BUILD tried" lists these sentences.
BUILD has the schemas, nfprobe, memprobe, and the program that scripts/lib/options.c is made to.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import json
import pathlib
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree
from typing import Callable, Iterable, Iterator

import yaml

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import pages  # noqa: E402
import tried  # noqa: E402
from claimed import EXCEPTIONS, FIGURES, FOREIGN, MEASURED, VIRSH  # noqa: E402

TOP = pathlib.Path(__file__).resolve().parents[2]
READMES = ("README.md", "scripts/ansible/README.md", "scripts/ansible/roles/probe/README.md", "scripts/image/README.md",
           "scripts/kubernetes/README.md", "scripts/kselftest/README.md")
TOOLS = {"nfprobe-check": "check_main", "nfprobe-report": "report", "nfprobe-all": "all"}
MODULES = {"nfprobe-check": ("check", "check_main", "audit", "rules"), "nfprobe-report": ("report", "matrix", "compare"),
           "nfprobe-all": ("all", "schedule")}  # have statuses
HOOK = "nfprobe-libvirt-hook"
OWN = ("nfprobe", *TOOLS, HOOK)
RUN = ("ip", "bridge")  # these, in a network namespace

# What stands for a value in a command.
SAMPLES = {"N": "3", "M": "2", "V": "100", "VLAN": "100", "ID": "100", "IP": "192.0.2.1", "MAC": "52:54:00:11:22:33", "HEX": "0" * 32,
           "GUEST_MAC": "52:54:00:11:22:33", "GUEST_VF": "0", "UNUSED_MAC": "52:54:00:11:22:34", "STYLE": "macvtap", "VERDICT": "early",
           "PPS": "100", "SEC": "10", "MS": "10", "DAYS": "3"}
SAMPLE = re.compile(rf"(?<![A-Z_])(?:{'|'.join(SAMPLES)})(?![A-Z_])")


def output_of(*words: str | pathlib.Path, given: str = "") -> str:
    return subprocess.run(words, input=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout


class Project:
    """The facts by which claims are tried."""

    def __init__(self, build: pathlib.Path, top: pathlib.Path = TOP) -> None:
        self.top, self.build = top, build
        sys.path.insert(0, str(top / "scripts/tools"))

    def ask(self, *words: str, given: str = "") -> str:
        return output_of(self.build / "scripts/lib/options", *words, given=given)

    @functools.cached_property
    def option_words(self) -> dict[str, list[str]]:
        return json.loads(self.ask("words"))

    @functools.lru_cache(maxsize=None)
    def nfprobe_says(self, *words: str) -> str:
        return self.ask("commands", given="\t".join(words) + "\n").strip()

    @functools.lru_cache(maxsize=None)
    def help(self, tool: str, *words: str) -> str:
        if tool == "nfprobe":
            return self.ask()
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
            importlib.import_module(f"nfprobe_tools.{TOOLS[tool]}").parse_options([*words, "--help"])
        return said.getvalue()

    def help_parts(self, program: str, *words: str) -> Iterator[pages.Part]:
        """Each option of --help, and what is said of it."""
        for line, more in re.findall(r"^  (-.*)\n((?: {6,}.*\n)*)", self.help(program, *words) + "\n", re.MULTILINE):
            head = re.match(r"(?:-\w(?: [A-Z]+)?, )?--?[\w-]+(?:\[=\S+\]| [A-Z{]\S*| vf:M)?", line)[0]
            for kind, said in (("tag", head), ("text", " ".join((line[len(head):] + more).split()))):
                yield pages.Part(f"{program} --help", " ".join(words), head, kind, [("", said)])

    @functools.cached_property
    def formats(self) -> list[str]:
        return re.findall(r"^    ([a-z]+) ", self.help("nfprobe-report"), re.MULTILINE)

    @functools.lru_cache(maxsize=None)
    def options(self, program: str, *words: str) -> frozenset[str]:
        if program == "nfprobe":
            return frozenset("--" + name for name in self.option_words)
        if program == HOOK:
            usage = re.search(r'^USAGE = """(.*?)"""', self.source[f"scripts/packaging/libvirt/{HOOK}"], re.S | re.M)[1]
            return frozenset(re.findall(r"--[a-z][a-z-]+", usage))
        if program == "nfprobe-report" and not words:
            return frozenset().union(*(self.options(program, name) for name in self.formats))
        return frozenset(re.findall(r"^ +(?:-\w(?: [A-Z]+)?, )?(--[a-z][a-z-]+)", self.help(program, *words), re.MULTILINE))

    @functools.cached_property
    def source(self) -> dict[str, str]:
        """All that is no documentation, and no test."""
        paths = [path for folder in ("src", "include", "scripts") for path in (self.top / folder).rglob("*")]
        paths = [path for path in paths
                 if path.is_file() and path.suffix not in (".md", ".pyc") and path.parent != self.top / "scripts/lib"]
        return {str(path.relative_to(self.top)): path.read_text(encoding="utf-8", errors="replace")
                for path in [*paths, self.top / "Makefile", self.top / "tests/drivers.def"]}

    @functools.cached_property
    def all_source(self) -> str:
        return "\n".join(self.source.values())

    @functools.cached_property
    def strings(self) -> str:
        """Those of its programs, and its other files."""
        return "\n".join("\n".join(re.findall(r'"(?:[^"\\\n]|\\.)*"', text)) if name.endswith((".c", ".h", ".py")) else text
                         for name, text in self.source.items())

    @functools.cached_property
    def installed(self) -> str:
        """What an installation would do."""
        said = output_of("make", "-n", "--no-print-directory", "-C", self.top, "prefix=PREFIX", "install", "install-hook")
        return said + "".join(f"PREFIX/share/nfprobe/{path.name}\n" for path in (self.build / "schemas").glob("*.json"))

    @functools.lru_cache(maxsize=None)
    def schema_words(self, name: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """The keys of a document, the words that they have (codes are in the schema alone), and keys that may be absent."""
        keys: set[str] = set()
        values: set[str] = set()
        lacking: set[str] = set()

        def walk(node: object, key: str) -> None:
            if isinstance(node, dict):
                keys.update(node.get("properties", {}))
                lacking.update(set(node.get("properties", {})) - set(node.get("required", [])) if key != "frames" else ())
                values.update(word for word in [*node.get("enum", []), node.get("const")] if isinstance(word, str) and key != "code")
            for name, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
                walk(value, str(name))
        walk(json.loads((self.build / f"schemas/nfprobe-{name}.schema.json").read_text(encoding="utf-8")), "")
        return frozenset(keys), frozenset(values), frozenset(lacking)

    @functools.lru_cache(maxsize=None)
    def properties(self, path: str) -> frozenset[str]:
        """The keys of a part of a result, such as vf.styles[]; none: there is no such part."""
        node = json.loads((self.build / "schemas/nfprobe-result.schema.json").read_text(encoding="utf-8"))
        for key in [*re.findall(r"\w+", path), ""]:
            while node and "properties" not in node:
                node = node.get("items") or next((part for part in node.get("anyOf", ()) if part.get("type") != "null"), None)
            if not node or not key:
                break
            node = node["properties"].get(key)
        return frozenset(node["properties"] if node else ())

    @functools.cached_property
    def keys(self) -> frozenset[str]:
        names = [path.name.split(".")[0][len("nfprobe-"):] for path in (self.build / "schemas").glob("*.json")]
        return frozenset().union(*(part for name in names for part in self.schema_words(name)[:2]))

    @functools.cached_property
    def texts(self) -> dict[str, str]:
        names = [*(str(path.relative_to(self.top)) for path in sorted((self.top / "man").iterdir())
                   if not path.read_bytes().startswith(b".so ")), *READMES]
        return {name: (self.top / name).read_text(encoding="utf-8") for name in names}

    @functools.cached_property
    def pages(self) -> dict[str, list[pages.Part]]:
        return {name: pages.read(name, text) for name, text in self.texts.items()}

    @functools.cached_property
    def heads(self) -> dict[str, set[str]]:
        return {pathlib.Path(name).name: {part.text.strip() for part in parts if part.kind == "head"} for name, parts in self.pages.items()}

    @functools.cached_property
    def messages(self) -> str:
        """What the programs may say, with a hole for each value."""
        joined = re.sub(r'"\s*(?:\n\s*f?")', "", self.all_source)
        return re.sub(r"%[-.*\d]*(?:hh|h|ll|l|z)?[a-zA-Z]|\{[^{}\n]*\}|\\\"", "\0", joined)

    def statuses(self, program: str) -> frozenset[str]:
        """The exit statuses that a program has."""
        if program == "nfprobe":
            enum = re.search(r"enum nfp_exit \{(.*?)\};", self.source["include/nfprobe/output.h"], re.S)[1]
            return frozenset([*map(str, range(len(re.findall(r"^\s+NFP_EXIT_", enum, re.M)))), "128"])
        tools = "scripts/tools/nfprobe_tools/"
        names = re.search(r"^(EXIT_.*) = range", self.source[tools + "__init__.py"], re.M)[1].split(", ")
        used = re.findall(r"\bEXIT_[A-Z_]+", "".join(self.source[f"{tools}{module}.py"] for module in (*MODULES[program], "command")))
        return frozenset([*(str(names.index(name)) for name in used), *(["128"] if program == "nfprobe-all" else [])])


# ---- commands ----

YAML = r"(?:#.*\n)?[\w-]+:(?: |\n)"


SETTINGS = {"NFPROBE_RUN": "nfprobe eth0", "NFPROBE_HOLDS": "nfprobe-check eth0"}  # what the service puts before their words


def shell_texts(text: str) -> Iterator[str]:
    """What of an example a shell gets: all of it, what is behind a prompt, lines of a job of CI, or the words of settings."""
    settings = re.findall(rf'^({"|".join(SETTINGS)})="(.*)"$', text, re.M)
    if settings:
        yield from (f"{SETTINGS[name]} {words}" for name, words in settings)
        return
    prompts = re.findall(rf"^# ((?:{'|'.join(OWN)})\b.*(?:\\\n.*)*)", text, re.M)
    if prompts:
        yield "\n".join(prompts)
        return
    if re.match(YAML, text):
        for chunk in text.split("\n\n"):
            lines = [line for line in strings_of(yaml.safe_load(chunk)) if line.split()[0] in OWN] if re.match(YAML, chunk) else [chunk]
            yield from lines
        return
    first = [line.split()[0] for line in text.split("\n") if line.strip() and not line.startswith("#")]
    if any(word in (*OWN, *RUN, *FOREIGN, "apt", "systemctl") or word.startswith("scripts/") for word in first):
        yield text


def strings_of(node: object) -> Iterator[str]:
    if isinstance(node, str) and node.strip():
        yield node
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from strings_of(value)


KEYWORDS = ("do", "done", "then", "else", "fi", "if", "!", "{", "}", "exec", "sudo", "esac", "in", ")")


def commands_of(text: str) -> Iterator[list[str]]:
    """The simple commands of a shell's text, as words."""
    text = re.sub(r"\\\n\s*", "", text)
    text = re.sub(r"<<'?(\w+)'?\n.*?\n\1(?:\n|$)", "\n", text, flags=re.S)
    text = re.sub(r"\$\([^)]*\)", "VALUE", text)
    text = re.sub(r"<\([^)]*\)", "FILE", text)
    text = re.sub(r"\bjq -r '[^']*'", "jq -r EXPRESSION", text)
    for line in text.split("\n"):
        if re.match(r"\s*(case|for|while) ", line):
            continue
        lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|<>()")
        lexer.whitespace_split = True
        words: list[str] = []
        tokens = [*lexer, ";"]
        while tokens:
            token = tokens.pop(0)
            if set(token) <= set("<>&") and set(token) & set("<>"):
                tokens.pop(0)
            elif set(token) <= set(";&|()"):
                yield from inner(words)
                words = []
            elif words or not (token in KEYWORDS or re.match(r"[A-Za-z_]\w*=", token)):
                words.append(token)


def inner(words: list[str]) -> Iterator[list[str]]:
    """A command, and the one that it runs elsewhere."""
    if words:
        yield words
        more = [at for at, word in enumerate(words) if at and word in OWN] if words[0] in ("ssh", "podman") else []
        if more:
            yield words[more[0]:]


def sampled(words: Iterable[str]) -> list[str]:
    return [SAMPLE.sub(lambda name: SAMPLES[name[0]], word) for word in words]


SETUP = """mount -t tmpfs none /run
ip link add bond0 type bridge
for name in eth0 eth1 TAP MACVTAP macvtap0 PF vlans0; do ip link add "$name" type veth; done
ip link set eth0 master bond0
ip link set TAP master bond0
"""


def try_command(project: Project, words: list[str]) -> str:
    """A fault, or nothing. Those of RUN are for run_commands."""
    program, rest = words[0], sampled(words[1:])
    if program == "nfprobe":
        return project.nfprobe_says("nfprobe", *rest)
    if program in TOOLS:
        return try_tool(program, tuple(rest))
    if program == HOOK:
        return "" if rest == ["--clean"] or len(rest) == 2 and rest[0] == "--explain" else "the hook takes --explain GUEST and --clean"
    if program == "scripts/package":
        known = project.source["scripts/package"].split("usage()")[1].split("\n", 3)[2].split()[1].split("|")
        return "" if not rest or rest[0] in known else f"scripts/package makes no {rest[0]}"
    if program == "scripts/check":
        groups = re.search(r"group_table='\n(.*?)\n'", (project.top / "scripts/lib/groups.sh").read_text(encoding="utf-8"), re.S)[1]
        lacking = [name for name in rest if not re.search(rf"^{name}\b", groups, re.M)]
        return f"scripts/check has no group {lacking[0]}" if lacking else ""
    if program.startswith("scripts/"):
        return "" if (project.top / program).exists() else "there is no such script"
    if program == "make":
        targets = [word for word in rest if not word.startswith("-") and "=" not in word and "/" not in word]
        known = " ".join(re.findall(r"^\.PHONY:(.*)", project.source["Makefile"], re.M)).split()
        lacking = [word for word in targets if word not in (*known, "VALUE")] if "-C" not in rest else []
        return f"make has no {lacking[0]}" if lacking else ""
    if program in ("apt", "dnf"):
        return try_packages(project, program, rest)
    if program == "systemctl":
        units = [re.sub("@[^.]*", "@", word) for word in rest if "nfprobe" in word]
        lacking = [unit for unit in units if not any(name.startswith(f"scripts/packaging/systemd/{unit}") for name in project.source)]
        return f"there is no unit {lacking[0]}" if lacking else ""
    if program == "virsh" and rest[0] not in VIRSH and f'"{rest[0]}"' not in project.strings:
        return "neither nfprobe nor the hook uses this command of virsh"
    if program in FOREIGN or program in RUN:
        lacking = [word for word in rest if re.match(r"scripts/\w", word) and not (project.top / word).exists()]
        return f"there is no {lacking[0]}" if lacking else ""
    return "nobody tries this command"


@functools.lru_cache(maxsize=None)
def try_tool(program: str, words: tuple[str, ...]) -> str:
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            importlib.import_module(f"nfprobe_tools.{TOOLS[program]}").parse_options(words)
    except SystemExit:
        return ""  # --help, --version
    except Exception as error:  # noqa: BLE001 - a Failure, of a module that is imported late
        return str(error)
    return ""


def try_packages(project: Project, program: str, words: list[str]) -> str:
    """Those that make asks for."""
    named = set(words[words.index("install") + 1:]) if "install" in words else set()
    libs = project.source["Makefile"].split("\nLIBS :=")[1].split("\nTEST_LIBS")[0]
    asked = {line.split(":")[1 if program == "apt" else 2] for line in re.findall(r"[\w.-]+:[\w.-]+:[\w.-]+", libs)}
    always = {"gcc", "make", "pkg-config", "pkgconf-pkg-config", "python3"}
    return "" if named - always == asked else f"make asks for {' '.join(sorted(asked))}"


def run_commands(scripts: list[str]) -> list[str]:
    """Runs each in a network namespace that has these netdevs. iproute2 exits with 2 where it has understood, and the kernel refuses."""
    lines = [f"said=$({script} 2>&1 >&-); case $?:$said in 0:*|2:*|*RTNETLINK*) echo {number} ok;; *) echo {number} $said;; esac"
             for number, script in enumerate(scripts)]
    try:
        said = output_of("unshare", "-r", "--net", "--mount", "sh", "-c", SETUP + "\n".join([*lines, "true"]))
    except subprocess.CalledProcessError:
        print("# commands of ip and bridge are not tried: no network namespace can be had", file=sys.stderr)
        return [""] * len(scripts)
    answers = dict(line.split(" ", 1) for line in said.split("\n") if re.match(r"\d+ ", line))
    return ["" if (said := answers.get(str(number), "was not run")) == "ok" else said for number in range(len(scripts))]


# ---- claims, by their form; each yields what is claimed, and why it is not so: "" if it is ----

Claims = Iterator["tuple[pages.Part, str, str]"]
OPTION = re.compile(r"(?<![\w/-])--[a-z][a-z-]*[a-z]")


def option_claims(project: Project, part: pages.Part) -> Claims:
    known = frozenset().union(*map(project.options, OWN))
    others = [run for run in part.marked if run.split()[0] in FOREIGN or run.split()[0] in RUN or run.split()[0] == "systemctl"]
    if part.kind != "literal":
        for option in OPTION.findall(functools.reduce(lambda text, run: text.replace(run, ""), others, " ".join(part.text.split()))):
            yield part, option, "" if option in known else "no program has this option"


# Where a page describes the options of a program; "": anywhere.
DESCRIBED = {"nfprobe": ("nfprobe.8", "OPTIONS"), "nfprobe-check": ("nfprobe-check.1", "OPTIONS"),
             "nfprobe-report": ("nfprobe-report.1", ""), "nfprobe-all": ("nfprobe-all.8", "OPTIONS"), HOOK: ("nfprobe-libvirt-hook.8", "")}


def alike(head: str) -> str:
    """The form of an option, as the pages and --help write it."""
    return " ".join(head.replace("...", "..").split())


def described_claims(project: Project, parts: list[pages.Part]) -> Claims:
    for program, (page, section) in DESCRIBED.items():
        there = [part for part in parts if part.page.endswith("/" + page) and section in ("", part.section.split("/")[0])]
        if not there:
            yield parts[0], program, f"the page does not describe it: {page}, {section}"
            continue
        heads = {alike(part.text) for words in [[], *([name] for name in project.formats if program == "nfprobe-report")]
                 for part in (project.help_parts(program, *words) if program != HOOK else ()) if part.kind == "tag"}
        has = project.options(program) | {"--help", "--version"}
        for part in there:
            for option in OPTION.findall(part.text) if part.kind == "tag" and part.text.startswith("-") else ():
                yield part, f"{program} {option}", "" if option in has else f"{program} has no such option"
            for head in re.split(r",\s(?=-)", part.text) if heads and part.kind == "tag" and part.text.startswith("-") else ():
                if head.startswith("--"):
                    form = re.compile(rf"(?:^|, ){re.escape(alike(head))}(?:$|, )")
                    yield part, head, "" if any(map(form.search, heads)) else "--help has another form of it"
        for name in project.formats if program == "nfprobe-report" else ():
            named = any(name == part.text for part in there if part.kind == "tag")
            yield there[0], f"{program} {name}", "" if named else "the page does not describe it"
        said = {option for part in there for option in OPTION.findall(part.text)}
        for option in sorted(has - said - {"--help", "--version"}):
            yield there[0], f"{program} {option}", "the page does not describe it"


def word_claims(project: Project, parts: list[pages.Part]) -> Claims:
    """The words that an option of nfprobe takes, in its entry."""
    for option, words in project.option_words.items():
        entry = [part for part in parts if part.page.endswith("/nfprobe.8") and part.section.startswith("OPTIONS") and
                 re.match(rf"(?:-\w, )?--{option}\b", part.under)]
        if not entry:
            continue
        marked = [word for part in entry for run in part.marked for word in re.findall(r"(?<![\w-])[a-z][\w+:-]*", run)]
        for word in words:
            yield entry[0], f"--{option} {word}", "" if word in marked or word in ("neighbors",) else "the page does not name it"
        for word in sorted(set(marked)) if words and option != "require" else ():
            if word not in words and word not in (option, "nfprobe-verdicts"):
                yield entry[0], f"--{option} {word}", project.nfprobe_says("nfprobe", "eth0", "--vf", "0", f"--{option}", *sampled([word]))


NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
RANGE = re.compile(rf"(?<![\w.:-])({NUMBER}) to ({NUMBER})(?![\w:])")
UNIT = {"second": 1, "s": 1, "ms": .001, "millisecond": .001, "minute": 60, "hour": 3600, "day": 86400, "MB": 1 << 20, "kB": 1000,
        "MiB": 1 << 20, "byte": 1, "frame": 1, "per second": 1, "a second": 1, "result": 1, "hex digit": 1, "column": 1}
FIGURE = re.compile(rf"(?<![\w.:/=-])({NUMBER})(?: ({'|'.join(sorted(UNIT, key=len, reverse=True))})s?\b|(?![\w:]|[.,]\d))")


COUNTS = {**{word: number for number, word in enumerate("two three four five six seven eight nine ten eleven twelve thirteen fourteen "
                                                        "fifteen".split(), 2)}, "twenty": 20, "thirty": 30, "sixty": 60}
NAMED = {"NFP_NSEC_PER_SEC": "1", "NFP_NSEC_PER_MSEC": ".001", "NFP_NSEC_PER_USEC": ".000001"}


def program_of(page: str) -> str:
    """The one that a page is about."""
    return pathlib.Path(page).stem


def paged(part: pages.Part) -> str:
    """The page by which FIGURES has it."""
    return part.page.replace("nfprobe --help", "man/nfprobe.8")


def figure_claims(project: Project, part: pages.Part) -> Claims:
    """Those with a unit, and beside an option each."""
    if part.kind in ("literal", "head"):
        return
    option = re.match(r"(?:-\w(?: [A-Z]+)?, )?--([a-z-]+)", part.under)
    text = re.sub(r"\b(?:status|[Ee]xits? with|else with|VLAN|VF|Linux|schema) [\d.]+(?:, or with \d)?|\w\(\d\)", "", part.text)
    if option:
        for low, high in RANGE.findall(text):
            said = " to ".join(range_of(project, part.page, option[1]))
            yield part, f"--{option[1]}: {low} to {high}", "" if said == f"{low} to {high}" else f"the program says {said or 'nothing'}"
        text = RANGE.sub("", text)
    text = re.sub(rf"\b({'|'.join(COUNTS)})(?= (?:second|minute|hour|day)s\b)", lambda word: str(COUNTS[word[0]]), text)
    for number, unit in FIGURE.findall(text) if part.kind != "tag" and part.section not in MEASURED else ():
        if unit or option:
            claim = (f"--{option[1]} " if option else "") + f"{number} {unit}".strip()
            spec = FIGURES.get((f"{paged(part)} {part.section}", claim)) or FIGURES.get((paged(part), claim), "")
            yield part, claim, try_figure(project, number, unit, spec)


def range_of(project: Project, page: str, option: str) -> tuple[str, ...]:
    for value in ("0", "999999999"):
        if (program := program_of(page)) in TOOLS:
            said = try_tool(program, (f"--{option}={value}",))
        else:
            said = project.nfprobe_says("nfprobe", "eth0", "--vf", "0", f"--{option}", value)
        found = re.search(rf"it takes ({NUMBER}) to ({NUMBER})", said)
        if found:
            return found.groups()
    return ()


DEFINED = r"(?:#define {0}\s+|^{0} = )(.+?)(?:\s*/\*.*|\s+#.*)?$"


def try_figure(project: Project, number: str, unit: str, spec: str) -> str:
    """@spec: of FIGURES."""
    if not spec:
        return "FIGURES in claimed.py does not say what makes it so"
    if spec.startswith("("):
        return ""
    file, _, rest = spec.partition(" ")
    name, _, scale = rest.partition(" * ")
    found = re.search(name if "(" in name else DEFINED.format(name), project.source.get(file, ""), re.M)
    if not found and not name.startswith("= "):
        return f"{file} has no {name}"
    is_so = sum(value_of(project, value) for value in (found.groups() if found else [name[2:]])) * float(scale or 1)
    said = float(number.replace(",", "")) * UNIT[unit or "s"]
    return "" if abs(said - is_so) < 1e-6 * max(1, is_so) else f"{name} of {file} is {is_so:g}"


def value_of(project: Project, text: str) -> float:
    """Of an expression of C or Python, in seconds where it is a time."""
    text = re.sub(r"(?<=\d)U?L*\b", "", text)
    text = re.sub(r"\b[A-Z][A-Z\d_]+\b", lambda name: NAMED.get(name[0]) or
                  str(value_of(project, re.search(DEFINED.format(name[0]), project.all_source, re.M)[1])), text)
    return float(eval(text, {"__builtins__": {}}))


PATH = re.compile(r"(?:PREFIX|/|(?:scripts|tests|src|man|include|\.github)/)[\w@./+*-]*")
HOLES = r"eth0|DEVICE|BUS-DEVICE|MAC|START-ID-NUMBER|PF\b|FILE|N\b|VERSION|\*"


def path_claims(project: Project, part: pages.Part) -> Claims:
    runs = part.marked if part.kind != "literal" else []
    for path in (word.rstrip(".,:;)") for run in runs for word in run.split() if PATH.fullmatch(word.rstrip(".,:;)"))):
        if len(path) < 3 or path.startswith("//"):
            continue
        yield part, path, try_path(project, path)


def file_claims(project: Project, parts: list[pages.Part]) -> Claims:
    """Of a table of the files beside a README."""
    tables = {(part.page, part.section) for part in parts if part.kind == "tag" and part.text == "file"}
    for part in parts:
        for name in part.marked if part.kind == "tag" and (part.page, part.section) in tables else ():
            there = (project.top / part.page).parent / name
            yield part, name, "" if there.exists() else "there is no such file beside it"


def try_path(project: Project, path: str) -> str:
    if not path.startswith(("/", "PREFIX")):
        return "" if (project.top / path).exists() else "the repository has no such file"
    if path.startswith("PREFIX"):
        folder, _, name = (re.escape(piece).replace(r"\*", r"[\w-]*") for piece in path.rpartition("/"))
        whole = re.search(rf"{folder}/{name}\b", project.installed)
        return "" if whole or re.search(rf"{folder}/?(?:\s|$)", project.installed) and re.search(rf"/{name}\b", project.installed) else \
            "it is not installed"
    lacking = [piece for piece in re.split(rf"{HOLES}|(?=\.)", path) if len(piece) > 1 and piece.rstrip("/") not in project.strings]
    return f"the source has no {lacking[0]}" if lacking else ""


def key_claims(project: Project, part: pages.Part) -> Claims:
    """Words with an underscore, and paths."""
    if part.kind == "literal":
        return
    for word in re.findall(r"(?<![\w.$/@-])[A-Za-z]\w*_\w+", part.text):
        known = word in project.keys or re.search(rf"\b{word}\b", project.all_source)
        yield part, word, "" if known else "no key, and the source does not know it"
    for path, key in re.findall(r"(?<![\w.$/@-])(vf|pf|run|settings|source)\.(?!xml|json)([a-z_]+)\b", part.text):
        yield part, f"{path}.{key}", "" if key in project.properties(path) else "a result has no such key"


def schema_claims(project: Project, parts: list[pages.Part]) -> Claims:
    for name in ("result", "list", "hear", "audit", "event"):
        for part in parts:
            for word in sorted(project.schema_words(name)[2]) if "always there, but" in part.text else ():
                yield part, f"{name} always has {word}", "" if word in part.text else "the schema lets it be absent"


STATUSES = ("nfprobe", "nfprobe-check", "nfprobe-report", "nfprobe-all")  # whose pages have each in a line


def status_claims(project: Project, parts: list[pages.Part]) -> Claims:
    for program in STATUSES:
        there = [part for part in parts if program_of(part.page) == program and part.section == "EXIT STATUS" and part.kind == "tag" and
                 part.text != "status"]
        if not there:
            yield parts[0], program, "the page does not have EXIT STATUS"
            continue
        said = {re.match(r"\d+", part.text)[0] for part in there}
        yield there[0], f"{program} exits with {' '.join(sorted(said))}", "" if said == project.statuses(program) else \
            f"it exits with {' '.join(sorted(project.statuses(program)))}"
    for program in ("nfprobe", "nfprobe-check"):
        parts = [*parts, pages.Part(f"{program} --help", "", "", "text", [("", " ".join(project.help(program).split()))])]
    for part in parts:
        for words in re.findall(r"\b(?:Exit(?: status)?:|exit status is) (0 .*?)(?:[.:]|$)", part.text):
            said = frozenset(re.findall(r"\b\d\b", words))
            has = project.statuses("nfprobe-check" if part.page.startswith("nfprobe-check") else "nfprobe") - {"128"}
            yield part, f"exit status {' '.join(sorted(said))}", "" if said == has else f"it is one of {' '.join(sorted(has))}"
        for number in re.findall(r"\b(?:status|exits? with|exit status) (\d+)\b", part.text):
            yield part, f"status {number}", "" if number in project.statuses("nfprobe") else "no program has this exit status"


def reference_claims(project: Project, part: pages.Part) -> Claims:
    if part.kind == "literal":
        return
    for name, number in re.findall(r"\b(nfprobe(?:[-.][a-z]+)*)\((\d)\)", part.text):
        yield part, f"{name}({number})", "" if f"{name}.{number}" in project.heads else "there is no such page"
    for words, name, number in re.findall(r"((?:[\w?]+ ){1,6})in (nfprobe(?:[-.][a-z]+)*)\((\d)\)", part.text):
        title, heads = words.strip(), [head.lower() for head in project.heads.get(f"{name}.{number}", ())]
        if re.search(r"\b[A-Z]{2,}\??$", title):
            yield part, f"{title} in {name}({number})", "" if any(map(title.lower().endswith, heads)) else "there is no such section"


def synopses(text: str) -> Iterator[list[str]]:
    """A command without what is optional, and with each of that alone."""
    text, groups = re.sub(r"\[=[^]]*\]", "", text).replace("..", " ").replace("FORMAT", "junit"), []
    while found := re.search(r"\[([^][]*)\]", text):
        groups.append(found[1])
        text = text[:found.start()] + text[found.end():]
    base = [word.split("|")[0] for word in text.split()]
    yield base
    for group in groups:
        first = group.split("|")[0].split()
        for words in map(str.split, group.split("|")):
            if words and words != ["options"]:
                yield base + (first[:1] if first[0].startswith("-") and not words[0].startswith("-") else []) + words


def try_xml(text: str) -> str:
    """It may be the beginning of an element."""
    try:
        parser = xml.etree.ElementTree.XMLPullParser()
        parser.feed(f"<all>{text}")
        list(parser.read_events())
    except xml.etree.ElementTree.ParseError as error:
        return str(error)
    return ""


PRINTED = re.compile(r"^ {4,}((?:ip (?:-s )?link|bridge (?:fdb|link|vlan)|virsh|nfprobe (?:--|\w+ --)).*)", re.M)


def printed_claims(project: Project) -> Claims:
    """The commands that the program prints in its expected output."""
    for path in sorted((project.top / "tests/golden").rglob("*.txt")):
        part = pages.Part(str(path.relative_to(project.top)), "", "", "literal")
        for line in PRINTED.findall(path.read_text(encoding="utf-8")) if path.name != "hostile.txt" else ():
            words = [re.sub(r"^(?:nf\d|enp\w+)$", "eth0", word) for word in shlex.split(line, comments=True)]
            yield part, shlex.join(words), try_command(project, words)


NAMED_COMMAND = rf"(?:{'|'.join((*OWN, *RUN, 'virsh', 'systemctl', 'make', 'modprobe'))}|scripts/\w+) "


def usage_claims(project: Project) -> Claims:
    """Of the scripts that a newcomer runs."""
    for name in ("scripts/check", "scripts/demo", "scripts/package"):
        head, usage, rest = re.split(r"^usage\(\) \{\n(.*?)^\}$", project.source[name], maxsplit=1, flags=re.S | re.M)
        rest += head + "".join(path.read_text(encoding="utf-8") for path in (project.top / "scripts/lib").glob("*.sh"))
        part = pages.Part(name, "usage", "", "literal", [("", usage)])
        for option in OPTION.findall(usage):
            known = option in rest or option in project.options("nfprobe")
            yield part, f"{name} {option}", "" if known else "the script does not know this option"
        for line in re.findall(r"^ {4}(nfprobe .*?)(?:  |$)", usage, re.M):
            yield part, line, try_command(project, line.split())


def command_claims(project: Project, part: pages.Part) -> Claims:
    """Of an example, and of what is marked in a text and has a program and an argument."""
    if part.section == "SYNOPSIS" and part.kind == "text":
        for words in synopses(part.text):
            yield part, " ".join(words), try_command(project, words)
        return
    if part.kind == "literal" and part.text.lstrip().startswith("<"):
        yield part, part.text.split("\n")[0], try_xml(part.text)
        return
    if part.kind == "literal":
        texts = list(shell_texts(part.text))
        if not texts and not re.match(rf"{YAML}|\n +|(?:#.*\n)?\.\w|\[|\{{\n", part.text):  # nor a drawing, JSON, jq or a file of Ansible
            yield part, part.text.split("\n")[0], "nobody tries this example"
    else:
        texts = [run for run in part.marked if re.match(NAMED_COMMAND, run) and not re.search(r"\||\[|\.\.", run)]
    for text in texts:
        done = subprocess.run(["sh", "-n"], input=text, stderr=subprocess.PIPE, text=True, check=False).stderr
        if done and "<(" not in text and part.kind == "literal":
            yield part, text.split("\n")[0], f"sh -n: {done.strip()}"
            continue
        for words in commands_of(text):
            fault = try_command(project, words)
            if fault and part.kind != "literal":  # a text may name the beginning of a command
                more = (["eth0", "--vf", "0"], ["eth0"], ["OLD", "NEW"])
                fault = fault if all(try_command(project, [*words, *end]) for end in more) else ""
            yield part, shlex.join(words) if words[0] in RUN else " ".join(words), fault


def message_claims(project: Project, parts: list[pages.Part]) -> Claims:
    """What a program says, as DIAGNOSTICS and tables of messages have it."""
    tables = {(part.page, part.section) for part in parts if part.kind == "tag" and part.text == "it says"}
    for part in parts:
        if part.kind == "tag" and part.text != "it says" and (part.section == "DIAGNOSTICS" or (part.page, part.section) in tables):
            for text in part.text.split("; "):
                pieces = re.split(r"\beth\d\b|\d[\w:.]*|\bswitchdev$|_\*|…|\(.*", text)
                lacking = [piece for piece in map(str.strip, pieces) if len(piece) > 3 and piece not in project.messages]
                yield part, text, f"no program says {lacking[0]!r}" if lacking else ""


def default_claims(project: Project, parts: list[pages.Part]) -> Claims:
    """Of the collection's variables."""
    role = yaml.safe_load(project.source["scripts/ansible/roles/probe/defaults/main.yml"])
    play = dict(re.findall(r"(qualify_\w+) \| default\(([^)]*)\)", project.source["scripts/ansible/playbooks/qualify.yml"]))
    rows: dict[tuple[str, str], list[pages.Part]] = {}
    for part in parts:
        if part.page.startswith("scripts/ansible") and part.kind == "cell" and re.match(r"(?:probe|qualify)_\w+(, |$)", part.under):
            rows.setdefault((part.page, part.under), []).append(part)
    for (_, names), cells in rows.items():
        for name, said in zip(names.split(", "), re.split(r", ", cells[0].text)):
            has = role.get(name, yaml.safe_load(play.get(name, "''")) if name in play else "no such variable")
            if isinstance(has, str) and "{{" in has:
                continue
            shown = "none" if has == "" else json.dumps(has) if isinstance(has, (bool, list)) else str(has)
            yield cells[0], f"{name}: {said}", "" if said == shown else f"it is {shown}"


OF_A_PART: tuple[Callable[[Project, pages.Part], Claims], ...] = (
    option_claims, figure_claims, path_claims, key_claims, reference_claims, command_claims)
OF_ALL: tuple[Callable[[Project, list[pages.Part]], Claims], ...] = (
    described_claims, word_claims, schema_claims, status_claims, message_claims, default_claims, file_claims)


def claims_of(project: Project, parts: list[pages.Part]) -> Claims:
    for part in parts:
        for find in OF_A_PART:
            yield from find(project, part)
    for find_all in OF_ALL:
        yield from find_all(project, parts)


def faults(claimed: Claims, seen: set[str]) -> Iterator[str]:
    """@seen gets the exceptions that were met."""
    scripts: dict[str, pages.Part] = {}
    for part, claim, fault in claimed:
        if claim in EXCEPTIONS and (fault or claim.split()[0] in RUN):
            seen.add(claim)
        elif fault:
            yield f"{part.page} ({part.section}): {claim}: {fault}"
        elif claim.split()[0] in RUN:
            scripts.setdefault(shlex.join(sampled(shlex.split(claim))), part)
    for (script, part), said in zip(scripts.items(), run_commands(list(scripts)) if scripts else ()):
        if said:
            yield f"{part.page} ({part.section}): {script}: {said}"


def main(build: str, *more: str) -> int:
    project = Project(pathlib.Path(build).resolve())
    parts = [part for parts in project.pages.values() for part in parts]
    for program in ("nfprobe", *TOOLS):
        parts += project.help_parts(program)
    claimed = [*claims_of(project, parts), *usage_claims(project), *printed_claims(project)]
    seen: set[str] = set()
    said = list(faults(iter(claimed), seen))
    said += tried.faults(project.top, project.build, project.texts, told=more == ("tried",))
    said += [f"claimed.py excepts {claim}, which needs no exception" for claim in sorted(set(EXCEPTIONS) - seen)]
    figures = {(page, claim) for part, claim, _ in claimed for page in (paged(part), f"{paged(part)} {part.section}")}
    said += [f"claimed.py has a figure {' '.join(key)}, which no page has" for key in sorted(set(FIGURES) - figures)]
    print(*said, sep="\n", end="\n" if said else "")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

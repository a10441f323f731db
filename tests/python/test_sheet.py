# SPDX-License-Identifier: GPL-2.0-or-later
"""A sheet of what a VF lets its guest do: read by every tool, compared row by row, and never taken for a verdict."""

import copy
import io
import json
from xml.etree import ElementTree

import pytest
import tool
from nfprobe_tools import cases, check, compare, labels, matrix, metrics, page, rules, share, sheets, store
from nfprobe_tools import result as reading
from nfprobe_tools import text as texts
from nfprobe_tools.words import FINDINGS, ROW_MEANINGS, ROWS, STYLES
from nfprobe_tools.subject import subject_of

ALL = tool.golden("sheet.json")


def parse(document, name="x.json"):
    return reading.parse(json.dumps(document).encode(), name)


def newer(base, **settings):
    """With another firmware."""
    new = copy.deepcopy(base)
    new["pf"]["firmware"] = "2.2.0"
    new["settings"].update(settings)
    return new


def answered(document, combination=0, findings=None, **answers):
    """@answers: of rows, with underscores."""
    new = copy.deepcopy(document)
    c = new["sheet"]["combinations"][combination]
    for row in c["rows"]:
        row["answer"] = answers.get(row["state"].replace("-", "_"), row["answer"])
    if findings is not None:
        c["findings"] = findings
    return new


def present():
    """The first combination alone, as a run has it that is not asked for all, nor for a VLAN."""
    new = copy.deepcopy(ALL)
    new["sheet"].update(combinations=new["sheet"]["combinations"][:1], vlan=None)
    new["settings"] = {**tool.golden("igb.json")["settings"], "styles": [], "sheet": "present"}
    return answered(new, forged_sibling="yes", third_address="yes", overhears="no", vlan="unknown", free_vlan="unknown", keeps_second="no")


def stopped():
    """By Ctrl-C: none of its rows is answered."""
    new = answered(FOUND, findings=[], **{row.replace("-", "_"): "unknown" for row in ROWS})
    new["error"] = {"code": "interrupted", "message": "stopped by SIGINT", "hint": None}
    return {**new, "exit": 130}


FOUND = present()
STOPPED = stopped()
CLEAN = answered(FOUND, findings=[], forged="no", forged_sibling="no")


def comparison(new, old=FOUND, same=False):
    return compare.compare(parse(old), parse(new), same)


# ---- what is read ----

def test_the_model():
    result = parse(ALL)
    assert (result.verdict, result.exit, result.styles, result.settings.sheet) == ("", 1, (), "all")
    assert result.settings.require_yes == ("second-address", "vlan") and result.settings.require_no == ("allmulticast",)
    first = result.sheet.combinations[0]
    assert (first.present, first.trust, first.spoofchk, first.findings) == (True, False, True, ("forged",))
    assert [row.row for row in first.rows] == list(ROWS)
    assert (first.rows[0].answer, first.rows[0].heard, result.sheet.vlan) == ("yes", 8, 100)
    assert parse(tool.golden("igb.json")).sheet is None


def test_each_finding_has_its_words():
    assert tuple(sheets.WORDS) == tuple(sheets.OF_FINDING) == FINDINGS


# ---- compare ----

def found_in(found):
    return [(d.compared, d.name, d.before, d.now, d.trend, d.counts) for d in found.rows]


def test_nothing_changed():
    found = comparison(newer(FOUND))
    assert (found.exit_status, found.rows, compare.summary(found)) == (0, (), "no difference")


def test_a_new_finding_is_worse():
    found = comparison(newer(FOUND), CLEAN)
    assert found.exit_status == 1 and found.worse
    assert found_in(found) == [("finding", "forged", "no", "yes", "worse", True), ("row", "forged", "no", "yes", "changed", False),
                               ("row", "forged-sibling", "no", "yes", "changed", False)]
    found = comparison(newer(CLEAN))
    assert (found.exit_status, found.rows[0].trend) == (0, "better")


@pytest.mark.parametrize("was, now, settings, trend, exit_status", [
    ("no", "yes", {}, "changed", 0), ("yes", "no", {}, "changed", 0), ("yes", "unknown", {}, "changed", 0),
    ("yes", "no", {"require_yes": ["group"]}, "worse", 1), ("unknown", "no", {"require_yes": ["group"]}, "worse", 1),
    ("no", "yes", {"require_yes": ["group"]}, "better", 0), ("no", "yes", {"require_no": ["group"]}, "worse", 1),
    ("yes", "no", {"require_no": ["group"]}, "better", 0), ("yes", "unknown", {"require_yes": ["group"]}, "changed", 3)])
def test_a_row_is_worse_only_if_it_is_required_otherwise(was, now, settings, trend, exit_status):
    found = comparison(newer(answered(CLEAN, group=now), **settings), answered(CLEAN, group=was))
    assert (found_in(found), found.exit_status) == ([("row", "group", was, now, trend, trend == "worse")], exit_status)


def test_what_is_required_of_the_present_combination_alone():
    base = answered(answered(ALL, findings=[], forged="no"), 1, findings=[])
    new = newer(answered(base, 1, second_address="no"))
    assert [(d.name, d.trend) for d in comparison(new, base).rows] == [("second-address", "changed")]


@pytest.mark.parametrize("row, exit_status", [("forged", 3), ("forged_sibling", 3), ("unaddressed", 3), ("promiscuous", 3), ("group", 0)])
def test_a_row_that_decides_and_is_not_known_any_more(row, exit_status):
    """No finding was made, which does not say that there is none."""
    found = comparison(newer(answered(CLEAN, **{row: "unknown"})), CLEAN)
    assert found.exit_status == exit_status and not found.worse
    trusted = copy.deepcopy(CLEAN)
    trusted["sheet"]["combinations"][0].update(trust=True, spoofchk=False)
    assert comparison(newer(answered(trusted, **{row: "unknown"})), trusted).exit_status == 0
    unreset = copy.deepcopy(CLEAN)
    unreset["sheet"]["combinations"][0]["unreset"] = True
    status = 0 if row.startswith("forged") else exit_status
    assert comparison(newer(answered(unreset, **{row: "unknown"})), unreset).exit_status == status


def test_a_finding_that_is_only_not_seen_any_more_is_not_better():
    found = comparison(newer(answered(FOUND, findings=[], forged="unknown", forged_sibling="no")))
    assert (found_in(found)[0], found.exit_status) == (("finding", "forged", "yes", "unknown", "changed", False), 3)
    # Nobody knows why a row that is as it was is no finding now: the PF may be promiscuous.
    assert comparison(newer(answered(FOUND, findings=[]))).exit_status == 3


def test_the_same_twice():
    found = comparison(answered(CLEAN, group="no"), CLEAN, same=True)
    assert (found.exit_status, found_in(found)) == (1, [("row", "group", "yes", "no", "unstable", True)])
    assert comparison(answered(CLEAN, group="unknown"), CLEAN, same=True).exit_status == 3
    assert comparison(CLEAN, CLEAN, same=True).exit_status == 0


def test_combinations_of_one_sheet_alone():
    present = copy.deepcopy(ALL)
    del present["sheet"]["combinations"][1:]
    found = comparison(newer(ALL), present)
    assert [(d.compared, d.combination, d.now, d.trend) for d in found.rows] == [
        ("combination", "trust off, spoofchk off", "unaddressed", "new"), ("combination", "trust on, spoofchk on", "kept", "new")]
    assert found.exit_status == 1 and not found.worse
    found = comparison(newer(present), ALL)
    assert ([d.trend for d in found.rows], found.exit_status) == (["gone", "gone"], 0)
    other = copy.deepcopy(present)
    other["sheet"]["combinations"][0]["trust"] = True
    found = comparison(newer(other), present)
    assert "no combination of trust and spoofchk in common" in found.not_compared and found.exit_status == 1
    assert comparison(newer(answered(other, findings=[])), present).exit_status == 3


def test_a_vlan_that_only_one_was_asked_for():
    new = newer(answered(FOUND, vlan="yes", free_vlan="no"))
    new["sheet"]["vlan"] = 100
    assert comparison(new).rows == ()


@pytest.mark.parametrize("old, new, why", [
    (FOUND, newer(STOPPED), "counts for nothing: stopped by SIGINT"), (FOUND, FOUND, "driver, firmware and kernel are the same in both"),
    (tool.golden("igb.json"), newer(FOUND), "one of them is a sheet"), (FOUND, newer(tool.golden("igb.json")), "one of them is a sheet")])
def test_not_comparable(old, new, why):
    found = comparison(new, old)
    assert why in found.not_compared and found.exit_status == 3


def test_compare_as_text_and_json(tmp_path):
    for name, document in (("old.json", CLEAN), ("new.json", newer(FOUND))):
        (tmp_path / name).write_text(json.dumps(document))
    done = tool.run("nfprobe-report", "compare", "old.json", "new.json", cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr, lines[-1]) == (1, "", "worse: 1 of 3")
    assert lines[3].split() == ["combination", "what", "old", "new", "trend"]
    assert "trust off, spoofchk on  finding: forged  no   yes  WORSE" in lines
    assert "trust off, spoofchk on  forged-sibling   no   yes  changed" in lines
    document = json.loads(tool.run("nfprobe-report", "compare", "--json", "old.json", "new.json", cwd=tmp_path).stdout)
    tool.valid("compare", document)
    assert (document["worse"], document["differences"], document["sheet"][0]["name"]) == (True, [], "forged")


# ---- matrix ----

def table_of(*documents):
    table = matrix.Matrix()
    for i, document in enumerate(documents):
        document = copy.deepcopy(document)
        document["run"]["id"] = f"{i + 1:032x}"
        table.add(parse(document, f"{i}.json"))
    table.finish(range(len(STYLES)), set())
    return table


def text_of(table):
    out = io.StringIO()
    matrix.write_text(table, texts.Writer(out, 80, False))
    return out.getvalue()


def test_the_sheet_of_every_card():
    table = table_of(ALL, newer(CLEAN))
    text = text_of(table)
    assert "What a VF lets its guest do, firmware 2.1.0, igb, Linux 6.12.95:" in text
    assert "What a VF lets its guest do, firmware 2.2.0, igb, Linux 6.12.95:" in text
    assert "    trust/spoofchk     off/on  off/off on/on" in text and "    forged             YES     yes     no" in text
    assert "    unaddressed        no      YES     no" in text and "2 sheets" in text
    document = matrix.as_json(table, None)
    tool.valid("matrix", document)
    old = next(row for row in document["rows"] if row["firmware"] == "2.1.0")
    assert [(s["trust"], s["spoofchk"], s["findings"], s["files"]) for s in old["sheets"]] == [
        (False, True, ["forged"], ["0.json"]), (False, False, ["unaddressed"], ["0.json"]), (True, True, ["kept"], ["0.json"])]
    out = io.BytesIO()
    page.write_matrix(table, "/", out)
    assert "YES" in out.getvalue().decode() and "on/on" in out.getvalue().decode()


def test_runs_that_disagree():
    table = table_of(FOUND, answered(CLEAN, group="unknown", second_address="no"))
    merged = table.rows[0].sheets[0]
    assert (merged.answers["forged"], merged.answers["group"], merged.answers["second-address"]) == ("both", "yes", "both")
    assert merged.words("forged") == ("YES/no", "bad") and merged.words("second-address") == ("yes/no", "unsure")


def test_a_sheet_proves_no_style():
    """0 is for verdicts that are safe; a finding is 1; a run that was stopped has no sheet."""
    safe = copy.deepcopy(tool.golden("igb.json"))
    del safe["vf"]["styles"][1]
    assert [table_of(*d).exit_status for d in ((CLEAN,), (FOUND,), (safe,), (safe, CLEAN), (safe, FOUND), (STOPPED,))] == [3, 1, 0, 0, 1, 3]
    assert (table_of(STOPPED).rows, table_of(STOPPED).without, table_of(CLEAN).without) == ([], 1, 0)


# ---- the store ----

def test_a_sheet_is_no_verdict_and_hides_none():
    verdict, sheet = parse(tool.golden("igb.json"), "a.json"), parse(newer(FOUND), "b.json")
    later = sheet._replace(run=sheet.run._replace(start="2026-11-21T10:00:00.123Z"))
    now_ms = rules.unix_ms("2026-11-22T10:00:00.000Z")
    assert rules.tested_of(later) == [] and len(rules.tested_of(verdict)) == 2
    failed = verdict._replace(file="c.json", vf=None, run=verdict.run._replace(start="2026-11-21T11:00:00.123Z"))
    assert store.superseded([verdict, later], now_ms) == store.superseded([verdict, later, failed], now_ms) == []
    torn = reading.InputError("/s/20261120T120000.000Z-00.json", "it is damaged")  # between the two
    assert "it is damaged" in check.unseen(store.Stored("/s", [verdict, later], [torn]), now_ms)
    assert check.unseen(store.Stored("/s", [verdict, later._replace(sheet=None)], [torn]), now_ms) == ""


# ---- other formats ----

def written(write, *documents):
    out = io.BytesIO()
    write([subject_of(parse(document)) for document in documents], out)
    return out.getvalue().decode()


def test_junit():
    root = ElementTree.fromstring(written(cases.write_junit, ALL))
    suites = [suite.get("name") for suite in root]
    assert suites == [f"eth0 VF 3 trust {trust}, spoofchk {spoofchk}" for trust in ("off", "on") for spoofchk in ("on", "off")]
    case = {case.get("name"): case for case in root[0]}
    assert case["forged"].find("failure").get("message") == sheets.WORDS["forged"]
    assert case["third-address"].find("skipped").get("type") == "unknown" and len(case["group"]) == 1
    assert [len(root[3]), root[3].find("testcase/skipped").get("type")] == [2, "not-taken"]
    unmet = ElementTree.fromstring(written(cases.write_junit, newer(CLEAN, require_no=["group"], require_yes=["vlan"])))
    case = {case.get("name"): case for case in unmet[0]}
    assert case["group"].find("failure").get("message") == "it is yes, and no is required"
    assert case["vlan"].find("error").get("message") == "it is unknown, and yes is required"
    stopped = ElementTree.fromstring(written(cases.write_junit, STOPPED))
    assert [suite.get("name") for suite in stopped] == ["eth0"]


def test_ktap_metrics_labels_and_page():
    ktap = written(cases.write_ktap, FOUND)
    assert "not ok 1 eth0 VF 3 trust off, spoofchk on # a forged source leaves although spoofchk is on" in ktap
    assert 'nfprobe_exit_status{device="eth0"} 1.0' in written(metrics.write_prometheus, FOUND)
    assert "feature.node" not in written(labels.write_nfd, FOUND)
    html = written(page.write_html, ALL)
    assert "What the VF lets its guest do" in html and "<b class=\"bad\">YES</b>" in html and "the other VF does not come up" in html
    # In the words of the text: nobody knows what the names of rows ask.
    for row in page.sheet_table(parse(ALL).sheet).rows:
        assert f'<th scope="row">{row[0]}</th>' in html and row[-1] == ROW_MEANINGS[ROWS.index(row[0])] and f"<td>{row[-1]}</td>" in html
    assert "Does a guest of this VF get through with this, or get it?" in html
    assert "<p class=\"faint\">YES: a fault; ?: not known, All counts says why</p>" in html
    clean = page.Table([], [["forged", "no", "forged source, to the wire"]])
    assert page.sheet_legend(clean) == ""


@pytest.mark.parametrize("document", (FOUND, ALL, STOPPED), ids=("found", "all", "stopped"))
def test_what_is_shared_says_the_same(document):
    shared = json.loads(share.share(json.dumps(document).encode()).text)
    tool.valid("result", shared)
    ours, theirs = parse(document).sheet, parse(shared).sheet
    assert [[(row.row, row.answer, row.heard) for row in c.rows] for c in ours.combinations] == \
        [[(row.row, row.answer, row.heard) for row in c.rows] for c in theirs.combinations]
    assert [c[:4] + (c.unreset,) for c in ours.combinations] == [c[:4] + (c.unreset,) for c in theirs.combinations]
    assert parse(document).settings.require_yes == parse(shared).settings.require_yes
    text = json.dumps(shared)
    assert "hv1" not in text and "02:11:22" not in text and "nfpvf" not in text

# SPDX-License-Identifier: GPL-2.0-or-later
"""Of each driver's NIC in memory, every output of the tools names the conditions that the run's document has, and no other."""

import html as markup
import io
import json
import os
import re
import subprocess
import sys

import pytest
import tool

from nfprobe_tools import cases, check, check_text, labels, matrix, metrics, page, report, result as reading, rights, rules, served
from nfprobe_tools.subject import subject_of
from nfprobe_tools.text import Writer
from test_hook import BRIDGE, explained, hook_fixture
from test_pair import standby

sys.path.insert(0, os.path.join(tool.TOP, "tests/nfsim"))
import alike  # noqa: E402
import personalities  # noqa: E402

HOOK = hook_fixture
DRIVERS = [name for name, one in personalities.PERSONALITIES.items() if not alike.REFUSED & one.keys.keys()]


def result_of(name, style="macvtap,bridge"):
    keys = personalities.PERSONALITIES[name].keys
    case = alike.Case(name, keys, settle_ms=max(alike.slow_enough(keys), 1500), style=style)
    [out] = alike.memprobe([alike.line_of(case).replace(" --skip=fix", "")])
    return reading.parse(json.dumps(out).encode(), f"{name}.json")


def written(write, *things):
    out = io.BytesIO()
    write(*things, out)
    return out.getvalue().decode()


FILL_IN = {"GUEST", "GUEST_MAC", "GUEST_VF", "MACVTAP", "TAP", "VF_XML", "UNUSED_MAC", "VF_NETDEV"}


def words_of(commands):
    return {word for command in commands if isinstance(command, tuple) and not isinstance(command, reading.Write) for word in command}


def checked(read, **options):
    """The output of nfprobe-check on a host on which nothing has changed."""
    tested = rules.tested_of(read)
    query = rules.Query(rules.unix_ms(read.run.start) + 1000, 0, styles=("macvtap", "bridge"))
    found = rules.check(tested, [one.identity for one in tested], query)
    answer = check.Answer("eth0", "0000:01:00.0", None, "", found, {read.file: read}, served.UNKNOWN, None)
    out = io.StringIO()
    check_text.print_answer(Writer(out), answer, check_text.Shown("", **options))
    return answer, out.getvalue().splitlines()


def of_table(read):
    table = matrix.Matrix()
    table.add(read)
    table.finish(range(len(matrix.STYLES)), set())
    out = io.StringIO()
    matrix.write_text(table, Writer(out))
    return out.getvalue().splitlines()


def the_same_once(read, html):
    """The page has the line, the table and the blocks of the text, and each of them once."""
    shown, text = " ".join(re.sub("<[^>]*>", " ", html.partition("<article>")[2].partition("<svg")[0]).split()), read.text.lines
    shown, in_words = markup.unescape(shown), " ".join(" ".join(text).split())
    assert shown.startswith(" ".join(read.answer.split())) or read.answer.replace(" ", "") in shown.replace(" ", "")
    cells = [re.split("  +", line.strip()) for line in text]
    for row in page.shown(read.life):
        assert any(found[1:] == [check_text.CELLS[cell] for cell in row.cells if cell] for found in cells), row
    legend = check_text.legend(read._replace(life=page.shown(read.life)))
    assert shown.count(legend) == (1 if legend else shown.count("")) and legend in in_words
    for one in read.advice:
        # Two things to do may begin with one sentence.
        again = sum(other.lead == one.lead for other in read.advice)
        assert shown.count(one.lead) == again and one.sentence in in_words, one.lead
    commands = [line for one in read.advice for _, lines in one.blocks() for line in lines]
    for line in filter(lambda line: len(line) > 20, commands):
        assert html.count(markup.escape(line, quote=False).replace("'", "&#39;")) == commands.count(line), line
    for words in {one.said for one in read.conditions if not one.is_unseen and not one.fix}:
        assert shown.count(words) <= 1, words


@pytest.mark.slow
@pytest.mark.parametrize("name", DRIVERS)
def test_each_output_names_the_conditions(name):
    read = result_of(name)
    subject = subject_of(read)
    answer, lines = checked(read)
    _, verbose = checked(read, verbose=True)
    junit, html = (written(write, [subject]) for write in (cases.write_junit, page.write_html))
    label, metric, table = written(labels.write_nfd, [subject]), written(metrics.write_prometheus, [subject]), of_table(read)
    in_words = " ".join(" ".join(read.text.lines).split()).lower()
    advice = {one.id: one for one in read.advice}
    assert all(words_of(one.commands) & FILL_IN <= set(one.fill_in) for one in read.advice)
    assert verbose[-len(read.text.first) - 2:-2] == [f"  {line}".rstrip() for line in read.text.first]
    the_same_once(read, html)
    stored = [check.conditions_json(answer, style) for style in answer.check.styles]
    for style in read.styles:
        conditions = read.conditions_of(style.style)
        for one in read.unseen_of(style.style):
            assert style.verdict == "safe" and one.words.lower() in in_words and one.code not in metric + label
            assert one.words not in "".join((junit, html, *table, lines[0]))
        needs, first = reading.needs_words(conditions), reading.needs_words(conditions, first=True)
        for met in (advice[name] for one in conditions for name in one.met_by):
            assert met.sentence.lower() in in_words
            assert set(reading.command_lines(met.commands)) <= {part for line in read.text.lines for part in line.strip().split("; ")}
        said = bool(conditions)
        if style.verdict == "safe" and not style.is_fix:
            assert f"{style.style} SAFE ({first}" in lines[0] if first else f"{style.style} SAFE (IPv6: trust" not in lines[0]
            for one in conditions:
                unknown = one.whom == ("ipv6",) and style.multicast == "unproven" and "IPv6 not known" in read.answer
                assert not one.is_first or unknown or one.words in read.answer, read.answer
        assert any(line.startswith(f"  {style.style} ") and line.endswith(f"Needs: {needs}") for line in lines) == (
            said and style.verdict == "safe")
        suite = junit[junit.index(f'<testsuite name="{subject.ifname} VF {read.vf.vf} {style.style}"'):].partition("</testsuite>")[0]
        assert ("needs: " in suite, 'name="conditions"' in suite) == (said, said)
        assert not said or f"needs: {needs}" in markup.unescape(suite)
        assert {line.partition('code="')[2].partition('"')[0] for line in metric.splitlines()
                if line.startswith("nfprobe_condition{") and f'style="{style.style}"' in line} == (
                    {one.code for one in conditions} if not style.is_fix else set())
        if not style.is_fix and style.verdict == "safe":
            codes = ".".join(dict.fromkeys(one.code for one in conditions))
            assert (f".{labels.mangle(style.style)}.needs=" in label) == said and (not said or f".needs={codes}\n" in label)
        if style.verdict == "safe" or not style.is_fix:
            assert any(line.startswith(f"  * {style.style}, wire needs: {needs}") for line in table) == said
        assert [[one["words"] for one in found] for found, of in zip(stored, answer.check.styles) if of.style == style.style] == [
            [one.said for one in conditions]]


# A guest whose standby is of that style: the XML, the NIC's port of br0, has it the guest's address, do its ports learn?
STATIC = standby("bridge", "bridge='br0' macTableManager='libvirt'", "<target dev='vnet0'/>")
GUESTS = {
    "macvtap": (standby(), "", False, True), "bridge": (BRIDGE, "eth0", False, True), "bridge+pin": (BRIDGE, "eth0", False, False),
    "bridge+fdb": (BRIDGE, "eth0", True, True), "bridge+fdb+pin": (BRIDGE, "eth0", True, False),
    "static-bridge": (STATIC, "eth0", False, False), "vf-bridge": (BRIDGE, "eth0v1", True, True),
    "vf-bridge+pin": (BRIDGE, "eth0v1", True, False),
}
ANSWER = {"safe": "yes", "unknown": "unknown"}
STATUS = {"yes": 0, "no": 1, "unknown": 3}


def expected(style, stored, needs):
    """The status of --explain, of a guest with that style."""
    if style == "macvtap" and stored[style] == "yes" and any(one.code == "trust-guest-rx-filters" for one in needs):
        return 1
    # A second VF that is deaf while its standby has the address is not, where a manager sets that up only once it is needed.
    return 3 if style.startswith("vf-bridge") and stored[style] == "no" else STATUS[stored[style]]


def is_near(other, style, port):
    """May a guest of that style be told of the other? The port of a bridge is another function's, or becomes that of a new one."""
    if other == style or other == "macvtap":
        return other != style
    if other == "bridge":
        return style == "macvtap"
    return other == "vf-bridge+pin" if port == "eth0v1" else not other.startswith("vf-bridge")


@pytest.mark.slow
@pytest.mark.parametrize("name", DRIVERS)
def test_explain_names_the_conditions(name, hook, monkeypatch, capsys, tmp_path):
    """Of a guest of each style that was asked for, and of each that a fix made: those that are not met."""
    read = result_of(name, "all")
    shown = {style.style: style for style in read.styles if style.verdict != "not-applicable"}
    stored = {style: ANSWER.get(one.verdict, "no") for style, one in shown.items()}
    needs = {style: read.conditions_of(style) for style in shown}
    assert len(shown) > 2
    for style in shown:
        (tmp_path / style).mkdir()
        devices, port, entry, learns = GUESTS[style]
        status, said = explained(hook, monkeypatch, capsys, tmp_path / style, devices, stored, port, entry, learns, needs)
        met = {"filter-entry" if entry else "", "" if learns else "pinned-at-tap",
               "static-bridge" if devices == STATIC else ""}
        assert f"  style:   {style}\n" in said
        assert [line.partition(": the XML lacks")[0] for line in said.splitlines() if line.startswith("  needs: ")] == [
            f"  needs:   {one.said}" for one in needs[style] if one.code not in met], said
        assert status == expected(style, stored, needs[style]), said
        others = [other for other in hook.STYLES_THAT_HELP if stored.get(other) == "yes" and is_near(other, style, port)]
        if status == 1 and stored[style] == "no" and others:
            assert f"  next:    {others[0]} is SAFE: " in said, said


@pytest.mark.slow
def test_a_result_about_a_vlan_says_of_guests_without_it_what_a_run_without_it_does():
    """Of each style of every driver, or that it is not known."""
    changed = set()
    for name in DRIVERS:
        keys = personalities.PERSONALITIES[name].keys
        settle_ms, styles = max(alike.slow_enough(keys), 1500), "macvtap,static-bridge,bridge+fdb"
        asked = [alike.Case(name, keys, settle_ms=settle_ms, style=styles, guest_vlan=vlan) for vlan in (0, 100)]
        without, of_vlan = (reading.parse(json.dumps(out).encode(), name) for out in alike.memprobe([*map(alike.line_of, asked)]))
        verdicts = {style.style: style.verdict for style in without.styles}
        for style in of_vlan.styles:
            found = rules.untagged(of_vlan, style).verdict
            assert found in (verdicts[style.style], "unknown"), (name, style.style, style.reason)
            changed |= {name} if found != style.verdict else set()
    assert len(changed) > 10, changed


RUNS = ("--style=macvtap,bridge", "--style=macvtap,bridge --skip=fix --gap-limit=5", "--style=all --settle=0.5",
        "--style=bridge+fdb --skip=fix --settle=0.5", "--from vf:1 --style=macvtap", "--guest-vlan 100 --style=macvtap,bridge",
        "--style=macvtap --require=ipv6")


@pytest.mark.parametrize("name", [name for name in ("igb", "ixgbe", "i40e", "mlx4", "bnxt") if name in DRIVERS])
def test_the_text_of_a_result_is_what_the_run_printed(name, tmp_path, capsysbinary, monkeypatch):
    """Byte for byte."""
    monkeypatch.setattr(rights, "give_up", lambda: None)  # those of the tests
    keys = alike.lots.text(personalities.PERSONALITIES[name].keys)
    for run in RUNS:
        [document] = alike.memprobe([f"{run} -- {keys}"])
        (tmp_path / "result.json").write_text(json.dumps(document), encoding="utf-8")
        for verbose in ([], ["-v"]):
            line = f"{' '.join(verbose)} {run} -- {keys}\n"
            done = subprocess.run([alike.program(), "--text"], input=line.encode(), stdout=subprocess.PIPE, check=True)
            assert report.main(["text", *verbose, str(tmp_path / "result.json")]) == 0
            assert capsysbinary.readouterr().out + b"\0" == done.stdout, (name, run, verbose)
            assert done.stdout.count(b"\n") > (40 if verbose else 8)


def test_the_drivers_have_conditions():
    """Else nothing is asked above."""
    reads = [result_of(name) for name in ("igb", "ixgbe") if name in DRIVERS]
    assert any(read.conditions for read in reads) and len(DRIVERS) > 10

# SPDX-License-Identifier: GPL-2.0-or-later
"""One name for one thing: nothing that a user reads has a name of scripts/lib/gone_names.txt."""

import ast
import pathlib
import re

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
LIST = TOP / "scripts/lib/gone_names.txt"
STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')


def gone():
    """Each expression, the name that is used now, and whether a word alone may have it."""
    rows = [line.split("\t") for line in LIST.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [(re.compile(row[0]), row[1], row[2:] == ["prose"]) for row in rows]


def strings_of_c(text):
    """The literals of a C file, where those that follow one another are one."""
    text = re.sub(r"/\*.*?\*/|^#include.*?$|(?<!:)//[^\n]*", "", text, flags=re.S | re.M)
    for found in re.finditer(rf"{STRING.pattern}(?:\s*(?:PRI\w+\s*)?{STRING.pattern.replace('(', '(?:', 1)})*", text):
        yield "".join(STRING.findall(found[0]))


def strings_of_python(text):
    """The strings of a Python file but its docstrings; a format without what is put in."""
    tree = ast.parse(text)
    docs = {id(node.body[0].value) for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and node.body and isinstance(node.body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def text_of_page(text):
    """A page as it is read; what is bold in it stands between < and >."""
    text = re.sub(r'^\.\\".*\n', "", text, flags=re.M).replace("\\-", "-").replace("\\&", "")
    text = re.sub(r"^\.(?:B|BR|BI|IP|TP|SS|SH) (.*)$", r"<\1>", text, flags=re.M)
    return re.sub(r"\\f[BI](.*?)\\f[PR]", r"<\1>", text, flags=re.S)


def read(*patterns):
    return [(path, path.read_text(encoding="utf-8")) for pattern in patterns for path in sorted(TOP.glob(pattern)) if path.is_file()]


def told():
    """What a user reads: where, what, and whether it is made of words of code."""
    for path, text in read("src/**/*.[ch]", "include/**/*.h"):
        for string in strings_of_c(text):
            yield path, string, True
    for path, text in read("scripts/tools/nfprobe_tools/*.py", "scripts/tools/nfprobe-*", "scripts/packaging/libvirt/nfprobe-libvirt-hook"):
        for string in strings_of_python(text):
            yield path, string, True
    for path, text in read("man/*.?"):
        yield path, text_of_page(text), False
    for path, text in read("README.md", "scripts/*/README.md", "scripts/ansible/roles/*/README.md", "scripts/packaging/nfprobe.conf"):
        yield path, text, False
    for path, text in read("tests/golden/**/*.txt", "tests/golden/tools/*"):
        yield path, re.sub(r"^==== .*$| \[as under: .*\]$", "", text, flags=re.M), False


def hits(pattern, prose, text, code):
    """Where @text has it. A string of code without a blank is a word, which prose does not mind; nor does it mind what is bold."""
    if prose and code and " " not in text.strip():
        return []
    text = re.sub(r"<[^<>]*>|`[^`]*`|\"[\w-]+\"", "", text) if prose else text
    return [found[0] for found in pattern.finditer(" ".join(text.split()))]


def test_names_that_are_gone():
    found = [(str(path.relative_to(TOP)), hit, now) for path, text, code in told() for pattern, now, prose in gone()
             for hit in hits(pattern, prose, text, code)]
    assert found == []


@pytest.mark.parametrize("text, code, hit", [
    ("Use a static bridge.", False, "static bridge"), ("Use static-bridge.", False, ""), ("static-bridge", True, ""),
    ("an idle sibling VF", True, "sibling"), ("sibling", True, ""),
    ("the VF is untested", True, "untested"), ("untested", True, ""), ("it is <untested>", False, ""),
    ("IPv6\n    unknown", False, "IPv6 unknown"), ("neighbours on the same NIC", False, "neighbours on the same NIC"),
    ("a neighbour that answers ARP", False, ""), ("  +fdb (fix)   ok", False, "+fdb (fix)"), ("0.3.0 (fixed)", False, ""),
])
def test_a_name_is_found(text, code, hit):
    assert [one for pattern, _, prose in gone() for one in hits(pattern, prose, text, code)] == ([hit] if hit else [])


def test_what_is_read():
    assert list(strings_of_c('f("a " /* "no" */\n  "b", "c\\"d"); // "e"\n')) == ["a b", 'c\\"d']
    assert list(strings_of_python('"""doc"""\nx = f"a {y} b"\n')) == ["a ", " b"]
    assert text_of_page('.\\" tried: untested\n.B untested\nis \\fBun\\-tested\\fP\n') == "<untested>\nis <un-tested>\n"
    assert len({path for path, _, _ in told()}) > 200 and len(gone()) > 10

#!/usr/bin/python3
"""commands.py FILE...: prints each line of a .c, .h or Python file that makes a command for a shell out of a format and its values.

Those values may be names that a guest or a pod has chosen, and whoever pastes the command runs what they say. A command is made of
a list of words, each of which is quoted: by nfprobe_tools/shell.py, and in C by the functions below, whose format is such a list.
Exit status 1 if there is such a line.
"""

import ast
import re
import sys
from typing import Iterator

HOLE = "\0"  # where a value goes
WORDS = rf"[^.,:;(){HOLE}]*"
PROGRAM = (r"ip (?:-\S+ )*(?:link|netns|addr|address|neigh|route|tuntap)|bridge (?:fdb|link|vlan|mdb)|devlink (?:dev|port)|"
           r"tc (?:qdisc|filter)|nsenter|virsh|ethtool|modprobe|sysctl|echo")
OPTION = r"--?[a-z][\w-]*"
COMMAND = re.compile(rf"(?:^|[^\w-])(?:(?:{PROGRAM}) {WORDS}{HOLE}|nfprobe[-a-z]* (?:{HOLE} {OPTION}|(?:(?:{OPTION}|any)[ =])+{HOLE}))")
CONVERSION = re.compile(r"%(?:\(\w+\))?[-+ #0]*[\d*]*(?:\.[\d*]+)?(?:hh|h|ll|l|z|j|t)?[a-zA-Z]|\{[\w.!:]*\}")
TAKES_WORDS = re.compile(r"nfp_command_\w+|nfp_err_try|sscanf")
STRING = r'"(?:[^"\\]|\\.)*"'
C_TOKEN = re.compile(rf"//[^\n]*|/\*.*?\*/|'(?:[^'\\]|\\.)*'|{STRING}(?:\s*{STRING})*|\w+|[()]", re.DOTALL)


def in_c(text: str) -> Iterator[tuple[int, str]]:
    calls, name = [""], ""
    for found in C_TOKEN.finditer(text):
        token = found[0]
        if token == "(":
            calls.append(name)
        elif token == ")":
            calls.pop()
        elif token.startswith('"') and not any(map(TAKES_WORDS.fullmatch, calls)):
            yield text.count("\n", 0, found.start()) + 1, "".join(part[1:-1] for part in re.findall(STRING, token, re.DOTALL))
        name = token


def joined(node: ast.AST) -> str:
    """The text of an expression, with a hole for each value that is not in the source."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else HOLE
    if isinstance(node, ast.JoinedStr):
        return "".join(map(joined, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return joined(node.left) + joined(node.right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join" and node.args:
        return joined(node.func.value).join(map(joined, getattr(node.args[0], "elts", [])))
    return HOLE


def in_python(text: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Constant, ast.JoinedStr, ast.BinOp, ast.Call)):
            yield node.lineno, joined(node)


def main() -> int:
    bad = False
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        found = (in_c if path.endswith((".c", ".h")) else in_python)(text)
        for line in sorted({line for line, said in found if COMMAND.search(CONVERSION.sub(HOLE, said))}):
            print(f"{path}:{line}: a command is made of a format: {text.splitlines()[line - 1].strip()}")
            bad = True
    return bad


if __name__ == "__main__":
    sys.exit(main())

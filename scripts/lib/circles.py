#!/usr/bin/python3
"""circles.py OBJECTS SOURCES: prints each circle of more than two source files that call one another.

A file calls another if it uses a symbol that the other defines, as their object files below OBJECTS say; an object whose
source is no longer below SOURCES does not count. Exit status 1 if there is a circle.
"""

import os
import subprocess
import sys

LONGEST = 2


def symbols(path: str, *flags: str) -> set[str]:
    """The names that nm lists of an object file with these flags."""
    out = subprocess.run(["nm", "-P", *flags, path], check=True, capture_output=True, text=True).stdout
    return {line.split()[0] for line in out.splitlines()}


def calls(objects: str, sources: str) -> dict[str, set[str]]:
    """For each source file, by its path below SOURCES, those whose symbols it uses."""
    found = (os.path.relpath(os.path.join(at, name), sources) for at, _, names in os.walk(sources) for name in names)
    of = {path: os.path.join(objects, path[:-2] + ".o") for path in found if path.endswith(".c")}
    home = {symbol: path for path in of for symbol in symbols(of[path], "-g", "--defined-only")}
    return {path: {home[s] for s in symbols(of[path], "-u") if s in home and home[s] != path} for path in of}


def reached(graph: dict[str, set[str]], start: str) -> set[str]:
    """All that the files called by start call in turn."""
    seen: set[str] = set()
    todo = list(graph[start])
    while todo:
        at = todo.pop()
        if at not in seen:
            seen.add(at)
            todo.extend(graph[at])
    return seen


def main() -> int:
    graph = calls(sys.argv[1], sys.argv[2])
    if not graph:
        sys.exit(f"circles.py: no source below {sys.argv[2]}")
    reach = {path: reached(graph, path) for path in graph}
    circles = {tuple(sorted(p for p in reach[path] if path in reach[p])) for path in graph if path in reach[path]}
    for circle in sorted(c for c in circles if len(c) > LONGEST):
        print("circle: " + " ".join(circle))
        for path in circle:
            print(f"  {path} calls " + ", ".join(sorted(graph[path] & set(circle))))
    return 1 if any(len(c) > LONGEST for c in circles) else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever is given to a tool to read, and by whichever option: a sentence, soon, and within 64 MB."""

import os
import re
import subprocess
import sys

import pytest
import tool

from nfprobe_tools import result

MOST_KB = 64 << 10
RUN = """
import re, sys
sys.path.insert(0, sys.argv[1])
from nfprobe_tools import check_main, report
status = (check_main if sys.argv[2] == "check" else report).main(sys.argv[3:])
with open("/proc/self/status", encoding="ascii") as file:
    found = dict(re.findall("([A-Za-z_]+):[ \\t]*([0-9a-f]+)", file.read()))
print("\\npeak", found["VmHWM"], found["CapPrm"], found["NoNewPrivs"], file=sys.stderr)
sys.exit(status)
"""
READERS = (("check", "--host=FILE"), ("check", "--host=FILE", "--store=/nonexistent", "eth0"), ("report", "nfd", "--stored", "--host=FILE"),
           ("report", "nfd", "--audit=FILE"), ("report", "prometheus", "--audit", "FILE"), ("report", "junit", "FILE"),
           ("report", "compare", "FILE", "FILE"), ("report", "share", "FILE"), ("report", "matrix", "FILE"))


def large(piece, size=32 << 20):
    return piece * (size // len(piece))


def read(words, path, stdin=subprocess.DEVNULL):
    """What the tool says of the file. It must not take long, nor much, nor end in a traceback."""
    words = [word.replace("FILE", str(path)) for word in words]
    done = subprocess.run([sys.executable, "-B", "-c", RUN, tool.TOOLS, *words], stdin=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    said, _, found = done.stderr.rpartition("\npeak ")
    peak, permitted, no_more = found.split()
    # What reads may be led astray by what it reads; it must not be able to do much then.
    assert os.geteuid() != 0 or (int(permitted, 16) & ~(1 << 1 | 1 << 3) == 0 and no_more == "1")
    assert done.returncode == 4 and "Traceback" not in said and said.startswith("nfprobe-"), done.stderr
    assert int(peak) < MOST_KB, f"{int(peak) >> 10} MB"
    return said


@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_what_is_no_file(words, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("fifo")
    for path in ("/dev/zero", tmp_path / "fifo", tmp_path / "link"):
        assert "is neither a file nor" in read(words, path)


@pytest.mark.slow
@pytest.mark.parametrize("words", (READERS[0], READERS[3], READERS[5], READERS[7]), ids=" ".join)
def test_what_is_large(words, tmp_path):
    path = tmp_path / "large"
    for text in (large("[]"), "[" + large("[],"), large(" "), "[" + large("{},", 1 << 20), "[" + large("9e9,", 2 << 20), large('"')):
        path.write_text(text, encoding="ascii")
        assert re.search("is larger than|has more than|is damaged|not JSON", read(words, path))
    with open(path, "w", encoding="ascii") as file:
        file.truncate(1 << 40)
    assert re.search("is larger than|not JSON", read(words, path))


@pytest.mark.parametrize("name", ("-", "/dev/stdin"))
def test_a_pipe_without_an_end(name):
    """Which standard input may be."""
    with subprocess.Popen([sys.executable, "-c", "while True: print('[]' * 100_000)"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as endless:
        assert "has more than 400000 values" in read(("report", "junit", "FILE"), name, endless.stdout)
        endless.stdout.close()


def test_the_place_of_a_file_is_taken(tmp_path, monkeypatch):
    """Between the look at a name and the opening of it, others may put a FIFO there."""
    from nfprobe_tools import document
    (tmp_path / "file").write_text("{}")
    was = os.stat

    def look_first(path, *args, **options):
        found = was(path, *args, **options)
        if path == str(tmp_path / "file"):
            os.unlink(path)
            os.mkfifo(path)
        return found

    monkeypatch.setattr(os, "stat", look_first)
    descriptors = len(os.listdir("/proc/self/fd"))
    with tool.in_time(), pytest.raises(document.Damaged, match="is neither a file nor standard input"):
        document.read_within(str(tmp_path / "file"), document.Limits(10, 10))
    assert len(os.listdir("/proc/self/fd")) == descriptors


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to give up")
@pytest.mark.parametrize("words", (("check", "eth0"), ("check",), ("check", "--prune", "eth0"), ("report", "nfd", "--stored"),
                                   ("report", "share", "--stored", "eth0")), ids=" ".join)
def test_nfprobe_is_asked_before_the_privileges_are_given_up(words, tmp_path):
    """It needs them; what has been stored is read without."""
    with open("/proc/self/status", encoding="ascii") as file:
        own = re.search("CapPrm:.*", file.read())[0]
    (tmp_path / "nfprobe").write_text(f"""#!/bin/sh
grep CapPrm /proc/self/status >{tmp_path}/rights
echo '{{"schema": {result.SCHEMA}, "version": "0.4.0", "kernel": "6.12.95", "pfs": [], "exit": 0}}'
""")
    (tmp_path / "nfprobe").chmod(0o755)
    done = subprocess.run([sys.executable, "-B", "-c", RUN, tool.TOOLS, *words], env={**os.environ, "NFPROBE": str(tmp_path / "nfprobe")},
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert (tmp_path / "rights").read_text().strip() == own
    assert done.stderr.split()[-1] == ("0" if "--prune" in words else "1"), done.stderr  # --prune found no such PF

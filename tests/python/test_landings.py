# SPDX-License-Identifier: GPL-2.0-or-later
"""A NIC in memory shows what tests/nic/landings.txt says of each key of a personality, and each key has a row there."""

import itertools
import json
import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, TOP + "/tests/nic")
import landings  # noqa: E402

MEMPROBE = os.environ.get("MEMPROBE", TOP + "/build/tests/memnic/memprobe")


def probe(lines):
    text = "".join(f"{options} --skip=fix -- {keys}\n" for options, keys in lines)
    done = subprocess.run([MEMPROBE], input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_key_has_a_row():
    assert [key for key, _ in itertools.groupby(row[0] for row in landings.rows())] == landings.keys(MEMPROBE, "both", "memory")


def test_every_row_shows_its_key():
    for key, _, _, others, without, words, with_it in landings.rows():
        assert key in [word.partition("=")[0] for word in words.split()], words
        assert key not in [word.partition("=")[0] for word in others.split()], others
        assert (without + with_it).strip("s?-"), f"{key}: nothing lands"


def test_landings_without_and_with_each_key():
    rows = landings.rows()
    pairs = probe((options, words) for _, _, options, others, _, more, _ in rows for words in (others, f"{others} {more}"))
    wrong = []
    for row, without, with_it in zip(rows, pairs[::2], pairs[1::2]):
        got = landings.landings(without, row[1]), landings.landings(with_it, row[1])
        if got != (row[4], row[6]):
            wrong.append(f"{row[0]}: {got}, not {row[4], row[6]}")
    assert not wrong, "\n".join(wrong)

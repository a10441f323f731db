#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes calls of probing runs fail, in the machine that has the NICs, and judges how each was taken.

usage: faulter.py NFPROBE LIBRARY SEED COUNT SKIP NIC...     a NIC as for killer.py; COUNT 0: every place

A place is a function, the part of the program that called it, and how much was in the journal by then. A run
in which nothing fails lists all places; COUNT of them are drawn, of as many callers as can be, after the first
SKIP. Each in its turn fails once. Prints a JSON object a line: one for each, what is wrong in "wrong".
"""

import json
import os
import random
import shutil
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "fault")]
import faults  # noqa: E402
import killer  # noqa: E402

VF = 3
FOLDER = "/run/faults"
TRIES = 3  # of a run that is unknown: a machine that stood still does that now and then, a call that fails always


def verdicts(done):
    document = json.loads(done.out)
    return [(style["style"], style["verdict"]) for style in (document["vf"] or {"styles": []})["styles"]]


def survives(done, usual):
    """Counts differ from run to run; what was found must not."""
    if verdicts(done) != verdicts(usual):
        yield f"found {verdicts(done)} instead of {verdicts(usual)}, and nothing says why"


def drawn(places, seed, count, skip):
    """All, or `count` after `skip`: one of each caller first."""
    draw = random.Random(seed)
    places = list(places)
    draw.shuffle(places)
    if not count:
        return places
    seen, first, rest = set(), [], []
    for place in places:
        key = (place.name, place.site)
        (rest if key in seen else first).append(place)
        seen.add(key)
    return (first + rest)[skip : skip + count]


class Worker:
    def __init__(self, nfprobe, library, nic, say):
        self.nfprobe, self.nic, self.say = nfprobe, nic, say
        argv = [nfprobe, nic.pf, "--vf", str(VF), "--style", "macvtap", "--from", nic.wire, *killer.QUICK, "--json"]
        self.subject = faults.Subject("a probe", argv, library, folder=FOLDER, timeout=300)

    def restore(self):
        done = faults.Subject("--restore", [self.nfprobe, "--restore", self.nic.pf], "", folder=FOLDER).run()
        if done.status:
            yield f"--restore: {done.status} {done.err}{done.out}"

    def one(self, place, usual):
        before = self.nic.state()
        for _ in range(TRIES):
            done = self.subject.run(place)
            wrong = faults.judge(done, usual, True, survives) if done.hit else []
            if not wrong or done.status != faults.UNKNOWN:
                break
        if done.status == faults.NOT_RESTORED or wrong:
            wrong += self.restore()
        wrong += killer.differences(before, self.nic.state())
        self.say({"place": str(place), "hit": done.hit is not None, "status": done.status, "wrong": wrong,
                  "err": done.err[-800:], "out": done.out[-800:] if wrong else ""})

    def work(self, take, usual):
        while place := take():
            try:
                self.one(place, usual)
            except Exception as error:  # noqa: BLE001 the others go on
                self.say({"place": str(place), "hit": True, "status": -1, "wrong": [f"{type(error).__name__}: {error}"], "err": ""})


def main():
    nfprobe, library, seed, count, skip, *nics = sys.argv[1:]
    lock = threading.Lock()

    def say(what):
        with lock:
            print(json.dumps(what), flush=True)

    os.makedirs(FOLDER, exist_ok=True)
    os.makedirs(killer.RUNDIR, mode=0o700, exist_ok=True)
    nfprobe, library = (shutil.copy(path, FOLDER) for path in (nfprobe, library))
    workers = [Worker(nfprobe, library, killer.Nic(**json.loads(nic)), say) for nic in nics]
    for _ in range(TRIES):
        usual = workers[0].subject.run("list")
        if usual.status != faults.UNKNOWN:
            break
    places = drawn(usual.listed, seed, int(count), int(skip))
    say({"places": len(usual.listed), "callers": len({(p.name, p.site) for p in usual.listed}), "usual": usual.status,
         "err": usual.err})

    def take():
        with lock:
            return places.pop() if places else None

    threads = [threading.Thread(target=worker.work, args=(take, usual)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shutil.rmtree(FOLDER)


if __name__ == "__main__":
    main()

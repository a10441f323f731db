# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a program again and again, each time with another of its calls failing (fault.c), and judges how it takes it.

A call that fails may end the program: then with a documented status, a sentence, and valid JSON that has the
error. Or it may be survived: then the result is the same as without, or a sentence says what it lacks.
"""

import concurrent.futures
import dataclasses
import json
import mmap
import os
import re
import struct
import subprocess
import tempfile

CALL = struct.Struct("24sII")
HEAD = struct.Struct("II24sIII")
LISTED = 65536
SIZE = HEAD.size + LISTED * CALL.size
TIMEOUT = 240  # seconds; what takes longer hangs
CANNOT, NOT_RESTORED, UNKNOWN = 4, 5, 3
OUTPUT = "could not be written"  # what is said of a result that did not reach its reader
# Without these for good, nothing can be printed: the status is all that is left to say.
OF_OUTPUT = ("write", "ppoll")
# Keys and lines that differ from run to run, in JSON and in text.
OF_A_RUN = ("id", "start", "monotonic_us", "duration_ms", "watched_ms")


@dataclasses.dataclass
class Call:
    name: str
    site: int
    phase: int

    def __str__(self):
        return f"{self.name},{self.site},{self.phase}"


@dataclasses.dataclass
class Done:
    status: int
    out: str
    err: str
    calls: int
    hit: Call | None
    listed: list


class Log:
    """The file that the library writes; see fault.h."""

    def __init__(self, folder):
        handle, self.path = tempfile.mkstemp(dir=folder)
        os.truncate(handle, SIZE)
        os.close(handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.unlink(self.path)

    def read(self):
        with open(self.path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            calls, hits, name, site, phase, listed = HEAD.unpack_from(data)
            places = [self.call(*CALL.unpack_from(data, HEAD.size + i * CALL.size)) for i in range(listed)]
        return calls, self.call(name, site, phase) if hits else None, places

    @staticmethod
    def call(name, site, phase):
        return Call(name.rstrip(b"\0").decode(), site, phase)


@dataclasses.dataclass
class Subject:
    """A command: argv[0] is the program, before it what sets its stage."""

    name: str
    argv: list
    library: str
    stage: tuple = ()
    kinds: str = "nfwtp"
    folder: str = "/tmp"
    timeout: int = TIMEOUT
    forever: bool = False  # all later calls of the function that fails fail as well

    def environment(self, log, at):
        preload = [word for word in (os.environ.get("FAULT_PRELOAD"), self.library) if word]
        forever = ["FAULT_FOREVER=1"] if self.forever else []
        return [f"FAULT_LOG={log}", f"FAULT_KINDS={self.kinds}", f"FAULT_AT={at}", f"LD_PRELOAD={':'.join(preload)}", *forever]

    def run(self, at=0):
        with Log(self.folder) as log:
            argv = [*self.stage, "env", *self.environment(log.path, at), *self.argv]
            try:
                done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=self.timeout, check=False)
            except subprocess.TimeoutExpired as late:
                return Done(-1, "", f"it hangs: {(late.stderr or b'').decode()}", *log.read())
            return Done(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"), *log.read())


def steady(value):
    """The value without the keys that differ from run to run."""
    if isinstance(value, dict):
        return {key: steady(item) for key, item in value.items() if key not in OF_A_RUN}
    return [steady(item) for item in value] if isinstance(value, list) else value


def result_of(done):
    try:
        return steady(json.loads(done.out))
    except ValueError:
        return re.sub(r"[0-9.]+ m?s\b|\b[0-9a-f]{32}\b", "", done.out)


def ends_as_told(done, usual, sentences, wants_json):
    if done.status < 0 or done.status >= 128 or "Sanitizer" in done.err or "runtime error" in done.err:
        yield f"it crashed, leaked or hung: {done.status}"
        return
    if done.status not in (usual.status, CANNOT, NOT_RESTORED, UNKNOWN):
        yield f"status {done.status}, which is neither its usual {usual.status} nor documented for a failure"
    if done.status != usual.status and not sentences:
        yield f"status {done.status} without a sentence"
    if wants_json and OUTPUT not in done.err:
        yield from is_json(done)


def is_json(done):
    try:
        document = json.loads(done.out)
    except ValueError as error:
        yield f"no JSON: {error}"
        return
    if document["exit"] != done.status:
        yield f"exit in JSON is {document['exit']}, the status {done.status}"
    if done.status == CANNOT and not document.get("error"):
        yield "no error in JSON"


def reasons(done):
    """Why styles have no verdict, as the JSON of a probe says it."""
    try:
        styles = json.loads(done.out)["vf"]["styles"]
    except (ValueError, KeyError, TypeError):
        return []
    return [style["reason"] for style in styles if style["verdict"] in ("unknown",)]


def unread(done):
    """Why values of a list are not known, as it says itself."""
    try:
        listed = json.loads(done.out)
        handlers = [one["rx_handler_note"] for one in listed["netdevs"] if not one["rx_handler"]]
        return [*(listed.get("unread") or {}).values(), *filter(None, handlers)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def is_mute(subject, done):
    return subject.forever and done.hit.name in OF_OUTPUT


def judge_mute(done, usual):
    """A run that cannot print anything says so by its status."""
    wrong = list(ends_as_told(done, usual, ["none is possible"], False))
    if not wrong and done.status == usual.status != CANNOT and result_of(done) != result_of(usual):
        wrong.append("nothing was printed, and the status does not say so")
    return wrong


def judge(done, usual, wants_json, survives=None):
    """The mistakes in how a fault was taken. `survives` judges a result that differs though the status is the usual one."""
    usually = usual.err.splitlines()
    sentences = [line for line in done.err.splitlines() if line.startswith("nfprobe: ") and line not in usually]
    sentences += reasons(done) if done.status == UNKNOWN else unread(done)
    wrong = list(ends_as_told(done, usual, sentences, wants_json))
    if not wrong and done.status == usual.status and not sentences and result_of(done) != result_of(usual):
        wrong += survives(done, usual) if survives else ["the result differs, and nothing says why"]
    return wrong


def told(subject, call, done, wrong):
    return (f"{subject.name}: {call} fails: {'; '.join(wrong)}\n  status {done.status}\n  stderr: {done.err.strip()[-600:]}\n"
            f"  stdout: {done.out.strip()[-600:]}")


def every_call(subject, wants_json=False, jobs=4, survives=None, step=1):
    """(number of calls, [what is wrong]): fails the 1st call, the 2nd, ... until a run in which none is left to fail."""
    usual = subject.run()
    if usual.calls == 0:
        return 0, [f"{subject.name}: not a call was seen: {usual.status} {usual.err}"]
    wrong = list(ends_as_told(usual, usual, [], wants_json))
    wrong = [f"{subject.name}: {', '.join(wrong)}: {usual.err}"] if wrong else []
    tried, at = 0, 1
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        while True:
            numbers = range(at, at + jobs * step, step)
            for done in pool.map(subject.run, numbers):
                if done.hit:
                    tried += 1
                    found = judge_mute(done, usual) if is_mute(subject, done) else judge(done, usual, wants_json, survives)
                    if found:
                        wrong.append(told(subject, done.hit, done, found))
                else:
                    at = None
            if at is None:
                return tried, wrong
            at += jobs * step

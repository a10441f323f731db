# SPDX-License-Identifier: GPL-2.0-or-later
"""hook_killed.py XML STEP: the hook is killed before each STEPth line of what changes the list or the kernel, at start, when
the guest runs, at release, in --clean and at a migration. The last line says how often."""
import itertools
import os
import re
import signal
import sys
import threading

import hook_module
from hook_module import MAC, call, entries, files

hook = hook_module.load()
with open(sys.argv[1], "rb") as file:
    xml = file.read()
ACTS = {"serve", "held", "write_record", "change_entry", "bridge_tool", "output_of", "take_back", "take_all_back", "expect",
        "delete", "unlearn", "relearn", "set_learning", "others_need", "renew", "renew_entry", "renew_port"}


def killed_at(step):
    """A trace that kills the process before the line of that number, in any thread."""
    left = [step]

    def trace(frame, event, arg):
        if frame.f_code.co_filename != sys.argv_hook or frame.f_code.co_name not in ACTS:
            return None
        if event == "line":
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    def prepare():
        threading.settrace(trace)
        sys.settrace(trace)
    return prepare


def require(condition, what):
    if not condition:
        sys.exit("%s: entries %s, list %s" % (what, entries(hook), hook.names(hook.LIST)))


def age():
    for path, _ in hook.listed():
        with open(path, "r+", encoding="utf-8") as file:
            text = re.sub('"since": [0-9.]+', '"since": 0', file.read())
            file.seek(0)
            file.write(text)
            file.truncate()


def quiet():
    """The ports that do not learn."""
    return {port for port in ("eth0", "vnet0") if hook.learning(port) == "0"}


def restored(by_release, where):
    require(entries(hook) <= files(hook), where + ": an entry without a file")
    listed = {name.split("-")[1] for name in hook.names(hook.LIST) if name.startswith("learning-")}
    require(quiet() <= listed, where + ": a port that does not learn, without a file")
    if by_release:
        call(hook, ["guest", "release", "end", "-"], xml)
    # A file that was not written yet has no guest, and goes with any call.
    age()
    call(hook, ["--clean"], b"")
    require(not entries(hook) and not hook.names(hook.LIST), where + ": something is left")
    require(not quiet(), where + ": a port learns no more")


def kill_at_each(first, words, before):
    """The number of kills; all have been tried once a line is never reached."""
    killed = 0
    for line in itertools.count(first, int(sys.argv[2])):
        before()
        where = "killed at line %d of %s" % (line, words)
        status = call(hook, words, xml, killed_at(line))
        require(status in (0, -signal.SIGKILL), where + ": ends with %d" % status)
        restored(line % 2, where)
        if status == 0:
            return killed
        killed += 1


def begun():
    call(hook, ["guest", "start", "begin", "-"], xml)
    require(entries(hook) == files(hook) == {MAC}, "it is not served")


def started():
    begun()
    call(hook, ["guest", "started", "begin", "-"], xml)
    require(quiet() == {"eth0", "vnet0"}, "a port learns")


def stale():
    started()
    age()


def lost():
    """As by a PF that has left its bridge and come back."""
    started()
    os.system("bridge fdb del %s dev eth0 self permanent; bridge link set dev eth0 learning on" % MAC)
    require(quiet() == {"vnet0"} and not entries(hook), "nothing is lost")


sys.argv_hook = hook.__file__
total = kill_at_each(1, ["guest", "start", "begin", "-"], lambda: None)
total += kill_at_each(2, ["guest", "started", "begin", "-"], begun)
total += kill_at_each(2, ["guest", "release", "end", "-"], started)
total += kill_at_each(3, ["--clean"], stale)
total += kill_at_each(1, ["guest", "migrate", "begin", "-"], lambda: None)
total += kill_at_each(1, ["guest", "stopped", "end", "-"], lost)
# Another's entry survives all that.
os.system("bridge fdb add %s dev eth0 self permanent" % MAC)
for again in range(1, 20):
    call(hook, ["guest", "start", "begin", "-"], xml, killed_at(again))
    call(hook, ["guest", "release", "end", "-"], xml, killed_at(again))
require(entries(hook) == {MAC}, "another's entry is gone")
print("killed %d times" % total)

# SPDX-License-Identifier: GPL-2.0-or-later
"""The hook as a module, each of its calls in a process of its own, which is forked and not started."""
import importlib
import os
import sys

MAC = "00:11:22:33:44:55"


def load():
    sys.dont_write_bytecode = True
    sys.path.insert(0, os.path.realpath(__file__ + "/../../../../scripts/tools"))
    hook = importlib.import_module("nfprobe_tools.hook")
    # How long it waits is tested elsewhere; here it must not depend on how busy this machine is.
    hook.CHECK_LIMIT = hook.HOOK_LIMIT = hook.ACT_LIMIT = hook.HOOK_CPU = 120
    hook.tools("proc").TOTAL = 4 * 120  # whoever runs QEMU on this machine: one that is not read may be any guest's
    hook.log = lambda priority, text: None
    for module in ("host", "check", "store"):  # loaded once, and not in each call
        hook.tools(module)
    return hook


def begin(hook, words, text, prepare=lambda: None):
    """The process, which has called the hook with these words and this XML."""
    reader, writer = os.pipe()
    os.write(writer, text)
    os.close(writer)
    pid = os.fork()
    if pid == 0:
        os.dup2(reader, 0)
        sys.argv = ["hook"] + words
        prepare()
        hook.main()
    os.close(reader)
    return pid


def end(pid):
    """Its exit status, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def call(hook, words, text, prepare=lambda: None):
    return end(begin(hook, words, text, prepare))


def entries(hook):
    said = hook.bridge_tool(["fdb", "show", "dev", "eth0"], hook.time.monotonic() + 120)[1]
    return {line.split()[0] for line in said.splitlines() if line.endswith("self permanent") and line.startswith("00:11:22:")}


def files(hook):
    return {name[-len(MAC):] for name in hook.names(hook.LIST) if not name.startswith("learning-")}

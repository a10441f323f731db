# SPDX-License-Identifier: GPL-2.0-or-later
"""hook_many.py HOOK XML N: HOOK is called for N guests at once, which start and then end; the last line says how many
entries there were."""
import re
import sys

import hook_module
from hook_module import begin, end, entries, files

hook = hook_module.load(sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as file:
    xml = file.read()
num = int(sys.argv[3])
guests = [re.sub("<uuid>..", "<uuid>%02x" % i, xml.replace("44:55", "44:%02x" % i)).encode() for i in range(num)]
counts = []
for operation in ("start", "release"):
    processes = [begin(hook, ["guest%d" % i, operation, "begin", "-"], text) for i, text in enumerate(guests)]
    if any([end(pid) for pid in processes]):
        sys.exit("a call failed at " + operation)
    if entries(hook) != files(hook):
        sys.exit("entries %s, list %s" % (entries(hook), files(hook)))
    counts.append(len(entries(hook)))
print("entries: %d, then %d" % tuple(counts))

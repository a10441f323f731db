# SPDX-License-Identifier: GPL-2.0-or-later
"""hook_xmls.py FOLDER: the hook takes each domain in FOLDER, libvirt's tests; the last line says how many there are.

Their standbys are on no bridge. Once these are, the hook judges each VF that they name by address."""
import io
import os
import sys
import types
import xml.etree.ElementTree as ElementTree

import hook_module

folder = sys.argv[1]
hook = hook_module.load()
said = []
hook.log = lambda priority, text: said.append(text)
# Any device with an address is a VF, and each standby is on its PF: the hook judges all that a domain names.
hook.os.path.exists = lambda path: True
hook.style_of = lambda pair: "bridge"
hook.clean = lambda: True
hook.host_with = lambda device: hook.tools("host").Host(0, "", None, (), 0)


def run(where, text, operation):
    sys.stdin = types.SimpleNamespace(buffer=io.BytesIO(text))
    try:
        return hook.run("guest", operation)
    except Exception as error:
        sys.exit("%s, %s: %s: %s" % (where, operation, type(error).__name__, error))


domains = teams = judged = 0
for where, _, files in os.walk(folder):
    for name in files:
        if not name.endswith(".xml"):
            continue
        with open(os.path.join(where, name), "rb") as file:
            text = file.read()
        try:
            if ElementTree.fromstring(text).tag != "domain":
                continue
        except ElementTree.ParseError:
            continue
        domains += 1
        for operation in ("prepare", "start", "migrate", "reconnect"):
            status = run(os.path.join(where, name), text, operation)
            if status != 0:
                sys.exit("%s/%s, %s: %d" % (where, name, operation, status))
        if b"<teaming" not in text:
            continue
        teams += 1
        said[:] = [one for one in said if "has no PCI Express" not in one]  # as the machine of most of them
        if said:
            sys.exit("\n".join(said))
        run(os.path.join(where, name), text.replace(b"<interface type='user'>", b"<interface type='bridge'><source bridge='br0'/>"), "start")
        judged += len(said)
        said.clear()
if said:
    sys.exit("\n".join(said))
print("%d domains, %d with a team, %d VFs judged" % (domains, teams, judged))

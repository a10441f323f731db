# SPDX-License-Identifier: GPL-2.0-or-later
"""The playbook of scripts/ansible with two machines as its hosts, which have different NICs."""

import contextlib
import glob
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading

import server
from machine import Machine
from probing import PACE, unchanged, valid
from scenario import TOP, Host, check, equal
from simulated import one

SAFE = "come=up go=down+unplug+clear arb=both"
EARLY = "come=assign+reset+driver+up go=clear arb=vf"
STORE = "/var/lib/nfprobe"
OPTIONS = ["--from", "nf0w", "--style", "macvtap", *PACE]


@contextlib.contextmanager
def served(folder, name, vm):
    """The machine's control socket, for far.py."""
    os.makedirs(os.path.join(folder, name))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(server.control_path(os.path.join(folder, name)))
        listener.listen(16)
        threading.Thread(target=server.accept_clients, args=(vm, listener, threading.Event()), daemon=True).start()
        yield


def qualify(folder, nfprobe, **variables):
    """The playbook, begun."""
    collection = os.path.join(folder, "ansible_collections/nfprobe/nfprobe")
    if not os.path.exists(collection):
        shutil.copytree(os.path.join(TOP, "scripts/ansible"), collection)
    variables = {
        "ansible_python_interpreter": "/usr/bin/python3", "probe_become": False, "probe_command": nfprobe, "probe_pfs": ["nf0"],
        "probe_options": OPTIONS, "probe_check_options": ["--style", "macvtap"], "probe_results": os.path.join(folder, "results"),
        **variables,
    }  # fmt: skip
    env = {
        **os.environ, "PATH": os.path.join(TOP, "scripts/tools") + ":" + os.environ["PATH"],
        "HOME": folder, "ANSIBLE_COLLECTIONS_PATH": folder, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_SSH_EXECUTABLE": os.path.join(TOP, "tests/vm/far.py"), "ANSIBLE_SSH_TRANSFER_METHOD": "piped", "NFPROBE_MACHINES": folder,
    }  # fmt: skip
    command = ["ansible-playbook", "-i", "calm,dying,", "nfprobe.nfprobe.qualify", "-e", json.dumps(variables)]
    return subprocess.Popen(command, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def verdicts(folder, name):
    """The verdicts in the results that were fetched."""
    at = os.path.join(folder, "results", name)
    found = []
    for path in sorted(glob.glob(os.path.join(at, "*.json"))):
        with open(path, encoding="utf-8") as file:
            found.append(valid(json.load(file))["vf"]["verdict"])
    return found


def test_a_machine_dies(host):
    """Ansible: the results of two machines, then one of them dies during its run, and the other is qualified"""
    with tempfile.TemporaryDirectory() as folder, Machine(host.vm.settings) as vm, \
            served(folder, "calm", host.vm), served(folder, "dying", vm), one(host, SAFE, bound=True):  # fmt: skip
        other = Host(vm, host.nfprobe_path)
        one(other, EARLY, bound=True).__enter__()  # and never left: it dies
        with unchanged(host):
            first = qualify(folder, host.nfprobe_path)
            said = first.communicate(timeout=900)[0]
        equal((verdicts(folder, "calm"), verdicts(folder, "dying")), (["safe"], ["early"]), "verdicts:\n" + said)
        check("The matrix: a NIC is not safe" in said and first.returncode == 2, said)

        device = os.path.basename(other.ok("realpath", "/sys/class/net/nf0/device").strip())
        journal = other.begin("tail", "-n", "+1", "-F", f"/run/nfprobe/{device}.journal")
        with unchanged(host):
            second = qualify(folder, host.nfprobe_path, probe_again=True)
            check(journal.wait_for("vf-mac", timeout=600), "the run on the machine that was to die has changed nothing")
            vm.close()
            said = second.communicate(timeout=900)[0]
        check("no result of dying." in said and second.returncode != 0, said)
        equal((verdicts(folder, "calm"), verdicts(folder, "dying")), (["safe", "safe"], ["early"]), "verdicts:\n" + said)
        host.ok("rm", "-r", STORE)

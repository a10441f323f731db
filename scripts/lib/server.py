# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine that outlives the script that started it: a process that holds it, and its clients.

The folder that names the machine has a UNIX socket, `control`. A client sends one RUN frame, then
STDIN, SIGNAL and WINSIZE as it likes; it gets STDOUT, STDERR and at last STATUS. A STOP ends the machine.
"""

import contextlib
import dataclasses
import itertools
import json
import os
import signal
import socket
import threading

import frames
import machine

STOP = b"Z"


def control_path(folder):
    return os.path.join(folder, "control")


def settings_path(folder):
    return os.path.join(folder, "settings")


class Link:
    """A client's command."""

    def __init__(self, folder, argv, request):
        self.socket = connect(folder)
        self.lock = threading.RLock()
        self.send(frames.RUN, json.dumps({**request, "argv": argv}).encode())

    def send(self, kind, data=b""):
        with self.lock:
            self.socket.sendall(frames.pack(kind, 1, data))

    def frames(self):
        parser = frames.Parser()
        while True:
            data = self.socket.recv(1 << 18)
            if not data:
                raise machine.MachineError("the virtual machine ended by itself")
            for kind, _, body in parser.feed(data):
                if kind == frames.HELLO:
                    raise machine.MachineError(**json.loads(body))
                yield kind, body
                if kind == frames.STATUS:
                    return


def connect(folder):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        client.connect(control_path(folder))
    except OSError as error:
        raise machine.MachineError(f"no virtual machine runs in {folder} ({error.strerror})") from None
    return client


class Remote:
    """A machine that another process holds, with those methods of machine.Machine that run commands; threads may use it."""

    run, shows = machine.Machine.run, machine.Machine.shows
    unanswered = 0  # the process that holds it counts
    going_on = staticmethod(contextlib.nullcontext)

    def __init__(self, folder):
        self.folder = folder
        with open(settings_path(folder), encoding="utf-8") as file:
            self.settings = machine.Settings(**json.load(file))
        self.numbers = itertools.count(1)
        self.links = {}

    def begin(self, argv, **request):
        command = machine.Running(self, next(self.numbers), list(argv), self.shows(request))
        request["env"] = {"PATH": machine.GUEST_PATH, "HOME": "/root", "LANG": "C.UTF-8", **(request.get("env") or {})}
        link = self.links[command.number] = Link(self.folder, command.argv, request)
        threading.Thread(target=self.relay, args=(link, command.queue), daemon=True).start()
        return command

    @staticmethod
    def relay(link, to):
        try:
            for item in link.frames():
                to.put(item)
        except (machine.MachineError, OSError):
            to.put(None)

    def send(self, kind, number, data=b""):
        self.links[number].send(kind, data)

    def failure(self):
        return machine.MachineError(f"the virtual machine of {self.folder} ended by itself")

    def console(self):
        return ""

    def tail(self, _):
        return ""

    def cpu_seconds(self):
        return 0.0

    def set_link(self, name, up):
        machine.set_link(self.folder, name, up)

    def close(self):
        """Leaves it to the process that holds it."""


def back(client, running):
    """Passes the command's output to its client; a client that went away hangs up on the command."""
    try:
        for kind, data in running.frames():
            client.sendall(frames.pack(kind, 1, data))
    except machine.MachineError as error:
        what = {"message": str(error), "console": error.console}
        client.sendall(frames.pack(frames.HELLO, 1, json.dumps(what).encode()))
    client.shutdown(socket.SHUT_RDWR)


def serve_client(vm, client, stopping):
    running = None
    parser = frames.Parser()
    try:
        while data := client.recv(1 << 18):
            for kind, _, body in parser.feed(data):
                if kind == STOP:
                    stopping.set()
                elif kind == frames.RUN:
                    what = json.loads(body)
                    running = vm.begin(what.pop("argv"), **what)
                    threading.Thread(target=back, args=(client, running), daemon=True).start()
                elif running:
                    vm.send(kind, running.number, body)
        if running:
            running.signal(signal.SIGHUP)
    except (OSError, machine.MachineError):
        pass


def accept_clients(vm, listener, stopping):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve_client, args=(vm, client, stopping), daemon=True).start()


def hold(folder, settings, report):
    """The process that stays: it tells `report` when the machine is up, or why not."""
    try:
        vm = machine.Machine(settings)
    except (machine.MachineError, OSError) as error:
        what = {"message": str(error), "console": getattr(error, "console", "")}
        os.write(report, json.dumps(what).encode())
        return
    with vm:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: stopping.set())
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(control_path(folder))
        listener.listen(16)
        threading.Thread(target=accept_clients, args=(vm, listener, stopping), daemon=True).start()
        threading.Thread(target=lambda: (vm.process.wait(), stopping.set()), daemon=True).start()
        with open(settings_path(folder), "w", encoding="utf-8") as file:
            json.dump(dataclasses.asdict(settings), file)
        qmp = os.path.join(folder, "qmp")  # where Remote looks for it
        with contextlib.suppress(FileNotFoundError):
            os.unlink(qmp)
        os.symlink(os.path.join(vm.folder, "qmp"), qmp)
        os.close(report)
        stopping.wait()
        os.unlink(qmp)
        os.unlink(control_path(folder))
        os.unlink(settings_path(folder))


def start(folder, settings):
    """Returns when commands can be run. The machine ends with `stop`, or at its time limit."""
    folder = os.path.abspath(folder)
    os.makedirs(folder, exist_ok=True)
    if os.path.exists(control_path(folder)):
        try:
            connect(folder).close()
        except machine.MachineError:
            os.unlink(control_path(folder))
        else:
            raise machine.MachineError(f"a virtual machine runs in {folder} already")
    told, report = os.pipe()
    if os.fork() == 0:
        try:
            os.setsid()
            os.close(told)
            null = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(null, fd)
            hold(folder, settings, report)
        finally:
            # Not back into what has called this: a thread of tests/vm/run, say, with which the process would go on.
            os._exit(0)
    os.close(report)
    with os.fdopen(told, "rb") as pipe:
        error = pipe.read()
    if error:
        raise machine.MachineError(**json.loads(error))
    return 0


def stop(folder):
    """Returns when the machine is gone."""
    client = connect(folder)
    client.sendall(frames.pack(STOP, 0))
    while client.recv(4096):
        pass
    return 0

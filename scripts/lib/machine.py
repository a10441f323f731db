# SPDX-License-Identifier: GPL-2.0-or-later
"""The virtual machine with an SR-IOV NIC, seen from the host: boot it, run commands in it, end it."""

import contextlib
import dataclasses
import itertools
import json
import os
import queue
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frames  # noqa: E402
import initramfs  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
GUEST = os.path.join(os.path.dirname(HERE), "guest")
GUEST_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PANIC = re.compile(r"Kernel panic|BUG:|Oops")
# A share of the host mounted there would hide what the guest itself lives on.
NOT_MOUNTABLE = ("/", "/bin", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr")


class MachineError(Exception):
    """The machine cannot be had, in a sentence for the user; `console` is the end of the kernel's log."""

    def __init__(self, message, console=""):
        super().__init__(message)
        self.console = console


class EmulatorError(MachineError):
    """A fault of the emulator itself, in which whatever ran in the machine has no part."""


LOST_TIMER = "the emulator has lost a timer interrupt: one of the machine's processors will never wake up again"
CRASHED = "the emulator has crashed"
# The guest's kernel prints this about a lost timer, every 21 s; a command must also have been silent for so many seconds.
STALL = "kthread timer wakeup didn't happen"
STALL_SILENCE = 30
# x86-64-v2, and a source of entropy. More costs the emulator time, as where a kernel finds ERMS and copies memory with "rep movsb",
# each byte of which is an instruction with -icount: a ladder took 14 s of a processor with "max", 9 without ERMS and FSRM, 6 with this.
TCG_CPU = "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt,+rdrand"
# Nobody asks here for what these check or count. Without the keys no module's signature is computed, which takes longer than to load it.
NOT_STARTED = ("load_system_certificate_list", "bpf_tcp_ca_kfunc_init", "bpf_dummy_struct_ops_init", "jent_mod_init", "trace_eval_init",
               "init_kprobe_trace")
# Where the guest has said nothing for so many seconds, it is asked whether it is there. The question is an interrupt:
# it also wakes a processor that waits for one which QEMU has lost.
PING_S = 1
# A machine whose clock counts instructions stands still while a busy host has no time for it: seconds of the host for each of a command's.
PATIENCE = 6
SILENT = "the virtual machine stands still: its agent no longer answers"


@dataclasses.dataclass
class Settings:
    kernel_dir: str
    kernel_version: str
    qemu: str = "qemu-system-x86_64"
    accel: str = "tcg"
    thread: str = "multi"  # of tcg; "single" is as quick where other machines run, and no race in QEMU can end it
    cpus: int = 2
    icount: str = ""  # such as "shift=1", of tcg on one thread: time in the machine goes by the instructions that it executes
    pfs: int = 1
    vfs: tuple = (4,)  # for each PF
    timeout: float = 600  # seconds for the machine's whole life
    boot_timeout: float = 300
    pings_lost: int = 30  # so many unanswered in a row: the machine stands still
    writable: tuple = ()  # folders of the host, mounted at the same place
    cmdline: str = ""  # more for the kernel
    qemu_args: tuple = ()
    separate_wire: bool = False  # a second PF on a wire of its own
    second_cable: bool = False  # which ends at a netdev, too: eth3 is to eth2 what eth1 is to eth0
    pf_driver: str = ""  # an igb.ko in place of the kernel's own
    show: bool = False  # on stderr each command, and what it writes as it comes
    failover: bool = False  # also a virtio NIC with failover=on, and vnet0 at the other end of its segment


def mount_point(path):
    """Where a writable folder of the host is in the guest."""
    return path if path not in NOT_MOUNTABLE else "/mnt/host"


@dataclasses.dataclass
class Result:
    """The outcome of a command. `status` is as a shell gives it; `error` says why the command could not be started."""

    argv: list
    status: int
    stdout: bytes
    stderr: bytes
    error: str = ""

    @property
    def out(self):
        return self.stdout.decode(errors="replace")

    @property
    def err(self):
        return self.stderr.decode(errors="replace")

    def json(self):
        return json.loads(self.stdout)


def shell_status(status):
    """A status frame's object as a shell's $?."""
    if "exit" in status:
        return status["exit"]
    return 128 + status["signal"] if "signal" in status else 127


class Running:
    """A command in the machine. Frames of it come in order from `frames`; None when the machine is gone."""

    def __init__(self, machine, number, argv, show=False):
        self.show = show
        if show:
            os.write(2, f"+ {shlex.join(argv)}\n".encode())
        self.machine = machine
        self.number = number
        self.argv = argv
        self.queue = queue.Queue()
        self.stdout = bytearray()
        self.stderr = bytearray()

    def frames(self, timeout=None):
        """Yields (kind, data) up to and with the status; raises MachineError or TimeoutError."""
        if timeout is not None and self.machine.settings.icount:
            timeout *= PATIENCE
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = STALL_SILENCE if deadline is None else max(0, deadline - time.monotonic())
            try:
                item = self.item(min(left, STALL_SILENCE))
            except queue.Empty:
                if STALL in self.machine.console():
                    raise EmulatorError(LOST_TIMER, self.machine.tail("console")) from None
                if left >= STALL_SILENCE:
                    continue
                if self.machine.unanswered >= self.machine.settings.pings_lost:
                    raise EmulatorError(SILENT, self.machine.tail("console")) from None
                raise TimeoutError(f"{shlex.join(self.argv)}: not done after {timeout} s") from None
            if item is None:
                raise self.machine.failure()
            yield item
            if item[0] == frames.STATUS:
                return

    def item(self, timeout):
        try:
            return self.queue.get_nowait()
        except queue.Empty:
            with self.machine.going_on():
                return self.queue.get(timeout=timeout)

    def keep(self, kind, data):
        if kind == frames.STDOUT:
            self.stdout += data
        elif kind == frames.STDERR:
            self.stderr += data
        if self.show and kind in (frames.STDOUT, frames.STDERR):
            os.write(2, data)

    def wait(self, timeout=None):
        for kind, data in self.frames(timeout):
            self.keep(kind, data)
        status = json.loads(data)
        return Result(self.argv, shell_status(status), bytes(self.stdout), bytes(self.stderr), status.get("error", ""))

    def wait_for(self, text, timeout=120):
        """Waits until the command has written `text`; false if it ended without."""
        text = text.encode()
        if text in self.stdout or text in self.stderr:
            return True
        for kind, data in self.frames(timeout):
            self.keep(kind, data)
            if text in self.stdout or text in self.stderr:
                return True
            if kind == frames.STATUS:
                self.queue.put((kind, data))
                return False
        return False

    def line(self, timeout=120):
        """The next line of stdout, without its end, taken off what `wait` returns."""
        while b"\n" not in self.stdout:
            for kind, data in self.frames(timeout):
                self.keep(kind, data)
                if kind == frames.STATUS:
                    self.queue.put((kind, data))
                    raise EOFError(f"{shlex.join(self.argv)} ended: {self.stderr.decode(errors='replace')}")
                break
        line, _, rest = bytes(self.stdout).partition(b"\n")
        self.stdout[:] = rest
        return line.decode(errors="replace")

    def pause(self):
        """Stops it; what it wrote before is here then: the agent sends that before it tells how a later command ended."""
        self.signal(signal.SIGSTOP)
        self.machine.run(["true"])
        while not self.queue.empty():
            item = self.queue.get()
            if item is None or item[0] == frames.STATUS:
                self.queue.put(item)
                break
            self.keep(*item)

    def go_on(self):
        self.signal(signal.SIGCONT)

    def signal(self, number):
        self.machine.send(frames.SIGNAL, self.number, b"%d" % number)

    def write(self, data):
        """Writes to the command's stdin; b"" ends it."""
        self.machine.send(frames.STDIN, self.number, data)


class Machine:
    """Boots at once; `close` ends it, as leaving a `with` does. Threads may run commands at the same time."""

    def __init__(self, settings):
        self.settings = settings
        self.numbers = itertools.count(1)
        self.running = {}
        self.lock = threading.Lock()
        # Its clock jumps over waits: while nobody waits for it, it stands still, or it would use a processor for nothing, and be far on
        # before anyone reacts to what it said.
        self.stands = settings.icount.endswith("sleep=off")
        self.waiting = 0
        self.gate = threading.Lock()
        self.hello = queue.Queue()
        self.reason = ""
        self.watchdog = None
        self.booted = False
        self.unanswered = 0  # questions since the guest last said anything
        self.folder = tempfile.mkdtemp(prefix="nfprobe-vm.")
        try:
            self.prepare()
            self.start()
            self.boot()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # Files that the guest reads from its "vm" share.
    def prepare(self):
        settings = self.settings
        shared = os.path.join(self.folder, "vm")
        os.mkdir(shared)
        for path in (os.path.join(GUEST, "agent.py"), os.path.join(HERE, "frames.py")):
            shutil.copy(path, shared)
        modules = os.path.join(os.path.realpath(settings.kernel_dir), "lib/modules", settings.kernel_version)
        with open(os.path.join(shared, "config"), "w", encoding="utf-8") as config:
            config.write(f"kernel={shlex.quote(settings.kernel_version)}\nmodules={shlex.quote(modules)}\n")
            config.write(f"vfs={','.join(map(str, settings.vfs))}\n")
            # In the order of QEMU's command line.
            wires = ("wire", "wire2") if settings.second_cable else ("wire",)
            config.write(f"virtio={shlex.quote(' '.join((*wires, 'vnet0', 'standby')))}\n")
        shares = {f"share{i}": mount_point(path) for i, path in enumerate(settings.writable)}
        carrier = ["eth0", "eth1", "eth2"][: settings.pfs + 1] + ["eth3"] * settings.second_cable
        with open(os.path.join(shared, "agent.json"), "w", encoding="utf-8") as agent:
            json.dump({"shares": shares, "carrier": carrier}, agent)
        with open(os.path.join(self.folder, "initramfs"), "wb") as archive:
            archive.write(
                initramfs.build(
                    settings.kernel_dir, settings.kernel_version, os.path.join(GUEST, "init"),
                    settings.pf_driver, settings.vfs,
                )  # fmt: skip
            )

    def share_args(self):
        shares = [("root", "/", ",readonly=on"), ("vm", os.path.join(self.folder, "vm"), ",readonly=on")]
        shares += [(f"share{i}", path, "") for i, path in enumerate(self.settings.writable)]
        for tag, path, more in shares:
            path = path.replace(",", ",,")
            yield "-virtfs"
            yield f"local,path={path},mount_tag={tag},security_model=none,multidevs=remap{more}"

    def nic_args(self):
        for i in range(self.settings.pfs):
            hub = 1 if i and (self.settings.separate_wire or self.settings.second_cable) else 0
            yield from ("-netdev", f"hubport,hubid={hub},id=pf{i}")
            yield from ("-device", f"pcie-root-port,id=port{i},chassis={i + 1},slot={i + 1}")
            yield from ("-device", f"igb,bus=port{i},netdev=pf{i},mac=52:54:00:12:34:{0x10 + i:02x},romfile=")
        yield from ("-netdev", "hubport,hubid=0,id=wire")
        yield from ("-device", "virtio-net-pci,netdev=wire,mac=52:54:00:12:34:56,romfile=")
        if self.settings.second_cable:
            yield from ("-netdev", "hubport,hubid=1,id=wire2")
            yield from ("-device", "virtio-net-pci,netdev=wire2,mac=52:54:00:12:34:59,romfile=")
        if self.settings.failover:
            # On a segment of their own. scripts/guest/init names them in this order.
            yield from ("-netdev", "hubport,hubid=2,id=vnet0")
            yield from ("-device", "virtio-net-pci,netdev=vnet0,mac=52:54:00:12:34:57,romfile=")
            yield from ("-netdev", "hubport,hubid=2,id=standby")
            yield from ("-device", "virtio-net-pci,netdev=standby,mac=52:54:00:12:34:58,failover=on,id=standby,romfile=")

    def command(self, agent_fd):
        settings = self.settings
        kernel = os.path.join(settings.kernel_dir, "vmlinuz")
        # The IOMMU first, so that every device is behind it: vfio-pci binds VFs then.
        return [
            settings.qemu, "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
            "-machine", "q35,kernel-irqchip=split" if settings.accel == "kvm" else "q35",
            "-cpu", TCG_CPU if settings.accel != "kvm" else "host",
            "-accel", f"tcg,thread={settings.thread}" if settings.accel == "tcg" else settings.accel,
            *(["-icount", settings.icount] if settings.icount else []),
            "-smp", str(settings.cpus), "-m", "1024",
            "-device", "intel-iommu,intremap=on,caching-mode=on",
            *self.nic_args(),
            "-device", "virtio-serial-pci",
            "-chardev", f"socket,id=agent,fd={agent_fd}",
            "-device", "virtserialport,chardev=agent,name=nfprobe.agent",
            "-serial", f"file:{os.path.join(self.folder, 'console')}",
            "-qmp", f"unix:{os.path.join(self.folder, 'qmp')},server=on,wait=off",
            *self.share_args(),
            "-kernel", kernel, "-initrd", os.path.join(self.folder, "initramfs"),
            "-append", "console=ttyS0 quiet loglevel=4 panic=-1 intel_iommu=on iommu=pt mitigations=off "
            # On a busy host the emulated timer ticks too late for the kernel's check of it, which then panics.
            "random.trust_cpu=on ipv6.disable_ipv6=1 no_timer_check init_on_alloc=0 "
            f"initcall_blacklist={','.join(NOT_STARTED)} {settings.cmdline}",
            *settings.qemu_args,
        ]  # fmt: skip

    def start(self):
        ours, theirs = socket.socketpair()
        self.socket = ours
        with open(os.path.join(self.folder, "qemu.log"), "wb") as log:
            # Its own session: a Ctrl-C on the terminal is for the command in the guest. It dies with us.
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self.command(theirs.fileno())],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=[theirs.fileno()], start_new_session=True,
            )  # fmt: skip
        theirs.close()
        self.watchdog = threading.Timer(self.settings.timeout, self.expire)
        self.watchdog.daemon = True
        self.watchdog.start()
        threading.Thread(target=self.read, daemon=True).start()

    def cpu_seconds(self):
        """The processor time that it has used so far; 0 if it is dead."""
        try:
            with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
                user, system = stat.read().rpartition(")")[2].split()[11:13]
        except OSError:
            return 0.0
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    @contextlib.contextmanager
    def going_on(self):
        """Somebody waits for it, or writes to it."""
        self.wait_more(1, signal.SIGCONT)
        try:
            yield
        finally:
            self.wait_more(-1, signal.SIGSTOP)

    def wait_more(self, by, number):
        with self.gate:
            self.waiting += by
            if self.stands and self.waiting == max(by, 0) and self.process.poll() is None:
                self.process.send_signal(number)

    def expire(self):
        self.reason = f"the virtual machine was ended after {self.settings.timeout:g} s (--timeout)"
        self.process.kill()

    def read(self):
        """The only reader of the port: sorts frames to the commands they belong to."""
        parser = frames.Parser()
        while data := self.hear():
            for kind, number, body in parser.feed(data):
                if kind == frames.HELLO:
                    self.booted = True
                    self.hello.put(json.loads(body))
                elif number in self.running:
                    self.running[number].queue.put((kind, body))
                    if kind == frames.STATUS:
                        del self.running[number]
        with self.lock:
            lost, self.running = list(self.running.values()), None
        for command in lost:
            command.queue.put(None)
        self.hello.put(None)

    def hear(self):
        """The bytes that came from the guest; none once it is gone."""
        try:
            while not select.select([self.socket], [], [], PING_S)[0]:
                if self.booted and self.waiting:
                    self.unanswered += 1
                    self.send(frames.PING, 0)
            self.unanswered = 0
            return self.socket.recv(1 << 18)
        except (OSError, ValueError, MachineError):  # ValueError: it is closed
            return b""

    def boot(self):
        try:
            with self.going_on():
                hello = self.hello.get(timeout=self.settings.boot_timeout)
        except queue.Empty:
            self.reason = f"the virtual machine did not boot in {self.settings.boot_timeout:g} s"
            raise self.failure() from None
        if hello is None:
            raise self.failure()
        if hello["error"]:
            self.reason = "the virtual machine could not be set up: " + hello["error"]
            raise self.failure()

    def tail(self, name, lines=15):
        try:
            with open(os.path.join(self.folder, name), errors="replace", encoding="utf-8") as log:
                return "".join(log.readlines()[-lines:])
        except OSError:
            return ""

    def failure(self):
        crashed = not self.reason and self.aborted()
        message = CRASHED if crashed else self.reason or "the virtual machine ended by itself"
        said = [line for line in self.tail("qemu.log").splitlines() if "warning: hub" not in line]
        panics = [line for line in self.console().splitlines() if PANIC.search(line)]
        kind = EmulatorError if crashed else MachineError
        return kind(message, "\n".join(said + panics[:3] + self.tail("console").splitlines()))

    def aborted(self):
        """The emulator has aborted, by a failed assertion, say. Its end of the port is closed a moment before it has ended."""
        try:
            return self.process.wait(timeout=10) == -signal.SIGABRT
        except subprocess.TimeoutExpired:
            return False

    def console(self):
        """All that the kernel has logged so far."""
        return self.tail("console", 100000)

    def send(self, kind, number, data=b""):
        try:
            with self.going_on(), self.lock:
                self.socket.sendall(frames.pack(kind, number, data))
        except OSError:
            raise self.failure() from None

    def begin(self, argv, **request):
        """Starts a command: cwd, env (added to PATH and HOME), stdin=True, tty, rows, cols, hold (frames.RUN)."""
        command = Running(self, next(self.numbers), list(argv), self.shows(request))
        with self.lock:
            if self.running is None:
                raise self.failure()
            self.running[command.number] = command
        request["env"] = {"PATH": GUEST_PATH, "HOME": "/root", "LANG": "C.UTF-8", **(request.get("env") or {})}
        request["argv"] = command.argv
        self.send(frames.RUN, command.number, json.dumps(request).encode())
        return command

    def shows(self, request):
        """A command with a stdin is one that scenarios talk to."""
        return self.settings.show and not request.get("stdin")

    def run(self, argv, timeout=None, **request):
        command = self.begin(argv, **request)
        try:
            return command.wait(timeout)
        except TimeoutError:
            command.signal(signal.SIGKILL)
            raise

    def set_link(self, name, up):
        """Plugs or pulls the cable of a netdev or device of nic_args, as `virsh domif-setlink` does."""
        with self.going_on(), socket.socket(socket.AF_UNIX) as monitor:
            monitor.connect(os.path.join(self.folder, "qmp"))
            answers = monitor.makefile()
            answers.readline()  # the greeting
            for command in ({"execute": "qmp_capabilities"}, {"execute": "set_link", "arguments": {"name": name, "up": up}}):
                monitor.sendall(json.dumps(command).encode() + b"\n")
                while "return" not in (answer := json.loads(answers.readline())):
                    if "error" in answer:
                        raise MachineError(f"QEMU: {answer['error']['desc']}")

    def close(self):
        """Idempotent; also after a failure to start."""
        if self.watchdog:
            self.watchdog.cancel()
        process = getattr(self, "process", None)
        if process and process.poll() is None:
            # As pulling the plug: the guest has no disk, and what it wrote on the host is there.
            process.kill()
            process.wait()
        if getattr(self, "socket", None):
            self.socket.close()
        shutil.rmtree(self.folder, ignore_errors=True)

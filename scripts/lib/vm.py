#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of the virtual machine; scripts/vm sees to what it needs and then runs it."""

import argparse
import fcntl
import json
import os
import signal
import struct
import subprocess
import sys
import termios
import threading
import tty

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frames  # noqa: E402
import machine  # noqa: E402

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
CANNOT_RUN = 4  # as nfprobe's own
PASSED_ENV = ("TERM", "LANG", "LC_ALL", "NO_COLOR", "COLUMNS", "LINES", "ASAN_OPTIONS", "UBSAN_OPTIONS")
SHELL = ["bash", "--norc", "-i"]
PROMPT = "PS1=nfprobe-vm:\\w# "
EXAMPLES = """\
examples:
  scripts/vm run -- ip -d link show eth0
  scripts/vm shell
  scripts/vm shell --nfsim "come=up go=down"
  scripts/vm test test_igb.py:test_wire --shell    (a scenario of tests/vm, and then a shell in its machine)

In the machine eth0 is the SR-IOV PF (igb), eth1 "the wire" (virtio, on the same segment), and the
VFs come after. Its root is this host's, read-only under a tmpfs; see --writable."""


def say(*words):
    print("vm:", *words, file=sys.stderr)


def window():
    """(rows, cols) of the user's terminal, if there is one."""
    for fd in (2, 1, 0):
        if os.isatty(fd):
            return struct.unpack("HHHH", fcntl.ioctl(fd, termios.TIOCGWINSZ, bytes(8)))[:2]
    return None


def request(args, shell):
    """The RUN frame for args.command, so that it finds what it would find here."""
    env = {name: os.environ[name] for name in PASSED_ENV if name in os.environ}
    env["HOME"] = "/root"
    env["PATH"] = ":".join([os.path.abspath(path) for path in args.path] + [machine.GUEST_PATH])
    env.update(pair.split("=", 1) for pair in args.env)
    what = {"env": env, "cwd": args.cwd or machine.mount_point(os.getcwd()), "stdin": args.stdin}
    if shell:
        what["tty"] = ["all"]
    else:
        what["tty"] = [name for name, fd in (("stdout", 1), ("stderr", 2)) if os.isatty(fd)]
    if window():
        what["rows"], what["cols"] = window()
    return what


class Interrupted(Exception):
    """A signal has come while no command runs that could take it."""


def interrupt(number, _):
    raise Interrupted(number)


class Terminal:
    """The user's side of one command: passes on streams, signals and the window's size."""

    def __init__(self, running, shell):
        self.running = running
        self.shell = shell
        self.mode = None
        self.signals = 0

    def __enter__(self):
        for number in SIGNALS:
            signal.signal(number, self.pass_on)
        signal.signal(signal.SIGWINCH, lambda *_: self.resize())
        if self.shell and os.isatty(0):
            self.mode = termios.tcgetattr(0)
            tty.setraw(0)
        return self

    def __exit__(self, *_):
        for number in SIGNALS:
            signal.signal(number, interrupt)
        if self.mode:
            termios.tcsetattr(0, termios.TCSADRAIN, self.mode)

    def send(self, kind, data=b""):
        self.running.machine.send(kind, self.running.number, data)

    def frames(self):
        """The main thread must wake up for signals, and a queue that waits for ever blocks them."""
        while True:
            try:
                yield from self.running.frames(timeout=3600)
                return
            except TimeoutError:
                pass

    def pass_on(self, number, _):
        self.signals += 1
        if self.signals > 3:
            raise machine.MachineError("the command did not end by three signals; the machine was ended")
        # A shell at its prompt ignores all but this one.
        self.send(frames.SIGNAL, b"%d" % (signal.SIGHUP if self.shell else number))

    def resize(self):
        self.send(frames.WINSIZE, b"%d %d" % window())

    def feed_stdin(self):
        def pump():
            data = True
            while data:
                data = os.read(0, frames.MAX)
                self.send(frames.STDIN, data)

        threading.Thread(target=pump, daemon=True).start()

    def relay(self):
        """Relays output until the command has ended; returns its status as a shell gives it."""
        for kind, data in self.frames():
            if kind in (frames.STDOUT, frames.STDERR):
                self.show(1 if kind == frames.STDOUT else 2, data)
        status = json.loads(data)
        if "error" in status:
            say(status["error"])
        return machine.shell_status(status)

    def show(self, fd, data):
        data = memoryview(data)
        try:
            while data:
                data = data[os.write(fd, data) :]
        except BrokenPipeError:  # what a local command would get
            self.send(frames.SIGNAL, b"%d" % signal.SIGPIPE)


def serve_user(vm, args, shell):
    running = vm.begin(args.command, **request(args, shell))
    with Terminal(running, shell) as terminal:
        if args.stdin:
            terminal.feed_stdin()
        return terminal.relay()


def settings(args):
    return machine.Settings(
        kernel_dir=args.kernel_dir,
        kernel_version=os.path.basename(os.path.realpath(args.kernel_dir)),
        qemu=args.qemu,
        accel=args.accel,
        pfs=args.pfs,
        vfs=tuple(args.vfs + [0] * (args.pfs - len(args.vfs))),
        separate_wire=args.separate_wire,
        pf_driver=args.pf_driver,
        timeout=args.timeout,
        writable=tuple(os.path.realpath(path) for path in args.writable),
        cmdline=args.cmdline,
        qemu_args=tuple(args.qemu_arg),
    )


def run(args, shell=False):
    with machine.Machine(settings(args)) as vm:
        return serve_user(vm, args, shell)


def shell_in(vm):
    """A shell in a machine that runs, until the user leaves it."""
    args = argparse.Namespace(command=SHELL, stdin=True, env=[PROMPT], path=[], cwd="/")
    return serve_user(vm, args, os.isatty(0))


# $0 is the module, $1 rig.py, $2 the personality as JSON; the rest is the shell.
NFSIM = r"""
insmod "$0" nics=1 &&
printf '{"do": "%s", "args": [%s]}\n' personality "$2" up '"wire"' up '"pf"' vfs 4 |
	/usr/bin/python3 -I -S "$1" 0 | grep '"error"' >&2
echo "nfsim: the PF is $(ls /sys/bus/nfsim/devices/nfsim0/net), the wire $(ls /sys/bus/nfsim/devices/nfsim0-wire/net)" >&2
shift 2
exec "$@"
"""


def with_nfsim(args, shell):
    """The command that loads a simulated NIC, and then is the shell."""
    if args.nfsim is None:
        return shell
    built = subprocess.run([os.path.join(TOP, "scripts/nfsim-build"), args.kernel_dir], stdout=subprocess.PIPE, text=True, check=False)
    if built.returncode:
        raise machine.MachineError("the simulated NIC cannot be built")
    return ["bash", "-c", NFSIM, built.stdout.strip(), os.path.join(TOP, "tests/nfsim/rig.py"), json.dumps("default " + args.nfsim), *shell]


def shell_command(args):
    args.stdin = True
    if not os.isatty(0):  # a script for it
        args.command = with_nfsim(args, ["bash", "-s"])
        return run(args)
    args.command = with_nfsim(args, SHELL)
    args.env = [PROMPT, *args.env]
    say("a shell in the virtual machine: eth0 is the SR-IOV PF, eth1 the wire. To leave: exit, or Ctrl-D")
    return run(args, shell=True)


def numbers(text):
    values = [int(word) for word in text.split(",")]
    if not all(0 <= value <= 7 for value in values) or len(values) > 2:
        raise argparse.ArgumentTypeError("one or two numbers from 0 to 7: igb has at most 7 VFs")
    return values


def add_machine_options(parser):
    parser.add_argument("--vfs", type=numbers, default=[4], metavar="N[,M]", help="VFs of the (second) PF [4]")
    parser.add_argument("--pfs", type=int, choices=(1, 2), default=1, help="igb NICs; the second is eth2")
    parser.add_argument("--separate-wire", action="store_true", help="the second PF is not on eth1's segment")
    parser.add_argument("--pf-driver", default="", metavar="FILE", help="an igb.ko in place of the kernel's own")
    parser.add_argument("--timeout", type=float, default=600, metavar="SEC", help="the machine's whole life [600]")
    parser.add_argument("--writable", action="append", default=[], metavar="DIR", help="of this host, same place there")
    parser.add_argument("--accel", default="tcg", help="QEMU's accelerator [tcg: works everywhere]")
    parser.add_argument("--cmdline", default="", help="more for the kernel's command line")
    parser.add_argument("--qemu-arg", action="append", default=[], metavar="ARG", help="more for QEMU's command line")
    parser.add_argument("--qemu", default=os.environ.get("NFPROBE_QEMU", "qemu-system-x86_64"), help=argparse.SUPPRESS)
    parser.add_argument("--kernel-dir", required=True, help=argparse.SUPPRESS)


def add_command_options(parser, command=True):
    parser.add_argument("--cwd", help="working directory there [as here]")
    parser.add_argument("--path", action="append", default=[], metavar="DIR", help="to put first in PATH")
    parser.add_argument("-e", "--env", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("-i", "--stdin", action="store_true", help="pass stdin on [/dev/null]")
    if command:
        parser.add_argument("command", nargs="+", metavar="COMMAND")


def parse(argv):
    parser = argparse.ArgumentParser(
        prog="vm", description="A virtual machine with an SR-IOV NIC.", epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    modes = parser.add_subparsers(dest="mode", required=True)
    for name, what, text in (
        ("run", run, "boot, run one command, end"),
        ("shell", shell_command, "boot and open a shell (or run one, if stdin is no terminal)"),
    ):
        mode = modes.add_parser(name, help=text, description=text)
        mode.set_defaults(function=what)
        add_machine_options(mode)
        add_command_options(mode, name == "run")
        if name == "shell":
            mode.add_argument("--nfsim", metavar="PERSONALITY", help="with a simulated NIC, too (tests/nfsim/README.md); \"\" is the usual one")
    return parser.parse_args(argv)


def main():
    args = parse(sys.argv[1:])
    for number in SIGNALS:
        signal.signal(number, interrupt)
    try:
        return args.function(args)
    except machine.MachineError as error:
        say(str(error))
        if error.console:
            print(error.console.rstrip(), file=sys.stderr)
        return CANNOT_RUN
    except OSError as error:
        say(str(error))
        return CANNOT_RUN
    except Interrupted as signalled:
        return 128 + signalled.args[0]


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe-all, with fake_nfprobe.py in the place of nfprobe: which runs are at the same time, what becomes of those that die, hang,
flood or lie, what signals do, and what is said in the end. Nothing here depends on how fast anything is."""

import json
import os
import pty
import signal
import subprocess
import sys

import pytest
import tool

from nfprobe_tools import all as nfprobe_all, host, result

COMMAND = os.path.join(tool.TOP, "scripts", "tools", "nfprobe-all")
FAKE = os.path.join(tool.TOP, "tests", "python", "fake_nfprobe.py")
TIMEOUT = 120  # only of what hangs


def pf_of(ifname, number=0, vfs=4, **changes):
    return tool.listed_pf(*map(tool.listed_vf, range(vfs)), **{
        "ifname": ifname, "ifindex": number + 2, "parentdev": f"0000:{number + 1:02x}:00.0", "num_vfs": vfs, **changes})


class Case:
    """A host: PFs, and what the run on each of them does."""

    def __init__(self, folder):
        self.folder = folder
        self.pfs = []
        os.mkfifo(folder / "fifo")
        (folder / "result").write_text(json.dumps(tool.golden("igb.json")))

    def add(self, kind, ifname=None, **changes):
        ifname = ifname or f"eth{len(self.pfs)}"
        self.pfs.append(pf_of(ifname, len(self.pfs), **changes))
        (self.folder / ifname).write_text(kind)
        (self.folder / "list").write_text(json.dumps(tool.listed(*self.pfs)))
        return self

    def begin(self, *options, **arguments):
        env = {**os.environ, "FAKE": str(self.folder), "NFPROBE": FAKE, "COLUMNS": "100", **arguments.pop("env", {})}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **arguments}
        return subprocess.Popen([sys.executable, "-B", COMMAND, *options], env=env, **pipes)

    def run(self, *options, status, **arguments):
        """(standard output, standard error)"""
        process = self.begin(*options, **arguments)
        return self.end(process, status)

    @staticmethod
    def end(process, status):
        out, err = (text.decode("utf-8", "surrogateescape") for text in process.communicate(timeout=TIMEOUT))
        assert process.returncode == status, out + err
        assert "Traceback" not in err
        return out, err

    def results(self, *options, status):
        """({PF: what is said of it}, standard error)"""
        out, err = self.run("--json", *options, status=status)
        return self.read(out, status), err

    @staticmethod
    def read(out, status):
        said = json.loads(out)
        tool.valid("all", said)
        assert said["exit"] == status
        return {pf["ifname"]: pf for pf in said["pfs"]}

    def calls(self):
        try:
            return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]
        except FileNotFoundError:
            return []

    def runs(self):
        """The arguments of the runs."""
        return [call for call in self.calls() if call[:2] == ["--vf", "any"]]


@pytest.fixture(name="case")
def make_case(tmp_path):
    return Case(tmp_path)


def wait_for(file, words):
    """Reads lines until one has the words; returns all."""
    seen = b""
    for line in iter(file.readline, b""):
        seen += line
        if words.encode() in line:
            return seen.decode()
    raise AssertionError(f"ended without {words}: {seen.decode()}")


def error_of(pf):
    return pf.get("error", {}).get("code")


# ---- at the same time, or not ----

def test_one_after_another(case):
    case.add("alone").add("alone").results(status=0)
    assert [call for call in case.calls() if call[0] in ("is done", "disturbs")] == [["is done", "eth0"], ["is done", "eth1"]]


@pytest.mark.parametrize("options", (("-j2",), ("--from", "eth9")))
def test_at_once(case, options):
    """Each of them waits for the other one, so they are at the same time, or this ends never."""
    pfs, _ = case.add("reads").add("writes").results(*options, status=0)
    assert [(pf["exit"], pf["counts"], error_of(pf)) for pf in pfs.values()] == [(0, True, None)] * 2
    assert pfs["eth1"]["result"]["vf"]["vf"] == 3


@pytest.mark.parametrize("changes", ({"not_with": ["eth0"]}, {"parentdev": "0000:01:00.0"}))
@pytest.mark.slow
def test_one_port(case, changes):
    """Those that share a port take turns."""
    case.add("alone").add("alone", **changes).results("-j", "9", status=0)
    assert [call for call in case.calls() if call[0] in ("is done", "disturbs")] == [["is done", "eth0"], ["is done", "eth1"]]
    assert [call[-1] for call in case.runs()] == ["eth0", "eth1"]


@pytest.mark.slow
def test_another_port_goes_on_meanwhile(case):
    """The second one waits for the first, which waits for the third."""
    case.add("reads").add("good", not_with=["eth0"]).add("writes")
    case.results("-j2", status=0)
    assert [call[-1] for call in case.runs()][2] == "eth1"


def runs_of(*pfs, source="auto"):
    return nfprobe_all.plan(host.read_list(json.dumps(tool.listed(*pfs)).encode(), "x").pfs, source)


def ports_of(*pfs):
    return [[run.name for run in port] for port in nfprobe_all.by_port(runs_of(*pfs))]


def test_ports():
    """Those that share a port take turns: two of them that share one with a third as well, even if nobody says so of them."""
    assert ports_of(pf_of("a"), pf_of("b", 1, not_with=["a"]), pf_of("c", 2, not_with=["b"]), pf_of("d", 3, not_with=["e"]),
                    pf_of("e", 4, not_with=["d"])) == [["a", "b", "c"], ["d", "e"]]
    # Two netdevs of one device, and devices that nobody knows.
    assert ports_of(pf_of("a"), pf_of("b"), pf_of("c", 2, parentdev=None), pf_of("d", 3, parentdev=None)) == [["a", "b"], ["c"], ["d"]]


def test_what_is_planned():
    runs = runs_of(pf_of("eth0"), pf_of("eth1", 1, vfs=0), pf_of("eth2", 2), pf_of(None, 3), source="eth2")
    assert [(run.counts, run.exit, run.error.code if run.error else None) for run in runs] == [
        (True, None, None), (False, 3, "no-vfs"), (True, 3, "source-unusable"), (True, 3, "not-a-pf")]
    runs[0].end(0)
    # The source is not there, so nothing is known of this PF.
    assert nfprobe_all.status_of(runs) == 3


@pytest.mark.parametrize("first, second, worst", (
    (0, 0, 0), (0, 3, 3), (3, 1, 1), (1, 4, 4), (4, 5, 5), (5, 1, 5), (2, 0, 4), (2, 5, 5), (130, 1, 4), (125, 3, 4), (-9, 0, 4)))
def test_the_worst_counts(first, second, worst):
    assert nfprobe_all.status_of([]) == 4
    for statuses in ((first, second), (second, first)):
        for vfs, counted in ((4, worst), (0, 4)):
            runs = runs_of(pf_of("eth0", vfs=vfs), pf_of("eth1", 1, vfs=vfs))
            for run, status in zip(runs, statuses):
                run.end(status)
            assert nfprobe_all.status_of(runs) == counted


# ---- what a run is told ----

def test_what_a_run_is_told(case):
    case.add("good", "--list").add("good")
    case.run("--rate", "9", "--style=macvtap", "--skip=announce", "-q", "--save=/s", "--vlan", "7", status=0)
    begin = ["--vf", "any", "--json", "--style=macvtap", "--vlan=7", "--rate=9", "--skip=announce", "--from=auto", "--save=/s", "--quiet"]
    assert sorted(case.runs()) == sorted([
        [*begin, "--", "--list"], [*begin, "--", "eth1"]])
    assert case.calls()[1] == ["--list", "--json", "-q"]


@pytest.mark.parametrize("options, style", (
    (["--save"], ["--style=macvtap,bridge"]), (["--save=/s", "--style", "bridge"], ["--style=bridge"]), ([], [])))
def test_what_is_kept_has_the_fixes_of_a_bridge(case, options, style):
    """Those are tried where --style names the bridge."""
    case.add("good").run(*options, status=0)
    assert [[word for word in run if word.startswith("--style")] for run in case.runs()] == [style]


def test_a_source_that_is_named(case):
    """It is not probed."""
    pfs, _ = case.add("good").add("good").results("--from", "eth1", status=3)
    assert {name: (pf["exit"], error_of(pf)) for name, pf in pfs.items()} == {"eth0": (0, None), "eth1": (3, "source-unusable")}
    assert [call[3] for call in case.runs()] == ["--from=eth1"]


# ---- what counts ----

@pytest.mark.slow
def test_what_counts(case):
    case.add("good").add("good", vfs=0).add("in_use").add("unknown").add("unsafe").add("good", num_vfs=None)
    pfs, _ = case.results(status=1)
    assert {name: (pf["exit"], pf["counts"], error_of(pf), pf["result"] is None) for name, pf in pfs.items()} == {
        "eth0": (0, True, None, False), "eth1": (3, False, "no-vfs", True), "eth2": (3, True, "vf-in-use", False),
        "eth3": (3, True, None, False), "eth4": (1, True, None, False), "eth5": (3, False, "no-vfs", True)}


def test_a_vf_that_is_lost(case):
    pfs, _ = case.add("lost").results(status=4)
    assert error_of(pfs["eth0"]) == "vf-in-use"


@pytest.mark.slow
def test_nothing_to_probe(case):
    (case.folder / "list").write_text(json.dumps(tool.listed()))
    _, err = case.run(status=4)
    assert err == "nfprobe-all: this host has no SR-IOV PF\nDIAGNOSTICS in nfprobe(8) has the usual causes.\n"
    _, err = case.add("good", vfs=0).run(status=4)
    assert err.startswith("nfprobe-all: no PF of this host has VFs\n")
    out, _ = case.run("--json", status=4)
    assert (Case.read(out, 4), json.loads(out)["error"]["code"]) == ({}, "no-vfs")
    assert case.runs() == []


# ---- what goes wrong ----

@pytest.mark.slow
def test_one_dies(case):
    """Its changes are undone before it is restored, and that before another PF on its port is probed."""
    case.add("killed_before_child").add("begun", not_with=["eth0"])
    pfs, err = case.results(status=4)
    assert pfs["eth0"]["error"] == {"code": "died", "hint": None,
                                    "message": "its run was killed by SIGKILL; the host was put back as it was"}
    assert (pfs["eth0"]["result"], pfs["eth1"]["exit"]) == (None, 0)
    said = [line for line in err.splitlines() if line.split(":")[0] in ("eth0", "eth1")]
    assert said == ["eth0: undone", "eth0: restored by --restore", "eth1: begun"]


def test_restored_as_loudly(case):
    _, err = case.add("killed").run("-v", status=4)
    assert "eth0: restored by --restore --verbose\n" in err


@pytest.mark.slow
def test_not_restored(case):
    """One whose restore fails, one whose restore is killed, one that says so itself; the other one is safe."""
    case.add("good").add("killed", "nic5").add("killed", "nic9").add("silent_and_not_restored")
    pfs, _ = case.results(status=5)
    assert [pf["exit"] for pf in pfs.values()] == [0, 5, 5, 5]
    for name in ("nic5", "nic9"):
        error = pfs[name]["error"]
        assert error["message"].endswith("and the host may not be as it was") and error["hint"] == f"nfprobe --restore {name}"


@pytest.mark.slow
@pytest.mark.parametrize("kind, says", (
    ("garbage", "what its run has written cannot be read: it is damaged, or not JSON"),
    ("other_schema", "what its run has written cannot be read: it has schema 99, and this version reads schema "),
    ("silent", "what its run has written cannot be read: it is "),
    ("half", "what its run has written cannot be read: it is damaged, or not JSON"),
    ("large", "what its run has written cannot be read: it is larger than 8 MB"),
    ("late", "its run ended with status 4, as standard error says"),
))
def test_what_cannot_be_read(case, kind, says):
    pfs, _ = case.add(kind).add("good").results(status=4)
    assert pfs["eth0"]["error"]["message"].startswith(says)
    assert (pfs["eth0"]["exit"], pfs["eth1"]["exit"]) == (4, 0)
    assert (pfs["eth0"]["result"] is not None) == (kind == "late")


@pytest.mark.slow
def test_a_flood(case):
    _, err = case.add("floods").results(status=0)
    lines = [line for line in err.splitlines() if line.startswith("eth0: ")]
    assert lines[:20_000] == [f"eth0: line {number}" for number in range(20_000)]
    assert [len(line) for line in lines[20_000:]] == [len("eth0: ") + size for size in (65536, 65536, 65536, 200_000 - 3 * 65536)]


@pytest.mark.slow
def test_words_of_others(case):
    """No terminal, and no CI system, acts on what a run says."""
    _, err = case.add("says").results(status=0)
    assert "nfprobe: eth0: warning: ?[2Jone\n" in err
    assert "eth0: ::error::two\n" in err
    assert "eth0: \ufffd no end\n" in err
    out, err = case.add("hostile", "eth\033[1").run("-v", status=1)
    for text in (out, err):
        assert "\033" not in text and "\007" not in text and "\u202e" not in text and not tool.has_command(text)
    out, _ = case.run("--json", status=1)
    assert not tool.has_command(out) and "\033" not in out
    assert Case.read(out, 1)["eth\033[1"]["error"]["message"] == "?]0;x?##[error]?"


def test_a_run_that_does_not_end(case, monkeypatch):
    """It is not waited for, and no other run begins on its port."""
    case.add("hangs").add("good", not_with=["eth0"])
    monkeypatch.setenv("FAKE", str(case.folder))
    monkeypatch.setattr(nfprobe_all, "UNDO_SECONDS", 0)
    runs = nfprobe_all.plan(host.read_list((case.folder / "list").read_bytes(), "x").pfs, "auto")
    runner = nfprobe_all.Runner(FAKE, runs, nfprobe_all.parse_options(["--timeout", "1", "-q"]))
    runner.probe_port(runs)
    try:
        assert [(run.exit, run.error.code, run.error.hint) for run in runs] == [
            (5, "timeout", "nfprobe --restore eth0"), (3, "interrupted", "")]
        assert runs[0].error.message.startswith("its run has not ended after 1 s, and may be stuck in the kernel")
        assert runs[1].error.message == "not begun: the run on eth0, on the same port, has not ended"
        assert len(case.runs()) == 1
        tool.valid("all", nfprobe_all.document(runs, 5))
    finally:
        for process in runner.begun:
            process.kill()
            process.wait()


def test_nfprobe_is_not_there(case, tmp_path):
    _, err = case.add("good").run(status=4, env={"NFPROBE": str(tmp_path / "none")})
    assert err == f"nfprobe-all: cannot run {tmp_path}/none: No such file or directory\n"


# ---- signals ----

def take_turns(case, process):
    """When nfprobe-all has passed on a line of the third turn, it has looked for signals since the first."""
    for turn in range(3):
        wait_for(process.stderr, f"eth0: turn {turn}")
        os.close(os.open(case.folder / "fifo", os.O_WRONLY))


def test_a_signal_is_passed_on(case):
    """Once; a run that has not begun never does."""
    process = case.add("counts_signals").add("good").begin("--json")
    wait_for(process.stderr, "eth0: ready")
    process.send_signal(signal.SIGTERM)
    take_turns(case, process)
    out, _ = Case.end(process, 128 + signal.SIGTERM)
    pfs = Case.read(out, 128 + signal.SIGTERM)
    assert [(pf["exit"], error_of(pf)) for pf in pfs.values()] == [(143, "interrupted"), (3, "interrupted")]
    assert pfs["eth1"]["error"]["message"] == "stopped by SIGTERM before its run began"
    assert case.calls()[-1] == ["signal", "eth0", signal.SIGTERM, False]
    assert [call[-1] for call in case.runs()] == ["eth0"]


def test_control_c(case):
    """The terminal signals every process of the group, to which no run belongs; nobody gets it twice."""
    main, other = pty.openpty()

    def on_terminal():
        os.setsid()
        os.close(os.open(os.ttyname(other), os.O_RDWR))  # it becomes the terminal of this session

    process = case.add("counts_signals").begin("--json", stdin=other, preexec_fn=on_terminal)
    os.close(other)
    wait_for(process.stderr, "eth0: ready")
    os.write(main, b"\x03")
    take_turns(case, process)
    out, _ = Case.end(process, 128 + signal.SIGINT)
    assert Case.read(out, 130)["eth0"]["exit"] == 130
    assert case.calls()[-1] == ["signal", "eth0", signal.SIGINT, False]
    os.close(main)


def test_its_death_is_noticed(case):
    """Its runs get SIGTERM; they have ended when nobody has its pipes any more."""
    os.mkfifo(case.folder / "alive")
    alive = os.open(case.folder / "alive", os.O_RDONLY | os.O_NONBLOCK)
    process = case.add("waits").add("waits").begin("-j2")
    wait_for(process.stderr, ": ready")
    wait_for(process.stderr, ": ready")
    process.kill()
    assert process.wait(TIMEOUT) == -signal.SIGKILL
    os.set_blocking(alive, True)
    with tool.in_time(TIMEOUT):
        assert os.read(alive, 1) == b""
    os.close(alive)
    assert sorted(call for call in case.calls() if call[0] == "signal") == [
        ["signal", "eth0", signal.SIGTERM], ["signal", "eth1", signal.SIGTERM]]
    process.stdout.close()
    process.stderr.close()


def test_one_that_died_before():
    """A process whose parent died before it asked to be told of that ends by itself."""
    pid = os.fork()
    if pid == 0:
        nfprobe_all.die_with(os.getppid() + 1, [])
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 4
    pid = os.fork()
    if pid == 0:
        nfprobe_all.die_with(os.getppid(), [])
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.mark.slow
def test_nohup(case):
    """SIGHUP stays ignored if it was."""
    process = case.add("waits").begin(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    wait_for(process.stderr, "eth0: ready")
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    Case.end(process, 143)
    process = case.begin(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL))
    wait_for(process.stderr, "eth0: ready")
    process.send_signal(signal.SIGHUP)
    Case.end(process, 129)


# ---- what is shown ----

@pytest.mark.slow
def test_lines_of_progress(case):
    """In a file or a pipe; none with -q."""
    _, err = case.add("unsafe").add("unsafe").run(status=1)
    said = tool.golden("igb.json")["answer"].partition(": ")[2]
    assert err == f"nfprobe-all: 1 of 2 NICs done: eth0: {said}\nnfprobe-all: 2 of 2 NICs done: eth1: eth0 VF 3: {said}\n"
    _, err = case.run("-q", status=1)
    assert err == ""


def run_of(pf, status=0, error=None, **changes):
    """A run, as it ended."""
    found = nfprobe_all.Run(host.read_list(json.dumps(tool.listed(pf)).encode(), "x").pfs[0])
    if changes:
        found.result = result.parse(json.dumps({**tool.golden("igb.json"), **changes}).encode(), "x")
    found.end(status, error)
    return found


ONLY = {"answer": "eth0 VF 3: SAFE with macvtap. NOT SAFE with a bridge: EARLY."}


def test_table():
    runs = [
        run_of(pf_of("eth0"), 1, **ONLY),
        run_of(pf_of("eth2", driver="mlx5_core", firmware="22.36.1010"), 0, answer="eth2 VF 3: SAFE."),
        run_of(pf_of("eth4", driver="ixgbe", firmware=None), 3, answer="not known"),
        run_of(pf_of("eth5", driver="ice", firmware="4.40"), 4, host.Error(
            "vf-in-use", "every VF is in use: VF 0 by qemu-system-x86 (pid 4711), VF 1 by qemu-system-x86 (pid 4712)")),
        run_of(pf_of("eth6", vfs=0), 3, host.Error("no-vfs", "it has no VFs")),
        run_of(pf_of("eth7"), 143, host.Error("interrupted", "stopped by SIGTERM")),
        run_of(pf_of("eth8"), 5, host.Error("died", "its run was killed", "nfprobe --restore eth8")),
    ]
    assert nfprobe_all.report(runs, 5, 95.6, 100, verbose=False) == """\
7 NICs, 96 s: 1 not safe, 1 safe, 2 not known, 1 without VFs, 1 stopped, 1 not restored.

  NIC   VF  driver     firmware
  eth0  3   igb        2.1.0       SAFE with macvtap. NOT SAFE with a bridge: EARLY.
  eth2  3   mlx5_core  22.36.1010  SAFE.
  eth4  3   ixgbe      -           not known
  eth5  -   ice        4.40        every VF is in use: VF 0 by qemu-system-x86 (pid 4711), VF 1 by
                                   qemu-system-x86 (pid 4712)
  eth6  -   igb        2.1.0       it has no VFs
  eth7  -   igb        2.1.0       stopped by SIGTERM
  eth8  -   igb        2.1.0       its run was killed
                                   nfprobe --restore eth8
Exit 5. More: -v
"""
    # However narrow the terminal is.
    assert max(map(len, nfprobe_all.report(runs, 1, 9, 40, verbose=False).splitlines())) <= 70


def test_an_error_is_said_in_place_of_what_was_found():
    """A run that --timeout ended may have found a style safe before."""
    run = run_of(pf_of("eth0"), 4, result.Error("timeout", "the run took longer than --timeout allows"), **ONLY)
    assert run.said == "the run took longer than --timeout allows"


def test_details():
    """What the run has printed: who reads a moment in other words may type a command too early."""
    run = run_of(pf_of("eth0"), **ONLY)
    text = nfprobe_all.report([run], 1, 48.2, 100, verbose=True)
    assert f"\n\n{chr(10).join(run.result.text.first)}\n\nExit 1.\n" in text and len(run.result.text.first) > 15
    assert "\n".join(run.result.text.first) not in nfprobe_all.report([run], 1, 48.2, 100, verbose=False)


# ---- options ----

@pytest.mark.parametrize("options, says", (
    (("--rate=x",), "nfprobe-all: --rate x is not a number"),
    (("eth0",), '"eth0" is one argument too many: nfprobe-all probes each PF of this host, and nfprobe PF --vf any one of them'),
    (("--vf=3",), "--vf is not an option"), (("--no-fix",), "--no-fix is not an option"),
    (("--force",), "--force is not an option"),
    (("--from=peer:02:00:00:00:00:01",), "--from peer makes no sense with all PFs"),
    (("--write=/none",), "--write is not an option"),
    (("-j0",), "-j/--jobs: 0 is out of range: it takes 1 to 1000"),
    (("--json", "results"), '"results" is one argument too many'),
    (("--json", "out.json"), '"out.json" after --json is not its value, which follows after "="'),
    (("--json=",), "--json= names no file"),
    (("\033[2J",), '"?[2J" is one argument too many'),
))
def test_usage(case, options, says):
    _, err = case.add("good").run(*options, status=2)
    assert says in err
    assert case.runs() == []


def test_json_file(case):
    path = case.folder / "all.json"
    path.write_text("old")
    out, _ = case.add("unsafe").run(f"--json={path}", status=1)
    assert out == ""
    assert list(Case.read(path.read_text(), 1)) == ["eth0"]


def test_json_file_that_cannot_be_written(case):
    _, err = case.add("good").run("-q", "--json=/none/all.json", status=4)
    assert err == "nfprobe-all: cannot write /none/all.json: No such file or directory\n"


@pytest.mark.slow
def test_streams_that_are_closed(case):
    """Output for a closed stream goes nowhere else."""
    process = case.add("says").begin(preexec_fn=lambda: os.closerange(0, 3), stdout=None, stderr=None, pass_fds=())
    assert process.wait(TIMEOUT) == 0
    process = case.begin("--json", preexec_fn=lambda: os.close(2), stderr=None)
    out, _ = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, list(Case.read(out, 0))) == (0, ["eth0"])


def test_a_name_that_is_none(case):
    """No process can be told of it, and the other runs go on."""
    case.add("good").add("good", "eth1")
    case.pfs[0]["ifname"] = "x\0y"
    (case.folder / "list").write_text(json.dumps(tool.listed(*case.pfs)))
    pfs, err = case.results(status=4)
    assert [(pf["exit"], error_of(pf)) for pf in pfs.values()] == [(4, "kernel"), (0, None)]


NOWHERE = (((), 4, "the answer could not be written"), (("--json",), 4, "the answer could not be written"),
           (("--json", "--nonsense"), 2, "cannot write -"), (("--help",), 4, "the help could not be written"))


@pytest.mark.parametrize("options, status, said", NOWHERE)
def test_output_that_goes_nowhere(case, options, status, said):
    """Its own status, not Python's for output that is lost at exit."""
    with open("/dev/full", "wb") as full:
        process = case.add("good").begin(*options, stdout=full)
        _, err = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, f"nfprobe-all: {said}: No space left on device" in err.decode()) == (status, True)

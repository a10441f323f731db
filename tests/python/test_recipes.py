# SPDX-License-Identifier: GPL-2.0-or-later
"""What the manual tells its readers to copy: the shell lines of each recipe are taken from the page and run in order, those of CI jobs in
the shells of these systems, on a NIC that is not safe; its YAML is parsed."""

import json
import os
import re
import subprocess

import pytest
import tool
import yaml

PAGES = ("nfprobe-recipes.7", "nfprobe-libvirt-hook.8")

# What a runner has, in the place of nfprobe: it leaves the result that WRITES names where --json says, and ends with STATUS.
PROBE = """#!/bin/sh
for word; do
    case $word in --json=*) cp "$WRITES" "${word#--json=}" ;; esac
done
exit "$STATUS"
"""
NOTES = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
"""


def examples(section=""):
    """The examples of the pages, as man shows them: the section, and the text."""
    text = ""
    for page in PAGES:
        with open(os.path.join(tool.TOP, "man", page), encoding="utf-8") as file:
            text += file.read()
    found, title = [], ""
    for heading, body in re.findall(r"^\.SH ([^\n]*)$|^\.nf\n(.*?)^\.fi$", text, re.M | re.S):
        title = heading or title
        if body and section in title:
            found.append((title, body.replace("\\-", "-").replace("\\(aq", "'").replace("\\e", "\\")))
    return found


def kind_of(text):
    if re.match(r"[a-zA-Z]+:\n", text):
        return "yaml"
    return "output" if text.startswith("# nfprobe") else "shell"


@pytest.fixture
def runner(tmp_path):
    """Runs a script with nfprobe as it is told, and the real nfprobe-report."""
    folder, work = tmp_path / "bin", tmp_path / "work"
    folder.mkdir()
    work.mkdir()
    (folder / "nfprobe").write_text(PROBE)
    (folder / "nfprobe").chmod(0o755)
    (folder / "nfprobe-report").symlink_to(os.path.join(tool.TOOLS, "nfprobe-report"))
    result = tmp_path / "unsafe.json"
    result.write_text(json.dumps(tool.golden("igb.json")))

    def run(*argv, writes=result, status=1):
        env = {"PATH": f"{folder}:/usr/bin:/bin", "WRITES": str(writes), "STATUS": str(status), "CALLS": str(tmp_path / "calls")}
        return subprocess.run(argv, cwd=work, env=env, capture_output=True, text=True, check=False)

    run.tmp, run.bin, run.work = tmp_path, folder, work
    return run


def gitlab():
    """GitLab's runner evaluates each line in one bash (shells/bash.go)."""
    job = yaml.safe_load(next(text for _, text in examples("CI JOBS") if text.startswith("nic:")))["nic"]

    def script(lines):
        return ["bash", "-c", "set -eo pipefail; set +o noclobber; " + "; ".join(["eval \"$1\"; shift"] * len(lines)), "bash", *lines]
    return [script(job["script"])], [script(job["after_script"])], [job["artifacts"]["reports"]["junit"], *job["artifacts"]["paths"]]


def github():
    """Each step is a file, and bash -e runs it."""
    steps = yaml.safe_load(next(text for _, text in examples("CI JOBS") if text.startswith("jobs:")))["jobs"]["nic"]["steps"]
    always = [step for step in steps if step.get("if") == "always()"]
    return ([["bash", "-e", "-c", step["run"]] for step in steps if "run" in step and step not in always],
            [["bash", "-e", "-c", step["run"]] for step in always if "run" in step], ["result.html", "result.json"])


def jenkins():
    """A step sh is sh -xe, and the page gives it GitLab's lines. What is in post comes behind the stages."""
    lines = yaml.safe_load(next(text for _, text in examples("CI JOBS") if text.startswith("nic:")))["nic"]
    return ([["sh", "-xe", "-c", "\n".join(lines["script"])]], [["sh", "-xe", "-c", line] for line in lines["after_script"]],
            ["result.xml", "result.html", "result.json"])


SYSTEMS = {"gitlab": gitlab, "github": github, "jenkins": jenkins}


def job(runner, system, **how):
    """The status of a job, and what it printed; what is always done is done."""
    steps, always, _ = SYSTEMS[system]()
    assert steps and always
    said, status = "", 0
    for step in steps:
        if status == 0:
            done = runner(*step, **how)
            status, said = done.returncode, said + done.stdout + done.stderr
    for step in always:
        done = runner(*step, **how)
        assert done.returncode == 0, done.stderr
    return status, said


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_job_passes_where_nothing_got_worse(runner, system):
    """Also where the NIC was never safe, and nothing was updated."""
    made = next(text for _, text in examples("CI JOBS") if "released.json" in text)
    assert runner("sh", "-c", made).returncode == 1 and (runner.work / "released.json").exists()
    status, said = job(runner, system)
    assert status == 0 and "no difference: macvtap SAFE" in said, said
    for name in SYSTEMS[system]()[2]:
        assert (runner.work / name).stat().st_size, name


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_job_fails_where_it_must(runner, system):
    runner("sh", "-c", next(text for _, text in examples("CI JOBS") if "released.json" in text))
    worse = tool.golden("igb.json")
    worse["vf"]["styles"][0]["verdict"] = "sticky"
    (runner.tmp / "worse.json").write_text(json.dumps(worse))
    status, said = job(runner, system, writes=runner.tmp / "worse.json")
    assert status == 1 and "not repeatable: " in said
    assert job(runner, system, status=2)[0] != 0  # nor was it understood
    assert job(runner, system, status=4)[0] != 0  # it could not run
    assert job(runner, system, status=5)[0] != 0  # nor restore the host


def test_yaml_is_whole():
    jobs = [text for _, text in examples() if kind_of(text) == "yaml"]
    assert len(jobs) == 2 and all(map(yaml.safe_load, jobs))


@pytest.mark.slow
def test_the_shell_lines_of_each_recipe_run_in_order(runner):
    """On a system that has nothing: what they change is below a folder, and what they call but nfprobe-report notes it."""
    for name in ("systemctl", "bridge", "nfprobe-libvirt-hook"):
        (runner.bin / name).write_text(NOTES)
        (runner.bin / name).chmod(0o755)
    (runner.bin / "nfprobe-report").unlink()
    (runner.bin / "nfprobe-report").write_text(NOTES)
    (runner.bin / "nfprobe-report").chmod(0o755)
    run = [text for _, text in examples() if kind_of(text) == "shell"]
    for text in run:
        done = runner("bash", "-eu", "-c", text.replace("/etc/", f"{runner.tmp}/etc/"), status=0)
        assert done.returncode == 0, (text, done.stderr)
    calls = (runner.tmp / "calls").read_text().splitlines()
    assert len(run) >= 5 and "systemctl restart libvirtd" in calls and "nfprobe-report share --stored eth0 -o card.json" in calls
    assert (runner.tmp / "etc/libvirt/hooks/qemu.d/nfprobe").is_symlink()

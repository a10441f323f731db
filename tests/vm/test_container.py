# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe in a container that has what scripts/image/README.md names, and in some that lack it; test_image.py has the rest."""

from container import containers, without
from probing import QUICK, outcome, refused, unchanged
from scenario import PF, equal

RUN = ("--vf", 3, *QUICK)

# The part that is taken away, the error's code, its sentence, and what the hint says is to be added.
LACKING = (
    ("/sys", "permission", "is mounted read-only", "-v /sys:/sys"),
    ("/run/nfprobe", "journal", "/run/nfprobe belongs to this container", "-v /run/nfprobe:/run/nfprobe"),
)


def probe_inside(container, *args):
    """A run that finds the VF safe, and leaves the host as it was."""
    with unchanged(container):
        out = outcome(container.nfprobe(PF, *(args or RUN), "--json"), 0)
    equal((out["verdict"], out["restored"], out["left_behind"]), ("safe", True, []), "verdict, restored, left_behind")
    return out


def refuse_inside(container, rows):
    for lacks, code, says, hint in rows:
        refused(container.with_options(without(container.options, lacks)), *RUN, "--save", code=code, says=says, hint=hint)


def test_container(host):
    """podman, with the rights of the README: a run; /sys read-only, a journal that goes with the container: refused, with what to add"""
    with containers(host) as container:
        probe_inside(container)
        refuse_inside(container, LACKING)

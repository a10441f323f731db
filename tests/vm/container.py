# SPDX-License-Identifier: GPL-2.0-or-later
"""nfprobe in a container: podman, in the virtual machine, with the options that scripts/image/README.md names."""

import contextlib
import os
import re
import shlex

from scenario import TOP

STORE = "/run/containers"  # podman's, a tmpfs
ENV = {"CONTAINERS_STORAGE_CONF": f"{STORE}/storage.conf", "CONTAINERS_CONF": f"{STORE}/containers.conf"}
SETUP = f"""mkdir -p {STORE} /run/nfprobe /var/lib/nfprobe
chmod 700 /run/nfprobe
mount -t tmpfs -o mode=700 containers {STORE}
mount -t cgroup2 cgroup2 /sys/fs/cgroup
printf '[storage]\\ndriver = "overlay"\\nrunroot = "{STORE}/run"\\ngraphroot = "{STORE}/graph"\\n' >{STORE}/storage.conf
printf '[engine]\\ncgroup_manager = "cgroupfs"\\nevents_logger = "file"\\n' >{STORE}/containers.conf"""
# A root folder with the program, the libraries that it takes, and nothing else.
ROOT = """mkdir -p "$1/usr/sbin" "$1"/etc "$1"/proc "$1"/sys "$1"/dev "$1"/lib/modules "$1"/run/nfprobe "$1"/var/lib/nfprobe
cp "$2" "$1/usr/sbin/nfprobe"
for library in $(ldd "$2" | grep -o '/[^ ]*'); do mkdir -p "$1${library%/*}"; cp "$library" "$1$library"; done"""
VFIO = ("-v", "/dev/vfio:/dev/vfio", "--device-cgroup-rule", "c *:* rw")


def documented():
    """The options of the README's `podman run`."""
    with open(os.path.join(TOP, "scripts/image/README.md"), encoding="utf-8") as file:
        command = re.search(r"podman run (.*?)\\n *IMAGE ", file.read().replace("\\\n", "\n").replace("\n", "\\n"))
    return shlex.split(command[1].replace("\\n", " "))


def without(options, what):
    """Those options but one: a capability, a folder of the host, or "network" or "pid", of the host."""
    rest = []
    for word in options:
        if word.startswith(f"{what}:"):
            rest.pop()  # its -v
        elif rest and rest[-1] == "--cap-add":
            rest.append(",".join(cap for cap in word.split(",") if cap != what))
        elif rest and rest[-1] == "--" + what:
            rest[-1:] = ["--network", "none"] if what == "network" else []
        else:
            rest.append(word)
    return rest


class Containers:
    """The machine, where nfprobe is run in containers with these options."""

    def __init__(self, host, image, options):
        self.host, self.image, self.options = host, image, options

    def __getattr__(self, name):
        return getattr(self.host, name)

    def podman(self, *argv, **request):
        return self.host.run("podman", *argv, env=ENV, **request)

    def command(self, *argv, name=""):
        return ("podman", "run", *(("--name", name) if name else ()), *self.options, *self.image, *argv)

    def inside(self, *argv, **request):
        return self.host.run(*self.command(*argv), env=ENV, **request)

    def nfprobe(self, *args, timeout=900, **request):
        return self.inside("nfprobe", *self.run_of(args, False, False), timeout=timeout, **request)

    def begin_nfprobe(self, *args, name):
        return self.host.begin(*self.command("nfprobe", *self.run_of(args, False, False), name=name), env=ENV)

    def with_options(self, options):
        return Containers(self.host, self.image, options)


@contextlib.contextmanager
def containers(host, archive=None):
    """Yields the machine with containers of the image in the archive, or of a root folder that has the program alone."""
    host.sh(SETUP)
    try:
        image = ("--rootfs", f"{STORE}/root")
        if archive:
            image = (host.ok("podman", "load", "-q", "-i", archive, env=ENV).split()[-1],)
        else:
            host.ok("sh", "-ec", ROOT, "root", image[1], host.nfprobe_path)
        yield Containers(host, image, documented())
    finally:
        host.run("podman", "rm", "-af", env=ENV)
        host.sh(f"umount -R {STORE}; umount /sys/fs/cgroup; rm -rf /run/nfprobe")

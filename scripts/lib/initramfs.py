# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds the virtual machine's initramfs: busybox, our init, and the modules it loads, in order."""

import lzma
import os
import shutil
import subprocess

MODULES = ("virtio_pci", "9pnet_virtio", "9p", "overlay", "virtio_console", "virtio_net", "igb", "igbvf")
FOLDERS = ("bin", "sbin", "usr", "usr/bin", "usr/sbin", "proc", "sys", "dev", "modules")


def entry(name, mode, data=b"", device=(0, 0)):
    """One member of a cpio archive in the "newc" format (Documentation/driver-api/early-userspace)."""
    entry.inode = getattr(entry, "inode", 0) + 1
    fields = (entry.inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def kmod(*argv):
    """The output of a tool of kmod."""
    env = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "MODPROBE_OPTIONS": ""}
    return subprocess.run(argv, check=True, capture_output=True, text=True, env=env).stdout


def module_paths(kernel_dir, version, pf_driver=""):
    """The modules and what they depend on, each once, dependencies first; built-in ones left out.

    @pf_driver is the path of a module that takes the place of the kernel's own of that name.
    """
    paths = {}
    for name in MODULES:
        ours = name == os.path.basename(pf_driver).removesuffix(".ko")
        for needed in kmod("modinfo", "-F", "depends", pf_driver).replace(",", " ").split() if ours else [name]:
            for line in kmod("modprobe", "-d", kernel_dir, "-S", version, "--show-depends", needed).splitlines():
                word, _, path = line.partition(" ")
                if word == "insmod":
                    paths[path.split()[0]] = None
        if ours:
            paths[pf_driver] = None
    return list(paths)


def read_module(path):
    if path.endswith(".xz"):
        with lzma.open(path) as module:
            return module.read()
    if not path.endswith(".ko"):
        raise OSError(f"{path}: unknown compression of a kernel module")
    with open(path, "rb") as module:
        return module.read()


def build(kernel_dir, version, init, pf_driver="", vfs=()):
    """The archive's bytes. `init` is the path of the script that becomes /init; @pf_driver as for module_paths.

    A @pf_driver that makes VFs when it is loaded is told how many: @vfs.
    """
    busybox = shutil.which("busybox") or "/bin/busybox"
    parts = [entry(name, 0o40755) for name in FOLDERS]
    parts.append(entry("dev/console", 0o20600, device=(5, 1)))
    order = []
    for path in module_paths(kernel_dir, version, pf_driver):
        name = os.path.basename(path).split(".ko")[0] + ".ko"
        parts.append(entry("modules/" + name, 0o100644, read_module(path)))
        if path == pf_driver and "max_vfs:" in kmod("modinfo", "-F", "parm", pf_driver):
            name += " max_vfs=" + ",".join(map(str, vfs))
        order.append(name)
    parts.append(entry("modules/order", 0o100644, "".join(f"{name}\n" for name in order).encode()))
    for name, path in (("bin/busybox", busybox), ("init", init)):
        with open(path, "rb") as program:
            parts.append(entry(name, 0o100755, program.read()))
    parts.append(entry("TRAILER!!!", 0))
    return b"".join(parts)

# SPDX-License-Identifier: GPL-2.0-or-later
"""For claims.py: what makes each figure of the manual so, and what nobody can try here."""

# By page, or page and section, and figure (of an option: with its name): "FILE NAME", of a macro or a name of Python; "FILE REGEX", whose
# groups are added up; or "FILE = EXPRESSION"; each with "* SCALE" if the source has another unit. In brackets: who knows, where the source
# does not say it.
FIGURES: dict[tuple[str, str], str] = {
    ("man/nfprobe.8", "--id 32 hex digit"): "include/nfprobe/sources.h NFP_PEER_ID_LEN * 2",
    ("man/nfprobe.8", "--rate 1000"): "include/nfprobe/base.h NFP_RATE_DEFAULT",
    ("man/nfprobe.8", "--rate 8"): r"src/ladder/ladder.c define RARE \[NFP_KIND_UNICAST\] = (\d+)",
    ("man/nfprobe.8", "--rate 200"): r"src/ladder/ladder.c RARE\}, .rate_max = (\d+)",
    ("man/nfprobe.8", "--rate 100"): "src/app/source.c OVS_RATE",
    ("man/nfprobe.8", "--settle 1.5"): "include/nfprobe/base.h NFP_SETTLE_DEFAULT_NS",
    ("man/nfprobe.8", "--settle 0.5"): "include/nfprobe/base.h NFP_SETTLE_QUICK_NS",
    ("man/nfprobe.8", "--timeout 600 second"): "include/nfprobe/base.h NFP_REFLECT_TIME_NS",
    ("man/nfprobe.8", "--timeout 600"): "include/nfprobe/base.h NFP_REFLECT_TIME_NS",
    ("man/nfprobe.8", "--hear 3 s"): "src/app/ear.c EAR_NS",
    ("man/nfprobe.8", "--vlan 0"): r"src/cli/table.c VLAN V, (0) for none",
    ("man/nfprobe.8", "2 minute"): "(measured)",
    ("man/nfprobe-result.5", "3 second"): "include/nfprobe/output.h NFP_STALL_NS",
    ("man/nfprobe-recipes.7", "2 minute"): "(measured)",
    ("man/nfprobe-recipes.7", "13 minute"): r"scripts/packaging/systemd/nfprobe@.service --timeout (\d+)",
    ("man/nfprobe.conf.5", "10 second"): "scripts/packaging/libvirt/nfprobe-libvirt-hook HOOK_CPU",
    ("man/nfprobe-libvirt-hook.8", "15 second"): "scripts/packaging/libvirt/nfprobe-libvirt-hook ACT_LIMIT",
    ("man/nfprobe-sources.7", "10 second"): "src/traffic/reflector.c GUEST_NS",
    ("man/nfprobe-sources.7", "20 second"): "(measured)",
    ("man/nfprobe-all.8", "5 minute"): "scripts/tools/nfprobe_tools/all.py RESTORE_SECONDS",
    ("man/nfprobe-verdicts.7 LANDINGS", "2 second"): "src/ladder/settle.c EXPIRE_MORE_NS",
    ("man/nfprobe-verdicts.7 LANDINGS/What condemns a NIC", "3 second"):
        "include/nfprobe/base.h = NFP_SETTLE_DEFAULT_NS + NFP_SETTLE_DEFAULT_NS",
    ("scripts/ansible/README.md", "15 minute"):
        r"scripts/ansible/roles/probe/defaults/main.yml probe_timeout: (\d+)\nprobe_restore_timeout: (\d+)",
    ("scripts/kubernetes/README.md", "5 minute"): r'scripts/kubernetes/look.yaml keep.py", "(\d+)", "/seen',
    ("man/nfprobe-result.5", "30 second"): "include/nfprobe/output.h NFP_SLOW_READER_NS",
    ("man/nfprobe-guide.7", "1,200 frame"): "(1,230)",
    ("man/nfprobe-guide.7", "62 byte"): "include/nfprobe/sources.h NFP_PEER_INNER_LEN",
    ("man/nfprobe-guide.7", "2 minute"): "(measured)",
    ("man/nfprobe-guide.7", "300 s"): "(BR_DEFAULT_AGEING_TIME of the kernel)",
    ("man/nfprobe-verdicts.7", "300 s"): "(BR_DEFAULT_AGEING_TIME of the kernel)",
    ("man/nfprobe-check.1", "8 MB"): r"scripts/tools/nfprobe_tools/result.py LIMITS = Limits\(([^,]+),",
    ("man/nfprobe-check.1", "16 MB"): r"scripts/tools/nfprobe_tools/host.py LIMITS = Limits\(([^,]+),",
    ("man/nfprobe-check.1", "--prune 100,000"): r"scripts/tools/nfprobe_tools/store.py PRUNE_FILES = 1000, (\w+)",
    ("man/nfprobe-check.1", "1,000 result"): r"scripts/tools/nfprobe_tools/store.py PRUNE_FILES = (\w+),",
    ("man/nfprobe-report.1", "30 day"): "scripts/tools/nfprobe_tools/labels.py EXPIRY_MS * .001",
    ("man/nfprobe-report.1", "--audit 15 minute"): "scripts/tools/nfprobe_tools/labels.py AUDIT_EXPIRY_MS * .001",
    ("man/nfprobe-report.1", "100 ms"): r"scripts/tools/nfprobe_tools/compare.py TOLERANCE_VF_US = (\w+), * .000001",
    ("man/nfprobe-report.1", "500 ms"): r"scripts/tools/nfprobe_tools/compare.py TOLERANCE_VF_US = \w+, (\w+) * .000001",
    ("man/nfprobe-report.1", "100 kB"): "scripts/tools/nfprobe_tools/share.py SHARED_BYTES",
    ("man/nfprobe-verdicts.7", "0.5 second"): "include/nfprobe/base.h NFP_SETTLE_QUICK_NS",
    ("man/nfprobe-verdicts.7", "1.5 second"): "include/nfprobe/base.h NFP_SETTLE_DEFAULT_NS",
    ("man/nfprobe-verdicts.7", "3 second"): r'src/net/drivers.c \.name = "hns3"[\s\S]*?\.settle_ns = ([^,]+)',
    ("man/nfprobe-verdicts.7", "5 second"): r'src/net/drivers.c \.name = "fm10k"[\s\S]*?\.settle_ns = ([^,]+)',
    ("man/nfprobe-verdicts.7", "6 second"): r'src/net/drivers.c \.name = "ionic"[\s\S]*?\.settle_ns = ([^,]+)',
    ("man/nfprobe-verdicts.7", "101 ms"): "(measured on the emulated igb)",
    ("man/nfprobe-sources.7", "40 frame"): "src/ladder/elsewhere.c UNICAST_RATE",
    ("man/nfprobe-sources.7", "62 byte"): "include/nfprobe/sources.h NFP_PEER_INNER_LEN",
    ("man/nfprobe-sources.7", "124 byte"): "include/nfprobe/sources.h = 14 + NFP_PEER_HEADER + NFP_PEER_INNER_LEN + NFP_PEER_TAG",
    ("man/nfprobe-sources.7", "8 second"): "(a sum over the windows of src/ladder/elsewhere.c)",
    ("README.md", "1,200 frame"): "(1,230)",
    ("scripts/ansible/README.md", "1,200 frame"): "(1,230)",
    ("scripts/ansible/README.md", "40 MB"): "(a guess, as it says)",
    ("scripts/ansible/README.md", "280 kB"): "(tests/python/test_claims.py)",
    ("scripts/ansible/README.md", "280 MB"): "(a thousand times as much)",
    ("README.md", "200 MB"): "(scripts/check fresh)",
    ("README.md", "5 minute"): "(scripts/check fresh)",
    ("README.md", "350 MB"): "(scripts/check fresh)",
    ("README.md", "7 minute"): "(scripts/check fresh)",
    ("scripts/kselftest/README.md", "30 s"): "(scripts/check vm-kselftest)",
    ("scripts/kubernetes/README.md", "15 minute"): "scripts/tools/nfprobe_tools/labels.py AUDIT_EXPIRY_MS * .001",
}

# Sections of figures that say how they were got.
MEASURED = ("What was measured", "What it has run on")

# Programs of others that an example may call, and who tries such calls.
FOREIGN = {
    **dict.fromkeys(": cat cd cp echo exit flock git ln make mkdir modprobe rm scp sed ssh tr umask".split(), "every Linux has it"),
    **dict.fromkeys(("ansible-galaxy", "ansible-playbook"), "tests/ansible"),
    **dict.fromkeys(("virsh", "journalctl"), "tests/vm/test_libvirt.py"),
    **dict.fromkeys(("./vf_mac_failover.py", "/tmp/ksft/run_kselftest.sh"), "scripts/check vm-kselftest"),
    **dict.fromkeys(("device_add", "device_del"), "tests/vm/test_guest.py, in QEMU's monitor"),
    "kubectl": "tests/kubernetes", "podman": "tests/vm/test_image.py", "mmdebstrap": "tests/image", "skopeo": "tests/image", "tshark": "scripts/check tshark",
    "jq": "tests/cli/questions.bats", "test": "tests/python/test_recipes.py",
    "devlink": "nobody: a reload needs a NIC", "ovs-appctl": "nobody since it was tried by hand",
}

# Commands of virsh that neither nfprobe nor the hook makes.
VIRSH = ("start", "edit", "event", "migrate", "domiflist", "domifaddr", "domif-setlink", "qemu-monitor-event")

# Claims of these forms that are not of nfprobe.
EXCEPTIONS = {
    **dict.fromkeys(("FAILOVER_NEGOTIATED", "DEVICE_DELETED", "device_add", "device_del"), "QEMU's"),
    **dict.fromkeys(("--limit", "--tags", "become_user"), "Ansible's"),
    **dict.fromkeys(("--source", "--live"), "virsh's"),
    **dict.fromkeys(("--security-opt", "--device-cgroup-rule", "--privileged", "SYS_MODULE"), "podman's"),
    **dict.fromkeys(("REMOTE_TYPE", "REMOTE_ARGS", "scripts/get_maintainer.pl"), "Linux'"),
    "bridge_fdb": "labels.py makes it of bridge+fdb",
    "--require neighbours[,here][,host][,same-standby][,ipv6]": "--help has WHAT[,..] for both forms",
    "--require ROW[=yes|=no][,..]": "the same",
    "ok 3 vf_mac_failover.assign_filter": "the selftest prints it",
    "bridge fdb flush": "no whole command",
    "ip link set PF vf N mac": "no whole command",
}

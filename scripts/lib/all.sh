# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash

lib=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=scripts/lib/common.sh
. "$lib/common.sh"
# shellcheck source=scripts/lib/packages.sh
. "$lib/packages.sh"
# shellcheck source=scripts/lib/backports.sh
. "$lib/backports.sh"
# shellcheck source=scripts/lib/qemu.sh
. "$lib/qemu.sh"
# shellcheck source=scripts/lib/kernel.sh
. "$lib/kernel.sh"
# shellcheck source=scripts/lib/prometheus.sh
. "$lib/prometheus.sh"
# shellcheck source=scripts/lib/build.sh
. "$lib/build.sh"
# shellcheck source=scripts/lib/libvirt.sh
. "$lib/libvirt.sh"

# machine_need [--upgrade-qemu]: all that the virtual machine takes; sets qemu and kernel_dir.
machine_need() {
	emulator_need "$@"
	kernel_need
}

# vm_need [--upgrade-qemu]: the same, and what the scenarios of tests/vm run in it.
# shellcheck disable=SC2120 # not every script passes the option on
vm_need() {
	machine_need "$@"
	packages_need vm
}

emulator_need() {
	[[ $(uname -m) == x86_64 ]] || die "the virtual machine runs this host's own programs and emulates x86_64;" \
		"this is $(uname -m)"
	packages_need machine
	qemu_need "$@"
}

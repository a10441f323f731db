# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Another driver for the PF of the emulated NIC, built from its sources for the virtual machine's kernel: scripts/soak driver.

# driver_need FOLDER: sets pf_driver, a module. FOLDER has the driver's sources and their Makefile, there or in its src.
driver_need() {
	local folder copy
	folder=$(readlink -e "$1") || die "no such folder of a driver's sources: $1"
	[[ -e $folder/Makefile ]] || folder+=/src
	[[ -e $folder/Makefile ]] || die "$1 has no Makefile, and none in its src: it is no folder of a driver's sources"
	headers_need
	copy=$kernel_dir/driver-$(cksum <<<"$top $folder" | cut -d ' ' -f 1)
	with_cache_lock driver_build "$folder" "$copy" || exit
	pf_driver=$copy/igb.ko
}

# The build writes among the sources: in a copy of them. KDIR is what Documentation/kbuild/modules.rst calls the kernel's
# folder, and KSRC and KOBJ what Intel's drivers do, where Debian's headers are in two.
driver_build() {
	local common
	common=$(dirname "$(awk '$1 == "include" { print $2 }' "$headers_dir/Makefile")")
	rm -rf "$2"
	cp -r "$1" "$2" || return
	local how=(-C "$2" "KDIR=$headers_dir" "KSRC=$common" "KOBJ=$headers_dir")
	grep -q KERNELRELEASE "$2/Makefile" || how=(-C "$headers_dir" "M=$2" modules)
	logged "$2/make.log" "$1 could not be built for Linux ${kernel_dir##*/}" make "${how[@]}" -j"$(nproc)" || return
	[[ -e $2/igb.ko ]] || { say "$1 makes no igb.ko, which drives the PF of the virtual machine (82576); see $2/make.log"; return 4; }
}

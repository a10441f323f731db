# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The headers of the virtual machine's kernel and its compiler, for modules (nfsim.sh, driver.sh). They are not installed, but
# stay in the cache. A kernel of another suite of Debian than this machine's apt has needs that suite's compiler and C library
# as well: its modules are built in a root of that suite.

# headers_need: sets headers_dir to what /lib/modules/VERSION/build is on a machine with that kernel, and root to the root
# that is in, if it is not this machine's.
headers_need() {
	root=
	if [[ -e $kernel_dir/suite ]]; then
		headers_root_need "$(cat "$kernel_dir/suite")"
		return
	fi
	headers_dir=$kernel_dir/build
	made "$headers_dir" headers_unpack
	compiler_need
}

# headers_root_need SUITE
headers_root_need() {
	root=$kernel_dir/root headers_dir=/usr/src/linux-headers-${kernel_dir##*/}
	[[ ! -d $root$headers_dir ]] || return 0
	packages_need roots
	root_need "$1"
	made "$root" headers_root_make "$1"
}

headers_root_make() {
	local whole=$root root=$root.new
	say "installing ${headers_dir##*/} and its compiler in a root of $1 (kept in $cache)"
	root_drop
	mkdir -p "$root"
	logged "$kernel_dir/root.log" "${headers_dir##*/} cannot be installed in a root of $1" headers_root_fill "$1" || exit
	mv "$root" "$whole"
}

headers_root_fill() {
	root_unpack "$1" "$root" && root_apt update && root_apt install make "${headers_dir##*/}" && in_root apt-get clean
}

headers_unpack() {
	local folder=$kernel_dir/headers kernel_version=${kernel_dir##*/} work tree parts
	use_backports
	apt-cache show "linux-headers-$kernel_version" >/dev/null 2>&1 || apt_update
	mapfile -t parts < <(apt-cache depends "linux-headers-$kernel_version" |
		awk '$1 == "Depends:" && $2 ~ /^linux-(headers|kbuild)-/ { print $2 }')
	work=$folder.new
	rm -rf "$folder"
	unpack "$work" "linux-headers-$kernel_version" "${parts[@]}"
	# Where they would be installed is written in them. Without the kernel's types (BTF), which is what
	# that vmlinux is, pahole is not needed either.
	tree=$work/usr/src/linux-headers-$kernel_version
	rm -f "$tree/vmlinux"
	sed -i "s#/usr/src/#$folder/usr/src/#" "$tree/Makefile" || die "linux-headers-$kernel_version has no Makefile"
	mv "$work" "$folder"
	ln -sfn "headers/usr/src/linux-headers-$kernel_version" "$headers_dir"
}

# A module must be built with the compiler that the kernel was built with.
compiler_need() {
	local compiler missing
	compiler=$(grep -oE 'gcc-[0-9]+' "$headers_dir/.kernelvariables" | head -n 1)
	mapfile -t missing < <(packages_missing make ${compiler:+"$compiler"})
	((${#missing[@]} == 0)) || with_cache_lock apt_install "${missing[@]}"
}

# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Debian's 6.12 kernel, unpacked in the cache, not installed: only the virtual machine runs it.

kernel_series=6.12

# kernel_need: sets kernel_dir, a folder named as the kernel's version with vmlinuz and lib/modules/VERSION.
kernel_need() {
	kernel_find || with_cache_lock kernel_unpack
	kernel_find || die "no kernel in $cache/kernel although it was just unpacked"
}

kernel_find() {
	kernel_dir=$cache/kernel/image
	[[ -L $kernel_dir && -e $kernel_dir/vmlinuz ]] || return
	kernel_dir=$(readlink -f "$kernel_dir")
}

# kernel_fetch NAME FOLDER: downloads a package and unpacks it there, without installing it.
kernel_fetch() {
	local work status=0
	work=$(mktemp -d "$cache/download.XXXXXX") || return
	(
		cd "$work" && apt_get download "$1" >/dev/null && mkdir -p "$2" && dpkg-deb -x ./*.deb "$2"
	) || status=$?
	rm -rf "$work"
	((status == 0)) || die "cannot download and unpack $1: what apt says is above"
}

kernel_packages() {
	apt-cache pkgnames "linux-image-$kernel_series" |
		grep -xE "linux-image-$kernel_series\.[0-9]+(\+[a-z0-9]+)*-amd64" | sort -V
}

kernel_unpack() {
	local name version folder
	! kernel_find || return 0
	use_backports
	name=$(kernel_packages | tail -n 1)
	if [[ -z $name ]] || ! apt-cache show "$name" >/dev/null 2>&1; then
		apt_needs_root "a newer list of packages (apt-get update)"
		apt_update
		name=$(kernel_packages | tail -n 1)
	fi
	[[ -n $name ]] || die "apt knows no linux-image-$kernel_series package (Debian 12 with backports and 13 have one)"
	say "downloading $name (not installed; kept in $cache)"
	version=${name#linux-image-}
	folder=$cache/kernel/$version
	rm -rf "$folder" "$folder.new"
	kernel_fetch "$name" "$folder.new"
	kernel_arrange "$folder.new" "$version"
	mv "$folder.new" "$folder"
	ln -sfn "$version" "$cache/kernel/image"
}

kernel_arrange() {
	[[ -d $1/lib/modules ]] || mv "$1/usr/lib" "$1/lib"
	mv "$1/boot/vmlinuz-$2" "$1/vmlinuz" || die "linux-image-$2 has no /boot/vmlinuz-$2"
	rm -rf "${1:?}/boot" "${1:?}/usr"
	depmod -b "$1" "$2" || die "depmod failed for $1"
}

# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Debian's kernels, unpacked in the cache, not installed: only the virtual machine runs them. Usually that is
# 6.12; scripts/soak kernels takes 6.1, Debian 12's own, and the newest one, which is in sid, as well.

kernel_series=6.12

# kernel_need [SERIES]: sets kernel_dir, a folder named as the kernel's version with vmlinuz and lib/modules/VERSION.
# SERIES is two numbers, or "newest", for which the mirror is asked each time.
# shellcheck disable=SC2120 # most want the usual one
kernel_need() {
	local series=${1:-$kernel_series} status=0
	kernel_link=$cache/kernel/image
	[[ $series == "$kernel_series" ]] || kernel_link+=-$series
	if [[ $series == newest ]] || ! kernel_find; then
		# The subshell keeps the suites that apt is told of for this kernel from what runs later.
		(with_cache_lock kernel_unpack "$series") || status=$?
		((status == 0)) || exit "$status"
	fi
	kernel_find || die "no kernel $series in $cache/kernel although it was just unpacked"
}

kernel_find() {
	kernel_dir=$kernel_link
	[[ -L $kernel_dir && -e $kernel_dir/vmlinuz ]] || return
	kernel_dir=$(readlink -f "$kernel_dir")
}

kernel_packages() {
	local series=${1//./\\.}
	[[ $1 != newest ]] || series='[0-9]+\.[0-9]+'
	apt-cache pkgnames linux-image- | grep -xE "linux-image-$series\.[0-9]+(-[0-9]+)?(\+[a-z0-9]+)*-amd64" | sort -V
}

# kernel_suite SERIES: the suite that has it, if this machine's apt is not to be asked.
kernel_suite() {
	case $1 in
	6.1) [[ $(os_field VERSION_CODENAME) == bookworm ]] || echo bookworm ;;
	newest) echo sid ;;
	esac
}

kernel_unpack() {
	local series=$1 suite name
	suite=$(kernel_suite "$series")
	if [[ $suite ]]; then
		use_suite "$suite"
		apt_update
	else
		! kernel_find || return 0
		use_backports
	fi
	name=$(kernel_packages "$series" | tail -n 1)
	if [[ -z $name ]] || ! apt-cache show "$name" >/dev/null 2>&1; then
		apt_needs_root "a newer list of packages (apt-get update)"
		apt_update
		name=$(kernel_packages "$series" | tail -n 1)
	fi
	[[ -n $name ]] || die "apt knows no linux-image package of the $series kernel in Debian" \
		"${suite:-$(os_field VERSION_CODENAME)}"
	kernel_unpack_package "$name" "$suite"
	ln -sfn "${name#linux-image-}" "$kernel_link"
}

# From Linux 7 on a kernel is several packages, of which linux-image has nothing.
kernel_unpack_package() {
	local version=${1#linux-image-} folder parts
	folder=$cache/kernel/$version
	[[ ! -e $folder/vmlinuz ]] || return 0
	mapfile -t parts < <(apt-cache depends "$1" |
		awk -v end="-$version" '$1 == "Depends:" && $2 ~ /^linux-(base|binary|modules)-/ && index($2, end) { print $2 }')
	rm -rf "$folder"
	unpack "$folder.new" "$1" "${parts[@]}"
	kernel_arrange "$folder.new" "$version"
	[[ -z $2 ]] || echo "$2" >"$folder.new/suite"
	mv "$folder.new" "$folder"
}

kernel_arrange() {
	local image=$1/boot/vmlinuz-$2
	[[ -d $1/lib/modules ]] || mv "$1/usr/lib" "$1/lib"
	[[ -e $image ]] || image=$1/lib/modules/$2/vmlinuz
	mv "$image" "$1/vmlinuz" || die "the packages of linux-image-$2 have no vmlinuz"
	rm -rf "${1:?}/boot" "${1:?}/usr"
	depmod -b "$1" "$2" || die "depmod failed for $1"
}

# source_need: sets source_dir, drivers/net of the source of Debian's kernel $kernel_series.
source_need() {
	source_dir=$cache/source/$kernel_series/drivers/net
	(made "$source_dir" source_unpack "$cache/source/$kernel_series" '*/drivers/net/*.[ch]') || exit
}

# kselftest_need: sets kselftest_source, a kernel tree with what the selftests of NICs take from the source of the same kernel.
kselftest_need() {
	local tests='*/tools/testing/selftests'
	kselftest_source=$cache/kselftest/$kernel_series
	(made "$kselftest_source" source_unpack "$kselftest_source" "$tests"/{Makefile,lib.mk,run_kselftest.sh} \
		"$tests"/{'kselftest*','net/lib*','net/forwarding/*lib.sh','net/forwarding/tc_common.sh','drivers/net/lib/*','drivers/net/hw/*'} \
		'*/scripts/subarch.include' '*/tools/net/ynl/*' '*/Documentation/netlink/specs/*') || exit
}

# source_unpack FOLDER PATTERN...: these files of the kernel's source.
source_unpack() {
	local name=linux-source-$kernel_series folder=$1
	shift
	use_backports
	apt-cache show "$name" >/dev/null 2>&1 || apt_update
	unpack "$folder.new" "$name"
	tar -C "$folder.new" --strip-components=1 --wildcards -xJf "$folder.new/usr/src/$name.tar.xz" "$@" ||
		die "cannot unpack the source in $name: what tar says is above"
	rm -rf "$folder.new/usr"
	mv "$folder.new" "$folder"
}

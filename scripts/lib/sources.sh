# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The source package as a distribution takes it, in fresh roots of Debian (root.sh): built twice, linted, tested by autopkgtest, built
# for other architectures; and the unit tests on a big-endian one.
# shellcheck disable=SC2016 # what is in single quotes, the root's shell expands

# In another folder and by another number of processes than before: /NAME/tree.
source_build() { in_root sh -c 'mkdir "$1" && cp -a /source/tree "$1/" && cd "$1/tree" && dpkg-buildpackage -us -uc -b "$2"' sh "$@"; }

source_same() {
	local file found=0
	for file in "$root"/first/*.deb; do
		cmp "$file" "$root/second/${file##*/}" || return
		found=$((found + 1))
	done
	((found >= 3))
}

# Later lintians recommend these; dpkg and debhelper of Debian 12 do not build without what is there.
debian_later='package-uses-old-debhelper-compat-version 13|redundant-priority-optional-field|redundant-rules-requires-root-no-field'

# source_lint SUITE: as its own lintian sees it, with the source package.
source_lint() {
	local said status=0
	root_apt install lintian >/dev/null || return
	in_root sh -c 'cd /source/tree && dpkg-buildpackage -us -uc -S -d -nc' >/dev/null 2>&1 || return
	said=$(in_root sh -c 'lintian --allow-root --pedantic --tag-display-limit 0 /first/*.changes /source/*.changes') || status=$?
	[[ $1 == bookworm ]] || said=$(grep -vE "^P: nfprobe source: ($debian_later)" <<<"$said")
	echo "$said"
	[[ -z $said && $status == 0 ]]
}

# A root is no machine, and what it has is not thrown away: autopkgtest's "null".
source_autopkgtest() {
	root_apt install autopkgtest || return
	in_root sh -c 'autopkgtest /first/*.deb /source/tree -- null'
}

# source_cross ARCH
source_cross() {
	in_root dpkg --add-architecture "$1" && root_apt update && root_apt install "crossbuild-essential-$1" || return
	root_apt build-dep --host-architecture "$1" -P cross,nocheck /source/tree || return
	in_root sh -c 'mkdir /cross && cp -a /source/tree /cross/ && cd /cross/tree && dpkg-buildpackage -us -uc -b -Pcross,nocheck -a "$1"' sh "$1" || return
	[[ $(dpkg-deb -f "$root"/cross/nfprobe_*_"$1".deb Architecture) == "$1" ]]
}

# Tests that take more of the kernel's sockets, ioctls and filters of system calls than qemu-user has, or execute themselves, for which the kernel would have to know qemu.
debian_native='apply|clear|membership|netlink|save|topology'

# source_unit ARCH: the unit tests, by qemu-user.
source_unit() {
	local gnu tests
	tests=$(printf '%s\n' tests/unit/test_*.c | sed 's#.*/test_##; s#\.c$##' | grep -vxE "$debian_native" | paste -sd ' ')
	gnu=$(in_root dpkg-architecture -a "$1" -q DEB_HOST_GNU_TYPE 2>/dev/null) || return
	root_apt install iproute2 qemu-user "libcmocka-dev:$1" || return
	in_root sh -c 'cd /cross/tree && make -k -j"$(nproc)" BUILD=/cross/unit CC="$1-gcc" AR="$1-ar" PKG_CONFIG="$1-pkg-config" CFLAGS=-O1 \
		RUN="qemu-${1%%-*}" UNIT="$2" unit' sh "$gnu" "$tests"
}

# source_suite SUITE FOLDER
source_suite() {
	local suite=$1 root
	root_new "$suite" || return
	tap_run "$suite: a root has what the source package needs" source_root "$suite" "$2"
	tap_run "$suite: it is built" source_build /first -j1
	tap_run "$suite: and again" source_build /second "-j$(nproc)"
	tap_run "$suite: both are the same, byte for byte" source_same
	tap_run "$suite: its lintian --pedantic finds nothing" source_lint "$suite"
	tap_run "$suite: its tests pass where it is installed (autopkgtest)" source_autopkgtest
	root_drop
}

# source_arch ARCH FOLDER. A mirror may lack a stable release's updates for s390x; qemu-user of Debian 12 lacks calls that the tests make.
source_arch() {
	local suite=trixie root
	[[ $1 != s390x ]] || suite=sid
	root_new "$suite" || return
	tap_run "$suite: a root has what the source package needs" source_root "$suite" "$2"
	tap_run "$suite: it is cross-built for $1" source_cross "$1"
	[[ $1 != s390x ]] || tap_run "$suite: the unit tests pass on $1, which is big-endian" source_unit "$1"
	root_drop
}

group_sources() { from_source source_suite bookworm trixie sid; }
group_cross() { from_source source_arch arm64 s390x; }

# from_source FUNCTION NAME...: calls it with each of these suites or architectures, or those of SOURCES, where one is enough to see
# that it has been mended.
from_source() {
	local folder=$top/$check_build/packages/source word
	MAINTAINER=${MAINTAINER:-"nfprobe's tests <tests@example.org>"} scripts/package source "$folder" >&2 || return
	for word in ${SOURCES:-"${@:2}"}; do
		[[ " ${*:2} " == *" $word "* ]] || die "SOURCES: $word is none of ${*:2}"
		"$1" "$word" "$folder" || return
	done
	tap_done
}

# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Roots of Debian's suites, and commands in them. A root is made once, and kept in the cache.

root='' # in which the commands are run

# root_need SUITE: $cache/roots/SUITE.tar. The mirror, and the proxy, are those of this machine's apt.
root_need() { made "$cache/roots/$1.tar" root_make "$1"; }

# root_new SUITE: root becomes an empty folder for a root of that suite, until root_drop.
root_new() { root_need "$1" && root=$(mktemp -d "$cache/roots/$1.XXXXXX"); }

root_make() {
	local suite=$1 folder=$cache/roots/$1.new mirror proxy=
	((EUID == 0)) || die "must be root to make a root of $suite with debootstrap: run this once as root"
	mirror=$(debian_mirror) || exit
	eval "$(apt-config shell proxy Acquire::http::Proxy)"
	say "making a root of $suite with debootstrap (kept in $cache/roots)"
	rm -rf "$folder"
	mkdir -p "$cache/roots"
	logged "$cache/roots/$suite.log" "debootstrap failed" \
		env http_proxy="${http_proxy-$proxy}" debootstrap --variant=minbase "$suite" "$folder" "$mirror" || exit
	tar -C "$folder" -cf "$cache/roots/$suite.tar.new" . && mv "$cache/roots/$suite.tar.new" "$cache/roots/$suite.tar"
	rm -rf "$folder"
}

# root_unpack SUITE FOLDER: its apt takes the network and the mirror as this machine's does.
root_unpack() {
	local proxy='' valid=''
	tar -C "$2" -xpf "$cache/roots/$1.tar" || return
	cp -L /etc/resolv.conf /etc/hosts "$2/etc/"
	eval "$(apt-config shell proxy Acquire::http::Proxy valid Acquire::Check-Valid-Until)"
	printf '%s "%s";\n' Acquire::http::Proxy "${proxy:-${http_proxy-}}" Acquire::Check-Valid-Until "${valid:-true}" \
		>"$2/etc/apt/apt.conf.d/90host"
}

# in_root COMMAND...: there, in a mount namespace of its own, of which it is the root, also for who enters that; /sys as here. All of it
# ends, and no mount stays, when unshare(1) ends, also by SIGKILL.
in_root() {
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount --pid --fork --kill-child sh -c 'root=$1; shift
		mount --bind "$root" "$root" && mount -t proc proc "$root/proc" && mount -t devpts devpts "$root/dev/pts" && mount -t sysfs -o ro sysfs "$root/sys" &&
		cd "$root" && pivot_root . mnt && umount -l /mnt && exec "$@"' sh "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
		DEBIAN_FRONTEND=noninteractive "$@"
}

root_apt() { in_root apt-get -y -qq --no-install-recommends -o APT::Sandbox::User=root -o Dpkg::Options::=--force-confold "$@"; }

# source_root SUITE FOLDER: $root, a new folder, becomes a root with the source package of FOLDER, and with what builds it.
source_root() {
	root_unpack "$1" "$root" || return
	mkdir "$root/source"
	cp "$2"/*.dsc "$2"/*.tar.xz "$root/source/" || return
	root_apt update && root_apt install build-essential && in_root sh -c 'cd /source && dpkg-source -x *.dsc tree' &&
		root_apt build-dep /source/tree
}

root_drop() { rm -rf --one-file-system "$root"; }

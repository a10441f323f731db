# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The domains of libvirt's own tests, from the source package of Debian 12 (the same wherever the tests run), unpacked in the cache: they are
# not ours to ship.

libvirt_suite=bookworm

# libvirt_need: $cache/libvirt/tests has them, where tests/readers looks.
libvirt_need() { made "$cache/libvirt/tests" libvirt_unpack; }

# apt-get that knows only sources of that suite, from a list of its own: /etc/apt stays as it is, and no root is needed.
libvirt_apt() {
	apt_get -o Dir::Etc::sourcelist="$1/src.sources" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$1/lists" \
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "${@:2}"
}

libvirt_unpack() {
	local repository work status=0
	repository=$(debian_mirror) || exit
	say "downloading the source of libvirt in $libvirt_suite (its tests are kept in $cache)"
	work=$(mktemp -d "$cache/download.XXXXXX") || return
	(
		mkdir -p "$work/lists/partial" "$work/tests" && cd "$work" &&
			suite_source "$libvirt_suite" "$repository" deb-src >src.sources &&
			libvirt_apt "$work" update && libvirt_apt "$work" source --download-only libvirt >/dev/null &&
			tar -xf libvirt_*.orig.tar.?z -C tests --strip-components=2 --wildcards '*/tests/*.xml'
	) || status=$?
	rm -rf "$cache/libvirt"
	((status != 0)) || { mkdir "$cache/libvirt" && mv "$work/tests" "$cache/libvirt/tests"; }
	rm -rf "$work"
	((status == 0)) || die "cannot download and unpack the source of libvirt: what apt says is above"
}

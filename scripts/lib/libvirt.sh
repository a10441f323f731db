# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The domains of libvirt's own tests, from the source package of Debian 12 (the same wherever the tests run), unpacked in the cache: they are
# not ours to ship.

libvirt_suite=bookworm

# libvirt_need: $cache/libvirt/tests has them, where tests/cli/hook.bats looks.
libvirt_need() {
	[[ -d $cache/libvirt/tests ]] || with_cache_lock libvirt_unpack
	[[ -d $cache/libvirt/tests ]] || die "no tests of libvirt in $cache/libvirt although they were just unpacked"
}

# apt-get that knows only sources of that suite, from a list of its own: /etc/apt stays as it is, and no root is needed.
libvirt_apt() {
	apt_get -o Dir::Etc::sourcelist="$1/src.sources" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$1/lists" \
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "${@:2}"
}

libvirt_unpack() {
	local codename repository work key=/usr/share/keyrings/debian-archive-keyring.gpg status=0
	[[ ! -d $cache/libvirt/tests ]] || return 0
	codename=$(os_field VERSION_CODENAME)
	repository=$(debian_repository "$codename")
	[[ -n $repository ]] || { apt_update && repository=$(debian_repository "$codename"); }
	[[ -n $repository ]] || die "apt's sources name no mirror of Debian $codename (apt-get indextargets), so libvirt's tests cannot be fetched"
	say "downloading the source of libvirt in $libvirt_suite (its tests are kept in $cache)"
	work=$(mktemp -d "$cache/download.XXXXXX") || return
	(
		mkdir -p "$work/lists/partial" "$work/tests" && cd "$work" &&
			{
				printf 'Types: deb-src\nURIs: %s\nSuites: %s\nComponents: main\n' "$repository" "$libvirt_suite"
				[[ ! -e $key ]] || printf 'Signed-By: %s\n' "$key"
			} >src.sources &&
			libvirt_apt "$work" update && libvirt_apt "$work" source --download-only libvirt >/dev/null &&
			tar -xf libvirt_*.orig.tar.?z -C tests --strip-components=2 --wildcards '*/tests/*.xml'
	) || status=$?
	rm -rf "$cache/libvirt"
	((status != 0)) || { mkdir "$cache/libvirt" && mv "$work/tests" "$cache/libvirt/tests"; }
	rm -rf "$work"
	((status == 0)) || die "cannot download and unpack the source of libvirt: what apt says is above"
}

# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Installs what a script needs with apt, by package name, and says so before it does.

# The names are the same on Debian 12 and 13. QEMU and the kernel are not here: see qemu.sh, kernel.sh.
declare -A packages=(
	[build]='gcc libc6-dev make pkgconf libnl-3-dev libnl-route-3-dev libmnl-dev libpcap-dev
		libjansson-dev libkmod-dev'
	[machine]='busybox-static iproute2 kmod python3'
	[vm]='crun ethtool podman psmisc' # what scenarios run in the machine
	[test]='bash-completion bats clang-format cmark-gfm cppcheck git iproute2 iptables jq libcap2-bin libcmocka-dev liblwip-dev libxml2-utils man-db mandoc mypy nftables perl procps
		pycodestyle pyflakes3 python3-jinja2 python3-jsonschema python3-prometheus-client python3-pip python3-pytest python3-pytest-xdist python3-setuptools python3-wheel python3-yaml shellcheck systemd tmux util-linux xz-utils zsh'
	[clang]='clang clang-tidy libclang-rt-dev'
	[ansible]='ansible-core ansible-lint python3-apt yamllint'
	[deb]='build-essential debhelper dpkg-dev python3'
	[rpm]='elfutils file python3 rpm'
	[package]='build-essential debhelper dpkg-dev elfutils file lintian rpm rpmlint'
	[roots]='build-essential debhelper debootstrap dpkg-dev'
	[image]='skopeo'
	[fresh]='debootstrap git'
	[kubectl]='kubernetes-client'
	[npm]='nodejs npm'
	[tshark]='tshark'
	[prometheus]='' # unpacked only: see prometheus.sh
	[libvirt]='' # unpacked only: see libvirt.sh
	[kubernetes]='' # see groups.sh
	[source]='' # unpacked only: see kernel.sh
	[kselftest]='make python3-yaml rsync' # and what is unpacked only: see kernel.sh
	[bench]='iproute2 netsniff-ng tcpdump util-linux'
	[browser]='chromium fonts-dejavu-core poppler-utils'
)

# packages_missing NAME...: those that are not installed, one a line.
packages_missing() {
	local name state
	for name; do
		# shellcheck disable=SC2016 # dpkg-query expands these
		state=$(dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null)
		[[ $state == *installed* && $state != *not-installed* ]] || echo "$name"
	done
}

# packages_need GROUP...: installs what lacks of these groups; does nothing, quickly, if nothing does.
packages_need() {
	local group missing wanted=()
	command -v apt-get >/dev/null || die "no apt-get: the scripts know Debian 12 and 13 only." \
		"README.md lists the packages for other systems; then use make and make check"
	for group; do
		read -r -d '' -a missing <<<"${packages[$group]}" || true
		wanted+=("${missing[@]}")
	done
	mapfile -t missing < <(packages_missing "${wanted[@]}")
	((${#missing[@]})) || return 0
	with_cache_lock apt_install "${missing[@]}"
}

apt_needs_root() {
	((EUID == 0)) || die "must install $*: run this once as root, or: apt-get install $*"
}

# No prompt may wait for an answer that a CI job cannot give; another apt is waited for.
apt_get() {
	DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 \
		-o APT::Sandbox::User=root "$@" </dev/null
}

# A package list of yesterday names versions that the mirror may have dropped, so it is renewed
# before something is installed, but once for each set of sources in one run.
apt_update() {
	[[ ${apt_updated-} == "${APT_CONFIG-}+" ]] && return
	logged "$cache/apt.log" "apt-get update failed (is there a network and a mirror?)" apt_get update || exit
	apt_updated=${APT_CONFIG-}+
}

# apt_plan NAME...: what apt would do, as "Inst name [old] (new ...)" lines. Also takes -t SUITE.
apt_plan() {
	LC_ALL=C apt_get -s --no-install-recommends install "$@"
}

# apt_install [-t SUITE] NAME...
apt_install() {
	local plan count from=()
	[[ $1 != -t ]] || { from=("$1" "$2"); shift 2; }
	apt_needs_root "$@"
	apt_update
	plan=$(apt_plan "${from[@]}" "$@" 2>&1) || {
		printf '%s\n' "$plan" >&2
		die "apt cannot install $*: its reason is above"
	}
	if grep -q '^Remv' <<<"$plan"; then
		die "apt would remove" "$(awk '/^Remv/ { printf "%s ", $2 }' <<<"$plan")" \
			"to install $*. That is left to you: apt-get install $*"
	fi
	count=$(grep -c '^Inst' <<<"$plan")
	say "installing with apt ($count packages with what they depend on): $*"
	logged "$cache/apt.log" "apt-get install failed" apt_get -y --no-install-recommends "${from[@]}" install "$@" || exit
}

# unpack FOLDER NAME...: downloads packages and unpacks them in a new folder, without installing them.
unpack() {
	local folder=$1 name
	shift
	say "downloading $* (not installed; kept in $cache)"
	rm -rf "$folder"
	mkdir -p "$folder"
	for name; do
		unpack_one "$folder" "$name" || die "cannot download and unpack $name: what apt says is above"
	done
}

unpack_one() {
	local work status=0
	work=$(mktemp -d "$cache/download.XXXXXX") || return
	(cd "$work" && apt_get download "$2" >/dev/null && dpkg-deb -x ./*.deb "$1") || status=$?
	rm -rf "$work"
	return "$status"
}

# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Debian 12's own QEMU and kernel are too old; its backports suite has newer ones. It is used through a
# configuration of its own, in the cache: /etc/apt stays as it is, and nothing else is upgraded from it.

# shellcheck source=/dev/null
os_field() { (. /etc/os-release && printf '%s\n' "${!1-}"); }

# The repository that this machine takes Debian itself from: backports are on the same mirror.
debian_repository() {
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)' \
		'Created-By: Packages' |
		awk -F'|' -v codename="$1" '$1 == "Debian" && $2 ~ /^Debian( Backports)?$/ &&
			$3 == codename && $4 == "main" { print $5; exit }'
}

# The same of the release that this machine is.
debian_mirror() {
	local codename repository
	codename=$(os_field VERSION_CODENAME)
	repository=$(debian_repository "$codename")
	[[ -n $repository ]] || { apt_update && repository=$(debian_repository "$codename"); }
	[[ -n $repository ]] || die "apt's sources name no mirror of Debian $codename (apt-get indextargets): add one and try again"
	echo "$repository"
}

# suite_source SUITE REPOSITORY [TYPE]: a source for apt, of packages (deb) or their sources (deb-src).
suite_source() {
	local key=/usr/share/keyrings/debian-archive-keyring.gpg
	printf 'Types: %s\nURIs: %s\nSuites: %s\nComponents: main\n' "${3-deb}" "$2" "$1"
	[[ ! -e $key ]] || printf 'Signed-By: %s\n' "$key"
}

# use_backports: makes apt see the suite, for the rest of this script. Harmless if it does already.
use_backports() {
	local codename repository conf=$cache/apt parts file
	codename=$(os_field VERSION_CODENAME)
	[[ $codename == bookworm && -z ${backports-} ]] || return 0
	backports=$codename-backports
	# A script that calls this one has done it. Made again from itself, the configuration would lose Debian's own suites.
	[[ ${APT_CONFIG-} != "$conf/apt.conf" ]] || return 0
	repository=$(debian_mirror) || exit
	[[ -z $(debian_repository "$backports") ]] || return 0

	mkdir -p "$conf/sources.list.d"
	find "$conf/sources.list.d" -mindepth 1 -delete
	eval "$(apt-config shell parts Dir::Etc::SourceParts/d)"
	for file in "$parts"*.list "$parts"*.sources; do
		[[ ! -e $file ]] || ln -s "$file" "$conf/sources.list.d/"
	done
	suite_source "$backports" "$repository" >"$conf/sources.list.d/nfprobe-backports.sources"
	{
		[[ -z ${APT_CONFIG-} ]] || cat "$APT_CONFIG"
		printf 'Dir::Etc::SourceParts "%s";\n' "$conf/sources.list.d"
	} >"$conf/apt.conf"
	export APT_CONFIG=$conf/apt.conf
}

# use_suite SUITE: apt knows only that suite of Debian then, with lists of its own in the cache. To download from, in a
# subshell: nothing of it may be installed here.
use_suite() {
	local repository conf=$cache/apt-$1
	repository=$(debian_mirror) || exit
	mkdir -p "$conf/lists/partial"
	suite_source "$1" "$repository" >"$conf/$1.sources"
	{
		[[ -z ${APT_CONFIG-} ]] || cat "$APT_CONFIG"
		# A list that cannot be renewed is not the newest.
		printf '%s "%s";\n' APT::Update::Error-Mode any Dir::Etc::SourceList "$conf/$1.sources" \
			Dir::Etc::SourceParts - Dir::State::Lists "$conf/lists" Dir::Cache::pkgcache '' Dir::Cache::srcpkgcache ''
	} >"$conf/apt.conf"
	export APT_CONFIG=$conf/apt.conf
}

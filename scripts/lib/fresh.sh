# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The README's commands as a newcomer types them: on a Debian that has git and nothing else (root.sh), in a clone of this tree in /root,
# which other users cannot enter. All that the scripts install there and keep in their cache is theirs alone, and goes with the root.
# shellcheck disable=SC2016 # what is in single quotes, the root's shell expands

fresh_suites='bookworm trixie'
# The groups of scripts/check that need no virtual machine; a check has time for the first three.
fresh_groups='unit cli python'
fresh_others='lint unit-san fuzz netns ansible'

# A check has time for some of it, on Debian 12; suites that FRESH names get all of it, or the groups that FRESH_GROUPS names alone.
group_fresh() {
	local suite
	for suite in ${FRESH:-bookworm}; do
		[[ " $fresh_suites " == *" $suite "* ]] || die "FRESH: $suite is none of $fresh_suites"
		root_need "$suite" || return
		fresh_suite "$suite"
	done
	tap_done
}

# fresh_suite SUITE: a run that was killed has left its root.
fresh_suite() {
	local suite=$1 root=$top/$check_build/fresh/$1 groups
	read -r -a groups <<<"${FRESH_GROUPS:-$fresh_groups${FRESH:+ $fresh_others}}"
	root_drop
	mkdir -p "$root"
	tap_run "$suite: a fresh root has git, and a clone of this tree" fresh_root
	[[ ! ${FRESH-} || ${FRESH_GROUPS-} ]] || fresh_run demo fresh_demo
	fresh_run check fresh_here scripts/check "${groups[@]}"
	root_drop
}

# Each sort of package in a root of its own, in which nothing else has run: what another script installs there hides what this one lacks.
group_fresh-packages() {
	local suite kind root
	for suite in ${FRESH:-$fresh_suites}; do
		[[ " $fresh_suites " == *" $suite "* ]] || die "FRESH: $suite is none of $fresh_suites"
		root_need "$suite" || return
		for kind in ${FRESH_PACKAGES:-deb source rpm}; do
			root=$top/$check_build/fresh/$suite-$kind
			root_drop
			mkdir -p "$root"
			tap_run "$suite: a fresh root for $kind" fresh_root
			fresh_run "package $kind" fresh_here scripts/package "$kind"
			root_drop
		done
	done
	tap_done
}

# The clone has what is not committed yet as well. A machine has FUSE and TUN.
fresh_root() {
	root_unpack "$suite" "$root" && cp -a /dev/fuse /dev/net "$root/dev/" && root_apt update && root_apt install git &&
		git clone -q --no-checkout "$top" "$root/root/nfprobe" && cd "$top" &&
		git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -cf - -T - |
		tar --no-same-owner -C "$root/root/nfprobe" -xf - && in_root git -C /root/nfprobe reset -q
}

fresh_here() { in_root env HOME=/root CI=true sh -c 'cd /root/nfprobe && exec "$@"' sh "$@"; }

# What the README shows of it, which is not safe behind a bridge.
fresh_demo() {
	local said shown status=0
	shown=$(sed -n "/on QEMU's igb$/,/^and ends/s/^    //p" "$top/README.md" | tail -n +2)
	said=$(fresh_here scripts/demo) || status=$?
	printf '%s\n' "$said"
	((status == 1)) && [[ $shown && $(grep . <<<"$said") == "$shown"* ]]
}

# fresh_run SCRIPT COMMAND...: a test; how long it took, and how much apt fetched for it, is a remark, as is how long its groups took.
fresh_run() {
	local script=$1 log=$check_build/log/fresh-$suite-${1// /-}.log begun=$SECONDS had
	shift
	had=$(fresh_fetched)
	tap_run "$suite: scripts/$script does what it says" fresh_logged "$log" "$@"
	sed -n '/ passed, /s/^/# /p' "$log"
	echo "# $suite: scripts/$script took $((SECONDS - begun)) s, and apt fetched $(($(fresh_fetched) - had)) MB"
}

fresh_logged() { "${@:2}" 2>&1 | tee "$1"; return "${PIPESTATUS[0]}"; }

fresh_fetched() { du -sm "$root/var/cache/apt/archives" | cut -f 1; }

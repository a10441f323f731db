#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --bisect: what git bisect run does with the exit status of nfprobe.

# shellcheck disable=SC2154 # set by bats and by lib/common

load lib/common

setup_file() {
	recordings
	/usr/bin/python3 "$here/lib/without.py" 2 "$BATS_FILE_TMPDIR/igb.pcapng" "$BATS_FILE_TMPDIR/fewer.pcapng"
}

# A commit for each word: what the driver of that time makes of a run, a recording beside the repository.
history() {
	mkdir "$BATS_TEST_TMPDIR/driver"
	cd "$BATS_TEST_TMPDIR/driver" || return
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
	git init -q .
	git config user.name nfprobe
	git config user.email nfprobe@example.org
	for nic; do
		echo "$BATS_FILE_TMPDIR/$nic.pcapng" >run
		git add run
		git commit -q --allow-empty -m "$((++commits)) is $nic"
	done
	git bisect start HEAD "$(git rev-list --max-parents=0 HEAD)" >/dev/null
}

# shellcheck disable=SC2016 # the shell of git expands it
probe='"$NFPROBE" -q --bisect --read "$(cat run)"'

@test "a commit that is inconclusive, or cannot be probed, is skipped, and the first bad one found" {
	history igb igb igb fewer missing igb ixgbe ixgbe ixgbe
	run git bisect run sh -c "$probe"
	status_is 0
	[[ $output == *'is the first bad commit'*'7 is ixgbe'* ]]
	git bisect log >steps
	grep -q '^# skip: .* \(4 is fewer\|5 is missing\)' steps
	run ! grep -E '^# bad: .* (igb|fewer|missing)' steps
}

@test "without --bisect such a commit would be taken for a bad one" {
	history igb igb igb fewer missing igb ixgbe ixgbe ixgbe
	run git bisect run sh -c "${probe/--bisect/}"
	[[ $output == *'is the first bad commit'*' is '@(fewer|missing)* ]]
}

@test "a usage error ends the bisection" {
	history igb igb ixgbe ixgbe
	run git bisect run sh -c "$probe --nonsense"
	((status != 0))
	stdout_has 'exit code 202'
	run ! grep -E '^# (bad|good|skip): .* [23] is' <(git bisect log)
}

@test "each exit status" {
	cd "$BATS_FILE_TMPDIR"
	nfprobe --read igb.pcapng --bisect
	status_is 0
	nfprobe --read ixgbe.pcapng --bisect
	status_is 1
	nfprobe --read fewer.pcapng --bisect
	status_is 125
	nfprobe --read missing.pcapng --bisect
	status_is 125
	nfprobe --nonsense --bisect
	status_is 202
	# From both processes of a run.
	alone lo --vf 0 --bisect
	status_is 125
	nfprobe --list --bisect
	status_is 202
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Errors that need no SR-IOV hardware: a sentence, the documented status, both streams.

# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by lib/common

load lib/common

@test "no such interface" {
	alone nosuch0 --vf 0
	error_is 4 "there is no interface nosuch0" "Nothing was changed. nfprobe without arguments lists the PFs of this host. A container sees them only with --network host (hostNetwork: true)."
	alone --list nosuch0
	error_is 4 "there is no interface or device nosuch0"
	alone nosuch0 --vf 0 --dry-run
	error_is 4 "there is no interface nosuch0"
}

@test "what the log reader of a CI would execute is not printed" {
	alone '##[error]x' --vf 0
	status_is 4
	stderr_has '##?error]x'
	[[ $stderr != *'##['* ]]
	alone '##[error]x' --vf 0 --json
	[[ $(jq -r .error.message <<<"$output") == *'##[error]x' && $output != *'##['* ]]
}

@test "interfaces that are no PF" {
	alone lo --vf 0
	error_is 4 "lo is not an SR-IOV PF"
	alone --list lo
	error_is 4 "lo is not an SR-IOV PF"
	need_root
	run --separate-stderr unshare --net sh -c 'ip link add v0 type veth peer name v1 && exec "$@"' sh \
		"$NFPROBE" v0 --vf 0
	error_is 4 "v0 is "
	stderr_has "not an SR-IOV PF"
	run --separate-stderr unshare --net sh -c 'ip link add br0 type bridge && exec "$@"' sh \
		"$NFPROBE" br0 --vf 0
	error_is 4 "br0 is "
	stderr_has "not an SR-IOV PF"
}

@test "--restore without privileges" {
	need_root
	run --separate-stderr setpriv --bounding-set=-all --inh-caps=-all "$NFPROBE" --restore
	error_is 4 "no permission to change this host: nfprobe lacks CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_ADMIN" \
		"Run it as root"
}

@test "setuid, setgid or with file capabilities: refused, also for --list; no file that it names is written" {
	need_root
	for raised in 'chmod 4755' 'chmod 2755' 'setcap cap_dac_override,cap_net_admin=ep'; do
		# shellcheck disable=SC2016 # the inner shell's
		run --separate-stderr unshare --mount sh -c 'mount -t tmpfs none /mnt && cp "$1" /mnt/nfprobe && $2 /mnt/nfprobe &&
			echo secret >/mnt/secret && chmod 600 /mnt/secret && status=0 &&
			{ setpriv --reuid=65534 --regid=65534 --clear-groups /mnt/nfprobe --list --json=/mnt/secret || status=$?; } &&
			[ "$(cat /mnt/secret)" = secret ] && exit "$status"' sh "$NFPROBE" "$raised"
		error_is 4 "" "must not be setuid, setgid or have file capabilities"
	done
}

@test "--restore with nothing to undo" {
	alone --restore
	status_is 0
	no_stderr
	[[ $output == "nothing to undo" ]]
	alone --restore lo
	[[ $status == 0 && $output == "nothing to undo" ]]
	alone --restore eht0
	status_is 0
	stdout_has "nothing to undo"
	stderr_has "there is no netdev eht0, and no journal names it"
	stderr_has "nfprobe --restore alone undoes what any run left"
	alone --restore -q
	status_is 0
	no_stdout
	no_stderr
}

@test "--restore does not say that there is nothing to undo where it could not look" {
	need_root
	for make in 'ln -s /tmp /run/nfprobe' 'mkdir -m 777 /run/nfprobe' 'echo >/run/nfprobe'; do
		run --separate-stderr "$top/tests/own-host" sh -c "mount -t tmpfs none /run && $make && exec \"\$@\"" sh \
			"$NFPROBE" --restore
		error_is 5 "" "It must be a directory that belongs to root and has mode 0700"
	done
}

@test "--restore tells what it undid also where another PF is locked" {
	need_root
	# Journals of which not even the first line is whole: nothing was changed.
	# shellcheck disable=SC2016 # the inner shell's
	run --separate-stderr "$top/tests/own-host" sh -c 'mount -t tmpfs none /run && mkdir -m 700 /run/nfprobe && cd /run/nfprobe &&
		echo torn >0000:01:00.0.journal && echo torn >0000:02:00.0.journal && exec flock 0000:01:00.0.lock "$@"' sh "$NFPROBE" --restore
	status_is 5
	stderr_has "another run of nfprobe is using 0000:01:00.0"
	[[ $output == "the undo journal of 0000:02:00.0 was from an earlier boot, or from a run that changed nothing: removed" ]] ||
		fail "it says something else"
}

@test "--list on a machine without PFs" {
	alone --list
	status_is 0
	no_stderr
	[[ ${lines[0]} == "This host has no SR-IOV PF; DIAGNOSTICS in nfprobe(8) has the usual causes." ]]
}

@test "--list --json on a machine without PFs" {
	alone --list --json
	status_is 0
	no_stderr
	valid_stdout list
	[[ $(json "$BATS_TEST_TMPDIR/out.json" 'd["pfs"], d["exit"], "error" in d') == "([], 0, False)" ]]
}

@test "--list --json of an interface that is not there" {
	alone --list --json nosuch0
	status_is 4
	stderr_has "nfprobe: there is no interface or device nosuch0"
	valid_stdout list
	[[ $(json "$BATS_TEST_TMPDIR/out.json" 'd["error"]["code"], d["exit"]') == "('no-such-interface', 4)" ]]
}

# bats test_tags=slow
@test "an error with --json is one valid object on standard output" {
	for args in "nosuch0 --vf 0" "lo --vf 0" "lo --vf any --style macvtap --rate 5"; do
		# shellcheck disable=SC2086 # words
		alone $args --json
		status_is 4
		stderr_has "nfprobe: "
		valid_stdout result
		[[ $(json "$BATS_TEST_TMPDIR/out.json" 'd["exit"], d["verdict"], d["restored"]') == "(4, None, True)" ]]
	done
}

@test "--json=FILE: the object goes to the file" {
	alone lo --vf 0 --json="$BATS_TEST_TMPDIR/out.json"
	error_is 4 "lo is not an SR-IOV PF"
	valid result "$BATS_TEST_TMPDIR/out.json"
	[[ $(json "$BATS_TEST_TMPDIR/out.json" 'd["error"]["code"]') == not-a-pf ]]
}

@test "--json=FILE that cannot be written" {
	nfprobe lo --vf 0 --json="$BATS_TEST_TMPDIR/no/such/folder"
	error_is 4 "cannot write $BATS_TEST_TMPDIR/no/such/folder: No such file or directory"
	nfprobe lo --vf 0 --json=/dev/full
	error_is 4 "cannot write /dev/full: it is not a regular file" "--json > FILE"
}

@test "a full device is noticed in every mode that prints" {
	for args in --help --version --list "--list --json" "lo --vf 0 --json"; do
		# shellcheck disable=SC2016,SC2086 # the inner shell's; words
		run --separate-stderr sh -c 'exec "$@" >/dev/full' sh "$NFPROBE" $args
		status_is 4
		stderr_has "nfprobe: the result could not be written: No space left on device"
	done
}

@test "a closed standard output is noticed" {
	for args in --help --version --list; do
		# shellcheck disable=SC2016 # the inner shell's
		run --separate-stderr sh -c 'exec "$@" >&-' sh "$NFPROBE" $args
		status_is 4
		stderr_has "nfprobe: the result could not be written"
	done
}

@test "a closed standard error changes no status" {
	# shellcheck disable=SC2016 # the inner shell's
	run --separate-stderr sh -c 'exec "$@" 2>&-' sh "$NFPROBE" nosuch0 --vf 0
	status_is 4
	no_stdout
}

@test "a reader that has gone, as head does, is no error to talk of, and does not kill it" {
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	# Reading and writing, then only writing: the pipe has no reader when nfprobe writes.
	# shellcheck disable=SC2016 # the inner shell's
	gone='exec 3<>"$1" 4>"$1" 3>&-; shift; exec "$@" >&4'
	run --separate-stderr bash -c "$gone" bash "$BATS_TEST_TMPDIR/pipe" "$NFPROBE" --list
	status_is 4
	no_stderr
	for words in "nfprobe-all --help" "nfprobe-check --help" "nfprobe-check --version" "nfprobe-report --help" "nfprobe-report html --help" \
		"../packaging/libvirt/nfprobe-libvirt-hook --help"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr bash -c "$gone" bash "$BATS_TEST_TMPDIR/pipe" "$top/scripts/tools/"$words
		status_is 4
		no_stderr
	done
}

@test "colour only on a terminal, or when asked for" {
	export TERM=xterm
	nfprobe nosuch0 --vf 0
	stderr_lacks $'\e'
	nfprobe nosuch0 --vf 0 --color
	stderr_has $'\e[1;31m'
	nfprobe nosuch0 --vf 0 --color=always
	stderr_has $'\e[1;31m'
	run script -qec "$NFPROBE nosuch0 --vf 0" /dev/null
	[[ $output == *$'\e[1;31m'* ]]
	run script -qec "$NFPROBE nosuch0 --vf 0 --color=never" /dev/null
	[[ $output != *$'\e'* ]]
	NO_COLOR=1 run script -qec "$NFPROBE nosuch0 --vf 0" /dev/null
	[[ $output != *$'\e'* ]]
	TERM=dumb run script -qec "$NFPROBE nosuch0 --vf 0" /dev/null
	[[ $output != *$'\e'* ]]
	NO_COLOR='' run script -qec "$NFPROBE nosuch0 --vf 0" /dev/null
	[[ $output == *$'\e[1;31m'* ]]
}

@test "lines are as wide as COLUMNS says" {
	COLUMNS=40 nfprobe nosuch0 --vf 0
	! grep -E '.{41}' <<<"$stderr" || fail "a line is too wide"
	COLUMNS=nonsense nfprobe nosuch0 --vf 0
	status_is 4
}

@test "what has nothing to undo ends by a signal, even while nobody reads what it prints" {
	for args in --help --version --list; do
		unread pipe_write "$NFPROBE" $args
		status_is 143
	done
}

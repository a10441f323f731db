#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --write and --read as users type them. What a recording says is tested in tests/unit and tests/vm.

# shellcheck disable=SC2154 # set by bats and by lib/common

load lib/common

setup_file() {
	local build
	build=$(dirname "$NFPROBE")
	[[ -x $build/tests/soak/recording ]] || make -s -C "$top" BUILD="$build" "$build/tests/soak/recording" >&2
	for nic in igb ixgbe; do
		"$build/tests/soak/recording" "$BATS_FILE_TMPDIR/$nic.pcapng" $nic >"$BATS_FILE_TMPDIR/$nic.json"
	done
	cp -r "$BATS_FILE_TMPDIR"/* "$BATS_RUN_TMPDIR"
}

setup() { cd "$BATS_RUN_TMPDIR" || return; }

@test "--read: the result of the run, from its file alone, without rights" {
	nfprobe --read igb.pcapng --json
	status_is 0
	no_stderr
	diff igb.json <(printf '%s\n' "$output")
	valid nfprobe-1 igb.json
	need_root
	run --separate-stderr setpriv --reuid=65534 --clear-groups --bounding-set=-all "$NFPROBE" --read /dev/stdin <ixgbe.pcapng
	status_is 1
	stdout_has 'macvtap  DEAF'
}

@test "--read: the text, -q, -v and the files of a run" {
	nfprobe --read ixgbe.pcapng -v --json=again.json --junit again.xml --html again.html
	status_is 1
	stdout_has 'alone            VF'
	diff ixgbe.json again.json
	xmllint --nonet --noout again.xml again.html
	nfprobe -q --read ixgbe.pcapng
	status_is 1
	stdout_has 'VF 3     macvtap  DEAF'
}

@test "--read: other packets, another verdict, and a warning" {
	/usr/bin/python3 "$here/lib/without.py" 2 igb.pcapng fewer.pcapng
	nfprobe --read fewer.pcapng
	status_is 3
	stdout_has 'macvtap  INCONCLUSIVE'
	stderr_has 'the recording was changed: it has 0 packets of vf (VF)'
	/usr/bin/python3 "$here/lib/without.py" 0 igb.pcapng fewer.pcapng
	nfprobe --read fewer.pcapng
	error_is 4 'cannot read fewer.pcapng: '
	stderr_has 'the run sent other frames than are in the file'
}

@test "--read: what is no recording is refused" {
	nfprobe --read no-such-file
	error_is 4 'cannot read no-such-file: No such file or directory'
	head -c 1000 igb.pcapng >cut.pcapng
	nfprobe --read cut.pcapng
	error_is 4 'cannot read cut.pcapng: block '
	nfprobe --read igb.json --json
	status_is 4
	stderr_has 'no block of a pcapng file'
	[[ $(json <(printf '%s' "$output") 'd["error"]["code"]') == input ]]
	nfprobe --read /
	status_is 4
	nfprobe --read /dev/null
	error_is 4 'cannot read /dev/null: it is no recording of nfprobe --write, or the run did not end'
}

@test "--read goes with what shows a result, and with no PF" {
	nfprobe --read igb.pcapng eth0
	usage_error '"eth0" is one name too many'
	nfprobe --read igb.pcapng --vf 3
	usage_error '--vf makes no sense with --read'
	nfprobe --read igb.pcapng --write x
	usage_error '--write makes no sense with --read'
	nfprobe --read igb.pcapng --list
	usage_error '--list, --restore, --reflect, --read and --dry-run do not go together'
	nfprobe --read -
	usage_error '--read "-" names no file'
	nfprobe --read
	usage_error '--read'
}

@test "--write: a file that cannot be written is known before anything is done; a run that fails leaves none" {
	nfprobe lo --vf 0 --write no/such/folder
	error_is 4 'cannot write no/such/folder: No such file or directory'
	nfprobe lo --vf 0 --write -
	usage_error '--write "-" names no file'
	echo before >kept.pcapng
	alone lo --vf 0 --write kept.pcapng
	error_is 4 'lo is not an SR-IOV PF'
	[[ $(<kept.pcapng) == before && $(echo kept*) == kept.pcapng ]]
	nfprobe --list --write x
	usage_error '--write makes no sense with --list'
}

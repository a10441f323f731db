#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --export: each format, as the programs that read it take it.

# shellcheck disable=SC2154 # set by bats and by lib/common

load lib/common

setup_file() {
	for nic in igb ixgbe; do
		"$(program soak/recording)" "$BATS_FILE_TMPDIR/$nic.pcapng" $nic >"$BATS_FILE_TMPDIR/$nic.json"
	done
}

setup() { cd "$BATS_FILE_TMPDIR" || return; }

# The formats, as the program itself lists them.
formats() { "$NFPROBE" eth0 --vf 3 --export x=y 2>&1 | sed -n 's/.*it takes \(.*\), each.*/\1/p' | tr -d ,; }

@test "every format: a file, and standard output in place of the text" {
	[[ $(formats | wc -w) -ge 1 ]]
	for format in $(formats); do
		nfprobe --read igb.pcapng --export "$format=file"
		status_is 0
		stdout_has 'SAFE'
		[[ -s file ]]
		nfprobe --read igb.pcapng --export "$format=-"
		status_is 0
		diff file <(printf '%s\n' "$output")
	done
}

@test "every format: an error of the run is written as well, one of usage is not" {
	for format in $(formats); do
		alone lo --vf 0 --export "$format=failed"
		error_is 4 "lo is not an SR-IOV PF"
		[[ -s failed ]]
		echo old >failed
		nfprobe lo --vf nonsense --export "$format=failed"
		status_is 2
		[[ $(<failed) == old ]]
		nfprobe lo --vf 0 --export "$format=no/such/folder"
		error_is 4 'cannot write no/such/folder: No such file or directory'
	done
}

@test "every format is in the manual, and offered by the completion" {
	# shellcheck source=src/cli/nfprobe.bash-completion
	. "$top/src/cli/nfprobe.bash-completion"
	COMP_WORDS=(nfprobe --export '') COMP_CWORD=2
	_nfprobe
	diff <(formats | tr ' ' '\n') <(printf '%s\n' "${COMPREPLY[@]%=}")
	for format in $(formats); do
		sed -n '/^\.SH EXPORT/,/^\.SH HTML/p' "$top/man/nfprobe-output.5" | grep -qx "\.SS $format"
		grep -qF "\\fB$format\\fP" "$top/man/nfprobe.8"
		COMP_WORDS=(nfprobe --export "$format" "=" ig) COMP_CWORD=4
		_nfprobe
		[[ "${COMPREPLY[*]}" == *igb.json* ]]
	done
}

@test "--junit is --export junit" {
	nfprobe --read ixgbe.pcapng --junit one.xml
	nfprobe --read ixgbe.pcapng --export junit=two.xml
	status_is 1
	diff one.xml two.xml
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# --write and --read as users type them. tests/unit and tests/vm test what a recording says.

# shellcheck disable=SC2154 # set by bats and by lib/common

load lib/common

setup_file() {
	recordings
	cp -r "$BATS_FILE_TMPDIR"/* "$BATS_RUN_TMPDIR"
}

setup() { cd "$BATS_RUN_TMPDIR" || return; }


@test "--read: the result of the run, from its file alone, without rights" {
	nfprobe --read igb.pcapng --json
	status_is 0
	no_stderr
	diff igb.json <(printf '%s\n' "$output")
	valid nfprobe-2 igb.json
	need_root
	run --separate-stderr setpriv --reuid=65534 --clear-groups --bounding-set=-all "$NFPROBE" --read /dev/stdin <ixgbe.pcapng
	status_is 1
	stdout_has 'macvtap  DEAF'
}

@test "--read: the text, -q, -v and the files of a run" {
	nfprobe --read ixgbe.pcapng -v --json=again.json --export junit=again.xml --html again.html
	status_is 1
	stdout_has 'alone            VF'
	diff ixgbe.json again.json
	xmllint --nonet --noout again.xml again.html
	nfprobe -q --read ixgbe.pcapng
	status_is 1
	stdout_has 'VF 3  macvtap  DEAF'
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

@test "--read: multicast is judged, and what was not tested is said" {
	/usr/bin/python3 "$here/lib/without.py" 2 igb.pcapng lost.pcapng 3333
	nfprobe --read lost.pcapng --json=lost.json --baseline igb.json --same --export junit=lost.xml
	status_is 1
	stdout_has 'no IPv6 multicast'
	stdout_has 'only when it is trusted'
	stdout_has 'both, multicast pf'
	valid nfprobe-2 lost.json
	[[ $(json lost.json 'd["verdict"], d["vfs"][0]["styles"][0]["multicast"]') == "('deaf', 'lost')" ]]
	grep -qF 'message="no IPv6 multicast: ' lost.xml
	/usr/bin/python3 "$here/lib/without.py" 1 igb.pcapng unproven.pcapng 3333
	nfprobe -q --read unproven.pcapng
	status_is 0
	stdout_has 'IPv6 was not proven: no multicast reached eth0'
	"$(program soak/recording)" untested.pcapng igb no-multicast >untested.json
	nfprobe -q --read untested.pcapng --json=again.json
	status_is 0
	stdout_has 'IPv6 was not tested (--no-multicast)'
	diff untested.json again.json
	# One that tested it is not worse than one that did not.
	nfprobe -q --read lost.pcapng --baseline untested.json --same
	status_is 0
	stdout_has 'no difference'
}

@test "--read: judged by other criteria than the run's" {
	nfprobe --read igb.pcapng --gap-limit 200 --json --export junit=slow.xml
	status_is 1
	printf '%s\n' "$output" >slow.json
	valid nfprobe-2 slow.json
	[[ $(json slow.json 'd["verdict"], d["settings"]["gap_limit_ms"]') == "('slow', 200)" ]]
	grep -qF '<failure type="slow"' slow.xml
	nfprobe -q --read igb.pcapng --gap-limit 200 --allow slow
	status_is 0
	stdout_has 'SLOW (allowed)'
	nfprobe -q --read igb.pcapng --gap-limit 60000
	status_is 0
	no_stderr
	# As long as the limit, but for what the frames cannot tell.
	nfprobe --read igb.pcapng --gap-limit 322
	status_is 0
	stderr_has 'nfprobe: warning: VF 3, macvtap: whether the guest is deaf for longer than 322 ms'
	nfprobe -q --read ixgbe.pcapng --allow deaf
	status_is 0
}

@test "--read: compared with a baseline" {
	nfprobe --read igb.pcapng --baseline igb.json --same --html same.html
	status_is 0
	stdout_has 'no difference'
	grep -qF 'no difference' same.html
	nfprobe --read ixgbe.pcapng --baseline igb.json --same --json=worse.json --export junit=worse.xml --html worse.html
	status_is 1
	stdout_has 'not repeatable: '
	[[ $(json worse.json 'd["baseline"]["worse"], d["exit"]') == '(True, 1)' ]]
	grep -qF '<failure type="unstable"' worse.xml
	grep -qF 'not repeatable: ' worse.html
	# Nothing that could have changed it has changed: the error comes before anything is shown.
	nfprobe --read ixgbe.pcapng --baseline igb.json --export junit=error.xml
	error_is 4 'driver, firmware and kernel are those of the baseline' '--same tests whether'
	grep -qF '<error type="baseline"' error.xml
	sed 's/"firmware": null/"firmware": "1.0"/' igb.json >old.json
	nfprobe --read ixgbe.pcapng --baseline old.json
	status_is 1
	stdout_has 'Compared with old.json: firmware 1.0'
	nfprobe --read ixgbe.pcapng --baseline old.json --allow deaf
	status_is 0
	nfprobe --read igb.pcapng --baseline old.json --gap-limit 200
	status_is 1
	stdout_has 'worse: 1 of 1'
}

@test "--read: files of another user's folder, by root" {
	need_root
	rm -rf others
	mkdir -m 700 others
	cp igb.pcapng others/run.pcapng
	cp igb.json others/old.json
	chmod 600 others/*
	chown -R 65534:65534 others
	nfprobe --read others/run.pcapng --baseline others/old.json --same --html others/run.html --json=others/run.json
	status_is 0
	grep -qF 'no difference' others/run.html
	valid nfprobe-2 others/run.json
}

@test "--read: what is no recording is refused" {
	nfprobe --read no-such-file
	error_is 4 'cannot read no-such-file: No such file or directory'
	head -c 1000 igb.pcapng >cut.pcapng
	nfprobe --read cut.pcapng
	error_is 4 'cannot read cut.pcapng: block '
	nfprobe --read igb.json --json
	status_is 4
	stderr_has 'cannot read igb.json: it is not a pcapng file'
	stderr_has 'nfprobe: --read takes what nfprobe PF --vf N --write FILE wrote, whole'
	[[ $(json <(printf '%s' "$output") 'd["error"]["code"]') == input ]]
	nfprobe --read /
	error_is 4 'cannot read /: Is a directory'
	: >empty
	nfprobe --read empty
	error_is 4 'cannot read empty: it is not a recording of nfprobe --write, or the run did not end'
	nfprobe --read /dev/null
	error_is 4 'cannot read /dev/null: it is not a regular file' 'a recording is read twice'
	# Nobody writes into it: that is not waited for.
	mkfifo pipe
	nfprobe --read pipe
	error_is 4 'cannot read pipe: it is not a regular file' 'a recording is read twice'
}

@test "a narrow terminal: what stands under a verdict begins where its other lines do" {
	COLUMNS=40 nfprobe --read igb.pcapng
	stdout_has $'\n    longest outage:'
	! grep -E '.{41}' <<<"$output" || fail "a line is too wide"
}

@test "--read goes with what shows a result, and with no PF" {
	nfprobe --read igb.pcapng eth0
	usage_error '"eth0" is one name too many'
	nfprobe --read igb.pcapng --vf 3
	usage_error '--vf makes no sense with --read'
	nfprobe --read igb.pcapng --write x
	usage_error '--write makes no sense with --read'
	for option in --repeat=2 --json-stream --style=macvtap --timeout=3; do
		nfprobe --read igb.pcapng "$option"
		status_is 2
		stderr_has "nfprobe: ${option%=*} makes no sense with --read"
		stderr_has 'nfprobe: the run in the file is over: only how it is judged (--allow, --gap-limit, --baseline)'
	done
	nfprobe --read igb.pcapng --same
	usage_error '--same needs --baseline FILE'
	nfprobe --read igb.pcapng --list
	usage_error '--all, --list, --check, --restore, --reflect, --read and --dry-run do not go together'
	nfprobe --read -
	usage_error '--read takes the name of a file, not "-"'
	nfprobe --read
	usage_error '--read'
}

@test "--write: a file that cannot be written is known before anything is done; a refused run replaces none" {
	nfprobe lo --vf 0 --write no/such/folder
	error_is 4 'cannot write no/such/folder: No such file or directory'
	nfprobe lo --vf 0 --write -
	usage_error '--write takes the name of a file, not "-"'
	echo before >kept.pcapng
	alone lo --vf 0 --write kept.pcapng
	error_is 4 'lo is not an SR-IOV PF'
	[[ $(<kept.pcapng) == before && $(echo kept*) == kept.pcapng ]]
	alone lo --vf 0 --write refused.pcapng
	error_is 4 'lo is not an SR-IOV PF'
	fixture refused.pcapng public.pcapng
	status_is 0
	nfprobe --read public.pcapng --json=public.json
	status_is 4
	[[ $(json public.json 'd["error"]["code"]') == not-a-pf ]]
	nfprobe --list --write x
	usage_error '--write makes no sense with --list'
}

@test "DRIVERS in nfprobe-verdicts(7): measured are the drivers of which there is a recording" {
	local measured fixtures
	measured=$(sed -n '/^.SH DRIVERS/,/^.SS/p' "$top/man/nfprobe-verdicts.7" | awk '/^[a-z]/ { driver = $1 } /\trecording$/ { print driver }')
	fixtures=$(for file in "$top"/tests/fixtures/*/origin.json; do
		json "$file" '"" if d["kind"] == "simulated" else d["driver"]'
	done | grep . | sort -u)
	diff <(echo "$measured") <(echo "$fixtures")
}

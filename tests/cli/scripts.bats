#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# The sum of scripts/check must be true: a test that crashed, was skipped or never ran is no success.

# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # set for, and by, the libraries
setup() {
	load lib/common
	# shellcheck source=scripts/lib/all.sh
	. "$top/scripts/lib/all.sh"
	. "$top/scripts/lib/tap.sh"
	. "$top/scripts/lib/groups.sh"
	. "$top/scripts/lib/runner.sh"
	logs=$BATS_TEST_TMPDIR/log
	cache=$BATS_TEST_TMPDIR/cache
	unset CI
}

# counts TEXT: PASSED FAILED SKIPPED
counts() {
	printf '%b' "$1" >"$BATS_TEST_TMPDIR/tap"
	tap_count "$BATS_TEST_TMPDIR/tap"
}

@test "TAP is counted" {
	[ "$(counts '1..3\nok 1 - a\nnot ok 2 - b\n# why\nok 3 - c # skip no root\n')" = "1 1 1" ]
	[ "$(counts 'TAP version 13\n1..1\n    ok 1 - a subtest\nok 1 - a\n')" = "1 0 0" ]
	[ "$(counts '1..2\nok 1 - a\nnot ok 2 # SKIP as cmocka says it\n')" = "1 0 1" ]
	[ "$(counts 'ok 1 - plan at the end\n1..1\n')" = "1 0 0" ]
	[ "$(counts 'no TAP at all, although it is ok\n')" = "0 0 0" ]
}

@test "a test that was announced and did not report has failed" {
	[ "$(counts '1..3\nok 1 - a\n')" = "1 2 0" ]
	[ "$(counts '1..3\nok 1 - a\n1..2\nok 1 - b\nok 2 - c\n')" = "3 2 0" ]
	[ "$(counts '1..2\nok 1 - a\nok 2 - b\nnot ok - c was not built\n')" = "2 1 0" ]
	[ "$(counts '1..1\nok 1 - a\nBail out! no network\n')" = "1 1 0" ]
}

@test "tap_run takes a command's status for a test's" {
	run bash -c '. "$1/scripts/lib/tap.sh"; tap_run good true; tap_run bad sh -c "echo why; exit 3"; tap_done' - "$top"
	[ "$status" = 1 ]
	[ "$output" = $'ok 1 - good\n# why\nnot ok 2 - bad\n1..2' ]
}

group_good() { printf '1..1\nok 1 - a\n'; }
group_bad() { printf '1..2\nok 1 - a\nnot ok 2 - b\n'; return 1; }
group_none() { echo 'nothing to do'; }
group_lies() { printf '1..1\nok 1 - a\n'; return 139; }
group_skips() { printf '1..2\nok 1 - a\nok 2 - b # skip no such kernel\n'; }

# check_groups NAME...: as scripts/check does with its own groups.
check_groups() {
	(
		trap finish EXIT
		trap 'exit 143' TERM
		check=$BASHPID
		run_groups "$@"
	)
}

last() { [[ ${lines[-1]} == "$1" ]] || fail "the last line is not: $1"; }

@test "the last line is the sum over all groups, and the status follows it" {
	run check_groups good good
	status_is 0
	last "2 passed, 0 failed"
	run check_groups good bad
	status_is 1
	last "2 passed, 1 failed"
	stdout_has "not ok 2 - b"
}

@test "lint runs beside other groups, and counts like them" {
	group_table='lint build always formatting'
	mkfifo "$BATS_TEST_TMPDIR/met"
	group_lint() { timeout 60 tee "$BATS_TEST_TMPDIR/met" <<<met && group_bad; }
	group_other() { read -r <"$BATS_TEST_TMPDIR/met" && group_good; }
	run check_groups lint other
	status_is 1
	last "2 passed, 1 failed"
	stdout_has "not ok 2 - b"
}

@test "a check that is ended ends lint, too" {
	group_table='lint build always formatting'
	mkfifo "$BATS_TEST_TMPDIR/begun"
	group_lint() { echo 'ok 1 - a'; echo >"$BATS_TEST_TMPDIR/begun"; timeout --foreground 20 tail -f /dev/null; echo >"$BATS_TEST_TMPDIR/went-on"; }
	group_other() { read -r <"$BATS_TEST_TMPDIR/begun"; kill "$check"; }
	run check_groups lint other # comes back once nobody writes any more
	status_is 1
	[[ ! -e $BATS_TEST_TMPDIR/went-on ]] || fail "lint went on"
	stdout_has "so far: 1 passed, 0 failed or still to come, then it was stopped; ok 1 - a"
	stdout_has "so far: 0 passed, 0 failed or still to come, then it was stopped"
}

@test "a group that ran no test has failed" {
	run check_groups good none
	status_is 1
	last "1 passed, 1 failed"
	stdout_has "it ran no test"
}

@test "a group whose runner fails has failed, whatever it printed" {
	run check_groups lies
	status_is 1
	last "1 passed, 1 failed"
	stdout_has "status 139"
}

# prepared NAME...: as scripts/check prepares and runs them, where the group "bad" cannot have what it needs.
prepared() {
	groups_need() {
		for name; do
			[[ $name != bad ]] || die "the mirror has no source of libvirt"
		done
		has_needs="$*"
	}
	(
		trap finish EXIT
		prepare_groups "$@"
		[[ $has_needs == "${ready[*]}" ]] || fail "prepared are: $has_needs"
		run_groups "${ready[@]}"
	)
}

@test "a group that cannot have what it needs has failed, by its name; the others run" {
	run prepared good skips
	status_is 0
	last "2 passed, 0 failed"
	need_root
	run prepared good bad skips
	status_is 1
	last "2 passed, 1 failed"
	[[ $(grep -c '^bad  *not run, since it lacks what it needs: 0 passed, 1 failed$' <<<"$output") == 1 ]] || fail "bad is not named"
	stdout_has "the mirror has no source of libvirt"
}

@test "a skipped test is a failure when CI=true, and only then" {
	run check_groups skips
	status_is 0
	last "1 passed, 0 failed"
	CI=true run check_groups skips
	status_is 1
	last "1 passed, 1 failed"
	group_skips_early() { printf '1..50\nok 1 - a # skip no such kernel\n'; seq -f 'ok %g - b' 2 50; }
	CI=true run check_groups skips_early
	stdout_has "ok 1 - a # skip no such kernel"
}

@test "a group that hangs is ended with all its processes, and has failed; the others run" {
	mkfifo "$BATS_TEST_TMPDIR/begun"
	group_hangs() { printf '1..1\nok 1 - a\n'; (echo "$BASHPID" >"$BATS_TEST_TMPDIR/begun"; exec tail -f /dev/null) & wait; }
	limit=3 check_groups hangs good >"$BATS_TEST_TMPDIR/said" 3>&- &
	read -r pid <"$BATS_TEST_TMPDIR/begun"
	status=0
	wait $! || status=$?
	status_is 1
	timeout 20 tail --pid="$pid" -f /dev/null
	mapfile -t lines <"$BATS_TEST_TMPDIR/said"
	last "2 passed, 1 failed"
	grep -q "^hangs .* 1 passed, 1 failed, it was ended after 3 s" "$BATS_TEST_TMPDIR/said" || fail "it is not said"
}

@test "a group is ended by the processor's time as well, that of all its processes, and says how far it is" {
	busy=$'import time\nwhile time.process_time() < .6: pass'
	run bash -c '. "$1"; /usr/bin/python3 -ISc "$2"; (/usr/bin/python3 -ISc "$2"; spent $$)' sh "$top/scripts/lib/runner.sh" "$busy"
	((output > 0)) || fail "$output s"
	group_hangs() { printf '1..2\nok 1 - a\n'; exec tail -f /dev/null; }
	timeout() { [[ $1 != 60 ]] && command timeout "$@"; } # a minute has passed
	spent() { echo "more" >>"$BATS_TEST_TMPDIR/rounds"; echo $(($(wc -l <"$BATS_TEST_TMPDIR/rounds") * 100 * $(nproc))); }
	limit=250 run check_groups hangs
	status_is 1
	[[ ${lines[0]} == "hangs "*"so far: 1 passed, 1 failed or still to come, "*" s, $((100 * $(nproc))) s of a processor; ok 1 - a" ]] || fail "${lines[0]}"
	[[ ${lines[2]} == "hangs "*"it was ended after 250 s of each processor, or 1000 s by the clock"* ]] || fail "${lines[2]}"
}

# due_tree: a repository of three commits, whose group "rare" has files that the second one has changed.
due_tree() {
	top=$BATS_TEST_TMPDIR/tree
	group_table=$'\nlint b always l\nrare b src/a,src/b r\nbig b nightly b\n'
	unset CHECK_SINCE CI
	mkdir -p "$top/src"
	git -C "$top" init -q
	commit one
	echo one >"$top/src/a"
	commit two
	echo one >"$top/other"
	commit three
}

commit() {
	git -C "$top" add -A
	git -C "$top" -c user.name=n -c user.email=n@localhost commit -q --allow-empty -m "$1"
}

# due GROUP...: these are.
due() {
	run --separate-stderr groups_due
	[[ $output == "$(printf '%s\n' "$@")" ]] || fail "due are: $output"
}

@test "a check runs groups whose files have changed since CHECK_SINCE, committed or not" {
	due_tree
	CHECK_SINCE=HEAD~2 due lint rare
	CHECK_SINCE=HEAD~1 due lint
	[[ $stderr == *"nothing that these groups are about has changed since "*": rare" ]] || fail "it does not say what is left out"
	echo two >"$top/src/a"
	CHECK_SINCE=HEAD~1 due lint rare
	git -C "$top" checkout -q src/a
	echo two >"$top/src/b"
	CHECK_SINCE=HEAD~1 due lint rare
}

@test "without CHECK_SINCE what the clone's origin lacks counts" {
	due_tree
	due lint
	git clone -q "$top" "$BATS_TEST_TMPDIR/clone"
	top=$BATS_TEST_TMPDIR/clone
	due lint
	echo two >"$top/src/a"
	due lint rare
	commit four
	due lint rare
	CI=true due lint
	git -C "$top" checkout -q -b other --no-track
	due lint rare
	git -C "$top" push -q origin other
	rm -rf "$top/.git"
	GIT_CEILING_DIRECTORIES=$BATS_TEST_TMPDIR due lint
}

@test "a check leaves nothing out where CHECK_SINCE is not there" {
	due_tree
	CHECK_SINCE=0123456789012345678901234567890123456789 due lint rare
	stderr_has "no commit 0123456789012345678901234567890123456789 here: nothing is left out"
}

@test "what a check draws goes by the tree; a draw that failed is repeated until it passes" {
	top=$BATS_TEST_TMPDIR/tree
	check_scenarios=$BATS_TEST_TMPDIR/check.txt check_draws=$BATS_TEST_TMPDIR/draws check_build=$BATS_TEST_TMPDIR/build
	mkdir -p "$top" "$check_build/log"
	cd "$top"
	git init -q
	echo one >a
	commit one
	printf '# a remark\ntest_a:test_one\n\ntest_b:test_two NFPROBE_B 6 2\nwhen b c\ntest_c:test_three NFPROBE_C 1\n' >"$check_scenarios"
	# It says with what it was run, and fails if the file "bad" has that.
	run_vm() {
		echo "$* B=${NFPROBE_B-}" | tee -a "$BATS_TEST_TMPDIR/said"
		! grep -qxF -- "${NFPROBE_B-}" "$BATS_TEST_TMPDIR/bad" || { echo "not ok 2 - b: two" >>"$check_build/log/vm.log"; return 1; }
	}
	hash=$(tree_hash)
	echo "$hash 6 2" >"$BATS_TEST_TMPDIR/bad"
	run --separate-stderr group_vm
	status_is 1
	stderr_has "nothing that 1 scenarios are about has changed since "
	[[ $output == "$(nproc) test_a:test_one test_b:test_two B=$hash 6 2" ]] || fail "it ran $output"
	[[ $(<"$check_draws") == "test_b:test_two NFPROBE_B $hash 6 2" ]] || fail "kept is $(<"$check_draws")"
	# Another tree: the old draw first, by itself.
	echo two >a
	rm "$check_build/log/vm.log"
	run --separate-stderr group_vm
	status_is 1
	[[ ${lines[1]} == "1 test_b:test_two B=$hash 6 2" && ${lines[2]} == "$(nproc) test_a:test_one test_b:test_two B=$(tree_hash) 6 2" ]] || fail "it ran $output"
	echo one >"$top/c"
	[[ $(scenarios_due) == $'test_a:test_one\ntest_b:test_two NFPROBE_B 6 2\ntest_c:test_three NFPROBE_C 1' ]] || fail "due are $(scenarios_due)"
	[[ $(tree_hash) != "$hash" ]] || fail "the hash is the same"
	: >"$BATS_TEST_TMPDIR/bad"
	run group_vm
	status_is 0
	[[ ! -s $check_draws ]] || fail "it is still kept"
}

@test "the scenarios of a check are there, each once" {
	local scenarios
	mapfile -t scenarios < <(awk '!/^(#|when )/ && NF { print $1 }' "$top/tests/vm/check.txt" | sort)
	run "$top/tests/vm/run" --list --kernel-dir / --qemu q --nfprobe n "${scenarios[@]}"
	status_is 0
	[[ $(sort <<<"$output") == "$(printf '%s\n' "${scenarios[@]}")" ]] || fail "they are not"
	run "$top/tests/vm/run" --list --kernel-dir / --qemu q --nfprobe n # each file of them can be loaded
	status_is 0
}

@test "each group is a function or has files of scenarios, and these are there" {
	local name files file
	for name in $(awk 'NF { print $1 }' <<<"$group_table"); do
		declare -F "group_$name" >/dev/null || [[ ${vm_files[$name]-} ]] || fail "$name is neither"
	done
	read -r -a files <<<"${vm_files[*]} ${harm_others//$'\n'/ }"
	for file in "${files[@]}"; do
		[[ -e $top/tests/vm/${file%%:*} ]] || fail "no $file"
	done
}

@test "what groups and scenarios wait for a change of is there" {
	local pattern patterns
	read -r -d '' -a patterns < <(sed -n 's/^when //p' "$top/tests/vm/check.txt"; awk '$3 ~ /[\/.]/ { gsub(",", " ", $3); print $3 }' <<<"$group_table") || true
	((${#patterns[@]} > 50)) || fail "only ${#patterns[@]}"
	for pattern in "${patterns[@]}"; do
		[[ -e $top/$pattern || $(find "$top/src" -path "$top/$pattern" -print -quit) ]] || fail "nothing is $pattern"
	done
}

# nightly_tree: a tree whose parts say how they were run; the group unit fails, and the draws of kills hang, who wrote their PID to the file "pid".
nightly_tree() {
	tree=$BATS_TEST_TMPDIR/tree
	mkdir -p "$tree/scripts"
	cp "$top/scripts/nightly" "$tree/scripts"
	cp -r "$top/scripts/lib" "$tree/scripts"
	cat >"$tree/scripts/check" <<-'END'
		#!/bin/sh
		echo "$0 $* CI $CI FRESH $FRESH"
		[ "$1" != kills ] || { echo $$ >pid; exec tail -f /dev/null; }
		[ "$1" != unit ]
	END
	cp "$tree/scripts/check" "$tree/scripts/soak"
	chmod +x "$tree"/scripts/{check,soak}
}

@test "scripts/nightly runs each group and the draws, also after one that fails or hangs, and prints a table of them" {
	local command
	nightly_tree
	NIGHTLY_LIMIT=4 run --separate-stderr "$tree/scripts/nightly"
	status_is 1
	[[ ${lines[-1]} =~ ^([0-9]+)\ of\ ([0-9]+)\ parts\ passed,\ 2\ failed$ && ${BASH_REMATCH[2]} == $((${#lines[@]} - 1)) ]] || fail "the last line is another"
	for command in $(awk 'NF && $1 != "fresh" { print "scripts/check." $1 }' <<<"$group_table") \
		env.FRESH={bookworm,trixie}.scripts/check.fresh scripts/soak.{lots.2000,random.20,adversary.300}; do
		grep -qE "^$command +(passed|FAILED) +0 min +[0-9]+ s$" <<<"$output" || fail "$command is not in the table"
	done
	grep -q "^scripts/check unit  *FAILED" <<<"$output" || fail "unit has not failed"
	grep -q "^scripts/soak kills 60  *too long" <<<"$output" || fail "kills has not failed"
	! kill -0 "$(<"$tree/pid")" 2>/dev/null || fail "it still runs"
	[[ $(cat "$tree/build/nightly/env-FRESH=trixie-scripts-check-fresh.log") == "scripts/check fresh CI true FRESH trixie" ]] || fail "its log"
	run --separate-stderr "$tree/scripts/nightly" adversary
	status_is 0
	[[ ${lines[1]} == "1 of 1 parts passed, 0 failed" ]] || fail "it says $output"
	run --separate-stderr "$tree/scripts/nightly" nonsense
	status_is 4
	stderr_has "no part has nonsense"
}

@test "scripts/nightly that is stopped ends what runs, and prints the table" {
	local pid
	nightly_tree
	mkfifo "$tree/pid"
	"$tree/scripts/nightly" soak >"$tree/said" 2>&1 3>&- &
	read -r pid <"$tree/pid"
	kill $!
	status=0
	wait $! || status=$?
	status_is 1
	timeout 20 tail --pid="$pid" -f /dev/null
	grep -q "^scripts/soak kills 60  *stopped" "$tree/said" || fail "$(<"$tree/said")"
	[[ $(tail -n 1 "$tree/said") == "2 of 7 parts passed, 1 failed" ]] || fail "$(<"$tree/said")"
}

@test "scripts/check: a group that is not there" {
	run --separate-stderr "$top/scripts/check" nonsense
	status_is 2
	no_stdout
	stderr_has "no such group: nonsense"
}

# fake_qemu VERSION DEVICE: one first in PATH.
fake_qemu() {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\ncase $1 in --version) echo QEMU emulator version %s ;; -device) echo "name \\"%s\\"" ;; esac\n' \
		"$@" >"$BATS_TEST_TMPDIR/bin/qemu-system-x86_64"
	chmod +x "$BATS_TEST_TMPDIR/bin/qemu-system-x86_64"
	for tool in grep awk; do
		ln -sf "$(type -P $tool)" "$BATS_TEST_TMPDIR/bin/"
	done
}

@test "a QEMU that is too old is left alone, and a newer one beside it is taken" {
	fake_qemu 7.2.0 e1000
	with_cache_lock() { fail "would install something"; }
	PATH=$BATS_TEST_TMPDIR/bin run qemu_need
	status_is 4
	stdout_has "is QEMU 7.2.0, which does not emulate the igb NIC"
	stdout_has "--upgrade-qemu"

	mv "$BATS_TEST_TMPDIR/bin/qemu-system-x86_64" "$BATS_TEST_TMPDIR/old"
	fake_qemu 9.0.0 igb
	mv "$BATS_TEST_TMPDIR/bin/qemu-system-x86_64" "$BATS_TEST_TMPDIR/new"
	mv "$BATS_TEST_TMPDIR/old" "$BATS_TEST_TMPDIR/bin/qemu-system-x86_64"
	PATH=$BATS_TEST_TMPDIR/bin NFPROBE_QEMU=$BATS_TEST_TMPDIR/new run qemu_need
	status_is 0
}

@test "apt is asked for what lacks, and for nothing else" {
	command -v dpkg-query >/dev/null || skip "no dpkg here"
	[ -z "$(packages_missing dpkg)" ]
	[ "$(packages_missing dpkg no-such-package-xyz)" = no-such-package-xyz ]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# scripts/nightly: what it says of its parts, which here do nothing.

# shellcheck disable=SC2154 # bats sets it
setup() {
	load lib/common
	tree=$BATS_TEST_TMPDIR/tree
	export NFPROBE_CACHE=$BATS_TEST_TMPDIR/cache
	mkdir -p "$tree/scripts/lib" "$tree/tests"
	cp "$top/scripts/nightly" "$tree/scripts"
	cp "$top/scripts/lib/common.sh" "$tree/scripts/lib"
	printf '/build*/\n' >"$tree/.gitignore"
	# say WORDS: says them; it fails if the last one is "bad", or if the seed is in the file "bad".
	cat >"$tree/scripts/say" <<-'END'
		#!/bin/sh
		echo "says $* seed ${SOAK_SEED-none} CI ${CI-}"
		for last; do :; done
		[ "$last" != bad ] && ! grep -qx "${SOAK_SEED-none}" ../bad
	END
	chmod +x "$tree/scripts/say"
	: >"$BATS_TEST_TMPDIR/bad"
	unset SOAK_SEED NIGHTLY_SEED NIGHTLY_LIMIT CI
	parts 'one 3 - scripts/say one' 'two 4 - scripts/say two bad; scripts/say more' 'drawn 5 seed scripts/say drawn'
}

# parts LINE...: the table; all is committed.
parts() {
	printf '%s\n' '# a remark' "$@" >"$tree/scripts/lib/nightly.txt"
	git -C "$tree" init -q
	git -C "$tree" add -A
	git -C "$tree" -c user.name=n -c user.email=n@localhost commit -qm n
	head=$(git -C "$tree" rev-parse HEAD)
}

nightly() { run --separate-stderr "$tree/scripts/nightly" "$@"; }

part() { cat "$tree/build/nightly/$1.txt"; }

@test "each part has a summary that names the commit, and the sum is last; what fails stops nothing" {
	nightly
	status_is 1
	[[ ${lines[-1]} == "2 of 3 parts passed, 1 failed" ]] || fail "the last line is another"
	[[ ${lines[-4]} =~ ^one:\ passed\ in\ 0\ min\ [0-9]+\ s\ \(CPU\ [0-9]+\ s\)\ at\ $head$ ]] || fail "one is not summed up"
	[[ ${lines[-3]} == "two: FAILED in "*" at $head" ]] || fail "two is not summed up"
	[[ $(part one) == *"says one seed none CI true"* ]] || fail "no end of its log"
	[[ $(grep -v '^#' "$tree/tests/nightly.txt" | cut -d ' ' -f 1,2) == "one $head"$'\n'"drawn $head" ]] || fail "the record: $(cat "$tree/tests/nightly.txt")"
	git -C "$tree" add -A
	git -C "$tree" -c user.name=n -c user.email=n@localhost commit -qm record
	newer=$(git -C "$tree" rev-parse HEAD)
	[[ $(part two) == *"says two bad"*"says more"* ]] || fail "a command behind one that failed is not run"
	nightly one
	status_is 0
	[[ ${lines[-1]} == "1 of 1 parts passed, 0 failed" ]] || fail "the last line is another"
	[[ $(grep -v '^#' "$tree/tests/nightly.txt" | cut -d ' ' -f 1,2) == "one $newer"$'\n'"drawn $head" ]] || fail "the record: $(cat "$tree/tests/nightly.txt")"
}

@test "a tree that is not its commit is called that; one that changes meanwhile is a failure" {
	echo more >"$tree/more"
	nightly one
	status_is 0
	stdout_has "at $head with changes"
	[[ ! -e $tree/tests/nightly.txt ]] || fail "a tree that is no commit is recorded"
	rm "$tree/more"
	parts 'one 3 - touch more'
	nightly one
	status_is 1
	stdout_has "one: FAILED (the tree has changed meanwhile)"
}

@test "a draw that failed is kept, and repeated until it passes" {
	echo 7 >"$BATS_TEST_TMPDIR/bad"
	NIGHTLY_SEED=7 nightly drawn
	status_is 1
	[[ $(part drawn) == *"SOAK_SEED=7"* ]] || fail "the summary does not name the seed"
	NIGHTLY_SEED=8 nightly drawn
	status_is 1
	[[ $(part drawn) == *"says drawn seed 7"*"says drawn seed 8"* ]] || fail "7 is not repeated"
	: >"$BATS_TEST_TMPDIR/bad"
	NIGHTLY_SEED=9 nightly drawn
	status_is 0
	[[ $(part drawn) == *"says drawn seed 7"*"says drawn seed 9"* ]] || fail "7 is not repeated"
	[[ $(part drawn) != *"seed 8"* ]] || fail "8 had passed"
	NIGHTLY_SEED=10 nightly drawn
	status_is 0
	[[ $(part drawn) != *"seed 7"* ]] || fail "7 is repeated although it has passed"
}

@test "a part that takes too long has failed, and is ended" {
	parts 'long 3 - tail -f /dev/null' 'one 3 - scripts/say one'
	NIGHTLY_LIMIT=3 nightly
	status_is 1
	stdout_has "long: FAILED (not done after 0 minutes)"
	stdout_has "one: passed"
}

# timeout may end before it has sent the signal on: so does this one, always.
@test "a signal ends it, and the part, with and without timeout's help" {
	local help
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '%s\n' '#!/usr/bin/python3' 'import os, subprocess, sys' 'os.setpgid(0, 0)' 'subprocess.run(sys.argv[3:])' >"$BATS_TEST_TMPDIR/bin/timeout"
	chmod +x "$BATS_TEST_TMPDIR/bin/timeout"
	mkfifo "$tree/begun"
	parts 'long 3 - scripts/begin' 'one 3 - scripts/say one'
	printf '#!/bin/sh\necho $$ >begun\nexec tail -f /dev/null\n' >"$tree/scripts/begin"
	chmod +x "$tree/scripts/begin"
	for help in "$PATH" "$BATS_TEST_TMPDIR/bin:$PATH"; do
		PATH=$help "$tree/scripts/nightly" >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
		read -r pid <"$tree/begun"
		kill -TERM $!
		run wait $!
		timeout 120 tail --pid="$pid" -f /dev/null
		! grep -q '^one' "$BATS_TEST_TMPDIR/said" || fail "the next part was begun"
	done
}

@test "--list: the parts, and what they were last; an unknown one" {
	nightly one
	nightly --list
	status_is 0
	[[ $output == *"one "*"3 min  scripts/say one"*"passed in"*"at $head"*"two "*"4 min  scripts/say two bad; scripts/say more"*"has not been run"* ]] || fail "the list"
	nightly nonsense
	status_is 2
	stderr_has "no such part: nonsense"
}

@test "the parts take no more than 45 minutes each and five hours together, and there is all that they run" {
	local all=0 name minutes seed command program group
	while read -r name minutes seed command; do
		((minutes <= 45)) || fail "$name"
		all=$((all + minutes))
		[[ $seed == seed || $seed == - ]] || fail "$name: $seed"
		while read -r program group _; do
			[[ -x $top/$program ]] || fail "$name: $program"
			case $program in
			scripts/check) grep -q "^$group " <(group_table) || fail "$name: $group" ;;
			scripts/soak) "$top/scripts/soak" --help | grep -q "^\(scripts/soak \)\?$group " || fail "$name: $group" ;;
			esac
		done < <(sed 's/; */\n/g' <<<"$command")
	done < <(grep -v '^#' "$top/scripts/lib/nightly.txt")
	((all > 0 && all <= 300)) || fail "$all minutes"
	# No group of a check is left out; the scenarios of "vm" are in all the others.
	for group in $(group_table | awk '$1 != "vm" { print $1 }'); do
		grep -qE "scripts/check( [a-z-]+)* $group( |;|$)" "$top/scripts/lib/nightly.txt" || fail "$group is in no part"
	done
}

group_table() (
	# shellcheck source=scripts/lib/groups.sh
	. "$top/scripts/lib/groups.sh"
	sed '/^$/d' <<<"$group_table"
)

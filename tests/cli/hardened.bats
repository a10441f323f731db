#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# The program that is run as root is built so that a mistake in it is hard to make use of.

# shellcheck disable=SC2154 # set by the library
setup() {
	load lib/common
	program=${NFPROBE:-$top/build/nfprobe}
	command -v readelf >/dev/null || skip "no readelf here"
	[ "$(readelf -W --dyn-syms "$program" | grep -c __asan_init)" = 0 ] || skip "a build for the sanitizers"
}

header() { readelf -W -h -l -d "$program"; }

@test "it is loaded at a random address (PIE)" {
	header | grep -q 'Type: *DYN'
	header | grep -q 'FLAGS_1.*PIE'
}

@test "its table of functions is read-only before main runs (full RELRO, BIND_NOW)" {
	header | grep -q GNU_RELRO
	header | grep -Eq '\(FLAGS\).*BIND_NOW|\(BIND_NOW\)'
	header | grep -q 'FLAGS_1.*NOW'
	[ "$(readelf -W -S "$program" | grep -c ' \.got\.plt .*WA')" = 0 ]
}

@test "its stack is not executable, and no segment is writable and executable" {
	header | grep -E 'GNU_STACK' | grep -q ' RW '
	[ "$(header | grep -E '^ *LOAD' | grep -c 'RWE')" = 0 ]
}

@test "a stack that was written over is noticed (stack protector, strong)" {
	readelf -W --dyn-syms "$program" | grep -q __stack_chk_fail
	# strong: in every function with an array, or whose locals are pointed to; not just a few
	[ "$(objdump -d --no-show-raw-insn "$program" | grep -c 'call.*__stack_chk_fail')" -gt 100 ]
}

@test "writes beyond an array are noticed (FORTIFY_SOURCE)" {
	[ "$(readelf -W --dyn-syms "$program" | grep -cE '__(v?snprintf|v?fprintf|v?asprintf|realpath|memcpy)_chk')" -ge 4 ]
}

@test "a stack cannot jump over its guard page, and calls by pointer land at functions only (x86)" {
	[[ $(uname -m) == x86_64 ]] || skip "other instructions elsewhere"
	objdump -d --no-show-raw-insn "$program" >"$BATS_TEST_TMPDIR/code"
	# A frame of more than a page is made page by page.
	(($(grep -c 'sub  *.0x1000,%rsp' "$BATS_TEST_TMPDIR/code") >= 10))
	(($(grep -c endbr64 "$BATS_TEST_TMPDIR/code") > 100))
}

# Its build ID, which stays when it is stripped, is that of all its bytes.
@test "it does not name the folder in which it was built: built in another, it is the same" {
	[[ $(grep -c -aF "$top" "$program") == 0 ]] || fail "it names $top"
}

# flags VARIABLE=VALUE...: what make would compile with, in an environment of its own.
flags() {
	env -u CFLAGS -u CPPFLAGS -u MAKEFLAGS make -s -C "$top" BUILD="$BATS_TEST_TMPDIR/flags" "$@" "$BATS_TEST_TMPDIR/flags/flags"
	cat "$BATS_TEST_TMPDIR/flags/flags"
}

@test "what was compiled with WERROR is not compiled again without, and is with other flags" {
	local object=$BATS_TEST_TMPDIR/build/src/base/text.o
	compiled() { env -u CFLAGS -u CPPFLAGS -u MAKEFLAGS make -C "$top" BUILD="$BATS_TEST_TMPDIR/build" "$@" "$object" | grep -c '  CC '; }
	[[ $(compiled WERROR=1) == 1 ]] || fail "it is not compiled"
	[[ $(compiled) == 0 ]] || fail "it is compiled again without WERROR"
	[[ $(compiled WERROR=1) == 0 ]] || fail "it is compiled again with WERROR"
	[[ $(compiled CFLAGS=-O1) == 1 ]] || fail "it is not compiled with other flags"
	[[ $(compiled CFLAGS=-O1 WERROR=1) == 1 ]] || fail "it is not compiled with warnings as errors"
}

@test "locals begin as zeros, but not where the sanitizers look for reads of what nobody has set" {
	compilers=gcc
	# Only the groups that build with clang install it.
	! command -v clang >/dev/null || compilers+=' clang'
	for compiler in $compilers; do
		for flag in -fstack-clash-protection -ftrivial-auto-var-init=zero -D_FORTIFY_SOURCE=2; do
			[[ " $(flags CC=$compiler) " == *" $flag "* ]] || fail "$compiler is not given $flag"
		done
		run flags CC=$compiler SAN=1
		[[ $output == *-fstack-clash-protection* && $output != *auto-var-init* && $output != *FORTIFY* ]] || fail "with SAN=1"
	done
}

@test "the level of FORTIFY_SOURCE that a distribution asks for stays" {
	for given in CFLAGS='-O2 -Wp,-D_FORTIFY_SOURCE=3' CPPFLAGS=-D_FORTIFY_SOURCE=3 CC='gcc -D_FORTIFY_SOURCE=3'; do
		run flags "$given"
		[[ $output != *FORTIFY_SOURCE=2* && $output != *-U_FORTIFY_SOURCE* ]] || fail "with $given"
	done
}

@test "libraries are looked for where the system has them, not beside the program" {
	[ "$(header | grep -cE 'RPATH|RUNPATH')" = 0 ]
}

# As on a machine that has the compiler and no more: what the tests lack is said before the first of them, with the command.
@test "make says first what the tests lack" {
	local tools=$BATS_TEST_TMPDIR/tools name
	mkdir "$tools"
	for name in /bin/* /usr/bin/*; do
		[[ ${name##*/} == @(bats|jq) || -e $tools/${name##*/} ]] || ln -s "$name" "$tools"
	done
	run env -u MAKEFLAGS PATH="$tools" "$tools/make" -C "$top" BUILD="$BATS_TEST_TMPDIR/none" quick
	[[ $status == 2 && $output == *"the tests lack bats jq: apt install bats jq."* ]] || fail "$status: $output"
	[[ ! -e $BATS_TEST_TMPDIR/none ]] || fail "it has begun"
}

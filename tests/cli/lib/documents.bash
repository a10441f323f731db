# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The documents of this version, which tests in C write beside the program NFPROBE. top: of whoever loads it.

# program NAME: the path of tests/NAME beside nfprobe, built if need be.
program() {
	local build
	build=$(dirname "$NFPROBE")
	[[ -x $build/tests/$1 ]] || make -s -C "$top" BUILD="$build" "$build/tests/$1" >&2
	echo "$build/tests/$1"
}

# sample_documents FOLDER [NAME...]: all that unit/test_golden_formats.c writes, or those, as NAME.json in FOLDER.
sample_documents() {
	local folder=$1 all test name
	shift
	test=$(program unit/test_golden_formats)
	all=$(mktemp -d)
	(cd "$top" && NFPROBE_JSON_DIR=$all "$test") >&2 || return
	if (($#)); then
		for name; do
			mv "$all/$name.json" "$folder"
		done
	else
		mv "$all"/*.json "$folder"
	fi
	rm -r "$all"
}

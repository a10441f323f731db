# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash

# build_nfprobe FOLDER [MAKE ARGUMENTS]: builds there, saying little unless it fails.
build_nfprobe() {
	local folder=$1 log status=0
	shift
	mkdir -p "$top/$folder"
	log=$top/$folder/make.log
	[[ -x $top/$folder/nfprobe ]] || say "building nfprobe"
	make -C "$top" -j"$(nproc)" BUILD="$folder" "$@" all >"$log" 2>&1 || status=$?
	if ((status)); then
		tail -n 30 "$log" >&2
		die "the build failed: above is the end of $log"
	fi
}

# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash

# build_nfprobe FOLDER [MAKE ARGUMENTS]: builds there, saying little unless it fails.
build_nfprobe() {
	local folder=$1
	shift
	mkdir -p "$top/$folder"
	[[ -x $top/$folder/nfprobe ]] || say "building nfprobe"
	logged "$top/$folder/make.log" "the build failed" make -C "$top" -j"$(nproc)" BUILD="$folder" "$@" all || exit
}

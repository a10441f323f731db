# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The simulated NIC (tests/nfsim): a module built for the virtual machine's kernel, which stays in the cache.

# nfsim_build: sets nfsim_module. Built outside the checkout, but for this one only, and only what has changed.
nfsim_build() {
	local folder
	headers_need
	folder=${root:-$kernel_dir}/nfsim-$(cksum <<<"$top" | cut -d ' ' -f 1)
	with_cache_lock nfsim_make "$folder" || return
	nfsim_module=$folder/nfsim.ko
}

nfsim_make() {
	local log=$1/make.log
	mkdir -p "$1"
	if ! nfsim_copy "$1" || ! ${root:+in_root} make -C "$headers_dir" M="${1#"$root"}" -j"$(nproc)" modules >"$log" 2>&1; then
		tail -n 40 "$log" >&2
		say "the simulated NIC could not be built: above is the end of $log"
		return 1
	fi
}

# Copies only files that differ, so that make sees what has changed; and removes those that are no more.
nfsim_copy() {
	local file
	for file in "$1"/*.[ch]; do
		[[ -e $top/tests/nfsim/${file##*/} || $file == *.mod.c || ! -e $file ]] || rm -f "$file"
	done
	for file in "$top"/tests/nfsim/{*.[ch],Makefile}; do
		cmp -s "$file" "$1/${file##*/}" || cp "$file" "$1/" || return
	done
}

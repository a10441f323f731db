# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The simulated NIC (tests/nfsim): a module built for the virtual machine's kernel, which stays in the cache.

# nfsim_build: sets nfsim_module. Built outside the checkout, but for this one only, and only what has changed.
nfsim_build() {
	local folder
	headers_need
	folder=${root:-$kernel_dir}/nfsim-$(cksum <<<"$top" | cut -d ' ' -f 1)
	with_cache_lock nfsim_make "$folder" || return
	nfsim_module=$folder/nfsim/nfsim.ko
}

nfsim_make() {
	mkdir -p "$1"/{nfsim,nic}
	nfsim_copy "$1/nfsim" "$top"/tests/nfsim/{*.[ch],Makefile} && nfsim_copy "$1/nic" "$top"/tests/nic/*.{c,h,def} || return
	logged "$1/make.log" "the simulated NIC could not be built" \
		${root:+in_root} make -C "$headers_dir" M="${1#"$root"}/nfsim" -j"$(nproc)" modules
}

# nfsim_copy FOLDER FILE...: copies only files that differ, so that make sees what has changed; and removes those that are no more.
nfsim_copy() {
	local folder=$1 file names
	shift
	names=$(printf '%s\n' "${@##*/}")
	for file in "$folder"/*.{c,h,def}; do
		grep -qxF -- "${file##*/}" <<<"$names" || [[ $file == *.mod.c ]] || rm -f "$file"
	done
	for file; do
		cmp -s "$file" "$folder/${file##*/}" || cp "$file" "$folder/" || return
	done
}

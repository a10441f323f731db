# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# promtool and node_exporter, unpacked in the cache and not installed: the packages would start two servers here.

# prometheus_need: the programs are in the cache, where tests/readers looks for those that are not in PATH.
prometheus_need() {
	prometheus_complete || with_cache_lock prometheus_unpack
	prometheus_complete || die "no promtool in $cache/prometheus although it was just unpacked"
}

prometheus_complete() {
	local program
	for program in promtool prometheus-node-exporter; do
		[[ -x $cache/prometheus/usr/bin/$program ]] || command -v "$program" >/dev/null || return
	done
}

prometheus_unpack() {
	local folder=$cache/prometheus.new names=(prometheus prometheus-node-exporter)
	! prometheus_complete || return 0
	# A download needs no root, only a list of packages.
	((EUID != 0)) || apt_update
	# Debian 12 has promtool in the server's package.
	[[ -z $(apt-cache pkgnames promtool) ]] || names[0]=promtool
	unpack "$folder" "${names[@]}"
	rm -rf "$cache/prometheus"
	mv "$folder" "$cache/prometheus"
}

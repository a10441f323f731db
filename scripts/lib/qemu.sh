# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A QEMU that emulates an SR-IOV NIC: the igb device came with QEMU 8.

qemu_has_igb() {
	"$1" -device help 2>/dev/null | grep -q '^name "igb"'
}

# qemu_find: sets qemu to the first capable one; else it is empty, and qemu_old an incapable one, if any.
qemu_find() {
	local candidate
	qemu='' qemu_old=''
	while read -r candidate; do
		if qemu_has_igb "$candidate"; then
			qemu=$candidate
			return
		fi
		qemu_old=$candidate
	done < <(printf '%s' "${NFPROBE_QEMU:+$NFPROBE_QEMU$'\n'}"; type -ap qemu-system-x86_64)
}

qemu_version() { "$1" --version | awk 'NR == 1 { print $4 }'; }

# qemu_need [--upgrade-qemu]: sets qemu, and installs it where there is none. A QEMU that somebody
# installed for guests of their own is never replaced without being asked.
qemu_need() {
	qemu_find
	[[ -z $qemu ]] || return 0
	if [[ -n $qemu_old && ${1-} != --upgrade-qemu ]]; then
		die "$qemu_old is QEMU $(qemu_version "$qemu_old"), which does not emulate the igb NIC (8 and later do)." \
			"It is left as it is. To replace it by a newer one of Debian: $0 --upgrade-qemu;" \
			"or name another one: NFPROBE_QEMU=/path/to/qemu-system-x86_64"
	fi
	with_cache_lock qemu_install "$@"
	hash -r
	qemu_find
	[[ -n $qemu ]] || die "QEMU was installed, but ${qemu_old:-it} does not emulate the igb NIC"
}

qemu_install() {
	local from=() replaced
	apt_needs_root qemu-system-x86
	use_backports
	apt_update
	[[ -z ${backports-} ]] || from=(-t "$backports")
	replaced=$(apt_plan "${from[@]}" qemu-system-x86 2>/dev/null |
		awk '$1 == "Inst" && $2 ~ /^qemu/ && $3 ~ /^\[/ { printf "%s ", $2 }')
	if [[ -n $replaced && ${1-} != --upgrade-qemu ]]; then
		die "to install qemu-system-x86, apt would replace ${replaced% } by a newer version." \
			"If that is what you want: $0 --upgrade-qemu"
	fi
	apt_install "${from[@]}" qemu-system-x86
}

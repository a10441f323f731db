#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The script that nfprobe-guide(7) tells its readers to copy, with a virsh and an ssh that say what they are asked.

# The inner shells expand what is in single quotes; bats and lib/common set the variables.
# shellcheck disable=SC2016,SC2154,SC2030,SC2031

load lib/common

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	awk '/^#!\/bin\/sh/ { text = 1 } /^\.fi/ { text = 0 } text' "$top/man/nfprobe-guide.7" | sed 's/\\-/-/g' >migrate
	grep -q virsh migrate
	mkdir bin
	# The guest has let go of its VF when it was asked for the third time, and each event came before somebody listened.
	printf '%s\n' '#!/bin/sh' 'echo "virsh $*" >>said' 'case $1 in' 'dumpxml) [ "$(grep -c dumpxml said)" -gt 2 ] ||' \
		"	echo \"<teaming type='transient' persistent='ua-standby'/>\" ;;" 'event) exit 1 ;;' 'esac' '[ "$1" != "$fails" ]' >bin/virsh
	printf '%s\n' '#!/bin/sh' 'echo "ssh $*" >>said' >bin/ssh
	chmod +x bin/* migrate
}

# asked FAILS: what the script asks for, where that command of virsh fails.
asked() { PATH=$PWD/bin:$PATH fails=$1 ./migrate guest far; }

@test "the script of STICKY: the guest has let go of its VF before it migrates, and gets one on the target" {
	run asked nothing
	status_is 0
	[[ $(<said) == "virsh detach-device guest vf.xml --live
virsh dumpxml guest
virsh event guest --event device-removed --timeout 5
virsh dumpxml guest
virsh event guest --event device-removed --timeout 5
virsh dumpxml guest
virsh migrate --live guest qemu+ssh://far/system
ssh far virsh attach-device guest vf.xml --live" ]]
}

@test "the script of STICKY: a guest that could not migrate gets its VF back, and one that keeps it does not migrate" {
	run asked migrate
	status_is 1
	[[ $(tail -n 1 said) == "virsh attach-device guest vf.xml --live" ]]
	rm said
	run asked detach-device
	status_is 1
	[[ $(<said) == "virsh detach-device guest vf.xml --live" ]]
}

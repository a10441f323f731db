# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The groups of scenarios in a virtual machine (tests/vm).

# By group. Files that begin with test_nfsim and are not here are those of vm-sim; all others that are not here, those of vm-igb.
declare -gA vm_files=(
	[vm-nfsim]='test_nfsim.py'
	[vm-matrix]='test_random.py test_accuracy.py'
	[vm-guest]='test_guest.py test_guest_talks.py test_guest_tagged.py test_guest_crash.py'
	[vm-harm]='test_kills.py test_restore.py test_cards.py test_faults.py'
	[vm-daemons]='test_daemons.py'
	[vm-kselftest]='test_kselftest.py test_kselftest_igb.py'
	[vm-many]='test_many.py'
	[vm-others]='test_traffic.py test_blocked.py'
	[vm-services]='test_services.py test_libvirt.py test_libvirt_hard.py test_libvirt_moved.py'
	[image]='test_image.py'
)
# Kills in files that are about something else.
harm_others='test_crash.py test_signals.py:test_interrupt test_signals.py:test_timeout
	test_signals.py:test_killed_next_run test_peer.py:test_killed test_nfsim_guest_vlan.py:test_killed'

# run_vm JOBS [--long] SCENARIO...: each FILE (but for its long scenarios, or only them) or FILE:TEST; those of
# VM_SCENARIOS, if there are any, in their place. With the PF's driver $pf_driver in place of the kernel's, if it is set.
run_vm() {
	local jobs=$1 scenarios=("${@:2}")
	[[ -z ${VM_SCENARIOS-} ]] || read -r -a scenarios <<<"$VM_SCENARIOS"
	local memprobe=$check_build/tests/memnic/memprobe
	built "$check_build" "$check_build"/tests/vm/{traffic,crash_guest} "$memprobe" fault schemas || return
	MEMPROBE=$memprobe tests/vm/run --kernel-dir "$kernel_dir" --qemu "$qemu" --nfprobe "$check_build/nfprobe" --jobs "$jobs" \
		${pf_driver:+--pf-driver "$pf_driver"} "${scenarios[@]}"
}

# run_files GROUP [SCENARIO]...: its files, and these.
run_files() {
	# shellcheck disable=SC2086 # words
	run_vm "$(nproc)" ${vm_files[$1]} "${@:2}"
}

# vm_rest PATTERN...: the files of these names that are not in vm_files.
vm_rest() { sources "$@" | grep -vFf <(printf '%s ' "${vm_files[@]}" | tr ' ' '\n' | sed -n 's#^.#/&#p'); }

vm_sim_files() { vm_rest 'tests/vm/test_nfsim*.py'; }
vm_igb_files() { vm_rest 'tests/vm/test_*.py' | grep -v /test_nfsim; }

# shellcheck disable=SC2046 # words
group_vm-sim() { run_vm "$(nproc)" $(vm_sim_files); }

# shellcheck disable=SC2046 # words
group_vm-igb() { run_vm "$(nproc)" $(vm_igb_files); }

# Scenarios that test what others of their files test as well, at more length.
group_vm-long() {
	# shellcheck disable=SC2046,SC2086 # words
	run_vm "$(nproc)" --long $(vm_sim_files; vm_igb_files) ${vm_files[vm-nfsim]} ${vm_files[vm-matrix]} ${vm_files[vm-harm]} ${vm_files[vm-daemons]}
}

group_vm-harm() {
	# shellcheck disable=SC2086 # words
	run_files vm-harm $harm_others
}

# They need a machine that has nothing else to do.
group_vm-others() {
	# shellcheck disable=SC2086 # words
	NFPROBE_TAKEOVER=all run_vm 1 ${vm_files[vm-others]} test_takeover.py:test_{taken,overridden,bound,changed}
}

# The selftests as their own Makefile installs them, and ours among them.
group_vm-kselftest() {
	local folder=$top/$check_build/kselftest tests
	tests=$folder/tree/tools/testing/selftests
	rm -rf "$folder"
	mkdir -p "$folder"
	cp -r "$kselftest_source" "$folder/tree" || return
	cp scripts/kselftest/vf_mac_failover.py "$tests/drivers/net/hw/" || return
	sed -i 's/^TEST_PROGS = \\$/&\n\tvf_mac_failover.py \\/' "$tests/drivers/net/hw/Makefile"
	make -s -C "$tests" TARGETS=drivers/net/hw INSTALL_PATH="$folder/installed" install >&2 || return
	KSELFTEST=$folder/installed run_files vm-kselftest
}

group_image() {
	local status=0
	IMAGES=$top/$check_build/image bats -F tap tests/image || status=1
	IMAGE=$(echo "$top/$check_build/image/first/"*.oci.tar) run_files image || status=1
	return "$status"
}

# The scenarios that a check has time for. Some draw what they do by lot: in a check by the hash of the tree, so that a check that
# passed passes again. A draw that failed is kept, and repeated until it passes.
check_scenarios=tests/vm/check.txt
check_draws=$cache/check-draws

# scenarios_due: the lines of $check_scenarios that stand below no "when", and those of which a file there, or their own, has changed.
scenarios_due() {
	local since word rest paths=() left=0
	since=$(changed_since)
	while read -r word rest; do
		case $word in
		'' | '#'*) ;;
		when) read -r -a paths <<<"$rest" ;;
		*)
			if ((${#paths[@]})) && [[ $since ]] && ! has_changed "$since" "${paths[@]}" "tests/vm/${word%%:*}.py"; then
				left=$((left + 1))
			else
				echo "$word${rest:+ $rest}"
			fi
			;;
		esac
	done <"$check_scenarios"
	((!left)) || say "nothing that $left scenarios are about has changed since ${since:0:12}"
}

# The hash of what git has of the tree, and of what has changed since.
tree_hash() { { git rev-parse 'HEAD^{tree}'; git diff HEAD; } | sha256sum | cut -c -12; }

group_vm() {
	local scenarios=() scenario variable value again due status=0
	again=$(cat "$check_draws" 2>/dev/null)
	due=$(scenarios_due)
	while read -r scenario variable value; do
		[[ $scenario ]] || continue
		echo "# again: $scenario $variable='$value'"
		if (export "$variable=$value"; run_vm 1 "$scenario"); then
			sed -i "\|^$scenario $variable $value\$|d" "$check_draws"
		else
			status=1
		fi
	done <<<"$again"
	while read -r scenario variable value; do
		scenarios+=("$scenario")
		[[ ! $variable ]] || export "$variable=$(tree_hash) $value"
	done <<<"$due"
	run_vm "$(nproc)" "${scenarios[@]}" || { status=1; keep_draws "$check_build/log/vm.log" "$due"; }
	return "$status"
}

# keep_draws LOG LINES: each draw of a scenario of a file of which one failed there.
keep_draws() {
	local scenario variable value file line
	while read -r scenario variable value; do
		file=${scenario%%:*}
		[[ $variable ]] || continue
		grep -q "^not ok [0-9]* - ${file#test_}: " "$1" || continue
		line="$scenario $variable ${!variable}"
		grep -qxF -- "$line" "$check_draws" 2>/dev/null || echo "$line" >>"$check_draws"
	done <<<"$2"
}

# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The groups of tests that scripts/check runs and scripts/soak repeats. A group is a line of the table and
# a function group_NAME, which prints TAP and may fail. It runs in the top folder, its output in a log.

# In this order. Name; package groups it needs (packages.sh; "vm" also gets QEMU and a kernel); when scripts/check runs it without being
# told to: "always", "named" (never), or if anything in these paths has changed since the part of scripts/nightly that runs it last
# passed; what it may use of a processor, in reference ladders (runner.sh); what it is.
group_table='
lint      build,test,source always 14 formatting, shell scripts, manual pages, static analysis; what is said of drivers
unit      build,test always 15 unit tests that draw by lot or try very many
unit-san  build,test always 44 all unit tests under AddressSanitizer and UBSan
cli       build,test,prometheus,libvirt always 34 the command line, as users type it
python    build,test,browser always 30 the tools in Python, and NICs in memory against a model: pytest
fuzz      build,test always 22 parsers of outside bytes, 10,000 inputs each, or as many as five seconds take
netns     build,test always 7 veth pairs in network namespaces; calls of the program fail, each in its turn
vm        build,test,vm always 160 the scenarios of tests/vm/check.txt: drivers and guests in a virtual machine
vm-harm   build,test,vm src/change,src/base,src/net/links.c,src/net/vfattr.c,src/app/supervise.c 0 all runs that are killed, all calls that fail: the host as it was
vm-nfsim  build,test,vm tests/nfsim,tests/vm/simulated.py 0 simulated NICs do what they are told
vm-daemons build,test,vm scripts/daemons-build,tests/vm/test_daemons.py 0 NetworkManager, systemd-networkd and udev beside runs
vm-kselftest build,test,vm,kselftest scripts/kselftest 0 scripts/kselftest, run as a selftest of the kernel: it says what nfprobe says
package   build,test,package scripts/package,scripts/packaging,tests/package,Makefile 0 deb and rpm: contents, version, lintian, rpmlint, the same bytes when built again
fresh     fresh scripts/check,scripts/demo,scripts/package,scripts/lib,scripts/packaging,tests/own-host,tests/cli/lib,tests/python/conftest.py,tests/python/tool.py 0 the commands of the README on a Debian that has nothing but git: what the scripts install is enough
ansible   build,test,ansible scripts/ansible,tests/ansible 0 the Ansible collection: lint, and its playbook with hosts that are namespaces
vm-sim    build,test,vm named 0 all scenarios with simulated NICs
vm-matrix build,test,vm named 0 every kind of simulated NIC: nfprobe says what a model says
vm-igb    build,test,vm named 0 all scenarios with a real SR-IOV driver
vm-guest  build,test,vm named 0 a guest with net_failover: it hears what follows from the landings
'

# All groups share one build, in which warnings are errors, with `make`.
check_build=build

# group_field NAME NUMBER: of its line in the table; the last one has all the rest.
group_field() {
	awk -v name="$1" -v number="$2" '$1 == name {
		if (number == 5)
			for (i = 1; i < 5; i++)
				sub(/^[^ ]+ +/, "")
		print number == 5 ? $0 : $number
	}' <<<"$group_table"
}

# group_names NAME: that group, or those whose names begin with NAME-.
group_names() {
	awk -v name="$1" '$1 == name { print $1 }' <<<"$group_table" | grep . ||
		awk -v name="$1-" 'NF && index($1, name) == 1 { print $1 }' <<<"$group_table"
}

# groups_due: those that a check runs; on standard error, why others are left out.
groups_due() {
	local name when commit paths
	while read -r name _ when _; do
		case $when in
		'' | named) ;;
		always) echo "$name" ;;
		*)
			IFS=, read -r -a paths <<<"$when"
			commit=$(nightly_commit "$name")
			if [[ $commit ]] && git -C "$top" diff --quiet "$commit" -- "${paths[@]}" 2>/dev/null; then
				say "$name is left out: it passed at ${commit:0:12}, and nothing in ${when//,/ } has changed since (scripts/check $name)"
			else
				echo "$name"
			fi
			;;
		esac
	done <<<"$group_table"
}

# nightly_commit GROUP: where the part of scripts/nightly that runs it last passed.
nightly_commit() {
	local part
	part=$(grep -E "scripts/check( [a-z-]+)* $1( |;|$)" "$top/scripts/lib/nightly.txt" | awk '!/^#/ { print $1; exit }')
	awk -v part="$part" '$1 == part { print $2 }' "$top/tests/nightly.txt" 2>/dev/null
}

group_packages() { group_field "$1" 2 | tr , ' '; }

# groups_need NAME...: installs and unpacks what these groups need; $upgrade is for vm_need.
groups_need() {
	local name wanted
	wanted=$(printf '%s\n' build; for name; do group_packages "$name" | tr ' ' '\n'; done)
	# shellcheck disable=SC2046 # words
	packages_need $(sort -u <<<"$wanted")
	for name in source kselftest prometheus libvirt; do
		! grep -qx "$name" <<<"$wanted" || "${name}_need"
	done
	# shellcheck disable=SC2154 # scripts/check sets it
	! grep -qx vm <<<"$wanted" || vm_need "${upgrade[@]}"
}

sources() { git -C "$top" ls-files --cached --others --exclude-standard -- "$@" | grep -v '^\.' | sort; }

# Whether a script is for a shell, by its first line.
shell_scripts() {
	sources scripts tests .ci | while read -r file; do
		if head -c 40 "$file" | head -n 1 | grep -qaE '^#!(/usr)?/bin/(env )?(ba)?sh\b'; then
			echo "$file"
		fi
	done
}

group_lint() {
	local c_files program_files shell_files python_files pages
	mapfile -t c_files < <(sources '*.c' '*.h')
	mapfile -t program_files < <(sources 'src/*.c' 'src/*.h' 'include/*.h')
	mapfile -t shell_files < <(shell_scripts)
	mapfile -t python_files < <(grep -lE '^#!/usr/bin/python3' -r scripts tests; sources '*.py')
	mapfile -t pages < <(sources 'man/*')
	lint_format "${c_files[@]}"
	tap_run "shellcheck finds nothing in shell scripts" shellcheck -x -a "${shell_files[@]}"
	tap_run "shellcheck finds nothing in the guest's init" shellcheck -s dash scripts/guest/init
	tap_run "Python files compile" /usr/bin/python3 -c \
		'import sys; [compile(open(f).read(), f, "exec") for f in sys.argv[1:]]' "${python_files[@]}"
	lint_tools scripts/tools/nfprobe-* scripts/tools/nfprobe_tools/*.py
	tap_run "mandoc finds nothing in the manual pages" mandoc -T lint "${pages[@]}"
	tap_run "cppcheck finds nothing" lint_cppcheck
	tap_run "no file of the program is over 600 lines, no function over 80" lint_length "${program_files[@]}"
	tap_run "each folder includes only what is below it" lint_layers
	tap_run "no more than two files call one another in a circle" scripts/lib/circles.py "$check_build/src" src
	tap_run "no command is made of a format and names that others chose" scripts/lib/commands.py scripts/tools/nfprobe-* \
		scripts/tools/nfprobe_tools/*.py scripts/packaging/libvirt/nfprobe-libvirt-hook scripts/kubernetes/*.py scripts/kubernetes/probe/*.py
	tap_run "nothing sleeps where it could wait for an event" lint_sleep
	tap_run "the tables of drivers agree with the source of Linux $kernel_series" scripts/lib/drivers.py tests/drivers.def \
		man/nfprobe-verdicts.7 "$source_dir" "$kernel_series"
	tap_done
}

# Each version of clang-format has its own opinion; Debian 12's decides, others are not asked.
lint_format() {
	case $(clang-format --version) in
	*'version 14.'*) tap_run "C files are formatted by .clang-format" clang-format --dry-run -Werror "$@" ;;
	*) echo "# formatting is checked by clang-format 14 only; this is $(clang-format --version)" ;;
	esac
}

# The Python that users run. Debian 12 has no ruff.
lint_tools() {
	tap_run "mypy finds nothing in the tools" mypy --strict --python-version 3.9 --scripts-are-modules \
		--cache-dir "$check_build/mypy" "$@"
	tap_run "pyflakes finds nothing in the tools" pyflakes3 "$@" tests/python/*.py
	tap_run "pycodestyle finds nothing in the tools" pycodestyle --max-line-length=140 --ignore=W503 "$@" tests/python/*.py
	tap_run "no line of the scenarios is too long" pycodestyle --max-line-length=150 --select=E501 \
		tests/{vm,nfsim}/*.py tests/vm/run scripts/power
}

# Cppcheck's remark on its own thoroughness is no finding.
lint_cppcheck() {
	cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr -j "$(nproc)" \
		--enable=warning,performance,portability --suppress=missingIncludeSystem \
		--suppress=normalCheckLevelMaxBranches \
		-I include -I tests -D_GNU_SOURCE '-DNFP_VERSION="0"' src
}

# A function starts with a "{" at the margin and ends with a "}" there; tables do not.
lint_length() {
	awk '
		FNR == 1 { if (file != "" && lines > 600) { print file ": " lines " lines"; bad = 1 } file = FILENAME }
		{ lines = FNR }
		/^{/ { start = FNR }
		/^}/ && start { if (FNR - start > 80) { print FILENAME ":" start ": " FNR - start " lines"; bad = 1 } start = 0 }
		END { if (lines > 600) { print file ": " lines " lines"; bad = 1 } exit bad }' "$@"
}

# By scripts/lib/layers.txt; what lies in src itself is above all.
lint_layers() {
	awk '
		function bad_line(why) { print FILENAME ":" FNR ": " $0 ": " why; bad = 1 }
		FILENAME ~ /layers\.txt$/ {
			if (/^#/ || NF == 0) next
			rank[$1] = ++ranks
			for (i = 2; i <= NF; i++) { folder[$i] = $1; place[$i] = ++places }
			next
		}
		FNR == 1 {
			parts = split(FILENAME, part, "/")
			header = ""
			if (part[1] == "include") { header = part[3]; sub(/\.h$/, "", header); home = folder[header] }
			else home = part[2]
			top = FILENAME ~ /^src\/[a-z]*\.[ch]$/
			if (!top && !(home in rank)) bad_line("not in scripts/lib/layers.txt")
		}
		!/^#include "/ { next }
		match($0, /"nfprobe\/[a-z_]+\.h"/) {
			name = substr($0, RSTART + 9, RLENGTH - 12)
			if (!(name in folder)) bad_line("no such header")
			else if (!top && rank[folder[name]] > rank[home]) bad_line(folder[name] " is above " home)
			else if (header != "" && place[name] >= place[header]) bad_line(name ".h comes after " header ".h")
			next
		}
		{
			name = $2; gsub(/"/, "", name)
			if (header != "" || name ~ /\// ) bad_line("private to its folder")
		}
		END { exit bad }' scripts/lib/layers.txt src/*.[ch] src/*/*.[ch] include/nfprobe/*.h
}

lint_sleep() {
	! grep -nE '\b(u|nano)?sleep\(|(^|[;&|(] *)sleep [0-9$]' -r src tests scripts
}

# What draws by lot, or tries very many, at its full size: unit-san runs a share of that as well, and all the others.
group_unit() { test_programs "$(nproc)" "$check_build" "$(sources 'tests/unit/test_*.c' | xargs grep -l '\<LOT')"; }

# The fuzzer's build is another one, by clang with its instrumentation, in which a ladder takes three times as long.
san_make=(SAN=1 'CFLAGS=-O1 -g1')

group_unit-san() { test_programs "$(nproc)" build-san-gcc "$(sources 'tests/unit/test_*.c')" "${san_make[@]}"; }

# test_programs JOBS FOLDER SOURCES [MAKE ARGUMENTS]: of each line of SOURCES its program is run even if another fails, so many at a
# time; one that cannot be built is a failure of its own.
test_programs() {
	local jobs=$1 folder=$2 programs program status=0
	mapfile -t programs <<<"$3"
	programs=("${programs[@]%.c}")
	programs=("${programs[@]/#/$folder/}")
	shift 3
	make -k -j"$(nproc)" BUILD="$folder" WERROR=1 "$@" "${programs[@]}" >&2 || status=1
	# shellcheck disable=SC2016 # the inner shell's
	printf '%s\n' "${programs[@]}" | CMOCKA_MESSAGE_OUTPUT=TAP xargs -P "$jobs" -I{} sh -c '"$1" >"$1.tap" 2>&1' sh {} ||
		status=1
	for program in "${programs[@]}"; do
		cat "$program.tap"
		[[ -x $program ]] || echo "not ok - $program was not built"
	done
	return "$status"
}

# The tests take the programs that make their samples as they find them: those of an older build say other things.
group_cli() {
	make -j"$(nproc)" BUILD="$check_build" WERROR=1 "$check_build"/tests/{soak/recording,reader/reader,unit/test_{json,events}} >&2 || return
	PATH=$top/$check_build:$PATH NFPROBE=$top/$check_build/nfprobe BUILD=$check_build bats_files tests/cli/*.bats
}

# bats_files FILE...: four at the same time on two processors, since they wait half of their time; the largest first, whose tests
# take longest. Their TAP one after the other.
bats_files() {
	local status=0 file
	# shellcheck disable=SC2016 # the inner shell's
	stat -c '%s %n' "$@" | sort -rn | cut -d ' ' -f 2- | xargs -P $((2 * $(nproc))) -I{} sh -c 'bats -F tap "$1" >"$2/log/${1##*/}.tap" 2>&1' sh {} "$check_build" || status=1
	for file; do
		cat "$check_build/log/${file##*/}.tap"
	done
	return "$status"
}

group_python() {
	local probe=$check_build/tests/memnic/memprobe
	make -j"$(nproc)" BUILD="$check_build" WERROR=1 "$probe" >&2 || return
	MEMPROBE=$PWD/$probe /usr/bin/python3 -B -m pytest -q -n "$(nproc)" -p no:cacheprovider --junit-xml="$check_build/log/python.xml" tests/python >&2 || local status=1
	/usr/bin/python3 - "$check_build/log/python.xml" <<'END'
import sys, xml.etree.ElementTree as tree
for number, case in enumerate(tree.parse(sys.argv[1]).iter("testcase"), 1):
    bad = [part for part in case if part.tag in ("failure", "error")]
    skipped = " # skip" if case.find("skipped") is not None else ""
    print(f"{'not ok' if bad else 'ok'} {number} - {case.get('name').encode('ascii', 'replace').decode()[:90]!r}{skipped}")
print(f"1..{number}")
END
	return "${status:-0}"
}

group_ansible() { NFPROBE=$top/$check_build/nfprobe BUILD=$check_build bats_files tests/ansible/*.bats; }

group_package() { PACKAGES=$top/$check_build/packages nice bats -F tap tests/package; }

# All of them wait more than they compute, each in namespaces of its own: at the same time. A check lets every third call
# fail, scripts/soak netns each.
group_netns() {
	local status=0 faults
	make -j"$(nproc)" BUILD="$check_build" WERROR=1 fault >&2 || return
	FAULT_STEP=${FAULT_STEP:-3} tests/fault/run "$check_build/nfprobe" "$check_build/tests/fault/fault.so" >"$check_build/log/faults.tap" 2>&1 &
	faults=$!
	test_programs 8 "$check_build" "$(sources 'tests/netns/test_*.c')" || status=1
	wait "$faults" || status=1
	cat "$check_build/log/faults.tap"
	return "$status"
}

# FUZZ_SECONDS is soak's: only time finds anything new, and a check that passed must pass again. The fuzzer's findings
# stay in the build folder.
group_fuzz() {
	[[ ${FUZZ_SECONDS-} ]] || export FUZZ_RUNS=10000
	nice make -j"$(nproc)" BUILD=build-san WERROR=1 SAN=1 CC=clang 'CFLAGS=-O1 -g -fsanitize=fuzzer-no-link' FUZZ_SECONDS="${FUZZ_SECONDS:-5}" fuzz-run
}

# run_vm JOBS [--long] SCENARIO...: each FILE (but for its long scenarios, or only them) or FILE:TEST; those of
# VM_SCENARIOS, if there are any, in their place. With the PF's driver $pf_driver in place of the kernel's, if it is set.
run_vm() {
	local jobs=$1 scenarios=("${@:2}")
	[[ -z ${VM_SCENARIOS-} ]] || read -r -a scenarios <<<"$VM_SCENARIOS"
	READER=$top/$check_build/tests/reader/reader
	export READER
	make BUILD="$check_build" WERROR=1 "$check_build/tests/vm/traffic" "$check_build/tests/reader/reader" >&2 || return
	tests/vm/run --kernel-dir "$kernel_dir" --qemu "$qemu" --nfprobe "$check_build/nfprobe" --jobs "$jobs" \
		${pf_driver:+--pf-driver "$pf_driver"} "${scenarios[@]}"
}

# A scenario named for the simulated NIC is about it; a few probe it; all others use the emulated one.
matrix_scenarios=(test_matrix.py test_matrix_styles.py test_neighbour.py test_random.py test_accuracy.py)
guest_scenarios=(test_guest.py test_guest_talks.py test_guest_tagged.py)
harm_scenarios=(test_kills.py test_restore.py test_cards.py test_errnos.py test_faults.py)
# Kills in files that are about something else.
harm_others=(test_crash.py test_signals.py:test_{interrupt,timeout,killed,killed_next_run} test_styles.py:test_killed test_peer.py:test_killed
	test_all.py:test_killed test_nfsim_near.py:test_killed test_nfsim_sheet.py:test_killed test_nfsim_guest_vlan.py:test_killed)
# What simulated NICs do, without nfprobe.
nfsim_scenarios=(test_nfsim.py test_nfsim_{devices,drivers,net,switch,traits}.py)
daemons_scenarios=(test_daemons.py)
# These take minutes and seldom change: scripts/soak model.
model_scenarios=(test_model.py test_forged.py test_many.py test_late.py test_all_cost.py)

# The scenarios that a check has time for. Some draw what they do by lot: in a check by the hash of the tree, so that a check that
# passed passes again. A draw that failed is kept, and repeated until it passes.
check_scenarios=tests/vm/check.txt
check_draws=$cache/check-draws

# The hash of what git has of the tree, and of what has changed since.
tree_hash() { { git rev-parse 'HEAD^{tree}'; git diff HEAD; } | sha256sum | cut -c -12; }

group_vm() {
	local scenarios scenario variable value again status=0
	make -j"$(nproc)" BUILD="$check_build" WERROR=1 fault >&2 || return
	again=$(cat "$check_draws" 2>/dev/null)
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
		[[ ! $variable ]] || export "$variable=$(tree_hash) $value"
	done < <(grep -v '^#' "$check_scenarios")
	mapfile -t scenarios < <(awk '!/^#/ && NF { print $1 }' "$check_scenarios")
	run_vm "$(nproc)" "${scenarios[@]}" || { status=1; keep_draws "$check_build/log/vm.log"; }
	return "$status"
}

# keep_draws LOG: each draw of a scenario of a file of which one failed there.
keep_draws() {
	local scenario variable value file line
	while read -r scenario variable value; do
		file=${scenario%%:*}
		[[ $variable ]] || continue
		grep -q "^not ok [0-9]* - ${file#test_}: " "$1" || continue
		line="$scenario $variable ${!variable}"
		grep -qxF -- "$line" "$check_draws" 2>/dev/null || echo "$line" >>"$check_draws"
	done < <(grep -v '^#' "$check_scenarios")
}

vm_sim_files() { sources 'tests/vm/test_nfsim*.py'; }

group_vm-sim() {
	local files
	mapfile -t files < <(vm_sim_files | grep -vF "$(printf '/%s\n' "${nfsim_scenarios[@]}")")
	run_vm "$(nproc)" "${files[@]}"
}

group_vm-nfsim() { run_vm "$(nproc)" "${nfsim_scenarios[@]}"; }

group_vm-daemons() { run_vm 1 "${daemons_scenarios[@]}"; }

group_vm-matrix() { run_vm "$(nproc)" "${matrix_scenarios[@]}"; }

# It takes minutes: scripts/soak drivers.
drivers_scenarios=(test_every_driver.py)

group_drivers() { run_vm 2 "${drivers_scenarios[@]}"; }

# Two jobs, though there is only one file: the machine then has one processor, which is half of the work.
group_vm-guest() { run_vm 2 "${guest_scenarios[@]}"; }

kselftest_scenarios=(test_kselftest.py test_kselftest_igb.py)
# NICs that add little to these: scripts/soak kselftest.
kselftest_others=(test_kselftest_more.py)

# Sets KSELFTEST to the selftests as their own Makefile installs them, and ours among them.
kselftest_install() {
	local folder=$top/$check_build/kselftest tests
	tests=$folder/tree/tools/testing/selftests
	rm -rf "$folder"
	mkdir -p "$folder"
	cp -r "$kselftest_source" "$folder/tree" || return
	cp scripts/kselftest/vf_mac_failover.py "$tests/drivers/net/hw/" || return
	sed -i 's/^TEST_PROGS = \\$/&\n\tvf_mac_failover.py \\/' "$tests/drivers/net/hw/Makefile"
	make -s -C "$tests" TARGETS=drivers/net/hw INSTALL_PATH="$folder/installed" install >&2 || return
	export KSELFTEST=$folder/installed
}

group_vm-kselftest() { kselftest_install && run_vm 2 "${kselftest_scenarios[@]}"; }

group_kselftest() { kselftest_install && run_vm 2 "${kselftest_others[@]}"; }

# These take their time, or need a machine that has nothing else to do: scripts/soak others.
others_scenarios=(test_traffic.py test_blocked.py)

group_others() {
	NFPROBE_TAKEOVER=all run_vm 1 "${others_scenarios[@]}" test_takeover.py:test_{taken,overridden,bound,changed}
}

# Scenarios that test what others of their files test as well, at more length: scripts/soak long.
group_long() { group_long-sim && group_long-igb; }

group_long-sim() {
	local files
	mapfile -t files < <(vm_sim_files)
	run_vm "$(nproc)" --long "${files[@]}" "${matrix_scenarios[@]}"
}

group_long-igb() {
	local files
	mapfile -t files < <(vm_igb_files)
	run_vm "$(nproc)" --long "${files[@]}" "${harm_scenarios[@]}"
}

group_vm-harm() {
	make -j"$(nproc)" BUILD="$check_build" WERROR=1 fault >&2 || return
	run_vm "$(nproc)" "${harm_scenarios[@]}" "${harm_others[@]}"
}

# Real systemd, as the first process of a namespace, and real libvirt, laid over the machine: scripts/soak services.
services_scenarios=(test_services.py test_libvirt.py test_libvirt_hard.py test_libvirt_moved.py test_guest_static.py)

group_services() { run_vm 2 "${services_scenarios[@]}"; }

# Two machines as hosts of Ansible: scripts/soak ansible-vm.
ansible_scenarios=(test_ansible.py)

group_ansible-vm() { run_vm 1 "${ansible_scenarios[@]}"; }

# The image in a machine: scripts/soak image.
image_scenarios=(test_image.py)

group_model() { run_vm 1 "${model_scenarios[@]}"; }

vm_igb_files() {
	local others
	others=$(printf '|/%s' test_nfsim "${matrix_scenarios[@]}" "${guest_scenarios[@]}" "${harm_scenarios[@]}" \
		"${kselftest_scenarios[@]}" "${kselftest_others[@]}" \
		"${drivers_scenarios[@]}" "${daemons_scenarios[@]}" "${model_scenarios[@]}" "${others_scenarios[@]}" "${services_scenarios[@]}" "${ansible_scenarios[@]}" \
		"${image_scenarios[@]}")
	sources 'tests/vm/test_*.py' | grep -vE "${others#|}"
}

group_vm-igb() {
	local files
	mapfile -t files < <(vm_igb_files)
	run_vm "$(nproc)" "${files[@]}"
}

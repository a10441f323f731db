# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The groups of tests. A group is a line of the table and a function group_NAME, which prints TAP and may fail, or a line of vm_files
# (scenarios.sh). It runs in the top folder, its output in a log.

# shellcheck source=scripts/lib/lint.sh
. "$lib/lint.sh"
# shellcheck source=scripts/lib/root.sh
. "$lib/root.sh"
# shellcheck source=scripts/lib/roots.sh
. "$lib/roots.sh"
# shellcheck source=scripts/lib/sources.sh
. "$lib/sources.sh"
# shellcheck source=scripts/lib/fresh.sh
. "$lib/fresh.sh"
# shellcheck source=scripts/lib/scenarios.sh
. "$lib/scenarios.sh"

# In this order. Name; package groups it needs (packages.sh; "vm" also gets QEMU and a kernel); when scripts/check runs it without being
# told to: "always", if any of these paths has changed, or "nightly", which is never; what it is.
group_table='
lint      build,test always formatting, shell scripts, manual pages, static analysis
unit      build,test always the unit tests
cli       build,test always the command line, as users type it
python    build,test always the tools in Python, and NICs in memory against the truth: pytest
netns     build,test always veth pairs in network namespaces; calls of the program fail, each in its turn
vm        build,test,vm always drivers and guests in a virtual machine: the scenarios of tests/vm/check.txt, some only where files of theirs have changed
unit-san  build,test src,include,tests/unit,tests/nic,tests/memnic,Makefile the unit tests under AddressSanitizer and UBSan, with a share of what they draw by lot
fuzz      build,test,clang src/base,src/traffic,src/net,src/change,src/cli,include,tests/fuzz,Makefile parsers of outside bytes, 10,000 inputs each, or as many as five seconds take
hook      build,test scripts/packaging/libvirt,scripts/tools,scripts/packaging/nfprobe.conf,tests/own-host,tests/cli/hook.bats,tests/cli/hook_act.bats,tests/cli/lib the libvirt hook, on hosts that are namespaces
scripts   build,test scripts/check,scripts/nightly,scripts/lib,tests/cli/scripts.bats,tests/cli/lib,tests/vm the scripts that run the tests: what they count, leave out and end
drivers   build,test,source src/net/drivers.c,tests/drivers.def,tests/nic,man/nfprobe-verdicts.7,scripts/lib/drivers.py what is said of drivers, by their source in Linux
page      build,test,browser scripts/tools/nfprobe_tools/page.py,scripts/tools/nfprobe_tools/page.html,scripts/tools/nfprobe_tools/head.html,scripts/tools/nfprobe_tools/audit.html,scripts/tools/nfprobe_tools/guests.py,scripts/tools/nfprobe_tools/guests.html,scripts/tools/nfprobe_tools/timeline.py,tests/python/test_page.py the page of a result in a browser
readers   build,test,prometheus,libvirt scripts/tools/nfprobe_tools/metrics.py,scripts/packaging/libvirt,man/nfprobe-report.1,tests/readers promtool and node_exporter read what the tools write, the hook what libvirt has
vm-harm   build,test,vm src/change,src/base,src/net/links.c,src/net/vfattr.c,src/app/supervise.c all runs that are killed, all calls that fail: the host as it was
vm-nfsim  build,test,vm tests/nfsim,tests/nic,tests/vm/simulated.py simulated NICs do what they are told
vm-daemons build,test,vm scripts/daemons-build,tests/vm/test_daemons.py,src/net/upuse.c NetworkManager, systemd-networkd, udev and lldpd beside runs
vm-kselftest build,test,vm,kselftest scripts/kselftest scripts/kselftest, run as a selftest of the kernel: it says what nfprobe says
package   build,test,package scripts/package,scripts/packaging,tests/package,Makefile deb and rpm: contents, version, lintian, rpmlint, the same bytes when built again
fresh     fresh scripts/check,scripts/demo,scripts/package,scripts/lib,scripts/packaging,tests/own-host,tests/cli/lib,tests/python/conftest.py,tests/python/tool.py the commands of the README on a Debian that has nothing but git; FRESH="bookworm trixie" does more of them in each of these; FRESH_GROUPS="ansible" only that
fresh-packages fresh scripts/package,scripts/lib/packages.sh,scripts/lib/fresh.sh,scripts/packaging,Makefile deb, source and rpm, each on a Debian 12 and 13 that has nothing but git; FRESH and FRESH_PACKAGES take some of them
ansible   build,test,ansible scripts/ansible,tests/ansible the Ansible collection: lint, and its playbook with hosts that are namespaces
vm-sim    build,test,vm nightly all scenarios with simulated NICs
vm-matrix build,test,vm nightly simulated NICs by lot, true outages: nfprobe says what is true in memory
vm-igb    build,test,vm nightly all scenarios with a real SR-IOV driver
vm-guest  build,test,vm nightly a guest with net_failover: it hears what follows from the landings
vm-long   build,test,vm nightly the scenarios of all these that are marked as long
vm-many   build,test,vm nightly 256 VFs
vm-others build,test,vm nightly the traffic of others beside runs, a driver that blocks, a VF that is taken in every way at every step
vm-services build,test,vm nightly the service of a PF under real systemd and udev; the hook under real libvirt
faults-san build,test nightly every call of the program fails, under AddressSanitizer
tsan      build,test nightly the programs with threads in network namespaces, under ThreadSanitizer
tidy      build,test,clang nightly clang-tidy over every source
tshark    build,test,tshark nightly recordings of several NICs in memory, read by tshark and capinfos without a warning
kubernetes build,test,kubernetes nightly the manifests of scripts/kubernetes, as kustomize makes them, against the schemas of Kubernetes
image     build,test,vm,roots,image nightly the OCI image: contents, labels, size, the same bytes when built again; under podman in the machine
installed build,test,roots nightly the deb in fresh roots of Debian 12 and 13: installed, run, upgraded, removed, purged
sources   build,test,roots nightly the source package in fresh roots of Debian 12, 13 and sid: built twice, linted, tested; SOURCES="sid" takes only this
cross     build,test,roots nightly it cross-built for arm64 and s390x, and the unit tests on s390x; SOURCES=s390x takes only this
'

# All groups share one build, in which warnings are errors, with `make`.
check_build=build

# built FOLDER ARGUMENT...: make there, one after the other: a group that runs beside this one may need the same objects.
built() { mkdir -p "$1" && flock "$1" make -j"$(nproc)" BUILD="$1" WERROR=1 "${@:2}" >&2; }

# group_names NAME: that group, or those whose names begin with NAME-.
group_names() {
	awk -v name="$1" '$1 == name { print $1 }' <<<"$group_table" | grep . ||
		awk -v name="$1-" 'NF && index($1, name) == 1 { print $1 }' <<<"$group_table"
}

# groups_due: those that a check runs. Where it cannot be known what has changed since CHECK_SINCE, that is all but the nightly ones.
groups_due() {
	local name when paths since left=()
	since=$(changed_since)
	while read -r name _ when _; do
		case $when in
		'' | nightly) ;;
		always) echo "$name" ;;
		*)
			IFS=, read -r -a paths <<<"$when"
			if [[ $since ]] && ! has_changed "$since" "${paths[@]}"; then
				left+=("$name")
			else
				echo "$name"
			fi
			;;
		esac
	done <<<"$group_table"
	((!${#left[@]})) || say "nothing that these groups are about has changed since ${since:0:12}: ${left[*]}"
}

# The commit from which on changes count: CHECK_SINCE, or the newest one that the clone's origin has as well; with CI=true, whose
# clone may have any origin, this one. Nothing if CHECK_SINCE is not here, as in a shallow clone.
changed_since() {
	local upstream
	if [[ ${CHECK_SINCE-} ]]; then
		git -C "$top" rev-parse -q --verify "$CHECK_SINCE^{commit}" || say "no commit $CHECK_SINCE here: nothing is left out"
		return
	fi
	for upstream in ${CI:+HEAD} '@{upstream}' origin/HEAD HEAD; do
		git -C "$top" merge-base HEAD "$upstream" 2>/dev/null && return
	done
	echo unknown # it is no clone
}

# has_changed COMMIT PATH...: also what is not committed yet. In no clone, nothing has.
has_changed() {
	[[ $1 != unknown ]] || return
	! git -C "$top" diff --quiet "$1" -- "${@:2}" || [[ $(git -C "$top" status --porcelain -- "${@:2}") ]]
}

# groups_need NAME...: installs and unpacks what these groups need; $upgrade is for vm_need.
groups_need() {
	local name wanted
	wanted=$(printf '%s\n' build; for name; do awk -v name="$name" '$1 == name { gsub(",", "\n", $2); print $2 }' <<<"$group_table"; done)
	# shellcheck disable=SC2046 # words
	packages_need $(sort -u <<<"$wanted")
	for name in source kselftest prometheus libvirt kubernetes; do
		! grep -qx "$name" <<<"$wanted" || "${name}_need"
	done
	# shellcheck disable=SC2154 # scripts/check sets it
	! grep -qx vm <<<"$wanted" || vm_need "${upgrade[@]}"
}

# Where these are there already, they are not Debian's.
kubernetes_need() {
	command -v kubectl >/dev/null || packages_need kubectl
	command -v npm >/dev/null || packages_need npm
	mkdir -p "$cache/kubernetes" && cp "$top/tests/kubernetes/package.json" "$cache/kubernetes/" || exit
	npm --prefix "$cache/kubernetes" install --silent --no-audit --no-fund --no-package-lock || die "npm cannot install what validates the manifests"
}

sources() { git -C "$top" ls-files --cached --others --exclude-standard -- "$@" | grep -v '^\.' | sort; }

# The largest first: what draws by lot takes longest.
group_unit() { test_programs "$(nproc)" "$check_build" "$(unit_tests)"; }

unit_tests() { { sources 'tests/unit/test_*.c' | xargs grep -l '\<LOT'; sources 'tests/unit/test_*.c' | xargs grep -L '\<LOT'; }; }

# The fuzzer's build is another one, by clang with its instrumentation, in which a ladder takes three times as long.
san_make=(SAN=1 'CFLAGS=-O1 -g1')

group_unit-san() { test_programs "$(nproc)" build-san-gcc "$(unit_tests)" "${san_make[@]}"; }

# test_programs JOBS FOLDER SOURCES [MAKE ARGUMENTS]: of each line of SOURCES its program is run even if another fails, so many at a
# time; one that cannot be built is a failure of its own.
test_programs() {
	local jobs=$1 folder=$2 programs program status=0
	mapfile -t programs <<<"$3"
	programs=("${programs[@]%.c}")
	programs=("${programs[@]/#/$folder/}")
	shift 3
	built "$folder" -k "$@" "${programs[@]}" || status=1
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
# shellcheck disable=SC2046 # words
group_cli() { cli_files $(sources 'tests/cli/*.bats' | grep -v -e /hook -e /scripts); }
group_hook() { cli_files tests/cli/hook*.bats; }
group_scripts() { cli_files tests/cli/scripts.bats; }
group_readers() { cli_files tests/readers/*.bats; }

cli_files() {
	built "$check_build" cli-programs || return
	PATH=$top/$check_build:$PATH NFPROBE=$top/$check_build/nfprobe BUILD=$check_build bats_files "$@"
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

group_python() { python_files python tests/python --ignore tests/python/test_page.py; }
group_page() { python_files page tests/python/test_page.py; }

# python_files NAME ARGUMENT...: pytest with these.
python_files() {
	local log=$check_build/log/$1.xml probe=$check_build/tests/memnic/memprobe
	built "$check_build" "$probe" "$check_build"/{tests/unit/test_golden_formats,scripts/lib/options} schemas || return
	MEMPROBE=$PWD/$probe /usr/bin/python3 -B -m pytest -q -n "$(nproc)" -p no:cacheprovider --junit-xml="$log" "${@:2}" >&2 || local status=1
	/usr/bin/python3 - "$log" <<'END'
import sys, xml.etree.ElementTree as tree
for number, case in enumerate(tree.parse(sys.argv[1]).iter("testcase"), 1):
    bad = [part for part in case if part.tag in ("failure", "error")]
    skipped = " # skip" if case.find("skipped") is not None else ""
    print(f"{'not ok' if bad else 'ok'} {number} - {case.get('name').encode('ascii', 'replace').decode()[:90]!r}{skipped}")
print(f"1..{number}")
END
	return "${status:-0}"
}

group_ansible() { built "$check_build" cli-programs && NFPROBE=$top/$check_build/nfprobe BUILD=$check_build bats_files tests/ansible/*.bats; }

group_package() { PACKAGES=$top/$check_build/packages nice bats -F tap tests/package; }

# All of them wait more than they compute, each in namespaces of its own: at the same time. A check lets every third call
# fail, scripts/nightly each.
group_netns() {
	local status=0 faults
	built "$check_build" fault || return
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

# The stream's thread sends and hears what the other one plans and counts.
group_tsan() {
	TSAN_OPTIONS=halt_on_error=1 test_programs "$(nproc)" build-tsan \
		"$(printf 'tests/netns/test_%s.c\n' stream listen arp reflector)" \
		'CFLAGS=-O1 -g -fsanitize=thread' LDFLAGS=-fsanitize=thread
}

# The whole program in network namespaces.
group_faults-san() {
	built build-san-gcc "${san_make[@]}" all fault || return
	ASAN_OPTIONS=verify_asan_link_order=0 LSAN_OPTIONS=suppressions=tests/fault/lsan.supp:print_suppressions=0 \
		tests/fault/run build-san-gcc/nfprobe build-san-gcc/tests/fault/fault.so
}

group_kubernetes() { NODE_PATH=$cache/kubernetes/node_modules bats -F tap tests/kubernetes; }

group_tshark() {
	local nic file=$check_build/log/recording.pcapng
	built "$check_build" "$check_build/tests/soak/recording"
	for nic in igb ixgbe mlx5 i40e-refused; do
		"$check_build/tests/soak/recording" "$file" "$nic" >/dev/null
		tap_run "tshark reads a recording of $nic" silent env HOME=/nonexistent tshark -r "$file" -V
		tap_run "capinfos reads a recording of $nic" silent env HOME=/nonexistent capinfos "$file"
	done
	tap_done
}

# Its output on standard error is a failure, too, except the remark that root runs it.
silent() {
	local said
	said=$({ "$@" >/dev/null || echo "status $?"; } 2>&1 | grep -v '^Running as user')
	echo "$said"
	[[ -z $said ]]
}

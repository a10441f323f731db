#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# The libvirt hook that acts, and explains: a host with a PF that is real enough to have an FDB of its own. The bridge is EARLY there,
# the bridge with an entry SAFE.

# The inner shells expand what is in single quotes; bats and lib/common set the variables.
# shellcheck disable=SC2016,SC2154,SC2030,SC2031

load lib/common
load lib/sriov
load lib/libvirt

mac=00:11:22:33:44:55

setup() {
	xml=$BATS_TEST_TMPDIR/domain.xml
	list=/run/nfprobe-libvirt-hook
	entry=$list/0000:01:00.0-$mac
	export NFPROBE_CONF=$BATS_TEST_TMPDIR/nfprobe.conf
	echo LIBVIRT_HOOK=act >"$NFPROBE_CONF"
	sriov_host
	patient_hook
	mkdir -p "$sys"/class/net/{br0/lower_eth0,br1/lower_eth1,eth1,eth0.100/lower_eth0,br2/lower_eth0.100,bond0/lower_eth0,br3/lower_bond0}
	echo DEVTYPE=vlan >"$sys/class/net/eth0.100/uevent"
	echo 0x1103 >"$sys/class/net/eth0/flags"
	mkdir -p "$sys/class/net/eth2" "$sys/class/net/br4/lower_eth2" "$sys/devices/pci0000:00/0000:01:10.2/net/eth2"
	knows macvtap yes
	knows bridge no 'the VF takes the address'
	knows bridge+fdb yes
	listing
	host_up
	domain "$(standby bridge 'bridge="br0"')" "$(vf interface)" >"$xml"
}

teardown() {
	[[ -z ${guest_pid-} ]] || kill "$guest_pid"
	host_down
}

# hook OPERATION [FILE]
hook() {
	on_host sh -c 'exec "$1" guest "$2" begin - <"$3"' sh "$hook" "$1" "${2-$xml}"
	status_is 0
	no_stdout
}

# guest DEVICE...: the XML that the hook gets from now on.
guest() { domain "$@" >"$xml"; }

entries() { nsenter -t "$host_pid" --net bridge fdb show dev eth0 | awk '/ self permanent$/ && !/^(33:33|01:)/ { print $1 }' | sort; }
files() { nsenter -t "$host_pid" --mount sh -c '! [ -e "$1" ] || ls "$1"' sh "$list"; }
entries_are() { [[ $(entries) == "${1-}" ]] || fail "entries: $(entries)"; }
files_are() { [[ $(files) == "${1-}" ]] || fail "list: $(files)"; }
served() { entries_are "$mac" && files_are "0000:01:00.0-$mac"; }
gone() { entries_are && files_are; }
another() { nsenter -t "$host_pid" --net bridge fdb add "$mac" dev eth0 self permanent; }

# As if each entry of the list were made long ago.
old() { nsenter -t "$host_pid" --mount sh -c 'sed -i "s/\"since\": [0-9.]*/\"since\": 0/" "$1"/*' sh "$list"; }

runs() {
	cp "$(readlink -f /usr/bin/python3)" "$BATS_TEST_TMPDIR/qemu-system-x86_64"
	"$BATS_TEST_TMPDIR/qemu-system-x86_64" -I -S -c 'import signal; signal.pause()' -uuid "$uuid" 3>&- &
	guest_pid=$!
}

# fake_bridge COMMANDS: they run in place of bridge(8), have its words, and may call the real one.
fake_bridge() {
	printf '#!/bin/bash\nreal() { exec /usr/sbin/bridge "$@"; }\n[ "$2" != show ] || real "$@"\n%s\nreal "$@"\n' "$1" >"$BATS_TEST_TMPDIR/bin/bridge"
	chmod 755 "$BATS_TEST_TMPDIR/bin/bridge"
}

@test "the entry is there before the guest runs, and goes at release" {
	hook prepare
	gone
	hook start
	stderr_has "nfprobe: guest guest: added $mac to eth0, with which the standby on bridge br0 is SAFE"
	served
	runs
	for operation in started reconnect stopped attach; do
		hook "$operation"
		no_stderr
		served
	done
	hook release
	stderr_has "guest guest has ended: deleted $mac from eth0"
	gone
	hook release
	no_stderr
	# A VLAN of the PF is the port of its bridge.
	guest "$(standby bridge 'bridge="br2"')" "$(vf interface)"
	hook start
	served
}

@test "only where a bridge is not safe, and an entry helps, is any added" {
	knows bridge+fdb no 'the reset keeps the address'
	hook start
	stderr_has 'is not fit for failover'
	stderr_has 'nothing is added: an entry would not help: EARLY: the reset keeps the address'
	knows bridge+fdb unknown 'nothing is stored'
	hook start
	stderr_has 'not known whether an entry would help (nothing is stored): nfprobe eth0 --vf any --style bridge+fdb --save finds out'
	knows bridge+fdb yes
	knows bridge unknown 'nothing is stored'
	hook start
	stderr_has 'not known whether guest guest is fit'
	knows bridge yes
	hook start
	no_stderr
	knows bridge no
	echo LIBVIRT_HOOK=warn >"$NFPROBE_CONF"
	hook start
	stderr_has 'is not fit for failover'
	stderr_lacks 'added'
	gone
}

@test "of a PF in a bond, the bond has the entry, which the kernel brings to the active member" {
	local dev=$sys/class/net/bond0
	nsenter -t "$host_pid" --net sh -c 'ip link add bond0 type veth peer name wire1 && ip -o link show bond0' | cut -d: -f1 >"$dev/ifindex"
	mkdir "$sys/class/net/eth0/bonding_slave"
	ln -s ../bond0 "$sys/class/net/eth0/master"
	on_bond() { [[ $(nsenter -t "$host_pid" --net bridge fdb show dev bond0) == *"$mac self permanent"* ]]; }
	guest "$(standby bridge 'bridge="br3"')" "$(vf interface)"
	hook start
	stderr_has "added $mac to bond0, with which the standby on bridge br3 is SAFE"
	entries_are
	files_are "bond0-$mac"
	on_bond || fail 'the bond lacks it'
	hook release
	stderr_has "guest guest has ended: deleted $mac from bond0"
	! on_bond || fail 'the bond keeps it'
	gone
}

@test "an entry of another is judged by, and is never touched" {
	another
	hook start
	no_stderr
	entries_are "$mac"
	files_are
	hook release
	entries_are "$mac"
	knows bridge+fdb no 'the reset'
	hook start
	stderr_has '--style bridge+fdb'
	entries_are "$mac"
}

@test "an entry that another adds at the same moment stays another's" {
	fake_bridge '[ "$2" != add ] || /usr/sbin/bridge "$@"'
	hook start
	stderr_has "nothing is added: cannot add $mac to eth0: "
	stderr_has 'File exists'
	entries_are "$mac"
	files_are
	hook release
	entries_are "$mac"
}

@test "another guest with the same address" {
	hook start
	uuid=11111111-2222-4333-8444-555555555555 guest "$(standby bridge 'bridge="br0"')" "$(vf interface 0x01 0x10 0x4)"
	hook start
	hook release
	served
	nsenter -t "$host_pid" --net bridge fdb del "$mac" dev eth0 self permanent
	hook start
	stderr_has 'nothing is added: guest guest has that address on eth0'
	hook release
	entries_are "$mac"
	files_are "0000:01:00.0-$mac"
}

@test "drivers that take only what is static, or only what is permanent" {
	for refused in permanent static; do
		for what in add del; do
			# The kernel's own FDB takes only what is permanent.
			fake_bridge "
				[ \"\$2 \${*: -1}\" != '$what $refused' ] || { echo 'RTNETLINK answers: Invalid argument'; exit 2; }
				set -- \"\${@:1:\$# - 1}\" permanent"
			hook start
			served
			hook release
			gone
		done
	done
}

@test "a driver that does not give it back: it stays in the list, until it does" {
	fake_bridge '[ "$2" != del ] || { echo "RTNETLINK answers: Device or resource busy"; exit 2; }'
	hook start
	hook release
	stderr_has "cannot delete $mac from eth0: RTNETLINK answers: Device or resource busy"
	served
	rm "$BATS_TEST_TMPDIR/bin/bridge"
	old
	hook stopped
	stderr_has "guest guest is gone: deleted $mac from eth0"
	gone
}

@test "a migration: the entry comes with the last call before the guest runs here" {
	hook migrate
	hook prepare
	hook start
	no_stderr
	entries_are
	files_are "incoming-$uuid"
	runs
	old
	hook started
	stderr_has "added $mac to eth0"
	served
	hook release
	gone
}

@test "a migration that fails" {
	hook migrate
	hook start
	hook release
	gone
	# Before anything else was called.
	hook migrate
	old
	on_host "$hook" --clean
	status_is 0
	gone
}

@test "only what is of a guest without a process is stale" {
	hook start
	on_host "$hook" --clean
	served # it is about to get one
	runs
	old
	on_host "$hook" --clean
	status_is 0
	no_stderr
	served
	kill "$guest_pid"
	wait "$guest_pid" || true
	guest_pid=
	# Any call will do, about any guest and with any setting.
	echo LIBVIRT_HOOK=warn >"$NFPROBE_CONF"
	on_host "$hook" other started begin - </dev/null
	status_is 0
	stderr_has "guest guest is gone: deleted $mac from eth0"
	gone
}

@test "a driver that was reloaded has no entry any more, and another's is left alone" {
	hook start
	nsenter -t "$host_pid" --net ip link del eth0
	nsenter -t "$host_pid" --net ip link add eth0 index 77 type veth peer name wire0
	echo 77 >"$sys/class/net/eth0/ifindex"
	another
	hook release
	entries_are "$mac"
	files_are
}

@test "libvirt that comes back adds what a reload has removed" {
	hook start
	runs
	nsenter -t "$host_pid" --net bridge fdb del "$mac" dev eth0 self permanent
	hook reconnect
	stderr_has "added $mac to eth0"
	served
	hook release
	gone
}

# port OWNER_MAC: the network hook's XML, of VF 3 for a guest that runs.
port() {
	printf '<hookData><network><name>vfs</name></network><networkport><owner><name>guest</name><uuid>%s</uuid></owner>' "$uuid"
	printf '<mac address="%s"/><plug type="hostdev-pci" managed="yes">' "$1"
	printf '<address domain="0x0000" bus="0x01" slot="0x10" function="0x6"/></plug></networkport></hookData>\n'
}

# The standby of a guest that runs: a tap in the bridge br0.
tap() {
	mkdir -p "$sys/class/net/vnet0/brport" "$sys/class/net/br0"
	ln -s ../br0 "$sys/class/net/vnet0/master"
	echo fe:11:22:33:44:55 >"$sys/class/net/vnet0/address"
	echo 1 | tee "$sys"/class/net/vnet0/brport/{learning,unicast_flood} >/dev/null
}

@test "a VF of a network that is attached to a guest that runs" {
	port "$mac" >"$xml"
	# It is about to start: there is no standby yet, and the QEMU driver's hook will see both.
	hook port-created
	no_stderr
	tap
	hook port-created
	stderr_has "nfprobe: guest guest: added $mac to eth0"
	served
	hook port-deleted
	served
	domain >"$xml"
	hook release
	gone
	port "$mac" >"$xml"
	for text in '<hookData/>' '<hookData><networkport/></hookData>'; do
		echo "$text" >"$xml"
		hook port-created
		no_stderr
	done
	# Behind a macvtap, which libvirt gives the guest's address.
	rm -r "$sys/class/net/vnet0"
	mkdir -p "$sys/class/net/macvtap0/lower_eth0"
	echo DEVTYPE=macvtap >"$sys/class/net/macvtap0/uevent"
	echo "$mac" >"$sys/class/net/macvtap0/address"
	knows macvtap no 'the reset'
	port "$mac" >"$xml"
	hook port-created
	stderr_has 'standby on a macvtap of eth0: EARLY: the reset (nfprobe-check 0000:01:00.0 --style macvtap)'
	gone
}

@test "--explain: what stops a standby now, until the printed command is typed" {
	on_host "$hook" --explain "$xml"
	stdout_has 'pair:    yes'
	nsenter -t "$host_pid" --net ip link set eth0 down
	on_host "$hook" --explain "$xml"
	status_is 1
	stdout_has 'pair:    no, eth0 is down'
	[[ $output =~ next:\ +(ip\ link\ .*)\;\ then\ ask\ again ]] || fail "no command"
	# shellcheck disable=SC2086 # as a shell reads it
	nsenter -t "$host_pid" --net ${BASH_REMATCH[1]}
	on_host "$hook" --explain "$xml"
	stdout_has 'pair:    yes'
}

@test "--explain: a guest of libvirt's, and what is typed wrongly" {
	printf '#!/bin/sh\n[ "$*" = "-c qemu:///system dumpxml -- web1" ] || exit 1\ncat "%s"\n' "$xml" >"$BATS_TEST_TMPDIR/bin/virsh"
	chmod 755 "$BATS_TEST_TMPDIR/bin/virsh"
	on_host "$hook" --explain web1
	status_is 1
	stdout_has 'style:   bridge'
	on_host "$hook" --explain web2
	error_is 4 'there is no file web2, and libvirt knows no such guest'
	echo '<network/>' >"$xml"
	on_host "$hook" --explain "$xml"
	error_is 4 "$xml is not the XML of a guest: it is a <network>"
	echo '<' >"$xml"
	on_host "$hook" --explain "$xml"
	status_is 4
	for words in --nonsense --explain '--clean x' '' web1 'web1 start'; do
		# shellcheck disable=SC2086 # words
		on_host "$hook" $words
		status_is 2
		stderr_has 'nfprobe-libvirt-hook --explain GUEST|FILE.xml'
	done
	on_host "$hook" --help
	status_is 0
	stdout_has 'nfprobe-libvirt-hook --clean'
	# A guest of that name is none of these.
	on_host sh -c '"$1" --clean prepare begin - </dev/null' sh "$hook"
	status_is 0
	no_stderr
}

@test "nfprobe-check says which entries are missing" {
	check() { on_host "$top/scripts/tools/nfprobe-check" eth0 --style macvtap "$@"; }
	missing_is() {
		check --json
		printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/out.json"
		[[ $(json "$BATS_TEST_TMPDIR/out.json" 'd["pfs"][0]["entries_missing"]') == "$1" ]] || fail "not $1"
	}
	missing_is 0
	hook start
	check
	status_is 0
	[[ $output != *missing* ]] || fail 'it is there'
	nsenter -t "$host_pid" --net bridge fdb del "$mac" dev eth0 self permanent
	check
	status_is 0
	stdout_has 'Note  entry missing: guest guest needs its address in the filter of eth0'
	[[ $(tr -s ' \n' ' ' <<<"$output") == *"bridge fdb add $mac dev eth0 self permanent"* ]] || fail 'no command'
	check --json
	stdout_has '"entry missing: guest guest '
	missing_is 1
	# A user other than root cannot know; the settings of this test are in a folder that he cannot enter.
	check() {
		run --separate-stderr nsenter -t "$host_pid" --net --mount env -u NFPROBE_CONF setpriv --reuid=65534 --clear-groups \
			/mnt/scripts/tools/nfprobe-check eth0 --style macvtap "$@"
	}
	missing_is None
}

# learns PORT...: these ports of bridges learn; bridge(8) changes that in the host's sysfs, which is no real one.
learns() {
	local port
	for port; do
		mkdir -p "$sys/class/net/$port/brport"
		echo 1 >"$sys/class/net/$port/brport/learning"
	done
	fake_bridge 'if [ "$1 $2" = "link set" ]; then
			[ "$6" = on ] && learning=1 || learning=0
			echo $learning >"/sys/class/net/$4/brport/learning"
			exit
		fi'
}
learning_is() {
	local port found
	for port in eth0 vnet0; do
		found+="$port $(<"$sys/class/net/$port/brport/learning") "
	done
	[[ $found == "eth0 $1 vnet0 $2 " ]] || fail "learning: $found"
}

# fix NAME: LIBVIRT_BRIDGE_FIX from now on; of a guest whose tap is vnet0.
fix() {
	printf 'LIBVIRT_HOOK=act\nLIBVIRT_BRIDGE_FIX=%s\n' "$1" >"$NFPROBE_CONF"
	mkdir -p "$sys/class/net/vnet0/master"
	guest "$(standby bridge 'bridge="br0"' '<target dev="vnet0"/>')" "$(vf interface)"
	learns eth0 vnet0
}

# another_guest OPERATION: a second guest on the bridge, without a tap that could learn.
another_guest() {
	local file=$BATS_TEST_TMPDIR/another.xml
	uuid=11111111-2222-4333-8444-555555555555 domain "$(standby bridge 'bridge="br0"' '<target dev="vnet0"/>' | sed 's/44:55/44:66/')" \
		"$(vf interface 0x01 0x10 0x4)" >"$file"
	hook "$1" "$file"
}

# The tap as a port of a real bridge: an entry at it is the kernel's.
real_tap() {
	nsenter -t "$host_pid" --net sh -ec 'ip link set wire0 up; ip link add br0 type bridge; ip link set br0 up
		ip link add vnet0 type veth peer name guest0; ip link set guest0 up; ip link set vnet0 up master br0; ip link set eth0 master br0'
	nsenter -t "$host_pid" --net ip -o link show vnet0 | cut -d: -f1 >"$sys/class/net/vnet0/ifindex"
}
at_tap() { nsenter -t "$host_pid" --net bridge fdb show dev vnet0 | grep "^$mac" | sort; }

# In a check at every third step, as the calls of tests/fault fail.
@test "it is killed at each step: no entry without a file, no port that never learns again, and the next calls remove all" {
	local step=${FAULT_STEP:-3}
	fix learning-off
	real_tap
	on_host /usr/bin/python3 "$here/lib/hook_killed.py" "$xml" "$step"
	status_is 0
	[[ $output =~ ^killed\ ([0-9]+)\ times$ ]] || fail "says something else"
	((BASH_REMATCH[1] > 200 / step)) || fail "too few steps"
	learning_is 1 1
}

@test "it is killed while bridge(8) is on its way: whoever comes next waits for that" {
	fake_bridge "
		if [ \"\$2\" = add ] && mkdir '$BATS_TEST_TMPDIR/killed' 2>/dev/null; then
			kill -KILL \$PPID
			read -r _ <'$BATS_TEST_TMPDIR/go'
		fi"
	mkfifo "$BATS_TEST_TMPDIR/go"
	on_host sh -c '"$1" guest start begin - <"$2"' sh "$hook" "$xml"
	status_is 137
	entries_are
	# Nobody takes it back before it is there.
	hurried_hook
	hook release
	stderr_has "another process has been at $entry for too long"
	files_are "0000:01:00.0-$mac"
	echo go >"$BATS_TEST_TMPDIR/go"
	patient_hook
	hook release
	gone
}

@test "a kernel that does not answer: nothing is waited for longer than the limit" {
	fake_bridge '[ "$2" != add ] || exec tail -f /dev/null'
	hurried_hook
	hook start
	stderr_has 'nothing is added: bridge fdb add 00:11:22:33:44:55 dev eth0 self permanent took too long'
	entries_are
	# It may come yet, so the list has it.
	files_are "0000:01:00.0-$mac"
	patient_hook
	hook release
	gone
}

@test "guests share a port of the bridge: the last one turns its learning on again" {
	fix uplink-learning-off
	hook started
	another_guest started
	hook release
	stderr_lacks 'learns again'
	learning_is 0 1
	another_guest release
	stderr_has 'guest guest has ended: eth0 learns again'
	learning_is 1 1
	gone
	hook started
	another_guest started
	old
	on_host "$hook" --clean
	status_is 0
	learning_is 1 1
	gone
}

@test "a port that another has kept from learning stays so, and one that nobody can is named" {
	fix learning-off
	real_tap
	echo 0 >"$sys/class/net/eth0/brport/learning"
	hook started
	learning_is 0 0
	hook release
	learning_is 0 1
	gone
	echo 1 >"$sys/class/net/eth0/brport/learning"
	fake_bridge '[ "$1 $2" != "link set" ] || { echo "RTNETLINK answers: Operation not supported"; exit 2; }'
	hook started
	stderr_has 'guest guest: the bridge that learns is not changed: cannot turn learning off at eth0: RTNETLINK answers: Operation not supported'
	hook release
	no_stderr
	gone
	guest "$(standby bridge 'bridge="br1"' '<virtualport type="openvswitch"/>')" "$(vf interface)"
	mkdir -p "$sys/class/net/ovs-system/lower_eth0"
	rm -r "$sys/class/net/eth0/brport"
	hook started
	stderr_has 'is not changed: Open vSwitch takes an entry of its own, which nfprobe-guide(7) has'
	gone
}

@test "a sticky entry at the tap; one that was static before is so again, and another's sticky one stays" {
	fix pin
	real_tap
	hook started
	stderr_has "guest guest: the entry of $mac at vnet0 is sticky"
	[[ $(at_tap) == *sticky* ]] || fail "$(at_tap)"
	hook release
	stderr_has "guest guest has ended: took the sticky entry of $mac from vnet0"
	[[ -z $(at_tap) ]] || fail "$(at_tap)"
	gone
	nsenter -t "$host_pid" --net bridge fdb add "$mac" dev vnet0 master static
	static=$(at_tap)
	hook started
	hook release
	[[ $(at_tap) == "$static" ]] || fail "$(at_tap), not $static"
	gone
	nsenter -t "$host_pid" --net bridge fdb replace "$mac" dev vnet0 master static sticky
	hook started
	files_are
	hook release
	[[ $(at_tap) == *sticky* ]] || fail "$(at_tap)"
}

# The PF leaves its bridge, and comes back.
away_and_back() { nsenter -t "$host_pid" --net sh -ec 'ip link set eth0 nomaster; ip link set eth0 master br0'; }

@test "a port that learns again, since the PF has left its bridge and come back, does not from the next call on" {
	fix uplink-learning-off
	real_tap
	hook start
	hook started
	another_guest started
	away_and_back
	nsenter -t "$host_pid" --net bridge fdb add "$mac" dev eth0 master dynamic
	echo 1 >"$sys/class/net/eth0/brport/learning"
	nsenter -t "$host_pid" --net bridge fdb del "$mac" dev eth0 self permanent
	sed -i s/act/warn/ "$NFPROBE_CONF"
	another_guest stopped
	stderr_lacks ' again'
	sed -i s/warn/act/ "$NFPROBE_CONF"
	another_guest stopped
	stderr_has 'guest guest: no learning at eth0 again'
	stderr_has "guest guest: added $mac to eth0 again"
	learning_is 0 1
	! nsenter -t "$host_pid" --net bridge fdb show dev eth0 | grep "^$mac.*master" || fail "it is still learned at eth0"
	another_guest release
	hook release
	learning_is 1 1
	gone
}

@test "no bridge is changed unless the hook acts, by a fix that it knows" {
	fix uplink-learning-off
	echo LIBVIRT_HOOK=warn >"$NFPROBE_CONF"
	echo LIBVIRT_BRIDGE_FIX=learning-off >>"$NFPROBE_CONF"
	hook started
	learning_is 1 1
	fix off
	hook started
	stderr_has 'LIBVIRT_BRIDGE_FIX is off, not learning-off or uplink-learning-off or pin: no bridge is changed'
	learning_is 1 1
	echo LIBVIRT_HOOK=act >"$NFPROBE_CONF"
	hook started
	no_stderr
	learning_is 1 1
}

@test "a setting that has another name now is not read, and said to be so" {
	fix learning-off
	printf 'LIBVIRT_HOOK=act\nLIBVIRT_BRIDGE_CURE=learning-off\n' >"$NFPROBE_CONF"
	hook started
	stderr_has 'LIBVIRT_BRIDGE_CURE is LIBVIRT_BRIDGE_FIX since 0.4.0, and is not read'
	learning_is 1 1
}


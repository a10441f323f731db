#compdef nfprobe
# SPDX-License-Identifier: GPL-2.0-or-later
# Made by make completion.

_nfprobe_pfs() {
	local -a found=(/sys/class/net/*/device/sriov_totalvfs(N:h:h:t))
	compadd -a found
}

_nfprobe_vfs() {
	local -a found=(any /sys/class/net/*/device/virtfn*(N:t))
	found=(${(u)found#virtfn})
	compadd -a found
}

_nfprobe_sources() {
	local -a found=(auto arp pf peer vf: /sys/class/net/*(N:t))
	compadd -a found
}

_arguments \
	'--vf=[the VF to probe, or any\: the first that is idle]:N:_nfprobe_vfs' \
	'--style=[how the standby receives\: macvtap (or direct), bridge]:STYLE[,..]:_values -s , word macvtap direct bridge bridge+pin bridge+fdb bridge+fdb+pin static-bridge vf-bridge vf-bridge+pin all' \
	'--from=[the source of the frames\: an interface on the same wire,]:WHERE:_nfprobe_sources' \
	'--vlan=[probe on VLAN V, 0 for none (default\: the VFs own VLAN)]:V: ' \
	'--guest-vlan=[also test VLAN V, which guests have on their failover]:V: ' \
	'--id=[the id that this host and the reflector share, or the]:HEX|@FILE:_files' \
	'--mac=[the address under test (default\: random ones)]:MAC: ' \
	'--force[probe a VF even if its netdev is up and in use]' \
	'--skip=[leave out tests\: fix (fixes of a bridge), announce]:TEST[,..]:_values -s , word fix announce multicast' \
	'--rate=[unicast frames per second, or max (default\: 1000; ARP\: 8)]:PPS: ' \
	'--settle=[how long frames must land in one place (default\: 0.5 for]:SEC: ' \
	'--timeout=[stop after SEC seconds\: a run (what is not known by then]:SEC: ' \
	'--allow=[verdicts that count as safe\: early, refused, deaf,]:VERDICT[,..]:_values -s , word early refused deaf sticky slow safe no-wire' \
	'--gap-limit=[not safe (slow) if the guest is deaf for more than MS]:MS: ' \
	'--require=[a safe style must also let IPv6 reach a guest, without a]:WHAT[,..]:_values -s , word ipv6' \
	'--accept=[a finding that does not count, by its code, everywhere]:CODE[ PLACE]: ' \
	'--json=-[write the result as JSON to standard output, or to FILE]:FILE:_files' \
	'--json-stream[stream events as they occur, one JSON object per line]' \
	'--save=-[also keep the result on this host, in /var/lib/nfprobe,]:DIR:_files -/' \
	'--write=[write every frame, sent and received, to FILE as pcapng]:FILE:_files' \
	'--quiet[print the verdict only\: no progress, no warnings]' \
	'-q[print the verdict only\: no progress, no warnings]' \
	'--verbose[print counts, and each change made on the host]' \
	'-v[print counts, and each change made on the host]' \
	'--color=-[always, never or auto (default\: on a terminal)]:WHEN:_values -s , word always never auto' \
	'--dry-run[print what a run would do, and do nothing]' \
	'-n[print what a run would do, and do nothing]' \
	'--list[list PFs and VFs, and who uses them]' \
	'--audit[find addresses that make guests lose frames]' \
	'--restore[undo what an interrupted run left on the host]' \
	'--reflect[act as the reflector for a run on another host]' \
	'--version[print the version]' \
	'-V[print the version]' \
	'--help[print every option; -h\: the usual ones]' \
	'-h[print every option; -h\: the usual ones]' \
	'*:PF:_nfprobe_pfs'

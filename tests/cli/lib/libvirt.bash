# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Domains as libvirt hands them to a hook (libvirt, formatdomain.rst, "Teaming a virtio/hostdev NIC pair").

# domain INTERFACE...: the XML of a guest that has these devices.
domain() {
	printf '<domain type="kvm">\n<name>guest</name>\n<devices>\n'
	printf '<emulator>/usr/bin/qemu-system-x86_64</emulator>\n'
	printf '%s\n' "$@"
	printf '</devices>\n</domain>\n'
}

# standby TYPE SOURCE [ELEMENT]: the persistent half; SOURCE is the attributes of <source>.
standby() {
	printf '<interface type="%s"><mac address="00:11:22:33:44:55"/><source %s/>%s<model type="virtio"/>' "$1" "$2" "${3-}"
	printf '<teaming type="persistent"/><alias name="ua-backup0"/></interface>'
}

# vf TAG [BUS SLOT FUNCTION]: the transient half, by address, as an <interface> or a <hostdev>; that of VF 3 by default.
vf() {
	local address="domain=\"0x0000\" bus=\"${2-0x01}\" slot=\"${3-0x10}\" function=\"${4-0x6}\""
	if [[ $1 == interface ]]; then
		printf '<interface type="hostdev" managed="yes"><mac address="00:11:22:33:44:55"/><source><address type="pci" %s/></source>' "$address"
	else
		printf '<hostdev mode="subsystem" type="pci" managed="yes"><source><address %s/></source>' "$address"
	fi
	printf '<teaming type="transient" persistent="ua-backup0"/><address type="pci" bus="0x07" slot="0x00" function="0x0"/></%s>' "$1"
}

# A VF of a pool, before the network driver has chosen it.
pool() {
	printf '<interface type="network"><mac address="00:11:22:33:44:55"/><source network="vfs"/>'
	printf '<teaming type="transient" persistent="ua-backup0"/></interface>'
}

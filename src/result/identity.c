// SPDX-License-Identifier: GPL-2.0-or-later
/* identity.c - the hardware and software to which a verdict applies, and how they have changed. */
#include "nfprobe/store.h"

#include <stdio.h>
#include <string.h>

const struct nfp_names nfp_identity_names = {
	(const char *const[]) {
		[NFP_ID_DEVICE] = "device",
		[NFP_ID_SUBSYSTEM] = "subsystem",
		[NFP_ID_BOARD] = "board_id",
		[NFP_ID_FIRMWARE] = "firmware",
		[NFP_ID_FIRMWARE_VERSIONS] = "firmware_versions",
		[NFP_ID_KERNEL] = "kernel",
		[NFP_ID_DRIVER] = "driver",
		[NFP_ID_DRIVER_VERSION] = "driver_version",
		[NFP_ID_VF_DRIVER] = "vf_driver",
		[NFP_ID_VF_DRIVER_VERSION] = "vf_driver_version",
		[NFP_ID_ESWITCH_MODE] = "eswitch_mode",
		[NFP_ID_NUM_VFS] = "num_vfs",
		[NFP_ID_L2_FWD_OFFLOAD] = "l2_fwd_offload",
		[NFP_ID_TRUST] = "trust",
		[NFP_ID_SPOOFCHK] = "spoofchk",
		[NFP_ID_VLAN] = "vlan",
	},
	NFP_ID_COUNT,
};

const struct nfp_names nfp_identity_labels = {
	(const char *const[]) {
		[NFP_ID_DEVICE] = "PCI device",
		[NFP_ID_SUBSYSTEM] = "PCI subsystem",
		[NFP_ID_BOARD] = "board.id",
		[NFP_ID_FIRMWARE] = "firmware",
		[NFP_ID_FIRMWARE_VERSIONS] = "firmware version",
		[NFP_ID_KERNEL] = "kernel",
		[NFP_ID_DRIVER] = "driver",
		[NFP_ID_DRIVER_VERSION] = "driver version",
		[NFP_ID_VF_DRIVER] = "VF driver",
		[NFP_ID_VF_DRIVER_VERSION] = "VF driver version",
		[NFP_ID_ESWITCH_MODE] = "eswitch mode",
		[NFP_ID_NUM_VFS] = "number of VFs",
		[NFP_ID_L2_FWD_OFFLOAD] = "l2-fwd-offload",
		[NFP_ID_TRUST] = "trust of the VF",
		[NFP_ID_SPOOFCHK] = "spoofchk of the VF",
		[NFP_ID_VLAN] = "VLAN of the VF",
	},
	NFP_ID_COUNT,
};

/* Cleans the text as reading a file does, so that the two can be compared. */
static void set(struct nfp_identity *id, enum nfp_identity_member member, const char *text)
{
	nfp_utf8_clean(id->value[member], sizeof(id->value[member]), text, true);
}

static void set_pci(struct nfp_identity *id, enum nfp_identity_member member, unsigned int vendor,
		    unsigned int device)
{
	if (vendor)
		snprintf(id->value[member], sizeof(id->value[member]), "%04x:%04x", vendor, device);
}

/* A new kernel has new drivers: the kernel's version is reported, and not theirs as well. */
static const char *own_version(const char *version, const char *kernel)
{
	return strcmp(version, kernel) == 0 ? "the kernel's" : version;
}

/* Empty: the driver does not report it (-1). */
static void set_switch(struct nfp_identity *id, enum nfp_identity_member member, int value)
{
	static const char *const words[] = {"off", "on"};

	set(id, member, value < 0 ? "" : words[value != 0]);
}

void nfp_identity_of(const struct nfp_pf_info *pf, const char *kernel,
		     const struct nfp_vf_result *vf, struct nfp_identity *ret_identity)
{
	struct nfp_identity *id = ret_identity;

	memset(id, 0, sizeof(*id));
	set_pci(id, NFP_ID_DEVICE, pf->vendor, pf->device);
	set_pci(id, NFP_ID_SUBSYSTEM, pf->subsystem_vendor, pf->subsystem_device);
	set(id, NFP_ID_BOARD, pf->board_id);
	set(id, NFP_ID_FIRMWARE, pf->firmware);
	for (size_t i = 0; i < pf->num_fw; i++) {
		struct nfp_fw_version *v = &id->fw[id->num_fw];

		if (!pf->fw[i].running[0])
			continue;
		nfp_utf8_clean(v->name, sizeof(v->name), pf->fw[i].name, true);
		nfp_utf8_clean(v->running, sizeof(v->running), pf->fw[i].running, true);
		id->num_fw++;
	}
	set(id, NFP_ID_KERNEL, kernel);
	set(id, NFP_ID_DRIVER, pf->driver);
	set(id, NFP_ID_DRIVER_VERSION, own_version(pf->driver_version, kernel));
	set(id, NFP_ID_VF_DRIVER, vf->driver);
	set(id, NFP_ID_VF_DRIVER_VERSION, own_version(vf->driver_version, kernel));
	set(id, NFP_ID_ESWITCH_MODE, pf->eswitch_mode);
	snprintf(id->value[NFP_ID_NUM_VFS], sizeof(id->value[NFP_ID_NUM_VFS]), "%u", pf->num_vfs);
	set_switch(id, NFP_ID_L2_FWD_OFFLOAD, pf->l2_fwd_offload);
	set_switch(id, NFP_ID_TRUST, vf->trust);
	set_switch(id, NFP_ID_SPOOFCHK, vf->spoofchk);
	if (vf->vlan.vid)
		snprintf(id->value[NFP_ID_VLAN], sizeof(id->value[NFP_ID_VLAN]), "%u",
			 vf->vlan.vid);
}

/* Empty: it has no such part. */
static const char *running(const struct nfp_identity *id, const char *name)
{
	for (size_t i = 0; i < id->num_fw; i++) {
		if (strcmp(id->fw[i].name, name) == 0)
			return id->fw[i].running;
	}
	return "";
}

/* The first part of the firmware whose version differs; NULL: none does. */
static const char *changed_part(const struct nfp_identity *was, const struct nfp_identity *is)
{
	const struct nfp_identity *both[] = {was, is};

	for (size_t b = 0; b < 2; b++) {
		for (size_t i = 0; i < both[b]->num_fw; i++) {
			const char *name = both[b]->fw[i].name;

			if (strcmp(running(was, name), running(is, name)) != 0)
				return name;
		}
	}
	return NULL;
}

enum nfp_answer nfp_identity_same(const struct nfp_identity *was, const struct nfp_identity *is,
				  enum nfp_identity_member member)
{
	if (is->readable[member] == NFP_NEEDS_PRIVILEGES)
		return NFP_UNKNOWN;
	if (is->readable[member] != NFP_READABLE ||
	    (member == NFP_ID_FIRMWARE_VERSIONS && changed_part(was, is)))
		return NFP_NO;
	return strcmp(was->value[member], is->value[member]) == 0 ? NFP_YES : NFP_NO;
}

/* "fw.app 1.3.36.0" */
static void put_part(const struct nfp_identity *id, const char *name, char ret_text[NFP_TEXT_LEN])
{
	const char *version = running(id, name);

	if (version[0])
		snprintf(ret_text, NFP_TEXT_LEN, "%s %s", name, version);
}

void nfp_identity_values(const struct nfp_identity *was, const struct nfp_identity *is,
			 enum nfp_identity_member member, char ret_was[NFP_TEXT_LEN],
			 char ret_is[NFP_TEXT_LEN])
{
	const char *part = member == NFP_ID_FIRMWARE_VERSIONS ? changed_part(was, is) : NULL;

	memcpy(ret_was, was->value[member], NFP_TEXT_LEN);
	memcpy(ret_is, is->value[member], NFP_TEXT_LEN);
	if (part) {
		put_part(was, part, ret_was);
		put_part(is, part, ret_is);
	}
}

/* Many devices have no board.id, and many drivers no eswitch modes. */
static const char *shown(const char *value, enum nfp_identity_member member)
{
	if (value[0])
		return value;
	return member == NFP_ID_BOARD || member == NFP_ID_ESWITCH_MODE ||
			       member == NFP_ID_FIRMWARE_VERSIONS || member == NFP_ID_VLAN
		       ? "none"
		       : "unknown";
}

void nfp_identity_words(const struct nfp_identity *was, const struct nfp_identity *is,
			enum nfp_identity_member member, char *buf, size_t size)
{
	char then[NFP_TEXT_LEN], now[NFP_TEXT_LEN];
	const char *name = nfp_name(&nfp_identity_labels, member);

	nfp_identity_values(was, is, member, then, now);
	if (is->readable[member] == NFP_UNREADABLE)
		snprintf(buf, size, "%s was %s, and cannot be read now", name, shown(then, member));
	else if (is->readable[member] == NFP_NEEDS_PRIVILEGES)
		snprintf(buf, size,
			 "%s was %s; what it is now cannot be read without CAP_NET_ADMIN", name,
			 shown(then, member));
	else
		snprintf(buf, size, "%s was %s, is %s", name, shown(then, member),
			 shown(now, member));
}

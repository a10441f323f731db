/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pciids.h - the names of NICs, from the file that lspci(8) has them from. */
#ifndef NFPROBE_PCIIDS_H
#define NFPROBE_PCIIDS_H

#include "nfprobe/base.h"

struct nfp_pci_nic {
	uint16_t vendor, device, subsystem_vendor, subsystem_device; /* 0: not known */
	/* Printable; empty: not known, and of a device without a vendor's name always. */
	char vendor_name[NFP_TEXT_LEN], device_name[NFP_TEXT_LEN], subsystem_name[NFP_TEXT_LEN];
};

/*
 * Names NICs, which have no names yet, by a text in the format of pci.ids(5). Unknown ids, and
 * broken lines, leave names empty. Pure.
 */
void nfp_pci_name(struct nfp_pci_nic *nics, size_t num, const char *text, size_t len);

/*
 * Reads this host's pci.ids into a buffer that the caller frees; an empty one if there is none. 0,
 * or -errno with *ret_path: the file that could not be read.
 */
int nfp_pci_ids_read(char **ret_text, size_t *ret_len, const char **ret_path);

#endif

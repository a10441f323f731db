// SPDX-License-Identifier: GPL-2.0-or-later
/* pciids.c - the names of NICs, from the file that lspci(8) has them from. */
#include "nfprobe/pciids.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ID_LEN	      4 /* hex digits */
#define PCI_IDS_BYTES (16U << 20)

/* The ids on the way to a line; -1: none. */
struct place {
	int vendor, device;
};

/* "8086  Intel": returns what is behind id and blanks, or NULL if any of that is lacking. */
static const char *read_id(const char *line, int *ret_id)
{
	uint8_t id[ID_LEN / 2];

	if (strlen(line) <= ID_LEN || line[ID_LEN] != ' ' || !nfp_hex_parse(line, id, sizeof(id)))
		return NULL;
	*ret_id = id[0] << 8 | id[1];
	line += ID_LEN + strspn(line + ID_LEN, " ");
	return *line ? line : NULL;
}

static void name_vendor(struct nfp_pci_nic *nics, size_t num, const char *line, struct place *at)
{
	int vendor;
	const char *name = read_id(line, &vendor);

	*at = (struct place) {-1, -1};
	for (size_t i = 0; i < num && name; i++) {
		if (nics[i].vendor != vendor)
			continue;
		nfp_utf8_clean(nics[i].vendor_name, sizeof(nics[i].vendor_name), name, true);
		at->vendor = vendor;
	}
}

static void name_device(struct nfp_pci_nic *nics, size_t num, const char *line, struct place *at)
{
	int device;
	const char *name = read_id(line, &device);

	at->device = -1;
	for (size_t i = 0; i < num && name; i++) {
		if (nics[i].vendor != at->vendor || nics[i].device != device)
			continue;
		nfp_utf8_clean(nics[i].device_name, sizeof(nics[i].device_name), name, true);
		at->device = device;
	}
}

static void name_subsystem(struct nfp_pci_nic *nics, size_t num, const char *line,
			   const struct place *at)
{
	int vendor, device;
	const char *name = read_id(line, &vendor);

	name = name ? read_id(name, &device) : NULL;
	for (size_t i = 0; i < num && name; i++) {
		struct nfp_pci_nic *nic = &nics[i];

		if (nic->vendor == at->vendor && nic->device == at->device &&
		    nic->subsystem_vendor == vendor && nic->subsystem_device == device)
			nfp_utf8_clean(nic->subsystem_name, sizeof(nic->subsystem_name), name,
				       true);
	}
}

void nfp_pci_name(struct nfp_pci_nic *nics, size_t num, const char *text, size_t len)
{
	struct place at = {-1, -1};
	const char *end = text + len;

	for (const char *next; text < end; text = next) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text));
		char line[256];

		line_end = line_end ? line_end : end;
		next = line_end < end ? line_end + 1 : end;
		/* Most lines are of other vendors; classes, which come last, have no vendor. */
		if (text == line_end || *text == '#' || (*text == '\t' && at.vendor < 0))
			continue;
		snprintf(line, sizeof(line), "%.*s", (int)(line_end - text), text);
		if (line[0] != '\t')
			name_vendor(nics, num, line, &at);
		else if (line[1] != '\t')
			name_device(nics, num, line + 1, &at);
		else if (at.device >= 0)
			name_subsystem(nics, num, line + 2, &at);
	}
}

int nfp_pci_ids_read(char **ret_text, size_t *ret_len, const char **ret_path)
{
	/* Where Debian and Enterprise Linux have it. */
	static const char *const paths[] = {"/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids"};

	*ret_text = NULL;
	*ret_len = 0;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int fd = open(paths[i], O_RDONLY | O_NOCTTY | O_CLOEXEC), ret = fd < 0 ? -errno : 0;

		if (ret == -ENOENT)
			continue;
		*ret_path = paths[i];
		ret = ret ?: nfp_read_fd(fd, PCI_IDS_BYTES, ret_text, ret_len);
		if (fd >= 0)
			close(fd);
		return ret;
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* pciids.c - the names of NICs, from the file that lspci(8) has them from. */
#include "nfprobe/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ID_LEN	      4 /* hex digits */
#define PCI_IDS_BYTES (16U << 20)

/* "8086  Intel": what is behind this id and blanks. NULL: it is another id, or no such line. */
static const char *name_behind(const char *line, uint16_t id)
{
	uint8_t bytes[ID_LEN / 2];

	if (strlen(line) <= ID_LEN || line[ID_LEN] != ' ' ||
	    !nfp_hex_parse(line, bytes, sizeof(bytes)) || (bytes[0] << 8 | bytes[1]) != id)
		return NULL;
	line += ID_LEN + strspn(line + ID_LEN, " ");
	return *line ? line : NULL;
}

static void name_nic(struct nfp_pci_nic *nic, const char *text, const char *end)
{
	bool in_vendor = false; /* among the devices of its vendor; classes have none */

	for (const char *next; text < end; text = next) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text)), *name;
		bool of_device = *text == '\t';
		char line[256];

		line_end = line_end ?: end;
		next = line_end < end ? line_end + 1 : end;
		/* Most lines are of other vendors. */
		if (text == line_end || *text == '#' || (of_device && !in_vendor))
			continue;
		snprintf(line, sizeof(line), "%.*s", (int)(line_end - text), text);
		name = of_device ? name_behind(line + 1, nic->device)
				 : name_behind(line, nic->vendor);
		if (!of_device)
			in_vendor = name;
		if (name)
			nfp_utf8_clean(of_device ? nic->device_name : nic->vendor_name,
				       NFP_TEXT_LEN, name, true);
	}
}

void nfp_jobs_name(struct nfp_jobs *jobs, const char *text, size_t len)
{
	for (size_t i = 0; i < jobs->num; i++)
		name_nic(&jobs->v[i].nic, text, text + len);
}

int nfp_pci_ids_read(char **ret_text, size_t *ret_len)
{
	/* Where Debian and Enterprise Linux have it. */
	static const char *const paths[] = {"/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids"};
	int fd = -1, ret;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]) && fd < 0; i++)
		fd = open(paths[i], O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = nfp_read_fd(fd, PCI_IDS_BYTES, ret_text, ret_len);
	close(fd);
	return ret;
}

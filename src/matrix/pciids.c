// SPDX-License-Identifier: GPL-2.0-or-later
/* pciids.c - the names of NICs, from the file that lspci(8) has them from. */
#include "matrix_priv.h"

#include <stdio.h>
#include <string.h>

#define ID_LEN 4 /* hex digits */

/* The ids on the way to a line; -1: none. */
struct place {
	int vendor, device;
};

/* "8086  Intel": returns the name, or NULL if the line does not begin with an id and a blank. */
static const char *read_id(const char *line, int *ret_id)
{
	uint8_t id[ID_LEN / 2];

	if (strlen(line) <= ID_LEN || line[ID_LEN] != ' ' || !nfp_hex_parse(line, id, sizeof(id)))
		return NULL;
	*ret_id = id[0] << 8 | id[1];
	return line + ID_LEN + strspn(line + ID_LEN, " ");
}

static const char *name_text(struct nfp_matrix *m, const char *name)
{
	char clean[NFP_TEXT_LEN];

	nfp_utf8_clean(clean, sizeof(clean), name, true);
	return nfp_matrix_text(m, clean);
}

static void name_vendor(struct nfp_matrix *m, const char *line, struct place *at)
{
	int vendor;
	const char *name = read_id(line, &vendor);

	*at = (struct place) {-1, -1};
	for (size_t i = 0; i < m->num_rows && name; i++) {
		if (m->rows[i].vendor != vendor)
			continue;
		m->rows[i].vendor_name = name_text(m, name);
		at->vendor = vendor;
	}
}

static void name_device(struct nfp_matrix *m, const char *line, struct place *at)
{
	int device;
	const char *name = read_id(line, &device);

	at->device = -1;
	for (size_t i = 0; i < m->num_rows && name; i++) {
		if (m->rows[i].vendor != at->vendor || m->rows[i].device != device)
			continue;
		m->rows[i].device_name = name_text(m, name);
		at->device = device;
	}
}

static void name_subsystem(struct nfp_matrix *m, const char *line, const struct place *at)
{
	int vendor, device;
	const char *name = read_id(line, &vendor);

	name = name ? read_id(name, &device) : NULL;
	for (size_t i = 0; i < m->num_rows && name; i++) {
		struct nfp_matrix_row *row = &m->rows[i];

		if (row->vendor == at->vendor && row->device == at->device &&
		    row->subsystem_vendor == vendor && row->subsystem_device == device)
			row->subsystem_name = name_text(m, name);
	}
}

void nfp_matrix_name(struct nfp_matrix *matrix, const char *text, size_t len)
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
			name_vendor(matrix, line, &at);
		else if (line[1] != '\t')
			name_device(matrix, line + 1, &at);
		else if (at.device >= 0)
			name_subsystem(matrix, line + 2, &at);
	}
}

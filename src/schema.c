// SPDX-License-Identifier: GPL-2.0-or-later
/* schema.c - writes the JSON schemas to a folder; the Makefile runs it, and installs what it
 * writes. */
#include <stdio.h>
#include <stdlib.h>

#include "nfprobe/report.h"

int main(int argc, char **argv)
{
	char name[NFP_SCHEMA_NAME_LEN];

	if (argc != 2) {
		fputs("Usage: schema FOLDER\n", stderr);
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < NFP_SCHEMAS; i++) {
		json_t *schema = nfp_report_schema(i, name);
		char *path = nfp_asprintf("%s/%s", argv[1], name);

		if (json_dump_file(schema, path, JSON_INDENT(2)) != 0) {
			perror(path);
			return EXIT_FAILURE;
		}
		free(path);
		json_decref(schema);
	}
	return EXIT_SUCCESS;
}

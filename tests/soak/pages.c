// SPDX-License-Identifier: GPL-2.0-or-later
/* pages FOLDER - writes HTML pages of the sample results, for a browser to be looked at in. */
#include <stdio.h>
#include <stdlib.h>

#include "nfprobe/report.h"
#include "unit/sample_pages.h"

static const struct {
	const char *name;
	void (*sample)(struct nfp_result *result);
} pages[] = {
	{"plain", sample_igb},	   {"brief", sample_brief},   {"hostile", sample_hostile},
	{"many", sample_many},	   {"beside", sample_beside}, {"compared", sample_compared},
	{"error", sample_nothing},
};

static int write_page(const char *folder, size_t i)
{
	struct nfp_result result;
	char path[512];
	FILE *out;
	int ret;

	snprintf(path, sizeof(path), "%s/%s.html", folder, pages[i].name);
	out = fopen(path, "we");
	if (!out)
		return -1;
	pages[i].sample(&result);
	ret = nfp_report_html(&result, out);
	nfp_result_fini(&result);
	return fclose(out) ? -1 : ret;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("pages FOLDER\n", stderr);
		return 2;
	}
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (write_page(argv[1], i)) {
			perror(argv[1]);
			return 1;
		}
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* baseline.c - a run that is compared with an earlier result. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfprobe/tables.h"
#include "run_priv.h"

int nfp_baseline_read(int fd, const char *path, struct nfp_result *ret_result, struct nfp_err *err)
{
	struct nfp_err inner = {0};
	char *text = NULL;
	size_t len = 0;
	int ret = nfp_sysfs_slurp_fd(fd, NFP_BASELINE_BYTES, &text, &len);

	close(fd);
	if (ret < 0)
		return nfp_err_errno(err, ret, NFP_E_BASELINE, "cannot read the baseline %s", path);
	ret = nfp_baseline_parse(text, len, ret_result, &inner);
	free(text);
	if (ret < 0) {
		nfp_err_set(err, ret, inner.code, "the baseline %s cannot be used: %s", path,
			    inner.message);
		nfp_err_hint(err, "it must be what nfprobe PF --vf N --json=FILE wrote, or nfprobe "
				  "--read RUN.pcapng --json=FILE");
	}
	return ret;
}

/* The first of the four that differs, in words; empty when none does. */
static void what_differs(const struct nfp_result *then, const struct nfp_result *now, char *buf,
			 size_t size)
{
	const struct {
		const char *what, *then, *now;
	} texts[] = {
		{"the driver", then->pf.driver, now->pf.driver},
		{"the driver's version", then->pf.driver_version, now->pf.driver_version},
		{"the firmware", then->pf.firmware, now->pf.firmware},
		{"the kernel", then->kernel, now->kernel},
	};

	buf[0] = '\0';
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && !buf[0]; i++) {
		if (strcmp(texts[i].then, texts[i].now) != 0)
			snprintf(buf, size, "%s was %s and is %s", texts[i].what,
				 texts[i].then[0] ? texts[i].then : "unknown",
				 texts[i].now[0] ? texts[i].now : "unknown");
	}
}

int nfp_baseline_check(const struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_result *then = run->io->baseline;
	char words[2 * NFP_TEXT + 64];

	if (!then)
		return 0;
	what_differs(then, run->result, words, sizeof(words));
	if (!words[0] == run->request->same)
		return 0;
	nfp_err_set(err, -EINVAL, NFP_E_BASELINE,
		    words[0] ? "--same, but since the baseline %s"
			     : "driver, firmware and kernel are those of the baseline%s: there is "
			       "nothing whose change could be tested",
		    words);
	nfp_err_hint(err, words[0] ? "leave out --same to see what that changed"
				   : "--same tests whether the result is repeatable");
	return -EINVAL;
}

void nfp_baseline_compare(struct nfp_run *run)
{
	struct nfp_result *result = run->result;
	struct nfp_comparison *comparison;

	if (!run->io->baseline)
		return;
	comparison = nfp_calloc(1, sizeof(*comparison));
	nfp_compare(run->io->baseline, result, run->request->same, comparison);
	snprintf(comparison->file, sizeof(comparison->file), "%s", run->request->baseline_file);
	if (comparison->not_compared[0])
		nfp_run_warn(run, "not compared with the baseline: %s", comparison->not_compared);
	result->comparison = comparison;
	result->exit_status = comparison->exit_status;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* baseline.c - a run that is compared with an earlier result. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfprobe/verdict.h"
#include "nfprobe/base.h"
#include "run_priv.h"

int nfp_baseline_read(int fd, const char *path, struct nfp_past *ret_past, struct nfp_err *err)
{
	struct nfp_err inner = {0};
	char *text = NULL;
	size_t len = 0;
	int ret = nfp_sysfs_slurp_fd(fd, NFP_BASELINE_BYTES, &text, &len);

	close(fd);
	if (ret < 0)
		return nfp_err_errno(err, ret, NFP_E_BASELINE, "cannot read the baseline %s", path);
	ret = nfp_past_parse(text, len, ret_past, &inner);
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
static void what_differs(const struct nfp_past *then, const struct nfp_past *now, char *buf,
			 size_t size)
{
	const struct {
		const char *what, *then, *now;
	} texts[] = {
		{"the driver", then->driver, now->driver},
		{"the driver's version", then->driver_version, now->driver_version},
		{"the firmware", then->firmware, now->firmware},
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
	const struct nfp_past *then = run->io->baseline;
	struct nfp_past now = {0};
	char words[2 * NFP_PAST_TEXT + 64];
	int ret;

	if (!then)
		return 0;
	ret = nfp_past_of(run->result, &now);
	if (ret < 0)
		return nfp_err_errno(err, ret, NFP_E_MEMORY, "cannot compare");
	nfp_past_fini(&now); /* its texts stay */
	what_differs(then, &now, words, sizeof(words));
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

/* What ended in an error keeps its status. */
int nfp_baseline_compare(struct nfp_run *run, struct nfp_err *err)
{
	const struct nfp_past *then = run->io->baseline;
	struct nfp_result *result = run->result;
	struct nfp_comparison *comparison;
	struct nfp_past now;
	int ret;

	if (!then)
		return 0;
	comparison = nfp_calloc(1, sizeof(*comparison));
	if (!comparison)
		return nfp_err_errno(err, -ENOMEM, NFP_E_MEMORY, "cannot compare");
	result->comparison = comparison;
	ret = nfp_past_of(result, &now);
	if (ret == 0) {
		ret = nfp_compare(then, &now, run->request->same, comparison);
		nfp_past_fini(&now);
	}
	if (ret < 0)
		return nfp_err_errno(err, ret, NFP_E_MEMORY, "cannot compare");
	snprintf(comparison->file, sizeof(comparison->file), "%s", run->request->baseline_file);
	if (comparison->not_compared[0])
		nfp_run_warn(run, "not compared with the baseline: %s", comparison->not_compared);
	return 0;
}

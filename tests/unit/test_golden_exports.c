// SPDX-License-Identifier: GPL-2.0-or-later
/* Results in the formats of --export, but for JUnit's. */
#include "nfprobe/report.h"
#include "unit/golden.h"
#include "unit/sample_pages.h"
#include "unit/sample_store.h"

/* Text that means something in one format or the other. */
static void forged(struct nfp_result *result)
{
	static const char text[] = "a # SKIP, 100 %\r\n::error title=x,y::\"no\" \\| <b>`*_ok_*` "
				   "\xc3\xa9\xff";
	struct nfp_style_result *style;

	sample_brief(result);
	strcpy(result->pf.ifname, "e\"\n#%:,\\\xc3\xa9|=");
	strcpy(result->pf.firmware, text);
	strcpy(result->vfs[0].parentdev, text);
	style = result->vfs[0].styles;
	strcpy(style[0].reason, text);
	strcpy(style[1].reason, text);
	strcpy(style[1].steps[3].note, text);
}

/* What a style can be beside safe and early: allowed, inconclusive, with a step that was not made,
 * mute, without multicast. */
static void mixed(struct nfp_result *result)
{
	struct nfp_style_result *style;

	sample_head(result, 2);
	for (unsigned int i = 0; i < 2; i++)
		sample_igb_vf(&result->vfs[i], i);
	result->vfs[0].styles[1].allowed = true;
	style = &result->vfs[1].styles[0];
	style->verdict = NFP_VERDICT_INCONCLUSIVE;
	style->multicast = NFP_MULTICAST_UNPROVEN;
	strcpy(style->multicast_note, "no multicast reached eth0");
	strcpy(style->reason, "something else loses frames");
	style->steps[4].status = NFP_STATUS_SKIPPED;
	strcpy(style->steps[4].note, "the VF has no driver");
	style->steps[5].status = NFP_STATUS_REFUSED;
	strcpy(style->steps[5].note, "Device or resource busy");
	result->vfs[1].styles[1].multicast = NFP_MULTICAST_LOST;
	strcpy(result->vfs[1].styles[1].multicast_note, "in up the VF gets none");
	sample_evidence(&result->vfs[1].styles[1], NFP_TRANSMIT_DROPPED);
	nfp_strv_addf(&result->warnings, "eth0 lost its carrier once");
	result->exit_status = 1;
}

/* --check: what a run has stored, also after new firmware, and nothing of a VF. */
static void stored(struct nfp_result *result)
{
	sample_checked(result, 3, NULL);
}

static void stale(struct nfp_result *result)
{
	sample_checked(result, 3, "2.2.0");
}

static void unstored(struct nfp_result *result)
{
	sample_checked(result, 2, NULL);
}

struct sample {
	const char *name;
	void (*make)(struct nfp_result *);
};

static const struct sample samples[] = {
	{"igb", sample_brief},	     {"mixed", mixed},
	{"forged", forged},	     {"stale", stale},
	{"stored", stored},	     {"unstored", unstored},
	{"failed", sample_failed},   {"error", sample_not_begun},
	{"sources", sample_sources},
};
#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

/* Each format has a file of each sample, with this ending. */
static const struct format {
	enum nfp_export format;
	const char *ending;
} formats[] = {
	{NFP_EXPORT_GITHUB, "md"},
	{NFP_EXPORT_COUNT, "annotations"}, /* which belong to GITHUB */
	{NFP_EXPORT_KTAP, "ktap"},
	{NFP_EXPORT_NFD, "nfd"},
	{NFP_EXPORT_PROMETHEUS, "prom"},
};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))
#define FILES	(FORMATS * SAMPLES)

struct file {
	const struct format *format;
	const struct sample *sample;
	char name[32];
};

static bool is_export(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < FORMATS; i++) {
		if (strcmp(dot + 1, formats[i].ending) == 0)
			return true;
	}
	return false;
}

static void export(void **state)
{
	const struct file *file = *state;
	struct nfp_result result;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int ret;

	assert_non_null(out);
	file->sample->make(&result);
	if (file->format->format == NFP_EXPORT_COUNT)
		ret = nfp_report_annotations(&result, out);
	else
		ret = nfp_report_export(file->format->format, &result, out);
	assert_int_equal(ret, 0);
	nfp_result_fini(&result);
	assert_int_equal(fclose(out), 0);
	golden_check(file->name, text);
	free(text);
}

int main(void)
{
	struct CMUnitTest tests[FILES + 1] = {0};
	struct file files[FILES];
	struct golden names[FILES];
	struct goldens goldens = {names, FILES, is_export};

	for (size_t i = 0; i < FILES; i++) {
		struct file *f = &files[i];

		f->format = &formats[i / SAMPLES];
		f->sample = &samples[i % SAMPLES];
		snprintf(f->name, sizeof(f->name), "%s.%s", f->sample->name, f->format->ending);
		names[i] = (struct golden) {f->name, NULL};
		tests[i] = (struct CMUnitTest) {
			.name = f->name, .test_func = export, .initial_state = f};
	}
	tests[FILES] = (struct CMUnitTest) {.name = "every_file_is_used",
					    .test_func = golden_every_file_is_used,
					    .initial_state = &goldens};
	return cmocka_run_group_tests_name("golden_exports", tests, NULL, NULL);
}

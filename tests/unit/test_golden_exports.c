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

/* All that a style can be beside safe and early: allowed, inconclusive, with a step that was not
 * made, mute, without multicast. */
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

/* The stored result of a run, after new firmware. */
static void stale(struct nfp_result *result)
{
	sample_checked(result, 3, "2.2.0");
}

static int ktap(const struct nfp_result *result, FILE *out)
{
	return nfp_report_export(NFP_EXPORT_KTAP, result, out);
}

static int nfd(const struct nfp_result *result, FILE *out)
{
	return nfp_report_export(NFP_EXPORT_NFD, result, out);
}

static int prometheus(const struct nfp_result *result, FILE *out)
{
	return nfp_report_export(NFP_EXPORT_PROMETHEUS, result, out);
}

static const struct sample {
	const char *name;
	void (*make)(struct nfp_result *);
} samples[] = {
	{"igb", sample_brief},
	{"mixed", mixed},
	{"forged", forged},
	{"stale", stale},
	{"unstored", sample_unstored},
	{"failed", sample_failed},
	{"error", sample_not_begun},
	{"sources", sample_sources},
};
#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

/* Each format has a file of each sample, with this ending. */
static const struct format {
	const char *ending;
	int (*report)(const struct nfp_result *, FILE *);
} formats[] = {
	{"ktap", ktap},
	{"nfd", nfd},
	{"prom", prometheus},
};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))
#define FILES	(FORMATS * SAMPLES)

static bool is_export(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < FORMATS; i++) {
		if (strcmp(dot + 1, formats[i].ending) == 0)
			return true;
	}
	return false;
}

_Static_assert(FILES <= GOLDEN_MAX, "golden_run() has room for them");

int main(void)
{
	struct golden files[FILES] = {0};
	const struct goldens goldens = {files, FILES, is_export};
	char names[FILES][32];

	for (size_t i = 0; i < FILES; i++) {
		const struct format *format = &formats[i / SAMPLES];
		const struct sample *sample = &samples[i % SAMPLES];

		snprintf(names[i], sizeof(names[i]), "%s.%s", sample->name, format->ending);
		files[i] = (struct golden) {
			.name = names[i], .sample = sample->make, .report = format->report};
	}
	return golden_run("golden_exports", &goldens);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nfd.c - a result as a feature file of Kubernetes' Node Feature Discovery: a label per style, with
 * the worst verdict of the VFs. The format is that of its source/local/local.go, the syntax of
 * labels that of IsQualifiedName and IsValidLabelValue in Kubernetes' apimachinery.
 */
#include "report_priv.h"

#include <ctype.h>
#include <string.h>
#include <sys/param.h>

#define PREFIX "feature.node.kubernetes.io/nfprobe."
/* The labels of a host that is probed no more go away. */
#define EXPIRY_MS (INT64_C(30) * 86400 * 1000)

/* The part of a label that is an interface name: ASCII letters, digits, -, _ and dots. With the
 * words around it, it is within 63 characters, and neither begins nor ends the label. */
static bool mangle(const char *name, char mangled[NFP_IFNAMSIZ])
{
	bool same = true;
	size_t i;

	for (i = 0; name[i]; i++) {
		bool fits = (isascii(name[i]) && isalnum((unsigned char)name[i])) ||
			    strchr("-_.", name[i]);

		mangled[i] = fits ? name[i] : '_';
		same &= fits;
	}
	mangled[i] = '\0';
	return !same;
}

static void no_label(FILE *out, const char *style, const char *why)
{
	fprintf(out, "# no label: %s%s", style, style[0] ? ": " : "");
	nfp_write_escaped(out, why, NULL);
	putc('\n', out);
}

/* Why the verdicts on a style may be wrong by now; NULL: none is stale. */
static const char *stale(const struct nfp_result *result, enum nfp_style style)
{
	for (size_t i = 0; i < result->num_vfs; i++) {
		const struct nfp_vf_result *vf = &result->vfs[i];

		for (size_t j = 0; j < vf->num_styles; j++) {
			if (vf->styles[j].style == style && vf->styles[j].stale[0])
				return vf->styles[j].stale;
		}
	}
	return NULL;
}

/* When the oldest of the verdicts was reached. */
static int64_t oldest_ms(const struct nfp_result *result)
{
	int64_t oldest = result->start_unix_ms;

	for (size_t i = 0; i < result->num_vfs; i++) {
		const struct nfp_vf_result *vf = &result->vfs[i];

		for (size_t j = 0; j < vf->num_styles; j++) {
			int64_t stored = vf->styles[j].stored_unix_ms;

			if (stored && stored < oldest && !stale(result, vf->styles[j].style))
				oldest = stored;
		}
	}
	return oldest;
}

/* The worst verdict on a style; NFP_VERDICT_COUNT: no VF has one. */
static enum nfp_verdict worst(const struct nfp_result *result, enum nfp_style style)
{
	enum nfp_verdict verdict = NFP_VERDICT_COUNT;
	struct nfp_style_summary of;

	for (size_t i = 0; i < result->num_vfs; i++) {
		nfp_style_summarize(&result->vfs[i], style, &of);
		if (of.num)
			verdict = MIN(verdict, of.verdict);
	}
	return verdict;
}

/* A stale verdict may be wrong by now: its VF does not count. */
static enum nfp_near worst_near(const struct nfp_result *result)
{
	enum nfp_near worst_one = NFP_NEAR_NONE;

	for (size_t i = 0; i < result->num_vfs; i++) {
		enum nfp_near near = result->vfs[i].neighbours.verdict;
		bool old = false;

		for (size_t j = 0; j < result->vfs[i].num_styles; j++)
			old |= result->vfs[i].styles[j].stale[0] != '\0';
		if (old || near == NFP_NEAR_NONE)
			continue;
		if (near == NFP_NEAR_LOST || worst_one == NFP_NEAR_NONE ||
		    (worst_one == NFP_NEAR_OK && near != NFP_NEAR_OK))
			worst_one = near;
	}
	return worst_one;
}

static void write_labels(const struct nfp_result *result, FILE *out)
{
	char name[NFP_IFNAMSIZ], time[32];

	enum nfp_near near = worst_near(result);

	if (mangle(result->pf.ifname, name)) {
		fputs("# ", out);
		nfp_write_escaped(out, result->pf.ifname, NULL);
		fprintf(out, " is not valid in a label, which names it %s\n", name);
	}
	fprintf(out, "# +expiry-time=%.19sZ\n",
		nfp_time_text(oldest_ms(result) + EXPIRY_MS, time, sizeof(time)));
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		enum nfp_verdict verdict = worst(result, style);
		const char *why = stale(result, style);
		char label[NFP_IFNAMSIZ];

		(void)mangle(nfp_style_name(style), label);
		/* No label is better than one that may be wrong: a scheduler cannot ask why. */
		if (why)
			no_label(out, nfp_style_name(style), why);
		else if (verdict < NFP_VERDICT_COUNT)
			fprintf(out, PREFIX "%s.%s=%s\n", name, label, nfp_verdict_name(verdict));
	}
	if (near != NFP_NEAR_NONE)
		fprintf(out, PREFIX "%s.neighbours=%s\n", name, nfp_near_name(near));
}

int nfp_export_nfd(const struct nfp_result *result, FILE *out)
{
	fputs("# written by nfprobe " NFP_VERSION "\n", out);
	for (size_t i = 0; i < result->unstored.n; i++)
		no_label(out, "", result->unstored.v[i]);
	if (result->error.code != NFP_E_NONE)
		no_label(out, "", result->error.message);
	else if (!result->restored)
		no_label(out, "", "the host could not be restored");
	else if (result->num_vfs)
		write_labels(result, out);
	return nfp_stream_status(out);
}

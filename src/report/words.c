// SPDX-License-Identifier: GPL-2.0-or-later
/* words.c - phrases about a result. */
#include "report_priv.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define VLAN_8021AD 0x88a8

double nfp_seconds(uint64_t ns)
{
	return (double)ns / (double)NFP_NSEC_PER_SEC;
}

void nfp_append(struct nfp_words *words, const char *between, const char *fmt, ...)
{
	const size_t size = sizeof(words->text);
	size_t used = strlen(words->text);
	va_list ap;

	if (used)
		used += (size_t)snprintf(words->text + used, size - used, "%s", between);
	if (used >= size)
		return;
	va_start(ap, fmt);
	vsnprintf(words->text + used, size - used, fmt, ap);
	va_end(ap);
}

void nfp_append_known(struct nfp_words *words, const char *before, const char *text)
{
	if (text[0])
		nfp_append(words, ", ", "%s%s", before, text);
}

struct nfp_words nfp_driver_words(const char *driver, const char *version, const char *kernel,
				  const char *firmware)
{
	struct nfp_words words = {0};

	nfp_append_known(&words, "", driver);
	/* In-tree drivers report the kernel release as their version. */
	if (strcmp(version, kernel) != 0)
		nfp_append_known(&words, "version ", version);
	nfp_append_known(&words, "Linux ", kernel);
	nfp_append_known(&words, "firmware ", firmware);
	return words;
}

struct nfp_words nfp_verdict_words(enum nfp_verdict verdict, bool allowed)
{
	struct nfp_words words = {.colour = NFP_RED};

	nfp_append(&words, "", "%s", nfp_verdict_name(verdict));
	for (char *p = words.text; *p; p++)
		*p = (char)(*p == '-' ? ' ' : toupper((unsigned char)*p));
	if (allowed && verdict != NFP_VERDICT_SAFE)
		nfp_append(&words, " ", "(allowed)");
	if (verdict == NFP_VERDICT_SAFE)
		words.colour = NFP_GREEN;
	else if (allowed || verdict == NFP_VERDICT_INCONCLUSIVE ||
		 verdict == NFP_VERDICT_UNTESTABLE)
		words.colour = NFP_YELLOW;
	else if (verdict == NFP_VERDICT_NOT_APPLICABLE)
		words.colour = NFP_BOLD;
	return words;
}

struct nfp_words nfp_settings_words(const struct nfp_result *result, bool verbose)
{
	const struct nfp_ladder_source *from = &result->source;
	const struct nfp_settings *s = &result->settings;
	struct nfp_words words = {0};

	if (!from->known)
		nfp_append(&words, "", "no source of frames");
	else if (from->source == NFP_SOURCE_PF)
		nfp_append(&words, "", "frames from the PF itself");
	else
		nfp_append(&words, "", "frames from %s (%s)", from->name,
			   from->source == NFP_SOURCE_VF ? "a sibling VF" : "wire");
	if (s->vlan.vid)
		nfp_append(&words, ", ", "VLAN %u%s", s->vlan.vid,
			   s->vlan.proto == VLAN_8021AD ? " (802.1ad)" : "");
	else
		nfp_append(&words, ", ", "no VLAN");
	nfp_append(&words, ", ", "each state watched for %g s", nfp_seconds(s->settle_ns));
	if (verbose || s->rate != NFP_RATE_DEFAULT)
		nfp_append(&words, ", ", "%u a second", s->rate);
	return words;
}

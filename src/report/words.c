// SPDX-License-Identifier: GPL-2.0-or-later
/* words.c - words that several formats share. */
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

void nfp_append(char *buf, size_t size, const char *between, const char *fmt, ...)
{
	size_t used = strlen(buf);
	va_list ap;

	if (used)
		used += (size_t)snprintf(buf + used, size - used, "%s", between);
	if (used >= size)
		return;
	va_start(ap, fmt);
	vsnprintf(buf + used, size - used, fmt, ap);
	va_end(ap);
}

void nfp_append_known(char *buf, size_t size, const char *before, const char *text)
{
	if (text[0])
		nfp_append(buf, size, ", ", "%s%s", before, text);
}

void nfp_driver_words(const char *driver, const char *version, const char *kernel,
		      const char *firmware, char *buf, size_t size)
{
	buf[0] = '\0';
	nfp_append_known(buf, size, "", driver);
	/* A driver of the kernel's own tree has the kernel's release as its version. */
	if (strcmp(version, kernel) != 0)
		nfp_append_known(buf, size, "version ", version);
	nfp_append_known(buf, size, "Linux ", kernel);
	nfp_append_known(buf, size, "firmware ", firmware);
}

enum nfp_text_colour nfp_verdict_words(enum nfp_verdict verdict, bool allowed, char *buf,
				       size_t size)
{
	allowed = allowed && verdict != NFP_VERDICT_SAFE;
	snprintf(buf, size, "%s", nfp_verdict_name(verdict));
	for (char *p = buf; *p; p++)
		*p = (char)(*p == '-' ? ' ' : toupper((unsigned char)*p));
	if (allowed)
		nfp_append(buf, size, " ", "(allowed)");
	if (verdict == NFP_VERDICT_SAFE)
		return NFP_GREEN;
	if (allowed || verdict == NFP_VERDICT_INCONCLUSIVE || verdict == NFP_VERDICT_UNTESTABLE)
		return NFP_YELLOW;
	return verdict == NFP_VERDICT_NOT_APPLICABLE ? NFP_BOLD : NFP_RED;
}

const char *nfp_landing_words(enum nfp_landing landing)
{
	static const char *const words[NFP_LANDING_COUNT] = {
		"-", "PF", "VF", "PF and VF", "nowhere", "mixed",
	};

	return words[landing];
}

void nfp_count_words(enum nfp_kind kind, const struct nfp_count *c, char buf[NFP_COUNT_WORDS])
{
	snprintf(buf, NFP_COUNT_WORDS,
		 "%s: %" PRIu64 " sent, PF %" PRIu64 ", VF %" PRIu64 ", both %" PRIu64
		 ", lost %" PRIu64 ", duplicates %" PRIu64,
		 nfp_kind_name(kind), c->sent, c->at[NFP_AT_PF], c->at[NFP_AT_VF], c->both,
		 nfp_count_lost(c), c->duplicates);
}

void nfp_settings_words(const struct nfp_settings *s, bool verbose, char *buf, size_t size)
{
	buf[0] = '\0';
	if (!s->have_source)
		nfp_append(buf, size, "", "no source of frames");
	else if (s->source == NFP_SOURCE_PF)
		nfp_append(buf, size, "", "frames from the PF itself");
	else
		nfp_append(buf, size, "", "frames from %s (%s)", s->from,
			   s->source == NFP_SOURCE_VF ? "a sibling VF" : "wire");
	if (s->vlan.vid)
		nfp_append(buf, size, ", ", "VLAN %u%s", s->vlan.vid,
			   s->vlan.proto == VLAN_8021AD ? " (802.1ad)" : "");
	else
		nfp_append(buf, size, ", ", "no VLAN");
	nfp_append(buf, size, ", ", "each state watched for %g s", nfp_seconds(s->settle_ns));
	if (verbose || s->rate != 1000)
		nfp_append(buf, size, ", ", "%u a second", s->rate);
}

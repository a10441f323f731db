// SPDX-License-Identifier: GPL-2.0-or-later
/* words.c - words that several formats share. */
#include "report_priv.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

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

void nfp_count_words(enum nfp_kind kind, const struct nfp_count *c, char buf[NFP_COUNT_WORDS])
{
	snprintf(buf, NFP_COUNT_WORDS,
		 "%s: %" PRIu64 " sent, PF %" PRIu64 ", VF %" PRIu64 ", both %" PRIu64
		 ", lost %" PRIu64 ", duplicates %" PRIu64,
		 nfp_kind_name(kind), c->sent, c->at[NFP_AT_PF], c->at[NFP_AT_VF], c->both,
		 nfp_count_lost(c), c->duplicates);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* result.c - the result of a run: its lists, and its styles by name. */
#include "verdict/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nfp_result_init(struct nfp_result *result)
{
	*result = (struct nfp_result) {
		.exit_status = NFP_EXIT_CANNOT,
		.restored = true,
		.verdict = NFP_VERDICT_UNKNOWN,
	};
}

void nfp_result_fail(struct nfp_result *result, const struct nfp_err *err)
{
	if (result->error.code == NFP_E_NONE)
		result->error = *err;
	if (result->exit_status != NFP_EXIT_NOT_RESTORED && result->exit_status <= 128)
		result->exit_status = NFP_EXIT_CANNOT;
}

void nfp_result_disown(struct nfp_result *result)
{
	static const struct nfp_strv none;

	result->have_vf = false;
	result->vf = (struct nfp_vf_result) {0};
	result->command = result->warnings = result->changes_seen = none;
	result->left_behind = (struct nfp_hints) {0};
}

void nfp_result_fini(struct nfp_result *result)
{
	nfp_vf_fini(&result->vf);
	nfp_strv_fini(&result->command);
	nfp_strv_fini(&result->warnings);
	nfp_strv_fini(&result->changes_seen);
	nfp_hints_fini(&result->left_behind);
	nfp_result_init(result);
}

bool nfp_changed_by_others(const struct nfp_result *result)
{
	enum nfp_errcode code = result->vf.error.code;

	return result->changes_seen.n || code == NFP_E_VF_TAKEN || code == NFP_E_VF_CHANGED;
}

struct nfp_style_result *nfp_vf_add_style(struct nfp_vf_result *vf)
{
	struct nfp_style_result *added;

	if (!vf->styles)
		vf->styles = nfp_reallocarray(NULL, NFP_STYLE_COUNT, sizeof(*added));
	added = &vf->styles[vf->num_styles++];
	memset(added, 0, sizeof(*added));
	/* Zero is a verdict, and the worst one. */
	added->verdict = added->judged.verdict = added->filter_verdict = NFP_VERDICT_UNKNOWN;
	added->judged.step = NFP_STEP_COUNT;
	added->bridge_verdict = NFP_VERDICT_NOT_APPLICABLE;
	return added;
}

const struct nfp_style_result *nfp_vf_style(const struct nfp_vf_result *vf, enum nfp_style style)
{
	nfp_for_each (s, vf->styles, vf->num_styles) {
		if (s->style == style)
			return s;
	}
	return NULL;
}

void nfp_vf_fini(struct nfp_vf_result *vf)
{
	free(vf->styles);
	vf->styles = NULL;
	vf->num_styles = 0;
}

enum nfp_style nfp_asked_style(enum nfp_style style, bool is_fix)
{
	uint32_t fixes = nfp_styles[style].fixes;

	return is_fix && fixes ? (enum nfp_style)__builtin_ctz(fixes) : style;
}

const struct nfp_step_result *nfp_style_step(const struct nfp_style_result *style,
					     enum nfp_step step)
{
	nfp_for_each (s, style->steps, style->num_steps) {
		if (s->step == step)
			return s;
	}
	return NULL;
}

const char *nfp_port_name(const struct nfp_style_result *style, const char *ifname,
			  char buf[NFP_PORT_LEN])
{
	if (!style->via[0])
		return ifname;
	snprintf(buf, NFP_PORT_LEN, "the standby's VF (%s)", style->via);
	return buf;
}

const char *nfp_whole_reason(const struct nfp_style_result *style, char buf[NFP_REASON_LEN])
{
	buf[0] = '\0';
	nfp_appendf(buf, NFP_REASON_LEN, "%s%s", style->reason, style->try);
	return buf;
}

bool nfp_is_by(const struct nfp_style_result *style, enum nfp_check by)
{
	return style->by == by && !style->by_bridge;
}

bool nfp_is_accepted(const struct nfp_style_result *style)
{
	return style->verdict == NFP_VERDICT_SAFE || style->allowed;
}

bool nfp_is_untestable(const struct nfp_style_result *style)
{
	return style->verdict == NFP_VERDICT_UNKNOWN &&
	       style->judged.why == NFP_WHY_STANDBY_UNTESTABLE;
}

bool nfp_is_inside(const struct nfp_style_result *style)
{
	return style->from.known && style->from.source != NFP_ENTERS_WIRE;
}

bool nfp_lacks_wire(const struct nfp_style_result *style)
{
	return nfp_is_by(style, NFP_CHECK_WIRE) ||
	       (nfp_is_inside(style) && !style->no_wire && style->allowed);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* context.c - the lines before the last one: is the VF as it was, whose frames went where, how did
 * the run end, and what may be done with it next? */
#include "report_priv.h"

#define VLAN_8021AD 0x88a8

bool nfp_is_stopped(const struct nfp_result *result)
{
	return result->error.code == NFP_E_INTERRUPTED || result->error.code == NFP_E_TIMEOUT;
}

static void say_addresses(struct nfp_words *words, const struct nfp_vf_result *vf)
{
	const struct nfp_mac_text before = nfp_mac_str(&vf->address);
	const struct nfp_mac_text after = nfp_mac_str(&vf->address_after);
	bool had = !nfp_mac_is_zero(&vf->address), has = !nfp_mac_is_zero(&vf->address_after);

	if (has && had && nfp_mac_equal(&vf->address, &vf->address_after))
		nfp_append(words, "; ", "its address is %s, as before the run", after.text);
	else if (has)
		nfp_append(words, "; ", "its address is %s, and was %s before the run", after.text,
			   had ? before.text : "none");
	else if (had)
		nfp_append(words, "; ", "before the run its address was %s", before.text);
}

struct nfp_words nfp_restored_words(const struct nfp_result *result, bool verbose)
{
	const struct nfp_vf_result *vf = &result->vf;
	struct nfp_words words = {0};

	/* In a LAG it was left alone. */
	if (result->pf.lag[0] || !result->restored || result->left_behind.n)
		return words;
	if (nfp_changed_by_others(result)) {
		nfp_append(&words, "", "VF %u was restored, but for what others have changed",
			   vf->vf);
		say_addresses(&words, vf);
		nfp_append(&words, "", ". ");
	} else if (vf->error.code == NFP_E_NONE) {
		nfp_append(&words, "", "VF %u was restored%s. ", vf->vf,
			   verbose ? "; the PF's other VFs should behave alike" : "");
	} else if (nfp_is_stopped(result)) {
		nfp_append(&words, "", "VF %u was restored. ", vf->vf);
	}
	return words;
}

/* The status is that of the worst style, and may surprise whoever reads "SAFE" in the answer. */
static const char *exit_words(const struct nfp_result *result)
{
	const struct nfp_vf_result *vf = &result->vf;
	int status = result->exit_status;
	bool safe = false;

	nfp_for_each (style, vf->styles, vf->num_styles)
		safe |= style->verdict == NFP_VERDICT_SAFE && !style->is_fix;
	if (safe && status == NFP_EXIT_UNSAFE)
		return ": not every style is SAFE";
	if (status == NFP_EXIT_UNKNOWN && nfp_vf_lacks_wire(vf))
		return ": the wire was not asked";
	return safe && status == NFP_EXIT_UNKNOWN ? ": a style is UNKNOWN" : "";
}

/* A stored result is printed without another run. */
static void print_saved(struct nfp_writer *w, const struct nfp_result *result, const char *folder)
{
	struct nfp_commands command = {0};

	nfp_writer_text(w, NFP_PLAIN, "Saved. All of it: ");
	nfp_command_add(&command, "nfprobe-report text -v --stored %s", result->pf.ifname);
	if (folder[0])
		nfp_command_more(&command, "--store %s", folder);
	nfp_writer_command(w, &command);
}

void nfp_context_print(struct nfp_writer *w, const struct nfp_result *result,
		       const struct nfp_report_opts *opts)
{
	static const char *const over[] = {[NFP_ENTERS_WIRE] = "over the wire",
					   [NFP_ENTERS_VF] = "inside the NIC",
					   [NFP_ENTERS_PF] = "inside the NIC"};
	const struct nfp_ladder_source *from = &result->source;
	const struct nfp_settings *s = &result->settings;
	struct nfp_words words = nfp_restored_words(result, opts->verbose), way = {0};

	if (from->known)
		nfp_append(&way, "", "Frames came from %s %s", from->name, over[from->source]);
	if (from->known && s->vlan.vid)
		nfp_append(&way, ", ", "VLAN %u%s", s->vlan.vid,
			   s->vlan.proto == VLAN_8021AD ? " (802.1ad)" : "");
	else if (from->known && (opts->verbose || s->guest_vlan))
		nfp_append(&way, ", ", "no VLAN");
	if (from->known && s->guest_vlan)
		nfp_append(&way, "", " and VLAN %u", s->guest_vlan);
	if (result->duration_ns)
		nfp_append(&way, ", ", "%s%.0f s", from->known ? "" : "The run took ",
			   nfp_seconds(result->duration_ns));
	if (way.text[0])
		nfp_append(&words, "", "%s. ", way.text);
	nfp_append(&words, "", "Exit %d%s.", result->exit_status,
		   opts->verbose ? exit_words(result) : "");
	if (!opts->verbose && !opts->saved)
		nfp_append(&words, " ", "More: -v");
	/* Nothing is to be kept of a run that proves nothing. */
	if (opts->next && !opts->saved && result->have_verdict && result->restored &&
	    from->source == NFP_ENTERS_WIRE && result->verdict != NFP_VERDICT_UNKNOWN &&
	    result->error.code == NFP_E_NONE)
		nfp_append(&words, " ", "Keep: --save");
	nfp_writer_paragraph(w, 0, words.text);
	if (opts->saved && result->error.code == NFP_E_NONE)
		print_saved(w, result, opts->saved);
}

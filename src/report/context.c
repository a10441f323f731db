// SPDX-License-Identifier: GPL-2.0-or-later
/* context.c - the last line: which NIC, whose frames, whether the VF was restored, and why that
 * status. */
#include "summary_priv.h"

#include <string.h>

#define VLAN_8021AD 0x88a8

bool nfp_is_stopped(const struct nfp_result *result)
{
	return result->error.code == NFP_E_INTERRUPTED || result->error.code == NFP_E_TIMEOUT;
}

static void append_addresses(struct nfp_words *words, const struct nfp_vf_result *vf)
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

struct nfp_words nfp_restored_words(const struct nfp_result *result)
{
	const struct nfp_vf_result *vf = &result->vf;
	struct nfp_words words = {0};

	/* A VF of a LAG was left alone. */
	if (result->pf.lag[0] || !result->restored || result->left_behind.n)
		return words;
	if (nfp_changed_by_others(result)) {
		nfp_append(&words, "", "VF %u was restored, but for what others have changed",
			   vf->vf);
		append_addresses(&words, vf);
		nfp_append(&words, "", ". ");
	} else if (vf->error.code == NFP_E_NONE || nfp_is_stopped(result)) {
		nfp_append(&words, "", "VF %u was restored. ", vf->vf);
	}
	return words;
}

void nfp_append_clause(struct nfp_words *words, const char *before, const char *text)
{
	if (text[0])
		nfp_append(words, ", ", "%s%s", before, text);
}

/* Writes "8086:1521, igb, firmware 1.63, Linux 6.12", by which a result is filed. */
static struct nfp_words nic_words(const struct nfp_result *result)
{
	const struct nfp_pf_info *pf = &result->pf;
	struct nfp_words words = {0};

	if (pf->vendor)
		nfp_append(&words, "", "%04x:%04x", pf->vendor, pf->device);
	nfp_append_clause(&words, "", pf->driver);
	/* In-tree drivers report the kernel release as their version. */
	if (pf->driver_version[0] && strcmp(pf->driver_version, result->kernel) != 0)
		nfp_append(&words, " ", "%s", pf->driver_version);
	nfp_append_clause(&words, "firmware ", pf->firmware);
	nfp_append_clause(&words, "Linux ", result->kernel);
	return words;
}

/* Writes "from eth1 over the wire, VLAN 100, 2 other VFs up, 51 s". */
static struct nfp_words run_words(const struct nfp_result *result)
{
	const struct nfp_ladder_source *from = &result->source;
	const struct nfp_settings *s = &result->settings;
	struct nfp_words words = {0};

	if (from->known)
		nfp_append(&words, "", "from %s%s", from->name,
			   from->source == NFP_ENTERS_WIRE ? " over the wire" : " inside the NIC");
	if (from->known && s->vlan.vid)
		nfp_append(&words, ", ", "VLAN %u%s", s->vlan.vid,
			   s->vlan.proto == VLAN_8021AD ? " (802.1ad)" : "");
	if (from->known && s->guest_vlan)
		nfp_append(&words, s->vlan.vid ? " and " : ", ", "%sVLAN %u",
			   s->vlan.vid ? "" : "without a VLAN and in ", s->guest_vlan);
	if (result->have_vf && result->vf.others_up)
		nfp_append(&words, ", ", "%u other VF%s up", result->vf.others_up,
			   result->vf.others_up == 1 ? "" : "s");
	if (result->duration_ns)
		nfp_append(&words, ", ", "%.0f s", nfp_seconds(result->duration_ns));
	return words;
}

/* The status is that of the worst style, which may surprise whoever reads "SAFE" in the answer. */
static const char *why_status(const struct nfp_summary *s)
{
	bool inside = false, usable = false, allowed = false, impossible = true;

	nfp_for_each (so, s->styles, s->num_styles) {
		inside |= so->is == NFP_OUTCOME_INSIDE;
		allowed |= so->is == NFP_OUTCOME_ALLOWED || so->is == NFP_OUTCOME_NO_WIRE;
		usable |= so->is == NFP_OUTCOME_SAFE && !so->style->is_fix;
		impossible &= so->is == NFP_OUTCOME_NOT_POSSIBLE;
	}
	switch (s->result->exit_status) {
	case NFP_EXIT_SAFE:
		return allowed ? ": accepted as above" : ": safe as above";
	case NFP_EXIT_UNSAFE:
		return impossible ? ": not possible"
		       : usable	  ? ": not each style is safe"
				  : ": not safe";
	case NFP_EXIT_UNKNOWN:
		return inside	? ": nothing was tested from the wire"
		       : usable ? ": not each style is known"
				: ": not known";
	case NFP_EXIT_CANNOT:
		return ": not tested";
	case NFP_EXIT_NOT_RESTORED:
		return ": not restored";
	default:
		return s->result->exit_status > 128 ? ": stopped" : "";
	}
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

void nfp_context_print(struct nfp_writer *w, const struct nfp_summary *summary,
		       const struct nfp_report_opts *opts)
{
	const struct nfp_result *result = summary->result;
	const struct nfp_words run = run_words(result);
	struct nfp_words words = nic_words(result);

	nfp_append(&words, "; ", "%s", run.text);
	if (words.text[0])
		nfp_append(&words, "", ". ");
	nfp_append(&words, "", "%s", nfp_restored_words(result).text);
	nfp_append(&words, "", "Exit %d%s.", result->exit_status, why_status(summary));
	nfp_writer_paragraph(w, 0, words.text);
	if (opts->saved && result->error.code == NFP_E_NONE)
		print_saved(w, result, opts->saved);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* audit.c - what --audit prints, and its JSON. */
#include "writer_priv.h"

#define TEXT_AT 17U /* after the longest code */

static void print_finding(struct nfp_writer *w, const struct nfp_finding *f, bool quiet)
{
	nfp_writer_text(w, f->remark || f->accepted ? NFP_YELLOW : NFP_RED, "%s",
			nfp_name(&nfp_finding_names, f->code));
	nfp_writer_line(w, NFP_PLAIN, TEXT_AT, TEXT_AT, "%s%s: %s",
			f->remark     ? "remark, "
			: f->accepted ? "accepted, "
				      : "",
			f->pf, f->what);
	if (quiet)
		return;
	nfp_writer_line(w, NFP_PLAIN, TEXT_AT, TEXT_AT, "%s", nfp_sentence(f->why, "").text);
	if (f->in_doubt)
		nfp_writer_line(w, NFP_YELLOW, TEXT_AT, TEXT_AT,
				"It rests on what could be seen: somebody else may use it.");
	if (f->commands.len && f->after[0])
		nfp_writer_line(w, NFP_PLAIN, TEXT_AT, TEXT_AT,
				"Do nothing now; once %s:", f->after);
	else if (f->commands.len)
		nfp_writer_line(w, NFP_PLAIN, TEXT_AT, TEXT_AT, "Fix it now:");
	nfp_writer_commands(w, nfp_writer_hang(w, TEXT_AT) + 2, &f->commands);
}

void nfp_writer_unread(struct nfp_writer *w, const struct nfp_audit *audit)
{
	nfp_for_each (u, audit->unread, audit->num_unread) {
		nfp_writer_text(w, NFP_YELLOW, "not seen");
		nfp_writer_line(w, NFP_PLAIN, TEXT_AT, TEXT_AT, "%s%s%s", u->what,
				u->needs[0] ? ", which needs " : "", u->needs);
	}
	for (size_t i = 0; i < audit->unasked.n; i++) {
		nfp_writer_text(w, NFP_PLAIN, "not asked");
		nfp_writer_line(w, NFP_PLAIN, TEXT_AT, TEXT_AT, "%s", audit->unasked.v[i]);
	}
}

int nfp_report_audit_text(const struct nfp_audit *audit, const struct nfp_report_opts *opts,
			  FILE *out)
{
	struct nfp_writer w = {.out = out, .columns = opts->columns, .color = opts->color};
	struct nfp_words names = {.text = ""};
	size_t counted = 0, remarks = 0, accepted = 0;
	char apart[64] = "", remarked[64] = "";

	nfp_for_each (f, audit->findings, audit->num_findings) {
		accepted += !f->remark && f->accepted;
		remarks += f->remark;
		counted += !f->remark && !f->accepted;
		print_finding(&w, f, opts->quiet);
	}
	if (!opts->quiet)
		nfp_writer_guests(&w, audit);
	nfp_writer_unread(&w, audit);
	for (size_t i = 0; i < audit->num_pfs; i++)
		nfp_append(&names, ", ", "%s", audit->pfs[i].ifname);
	if (accepted)
		snprintf(apart, sizeof(apart), " but %zu accepted", accepted);
	if (remarks)
		snprintf(remarked, sizeof(remarked), ", %zu remark%s", remarks,
			 remarks == 1 ? "" : "s");
	if (counted == 0 && audit->num_findings)
		nfp_writer_line(&w, NFP_YELLOW, 0, 2, "%s: no findings%s%s%s", names.text, apart,
				remarked, audit->num_unread ? ", and not everything was seen" : "");
	else if (counted == 0)
		nfp_writer_line(&w, audit->num_unread ? NFP_PLAIN : NFP_GREEN, 0, 2, "%s: %s",
				names.text,
				audit->num_unread ? "nothing was found, but not everything was seen"
						  : "nothing was found");
	nfp_writer_no_failover(&w, opts);
	return nfp_stream_status(out);
}

/* ---- JSON ---- */

#define J     NFP_IN_JSON
#define FIELD NFP_FIELD
#define NULLS .unknown = NFP_NULL

static const struct nfp_field named_fields[] = {
	FIELD(NUMBER, nfp_named, "vf", vf, J, NFP_KNOWN(nfp_named, is_vf)),
	FIELD(TEXT, nfp_named, "ifname", ifname, J, NULLS),
	FIELD(TEXT, nfp_named, "netns", netns, J, NULLS),
	FIELD(TEXT, nfp_named, "user", user, J, NULLS),
};

static const struct nfp_field finding_fields[] = {
	FIELD(ENUM, nfp_finding, "code", code, J, .names = &nfp_finding_names),
	FIELD(BOOL, nfp_finding, "remark", remark, J),
	FIELD(BOOL, nfp_finding, "accepted", accepted, J),
	FIELD(TEXT, nfp_finding, "pf", pf, J),
	FIELD(TEXT, nfp_finding, "parentdev", parentdev, J, NULLS),
	FIELD(LIST, nfp_finding, "functions", functions, J, NFP_TABLE_OF(nfp_named, named_fields),
	      NFP_COUNTED(nfp_finding, num_functions)),
	FIELD(MAC, nfp_finding, "address", address, J, NULLS),
	FIELD(NUMBER, nfp_finding, "vlan", vlan, J, NULLS),
	FIELD(TEXT, nfp_finding, "what", what, J),
	FIELD(TEXT, nfp_finding, "why", why, J),
	FIELD(BOOL, nfp_finding, "in_doubt", in_doubt, J),
	FIELD(COMMANDS, nfp_finding, "commands", commands, J),
	FIELD(TEXT, nfp_finding, "after", after, J, NULLS),
};

static const struct nfp_field audited_fields[] = {
	FIELD(TEXT, nfp_audited, "ifname", ifname, J),
	FIELD(TEXT, nfp_audited, "parentdev", parentdev, J, NULLS),
};

static const struct nfp_field unread_fields[] = {
	FIELD(TEXT, nfp_unread, "pf", pf, J, NULLS),
	FIELD(TEXT, nfp_unread, "what", what, J),
	FIELD(TEXT, nfp_unread, "needs", needs, J, NULLS),
};

const struct nfp_table nfp_unread_table = NFP_TABLE(nfp_unread, unread_fields);

static const struct nfp_field audit_fields[] = {
	FIELD(LIST, nfp_audit, "pfs", pfs, J, NFP_TABLE_OF(nfp_audited, audited_fields),
	      NFP_COUNTED(nfp_audit, num_pfs)),
	FIELD(LIST, nfp_audit, "findings", findings, J, NFP_TABLE_OF(nfp_finding, finding_fields),
	      NFP_COUNTED(nfp_audit, num_findings)),
	FIELD(LIST, nfp_audit, "guests", guests, J, .table = &nfp_guest_table,
	      NFP_COUNTED(nfp_audit, num_guests)),
	FIELD(LIST, nfp_audit, "unread", unread, J, .table = &nfp_unread_table,
	      NFP_COUNTED(nfp_audit, num_unread)),
	FIELD(TEXTS, nfp_audit, "unasked", unasked, J),
	FIELD(NUMBER, nfp_audit, "exit", exit_status, J),
};
const struct nfp_table nfp_audit_table = NFP_TABLE(nfp_audit, audit_fields);

json_t *nfp_report_audit_json(const struct nfp_audit *audit, const struct nfp_err *error)
{
	return nfp_json_document(&nfp_audit_table, audit, error);
}

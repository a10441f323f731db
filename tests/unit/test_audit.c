// SPDX-License-Identifier: GPL-2.0-or-later
/* The findings of an audit in the facts of a host, and their commands: audit_hosts.txt and
 * audit_paths.txt; and findings that depend on more than the host. */
#include "audit_host.h"
#include "report/report.h"
#include "shell.h"

static const struct nfp_strv all = {.n = 0};

/* Audits the host of that name, with @more; end it with nfp_audit_fini(). */
static void audit_of(const char *name, const char *more, struct nfp_audit *audit)
{
	struct host h;

	make_host(&h, name, more);
	nfp_facts_set_words_aside(&h.facts);
	nfp_audit_judge(&h.facts, &all, audit);
}

/* Does an audit find what @text says, with those commands? */
static bool is_expected(const struct nfp_finding *f, const struct host_text *text)
{
	size_t at = 0, found = 0;
	char *line;
	bool same = true;

	for (; (line = nfp_commands_line(&f->commands, &at)); found++) {
		same &= found < text->num_does && strcmp(line, text->does[found]) == 0;
		free(line);
	}
	return same && found == text->num_does && text->what && f->remark == text->remark &&
	       strcmp(nfp_name(&nfp_finding_names, f->code), text->code) == 0 &&
	       strstr(f->what, text->what) && !f->after[0] == !text->after &&
	       strncmp(f->after, text->after ?: "", strlen(text->after ?: "")) == 0;
}

/* As audit_hosts.txt has it. */
static void print_finding(const struct nfp_finding *f)
{
	size_t at = 0;
	char *line;

	print_error("%s %s %s\n", f->remark ? "remark" : "finds",
		    nfp_name(&nfp_finding_names, f->code), f->what);
	while ((line = nfp_commands_line(&f->commands, &at))) {
		print_error("does %s\n", line);
		free(line);
	}
	if (f->after[0])
		print_error("after %s\n", f->after);
}

/* Does --way -q print these lines, if any is given? */
static bool are_guests(const struct nfp_audit *audit, const struct host_text *text)
{
	const struct nfp_report_opts opts = {.quiet = true};
	struct nfp_audit ways = *audit;
	char *lines = NULL, *rest, *line;
	size_t len = 0, num = 0;
	FILE *out = open_memstream(&lines, &len);
	bool same = true;

	ways.num_unread = ways.unasked.n = 0;
	assert_int_equal(nfp_report_way_text(&ways, &opts, out), 0);
	fclose(out);
	for (rest = lines; (line = strsep(&rest, "\n")) && *line; num++)
		if (text->num_guests &&
		    (num >= text->num_guests || strcmp(line, text->guests[num]) != 0)) {
			print_error("guest %s\n", line);
			same = false;
		}
	free(lines);
	return same && (!text->num_guests || num == text->num_guests);
}

TEST(each_host)
{
	size_t wrong = 0;

	read_hosts();
	assert_true(num_hosts > 200);
	for (size_t i = 0; i < num_hosts; i++) {
		const struct host_text *text = &host_texts[i];
		struct nfp_audit audit;
		bool right;

		assert_ptr_equal(host_named(text->name), text);
		audit_of(text->name, "", &audit);
		right = audit.num_pfs == 2 &&
			audit.exit_status == (text->what && !text->remark ? 1
					      : audit.num_unread	  ? 3
									  : 0) &&
			audit.num_findings == (text->what != NULL) &&
			audit.num_unread == (text->unseen != NULL) &&
			(!text->unseen || strstr(audit.unread[0].what, text->unseen)) &&
			(!text->what || is_expected(audit.findings, text)) &&
			are_guests(&audit, text);
		if (!right) {
			print_error("==== %s\n", text->name);
			for (size_t k = 0; k < audit.num_findings; k++)
				print_finding(&audit.findings[k]);
			nfp_for_each (unread, audit.unread, audit.num_unread)
				print_error("unseen %s\n", unread->what);
			wrong++;
		}
		nfp_audit_fini(&audit);
	}
	assert_int_equal(wrong, 0);
}

/* ---- what is only said of a VF ---- */

static bool is_same_audit(const struct nfp_audit *a, const struct nfp_audit *b)
{
	bool same = a->exit_status == b->exit_status && a->num_findings == b->num_findings &&
		    a->num_unread == b->num_unread;

	for (size_t i = 0; same && i < a->num_findings; i++) {
		const struct nfp_finding *f = &a->findings[i], *g = &b->findings[i];
		size_t at = 0, other = 0;
		char *line, *as;

		same = f->code == g->code && f->remark == g->remark && f->in_doubt == g->in_doubt &&
		       strcmp(f->what, g->what) == 0 && strcmp(f->why, g->why) == 0 &&
		       strcmp(f->after, g->after) == 0;
		do {
			line = nfp_commands_line(&f->commands, &at);
			as = nfp_commands_line(&g->commands, &other);
			same &= line && as ? strcmp(line, as) == 0 : line == as;
			free(as);
			free(line);
		} while (line && as);
	}
	return same;
}

/* On each host of the files, a process claims each VF that is idle: all findings stay. */
TEST(a_word_hides_and_weakens_nothing)
{
	size_t claimed = 0;

	read_hosts();
	for (size_t i = 0; i < num_hosts; i++) {
		struct nfp_audit audit, said;
		struct host h;

		audit_of(host_texts[i].name, "", &audit);
		make_host(&h, host_texts[i].name, "");
		nfp_for_each (vf, h.vfs, VFS) {
			if (vf->use != NFP_USE_IDLE)
				continue;
			vf->use = NFP_USE_RESERVED;
			vf->proof = NFP_SAID;
			vf->user_pid = 4711;
			vf->by_address = true;
			strcpy(vf->user, "guest liar (pid 4711), not taken yet");
			claimed++;
		}
		nfp_facts_set_words_aside(&h.facts);
		nfp_audit_judge(&h.facts, &all, &said);
		if (!is_same_audit(&audit, &said))
			fail_msg("%s: a word has changed it", host_texts[i].name);
		nfp_for_each (vf, h.pfs[0].vfs, h.pfs[0].num_vfs)
			assert_int_not_equal(vf->proof, NFP_SAID);
		nfp_audit_fini(&audit);
		nfp_audit_fini(&said);
	}
	assert_true(claimed > 1000);
}

/* Nor does a doubt about the sockets of a netdev: it is told apart. */
TEST(a_doubt_hides_no_finding)
{
	struct nfp_audit audit;
	struct host h;

	make_host(&h, "idle, and a guest's standby", "");
	h.facts.unread = NULL;
	h.facts.num_unread = 0;
	h.vfs[3].use = NFP_USE_NETDEV_UP;
	h.vfs[3].proof = NFP_SAID;
	strcpy(h.vfs[3].user, "eth3 is up, and who uses it is not known: reasons");
	nfp_facts_set_words_aside(&h.facts);
	nfp_audit_judge(&h.facts, &all, &audit);
	assert_int_equal(audit.num_findings, 1);
	assert_int_equal(audit.findings[0].code, NFP_FINDING_IDLE_ADDRESS);
	assert_true(audit.findings[0].in_doubt);
	assert_int_equal(audit.num_unread, 1);
	assert_string_equal(audit.unread[0].what,
			    "eth3 is up, and who uses it is not known: reasons");
	assert_string_equal(h.vfs[3].note, audit.unread[0].what);
	nfp_audit_fini(&audit);
	free(h.facts.unread);
}

/* A finding also says whose address it is about, how many functions it names, and why. */
TEST(what_a_finding_says_beside)
{
	static const struct {
		const char *host, *more;
		uint8_t last; /* byte of the address */
		size_t functions;
		const char *why, *not_why;
	} rows[] = {
		{"the PF's filter lacks one guest", "", 0x30, 2, "leaves by the wire", NULL},
		{"a macvtap that is deaf", "", 0x13, 1, "trustGuestRxFilters", NULL},
		{"settings that a pod has left", "", 0, 2, "", NULL},
		{"a placeholder", "", 0, VFS, "", NULL},
		{"an uplink that is blocked", "", 0, 1, "", NULL},
		/* i40e resets the VF, and mlx5 does not. */
		{"a bridge on a bond of a VF", "pf eth0 driver=i40e mode=legacy", 0x70, 1,
		 "resets the VF", NULL},
		{"a bridge on a bond of a VF", "pf eth0 driver=mlx5_core mode=legacy", 0x70, 1, "",
		 "resets the VF"},
	};

	nfp_for_each (row, rows, NFP_NUM(rows)) {
		struct nfp_audit audit;

		print_message("%s; %s\n", row->host, row->more);
		audit_of(row->host, row->more, &audit);
		assert_int_equal(audit.num_findings, 1);
		assert_int_equal(audit.findings[0].address.b[5], row->last);
		assert_int_equal(audit.findings[0].num_functions, row->functions);
		assert_non_null(strstr(audit.findings[0].why, row->why));
		assert_true(!row->not_why || !strstr(audit.findings[0].why, row->not_why));
		assert_true(strlen(audit.findings[0].why) < sizeof(audit.findings[0].why) - 1);
		nfp_audit_fini(&audit);
	}
}

/* A namespace of root's that leads to no PF may do so by what is not seen: no command, and the
 * finding stays. One of a user's lends its addresses to nobody, taps and entries as well. */
TEST(an_address_elsewhere)
{
	static const struct {
		const char *host;
		uint8_t last;
		const char *netdev, *entry;
	} rows[] = {{"an entry of the filter for nobody", 0x60, "dx@red dummy mac=60",
		     "; netns @red users; dx@red in=dx; fdb dx@red 60"},
		    {"a guest whom the bridge takes for itself", 0x12, "dx@red dummy mac=12",
		     "; netns @red users; dx@red in=dx; fdb dx@red 12"}};
	enum { NOBODYS, ROOTS_APART, ROOTS, A_USERS, WHOSE };

	for (size_t i = 0; i < NFP_NUM(rows) * WHOSE; i++) {
		size_t row = i / WHOSE, whose = i % WHOSE;
		struct nfp_apart apart = {{{0x52, 0x54, 0, 0, 0, rows[row].last}}, 1};
		struct nfp_audit audit;
		struct host h;
		bool told;

		make_host(&h, rows[row].host, whose >= ROOTS ? rows[row].netdev : "");
		make_line(&h, whose == A_USERS ? rows[row].entry : "");
		h.facts.apart = &apart;
		h.facts.num_apart = whose == ROOTS_APART;
		nfp_audit_judge(&h.facts, &all, &audit);
		assert_int_equal(audit.num_findings, whose != ROOTS);
		assert_int_equal(audit.exit_status, whose != ROOTS);
		if (audit.num_findings) {
			assert_string_equal(nfp_name(&nfp_finding_names, audit.findings[0].code),
					    host_named(rows[row].host)->code);
			assert_false(audit.findings[0].remark);
			assert_int_equal(!audit.findings[0].commands.len, whose == ROOTS_APART);
			told = strstr(audit.findings[0].what,
				      "a netdev in network namespace red, which leads to no PF, "
				      "has it") != NULL;
			assert_int_equal(told, whose == ROOTS_APART);
		}
		nfp_audit_fini(&audit);
	}
}

/* A PF without a netdev here is not judged, and does not count but for VFs that somebody may have.
 */
TEST(pf_without_a_netdev)
{
	for (size_t i = 0; i < 3; i++) {
		struct nfp_audit audit;
		struct host h;

		make_host(&h, "nothing", "pf eth9 vfs=0");
		h.pfs[1].info.ifname[0] = '\0';
		h.pfs[1].info.ifindex = 0;
		h.pfs[1].attrs_errno = ENODEV;
		strcpy(h.pfs[1].info.parentdev, "0000:02:00.0");
		strcpy(h.pfs[1].where, "its netdev eth9 is in network namespace red");
		h.pfs[1].away = i > 0;
		h.pfs[1].num_vfs = i == 2; /* facts.c says that these were not seen */
		nfp_audit_judge(&h.facts, &all, &audit);
		assert_int_equal(audit.num_pfs, 1);
		assert_int_equal(audit.num_findings, 0);
		assert_int_equal(audit.exit_status, 0);
		assert_int_equal(audit.unasked.n, i < 2);
		if (audit.unasked.n)
			assert_string_equal(audit.unasked.v[0], "0000:02:00.0: its netdev eth9 is "
								"in network namespace red");
		nfp_audit_fini(&audit);
	}
}

/* Something that could not be seen counts if it concerns a PF that was asked for; a finding says
 * more. */
TEST(unread)
{
	static const struct {
		const char *host, *pf;
		bool unread;
		size_t findings, num_unread;
		int exit_status;
	} rows[] = {
		{"nothing", NULL, false, 0, 0, 0},
		{"nothing", "eth0", true, 0, 1, 3},
		{"two VFs, one in a pod", "eth0", true, 1, 1, 1},
		{"two VFs, one in a pod", "eth9", true, 0, 2, 3},
	};
	struct nfp_unread unread[] = {{"", "what processes have", "CAP_SYS_PTRACE"},
				      {"eth9", "the eswitch mode of eth9", "CAP_NET_ADMIN"}};

	nfp_for_each (row, rows, NFP_NUM(rows)) {
		struct nfp_strv names = {.n = 0};
		struct nfp_audit audit;
		struct host h;

		make_host(&h, row->host, "openvswitch"); /* this alone is nothing */
		if (row->pf)
			nfp_strv_addf(&names, "%s", row->pf);
		h.facts.unread = unread;
		h.facts.num_unread = row->unread ? 2 : 0;
		nfp_audit_judge(&h.facts, &names, &audit);
		assert_int_equal(audit.num_findings, row->findings);
		assert_int_equal(audit.num_unread, row->num_unread);
		assert_int_equal(audit.exit_status, row->exit_status);
		assert_int_equal(audit.num_pfs, row->pf ? 1 : 2);
		assert_int_equal(audit.unasked.n, 1);
		if (row->unread)
			assert_string_equal(audit.unread[0].needs, "CAP_SYS_PTRACE");
		nfp_audit_fini(&audit);
		nfp_strv_fini(&names);
	}
}

/* A finding that the user has accepted is shown, and does not count. */
TEST(accepted)
{
	static const struct {
		const char *accept;
		int exit_status; /* -1: there is no such finding */
	} cases[] = {
		{"same-address", 0},
		{"same-address:eth0", 0},
		{"same-address:vf:4", 0},
		{"same-address:net1", 1}, /* in another namespace, where anybody calls his so */
		{"same-address:52:54:00:00:00:14", 0},
		{"same-address:0000:01:00.0", 0},
		{"same-address:eth9", 1},
		{"same-address:vf:3", 1},
		{"idle-address", 1},
		{"same", -1},
		{"same-address,idle-address", -1},
	};

	for (size_t i = 0; i < NFP_NUM(cases); i++) {
		struct nfp_strv accept = {.n = 0};
		struct nfp_audit audit;
		struct nfp_err err;

		audit_of("two VFs, one in a pod", "", &audit);
		nfp_strv_addf(&accept, "%s", cases[i].accept);
		assert_int_equal(nfp_audit_accept(&audit, &accept, &err),
				 cases[i].exit_status < 0 ? -EINVAL : 0);
		assert_int_equal(audit.num_findings, 1);
		assert_int_equal(audit.findings[0].accepted, cases[i].exit_status == 0);
		if (cases[i].exit_status >= 0)
			assert_int_equal(audit.exit_status, cases[i].exit_status);
		nfp_strv_fini(&accept);
		nfp_audit_fini(&audit);
	}
}

/* A process that was not seen may use an idle VF of that PF; a VF that is held is not in doubt. */
TEST(in_doubt)
{
	static const struct {
		const char *host;
		const char *unread; /* of which PF something was; NULL: nothing */
		bool in_doubt;
	} cases[] = {
		{"idle, and a guest's on a bridge", NULL, false},
		{"idle, and a guest's on a bridge", "", true},
		{"idle, and a guest's on a bridge", "eth0", true},
		{"idle, and a guest's on a bridge", "eth9", false},
		{"held by a guest that is on its standby", "", false},
		{"two VFs, one in a pod", "", false},
	};

	for (size_t i = 0; i < NFP_NUM(cases); i++) {
		struct nfp_audit audit;
		struct host h;

		make_host(&h, cases[i].host, cases[i].unread ? "unread" : "");
		snprintf(h.unread.pf, sizeof(h.unread.pf), "%s", cases[i].unread ?: "");
		nfp_audit_judge(&h.facts, &all, &audit);
		assert_int_equal(audit.num_findings, 1);
		assert_int_equal(audit.findings[0].in_doubt, cases[i].in_doubt);
		nfp_audit_fini(&audit);
	}
}

/* All that a guest, a pod or a user may name. */
static void rename_all(struct host *h, const char *name)
{
	snprintf(h->netns[1].ip_name, sizeof(h->netns[1].ip_name), "%s", name);
	for (size_t i = 0; i < NAMESPACES; i++)
		for (size_t k = 0; k < h->netns[i].num_links; k++)
			snprintf(h->links[i][k].ifname, sizeof(h->links[i][k].ifname), "%s", name);
	for (size_t i = 0; i < h->facts.topology.num_pfs; i++)
		snprintf(h->pfs[i].info.ifname, sizeof(h->pfs[i].info.ifname), "%s", name);
	for (size_t i = 0; i < h->facts.num_taps; i++)
		snprintf(h->taps[i].ifname, sizeof(h->taps[i].ifname), "%s", name);
}

/* Each command is on a line of its own, whole, and comes out of a shell as the words it is. */
TEST(names_are_only_names)
{
	static const struct nfp_report_opts opts = {.columns = 40};
	struct shell_batch batch = {0};
	size_t findings = 0;

	for (size_t i = 0; i < num_hosts * NUM_HOSTILE_NAMES; i++) {
		const struct host_text *host = &host_texts[i / NUM_HOSTILE_NAMES];
		struct nfp_audit audit;
		char *text = NULL, *line;
		size_t size, at = 0;
		struct host h;
		FILE *out;

		if (!host->num_does)
			continue;
		make_host(&h, host->name, "");
		rename_all(&h, hostile_names[i % NUM_HOSTILE_NAMES]);
		nfp_audit_judge(&h.facts, &all, &audit);
		out = open_memstream(&text, &size);
		assert_int_equal(nfp_report_audit_text(&audit, &opts, out), 0);
		fclose(out);
		for (size_t k = 0; k < audit.num_findings; k++, at = 0, findings++) {
			shell_add(&batch, &audit.findings[k].commands);
			while ((line = nfp_commands_line(&audit.findings[k].commands, &at))) {
				char *whole = nfp_asprintf(" %s\n", line);

				assert_non_null(strstr(text, whole));
				free(whole);
				free(line);
			}
		}
		free(text);
		nfp_audit_fini(&audit);
	}
	assert_true(findings > 80 * NUM_HOSTILE_NAMES);
	shell_try(&batch);
}

TEST_MAIN()

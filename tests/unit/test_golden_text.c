// SPDX-License-Identifier: GPL-2.0-or-later
/* All that a user reads on a terminal: results, lists and messages. */
#include "report/report.h"
#include "../../src/report/summary_priv.h"
#include "memnic/ask.h"
#include "unit/golden.h"
#include "unit/sample_answers.h"
#include "unit/sample_pages.h"
#include "unit/sample_audit.h"
#include "unit/sample_topology.h"
#include "../../src/verdict/judge.h"

static void heading(FILE *out, const char *what)
{
	if (what)
		fprintf(out, "==== %s\n", what);
}

static const struct nfp_event attaches = {.what = NFP_EVENT_STEP,
					  .where = {.vf = 3, .from = "eth1"},
					  .step = NFP_STEP_ATTACH,
					  .remaining_ns = UINT64_C(11200000000)};

/* ---- a result as text ---- */

static void text_with(const char *what, const struct nfp_result *result,
		      const struct nfp_report_opts *opts, FILE *out)
{
	heading(out, what);
	assert_int_equal(nfp_report_text(result, opts, out), 0);
}

static void text_at(const char *what, const struct nfp_result *result, unsigned int columns,
		    FILE *out)
{
	text_with(what, result, &(const struct nfp_report_opts) {.columns = columns}, out);
}

/* The run that README.md shows: igb gives no groups to the port of a bridge. */
static void with_fix(struct nfp_result *result)
{
	struct nfp_vf_result *vf = &result->vf;
	struct nfp_style_result *fix = nfp_vf_add_style(vf);

	*fix = vf->styles[NFP_STYLE_MACVTAP];
	fix->style = NFP_STYLE_BRIDGE_FDB;
	fix->is_fix = true;
	fix->verdict = NFP_VERDICT_DEAF;
	fix->multicast = vf->styles[NFP_STYLE_BRIDGE].multicast = NFP_STATE_LOST;
	nfp_judge_vf(vf);
	result->duration_ns = UINT64_C(92100000000);
}

/* Members that are seldom set, and printed by -v alone. */
static void with_remarks(struct nfp_result *result)
{
	struct nfp_style_result *style = &result->vf.styles[NFP_STYLE_BRIDGE];

	strcpy(result->pf.driver_version, "5.18.3");
	strcpy(result->source.note, "auto: eth0 hears eth1, so frames come from outside the NIC");
	style->steps[1].carrier_lost = style->steps[1].changed = style->steps[2].changed = true;
	strcpy(style->steps[2].w.note, "another process has set the VLAN of VF 3");
}

/* Two runs, whole: in the text of the second all that -v, --save and a terminal add. */
static void text_igb(FILE *out)
{
	const struct nfp_report_opts more = {
		.columns = 100, .verbose = true, .next = true, .saved = "/srv/a folder"};
	const struct nfp_report_opts colour = {.columns = 80, .color = true, .quiet = true};
	struct nfp_result result;

	sample_igb(&result);
	with_fix(&result);
	text_at("a fix", &result, 80, out);
	nfp_result_fini(&result);

	sample_igb(&result);
	text_with("colour, quiet", &result, &colour, out);
	with_remarks(&result);
	text_with("verbose, saved", &result, &more, out);
	nfp_result_fini(&result);
}

/* Takes out what begins at @from, up to @end and with that. */
static void cut(char *from, const char *end)
{
	char *last = from ? strstr(from, end) : NULL;

	if (last)
		memmove(from, last + strlen(end), strlen(last + strlen(end)) + 1);
}

/* Its text, but for the table between two blank lines, and for the NIC and the source that most
 * have. */
static void text_under(const char *what, const struct nfp_result *result, FILE *out)
{
	char *text = NULL;
	size_t len = 0;
	FILE *whole = open_memstream(&text, &len);

	text_at(what, result, 80, whole);
	fclose(whole);
	cut(strstr(text, "  Do frames from "), "\n\n");
	cut(strstr(text, "8086:10c9, igb, firmware 2.1.0, Linux 6.12.95; from eth1 over the wire, "
			 "31 s. VF\n3 was restored. Exit"),
	    "VF\n3 was restored. ");
	fputs(text, out);
	free(text);
}

/* Keeps the document of an answer for the tests of the tools. */
static void keep_answer(size_t i, const struct nfp_result *result)
{
	char name[32], *text = sample_json(result);

	snprintf(name, sizeof(name), "answer-%zu.json", i);
	sample_keep("NFPROBE_JSON_DIR", name, text);
	free(text);
}

/* What is read of each answer. */
static void text_answers(FILE *out)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct nfp_result result;

		sample_answer(&result, i);
		keep_answer(i, &result);
		if (answers[i].shown_as == ALONE) {
			static const char *const words[] = {"?", "yes", "only", "no", "unknown"};
			struct nfp_summary *summary = nfp_summary_of(&result);

			heading(out, answers[i].name);
			fprintf(out, "%s\nExit %d, %s.\n", summary->answer.text, result.exit_status,
				words[summary->failover.answer]);
			nfp_summary_free(summary);
		} else if (answers[i].shown_as == UNDER) {
			text_under(answers[i].name, &result, out);
		} else {
			text_at(answers[i].name, &result, answers[i].shown_as == NARROW ? 45 : 80,
				out);
		}
		nfp_result_fini(&result);
	}
}

/* ---- a list, messages; test_list_text has what depends on the host ---- */

/* Each VF is otherwise than the rest in something; of one nothing is known. */
static void set_all(struct nfp_topology *topology)
{
	struct nfp_vf_info *vfs = topology->pfs[0].vfs;

	topology->pfs[0].info.vepa = true;
	for (size_t i = 0; i < topology->num_links; i++)
		if (topology->links[i].ifindex == vfs[0].ifindex)
			topology->links[i].mtu = 9000;
	vfs[0].attr.link_state = 1;
	vfs[1].attr.link_state = 2;
	vfs[2].attr.spoofchk = 0;
	vfs[2].attr.trust = 0;
	vfs[3].attr.link_state = vfs[3].attr.spoofchk = -1;
}

/* Prints a fresh sample that @edit has changed; @verbose as with -v. */
static void list_at(const char *what, void (*edit)(struct nfp_topology *topology),
		    unsigned int columns, bool verbose, FILE *out)
{
	const struct nfp_report_opts opts = {.columns = columns, .verbose = verbose};
	struct nfp_topology topology;
	struct nfp_listing listing;

	heading(out, what);
	sample_topology(&topology);
	if (edit)
		edit(&topology);
	sample_listing(&listing, &topology);
	sample_next(&listing);
	assert_int_equal(nfp_report_list_text(&listing, &opts, out), 0);
	nfp_listing_fini(&listing);
}

static void text_list(FILE *out)
{
	list_at("-v", NULL, 0, true, out);
	list_at("80 columns", NULL, 80, false, out);
	list_at("settings of VFs, and of the NIC's switch", set_all, 80, false, out);
}

static void audit_at(const char *title, bool quiet, FILE *out)
{
	const struct nfp_report_opts opts = {.columns = 80, .quiet = quiet};
	struct nfp_audit audit;

	sample_audit(&audit);
	strcpy(audit.findings[1].functions[0].ifname, "t\033[2J");
	heading(out, title);
	assert_int_equal(nfp_report_audit_text(&audit, &opts, out), 0);
	nfp_audit_fini(&audit);
}

static void text_way(FILE *out)
{
	const struct nfp_report_opts opts = {.columns = 80};
	struct nfp_audit audit;

	sample_audit(&audit);
	assert_int_equal(nfp_report_way_text(&audit, &opts, out), 0);
	nfp_audit_fini(&audit);
}

static void text_audit(FILE *out)
{
	const struct nfp_report_opts opts = {.columns = 80};
	struct nfp_audited pf = {.ifname = "eth0"};
	struct nfp_unread unread = {.what = "the eswitch mode of eth0: Operation not permitted",
				    .needs = "CAP_NET_ADMIN"};
	struct nfp_audit audit = {.pfs = &pf, .num_pfs = 1, .unread = &unread};

	audit_at("80 columns", false, out);
	audit_at("-q", true, out);
	heading(out, "nothing");
	assert_int_equal(nfp_report_audit_text(&audit, &opts, out), 0);
	heading(out, "not all was seen");
	audit.num_unread = 1;
	assert_int_equal(nfp_report_audit_text(&audit, &opts, out), 0);
}

static void text_messages(FILE *out)
{
	struct nfp_report_opts opts = {.columns = 40, .color = true};
	struct nfp_err err;

	nfp_err_set(&err, 0, NFP_E_NO_VFS, "eth0 has no VFs, and a long sentence follows here\033");
	nfp_err_hint(&err, "It supports up to 7.");
	assert_int_equal(nfp_report_error(&err, &opts, out), 0);
	/* The command is one line, on any terminal. */
	nfp_command_write(&err.hint.commands, "4", "/sys/class/net/%s/device/sriov_numvfs", "eth0");
	opts.unchanged = true;
	assert_int_equal(nfp_report_error(&err, &opts, out), 0);
	err.hint = (struct nfp_hint) {0};
	assert_int_equal(nfp_report_error(&err, &opts, out), 0);
	nfp_err_try(&err, "nfprobe");
	assert_int_equal(nfp_report_error(&err, &opts, out), 0);
	opts.unchanged = false;
	assert_int_equal(nfp_report_error(&err, &opts, out), 0);
	assert_int_equal(nfp_report_warning("look out", &opts, out), 0);
	opts = (struct nfp_report_opts) {0};
	assert_int_equal(nfp_report_error(&err, &opts, out), 0);
	/* Names of netdevs may have any byte but blanks, "/" and ":". */
	assert_int_equal(nfp_report_change("ip link set e\033[2J\177\302\233\377 vf 3 mac", out),
			 0);
}

/* What a terminal gets while a run goes on, and a log. */
static void text_live(struct nfp_result *result, FILE *out)
{
	const uint64_t begin = 100 * NFP_NSEC_PER_SEC;
	struct nfp_progress *live = nfp_progress_new();
	struct nfp_event judged = {.what = NFP_EVENT_VERDICT};
	struct nfp_event step = attaches;

	(void)nfp_progress_event(live,
				 &(struct nfp_event) {.what = NFP_EVENT_RUN,
						      .run = result,
						      .remaining_ns = 81 * NFP_NSEC_PER_SEC},
				 begin);
	assert_true(nfp_progress_event(live, &step, begin + 5 * NFP_NSEC_PER_SEC));
	nfp_progress_draw(live, 80, begin + 5 * NFP_NSEC_PER_SEC, out);
	judged.style = &result->vf.styles[0];
	assert_true(nfp_progress_event(live, &judged, begin + 29 * NFP_NSEC_PER_SEC));
	assert_false(nfp_progress_event(live, &judged, begin + 29 * NFP_NSEC_PER_SEC));
	nfp_progress_draw(live, 80, begin + 29 * NFP_NSEC_PER_SEC, out);
	step.where.style = NFP_STYLE_BRIDGE;
	step.step = NFP_STEP_CONTROL;
	assert_true(nfp_progress_event(live, &step, begin + 30 * NFP_NSEC_PER_SEC));
	/* Narrower than what is there, and than the line. */
	nfp_progress_draw(live, 40, begin + 30 * NFP_NSEC_PER_SEC, out);
	judged.style = &result->vf.styles[1];
	assert_true(nfp_progress_event(live, &judged, begin + 58 * NFP_NSEC_PER_SEC));
	nfp_progress_draw(live, 0, begin + 58 * NFP_NSEC_PER_SEC, out);
	nfp_progress_draw(live, 8, begin + 58 * NFP_NSEC_PER_SEC, out);
	nfp_progress_draw(live, 120, begin + 58 * NFP_NSEC_PER_SEC, out);
	nfp_progress_draw(live, 120, begin + 104 * NFP_NSEC_PER_SEC, out);
	nfp_progress_clear(live, 40, out);
	nfp_progress_clear(live, 40, out);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(nfp_progress_so_far(live, &result->vf.styles[i],
						     begin + 29 * NFP_NSEC_PER_SEC, out),
				 0);
	nfp_progress_free(live);
	/* Of many styles it is told how far it is. */
	live = nfp_progress_new();
	result->settings.styles[NFP_STYLE_STATIC_BRIDGE] = true;
	(void)nfp_progress_event(live,
				 &(struct nfp_event) {.what = NFP_EVENT_RUN,
						      .run = result,
						      .remaining_ns = 120 * NFP_NSEC_PER_SEC},
				 begin);
	(void)nfp_progress_event(live, &attaches, begin);
	(void)nfp_progress_event(live, &judged, begin);
	step.where.style = NFP_STYLE_STATIC_BRIDGE;
	(void)nfp_progress_event(live, &step, begin + 60 * NFP_NSEC_PER_SEC);
	nfp_progress_draw(live, 120, begin + 60 * NFP_NSEC_PER_SEC, out);
	nfp_progress_free(live);
}

/* The lines of a reflector; the one to type is one line, on any terminal. */
static void text_reflector(FILE *out)
{
	struct nfp_report_opts opts = {.columns = 40};
	struct nfp_reflector_config config = {.netdev = {.ifname = "eth1"},
					      .mac = {{0x02, 0xab, 0, 0, 0, 1}},
					      .id = {{0xde, 0xad}},
					      .rate = 1000,
					      .for_ns = 600 * NFP_NSEC_PER_SEC};
	const struct nfp_reflector_report report = {
		.received = 1050,
		.outcome = {[NFP_REFLECT_SENT_ON] = 1040, [NFP_REFLECT_OTHER_ID] = 10},
		.began_ns = 5,
		.ended_ns = UINT64_C(2049999999),
		.stopped = true,
	};

	heading(out, "it begins, 40 columns");
	assert_int_equal(nfp_report_reflect_start(&config, &opts, out), 0);
	heading(out, "it ends");
	assert_int_equal(nfp_report_reflect_end(&report, &opts, out), 0);
	opts.verbose = true;
	heading(out, "it ends, verbose");
	assert_int_equal(nfp_report_reflect_end(&report, &opts, out), 0);
	opts = (struct nfp_report_opts) {.columns = 40, .quiet = true};
	config.rate = 5000;
	heading(out, "quiet, at another rate");
	assert_int_equal(nfp_report_reflect_start(&config, &opts, out), 0);
	assert_int_equal(nfp_report_reflect_end(&report, &opts, out), 0);
	config.id_file = "/root/nfprobe.id";
	heading(out, "an id that is in a file stays there");
	assert_int_equal(nfp_report_reflect_start(&config, &opts, out), 0);
}

static const struct golden files[] = {
	{"igb.txt", .write = text_igb},
	{"answers.txt", .write = text_answers},
	{"list.txt", .write = text_list},
	{"audit.txt", .write = text_audit},
	{"way.txt", .write = text_way},
	{"messages.txt", .write = text_messages},
	{"live.txt", .sample = sample_igb, .tell = text_live},
	{"reflector.txt", .write = text_reflector},
};

_Static_assert(sizeof(files) / sizeof(files[0]) <= GOLDEN_MAX, "golden_run() has room for them");

int main(void)
{
	const struct goldens goldens = {files, sizeof(files) / sizeof(files[0]), golden_is_text};

	return golden_run("golden_text", &goldens);
}

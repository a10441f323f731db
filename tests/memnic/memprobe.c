// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * memprobe - probes NICs in memory, in virtual time, and prints the result of each as JSON.
 *
 * Each line of standard input is a run: nfprobe's options, "--" and the words of a personality
 * (nic/keys.def): "--style macvtap --from vf:1 -- come=up go=down+clear". The answer is a line:
 * the document of --json, or {"does_not_fit": "WORD"} where a NIC in memory does not do what that
 * word says. With --truth it is {"result": the document, "truth": [what is true of each of its
 * styles that was run]}. With --told each line is such a document, be it of another NIC, and
 * the answer is what follows from the landings in it, of each of these styles. With --keys it
 * prints the keys of a personality, each with who plays it and its default. With --pasted it is
 * what a guest loses where somebody types what the run advises (pasted.h), beside its last line:
 * {"answer": .., "states": N, "lost": [..]}. With --text each answer is what nfprobe prints
 * without --json where its output is no terminal, and an empty byte. With --bonded the PF is the
 * active member of bond0. Exit status: 0; 1: something did not fit; 2: a line is wrong.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

#include "adversary.h"
#include "report/report.h"
#include "pasted.h"
#include "told.h"

enum { FITS, DOES_NOT_FIT, WRONG };
enum form { DOCUMENT, WITH_TRUTH, TEXT, PASTED, BONDED, TOLD }; /* of an answer */

#define VF	   3
#define SECOND	   "vf:0" /* the port of a standby on a second VF */
#define MAX_WORDS  64
#define PAST_STYLE 0x20 /* the addresses of a style are so far apart */

static const struct nfp_mac own = {{0x02, 0, 0, 0, 0, 0x55}};

struct probe {
	struct nfp_request request;
	bool bonded;
	struct core_personality nic;
	struct memnic_conditions network;
	struct memnic *memnic;
	struct nfp_frame_accounting *accounting;
	enum nfp_source_id by;
	struct nfp_result result;
	/* A run remembers this from ladder to ladder. */
	enum nfp_answer unregistered;
	struct nfp_earlier earlier;
	uint64_t lasting[NFP_STYLE_COUNT]; /* memnic_lasting() before each ladder */
};

/* ---- a line ---- */

/* True: the options are right. */
static bool read_options(char *options, struct probe *p, struct nfp_err *err)
{
	char name[] = "nfprobe", pf[] = "eth0", vf[] = "--vf=3", *rest = NULL, *word;
	char *args[MAX_WORDS + 1] = {name, pf, vf};
	int num = 3;

	for (word = strtok_r(options, " ", &rest); word && num < MAX_WORDS;
	     word = strtok_r(NULL, " ", &rest))
		args[num++] = word;
	return nfp_request_parse(num, args, &p->request, err) == 0;
}

/* Delay and loss are those of the wire. */
static void set_source(struct probe *p)
{
	struct memnic_conditions *c = &p->network;

	p->by = p->request.from.kind == NFP_FROM_VF   ? NFP_SOURCE_VF
		: p->request.from.kind == NFP_FROM_PF ? NFP_SOURCE_PF
						      : NFP_SOURCE_NETDEV;
	c->source = nfp_sources[p->by].enters;
	if (c->source == NFP_ENTERS_WIRE)
		return;
	c->loss_permille = c->duplicate_permille = 0;
	c->before_ns = c->before_jitter_ns = 0;
}

/* ---- a run, as src/app/vf.c has it ---- */

static struct nfp_mac number(enum nfp_style style, uint8_t which)
{
	return (struct nfp_mac) {{0x02, 0, 0, 1, (uint8_t)style, which}};
}

static struct nfp_mac group(enum nfp_style style, uint8_t which)
{
	return (struct nfp_mac) {{0x33, 0x33, 0xff, 1, (uint8_t)(PAST_STYLE * (1 + style)), which}};
}

/* As in src/app/guest_vlan.c; the runner finds out about the station. */
static struct nfp_guest_vlan_config guest_vlan_of(const struct probe *p, enum nfp_style style)
{
	return (struct nfp_guest_vlan_config) {
		.vid = (uint16_t)p->request.settings.guest_vlan,
		.free_vid = MEMNIC_FREE_VLAN,
		.own = own,
		.untested = p->request.settings.vlan.vid		   ? "VST"
			    : nfp_styles[style].second_vf		   ? "a second VF"
			    : !nfp_sources[p->by].tags			   ? "no tags"
			    : p->nic.station && style == NFP_STYLE_MACVTAP ? "a station"
									   : NULL,
	};
}

static struct nfp_runner_config config_of(struct probe *p, enum nfp_style style)
{
	struct nfp_runner_config config;

	memnic_config(p->memnic, p->accounting, style, &config);
	config.address = number(style, 1);
	config.address_first = number(style, 2);
	for (uint8_t i = 0; i < NFP_SPARE_ADDRESSES; i++)
		config.spare[i] = number(style, (uint8_t)(3 + i));
	config.group = group(style, 0x11);
	config.unjoined = group(style, 0x22);
	config.multicast = p->request.settings.multicast && config.source->shows.group;
	config.announce = p->request.announce;
	config.rate = p->result.settings.rate;
	config.settle_ns = p->result.settings.settle_ns;
	config.follows = p->result.vf.num_styles > 0;
	config.from = p->result.source.name;
	config.stations = p->nic.station;
	config.via = nfp_styles[style].second_vf ? SECOND : NULL;
	config.guest_vlan = guest_vlan_of(p, style);
	config.unregistered = &p->unregistered;
	config.earlier = &p->earlier;
	return config;
}

static void run_ladder(struct probe *p, enum nfp_style style)
{
	struct nfp_vf_result *vf = &p->result.vf;
	struct nfp_runner_config config = config_of(p, style);
	struct nfp_style_result ladder;

	p->lasting[style] = memnic_lasting(p->memnic, &config.address);
	if (nfp_ladder_run(&config, &ladder, &vf->error) < 0)
		vf->status = NFP_VF_FAILED;
	ladder.from = p->result.source;
	ladder.is_fix = !p->request.settings.styles[style];
	nfp_judge_alone(&p->result, &ladder);
	*nfp_vf_add_style(vf) = ladder;
	memnic_undo(p->memnic);
}

/* False: it is to be run. */
static bool pin(struct probe *p, enum nfp_style style)
{
	const bool asked = p->request.settings.styles[style];

	return nfp_vf_add_pinned(&p->result, style, asked) || (nfp_styles[style].pinned && !asked);
}

static bool is_due(const struct probe *p, enum nfp_style style)
{
	const struct nfp_request *request = &p->request;

	if (nfp_styles[style].pinned && !request->settings.styles[style])
		return request->settings.try_fixes && nfp_pin_may_help(&p->result.vf, style);
	return request->settings.styles[style] ||
	       (request->settings.try_fixes && nfp_style_may_fix(request->settings.styles, style) &&
		nfp_fix_is_due(&p->result.vf, style, request->named));
}

static void begin_result(struct probe *p)
{
	const struct nfp_request *request = &p->request;
	struct nfp_result *result = &p->result;
	struct nfp_settings *s = &result->settings;

	nfp_result_init(result);
	strcpy(result->pf.ifname, request->pf);
	strcpy(result->pf.driver, "memnic");
	if (p->bonded) {
		strcpy(result->pf.master, "bond0");
		strcpy(result->pf.bond_mode, "active-backup");
	}
	result->pf.num_vfs = result->pf.total_vfs = VF + 1;
	*s = request->settings;
	snprintf(s->from, sizeof(s->from), "%s", request->from.text);
	if (!request->have_rate)
		s->rate = nfp_sources[p->by].rate[NFP_KIND_UNICAST];
	s->settle_ns = s->settle_ns ?: NFP_SETTLE_DEFAULT_NS;
	result->source = (struct nfp_ladder_source) {
		.known = true, .source = nfp_sources[p->by].enters, .by = p->by};
	snprintf(result->source.name, sizeof(result->source.name), "%s", request->from.text);
	result->have_vf = result->have_verdict = result->changed_host = true;
	result->vf = (struct nfp_vf_result) {.vf = VF,
					     .status = NFP_VF_PROBED,
					     .trust = -1,
					     .spoofchk = -1,
					     .probed_vlan = request->settings.vlan.vid};
	strcpy(result->vf.driver, "memnic");
}

/* As nfprobe at the end of a run. A verdict that another style has changed is told again. */
static void judge_again(struct probe *p)
{
	const struct nfp_vf_result *vf = &p->result.vf;
	enum nfp_verdict told[NFP_STYLE_COUNT];
	uint32_t again;

	for (size_t i = 0; i < vf->num_styles; i++)
		told[i] = vf->styles[i].verdict;
	again = nfp_judge_vf_of(&p->result, &p->result.vf);
	for (size_t i = 0; i < vf->num_styles; i++) {
		if (vf->styles[i].verdict != told[i] && !(again & 1U << i)) {
			fprintf(stderr, "memprobe: another verdict of %s would not be told\n",
				nfp_style_name(vf->styles[i].style));
			exit(2);
		}
	}
	nfp_judge_result(&p->result);
}

/* The runner's clock is the NIC's. */
static void run(struct probe *p)
{
	begin_result(p);
	p->memnic = memnic_new(&p->nic, &p->network);
	p->accounting = nfp_accounting_new();
	for (enum nfp_style style = 0; style < NFP_STYLE_COUNT; style++) {
		if (is_due(p, style) && !pin(p, style))
			run_ladder(p, style);
	}
	judge_again(p);
	nfp_accounting_free(p->accounting);
	memnic_free(p->memnic);
}

/* ---- what is true ---- */

static struct truth_ladder ladder_of(const struct probe *p, const struct nfp_style_result *style)
{
	const struct nfp_request *request = &p->request;
	bool second = nfp_styles[style->style].second_vf;

	return (struct truth_ladder) {
		.style = style->style,
		.source = p->network.source,
		/* Frames with a tag come from a netdev on the wire to the PF itself, which has
		 * none that the NIC puts on. */
		.vlan = request->settings.guest_vlan && !request->settings.vlan.vid && !second &&
			p->by == NFP_SOURCE_NETDEV &&
			!(p->nic.station && style->style == NFP_STYLE_MACVTAP),
		.no_group = !request->settings.multicast,
		.address = number(style->style, 1),
		.address_first = number(style->style, 2),
		.group = group(style->style, 0x11),
		.lasting = p->lasting[style->style],
	};
}

/* Does the NIC act later than a landing is watched? */
static bool is_slow(const struct probe *p)
{
	uint64_t most_ns = MAX(p->nic.blip_ns, p->nic.hold_after_ns);

	for (int event = 0; event < CORE_EVENTS; event++)
		most_ns = MAX(most_ns,
			      MAX(p->nic.comes_after_ns[event], p->nic.goes_after_ns[event]));
	return most_ns >= p->result.settings.settle_ns;
}

/* A style that loses its group would be without a VLAN what it would be without that loss. */
static void set_in_vlan(json_t *object, const struct truth *truth)
{
	const char *verdict = nfp_verdict_name(truth_in_vlan(truth));

	json_object_set_new(object, "filter_verdict", json_string(verdict));
	if (truth->of_unicast == NFP_VERDICT_SAFE && truth->answer.multicast != NFP_STATE_LOST)
		json_object_set_new(object, "of_unicast", json_string(verdict));
}

static json_t *truth_of_style(const struct probe *p, struct adversary_outcome *outcome,
			      const struct truth_ladder *ladder)
{
	struct adversary_scene scene = {
		.p = p->nic, .c = p->network, .guest_vlan = p->request.settings.guest_vlan};
	struct nfp_style_result *result = &outcome->result;
	json_t *object;

	if (p->request.settings.guest_vlan && !ladder->vlan)
		outcome->truth.vlan = (struct truth_vlan) {NFP_STATE_UNTESTED, NFP_STEP_COUNT,
							   NFP_UNKNOWN, NFP_UNKNOWN, NFP_UNKNOWN};
	object = told_truth(&outcome->truth, ladder);
	/* By the NIC's filter, whatever a bridge makes of it. */
	result->verdict = result->filter_verdict;
	adversary_judge(&scene, outcome);
	if (p->request.settings.guest_vlan)
		set_in_vlan(object, &outcome->truth);
	json_object_set_new(object, "class", json_string(adversary_class_name[outcome->class]));
	json_object_set_new(object, "wrong", json_boolean(adversary_is_wrong(outcome->class)));
	json_object_set_new(object, "slow", json_boolean(is_slow(p)));
	json_object_set_new(object, "explained",
			    json_boolean(truth_explains(&outcome->truth, result)));
	json_object_set_new(object, "uplink_hears_itself",
			    json_boolean(truth_uplink_hears(&p->nic, ladder->style, NFP_AT_PF)));
	json_object_set_new(object, "uplink_hears_vf",
			    json_boolean(truth_uplink_hears(&p->nic, ladder->style, NFP_AT_VF)));
	return object;
}

static json_t *truth_of_run(const struct probe *p)
{
	static struct adversary_outcome outcomes[NFP_STYLE_COUNT];
	struct truth_ladder ladders[NFP_STYLE_COUNT];
	struct truth *truths[NFP_STYLE_COUNT];
	struct truth_walk *walk = truth_begin(&p->nic, &p->network);
	const struct nfp_vf_result *vf = &p->result.vf;
	json_t *array = json_array();
	unsigned int num = 0;

	for (size_t i = 0; i < vf->num_styles; i++) {
		if (vf->styles[i].derived)
			continue;
		outcomes[num].result = vf->styles[i];
		ladders[num] = ladder_of(p, &vf->styles[i]);
		ladders[num].paced_by = is_slow(p) ? &vf->styles[i] : NULL;
		truths[num] = &outcomes[num].truth;
		truth_walk(walk, &ladders[num], truths[num]);
		num++;
	}
	truth_across(truths, num);
	for (unsigned int n = 0; n < num; n++)
		json_array_append_new(array, truth_of_style(p, &outcomes[n], &ladders[n]));
	truth_end(walk);
	return array;
}

/* ---- what is said ---- */

static void dump(json_t *root)
{
	if (!root || json_dumpf(root, stdout, JSON_COMPACT) < 0)
		abort();
	putchar('\n');
	json_decref(root);
}

static void print(const struct probe *p, bool with_truth)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	json_t *root;

	if (!out || nfp_report_json(&p->result, out) < 0 || fclose(out))
		abort();
	root = json_loadb(text, len, 0, NULL);
	free(text);
	if (with_truth)
		root = json_pack("{so so}", "result", root, "truth", truth_of_run(p));
	dump(root);
}

static void print_pasted(const struct probe *p)
{
	static struct pasted pasted;
	json_t *lost = json_array();

	pasted_live(&p->nic, &p->network, &p->result, &pasted);
	for (size_t i = 0; i < pasted.num_lost; i++)
		json_array_append_new(lost, json_string(pasted.lost[i]));
	dump(json_pack("{ss sb si so}", "answer", pasted.answer, "promised", pasted.promised,
		       "states", (int)pasted.states, "lost", lost));
}

/* As nfprobe's main program does. */
static void print_text(const struct probe *p)
{
	const struct nfp_report_opts opts = nfp_report_opts_for(&p->request, STDOUT_FILENO);

	(void)nfp_report_text(&p->result, &opts, stdout);
	putchar('\0');
}

static int answer(char *line, enum form form)
{
	char word[MEMNIC_WORD_LEN] = "has no \"-- \"", *keys = strstr(line, "-- ");
	struct nfp_err err = {0};
	struct probe p = {.bonded = form == BONDED, .unregistered = NFP_UNKNOWN};
	int ret = -EINVAL, status = WRONG;

	if (keys) {
		*keys = '\0';
		ret = memnic_read(keys + 3, &p.nic, &p.network, word);
	}
	if (ret == -EOPNOTSUPP) {
		printf("{\"does_not_fit\": \"%s\"}\n", word);
		return DOES_NOT_FIT;
	}
	if (ret < 0 || !read_options(line, &p, &err)) {
		fprintf(stderr, "memprobe: %s %s\n", line, ret < 0 ? word : err.message);
	} else {
		set_source(&p);
		run(&p);
		if (form == TEXT)
			print_text(&p);
		else if (form == PASTED)
			print_pasted(&p);
		else
			print(&p, form == WITH_TRUTH);
		nfp_result_fini(&p.result);
		status = FITS;
	}
	nfp_request_fini(&p.request);
	return status;
}

/* The words of a document's landings, style by style. */
static int judge(const char *document)
{
	json_t *root = json_loads(document, 0, NULL), *answers = json_array();
	const char *kind =
		json_string_value(json_object_get(json_object_get(root, "source"), "kind"));
	const json_t *style;
	size_t i;

	json_array_foreach (json_object_get(json_object_get(root, "vf"), "styles"), i, style) {
		struct truth_state states[NFP_STEP_COUNT];
		struct truth_answer told;

		told_states(style, states);
		truth_judge(states, &told);
		if (!json_is_true(json_object_get(style, "derived")))
			json_array_append_new(answers, told_answer(&told));
	}
	json_decref(root);
	dump(answers);
	return kind ? FITS : WRONG;
}

static int print_keys(void)
{
	static const char *const plays[] = {"both", "host", "module", "memory"};

	for (unsigned int i = 0; i < core_num_keys; i++)
		printf("%s %s %s\n", plays[core_key_table[i].plays], core_key_table[i].name,
		       core_key_table[i].normal);
	return FITS;
}

int main(int argc, char **argv)
{
	static const char *const options[] = {
		[DOCUMENT] = "",       [WITH_TRUTH] = "--truth", [TEXT] = "--text",
		[PASTED] = "--pasted", [BONDED] = "--bonded",	 [TOLD] = "--told"};
	enum form form = DOCUMENT;
	char *line = NULL;
	size_t size = 0;
	int status = FITS;
	ssize_t len;

	if (argc > 1 && strcmp(argv[1], "--keys") == 0)
		return print_keys();
	for (enum form i = WITH_TRUTH; argc > 1 && i <= TOLD; i++)
		form = strcmp(argv[1], options[i]) == 0 ? i : form;
	while ((len = getline(&line, &size, stdin)) > 0 && status != WRONG) {
		int said;

		line[strcspn(line, "\n")] = '\0';
		said = form == TOLD ? judge(line) : answer(line, form);
		status = said > status ? said : status;
	}
	free(line);
	return status;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two passes: the facts stand at the end of the file, and without them nothing can be counted.
 */
#include "nfprobe/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pcapng.h"
#include "record_priv.h"
#include "nfprobe/probe.h"
#include "nfprobe/tables.h"

#define INTERFACE_MAX	  1024U
#define EXIT_INCONCLUSIVE 3
#define EXIT_WORST	  255

enum role {
	ROLE_NONE, /* of somebody else */
	ROLE_SENDER,
	ROLE_PF,
	ROLE_VF,
};

struct interface {
	enum role role;
	char name[NFP_IFNAMSIZ];
	uint64_t packets;
};

struct reading {
	struct blocks blocks;
	const struct nfp_criteria *criteria;
	struct nfp_result *result;
	struct nfp_err *err;
	struct facts facts;
	uint64_t offset_ns;

	struct interface *interfaces;
	size_t num_interfaces;

	/* the ladder that is being climbed */
	size_t vf, style;	     /* the next one */
	struct nfp_style_result *of; /* the style that it belongs to; NULL: none yet */
	struct nfp_style_result climbed;
	size_t round; /* its facts */
	struct nfp_runner_config config;
	enum nfp_answer unregistered; /* by the first control */
	struct match *match;
	struct nfp_ledger *ledger;
	struct nfp_recount *recount; /* NULL: none */
	uint64_t last_seq;	     /* sent */
};

static int bad(struct reading *reading, const char *what)
{
	return blocks_bad(&reading->blocks, reading->err, "%s", what);
}

/* ---- section and interfaces ---- */

static int take_section(struct reading *reading, const struct nfp_pcapng_block *block)
{
	struct nfp_pcapng_option option;
	struct comment comment;
	bool have_clock = false;
	size_t at = 0;

	if (reading->blocks.number != 1)
		return bad(reading, "a second section");
	while (nfp_pcapng_option(block, &at, &option)) {
		if (option.code != NFP_PCAPNG_COMMENT)
			continue;
		comment_read((const char *)option.value, option.len, &comment);
		if (comment.what != COMMENT_CLOCK)
			continue;
		reading->offset_ns = comment.offset_ns;
		have_clock = true;
	}
	return have_clock ? 0 : bad(reading, "the section does not tell of its clock");
}

static enum role role_of(const struct nfp_pcapng_option *option)
{
	static const struct {
		const char *words;
		enum role role;
	} roles[] = {
		{"nfprobe sender:", ROLE_SENDER},
		{"nfprobe pf:", ROLE_PF},
		{"nfprobe vf:", ROLE_VF},
	};

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		size_t len = strlen(roles[i].words);

		if (option->len >= len && memcmp(option->value, roles[i].words, len) == 0)
			return roles[i].role;
	}
	return ROLE_NONE;
}

static void read_interface(const struct nfp_pcapng_block *block, struct interface *interface,
			   bool *ret_nanoseconds)
{
	struct nfp_pcapng_option option;
	size_t at = 0;

	while (nfp_pcapng_option(block, &at, &option)) {
		if (option.code == NFP_PCAPNG_IF_NAME) {
			snprintf(interface->name, sizeof(interface->name), "%.*s", (int)option.len,
				 (const char *)option.value);
			comment_plain(interface->name);
		} else if (option.code == NFP_PCAPNG_IF_DESCRIPTION) {
			interface->role = role_of(&option);
		} else if (option.code == NFP_PCAPNG_IF_TSRESOL && option.len == 1) {
			*ret_nanoseconds = option.value[0] == 9;
		}
	}
}

static int take_interface(struct reading *reading, const struct nfp_pcapng_block *block)
{
	struct interface interface = {.role = ROLE_NONE};
	bool nanoseconds = false;

	read_interface(block, &interface, &nanoseconds);
	if (interface.role != ROLE_NONE &&
	    (!nanoseconds || block->link_type != NFP_PCAPNG_LINK_ETHERNET))
		return bad(reading, "its packets are not Ethernet with times in nanoseconds");
	if (reading->num_interfaces == INTERFACE_MAX)
		return bad(reading, "too many interfaces");
	reading->interfaces = nfp_reallocarray(reading->interfaces, reading->num_interfaces + 1,
					       sizeof(interface));
	reading->interfaces[reading->num_interfaces++] = interface;
	return 0;
}

static struct interface *interface_of(const struct reading *reading,
				      const struct nfp_pcapng_block *block)
{
	return block->interface < reading->num_interfaces ? &reading->interfaces[block->interface]
							  : NULL;
}

/* ---- ladders ---- */

/* As the run does it: whether a gap is too long, and which ladder of several is the worst. */
static void keep_climbed(struct reading *reading)
{
	struct nfp_result *result = reading->result;
	const struct nfp_settings *settings = &result->settings;
	struct nfp_style_result *climbed = &reading->climbed, *style = reading->of;
	char words[NFP_NOTE];
	enum nfp_step step;

	/* Of the run's own limit it was told by the run. */
	if (settings->gap_limit_ms &&
	    nfp_gap_limit(climbed, UINT64_C(1000) * settings->gap_limit_ms, &step) &&
	    reading->criteria->gap_limit_ms) {
		nfp_gap_unsure_words(result->vfs[reading->vf].vf, style->style,
				     settings->gap_limit_ms, step, words, sizeof(words));
		nfp_strv_addf(&result->warnings, "%s", words);
	}
	climbed->allowed = settings->allow[climbed->verdict];
	/* One that was given up is none of --repeat's. */
	if (style->repeats && !climbed->again)
		(void)nfp_repeats_add(style->repeats, climbed, style);
	else if (!style->repeats)
		*style = *climbed;
}

static int end_ladder(struct reading *reading)
{
	int ret;

	if (!reading->recount)
		return 0;
	ret = nfp_recount_end(reading->recount, reading->err);
	free(reading->recount);
	reading->recount = NULL;
	keep_climbed(reading);
	return ret;
}

/* The next style that was not left out; NULL: there is none. */
static struct nfp_style_result *next_style(struct reading *reading)
{
	struct nfp_result *result = reading->result;

	for (; reading->vf < result->num_vfs; reading->vf++, reading->style = 0) {
		struct nfp_vf_result *vf = &result->vfs[reading->vf];

		while (reading->style < vf->num_styles) {
			struct nfp_style_result *style = &vf->styles[reading->style++];

			if (style->verdict != NFP_VERDICT_NOT_APPLICABLE)
				return style;
		}
	}
	return NULL;
}

/* One more ladder of the same style, also behind one that was given up, or the first of the next.
 */
static int find_style(struct reading *reading, const struct nfp_runner_config *config)
{
	const struct nfp_result *result = reading->result;
	struct nfp_style_result *style = reading->of;

	if (style && style->style == config->style && result->vfs[reading->vf].vf == config->vf &&
	    (reading->climbed.again ||
	     (style->repeats && style->repeats->num < style->repeats->asked)))
		return 0;
	style = next_style(reading);
	if (!style || style->style != config->style || result->vfs[reading->vf].vf != config->vf)
		return bad(reading, "a ladder that the facts do not have");
	reading->of = style;
	if (result->settings.repeat > 1)
		style->repeats = nfp_repeats_new(result->settings.repeat);
	return 0;
}

static int begin_ladder(struct reading *reading, const struct nfp_runner_config *config)
{
	const json_t *facts;
	int ret = end_ladder(reading);

	if (ret == 0)
		ret = find_style(reading, config);
	if (ret)
		return ret;
	facts = json_array_get(reading->facts.rounds, reading->round++);
	if (!facts)
		return bad(reading, "a ladder that did not end");
	ret = nfp_result_read_ladder(facts, &reading->climbed, reading->err);
	if (ret)
		return ret;
	reading->climbed.style = config->style;
	reading->climbed.address = config->address;
	reading->config = *config;
	reading->config.start_ns -= reading->offset_ns;
	reading->config.ledger = reading->ledger;
	reading->config.ifname = reading->result->pf.ifname;
	reading->config.unregistered = &reading->unregistered;
	reading->last_seq = 0;
	memset(reading->match, 0, sizeof(*reading->match));
	reading->match->id = &reading->facts.id;
	reading->match->config = &reading->config;
	reading->recount = nfp_recount_new(&reading->config, &reading->climbed);
	return 0;
}

/* Times of the file become those of the wire. */
static int take_mark(struct reading *reading, struct nfp_mark *mark)
{
	if (mark->what == NFP_MARK_LADDER)
		return begin_ladder(reading, mark->config);
	if (mark->what == NFP_MARK_END)
		return end_ladder(reading);
	if (!reading->recount)
		return bad(reading, "a mark outside of a ladder");
	mark->from_ns -= reading->offset_ns;
	mark->to_ns -= reading->offset_ns;
	if (mark->listening_ns)
		mark->listening_ns -= reading->offset_ns;
	if (mark->asked_ns) {
		mark->asked_ns -= reading->offset_ns;
		mark->answered_ns -= reading->offset_ns;
	}
	return nfp_recount_mark(reading->recount, mark, reading->err);
}

static int take_comment(struct reading *reading, const struct nfp_pcapng_option *option)
{
	struct comment comment;

	comment_read((const char *)option->value, option->len, &comment);
	if (comment.what == COMMENT_DAMAGED)
		return bad(reading, "a comment of nfprobe that is damaged");
	if (comment.what == COMMENT_UNSENT && reading->recount)
		nfp_ledger_unsent(reading->ledger, comment.seq);
	return comment.what <= NFP_MARK_END ? take_mark(reading, &comment.mark) : 0;
}

/* ---- packets ---- */

static int enter_sent(struct reading *reading, const struct nfp_pcapng_block *block, uint64_t seq)
{
	enum nfp_kind kind;
	int ret = match_sent(reading->match, seq, block->data, block->len, &kind);

	if (ret)
		return bad(reading, "it was sent, but is no frame of this run with its number");
	/* The second packet of one frame. */
	if (seq == reading->last_seq)
		return 0;
	ret = nfp_ledger_sent(reading->ledger, seq, kind, block->time - reading->offset_ns);
	if (ret == -EINVAL)
		return bad(reading, "frames that were sent before it are missing, or out of order");
	if (ret)
		return nfp_err_errno(reading->err, ret, NFP_E_INPUT, "the frames that were sent");
	reading->last_seq = seq;
	return 0;
}

static int enter_seen(struct reading *reading, const struct nfp_pcapng_block *block, uint64_t seq,
		      enum nfp_receiver at)
{
	enum nfp_kind kind;

	int ret = match_seen(reading->match, seq, at, block->data, block->len, &kind);

	if (ret == -ENOENT)
		return 0;
	if (ret)
		return bad(reading, "it was received, but is no frame of this run with its number");
	(void)nfp_ledger_seen(reading->ledger, seq, kind, at, block->time - reading->offset_ns);
	return 0;
}

static int enter_packet(struct reading *reading, const struct nfp_pcapng_block *block, uint64_t seq,
			enum role role)
{
	/* Heard, but no frame of the ledger; or between two ladders. */
	if (!seq || !reading->recount)
		return 0;
	switch (role) {
	case ROLE_SENDER:
		return enter_sent(reading, block, seq);
	case ROLE_PF:
		return enter_seen(reading, block, seq, NFP_AT_PF);
	case ROLE_VF:
		return enter_seen(reading, block, seq, NFP_AT_VF);
	default:
		return 0;
	}
}

/* Comments first: they stand on the first packet after what they tell of. */
static int take_options(struct reading *reading, const struct nfp_pcapng_block *block,
			uint64_t *ret_seq)
{
	struct nfp_pcapng_option option;
	size_t at = 0;

	while (nfp_pcapng_option(block, &at, &option)) {
		int ret = 0;

		if (option.code == NFP_PCAPNG_COMMENT)
			ret = take_comment(reading, &option);
		else if (option.code == NFP_PCAPNG_PACKET_ID && block->type == NFP_PCAPNG_PACKET)
			*ret_seq = nfp_pcapng_option_u64(block, &option);
		if (ret)
			return ret;
	}
	return 0;
}

static int take_packet(struct reading *reading, const struct nfp_pcapng_block *block)
{
	struct interface *interface = interface_of(reading, block);
	uint64_t seq = 0;
	int ret = take_options(reading, block, &seq);

	if (ret)
		return ret;
	if (!interface)
		return bad(reading, "a packet of no interface");
	interface->packets++;
	return enter_packet(reading, block, seq, interface->role);
}

/* Somebody took packets out, or put some in. */
static int compare_packets(struct reading *reading, const struct nfp_pcapng_block *block)
{
	const struct interface *interface = interface_of(reading, block);
	struct nfp_pcapng_option option;
	uint64_t wrote;
	size_t at = 0;

	while (nfp_pcapng_option(block, &at, &option)) {
		if (option.code != NFP_PCAPNG_STATS_RECEIVED || !interface)
			continue;
		wrote = nfp_pcapng_option_u64(block, &option);
		if (wrote != interface->packets && interface->role == ROLE_SENDER)
			return bad(reading, "the run sent other frames than are in the file");
		if (wrote != interface->packets)
			nfp_strv_addf(&reading->result->warnings,
				      "the recording was changed: it has %" PRIu64
				      " packets of %s (%s), and the run wrote %" PRIu64,
				      interface->packets, interface->name,
				      interface->role == ROLE_VF ? "VF" : "PF", wrote);
	}
	return 0;
}

static int take_stats(struct reading *reading, const struct nfp_pcapng_block *block)
{
	uint64_t none;
	int ret = take_options(reading, block, &none);

	return ret ? ret : compare_packets(reading, block);
}

static int take_block(struct reading *reading, const struct nfp_pcapng_block *block)
{
	switch (block->type) {
	case NFP_PCAPNG_SECTION:
		return take_section(reading, block);
	case NFP_PCAPNG_INTERFACE:
		return take_interface(reading, block);
	case NFP_PCAPNG_PACKET:
		return take_packet(reading, block);
	case NFP_PCAPNG_STATS:
		return take_stats(reading, block);
	default:
		return 0;
	}
}

static int replay(struct reading *reading)
{
	struct nfp_pcapng_block block;
	int ret;

	while ((ret = blocks_next(&reading->blocks, &block, reading->err)) > 0) {
		ret = take_block(reading, &block);
		if (ret < 0)
			return ret;
	}
	if (ret == 0)
		ret = end_ladder(reading);
	if (ret == 0 && next_style(reading))
		return nfp_err_set(reading->err, -EBADMSG, NFP_E_INPUT,
				   "a ladder of VF %u is missing",
				   reading->result->vfs[reading->vf].vf);
	return ret;
}

/* ---- the result ---- */

/* What ended the run, and whether the host was put back, is in no packet: such a status stays. */
static void judge(struct nfp_result *result)
{
	bool stopped = result->error.code == NFP_E_INTERRUPTED ||
		       result->error.code == NFP_E_TIMEOUT;

	for (size_t i = 0; i < result->num_vfs; i++)
		nfp_judge_vf(&result->vfs[i]);
	if (!result->have_verdict)
		return;
	result->verdict = stopped ? NFP_VERDICT_INCONCLUSIVE : nfp_judge_run(result);
	if (result->error.code == NFP_E_NONE)
		result->exit_status = nfp_verdict_exit(result->verdict);
}

/* A status that the frames decide is made anew; any other needs its reason. */
static bool is_possible(const struct nfp_result *result)
{
	int status = result->exit_status;

	if (status < 0 || status > EXIT_WORST)
		return false;
	if (status > EXIT_INCONCLUSIVE)
		return true;
	if (result->error.code == NFP_E_TIMEOUT)
		return status == EXIT_INCONCLUSIVE;
	return result->have_verdict && result->error.code == NFP_E_NONE;
}

/* Other criteria than the run's. */
static void ask(struct reading *reading)
{
	const struct nfp_criteria *criteria = reading->criteria;
	struct nfp_settings *settings = &reading->result->settings;

	if (criteria->allow)
		memcpy(settings->allow, criteria->allow, sizeof(settings->allow));
	if (criteria->gap_limit_ms)
		settings->gap_limit_ms = criteria->gap_limit_ms;
}

static int read_all(struct reading *reading)
{
	int ret = facts_gather(&reading->blocks, reading->result, &reading->facts, reading->err);

	if (ret == 0 && !is_possible(reading->result))
		ret = nfp_err_set(reading->err, -EBADMSG, NFP_E_INPUT,
				  "its exit status is none of nfprobe");
	if (ret)
		return ret;
	ask(reading);
	ret = blocks_rewind(&reading->blocks, reading->err);
	if (ret == 0)
		ret = replay(reading);
	if (ret == 0)
		judge(reading->result);
	return ret;
}

int nfp_recording_read(FILE *in, const char *name, const struct nfp_criteria *criteria,
		       struct nfp_result *result, struct nfp_err *err)
{
	struct nfp_err why = {0};
	struct reading reading = {.blocks = {.in = in},
				  .criteria = criteria,
				  .result = result,
				  .err = &why,
				  .unregistered = NFP_UNKNOWN};
	int ret;

	reading.match = nfp_calloc(1, sizeof(*reading.match));
	reading.ledger = nfp_ledger_new();
	ret = read_all(&reading);
	free(reading.recount);
	nfp_ledger_free(reading.ledger);
	free(reading.match);
	free(reading.interfaces);
	facts_fini(&reading.facts);
	free(reading.blocks.data);
	return ret ? nfp_err_set(err, ret, why.code, "cannot read %s: %s", name, why.message) : 0;
}

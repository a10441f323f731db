// SPDX-License-Identifier: GPL-2.0-or-later
/* recording.c - replays a recording, in two passes: counting needs the facts, which are at the end.
 */
#include "nfprobe/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "record_priv.h"
#include "nfprobe/store.h"

#define ADDRESSES_LEN 12
#define TAG_LEN	      4

/* More ARP requests than are sent within the second in which a reply counts. */
#define ASKED_MAX 1024U

struct asked_probe {
	uint64_t seq;
	enum nfp_kind kind;
	struct nfp_arp probe;
	struct nfp_nd solicitation; /* of multicast */
};

struct replay {
	struct nfp_pcapng_reader reader;
	const struct nfp_criteria *criteria;
	struct nfp_result *result;
	struct nfp_err *err;
	struct facts facts;
	uint64_t offset_ns;

	struct interface *interfaces;
	size_t num_interfaces;

	/* the ladder that is being replayed */
	size_t vf, style;	     /* the next one */
	struct nfp_style_result *of; /* the style of that ladder; NULL: none yet */
	struct nfp_style_result climbed;
	size_t round; /* index of its facts */
	struct nfp_runner_config config;
	struct asked_probe asked[ASKED_MAX]; /* by sequence number */
	struct nfp_frame_accounting *accounting;
	struct nfp_replay *ladder; /* NULL: none */
	uint64_t last_seq;	   /* sent */
};

static int bad_block(struct replay *replay, const char *what)
{
	return nfp_pcapng_bad(&replay->reader, replay->err, "%s", what);
}

/* ---- section and interfaces ---- */

static int read_section(struct replay *replay, const struct nfp_pcapng_block *block)
{
	struct nfp_pcapng_option option;
	struct comment comment;
	bool have_clock = false;
	size_t at = 0;

	if (replay->reader.number != 1)
		return bad_block(replay, "a second section");
	while (nfp_pcapng_option(block, &at, &option)) {
		comment_read(&option, &comment);
		if (comment.what != COMMENT_CLOCK)
			continue;
		replay->offset_ns = comment.offset_ns;
		have_clock = true;
	}
	return have_clock ? 0 : bad_block(replay, "the section does not describe its clock");
}

static int read_interface(struct replay *replay, const struct nfp_pcapng_block *block)
{
	struct interface interface = {.role = ROLE_COUNT};
	struct nfp_pcapng_option option;
	bool nanoseconds = false;
	size_t at = 0, len;

	while (nfp_pcapng_option(block, &at, &option)) {
		if (option.code == NFP_PCAPNG_IF_NAME) {
			snprintf(interface.name, sizeof(interface.name), "%.*s", (int)option.len,
				 (const char *)option.value);
			comment_plain(interface.name);
		} else if (option.code == NFP_PCAPNG_IF_DESCRIPTION) {
			interface.role = 0;
			while (interface.role < ROLE_COUNT &&
			       !comment_rest(&option, role_words[interface.role], &len))
				interface.role++;
		} else if (option.code == NFP_PCAPNG_IF_TSRESOL && option.len == 1) {
			nanoseconds = option.value[0] == 9;
		}
	}
	if (interface.role < ROLE_KERNEL &&
	    (!nanoseconds || block->link_type != NFP_PCAPNG_LINK_ETHERNET))
		return bad_block(replay, "its packets are not Ethernet with times in nanoseconds");
	if (replay->num_interfaces == INTERFACE_MAX)
		return bad_block(replay, "too many interfaces");
	replay->interfaces = nfp_reallocarray(replay->interfaces, replay->num_interfaces + 1,
					      sizeof(interface));
	replay->interfaces[replay->num_interfaces++] = interface;
	return 0;
}

/* ---- ladders ---- */

/* Like the run: checks the gap limit. */
static void finish_ladder_result(struct replay *replay)
{
	struct nfp_result *result = replay->result;
	const struct nfp_settings *settings = &result->settings;
	struct nfp_style_result *climbed = &replay->climbed, *style = replay->of;
	char words[NFP_NOTE_LEN], label[NFP_LADDER_LABEL_LEN];
	const struct nfp_vf_result *vf = &result->vfs[replay->vf];
	enum nfp_step step;

	/* The run itself has warned of its own limit. */
	if (settings->gap_limit_ms &&
	    nfp_gap_limit(climbed, UINT64_C(1000) * settings->gap_limit_ms, &step) &&
	    replay->criteria->gap_limit_ms) {
		nfp_ladder_label(style->style, nfp_vf_has_sources(vf) ? style->from.name : "",
				 label);
		nfp_gap_unsure_text(vf->vf, label, settings->gap_limit_ms, step, words,
				    sizeof(words));
		nfp_strv_addf(&result->warnings, "%s", words);
	}
	if (settings->require_neighbours)
		nfp_require_near(climbed);
	climbed->allowed = settings->allow[climbed->verdict];
	*style = *climbed;
}

static int end_ladder(struct replay *replay)
{
	int ret;

	if (!replay->ladder)
		return 0;
	ret = nfp_replay_end(replay->ladder, replay->err);
	free(replay->ladder);
	replay->ladder = NULL;
	finish_ladder_result(replay);
	return ret;
}

/* The next style that was not left out; NULL: there is none. */
static struct nfp_style_result *next_style(struct replay *replay)
{
	struct nfp_result *result = replay->result;

	for (; replay->vf < result->num_vfs; replay->vf++, replay->style = 0) {
		struct nfp_vf_result *vf = &result->vfs[replay->vf];

		while (replay->style < vf->num_styles) {
			struct nfp_style_result *style = &vf->styles[replay->style++];

			if (style->verdict != NFP_VERDICT_NOT_APPLICABLE)
				return style;
		}
	}
	return NULL;
}

/* Ladders are parsed one at a time, since their text takes the least memory. */
static int read_round(struct replay *replay, const char *text)
{
	struct nfp_budget budget = {NFP_BUDGET_BYTES};
	json_t *facts = nfp_json_load(text, strlen(text), &budget, NULL);
	int ret = facts ? nfp_result_read_ladder(facts, &replay->climbed, replay->err)
			: bad_block(replay, "the facts of a ladder are not JSON");

	json_decref(facts);
	return ret;
}

static int begin_ladder(struct replay *replay, const struct nfp_runner_config *config)
{
	const struct nfp_result *result = replay->result;
	struct nfp_style_result *style;
	int ret = end_ladder(replay);

	if (ret)
		return ret;
	style = replay->of = next_style(replay);
	if (!style || style->style != config->style || result->vfs[replay->vf].vf != config->vf)
		return bad_block(replay, "a ladder that the facts do not have");
	if (replay->round == replay->facts.rounds.n)
		return bad_block(replay, "a ladder that did not end");
	ret = read_round(replay, replay->facts.rounds.v[replay->round++]);
	if (ret)
		return ret;
	replay->climbed.style = config->style;
	replay->climbed.from = style->from;
	memcpy(replay->climbed.via, style->via, sizeof(style->via));
	replay->climbed.remedy = style->remedy;
	replay->climbed.address = config->address;
	replay->config = *config;
	replay->config.start_ns -= replay->offset_ns;
	replay->config.accounting = replay->accounting;
	replay->config.ifname = result->pf.ifname;
	replay->last_seq = 0;
	memset(replay->asked, 0, sizeof(replay->asked));
	replay->ladder = nfp_replay_new(&replay->config, &replay->climbed);
	return 0;
}

static int replay_comment(struct replay *replay, const struct nfp_pcapng_option *option)
{
	struct comment comment;

	comment_read(option, &comment);
	if (comment.what == COMMENT_DAMAGED)
		return bad_block(replay, "a comment of nfprobe that is damaged");
	if (comment.what == COMMENT_UNSENT && replay->ladder)
		nfp_accounting_unsent(replay->accounting, comment.seq);
	if (comment.what > NFP_EVENT_JUDGED)
		return 0;
	if (comment.what == NFP_EVENT_LADDER)
		return begin_ladder(replay, &comment.config);
	if (comment.what == NFP_EVENT_JUDGED)
		return end_ladder(replay);
	if (!replay->ladder)
		return bad_block(replay, "a mark outside of a ladder");
	/* The marks use the file's clock, the replay uses the wire's. */
	event_shift(&comment.event, -replay->offset_ns);
	return nfp_replay_mark(replay->ladder, &comment.event, replay->err);
}

/* ---- packets ---- */

/* The offset of the test frame in a frame to a reflector; 0: it is no such frame. */
static size_t carried_at(const uint8_t *data, size_t len)
{
	static const uint8_t head[] = {0x88, 0xb5, 'n', 'f', 'p', 'x'};
	size_t at = ADDRESSES_LEN;

	if (len >= at + 2 && ((data[at] == 0x81 && data[at + 1] == 0x00) ||
			      (data[at] == 0x88 && data[at + 1] == 0xa8)))
		at += TAG_LEN;
	if (len < at + 2 + NFP_PEER_HEADER + NFP_PEER_INNER_LEN ||
	    memcmp(data + at, head, sizeof(head)) != 0)
		return 0;
	return at + 2 + NFP_PEER_HEADER;
}

/* The kind of an ARP probe, by the address that gets the reply. */
static enum nfp_kind kind_of(const struct replay *replay, const struct nfp_mac *to)
{
	const struct nfp_runner_config *config = &replay->config;

	if (nfp_mac_equal(to, &config->address) || nfp_mac_equal(to, &config->address_first))
		return NFP_KIND_UNICAST;
	return nfp_mac_equal(to, &config->unregistered_mac) ? NFP_KIND_UNREGISTERED
							    : NFP_KIND_BROADCAST;
}

/* Finds the kind of a packet sent as frame @seq. -EBADMSG: it is not that frame. */
static int match_sent(struct replay *replay, uint64_t seq, const uint8_t *data, size_t len,
		      enum nfp_kind *ret_kind)
{
	size_t inner = carried_at(data, len);
	struct asked_probe asked = {.seq = seq, .kind = NFP_KIND_MULTICAST};
	struct nfp_frame frame;
	bool is_arp = nfp_arp_parse(data, len, &asked.probe);

	if (is_arp || nfp_nd_parse(data, len, &asked.solicitation)) {
		if (replay->config.source->has_id || asked.solicitation.advertises ||
		    (is_arp && asked.probe.op != NFP_ARP_REQUEST))
			return -EBADMSG;
		if (is_arp)
			asked.kind = kind_of(replay, &asked.probe.sha);
		*ret_kind = asked.kind;
		replay->asked[seq % ASKED_MAX] = asked;
		return 0;
	}
	if (nfp_frame_parse(&replay->facts.id, data + inner, inner ? NFP_PEER_INNER_LEN : len,
			    &frame) != NFP_FRAME_OURS ||
	    frame.seq != seq || frame.kind >= NFP_KIND_COUNT)
		return -EBADMSG;
	*ret_kind = frame.kind;
	return 0;
}

/* The same for an advertisement received at @at. */
static int match_advertisement(const struct replay *replay, uint64_t seq, enum nfp_receiver at,
			       const struct nfp_nd *nd, enum nfp_kind *ret_kind)
{
	const struct asked_probe *asked = &replay->asked[seq % ASKED_MAX];

	if (!nfp_vlan_is_heard(&replay->config.vlan, at, &nd->vlan))
		return -EBADMSG;
	if (asked->seq != seq)
		return -ENOENT;
	if (asked->kind != NFP_KIND_MULTICAST || !nd->advertises ||
	    !nfp_mac_equal(&nd->dst, &nfp_mac_all_nodes) ||
	    !nfp_mac_equal(&nd->src, &asked->solicitation.dst) ||
	    !nfp_ipv6_equal(&nd->target, &asked->solicitation.target))
		return -EBADMSG;
	*ret_kind = asked->kind;
	return 0;
}

/* The same for a packet received at @at. -ENOENT: it replies to a request before this ladder. */
static int match_seen(const struct replay *replay, uint64_t seq, enum nfp_receiver at,
		      const uint8_t *data, size_t len, enum nfp_kind *ret_kind)
{
	const struct asked_probe *asked = &replay->asked[seq % ASKED_MAX];
	const struct nfp_arp *probe = &asked->probe;
	struct nfp_frame frame;
	struct nfp_arp reply;
	struct nfp_nd nd;

	if (nfp_nd_parse(data, len, &nd))
		return match_advertisement(replay, seq, at, &nd, ret_kind);
	if (!nfp_arp_parse(data, len, &reply)) {
		if (nfp_frame_parse(&replay->facts.id, data, len, &frame) != NFP_FRAME_OURS ||
		    frame.seq != seq || frame.kind >= NFP_KIND_COUNT ||
		    !nfp_vlan_is_heard(&replay->config.vlan, at, &frame.vlan))
			return -EBADMSG;
		/* With ARP probes, the only test frames are the PF's broadcasts, received by
		 * the VF. */
		if (!replay->config.source->has_id &&
		    (frame.kind != NFP_KIND_BROADCAST || at != NFP_AT_VF))
			return -EBADMSG;
		*ret_kind = frame.kind;
		return 0;
	}
	if (!nfp_vlan_is_heard(&replay->config.vlan, at, &reply.vlan))
		return -EBADMSG;
	if (asked->seq != seq)
		return -ENOENT;
	if (asked->kind == NFP_KIND_MULTICAST || reply.op != NFP_ARP_REPLY ||
	    !nfp_mac_equal(&reply.tha, &probe->sha) || !nfp_mac_equal(&reply.dst, &reply.tha) ||
	    !nfp_mac_equal(&reply.sha, &probe->dst) || !nfp_ipv4_equal(&reply.spa, &probe->tpa))
		return -EBADMSG;
	/* A reply to the PF's own address is no broadcast if a VF receives it. */
	if (asked->kind == NFP_KIND_BROADCAST && at != NFP_AT_PF &&
	    !nfp_mac_is_multicast(&reply.dst))
		return -EBADMSG;
	*ret_kind = asked->kind;
	return 0;
}

static int account_packet(struct replay *replay, const struct nfp_pcapng_block *block, uint64_t seq,
			  enum role role)
{
	uint64_t ns = block->time - replay->offset_ns;
	enum nfp_receiver at = role == ROLE_VF ? NFP_AT_VF : NFP_AT_PF;
	enum nfp_kind kind;
	int ret;

	if (role != ROLE_SENDER) {
		ret = match_seen(replay, seq, at, block->data, block->len, &kind);
		if (ret == 0)
			(void)nfp_accounting_seen(replay->accounting, seq, kind, at, ns);
		if (ret && ret != -ENOENT)
			return bad_block(
				replay,
				"it was received, but is no frame of this run with its number");
		return 0;
	}
	if (match_sent(replay, seq, block->data, block->len, &kind))
		return bad_block(replay,
				 "it was sent, but is no frame of this run with its number");
	if (seq == replay->last_seq) /* another packet of the same frame */
		return 0;
	ret = nfp_accounting_sent(replay->accounting, seq, kind, ns);
	if (ret == -EINVAL)
		return bad_block(replay,
				 "frames that were sent before it are missing, or out of order");
	if (ret)
		return nfp_err_errno(replay->err, ret, NFP_E_INPUT, "the frames that were sent");
	replay->last_seq = seq;
	return 0;
}

/* Detects that packets were added to the file or removed from it. */
static int check_packet_count(struct replay *replay, struct interface *interface, uint64_t wrote)
{
	if (wrote != interface->packets && interface->role == ROLE_SENDER)
		return bad_block(replay, "the run sent other frames than are in the file");
	/* Once, however often the file says how many there are. */
	if (wrote != interface->packets && !interface->told)
		nfp_strv_addf(&replay->result->warnings,
			      "the recording was changed: it has %" PRIu64
			      " packets of %s (%s), and the run wrote %" PRIu64,
			      interface->packets, interface->name,
			      interface->role == ROLE_VF       ? "VF"
			      : interface->role == ROLE_KERNEL ? "kernel"
							       : "PF",
			      wrote);
	interface->told |= wrote != interface->packets;
	return 0;
}

/* Reads a packet, or the statistics of an interface. */
static int read_packet(struct replay *replay, const struct nfp_pcapng_block *block)
{
	bool is_packet = block->type == NFP_PCAPNG_PACKET;
	struct nfp_pcapng_option option;
	struct interface *interface = NULL;
	uint64_t seq = 0;
	size_t at = 0;
	int ret = 0;

	if (block->interface < replay->num_interfaces)
		interface = &replay->interfaces[block->interface];
	/* Comments first: they are on the first packet after the event. */
	while (ret == 0 && nfp_pcapng_option(block, &at, &option)) {
		if (option.code == NFP_PCAPNG_COMMENT)
			ret = replay_comment(replay, &option);
		else if (is_packet && option.code == NFP_PCAPNG_PACKET_ID)
			seq = nfp_pcapng_option_u64(block, &option);
		else if (!is_packet && option.code == NFP_PCAPNG_STATS_RECEIVED && interface)
			ret = check_packet_count(replay, interface,
						 nfp_pcapng_option_u64(block, &option));
	}
	if (ret || !is_packet)
		return ret;
	if (!interface)
		return bad_block(replay, "a packet of no interface");
	interface->packets++;
	/* Other packets are no test frames, or are between two ladders. */
	return seq && replay->ladder && interface->role < ROLE_KERNEL
		       ? account_packet(replay, block, seq, interface->role)
		       : 0;
}

static int read_blocks(struct replay *replay)
{
	struct nfp_pcapng_block block;
	int ret;

	while ((ret = nfp_pcapng_next(&replay->reader, &block, replay->err)) > 0) {
		if (block.type == NFP_PCAPNG_SECTION)
			ret = read_section(replay, &block);
		else if (block.type == NFP_PCAPNG_INTERFACE)
			ret = read_interface(replay, &block);
		else if (block.type == NFP_PCAPNG_PACKET || block.type == NFP_PCAPNG_STATS)
			ret = read_packet(replay, &block);
		if (ret < 0)
			return ret;
	}
	if (ret == 0)
		ret = end_ladder(replay);
	if (ret == 0 && next_style(replay))
		return nfp_err_set(replay->err, -EBADMSG, NFP_E_INPUT,
				   "a ladder of VF %u is missing",
				   replay->result->vfs[replay->vf].vf);
	return ret;
}

/* ---- the result ---- */

/* Statuses up to NFP_EXIT_INCONCLUSIVE follow from a verdict or a timeout; errors have higher ones.
 */
static bool is_status_possible(const struct nfp_result *result)
{
	int status = result->exit_status;

	if (status > NFP_EXIT_INCONCLUSIVE)
		return true;
	if (result->error.code == NFP_E_TIMEOUT)
		return status == NFP_EXIT_INCONCLUSIVE;
	return result->have_verdict && result->error.code == NFP_E_NONE;
}

static int replay_run(struct replay *replay)
{
	const struct nfp_criteria *criteria = replay->criteria;
	struct nfp_result *result = replay->result;
	int ret = facts_read(&replay->reader, result, &replay->facts, replay->err);

	if (ret)
		return ret;
	if (!is_status_possible(result))
		return nfp_err_set(replay->err, -EBADMSG, NFP_E_INPUT,
				   "its exit status is not one of nfprobe's");
	if (criteria->allow)
		memcpy(result->settings.allow, criteria->allow, sizeof(result->settings.allow));
	if (criteria->gap_limit_ms)
		result->settings.gap_limit_ms = criteria->gap_limit_ms;
	result->settings.require_neighbours |= criteria->require_neighbours;
	ret = nfp_pcapng_rewind(&replay->reader, replay->err) ?: read_blocks(replay);
	if (ret)
		return ret;
	for (size_t i = 0; i < result->num_vfs; i++) {
		(void)nfp_judge_across_styles(&result->vfs[i], result->pf.ifname,
					      result->settings.allow);
		nfp_judge_vf(&result->vfs[i]);
	}
	if (!result->have_verdict)
		return 0;
	/* Packets show neither what ended the run nor whether the host was restored: such a status
	 * stays. */
	result->verdict = result->error.code == NFP_E_INTERRUPTED ||
					  result->error.code == NFP_E_TIMEOUT
				  ? NFP_VERDICT_INCONCLUSIVE
				  : nfp_judge_run(result);
	if (result->error.code == NFP_E_NONE)
		result->exit_status = nfp_verdict_exit(result->verdict);
	return 0;
}

int nfp_recording_read(FILE *in, const char *name, const struct nfp_criteria *criteria,
		       struct nfp_result *result, struct nfp_err *err)
{
	struct replay *replay = nfp_calloc(1, sizeof(*replay));
	struct nfp_err why = {0};
	int ret;

	replay->reader.in = in;
	replay->criteria = criteria;
	replay->result = result;
	replay->err = &why;
	replay->accounting = nfp_accounting_new();
	ret = replay_run(replay);
	free(replay->ladder);
	nfp_accounting_free(replay->accounting);
	free(replay->interfaces);
	nfp_strv_fini(&replay->facts.rounds);
	free(replay->reader.data);
	free(replay);
	return ret ? nfp_err_set(err, ret, why.code, "cannot read %s: %s", name, why.message) : 0;
}

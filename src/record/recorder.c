// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record_priv.h"
#include "nfprobe/traffic.h"
#include "nfprobe/output.h"
#include "pcapng.h"

/* So much is gathered before it is written: about a quarter of a second at the usual rate. */
#define FLUSH_BYTES   (64U << 10)
#define SNAPLEN	      128U /* of the captures; frames of a run are shorter */
#define INTERFACE_MAX 1024U

enum role {
	ROLE_SENDER,
	ROLE_PF,
	ROLE_VF,
	ROLE_COUNT,
};

struct interface {
	enum role role;
	char name[NFP_IFNAMSIZ];
	struct nfp_mac mac;
	uint64_t packets;
};

struct nfp_recorder {
	struct nfp_outfile *file;
	struct nfp_pcapng_buf buf;
	uint64_t offset_ns; /* of the packets' clock to the wire's */
	uint64_t begin_ns, last_ns;
	char os[NFP_TEXT];
	struct nfp_recorder_stream stream;
	char filter[COMMENT_LEN];
	struct nfp_mac address; /* X now */
	struct interface *interfaces;
	size_t num_interfaces;
	size_t now[ROLE_COUNT]; /* the interface of each role */
	struct nfp_strv comments;
	int failed; /* -errno */
	bool told;
};

/* ---- the file ---- */

static void flush(struct nfp_recorder *recorder, size_t at_least)
{
	struct nfp_pcapng_buf *buf = &recorder->buf;

	if (buf->len < at_least)
		return;
	if (!recorder->failed)
		recorder->failed = nfp_outfile_add(recorder->file, buf->data, buf->len);
	buf->len = 0;
}

static void end_block(struct nfp_recorder *recorder)
{
	nfp_pcapng_end(&recorder->buf);
	flush(recorder, FLUSH_BYTES);
}

/* Takes @text; each is kept, also one that is there already. */
static void keep(struct nfp_recorder *recorder, char *text)
{
	struct nfp_strv *list = &recorder->comments;

	comment_plain(text);
	list->v = nfp_reallocarray(list->v, list->n + 1, sizeof(*list->v));
	list->v[list->n++] = text;
}

static void add_comment(struct nfp_recorder *recorder, const struct comment *comment)
{
	char text[COMMENT_LEN];

	comment_write(comment, text);
	keep(recorder, nfp_strdup(text));
}

static void put_comments(struct nfp_recorder *recorder)
{
	for (size_t i = 0; i < recorder->comments.n; i++)
		nfp_pcapng_text(&recorder->buf, NFP_PCAPNG_COMMENT, recorder->comments.v[i]);
	nfp_strv_fini(&recorder->comments);
}

static void put_section(struct nfp_recorder *recorder, const struct nfp_recorder_host *host)
{
	const struct nfp_pcapng_block block = {.type = NFP_PCAPNG_SECTION};
	const struct comment clock = {.what = COMMENT_CLOCK, .offset_ns = recorder->offset_ns};
	struct nfp_pcapng_buf *buf = &recorder->buf;
	char text[COMMENT_LEN];

	nfp_pcapng_begin(buf, &block);
	snprintf(text, sizeof(text), "%s (%s)", host->hostname, host->machine);
	comment_plain(text);
	nfp_pcapng_text(buf, NFP_PCAPNG_SECTION_HARDWARE, text);
	nfp_pcapng_text(buf, NFP_PCAPNG_SECTION_OS, recorder->os);
	nfp_pcapng_text(buf, NFP_PCAPNG_SECTION_APPL, "nfprobe " NFP_VERSION);
	comment_write(&clock, text);
	nfp_pcapng_text(buf, NFP_PCAPNG_COMMENT, text);
	nfp_pcapng_text(buf, NFP_PCAPNG_COMMENT,
			"times are CLOCK_MONOTONIC plus this offset, which was its difference to "
			"CLOCK_REALTIME when the run began; packets are in the order in which they "
			"were counted");
	end_block(recorder);
}

int nfp_recorder_open(const char *path, const struct nfp_recorder_host *host,
		      struct nfp_recorder **ret_recorder, struct nfp_err *err)
{
	struct nfp_recorder *recorder = nfp_calloc(1, sizeof(*recorder));
	int ret;

	ret = nfp_outfile_open(path, &recorder->file, err);
	if (ret < 0) {
		free(recorder);
		return ret;
	}
	recorder->offset_ns = host->clock.real_ns - host->clock.mono_ns;
	recorder->begin_ns = recorder->last_ns = host->clock.mono_ns;
	snprintf(recorder->os, sizeof(recorder->os), "Linux %s", host->kernel);
	comment_plain(recorder->os);
	put_section(recorder, host);
	*ret_recorder = recorder;
	return 0;
}

/* ---- interfaces ---- */

static void describe(const struct nfp_recorder *recorder, enum role role, char text[COMMENT_LEN])
{
	const struct nfp_recorder_stream *stream = &recorder->stream;
	const char *const words[ROLE_COUNT] = {
		[ROLE_SENDER] = "frames as they are sent",
		[ROLE_PF] = "the standby: what the PF receives",
		[ROLE_VF] = "what the VF receives",
	};

	if (role == ROLE_SENDER)
		snprintf(text, COMMENT_LEN, "nfprobe sender: %s (%s)", words[role], stream->what);
	else
		snprintf(text, COMMENT_LEN, "nfprobe %s: %s (VF %u)", role == ROLE_PF ? "pf" : "vf",
			 words[role], stream->vf);
}

static void put_interface(struct nfp_recorder *recorder, const struct interface *interface)
{
	const struct nfp_pcapng_block block = {
		.type = NFP_PCAPNG_INTERFACE,
		.link_type = NFP_PCAPNG_LINK_ETHERNET,
		.snaplen = interface->role == ROLE_SENDER ? 0 : SNAPLEN,
	};
	struct nfp_pcapng_buf *buf = &recorder->buf;
	const uint8_t nanoseconds = 9;
	char text[COMMENT_LEN];

	describe(recorder, interface->role, text);
	nfp_pcapng_begin(buf, &block);
	nfp_pcapng_text(buf, NFP_PCAPNG_IF_NAME, interface->name);
	nfp_pcapng_text(buf, NFP_PCAPNG_IF_DESCRIPTION, text);
	nfp_pcapng_bytes(buf, NFP_PCAPNG_IF_MAC, interface->mac.b, NFP_MAC_LEN);
	nfp_pcapng_bytes(buf, NFP_PCAPNG_IF_TSRESOL, &nanoseconds, 1);
	if (interface->role != ROLE_SENDER) {
		/* 0: the text of a libpcap filter follows */
		int len = snprintf(text, sizeof(text), "%c%s", 0, recorder->filter);

		nfp_pcapng_bytes(buf, NFP_PCAPNG_IF_FILTER, text, (size_t)len);
	}
	nfp_pcapng_text(buf, NFP_PCAPNG_IF_OS, recorder->os);
	end_block(recorder);
}

static bool is_same(const struct interface *a, const struct interface *b)
{
	return a->role == b->role && nfp_mac_equal(&a->mac, &b->mac) &&
	       strcmp(a->name, b->name) == 0;
}

/* The one that there is, or a new one. */
static void use_interface(struct nfp_recorder *recorder, const struct interface *wanted)
{
	size_t i = 0;

	while (i < recorder->num_interfaces && !is_same(&recorder->interfaces[i], wanted))
		i++;
	if (i == recorder->num_interfaces) {
		if (i == INTERFACE_MAX) {
			recorder->failed = -EFBIG;
			return;
		}
		recorder->interfaces = nfp_reallocarray(recorder->interfaces, i + 1,
							sizeof(*wanted));
		recorder->interfaces[i] = *wanted;
		recorder->num_interfaces++;
		put_interface(recorder, wanted);
	}
	recorder->now[wanted->role] = i;
}

static void use(struct nfp_recorder *recorder, enum role role, const char *name,
		const struct nfp_mac *mac)
{
	struct interface wanted = {.role = role, .mac = *mac};

	snprintf(wanted.name, sizeof(wanted.name), "%s", name);
	comment_plain(wanted.name);
	use_interface(recorder, &wanted);
}

void nfp_recorder_stream(struct nfp_recorder *recorder, const struct nfp_recorder_stream *stream)
{
	recorder->stream = *stream;
	snprintf(recorder->filter, sizeof(recorder->filter), "%s", stream->filter);
	use(recorder, ROLE_SENDER, stream->sender, &stream->sender_mac);
	use(recorder, ROLE_PF, stream->pf, &stream->pf_mac);
}

static void on_listen(void *ctx, const struct nfp_netdev *vf)
{
	struct nfp_recorder *recorder = ctx;

	use(recorder, ROLE_VF, vf->ifname, &recorder->address);
}

/* ---- packets ---- */

static void put_packet(struct nfp_recorder *recorder, const struct nfp_tapped *tapped,
		       enum role role, uint32_t flags)
{
	struct interface *interface = &recorder->interfaces[recorder->now[role]];
	const struct nfp_pcapng_block block = {
		.type = NFP_PCAPNG_PACKET,
		.interface = (uint32_t)recorder->now[role],
		.time = tapped->ns + recorder->offset_ns,
		.data = tapped->data,
		.len = (uint32_t)tapped->len,
		.wire_len = (uint32_t)tapped->len,
	};

	nfp_pcapng_begin(&recorder->buf, &block);
	put_comments(recorder);
	nfp_pcapng_u32(&recorder->buf, NFP_PCAPNG_PACKET_FLAGS, flags);
	if (tapped->seq)
		nfp_pcapng_u64(&recorder->buf, NFP_PCAPNG_PACKET_ID, tapped->seq);
	end_block(recorder);
	interface->packets++;
	if (tapped->ns > recorder->last_ns)
		recorder->last_ns = tapped->ns;
}

static void on_frame(void *ctx, const struct nfp_tapped *tapped)
{
	struct nfp_recorder *recorder = ctx;

	if (recorder->failed)
		return;
	switch (tapped->what) {
	case NFP_TAPPED_SENT:
		put_packet(recorder, tapped, ROLE_SENDER, NFP_PCAPNG_OUTBOUND);
		break;
	case NFP_TAPPED_FROM_PF:
		put_packet(recorder, tapped, ROLE_PF, NFP_PCAPNG_OUTBOUND);
		break;
	case NFP_TAPPED_AT_SENDER:
		put_packet(recorder, tapped, ROLE_SENDER, NFP_PCAPNG_INBOUND);
		break;
	case NFP_TAPPED_UNSENT:
		add_comment(recorder,
			    &(struct comment) {.what = COMMENT_UNSENT, .seq = tapped->seq});
		break;
	case NFP_TAPPED_SEEN:
	case NFP_TAPPED_HEARD:
	default:
		put_packet(recorder, tapped, tapped->at == NFP_AT_VF ? ROLE_VF : ROLE_PF,
			   NFP_PCAPNG_INBOUND);
		break;
	}
}

struct nfp_tap nfp_recorder_tap(struct nfp_recorder *recorder)
{
	return (struct nfp_tap) {.frame = on_frame, .listens = on_listen, .ctx = recorder};
}

/* ---- marks ---- */

/* Times of the wire become those of the file; 0 is none. */
static void shift(const struct nfp_recorder *recorder, uint64_t *ns)
{
	if (*ns)
		*ns += recorder->offset_ns;
}

static void on_mark(void *ctx, const struct nfp_mark *mark)
{
	struct nfp_recorder *recorder = ctx;
	struct comment comment = {.what = mark->what, .mark = *mark};

	if (recorder->failed)
		return;
	if (mark->what == NFP_MARK_LADDER) {
		comment.config = *mark->config;
		comment.config.start_ns += recorder->offset_ns;
		snprintf(comment.source, sizeof(comment.source), "%s", mark->config->source->name);
		recorder->address = mark->config->address;
	} else if (mark->what == NFP_MARK_STEP) {
		comment.address = recorder->address = *mark->address;
	} else if (mark->what == NFP_MARK_WATCH) {
		memcpy(comment.rate, mark->rate, sizeof(comment.rate));
	} else if (mark->what == NFP_MARK_END) {
		comment.verdict = mark->result->verdict;
	}
	shift(recorder, &comment.mark.from_ns);
	shift(recorder, &comment.mark.to_ns);
	shift(recorder, &comment.mark.asked_ns);
	shift(recorder, &comment.mark.answered_ns);
	shift(recorder, &comment.mark.listening_ns);
	add_comment(recorder, &comment);
	if (mark->what == NFP_MARK_END)
		keep(recorder, facts_of_round(mark->result));
}

struct nfp_marks nfp_recorder_marks(struct nfp_recorder *recorder)
{
	return (struct nfp_marks) {.mark = on_mark, .ctx = recorder};
}

void nfp_recorder_change(struct nfp_recorder *recorder, const char *command)
{
	if (recorder && !recorder->failed)
		keep(recorder, nfp_asprintf("nfprobe change %s", command));
}

int nfp_recorder_failure(struct nfp_recorder *recorder)
{
	int ret = recorder && !recorder->told ? recorder->failed : 0;

	if (ret)
		recorder->told = true;
	return ret;
}

/* ---- the end ---- */

static void put_stats(struct nfp_recorder *recorder, uint32_t index)
{
	const struct nfp_pcapng_block block = {
		.type = NFP_PCAPNG_STATS,
		.interface = index,
		.time = recorder->last_ns + recorder->offset_ns,
	};

	nfp_pcapng_begin(&recorder->buf, &block);
	nfp_pcapng_time(&recorder->buf, NFP_PCAPNG_STATS_START,
			recorder->begin_ns + recorder->offset_ns);
	nfp_pcapng_time(&recorder->buf, NFP_PCAPNG_STATS_END,
			recorder->last_ns + recorder->offset_ns);
	nfp_pcapng_u64(&recorder->buf, NFP_PCAPNG_STATS_RECEIVED,
		       recorder->interfaces[index].packets);
}

/* The facts follow the last marks, on the statistics of the sender. */
static void put_end(struct nfp_recorder *recorder, const struct nfp_result *result,
		    const struct nfp_frame_id *id)
{
	for (uint32_t i = 0; i < recorder->num_interfaces; i++) {
		put_stats(recorder, i);
		if (i == 0) {
			put_comments(recorder);
			facts_put(&recorder->buf, result, id);
		}
		end_block(recorder);
	}
	flush(recorder, 1);
}

static void free_recorder(struct nfp_recorder *recorder)
{
	nfp_strv_fini(&recorder->comments);
	free(recorder->interfaces);
	free(recorder->buf.data);
	free(recorder);
}

int nfp_recorder_close(struct nfp_recorder *recorder, const struct nfp_result *result,
		       const struct nfp_frame_id *id, struct nfp_err *err)
{
	int ret = 0;

	if (!recorder)
		return 0;
	if (!recorder->failed && recorder->num_interfaces)
		put_end(recorder, result, id);
	if (recorder->failed) {
		ret = nfp_err_errno(err, recorder->failed, NFP_E_OUTPUT,
				    "cannot write the frames of the run");
		nfp_outfile_discard(recorder->file);
	} else if (!recorder->num_interfaces) {
		nfp_outfile_discard(recorder->file);
	} else {
		ret = nfp_outfile_commit(recorder->file, err);
	}
	free_recorder(recorder);
	return ret;
}

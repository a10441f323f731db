// SPDX-License-Identifier: GPL-2.0-or-later
#include "nfprobe/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record_priv.h"
#include "nfprobe/output.h"

/* Write when the buffer has this much: about a quarter of a second at the default rate. */
#define FLUSH_BYTES (64U << 10)
#define SNAPLEN	    128U /* of the captures; test frames are shorter */

struct nfp_recorder {
	struct nfp_outfile *file;
	struct nfp_pcapng_buf buf;
	uint64_t offset_ns; /* of the clock of packets to the wire's */
	uint64_t begin_ns, last_ns;
	char os[NFP_TEXT_LEN];
	struct nfp_recorder_stream stream;
	char filter[COMMENT_LEN];
	struct nfp_mac address; /* X now */
	struct interface *interfaces;
	uint32_t num_interfaces;
	uint32_t now[ROLE_COUNT]; /* the current interface of each role */
	struct nfp_strv comments; /* for the next packet */
	int failed;		  /* -errno */
	bool reported;
};

/* ---- the file ---- */

static void end_block(struct nfp_recorder *recorder, size_t flush_at)
{
	struct nfp_pcapng_buf *buf = &recorder->buf;

	nfp_pcapng_end(buf);
	if (buf->len < flush_at)
		return;
	if (!recorder->failed)
		recorder->failed = nfp_outfile_add(recorder->file, buf->data, buf->len);
	buf->len = 0;
}

/* Takes @text. Unlike nfp_strv_addf, does not drop duplicates. */
static void queue_text(struct nfp_recorder *recorder, char *text)
{
	struct nfp_strv *list = &recorder->comments;

	comment_plain(text);
	list->v = nfp_reallocarray(list->v, list->n + 1, sizeof(*list->v));
	list->v[list->n++] = text;
}

static void queue_comment(struct nfp_recorder *recorder, const struct comment *comment)
{
	char text[COMMENT_LEN];

	comment_write(comment, text);
	queue_text(recorder, nfp_strdup(text));
}

static void write_comments(struct nfp_recorder *recorder)
{
	for (size_t i = 0; i < recorder->comments.n; i++)
		nfp_pcapng_text(&recorder->buf, NFP_PCAPNG_COMMENT, recorder->comments.v[i]);
	nfp_strv_fini(&recorder->comments);
}

int nfp_recorder_open(const char *path, const struct nfp_recorder_host *host,
		      struct nfp_recorder **ret_recorder, struct nfp_err *err)
{
	const struct nfp_pcapng_block block = {.type = NFP_PCAPNG_SECTION};
	struct comment clock = {.what = COMMENT_CLOCK};
	struct nfp_outfile *file;
	struct nfp_recorder *recorder;
	struct nfp_pcapng_buf *buf;
	char text[COMMENT_LEN];
	int ret = nfp_outfile_open(path, &file, err);

	if (ret < 0)
		return ret;
	*ret_recorder = recorder = nfp_calloc(1, sizeof(*recorder));
	recorder->file = file;
	recorder->offset_ns = clock.offset_ns = host->clock.real_ns - host->clock.mono_ns;
	recorder->begin_ns = recorder->last_ns = host->clock.mono_ns;
	snprintf(recorder->os, sizeof(recorder->os), "Linux %s", host->kernel);
	comment_plain(recorder->os);

	buf = &recorder->buf;
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
	end_block(recorder, FLUSH_BYTES);
	return 0;
}

/* ---- interfaces ---- */

static void write_interface(struct nfp_recorder *recorder, const struct interface *interface)
{
	static const char *const meanings[ROLE_COUNT] = {
		[ROLE_SENDER] = "frames as they are sent",
		[ROLE_PF] = "the standby: what the PF receives",
		[ROLE_VF] = "what the VF receives",
	};
	const struct nfp_recorder_stream *stream = &recorder->stream;
	const bool sends = interface->role == ROLE_SENDER;
	const struct nfp_pcapng_block block = {
		.type = NFP_PCAPNG_INTERFACE,
		.link_type = NFP_PCAPNG_LINK_ETHERNET,
		.snaplen = sends ? 0 : SNAPLEN,
	};
	struct nfp_pcapng_buf *buf = &recorder->buf;
	const uint8_t nanoseconds = 9;
	char text[COMMENT_LEN], vf[16];

	snprintf(vf, sizeof(vf), "VF %u", stream->vf);
	snprintf(text, sizeof(text), "nfprobe %s %s (%s)", role_words[interface->role],
		 meanings[interface->role], sends ? stream->what : vf);
	nfp_pcapng_begin(buf, &block);
	nfp_pcapng_text(buf, NFP_PCAPNG_IF_NAME, interface->name);
	nfp_pcapng_text(buf, NFP_PCAPNG_IF_DESCRIPTION, text);
	nfp_pcapng_bytes(buf, NFP_PCAPNG_IF_MAC, interface->mac.b, NFP_MAC_LEN);
	nfp_pcapng_bytes(buf, NFP_PCAPNG_IF_TSRESOL, &nanoseconds, 1);
	if (!sends) {
		/* 0: a libpcap filter follows as text */
		int len = snprintf(text, sizeof(text), "%c%s", 0, recorder->filter);

		nfp_pcapng_bytes(buf, NFP_PCAPNG_IF_FILTER, text, (size_t)len);
	}
	nfp_pcapng_text(buf, NFP_PCAPNG_IF_OS, recorder->os);
	end_block(recorder, FLUSH_BYTES);
}

/* From now on packets of @role are at this interface. */
static void use_interface(struct nfp_recorder *recorder, enum role role, const char *name,
			  const struct nfp_mac *mac)
{
	struct interface wanted = {.role = role, .mac = *mac};
	uint32_t i;

	snprintf(wanted.name, sizeof(wanted.name), "%s", name);
	comment_plain(wanted.name);
	for (i = 0; i < recorder->num_interfaces; i++) {
		const struct interface *have = &recorder->interfaces[i];

		if (have->role == role && nfp_mac_equal(&have->mac, mac) &&
		    strcmp(have->name, wanted.name) == 0)
			break;
	}
	if (i == INTERFACE_MAX) {
		recorder->failed = -EFBIG;
		return;
	}
	if (i == recorder->num_interfaces) {
		recorder->interfaces = nfp_reallocarray(recorder->interfaces, i + 1,
							sizeof(wanted));
		recorder->interfaces[i] = wanted;
		recorder->num_interfaces++;
		write_interface(recorder, &wanted);
	}
	recorder->now[role] = i;
}

void nfp_recorder_stream(struct nfp_recorder *recorder, const struct nfp_recorder_stream *stream)
{
	recorder->stream = *stream;
	snprintf(recorder->filter, sizeof(recorder->filter), "%s", stream->filter);
	use_interface(recorder, ROLE_SENDER, stream->sender, &stream->sender_mac);
	use_interface(recorder, ROLE_PF, stream->pf, &stream->pf_mac);
}

static void record_listener(void *ctx, const struct nfp_netdev *vf)
{
	struct nfp_recorder *recorder = ctx;

	use_interface(recorder, ROLE_VF, vf->ifname, &recorder->address);
}

/* ---- packets ---- */

static void record_frame(void *ctx, const struct nfp_tap_event *tapped)
{
	struct nfp_recorder *recorder = ctx;
	struct nfp_pcapng_block block = {
		.type = NFP_PCAPNG_PACKET,
		.time = tapped->ns + recorder->offset_ns,
		.data = tapped->data,
		.len = (uint32_t)tapped->len,
	};
	bool outbound = tapped->what == NFP_TAP_SENT || tapped->what == NFP_TAP_OTHER;
	enum role role = ROLE_PF;

	if (recorder->failed)
		return;
	if (tapped->what == NFP_TAP_UNSENT) {
		queue_comment(recorder,
			      &(struct comment) {.what = COMMENT_UNSENT, .seq = tapped->seq});
		return;
	}
	if (tapped->what == NFP_TAP_SENT || tapped->what == NFP_TAP_AT_SENDER)
		role = ROLE_SENDER;
	else if (tapped->at == NFP_AT_VF)
		role = ROLE_VF;
	block.interface = recorder->now[role];
	nfp_pcapng_begin(&recorder->buf, &block);
	write_comments(recorder);
	nfp_pcapng_number(&recorder->buf, NFP_PCAPNG_PACKET_FLAGS,
			  outbound ? NFP_PCAPNG_OUTBOUND : NFP_PCAPNG_INBOUND, 4);
	if (tapped->seq)
		nfp_pcapng_number(&recorder->buf, NFP_PCAPNG_PACKET_ID, tapped->seq, 8);
	end_block(recorder, FLUSH_BYTES);
	recorder->interfaces[block.interface].packets++;
	if (tapped->ns > recorder->last_ns)
		recorder->last_ns = tapped->ns;
}

struct nfp_tap nfp_recorder_tap(struct nfp_recorder *recorder)
{
	return (struct nfp_tap) {
		.frame = record_frame, .listens = record_listener, .ctx = recorder};
}

/* ---- marks ---- */

static void record_mark(void *ctx, const struct nfp_mark *mark)
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
	mark_shift(&comment.mark, recorder->offset_ns);
	queue_comment(recorder, &comment);
	if (mark->what == NFP_MARK_END)
		queue_text(recorder, facts_of_round(mark->result));
}

struct nfp_marks nfp_recorder_marks(struct nfp_recorder *recorder)
{
	return (struct nfp_marks) {.mark = record_mark, .ctx = recorder};
}

void nfp_recorder_change(struct nfp_recorder *recorder, const char *command)
{
	if (recorder && !recorder->failed)
		queue_text(recorder, nfp_asprintf("nfprobe change %s", command));
}

int nfp_recorder_failure(struct nfp_recorder *recorder)
{
	if (!recorder || !recorder->failed || recorder->reported)
		return 0;
	recorder->reported = true;
	return recorder->failed;
}

/* ---- the end ---- */

/* Comments after the last packet, and the facts, are on the statistics of the sender. */
static void write_stats(struct nfp_recorder *recorder, const struct nfp_result *result,
			const struct nfp_frame_id *id)
{
	uint64_t begin = recorder->begin_ns + recorder->offset_ns;
	uint64_t end = recorder->last_ns + recorder->offset_ns;

	for (uint32_t i = 0; i < recorder->num_interfaces; i++) {
		const struct nfp_pcapng_block block = {
			.type = NFP_PCAPNG_STATS, .interface = i, .time = end};

		nfp_pcapng_begin(&recorder->buf, &block);
		nfp_pcapng_number(&recorder->buf, NFP_PCAPNG_STATS_START, begin << 32 | begin >> 32,
				  8);
		nfp_pcapng_number(&recorder->buf, NFP_PCAPNG_STATS_END, end << 32 | end >> 32, 8);
		nfp_pcapng_number(&recorder->buf, NFP_PCAPNG_STATS_RECEIVED,
				  recorder->interfaces[i].packets, 8);
		if (i == 0) {
			write_comments(recorder);
			facts_write(&recorder->buf, result, id);
		}
		end_block(recorder, i + 1 == recorder->num_interfaces ? 0 : FLUSH_BYTES);
	}
}

int nfp_recorder_close(struct nfp_recorder *recorder, const struct nfp_result *result,
		       const struct nfp_frame_id *id, struct nfp_err *err)
{
	int ret = 0;

	if (!recorder)
		return 0;
	if (!recorder->failed)
		write_stats(recorder, result, id);
	if (recorder->failed)
		ret = nfp_err_errno(err, recorder->failed, NFP_E_OUTPUT,
				    "cannot write the frames of the run");
	if (ret || !recorder->num_interfaces)
		nfp_outfile_discard(recorder->file);
	else
		ret = nfp_outfile_commit(recorder->file, err);
	nfp_strv_fini(&recorder->comments);
	free(recorder->interfaces);
	free(recorder->buf.data);
	free(recorder);
	return ret;
}

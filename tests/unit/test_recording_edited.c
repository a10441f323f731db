// SPDX-License-Identifier: GPL-2.0-or-later
/* A recording with other packets than the run had is another result; one that is broken is none. */
#include <limits.h>
#include <unistd.h>

#include "harness.h"
#include "recording_fixture.h"

/* The packets that are taken out, of one run. */
struct edit {
	unsigned int first,
		last; /* interface: 0 is the sender, 1 the PF, those behind are the VF's */
	enum { ALL, MULTICAST, EVERY_OTHER, SOME, UNICAST_IN_ATTACH } which;
	const struct fixture *run;
};

static bool is_in_attach(const struct fixture *f, uint64_t time)
{
	const struct nfp_step_result *attach = nfp_style_step(&f->result.vfs[0].styles[0],
							      NFP_STEP_ATTACH);
	uint64_t run_ns = time - RUN_BEGAN_NS;

	return run_ns >= attach->start_ns && run_ns < attach->start_ns + attach->duration_ns;
}

/* @number counts the packets from 0. */
static bool is_taken(const struct edit *edit, const struct nfp_pcapng_block *block, uint64_t number)
{
	if (block->interface < edit->first || block->interface > edit->last)
		return false;
	switch (edit->which) {
	case MULTICAST:
		return block->data[0] == 0x33;
	case EVERY_OTHER:
		return number % 2;
	case SOME:
		return number >= 1000 && number <= 1005;
	case UNICAST_IN_ATTACH:
		return is_in_attach(edit->run, block->time) && block->data[0] != 0xff;
	default:
		return true;
	}
}

static void copy_options(struct nfp_pcapng_buf *out, const struct nfp_pcapng_block *block,
			 bool comments)
{
	struct nfp_pcapng_option option;
	size_t at = 0;

	while (nfp_pcapng_option(block, &at, &option)) {
		if ((option.code == NFP_PCAPNG_COMMENT) == comments)
			nfp_pcapng_bytes(out, option.code, option.value, option.len);
	}
}

/* Comments of packets that go stand on the next one, as editors of such files do it. */
static void filter_blocks(FILE *in, const struct edit *edit, struct nfp_pcapng_buf *out)
{
	struct nfp_pcapng_reader reader = {.in = in};
	struct nfp_pcapng_buf waiting = {0};
	struct nfp_pcapng_block block;
	uint64_t number = 0;
	int ret;

	while ((ret = nfp_pcapng_next(&reader, &block, NULL)) > 0) {
		if (block.type == NFP_PCAPNG_PACKET && is_taken(edit, &block, number++)) {
			copy_options(&waiting, &block, true);
			continue;
		}
		nfp_pcapng_begin(out, &block);
		if (waiting.len) {
			const struct nfp_pcapng_block held = {.options = waiting.data,
							      .options_len = waiting.len};

			copy_options(out, &held, true);
			waiting.len = 0;
		}
		copy_options(out, &block, true);
		copy_options(out, &block, false);
		nfp_pcapng_end(out);
	}
	assert_int_equal(ret, 0);
	free(reader.data);
	free(waiting.data);
}

static void *whole_file(const char *path, size_t *ret_len)
{
	FILE *in = fopen(path, "re");
	long len;
	void *data;

	assert_non_null(in);
	assert_int_equal(fseek(in, 0, SEEK_END), 0);
	len = ftell(in);
	rewind(in);
	data = malloc((size_t)len);
	assert_non_null(data);
	assert_int_equal(fread(data, 1, (size_t)len, in), len);
	fclose(in);
	*ret_len = (size_t)len;
	return data;
}

static void put_file(const char *path, const void *data, size_t len)
{
	FILE *out = fopen(path, "we");

	assert_non_null(out);
	assert_int_equal(fwrite(data, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
}

static void take_out(struct fixture *f, struct edit edit)
{
	struct nfp_pcapng_buf out = {0};
	FILE *in = fopen(f->path, "re");

	assert_non_null(in);
	edit.run = f;
	filter_blocks(in, &edit, &out);
	fclose(in);
	put_file(f->path, out.data, out.len);
	free(out.data);
}

/* A run that is safe. */
static void record_safe(struct fixture *f)
{
	open_fixture(f);
	run_ladder(f, add_vf(f, 3), memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	conclude(f);
	assert_int_equal(f->result.verdict, NFP_VERDICT_SAFE);
}

static void edited_is(struct edit edit, enum nfp_verdict verdict, int status,
		      enum nfp_multicast multicast)
{
	struct nfp_result again;
	struct fixture f;

	record_safe(&f);
	take_out(&f, edit);
	if (read_back(&f, &again))
		fail_msg("%s", f.err.message);
	assert_int_equal(again.verdict, verdict);
	assert_int_equal(again.exit_status, status);
	assert_int_equal(again.vfs[0].styles[0].multicast, multicast);
	assert_true(again.warnings.n > f.result.warnings.n);
	assert_non_null(
		strstr(again.warnings.v[again.warnings.n - 1], "the recording was changed"));
	nfp_result_fini(&again);
	close_fixture(&f);
}

#define OF_PF(which) ((struct edit) {1, 1, which, NULL})
#define OF_VF(which) ((struct edit) {2, UINT_MAX, which, NULL})

TEST(packets_make_the_verdict)
{
	edited_is(OF_VF(ALL), NFP_VERDICT_INCONCLUSIVE, 3, NFP_MULTICAST_UNPROVEN);
	edited_is(OF_PF(ALL), NFP_VERDICT_INCONCLUSIVE, 3, NFP_MULTICAST_UNPROVEN);
	edited_is(OF_VF(EVERY_OTHER), NFP_VERDICT_INCONCLUSIVE, 3, NFP_MULTICAST_UNPROVEN);
	/* What is sent to X while the guest boots: once, as in an outage. */
	edited_is(OF_PF(UNICAST_IN_ATTACH), NFP_VERDICT_INCONCLUSIVE, 3, NFP_MULTICAST_UNPROVEN);
	edited_is(OF_VF(MULTICAST), NFP_VERDICT_DEAF, 1, NFP_MULTICAST_LOST);
	edited_is(OF_PF(MULTICAST), NFP_VERDICT_SAFE, 0, NFP_MULTICAST_UNPROVEN);
}

static void unreadable(struct fixture *f, const char *why)
{
	struct nfp_result again;

	assert_int_equal(read_back(f, &again), -EBADMSG);
	assert_int_equal(f->err.code, NFP_E_INPUT);
	if (!strstr(f->err.message, why))
		fail_msg("%s", f->err.message);
	nfp_result_fini(&again);
}

TEST(frames_sent_must_be_there)
{
	struct fixture f;

	record_safe(&f);
	take_out(&f, (struct edit) {0, 0, SOME, NULL});
	unreadable(&f, "frames that were sent before it are missing");
	close_fixture(&f);
}

TEST(broken_files)
{
	struct fixture f;
	size_t len;
	uint8_t *data;

	record_safe(&f);
	data = whole_file(f.path, &len);
	put_file(f.path, data, len - 1);
	unreadable(&f, "ends in the middle");
	put_file(f.path, data, len / 2 / 4 * 4);
	unreadable(&f, "");
	put_file(f.path, data, 0);
	unreadable(&f, "not a recording");
	put_file(f.path, "{\"schema\":1,\"version\":2}", 24);
	unreadable(&f, "it is not a pcapng file");
	put_file(f.path, "hello\n", 6);
	unreadable(&f, "it is not a pcapng file");
	/* The last byte of the first frame that was sent: its tag is wrong. */
	for (size_t i = 0; i + 4 < len; i++) {
		if (memcmp(data + i, "nfpr", 4) == 0 && data[i + 4] == 1) {
			data[i + 47] ^= 1;
			break;
		}
	}
	put_file(f.path, data, len);
	unreadable(&f, "no frame of this run");
	free(data);
	close_fixture(&f);
}

static char *find(uint8_t *data, size_t len, const char *text)
{
	char *at = memmem(data, len, text, strlen(text));

	assert_non_null(at);
	return at;
}

/* A fact that no frame shows must not make a run safe that has no verdict. */
TEST(a_status_needs_its_reason)
{
	struct fixture f;
	uint8_t *data;
	char *judged = NULL;
	size_t len;

	open_fixture(&f);
	run_ladder(&f, add_vf(&f, 3), memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	nfp_err_set(&f.result.error, -ETIME, NFP_E_TIMEOUT, "the time is over");
	conclude(&f);
	assert_int_equal(f.result.exit_status, 0);
	unreadable(&f, "its exit status is not one");
	close_fixture(&f);

	record_safe(&f);
	data = whole_file(f.path, &len);
	/* The last is that of the run. */
	for (char *at = (char *)data; (at = memmem(at, len - (size_t)(at - (char *)data),
						   "\"verdict\":\"safe\"", 16)) != NULL;
	     at++)
		judged = at;
	assert_non_null(judged);
	memcpy(judged, "\"verdict\":  null", 16);
	put_file(f.path, data, len);
	unreadable(&f, "its exit status is not one");
	free(data);
	close_fixture(&f);
}

/* A window that is shorter than the settling time does not show what came after it. */
TEST(short_windows_prove_nothing)
{
	const struct nfp_step_result *detach;
	struct nfp_result again;
	struct fixture f;
	uint8_t *data;
	size_t len;

	record_safe(&f);
	data = whole_file(f.path, &len);
	memcpy(find(data, len, "\"settle\":\"1.500000000\""), "\"settle\":\"1.600000000\"", 22);
	put_file(f.path, data, len);
	free(data);
	if (read_back(&f, &again))
		fail_msg("%s", f.err.message);
	assert_int_equal(again.verdict, NFP_VERDICT_INCONCLUSIVE);
	detach = nfp_style_step(&again.vfs[0].styles[0], NFP_STEP_DETACH);
	assert_true(detach->unsettled);
	assert_true(nfp_style_step(&again.vfs[0].styles[0], NFP_STEP_STANDBY)->unsettled);
	assert_non_null(strstr(detach->note, "not watched for the settling time"));
	nfp_result_fini(&again);
	close_fixture(&f);
}

/* One that does not count because somebody uses it cannot have been probed. */
TEST(a_vf_in_use_has_no_ladder)
{
	struct nfp_vf_result *vf;
	struct fixture f;

	open_fixture(&f);
	run_ladder(&f, add_vf(&f, 3), memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	vf = add_vf(&f, 4);
	run_ladder(&f, vf, memnic_archetype("ixgbe"), NULL, NFP_STYLE_BRIDGE);
	vf->status = NFP_VF_IN_USE;
	conclude(&f);
	unreadable(&f, "the facts of the run are damaged: vfs[1].styles");
	close_fixture(&f);
}

TEST(inconclusive_cannot_be_allowed)
{
	struct fixture f;
	uint8_t *data;
	size_t len;

	open_fixture(&f);
	run_ladder(&f, add_vf(&f, 3), memnic_archetype("igb"), NULL, NFP_STYLE_MACVTAP);
	f.result.settings.allow[NFP_VERDICT_REFUSED] = true;
	f.result.settings.allow[NFP_VERDICT_UNTESTABLE] = true;
	conclude(&f);
	data = whole_file(f.path, &len);
	memcpy(find(data, len, "[\"refused\",\"untestable\"]"), "[\"inconclusive\"        ]", 24);
	put_file(f.path, data, len);
	unreadable(&f, "the facts of the run are damaged: settings.allow");
	free(data);
	close_fixture(&f);
}

TEST(nothing_sent_leaves_no_file)
{
	const struct nfp_recorder_host host = {.hostname = "a", .kernel = "b", .machine = "c"};
	struct nfp_recorder *recorder;
	struct nfp_result result;
	struct nfp_err err;
	char path[64];

	snprintf(path, sizeof(path), "/tmp/nfprobe-recording.%d", (int)getpid());
	put_file(path, "as it was", 9);
	nfp_result_init(&result);
	assert_int_equal(nfp_recorder_open(path, &host, &recorder, &err), 0);
	assert_int_equal(nfp_recorder_close(recorder, &result, &id, &err), 0);
	{
		size_t len;
		char *data = whole_file(path, &len);

		assert_int_equal(len, 9);
		free(data);
	}
	unlink(path);
	assert_int_equal(nfp_recorder_open("/nonexistent/x", &host, &recorder, &err), -ENOENT);
	assert_int_equal(err.code, NFP_E_OUTPUT);
}

TEST_MAIN()

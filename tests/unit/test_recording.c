// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs on the NIC in memory, written down and read back: the same result; other packets, another.
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "memnic/bed.h"
#include "memnic/truth.h"
#include "nfprobe/pcapng.h"
#include "nfprobe/recorder.h"
#include "nfprobe/recording.h"
#include "nfprobe/repeat.h"
#include "nfprobe/report.h"
#include "nfprobe/verdict.h"

#define RUN_BEGAN_NS \
	UINT64_C(1793868000123456789) /* since 1970; the NIC's clock says MEMNIC_BEGIN_NS */

static const struct nfp_frame_id id = {
	.run = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
	.key = {16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1},
};

struct fixture {
	char path[64];
	struct nfp_recorder *recorder;
	struct nfp_result result;
	struct nfp_err err;
};

static void open_fixture(struct fixture *f)
{
	const struct nfp_recorder_host host = {
		.hostname = "hv3",
		.kernel = "6.12.95",
		.machine = "x86_64",
		.clock = {.mono_ns = MEMNIC_BEGIN_NS, .real_ns = RUN_BEGAN_NS},
	};
	const struct nfp_recorder_stream stream = {
		.sender = "eth1",
		.pf = "eth0",
		.sender_mac = {{0x02, 0, 0, 0, 0, 0x44}},
		.pf_mac = {{0x02, 0, 0, 0, 0, 0x55}},
		.filter = "ether proto 0x88b5",
		.what = "another netdev",
		.vf = 3,
	};

	*f = (struct fixture) {0};
	snprintf(f->path, sizeof(f->path), "/tmp/nfprobe-recording.%d", (int)getpid());
	nfp_result_init(&f->result);
	memcpy(f->result.id, id.run, sizeof(id.run));
	assert_int_equal(nfp_recorder_open(f->path, &host, &f->recorder, &f->err), 0);
	nfp_recorder_stream(f->recorder, &stream);
}

static void close_fixture(struct fixture *f)
{
	nfp_result_fini(&f->result);
	(void)unlink(f->path);
}

static struct nfp_vf_result *add_vf(struct fixture *f, unsigned int number)
{
	struct nfp_result *result = &f->result;
	struct nfp_vf_result *vf;

	result->vfs = reallocarray(result->vfs, result->num_vfs + 1, sizeof(*vf));
	assert_non_null(result->vfs);
	vf = &result->vfs[result->num_vfs++];
	*vf = (struct nfp_vf_result) {
		.vf = number, .trust = -1, .spoofchk = 1, .vlan = {.vid = 100, .proto = 0x8100}};
	snprintf(vf->parentdev, sizeof(vf->parentdev), "0000:01:10.%u", number);
	snprintf(vf->driver, sizeof(vf->driver), "igbvf");
	return vf;
}

/* One ladder into the recording. */
static void climb(struct fixture *f, struct nfp_vf_result *vf,
		  const struct memnic_personality *personality,
		  const struct memnic_conditions *conditions, enum nfp_style style)
{
	struct nfp_tap tap = nfp_recorder_tap(f->recorder);
	struct nfp_style_result *result = &vf->styles[vf->num_styles++];
	struct bed bed;
	int ret;

	bed_open(&bed, personality, conditions, style);
	memnic_tap(bed.nic, &tap, &id);
	bed.config.marks = nfp_recorder_marks(f->recorder);
	bed.config.vf = vf->vf;
	nfp_recorder_change(f->recorder, "ip link set eth0 vf 3 mac 02:00:00:00:00:11");
	ret = bed_climb(&bed);
	*result = bed.result;
	if (ret) {
		vf->status = NFP_VF_FAILED;
		vf->error = bed.err;
	}
	bed_close(&bed);
}

static void leave_out(struct nfp_vf_result *vf, enum nfp_style style)
{
	struct nfp_style_result *result = &vf->styles[vf->num_styles++];

	result->style = style;
	result->verdict = NFP_VERDICT_NOT_APPLICABLE;
	snprintf(result->reason, sizeof(result->reason), "eth0 is promiscuous already (br0)");
}

/* As the run would say it. */
static void conclude(struct fixture *f)
{
	struct nfp_result *result = &f->result;

	snprintf(result->pf.ifname, sizeof(result->pf.ifname), "eth0");
	snprintf(result->pf.driver, sizeof(result->pf.driver), "igb");
	snprintf(result->hostname, sizeof(result->hostname), "hv3");
	result->pf.vendor = 0x8086;
	result->pf.address = (struct nfp_mac) {{0x02, 0, 0, 0, 0, 0x55}};
	result->settings.rate = 1000;
	result->settings.settle_ns = 1500 * NFP_NSEC_PER_MSEC;
	result->settings.have_source = true;
	result->settings.source = NFP_SOURCE_VF;
	result->settings.styles[NFP_STYLE_FILTER] = true;
	result->start_unix_ms = 1793868000123;
	result->duration_ns = UINT64_C(38123456789);
	result->reflector_clock.offset_ns = -5;
	assert_int_equal(nfp_strv_addf(&result->warnings, "100 %% \"odd\", \xc3\xbc"), 0);
	for (size_t i = 0; i < result->num_vfs; i++) {
		struct nfp_vf_result *vf = &result->vfs[i];

		for (size_t j = 0; j < vf->num_styles; j++)
			vf->styles[j].allowed = vf->styles[j].verdict !=
							NFP_VERDICT_NOT_APPLICABLE &&
						result->settings.allow[vf->styles[j].verdict];
		nfp_judge_vf(vf);
	}
	result->have_verdict = true;
	result->verdict = nfp_judge_run(result);
	result->exit_status = nfp_verdict_exit(result->verdict);
	assert_int_equal(nfp_recorder_failure(f->recorder), 0);
	assert_int_equal(nfp_recorder_close(f->recorder, result, &id, &f->err), 0);
}

static char *json_of(const struct nfp_result *result)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(nfp_report_json(result, out), 0);
	fclose(out);
	return text;
}

static int read_back(struct fixture *f, struct nfp_result *result)
{
	FILE *in = fopen(f->path, "re");
	int ret;

	assert_non_null(in);
	nfp_result_init(result);
	ret = nfp_recording_read(in, f->path, result, &f->err);
	fclose(in);
	return ret;
}

static void reads_the_same(struct fixture *f)
{
	struct nfp_result again;
	char *wrote, *read;

	if (read_back(f, &again))
		fail_msg("%s", f->err.message);
	wrote = json_of(&f->result);
	read = json_of(&again);
	assert_string_equal(read, wrote);
	free(wrote);
	free(read);
	nfp_result_fini(&again);
}

/* ---- the same ---- */

static void every_archetype(void **state)
{
	(void)state;
	for (size_t i = 0; i < memnic_num_archetypes; i++) {
		struct fixture f;
		struct nfp_vf_result *vf;

		open_fixture(&f);
		vf = add_vf(&f, 3);
		climb(&f, vf, &memnic_archetypes[i], NULL, NFP_STYLE_FILTER);
		climb(&f, vf, &memnic_archetypes[i], NULL, NFP_STYLE_PROMISC);
		conclude(&f);
		reads_the_same(&f);
		close_fixture(&f);
	}
}

static void drivers_by_lot_in_noise(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 100; seed++) {
		const struct memnic_personality p = memnic_random(seed);
		const struct memnic_conditions noise = truth_noise(seed);
		struct fixture f;

		open_fixture(&f);
		climb(&f, add_vf(&f, 3), &p, &noise, (enum nfp_style)(seed % NFP_STYLE_COUNT));
		conclude(&f);
		reads_the_same(&f);
		close_fixture(&f);
	}
}

static void disturbed_runs(void **state)
{
	const uint64_t s = NFP_NSEC_PER_SEC;
	const struct memnic_conditions disturbed[] = {
		{.carrier_down_ns = 5 * s, .carrier_up_ns = 6 * s},
		{.change_ns = 5 * s},
		{.gone_ns = 7 * s},
		{.stop_ns = 9 * s},
		{.drop_ns = 4 * s, .drop_frames = 3},
		{.mute_ns = 4 * s, .mute_for_ns = 20 * s},
		{.announce_kills_carrier = true},
		{.fail_call = 4, .fail_errno = EIO, .fail_code = NFP_E_JOURNAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(disturbed) / sizeof(disturbed[0]); i++) {
		struct fixture f;

		open_fixture(&f);
		climb(&f, add_vf(&f, 3), memnic_archetype("igb"), &disturbed[i], NFP_STYLE_FILTER);
		conclude(&f);
		reads_the_same(&f);
		close_fixture(&f);
	}
}

static void several_vfs_one_style_left_out(void **state)
{
	struct nfp_vf_result *vf;
	struct fixture f;

	(void)state;
	open_fixture(&f);
	vf = add_vf(&f, 0);
	leave_out(vf, NFP_STYLE_FILTER);
	climb(&f, vf, memnic_archetype("igb"), NULL, NFP_STYLE_PROMISC);
	vf = add_vf(&f, 2);
	vf->status = NFP_VF_IN_USE;
	nfp_err_set(&vf->error, -EBUSY, NFP_E_VF_IN_USE, "VF 2 is in use by qemu (pid 1)");
	vf = add_vf(&f, 7);
	climb(&f, vf, memnic_archetype("ixgbe"), NULL, NFP_STYLE_FILTER);
	climb(&f, vf, memnic_archetype("ixgbe"), NULL, NFP_STYLE_PROMISC);
	conclude(&f);
	reads_the_same(&f);
	close_fixture(&f);
}

/* Ladders of different drivers, as if one had changed its mind; the worst is the style's. */
static void several_ladders(void **state)
{
	static const char *const drivers[] = {"igb", "ixgbe", "i40e-refused"};
	struct nfp_vf_result *vf;
	struct nfp_repeats *repeats = nfp_repeats_new(4);
	struct fixture f;

	(void)state;
	assert_non_null(repeats);
	open_fixture(&f);
	f.result.settings.repeat = 4;
	vf = add_vf(&f, 3);
	vf->num_styles = 1;
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		struct nfp_vf_result round = {.vf = 3};

		climb(&f, &round, memnic_archetype(drivers[i]), NULL, NFP_STYLE_FILTER);
		assert_int_equal(nfp_repeats_add(repeats, &round.styles[0], &vf->styles[0]), 0);
	}
	conclude(&f);
	reads_the_same(&f);
	close_fixture(&f);
}

static void gaps_that_are_too_long(void **state)
{
	struct nfp_vf_result *vf;
	enum nfp_step step;
	struct fixture f;

	(void)state;
	open_fixture(&f);
	vf = add_vf(&f, 3);
	climb(&f, vf, memnic_archetype("igb"), NULL, NFP_STYLE_FILTER);
	f.result.settings.gap_limit_ms = 1;
	(void)nfp_gap_limit(&vf->styles[0], 1000, &step);
	assert_int_equal(vf->styles[0].verdict, NFP_VERDICT_SLOW);
	conclude(&f);
	reads_the_same(&f);
	close_fixture(&f);
}

/* More facts than one comment holds. */
static void many_warnings(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f);
	climb(&f, add_vf(&f, 3), memnic_archetype("igb"), NULL, NFP_STYLE_FILTER);
	for (int i = 0; i < 2000; i++)
		assert_int_equal(nfp_strv_addf(&f.result.warnings, "VF %d: %060d", i, i), 0);
	conclude(&f);
	reads_the_same(&f);
	close_fixture(&f);
}

/* ---- another file ---- */

/* Which packets stay; @number counts them from 0. */
typedef bool (*keep_fn)(const void *ctx, const struct nfp_pcapng_block *block, uint64_t number);

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
static void filter_blocks(const uint8_t *data, size_t len, keep_fn keep, const void *ctx,
			  struct nfp_pcapng_buf *out)
{
	struct nfp_pcapng_buf waiting = {0};
	uint64_t number = 0;
	bool big = false;

	for (size_t at = 0; at < len;) {
		size_t n = nfp_pcapng_length(data + at, &big);
		struct nfp_pcapng_block block;

		assert_true(n > 0 && n <= len - at);
		assert_int_equal(nfp_pcapng_parse(data + at, n, big, &block), 0);
		at += n;
		if (block.type == NFP_PCAPNG_PACKET && !keep(ctx, &block, number++)) {
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

static void edit(struct fixture *f, keep_fn keep, const void *ctx)
{
	struct nfp_pcapng_buf out = {0};
	size_t len;
	uint8_t *data = whole_file(f->path, &len);

	filter_blocks(data, len, keep, ctx, &out);
	assert_false(out.failed);
	put_file(f->path, out.data, out.len);
	free(out.data);
	free(data);
}

/* A run that is safe. */
static void record_safe(struct fixture *f)
{
	open_fixture(f);
	climb(f, add_vf(f, 3), memnic_archetype("igb"), NULL, NFP_STYLE_FILTER);
	conclude(f);
	assert_int_equal(f->result.verdict, NFP_VERDICT_SAFE);
}

static bool keep_all(const void *ctx, const struct nfp_pcapng_block *block, uint64_t number)
{
	(void)ctx;
	(void)block;
	(void)number;
	return true;
}

/* 0 is the sender, 1 the PF, those behind are the VF's. */
static bool keep_not_the_vf(const void *ctx, const struct nfp_pcapng_block *block, uint64_t number)
{
	(void)ctx;
	(void)number;
	return block->interface < 2;
}

static bool keep_not_the_pf(const void *ctx, const struct nfp_pcapng_block *block, uint64_t number)
{
	(void)ctx;
	(void)number;
	return block->interface != 1;
}

static bool keep_half_of_the_vf(const void *ctx, const struct nfp_pcapng_block *block,
				uint64_t number)
{
	(void)ctx;
	return block->interface < 2 || number % 2 == 0;
}

static bool keep_not_one_sent(const void *ctx, const struct nfp_pcapng_block *block,
			      uint64_t number)
{
	(void)ctx;
	return block->interface != 0 || number < 1000 || number > 1005;
}

/* Not what is sent to X while the guest boots: the window of attach, and all of that step. */
static bool keep_boots_deaf(const void *ctx, const struct nfp_pcapng_block *block, uint64_t number)
{
	const struct fixture *f = ctx;
	const struct nfp_style_result *style = &f->result.vfs[0].styles[0];
	uint64_t run_ns = block->time - RUN_BEGAN_NS;

	(void)number;
	for (size_t i = 0; i < style->num_steps; i++) {
		const struct nfp_step_result *step = &style->steps[i];

		if (step->step == NFP_STEP_ATTACH && run_ns >= step->start_ns &&
		    run_ns < step->start_ns + step->duration_ns)
			return block->interface != 1 || block->data[0] == 0xff;
	}
	return true;
}

static void copied_is_the_same(void **state)
{
	struct fixture f;

	(void)state;
	record_safe(&f);
	edit(&f, keep_all, NULL);
	reads_the_same(&f);
	close_fixture(&f);
}

static void edited_is(keep_fn keep, enum nfp_verdict verdict, int status)
{
	struct nfp_result again;
	struct fixture f;

	record_safe(&f);
	edit(&f, keep, &f);
	if (read_back(&f, &again))
		fail_msg("%s", f.err.message);
	assert_int_equal(again.verdict, verdict);
	assert_int_equal(again.exit_status, status);
	assert_true(again.warnings.n > f.result.warnings.n);
	assert_non_null(
		strstr(again.warnings.v[again.warnings.n - 1], "the recording was changed"));
	nfp_result_fini(&again);
	close_fixture(&f);
}

static void packets_make_the_verdict(void **state)
{
	(void)state;
	edited_is(keep_not_the_vf, NFP_VERDICT_INCONCLUSIVE, 3);
	edited_is(keep_not_the_pf, NFP_VERDICT_INCONCLUSIVE, 3);
	edited_is(keep_half_of_the_vf, NFP_VERDICT_INCONCLUSIVE, 3);
	edited_is(keep_boots_deaf, NFP_VERDICT_EARLY, 1);
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

static void frames_sent_must_be_there(void **state)
{
	struct fixture f;

	(void)state;
	record_safe(&f);
	edit(&f, keep_not_one_sent, NULL);
	unreadable(&f, "frames that were sent before it are missing");
	close_fixture(&f);
}

static void broken_files(void **state)
{
	struct fixture f;
	size_t len;
	uint8_t *data;

	(void)state;
	record_safe(&f);
	data = whole_file(f.path, &len);
	put_file(f.path, data, len - 1);
	unreadable(&f, "ends in the middle");
	put_file(f.path, data, len / 2 / 4 * 4);
	unreadable(&f, "");
	put_file(f.path, data, 0);
	unreadable(&f, "no recording");
	put_file(f.path, "{\"schema\":1,\"version\":2}", 24);
	unreadable(&f, "no block of a pcapng file");
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

static void nothing_sent_leaves_no_file(void **state)
{
	const struct nfp_recorder_host host = {.hostname = "a", .kernel = "b", .machine = "c"};
	struct nfp_recorder *recorder;
	struct nfp_result result;
	struct nfp_err err;
	char path[64];

	(void)state;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_archetype),
		cmocka_unit_test(drivers_by_lot_in_noise),
		cmocka_unit_test(disturbed_runs),
		cmocka_unit_test(several_vfs_one_style_left_out),
		cmocka_unit_test(several_ladders),
		cmocka_unit_test(gaps_that_are_too_long),
		cmocka_unit_test(many_warnings),
		cmocka_unit_test(copied_is_the_same),
		cmocka_unit_test(packets_make_the_verdict),
		cmocka_unit_test(frames_sent_must_be_there),
		cmocka_unit_test(broken_files),
		cmocka_unit_test(nothing_sent_leaves_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* The undo journal as text: there and back, cut off at every byte, damaged. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "journal_samples.h"

TEST(there_and_back)
{
	static const char vf[] =
		"{\"t\":\"vf\",\"vf\":3,\"parked\":\"02:07:07:07:07:07\","
		"\"parentdev\":\"0000:01:10.6\",\"bus\":\"pci\",\"have_mac\":true,"
		"\"mac\":\"02:09:09:09:09:09\",\"vlan\":100,\"qos\":3,\"proto\":34984,"
		"\"spoofchk\":true,\"link_state\":2,\"rss_query\":false,\"driver\":\"igbvf\","
		"\"have_override\":true,\"driver_override\":\"vfio-pci\",\"netdev\":true,"
		"\"ifname\":\"eth5\",\"address\":\"02:08:08:08:08:08\","
		"\"addr_assign_type\":3,\"up\":true,\"second\":\"eth6\",\"second_up\":true,"
		"\"settings\":{\"txqueuelen\":\"500\"},\"second_settings\":{}}\n";
	static const char change[] =
		"{\"t\":\"change\",\"seq\":1,\"of_vf\":true,\"vf\":3,\"ifname\":\"eth0\","
		"\"ifindex\":2,\"name\":\"igbvf\",\"mac\":\"06:ff:00:00:00:01\","
		"\"vlan\":4094,\"kind\":\"vf-unbind\"}\n";
	struct text t = make_text(), again = {NULL, 0, {0}, 0};
	struct nfp_journal_data data;
	size_t good;

	assert_non_null(strstr(t.buf, vf));
	assert_non_null(strstr(t.buf, change));
	assert_int_equal(nfp_journal_parse(t.buf, t.len, &data, &good, NULL), 0);
	assert_int_equal(good, t.len);
	assert_int_equal(data.num_vfs, 1);
	assert_int_equal(data.num_changes, NFP_CHANGE_COUNT);
	assert_int_equal(data.unreadable, 0);
	/* All of it was read: written anew it is the same. */
	add(&again, nfp_journal_line_begin(&data.head));
	add(&again, nfp_journal_line_vf(&data.vfs[0]));
	for (size_t i = 0; i < data.num_changes; i++)
		add(&again, nfp_journal_line_change(&data.changes[i]));
	assert_string_equal(again.buf, t.buf);
	nfp_journal_data_fini(&data);
	free(again.buf);
	free(t.buf);
}

/* Another way to the same number: by table, high bit first is what the loop in journal.c is not. */
static uint32_t crc_by_table(const char *data, size_t len)
{
	uint32_t table[256], crc = UINT32_MAX;

	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] & 1 ? (table[i] >> 1) ^ UINT32_C(0xedb88320)
						: table[i] >> 1;
	}
	for (size_t i = 0; i < len; i++)
		crc = (crc >> 8) ^ table[(crc ^ (unsigned char)data[i]) & 0xff];
	return ~crc;
}

/* A line that was written whole counts, and one that was being written does not. */
TEST(cut_off_at_every_byte)
{
	struct text t = make_text();

	for (size_t len = 0; len <= t.len; len++) {
		struct nfp_journal_data data;
		size_t lines = 0, good;
		/* Exactly as large, so that a checker sees a read past the end. */
		char *copy = malloc(len ? len : 1);

		assert_non_null(copy);
		memcpy(copy, t.buf, len);
		while (lines < t.lines && t.end[lines] <= len)
			lines++;
		assert_int_equal(nfp_journal_parse(copy, len, &data, &good, NULL),
				 lines ? 0 : -ENODATA);
		assert_int_equal(good, lines ? t.end[lines - 1] : 0);
		assert_int_equal(data.num_vfs, lines > 1);
		assert_int_equal(data.num_changes, lines > 2 ? lines - 2 : 0);
		assert_int_equal(data.unreadable, 0);
		nfp_journal_data_fini(&data);
		free(copy);
	}
	free(t.buf);
}

TEST(damaged_at_every_byte)
{
	struct text t = make_text();

	for (size_t at = 0, step = LOT_STEP; at < t.len; at += step) {
		struct nfp_journal_data data;
		/* Without the newline before it the last line is the last two. */
		bool last = at + 1 >= t.end[t.lines - 2];
		size_t good;
		int ret;

		t.buf[at] ^= 1;
		ret = nfp_journal_parse(t.buf, t.len, &data, &good, NULL);
		if (at < t.end[0]) {
			assert_int_equal(ret, -EBADMSG);
		} else {
			assert_int_equal(ret, 0);
			assert_int_equal(data.unreadable, last ? 0 : 1);
			assert_true(data.num_vfs + data.num_changes >= t.lines - 3);
			assert_true(data.num_vfs + data.num_changes <= t.lines - 2);
		}
		nfp_journal_data_fini(&data);
		t.buf[at] ^= 1;
	}
	free(t.buf);
}

/* A whole line with a right checksum and wrong content is as bad. */
TEST(wrong_content)
{
	static const char *const records[] = {
		"[]",
		"{}",
		"7",
		"{\"t\":1}",
		"{\"t\":\"nothing\"}",
		"{\"t\":\"begin\"}",
		"{\"t\":\"vf\"}",
		"{\"t\":\"vf\",\"vf\":-1}",
		"{\"t\":\"vf\",\"vf\":70000}",
		"{\"t\":\"vf\",\"vf\":1,\"mac\":\"02:00:00:00:00\"}",
		"{\"t\":\"vf\",\"vf\":1,\"mac\":7}",
		"{\"t\":\"vf\",\"vf\":1,\"vlan\":[1,2]}",
		"{\"t\":\"vf\",\"vf\":1,\"vlan\":4096}",
		"{\"t\":\"vf\",\"vf\":1,\"qos\":8}",
		"{\"t\":\"vf\",\"vf\":1,\"up\":1}",
		"{\"t\":\"vf\",\"vf\":1,\"ifname\":\"sixteen-bytes-16\"}",
		"{\"t\":\"vf\",\"vf\":1,\"ifname\":\"%\"}",
		"{\"t\":\"vf\",\"vf\":1,\"ifname\":\"%00\"}",
		"{\"t\":\"vf\",\"vf\":1,\"ifname\":\"%zz\"}",
		"{\"t\":\"vf\",\"vf\":1,\"vf\":2}",
		"{\"t\":\"vf\",\"vf\":1,\"parentdev\":\"../../../../tmp/x\"}",
		"{\"t\":\"vf\",\"vf\":1,\"parentdev\":\"%2e%2e%2fx\"}",
		"{\"t\":\"vf\",\"vf\":1,\"bus\":\"..\"}",
		"{\"t\":\"vf\",\"vf\":1,\"driver\":\"a/b\"}",
		"{\"t\":\"change\",\"kind\":\"vf-burn\"}",
		"{\"t\":\"change\"}",
		"{\"t\":\"void\",\"seq\":-1,\"vf\":0,\"attributes\":0}",
		"{\"t\":\"vf-done\",\"seq\":0,\"attributes\":0}",
	};

	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		struct text t = make_text();
		struct nfp_journal_data data;
		char *line;
		size_t good;

		assert_true(asprintf(&line, "%08" PRIx32 " %s\n",
				     crc_by_table(records[i], strlen(records[i])), records[i]) > 0);
		add(&t, line);
		add_change(&t, NFP_CHANGE_VF_RESET, 99);
		assert_int_equal(nfp_journal_parse(t.buf, t.len, &data, &good, NULL), 0);
		assert_int_equal(data.unreadable, 1);
		assert_int_equal(data.num_vfs, 1);
		assert_int_equal(data.num_changes, NFP_CHANGE_COUNT + 1);
		nfp_journal_data_fini(&data);
		free(t.buf);
	}
}

/* Also where it is the last line, or the only one: it was written whole, so it was acted on. */
TEST(wrong_content_at_the_end)
{
	static const char *const records[] = {"{\"t\":\"vf\",\"vf\":-1}",
					      "{\"t\":\"vf\",\"vf\":1,\"driver\":\"..\"}",
					      "{\"t\":", "{ \"t\":\"vf\"}"};

	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		struct text t = make_text();
		struct nfp_journal_data data;
		char *line;
		size_t good;

		assert_true(asprintf(&line, "%08" PRIx32 " %s\n",
				     crc_by_table(records[i], strlen(records[i])), records[i]) > 0);
		assert_int_equal(nfp_journal_parse(line, strlen(line), &data, &good, NULL),
				 -EBADMSG);
		nfp_journal_data_fini(&data);
		add(&t, line);
		assert_int_equal(nfp_journal_parse(t.buf, t.len, &data, &good, NULL), 0);
		assert_int_equal(data.unreadable, 1);
		assert_int_equal(good, t.len);
		nfp_journal_data_fini(&data);
		free(t.buf);
	}
}

TEST(void_and_done)
{
	struct nfp_journal_head head = make_head();
	struct nfp_change of4 = make_change(NFP_CHANGE_VF_MAC, 3);
	struct nfp_change of_pf = make_change(NFP_CHANGE_PORT_FDB_ADD, 4);
	struct nfp_journal_data data;
	struct text t = {NULL, 0, {0}, 0};
	size_t good;

	of4.vf = 4;
	of_pf.of_vf = false;
	add(&t, nfp_journal_line_begin(&head));
	add_vf(&t, 3, false);
	add_change(&t, NFP_CHANGE_VF_RESET, 1);
	add_change(&t, NFP_CHANGE_VF_BIND, 2);
	add_vf(&t, 4, true);
	add(&t, nfp_journal_line_change(&of4));
	add(&t, nfp_journal_line_change(&of_pf));
	add(&t, nfp_journal_line_note(&(struct nfp_journal_note) {"void", .seq = 1}));
	add(&t, nfp_journal_line_note(&(struct nfp_journal_note) {
			"void", .seq = 1000})); /* of a line that is damaged: takes nothing else */
	add(&t, nfp_journal_line_note(&(struct nfp_journal_note) {"vf-done", .vf = 3}));
	assert_int_equal(nfp_journal_parse(t.buf, t.len, &data, &good, NULL), 0);
	assert_int_equal(data.num_changes, 2);
	assert_int_equal(data.changes[0].seq, 3);
	assert_int_equal(data.changes[1].seq, 4);
	assert_null(nfp_journal_find_vf(&data, 3));
	assert_non_null(nfp_journal_find_vf(&data, 4));
	assert_true(nfp_journal_find_vf(&data, 4)->source);
	nfp_journal_data_fini(&data);
	free(t.buf);
}

/* Only the version to ask for, and the PF, are read of it. */
TEST(another_format_is_refused)
{
	static const char text[] =
		"641a985f "
		"{\"t\":\"begin\",\"version\":\"0.2.0\","
		"\"boot\":\"f78125ce-bfbf-4b63-8b52-e7dc4bd6cc43\",\"pid\":4711,"
		"\"bus\":\"pci\",\"parentdev\":\"0000:01:00.0\","
		"\"ifname\":\"nfpeth0\",\"ifindex\":2,"
		"\"addresses\":[{\"mac\":\"02:01:02:03:04:05\"},{\"mac\":\"06:ff:00:00:00:01\"}],"
		"\"format\":7}\n";
	struct nfp_journal_data data;
	struct nfp_err err = {0};
	size_t good;

	assert_int_equal(nfp_journal_parse(text, strlen(text), &data, &good, &err),
			 -EPROTONOSUPPORT);
	assert_string_equal(data.head.version, "0.2.0");
	assert_string_equal(data.head.ifname, "nfpeth0");
	assert_int_equal(data.num_vfs, 0);
	nfp_journal_data_fini(&data);
}

/* A fuzzer begins with these: of another format, it would get no further than the first line. */
TEST(what_is_fuzzed_has_this_format)
{
	static const char *const names[] = {"head", "run", "escaped", "void-done"};
	char path[64], text[256], format[32];

	snprintf(format, sizeof(format), "\"format\":%d,", NFP_JOURNAL_FORMAT);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		FILE *file;

		snprintf(path, sizeof(path), "tests/fuzz/corpus/fuzz_journal/%s", names[i]);
		file = fopen(path, "r");
		assert_non_null(file);
		assert_non_null(fgets(text, sizeof(text), file));
		if (!strstr(text, format))
			fail_msg("%s: %s", path, text);
		fclose(file);
	}
}

TEST_MAIN()

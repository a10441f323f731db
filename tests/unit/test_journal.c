// SPDX-License-Identifier: GPL-2.0-or-later
/* The undo journal: there and back, cut off at every byte, damaged, forged, stale. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "nfprobe/journal.h"

#define PARENT	  "0000:01:00.0"
#define FILE_NAME PARENT ".journal"

static const struct nfp_mac addresses[] = {{{2, 1, 2, 3, 4, 5}}, {{6, 0xff, 0, 0, 0, 1}}};

static struct nfp_journal_head make_head(void)
{
	struct nfp_journal_head head = {
		.version = "0.1.0",
		.pid = 4711,
		.bus = "pci",
		.parentdev = PARENT,
		.ifname = "eth0",
		.ifindex = 2,
		.addresses = addresses,
		.num_addresses = 2,
	};

	assert_int_equal(nfp_boot_id(head.boot, NULL), 0);
	return head;
}

static struct nfp_vf_state make_vf(unsigned int vf)
{
	return (struct nfp_vf_state) {
		.vf = vf,
		.parentdev = "0000:01:10.6",
		.bus = "pci",
		.attr = {.vf = vf,
			 .mac = {{2, 9, 9, 9, 9, 9}},
			 .vlan = {100, 3, 0x88a8},
			 .spoofchk = 1,
			 .trust = -1,
			 .link_state = 2,
			 .have_mac = true},
		.driver = "igbvf",
		.have_override = true,
		.driver_override = "vfio-pci",
		.have_netdev = true,
		.ifname = "eth5",
		.ifindex = 7,
		.address = {{2, 8, 8, 8, 8, 8}},
		.addr_assign_type = 3,
		.mtu = 9000,
		.up = true,
	};
}

static struct nfp_change make_change(enum nfp_change_kind kind, unsigned int seq)
{
	return (struct nfp_change) {
		.kind = kind,
		.ifname = "eth0",
		.ifindex = 2,
		.vf = 3,
		.parentdev = "0000:01:10.6",
		.bus = "pci",
		.name = "igbvf",
		.mac = addresses[1],
		.vlan = {4094, 7, 0x8100},
		.value = -5,
		.private_netns = true,
		.of_vf = true,
		.seq = seq,
	};
}

/* ---- text ---- */

struct text {
	char *buf;
	size_t len;
	size_t end[64]; /* of each line */
	size_t lines;
};

static void add(struct text *t, char *line)
{
	size_t len = strlen(line);

	assert_non_null(line);
	t->buf = realloc(t->buf, t->len + len + 1);
	assert_non_null(t->buf);
	memcpy(t->buf + t->len, line, len + 1);
	t->len += len;
	t->end[t->lines++] = t->len;
	free(line);
}

static void add_change(struct text *t, enum nfp_change_kind kind, unsigned int seq)
{
	struct nfp_change c = make_change(kind, seq);

	add(t, nfp_journal_line_change(&c));
}

/* begin, vf 3, then a change of each kind */
static struct text make_text(void)
{
	struct nfp_journal_head head = make_head();
	struct nfp_vf_state vf = make_vf(3);
	struct text t = {NULL, 0, {0}, 0};

	add(&t, nfp_journal_line_begin(&head));
	add(&t, nfp_journal_line_vf(&vf, false));
	for (unsigned int i = 0; i < NFP_CHANGE_COUNT; i++)
		add_change(&t, (enum nfp_change_kind)i, i + 1);
	return t;
}

static void assert_change(const struct nfp_change *a, const struct nfp_change *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_string_equal(a->ifname, b->ifname);
	assert_int_equal(a->ifindex, b->ifindex);
	assert_int_equal(a->vf, b->vf);
	assert_string_equal(a->parentdev, b->parentdev);
	assert_string_equal(a->bus, b->bus);
	assert_string_equal(a->name, b->name);
	assert_true(nfp_mac_equal(&a->mac, &b->mac));
	assert_true(nfp_vlan_equal(&a->vlan, &b->vlan));
	assert_int_equal(a->value, b->value);
	assert_int_equal(a->private_netns, b->private_netns);
	assert_int_equal(a->of_vf, b->of_vf);
	assert_int_equal(a->seq, b->seq);
}

static void assert_vf(const struct nfp_vf_state *a, const struct nfp_vf_state *b)
{
	assert_int_equal(a->vf, b->vf);
	assert_string_equal(a->parentdev, b->parentdev);
	assert_string_equal(a->bus, b->bus);
	assert_int_equal(a->attr.vf, b->attr.vf);
	assert_int_equal(a->attr.have_mac, b->attr.have_mac);
	assert_true(nfp_mac_equal(&a->attr.mac, &b->attr.mac));
	assert_true(nfp_vlan_equal(&a->attr.vlan, &b->attr.vlan));
	assert_int_equal(a->attr.spoofchk, b->attr.spoofchk);
	assert_int_equal(a->attr.trust, b->attr.trust);
	assert_int_equal(a->attr.link_state, b->attr.link_state);
	assert_string_equal(a->driver, b->driver);
	assert_int_equal(a->have_override, b->have_override);
	assert_string_equal(a->driver_override, b->driver_override);
	assert_int_equal(a->have_netdev, b->have_netdev);
	assert_string_equal(a->ifname, b->ifname);
	assert_int_equal(a->ifindex, b->ifindex);
	assert_true(nfp_mac_equal(&a->address, &b->address));
	assert_int_equal(a->addr_assign_type, b->addr_assign_type);
	assert_int_equal(a->mtu, b->mtu);
	assert_int_equal(a->up, b->up);
}

static void assert_head(const struct nfp_journal_head *a, const struct nfp_journal_head *b)
{
	assert_string_equal(a->version, b->version);
	assert_string_equal(a->boot, b->boot);
	assert_int_equal(a->pid, b->pid);
	assert_string_equal(a->bus, b->bus);
	assert_string_equal(a->parentdev, b->parentdev);
	assert_string_equal(a->ifname, b->ifname);
	assert_int_equal(a->ifindex, b->ifindex);
	assert_int_equal(a->num_addresses, b->num_addresses);
	for (size_t i = 0; i < a->num_addresses; i++)
		assert_true(nfp_mac_equal(&a->addresses[i], &b->addresses[i]));
}

static void there_and_back(void **state)
{
	struct nfp_journal_head head = make_head();
	struct nfp_vf_state vf = make_vf(3);
	struct text t = make_text();
	struct nfp_journal_data data;
	size_t good;

	(void)state;
	assert_int_equal(nfp_journal_parse(t.buf, t.len, &data, &good, NULL), 0);
	assert_int_equal(good, t.len);
	assert_head(&data.head, &head);
	assert_int_equal(data.num_vfs, 1);
	assert_vf(&data.vfs[0].before, &vf);
	assert_int_equal(data.num_changes, NFP_CHANGE_COUNT);
	for (unsigned int i = 0; i < NFP_CHANGE_COUNT; i++) {
		struct nfp_change c = make_change((enum nfp_change_kind)i, i + 1);

		assert_change(&data.changes[i], &c);
	}
	assert_int_equal(data.unreadable, 0);
	nfp_journal_data_fini(&data);
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

static void checksum_is_crc32(void **state)
{
	char *line = nfp_journal_line_done(3);
	char want[16];

	(void)state;
	assert_int_equal(crc_by_table("123456789", 9), 0xcbf43926); /* the check value of CRC-32 */
	assert_non_null(line);
	snprintf(want, sizeof(want), "%08" PRIx32, crc_by_table(line + 9, strlen(line) - 10));
	assert_memory_equal(line, want, 8);
	free(line);
}

static void names_of_any_bytes(void **state)
{
	struct nfp_journal_head head = make_head();
	struct nfp_journal_data data;
	struct text t = {NULL, 0, {0}, 0};
	size_t good;

	(void)state;
	memcpy(head.ifname, "a\x01\xff\xc3(%\"\\{\x7f", 11);
	add(&t, nfp_journal_line_begin(&head));
	assert_int_equal(nfp_journal_parse(t.buf, t.len, &data, &good, NULL), 0);
	assert_string_equal(data.head.ifname, head.ifname);
	nfp_journal_data_fini(&data);
	free(t.buf);
}

/* What was written whole counts, what was being written does not. */
static void cut_off_at_every_byte(void **state)
{
	struct text t = make_text();

	(void)state;
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

static void damaged_at_every_byte(void **state)
{
	struct text t = make_text();

	(void)state;
	for (size_t at = 0; at < t.len; at++) {
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
static void wrong_content(void **state)
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
		"{\"t\":\"vf\",\"vf\":1,\"vlan\":[4096,0,0]}",
		"{\"t\":\"vf\",\"vf\":1,\"up\":1}",
		"{\"t\":\"vf\",\"vf\":1,\"ifname\":\"sixteen-bytes-16\"}",
		"{\"t\":\"vf\",\"vf\":1,\"ifname\":\"%\"}",
		"{\"t\":\"vf\",\"vf\":1,\"ifname\":\"%00\"}",
		"{\"t\":\"vf\",\"vf\":1,\"ifname\":\"%zz\"}",
		"{\"t\":\"vf\",\"vf\":1,\"vf\":2}",
		"{\"t\":\"change\",\"kind\":\"vf-burn\"}",
		"{\"t\":\"change\"}",
		"{\"t\":\"void\",\"seq\":-1}",
		"{\"t\":\"vf-done\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		struct text t = make_text();
		struct nfp_journal_data data;
		char *line;
		size_t good;

		assert_true(asprintf(&line, "%08" PRIx32 " %s\n",
				     crc_by_table(records[i], strlen(records[i])), records[i]) > 0);
		add(&t, line);
		add_change(&t, NFP_CHANGE_FDB_ADD, 99);
		assert_int_equal(nfp_journal_parse(t.buf, t.len, &data, &good, NULL), 0);
		assert_int_equal(data.unreadable, 1);
		assert_int_equal(data.num_vfs, 1);
		assert_int_equal(data.num_changes, NFP_CHANGE_COUNT + 1);
		nfp_journal_data_fini(&data);
		free(t.buf);
	}
}

static void other_format(void **state)
{
	static const char record[] = "{\"t\":\"begin\",\"format\":2,\"version\":\"9.9\"}";
	struct nfp_journal_data data;
	struct nfp_err err = {.code = NFP_E_NONE};
	char text[128];
	size_t good;

	(void)state;
	snprintf(text, sizeof(text), "%08" PRIx32 " %s\n", crc_by_table(record, strlen(record)),
		 record);
	assert_int_equal(nfp_journal_parse(text, strlen(text), &data, &good, &err), -EBADMSG);
	assert_int_equal(err.code, NFP_E_JOURNAL);
	assert_non_null(strstr(err.message, "9.9"));
	nfp_journal_data_fini(&data);
}

static void void_and_done(void **state)
{
	struct nfp_journal_head head = make_head();
	struct nfp_vf_state vf3 = make_vf(3), vf4 = make_vf(4);
	struct nfp_change of4 = make_change(NFP_CHANGE_VF_MAC, 3);
	struct nfp_change of_pf = make_change(NFP_CHANGE_PORT_FDB_ADD, 4);
	struct nfp_journal_data data;
	struct text t = {NULL, 0, {0}, 0};
	size_t good;

	(void)state;
	of4.vf = 4;
	of_pf.of_vf = false;
	add(&t, nfp_journal_line_begin(&head));
	add(&t, nfp_journal_line_vf(&vf3, false));
	add_change(&t, NFP_CHANGE_FDB_ADD, 1);
	add_change(&t, NFP_CHANGE_VF_BIND, 2);
	add(&t, nfp_journal_line_vf(&vf4, true));
	add(&t, nfp_journal_line_change(&of4));
	add(&t, nfp_journal_line_change(&of_pf));
	add(&t, nfp_journal_line_void(1));
	add(&t, nfp_journal_line_void(1000)); /* of a line that is damaged: takes nothing else */
	add(&t, nfp_journal_line_done(3));
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

/* ---- the file ---- */

struct dir {
	char path[64];
	int fd;
};

static int make_dir(void **state)
{
	struct dir *d = calloc(1, sizeof(*d));

	if (!d)
		return -1;
	snprintf(d->path, sizeof(d->path), "/tmp/nfprobe-journal-XXXXXX");
	if (!mkdtemp(d->path))
		return -1;
	d->fd = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = d;
	return d->fd < 0;
}

static int remove_dir(void **state)
{
	struct dir *d = *state;

	(void)unlinkat(d->fd, FILE_NAME, 0);
	(void)unlinkat(d->fd, FILE_NAME, AT_REMOVEDIR);
	(void)unlinkat(d->fd, FILE_NAME ".damaged", 0);
	close(d->fd);
	rmdir(d->path);
	free(d);
	return 0;
}

static struct nfp_journal *create(const struct dir *d)
{
	struct nfp_journal_head head = make_head();
	struct nfp_journal *journal = NULL;

	assert_int_equal(nfp_journal_create(d->fd, &head, &journal, NULL), 0);
	return journal;
}

static void written_and_loaded(void **state)
{
	const struct dir *d = *state;
	struct nfp_journal *journal = create(d);
	struct nfp_vf_state vf = make_vf(3);
	struct nfp_change a = make_change(NFP_CHANGE_FDB_ADD, 0), b = a;
	struct nfp_journal_head head = make_head();
	struct stat st;

	assert_int_equal(nfp_journal_vf(journal, &vf, false, NULL), 0);
	assert_int_equal(nfp_journal_change(journal, &a, NULL), 0);
	assert_int_equal(nfp_journal_change(journal, &b, NULL), 0);
	assert_int_equal(a.seq, 1);
	assert_int_equal(b.seq, 2);
	assert_int_equal(nfp_journal_void(journal, &a, NULL), 0);
	assert_int_equal(nfp_journal_data(journal)->num_changes, 1);
	assert_int_equal(fstatat(d->fd, FILE_NAME, &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	nfp_journal_free(journal);

	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), 0);
	assert_head(&nfp_journal_data(journal)->head, &head);
	assert_int_equal(nfp_journal_data(journal)->num_changes, 1);
	assert_change(&nfp_journal_data(journal)->changes[0], &b);
	/* Numbers go on where they ended. */
	assert_int_equal(nfp_journal_change(journal, &a, NULL), 0);
	assert_int_equal(a.seq, 3);
	assert_int_equal(nfp_journal_done(journal, 3, NULL), 0);
	assert_int_equal(nfp_journal_remove(journal, NULL), 0);
	nfp_journal_free(journal);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), -ENOENT);
}

static void is_never_overwritten(void **state)
{
	const struct dir *d = *state;
	struct nfp_journal_head head = make_head();
	struct nfp_journal *journal = create(d), *other;
	struct nfp_err err = {.code = NFP_E_NONE};

	nfp_journal_free(journal);
	assert_int_equal(nfp_journal_create(d->fd, &head, &other, &err), -EEXIST);
	assert_int_equal(err.code, NFP_E_JOURNAL);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), 0);
	nfp_journal_free(journal);
}

static void write_text(const struct dir *d, const char *text, size_t len, mode_t mode)
{
	int fd = openat(d->fd, FILE_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/* After a crash the cut-off line goes, so that what follows begins a line. */
static void appends_behind_the_last_good_line(void **state)
{
	const struct dir *d = *state;
	struct text t = make_text();
	struct nfp_journal *journal;
	struct nfp_change c = make_change(NFP_CHANGE_FDB_ADD, 0);

	write_text(d, t.buf, t.len - 5, 0600);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), 0);
	assert_int_equal(nfp_journal_change(journal, &c, NULL), 0);
	nfp_journal_free(journal);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), 0);
	assert_int_equal(nfp_journal_data(journal)->num_changes, NFP_CHANGE_COUNT);
	assert_int_equal(nfp_journal_data(journal)->unreadable, 0);
	nfp_journal_free(journal);
	free(t.buf);
}

static void assert_not_believed(const struct dir *d)
{
	struct nfp_err err = {.code = NFP_E_NONE};
	struct nfp_journal *journal;

	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, &err), -EPERM);
	assert_int_equal(err.code, NFP_E_JOURNAL);
	assert_true(err.message[0] != '\0');
}

static void symbolic_link(void **state)
{
	const struct dir *d = *state;
	struct nfp_journal_head head = make_head();
	struct nfp_journal *journal;

	assert_int_equal(symlinkat("/etc/hostname", d->fd, FILE_NAME), 0);
	assert_not_believed(d);
	assert_int_equal(nfp_journal_create(d->fd, &head, &journal, NULL), -EEXIST);
}

static void writable_by_others(void **state)
{
	const struct dir *d = *state;
	struct text t = make_text();

	write_text(d, t.buf, t.len, 0620);
	assert_not_believed(d);
	write_text(d, t.buf, t.len, 0602);
	assert_not_believed(d);
	free(t.buf);
}

static void of_somebody_else(void **state)
{
	const struct dir *d = *state;
	struct text t = make_text();

	if (geteuid() != 0) {
		free(t.buf);
		skip();
	}
	write_text(d, t.buf, t.len, 0600);
	assert_int_equal(fchownat(d->fd, FILE_NAME, 65534, 65534, 0), 0);
	assert_not_believed(d);
	free(t.buf);
}

static void not_a_file(void **state)
{
	const struct dir *d = *state;
	struct nfp_journal *journal;

	assert_int_equal(mkdirat(d->fd, FILE_NAME, 0700), 0);
	assert_true(nfp_journal_load(d->fd, PARENT, &journal, NULL) < 0);
	assert_int_equal(unlinkat(d->fd, FILE_NAME, AT_REMOVEDIR), 0);
	/* One that nobody writes to must not be waited for. */
	assert_int_equal(mkfifoat(d->fd, FILE_NAME, 0600), 0);
	assert_not_believed(d);
}

static void of_another_boot(void **state)
{
	const struct dir *d = *state;
	struct nfp_journal_head head = make_head();
	struct nfp_journal *journal;
	char *line;

	head.boot[0] = head.boot[0] == 'a' ? 'b' : 'a';
	line = nfp_journal_line_begin(&head);
	assert_non_null(line);
	write_text(d, line, strlen(line), 0600);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), -ESTALE);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), -ENOENT);
	/* Cut off in its first line it belongs to a run that changed nothing. */
	write_text(d, line, 20, 0600);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), -ESTALE);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), -ENOENT);
	free(line);
}

static void no_room(void **state)
{
	const struct dir *d = *state;
	struct nfp_journal *journal = create(d);
	struct nfp_change c = make_change(NFP_CHANGE_FDB_ADD, 0);
	struct nfp_err err = {.code = NFP_E_NONE};
	struct rlimit old, tight;
	struct stat before, after;

	assert_int_equal(nfp_journal_change(journal, &c, NULL), 0);
	assert_int_equal(fstatat(d->fd, FILE_NAME, &before, 0), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight = old;
	tight.rlim_cur = (rlim_t)before.st_size + 10;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	assert_int_equal(nfp_journal_change(journal, &c, &err), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(err.code, NFP_E_JOURNAL);
	/* The ten bytes that fitted are gone again; what was not written is not in the data. */
	assert_int_equal(fstatat(d->fd, FILE_NAME, &after, 0), 0);
	assert_int_equal(after.st_size, before.st_size);
	assert_int_equal(nfp_journal_data(journal)->num_changes, 1);
	nfp_journal_free(journal);
}

static void set_aside(void **state)
{
	const struct dir *d = *state;
	struct nfp_journal *journal = create(d);

	assert_int_equal(nfp_journal_set_aside(journal, NULL), 0);
	nfp_journal_free(journal);
	assert_int_equal(nfp_journal_load(d->fd, PARENT, &journal, NULL), -ENOENT);
	assert_int_equal(faccessat(d->fd, FILE_NAME ".damaged", F_OK, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(checksum_is_crc32),
		cmocka_unit_test(names_of_any_bytes),
		cmocka_unit_test(cut_off_at_every_byte),
		cmocka_unit_test(damaged_at_every_byte),
		cmocka_unit_test(wrong_content),
		cmocka_unit_test(other_format),
		cmocka_unit_test(void_and_done),
		cmocka_unit_test_setup_teardown(written_and_loaded, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(is_never_overwritten, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(appends_behind_the_last_good_line, make_dir,
						remove_dir),
		cmocka_unit_test_setup_teardown(symbolic_link, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(writable_by_others, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(of_somebody_else, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(not_a_file, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(of_another_boot, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(no_room, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(set_aside, make_dir, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

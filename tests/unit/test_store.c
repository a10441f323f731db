// SPDX-License-Identifier: GPL-2.0-or-later
/* The files of --save: which result replaces which, and which files are not touched. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "unit/sample_store.h"
#include "unit/tree.h"

static const struct nfp_style_result *style_of(const struct nfp_store *store, size_t i)
{
	return &store->entries[i].vfs[0].styles[0];
}

static const json_t *json_of(const struct nfp_store *store, size_t i)
{
	return json_array_get(json_object_get(store->root, "entries"), i);
}

/* The store in memory is the one that a reader of the file would get. */
static void is_consistent(const struct nfp_store *store)
{
	char *text = json_dumps(store->root, JSON_COMPACT);
	struct nfp_store again = {.path = NULL};
	struct nfp_err err = {0};

	if (nfp_store_parse(text, strlen(text), SAMPLE_DEVICE, &again, &err) < 0)
		fail_msg("%s", err.message);
	assert_int_equal(again.num, store->num);
	assert_int_equal(json_array_size(json_object_get(store->root, "entries")), store->num);
	for (size_t i = 0; i < store->num; i++) {
		struct nfp_store_key a = nfp_store_key_of(&store->entries[i], 0, 0),
				     b = nfp_store_key_of(&again.entries[i], 0, 0);

		assert_int_equal(a.vf, b.vf);
		assert_int_equal(a.style, b.style);
		assert_int_equal(a.source, b.source);
		assert_int_equal(a.vlan, b.vlan);
		assert_int_equal(style_of(store, i)->verdict, style_of(&again, i)->verdict);
		assert_string_equal(style_of(store, i)->reason, style_of(&again, i)->reason);
	}
	nfp_store_fini(&again);
	free(text);
}

/* With NFPROBE_JSON_DIR set, for a validator of JSON Schema. */
static void keep(const struct nfp_store *store)
{
	const char *dir = getenv("NFPROBE_JSON_DIR");
	char path[512];

	if (!dir)
		return;
	snprintf(path, sizeof(path), "%s/store.json", dir);
	assert_int_equal(json_dump_file(store->root, path, JSON_COMPACT), 0);
}

/* ---- merging ---- */

/* A run like the one that is stored. */
static int setup(void **state)
{
	int ret = sample_world_setup(state);

	if (ret == 0)
		sample_igb(&((struct sample_world *)*state)->result);
	return ret;
}

TEST(a_style_is_an_entry)
{
	struct nfp_store store;
	const json_t *entry, *vf;

	sample_store(&store);
	is_consistent(&store);
	keep(&store);
	assert_int_equal(store.num, 2);
	assert_int_equal(style_of(&store, 0)->verdict, NFP_VERDICT_SAFE);
	assert_int_equal(style_of(&store, 1)->verdict, NFP_VERDICT_EARLY);
	/* Each is what --json would have written of that style alone. */
	entry = json_of(&store, 1);
	assert_int_equal(json_integer_value(json_object_get(entry, "exit")), 1);
	entry = json_of(&store, 0);
	assert_int_equal(json_integer_value(json_object_get(entry, "exit")), 0);
	assert_string_equal(json_string_value(json_object_get(entry, "verdict")), "safe");
	vf = json_array_get(json_object_get(entry, "vfs"), 0);
	assert_string_equal(json_string_value(json_object_get(vf, "verdict")), "safe");
	assert_int_equal(json_array_size(json_object_get(vf, "styles")), 1);
	nfp_store_fini(&store);
}

#define CASE(name) TEST_OF(name, setup, sample_world_teardown, struct sample_world, w)

/* VF, style, source and VLAN are the key: what differs in one of them stands beside the other. */
CASE(the_key)
{
	w->result.vfs[0].num_styles = 1;
	w->result.vfs[0].styles[0].verdict = NFP_VERDICT_DEAF;
	sample_store_add(&w->check.store, &w->result);
	assert_int_equal(w->check.store.num, 2);
	assert_int_equal(style_of(&w->check.store, 0)->verdict, NFP_VERDICT_DEAF);
	w->result.vfs[0].vf = 2;
	sample_store_add(&w->check.store, &w->result);
	assert_int_equal(w->check.store.num, 3);
	w->result.vfs[0].probed_vlan = 100;
	sample_store_add(&w->check.store, &w->result);
	assert_int_equal(w->check.store.num, 4);
	w->result.vfs[0].styles[0].from.source = NFP_SOURCE_VF;
	sample_store_add(&w->check.store, &w->result);
	assert_int_equal(w->check.store.num, 5);
	sample_store_add(&w->check.store, &w->result);
	assert_int_equal(w->check.store.num, 5);
	is_consistent(&w->check.store);
}

/* A proof from one source on the wire is not lost to another source in the same run. */
TEST(two_sources_of_one_kind)
{
	static const struct {
		enum nfp_verdict first, second, stored;
	} cases[] = {
		{NFP_VERDICT_EARLY, NFP_VERDICT_SAFE, NFP_VERDICT_EARLY},
		{NFP_VERDICT_SAFE, NFP_VERDICT_EARLY, NFP_VERDICT_EARLY},
		{NFP_VERDICT_INCONCLUSIVE, NFP_VERDICT_SAFE, NFP_VERDICT_SAFE},
		{NFP_VERDICT_SAFE, NFP_VERDICT_INCONCLUSIVE, NFP_VERDICT_SAFE},
		{NFP_VERDICT_SAFE, NFP_VERDICT_SAFE, NFP_VERDICT_SAFE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nfp_store store = {.path = NULL};
		struct nfp_result result;
		struct nfp_style_result *styles;

		sample_igb(&result);
		styles = result.vfs[0].styles;
		styles[1] = styles[0];
		strcpy(styles[1].from.name, "arp:192.0.2.1");
		styles[0].verdict = cases[i].first;
		styles[1].verdict = cases[i].second;
		sample_store_add(&store, &result);
		assert_int_equal(store.num, 1);
		assert_int_equal(style_of(&store, 0)->verdict, cases[i].stored);
		assert_string_equal(store.entries[0].settings.from, style_of(&store, 0)->from.name);
		is_consistent(&store);
		nfp_result_fini(&result);
		nfp_store_fini(&store);
	}
}

/* A run that found nothing out replaces no verdict on the same hardware. */
CASE(inconclusive_does_not_replace_conclusive)
{
	static const enum nfp_verdict nothing[] = {NFP_VERDICT_INCONCLUSIVE, NFP_VERDICT_UNTESTABLE,
						   NFP_VERDICT_NOT_APPLICABLE};

	for (size_t i = 0; i < 3; i++) {
		w->result.vfs[0].styles[0].verdict = nothing[i];
		w->result.vfs[0].styles[1].verdict = nothing[i];
		sample_store_add(&w->check.store, &w->result);
		assert_int_equal(style_of(&w->check.store, 0)->verdict, NFP_VERDICT_SAFE);
		assert_int_equal(style_of(&w->check.store, 1)->verdict, NFP_VERDICT_EARLY);
	}
	/* Nothing is known of other firmware, and the store must show that. */
	strcpy(w->result.pf.firmware, "2.2.0");
	sample_store_add(&w->check.store, &w->result);
	assert_int_equal(style_of(&w->check.store, 0)->verdict, NFP_VERDICT_NOT_APPLICABLE);
	/* Between two that know nothing, the newer one stays. */
	w->result.vfs[0].styles[0].verdict = NFP_VERDICT_UNTESTABLE;
	sample_store_add(&w->check.store, &w->result);
	assert_int_equal(style_of(&w->check.store, 0)->verdict, NFP_VERDICT_UNTESTABLE);
	/* And what is known replaces both. */
	w->result.vfs[0].styles[0].verdict = NFP_VERDICT_STICKY;
	sample_store_add(&w->check.store, &w->result);
	assert_int_equal(style_of(&w->check.store, 0)->verdict, NFP_VERDICT_STICKY);
	is_consistent(&w->check.store);
}

static void add_run(struct sample_world *w, enum nfp_verdict verdict, enum nfp_multicast multicast)
{
	w->result.start_unix_ms += 1000;
	w->result.vfs[0].num_styles = 1;
	w->result.vfs[0].styles[0].verdict = verdict;
	w->result.vfs[0].styles[0].multicast = multicast;
	sample_store_add(&w->check.store, &w->result);
	is_consistent(&w->check.store);
}

/* A netdev has shown that the VF loses its group; by ARP, no group is tested. */
CASE(a_weaker_proof_stands_beside_a_stronger_one)
{
	add_run(w, NFP_VERDICT_DEAF, NFP_MULTICAST_LOST);
	assert_int_equal(w->check.store.num, 2);
	add_run(w, NFP_VERDICT_SAFE, NFP_MULTICAST_UNPROVEN);
	assert_int_equal(w->check.store.num, 3);
	assert_int_equal(style_of(&w->check.store, 0)->verdict, NFP_VERDICT_DEAF);
	assert_int_equal(style_of(&w->check.store, 2)->verdict, NFP_VERDICT_SAFE);
	/* One as weak replaces it, also if the test of multicast was left out. */
	add_run(w, NFP_VERDICT_STICKY, NFP_MULTICAST_UNTESTED);
	assert_int_equal(w->check.store.num, 3);
	assert_int_equal(style_of(&w->check.store, 2)->verdict, NFP_VERDICT_STICKY);
	/* One that proves nothing replaces neither. */
	add_run(w, NFP_VERDICT_INCONCLUSIVE, NFP_MULTICAST_OK);
	assert_int_equal(w->check.store.num, 3);
	assert_int_equal(style_of(&w->check.store, 0)->verdict, NFP_VERDICT_DEAF);
	/* And a strong one replaces both. */
	add_run(w, NFP_VERDICT_SAFE, NFP_MULTICAST_OK);
	assert_int_equal(w->check.store.num, 2);
	assert_int_equal(style_of(&w->check.store, 0)->verdict, NFP_VERDICT_SAFE);
	assert_int_equal(style_of(&w->check.store, 1)->style, NFP_STYLE_BRIDGE);
	/* The weak proof is all that is known of other firmware. */
	strcpy(w->result.pf.firmware, "2.2.0");
	add_run(w, NFP_VERDICT_SAFE, NFP_MULTICAST_UNPROVEN);
	assert_int_equal(w->check.store.num, 2);
	assert_int_equal(style_of(&w->check.store, 0)->multicast, NFP_MULTICAST_UNPROVEN);
}

/* In one run, the stronger proof takes nothing from what another source has shown. */
CASE(proofs_of_one_run)
{
	struct nfp_style_result *styles = w->result.vfs[0].styles;

	for (unsigned int strong = 0; strong < 2; strong++) {
		w->result.start_unix_ms += 1000;
		styles[0].style = styles[1].style = NFP_STYLE_MACVTAP;
		styles[0].multicast = styles[1].multicast = NFP_MULTICAST_UNPROVEN;
		styles[strong].multicast = NFP_MULTICAST_OK;
		styles[strong].verdict = NFP_VERDICT_SAFE;
		styles[!strong].verdict = NFP_VERDICT_STICKY;
		sample_store_add(&w->check.store, &w->result);
		is_consistent(&w->check.store);
		assert_int_equal(w->check.store.num, 3);
		for (size_t i = 0; i < 3; i++) {
			if (style_of(&w->check.store, i)->style == NFP_STYLE_MACVTAP)
				assert_int_equal(style_of(&w->check.store, i)->verdict,
						 style_of(&w->check.store, i)->multicast ==
								 NFP_MULTICAST_OK
							 ? NFP_VERDICT_SAFE
							 : NFP_VERDICT_STICKY);
		}
	}
}

static void interrupted(struct nfp_result *r)
{
	nfp_err_set(&r->error, -EINTR, NFP_E_INTERRUPTED, "stopped by SIGINT");
	r->exit_status = 130;
}

static void timed_out(struct nfp_result *r)
{
	nfp_err_set(&r->error, -ETIME, NFP_E_TIMEOUT, "the time given by --timeout is over");
	r->exit_status = 3;
}

static void not_restored(struct nfp_result *r)
{
	r->restored = false;
	nfp_err_set(&r->error, -EIO, NFP_E_RESTORE, "VF 3: cannot be restored");
	r->exit_status = 5;
}

static void vf_failed(struct nfp_result *r)
{
	r->vfs[0].status = NFP_VF_FAILED;
	nfp_err_set(&r->vfs[0].error, -EIO, NFP_E_KERNEL, "cannot bind igbvf");
	r->error = r->vfs[0].error;
	r->exit_status = 4;
}

/* A verdict that such a run had reached before is none. */
TEST(a_run_that_failed_is_inconclusive)
{
	static const struct {
		void (*make)(struct nfp_result *result);
		const char *why;
	} ways[] = {
		{interrupted, "stopped by SIGINT"},
		{timed_out, "the time given by --timeout is over"},
		{not_restored, "the host could not be restored"},
		{vf_failed, "cannot bind igbvf"},
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct nfp_store store, empty = {.path = NULL};
		struct nfp_result result;

		sample_store(&store);
		sample_igb(&result);
		result.vfs[0].styles[0].verdict = NFP_VERDICT_DEAF;
		ways[i].make(&result);
		assert_int_equal(nfp_store_proof_of(&result, 0, 0), NFP_PROOF_NONE);
		sample_store_add(&store, &result);
		assert_int_equal(style_of(&store, 0)->verdict, NFP_VERDICT_SAFE);
		sample_store_add(&empty, &result);
		assert_int_equal(empty.num, 2);
		assert_int_equal(style_of(&empty, 0)->verdict, NFP_VERDICT_INCONCLUSIVE);
		assert_string_equal(style_of(&empty, 0)->reason, ways[i].why);
		is_consistent(&empty);
		nfp_store_fini(&empty);
		nfp_result_fini(&result);
		nfp_store_fini(&store);
	}
}

/* One VF that failed makes the run exit with 4; the other one was judged in full. */
TEST(the_error_of_another_vf_does_no_harm)
{
	struct nfp_store store = {.path = NULL};
	struct nfp_result result;

	sample_head(&result, 2);
	sample_vf(&result.vfs[0], 2);
	vf_failed(&result);
	sample_igb_vf(&result.vfs[1], 3);
	sample_store_add(&store, &result);
	assert_int_equal(store.num, 2);
	assert_int_equal(style_of(&store, 0)->verdict, NFP_VERDICT_SAFE);
	assert_null(json_object_get(json_of(&store, 0), "error"));
	assert_int_equal(json_integer_value(json_object_get(json_of(&store, 0), "exit")), 0);
	nfp_result_fini(&result);
	nfp_store_fini(&store);
}

/* Keys of a later version, and entries of others, outlive a merge. */
CASE(what_is_not_known_is_kept)
{
	json_object_set_new(w->check.store.root, "later", json_true());
	json_object_set_new((json_t *)(uintptr_t)json_of(&w->check.store, 1), "later", json_true());
	w->result.vfs[0].num_styles = 1;
	sample_store_add(&w->check.store, &w->result);
	assert_true(json_is_true(json_object_get(w->check.store.root, "later")));
	assert_true(json_is_true(json_object_get(json_of(&w->check.store, 1), "later")));
	is_consistent(&w->check.store);
}

/* ---- files that are not understood ---- */

static void refused(const json_t *root, const char *words)
{
	char *text = json_dumps(root, JSON_COMPACT);
	struct nfp_store store = {.path = NULL};
	struct nfp_err err = {0};

	assert_int_equal(nfp_store_parse(text, strlen(text), SAMPLE_DEVICE, &store, &err),
			 -EBADMSG);
	if (err.code != NFP_E_INPUT || !strstr(err.message, words))
		fail_msg("\"%s\" is not \"%s\"", err.message, words);
	assert_null(store.root);
	free(text);
}

TEST(what_is_damaged_is_refused)
{
	struct nfp_store store, cut = {.path = NULL};
	json_t *entries, *copy;
	char *text;

	sample_store(&store);
	entries = json_object_get(store.root, "entries");
#define WITH(change, words)                                 \
	do {                                                \
		copy = json_deep_copy(store.root);          \
		entries = json_object_get(copy, "entries"); \
		change;                                     \
		refused(copy, words);                       \
		json_decref(copy);                          \
	} while (0)
	WITH(json_object_set_new(copy, "schema", json_integer(1)),
	     "another version of nfprobe wrote it (schema 1, not 2)");
	WITH(json_object_del(copy, "store"), "nfprobe --save did not write it");
	WITH(json_object_set_new(copy, "entries", json_object()),
	     "nfprobe --save did not write it");
	WITH(json_object_set_new(copy, "store", json_string("pci-0000:02:00.0")),
	     "it belongs to another device");
	WITH(json_array_append_new(entries, json_integer(1)), "entries[2].schema is not 2");
	WITH(json_object_del(json_array_get(entries, 1), "vfs"), "entries[1].vfs is not a list");
	WITH(json_array_append(
		     json_object_get(json_array_get(entries, 0), "vfs"),
		     json_array_get(json_object_get(json_array_get(entries, 0), "vfs"), 0)),
	     "entries[0].vfs[1].vf is out of order");
	WITH(json_object_set_new(json_array_get(entries, 0), "vfs", json_array()),
	     "entries[0].vfs is not one VF with one style");
	WITH(json_array_append(entries, json_array_get(entries, 0)), "entries[2] appears twice");
#undef WITH
	text = json_dumps(store.root, JSON_COMPACT);
	for (size_t len = 0; len < strlen(text); len += 97)
		assert_int_equal(nfp_store_parse(text, len, SAMPLE_DEVICE, &cut, NULL), -EBADMSG);
	free(text);
	nfp_store_fini(&store);
}

/* ---- the file ---- */

#define WHERE(t)  (t)->dir, "pci", "0000:01:00.0"
#define FILE_NAME SAMPLE_DEVICE ".json"

static void path_of(const struct tree *t, char path[512])
{
	snprintf(path, 512, "%s/" FILE_NAME, t->dir);
}

static int read_store(const struct tree *t, struct nfp_store *ret_store, struct nfp_err *err)
{
	struct nfp_store_file file;
	int ret = nfp_store_open(WHERE(t), &file, err) ?: nfp_store_load(&file, ret_store, err);

	nfp_store_close(&file);
	return ret;
}

static void save(const struct tree *t, int expected)
{
	struct nfp_result result;
	struct nfp_err err = {0};
	int ret;

	sample_igb(&result);
	ret = nfp_store_save(WHERE(t), &result, &err);
	if (ret != expected)
		fail_msg("%d: %s", ret, err.message);
	nfp_result_fini(&result);
}

TEST_WITH(others_may_read_it, tree_setup, tree_teardown)
{
	const struct tree *t = *state;
	struct nfp_store store;
	mode_t before = umask(077);
	char path[512];
	struct stat st;

	path_of(t, path);
	assert_int_equal(read_store(t, &store, NULL), 0);
	assert_int_equal(store.num, 0);
	assert_string_equal(store.path, path);
	nfp_store_fini(&store);
	assert_int_equal(nfp_store_check(WHERE(t), NULL), 0);
	assert_int_equal(access(path, F_OK), -1);
	save(t, 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	/* Nor does a mode that it has had by accident stay. */
	assert_int_equal(chmod(path, 0600), 0);
	save(t, 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	umask(before);
	assert_int_equal(read_store(t, &store, NULL), 0);
	assert_int_equal(store.num, 2);
	nfp_store_fini(&store);
}

/* Each is refused before a run and after it, with a sentence, and stays as it was. */
static void is_left_alone(const struct tree *t, int expected, const char *words)
{
	struct nfp_store store;
	struct nfp_err err = {0};
	struct stat before, after;
	char path[512];

	path_of(t, path);
	assert_int_equal(lstat(path, &before), 0);
	assert_int_equal(nfp_store_check(WHERE(t), &err), expected);
	if (!strstr(err.message, words) || !strstr(err.message, path) || !err.hint[0])
		fail_msg("\"%s\" is not \"%s\"", err.message, words);
	assert_int_equal(read_store(t, &store, &err), expected);
	save(t, expected);
	assert_int_equal(lstat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_size, after.st_size);
}

TEST_WITH(what_is_not_ours_stays, tree_setup, tree_teardown)
{
	const struct tree *t = *state;
	char path[512];
	int fd;

	path_of(t, path);
	tree_file(t, FILE_NAME, "{\n");
	is_left_alone(t, -EBADMSG, "it is damaged: line 2 is not JSON");
	tree_file(t, FILE_NAME, "");
	is_left_alone(t, -EBADMSG, "it is damaged: line 1 is not JSON");
	tree_file(t, FILE_NAME, "{\"schema\": 1}");
	is_left_alone(t, -EBADMSG, "nfprobe --save did not write it");
	assert_int_equal(chmod(path, 0664), 0);
	is_left_alone(t, -EPERM, "another user could have written it");
	assert_int_equal(chmod(path, 0644), 0);
	fd = open(path, O_WRONLY);
	assert_int_equal(ftruncate(fd, NFP_STORE_BYTES + 1), 0);
	close(fd);
	is_left_alone(t, -EFBIG, "it is larger than 32 MB");
	tree_remove(t, FILE_NAME);
	tree_link(t, FILE_NAME, "elsewhere");
	is_left_alone(t, -ELOOP, "it is a symbolic link");
	tree_remove(t, FILE_NAME);
	assert_int_equal(mkfifo(path, 0644), 0);
	is_left_alone(t, -EINVAL, "it is not a regular file");
}

/* A folder that the user names is not made: it may be misspelt. */
TEST_WITH(a_folder_must_be_there, tree_setup, tree_teardown)
{
	const struct tree *t = *state;
	struct nfp_err err = {0};
	char dir[512];

	snprintf(dir, sizeof(dir), "%s/no-such", t->dir);
	assert_int_equal(nfp_store_check(dir, "pci", "0000:01:00.0", &err), -ENOENT);
	assert_non_null(strstr(err.message, "No such file or directory"));
	assert_non_null(strstr(err.hint, dir));
	assert_int_equal(access(dir, F_OK), -1);
}

/* A confined process reads the folder, to the same effect. */
TEST_WITH(a_folder_of_others, tree_setup, tree_teardown)
{
	const struct tree *t = *state;
	struct nfp_store_file file;
	struct nfp_store store;
	char path[512];

	if (geteuid() != 0)
		skip();
	path_of(t, path);
	save(t, 0);
	assert_int_equal(nfp_store_open(WHERE(t), &file, NULL), 0);
	assert_false(file.others);
	nfp_store_close(&file);
	assert_int_equal(chown(t->dir, 65534, 65534), 0);
	assert_int_equal(nfp_store_open(WHERE(t), &file, NULL), 0);
	assert_true(file.others);
	nfp_store_close(&file);
	assert_int_equal(nfp_store_check(WHERE(t), NULL), 0);
	save(t, 0);
	assert_int_equal(read_store(t, &store, NULL), 0);
	assert_int_equal(store.num, 2);
	nfp_store_fini(&store);
	tree_file(t, FILE_NAME, "{\n");
	is_left_alone(t, -EBADMSG, "it is damaged: line 2 is not JSON");
}

/* A run that found nothing out leaves no file. */
TEST_WITH(nothing_new_is_not_written, tree_setup, tree_teardown)
{
	const struct tree *t = *state;
	struct nfp_result result;
	char path[512];

	path_of(t, path);
	nfp_result_init(&result);
	assert_int_equal(nfp_store_save(WHERE(t), &result, NULL), 0);
	assert_int_equal(access(path, F_OK), -1);
}

TEST_MAIN()

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The events of --json-stream. With NFPROBE_STREAM_DIR set, they are kept there as NAME.jsonl, for
 * a validator of JSON Schema.
 */
#include <jansson.h>

#include "harness.h"
#include "report/report.h"
#include "unit/sample_result.h"

#define NOW INT64_C(1795168800123)

#define WRITE(out, ...) \
	assert_int_equal(nfp_report_event(&(struct nfp_event) {__VA_ARGS__}, NOW, out), 0)

/* All events of a run with @result, in the order in which main is told of them. */
static void write_all(const struct nfp_result *result, FILE *out)
{
	const struct nfp_vf_result *vf = &result->vf;

	WRITE(out, .what = NFP_EVENT_LOCKED, .run = result);
	WRITE(out, .what = NFP_EVENT_RUN, .run = result);
	WRITE(out, .what = NFP_EVENT_CHANGE, .text = "ip link set eth0 promisc on");
	WRITE(out, .what = NFP_EVENT_WARNING, .text = "a \"warning\"\n");
	for (size_t j = 0; j < vf->num_styles; j++) {
		const struct nfp_style_result *s = &vf->styles[j];
		const struct nfp_where where = {vf->vf, s->style, s->from.name};

		for (size_t k = 0; k < s->num_steps; k++) {
			WRITE(out, .what = NFP_EVENT_STEP, .where = where, .step = s->steps[k].step,
			      .remaining_ns = UINT64_C(20400000000));
			WRITE(out, .what = NFP_EVENT_WATCH, .where = where,
			      .step = s->steps[k].step);
			WRITE(out, .what = NFP_EVENT_LANDING, .where = where,
			      .landing = &s->steps[k]);
		}
		for (size_t k = 0; k < s->num_transitions; k++)
			WRITE(out, .what = NFP_EVENT_TRANSITION, .where = where,
			      .transition = &s->transitions[k]);
		WRITE(out, .what = NFP_EVENT_VERDICT, .where = {vf->vf, s->style, s->from.name},
		      .style = s);
	}
	WRITE(out, .what = NFP_EVENT_END, .run = result);
}

/* An array of the events; each must be a line of its own. */
static json_t *events_of(const char *name, const struct nfp_result *result)
{
	char *text = NULL, *copy, *save = NULL, file[80];
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	json_t *events = json_array();

	assert_non_null(out);
	write_all(result, out);
	fclose(out);
	snprintf(file, sizeof(file), "%s.jsonl", name);
	sample_keep("NFPROBE_STREAM_DIR", file, text);
	copy = strdup(text);
	assert_non_null(copy);
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		json_error_t error;
		json_t *event = json_loads(line, JSON_REJECT_DUPLICATES, &error);

		if (!event)
			fail_msg("%s: %s", error.text, line);
		json_array_append_new(events, event);
	}
	free(copy);
	free(text);
	return events;
}

static const char *word(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	return text ? text : "(none)";
}

static const json_t *find(const json_t *events, const char *name, size_t number)
{
	for (size_t i = 0; i < json_array_size(events); i++) {
		const json_t *event = json_array_get(events, i);

		if (strcmp(word(event, "event"), name) == 0 && number-- == 0)
			return event;
	}
	fail_msg("no such event %s", name);
	return NULL;
}

TEST(igb)
{
	struct nfp_result result;
	const json_t *event;
	json_t *events;

	sample_igb(&result);
	events = events_of("igb", &result);
	assert_int_equal(json_array_size(events), 1 + 1 + 2 * (14 + 14 + 1 + 1) + 1 + 1);
	event = find(events, "run", 0);
	assert_string_equal(word(event, "time"), "2026-11-20T10:00:00.123Z");
	assert_string_equal(word(json_object_get(event, "pf"), "driver"), "igb");
	assert_int_equal(json_integer_value(json_object_get(event, "vf")), 3);
	assert_string_equal(word(find(events, "warning", 0), "message"), "a \"warning\"\n");
	assert_null(json_object_get(find(events, "warning", 0), "vf"));
	event = find(events, "step", 3);
	assert_string_equal(word(event, "step"), "attach");
	assert_string_equal(word(event, "style"), "macvtap");
	assert_int_equal(json_integer_value(json_object_get(event, "remaining_ms")), 20400);
	event = json_object_get(find(events, "landing", 14 + 3), "landing");
	assert_string_equal(word(event, "state"), "attach");
	event = json_object_get(json_object_get(event, "frames"), "unicast");
	assert_string_equal(word(event, "landing"), "nowhere");
	event = json_object_get(find(events, "transition", 1), "transition");
	assert_string_equal(word(event, "to"), "up");
	event = find(events, "verdict", 1);
	assert_string_equal(word(event, "verdict"), "early");
	assert_string_equal(word(event, "claim"), "assign");
	event = find(events, "end", 0);
	assert_string_equal(word(event, "verdict"), "early");
	assert_int_equal(json_integer_value(json_object_get(event, "exit")), 1);
	assert_true(json_is_null(json_object_get(event, "error")));
	json_decref(events);
	nfp_result_fini(&result);
}

TEST(ends_that_are_none)
{
	struct nfp_result result;
	const json_t *event;
	json_t *events;

	nfp_result_init(&result);
	nfp_err_set(&result.error, 0, NFP_E_PERMISSION, "not permitted");
	events = events_of("error", &result);
	event = find(events, "end", 0);
	assert_true(json_is_null(json_object_get(event, "verdict")));
	assert_string_equal(word(json_object_get(event, "error"), "code"), "permission");
	json_decref(events);
	sample_head(&result);
	result.have_vf = true;
	sample_vf(&result.vf, 1);
	result.vf.status = NFP_VF_IN_USE;
	nfp_err_set(&result.vf.error, 0, NFP_E_VF_IN_USE, "VF 1 is in use");
	(void)nfp_hints_addf(&result.left_behind, "the address");
	nfp_strv_addf(&result.changes_seen, "the MTU");
	result.restored = false;
	result.exit_status = 5;
	events = events_of("odd", &result);
	/* One that is passed over is not announced. */
	assert_true(json_is_null(json_object_get(find(events, "run", 0), "vf")));
	event = json_object_get(find(events, "end", 0), "vf");
	assert_string_equal(word(event, "status"), "in-use");
	json_decref(events);
	nfp_result_fini(&result);
}

/* What the other samples lack, so that the schema's validator sees it. */
TEST(a_fix)
{
	struct nfp_result result;
	struct nfp_style_result *style;
	const json_t *event;
	json_t *events;

	sample_igb(&result);
	style = &result.vf.styles[1];
	style->style = NFP_STYLE_BRIDGE_FDB;
	style->is_fix = true;
	style->multicast = NFP_STATE_LOST;
	strcpy(style->multicast_note, "the VF keeps the group");
	events = events_of("fix", &result);
	event = find(events, "verdict", 1);
	assert_string_equal(word(event, "style"), "bridge");
	assert_string_equal(word(event, "fix"), "fdb");
	assert_string_equal(word(event, "multicast_note"), "the VF keeps the group");
	assert_true(json_is_null(json_object_get(find(events, "verdict", 0), "fix")));
	json_decref(events);
	nfp_result_fini(&result);
}

TEST_MAIN()

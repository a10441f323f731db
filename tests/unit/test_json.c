// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each error and each verdict as JSON; what else is in a result: test_golden.c. With
 * NFPROBE_JSON_DIR set, each document is kept there as NAME.json, for a validator of JSON Schema.
 */
#include <jansson.h>

#include "harness.h"
#include "verdict/verdict.h"
#include "verdict/result.h"
#include "report/report.h"
#include "unit/sample_result.h"
#include "../../src/verdict/judge.h"

static json_t *render(const char *name, const struct nfp_result *result)
{
	char *text = sample_json(result), file[80];
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (!root)
		fail_msg("%s: %s at byte %d of %s", name, error.text, error.position, text);
	assert_int_equal(text[strlen(text) - 1], '\n');
	snprintf(file, sizeof(file), "%s.json", name);
	sample_keep("NFPROBE_JSON_DIR", file, text);
	free(text);
	return root;
}

static const json_t *at(const json_t *root, const char *path)
{
	char copy[256], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *key = strtok_r(copy, "/", &save); key; key = strtok_r(NULL, "/", &save)) {
		if (json_is_array(root))
			root = json_array_get(root, (size_t)atoi(key));
		else
			root = json_object_get(root, key);
	}
	if (!root)
		fail_msg("no %s", path);
	return root;
}

static void is_text(const json_t *root, const char *path, const char *text)
{
	const char *found = json_string_value(at(root, path));

	if (!found || strcmp(found, text) != 0)
		fail_msg("%s is \"%s\", not \"%s\"", path, found ? found : "(no text)", text);
}

static void is_null(const json_t *root, const char *path)
{
	if (!json_is_null(at(root, path)))
		fail_msg("%s is not null", path);
}

TEST(test_every_error)
{
	for (unsigned int code = NFP_E_NONE + 1; code < NFP_E_COUNT; code++) {
		struct nfp_result result;
		char name[64];
		json_t *root;

		nfp_result_init(&result);
		nfp_err_set(&result.error, 0, (enum nfp_errcode)code, "%s",
			    code % 2 ? "words" : "");
		snprintf(name, sizeof(name), "error-%s", nfp_errcode_name((enum nfp_errcode)code));
		root = render(name, &result);
		is_text(root, "error/code", nfp_errcode_name((enum nfp_errcode)code));
		is_null(root, "error/hint");
		is_null(root, "pf/ifname");
		is_null(root, "pf/num_vfs");
		is_null(root, "run/id");
		is_null(root, "run/start");
		is_null(root, "settings/rate");
		is_null(root, "source");
		is_null(root, "verdict");
		is_null(root, "vf");
		json_decref(root);
		nfp_result_fini(&result);
	}
}

TEST(test_every_verdict)
{
	for (unsigned int v = NFP_VERDICT_EARLY; v < NFP_VERDICT_COUNT; v++) {
		struct nfp_result result;
		struct nfp_style_result *style;
		char name[64];
		json_t *root;

		sample_igb(&result);
		style = &result.vf.styles[1];
		style->verdict = (enum nfp_verdict)v;
		style->requires = v % 2 ? (1U << NFP_REQ_COUNT) - 1 : 0;
		style->claim = (enum nfp_claim)(v % NFP_CLAIM_COUNT);
		style->release = (enum nfp_release)(v % NFP_RELEASE_COUNT);
		style->delivery = (enum nfp_delivery)(v % NFP_DELIVERY_COUNT);
		style->allowed = v == NFP_VERDICT_EARLY;
		if (v == NFP_VERDICT_REFUSED) {
			result.vf.styles[0].verdict = NFP_VERDICT_REFUSED;
			result.vf.styles[0].requires = NFP_REQ_BIT(NFP_REQ_ASSIGN_BEFORE_STANDBY);
		}
		if (v == NFP_VERDICT_NOT_APPLICABLE)
			style->num_steps = style->num_transitions = 0;
		nfp_judge_vf(&result.vf);
		result.verdict = nfp_judge_run(&result);
		result.settings.allow[NFP_VERDICT_EARLY] = true;
		snprintf(name, sizeof(name), "verdict-%s", nfp_verdict_name((enum nfp_verdict)v));
		root = render(name, &result);
		is_text(root, "vf/styles/1/verdict", nfp_verdict_name((enum nfp_verdict)v));
		assert_int_equal(json_array_size(at(root, "vf/styles/1/requires")),
				 v % 2 ? NFP_REQ_COUNT : 0);
		is_text(root, "settings/allow/0", "early");
		json_decref(root);
		nfp_result_fini(&result);
	}
}

TEST(test_failover_by_a_fix)
{
	struct nfp_result result;
	struct nfp_style_result *entry;
	json_t *root;

	sample_igb(&result);
	entry = nfp_vf_add_style(&result.vf);
	*entry = result.vf.styles[0];
	entry->style = NFP_STYLE_BRIDGE_FDB;
	entry->is_fix = true;
	result.vf.styles[0].verdict = NFP_VERDICT_DEAF;
	result.vf.styles[0].requires = NFP_REQ_BIT(NFP_REQ_DO_NOT_USE);
	nfp_judge_vf(&result.vf);
	root = render("failover-by-a-fix", &result);
	is_text(root, "failover/answer", "only");
	is_text(root, "failover/style", "bridge");
	is_text(root, "failover/fix", "fdb");
	json_decref(root);
	nfp_result_fini(&result);
}

/* A word on the guest's VLAN that nobody has is null. */
TEST(test_a_guest_vlan_without_a_word)
{
	static const char *const words[] = {"note",	"vlan_netdev",	   "vf_refused",
					    "untested", "registered/note", "unregistered/note"};
	struct nfp_result result;
	json_t *root;

	sample_igb(&result);
	sample_guest_vlan(&result, NFP_LANDING_PF);
	result.vf.styles[0].guest_vlan.note[0] = '\0';
	root = render("guest-vlan-without-a-word", &result);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "vf/styles/0/guest_vlan/%s", words[i]);
		is_null(root, path);
	}
	json_decref(root);
	nfp_result_fini(&result);
}

TEST(test_every_status_of_a_vf)
{
	for (unsigned int status = NFP_VF_PROBED; status <= NFP_VF_FAILED; status++) {
		const char *word = nfp_name(&nfp_vf_status_names, status);
		struct nfp_result result;
		char name[64];
		json_t *root;

		sample_head(&result);
		result.have_vf = true;
		sample_vf(&result.vf, 3);
		result.vf.status = (enum nfp_vf_status)status;
		snprintf(name, sizeof(name), "status-%s", word);
		root = render(name, &result);
		is_text(root, "vf/status", word);
		is_null(root, "vf/verdict");
		json_decref(root);
		nfp_result_fini(&result);
	}
}

TEST_MAIN()

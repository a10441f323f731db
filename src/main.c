// SPDX-License-Identifier: GPL-2.0-or-later
/* main.c - picks the mode and runs it. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/app.h"

static int version_main(struct nfp_program *p);
static int help_main(struct nfp_program *p);

/* Each mode is in the file of its name in src/app. */
static int (*const modes[])(struct nfp_program *p) = {
	[NFP_MODE_PROBE] = nfp_probe_main,     [NFP_MODE_DRY_RUN] = nfp_plan_main,
	[NFP_MODE_LIST] = nfp_list_main,       [NFP_MODE_AUDIT] = nfp_audit_main,
	[NFP_MODE_RESTORE] = nfp_restore_main, [NFP_MODE_REFLECT] = nfp_reflect_main,
	[NFP_MODE_WAY] = nfp_way_main,	       [NFP_MODE_VERSION] = version_main,
	[NFP_MODE_HELP] = help_main,
};

static int version_main(struct nfp_program *p)
{
	fprintf(p->out.file, "nfprobe %s\n", nfp_version);
	return nfp_print_finish(p, 0, 0);
}

static int help_main(struct nfp_program *p)
{
	char text[8192];

	nfp_request_usage(p->request.brief_help, text, sizeof(text));
	return nfp_print_finish(p, fputs(text, p->out.file) < 0 ? -errno : 0, 0);
}

static int run_mode(struct nfp_program *p)
{
	int (*const mode)(struct nfp_program * p) = modes[p->request.mode];

	/* A probe opens its signals in the child, and ends there. */
	if (p->request.mode == NFP_MODE_PROBE)
		return mode(p);
	return nfp_open_signals(p) ?: nfp_print_end(p, mode(p));
}

static void open_output(struct nfp_program *p)
{
	p->out.opts = nfp_report_opts_for(&p->request, STDOUT_FILENO);
	p->err.opts = nfp_report_opts_for(&p->request, STDERR_FILENO);
	(void)(nfp_print_to(p, &p->out, stdout, STDOUT_FILENO)
		       ?: nfp_print_to(p, &p->err, stderr, STDERR_FILENO));
}

static int refuse_usage(struct nfp_program *p, const struct nfp_err *err)
{
	/* A person who mistyped something reads the sentence; the document is for programs. */
	if (nfp_request_json_stdout(&p->request) && isatty(STDOUT_FILENO)) {
		free(p->request.json_file);
		p->request.json_file = NULL;
	}
	return nfp_fail_early(p, err, NFP_EXIT_USAGE, false);
}

/* Reads the command line, and gives up the rights that the mode does not need. 0, or the exit
 * status of a program that is over. */
static int begin_program(struct nfp_program *p, int argc, char **argv)
{
	struct nfp_err err = {0};
	int ret, limited, parsed;

	/* First of all, since an option may name a file to be read. */
	if (nfp_rights_refuse_raised(&err) < 0)
		return nfp_fail_early(p, &err, NFP_EXIT_CANNOT, false);
	parsed = nfp_request_parse(argc, argv, &p->request, &err);
	open_output(p);
	if (parsed < 0)
		return refuse_usage(p, &err);
	ret = nfp_id_read(&p->request, &err);
	nfp_names_resolve(&p->request);
	limited = nfp_rights_limit(p->request.mode);
	if (limited < 0)
		nfp_err_errno(&err, limited, NFP_E_KERNEL, "cannot give up capabilities");
	if (limited < 0 || ret < 0)
		return nfp_fail_early(p, &err, NFP_EXIT_CANNOT,
				      limited == 0 && nfp_print_check(p, NULL) == 0);
	return nfp_print_check(p, &err) < 0 ? nfp_fail_early(p, &err, NFP_EXIT_CANNOT, false) : 0;
}

int main(int argc, char **argv)
{
	struct nfp_shared_state *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
					       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct nfp_program program = {
		.shared = shared,
		.signals = {.fd = -1},
		.out = {.file = stdout},
		.err = {.file = stderr},
	};
	int status;

	if (shared == MAP_FAILED) {
		perror("nfprobe");
		exit(NFP_EXIT_CANNOT);
	}
	nfp_sink_reserve_std();
	json_set_alloc_funcs(nfp_malloc, free);
	program.parent = (int)getpid();
	status = begin_program(&program, argc, argv);
	if (!status)
		status = run_mode(&program);
	nfp_request_fini(&program.request);
	exit(status);
}

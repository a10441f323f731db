// SPDX-License-Identifier: GPL-2.0-or-later
/* record.c - the run as a file of packets (--write): opened before anything is changed, in its
 * place after everything is put back. */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "nfprobe/traffic.h"
#include "nfprobe/output.h"
#include "run_priv.h"

#define EXIT_CANNOT  4
#define EXIT_RESTORE 5

int nfp_record_open(struct nfp_run *run, struct nfp_err *err)
{
	struct nfp_recorder_host host = {.clock = nfp_clock_read()};
	struct utsname uts;

	if (!run->request->write_file)
		return 0;
	if (uname(&uts) < 0)
		return nfp_err_errno(err, -errno, NFP_E_KERNEL, "cannot name this host");
	host.hostname = uts.nodename;
	host.kernel = uts.release;
	host.machine = uts.machine;
	return nfp_recorder_open(run->request->write_file, &host, &run->recorder, err);
}

void nfp_record_stream(struct nfp_run *run, struct nfp_stream_config *config, unsigned int vf)
{
	char filter[NFP_CAPTURE_FILTER_LEN];
	struct nfp_recorder_stream stream = {
		.sender = config->sender.ifname,
		.pf = config->pf.ifname,
		.sender_mac = config->sender_mac,
		.pf_mac = run->pf->info.address,
		.filter = filter,
		.what = run->origin.row->meaning,
		.vf = vf,
	};

	if (!run->recorder)
		return;
	nfp_capture_filter(&config->id, filter);
	if (config->codec && config->codec->filter)
		stream.filter = config->codec->filter;
	nfp_recorder_stream(run->recorder, &stream);
	config->tap = nfp_recorder_tap(run->recorder);
}

void nfp_record_check(struct nfp_run *run)
{
	int ret = nfp_recorder_failure(run->recorder);

	if (ret)
		nfp_run_warn(run, "cannot write %s: %s; the run goes on without it",
			     run->request->write_file, nfp_sink_strerror(ret));
}

/* The verdict stands; that it cannot be proved is an error of its own. */
void nfp_record_finish(struct nfp_run *run)
{
	struct nfp_result *result = run->result;
	struct nfp_err err = {0};
	int ret;

	if (!run->recorder)
		return;
	ret = nfp_recorder_close(run->recorder, result, &run->id, &err);
	run->recorder = NULL;
	if (ret == 0)
		return;
	if (result->error.code == NFP_E_NONE)
		result->error = err;
	if (result->exit_status != EXIT_RESTORE && result->exit_status <= 128)
		result->exit_status = EXIT_CANNOT;
}

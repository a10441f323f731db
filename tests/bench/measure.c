// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cost of a command:   measure FILE COMMAND ARGS...
 *
 * Writes one JSON object to FILE; ends with the command's status. It is small itself: the memory of
 * a process before exec counts as the command's (getrusage(2), ru_maxrss).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double seconds(const struct timeval *tv)
{
	return (double)tv->tv_sec + (double)tv->tv_usec / 1e6;
}

static int die(const char *what)
{
	fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	return 125;
}

static int run(char **argv, struct rusage *ret_usage, int *ret_status)
{
	pid_t pid = fork();

	if (pid < 0)
		return die("fork");
	if (pid == 0) {
		execvp(argv[0], argv);
		_exit(die(argv[0]));
	}
	while (wait4(pid, ret_status, 0, ret_usage) < 0) {
		if (errno != EINTR)
			return die("wait4");
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	double begin = now();
	int ret, status = 0;
	FILE *file;

	if (argc < 3) {
		fprintf(stderr, "usage: measure FILE COMMAND ARGS...\n");
		return 125;
	}
	ret = run(argv + 2, &usage, &status);
	if (ret)
		return ret;
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	file = fopen(argv[1], "we");
	if (!file)
		return die(argv[1]);
	fprintf(file,
		"{\"wall_s\": %.3f, \"user_s\": %.3f, \"sys_s\": %.3f, \"rss_kb\": %ld, "
		"\"status\": %d}\n",
		now() - begin, seconds(&usage.ru_utime), seconds(&usage.ru_stime), usage.ru_maxrss,
		status);
	return fclose(file) ? die(argv[1]) : status;
}

/* SPDX-License-Identifier: MIT */
/* setup.c -- runs the commands of a plan. */
#include "agent/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/setup_plan.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

#define TIMEOUT_MS 30000 /* in all; the host waits 45 s */
#define OUTPUT_MAX 160   /* bytes of a command's output that are told */

struct setup {
	struct setup_plan plan;
	size_t at; /* the command that runs */
	pid_t child;
	int out; /* its output */
	char output[OUTPUT_MAX + 1];
	size_t length;
	uint64_t until_ms;
};

bool setup_is_possible(void)
{
	return network_manager_find("") != MANAGER_NONE;
}

/* --- One command --- */

static bool spawn(struct setup *setup, int out, struct okvp_error *err)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", language[] = "LC_ALL=C";
	char *const environment[] = { path, language, NULL };
	char **words = setup->plan.command[setup->at].words;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, pipe_signal;
	int failure;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
	sigemptyset(&none);
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &pipe_signal);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	failure = posix_spawnp(&setup->child, words[0], &actions, &attributes, words, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return failure == 0 || okvp_fail_errno(err, failure, "%s", words[0]);
}

static bool start(struct setup *setup, struct okvp_error *err)
{
	int ends[2];
	bool ok;

	setup->length = 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return okvp_fail_errno(err, errno, "pipe");
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	ok = spawn(setup, ends[1], err);
	close(ends[1]);
	if (ok)
		setup->out = ends[0];
	else
		close(ends[0]);
	return ok;
}

static int stop(struct setup *setup, bool at_once)
{
	int status = -1;

	if (setup->child <= 0)
		return status;
	if (at_once)
		kill(setup->child, SIGKILL);
	while (waitpid(setup->child, &status, 0) < 0 && errno == EINTR)
		;
	setup->child = 0;
	close(setup->out);
	setup->out = -1;
	return status;
}

/* Takes what was written; true: the command has closed its output. What is too much is dropped. */
static bool read_output(struct setup *setup)
{
	char bytes[512];
	ssize_t count;

	while ((count = read(setup->out, bytes, sizeof(bytes))) > 0) {
		size_t room = OUTPUT_MAX - setup->length;

		if ((size_t)count < room)
			room = (size_t)count;
		memcpy(setup->output + setup->length, bytes, room);
		setup->length += room;
	}
	setup->output[setup->length] = '\0';
	return count == 0;
}

/* "ip address replace: RTNETLINK answers: Operation not permitted": the first line of it. */
static void tell_failure(struct setup *setup, int status, struct okvp_error *err)
{
	char *const *words = setup->plan.command[setup->at].words;

	setup->output[strcspn(setup->output, "\n")] = '\0';
	if (*setup->output)
		okvp_fail(err, OKVP_IO, "%s %s: %s", words[0], words[1], setup->output);
	else if (WIFEXITED(status))
		okvp_fail(err, OKVP_IO, "%s %s: ended with %d", words[0], words[1],
			  WEXITSTATUS(status));
	else
		okvp_fail(err, OKVP_IO, "%s %s: was killed", words[0], words[1]);
}

/* --- All of them --- */

static bool write_file(const struct setup_plan *plan, struct okvp_error *err)
{
	if (!plan->path)
		return true;
	if (!file_write(plan->path, plan->content.bytes, plan->content.length, err))
		return false;
	return !plan->is_public || chmod(plan->path, 0644) == 0 ||
	       okvp_fail_errno(err, errno, "%s", plan->path);
}

static bool make_plan(const struct okvp_adapter *wanted, struct setup_plan *ret_plan,
		      struct okvp_error *err)
{
	struct machine_adapters scoped(adapters_done) adapters = { 0 };
	const struct machine_adapter *now;

	if (!adapters_read(&adapters, err))
		return false;
	now = adapters_find(&adapters, wanted->id);
	if (!now)
		return okvp_fail(err, OKVP_NOT_FOUND, "there is no adapter with the MAC %s",
				 wanted->id);
	return setup_plan_make(network_manager_find(""), now, wanted, ret_plan, err);
}

bool setup_begin(const struct okvp_adapter *wanted, struct setup **ret_setup,
		 struct okvp_error *err)
{
	struct setup *setup scoped(setup_free) = xcalloc(1, sizeof(*setup));

	setup->out = -1;
	setup->until_ms = clock_monotonic_ms() + TIMEOUT_MS;
	if (!make_plan(wanted, &setup->plan, err) || !write_file(&setup->plan, err) ||
	    !start(setup, err))
		return false;
	*ret_setup = take(setup);
	return true;
}

int setup_descriptor(const struct setup *setup)
{
	return setup->out;
}

int setup_time_left(const struct setup *setup)
{
	uint64_t now = clock_monotonic_ms();

	return setup->until_ms > now ? (int)(setup->until_ms - now) : 0;
}

bool setup_turn(struct setup *setup, struct okvp_error *err)
{
	bool late = setup_time_left(setup) == 0;
	int status;

	if (!read_output(setup) && !late)
		return false;
	status = stop(setup, late);
	err->status = OKVP_OK;
	if (late)
		okvp_fail(err, OKVP_TIMEOUT, "%s did not end in %d s",
			  setup->plan.command[setup->at].words[0], TIMEOUT_MS / 1000);
	else if (status != 0)
		tell_failure(setup, status, err);
	else if (++setup->at < setup->plan.count && start(setup, err))
		return false;
	return true;
}

void setup_free(struct setup **setup)
{
	struct setup *s = take(*setup);

	if (!s)
		return;
	stop(s, true);
	setup_plan_done(&s->plan);
	free(s);
}

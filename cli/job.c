/* SPDX-License-Identifier: MIT */
/* job.c -- openkvp job: what became of a batch, and waiting for it. */
#include "cli/job.h"

#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

#define WAIT_S 60 /* openkvpd waits no longer in one request */

static void show_created(struct text *out, const json_t *job)
{
	table_time(out, job, "created");
}

static void show_ended(struct text *out, const json_t *job)
{
	table_time(out, job, "ended");
}

/* Gives each job the name of its VM, where it still has one, in place of the GUID. */
static enum exit_code name_vms(struct cli *cli, json_t *jobs)
{
	scoped(reply_done) struct reply reply = { 0 };
	scoped(map_done) struct map names = { 0 };
	enum exit_code code = cli_get(cli, "/v1/vms", &reply);
	json_t *vms = json_object_get(reply.json, "vms");

	for (size_t i = 0; i < json_array_size(vms); i++) {
		json_t *vm = json_array_get(vms, i);
		const char *id = member_text(vm, "id");

		map_put(&names, id, strlen(id), json_object_get(vm, "name"));
	}
	for (size_t i = 0; i < json_array_size(jobs); i++) {
		json_t *job = json_array_get(jobs, i);
		const char *id = member_text(job, "vm");
		json_t *name = map_find(&names, id, strlen(id));

		if (name)
			json_object_set(job, "vm", name);
	}
	return code;
}

enum exit_code job_list(struct cli *cli)
{
	static const struct column columns[] = {
		{ .title = "JOB", .member = "id" },
		{ .title = "VM", .member = "vm" },
		{ .title = "KIND", .member = "kind" },
		{ .title = "STATE", .member = "state" },
		{ .title = "PERCENT", .member = "percent", .right = true },
		{ .title = "CREATED", .show = show_created },
		{ .title = "TEXT", .member = "text", .gives_way = true },
	};
	scoped(reply_done) struct reply reply = { 0 };
	enum exit_code code = cli_get(cli, "/v1/jobs", &reply);
	json_t *jobs = json_object_get(reply.json, "jobs");

	if (code != EXIT_DONE || cli_print_json(cli, &reply))
		return code;
	code = name_vms(cli, jobs);
	if (code == EXIT_DONE)
		cli_print_table(cli, columns, count_of(columns), jobs);
	return code;
}

static void job_path(struct text *ret_path, const char *id)
{
	text_puts(ret_path, "/v1/jobs");
	path_add(ret_path, id);
}

enum exit_code job_show(struct cli *cli)
{
	static const struct column columns[] = {
		{ .title = "Job", .member = "id" },
		{ .title = "VM", .member = "vm" },
		{ .title = "Kind", .member = "kind" },
		{ .title = "State", .member = "state" },
		{ .title = "Error", .member = "error" },
		{ .title = "Percent", .member = "percent" },
		{ .title = "Text", .member = "text" },
		{ .title = "Generation", .member = "generation" },
		{ .title = "Created", .show = show_created },
		{ .title = "Ended", .show = show_ended },
	};
	scoped(text_done) struct text path = { 0 };
	scoped(reply_done) struct reply reply = { 0 };
	enum exit_code code;

	job_path(&path, cli->arguments->words[0]);
	code = cli_get(cli, path.bytes, &reply);
	if (code == EXIT_DONE && !cli_print_json(cli, &reply))
		cli_print_one(cli, columns, count_of(columns), reply.json);
	return code;
}

static bool is_running(const json_t *job)
{
	return strcmp(member_text(job, "state"), "running") == 0;
}

static bool has_failed(const json_t *job)
{
	return !is_running(job) && strcmp(member_text(job, "state"), "completed") != 0;
}

static bool is_true(const json_t *job, const char *member)
{
	return json_is_true(json_object_get(job, member));
}

/* Asks for a job again and again, until the guest has answered or the time is over. */
static enum exit_code wait_for(struct cli *cli, const char *id, uint64_t wait_s,
			       struct reply *ret_reply)
{
	uint64_t started_ms = clock_monotonic_ms();
	enum exit_code code;

	for (;;) {
		uint64_t passed_s = (clock_monotonic_ms() - started_ms) / 1000;
		uint64_t left_s = wait_s > passed_s ? wait_s - passed_s : 0;
		scoped(text_done) struct text path = { 0 };

		job_path(&path, id);
		text_printf(&path, "?wait=%d", left_s < WAIT_S ? (int)left_s : WAIT_S);
		code = cli_get(cli, path.bytes, ret_reply);
		if (code != EXIT_DONE || !is_true(ret_reply->json, "awaited") || left_s == 0)
			return code;
		reply_done(ret_reply);
	}
}

enum exit_code job_follow(struct cli *cli, const char *id, const uint64_t *wait_s)
{
	scoped(reply_done) struct reply reply = { 0 };
	enum exit_code code = wait_for(cli, id, wait_s ? *wait_s : 0, &reply);
	scoped(text_done) struct text text = { 0 };
	bool good;

	if (code != EXIT_DONE)
		return code;
	cli_print_json(cli, &reply);
	if (is_running(reply.json) && wait_s)
		return cli_fail(cli, EXIT_JOB, "still running: job %s", id);
	good = wait_s ? is_true(reply.json, "delivered") : !has_failed(reply.json);
	if (!good)
		return cli_fail(cli, EXIT_JOB, "%s", member_text(reply.json, "text"));
	if (cli->arguments->given[OPTION_JSON])
		return EXIT_DONE;
	table_value(&text, json_object_get(reply.json, "text"));
	if (is_running(reply.json))
		text_printf(&text, ": job %s", id);
	text_putc(&text, '\n');
	fwrite(text.bytes, 1, text.length, cli->out);
	return EXIT_DONE;
}

enum exit_code job_wait(struct cli *cli)
{
	uint64_t wait_s = UINT64_MAX; /* until it ends */
	struct okvp_error error;

	if (!arguments_number(cli->arguments, OPTION_WAIT, UINT32_MAX, &wait_s, &error))
		return cli_fail(cli, EXIT_USAGE, "%s", error.message);
	return job_follow(cli, cli->arguments->words[0], &wait_s);
}

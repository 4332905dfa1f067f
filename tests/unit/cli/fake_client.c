/* SPDX-License-Identifier: MIT */
/* fake_client.c -- stands in for cli/client.c. */
#include "fake_client.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define WORDS_MAX 64

static struct {
	const struct fake_answer *answer;
	size_t left, terminal;
	struct text requests;
	char *out, *err;
	size_t out_length, err_length;
} fake;

struct client *client_create(const struct client_settings *settings)
{
	return xcalloc(1, 1);
}

void client_free(struct client **client)
{
	free(*client);
	*client = NULL;
}

void reply_done(struct reply *reply)
{
	text_done(&reply->body);
	json_decref(reply->json);
	*reply = (struct reply){ 0 };
}

bool client_call(struct client *client, const char *method, const char *path,
		 const struct text *body, struct reply *ret_reply, struct okvp_error *err)
{
	const struct fake_answer *answer = fake.answer;

	text_printf(&fake.requests, "%s %s", method, path);
	if (body)
		text_printf(&fake.requests, " %s", body->bytes ? body->bytes : "");
	text_putc(&fake.requests, '\n');
	if (fake.left == 0 || answer->status == 0)
		return okvp_fail(err, OKVP_UNAVAILABLE, "nobody answers at all");
	fake.answer++;
	fake.left--;
	*ret_reply = (struct reply){ .status = answer->status };
	if (answer->body) {
		text_puts(&ret_reply->body, answer->body);
		ret_reply->json = json_loads(answer->body, JSON_ALLOW_NUL, NULL);
	}
	return true;
}

int fake_run(const char *line, const char *input, const struct fake_answer *answers, size_t count)
{
	char *copy = xstrdup(line), *rest = copy;
	const char *words[WORDS_MAX];
	struct cli cli = { .terminal = fake.terminal };
	size_t word_count = 0;
	int status;

	fake_done(NULL);
	fake.answer = answers;
	fake.left = count;
	while ((words[word_count] = strsep(&rest, " ")) && word_count < WORDS_MAX - 1)
		if (*words[word_count])
			word_count++;
	cli.in = *input ? fmemopen((void *)input, strlen(input), "r") : fopen("/dev/null", "r");
	cli.out = open_memstream(&fake.out, &fake.out_length);
	cli.err = open_memstream(&fake.err, &fake.err_length);
	status = cli_run(&cli, words, word_count);
	fclose(cli.in);
	fclose(cli.out);
	fclose(cli.err);
	free(copy);
	return status;
}

const char *fake_requests(void)
{
	return fake.requests.bytes ? fake.requests.bytes : "";
}

const char *fake_out(void)
{
	return fake.out;
}

const char *fake_err(void)
{
	return fake.err;
}

void fake_terminal(size_t columns)
{
	fake.terminal = columns;
}

int fake_done(void **state)
{
	text_done(&fake.requests);
	free(fake.out);
	free(fake.err);
	fake.out = fake.err = NULL;
	if (state)
		fake.terminal = 0;
	return 0;
}

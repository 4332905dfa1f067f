/* SPDX-License-Identifier: MIT */
/* fuzz_json.c -- any request to the JSON API, written "METHOD target", newline, body: it is
 * answered, by JSON, or asks the exchange for something that makes sense. */
#include "fuzz.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "fake.h"
#include "openkvp/scoped.h"

/* Splits the first line off: "METHOD target". False: there is none. */
static bool split(char *line, size_t size, const char **ret_target, const char **ret_body)
{
	char *end = memchr(line, '\n', size), *space;

	if (!end)
		return false;
	*end = '\0';
	space = strchr(line, ' ');
	if (!space)
		return false;
	*space = '\0';
	*ret_target = space + 1;
	*ret_body = end + 1;
	return true;
}

static void check_batch(const struct exchange_call *batch)
{
	assert(batch->count <= EXCHANGE_BATCH_MAX && (batch->count > 0 || batch->clear));
	for (size_t i = 0; i < batch->count; i++)
		assert(batch->changes[i].item.key && batch->changes[i].item.value);
}

/* Lets what waits come to its end, so that there is an answer. */
static void finish(void)
{
	if (fake.batch)
		check_batch(fake.batch);
	if (fake.vm_call)
		assert(fake.vm_call->verb != VM_DEFINE || fake.vm_call->name);
	if (fake.batch || fake.vm_call)
		fake_finish(OKVP_OK, "");
	if (fake.done)
		take(fake.done)(fake.context);
	fake_wait(); /* for those that the users' thread answers */
}

static void check_answer(void)
{
	json_t *tree;

	assert(fake.http_status >= 200 && fake.http_status < 600);
	if (*fake.body == '\0')
		return;
	tree = json_loads(fake.body, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	assert(json_is_object(tree));
	assert(fake.http_status < 400 || json_object_get(tree, "message"));
	json_decref(tree);
}

static void open_once(void)
{
	if (fake.api)
		return;
	fake_open(NULL);
	fake_add(SPACE_EXTERNAL, "a/b", "1");
	fake_add_tombstone("old");
	fake.job = (struct job){ .state = JOB_RUNNING, .text = "" };
	guid_from_text(JOB1, &fake.job.id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *target, *body;
	char *line = xcalloc(1, size + 1);

	open_once();
	memcpy(line, data, size);
	if (split(line, size, &target, &body)) {
		fake_send_bytes(ROLE_ADMIN, line, target, body, size - (size_t)(body - line));
		finish();
		check_answer();
	}
	free(line);
	return 0;
}

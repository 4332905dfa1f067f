/* SPDX-License-Identifier: MIT */
/* delivery.c -- how long it takes from a call to the guest's pool file: from the first byte of
 * AddKvpItems with one item until that item stands there.
 *
 *	delivery PORT USER:PASSWORD VM POOL_FILE COUNT
 *
 * The VM has no items yet. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "bench.h"
#include "http.h"
#include "openkvp/pool_file.h"
#include "soap.h"

#define PATIENCE_MS 5000

struct pool {
	int file_fd, event_fd;
};

static struct pool open_pool(const char *path)
{
	struct pool pool = { .file_fd = open(path, O_RDONLY | O_CLOEXEC),
			     .event_fd = inotify_init1(IN_CLOEXEC) };

	if (pool.file_fd < 0 || inotify_add_watch(pool.event_fd, path, IN_MODIFY) < 0)
		die_errno(path);
	return pool;
}

static bool is_there(const struct pool *pool, unsigned int index, const char *key)
{
	uint8_t record[OKVP_RECORD_SIZE];
	ssize_t got = pread(pool->file_fd, record, sizeof(record), (off_t)index * OKVP_RECORD_SIZE);

	return got == OKVP_RECORD_SIZE && memcmp(record, key, BENCH_KEY_LENGTH + 1) == 0 &&
	       memcmp(record + OKVP_RECORD_KEY_SIZE, SOAP_VALUE, sizeof(SOAP_VALUE)) == 0;
}

static void wait_for(const struct pool *pool, unsigned int index, const char *key)
{
	struct pollfd wait = { .fd = pool->event_fd, .events = POLLIN };
	char events[4096];

	while (!is_there(pool, index, key)) {
		if (poll(&wait, 1, PATIENCE_MS) <= 0)
			die("item %u does not arrive", index);
		if (read(pool->event_fd, events, sizeof(events)) < 0 && errno != EINTR)
			die_errno("inotify");
	}
}

static void receive_answer(int fd, struct http_answer *answer)
{
	http_answer_clear(answer);
	while (!http_receive(fd, answer))
		;
	if (!http_is_ok(answer) || !strstr(http_body(answer), SOAP_JOB_STARTED))
		die("a wrong answer:\n%.2000s", answer->text.bytes);
}

int main(int argc, char **argv)
{
	struct text body = { 0 }, request = { 0 };
	struct http_answer answer = { 0 };
	struct samples samples = { 0 };
	unsigned int vm, count;
	struct pool pool;
	int fd;

	if (argc != 6)
		die("usage: delivery PORT USER:PASSWORD VM POOL_FILE COUNT");
	vm = (unsigned int)atoi(argv[3]);
	count = number_of(argv[5]);
	pool = open_pool(argv[4]);
	fd = connect_tcp(argv[1]);
	for (unsigned int i = 0; i < count; i++) {
		const struct http_target target = { .port = argv[1],
						    .path = SOAP_PATH,
						    .content_type = SOAP_TYPE,
						    .credentials = argv[2] };
		char key[BENCH_KEY_LENGTH + 1];
		uint64_t sent_ns;

		text_clear(&body);
		text_clear(&request);
		soap_add_kvp_items(&body, vm, i, 1);
		http_add_post(&request, &target, &body);
		sent_ns = now_ns();
		write_all(fd, request.bytes, request.length);
		wait_for(&pool, i, bench_key(i, key));
		samples_add(&samples, now_ns() - sent_ns);
		receive_answer(fd, &answer);
	}
	samples_report(&samples);
	samples_done(&samples);
	text_done(&body);
	text_done(&request);
	text_done(&answer.text);
	return 0;
}

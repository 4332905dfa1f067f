/* SPDX-License-Identifier: MIT */
/* observer.c -- reads what guests have changed, as a client does. */
#include "observer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "http.h"
#include "openkvp/scoped.h"

#define PATIENCE_NS UINT64_C(5000000000)
#define PAUSE_NS    100000 /* between two looks at the same guest */

struct observer {
	struct http_target target;
	int fd;
	struct text request;
	struct http_answer answer;
	struct samples latency;
	uint64_t changes, lost;

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;
	bool busy;
	unsigned int n, i;
	uint32_t sequence;
	uint64_t written_ns;
	const struct guest *guests; /* not NULL: the end */
	unsigned int count;
};

/* --- Looking --- */

static const char *read_guest(struct observer *observer, unsigned int n)
{
	struct guid vm = bench_vm(n);
	char id[GUID_TEXT_SIZE];
	char *path scoped(xfree_text) = xprintf("/v1/vms/%s/guest", guid_to_text(&vm, id));
	struct http_target target = observer->target;

	target.path = path;
	text_clear(&observer->request);
	http_add_get(&observer->request, &target);
	http_answer_clear(&observer->answer);
	write_all(observer->fd, observer->request.bytes, observer->request.length);
	while (!http_receive(observer->fd, &observer->answer))
		;
	if (!http_is_ok(&observer->answer))
		die("a wrong answer:\n%.2000s", observer->answer.text.bytes);
	return http_body(&observer->answer);
}

/* The sequence of an item's value; 0 when it is not there. */
static uint32_t shown(const char *body, unsigned int i)
{
	char key[BENCH_KEY_LENGTH + 1], digits[GUEST_SEQUENCE_DIGITS + 1] = "";
	char *mark scoped(xfree_text) = xprintf("\"%s\",\"value\":\"", bench_key(i, key));
	const char *at = strstr(body, mark);

	if (at)
		memcpy(digits, at + strlen(mark), GUEST_SEQUENCE_DIGITS);
	return (uint32_t)strtoul(digits, NULL, 10);
}

static void pause_a_little(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
}

/* Until a change, or a later one, is shown. */
static void look(struct observer *observer)
{
	while (shown(read_guest(observer, observer->n), observer->i) < observer->sequence) {
		if (now_ns() > observer->written_ns + PATIENCE_NS) {
			observer->lost++;
			return;
		}
		pause_a_little();
	}
	samples_add(&observer->latency, now_ns() - observer->written_ns);
}

static unsigned int differences(struct observer *observer, unsigned int n)
{
	const char *body = read_guest(observer, n);
	unsigned int count = 0;

	for (unsigned int i = 0; i < guest_items; i++)
		count += shown(body, i) != observer->guests[n].sequence[i];
	return count;
}

static void look_at_all(struct observer *observer)
{
	uint64_t end_ns = now_ns() + PATIENCE_NS;

	for (unsigned int n = 0; n < observer->count; n++) {
		while (differences(observer, n) > 0 && now_ns() < end_ns)
			pause_a_little();
		observer->lost += differences(observer, n);
	}
}

/* --- The thread --- */

static void *observe(void *context)
{
	struct observer *observer = context;

	for (;;) {
		pthread_mutex_lock(&observer->lock);
		observer->busy = false;
		while (!observer->busy && !observer->guests)
			pthread_cond_wait(&observer->wake, &observer->lock);
		pthread_mutex_unlock(&observer->lock);
		if (observer->guests)
			break;
		look(observer);
	}
	look_at_all(observer);
	printf("{\"changes\": %ju, \"looked_at\": %zu, \"lost\": %ju, \"p50_us\": %.1f, "
	       "\"p99_us\": %.1f}\n",
	       (uintmax_t)observer->changes, observer->latency.count, (uintmax_t)observer->lost,
	       samples_us(&observer->latency, 50), samples_us(&observer->latency, 99));
	fflush(stdout);
	return NULL;
}

struct observer *observer_start(const char *port, const char *credentials)
{
	struct observer *observer = xcalloc(1, sizeof(*observer));
	pthread_t thread;

	observer->target = (struct http_target){ .port = port, .credentials = credentials };
	observer->fd = connect_tcp(port);
	pthread_mutex_init(&observer->lock, NULL);
	pthread_cond_init(&observer->wake, NULL);
	observer->busy = true; /* until the thread is there */
	if (pthread_create(&thread, NULL, observe, observer) != 0)
		die("no thread");
	pthread_detach(thread);
	return observer;
}

void observer_tell(struct observer *observer, unsigned int n, unsigned int i, uint32_t sequence,
		   uint64_t written_ns)
{
	pthread_mutex_lock(&observer->lock);
	observer->changes++;
	if (!observer->busy) {
		observer->busy = true;
		observer->n = n;
		observer->i = i;
		observer->sequence = sequence;
		observer->written_ns = written_ns;
		pthread_cond_signal(&observer->wake);
	}
	pthread_mutex_unlock(&observer->lock);
}

void observer_end(struct observer *observer, const struct guest *guests, unsigned int count)
{
	pthread_mutex_lock(&observer->lock);
	observer->guests = guests;
	observer->count = count;
	pthread_cond_signal(&observer->wake);
	pthread_mutex_unlock(&observer->lock);
}

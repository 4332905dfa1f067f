/* SPDX-License-Identifier: MIT */
/* test_indication.c -- indication/indication, indication/feed, indication/routes: from an event to
 * a listener */
#include "indication/indication.h"

#include <arpa/inet.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"

#define V2 "root/virtualization/v2"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define NO "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"

struct fixture {
	int fd; /* listens */
	int connection;
	char url[64], post[16384];
	uint64_t state;        /* of the subscription; 0: there is none */
	_Atomic uint64_t left; /* seconds; UINT64_MAX: it does not end */
	sem_t removed;
	const char *query;
	struct cim_service *service;
	struct cim_events *events;
	struct indications *indications;
};

/* --- A filter, a listener and a subscription --- */

static void fill(struct fixture *f, struct cim_instance *instance)
{
	static const char *const spaces[] = { V2 };

	cim_set_text(instance, PROPERTY_SYSTEM_CREATION_CLASS_NAME, "CIM_ComputerSystem");
	cim_set_text(instance, PROPERTY_SYSTEM_NAME, "h");
	cim_set_text(instance, PROPERTY_CREATION_CLASS_NAME, instance->class->name);
	cim_set_text(instance, PROPERTY_NAME, "n");
	cim_set_text(instance, PROPERTY_DESTINATION, f->url);
	cim_set_text(instance, PROPERTY_QUERY, f->query);
	cim_set_text_array(instance, PROPERTY_SOURCE_NAMESPACES, spaces, 1);
}

static bool find(void *context, const struct cim_object_path *path, struct cim_instance *instance)
{
	fill(context, instance);
	return true;
}

static struct cim_value path_to(struct fixture *f, struct arena *arena, enum cim_class_id id)
{
	const struct cim_namespace *ns = cim_namespace_find("root/interop");
	struct cim_instance *end = cim_instance_create(arena, cim_class_by_id(ns, id));

	fill(f, end);
	return cim_reference(cim_instance_path(end));
}

struct walk {
	struct fixture *fixture;
	bool done;
};

static void *walk_begin(void *context, const struct cim_class *class)
{
	struct walk *walk = xcalloc(1, sizeof(*walk));

	walk->fixture = context;
	walk->done = walk->fixture->state == 0;
	return walk;
}

static bool find_subscription(void *context, const struct cim_object_path *path,
			      struct cim_instance *instance)
{
	struct fixture *f = context;

	cim_set(instance, PROPERTY_FILTER, path_to(f, instance->arena, CIM_INDICATION_FILTER));
	cim_set(instance, PROPERTY_HANDLER,
		path_to(f, instance->arena, CIM_LISTENER_DESTINATION_CIMXML));
	cim_set_uint(instance, PROPERTY_SUBSCRIPTION_STATE, f->state);
	if (f->left < UINT64_MAX)
		cim_set_uint(instance, PROPERTY_SUBSCRIPTION_TIME_REMAINING, f->left);
	return f->state != 0;
}

static bool walk_next(void *context, struct cim_instance *instance)
{
	struct walk *walk = context;

	if (walk->done)
		return false;
	walk->done = true;
	return find_subscription(walk->fixture, NULL, instance);
}

static void remove_subscription(struct cim_operation *operation)
{
	struct fixture *f = cim_service_context(operation->service);

	f->state = 0;
	cim_operation_finish(operation);
	sem_post(&f->removed);
}

static const struct cim_provider filters = {
	.class_id = CIM_INDICATION_FILTER,
	.walk_begin = walk_begin,
	.walk_next = walk_next,
	.walk_end = free,
	.find = find,
};
static const struct cim_provider listeners = {
	.class_id = CIM_LISTENER_DESTINATION_CIMXML,
	.walk_begin = walk_begin,
	.walk_next = walk_next,
	.walk_end = free,
	.find = find,
};
static const struct cim_provider subscriptions = {
	.class_id = CIM_INDICATION_SUBSCRIPTION,
	.walk_begin = walk_begin,
	.walk_next = walk_next,
	.walk_end = free,
	.find = find_subscription,
	.delete = remove_subscription,
};
static const struct cim_provider *const providers[] = { &filters, &listeners, &subscriptions,
							NULL };

/* --- Events --- */

struct job {
	struct cim_event_source source;
	atomic_int references;
	const char *id;
};

static struct cim_event_source *job_ref(struct cim_event_source *source)
{
	((struct job *)source)->references++;
	return source;
}

static void job_release(struct cim_event_source *source)
{
	if (--((struct job *)source)->references == 0)
		free(source);
}

static void job_fill(struct cim_event_source *source, bool before, struct cim_instance *instance)
{
	cim_set_text(instance, PROPERTY_INSTANCE_ID, ((struct job *)source)->id);
}

static void is_made(struct fixture *f, enum cim_class_id class_id, const char *id)
{
	struct job *job = xcalloc(1, sizeof(*job));

	*job = (struct job){ { job_ref, job_release, job_fill, 1 }, 1, id };
	cim_events_publish(f->events, CIM_EVENT_CREATION, class_id, &job->source);
	job_release(&job->source);
}

static void job_is_made(struct fixture *f, const char *id)
{
	is_made(f, MSVM_CONCRETE_JOB, id);
}

static void seen(void *context)
{
	sem_post(context);
}

/* Waits until all that has happened is in the queues: something else happens behind it. */
static void wait_for_dispatcher(struct fixture *f)
{
	static const char query[] = "SELECT * FROM CIM_InstCreation WHERE SourceInstance ISA "
				    "'Msvm_ComputerSystem'";
	struct cim_subscription *other;
	struct cim_error error;
	sem_t ready;

	sem_init(&ready, 0, 0);
	assert_true(cim_subscribe(f->events, NULL, V2, query, strlen(query), &other, &error));
	is_made(f, MSVM_COMPUTER_SYSTEM, "");
	cim_subscription_wait(other, 60000, seen, &ready);
	sem_wait(&ready);
	cim_unsubscribe(&other);
	sem_destroy(&ready);
}

/* --- The listener --- */

static void listen_somewhere(struct fixture *f)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(at);

	f->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_return_code(bind(f->fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_return_code(listen(f->fd, 8), 0);
	assert_return_code(getsockname(f->fd, (struct sockaddr *)&at, &length), 0);
	snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%u/", ntohs(at.sin_port));
}

static bool is_whole(const char *post)
{
	return strstr(post, "</CIM>");
}

/* Waits for a post on the connection, or on a new one; f->post holds it. */
static void take_post(struct fixture *f)
{
	size_t length = 0;
	ssize_t got;

	f->post[0] = '\0';
	if (f->connection < 0)
		f->connection = accept(f->fd, NULL, NULL);
	while (!is_whole(f->post)) {
		got = read(f->connection, f->post + length, sizeof(f->post) - length - 1);
		assert_true(got > 0);
		length += (size_t)got;
		f->post[length] = '\0';
	}
}

static void answer(struct fixture *f, const char *text)
{
	assert_int_equal(write(f->connection, text, strlen(text)), strlen(text));
}

static void assert_posted(struct fixture *f, const char *id, const char *number)
{
	char expected[64];

	take_post(f);
	if (!strstr(f->post, id))
		fail_msg("no %s in %s", id, f->post);
	snprintf(expected, sizeof(expected), "\"sint64\"><VALUE>%s</VALUE>", number);
	if (!strstr(f->post, expected))
		fail_msg("it is not number %s: %s", number, f->post);
}

/* --- The whole --- */

static int set_up(void **state)
{
	const struct cim_events_limits limits = { .queue = 3, .queue_bytes = 1000 };
	struct fixture *f = xcalloc(1, sizeof(*f));

	listen_somewhere(f);
	f->connection = -1;
	f->state = 2;
	f->left = UINT64_MAX;
	sem_init(&f->removed, 0, 0);
	f->query = "SELECT * FROM CIM_InstCreation WHERE SourceInstance ISA 'Msvm_ConcreteJob'";
	f->service = cim_service_create(providers, f);
	f->events = cim_events_create(&limits);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	cim_events_stop(f->events);
	indications_free(&f->indications);
	cim_events_free(&f->events);
	cim_service_free(&f->service);
	close(f->fd);
	if (f->connection >= 0)
		close(f->connection);
	sem_destroy(&f->removed);
	free(f);
	return 0;
}

static void begin(struct fixture *f)
{
	f->indications = indications_create(&(struct indications_settings){
		.service = f->service,
		.events = f->events,
		.host_name = "HOST",
		.tries = 2,
		.pause_most_ms = 1,
		.timeout_ms = 60000,
		.ca = "",
	});
}

static void an_event_is_posted(void **state)
{
	struct fixture *f = *state;

	begin(f);
	job_is_made(f, "job1");
	assert_posted(f, "job1", "0");
	assert_non_null(strstr(f->post, "CIMExport: MethodRequest\r\n"));
	assert_non_null(strstr(f->post, "CIMExportMethod: ExportIndication\r\n"));
	assert_non_null(strstr(f->post, "<VALUE>HOST</VALUE>"));
	answer(f, OK);
	job_is_made(f, "job2");
	assert_posted(f, "job2", "1");
}

static void what_is_not_taken_is_posted_again_and_then_given_up(void **state)
{
	struct fixture *f = *state;

	begin(f);
	job_is_made(f, "job1");
	job_is_made(f, "job2");
	for (int try = 0; try < 2; try++) {
		assert_posted(f, "job1", "0");
		answer(f, NO);
	}
	assert_posted(f, "job2", "1");
	answer(f, OK);
}

static void what_was_lost_is_a_gap_in_the_numbers(void **state)
{
	struct fixture *f = *state;

	begin(f);
	for (int i = 0; i < 5; i++)
		job_is_made(f, "early");
	assert_posted(f, "early", "0");
	wait_for_dispatcher(f);
	for (int i = 1; i <= 3; i++) {
		answer(f, OK);
		if (i < 3)
			assert_posted(f, "early", i == 1 ? "1" : "2");
	}
	job_is_made(f, "late");
	assert_posted(f, "late", "5");
}

static void a_subscription_that_is_gone_is_not_posted_to(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->state = 0;
	indications_refresh(f->indications);
	job_is_made(f, "unseen");
	f->state = 4; /* there, and disabled */
	indications_refresh(f->indications);
	job_is_made(f, "unseen");
	f->state = 2;
	indications_refresh(f->indications);
	job_is_made(f, "seen");
	assert_posted(f, "gt;seen&lt;", "0");
}

static void a_subscription_that_stays_keeps_its_place(void **state)
{
	struct fixture *f = *state;

	begin(f);
	job_is_made(f, "job1");
	assert_posted(f, "job1", "0");
	indications_refresh(f->indications);
	answer(f, OK);
	job_is_made(f, "job2");
	assert_posted(f, "job2", "1");
}

static void a_query_that_cannot_be_is_left_out(void **state)
{
	struct fixture *f = *state;

	f->query = "SELECT * FROM Msvm_ConcreteJob";
	begin(f);
	assert_false(cim_events_wanted(f->events, MSVM_CONCRETE_JOB));
}

static void a_subscription_whose_time_is_over_is_removed(void **state)
{
	struct fixture *f = *state;

	f->left = 0;
	begin(f);
	assert_false(cim_events_wanted(f->events, MSVM_CONCRETE_JOB));
	sem_wait(&f->removed);
}

static void one_that_has_time_left_gets_its_events_until_it_is_over(void **state)
{
	struct fixture *f = *state;

	f->left = 3600;
	begin(f);
	job_is_made(f, "job1");
	assert_posted(f, "job1", "0");
	answer(f, OK);
	f->left = 0;
	indications_refresh(f->indications);
	sem_wait(&f->removed);
}

static void one_that_is_switched_off_ends_too(void **state)
{
	struct fixture *f = *state;

	f->left = 0;
	f->state = 4;
	begin(f);
	sem_wait(&f->removed);
}

static void the_time_of_a_subscription_passes_by_itself(void **state)
{
	struct fixture *f = *state;

	f->left = 1;
	begin(f);
	f->left = 0; /* nobody tells */
	sem_wait(&f->removed);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(an_event_is_posted),
		test(what_is_not_taken_is_posted_again_and_then_given_up),
		test(what_was_lost_is_a_gap_in_the_numbers),
		test(a_subscription_that_is_gone_is_not_posted_to),
		test(a_subscription_that_stays_keeps_its_place),
		test(a_query_that_cannot_be_is_left_out),
		test(a_subscription_whose_time_is_over_is_removed),
		test(one_that_has_time_left_gets_its_events_until_it_is_over),
		test(one_that_is_switched_off_ends_too),
		test(the_time_of_a_subscription_passes_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

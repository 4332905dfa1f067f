/* SPDX-License-Identifier: MIT */
/* test_event.c -- cim/event, cim/subscription, cim/event_form */
#include "cim/event.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

#define V2   "root/virtualization/v2"
#define V1   "root/virtualization"
#define FULL 5 /* events of a queue */

#define CHANGES "SELECT * FROM __InstanceModificationEvent WITHIN 2 WHERE TargetInstance ISA "
#define ANY     "SELECT * FROM __InstanceOperationEvent WITHIN 2 WHERE TargetInstance ISA "

struct fixture {
	struct cim_events *events;
	struct cim_subscription *subscription;
	struct arena *arena;
	struct cim_error error;
	sem_t ready;
};

static const struct principal ann = { .name = "ann", .role = ROLE_READ };
static const struct principal bob = { .name = "bob", .role = ROLE_READ };

static int set_up(void **state)
{
	const struct cim_events_limits limits = {
		.per_user = 2, .in_all = 3, .queue = FULL, .queue_bytes = 1000
	};
	struct fixture *fixture = xcalloc(1, sizeof(*fixture));

	fixture->events = cim_events_create(&limits);
	fixture->arena = arena_create();
	sem_init(&fixture->ready, 0, 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	cim_unsubscribe(&fixture->subscription);
	cim_events_free(&fixture->events);
	arena_free(&fixture->arena);
	sem_destroy(&fixture->ready);
	free(fixture);
	return 0;
}

/* --- A job, or whatever else has a state --- */

struct thing {
	struct cim_event_source source;
	atomic_int references;
	const char *id;
	uint64_t before, after;
};

static atomic_int things;

static struct cim_event_source *thing_ref(struct cim_event_source *source)
{
	((struct thing *)source)->references++;
	return source;
}

static void thing_release(struct cim_event_source *source)
{
	struct thing *thing = (struct thing *)source;

	if (--thing->references > 0)
		return;
	things--;
	free(thing);
}

static void thing_fill(struct cim_event_source *source, bool before, struct cim_instance *instance)
{
	const struct thing *thing = (struct thing *)source;

	cim_set_text(instance, PROPERTY_INSTANCE_ID, thing->id);
	cim_set_uint(instance, PROPERTY_JOB_STATE, before ? thing->before : thing->after);
	cim_set_text(instance, PROPERTY_ELEMENT_NAME, before ? "old" : "new");
}

static struct cim_event_source *thing_create(const char *id, uint64_t before, uint64_t after)
{
	struct thing *thing = xcalloc(1, sizeof(*thing));

	things++;
	*thing = (struct thing){
		.source = { thing_ref, thing_release, thing_fill, 0 },
		.references = 1,
		.id = id,
		.before = before,
		.after = after,
	};
	return &thing->source;
}

static void publish_of(struct fixture *fixture, enum cim_event_kind kind,
		       enum cim_class_id class_id, struct cim_event_source *source)
{
	cim_events_publish(fixture->events, kind, class_id, source);
	source->release(source);
}

static void publish(struct fixture *fixture, enum cim_event_kind kind, const char *id)
{
	publish_of(fixture, kind, MSVM_CONCRETE_JOB, thing_create(id, 4, 7));
}

static bool subscribe_as(struct fixture *fixture, const struct principal *user, const char *ns,
			 const char *query, struct cim_subscription **ret_subscription)
{
	return cim_subscribe(fixture->events, user, ns, query, strlen(query), ret_subscription,
			     &fixture->error);
}

static void subscribe(struct fixture *fixture, const char *query)
{
	if (!subscribe_as(fixture, &ann, V2, query, &fixture->subscription))
		fail_msg("%s", fixture->error.message);
}

static void ready(void *context)
{
	struct fixture *fixture = context;

	sem_post(&fixture->ready);
}

/* Waits for what a subscription gets next. */
static struct cim_instance *next_of(struct fixture *fixture, struct cim_subscription *subscription,
				    uint64_t *ret_missed)
{
	struct cim_instance *event;

	cim_subscription_wait(subscription, 60000, ready, fixture);
	sem_wait(&fixture->ready);
	event = cim_subscription_peek(subscription, fixture->arena, ret_missed);
	cim_subscription_advance(subscription);
	return event;
}

static struct cim_instance *next(struct fixture *fixture)
{
	uint64_t missed;
	struct cim_instance *event = next_of(fixture, fixture->subscription, &missed);

	assert_non_null(event);
	assert_int_equal(missed, 0);
	return event;
}

static const struct cim_instance *embedded(const struct cim_instance *event,
					   enum cim_property_id property)
{
	const struct cim_value *value = cim_get_value(event, property);

	assert_true(value && value->is_set && value->type == CIM_INSTANCE);
	return value->instance;
}

static const char *id_of(const struct cim_instance *event)
{
	return cim_get_value(embedded(event, PROPERTY_TARGET_INSTANCE), PROPERTY_INSTANCE_ID)
		->string.bytes;
}

static uint64_t state_of(const struct cim_instance *job)
{
	return cim_get_value(job, PROPERTY_JOB_STATE)->uint;
}

/* --- What is told --- */

static void a_change_is_told_with_the_instance_before_and_after(void **state)
{
	struct fixture *fixture = *state;
	const struct cim_instance *event;

	subscribe(fixture, CHANGES "'Msvm_ConcreteJob'");
	publish(fixture, CIM_EVENT_MODIFICATION, "job1");
	event = next(fixture);

	assert_string_equal(event->class->name, "__InstanceModificationEvent");
	assert_string_equal(id_of(event), "job1");
	assert_int_equal(state_of(embedded(event, PROPERTY_TARGET_INSTANCE)), 7);
	assert_int_equal(state_of(embedded(event, PROPERTY_PREVIOUS_INSTANCE)), 4);
	assert_true(cim_get_value(event, PROPERTY_TIME_CREATED)->uint >
		    (uint64_t)clock_wall_us() * 10);
}

static void a_deletion_is_told_with_the_instance_as_it_was(void **state)
{
	struct fixture *fixture = *state;
	const struct cim_instance *event;

	subscribe(fixture, ANY "'Msvm_ConcreteJob'");
	publish(fixture, CIM_EVENT_DELETION, "job1");
	event = next(fixture);

	assert_string_equal(event->class->name, "__InstanceDeletionEvent");
	assert_int_equal(state_of(embedded(event, PROPERTY_TARGET_INSTANCE)), 4);
}

static void a_query_for_the_superclass_is_told_of_all_kinds(void **state)
{
	static const char *const classes[] = { "__InstanceCreationEvent",
					       "__InstanceModificationEvent",
					       "__InstanceDeletionEvent" };
	struct fixture *fixture = *state;

	subscribe(fixture, ANY "'CIM_Job'");
	for (int kind = 0; kind <= CIM_EVENT_DELETION; kind++) {
		publish(fixture, (enum cim_event_kind)kind, "job1");
		assert_string_equal(next(fixture)->class->name, classes[kind]);
	}
}

static void events_of_another_kind_are_not_told(void **state)
{
	struct fixture *fixture = *state;

	subscribe(fixture, CHANGES "'Msvm_ConcreteJob'");
	publish(fixture, CIM_EVENT_CREATION, "job1");
	publish(fixture, CIM_EVENT_MODIFICATION, "job2");
	assert_string_equal(id_of(next(fixture)), "job2");
}

static void classes_of_cim_name_the_instance_their_way(void **state)
{
	struct fixture *fixture = *state;
	const struct cim_instance *event;

	subscribe(fixture, "SELECT * FROM CIM_InstIndication WHERE "
			   "SourceInstance ISA 'Msvm_ConcreteJob'");
	publish(fixture, CIM_EVENT_MODIFICATION, "job1");
	event = next(fixture);

	assert_string_equal(event->class->name, "CIM_InstModification");
	assert_int_equal(state_of(embedded(event, PROPERTY_SOURCE_INSTANCE)), 7);
	assert_int_equal(state_of(embedded(event, PROPERTY_PREVIOUS_INSTANCE)), 4);
	assert_string_equal(cim_get_value(event, PROPERTY_SOURCE_INSTANCE_MODEL_PATH)->string.bytes,
			    V2 ":Msvm_ConcreteJob.InstanceID=\"job1\"");
	assert_true(cim_get_value(event, PROPERTY_INDICATION_TIME)->is_set);
}

static void conditions_look_at_both_instances(void **state)
{
	struct fixture *fixture = *state;

	subscribe(fixture, CHANGES "'Msvm_ConcreteJob' AND TargetInstance.JobState = 7 AND "
				   "PreviousInstance.JobState <> TargetInstance.JobState");
	publish_of(fixture, CIM_EVENT_MODIFICATION, MSVM_CONCRETE_JOB, thing_create("job1", 2, 4));
	publish_of(fixture, CIM_EVENT_MODIFICATION, MSVM_CONCRETE_JOB, thing_create("job2", 7, 7));
	publish_of(fixture, CIM_EVENT_MODIFICATION, MSVM_CONCRETE_JOB, thing_create("job3", 4, 7));
	assert_string_equal(id_of(next(fixture)), "job3");
}

static void fill_the_same(struct cim_event_source *source, bool before,
			  struct cim_instance *instance)
{
	cim_set_text(instance, PROPERTY_INSTANCE_ID, "same");
	cim_set_uint_array(instance, PROPERTY_OPERATIONAL_STATUS, (uint64_t[]){ 2, 3 }, 2);
	cim_set(instance, PROPERTY_ELAPSED_TIME, cim_interval(5));
}

static void a_change_of_nothing_that_shows_is_no_event(void **state)
{
	struct fixture *fixture = *state;
	struct cim_event_source *same = thing_create("", 0, 0);

	same->fill = fill_the_same;
	subscribe(fixture, CHANGES "'Msvm_ConcreteJob'");
	publish_of(fixture, CIM_EVENT_MODIFICATION, MSVM_CONCRETE_JOB, same);
	publish(fixture, CIM_EVENT_MODIFICATION, "job2");
	assert_string_equal(id_of(next(fixture)), "job2");
}

static void every_namespace_has_its_own_form(void **state)
{
	struct fixture *fixture = *state;
	struct cim_subscription *older;
	const struct cim_instance *event;
	uint64_t missed;

	subscribe(fixture, ANY "'Msvm_ConcreteJob'");
	assert_true(subscribe_as(fixture, &ann, V1, ANY "'Msvm_ConcreteJob'", &older));
	publish(fixture, CIM_EVENT_CREATION, "job1");

	event = next_of(fixture, older, &missed);
	assert_string_equal(embedded(event, PROPERTY_TARGET_INSTANCE)->class->ns->name, V1);
	event = next(fixture);
	assert_string_equal(embedded(event, PROPERTY_TARGET_INSTANCE)->class->ns->name, V2);
	cim_unsubscribe(&older);
}

/* --- Who asks --- */

static void classes_are_wanted_while_somebody_subscribes(void **state)
{
	struct fixture *fixture = *state;

	assert_false(cim_events_wanted(fixture->events, MSVM_CONCRETE_JOB));
	subscribe(fixture, ANY "'CIM_Job'");
	assert_true(cim_events_wanted(fixture->events, MSVM_CONCRETE_JOB));
	assert_false(cim_events_wanted(fixture->events, MSVM_COMPUTER_SYSTEM));
	cim_unsubscribe(&fixture->subscription);
	assert_false(cim_events_wanted(fixture->events, MSVM_CONCRETE_JOB));
	publish(fixture, CIM_EVENT_CREATION, "job1");
	assert_int_equal(things, 0);
}

static void queries_that_are_none_for_events_are_refused(void **state)
{
	static const struct {
		const char *ns, *query;
		enum cim_status status;
	} wrong[] = {
		{ V2, "SELECT * FROM Msvm_ConcreteJob", CIM_STATUS_INVALID_QUERY },
		{ V2, "SELECT * FROM __InstanceCreationEvent", CIM_STATUS_INVALID_QUERY },
		{ V2, "SELECT", CIM_STATUS_INVALID_QUERY },
		{ V2, ANY "'No_Such'", CIM_STATUS_INVALID_QUERY },
		{ V2, "SELECT * FROM __NoEvent WHERE TargetInstance ISA 'x'",
		  CIM_STATUS_INVALID_CLASS },
		{ "root/none", ANY "'Msvm_ConcreteJob'", CIM_STATUS_INVALID_NAMESPACE },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < count_of(wrong); i++) {
		assert_false(subscribe_as(fixture, &ann, wrong[i].ns, wrong[i].query,
					  &fixture->subscription));
		assert_int_equal(fixture->error.status, wrong[i].status);
	}
}

static void subscriptions_are_bounded_by_user_and_in_all(void **state)
{
	struct fixture *fixture = *state;
	struct cim_subscription *s[3], *more;

	assert_true(subscribe_as(fixture, &ann, V2, ANY "'CIM_Job'", &s[0]));
	assert_true(subscribe_as(fixture, &ann, V2, ANY "'CIM_Job'", &s[1]));
	assert_false(subscribe_as(fixture, &ann, V2, ANY "'CIM_Job'", &more));
	assert_int_equal(fixture->error.status, CIM_STATUS_SERVER_LIMITS_EXCEEDED);
	assert_non_null(strstr(fixture->error.message, "2 of 2 subscriptions of user 'ann'"));
	assert_true(subscribe_as(fixture, &bob, V2, ANY "'CIM_Job'", &s[2]));
	assert_false(subscribe_as(fixture, &bob, V2, ANY "'CIM_Job'", &more));
	assert_non_null(strstr(fixture->error.message, "3 of 3 subscriptions are there"));

	cim_unsubscribe(&s[1]);
	assert_true(subscribe_as(fixture, &ann, V2, ANY "'CIM_Job'", &s[1]));
	for (size_t i = 0; i < count_of(s); i++)
		cim_unsubscribe(&s[i]);
}

static void the_service_s_own_subscriptions_count_for_no_limit(void **state)
{
	struct fixture *fixture = *state;
	struct cim_subscription *own[4], *of_ann;

	for (size_t i = 0; i < count_of(own); i++)
		assert_true(subscribe_as(fixture, NULL, V2, ANY "'CIM_Job'", &own[i]));
	assert_true(subscribe_as(fixture, &ann, V2, ANY "'CIM_Job'", &of_ann));
	for (size_t i = 0; i < count_of(own); i++)
		cim_unsubscribe(&own[i]);
	cim_unsubscribe(&of_ann);
}

/* --- Bounds --- */

/* Makes sure that all that was published has been looked at: by an event of another class. */
static void wait_for_dispatcher(struct fixture *fixture)
{
	struct cim_subscription *other;
	uint64_t missed;

	assert_true(subscribe_as(fixture, &bob, V2, ANY "'Msvm_ComputerSystem'", &other));
	publish_of(fixture, CIM_EVENT_CREATION, MSVM_COMPUTER_SYSTEM, thing_create("", 0, 0));
	assert_non_null(next_of(fixture, other, &missed));
	cim_unsubscribe(&other);
}

static void what_does_not_fit_is_counted_where_it_is_missing(void **state)
{
	struct fixture *fixture = *state;
	uint64_t missed;

	subscribe(fixture, ANY "'Msvm_ConcreteJob'");
	for (int i = 0; i < FULL + 3; i++)
		publish(fixture, CIM_EVENT_CREATION, "early");
	wait_for_dispatcher(fixture);
	for (int i = 0; i < FULL; i++)
		assert_string_equal(id_of(next(fixture)), "early");
	publish(fixture, CIM_EVENT_CREATION, "late");
	assert_null(next_of(fixture, fixture->subscription, &missed));
	assert_int_equal(missed, 3);
	assert_string_equal(id_of(next(fixture)), "late");
}

static void a_gap_that_was_seen_does_not_grow(void **state)
{
	struct fixture *fixture = *state;
	uint64_t missed;

	subscribe(fixture, ANY "'Msvm_ConcreteJob'");
	for (int i = 0; i < FULL + 1; i++)
		publish(fixture, CIM_EVENT_CREATION, "x");
	wait_for_dispatcher(fixture);
	for (int i = 0; i < FULL; i++)
		next(fixture);
	assert_null(cim_subscription_peek(fixture->subscription, fixture->arena, &missed));
	assert_int_equal(missed, 1);
	for (int i = 0; i < FULL; i++)
		publish(fixture, CIM_EVENT_CREATION, "y");
	wait_for_dispatcher(fixture);
	cim_subscription_advance(fixture->subscription);
	for (int i = 0; i < FULL - 1; i++)
		assert_string_equal(id_of(next(fixture)), "y");
	assert_null(next_of(fixture, fixture->subscription, &missed));
	assert_int_equal(missed, 1);
}

static void large_sources_fill_a_queue_too(void **state)
{
	struct fixture *fixture = *state;
	uint64_t missed;

	subscribe(fixture, ANY "'Msvm_ConcreteJob'");
	for (int i = 0; i < 3; i++) {
		struct cim_event_source *large = thing_create("large", 0, 0);

		large->bytes = i == 0 ? 2000 : 1; /* the first may be larger than the queue */
		publish_of(fixture, CIM_EVENT_CREATION, MSVM_CONCRETE_JOB, large);
	}
	wait_for_dispatcher(fixture);
	assert_string_equal(id_of(next(fixture)), "large");
	assert_null(next_of(fixture, fixture->subscription, &missed));
	assert_int_equal(missed, 2);
}

static void an_event_stays_until_it_is_advanced_over(void **state)
{
	struct fixture *fixture = *state;
	uint64_t missed;

	subscribe(fixture, ANY "'Msvm_ConcreteJob'");
	publish(fixture, CIM_EVENT_CREATION, "a");
	publish(fixture, CIM_EVENT_CREATION, "b");
	wait_for_dispatcher(fixture);
	for (int i = 0; i < 2; i++)
		assert_string_equal(id_of(cim_subscription_peek(fixture->subscription,
								fixture->arena, &missed)),
				    "a");
	cim_subscription_advance(fixture->subscription);
	assert_string_equal(id_of(next(fixture)), "b");
	assert_null(cim_subscription_peek(fixture->subscription, fixture->arena, &missed));
	assert_int_equal(missed, 0);
	cim_subscription_advance(fixture->subscription);
}

/* --- Waiting --- */

static void waiting_ends_without_an_event_when_its_time_is_over(void **state)
{
	struct fixture *fixture = *state;
	uint64_t missed;

	subscribe(fixture, ANY "'Msvm_ConcreteJob'");
	cim_subscription_wait(fixture->subscription, 5, ready, fixture);
	sem_wait(&fixture->ready);
	assert_null(cim_subscription_peek(fixture->subscription, fixture->arena, &missed));
	assert_true(cim_subscription_alive(fixture->subscription));
}

static void who_waits_is_told_of_the_end(void **state)
{
	struct fixture *fixture = *state;

	subscribe(fixture, ANY "'Msvm_ConcreteJob'");
	cim_subscription_wait(fixture->subscription, 60000, ready, fixture);
	cim_subscription_end(fixture->subscription);
	sem_wait(&fixture->ready);
	assert_false(cim_subscription_alive(fixture->subscription));
	assert_false(cim_events_wanted(fixture->events, MSVM_CONCRETE_JOB));
}

static void what_is_queued_may_be_read_after_the_end(void **state)
{
	struct fixture *fixture = *state;

	subscribe(fixture, ANY "'Msvm_ConcreteJob'");
	publish(fixture, CIM_EVENT_CREATION, "a");
	wait_for_dispatcher(fixture);
	cim_subscription_end(fixture->subscription);
	assert_string_equal(id_of(next(fixture)), "a");
}

static void stopping_tells_all_who_wait_and_takes_no_more(void **state)
{
	struct fixture *fixture = *state;
	struct cim_subscription *late;

	subscribe(fixture, ANY "'Msvm_ConcreteJob'");
	cim_subscription_wait(fixture->subscription, 60000, ready, fixture);
	cim_events_stop(fixture->events);
	sem_wait(&fixture->ready);
	assert_false(cim_subscription_alive(fixture->subscription));
	assert_false(cim_events_wanted(fixture->events, MSVM_CONCRETE_JOB));
	publish(fixture, CIM_EVENT_CREATION, "a");
	assert_false(subscribe_as(fixture, &ann, V2, ANY "'Msvm_ConcreteJob'", &late));
	assert_int_equal(fixture->error.status, CIM_STATUS_SERVER_IS_SHUTTING_DOWN);
	cim_subscription_wait(fixture->subscription, 60000, ready, fixture); /* at once */
	sem_wait(&fixture->ready);
}

static void *publish_many(void *context)
{
	for (int i = 0; i < 2000; i++)
		publish(context, CIM_EVENT_MODIFICATION, "x");
	return NULL;
}

/* Subscriptions come and go while others publish; nothing is leaked, nothing is told twice. */
static void all_can_happen_at_once(void **state)
{
	struct fixture *fixture = *state;
	pthread_t threads[2];

	subscribe(fixture, CHANGES "'Msvm_ConcreteJob'");
	for (size_t i = 0; i < count_of(threads); i++)
		pthread_create(&threads[i], NULL, publish_many, fixture);
	for (int i = 0; i < 200; i++) {
		struct cim_subscription *other;
		uint64_t missed;

		assert_true(subscribe_as(fixture, &bob, V2, ANY "'CIM_Job'", &other));
		cim_subscription_wait(other, 1, ready, fixture);
		sem_wait(&fixture->ready);
		cim_subscription_peek(other, fixture->arena, &missed);
		arena_reset(fixture->arena);
		cim_unsubscribe(&other);
	}
	for (size_t i = 0; i < count_of(threads); i++)
		pthread_join(threads[i], NULL);
	cim_unsubscribe(&fixture->subscription);
	cim_events_free(&fixture->events); /* the dispatcher may hold the last event still */
	assert_int_equal(things, 0);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(a_change_is_told_with_the_instance_before_and_after),
		test(a_deletion_is_told_with_the_instance_as_it_was),
		test(a_query_for_the_superclass_is_told_of_all_kinds),
		test(events_of_another_kind_are_not_told),
		test(classes_of_cim_name_the_instance_their_way),
		test(conditions_look_at_both_instances),
		test(a_change_of_nothing_that_shows_is_no_event),
		test(every_namespace_has_its_own_form),
		test(classes_are_wanted_while_somebody_subscribes),
		test(queries_that_are_none_for_events_are_refused),
		test(subscriptions_are_bounded_by_user_and_in_all),
		test(the_service_s_own_subscriptions_count_for_no_limit),
		test(what_does_not_fit_is_counted_where_it_is_missing),
		test(a_gap_that_was_seen_does_not_grow),
		test(large_sources_fill_a_queue_too),
		test(an_event_stays_until_it_is_advanced_over),
		test(waiting_ends_without_an_event_when_its_time_is_over),
		test(who_waits_is_told_of_the_end),
		test(what_is_queued_may_be_read_after_the_end),
		test(stopping_tells_all_who_wait_and_takes_no_more),
		test(all_can_happen_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* test_guest_session.c -- openkvp/guest_session: what is said and answered */
#include "openkvp/guest_session.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "host_end.h"
#include "openkvp/link_message.h"

/* Memory that ends when a test says so; the linker puts these in their places. */
static bool memory_ends;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *pointer, size_t size);
void *__wrap_realloc(void *pointer, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
	return memory_ends ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
	return memory_ends ? NULL : __real_realloc(pointer, size);
}

static int open_host(void **state)
{
	static struct host_end host;

	memory_ends = false;
	host_end_init(&host);
	*state = &host;
	return 0;
}

static int close_host(void **state)
{
	memory_ends = false;
	host_end_done(*state);
	return 0;
}

static void hello_is_answered(void **state)
{
	struct host_end *host = *state;

	expect_state(host, OKVP_GUEST_WAITING, 0);
	host_sends_hello(host);
	expect_hello_answer(host, 1);
	expect_silence(host);
	expect_state(host, OKVP_GUEST_HELLO, 0);
}

static void nothing_is_said_before_hello(void **state)
{
	struct host_end *host = *state;

	host->epoch = 0; /* what a session might begin with */
	host_sends_offer(host, &host_offer);
	host_sends_set(host, "k", "v");
	expect_silence(host);
	expect_no_request(host);
}

static void the_best_version_is_agreed_upon(void **state)
{
	static const uint8_t expected[] = { 1, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0 };
	struct host_end *host = *state;
	struct host_answer got;

	host_sends_hello(host);
	expect_hello_answer(host, 1);
	host_sends_offer(host, &host_offer);
	got = expect_answer(host, 2, OKVP_IC_OK);
	assert_int_equal(got.header.type, OKVP_IC_NEGOTIATE);
	assert_int_equal(got.header.framework.major, 0);
	assert_int_equal(got.header.message.major, 0);
	assert_int_equal(got.header.size, sizeof(expected));
	assert_memory_equal(got.body, expected, sizeof(expected));
	expect_state(host, OKVP_GUEST_OPEN, 4);
}

static void without_a_common_version_the_answer_is_none(void **state)
{
	static const struct okvp_negotiation only_new = { .framework_count = 1,
							  .framework = { { 3, 0 } },
							  .message_count = 1,
							  .message = { { 5, 0 } } };
	struct host_end *host = *state;
	struct host_answer got;

	host_agrees(host);
	host_sends_offer(host, &only_new);
	got = expect_answer(host, host->sequence, OKVP_IC_OK);
	assert_int_equal(got.header.size, 8);
	assert_memory_equal(got.body, "\0\0\0\0\0\0\0\0", 8);
	expect_state(host, OKVP_GUEST_HELLO, 0);
}

static void a_negotiation_that_cannot_be_read_fails(void **state)
{
	struct host_end *host = *state;
	struct host_answer got;

	host_sends_hello(host);
	expect_hello_answer(host, 1);
	host_sends_ic(host, OKVP_IC_NEGOTIATE, "\1\0\1\0\0\0\0\0", 8);
	got = expect_answer(host, 2, OKVP_IC_FAIL);
	assert_memory_equal(got.body, "\0\0\0\0\0\0\0\0", 8);
	expect_state(host, OKVP_GUEST_HELLO, 0);
}

static void a_request_before_negotiation_is_not_answered(void **state)
{
	struct host_end *host = *state;

	host_sends_hello(host);
	expect_hello_answer(host, 1);
	host_sends_set(host, "k", "v");
	expect_no_request(host);
	host_sends_offer(host, &host_offer);
	expect_answer(host, 3, OKVP_IC_OK);
	expect_no_request(host);
	expect_silence(host);
}

/* A SET whose value is an expandable text, with bytes behind its NUL: nothing that we would write.
 */
static void a_set_is_answered_in_place(void **state)
{
	struct okvp_kvp_message message = { .operation = OKVP_KVP_SET,
					    .item = { .key = "key", .key_length = 3 } };
	struct host_end *host = *state;
	uint8_t body[OKVP_KVP_MESSAGE_SIZE];
	struct host_answer got;

	assert_true(okvp_kvp_message_write(&message, body, NULL));
	body[4] = OKVP_REG_EXPAND_SZ;
	memset(body + 600, 'x', 100);
	host_agrees(host);
	host_sends_ic(host, OKVP_IC_KVP, body, sizeof(body));
	expect_request(host, OKVP_KVP_SET, "key");
	guest_answers(host, OKVP_IC_OK);
	got = expect_answer(host, host->sequence, OKVP_IC_OK);
	assert_int_equal(got.header.framework.major, 3);
	assert_int_equal(got.header.message.major, 4);
	assert_int_equal(got.header.type, OKVP_IC_KVP);
	assert_int_equal(got.header.size, sizeof(body));
	assert_memory_equal(got.body, body, sizeof(body));
	expect_silence(host);
	expect_no_request(host);
}

static void an_enumerate_is_answered_with_an_item(void **state)
{
	struct host_end *host = *state;
	struct okvp_kvp_message found;
	struct host_answer got;

	host_agrees(host);
	host_sends_enumerate(host, 3);
	expect_request(host, OKVP_KVP_ENUMERATE, "");
	assert_int_equal(host->request.index, 3);
	host->request.item = (struct okvp_item){
		.key = "OSName", .value = "Linux", .key_length = 6, .value_length = 5
	};
	guest_answers(host, OKVP_IC_OK);
	got = expect_answer(host, host->sequence, OKVP_IC_OK);
	assert_true(okvp_kvp_message_read(got.body, got.header.size, &found, NULL));
	assert_int_equal(found.pool, OKVP_POOL_GUEST);
	assert_int_equal(found.index, 3);
	assert_true(okvp_item_same_key(&found.item, &host->request.item));
}

static void an_item_that_the_wire_cannot_carry_fails(void **state)
{
	static char many[OKVP_VALUE_UNITS + 1];
	struct host_end *host = *state;

	memset(many, 'x', sizeof(many));
	host_agrees(host);
	host_sends_enumerate(host, 0);
	expect_request(host, OKVP_KVP_ENUMERATE, "");
	host->request.item = (struct okvp_item){
		.key = "k", .value = many, .key_length = 1, .value_length = sizeof(many)
	};
	guest_answers(host, OKVP_IC_OK);
	expect_answer(host, host->sequence, OKVP_IC_FAIL);
}

static void a_failure_needs_no_message(void **state)
{
	struct host_end *host = *state;

	host_agrees(host);
	host_sends_enumerate(host, 0);
	expect_request(host, OKVP_KVP_ENUMERATE, "");
	okvp_guest_session_answer(host->session, NULL, OKVP_IC_NO_MORE_ITEMS);
	expect_answer(host, host->sequence, OKVP_IC_NO_MORE_ITEMS);
}

static void a_failure_carries_no_item(void **state)
{
	struct host_end *host = *state;
	struct okvp_kvp_message found;
	struct host_answer got;

	host_agrees(host);
	host_sends_enumerate(host, 0);
	expect_request(host, OKVP_KVP_ENUMERATE, "");
	host->request.item.key = "k";
	host->request.item.key_length = 1;
	guest_answers(host, OKVP_IC_FAIL);
	got = expect_answer(host, host->sequence, OKVP_IC_FAIL);
	assert_true(okvp_kvp_message_read(got.body, got.header.size, &found, NULL));
	assert_int_equal(found.item.key_length, 0);
}

static void requests_come_one_after_another(void **state)
{
	struct host_end *host = *state;

	host_agrees(host);
	host_sends_set(host, "first", "");
	host_sends_set(host, "second", "");
	expect_request(host, OKVP_KVP_SET, "first");
	expect_no_request(host);
	guest_answers(host, OKVP_IC_OK);
	expect_answer(host, host->sequence - 1, OKVP_IC_OK);
	expect_request(host, OKVP_KVP_SET, "second");
	guest_answers(host, OKVP_IC_OK);
	expect_answer(host, host->sequence, OKVP_IC_OK);
}

static void an_answer_without_a_request_says_nothing(void **state)
{
	struct host_end *host = *state;

	host_agrees(host);
	guest_answers(host, OKVP_IC_OK);
	host_sends_set(host, "k", "v");
	guest_answers(host, OKVP_IC_OK);
	expect_silence(host);
	expect_request(host, OKVP_KVP_SET, "k");
}

static void what_is_no_known_request_is_answered_here(void **state)
{
	static const uint8_t get_ip[7428] = { OKVP_KVP_GET_IP }, heartbeat[8], bad_set[16] = { 1 };
	struct host_end *host = *state;
	struct host_answer got;

	host_agrees(host);
	host_sends_ic(host, OKVP_IC_KVP, get_ip, sizeof(get_ip));
	host_sends_ic(host, 1, heartbeat, sizeof(heartbeat));
	host_sends_ic(host, OKVP_IC_KVP, bad_set, sizeof(bad_set));
	host_sends_set(host, "good", "");
	expect_request(host, OKVP_KVP_SET, "good");
	got = expect_answer(host, host->sequence - 3, OKVP_IC_NOT_SUPPORTED);
	assert_int_equal(got.header.size, sizeof(get_ip));
	assert_int_equal(got.body[0], OKVP_KVP_GET_IP);
	got = expect_answer(host, host->sequence - 2, OKVP_IC_NOT_SUPPORTED);
	assert_int_equal(got.header.type, 1);
	assert_int_equal(got.header.size, sizeof(heartbeat));
	expect_answer(host, host->sequence - 1, OKVP_IC_FAIL);
	expect_silence(host);
}

static void output_may_be_sent_in_pieces(void **state)
{
	struct host_end *host = *state;
	const uint8_t *output;
	size_t size;

	host_sends_hello(host);
	host_sends_hello(host);
	while ((output = okvp_guest_session_output(host->session, &size))) {
		assert_true(okvp_frame_reader_feed(&host->reader, output, 1, NULL));
		okvp_guest_session_sent(host->session, 1);
	}
	assert_int_equal(size, 0);
	expect_hello_answer(host, 1);
	expect_hello_answer(host, 2);
	expect_silence(host);
}

static void waking_forgets_the_agreement_and_tells_the_host(void **state)
{
	struct host_end *host = *state;

	host_agrees(host);
	okvp_guest_session_wake(host->session);
	expect_state(host, OKVP_GUEST_WAITING, 0);
	expect_wake(host);
	host_agrees(host);
}

static void half_a_frame_can_be_given_up(void **state)
{
	struct host_end *host = *state;
	struct okvp_frame lost = { .length = 1000 };
	uint8_t header[OKVP_FRAME_HEADER_SIZE];

	okvp_frame_write_header(&lost, header);
	assert_true(okvp_guest_session_receive(host->session, header, sizeof(header), NULL));
	host_sends_hello(host);
	expect_silence(host);
	assert_true(okvp_guest_session_partial(host->session));
	okvp_guest_session_give_up(host->session);
	assert_false(okvp_guest_session_partial(host->session));
	expect_hello_answer(host, 1);
}

static void nonsense_is_ignored(void **state)
{
	static const uint8_t cut_ic[] = { 1, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0 };
	struct host_end *host = *state;
	uint8_t hello_answer[OKVP_LINK_HELLO_SIZE];

	okvp_link_write_hello(OKVP_LINK_HELLO_ANSWER, 0, 0, hello_answer);
	host_agrees(host);
	host_sends(host, "", 0);
	host_sends(host, "what is this?", 13);
	host_sends(host, cut_ic, sizeof(cut_ic));
	host_sends(host, hello_answer, sizeof(hello_answer));
	expect_no_request(host);
	expect_silence(host);
	expect_state(host, OKVP_GUEST_OPEN, 4);
}

static void the_end_of_memory_is_reported(void **state)
{
	struct okvp_guest_session *none = NULL;
	struct host_end *host = *state;
	struct okvp_error err;

	memory_ends = true;
	assert_null(okvp_guest_session_create());
	assert_false(okvp_guest_session_receive(host->session, "OVKP", 4, &err));
	assert_int_equal(err.status, OKVP_NO_MEMORY);
	memory_ends = false;
	host_agrees(host);
	okvp_guest_session_free(&none);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)
	const struct CMUnitTest tests[] = {
		test(hello_is_answered),
		test(nothing_is_said_before_hello),
		test(the_best_version_is_agreed_upon),
		test(without_a_common_version_the_answer_is_none),
		test(a_negotiation_that_cannot_be_read_fails),
		test(a_request_before_negotiation_is_not_answered),
		test(a_set_is_answered_in_place),
		test(an_enumerate_is_answered_with_an_item),
		test(an_item_that_the_wire_cannot_carry_fails),
		test(a_failure_needs_no_message),
		test(a_failure_carries_no_item),
		test(requests_come_one_after_another),
		test(an_answer_without_a_request_says_nothing),
		test(what_is_no_known_request_is_answered_here),
		test(output_may_be_sent_in_pieces),
		test(waking_forgets_the_agreement_and_tells_the_host),
		test(half_a_frame_can_be_given_up),
		test(nonsense_is_ignored),
		test(the_end_of_memory_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

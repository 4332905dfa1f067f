/* SPDX-License-Identifier: MIT */
/* test_transfer.c -- front/wsman/transfer, arguments: Put. Get: test_wsman.c, test_envelope.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "talk.h"

#define PUT  NS_TRANSFER "/Put"
#define NAME "Msvm_KvpExchangeComponentSettingData"
#define KEYS SELECTORS(SELECTOR("InstanceID", "Microsoft:" VM(1)))

#define INSTANCE(content) "<p:" NAME " xmlns:p=\"" URI_V2 NAME "\">" content "</p:" NAME ">"

static const char *put(struct talk *talk, const char *body)
{
	talk_ask(talk, PUT, URI_V2 NAME, KEYS, body);
	return talk_fault(talk);
}

static void a_property_is_changed_and_the_instance_comes_back(void **state)
{
	struct talk *talk = *state;

	put(talk, INSTANCE("<p:DisableHostKVPItems> TRUE </p:DisableHostKVPItems>"));

	assert_int_equal(talk->status, 200);
	assert_true(talk->fake->disable_host_items);
	assert_string_equal(talk_text(talk, "a:Action", 0), NS_TRANSFER "/PutResponse");
	assert_string_equal(talk_text(talk, "p:DisableHostKVPItems", 0), "true");
}

/* wsman put -k gets the instance first. */
static void an_instance_can_be_put_as_it_was_got(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *instance = NULL;
	char *begin, *end, *value;

	talk_ask(talk, GET, URI_V2 NAME, KEYS, "");
	begin = strstr(talk->answer.bytes, "<s:Body>") + strlen("<s:Body>");
	end = strstr(begin, "</s:Body>");
	instance = xstrndup(begin, (size_t)(end - begin));
	value = strstr(instance, "<p:DisableHostKVPItems>false");
	assert_non_null(value);
	memcpy(value, "<p:DisableHostKVPItems>1    ", 28);

	assert_string_equal(put(talk, instance), "no fault");
	assert_true(talk->fake->disable_host_items);
}

static void the_element_may_be_of_either_family(void **state)
{
	struct talk *talk = *state;

	assert_string_equal(put(talk,
				"<p:" NAME " xmlns:p=\"" URI_DMTF NAME "\">"
				"<p:DisableHostKVPItems>true</p:DisableHostKVPItems></p:" NAME ">"),
			    "no fault");
	assert_true(talk->fake->disable_host_items);
}

static void what_cannot_be_put_is_refused_and_changes_nothing(void **state)
{
	static const struct {
		const char *body, *fault;
	} cases[] = {
		{ "", "x:InvalidRepresentation MissingValues" },
		{ "<Other/>", "x:InvalidRepresentation InvalidNamespace" },
		{ "<" NAME "/>", "x:InvalidRepresentation InvalidNamespace" },
		{ "<p:" NAME " xmlns:p=\"urn:x\"/>", "x:InvalidRepresentation InvalidNamespace" },
		{ "<p:" NAME " xmlns:p=\"" URI_V2 "Msvm_ComputerSystem\"/>",
		  "x:InvalidRepresentation InvalidNamespace" },
		{ INSTANCE("<p:Nothing>1</p:Nothing>"), "x:InvalidRepresentation InvalidValues" },
		{ INSTANCE("<p:DisableHostKVPItems>maybe</p:DisableHostKVPItems>"),
		  "x:InvalidRepresentation InvalidValues" },
		{ INSTANCE("<p:DisableHostKVPItems>true</p:DisableHostKVPItems>"
			   "<p:DisableHostKVPItems>true</p:DisableHostKVPItems>"),
		  "x:InvalidRepresentation InvalidValues" },
		{ INSTANCE("<p:ElementName>x</p:ElementName>"
			   "<p:DisableHostKVPItems>true</p:DisableHostKVPItems>"),
		  "x:InvalidRepresentation InvalidValues" },
		{ INSTANCE("<p:InstanceID>Microsoft:" VM(2) "</p:InstanceID>"),
		  "x:InvalidRepresentation InvalidValues" },
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < count_of(cases); i++) {
		assert_string_equal(put(talk, cases[i].body), cases[i].fault);
		assert_string_equal(talk_text(talk, "a:Action", 0),
				    "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault");
	}
	assert_false(talk->fake->disable_host_items);
}

static void an_instance_must_be_there_and_of_a_class_that_changes(void **state)
{
	struct talk *talk = *state;

	talk->fake->vms = 1;
	assert_string_equal(put(talk, INSTANCE("")), "a:DestinationUnreachable");
	talk_ask(talk, PUT, URI_V2 "Msvm_ComputerSystem", VM_SELECTORS(0),
		 "<p:Msvm_ComputerSystem xmlns:p=\"" URI_V2 "Msvm_ComputerSystem\"/>");
	assert_string_equal(talk_fault(talk), "a:ActionNotSupported");
}

static void putting_needs_the_role(void **state)
{
	struct talk *talk = *state;

	talk->message.principal.role = ROLE_READ;
	assert_string_equal(
		put(talk, INSTANCE("<p:DisableHostKVPItems>true</p:DisableHostKVPItems>")),
		"w:AccessDenied");
	assert_false(talk->fake->disable_host_items);
}

/* What was done cannot be undone: the client learns that it was. */
static void an_answer_that_is_too_large_does_not_hide_the_success(void **state)
{
	struct talk *talk = *state;
	struct wsman *normal = talk->wsman;

	talk->wsman = wsman_create(&(struct wsman_settings){
		.service = talk->fake->service,
		.enumerations = talk->enumerations,
		.events = talk->events,
		.envelope_max = 1000,
	});
	assert_string_equal(
		put(talk, INSTANCE("<p:DisableHostKVPItems>true</p:DisableHostKVPItems>")),
		"w:EncodingLimit UnreportableSuccess");
	assert_true(talk->fake->disable_host_items);
	wsman_free(&talk->wsman);
	talk->wsman = normal;
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(a_property_is_changed_and_the_instance_comes_back),
		test(an_instance_can_be_put_as_it_was_got),
		test(the_element_may_be_of_either_family),
		test(what_cannot_be_put_is_refused_and_changes_nothing),
		test(an_instance_must_be_there_and_of_a_class_that_changes),
		test(putting_needs_the_role),
		test(an_answer_that_is_too_large_does_not_hide_the_success),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

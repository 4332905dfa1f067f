/* SPDX-License-Identifier: MIT */
/* test_kvp_exchange_data_item.c -- provider/kvp_exchange_data_item: pairs as text, and back. */
#include "provider/kvp_exchange_data_item.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "openkvp/scoped.h"
#include "provider/item_texts.h"
#include "store/snapshot_build.h"

static int open_arena(void **state)
{
	*state = arena_create();
	return 0;
}

static int close_arena(void **state)
{
	struct arena *arena = *state;

	arena_free(&arena);
	item_texts_clear();
	return 0;
}

static bool read_item(struct arena *arena, const char *text, struct exchange_change *ret_change,
		      struct okvp_error *err)
{
	const struct cim_string string = { .bytes = text, .length = strlen(text) };

	return kvp_read_item(arena, &string, ret_change, err);
}

#define ITEM(properties) \
	"<INSTANCE CLASSNAME=\"Msvm_KvpExchangeDataItem\">" properties "</INSTANCE>"
#define PROPERTY(name, type, value) \
	"<PROPERTY NAME=\"" name "\" TYPE=\"" type "\"><VALUE>" value "</VALUE></PROPERTY>"

static void a_pair_is_read_with_its_source(void **state)
{
	struct exchange_change change;

	assert_true(read_item(
		*state,
		"<?xml version=\"1.0\"?>\n" ITEM(
			PROPERTY("Data", "string", "1 &lt; 2") PROPERTY("Name", "string", "k")
				PROPERTY("Source", "uint16", "4") "<PROPERTY NAME=\"Caption\" "
								  "TYPE=\"string\"></PROPERTY>"),
		&change, NULL));
	assert_int_equal(change.space, SPACE_HOST_ONLY);
	assert_int_equal(change.item.key_length, 1);
	assert_memory_equal(change.item.key, "k", 1);
	assert_int_equal(change.item.value_length, 5);
	assert_memory_equal(change.item.value, "1 < 2", 5);
}

static void a_missing_source_means_the_guest_and_missing_data_an_empty_value(void **state)
{
	struct exchange_change change;

	assert_true(read_item(*state, ITEM(PROPERTY("Name", "string", "k")), &change, NULL));
	assert_int_equal(change.space, SPACE_EXTERNAL);
	assert_int_equal(change.item.value_length, 0);
}

static void other_sources_classes_and_texts_are_refused(void **state)
{
	static const char *const wrong[] = {
		ITEM(PROPERTY("Name", "string", "k") PROPERTY("Source", "uint16", "1")),
		ITEM(PROPERTY("Name", "string", "k") PROPERTY("Source", "uint16", "x")),
		"<INSTANCE CLASSNAME=\"Msvm_ComputerSystem\"></INSTANCE>",
		"k=v",
		"",
		"<!DOCTYPE x>" ITEM(PROPERTY("Name", "string", "k")),
	};
	struct exchange_change change;
	struct okvp_error err;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_false(read_item(*state, wrong[i], &change, &err));
		assert_int_not_equal(err.status, OKVP_OK);
	}
}

static void what_is_written_has_the_shape_that_clients_look_for(void **state)
{
	const struct cim_class *class = cim_class_find(cim_namespace_find("root/virtualization/v2"),
						       "Msvm_KvpExchangeComponent");
	struct cim_instance *instance = cim_instance_create(*state, class);
	const struct okvp_item item = {
		.key = "k&", .key_length = 2, .value = "v", .value_length = 1
	};
	scoped(item_set_release) struct item_set *set = item_set_create(1);
	const struct cim_value *value;

	item_set_add(set, stored_item_create(&item));
	kvp_set_items(instance, PROPERTY_GUEST_EXCHANGE_ITEMS, set, KVP_SOURCE_GUEST);
	value = cim_get_value(instance, PROPERTY_GUEST_EXCHANGE_ITEMS);
	assert_int_equal(value->array.count, 1);
	assert_string_equal(
		value->array.item[0].string.bytes,
		"<INSTANCE CLASSNAME=\"Msvm_KvpExchangeDataItem\">"
		"<PROPERTY NAME=\"Caption\" PROPAGATED=\"true\" TYPE=\"string\"></PROPERTY>"
		"<PROPERTY NAME=\"Data\" TYPE=\"string\"><VALUE>v</VALUE></PROPERTY>"
		"<PROPERTY NAME=\"Description\" PROPAGATED=\"true\" TYPE=\"string\"></PROPERTY>"
		"<PROPERTY NAME=\"ElementName\" PROPAGATED=\"true\" TYPE=\"string\"></PROPERTY>"
		"<PROPERTY NAME=\"Name\" TYPE=\"string\"><VALUE>k&amp;</VALUE></PROPERTY>"
		"<PROPERTY NAME=\"Source\" TYPE=\"uint16\"><VALUE>1</VALUE></PROPERTY></INSTANCE>");
}

static void a_secret_has_no_data(void **state)
{
	const struct cim_class *class = cim_class_find(cim_namespace_find("root/virtualization/v2"),
						       "Msvm_KvpExchangeComponentSettingData");
	struct cim_instance *instance = cim_instance_create(*state, class);
	const struct okvp_item item = {
		.key = "token", .key_length = 5, .value = "hunter2", .value_length = 7
	};
	scoped(item_set_release) struct item_set *set = item_set_create(1);
	const char *text;

	item_set_add(set, stored_item_create(&item));
	set->item[0]->flags = ITEM_SECRET;
	kvp_set_items(instance, PROPERTY_HOST_EXCHANGE_ITEMS, set, KVP_SOURCE_HOST);
	text = cim_get_value(instance, PROPERTY_HOST_EXCHANGE_ITEMS)->array.item[0].string.bytes;
	assert_non_null(strstr(text, "<VALUE>token</VALUE>"));
	assert_non_null(strstr(text, "<PROPERTY NAME=\"Data\" TYPE=\"string\"></PROPERTY>"));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
	const struct CMUnitTest tests[] = {
		test(a_pair_is_read_with_its_source),
		test(a_missing_source_means_the_guest_and_missing_data_an_empty_value),
		test(other_sources_classes_and_texts_are_refused),
		test(what_is_written_has_the_shape_that_clients_look_for),
		test(a_secret_has_no_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

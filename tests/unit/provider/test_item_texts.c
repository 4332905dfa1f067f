/* SPDX-License-Identifier: MIT */
/* test_item_texts.c -- provider/item_texts: what is written, what is kept and for how long. */
#include "provider/item_texts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "openkvp/scoped.h"
#include "store/snapshot_build.h"

#define NS "root/virtualization/v2"

struct fixture {
	struct arena *arena;
	const struct cim_class *class;
};

static int open_fixture(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->arena = arena_create();
	f->class = cim_class_by_id(cim_namespace_find(NS), MSVM_KVP_EXCHANGE_DATA_ITEM);
	item_texts_limit(1 << 20);
	*state = f;
	return 0;
}

static int close_fixture(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->arena);
	item_texts_clear();
	free(f);
	return 0;
}

static struct item_set *set_of(const char *key, const char *value)
{
	struct item_set *set = item_set_create(1);

	item_set_add(set, stored_item_create(
				  &(struct okvp_item){ .key = key,
						       .value = value,
						       .key_length = (uint16_t)strlen(key),
						       .value_length = (uint16_t)strlen(value) }));
	return set;
}

static struct cim_value get(struct fixture *f, struct item_set *set)
{
	return item_texts_get(f->arena, f->class, set, KVP_SOURCE_GUEST);
}

static void assert_text(const char *bytes, size_t length, const char *expected)
{
	assert_int_equal(length, strlen(expected));
	assert_memory_equal(bytes, expected, length);
}

static void an_item_is_an_embedded_instance_as_it_is_and_escaped(void **state)
{
	scoped(item_set_release) struct item_set *set = set_of("a&b", "<\"v\">");
	struct cim_value value = get(*state, set);

	assert_true(value.is_set && value.is_array);
	assert_int_equal(value.array.count, 1);
	const struct cim_string *string = &value.array.item[0].string;
	struct text escaped = { 0 };

	assert_non_null(memmem(string->bytes, string->length, "<VALUE>a&amp;b</VALUE>", 22));
	assert_non_null(
		memmem(string->bytes, string->length, "<VALUE>&lt;&quot;v&quot;&gt;</VALUE>", 36));
	assert_non_null(memmem(string->bytes, string->length, "<VALUE>1</VALUE>", 16));
	assert_memory_equal(string->bytes, "<INSTANCE CLASSNAME=\"Msvm_KvpExchangeDataItem\">", 47);
	text_xml(&escaped, string->bytes, string->length);
	assert_int_equal(string->bytes[string->length], '\0');
	assert_text(string->escaped, string->escaped_length, escaped.bytes);
	text_done(&escaped);
}

static void each_item_has_its_own_text(void **state)
{
	scoped(item_set_release) struct item_set *set = item_set_create(2);
	struct cim_value value;

	item_set_add(set, stored_item_create(&(struct okvp_item){ .key = "one", .key_length = 3 }));
	item_set_add(set, stored_item_create(&(struct okvp_item){ .key = "two", .key_length = 3 }));
	value = get(*state, set);

	assert_int_equal(value.array.count, 2);
	for (int i = 0; i < 2; i++) {
		const struct cim_string *string = &value.array.item[i].string;

		assert_memory_equal(string->bytes, "<INSTANCE", 9);
		assert_memory_equal(string->bytes + string->length - 11, "</INSTANCE>", 11);
		assert_non_null(memmem(string->bytes, string->length, i ? "two" : "one", 3));
	}
}

static void no_items_are_an_empty_array(void **state)
{
	scoped(item_set_release) struct item_set *set = item_set_create(0);
	struct cim_value value = get(*state, set);

	assert_true(value.is_set && value.is_array);
	assert_int_equal(value.array.count, 0);
	assert_int_equal(item_texts_size(), 0);
}

static void texts_are_made_once(void **state)
{
	scoped(item_set_release) struct item_set *set = set_of("k", "v");

	assert_ptr_equal(get(*state, set).array.item, get(*state, set).array.item);
}

static void another_set_has_other_texts(void **state)
{
	scoped(item_set_release) struct item_set *one = set_of("k", "v"), *two = set_of("k", "v");

	assert_ptr_not_equal(get(*state, one).array.item, get(*state, two).array.item);
}

static void who_was_not_asked_for_longest_goes_first(void **state)
{
	scoped(item_set_release) struct item_set *one = set_of("1", "v"), *two = set_of("2", "v"),
						 *three = set_of("3", "v");
	const struct cim_value *first = get(*state, one).array.item;
	const struct cim_value *second = get(*state, two).array.item;
	size_t both = item_texts_size();

	item_texts_limit(both);
	get(*state, one);
	get(*state, three);

	assert_int_equal(item_texts_size(), both);
	assert_ptr_equal(get(*state, one).array.item, first);
	assert_ptr_not_equal(get(*state, two).array.item, second);
}

static void texts_outlive_their_eviction_in_the_arena_of_who_has_them(void **state)
{
	struct item_set *set = set_of("key", "value");
	struct cim_value value = get(*state, set);

	item_set_release(&set);
	item_texts_limit(0);

	assert_int_equal(item_texts_size(), 0);
	assert_memory_equal(value.array.item[0].string.bytes, "<INSTANCE", 9);
}

static void nothing_is_kept_where_nothing_may_be(void **state)
{
	scoped(item_set_release) struct item_set *set = set_of("k", "v");

	item_texts_limit(0);
	assert_int_equal(get(*state, set).array.count, 1);
	assert_int_equal(item_texts_size(), 0);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
	const struct CMUnitTest tests[] = {
		test(an_item_is_an_embedded_instance_as_it_is_and_escaped),
		test(each_item_has_its_own_text),
		test(no_items_are_an_empty_array),
		test(texts_are_made_once),
		test(another_set_has_other_texts),
		test(who_was_not_asked_for_longest_goes_first),
		test(texts_outlive_their_eviction_in_the_arena_of_who_has_them),
		test(nothing_is_kept_where_nothing_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* test_query_associations.c -- cim/query: ASSOCIATORS OF and REFERENCES OF */
#include "cim/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "query_fixture.h"

static const struct cim_query_associations *associations_of(const char *text)
{
	const struct cim_query *query = parse(text);

	assert_non_null(cim_query_associations(query));
	assert_string_equal(cim_query_class(query), "Msvm_ComputerSystem");
	return cim_query_associations(query);
}

#define PATH "Msvm_ComputerSystem.CreationClassName=\"Msvm_ComputerSystem\",Name='a}b'"

static void the_path_stands_in_braces(void **state)
{
	const struct cim_query_associations *of =
		associations_of("associators of { \\\\HOST\\root\\virtualization\\v2:" PATH " };");

	assert_string_equal(of->source.ns, "root\\virtualization\\v2");
	assert_string_equal(cim_path_text_key(&of->source, "name"), "a}b");
	assert_false(of->references);
	assert_null(of->filter.association_class);
	assert_null(of->filter.result_class);
	assert_null(of->filter.role);
	assert_null(of->filter.result_role);
	assert_false(of->classes || of->schema || of->keys);
}

static void associators_take_all_words(void **state)
{
	const struct cim_query_associations *of = associations_of(
		"ASSOCIATORS OF {" PATH "} WHERE assocclass=Msvm_SystemDevice ResultClass = "
		"Msvm_KvpExchangeComponent Role=\"GroupComponent\" ResultRole = PartComponent "
		"RequiredQualifier=Dynamic RequiredAssocQualifier=Association "
		"ClassDefsOnly SchemaOnly KeysOnly");

	assert_string_equal(of->filter.association_class, "Msvm_SystemDevice");
	assert_string_equal(of->filter.result_class, "Msvm_KvpExchangeComponent");
	assert_string_equal(of->filter.role, "GroupComponent");
	assert_string_equal(of->filter.result_role, "PartComponent");
	assert_string_equal(of->filter.required_qualifier, "Dynamic");
	assert_string_equal(of->filter.required_association_qualifier, "Association");
	assert_true(of->classes && of->schema && of->keys);
}

static void references_take_fewer(void **state)
{
	const struct cim_query_associations *of = associations_of(
		"REFERENCES OF {" PATH "} WHERE ResultClass=Msvm_SystemDevice Role=GroupComponent "
		"RequiredQualifier=Association KeysOnly");

	assert_true(of->references);
	assert_string_equal(of->filter.result_class, "Msvm_SystemDevice");
	assert_string_equal(of->filter.role, "GroupComponent");
	assert_string_equal(of->filter.required_qualifier, "Association");
	assert_true(of->keys);
	assert_refused("REFERENCES OF {A} WHERE AssocClass=B", OKVP_INVALID,
		       "position 36: a word that does not belong here");
	assert_refused("REFERENCES OF {A} WHERE ResultRole=B", OKVP_INVALID,
		       "position 36: a word that does not belong here");
	assert_refused("REFERENCES OF {A} WHERE RequiredAssocQualifier=B", OKVP_INVALID,
		       "position 48: a word that does not belong here");
}

static void keys_only_selects_the_keys(void **state)
{
	const struct cim_class *class = cim_class_by_id(cim_namespaces[0], MSVM_COMPUTER_SYSTEM);
	static const char text[] = "ASSOCIATORS OF {A.B=1} WHERE KeysOnly";
	struct cim_query *query;

	assert_true(cim_query_parse(arena, text, strlen(text), &query, &err));
	assert_true(cim_query_selects(query, cim_property_find(class, "Name")));
	assert_false(cim_query_selects(query, cim_property_find(class, "ElementName")));
}

static void a_select_has_no_associations(void **state)
{
	static const char text[] = "SELECT * FROM A";
	struct cim_query *query;

	assert_true(cim_query_parse(arena, text, strlen(text), &query, &err));
	assert_null(cim_query_associations(query));
}

static void what_is_no_query_for_associations_is_refused(void **state)
{
	static const char *const wrong[] = {
		"ASSOCIATORS OF",
		"ASSOCIATORS OF A",
		"ASSOCIATORS OF {A",
		"ASSOCIATORS OF {}",
		"ASSOCIATORS {A}",
		"ASSOCIATORS OF {A.B='x}",
		"ASSOCIATORS OF {A} WHERE",
		"ASSOCIATORS OF {A} ResultClass=B",
		"ASSOCIATORS OF {A} WHERE ResultClass<>B",
		"ASSOCIATORS OF {A} WHERE ResultClass=1",
		"ASSOCIATORS OF {A} WHERE ResultClass=B, Role=C",
		"ASSOCIATORS OF {A} WHERE ResultClass=B AND Role=C",
		"ASSOCIATORS OF {A} WHERE ResultClass=B;;",
	};

	for (size_t i = 0; i < count_of(wrong); i++) {
		struct cim_query *query;

		if (cim_query_parse(arena, wrong[i], strlen(wrong[i]), &query, &err))
			fail_msg("accepted: %s", wrong[i]);
		assert_int_equal(err.status, OKVP_INVALID);
	}
}

static void words_are_checked(void **state)
{
	assert_refused("ASSOCIATORS OF {A} WHERE Colour=B", OKVP_INVALID,
		       "position 33: a word that does not belong here");
	assert_refused("ASSOCIATORS OF {A} WHERE Role", OKVP_INVALID,
		       "position 30: this word wants a value");
	assert_refused("ASSOCIATORS OF {A} WHERE KeysOnly=B", OKVP_INVALID,
		       "position 35: this word has no value");
	assert_refused("ASSOCIATORS OF {A} WHERE Role=B role=C", OKVP_INVALID,
		       "position 38: this word stands here twice");
	assert_refused("ASSOCIATORS OF {A} WHERE KeysOnly KeysOnly", OKVP_INVALID,
		       "position 43: this word stands here twice");
	assert_refused("ASSOCIATORS OF {A.} WHERE Role=B", OKVP_INVALID,
		       "position 16: an object path must have Key=value behind its class");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
	const struct CMUnitTest tests[] = {
		test(the_path_stands_in_braces),
		test(associators_take_all_words),
		test(references_take_fewer),
		test(keys_only_selects_the_keys),
		test(a_select_has_no_associations),
		test(what_is_no_query_for_associations_is_refused),
		test(words_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* world.h -- a state with VM 1, "web1", to which lists are applied without a store around it. */
#pragma once
#include "helpers.h"
#include "store/state.h"

struct world {
	struct state state;
	struct store_limits limits;
	struct rows rows;         /* of the last list */
	struct change_list *list; /* the last one */
	int64_t now_us;
};

/* Takes the list. */
static inline bool apply(struct world *world, struct change_list *list)
{
	change_list_free(&world->list);
	world->list = list;
	world->rows.count = 0;
	return state_apply(&world->state, &world->limits, list, ++world->now_us, &world->rows);
}

static inline struct snapshot *vm_number(struct world *world, unsigned int number)
{
	struct guid id = guid_number(number);

	return state_find(&world->state, &id);
}

static inline const struct failure *failure(const struct world *world)
{
	assert_non_null(world->list->outcome.failure);
	return world->list->outcome.failure;
}

/* The last list was refused with this status and sentence, and left no rows. */
#define assert_refused(world, expected_status, expected_message)                      \
	do {                                                                          \
		assert_int_equal(failure(world)->error.status, expected_status);      \
		assert_string_equal(failure(world)->error.message, expected_message); \
		assert_int_equal((world)->rows.count, 0);                             \
	} while (0)

static inline const struct row *row_of(const struct world *world, int kind, size_t index)
{
	for (size_t i = 0; i < world->rows.count; i++)
		if ((int)world->rows.row[i].kind == kind && index-- == 0)
			return &world->rows.row[i];
	return NULL;
}

static inline size_t rows_of(const struct world *world, int kind)
{
	size_t count = 0;

	while (row_of(world, kind, count))
		count++;
	return count;
}

static inline int make_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	world->limits = roomy;
	world->now_us = 1000;
	assert_true(apply(world, definition(1, "web1")));
	*state = world;
	return 0;
}

static inline int free_world(void **state)
{
	struct world *world = *state;

	change_list_free(&world->list);
	state_done(&world->state);
	free(world->rows.row);
	free(world);
	return 0;
}

/* A VM with the items a, b and c, at generation 2. */
static inline int make_world_with_items(void **state)
{
	struct change_list *list = list_for(1);

	make_world(state);
	put(list, "a", "1");
	put(list, "b", "2");
	put(list, "c", "3");
	assert_true(apply(*state, list));
	return 0;
}

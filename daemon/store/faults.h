/* SPDX-License-Identifier: MIT */
/* faults.h -- for store/: what is wrong with the keys of a list, collected and told in one
 * sentence.
 */
#pragma once
#include "store/change_list.h"

/* In this order: the first kind found gives the status. */
#define FAULT_LIST(X) /* X(name, status, text before the keys) */         \
	X(TWICE, INVALID, "named twice: ")                                \
	X(CASE, EXISTS, NULL) /* names the other key as well: faults.c */ \
	X(THERE, EXISTS, "already there: ")                               \
	X(MISSING, NOT_FOUND, "not there: ")

enum fault {
#define X(name, status, text) FAULT_##name,
	FAULT_LIST(X)
#undef X
		FAULT_COUNT
};

/* All zeros is none. Items are borrowed. */
struct faults {
	size_t all;
	struct {
		size_t count;
		const struct stored_item *shown[OFFENDING_KEYS_SHOWN];
		const struct stored_item *against[OFFENDING_KEYS_SHOWN];
	} of[FAULT_COUNT];
};

/* against: the key that a CASE differs from. */
void faults_add(struct faults *faults, enum fault fault, const struct stored_item *item,
		const struct stored_item *against);

/* Says what is wrong, and with which keys. */
void faults_tell(const struct faults *faults, struct failure *failure);

/* Says that there would be too much of something: "<what> would hold 1,025 items; 1,024 is the
 * most". Returns false. */
bool fail_limit(struct failure *failure, const char *what, size_t would_be, const char *of,
		size_t most);

/* SPDX-License-Identifier: MIT */
/* scoped.h -- ownership by scope: a local that is released at the end of its block. */
#pragma once

/* Releases a local with release(&local) when its block ends, however it ends:
 *
 *	scoped(text_done) struct text text = { 0 };
 */
#define scoped(release) __attribute__((cleanup(release)))

/* Hands a pointer on and leaves NULL behind, so that the scope has nothing to release. */
#define take(pointer)                                           \
	({                                                      \
		__typeof__(&(pointer)) take_from_ = &(pointer); \
		__typeof__(pointer) taken_ = *take_from_;       \
		*take_from_ = NULL;                             \
		taken_;                                         \
	})

/* SPDX-License-Identifier: MIT */
/* provider.h -- for those who implement a class: what an implementation offers.
 *
 * A provider fills values; keys, names, types, constants and namespaces are the business of cim/.
 * It gets every instance with the initial values of its class already in place. */
#pragma once
#include "cim/instance.h"

struct cim_operation;

struct cim_method_entry {
	const char *name;
	/* Reads operation->input, sets operation->return_value and operation->output, and calls
	 * cim_operation_finish(), at once or later. Its instance exists. */
	void (*invoke)(struct cim_operation *operation);
};

/* context is what main gave cim_service_create(). */
struct cim_provider {
	enum cim_class_id class_id;

	/* A walk over all instances as they are when it begins; next() fills one and returns false
	 * when there are no more. Never waits. */
	void *(*walk_begin)(void *context);
	bool (*walk_next)(void *walk, struct cim_instance *instance);
	void (*walk_end)(void *walk);

	/* Fills the instance with these keys; false: there is none. The path has all keys, in the
	 * declared spelling and types, letter case of strings as the client has it. It is enough to
	 * look at those that tell instances apart: the others are compared with the instance
	 * afterwards. Never waits. */
	bool (*find)(void *context, const struct cim_object_path *path,
		     struct cim_instance *instance);

	/* May be NULL. Before a client gets a single instance, which was there a moment ago: brings
	 * up to date what find() will read again, and calls ready(operation), at once or later, on
	 * any thread. */
	void (*refresh)(struct cim_operation *operation, const struct cim_object_path *path,
			void (*ready)(struct cim_operation *operation));

	const struct cim_method_entry *methods; /* ends with { 0 }; NULL: none */
};

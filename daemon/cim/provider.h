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

	/* A walk over all instances as they are when it begins, in the namespace of the class;
	 * next() fills one and returns false when there are no more. Never waits. */
	void *(*walk_begin)(void *context, const struct cim_class *class);
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
	 * any thread. False: what find() gave is new enough, and ready() is not called. */
	bool (*refresh)(struct cim_operation *operation, const struct cim_object_path *path,
			void (*ready)(struct cim_operation *operation));

	const struct cim_method_entry *methods; /* ends with { 0 }; NULL: none */

	/* Association classes. Begins a walk, for walk_next() and walk_end(), over the associations
	 * of the class in which an instance stands, at whichever end; the path is borrowed for the
	 * time of the call, has all keys, as for find(), and names the class of the instance
	 * itself. */
	void *(*references_begin)(void *context, const struct cim_class *class,
				  const struct cim_object_path *source);

	/* May be NULL: clients may not change, make or remove instances. Each gets a checked
	 * operation and calls cim_operation_finish(), at once or later. modify: operation->instance
	 * is the instance as it is now, operation->changes the new values; what is there afterwards
	 * is read by find(). create: operation->instance holds the client's values over the initial
	 * ones; its keys may be missing and are filled in. delete: operation->path names it. */
	void (*modify)(struct cim_operation *operation);
	void (*create)(struct cim_operation *operation);
	void (*delete)(struct cim_operation *operation);

	/* May be NULL. Whether a property changes by itself: a client that sends back all that it
	 * has read does not want to change it. */
	bool (*changes_itself)(enum cim_property_id id);
};

/* __NAMESPACE: the namespaces right below that of the class. It wants no context. */
extern const struct cim_provider cim_namespace_provider;

/* SPDX-License-Identifier: MIT */
/* operation.h -- one CIM request as an object: it is filled in, started, and finishes at once or
 * later, on whichever thread. The binding that made it then writes the answer. */
#pragma once
#include "auth/principal.h"
#include "cim/instance.h"
#include "cim/provider.h"
#include "cim/status.h"

struct cim_enumeration;
struct cim_enumeration_request;
struct cim_service;

/* The object manager over a list of providers that ends with NULL. context is theirs. */
struct cim_service *cim_service_create(const struct cim_provider *const *providers, void *context);
void cim_service_free(struct cim_service **service);
void *cim_service_context(const struct cim_service *service);

/* The provider of a class; NULL: it has no instances of its own. */
const struct cim_provider *cim_service_provider(const struct cim_service *service,
						enum cim_class_id id);

/* A parameter as a binding read it: references and embedded objects are done, scalars still text.
 */
struct cim_argument {
	const char *name;
	struct cim_value value; /* STRING, REFERENCE, or an array of either; or NULL */
};

/* A property that a client wants to have another value. */
struct cim_property_change {
	const struct cim_property *property;
	struct cim_value value; /* of the property's type, or NULL */
};

struct cim_operation {
	/* Filled in by the binding. */
	struct cim_service *service;
	struct arena *arena; /* everything of this request */
	struct principal principal;
	const char *peer; /* for log lines */
	void (*finished)(struct cim_operation *operation);
	void *binding; /* the binding's own */

	/* What it works on, once started. */
	const struct cim_class *class;
	const struct cim_object_path *path; /* of its instance, with all keys */
	const struct cim_provider *provider;
	const struct cim_method *method;
	struct cim_value *input;                   /* by the index of the parameter in method */
	const struct cim_property_change *changes; /* of a modification; they differ from what is */
	size_t change_count;
	const struct cim_enumeration_request *listing; /* of cim_list() */

	/* The outcome. */
	struct cim_error error; /* status CIM_STATUS_OK: success */
	struct cim_instance *instance;
	struct cim_value return_value;
	struct cim_value *output;            /* by the index of the parameter in method */
	struct cim_enumeration *enumeration; /* of cim_list(): the binding's */
};

/* Gets the instance that a path names. Of a class with one instance keys may be missing
 * (CIM_DETAIL_KEYS_MISSING if it has none or more); otherwise all keys must be there and no others.
 * String keys are compared without case, a doubled backslash counts as one. A path to a superclass
 * finds an instance of a subclass. */
void cim_get(struct cim_operation *operation, const struct cim_object_path *path);

/* Calls a method of the instance that a path names, with the arguments as they came: names are
 * found without case, texts become values of the declared types, an array may come as a single
 * element, a reference as WMI's text of a path.
 *
 * Checked in this order: class (5), instance (6), the method is declared (17) and its provider has
 * it (16), then the arguments: no others than the declared In parameters, each once (4), of the
 * declared types (13; a reference to another class, or malformed: 4), and none missing (4) that is
 * a reference or has the qualifier Required. A missing array stays NULL, since WS-Management cannot
 * tell it from an empty one, and so does any other missing parameter: the method says what that
 * means. */
void cim_invoke(struct cim_operation *operation, const struct cim_object_path *path,
		const char *method, const struct cim_argument *arguments, size_t count);

/* Changes properties of the instance that a path names; the arguments are properties as they came,
 * read as those of cim_invoke(). Keys and properties that do not differ from what they are may
 * stand among them, and those that change by themselves; they stay. Checked in this order: class
 * (5), instance (6), the provider modifies at all (7), whether the user may change anything (2),
 * the properties: known (12), each once (4/PARAMETER_NAME), of their type (13), writable
 * (4/PARAMETER_VALUE). The outcome is operation->instance, read again. */
void cim_modify(struct cim_operation *operation, const struct cim_object_path *path,
		const struct cim_argument *properties, size_t count);

/* Makes an instance of a class. Checked in this order: class (5), the provider makes instances at
 * all (7), whether the user may (2), the properties as above, but writable or not, and none missing
 * (4/PARAMETER_MISSING) that has the qualifier Required and no initial value. The outcome is
 * operation->instance with all its keys. */
void cim_create(struct cim_operation *operation, const char *ns, const char *class_name,
		const struct cim_argument *properties, size_t count);

/* Removes the instance that a path names: class (5), instance (6), the provider does it at all (7),
 * whether the user may (2). */
void cim_delete(struct cim_operation *operation, const struct cim_object_path *path);

/* Ends an operation: calls operation->finished. A failure is in operation->error. */
void cim_operation_finish(struct cim_operation *operation);

/* The index of a parameter in operation->method: for input and output. Must be there (asserted). */
size_t cim_parameter_index(const struct cim_operation *operation, const char *name);
#define cim_input(operation, name)  (&(operation)->input[cim_parameter_index(operation, name)])
#define cim_output(operation, name) (&(operation)->output[cim_parameter_index(operation, name)])

/* Finds the class that a path names. Without a namespace in the path: ns, or the default if that is
 * empty too. CIM_STATUS_INVALID_NAMESPACE, CIM_STATUS_INVALID_CLASS. */
bool cim_resolve_class(const char *ns, const char *class_name, const struct cim_class **ret_class,
		       struct cim_error *err);

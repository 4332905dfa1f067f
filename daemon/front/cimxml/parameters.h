/* SPDX-License-Identifier: MIT */
/* parameters.h -- the parameters of intrinsic operations (IPARAMVALUE). */
#pragma once
#include "cim/read_xml.h"
#include "front/cimxml/faults.h"

/* What a parameter holds, and the element that brings it. */
enum cimxml_kind {
	KIND_FLAG,           /* VALUE: BOOLEAN */
	KIND_COUNT,          /* VALUE: UINT32 */
	KIND_TEXT,           /* VALUE: STRING */
	KIND_TEXTS,          /* VALUE.ARRAY: array of STRING */
	KIND_ANY_VALUE,      /* VALUE, VALUE.ARRAY, VALUE.REFERENCE: as it came */
	KIND_CLASS,          /* CLASSNAME: STRING */
	KIND_INSTANCE_NAME,  /* INSTANCENAME: REFERENCE */
	KIND_OBJECT_NAME,    /* either of the two */
	KIND_INSTANCE,       /* INSTANCE: cimxml_parameters.instance */
	KIND_NAMED_INSTANCE, /* VALUE.NAMEDINSTANCE: likewise */
	KIND_UNREAD,         /* nobody looks at it */
};

#define PARAMETER_LIST(X) /* X(name, text, kind) */                       \
	X(CLASS_NAME, "ClassName", KIND_CLASS)                            \
	X(INSTANCE_NAME, "InstanceName", KIND_INSTANCE_NAME)              \
	X(OBJECT_NAME, "ObjectName", KIND_OBJECT_NAME)                    \
	X(NEW_INSTANCE, "NewInstance", KIND_INSTANCE)                     \
	X(MODIFIED_INSTANCE, "ModifiedInstance", KIND_NAMED_INSTANCE)     \
	X(PROPERTY_NAME, "PropertyName", KIND_TEXT)                       \
	X(NEW_VALUE, "NewValue", KIND_ANY_VALUE)                          \
	X(QUALIFIER_NAME, "QualifierName", KIND_TEXT)                     \
	X(LOCAL_ONLY, "LocalOnly", KIND_FLAG)                             \
	X(DEEP_INHERITANCE, "DeepInheritance", KIND_FLAG)                 \
	X(INCLUDE_QUALIFIERS, "IncludeQualifiers", KIND_FLAG)             \
	X(INCLUDE_CLASS_ORIGIN, "IncludeClassOrigin", KIND_FLAG)          \
	X(PROPERTY_LIST, "PropertyList", KIND_TEXTS)                      \
	X(ASSOC_CLASS, "AssocClass", KIND_CLASS)                          \
	X(RESULT_CLASS, "ResultClass", KIND_CLASS)                        \
	X(ROLE, "Role", KIND_TEXT)                                        \
	X(RESULT_ROLE, "ResultRole", KIND_TEXT)                           \
	X(QUERY_LANGUAGE, "QueryLanguage", KIND_TEXT)                     \
	X(QUERY, "Query", KIND_TEXT)                                      \
	X(FILTER_QUERY_LANGUAGE, "FilterQueryLanguage", KIND_TEXT)        \
	X(FILTER_QUERY, "FilterQuery", KIND_TEXT)                         \
	X(RETURN_QUERY_RESULT_CLASS, "ReturnQueryResultClass", KIND_FLAG) \
	X(OPERATION_TIMEOUT, "OperationTimeout", KIND_COUNT)              \
	X(CONTINUE_ON_ERROR, "ContinueOnError", KIND_FLAG)                \
	X(MAX_OBJECT_COUNT, "MaxObjectCount", KIND_COUNT)                 \
	X(ENUMERATION_CONTEXT, "EnumerationContext", KIND_TEXT)           \
	X(NEW_CLASS, "NewClass", KIND_UNREAD)                             \
	X(MODIFIED_CLASS, "ModifiedClass", KIND_UNREAD)                   \
	X(QUALIFIER_DECLARATION, "QualifierDeclaration", KIND_UNREAD)

enum cimxml_parameter {
#define X(name, text, kind) PARAMETER_##name,
	PARAMETER_LIST(X)
#undef X
		PARAMETER_COUNT
};

/* A set of parameters. */
typedef uint32_t cimxml_parameter_set;
#define P(name) (UINT32_C(1) << PARAMETER_##name)
_Static_assert(PARAMETER_COUNT <= 32, "a set of parameters has 32 bits");

struct cimxml_parameters {
	struct cim_value value[PARAMETER_COUNT]; /* not set: absent or NULL */
	struct cim_read_instance instance;
};

/* What an operation does with parameters: those it takes, those of them it cannot do without, and
 * the flags that are TRUE if the client says nothing. */
struct cimxml_signature {
	cimxml_parameter_set takes, needs, preset;
};

/* Reads the IPARAMVALUEs behind an element. CIM_STATUS_INVALID_PARAMETER for one that is not taken,
 * there twice, of another kind or malformed, and for one that is needed and missing. */
bool cimxml_read_parameters(struct arena *arena, const struct xml_element *behind, const char *ns,
			    const struct cimxml_signature *signature,
			    struct cimxml_parameters *ret_parameters, struct cimxml_fault *fault);

/* SPDX-License-Identifier: MIT */
/* write.h -- instances as the operations return them: which properties, in which elements. */
#pragma once
#include "base/text.h"
#include "cim/instance.h"
#include "cim/query.h"
#include "front/cimxml/parameters.h"

/* How an instance appears in IRETURNVALUE. */
enum cimxml_form {
	FORM_INSTANCE,           /* INSTANCE */
	FORM_NAMED_INSTANCE,     /* VALUE.NAMEDINSTANCE: INSTANCENAME, INSTANCE */
	FORM_INSTANCE_NAME,      /* INSTANCENAME */
	FORM_OBJECT_WITH_PATH,   /* VALUE.OBJECTWITHPATH: INSTANCEPATH, INSTANCE */
	FORM_OBJECT_PATH,        /* OBJECTPATH: INSTANCEPATH */
	FORM_INSTANCE_WITH_PATH, /* VALUE.INSTANCEWITHPATH: INSTANCEPATH, INSTANCE */
	FORM_INSTANCE_PATH,      /* INSTANCEPATH */
};

/* Plain memory: a copy is as good. */
struct cimxml_selection {
	enum cimxml_form form;
	bool class_origin;
	const struct cim_class *shallow; /* only properties that this class has; NULL: all */
	bool has_list;                   /* only those that are listed */
	bool listed[CIM_PROPERTY_COUNT];
};

/* The selection that parameters ask for: IncludeClassOrigin and PropertyList, whose unknown names
 * count for nothing. */
void cimxml_select(struct cimxml_selection *selection, enum cimxml_form form,
		   const struct cimxml_parameters *parameters);

/* Appends an instance; of a query's result only what it selects (NULL: all). */
void cimxml_instance_write(struct text *out, const struct cimxml_selection *selection,
			   const struct cim_instance *instance, const struct cim_query *query,
			   const char *host);

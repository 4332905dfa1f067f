/* SPDX-License-Identifier: MIT */
/* resource.h -- resource URIs of both families. */
#pragma once
#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

enum wsman_family { WSMAN_WMI, WSMAN_DMTF };

enum wsman_target {
	WSMAN_INSTANCES,
	WSMAN_CLASSES,        /* as elements of CIM-XML */
	WSMAN_CLASSES_WS_CIM, /* as XML schemas: not offered */
};

struct wsman_resource {
	enum wsman_family family;
	enum wsman_target target;
	const char *uri;        /* as it came */
	const char *ns;         /* "": not said by the URI */
	const char *class_name; /* "*": all classes */
};

/* Takes a URI apart; false: it is of neither family. */
bool wsman_resource_read(struct arena *arena, const char *uri, struct wsman_resource *ret_resource);

/* Writes the URI of a class, which is its XML namespace as well. */
void wsman_resource_write(struct text *out, enum wsman_family family, const char *ns,
			  const char *class_name);

/* SPDX-License-Identifier: MIT */
/* resource.c -- resource URIs: WMI's have the namespace in their path, DMTF's in a selector. */
#include "front/wsman/resource.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "front/wsman/names.h"

/* URIs that are not of one class. */
static bool read_whole(const char *uri, struct wsman_resource *resource)
{
	static const struct {
		const char *uri;
		enum wsman_target target;
	} whole[] = {
		{ URI_ALL, WSMAN_INSTANCES },
		{ URI_CLASSES, WSMAN_CLASSES },
		{ URI_CLASSES_WINRM, WSMAN_CLASSES },
		{ URI_CLASSES_WS_CIM, WSMAN_CLASSES_WS_CIM },
	};

	for (size_t i = 0; i < count_of(whole); i++) {
		if (strcasecmp(uri, whole[i].uri) != 0)
			continue;
		resource->family = WSMAN_DMTF;
		resource->target = whole[i].target;
		resource->class_name = "*";
		return true;
	}
	return false;
}

bool wsman_resource_read(struct arena *arena, const char *uri, struct wsman_resource *ret_resource)
{
	size_t wmi = strlen(URI_WMI), dmtf = strlen(URI_DMTF);
	const char *slash;

	*ret_resource = (struct wsman_resource){ .uri = uri, .ns = "" };
	if (read_whole(uri, ret_resource))
		return true;
	if (strncasecmp(uri, URI_DMTF, dmtf) == 0) {
		ret_resource->family = WSMAN_DMTF;
		ret_resource->class_name = uri + dmtf;
		return uri[dmtf] != '\0' && !strchr(uri + dmtf, '/');
	}
	if (strncasecmp(uri, URI_WMI, wmi) != 0)
		return false;
	slash = strrchr(uri + wmi, '/');
	if (!slash || slash == uri + wmi || slash[1] == '\0')
		return false;
	ret_resource->family = WSMAN_WMI;
	ret_resource->ns = arena_text(arena, uri + wmi, (size_t)(slash - (uri + wmi)));
	ret_resource->class_name = slash + 1;
	return true;
}

void wsman_resource_write(struct text *out, enum wsman_family family, const char *ns,
			  const char *class_name)
{
	if (family == WSMAN_DMTF) {
		text_literal(out, URI_DMTF);
	} else {
		text_literal(out, URI_WMI);
		text_xml(out, ns, strlen(ns));
		text_putc(out, '/');
	}
	text_xml(out, class_name, strlen(class_name));
}

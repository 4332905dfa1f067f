/* SPDX-License-Identifier: MIT */
/* kvp_exchange_data_item.c -- a pair <-> the text of an embedded Msvm_KvpExchangeDataItem. */
#include "provider/kvp_exchange_data_item.h"

#include <string.h>
#include <strings.h>

#include "cim/embedded.h"
#include "provider/item_texts.h"

void kvp_set_items(struct cim_instance *instance, enum cim_property_id property,
		   struct item_set *items, enum kvp_source source)
{
	const struct cim_class *class =
		cim_class_by_id(instance->class->ns, MSVM_KVP_EXCHANGE_DATA_ITEM);

	cim_set(instance, property, item_texts_get(instance->arena, class, items, source));
}

static bool read_source(struct arena *arena, const struct cim_embedded_property *property,
			enum item_space *ret_space, struct okvp_error *err)
{
	struct cim_value source = cim_uint(CIM_UINT16, KVP_SOURCE_HOST);

	if (property &&
	    !cim_value_from_text(arena, CIM_UINT16, property->text, property->length, &source, err))
		return okvp_fail_in(err, "Source");
	if (source.uint != KVP_SOURCE_HOST && source.uint != KVP_SOURCE_HOST_ONLY)
		return okvp_fail(err, OKVP_INVALID,
				 "Source: items of the host have 0, host-only items 4; not %u",
				 (unsigned int)source.uint);
	*ret_space = source.uint == KVP_SOURCE_HOST_ONLY ? SPACE_HOST_ONLY : SPACE_EXTERNAL;
	return true;
}

/* A text of the item, "" where it is missing; what no field could count is refused here. */
static bool read_text(const struct cim_embedded *embedded, const char *name, const char **ret_text,
		      uint16_t *ret_length, struct okvp_error *err)
{
	const struct cim_embedded_property *property = cim_embedded_find(embedded, name);

	if (property && property->length > UINT16_MAX)
		return okvp_fail(err, OKVP_TOO_LONG, "%s has %zu bytes", name, property->length);
	*ret_text = property ? property->text : "";
	*ret_length = property ? (uint16_t)property->length : 0;
	return true;
}

bool kvp_read_item(struct arena *arena, const struct cim_string *text,
		   struct exchange_change *ret_change, struct okvp_error *err)
{
	struct exchange_change change = { 0 };
	struct okvp_item *item = &change.item;
	struct cim_embedded embedded;

	if (!cim_embedded_read(arena, text->bytes, text->length, &embedded, err))
		return false;
	if (strcasecmp(embedded.class_name, "Msvm_KvpExchangeDataItem") != 0)
		return okvp_fail(err, OKVP_INVALID,
				 "an instance of Msvm_KvpExchangeDataItem is needed");
	if (!read_source(arena, cim_embedded_find(&embedded, "Source"), &change.space, err) ||
	    !read_text(&embedded, "Name", &item->key, &item->key_length, err) ||
	    !read_text(&embedded, "Data", &item->value, &item->value_length, err))
		return false;
	*ret_change = change;
	return true;
}

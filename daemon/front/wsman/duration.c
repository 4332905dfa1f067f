/* SPDX-License-Identifier: MIT */
/* duration.c -- how long something may last: xs:duration in requests and answers. */
#include "front/wsman/duration.h"

#define DAY_MS 86400000

bool wsman_duration_read(struct wsman_call *call, const struct xml_element *element,
			 enum wsman_fault_id invalid, enum wsman_fault_id unsupported,
			 unsigned int *ret_ms, struct wsman_fault *fault)
{
	int64_t microseconds;
	struct cim_value value;

	if (!cim_value_from_text(call->arena, CIM_DATETIME, element->text, element->text_length,
				 &value, NULL))
		return wsman_fail(fault, invalid, "%s is no duration", element->name);
	if (!value.datetime.is_interval)
		return wsman_fail(fault, unsupported, "%s is a point in time, not a duration",
				  element->name);
	microseconds = value.datetime.microseconds;
	if (microseconds <= 0)
		return wsman_fail(fault, invalid, "%s is over at once", element->name);
	*ret_ms = DAY_MS;
	if (microseconds < (int64_t)DAY_MS * 1000)
		*ret_ms = (unsigned int)((microseconds + 999) / 1000);
	return true;
}

void wsman_duration_write(struct text *out, unsigned int ms)
{
	const struct cim_datetime interval = {
		.microseconds = (int64_t)ms * 1000,
		.is_interval = true,
	};
	char text[CIM_ISO_SIZE];

	cim_datetime_to_iso(&interval, text);
	text_puts(out, text);
}

/* SPDX-License-Identifier: MIT */
/* datetime.h -- reading a DATETIME, for value.c; what writes one stands in value.h. */
#pragma once
#include "cim/value.h"

#define CIM_INTERVAL_DAYS_MAX 99999999 /* what DMTF's eight digits hold */

/* Reads DMTF's 25 characters (a field of asterisks counts as its least value), or an ISO 8601 time,
 * date or duration. Digits behind the microsecond are dropped; years and months of a duration must
 * be zero, as they have no length. */
bool cim_datetime_from_text(const char *text, size_t length, struct cim_datetime *ret_datetime);

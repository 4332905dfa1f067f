/* SPDX-License-Identifier: MIT */
/* export.h -- the message that brings an indication, and the listener's answer (DSP0201 section
 * 3.2.6.9); inside indication/. */
#pragma once
#include "base/text.h"
#include "cim/instance.h"
#include "cim/query.h"

/* Appends an ExportIndication: of the indication what the query selects (NULL: all) and is set, and
 * always the place that it has among others. */
void export_write(struct text *out, const char *id, const struct cim_instance *indication,
		  const struct cim_query *query);

/* Whether a listener that answered by HTTP status 200 has taken the indication. He has, unless he
 * says that he has not: what follows in his answer is nobody's business. err gets his reason. */
bool export_is_taken(const char *answer, size_t length, struct okvp_error *err);

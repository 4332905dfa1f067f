/* SPDX-License-Identifier: MIT */
/* providers.h -- every class this service answers for. Their context is a struct host. */
#pragma once
#include "cim/provider.h"

extern const struct cim_provider *const providers[]; /* ends with NULL */

/* SPDX-License-Identifier: MIT */
/* arguments.h -- parameters of a method and properties of an instance, as they came. */
#pragma once
#include "front/wsman/call.h"

/* Reads the children of an element, in whatever namespaces they are: those of one name are one
 * argument, a single value or an array. */
bool wsman_arguments_read(struct wsman_call *call, const struct xml_element *parent,
			  const struct cim_argument **ret_arguments, size_t *ret_count,
			  struct wsman_fault *fault);

/* SPDX-License-Identifier: MIT */
/* envelope.h -- the SOAP envelope of a request. */
#pragma once
#include "front/wsman/call.h"

/* Whether this is Identify, which has no Action and whose header does not matter. */
bool wsman_envelope_is_identify(const struct xml_element *root);

/* Reads the header blocks into the call and finds its body. */
bool wsman_envelope_read(struct wsman_call *call, const struct xml_element *root,
			 struct wsman_fault *fault);

/* SPDX-License-Identifier: MIT */
/* identify.c -- Identify: what this service is (DSP0226 section 11). */
#include "front/wsman/call.h"
#include "front/wsman/names.h"

#define PROFILE "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/"

/* Somebody unknown learns neither the version nor how one gets in. */
void wsman_identify(struct wsman_call *call)
{
	struct text out = { 0 };

	text_literal(&out,
		     "<s:Envelope xml:lang=\"en-US\" xmlns:s=\"" NS_SOAP "\"><s:Header/><s:Body>"
		     "<wsmid:IdentifyResponse xmlns:wsmid=\"" NS_IDENTITY "\">"
		     "<wsmid:ProtocolVersion>" NS_WSMAN "</wsmid:ProtocolVersion>"
		     "<wsmid:ProductVendor>openkvp</wsmid:ProductVendor>");
	if (*call->message->principal.name) {
		text_literal(&out,
			     "<wsmid:ProductVersion>" OPENKVP_VERSION "</wsmid:ProductVersion>"
			     "<wsmid:SecurityProfiles><wsmid:SecurityProfileName>" PROFILE);
		text_puts(&out, call->message->secure ? "https/basic" : "http/basic");
		text_literal(&out, "</wsmid:SecurityProfileName></wsmid:SecurityProfiles>");
	}
	text_literal(&out, "</wsmid:IdentifyResponse>");
	wsman_end(call, &out, FAULT_ENVELOPE_SIZE);
}

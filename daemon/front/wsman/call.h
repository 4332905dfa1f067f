/* SPDX-License-Identifier: MIT */
/* call.h -- one request on its way through the binding; inside wsman/. */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

#include "base/text.h"
#include "cim/operation.h"
#include "front/wsman/faults.h"
#include "front/wsman/instance_xml.h"
#include "front/wsman/resource.h"
#include "front/wsman/wsman.h"
#include "xml/xml.h"

#define ENVELOPE_MIN 8192 /* DSP0226: what every client must be ready to take */

struct wsman {
	struct wsman_settings settings;
	struct wsman_subscriptions *subscriptions;
	struct wsman_deadlines *deadlines;
	atomic_size_t last_size; /* of an answer: room for the next one */
};

struct wsman_option {
	const char *name; /* without what stands in front of a colon */
	const char *value;
};

struct wsman_call {
	struct wsman *wsman;
	const struct wsman_message *message;
	struct arena *arena;
	bool utf16; /* the answer, as the request */

	/* Of the envelope; "" or NULL: not there. */
	const char *action, *message_id, *to;
	const char *identifier; /* of a subscription */
	struct wsman_resource resource;
	const struct cim_key *selectors; /* without the one for the namespace */
	size_t selector_count;
	const struct wsman_option *options;
	size_t option_count;
	unsigned int timeout_ms;        /* how long the client waits */
	size_t envelope_max;            /* bytes of UTF-8 */
	const struct xml_element *body; /* the first child of Body; NULL: it is empty */

	const char *answer_header; /* more blocks for the answer's; NULL: none */

	/* Of an action that works by an operation. */
	struct cim_operation operation;
	void (*finished)(struct wsman_call *call);
	const char *method;
	struct enumerate *enumerate; /* enumerate.c */

	atomic_int references;
	/* Who answers, operation or deadline: deadlines.c */
	atomic_int state;
	uint64_t deadline_ms;
	struct wsman_call *next_watched, **link_watched;
};

/* Around the start of the call's operation: finished() is called when it is over, unless the
 * client's OperationTimeout is over before. Then the client is told so, and the operation may end
 * as it likes. */
void wsman_expect(struct wsman_call *call, void (*finished)(struct wsman_call *call));
void wsman_await(struct wsman_call *call);

/* One reference less; whoever answers has one. The last one takes the call with it. */
void wsman_call_release(struct wsman_call *call);

/* How instances are written for the client. */
struct wsman_form wsman_form(const struct wsman_call *call);

/* Whether the client wants something; without the option, or with a value that is none: otherwise.
 */
bool wsman_option(const struct wsman_call *call, const char *name, bool otherwise);

/* Begins an answer: its header, and Body. */
void wsman_begin(struct wsman_call *call, const char *action, struct text *ret_out);

/* Ends and sends an answer that was begun. One that is larger than the client wants becomes the
 * fault. */
void wsman_end(struct wsman_call *call, struct text *out, enum wsman_fault_id too_large);

/* Sends a fault. */
void wsman_refuse(struct wsman_call *call, const struct wsman_fault *fault);
void wsman_refuse_cim(struct wsman_call *call, const struct cim_error *error);

/* Bytes that Body and Envelope still take. */
#define WSMAN_END "</s:Body></s:Envelope>"

/* --- The actions: each answers the call, at once or later --- */

void wsman_identify(struct wsman_call *call);
void wsman_get(struct wsman_call *call);
void wsman_put(struct wsman_call *call);
void wsman_get_class(struct wsman_call *call);
void wsman_enumerate(struct wsman_call *call);
void wsman_enumerate_classes(struct wsman_call *call);
void wsman_pull(struct wsman_call *call);
void wsman_release(struct wsman_call *call);
void wsman_invoke(struct wsman_call *call);
void wsman_subscribe(struct wsman_call *call);
void wsman_renew(struct wsman_call *call);
void wsman_unsubscribe(struct wsman_call *call);

/* Answers a call whose envelope has been read, by its action. */
void wsman_act(struct wsman_call *call);

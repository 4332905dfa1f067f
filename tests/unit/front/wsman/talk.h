/* SPDX-License-Identifier: MIT */
/* talk.h -- one who asks by WS-Management, without HTTP. */
#pragma once
#include <semaphore.h>
#include <stdatomic.h>

#include "fake.h"
#include "front/wsman/names.h"
#include "front/wsman/wsman.h"

#define URI_V2         URI_WMI "root/virtualization/v2/"
#define GET            NS_TRANSFER "/Get"
#define ENUMERATE      NS_ENUMERATION "/Enumerate"
#define PULL           NS_ENUMERATION "/Pull"
#define RELEASE        NS_ENUMERATION "/Release"
#define SELECTOR(n, v) "<w:Selector Name=\"" n "\">" v "</w:Selector>"
#define SELECTORS(s)   "<w:SelectorSet>" s "</w:SelectorSet>"
#define VM(n)          "0000000" #n "-0000-4000-8000-000000000000"
#define VM_SELECTORS(n) \
	SELECTORS(SELECTOR("CreationClassName", "Msvm_ComputerSystem") SELECTOR("Name", VM(n)))

struct talk {
	struct fake *fake;
	struct cim_enumerations *enumerations;
	struct cim_events *events;
	struct wsman *wsman;
	struct wsman_message message; /* its principal and content type may be changed */
	atomic_bool may_give_up;      /* was said of the one who asks */
	atomic_bool gone;             /* the one who asks has */

	/* The last answer. */
	sem_t answered, done;
	bool asked;
	atomic_int answers;
	unsigned int status;
	char type[64];
	struct text answer;
};

/* For cmocka's setup and teardown: *state is the struct talk. It is an administrator, and there are
 * five VMs. */
int talk_set_up(void **state);
int talk_tear_down(void **state);

/* Serves a document, or one made of an Action, a resource URI, more header blocks and a body; the
 * answer, NULL if there is none yet. */
const char *talk_raw(struct talk *talk, const char *document, size_t length);
const char *talk_ask(struct talk *talk, const char *action, const char *uri, const char *header,
		     const char *body);

/* Waits for the answer to what was asked, which comes from another thread. */
void talk_wait(struct talk *talk);

/* Somebody else who asks the same service, as the same user. */
struct talk *talk_other(struct talk *talk);
void talk_other_free(struct talk **other);

/* The text of the n-th element with this name and prefix in the last answer, good until the next
 * call but one; NULL: there are not so many. */
const char *talk_text(struct talk *talk, const char *element, int n);

/* How often a text stands in the last answer. */
int talk_count(const struct talk *talk, const char *text);

/* The subcode and the fault detail of the last answer: "w:InvalidSelectors TypeMismatch". */
const char *talk_fault(struct talk *talk);

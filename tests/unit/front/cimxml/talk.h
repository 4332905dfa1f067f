/* SPDX-License-Identifier: MIT */
/* talk.h -- one who asks by CIM-XML, without HTTP. */
#pragma once
#include "../../cim/path_xml.h"
#include "../wsman/fake.h"
#include "front/cimxml/cimxml.h"

#define V2    "root/virtualization/v2"
#define VM(n) "0000000" #n "-0000-4000-8000-000000000000"
#define VM_NAME(n)                  \
	NAME("Msvm_ComputerSystem", \
	     KEY("CreationClassName", "Msvm_ComputerSystem") KEY("Name", VM(n)))
#define SERVICE_NAME                                                                             \
	NAME("Msvm_VirtualSystemManagementService",                                              \
	     KEY("CreationClassName", "Msvm_VirtualSystemManagementService") KEY("Name", "vmms") \
		     KEY("SystemCreationClassName", "Msvm_ComputerSystem")                       \
			     KEY("SystemName", "HOST"))

/* IPARAMVALUEs. */
#define PARAMETER(n, inner) "<IPARAMVALUE NAME=\"" n "\">" inner "</IPARAMVALUE>"
#define VALUE(n, v)         PARAMETER(n, "<VALUE>" v "</VALUE>")
#define CLASS(n, c)         PARAMETER(n, "<CLASSNAME NAME=\"" c "\"/>")

struct talk {
	struct fake *fake;
	struct cim_enumerations *enumerations;
	struct cimxml *cimxml;
	struct cimxml_message message; /* its principal and headers may be changed */

	/* The last answer. */
	int answers, pieces;
	unsigned int status;
	char error[64]; /* of CIMError */
	char type[64];
	struct text answer;
};

/* For cmocka's setup and teardown: *state is the struct talk. It is an administrator, and there are
 * five VMs. */
int talk_set_up(void **state);
int talk_tear_down(void **state);

/* Talks to another service from now on. */
void talk_to(struct talk *talk, struct cim_service *service);

/* Serves a document, an intrinsic operation in the namespace v2, or a method of an object; the
 * answer, if there is one already. */
const char *talk_raw(struct talk *talk, const char *document, size_t length);
const char *talk_ask(struct talk *talk, const char *operation, const char *parameters);
const char *talk_call(struct talk *talk, const char *method, const char *target,
		      const char *parameters);

/* What stands between the tags of the answer's method response; good until the next call but one.
 */
const char *talk_result(struct talk *talk);

/* The code of the answer's ERROR; 0: there is none. */
int talk_code(struct talk *talk);

/* How often a text stands in the last answer. */
int talk_count(const struct talk *talk, const char *text);

/* The context in the last answer; "": it has none. Good until the next call but one. */
const char *talk_context(struct talk *talk);

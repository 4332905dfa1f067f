/* SPDX-License-Identifier: MIT */
/* cimxml.h -- CIM operations over HTTP (DSP0200), in CIM-XML (DSP0201), as pywbem and wbemcli speak
 * it: POST /cimom.
 *
 * Intrinsic operations on instances, classes, qualifiers and associations, queries, pulled
 * listings, and the methods of classes. What is wrong before an operation is known is answered by
 * an HTTP status and the header CIMError, all else by 200 and an ERROR element. */
#pragma once
#include "cim/enumeration.h"
#include "front/http_server.h"

struct cimxml;

struct cimxml_settings {
	struct cim_service *service;
	struct cim_enumerations *enumerations;
	unsigned int idle_s;   /* of enumerations: the longest OperationTimeout */
	size_t page_max;       /* bytes of one answer to Open... or Pull...; a listing goes on */
	const char *host_name; /* in paths, for clients that do not say whom they call */
};

struct cimxml *cimxml_create(const struct cimxml_settings *settings);
void cimxml_free(struct cimxml **cimxml);

#define CIMXML_ROUTES 1

/* Fills in the route: POST /cimom. */
void cimxml_routes(struct cimxml *cimxml, struct http_route ret_routes[static CIMXML_ROUTES]);

/* --- Without HTTP --- */

struct cimxml_answer {
	unsigned int status;
	const char *error; /* of the header CIMError; NULL: none, a MethodResponse */
	const char *content_type;
	struct text body; /* to be taken */
	/* What comes behind the body, piece by piece; its next is NULL: nothing. */
	struct http_pieces pieces;
};

/* A request as any transport has it. Everything lives as long as the arena. Headers that are absent
 * are NULL. */
struct cimxml_message {
	struct arena *arena;
	const char *content_type, *host;
	const char *cim_operation, *cim_method, *cim_object, *cim_protocol_version, *cim_batch;
	const char *body;
	size_t length;
	struct principal principal;
	const char *peer;
	/* Takes the answer; called once, at once or later, on any thread. The arena may go then, or
	 * when the last piece was taken. */
	void (*answer)(const struct cimxml_message *message, struct cimxml_answer *answer);
	void *context;
};

/* Answers a request. */
void cimxml_serve(struct cimxml *cimxml, const struct cimxml_message *message);

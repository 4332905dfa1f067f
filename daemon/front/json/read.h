/* SPDX-License-Identifier: MIT */
/* read.h -- reads the body of a request, strictly: nothing unknown, nothing twice, bounded. */
#pragma once
#include <jansson.h>

#include "front/http_server.h"
#include "openkvp/item.h"

/* More nested, or with more values, than any request of docs/api.md. */
#define API_DEPTH_MAX  8
#define API_VALUES_MAX 2048

enum api_kind {
	API_STRING,
	API_BOOLEAN,
	API_NUMBER, /* whole, not negative */
	API_LIST,
};

/* A member that an object may have. */
struct api_member {
	const char *name;
	json_t **value; /* left alone where the member is absent */
	enum api_kind kind;
	enum { API_OPTIONAL, API_NEEDED } need;
};

/* Parses the body of a request, an object, and finds its members. The tree goes with the request's
 * arena. OKVP_INVALID says where it is malformed. */
bool api_read_body(const struct http_request *http, const struct api_member *members, size_t count,
		   struct okvp_error *err);

/* Finds the members of an object: OKVP_INVALID for an unknown or a missing one, OKVP_WRONG_TYPE for
 * one of another kind. */
bool api_read_members(json_t *object, const struct api_member *members, size_t count,
		      struct okvp_error *err);

/* A string as text without a NUL in it (OKVP_INVALID_TEXT); NULL where the member is absent. name
 * is for the message. */
bool api_read_text(const json_t *string, const char *name, const char **ret_text,
		   struct okvp_error *err);

/* Borrows an item's texts from strings; value may be NULL. OKVP_TOO_LONG for what no item's length
 * can say; all other limits are the exchange's matter. */
bool api_read_item(const json_t *key, const json_t *value, struct okvp_item *ret_item,
		   struct okvp_error *err);

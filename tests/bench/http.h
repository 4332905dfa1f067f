/* SPDX-License-Identifier: MIT */
/* http.h -- an HTTP client of few words: requests go out whole, answers say how long they are. */
#pragma once
#include <stdbool.h>

#include "base/text.h"

struct http_answer {
	struct text text;      /* head and body, NUL-terminated */
	size_t body_at, whole; /* whole: 0 as long as the head is not there */
};

/* Where requests go. */
struct http_target {
	const char *port, *path, *content_type;
	const char *credentials; /* "user:password" */
};

/* Adds a GET, and a POST with its body. */
void http_add_get(struct text *out, const struct http_target *target);
void http_add_post(struct text *out, const struct http_target *target, const struct text *body);

/* Begins another answer, in the same memory. */
void http_answer_clear(struct http_answer *answer);

/* Reads once; whether the answer is whole. */
bool http_receive(int fd, struct http_answer *answer);

static inline const char *http_body(const struct http_answer *answer)
{
	return answer->text.bytes + answer->body_at;
}

bool http_is_ok(const struct http_answer *answer);

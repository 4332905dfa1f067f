/* SPDX-License-Identifier: MIT */
/* http.c -- writes requests and reads answers. */
#include "http.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define READ_SIZE 65536

static void add_base64(struct text *out, const char *text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i += 3) {
		uint32_t group = (uint32_t)(uint8_t)text[i] << 16;

		if (i + 1 < length)
			group |= (uint32_t)(uint8_t)text[i + 1] << 8;
		if (i + 2 < length)
			group |= (uint8_t)text[i + 2];
		text_putc(out, digits[group >> 18]);
		text_putc(out, digits[group >> 12 & 63]);
		text_putc(out, i + 1 < length ? digits[group >> 6 & 63] : '=');
		text_putc(out, i + 2 < length ? digits[group & 63] : '=');
	}
}

static void add_credentials(struct text *out, const struct http_target *target)
{
	text_literal(out, "Authorization: Basic ");
	add_base64(out, target->credentials);
	text_literal(out, "\r\n\r\n");
}

void http_add_get(struct text *out, const struct http_target *target)
{
	text_printf(out, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n", target->path, target->port);
	add_credentials(out, target);
}

void http_add_post(struct text *out, const struct http_target *target, const struct text *body)
{
	text_printf(out,
		    "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nContent-Type: %s\r\n"
		    "Content-Length: %zu\r\n",
		    target->path, target->port, target->content_type, body->length);
	add_credentials(out, target);
	text_add(out, body->bytes, body->length);
}

void http_answer_clear(struct http_answer *answer)
{
	text_clear(&answer->text);
	answer->body_at = answer->whole = 0;
}

/* Looks for the end of the head, and what it says about the body. */
static void read_head(struct http_answer *answer)
{
	const char *end = strstr(answer->text.bytes, "\r\n\r\n"), *length;

	if (!end)
		return;
	length = strcasestr(answer->text.bytes, "\r\nContent-Length:");
	if (!length || length > end)
		die("an answer without a length");
	answer->body_at = (size_t)(end + 4 - answer->text.bytes);
	answer->whole = answer->body_at + strtoull(length + 17, NULL, 10);
	if (answer->whole > answer->text.length)
		text_reserve(&answer->text, answer->whole - answer->text.length);
}

bool http_receive(int fd, struct http_answer *answer)
{
	struct text *text = &answer->text;
	ssize_t got;

	text_reserve(text, READ_SIZE);
	got = read(fd, text->bytes + text->length, READ_SIZE);
	if (got <= 0)
		die("the server closed a connection");
	text->length += (size_t)got;
	text->bytes[text->length] = '\0';
	if (answer->whole == 0)
		read_head(answer);
	return answer->whole > 0 && text->length >= answer->whole;
}

bool http_is_ok(const struct http_answer *answer)
{
	return strncmp(answer->text.bytes, "HTTP/1.1 200 ", 13) == 0;
}

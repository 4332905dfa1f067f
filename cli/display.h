/* SPDX-License-Identifier: MIT */
/* display.h -- text from anywhere, made safe for a terminal and measured in its columns. */
#pragma once
#include <stddef.h>

#include "base/text.h"

/* Makes character widths known, whatever the locale says: all output is UTF-8. */
void display_init(void);

/* Appends a text with all that a terminal would obey, or that would show it out of order, escaped:
 * \n, \t, \u001b ... Bytes that are not UTF-8 become U+FFFD. */
void display_add(struct text *out, const char *text, size_t length);

/* How many columns a text takes. */
size_t display_width(const char *text);

/* Cuts a text that takes more columns than these, and ends it with an ellipsis then. */
void display_cut(struct text *text, size_t columns);

/* SPDX-License-Identifier: MIT */
/* table.c -- column widths by content, measured as a terminal shows it. */
#include "cli/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/display.h"

#define GAP    2
#define LEAST  8  /* columns that give way keep so many */
#define WIDEST 40 /* without a terminal: more than that moves the rest of its own line alone */

void table_value(struct text *out, const json_t *value)
{
	if (json_is_string(value))
		display_add(out, json_string_value(value), json_string_length(value));
	else if (json_is_integer(value))
		text_i64(out, json_integer_value(value));
	else if (json_is_real(value))
		text_printf(out, "%.1f", json_real_value(value));
	else if (json_is_boolean(value))
		text_puts(out, json_is_true(value) ? "yes" : "no");
	else
		text_putc(out, '-');
}

const char *member_text(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text ? text : "";
}

void table_time(struct text *out, const json_t *object, const char *member)
{
	const char *time = member_text(object, member);
	size_t whole = strcspn(time, ".");

	display_add(out, time, whole);
	text_puts(out, *time == '\0' ? "-" : time[whole] ? "Z" : "");
}

static void show(struct text *out, const struct column *column, const json_t *row)
{
	if (column->show)
		column->show(out, row);
	else
		table_value(out, json_object_get(row, column->member));
}

/* What is printed: the cells of a line one after another, the line of titles first. A cell that is
 * wider than its column is cut on a terminal, and nowhere else. */
struct grid {
	struct text *cell;
	size_t *width; /* of each column */
	size_t lines, columns;
	size_t terminal;
};

static void fill(struct grid *grid, const struct column *columns, const json_t *rows)
{
	struct text *cell = grid->cell;

	for (size_t line = 0; line < grid->lines; line++)
		for (size_t i = 0; i < grid->columns; i++, cell++) {
			size_t width;

			if (line == 0)
				text_puts(cell, columns[i].title);
			else
				show(cell, &columns[i], json_array_get(rows, line - 1));
			width = cell->length > 0 ? display_width(cell->bytes) : 0;
			if (width > grid->width[i])
				grid->width[i] = width;
		}
}

/* Narrows the widest of the columns that give way, until the line fits or none can give more. */
static void narrow(struct grid *grid, const struct column *columns)
{
	size_t total = GAP * (grid->columns - 1);

	for (size_t i = 0; i < grid->columns; i++)
		total += grid->width[i];
	while (total > grid->terminal) {
		size_t *widest = NULL;

		for (size_t i = 0; i < grid->columns; i++)
			if (columns[i].gives_way && grid->width[i] > LEAST &&
			    (!widest || grid->width[i] > *widest))
				widest = &grid->width[i];
		if (!widest)
			return;
		--*widest;
		total--;
	}
}

static void limit_widths(struct grid *grid, const struct column *columns)
{
	for (size_t i = 0; i < grid->columns; i++)
		if (columns[i].gives_way && grid->width[i] > WIDEST)
			grid->width[i] = WIDEST;
}

static void pad(struct text *out, size_t columns)
{
	while (columns-- > 0)
		text_putc(out, ' ');
}

static void print_cell(struct text *out, const struct grid *grid, struct text *cell, size_t i,
		       bool right)
{
	size_t width, rest;

	if (grid->terminal > 0)
		display_cut(cell, grid->width[i]);
	width = cell->length > 0 ? display_width(cell->bytes) : 0;
	rest = width < grid->width[i] ? grid->width[i] - width : 0;
	if (right)
		pad(out, rest);
	text_add(out, cell->bytes, cell->length);
	if (i + 1 == grid->columns)
		return; /* nothing behind the last one */
	pad(out, GAP + (right ? 0 : rest));
}

/* Ends a line, without the blanks that fill it up. */
static void print_line(struct text *out, struct text *line)
{
	while (line->length > 0 && line->bytes[line->length - 1] == ' ')
		line->length--;
	text_add(out, line->bytes, line->length);
	text_putc(out, '\n');
	text_clear(line);
}

void table_print(struct text *out, const struct column *columns, size_t count, const json_t *rows,
		 size_t terminal)
{
	struct grid grid = {
		.lines = json_array_size(rows) + 1,
		.columns = count,
		.terminal = terminal,
	};
	struct text line = { 0 };

	grid.cell = xcalloc(grid.lines * count, sizeof(*grid.cell));
	grid.width = xcalloc(count, sizeof(*grid.width));
	fill(&grid, columns, rows);
	if (terminal > 0)
		narrow(&grid, columns);
	else
		limit_widths(&grid, columns);
	for (size_t i = 0; i < grid.lines * count; i++) {
		print_cell(&line, &grid, &grid.cell[i], i % count, columns[i % count].right);
		if (i % count == count - 1)
			print_line(out, &line);
		text_done(&grid.cell[i]);
	}
	text_done(&line);
	free(grid.width);
	free(grid.cell);
}

void table_print_one(struct text *out, const struct column *columns, size_t count,
		     const json_t *object)
{
	struct text line = { 0 };
	size_t widest = 0;

	for (size_t i = 0; i < count; i++)
		if (strlen(columns[i].title) > widest)
			widest = strlen(columns[i].title);
	for (size_t i = 0; i < count; i++) {
		text_printf(&line, "%s:", columns[i].title);
		pad(&line, widest - strlen(columns[i].title) + 1);
		show(&line, &columns[i], object);
		print_line(out, &line);
	}
	text_done(&line);
}

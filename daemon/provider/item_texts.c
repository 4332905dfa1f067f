/* SPDX-License-Identifier: MIT */
/* item_texts.c -- writes the texts of sets of items, and keeps them in the order of their use. */
#include "provider/item_texts.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "cim/embedded.h"
#include "openkvp/scoped.h"

#define LIMIT (16 * 1024 * 1024)

/* What a text is made for. A set belongs to one space, and so to one source. */
struct key {
	const struct item_set *set;
	const struct cim_class *class;
};

/* The texts of one set, whose reference keeps the set's address from being another one's. */
struct entry {
	struct key key;
	struct item_set *set;
	atomic_uint references; /* of the map, and of each answer on its way */
	struct entry *newer, *older;
	size_t size;
	char *bytes; /* all texts */
	struct cim_value value[];
};

static struct {
	pthread_mutex_t lock;
	struct map map;
	struct entry *newest, *oldest;
	size_t size, limit;
} kept = { .lock = PTHREAD_MUTEX_INITIALIZER, .limit = LIMIT };

/* --- Writing --- */

/* The text of an item without name and data, in three parts between which they stand: once as it
 * is, once escaped. Of a secret item the data are NULL, and the first part is empty. */
struct frame {
	struct text text, escaped;
	size_t end[3], escaped_end[3];
};

static void frame_done(struct frame *frame)
{
	text_done(&frame->text);
	text_done(&frame->escaped);
}

/* Adds the part of text before a mark, and returns what stands behind the mark. */
static const char *add_part(struct frame *frame, int part, const char *text, const char *mark)
{
	const char *end = mark ? strstr(text, mark) : text + strlen(text);

	assert(end);
	text_add(&frame->text, text, (size_t)(end - text));
	text_xml(&frame->escaped, text, (size_t)(end - text));
	frame->end[part] = frame->text.length;
	frame->escaped_end[part] = frame->escaped.length;
	return mark ? end + strlen(mark) : end;
}

static void frame_init(struct frame *frame, struct arena *arena, const struct cim_class *class,
		       enum kvp_source source, bool secret)
{
	static const char data[] = "@data@", name[] = "@name@"; /* properties go by their names */
	struct cim_instance *instance = cim_instance_create(arena, class);
	scoped(text_done) struct text text = { 0 };
	const char *rest;

	*frame = (struct frame){ 0 };
	cim_set(instance, PROPERTY_DATA, cim_string(secret ? NULL : data));
	cim_set_text(instance, PROPERTY_NAME, name);
	cim_set_uint(instance, PROPERTY_SOURCE, source);
	cim_embedded_write(&text, instance);
	rest = secret ? text.bytes : add_part(frame, 0, text.bytes, data);
	rest = add_part(frame, 1, rest, name);
	add_part(frame, 2, rest, NULL);
}

static void write_part(const struct frame *frame, int part, struct text *text, struct text *escaped)
{
	size_t begin = part > 0 ? frame->end[part - 1] : 0;
	size_t escaped_begin = part > 0 ? frame->escaped_end[part - 1] : 0;

	text_add(text, frame->text.bytes + begin, frame->end[part] - begin);
	text_add(escaped, frame->escaped.bytes + escaped_begin,
		 frame->escaped_end[part] - escaped_begin);
}

/* Adds a text as it stands in the embedded instance; there it is escaped once, in the answer
 * twice. */
static void write_text(const char *bytes, size_t length, struct text *text, struct text *escaped)
{
	size_t begin = text->length;

	text_xml(text, bytes, length);
	text_xml(escaped, text->bytes + begin, text->length - begin);
}

/* Where the texts of one item end. Behind the first one stands a NUL. */
struct ends {
	size_t text, escaped;
};

static struct ends write_item(const struct frame *frame, const struct stored_item *item,
			      struct text *text, struct text *escaped)
{
	struct okvp_item view = stored_item_view(item);

	if (!(item->flags & ITEM_SECRET)) { /* whoever may read this class may read all of it */
		write_part(frame, 0, text, escaped);
		write_text(view.value, view.value_length, text, escaped);
	}
	write_part(frame, 1, text, escaped);
	write_text(view.key, view.key_length, text, escaped);
	write_part(frame, 2, text, escaped);
	text_putc(text, '\0');
	return (struct ends){ text->length - 1, escaped->length };
}

/* Puts both texts into one allocation and points the values to them. */
static void place_values(struct entry *entry, const struct text *text, const struct text *escaped,
			 const struct ends *ends)
{
	struct ends begin = { 0, 0 };

	entry->bytes = xmalloc(text->length + escaped->length);
	memcpy(entry->bytes, text->bytes, text->length);
	memcpy(entry->bytes + text->length, escaped->bytes, escaped->length);
	for (size_t i = 0; i < entry->set->count; i++) {
		struct cim_value *value = &entry->value[i];

		*value = cim_string_of(entry->bytes + begin.text, ends[i].text - begin.text);
		value->string.escaped = entry->bytes + text->length + begin.escaped;
		value->string.escaped_length = ends[i].escaped - begin.escaped;
		begin = (struct ends){ ends[i].text + 1, ends[i].escaped };
	}
}

static struct entry *entry_create(struct arena *arena, const struct key *key, struct item_set *set,
				  enum kvp_source source)
{
	struct entry *entry = xcalloc(1, sizeof(*entry) + set->count * sizeof(entry->value[0]));
	struct ends *ends = arena_array(arena, struct ends, set->count);
	scoped(text_done) struct text text = { 0 }, escaped = { 0 };
	scoped(frame_done) struct frame frame, secret_frame;

	frame_init(&frame, arena, key->class, source, false);
	frame_init(&secret_frame, arena, key->class, source, true);
	text_reserve(&text, set->count * frame.text.length + set->bytes);
	text_reserve(&escaped, set->count * frame.escaped.length + set->bytes);
	entry->key = *key;
	entry->set = item_set_ref(set);
	entry->references = 1;
	for (size_t i = 0; i < set->count; i++) {
		bool secret = set->item[i]->flags & ITEM_SECRET;

		ends[i] =
			write_item(secret ? &secret_frame : &frame, set->item[i], &text, &escaped);
	}
	place_values(entry, &text, &escaped, ends);
	entry->size = sizeof(*entry) + set->count * sizeof(entry->value[0]) + text.length +
		      escaped.length;
	return entry;
}

/* --- Keeping --- */

static void entry_release(void *entry_pointer)
{
	struct entry *entry = entry_pointer;

	if (atomic_fetch_sub(&entry->references, 1) > 1)
		return;
	item_set_release(&entry->set);
	free(entry->bytes);
	free(entry);
}

static void unlink_entry(struct entry *entry)
{
	*(entry->newer ? &entry->newer->older : &kept.newest) = entry->older;
	*(entry->older ? &entry->older->newer : &kept.oldest) = entry->newer;
}

static void link_newest(struct entry *entry)
{
	entry->newer = NULL;
	entry->older = kept.newest;
	*(kept.newest ? &kept.newest->newer : &kept.oldest) = entry;
	kept.newest = entry;
}

static void drop(struct entry *entry)
{
	unlink_entry(entry);
	map_remove(&kept.map, &entry->key, sizeof(entry->key));
	kept.size -= entry->size;
	entry_release(entry);
}

/* Drops who was not asked for longest until the rest may stay. */
static void shrink(size_t limit)
{
	while (kept.size > limit)
		drop(kept.oldest);
}

/* What is kept for a key, with a reference for the caller; NULL: nothing. */
static struct entry *find(const struct key *key)
{
	struct entry *entry;

	pthread_mutex_lock(&kept.lock);
	entry = map_find(&kept.map, key, sizeof(*key));
	if (entry) {
		atomic_fetch_add(&entry->references, 1);
		unlink_entry(entry);
		link_newest(entry);
	}
	pthread_mutex_unlock(&kept.lock);
	return entry;
}

/* Keeps an entry, unless it is too large or another thread was faster. */
static void keep(struct entry *entry)
{
	pthread_mutex_lock(&kept.lock);
	if (entry->size <= kept.limit && !map_find(&kept.map, &entry->key, sizeof(entry->key))) {
		atomic_fetch_add(&entry->references, 1);
		map_put(&kept.map, &entry->key, sizeof(entry->key), entry);
		link_newest(entry);
		kept.size += entry->size;
		shrink(kept.limit);
	}
	pthread_mutex_unlock(&kept.lock);
}

struct cim_value item_texts_get(struct arena *arena, const struct cim_class *class,
				struct item_set *set, enum kvp_source source)
{
	const struct key key = { set, class };
	struct entry *entry;

	if (set->count == 0)
		return cim_array(CIM_STRING, NULL, 0);
	entry = find(&key);
	if (!entry) {
		entry = entry_create(arena, &key, set, source);
		keep(entry);
	}
	arena_defer(arena, entry_release, entry);
	return cim_array(CIM_STRING, entry->value, set->count);
}

void item_texts_limit(size_t bytes)
{
	pthread_mutex_lock(&kept.lock);
	kept.limit = bytes;
	shrink(bytes);
	pthread_mutex_unlock(&kept.lock);
}

size_t item_texts_size(void)
{
	size_t size;

	pthread_mutex_lock(&kept.lock);
	size = kept.size;
	pthread_mutex_unlock(&kept.lock);
	return size;
}

void item_texts_clear(void)
{
	pthread_mutex_lock(&kept.lock);
	shrink(0);
	map_done(&kept.map);
	kept.map = (struct map){ 0 };
	pthread_mutex_unlock(&kept.lock);
}

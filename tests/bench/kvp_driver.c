/* SPDX-License-Identifier: MIT */
/* kvp_driver.c -- a host that asks one guest's daemon, one request after another.
 *
 *	kvp_driver stock|agent SOCKET set COUNT
 *	kvp_driver stock|agent SOCKET modify PRESENT COUNT
 *	kvp_driver stock|agent SOCKET enumerate PRESENT COUNT
 *	kvp_driver own SOCKET read PRESENT COUNT
 *
 * Listens, waits for the daemon to connect, and measures. The stock daemon speaks as to its driver
 * (SOCK_SEQPACKET), the agent as to a host (frames on a stream, message version 4.0; own: openkvp's
 * own protocol, of which one message reads a pool, and COUNT is of items). set brings new items
 *into pool 0; the others find PRESENT items of bench_key() in it. modify and enumerate set one of
 *them before anything is measured: a pool file that the daemon has written itself is another one in
 *the page cache than one that was written at once. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "bench.h"
#include "openkvp/frame.h"
#include "openkvp/hv_message.h"
#include "openkvp/ic_message.h"
#include "openkvp/kvp_message.h"
#include "openkvp/link_message.h"
#include "openkvp/own_message.h"

#define EPOCH 0x5EEDu
#define VALUE "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* One end of the two: how to begin, and how to have a request answered. Returns its status; with
 * look the item of an answer is read into the message. */
struct end {
	const char *name;
	int socket_type;
	void (*begin)(int fd);
	uint32_t (*ask)(int fd, struct okvp_kvp_message *message, bool look);
};

/* --- The stock daemon --- */

static void stock_begin(int fd)
{
	uint8_t message[OKVP_HV_MESSAGE_SIZE];

	read_all(fd, message, sizeof(message));
	if (!okvp_hv_is_register(message))
		die("the daemon does not register");
	okvp_hv_write_register_answer("3.1", message);
	write_all(fd, message, sizeof(message));
}

static uint32_t stock_ask(int fd, struct okvp_kvp_message *message, bool look)
{
	static uint8_t bytes[OKVP_HV_MESSAGE_SIZE];
	struct okvp_error err;
	uint32_t status;

	if (!okvp_hv_write_request(message, bytes, &err))
		die("%s", err.message);
	write_all(fd, bytes, sizeof(bytes));
	read_all(fd, bytes, sizeof(bytes));
	if (look) {
		if (!okvp_hv_read_reply(bytes, message, &status, &err))
			die("%s", err.message);
		return status;
	}
	memcpy(&status, bytes, sizeof(status));
	return status;
}

/* --- The agent --- */

static uint8_t buffer[OKVP_FRAME_SIZE_MAX];
static uint32_t sequence;

/* Sends the payload that stands in buffer behind the room for its header. */
static void send_frame(int fd, size_t length)
{
	struct okvp_frame frame = { .epoch = EPOCH, .sequence = ++sequence, .length = length };

	okvp_frame_write_header(&frame, buffer);
	write_all(fd, buffer, OKVP_FRAME_HEADER_SIZE + length);
}

/* The next answer in this epoch to what was sent last; borrowed until the next. */
static struct okvp_link_message receive_frame(int fd)
{
	static struct okvp_frame_reader reader;
	static uint8_t bytes[OKVP_FRAME_SIZE_MAX];
	struct okvp_link_message message;
	struct okvp_frame frame = { 0 };
	struct okvp_error err;

	while (frame.epoch != EPOCH || frame.sequence != sequence) {
		ssize_t got;

		if (okvp_frame_reader_next(&reader, &frame))
			continue;
		got = read(fd, bytes, sizeof(bytes));
		if (got <= 0)
			die("the agent is gone");
		if (!okvp_frame_reader_feed(&reader, bytes, (size_t)got, &err))
			die("%s", err.message);
	}
	if (!okvp_link_message_read(frame.payload, frame.length, &message, &err))
		die("%s", err.message);
	return message;
}

static void send_ic(int fd, uint16_t type, struct okvp_version framework,
		    struct okvp_version version, size_t size)
{
	struct okvp_ic_header header = { .type = type,
					 .framework = framework,
					 .message = version,
					 .size = (uint16_t)size,
					 .flags = OKVP_IC_TRANSACTION | OKVP_IC_REQUEST };

	okvp_link_write_pipe_header(OKVP_IC_HEADER_SIZE + size, buffer + OKVP_FRAME_HEADER_SIZE);
	okvp_ic_write_header(&header, buffer + OKVP_FRAME_HEADER_SIZE + OKVP_LINK_HEADER_SIZE);
	send_frame(fd, OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE + size);
}

#define IC_BODY (buffer + OKVP_FRAME_HEADER_SIZE + OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE)

static void agent_begin(int fd)
{
	const struct okvp_negotiation offer = { .framework_count = 1,
						.framework = { { 3, 0 } },
						.message_count = 1,
						.message = { { 4, 0 } } };

	okvp_link_write_hello(OKVP_LINK_HELLO, 0, 0, buffer + OKVP_FRAME_HEADER_SIZE);
	send_frame(fd, OKVP_LINK_HELLO_SIZE);
	receive_frame(fd);
	send_ic(fd, OKVP_IC_NEGOTIATE, (struct okvp_version){ 0 }, (struct okvp_version){ 0 },
		okvp_negotiation_write(&offer, IC_BODY, 64));
	receive_frame(fd);
}

static uint32_t agent_ask(int fd, struct okvp_kvp_message *message, bool look)
{
	struct okvp_link_message answer;
	struct okvp_ic_header header;
	struct okvp_error err;
	const uint8_t *body;

	if (!okvp_kvp_message_write(message, IC_BODY, &err))
		die("%s", err.message);
	send_ic(fd, OKVP_IC_KVP, (struct okvp_version){ 3, 0 }, (struct okvp_version){ 4, 0 },
		OKVP_KVP_MESSAGE_SIZE);
	answer = receive_frame(fd);
	if (!okvp_ic_read(answer.body, answer.length, &header, &body, &err) ||
	    (look && !okvp_kvp_message_read(body, header.size, message, &err)))
		die("%s", err.message);
	return header.status;
}

/* --- The agent, by openkvp's own protocol --- */

static void own_begin(int fd)
{
	okvp_link_write_hello(OKVP_LINK_HELLO, 0, OKVP_OWN_VERSION,
			      buffer + OKVP_FRAME_HEADER_SIZE);
	send_frame(fd, OKVP_LINK_HELLO_SIZE);
	if (receive_frame(fd).highest != OKVP_OWN_VERSION)
		die("the agent does not speak openkvp's own protocol");
}

static void send_read(int fd, uint32_t first)
{
	uint8_t body[OKVP_OWN_READ_SIZE];
	const struct okvp_own_read read = { .pool = OKVP_POOL_EXTERNAL, .first = first };
	const struct okvp_own_message message = { OKVP_OWN_READ, ++sequence, body, sizeof(body) };
	struct wire_writer out = wire_writer_on(body, sizeof(body));

	okvp_own_write_read(&out, &read);
	okvp_own_write_head(&message, EPOCH, 0, buffer);
	memcpy(buffer + OKVP_OWN_HEAD_SIZE, body, sizeof(body));
	write_all(fd, buffer, OKVP_OWN_HEAD_SIZE + sizeof(body));
}

/* The answer to it, of which every record is looked at; how many there are. */
static uint32_t receive_items(int fd, uint32_t first)
{
	static struct okvp_own_assembly assembly;
	struct okvp_link_message piece;
	struct okvp_own_message message;
	struct okvp_own_read_answer answer;
	struct okvp_own_record record;
	struct okvp_error err;
	char key[BENCH_KEY_LENGTH + 1];

	do {
		piece = receive_frame(fd);
	} while (!okvp_own_assemble(&assembly, &piece, sequence, &message, &err));
	if (!okvp_own_read_read_answer(message.body, message.length, &answer, &err))
		die("%s", err.message);
	for (uint32_t i = first; okvp_own_next_record(&answer.records, &record); i++)
		if (record.item.key_length != BENCH_KEY_LENGTH ||
		    memcmp(record.item.key, bench_key(i, key), BENCH_KEY_LENGTH) != 0)
			die("item %u has another key", i);
	return answer.count;
}

static void measure_reads(int fd, unsigned int present, unsigned int count)
{
	uint64_t begin = now_ns();
	unsigned int seen = 0;

	while (seen < count) {
		send_read(fd, seen % present);
		seen += receive_items(fd, seen % present);
	}
	printf("{\"rate\": %.1f}\n", seen / ((double)(now_ns() - begin) / 1e9));
}

/* --- What is measured --- */

static const struct end *end;
static int fd;

static void ask(struct okvp_kvp_message *message, bool look)
{
	uint32_t status = end->ask(fd, message, look);
	char text[64];

	if (status != OKVP_IC_OK)
		die("the daemon answers %s", okvp_ic_status_text(status, text));
}

static void set(unsigned int number)
{
	char key[BENCH_KEY_LENGTH + 1];
	struct okvp_kvp_message message = {
		.operation = OKVP_KVP_SET,
		.item = { .key = bench_key(number, key),
			  .value = VALUE,
			  .key_length = BENCH_KEY_LENGTH,
			  .value_length = sizeof(VALUE) - 1 },
	};

	ask(&message, false);
}

static void enumerate(unsigned int number, bool look)
{
	static struct okvp_kvp_message message;
	char key[BENCH_KEY_LENGTH + 1];

	message.operation = OKVP_KVP_ENUMERATE;
	message.index = number;
	message.item = (struct okvp_item){ 0 };
	ask(&message, look);
	if (look && (message.item.key_length != BENCH_KEY_LENGTH ||
		     memcmp(message.item.key, bench_key(number, key), BENCH_KEY_LENGTH) != 0))
		die("item %u has another key", number);
}

static void measure(const char *operation, unsigned int present, unsigned int count)
{
	struct samples samples = { 0 };
	uint64_t begin;
	double seconds;

	if (present > 0)
		set(0);
	begin = now_ns();
	for (unsigned int i = 0; i < count; i++) {
		uint64_t sent = now_ns();

		if (strcmp(operation, "enumerate") == 0)
			enumerate(i % present, i % 100 == 0);
		else if (strcmp(operation, "modify") == 0)
			set(i * 7 % present);
		else
			set(i);
		samples_add(&samples, now_ns() - sent);
	}
	seconds = (double)(now_ns() - begin) / 1e9;
	printf("{\"rate\": %.1f, \"p50_us\": %.1f}\n", count / seconds, samples_us(&samples, 50));
	samples_done(&samples);
}

int main(int argc, char **argv)
{
	static const struct end ends[] = {
		{ "stock", SOCK_SEQPACKET, stock_begin, stock_ask },
		{ "agent", SOCK_STREAM, agent_begin, agent_ask },
		{ "own", SOCK_STREAM, own_begin, NULL },
	};
	int listener;

	if (argc < 5 || argc != (strcmp(argv[3], "set") == 0 ? 5 : 6))
		die("usage: kvp_driver stock|agent|own SOCKET set|modify|enumerate|read [PRESENT] "
		    "COUNT");
	for (end = ends; strcmp(end->name, argv[1]) != 0; end++)
		if (end == &ends[count_of(ends) - 1])
			die("there is no end named %s", argv[1]);
	if (!end->ask != (strcmp(argv[3], "read") == 0))
		die("own and read belong together");
	listener = listen_unix(argv[2], end->socket_type);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		die_errno("accept");
	end->begin(fd);
	if (!end->ask)
		measure_reads(fd, number_of(argv[4]), number_of(argv[5]));
	else
		measure(argv[3], argc == 6 ? number_of(argv[4]) : 0, number_of(argv[argc - 1]));
	return 0;
}

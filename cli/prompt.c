/* SPDX-License-Identifier: MIT */
/* prompt.c -- reads a line from the terminal with its echo off. */
#include "cli/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/memory.h"

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
	interrupted = number;
}

/* Reads up to a newline, which is not kept; -1 with errno EINTR when one of the signals asks to
 * end. They are let in by the mask while it waits, and only then. */
static ssize_t read_line(int terminal, const sigset_t *mask, char *line, size_t room)
{
	struct pollfd ready = { .fd = terminal, .events = POLLIN };
	size_t length = 0;

	while (length < room) {
		ssize_t got;

		if (ppoll(&ready, 1, NULL, mask) < 0) {
			if (errno == EINTR && !interrupted)
				continue;
			return -1;
		}
		got = read(terminal, line + length, 1);
		if (got < 0)
			return -1;
		if (got == 0 || line[length] == '\n')
			return (ssize_t)length;
		length++;
	}
	errno = EMSGSIZE;
	return -1;
}

/* A signal must not leave the terminal without echo: it is held until the echo is back. */
static ssize_t read_hidden(int terminal, const char *question, char *line, size_t room)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction before[count_of(numbers)], ours = { .sa_handler = interrupt };
	struct termios shown, hidden;
	sigset_t held, mask;
	ssize_t length;
	int reason;

	if (tcgetattr(terminal, &shown) != 0)
		return -1;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	interrupted = 0;
	sigemptyset(&held);
	for (size_t i = 0; i < count_of(numbers); i++)
		sigaddset(&held, numbers[i]);
	sigprocmask(SIG_BLOCK, &held, &mask);
	for (size_t i = 0; i < count_of(numbers); i++)
		sigaction(numbers[i], &ours, &before[i]);
	tcsetattr(terminal, TCSAFLUSH, &hidden);
	dprintf(terminal, "%s", question);
	length = read_line(terminal, &mask, line, room);
	reason = errno;
	dprintf(terminal, "\n");
	tcsetattr(terminal, TCSAFLUSH, &shown);
	for (size_t i = 0; i < count_of(numbers); i++)
		sigaction(numbers[i], &before[i], NULL);
	if (interrupted)
		raise(interrupted);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	errno = reason;
	return length;
}

bool prompt_hidden(const char *question, char **ret_answer, struct okvp_error *err)
{
	char line[PROMPT_MAX];
	int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	ssize_t length;
	int reason;

	if (terminal < 0)
		return okvp_fail(err, OKVP_INVALID, "there is no terminal to ask for a password");
	length = read_hidden(terminal, question, line, sizeof(line));
	reason = errno;
	close(terminal);
	if (length >= 0)
		*ret_answer = xstrndup(line, (size_t)length);
	explicit_bzero(line, sizeof(line));
	return length >= 0 ||
	       okvp_fail_errno(err, reason, "the password could not be read from the terminal");
}

bool prompt_password(const char *user, const char *server, char **ret_password,
		     struct okvp_error *err)
{
	char *question = xprintf("Password of %s at %s: ", user, server);
	bool answered = prompt_hidden(question, ret_password, err);

	free(question);
	return answered || okvp_fail_in(err, "OPENKVP_PASSWORD is not set");
}

void prompt_forget(char **password)
{
	if (*password)
		explicit_bzero(*password, strlen(*password));
	xfree_text(password);
}

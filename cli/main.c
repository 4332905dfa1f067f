/* SPDX-License-Identifier: MIT */
/* main.c -- openkvp, the command line. */
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/display.h"

/* The columns of the terminal on standard output; 0: it is none. */
static size_t terminal_columns(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

int main(int argc, char **argv)
{
	struct cli cli = {
		.in = stdin,
		.out = stdout,
		.err = stderr,
		.terminal = terminal_columns(),
	};

	signal(SIGPIPE, SIG_IGN); /* writing to a pipe that nobody reads fails, and is said */
	display_init();
	return cli_run(&cli, (const char *const *)argv + 1, argc > 0 ? (size_t)argc - 1 : 0);
}

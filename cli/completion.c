/* SPDX-License-Identifier: MIT */
/* completion.c -- openkvp completion: the script for bash is small and asks this program, which
 * answers from its tables and, for what exists at this moment, from openkvpd. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "openkvp/scoped.h"

static const char script_head[] =
	"# bash completion for openkvp; made by 'openkvp completion bash'\n"
	"_openkvp()\n"
	"{\n"
	"	local cur words cword line\n"
	"	if declare -F _get_comp_words_by_ref >/dev/null; then\n"
	"		_get_comp_words_by_ref -n := cur words cword\n"
	"	else\n"
	"		cur=${COMP_WORDS[COMP_CWORD]} words=(\"${COMP_WORDS[@]}\") "
	"cword=$COMP_CWORD\n"
	"	fi\n"
	"	COMPREPLY=()\n"
	"	case ${words[cword-1]} in\n";

static const char script_middle[] = "		compopt -o default\n"
				    "		return ;;\n"
				    "	esac\n"
				    "	case \" ${words[*]:1} \" in\n";

static const char script_tail[] = "	esac\n"
				  "	while IFS= read -r line; do\n"
				  "		COMPREPLY+=(\"$(printf %q \"$line\")\")\n"
				  "	done < <(\"$1\" completion words -- "
				  "\"${words[@]:1:cword}\" 2>/dev/null </dev/null)\n"
				  "	! declare -F __ltrim_colon_completions >/dev/null || "
				  "__ltrim_colon_completions \"$cur\"\n"
				  "} &&\n"
				  "complete -F _openkvp openkvp\n";

/* Whether bash itself completes an option's argument. */
static bool is_file(const char *argument)
{
	return argument && (strstr(argument, "FILE") || strstr(argument, "PATH"));
}

enum exit_code completion_bash(struct cli *cli)
{
	const char *between = "\t";

	fputs(script_head, cli->out);
	for (enum option option = 0; option < OPTION_COUNT; option++)
		if (is_file(option_texts[option].argument)) {
			fprintf(cli->out, "%s--%s", between, option_texts[option].name);
			between = " | ";
		}
	fputs(")\n", cli->out);
	fputs(script_middle, cli->out);
	for (const struct command *command = commands; command->name; command++)
		if (is_file(command->args)) /* where nothing else is offered, bash offers files */
			fprintf(cli->out, "\t*\" %s \"*)\n\t\tcompopt -o default ;;\n",
				command->name);
	fputs(script_tail, cli->out);
	return EXIT_DONE;
}

/* What is being completed: the last word of a command line that is not whole yet. */
struct completion {
	FILE *out;
	struct arguments before; /* the words before it */
	const char *begun;
};

/* Prints a candidate that begins as the word does. One that is not a single printable line is left
 * out. */
static void offer(struct completion *completion, const char *candidate, size_t length)
{
	size_t begun = strlen(completion->begun);

	if (length < begun || memcmp(candidate, completion->begun, begun) != 0)
		return;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)candidate[i] < ' ')
			return;
	fprintf(completion->out, "%.*s\n", (int)length, candidate);
}

/* The next words of the commands whose names begin with the words that are there; each once. */
static void offer_commands(struct completion *completion)
{
	const struct arguments *before = &completion->before;
	const char *last = "";
	size_t last_length = 0;

	for (const struct command *command = commands; command->name; command++) {
		const char *word = command->name;
		size_t length = strcspn(word, " ");

		if (!command->help || before->count > 1)
			continue;
		if (before->count == 1) {
			if (strncmp(word, before->words[0], length) != 0 ||
			    before->words[0][length] != '\0' || word[length] == '\0')
				continue;
			word += length + 1;
			length = strlen(word);
		}
		if (length == last_length && memcmp(word, last, length) == 0)
			continue;
		offer(completion, word, length);
		last = word;
		last_length = length;
	}
}

static void offer_options(struct completion *completion)
{
	const struct command *command = completion->before.command;
	uint32_t options = OPTIONS_EVERYWHERE | (command ? command->options : 0);

	for (enum option option = 0; option < OPTION_COUNT; option++) {
		char *name = xprintf("--%s", option_texts[option].name);

		if (options >> option & 1)
			offer(completion, name, strlen(name));
		free(name);
	}
}

/* The words that an argument such as "on|off" lists. */
static void offer_choices(struct completion *completion, const char *argument)
{
	if (*argument < 'a')
		return;
	while (*argument) {
		size_t length = strcspn(argument, "|");

		offer(completion, argument, length);
		argument += length + (argument[length] == '|');
	}
}

/* What the words of commands mean, and where openkvpd lists what there is. */
static const struct {
	const char *meaning, *path, *list, *member; /* path NULL: the items of the VM before */
} sources[] = {
	{ "VM", "/v1/vms", "vms", "name" },
	{ "KEY", NULL, "items", "key" },
	{ "JOB", "/v1/jobs", "jobs", "id" },
	{ "USER", "/v1/users", "users", "name" },
};

static void offer_words(struct completion *completion)
{
	const struct arguments *before = &completion->before;
	scoped(client_free) struct client *client = cli_connect(before, false);
	scoped(text_done) struct text path = { 0 };
	scoped(reply_done) struct reply reply = { 0 };
	bool of_guest = before->command->run == guest_get;
	size_t i = 0;
	json_t *list;

	while (i < count_of(sources) &&
	       !args_is(before->command->args, before->count, sources[i].meaning))
		i++;
	if (i == count_of(sources))
		return;
	text_puts(&path, sources[i].path ? sources[i].path : "/v1/vms");
	if (!sources[i].path) {
		path_add(&path, before->words[0]);
		text_puts(&path, of_guest                          ? "/guest"
				 : before->given[OPTION_HOST_ONLY] ? "/items/host-only"
								   : "/items/external");
	}
	if (!client_call(client, "GET", path.bytes, NULL, &reply, NULL))
		return;
	list = json_object_get(reply.json,
			       of_guest && !sources[i].path ? "guest" : sources[i].list);
	for (size_t at = 0; at < json_array_size(list); at++) {
		const char *name = member_text(json_array_get(list, at), sources[i].member);

		offer(completion, name, strlen(name));
	}
}

/* Prints what the last word of a command line may become, one candidate a line. */
enum exit_code completion_words(struct cli *cli)
{
	const char *const *words = cli->arguments->words;
	size_t count = cli->arguments->count;
	struct completion completion = { .out = cli->out };
	enum option option;

	if (count == 0)
		return EXIT_DONE;
	completion.begun = words[count - 1];
	if (count > 1 && strncmp(words[count - 2], "--", 2) == 0 &&
	    option_find(words[count - 2], &option) && option_texts[option].argument &&
	    !strchr(words[count - 2], '=')) {
		offer_choices(&completion, option_texts[option].argument);
		return EXIT_DONE;
	}
	if (!arguments_read(words, count - 1, &completion.before, NULL))
		return EXIT_DONE;
	if (*completion.begun == '-')
		offer_options(&completion);
	else if (!completion.before.command ||
		 args_is(completion.before.command->args, 0, "COMMAND"))
		offer_commands(&completion);
	else
		offer_words(&completion);
	arguments_done(&completion.before);
	return EXIT_DONE;
}

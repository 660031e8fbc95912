/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages, printed and held back.
 */
#include "common/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

/* The standard error output goes into a file between these two. */
static int diverted_from;
static FILE *diverted_to;

static void divert(void)
{
	fflush(stderr);
	diverted_to = tmpfile();
	diverted_from = dup(STDERR_FILENO);
	CU_ASSERT_FATAL(diverted_to && diverted_from >= 0);
	dup2(fileno(diverted_to), STDERR_FILENO);
}

static void undivert(char *text, size_t size)
{
	size_t len;

	fflush(stderr);
	dup2(diverted_from, STDERR_FILENO);
	close(diverted_from);
	rewind(diverted_to);
	len = fread(text, 1, size - 1, diverted_to);
	text[len] = '\0';
	fclose(diverted_to);
}

static void a_message_is_printed_with_the_programs_name(void)
{
	struct log log;
	char text[256];

	log_init(&log, "prog");
	divert();
	log_say(&log, "the %s has %d legs", "spider", 8);
	undivert(text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, "prog: the spider has 8 legs\n");
}

static void failures_of_the_library_are_left_to_the_caller(void)
{
	struct log log;
	char text[256];

	log_init(&log, "prog");
	divert();
	log_from_weir(&log, WEIR_LOG_ERROR, "broken");
	log_from_weir(&log, WEIR_LOG_WARNING, "slow");
	undivert(text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, "prog: slow\n");
}

static void held_messages_come_out_at_the_release(void)
{
	struct log log;
	char text[256];

	log_init(&log, "prog");
	divert();
	log_hold(&log);
	log_say(&log, "one");
	log_say(&log, "two");
	undivert(text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, "");
	divert();
	log_release(&log);
	log_say(&log, "three");
	undivert(text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, "prog: one\nprog: two\nprog: three\n");
}

static void the_newest_held_messages_are_to_be_had(void)
{
	struct log log;
	char lines[2][LOG_TEXT];

	log_init(&log, "prog");
	log_hold(&log);
	CU_ASSERT_EQUAL(log_newest(&log, lines, 2), 0);
	log_say(&log, "one");
	CU_ASSERT_EQUAL(log_newest(&log, lines, 2), 1);
	CU_ASSERT_STRING_EQUAL(lines[0], "one");
	for (unsigned i = 2; i <= 100; i++)
		log_say(&log, "message %u", i);
	CU_ASSERT_EQUAL(log_newest(&log, lines, 2), 2);
	CU_ASSERT_STRING_EQUAL(lines[0], "message 99");
	CU_ASSERT_STRING_EQUAL(lines[1], "message 100");
}

static void more_messages_than_can_be_held_lose_the_oldest(void)
{
	struct log log;
	char text[LOG_KEPT * 32];
	unsigned lines = 0;

	log_init(&log, "prog");
	log_hold(&log);
	for (unsigned i = 1; i <= LOG_KEPT + 5; i++)
		log_say(&log, "message %u", i);
	divert();
	log_release(&log);
	undivert(text, sizeof(text));
	CU_ASSERT_PTR_EQUAL(strstr(text, "prog: 5 older messages are gone\nprog: message 6\n"), text);
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	CU_ASSERT_EQUAL(lines, LOG_KEPT + 1);
}

static const struct unit_case cases[] = {
	{ "a message is printed with the program's name", a_message_is_printed_with_the_programs_name },
	{ "failures of the library are left to the caller", failures_of_the_library_are_left_to_the_caller },
	{ "held messages come out at the release", held_messages_come_out_at_the_release },
	{ "the newest held messages are to be had", the_newest_held_messages_are_to_be_had },
	{ "more messages than can be held lose the oldest", more_messages_than_can_be_held_lose_the_oldest },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("common: log", cases);
}

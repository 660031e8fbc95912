/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lines of the control socket: what is wrong gets a sentence that says what and where.
 */
#include "pktgen/control_check.h"
#include "unit.h"

#include <string.h>

static char error[CONTROL_ERROR];
static enum control_verb verb;

static bool taken(const char *line)
{
	json_t *object = control_read(line, strlen(line), &verb, error);

	json_decref(object);
	return object;
}

static void commands_are_taken(void)
{
	CU_ASSERT_TRUE(taken("{\"command\": \"help\"}"));
	CU_ASSERT_EQUAL(verb, CONTROL_HELP);
	CU_ASSERT_TRUE(taken("{\"command\": \"start\", \"rate\": \"1.5 Mpps\", \"count\": 1000}"));
	CU_ASSERT_EQUAL(verb, CONTROL_START);
	CU_ASSERT_TRUE(taken("{\"command\":\"rate\",\"stream\":\"a\",\"rate\":\"50 %\"}"));
	CU_ASSERT_EQUAL(verb, CONTROL_RATE);
	CU_ASSERT_TRUE(taken("{\"command\":\"capture\",\"file\":\"a.pcapng\",\"trigger\":[\"loss\"],\"before\":0}"));
	CU_ASSERT_TRUE(taken("{\"command\":\"rfc2544\",\"sizes\":[64,1518],\"seconds\":0.5,\"tests\":[\"loss\"]}"));
	CU_ASSERT_TRUE(
	    taken("{\"command\":\"y1564\",\"services\":[{\"stream\":\"a\",\"cir\":\"1 kpps\",\"loss\":0.01}]}"));
	CU_ASSERT_EQUAL(verb, CONTROL_Y1564);
}

static void wrong_lines_get_a_sentence(void)
{
	static const struct {
		const char *line, *sentence;
	} cases[] = {
		{ "start", "this is not JSON, by its column 5: '[' or '{' expected near 'start'" },
		{ "{\"command\": \"stop\"", "this is not JSON, by its column 18: '}' expected near end of file" },
		{ "[1]",
		  "a command is an object such as {\"command\": \"help\"}, with the command's name as a string" },
		{ "{\"command\": 1}",
		  "a command is an object such as {\"command\": \"help\"}, with the command's name as a string" },
		{ "{\"command\": \"halt\"}", "there is no command \"halt\"; \"help\" lists those that there are" },
		{ "{\"command\": \"stop\", \"now\": true}",
		  "stop knows no \"now\"; the command \"help\" lists what it does" },
		{ "{\"command\": \"rate\"}", "rate needs \"rate\": a rate such as \"1.5 Mpps\", \"10 Gbps\", \"9 Gbps "
		                             "L2\", \"50 %\" or \"max\"" },
		{ "{\"command\": \"rate\", \"rate\": \"fast\"}",
		  "rate: \"rate\" is a rate such as \"1.5 Mpps\", \"10 Gbps\", \"9 Gbps L2\", \"50 %\" or \"max\"" },
		{ "{\"command\": \"start\", \"count\": -1}", "start: \"count\" is a whole number from 0 to 1e+15" },
		{ "{\"command\": \"start\", \"count\": 1.5}", "start: \"count\" is a whole number from 0 to 1e+15" },
		{ "{\"command\": \"capture\"}", "capture needs \"file\": a string" },
		{ "{\"command\": \"capture\", \"file\": \"x\", \"after\": 0}",
		  "capture: \"after\" is a whole number from 1 to 1048576" },
		{ "{\"command\": \"rfc2544\", \"sizes\": [64, 32]}",
		  "rfc2544: \"sizes\" is a list of whole numbers from 64 to 16384" },
		{ "{\"command\": \"rfc2544\", \"tests\": []}", "rfc2544: \"tests\" is a list of strings" },
		{ "{\"command\": \"y1564\", \"services\": [{\"stream\": \"a\"}]}",
		  "service 1 of y1564 needs \"cir\": a rate such as \"1.5 Mpps\", \"10 Gbps\", \"9 Gbps L2\", \"50 %\" "
		  "or \"max\"" },
		{ "{\"command\": \"stop\", \"command\": \"start\"}",
		  "this is not JSON, by its column 29: duplicate object key near '\"command\"'" },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CU_ASSERT_FALSE(taken(cases[i].line));
		CU_ASSERT_STRING_EQUAL(error, cases[i].sentence);
	}
}

static void text_with_a_nul_within_is_none(void)
{
	CU_ASSERT_FALSE(taken("{\"command\": \"capture\", \"file\": \"a\\u0000b\"}"));
}

static void the_manual_has_every_command(void)
{
	json_t *manual = control_manual();

	CU_ASSERT_EQUAL(json_array_size(manual), CONTROL_VERBS);
	for (unsigned i = 0; i < CONTROL_VERBS; i++) {
		const json_t *entry = json_array_get(manual, i);

		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(entry, "command")), control_name(i));
		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(entry, "what")), control_help(i));
	}
	CU_ASSERT_PTR_NULL(control_name(CONTROL_VERBS));
	json_decref(manual);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "commands are taken", commands_are_taken },
		{ "wrong lines get a sentence", wrong_lines_get_a_sentence },
		{ "text with a NUL within is none", text_with_a_nul_within_is_none },
		{ "the manual has every command", the_manual_has_every_command },
		{ NULL, NULL },
	};

	return unit_run("pktgen control", cases);
}

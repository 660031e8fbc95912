/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The port-spec grammar, on drivers made up for it: this program's table stands in for the library's.
 */
#include <stdio.h>
#include <string.h>

#include <CUnit/CUnit.h>

#include "port/driver.h"
#include "unit.h"

enum { MODE, QUEUES, PERSIST, FILE_NAME, WIRE };

static const char *const modes[] = { "auto", "copy", "skb", NULL };
static const struct spec_option options[] = {
	[MODE] = { "mode", SPEC_CHOICE, .choices = modes, .help = "mode=auto|copy|skb" },
	[QUEUES] = { "queues", SPEC_NUMBER, .min = 1, .max = 2000000, .help = "queues=1..2000000" },
	[PERSIST] = { "persist", SPEC_BOOL, .help = "persist" },
	[FILE_NAME] = { "file", SPEC_STRING, .help = "file=NAME" },
	[WIRE] = { "wire", SPEC_REST, .help = "wire=WIRE" },
	{ .key = NULL },
};
static const struct weir_driver one = {
	.name = "one", .help = "one:NAME[,options]", .words_min = 1, .words_max = 1, .options = options
};
static const struct weir_driver pair = { .name = "pair", .help = "pair:A,B", .words_min = 2, .words_max = 2 };
static const struct weir_driver none = { .name = "none", .help = "none:[file=NAME]", .options = options };

const struct weir_driver *const weir_drivers[] = { &one, &pair, &none };
const unsigned weir_driver_count = 3;

static void words_and_options_land_where_the_driver_looks(void)
{
	struct spec s;

	CU_ASSERT_EQUAL_FATAL(spec_parse(NULL, "one:eth1,mode=skb,queues=0x10,persist,file=a b", &s), 0);
	CU_ASSERT_PTR_EQUAL(s.driver, &one);
	CU_ASSERT_STRING_EQUAL(s.word[0], "eth1");
	CU_ASSERT_EQUAL(s.value[MODE].number, 2);
	CU_ASSERT_EQUAL(s.value[QUEUES].number, 16);
	CU_ASSERT_TRUE(s.value[PERSIST].set && s.value[PERSIST].number);
	CU_ASSERT_STRING_EQUAL(s.value[FILE_NAME].string, "a b");
	CU_ASSERT_FALSE(s.value[WIRE].set);
}

static void two_words_are_both_taken(void)
{
	struct spec s;

	CU_ASSERT_EQUAL_FATAL(spec_parse(NULL, "pair:a,b", &s), 0);
	CU_ASSERT_STRING_EQUAL(s.word[0], "a");
	CU_ASSERT_STRING_EQUAL(s.word[1], "b");
}

static void driver_without_words_needs_nothing_after_the_colon(void)
{
	struct spec s;

	CU_ASSERT_EQUAL(spec_parse(NULL, "none:", &s), 0);
	CU_ASSERT_EQUAL(spec_parse(NULL, "none", &s), 0);
	CU_ASSERT_EQUAL(spec_parse(NULL, "none:file=x", &s), 0);
}

static void numbers_take_units(void)
{
	struct spec s;

	CU_ASSERT_EQUAL_FATAL(spec_parse(NULL, "one:x,queues=2k", &s), 0);
	CU_ASSERT_EQUAL(s.value[QUEUES].number, 2000);
	CU_ASSERT_EQUAL_FATAL(spec_parse(NULL, "one:x,queues=1Mi", &s), 0);
	CU_ASSERT_EQUAL(s.value[QUEUES].number, 1048576);
}

static void a_word_that_is_also_a_key_is_a_word_first(void)
{
	struct spec s;

	CU_ASSERT_EQUAL_FATAL(spec_parse(NULL, "one:persist,persist=no", &s), 0);
	CU_ASSERT_STRING_EQUAL(s.word[0], "persist");
	CU_ASSERT_EQUAL(s.value[PERSIST].number, 0);
}

static void a_backslash_keeps_a_comma(void)
{
	struct spec s;

	CU_ASSERT_EQUAL_FATAL(spec_parse(NULL, "one:x,file=a\\,b\\\\c,persist", &s), 0);
	CU_ASSERT_STRING_EQUAL(s.value[FILE_NAME].string, "a,b\\c");
	CU_ASSERT_TRUE(s.value[PERSIST].set);
}

static void rest_takes_commas_and_all(void)
{
	struct spec s;

	CU_ASSERT_EQUAL_FATAL(spec_parse(NULL, "one:x,wire=gen:size=64,pps=1000,mode=none", &s), 0);
	CU_ASSERT_STRING_EQUAL(s.value[WIRE].string, "gen:size=64,pps=1000,mode=none");
	CU_ASSERT_FALSE(s.value[MODE].set);
}

/* Each bad text, and what its sentence has to say. */
static void bad_texts_get_a_sentence_that_points_at_the_part(void)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "", "no driver is called ''; there are one, pair, none" },
		{ "two:eth1", "no driver is called 'two'; there are one, pair, none" },
		{ "on:eth1", "no driver is called 'on'" },
		{ "one:", "something is missing at character 5; it is one:NAME[,options]" },
		{ "one", "something is missing at character 4" },
		{ "pair:a", "something is missing at character 7; it is pair:A,B" },
		{ "one:eth1,queue=4",
		  "unknown option 'queue' at character 10; one takes mode, queues, persist, file, wire" },
		{ "pair:a,b,x=1", "unknown option 'x' at character 10; pair takes no options" },
		{ "one:eth1,eth2", "'eth2' at character 10 is out of place" },
		{ "one:eth1,", "nothing at character 10; it is one:NAME" },
		{ "one:,mode=skb", "nothing at character 5" },
		{ "one:x,mode=fast", "'fast' at character 12: mode is one of auto, copy, skb" },
		{ "one:x,mode=", "'mode' has no value at character 12; it is mode=auto|copy|skb" },
		{ "one:x,queues=0", "'0' at character 14 is not a number from 1 to 2000000, which queues needs" },
		{ "one:x,queues=2000001", "'2000001' at character 14 is not a number" },
		{ "one:x,queues=-1", "'-1' at character 14 is not a number" },
		{ "one:x,queues= 1", "' 1' at character 14 is not a number" },
		{ "one:x,queues=99999999999999999999", "is not a number" },
		{ "one:x,queues=18446744073709551615Ki", "is not a number" },
		{ "one:x,queues=4x", "'4x' at character 14 is not a number" },
		{ "one:x,persist=maybe", "'maybe' at character 15: persist is yes or no" },
		{ "one:x,mode=skb,mode=copy", "'mode' is given twice, again at character 21" },
		{ "one:x,persist,persist", "'persist' is given twice" },
		{ "one:x,wire=", "'wire' has no value at character 12" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct spec s;
		int err = spec_parse(NULL, bad[i].text, &s);

		CU_ASSERT_EQUAL(err, -EINVAL);
		if (err == 0 || !strstr(weir_error(), bad[i].says)) {
			CU_FAIL("the sentence does not say what is wrong");
			printf("\n  '%s': %s\n  should say: %s\n", bad[i].text, weir_error(), bad[i].says);
		}
	}
}

static void a_text_that_is_too_long_is_refused(void)
{
	char text[SPEC_TEXT_MAX + 1];
	struct spec s;

	memset(text, 'a', sizeof(text));
	memcpy(text, "one:", 4);
	text[SPEC_TEXT_MAX] = '\0';
	CU_ASSERT_EQUAL(spec_parse(NULL, text, &s), -EINVAL);
	text[SPEC_TEXT_MAX - 1] = '\0';
	CU_ASSERT_EQUAL(spec_parse(NULL, text, &s), 0);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "words and options land where the driver looks", words_and_options_land_where_the_driver_looks },
		{ "two words are both taken", two_words_are_both_taken },
		{ "a driver without words needs nothing after the colon",
		  driver_without_words_needs_nothing_after_the_colon },
		{ "numbers take units", numbers_take_units },
		{ "a word that is also a key is a word first", a_word_that_is_also_a_key_is_a_word_first },
		{ "a backslash keeps a comma", a_backslash_keeps_a_comma },
		{ "rest takes commas and all", rest_takes_commas_and_all },
		{ "bad texts get a sentence that points at the part",
		  bad_texts_get_a_sentence_that_points_at_the_part },
		{ "a text that is too long is refused", a_text_that_is_too_long_is_refused },
		{ NULL, NULL },
	};

	return unit_run("spec", cases);
}

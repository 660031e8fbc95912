/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Collects what a context logs, and looks into sentences.
 */
#ifndef TESTS_SENTENCES_H
#define TESTS_SENTENCES_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "weir/weir.h"

struct sentences {
	unsigned count[WEIR_LOG_DEBUG + 1]; /* by level */
	char last[512];
};

static inline void sentences_log(void *arg, enum weir_log_level level, const char *sentence)
{
	struct sentences *sentences = arg;

	sentences->count[level]++;
	snprintf(sentences->last, sizeof(sentences->last), "%s", sentence);
}

/* Whether the thread's last failure speaks of @words. */
static inline bool error_says(const char *words)
{
	bool says = strstr(weir_error(), words);

	if (!says)
		printf("the sentence is: %s\n", weir_error());
	return says;
}

#endif

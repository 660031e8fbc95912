/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Contexts: opening checks the settings and starts the parts in order, closing stops them in reverse.
 */
#include "core/core.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/cpu.h"

#define RESERVE_DEFAULT GIB(64)
#define RESERVE_MAX     GIB(256) /* a packet's 32-bit offset in units of 64 bytes reaches no further */

static int conf_check(const struct weir_conf *conf)
{
	if (conf->mem_reserve % GIB(1) || conf->mem_reserve > RESERVE_MAX)
		return weir_fail(NULL, -EINVAL,
		                 "mem_reserve is %llu bytes; it must be a multiple of 1 GiB, at most 256 GiB",
		                 (unsigned long long)conf->mem_reserve);
	if (conf->mem_page_size && conf->mem_page_size != KIB(4) && conf->mem_page_size != MIB(2) &&
	    conf->mem_page_size != GIB(1))
		return weir_fail(NULL, -EINVAL, "mem_page_size is %llu; it must be 0 (the best), 4096, 2 MiB or 1 GiB",
		                 (unsigned long long)conf->mem_page_size);
	if (conf->mem_grow > conf->mem_reserve)
		return weir_fail(NULL, -EINVAL, "mem_grow is %llu bytes, more than mem_reserve (%llu)",
		                 (unsigned long long)conf->mem_grow, (unsigned long long)conf->mem_reserve);
	if (conf->mem_first % GIB(1) || (conf->mem_first && conf->mem_first >= conf->mem_reserve))
		return weir_fail(
		    NULL, -EINVAL,
		    "mem_first is %llu bytes; it must be a multiple of 1 GiB, and less than mem_reserve (%llu)",
		    (unsigned long long)conf->mem_first, (unsigned long long)conf->mem_reserve);
	if (conf->mem_node < 0)
		return weir_fail(NULL, -EINVAL, "mem_node is %d; it must be WEIR_NODE(n) or WEIR_NODE_ANY",
		                 conf->mem_node);
	if (conf->cpu_level > CPU_LEVEL_MAX)
		return weir_fail(NULL, -EINVAL, "cpu_level is %u; it must be 0 (the processor's) or 1 to %d",
		                 conf->cpu_level, CPU_LEVEL_MAX);
	return 0;
}

int weir_open(const struct weir_conf *conf, struct weir **weir)
{
	struct weir *w;
	int err;

	*weir = NULL;
	w = calloc(1, sizeof(*w));
	if (!w)
		return weir_fail(NULL, -ENOMEM, "no memory for a context");
	w->joined = -1;
	if (conf)
		w->conf = *conf;
	if (!w->conf.log_level)
		w->conf.log_level = WEIR_LOG_WARNING;
	if (!w->conf.mem_reserve)
		w->conf.mem_reserve = RESERVE_DEFAULT;
	err = conf_check(&w->conf);
	if (err)
		goto free;
	w->cpu_level = cpu_level();
	if (w->conf.cpu_level && w->conf.cpu_level < w->cpu_level)
		w->cpu_level = w->conf.cpu_level;
	err = -pthread_mutex_init(&w->lock, NULL);
	if (err) {
		weir_fail(NULL, err, "cannot make a lock for the context");
		goto free;
	}
	err = arena_open(w);
	if (err)
		goto unlock;
	*weir = w;
	return 0;

unlock:
	pthread_mutex_destroy(&w->lock);
free:
	free(w);
	return err;
}

void weir_close(struct weir *weir)
{
	if (!weir)
		return;
	ports_close(weir);
	pools_close(weir);
	arena_close(weir);
	if (weir->joined >= 0)
		close(weir->joined);
	pthread_mutex_destroy(&weir->lock);
	free(weir);
}

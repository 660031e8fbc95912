/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who is told of the arena's chunks.
 */
#include "mem/arena.h"

/* Takes back what the watchers before @until (NULL: all) were told of @chunk. */
static void watchers_remove(struct arena *arena, const struct chunk *chunk, const struct arena_watcher *until)
{
	for (struct arena_watcher *w = arena->watchers; w != until; w = w->next)
		w->removed(w, &chunk->info);
}

int watchers_add(struct arena *arena, const struct chunk *chunk)
{
	for (struct arena_watcher *w = arena->watchers; w; w = w->next) {
		int err = w->added(w, &chunk->info, arena->base + chunk->info.offset);

		if (err) {
			watchers_remove(arena, chunk, w);
			return err;
		}
	}
	return 0;
}

int arena_watch(struct weir *weir, struct arena_watcher *watcher)
{
	struct arena *arena = weir->arena;
	struct chunk *chunk;
	int err = 0;

	pthread_mutex_lock(&arena->lock);
	for (chunk = arena->chunks; chunk; chunk = chunk->next) {
		err = watcher->added(watcher, &chunk->info, arena->base + chunk->info.offset);
		if (err)
			break;
	}
	for (struct chunk *told = arena->chunks; err && told != chunk; told = told->next)
		watcher->removed(watcher, &told->info);
	if (!err) {
		watcher->next = arena->watchers;
		arena->watchers = watcher;
	}
	pthread_mutex_unlock(&arena->lock);
	return err;
}

void arena_unwatch(struct weir *weir, struct arena_watcher *watcher)
{
	struct arena *arena = weir->arena;
	struct arena_watcher **link;

	pthread_mutex_lock(&arena->lock);
	for (link = &arena->watchers; *link != watcher; link = &(*link)->next)
		;
	*link = watcher->next;
	for (struct chunk *chunk = arena->chunks; chunk; chunk = chunk->next)
		watcher->removed(watcher, &chunk->info);
	pthread_mutex_unlock(&arena->lock);
}

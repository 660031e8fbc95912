/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ctrl-C and its relatives, as a file descriptor: nothing is interrupted in the middle of anything.
 */
#ifndef COMMON_SIGNALS_H
#define COMMON_SIGNALS_H

/*
 * Blocks SIGINT, SIGTERM and (unless ignored) SIGHUP in the calling thread and those that it will start, and ignores
 * SIGPIPE and SIGXFSZ. Returns a file descriptor that becomes readable when one of them arrives, or -errno.
 */
int signals_catch(void);

/* Gives the signals their usual meaning back in the calling thread: the next one ends the process at once. */
void signals_release(int fd);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Obeys commands (control_check.h): from a socket, from a script, from tests that run for a while. They come from anywhere
 * and are carried out one after the other by the main thread, which is the only one that touches what is sent.
 */
#ifndef PKTGEN_CONTROL_H
#define PKTGEN_CONTROL_H

#include <jansson.h>
#include <stdbool.h>

#include "control_check.h"

struct control;
struct pktgen;

/* --- by the main thread ------------------------------------------------------------------------------------------------ */

/* Returns 0, or -errno after saying why. */
int control_open(struct control **control, struct pktgen *pktgen);

/* Ends tests and scripts, closes the socket. Calls that others wait for return -ECANCELED. */
void control_close(struct control *control);

/*
 * Takes commands from a Unix socket at @path, which only its owner may use: one command a line, one line in return.
 * Returns 0, or -errno after saying why.
 */
int control_listen(struct control *control, const char *path);

/* Readable when control_serve() has something to do. It should be called every tenth of a second in any case. */
int control_fd(const struct control *control);
void control_serve(struct control *control);

/* Whether somebody wants the program to end. */
bool control_ended(const struct control *control);

/* Whether there is anybody who may still have commands: a test or a script that runs, a socket. */
bool control_busy(const struct control *control);

/* Carries out a command. Returns the answer, a new reference: with "ok" true, or false and a sentence in "error". */
json_t *control_execute(struct control *control, const json_t *command);

/* Whether something that was told to run has failed, and said so. */
bool control_failed(const struct control *control);

/* The workers have ended: writes what captures have, whether they are complete or not. */
void control_finish(struct control *control);

/* The same for a command of the command line: says what is wrong. Returns 0 or -EINVAL. */
int control_order(struct control *control, const json_t *command);

/* --- by any thread ----------------------------------------------------------------------------------------------------- */

/* Has the main thread do something, and waits until it is done. Returns 0 or -ECANCELED: it was not. */
int control_call(struct control *control, void (*fn)(void *arg), void *arg);

/* Has a command carried out. Returns the answer, as above. */
json_t *control_command(struct control *control, const json_t *command);

/* Says that a thread which has commands begins and ends, so that control_busy() knows. */
void control_begin(struct control *control);
void control_done(struct control *control);

/* A script or test has failed, and said so. */
void control_fail(struct control *control);

/* Waits for some time. Returns 0, or -ECANCELED as soon as everything is to end. */
int control_sleep(struct control *control, double seconds);

/* --- for the commands -------------------------------------------------------------------------------------------------- */

struct pktgen *control_pktgen(struct control *control);
struct testing *control_testing(struct control *control);

/* The file that port number @port captures into, as a copy that control_close() frees; NULL: none. */
char **control_capture_file(struct control *control, unsigned port);
void control_quit(struct control *control);

/* {"ok": false, "error": ...} */
json_t *control_refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

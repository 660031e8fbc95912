/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Scripts in Lua, with the commands of control_check.h as functions:
 *
 *      weir.start{rate = "1 Mpps"}
 *      weir.sleep(10)
 *      weir.stop()
 *      print(weir.stats().all.lost)
 *
 * A command that is refused is an error of the script, with the sentence, unless it is caught by pcall().
 */
#ifndef PKTGEN_SCRIPT_H
#define PKTGEN_SCRIPT_H

struct control;

/* Begins to run the file @path in a thread of its own. Returns 0, or -errno after saying why. By the main thread. */
int script_start(struct control *control, const char *path);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A Lua state in a thread, and how tables become commands and answers tables.
 */
#include "script.h"

#include <errno.h>
#include <lauxlib.h>
#include <lualib.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "pktgen.h"

#define DEPTH_MAX  16
#define LOOK_STEPS 10000 /* of the interpreter, between two looks whether everything is to end */
#define WAIT_S     0.05

struct script {
	struct control *control;
	lua_State *lua;
	char *path;
};

static struct control *control_of(lua_State *lua)
{
	return lua_touserdata(lua, lua_upvalueindex(1));
}

static json_t *value_from(lua_State *lua, int index, int depth);

/* A table whose keys are 1 to its length is a list. */
static json_t *table_from(lua_State *lua, int index, int depth)
{
	lua_Integer length = luaL_len(lua, index);
	json_t *table = length > 0 ? json_array() : json_object();

	if (depth > DEPTH_MAX) {
		json_decref(table);
		luaL_error(lua, "tables are nested too deeply for a command");
		return NULL;
	}
	for (lua_Integer i = 1; i <= length; i++) {
		lua_geti(lua, index, i);
		json_array_append_new(table, value_from(lua, lua_gettop(lua), depth + 1));
		lua_pop(lua, 1);
	}
	if (length > 0)
		return table;
	lua_pushnil(lua);
	while (lua_next(lua, index)) {
		if (lua_type(lua, -2) == LUA_TSTRING)
			json_object_set_new(table, lua_tostring(lua, -2), value_from(lua, lua_gettop(lua), depth + 1));
		lua_pop(lua, 1);
	}
	return table;
}

static json_t *value_from(lua_State *lua, int index, int depth)
{
	size_t len;
	const char *text;

	switch (lua_type(lua, index)) {
	case LUA_TBOOLEAN:
		return json_boolean(lua_toboolean(lua, index));
	case LUA_TNUMBER:
		if (lua_isinteger(lua, index))
			return json_integer(lua_tointeger(lua, index));
		return isfinite(lua_tonumber(lua, index)) ? json_real(lua_tonumber(lua, index)) : json_null();
	case LUA_TSTRING:
		text = lua_tolstring(lua, index, &len);
		/* What is not UTF-8 is no text to JSON, and as null refused by the command. */
		return json_stringn(text, len) ?: json_null();
	case LUA_TTABLE:
		return table_from(lua, index, depth);
	default:
		return json_null();
	}
}

static void push(lua_State *lua, const json_t *value)
{
	const char *key;
	json_t *item;
	size_t i;

	luaL_checkstack(lua, 4, NULL);
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		lua_newtable(lua);
		json_object_foreach((json_t *)(uintptr_t)value, key, item)
		{
			push(lua, item);
			lua_setfield(lua, -2, key);
		}
		return;
	case JSON_ARRAY:
		lua_newtable(lua);
		json_array_foreach(value, i, item)
		{
			push(lua, item);
			lua_seti(lua, -2, (lua_Integer)i + 1);
		}
		return;
	case JSON_STRING:
		lua_pushlstring(lua, json_string_value(value), json_string_length(value));
		return;
	case JSON_INTEGER:
		lua_pushinteger(lua, json_integer_value(value));
		return;
	case JSON_REAL:
		lua_pushnumber(lua, json_real_value(value));
		return;
	case JSON_NULL:
		lua_pushnil(lua);
		return;
	default:
		lua_pushboolean(lua, json_is_true(value));
	}
}

/* Takes the answer. Leaves it on the stack, or raises its error where the script called. */
static int answer(lua_State *lua, json_t *object)
{
	const char *error = json_string_value(json_object_get(object, "error"));

	if (error)
		lua_pushfstring(lua, "%s", error);
	else
		push(lua, object);
	json_decref(object);
	if (!error)
		return 1;
	luaL_where(lua, 1);
	lua_insert(lua, -2);
	lua_concat(lua, 2);
	return lua_error(lua);
}

/* weir.NAME{...} */
static int command(lua_State *lua)
{
	const char *name = lua_tostring(lua, lua_upvalueindex(2));
	json_t *object;

	if (!lua_isnoneornil(lua, 1))
		luaL_checktype(lua, 1, LUA_TTABLE);
	object = lua_istable(lua, 1) ? table_from(lua, 1, 0) : json_object();
	if (!json_is_object(object)) {
		json_decref(object);
		return luaL_error(lua, "%s takes its arguments by name: weir.%s{name = value}", name, name);
	}
	json_object_set_new(object, "command", json_string(name));
	json_t *result = control_command(control_of(lua), object);
	json_decref(object);
	return answer(lua, result);
}

/* weir.sleep(seconds) */
static int sleep_for(lua_State *lua)
{
	double seconds = luaL_checknumber(lua, 1);

	if (!(seconds >= 0 && seconds <= 1e9))
		return luaL_error(lua, "sleep takes a number of seconds from 0 on");
	return control_sleep(control_of(lua), seconds) ? luaL_error(lua, "the program is about to end") : 0;
}

/* weir.wait(): until the test is over; what it found. */
static int wait_for_test(lua_State *lua)
{
	for (;;) {
		json_t *ask = json_pack("{s:s}", "command", control_name(CONTROL_RESULT));
		json_t *object = control_command(control_of(lua), ask);

		json_decref(ask);
		if (!json_is_true(json_object_get(object, "running")))
			return answer(lua, object);
		json_decref(object);
		if (control_sleep(control_of(lua), WAIT_S))
			return luaL_error(lua, "the program is about to end");
	}
}

static void look(lua_State *lua, lua_Debug *debug)
{
	struct script **script = lua_getextraspace(lua);

	(void)debug;
	if (control_sleep((*script)->control, 0))
		luaL_error(lua, "the program is about to end");
}

static void open_library(struct script *script)
{
	lua_State *lua = script->lua;
	static const luaL_Reg more[] = { { "sleep", sleep_for }, { "wait", wait_for_test }, { NULL, NULL } };

	luaL_openlibs(lua);
	lua_newtable(lua);
	lua_pushlightuserdata(lua, script->control);
	luaL_setfuncs(lua, more, 1);
	for (unsigned i = 0; control_name(i); i++) {
		lua_pushlightuserdata(lua, script->control);
		lua_pushstring(lua, control_name(i));
		lua_pushcclosure(lua, command, 2);
		lua_setfield(lua, -2, control_name(i));
	}
	lua_setglobal(lua, "weir");
	*(struct script **)lua_getextraspace(lua) = script;
	lua_sethook(lua, look, LUA_MASKCOUNT, LOOK_STEPS);
}

static void script_free(struct script *script)
{
	if (script->lua)
		lua_close(script->lua);
	free(script->path);
	free(script);
}

static void *run(void *arg)
{
	struct script *script = arg;
	struct control *control = script->control;
	struct pktgen *pktgen = control_pktgen(control);

	if (lua_pcall(script->lua, 0, 0, 0)) {
		const char *error = lua_tostring(script->lua, -1);

		log_say(&pktgen->log, "%s", error ? error : "the script has raised an error that is no text");
		control_fail(control);
	}
	script_free(script);
	control_done(control);
	return NULL;
}

int script_start(struct control *control, const char *path)
{
	struct log *log = &control_pktgen(control)->log;
	struct script *script = calloc(1, sizeof(*script));
	pthread_attr_t attr;
	pthread_t thread;
	int err = -ENOMEM;

	if (!script)
		return err;
	script->control = control;
	script->path = strdup(path);
	script->lua = luaL_newstate();
	if (!script->path || !script->lua) {
		log_say(log, "no memory for the script '%s'", path);
		goto fail;
	}
	open_library(script);
	if (luaL_loadfilex(script->lua, path, "t")) {
		log_say(log, "%s", lua_tostring(script->lua, -1));
		err = -EINVAL;
		goto fail;
	}
	control_begin(control);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	err = -pthread_create(&thread, &attr, run, script);
	pthread_attr_destroy(&attr);
	if (!err)
		return 0;
	control_done(control);
	log_say(log, "the script '%s' does not start: %s", path, strerror(-err));
fail:
	script_free(script);
	return err;
}

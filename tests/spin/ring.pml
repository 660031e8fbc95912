/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ring of lib/weir/ring.h as a model: what its two sides do, an access to shared memory at a time. ring_spsc.pml and
 * ring_mpmc.pml put threads around it.
 *
 * The ring is as small as it can be and still be awkward: it holds three entries in four slots, its counters wrap at
 * eight. An entry is a byte: who sent it, which of his it is, and whether his packet goes on (MORE).
 *
 * With WEAK, memory is weaker than the language of the model: what a producer stores into slots waits in a store buffer,
 * from where it reaches memory in any order; what a consumer loads from slots it may have loaded long ago. A release
 * waits until the store buffer is empty, an acquire forgets what was loaded early. So the checker tries the reorderings
 * that a processor or compiler would be allowed if one of the two were missing.
 *
 * BROKEN leaves one thing out, to see that it would be noticed:
 *
 *      1  producers end their turn without a release: the tail overtakes the entries (WEAK)
 *      2  consumers read the producers' tail without an acquire: entries were loaded before they were there (WEAK)
 *      3  consumers end their turn without a release: entries are loaded when they may be overwritten already
 *      4  a turn is claimed by a load and a store, not by one exchange
 *      5  consumers do not look at MORE: a packet may be split
 *      6  producers do not look at MORE: half a packet goes in when there is no room for all of it
 *      7  nothing, but the end is called an error, to see that the model gets there
 *
 * Not modelled: the acquire with which producers read the consumers' tail, which orders stores behind a load that they
 * depend on, and that of the exchange. ThreadSanitizer looks at both in tests/unit/test_ring.c.
 */
#ifndef BROKEN
#define BROKEN 0
#endif

#define SLOTS    4
#define SIZE     3
#define COUNT(c) ((c) & 7)
#define SLOT(c)  ((c) & 3)
#define START    5 /* what the counters begin with, to see them wrap soon */
#define BURST    3
#define NO_ENTRY 15 /* what slots hold that hold nothing; nobody sends it */

#define ENTRY(producer, number, more) (((producer) + 1) << 4 | (number) << 1 | (more))
#define SENDER(entry)                 (((entry) >> 4) - 1)
#define NUMBER(entry)                 (((entry) >> 1) & 7)
#define MORE(entry)                   ((entry) & 1)

typedef side {
	byte tail;
	byte claimed;
	byte other;
	byte peak
};

side prod, cons;
byte slots[SLOTS] = NO_ENTRY;

byte stored[SLOTS]; /* the producer's store buffer; 0: nothing */
byte early[SLOTS];  /* what the consumer loaded early; 0: nothing */

byte expect[PRODUCERS]; /* the next number of each producer that must come out */
byte taken;             /* entries that came out */
byte finished;          /* producers that are done */

/* weir_ring_begin() waits for FREE; what follows up to the claim, or up to the loaded tail, is one step. */
#define FREE(end) (ALONE || !end.claimed)

inline begin(end)
{
	tail = end.tail;
	if
	:: BROKEN == 4 || ALONE
	:: else -> end.claimed = n
	fi
}

inline claim_late(end)
{
	if
	:: BROKEN == 4 -> end.claimed = n
	:: else
	fi
}

inline finish(end, by)
{
	end.tail = COUNT(tail + by);
	end.claimed = 0
}

/* How many of the @n entries in burst[] go in. The peak says so by itself, or the consumers' tail was looked at. */
inline measure()
{
	used = COUNT(tail - prod.other);
	fit = n;
	if
	:: n > prod.peak - used && n > SIZE - used -> fit = SIZE - used
	:: else
	fi;
	do
	:: BROKEN != 6 && fit && MORE(burst[fit - 1]) -> fit--
	:: else -> break
	od;
	fit = (all && fit < n -> 0 : fit);
	prod.peak = (used + fit > prod.peak -> used + fit : prod.peak)
}

inline store()
{
	if
	:: WEAK -> stored[SLOT(tail + i)] = burst[i]
	:: else -> slots[SLOT(tail + i)] = burst[i]
	fi;
	burst[i] = 0;
	i++
}

/* The rest of weir_ring_put() of the @n entries in burst[]; leaves in fit how many went in. */
inline put()
{
	claim_late(prod);
	atomic {
		if
		:: n > prod.peak - COUNT(tail - prod.other) -> prod.other = cons.tail
		:: else
		fi;
		measure()
	}
	do
	:: atomic { i < fit -> store() }
	:: atomic {
		i == fit && (BROKEN == 1 || !(stored[0] || stored[1] || stored[2] || stored[3])) ->
		finish(prod, fit);
		assert(COUNT(prod.tail - cons.tail) <= SIZE);
		sent = sent + fit;
		n = 0; all = 0; tail = 0; used = 0; fit = 0; i = 0;
		burst[0] = 0; burst[1] = 0; burst[2] = 0;
		break
	}
	od
}

#define LOAD(slot) (early[slot] -> early[slot] : slots[slot])

inline forget_early()
{
	early[0] = 0; early[1] = 0; early[2] = 0; early[3] = 0
}

inline load_early()
{
	if
	:: WEAK -> early[0] = slots[0]; early[1] = slots[1]; early[2] = slots[2]; early[3] = slots[3]
	:: skip
	fi
}

/* Takes the entry that comes out next: it must be the next of its sender, and nobody else's inside a packet. */
inline take()
{
	entry = LOAD(SLOT(tail + i));
	assert(entry != NO_ENTRY && SENDER(entry) < PRODUCERS);
	assert(NUMBER(entry) == expect[SENDER(entry)]);
	assert(!inside || SENDER(entry) == inside - 1);
	expect[SENDER(entry)]++;
	inside = (MORE(entry) -> SENDER(entry) + 1 : 0);
	taken++;
	/* It must not be read again, and so many states become one. */
	slots[SLOT(tail + i)] = (slots[SLOT(tail + i)] == entry -> NO_ENTRY : slots[SLOT(tail + i)]);
	entry = 0;
	i++
}

/* How many of @n entries come out: as many as there are, less a packet that @n would cut. */
inline choose()
{
	got = (n <= COUNT(cons.other - tail) -> n : COUNT(cons.other - tail));
	do
	:: BROKEN != 5 && got && MORE(LOAD(SLOT(tail + got - 1))) -> got--
	:: else -> break
	od;
	got = (all && got < n -> 0 : got)
}

/* The rest of weir_ring_get() of up to @n entries. */
inline get()
{
	claim_late(cons);
	atomic {
		if
		:: n > COUNT(cons.other - tail) ->
			cons.other = prod.tail;
			if
			:: BROKEN != 2 -> forget_early()
			:: else
			fi
		:: else
		fi;
		choose()
	}
	if
	:: BROKEN == 3 -> atomic { finish(cons, got) }
	:: else
	fi;
	do
	:: atomic { i < got -> take() }
	:: atomic {
		i == got ->
		assert(!inside);
		if
		:: BROKEN != 3 -> finish(cons, got)
		:: else
		fi;
		forget_early();
		n = 0; all = 0; tail = 0; got = 0; i = 0;
		break
	}
	od
}

/* Packets of one or two entries, as many as one likes and has left, into burst[]. */
inline choose_packets()
{
	n = 0;
	do
	:: n < BURST && sent + n < EACH -> burst[n] = ENTRY(me, sent + n, 0); n++
	:: n + 1 < BURST && sent + n + 1 < EACH ->
		burst[n] = ENTRY(me, sent + n, 1);
		burst[n + 1] = ENTRY(me, sent + n + 1, 0);
		n = n + 2
	:: n -> break
	od
}

proctype producer(byte me)
{
	byte sent, n, all, tail, used, fit, i;
	byte burst[BURST];

	do
	:: atomic {
		sent < EACH && FREE(prod) ->
		choose_packets();
		if :: all = 0 :: all = 1 fi;
		begin(prod)
	}
		put()
	:: atomic { sent == EACH -> finished++; break }
	od
}

proctype consumer(byte me)
{
	byte n, all, tail, got, i, entry, inside;

	do
	:: atomic {
		taken < TOTAL && FREE(cons) ->
		if :: n = 1 :: n = 2 :: n = 3 fi;
		if :: all = 0 :: all = 1 fi;
		load_early();
		begin(cons)
	}
		get()
	:: taken == TOTAL -> break
	od
}

/* What memory does at any time: it lets a store through. */
#define LET_THROUGH(slot) :: atomic { stored[slot] -> slots[slot] = stored[slot]; stored[slot] = 0 }

active proctype memory()
{
end:
	do
	LET_THROUGH(0)
	LET_THROUGH(1)
	LET_THROUGH(2)
	LET_THROUGH(3)
	od
}

/* When all is sent and the ring is empty, everything has come out. */
active proctype judge()
{
	atomic {
		finished == PRODUCERS && prod.tail == cons.tail && !prod.claimed && !cons.claimed;
		assert(taken == TOTAL || BROKEN == 3);
		assert(BROKEN != 7)
	}
}

init
{
	atomic {
		byte thread;

		prod.tail = START; prod.other = START;
		cons.tail = START; cons.other = START;
		for (thread : 0 .. PRODUCERS - 1) {
			run producer(thread)
		}
		for (thread : 0 .. CONSUMERS - 1) {
			run consumer(thread)
		}
	}
}

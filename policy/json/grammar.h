/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grammar - the grammar of RFC 8259 as a table, internal to the JSON reader.
 *
 * The reader is always in one state.  The class of the next byte that is not whitespace gives the
 * next state or an action.  The events and the fast pass share this table, so that both accept the
 * same texts.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_JSON_GRAMMAR_H
#define MOOR_POLICY_JSON_GRAMMAR_H

#include "policy/json/state.h"

#include <stdbool.h>
#include <stdint.h>

/* The states, named by what comes next or came before; after them the actions. */
enum moor_json_state {
    MOOR_JSON_START,        /* before the outermost value */
    MOOR_JSON_DONE,         /* after the outermost value */
    MOOR_JSON_FIRST_MEMBER, /* after `{` */
    MOOR_JSON_NAME,         /* after `,` in an object */
    MOOR_JSON_COLON,        /* after a member's name */
    MOOR_JSON_MEMBER_VALUE, /* after `:` */
    MOOR_JSON_NEXT_MEMBER,  /* after a member */
    MOOR_JSON_FIRST_ITEM,   /* after `[` */
    MOOR_JSON_ITEM,         /* after `,` in an array */
    MOOR_JSON_NEXT_ITEM,    /* after an item */
    MOOR_JSON_FAILED,       /* after an error */
    MOOR_JSON_STATES,       /* number of states */
    MOOR_JSON_OPEN_OBJECT = MOOR_JSON_STATES,
    MOOR_JSON_OPEN_ARRAY,
    MOOR_JSON_CLOSE,
    MOOR_JSON_SCALAR, /* a number, `true`, `false`, `null`, or an invalid byte */
    MOOR_JSON_REFUSE  /* the byte is not allowed here */
};

/* The classes of bytes that the grammar distinguishes. */
enum moor_json_class {
    MOOR_JSON_CLASS_OTHER,
    MOOR_JSON_CLASS_QUOTE,
    MOOR_JSON_CLASS_OBJECT_BEGIN,
    MOOR_JSON_CLASS_OBJECT_END,
    MOOR_JSON_CLASS_ARRAY_BEGIN,
    MOOR_JSON_CLASS_ARRAY_END,
    MOOR_JSON_CLASS_COLON,
    MOOR_JSON_CLASS_COMMA,
    MOOR_JSON_CLASSES
};

/* The class of each byte; most bytes are MOOR_JSON_CLASS_OTHER. */
extern const uint8_t moor_json_classes[256];

/* The state or action (enum moor_json_state) for a byte of this class. */
extern const uint8_t moor_json_grammar[MOOR_JSON_STATES][MOOR_JSON_CLASSES];

/* Returns the enum moor_json_class of the byte. */
static inline uint8_t moor_json_classify(char byte)
{
    return moor_json_classes[(unsigned char)byte];
}

/* Records in `arrays`, a bit for each level, whether the level `depth` is an array or an object. */
static inline void moor_json_set_level(uint64_t *arrays, uint32_t depth, bool is_array)
{
    uint64_t bit = UINT64_C(1) << depth % 64;
    uint64_t others = arrays[depth / 64] & ~bit;
    arrays[depth / 64] = is_array ? others | bit : others;
}

/* Returns the state after a value inside `depth` open levels. */
static inline uint8_t moor_json_after_value(const uint64_t *arrays, uint32_t depth)
{
    /* One comparison for no level and for an impossible one, so that the index is in bounds. */
    if (depth - 1 >= MOOR_JSON_MAX_DEPTH) {
        return MOOR_JSON_DONE;
    }
    bool in_array = (arrays[(depth - 1) / 64] >> (depth - 1) % 64 & 1U) != 0;
    return in_array ? MOOR_JSON_NEXT_ITEM : MOOR_JSON_NEXT_MEMBER;
}

/*
 * Moves `*at` past the number or literal that starts there.  The caller checks the byte after it.
 * Returns NULL on success.  On failure returns the text that was expected, and `*at` is the
 * position of the error.
 */
const char *moor_json_pass_scalar(const char **at, const char *end);

/* Returns the value of four hexadecimal digits; -1 if they are invalid or truncated at `end`. */
int32_t moor_json_hex4(const char *at, const char *end);

#endif

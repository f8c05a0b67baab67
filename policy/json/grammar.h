/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_grammar - the grammar of RFC 8259 as a table, for the files of the JSON reader alone.
 *
 * The reader is always in one state; the class of the next byte that is not blank leads to the next
 * state or to an action.  Events and the fast pass use the same table, so that they accept the same
 * texts.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_JSON_GRAMMAR_H
#define MOOR_POLICY_JSON_GRAMMAR_H

#include <stdbool.h>
#include <stdint.h>

/* What may come next, and behind the states what to do. */
enum moor_json_state {
    MOOR_JSON_START,
    MOOR_JSON_DONE,         /* behind the outermost value */
    MOOR_JSON_FIRST_MEMBER, /* behind `{` */
    MOOR_JSON_NAME,         /* behind `,` in an object */
    MOOR_JSON_COLON,
    MOOR_JSON_MEMBER_VALUE,
    MOOR_JSON_NEXT_MEMBER, /* behind a member */
    MOOR_JSON_FIRST_ITEM,  /* behind `[` */
    MOOR_JSON_ITEM,        /* behind `,` in an array */
    MOOR_JSON_NEXT_ITEM,   /* behind an item */
    MOOR_JSON_FAILED,
    MOOR_JSON_STATES,
    MOOR_JSON_OPEN_OBJECT = MOOR_JSON_STATES,
    MOOR_JSON_OPEN_ARRAY,
    MOOR_JSON_CLOSE,
    MOOR_JSON_SCALAR, /* a number, `true`, `false`, `null`, or nothing of JSON */
    MOOR_JSON_REFUSE
};

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

extern const uint8_t moor_json_classes[256];

/* The state after a byte of this class, or the action that it asks for. */
extern const uint8_t moor_json_grammar[MOOR_JSON_STATES][MOOR_JSON_CLASSES];

static inline uint8_t moor_json_classify(char byte)
{
    return moor_json_classes[(unsigned char)byte];
}

/* Notes in `arrays`, a bit for each level, that the level `depth` will be an array or an object. */
static inline void moor_json_set_level(uint64_t *arrays, uint32_t depth, bool is_array)
{
    uint64_t bit = UINT64_C(1) << depth % 64;
    uint64_t others = arrays[depth / 64] & ~bit;
    arrays[depth / 64] = is_array ? others | bit : others;
}

/* The state behind a value with `depth` levels open around it. */
static inline uint8_t moor_json_after_value(const uint64_t *arrays, uint32_t depth)
{
    if (depth == 0) {
        return MOOR_JSON_DONE;
    }
    bool in_array = (arrays[(depth - 1) / 64] >> (depth - 1) % 64 & 1U) != 0;
    return in_array ? MOOR_JSON_NEXT_ITEM : MOOR_JSON_NEXT_MEMBER;
}

/*
 * Moves `*at` behind the number or literal that starts there, as far as the grammar goes: what
 * follows is not looked at.  Returns NULL, or what was expected at `*at` instead.
 */
const char *moor_json_pass_scalar(const char **at, const char *end);

/* The value of four hexadecimal digits; -1 where they are not, or where `end` comes first. */
int32_t moor_json_hex4(const char *at, const char *end);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the input as JSON in every way that the reader has, and stops where two of them disagree:
 * event by event, skipped whole, and each value skipped in turn; all of it in each form of the fast
 * pass that this machine has.
 */
#include "policy/base/arena.h"
#include "policy/json/form.h"
#include "policy/json/reader.h"

#include <stdlib.h>

#define ARENA_MAX ((size_t)64 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert(), which a release build leaves out. */
static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void resolve(const struct moor_json_token *token, struct moor_arena *arena)
{
    struct moor_slice text = {0};
    struct moor_slice other = MOOR_SLICE("not this");
    require(moor_json_token_text(token, arena, &text, NULL) == 0);
    require(moor_json_token_is(token, text));
    require(moor_json_token_is(token, other) == moor_slice_equal(text, other));
    moor_arena_reset(arena);
}

static bool walk(struct moor_json_reader *reader)
{
    struct moor_arena arena;
    moor_arena_init(&arena, ARENA_MAX);
    struct moor_json_token token;
    enum moor_json_event event = MOOR_JSON_NULL;
    while (event != MOOR_JSON_END && event != MOOR_JSON_ERROR) {
        event = moor_json_next(reader, &token);
        if (event == MOOR_JSON_KEY || event == MOOR_JSON_STRING) {
            resolve(&token, &arena);
        }
    }
    moor_arena_release(&arena);
    return event == MOOR_JSON_END;
}

static bool skip(struct moor_json_reader *reader)
{
    return moor_json_skip(reader, NULL) == 0;
}

/* Opens the outermost `levels` of the text and skips what is in them; `by_rest` leaves the ends. */
static bool skip_inside(struct moor_json_reader *reader, uint32_t requirements, bool by_rest)
{
    struct moor_json_token token;
    for (;;) {
        enum moor_json_event event = moor_json_next(reader, &token);
        if (event == MOOR_JSON_END || event == MOOR_JSON_ERROR) {
            return event == MOOR_JSON_END;
        }
        bool skips = reader->depth >= requirements && reader->depth > 0;
        if (skips && by_rest && moor_json_skip_rest(reader) != 0) {
            return false;
        }
        if (skips && !by_rest && event == MOOR_JSON_KEY && moor_json_skip(reader, NULL) != 0) {
            return false;
        }
    }
}

/* The reader after all its events says what each other way must come to. */
static void compare(const struct moor_json_reader *walked, bool accepted, struct moor_slice text)
{
    static struct moor_json_reader other;
    for (uint32_t way = 0; way < 7; way++) {
        moor_json_reader_init(&other, text);
        require((way == 0 ? skip(&other) : skip_inside(&other, (way + 1) / 2, way % 2 == 0)) ==
                accepted);
        require(other.error.code == walked->error.code);
        require(other.error.offset == walked->error.offset);
        require(moor_slice_equal(moor_slice_from(other.error.text),
                                 moor_slice_from(walked->error.text)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct moor_json_reader walked;
    struct moor_slice text = {(const char *)data, size};
    const struct moor_json_form *form = NULL;
    bool accepted_before = false;
    for (size_t i = 0; (form = moor_json_form_at(i)) != NULL; i++) {
        moor_json_use_form(form);
        moor_json_reader_init(&walked, text);
        bool accepted = walk(&walked);
        compare(&walked, accepted, text);
        require(i == 0 || accepted == accepted_before);
        accepted_before = accepted;
    }
    return 0;
}

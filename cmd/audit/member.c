/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/audit/member.h"

#include "policy/json/reader.h"

struct moor_slice moor_member_find(struct moor_slice object, const char *name)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    struct moor_slice value = {0};
    moor_json_reader_init(&reader, object);
    if (name == NULL || moor_json_next(&reader, &token) != MOOR_JSON_OBJECT_BEGIN) {
        return value;
    }
    while (moor_json_next(&reader, &token) == MOOR_JSON_KEY) {
        bool is_wanted = moor_json_token_is(&token, moor_slice_from(name));
        if (moor_json_skip(&reader, &value) != 0) {
            return (struct moor_slice){0};
        }
        /*
         * The first member of the name is returned without reading the rest, which can be megabytes
         * of an event.
         */
        if (is_wanted) {
            return value;
        }
    }
    return (struct moor_slice){0};
}

int moor_member_text(struct moor_slice *out, struct moor_slice object, const char *name,
                     struct moor_arena *arena, struct moor_error *err)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    struct moor_slice value = moor_member_find(object, name);
    moor_json_reader_init(&reader, value);
    /*
     * A value of another type counts as absent: the log services change their formats, and the
     * caller then tries the next place.
     */
    return moor_json_next(&reader, &token) == MOOR_JSON_STRING
               ? moor_json_token_text(&token, arena, out, err)
               : 0;
}

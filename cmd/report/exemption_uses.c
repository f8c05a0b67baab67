/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/report/exemption_uses.h"

#include "cmd/report/json_output.h"

#include <stdlib.h>

#if !defined(__clang__)
    /* gcc 12 takes the list after a reallocation for the one before it. */
    #pragma GCC diagnostic ignored "-Wanalyzer-double-free"
    #pragma GCC diagnostic ignored "-Wanalyzer-use-after-free"
#endif

void moor_exemption_uses_release(struct moor_exemption_uses *uses)
{
    free(uses->items);
    *uses = (struct moor_exemption_uses){0};
}

/* Makes room for one more use.  Returns false if memory is short. */
static bool reserve(struct moor_exemption_uses *uses)
{
    if (uses->count < uses->room) {
        return true;
    }
    size_t room = uses->room == 0 ? 8 : uses->room * 2;
    void *grown = reallocarray(uses->items, room, sizeof *uses->items);
    if (grown != NULL) {
        uses->items = grown;
        uses->room = room;
    }
    return grown != NULL;
}

/* A policy has few exemptions, so a search of the list is fast enough for each image. */
static void add(struct moor_exemption_uses *uses, const struct moor_exemption *exemption,
                bool has_ended)
{
    for (size_t i = 0; i < uses->count; i++) {
        struct moor_exemption_use *use = &uses->items[i];
        /* An exemption that has ended needs action by a user, so it has a count of its own. */
        if (use->exemption == exemption && use->has_ended == has_ended) {
            use->images++;
            return;
        }
    }
    if (!reserve(uses)) {
        uses->failed = true;
        return;
    }
    uses->items[uses->count++] = (struct moor_exemption_use){exemption, has_ended, 1};
}

void moor_exemption_uses_add(struct moor_exemption_uses *uses,
                             const struct moor_image_verdict *image)
{
    /* An ended exemption is noted only if it would have prevented the denial. */
    if (image->exemption != NULL) {
        add(uses, image->exemption, false);
    }
    if (image->ended != NULL) {
        add(uses, image->ended, true);
    }
}

void moor_exemption_use_append(struct moor_buf *out, const struct moor_exemption_use *use)
{
    const struct moor_exemption *exemption = use->exemption;
    moor_buf_append_text(out, "exemption '");
    moor_buf_append(out, exemption->name);
    moor_buf_append_text(out, use->has_ended            ? "' ended on "
                              : exemption->is_permanent ? "', permanent"
                                                        : "' until ");
    moor_buf_append(out, exemption->until);
    moor_buf_printf(out, ": %zu image%s %s", use->images, use->images == 1 ? "" : "s",
                    use->has_ended ? "no longer admitted" : "admitted");
}

void moor_exemption_uses_write(struct moor_json_writer *json,
                               const struct moor_exemption_uses *uses)
{
    moor_json_output_array(json, "exemptions");
    for (size_t i = 0; i < uses->count; i++) {
        const struct moor_exemption_use *use = &uses->items[i];
        moor_json_object_begin(json);
        moor_json_output_member(json, "name", use->exemption->name);
        moor_json_output_member(json, "until", use->exemption->until);
        moor_json_member_bool(json, "ended", use->has_ended);
        moor_json_member_u64(json, "images", use->images);
        moor_json_object_end(json);
    }
    moor_json_array_end(json);
}

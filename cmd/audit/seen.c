/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/audit/seen.h"

#include "cmd/audit/hash.h"

#include <stdlib.h>

int moor_seen_init(struct moor_seen *out, struct moor_error *err)
{
    out->seed = moor_hash_seed();
    out->hashes = calloc(MOOR_SEEN_EVENTS, sizeof *out->hashes);
    return out->hashes != NULL
               ? 0
               : moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the identifiers of events");
}

void moor_seen_release(struct moor_seen *seen)
{
    free(seen->hashes);
    seen->hashes = NULL;
}

bool moor_seen_add(struct moor_seen *seen, struct moor_slice id)
{
    uint64_t hash = moor_hash(seen->seed, id);
    uint64_t *place = &seen->hashes[hash % MOOR_SEEN_EVENTS];
    bool is_seen = *place == hash;
    *place = hash;
    return is_seen && id.len > 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scan/groups.h"

#include <stdlib.h>

#define NAME_MAX_BYTES ((size_t)64 * 1024)

static const char *const names[] = {
    [MOOR_GROUPS_BY_IMAGE] = "image",
    [MOOR_GROUPS_BY_NAMESPACE] = "namespace",
    [MOOR_GROUPS_BY_OWNER] = "owner",
};

const char *moor_groups_by_name(enum moor_groups_by by)
{
    return names[by];
}

/* A finding with the name of its group, and its position in the report. */
struct member {
    struct moor_slice name;
    const struct moor_workload *workload;
    size_t order;
};

/* Members of one workload stay together, so that it is counted once in each group. */
static int by_name(const void *left, const void *right)
{
    const struct member *a = left;
    const struct member *b = right;
    int order = moor_workloads_compare(a->name, b->name);
    return order != 0 ? order : a->order < b->order ? -1 : 1;
}

static int by_size(const void *left, const void *right)
{
    const struct moor_group *a = left;
    const struct moor_group *b = right;
    /*
     * The name breaks the last tie, so that two scans of one cluster can be compared line by line.
     */
    if (a->findings != b->findings) {
        return a->findings > b->findings ? -1 : 1;
    }
    if (a->pods != b->pods) {
        return a->pods > b->pods ? -1 : 1;
    }
    return moor_workloads_compare(a->name, b->name);
}

/* Sets `*out` to `Deployment shop/web`, copied to the arena. */
static int name_owner(struct moor_slice *out, const struct moor_workload *workload,
                      struct moor_arena *arena)
{
    const struct moor_workload_key *key = &workload->key;
    struct moor_buf text;
    moor_buf_init(&text, NAME_MAX_BYTES);
    moor_buf_append(&text, key->kind);
    moor_buf_append_byte(&text, ' ');
    if (key->namespace.len > 0) {
        moor_buf_append(&text, key->namespace);
        moor_buf_append_byte(&text, '/');
    }
    moor_buf_append(&text, key->name);
    int status = text.failed ? -1 : moor_arena_copy(arena, out, moor_buf_slice(&text), NULL);
    moor_buf_release(&text);
    return status;
}

/* Lists the findings with their names.  Returns -1 if memory is short. */
static int list_members(struct member *members, const struct moor_results *results,
                        enum moor_groups_by by, struct moor_arena *arena)
{
    struct moor_results_cursor cursor = {0};
    const struct moor_workload *last = NULL;
    struct moor_slice owner = {0};
    for (size_t i = 0; moor_results_next_listed(results, &cursor); i++) {
        const struct moor_workload *workload = cursor.workload;
        /* Findings of one workload follow each other, so its name is made once. */
        if (by == MOOR_GROUPS_BY_OWNER && workload != last &&
            name_owner(&owner, workload, arena) != 0) {
            return -1;
        }
        last = workload;
        members[i] = (struct member){by == MOOR_GROUPS_BY_OWNER       ? owner
                                     : by == MOOR_GROUPS_BY_NAMESPACE ? workload->key.namespace
                                                                      : cursor.image->image,
                                     workload, i};
    }
    return 0;
}

/* The members are sorted by name and workload, so that one pass counts each workload once. */
static void merge(struct moor_groups *out, const struct member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool is_next = i == 0 || !moor_slice_equal(members[i].name, members[i - 1].name);
        /* Pods are added once for each workload: two containers of one Pod are still one Pod. */
        bool is_seen = !is_next && members[i].workload == members[i - 1].workload;
        if (is_next) {
            out->items[out->count++].name = members[i].name;
        }
        struct moor_group *group = &out->items[out->count - 1];
        group->findings++;
        group->workloads += is_seen ? 0 : 1;
        group->pods += is_seen ? 0 : members[i].workload->pods;
    }
}

int moor_groups_init(struct moor_groups *out, const struct moor_results *results,
                     enum moor_groups_by by)
{
    struct moor_results_cursor cursor = {0};
    size_t count = 0;
    *out = (struct moor_groups){0};
    moor_arena_init(&out->arena, MOOR_WORKLOADS_MAX_BYTES);
    while (moor_results_next_listed(results, &cursor)) {
        count++;
    }
    /* calloc(0) can return NULL, which is not a lack of memory. */
    struct member *members = calloc(count + 1, sizeof *members);
    out->items = calloc(count + 1, sizeof *out->items);
    int status = members != NULL && out->items != NULL
                     ? list_members(members, results, by, &out->arena)
                     : -1;
    if (status == 0) {
        qsort(members, count, sizeof *members, by_name);
        merge(out, members, count);
        qsort(out->items, out->count, sizeof *out->items, by_size);
    }
    free(members);
    if (status != 0) {
        moor_groups_release(out);
    }
    return status;
}

void moor_groups_release(struct moor_groups *groups)
{
    free(groups->items);
    moor_arena_release(&groups->arena);
    *groups = (struct moor_groups){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scan/workloads.h"
#include "policy/base/array_size.h"

#include <stdlib.h>

#define FIRST_SLOTS 1024

void moor_workloads_init(struct moor_workloads *workloads)
{
    *workloads = (struct moor_workloads){0};
    moor_arena_init(&workloads->arena, MOOR_WORKLOADS_MAX_BYTES);
}

void moor_workloads_release(struct moor_workloads *workloads)
{
    free(workloads->slots);
    free(workloads->roots);
    moor_arena_release(&workloads->arena);
}

/* --- the table -------------------------------------------------------------------------------- */

/* FNV-1a over all parts, separated by a byte that no name contains. */
static uint64_t hash_of(const struct moor_workload_key *key)
{
    /* The group is part of the key: a custom kind can have the name of a built-in one. */
    const struct moor_slice parts[] = {key->namespace, key->name, key->kind, key->group};
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(parts); i++) {
        for (size_t j = 0; j < parts[i].len; j++) {
            hash = (hash ^ (unsigned char)parts[i].ptr[j]) * UINT64_C(0x100000001b3);
        }
        hash = (hash ^ 0xFF) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static bool is_same(const struct moor_workload_key *left, const struct moor_workload_key *right)
{
    return moor_slice_equal(left->name, right->name) &&
           moor_slice_equal(left->namespace, right->namespace) &&
           moor_slice_equal(left->kind, right->kind) && moor_slice_equal(left->group, right->group);
}

/* Moves all workloads to another array of slots. */
static void move_all(struct moor_workload **slots, size_t slot_count,
                     const struct moor_workloads *workloads)
{
    for (size_t i = 0; i < workloads->slot_count; i++) {
        struct moor_workload *next = NULL;
        for (struct moor_workload *at = workloads->slots[i]; at != NULL; at = next) {
            /*
             * The number of slots is always a power of two, so that a mask replaces the division.
             */
            struct moor_workload **slot = &slots[hash_of(&at->key) & (slot_count - 1)];
            next = at->next;
            at->next = *slot;
            *slot = at;
        }
    }
}

/* Doubles the slots when there are as many workloads, so that a slot holds about one. */
static int grow(struct moor_workloads *workloads)
{
    if (workloads->count < workloads->slot_count) {
        return 0;
    }
    size_t wanted = workloads->slot_count == 0 ? FIRST_SLOTS : workloads->slot_count * 2;
    struct moor_workload **slots = calloc(wanted, sizeof(struct moor_workload *));
    if (slots == NULL) {
        return -1;
    }
    move_all(slots, wanted, workloads);
    free(workloads->slots);
    workloads->slots = slots;
    workloads->slot_count = wanted;
    return 0;
}

static int copy(struct moor_arena *arena, struct moor_slice *text)
{
    return text->len == 0 ? 0 : moor_arena_copy(arena, text, *text, NULL);
}

static int copy_key(struct moor_arena *arena, struct moor_workload_key *key)
{
    return copy(arena, &key->group) != 0 || copy(arena, &key->kind) != 0 ||
                   copy(arena, &key->namespace) != 0 || copy(arena, &key->name) != 0
               ? -1
               : 0;
}

/* A hash table, because each Pod looks for its owner and a cluster has many of both. */
struct moor_workload *moor_workloads_get(struct moor_workloads *workloads,
                                         const struct moor_workload_key *key)
{
    if (grow(workloads) != 0) {
        return NULL;
    }
    struct moor_workload **slot = &workloads->slots[hash_of(key) & (workloads->slot_count - 1)];
    for (struct moor_workload *at = *slot; at != NULL; at = at->next) {
        if (is_same(&at->key, key)) {
            return at;
        }
    }
    struct moor_workload *made = moor_arena_alloc(&workloads->arena, sizeof *made);
    if (made == NULL) {
        return NULL;
    }
    made->key = *key;
    /*
     * The workload enters the table only with its own texts: the caller's are those of a page that
     * is released.
     */
    if (copy_key(&workloads->arena, &made->key) != 0) {
        return NULL;
    }
    made->next = *slot;
    *slot = made;
    workloads->count++;
    return made;
}

/* Users can write any owner, so a circle or a long chain must not stall root_of(). */
void moor_workloads_own(struct moor_workload *workload, struct moor_workload *owner)
{
    const struct moor_workload *above = owner;
    for (size_t i = 0; above != NULL && above != workload; i++, above = above->owner) {
        if (i == MOOR_WORKLOADS_MAX_OWNERS) {
            return;
        }
    }
    /* An owner that would close a circle is ignored, and the workload is reported on its own. */
    if (above == NULL) {
        workload->owner = owner;
    }
}

/* --- images ----------------------------------------------------------------------------------- */

static struct moor_workload_image *find_image(const struct moor_workload *workload,
                                              const struct moor_workload_image *wanted)
{
    for (struct moor_workload_image *at = workload->images; at != NULL; at = at->next) {
        /*
         * The path does not count: the same container has another path in a Deployment than in its
         * Pods.
         */
        if (at->field == wanted->field && moor_slice_equal(at->container, wanted->container) &&
            moor_slice_equal(at->image, wanted->image)) {
            return at;
        }
    }
    return NULL;
}

/* Images are appended, so that they keep the order of the object. */
static void append_image(struct moor_workload *workload, struct moor_workload_image *image)
{
    struct moor_workload_image **end = &workload->images;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = image;
    image->next = NULL;
}

struct moor_workload_image *moor_workloads_image(struct moor_workloads *workloads,
                                                 struct moor_workload *workload,
                                                 const struct moor_workload_image *wanted)
{
    struct moor_arena *arena = &workloads->arena;
    struct moor_workload_image *image = find_image(workload, wanted);
    if (image != NULL) {
        return image;
    }
    image = moor_arena_alloc(arena, sizeof *image);
    if (image == NULL) {
        return NULL;
    }
    *image = *wanted;
    /* Zero is `allow`, from which moor_scan_decisions_merge() can only become more severe. */
    memset(image->decisions, 0, sizeof image->decisions);
    if (copy(arena, &image->container) != 0 || copy(arena, &image->image) != 0 ||
        copy(arena, &image->path) != 0 || copy(arena, &image->environment) != 0 ||
        copy(arena, &image->reason) != 0 || copy(arena, &image->repair) != 0) {
        return NULL;
    }
    append_image(workload, image);
    return image;
}

/* The object itself has the path that a user can edit; a Pod of it has only that of the copy. */
int moor_workloads_settle(struct moor_workloads *workloads, struct moor_workload_image *image,
                          const struct moor_workload_image *own)
{
    /* The image is changed only after all copies, so that a lack of memory leaves it whole. */
    struct moor_workload_image settled = *image;
    settled.path = own->path;
    settled.reason = own->reason;
    settled.repair = own->repair;
    settled.has_own_path = true;
    if (copy(&workloads->arena, &settled.path) != 0 ||
        copy(&workloads->arena, &settled.reason) != 0 ||
        copy(&workloads->arena, &settled.repair) != 0) {
        return -1;
    }
    *image = settled;
    return 0;
}

void moor_scan_decisions_merge(struct moor_scan_decisions *to,
                               const struct moor_scan_decisions *from)
{
    for (size_t i = 0; i < MOOR_SCAN_WHEN_COUNT; i++) {
        to->at[i] = from->at[i] > to->at[i] ? from->at[i] : to->at[i];
    }
}

enum moor_decision moor_scan_decisions_worst(const struct moor_scan_decisions *decisions)
{
    enum moor_decision worst = MOOR_DECISION_ALLOW;
    for (size_t i = 0; i < MOOR_SCAN_WHEN_COUNT; i++) {
        worst = decisions->at[i] > worst ? decisions->at[i] : worst;
    }
    return worst;
}

/* --- folding ---------------------------------------------------------------------------------- */

static struct moor_workload *root_of(struct moor_workload *workload)
{
    while (workload->owner != NULL) {
        workload = workload->owner;
    }
    return workload;
}

/* The same image in several Pods is one image of their workload, with the most severe decisions. */
static void move_images(struct moor_workload *to, struct moor_workload *from)
{
    struct moor_workload_image *next = NULL;
    for (struct moor_workload_image *at = from->images; at != NULL; at = next) {
        next = at->next;
        struct moor_workload_image *known = find_image(to, at);
        if (known == NULL) {
            /* The path is that of the Pod, which a user cannot edit. */
            at->has_own_path = false;
            append_image(to, at);
            continue;
        }
        for (size_t i = 0; i < MOOR_WORKLOADS_POLICIES; i++) {
            moor_scan_decisions_merge(&known->decisions[i], &at->decisions[i]);
        }
    }
    from->images = NULL;
}

int moor_workloads_compare(struct moor_slice left, struct moor_slice right)
{
    size_t shorter = left.len < right.len ? left.len : right.len;
    int order = shorter > 0 ? memcmp(left.ptr, right.ptr, shorter) : 0;
    return order != 0 ? order : (left.len > right.len) - (left.len < right.len);
}

static int by_name(const void *left, const void *right)
{
    const struct moor_workload_key *a = &(*(const struct moor_workload *const *)left)->key;
    const struct moor_workload_key *b = &(*(const struct moor_workload *const *)right)->key;
    const int orders[] = {moor_workloads_compare(a->namespace, b->namespace),
                          moor_workloads_compare(a->kind, b->kind),
                          moor_workloads_compare(a->name, b->name),
                          moor_workloads_compare(a->group, b->group)};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(orders); i++) {
        if (orders[i] != 0) {
            return orders[i];
        }
    }
    return 0;
}

/* Pods and ReplicaSets are counted for the workload that a user changes: their outermost owner. */
static void fold_slot(struct moor_workloads *workloads, struct moor_workload *first)
{
    for (struct moor_workload *at = first; at != NULL; at = at->next) {
        struct moor_workload *root = root_of(at);
        if (root != at) {
            root->pods += at->pods;
            root->remade += at->remade;
            at->pods = 0;
            at->remade = 0;
            move_images(root, at);
        } else {
            workloads->roots[workloads->root_count++] = at;
        }
    }
}

int moor_workloads_fold(struct moor_workloads *workloads, struct moor_error *err)
{
    /*
     * Folding can run again after more objects; a folded workload has no Pods and images left to
     * move.
     */
    free(workloads->roots);
    workloads->root_count = 0;
    workloads->roots = calloc(workloads->count + 1, sizeof(struct moor_workload *));
    if (workloads->roots == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu workloads",
                              workloads->count);
    }
    for (size_t i = 0; i < workloads->slot_count; i++) {
        fold_slot(workloads, workloads->slots[i]);
    }
    qsort(workloads->roots, workloads->root_count, sizeof(struct moor_workload *), by_name);
    return 0;
}

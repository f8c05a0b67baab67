/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/build_lookup.h"

/* The items of an index while they are collected; ranks must ascend. */
struct items {
    struct moor_glob_item *items;
    size_t count;
};

static int take_room(struct items *out, size_t count, struct moor_arena *arena,
                     struct moor_error *err)
{
    *out = (struct items){.items = moor_arena_alloc(arena, count * sizeof *out->items)};
    return out->items != NULL
               ? 0
               : moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to look %zu globs up", count);
}

static void add_item(struct items *items, const struct moor_glob *glob, size_t rank, size_t number)
{
    items->items[items->count++] =
        (struct moor_glob_item){.glob = glob, .rank = (uint32_t)rank, .number = (uint32_t)number};
}

static void add_list(struct items *items, const struct moor_glob_list *list, size_t rank)
{
    for (size_t i = 0; i < list->count; i++) {
        add_item(items, &list->items[i], rank, i);
    }
}

static int finish(struct moor_glob_index *out, const struct items *items, struct moor_arena *arena,
                  struct moor_error *err)
{
    return moor_glob_index_init(out, items->items, items->count, arena, err);
}

static int index_repositories(struct moor_policy *policy, struct moor_error *err)
{
    struct items items;
    size_t count = 0;
    for (size_t i = 0; i < policy->repository_count; i++) {
        count += policy->repositories[i].match.count;
    }
    if (take_room(&items, count, &policy->arena, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < policy->repository_count; i++) {
        add_list(&items, &policy->repositories[i].match, i);
    }
    return finish(&policy->repository_index, &items, &policy->arena, err);
}

static int index_images(struct moor_environment *environment, struct moor_arena *arena,
                        struct moor_error *err)
{
    struct items items;
    size_t count = 0;
    for (size_t i = 0; i < environment->image_count; i++) {
        count += environment->images[i].match.count;
    }
    if (take_room(&items, count, arena, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < environment->image_count; i++) {
        add_list(&items, &environment->images[i].match, i);
    }
    return finish(&environment->image_index, &items, arena, err);
}

/* Appends the exemptions with this requirement, in the order of the file. */
static size_t append_exemptions(const struct moor_exemption **by_rank, size_t rank,
                                const struct moor_policy *policy, enum moor_requirement requirement)
{
    for (size_t i = 0; i < policy->exemption_count; i++) {
        if (policy->exemptions[i].enforce == requirement) {
            by_rank[rank++] = &policy->exemptions[i];
        }
    }
    return rank;
}

/* Weakest requirement first, so that the lowest rank is the exemption to use. */
static size_t rank_exemptions(const struct moor_exemption **by_rank,
                              const struct moor_policy *policy)
{
    size_t rank = 0;
    for (enum moor_requirement requirement = MOOR_REQUIREMENT_IGNORE;
         requirement <= MOOR_REQUIREMENT_DIGEST; requirement++) {
        rank = append_exemptions(by_rank, rank, policy, requirement);
    }
    return rank;
}

static void add_exemption(struct moor_exemption_index *index, struct items *names,
                          struct items *texts, size_t rank)
{
    const struct moor_image_glob_list *images = &index->by_rank[rank]->images;
    for (size_t i = 0; i < images->count; i++) {
        const struct moor_image_glob *glob = &images->items[i];
        /* Both indexes share one numbering, so that a result of either one leads to its glob. */
        size_t number = names->count + texts->count;
        index->globs[number] = glob;
        /* An invalid reference has no name, and is found by its whole text. */
        add_item(glob->is_invalid ? texts : names, &glob->name, rank, number);
    }
    /* Without images, an exemption covers all of them, and no index would find it. */
    if (images->count == 0) {
        index->unlisted[index->unlisted_count++] = (uint32_t)rank;
    }
}

static int index_exemptions(struct moor_policy *policy, struct moor_error *err)
{
    struct moor_exemption_index *index = &policy->exemption_index;
    struct moor_arena *arena = &policy->arena;
    struct items names;
    struct items texts;
    size_t globs = 0;
    size_t count = policy->exemption_count;
    for (size_t i = 0; i < count; i++) {
        globs += policy->exemptions[i].images.count;
    }
    index->by_rank = moor_arena_alloc(arena, count * sizeof(struct moor_exemption *));
    index->unlisted = moor_arena_alloc(arena, count * sizeof *index->unlisted);
    index->globs = moor_arena_alloc(arena, globs * sizeof(struct moor_image_glob *));
    if (index->by_rank == NULL || index->unlisted == NULL || index->globs == NULL ||
        take_room(&names, globs, arena, err) != 0 || take_room(&texts, globs, arena, err) != 0) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to look exemptions up");
    }
    count = rank_exemptions(index->by_rank, policy);
    for (size_t rank = 0; rank < count; rank++) {
        add_exemption(index, &names, &texts, rank);
    }
    /* An image is in one of two indexes: a valid reference is never compared with invalid texts. */
    return finish(&index->names, &names, arena, err) != 0 ||
                   finish(&index->texts, &texts, arena, err) != 0
               ? -1
               : 0;
}

int moor_build_lookups(struct moor_policy *policy, struct moor_error *err)
{
    for (size_t i = 0; i < policy->environment_count; i++) {
        if (index_images(&policy->environments[i], &policy->arena, err) != 0) {
            return -1;
        }
    }
    return index_repositories(policy, err) != 0 || index_exemptions(policy, err) != 0 ? -1 : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unnamed - collects the operators that a scan finds and the policy does not name.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   in the caller's arena, which must outlive the list.
 */
#ifndef MOOR_CMD_SCAN_UNNAMED_H
#define MOOR_CMD_SCAN_UNNAMED_H

#include "cmd/scan/operators.h"
#include "policy/object/object.h"

/* An operator whose requests the policy would deny. */
struct moor_scan_operator {
    struct moor_slice owner_group; /* owner: the custom resource that it manages */
    struct moor_slice owner_kind;
    struct moor_operators_answer found;
    size_t pods;  /* Pods that it could not re-create */
    size_t makes; /* other objects that it could not re-create */
};

/* A list of operators. */
struct moor_unnamed {
    struct moor_scan_operator *items;
    size_t count;
    size_t room;
};

/*
 * Returns the entry for the owner of `object` with this answer, which is added if it is missing.
 * Returns NULL if memory is short.
 */
struct moor_scan_operator *moor_unnamed_get(
    struct moor_unnamed *unnamed, struct moor_arena *arena, const struct moor_object *object,
    const struct moor_operators_answer *answer) MOOR_MUST_CHECK;

/* Sorts by the owner's group and kind, then by the accounts. */
void moor_unnamed_sort(struct moor_unnamed *unnamed);

#endif

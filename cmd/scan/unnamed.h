/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unnamed - the operators that a scan finds and the policy does not name.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   in the caller's arena.
 */
#ifndef MOOR_CMD_SCAN_UNNAMED_H
#define MOOR_CMD_SCAN_UNNAMED_H

#include "cmd/scan/operators.h"
#include "policy/object/object.h"

/* An operator that the policy does not name, and that would be refused what it makes. */
struct moor_scan_operator {
    struct moor_slice owner_group; /* of the custom resource that it works for */
    struct moor_slice owner_kind;
    struct moor_operators_answer found;
    size_t pods;  /* that would not come back */
    size_t makes; /* other objects that it could not make again */
};

struct moor_unnamed {
    struct moor_scan_operator *items;
    size_t count;
    size_t room;
};

/* The entry of the owner of `object` with this answer, made if there is none; NULL if memory is
 * out. */
struct moor_scan_operator *moor_unnamed_get(
    struct moor_unnamed *unnamed, struct moor_arena *arena, const struct moor_object *object,
    const struct moor_operators_answer *answer) MOOR_MUST_CHECK;

/* Sorts by the owner's group and kind, then by the accounts. */
void moor_unnamed_sort(struct moor_unnamed *unnamed);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_ecr - what Amazon ECR keeps from being overwritten, as the `repositories` of a policy.
 *
 * Reads what `aws ecr describe-repositories` prints (API_Repository: repositoryUri,
 * imageTagMutability and imageTagMutabilityExclusionFilters).  Repositories with the same settings
 * share an entry:
 *
 *   IMMUTABLE                  otherwise: build
 *   IMMUTABLE_WITH_EXCLUSION   its filters under rolling, otherwise: build
 *   MUTABLE_WITH_EXCLUSION     its filters under build
 *   MUTABLE, or nothing said   no entry, a comment: tags are evaluated by their form
 *
 * AWS does not say whether filters care for case: where a match makes a tag rolling they do not.
 *
 * Threads:  one at a time.
 * Memory:   borrows from the JSON; owns an array and an arena.
 * Limits:   anything unknown is refused: a setting that is misread would make tags trusted.
 */
#ifndef MOOR_CMD_IMPORT_ECR_H
#define MOOR_CMD_IMPORT_ECR_H

#include <jansson.h>

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdio.h>

#define MOOR_ECR_MAX_FILTERS      5   /* of a repository, as AWS has it */
#define MOOR_ECR_MAX_FILTER_BYTES 128 /* the same */

struct moor_ecr_repository;

struct moor_ecr {
    struct moor_arena arena;
    struct moor_ecr_repository *repositories; /* sorted by settings, then by name */
    size_t count;
};

void moor_ecr_init(struct moor_ecr *out);
void moor_ecr_release(struct moor_ecr *ecr);

/* Reads `{"repositories": [...]}`, or the list alone, which must outlive `out`. */
int moor_ecr_read(struct moor_ecr *out, const json_t *root, struct moor_error *err) MOOR_MUST_CHECK;

/* Writes the entries as YAML. */
void moor_ecr_write(FILE *out, const struct moor_ecr *ecr);

#endif

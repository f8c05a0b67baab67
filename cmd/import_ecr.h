/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_ecr - converts the tag settings of Amazon ECR to the `repositories` of a policy.
 *
 * The input is the output of `aws ecr describe-repositories` (API_Repository: repositoryUri,
 * imageTagMutability and imageTagMutabilityExclusionFilters).  Repositories with the same settings
 * share an entry:
 *
 *   IMMUTABLE                  otherwise: build
 *   IMMUTABLE_WITH_EXCLUSION   the filters under rolling, otherwise: build
 *   MUTABLE_WITH_EXCLUSION     the filters under build
 *   MUTABLE, or no mode        no entry, only a comment: tags are classified by their form
 *
 * AWS does not document whether filters ignore case.  Filters for rolling tags ignore it here.
 *
 * Threads:  one at a time.
 * Memory:   borrows from the JSON; owns an array and an arena.
 * Limits:   unknown settings are an error, because a misread setting would make tags trusted.
 */
#ifndef MOOR_CMD_IMPORT_ECR_H
#define MOOR_CMD_IMPORT_ECR_H

#include <jansson.h>

#include "policy/base/arena.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdio.h>

#define MOOR_ECR_MAX_FILTERS      5   /* per repository, a limit of AWS */
#define MOOR_ECR_MAX_FILTER_BYTES 128 /* per filter, a limit of AWS */

struct moor_ecr_repository;

/* The repositories of one answer. */
struct moor_ecr {
    struct moor_arena arena;
    struct moor_ecr_repository *repositories; /* sorted by settings, then by name */
    size_t count;
};

/* Prepares an empty list. */
void moor_ecr_init(struct moor_ecr *out);
void moor_ecr_release(struct moor_ecr *ecr);

/*
 * Reads `{"repositories": [...]}` or the list alone.  `root` must outlive `out`.  Returns -1 with
 * the repository and the reason in `err` if a setting is unknown or the list is empty or
 * incomplete.
 */
int moor_ecr_read(struct moor_ecr *out, const json_t *root, struct moor_error *err) MOOR_MUST_CHECK;

/* Writes the entries to `out` as YAML.  Write errors are left to the stream. */
void moor_ecr_write(FILE *out, const struct moor_ecr *ecr);

#endif

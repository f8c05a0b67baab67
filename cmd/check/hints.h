/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hints - tells about findings that a kustomization decides, if it is not built.
 *
 * An overlay can replace the image of its base.  It can also set the namespace, and the namespace
 * chooses the environment.
 *
 * Threads:  one report, one thread at a time.
 * Memory:   the report owns the texts.
 */
#ifndef MOOR_CMD_CHECK_HINTS_H
#define MOOR_CMD_CHECK_HINTS_H

#include "cmd/check/kustomization.h"
#include "cmd/report/report.h"

/*
 * Adds a hint to the findings whose image or namespace a kustomization changes.  The kustomizations
 * must be linked.  Without `by_namespace`, the namespace does not matter.
 */
void moor_hints_add(struct moor_kustomizations *list, struct moor_report *report,
                    bool by_namespace);

#endif

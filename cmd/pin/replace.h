/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replace - replaces the content of an existing file completely, or leaves the file unchanged.
 *
 * In contrast to report/whole_file.h, the file belongs to the user and was read before: it is
 * replaced only if it still has the bytes that were read, and never written directly.  The content
 * is written to a temporary file in the same directory and reaches the disk before the rename, so
 * that neither a full disk nor a killed command damages the file.  The mode is kept, and the owner
 * if the user may set it; access control lists and extended attributes are not kept.
 *
 * Threads:  main thread only.
 * Memory:   one name and, for the comparison, the content of the file.
 */
#ifndef MOOR_CMD_PIN_REPLACE_H
#define MOOR_CMD_PIN_REPLACE_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

/*
 * Replaces the file at `path`, whose content is `before`, by `after`.  A link at the end of the
 * path is followed.  Returns -1 with the reason, and leaves the file unchanged, if it was
 * changed in the meantime, is read-only or has other hard links, or if writing failed.
 */
int moor_pin_replace(const char *path, struct moor_slice before, struct moor_slice after,
                     struct moor_error *err) MOOR_MUST_CHECK;

#endif

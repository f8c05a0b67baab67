/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reference - splits a container image reference into its parts.
 *
 * Follows the grammar and normalisation of distribution/reference v0.6 as Kubernetes applies them
 * (ParseNormalizedNamed); what it refuses beyond that is listed at moor_reference_parse().
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing; the parts borrow from the text or from constants.
 * Limits:   a text over MOOR_REFERENCE_MAX_BYTES is refused before it is parsed.
 */
#ifndef MOOR_POLICY_IMAGE_REFERENCE_H
#define MOOR_POLICY_IMAGE_REFERENCE_H

#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

#define MOOR_REFERENCE_MAX_BYTES 4096

struct moor_reference {
    struct moor_slice
        domain; /* as written; `docker.io` if the text names none, empty for `my_registry.io/app` */
    struct moor_slice path;   /* as written, without the implied `library/` */
    struct moor_slice tag;    /* empty if absent */
    struct moor_slice digest; /* `algorithm:hex`, empty if absent */
    struct moor_slice
        repository;       /* domain and path as the text writes them: what a repair repeats */
    bool implies_library; /* docker.io's name has `library/` before the path */
};

/*
 * Parses `text` into `*out`, which borrows from it.  On failure returns -1, says why in `err` in a
 * few words ("upper-case repository"), and leaves `*out` untouched.
 *
 * Refused beyond the grammar: leading or trailing blanks, `sha256:`, `sha384:` or `sha512:` before
 * hex of any length without domain or path (a node-local image ID that containerd would run), URL
 * schemes such as `ko://`, and texts over the limit.
 */
int moor_reference_parse(struct moor_reference *out, struct moor_slice text,
                         struct moor_error *err) MOOR_MUST_CHECK;

#endif

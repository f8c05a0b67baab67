/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reference - splits a container image reference into its parts.
 *
 * Follows the grammar and normalization of distribution/reference v0.6 as Kubernetes applies them
 * (ParseNormalizedNamed).  moor_reference_parse() lists the texts that it rejects beyond that.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing; the parts borrow from the text or from constants.
 * Limits:   a text over MOOR_REFERENCE_MAX_BYTES is rejected before it is parsed.
 */
#ifndef MOOR_POLICY_IMAGE_REFERENCE_H
#define MOOR_POLICY_IMAGE_REFERENCE_H

#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

/* Maximum length of a reference in bytes. */
#define MOOR_REFERENCE_MAX_BYTES 4096

/* The parts of a valid reference. */
struct moor_reference {
    /* as written; `docker.io` if the text has no registry, empty for `my_registry.io/app` */
    struct moor_slice domain;
    struct moor_slice path;       /* as written, without the implied `library/` */
    struct moor_slice tag;        /* empty if absent */
    struct moor_slice digest;     /* `algorithm:hex`, empty if absent */
    struct moor_slice repository; /* domain and path as written, for suggestions in messages */
    bool implies_library;         /* the name on docker.io has `library/` before the path */
};

/*
 * Parses `text` into `*out`, which borrows from it.  On failure returns -1, gives the reason in
 * `err` in a few words ("upper-case repository"), and leaves `*out` unchanged.
 *
 * Rejects more than the grammar does: leading and trailing blanks; URL schemes such as `ko://`;
 * texts over the limit; and node-local image IDs, which containerd would run: `sha256:`, `sha384:`
 * or `sha512:` before hex digits of any number, without domain or path.
 */
int moor_reference_parse(struct moor_reference *out, struct moor_slice text,
                         struct moor_error *err) MOOR_MUST_CHECK;

#endif

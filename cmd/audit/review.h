/* SPDX-License-Identifier: Apache-2.0 */
/*
 * review - writes the AdmissionReview that the API server would send for an audit event.
 *
 * The webhook's own decoder reads the review, so that an event is evaluated like the request from
 * which it was made.  Members that no decision depends on are absent.  The old object is absent
 * too, because an event does not have it; see old_objects.h.
 *
 *   object     the stored object if the write succeeded, else the object of the request
 *   kind       that of the object, or of the resource
 *   operation  by the verb and the subresource; a patch that was answered with 201 is a CREATE
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 * Limits:   the maximum of the buffer.
 */
#ifndef MOOR_CMD_AUDIT_REVIEW_H
#define MOOR_CMD_AUDIT_REVIEW_H

#include "cmd/audit/event.h"
#include "policy/base/buf.h"

/* The kind of request, by the verb of the event. */
enum moor_review_verb {
    MOOR_REVIEW_READ,   /* get, list, watch and others, which admission never sees */
    MOOR_REVIEW_CREATE, /* the rest are writes and connections */
    MOOR_REVIEW_UPDATE,
    MOOR_REVIEW_PATCH,
    MOOR_REVIEW_DELETE,
    MOOR_REVIEW_CONNECT
};

/* An event prepared for a review. */
struct moor_review_source {
    const struct moor_event *event;
    enum moor_review_verb verb;
    struct moor_slice object; /* JSON of the new object, or empty if the event does not have it */
    struct moor_slice group;  /* group, kind and name of the object as it tells them */
    struct moor_slice kind;
    struct moor_slice name; /* empty if it was generated and the object was not stored */
};

/*
 * Prepares `event`.  Returns -1 with `err` if its object is not valid JSON or its texts do not fit
 * the arena.
 */
int moor_review_prepare(struct moor_review_source *out, const struct moor_event *event,
                        struct moor_arena *arena, struct moor_error *err) MOOR_MUST_CHECK;

/* Returns whether the request updates an object, which may therefore have old images. */
bool moor_review_is_update(const struct moor_review_source *source);

/* Appends the review; moor_buf_check() tells whether it fits. */
void moor_review_append(struct moor_buf *out, const struct moor_review_source *source);

/* Appends the key of the object for struct moor_old_objects. */
void moor_review_append_key(struct moor_buf *out, const struct moor_review_source *source);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sites - the images of one file that are to be pinned, and the bytes that would change for each.
 *
 * A site is an image of the file.  It has an edit, or the reason why it is left as it is.  An image
 * that is written once and used by several aliases is several sites with one edit.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   texts are in the list's arena; `text` of a scalar borrows from the source.
 * Limits:   MOOR_PIN_MAX_BYTES for the texts of one file.
 */
#ifndef MOOR_CMD_PIN_SITES_H
#define MOOR_CMD_PIN_SITES_H

#include "cmd/check/observer.h"
#include "cmd/pin/choice.h"
#include "cmd/pin/scalar.h"
#include "policy/base/arena.h"

#define MOOR_PIN_MAX_BYTES ((size_t)256 * 1024 * 1024)
#define MOOR_PIN_NO_STRING SIZE_MAX

/* The part of a reference that the bytes of a site are. */
enum moor_pin_part {
    MOOR_PIN_REFERENCE, /* the reference, after `docker://` or `NAME=` in some formats */
    MOOR_PIN_TAG,       /* the tag alone */
    MOOR_PIN_DIGEST     /* the empty member for a digest, beside the tag */
};

/* One image. */
struct moor_pin_site {
    /* The value whose bytes change: its document, the string that contains it, its offset there. */
    size_t document;
    size_t string; /* MOOR_PIN_NO_STRING: it is not in a string */
    size_t offset;
    struct moor_position value;    /* position of that value */
    struct moor_position position; /* position of the image, for messages */
    struct moor_slice image;       /* as it was evaluated */
    enum moor_pin_part part;
    struct moor_pin_scalar scalar;
    struct moor_slice reason; /* why it is left; empty if it has an edit */
    /* The edit: the first `keep` bytes of the scalar stay, and `added` follows them. */
    size_t keep;
    struct moor_slice added;
    bool is_quoted;           /* the scalar gets quotes, because YAML would read a number */
    struct moor_slice pinned; /* the image after the edit */
    struct moor_slice note;   /* what the user should know about the digest, or empty */
    bool is_verified;         /* its value has the text of the edit */
};

/* The sites of a file. */
struct moor_pin_sites {
    struct moor_pin_choice choice;
    struct moor_arena arena;
    struct moor_buf text; /* scratch space */
    struct moor_pin_site *items;
    size_t count;
    size_t room;
    size_t pinned_before; /* images that have a digest */
    bool is_whole;        /* the file is a Dockerfile */
    bool failed;          /* memory was short */
};

void moor_pin_sites_init(struct moor_pin_sites *out, const struct moor_pin_choice *choice);
void moor_pin_sites_release(struct moor_pin_sites *sites);

/* Starts a new file. */
void moor_pin_sites_clear(struct moor_pin_sites *sites);

/* Adds the image if it is to be pinned, with its edit or the reason to leave it. */
void moor_pin_sites_add(struct moor_pin_sites *sites, const struct moor_observed_image *image);

/* Returns whether the site has an edit. */
bool moor_pin_site_has_edit(const struct moor_pin_site *site);

/* Leaves the site as it is, for this reason. */
void moor_pin_sites_leave(struct moor_pin_sites *sites, struct moor_pin_site *site,
                          const char *format, ...) MOOR_PRINTF(3, 4);

/* Appends the text of the scalar after the edit, without quotes. */
void moor_pin_site_append(struct moor_buf *out, const struct moor_pin_site *site);

/*
 * Sorts the sites by their position in the file, and leaves those that would give the same bytes
 * different texts.
 */
void moor_pin_sites_settle(struct moor_pin_sites *sites);

/* Appends `text`, the file, with the edits of all sites. */
void moor_pin_sites_apply(struct moor_buf *out, const struct moor_pin_sites *sites,
                          struct moor_slice text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * found - the images that were found in Helm values or in the entries of kustomizations.
 *
 * They are an object, so that the policy applies to them as to those of a Kubernetes object.  A
 * note for each image has everything else that a report needs.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   everything is in the caller's arena.
 * Limits:   MOOR_OBJECT_MAX_IMAGES images are kept, and further ones only counted.
 *           MOOR_VALUES_MAX_STRINGS strings are kept, and further ones count as unresolved.
 */
#ifndef MOOR_CMD_INPUT_VALUES_FOUND_H
#define MOOR_CMD_INPUT_VALUES_FOUND_H

#include "cmd/input/values/skipped.h"
#include "policy/object/object.h"

/* The repository in place of one that only the chart knows. */
#define MOOR_VALUES_CHART_DEFAULT "chart-default"

#define MOOR_VALUES_MAX_STRINGS   1024

/* A string of several lines that may be YAML with images, such as that of `extraDeploy`. */
struct moor_values_string {
    struct moor_slice json; /* in the text that was walked */
    size_t offset;          /* in the object, as of images */
    struct moor_slice path;
    struct moor_slice key; /* key of the string, or of the list that has it */
};

/* Facts about an image for the report, beside the policy's decision. */
struct moor_image_note {
    bool is_guessed;            /* only the names of keys tell that this is an image */
    bool is_text_required;      /* the tag must be a string: a number is an error */
    struct moor_slice rendered; /* the tag as Helm prints it if YAML reads a number; or empty */
    size_t tag_offset;          /* offset of that tag in the JSON */
    struct moor_slice tag_path; /* path of that tag */
    /* Where a digest can be written, for `pin`. */
    bool is_entry;        /* the entry of a kustomization, whose tag can contain a digest */
    size_t digest_offset; /* offset of the member for the digest, which is empty; 0: none */
    bool is_bare_digest;  /* that member has the hexadecimal digits only, as `sha256` */
};

/* The images. */
struct moor_values_found {
    struct moor_object object;
    struct moor_image_note *notes; /* one for each image of the object */
    size_t note_room;              /* internal: capacity of `notes` */
    struct moor_values_string *strings;
    size_t string_count;
    size_t string_room;               /* internal: capacity of `strings` */
    size_t unresolved;                /* images that another program fills in, and no images */
    size_t untagged;                  /* images whose tag is set elsewhere, as by the chart */
    struct moor_skipped_list skipped; /* where these two are */
};

/* Empties the list.  The arena's memory is not released. */
void moor_values_found_clear(struct moor_values_found *found);

/* Adds an image and its note.  Returns -1 if the arena is full. */
int moor_values_found_add(struct moor_values_found *found, const struct moor_object_image *image,
                          const struct moor_image_note *note, struct moor_arena *arena,
                          struct moor_error *err) MOOR_MUST_CHECK;

/* Counts an image that another program fills in.  Its position is lost if the arena is full. */
void moor_values_found_unresolved(struct moor_values_found *found, size_t offset,
                                  struct moor_arena *arena);

/* Counts an image whose tag is set elsewhere, in the same way. */
void moor_values_found_untagged(struct moor_values_found *found, size_t offset,
                                struct moor_arena *arena);

/* Adds a string.  Returns -1 if the arena is full. */
int moor_values_found_add_string(struct moor_values_found *found,
                                 const struct moor_values_string *string, struct moor_arena *arena,
                                 struct moor_error *err) MOOR_MUST_CHECK;

#endif

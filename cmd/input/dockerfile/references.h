/* SPDX-License-Identifier: Apache-2.0 */
/*
 * references - collects the stages of a Dockerfile and the texts that name a stage or an image.
 *
 * COPY can name a stage that follows, so the images are known only at the end of the file.
 *
 * Threads:  one file, one thread at a time.
 * Memory:   lives in the caller's arena.
 * Limits:   MOOR_DOCKERFILE_MAX_ITEMS stages, and as many texts.
 */
#ifndef MOOR_CMD_INPUT_DOCKERFILE_REFERENCES_H
#define MOOR_CMD_INPUT_DOCKERFILE_REFERENCES_H

#include "policy/base/arena.h"

#define MOOR_DOCKERFILE_MAX_ITEMS 4096

/* How far the file determines an image. */
enum moor_dockerfile_state {
    MOOR_DOCKERFILE_KNOWN,
    MOOR_DOCKERFILE_UNKNOWN, /* a variable has no value in this file, or a later build decides */
    MOOR_DOCKERFILE_TEMPLATE /* the text is a template, such as `{{ .Values.image }}` */
};

/* An image, which is neither a stage of the same file nor `scratch`. */
struct moor_dockerfile_image {
    struct moor_slice image; /* with the values of its variables */
    struct moor_slice where; /* the instruction: `FROM`, `COPY --from` */
    struct moor_slice stage; /* the name after AS of its stage, or empty */
    size_t offset;           /* position of the image in the file, in bytes */
    enum moor_dockerfile_state state;
};

/* How a text can name a stage of the same file instead of an image. */
enum moor_dockerfile_use {
    MOOR_DOCKERFILE_NEVER,    /* `# syntax` */
    MOOR_DOCKERFILE_EARLIER,  /* FROM: a stage before it, which add() has excluded */
    MOOR_DOCKERFILE_BY_NAME,  /* RUN --mount: any stage */
    MOOR_DOCKERFILE_BY_NUMBER /* COPY --from: any stage, or its number */
};

/* A text that names an image or a stage. */
struct moor_dockerfile_reference {
    struct moor_dockerfile_image image;
    enum moor_dockerfile_use use;
    bool is_trigger; /* after ONBUILD: a build of another file can have the stage */
};

/* The stages and texts of one file. */
struct moor_dockerfile_references {
    struct moor_arena *arena;
    struct moor_slice *stages; /* their names, some empty */
    size_t stage_count;
    size_t stage_room;
    struct moor_dockerfile_reference *items;
    size_t count;
    size_t room;
};

/*
 * Adds a stage with this name, which may be empty.  Returns -1 with MOOR_ERROR_MEMORY or
 * MOOR_ERROR_LIMIT.
 */
int moor_dockerfile_references_add_stage(struct moor_dockerfile_references *references,
                                         struct moor_slice name,
                                         struct moor_error *err) MOOR_MUST_CHECK;

/* Adds a copy of a reference and its image.  Returns -1 as moor_dockerfile_references_add_stage().
 */
int moor_dockerfile_references_add(struct moor_dockerfile_references *references,
                                   const struct moor_dockerfile_reference *reference,
                                   struct moor_error *err) MOOR_MUST_CHECK;

/* Returns whether a stage that was added before has this name, whatever its case. */
bool moor_dockerfile_references_is_stage(const struct moor_dockerfile_references *references,
                                         struct moor_slice name);

/*
 * Writes the references that are images, now that every stage is known, to `*out`.  Writes to
 * `malformed` which number of a stage the file does not have.  Returns -1 if memory is short.
 */
int moor_dockerfile_references_settle(struct moor_dockerfile_image **out, size_t *count,
                                      const struct moor_dockerfile_references *references,
                                      struct moor_error *malformed,
                                      struct moor_error *err) MOOR_MUST_CHECK;

#endif

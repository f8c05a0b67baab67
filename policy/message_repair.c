/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/message_repair.h"

#include "policy/base/array_size.h"
#include "policy/base/escape.h"
#include "policy/image/tag_version.h"
#include "policy/rules/requirements.h"

#define LONGEST_PATTERN 128
#define FULL_PARTS      3 /* parts of a version, unless the repository's entry has another number */

struct context {
    struct moor_buf *out;
    const struct moor_image_verdict *image;
    enum moor_repair_form form;
    size_t max_image;
};

/* --- repairs without another tag -------------------------------------------------------------- */

/* Repairs of annotations whose value is not a complete reference; NULL: as for an image. */
static const struct {
    const char *invalid;
    const char *weak;
} annotation_repairs[] = {
    [MOOR_ANNOTATION_IMAGE] = {NULL, NULL},
    [MOOR_ANNOTATION_NAME] = {NULL, NULL},
    [MOOR_ANNOTATION_REPOSITORY] = {"write the repository without a tag and a digest",
                                    "remove the annotation, and configure the image in the "
                                    "injector"},
    [MOOR_ANNOTATION_TAG] = {NULL, NULL},
    [MOOR_ANNOTATION_JSON] = {"define the container or volume in the Pod template instead", NULL},
};

/* Returns the complete repair if neither another tag nor a digest helps, else NULL. */
static const char *fixed_repair(const struct moor_image_verdict *image)
{
    const struct moor_annotation *annotation = image->image->annotation;
    bool is_invalid = image->level == MOOR_LEVEL_NONE;
    const char *repair = annotation == NULL ? NULL
                         : is_invalid       ? annotation_repairs[annotation->form].invalid
                                            : annotation_repairs[annotation->form].weak;
    if (repair != NULL) {
        return repair;
    }
    if (image->operator.len> 0) {
        return image->image->form == MOOR_IMAGE_PARTIAL ? "set both repository and tag"
                                                        : "write the image itself";
    }
    if (image->class == MOOR_CLASS_PLACEHOLDER) {
        return "set the image, or correct the webhook that replaces the placeholder";
    }
    return is_invalid ? "use the form [<registry>/]<repository>:<tag> or "
                        "[<registry>/]<repository>@sha256:<digest>"
                      : NULL;
}

/* --- a better tag ----------------------------------------------------------------------------- */

enum hint {
    HINT_NONE, /* no tag meets the requirement */
    HINT_PATTERN,
    HINT_VERSION,
    HINT_COMMIT
};

/* The first pattern of the entry whose tags meet the requirement; empty if there is none. */
static struct moor_slice find_pattern(const struct moor_repository *entry,
                                      enum moor_requirement requirement)
{
    const struct moor_pattern_list *patterns = &entry->patterns[MOOR_PATTERNS_BUILD];
    if (patterns->count == 0 && requirement != MOOR_REQUIREMENT_BUILD) {
        patterns = &entry->patterns[MOOR_PATTERNS_RELEASE];
    }
    return patterns->count > 0 ? patterns->items[0].text : (struct moor_slice){0};
}

/* Docker's official images have tags of releases only, so no tag of theirs identifies a build. */
static bool is_official(const struct moor_reference *reference)
{
    return reference->implies_library ||
           (moor_slice_is(reference->domain, "docker.io") &&
            moor_slice_starts_with(reference->path, MOOR_SLICE("library/")));
}

static enum hint find_hint(const struct moor_image_verdict *image)
{
    const struct moor_repository *entry = image->repair.entry;
    bool needs_build = image->requirement == MOOR_REQUIREMENT_BUILD;
    if (image->requirement == MOOR_REQUIREMENT_DIGEST || image->repair.by == MOOR_REPAIR_DIGEST ||
        (needs_build && is_official(&image->reference))) {
        return HINT_NONE;
    }
    if (entry == NULL || entry->otherwise == MOOR_LEVEL_NONE) {
        return needs_build ? HINT_COMMIT : HINT_VERSION;
    }
    /* The entry decides about all other tags, and leaves nothing to their form. */
    if (moor_level_satisfies(entry->otherwise, image->requirement)) {
        return HINT_VERSION;
    }
    if (find_pattern(entry, image->requirement).len > 0) {
        return HINT_PATTERN;
    }
    return entry->version_parts > 0 && !needs_build ? HINT_VERSION : HINT_NONE;
}

/* `1.25.<patch>-alpine` for `1.25-alpine`; `<version>` if the tag has nothing to complete. */
static void append_version(struct moor_buf *out, const struct moor_image_verdict *image)
{
    static const char *const names[] = {"", ".<minor>", ".<patch>", ".<build>"};
    const struct moor_repository *entry = image->repair.entry;
    unsigned full = entry != NULL && entry->version_parts > 0 ? entry->version_parts : FULL_PARTS;
    struct moor_tag_version version;
    bool is_partial =
        image->class == MOOR_CLASS_PARTIAL_VERSION || image->class == MOOR_CLASS_REPOSITORY;
    if (!is_partial || !moor_tag_find_version(&version, image->reference.tag) ||
        version.parts >= full) {
        moor_buf_append_text(out, "<version>");
        return;
    }
    moor_buf_append(out, version.before);
    for (unsigned part = version.parts; part < full; part++) {
        moor_buf_append_text(out, part < MOOR_ARRAY_SIZE(names) ? names[part] : ".<number>");
    }
    moor_buf_append(out, version.after);
}

/* The tag of a release is kept, with the commit of its build; any other tag is replaced. */
static void append_commit(struct moor_buf *out, const struct moor_image_verdict *image)
{
    if (image->level == MOOR_LEVEL_RELEASE && image->reference.tag.len > 0) {
        moor_buf_append(out, image->reference.tag);
        moor_buf_append_text(out, "-<commit>");
    } else {
        moor_buf_append_text(out, "<commit>-<time>");
    }
}

/* As the user wrote it, without `docker.io/library/`, so that the text can be pasted. */
static void append_repository(const struct context *context)
{
    moor_escape_append(context->out, context->image->reference.repository, context->max_image);
}

/* Appends a tag that meets the requirement.  Returns false if no tag does. */
static bool append_better_tag(const struct context *context)
{
    const struct moor_image_verdict *image = context->image;
    struct moor_buf *out = context->out;
    enum hint hint = find_hint(image);
    if (hint == HINT_NONE) {
        return false;
    }
    if (hint == HINT_PATTERN) {
        moor_buf_append_text(out, "a tag that matches ");
        moor_escape_append(out, find_pattern(image->repair.entry, image->requirement),
                           LONGEST_PATTERN);
        return true;
    }
    if (context->form == MOOR_REPAIR_BRIEF) {
        moor_buf_append_text(out, "tag ");
    } else {
        append_repository(context);
        moor_buf_append_byte(out, ':');
    }
    if (hint == HINT_VERSION) {
        append_version(out, image);
    } else {
        append_commit(out, image);
    }
    return true;
}

/* Without a better tag, the given tag is kept beside the digest, for the reader. */
static void append_digest(const struct context *context, bool has_better_tag)
{
    if (context->form == MOOR_REPAIR_BRIEF) {
        moor_buf_append_text(context->out, has_better_tag ? "a digest" : "its @sha256:<digest>");
        return;
    }
    append_repository(context);
    if (!has_better_tag && context->image->reference.tag.len > 0) {
        moor_buf_append_byte(context->out, ':');
        moor_buf_append(context->out, context->image->reference.tag);
    }
    moor_buf_append_text(context->out, "@sha256:<digest>");
}

void moor_message_repair_append(struct moor_buf *out, const struct moor_image_verdict *image,
                                enum moor_repair_form form, size_t max_image)
{
    const struct context context = {out, image, form, max_image};
    const char *fixed = fixed_repair(image);
    if (fixed != NULL) {
        moor_buf_append_text(out, fixed);
        return;
    }
    moor_buf_append_text(out, "use ");
    bool has_better_tag = append_better_tag(&context);
    moor_buf_append_text(out, has_better_tag ? ", or " : "");
    append_digest(&context, has_better_tag);
}

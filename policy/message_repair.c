/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/message_repair.h"

#include "policy/base/array_size.h"
#include "policy/base/escape.h"
#include "policy/image/official_tags.h"
#include "policy/image/tag.h"
#include "policy/image/tag_date.h"
#include "policy/image/tag_version.h"
#include "policy/image/tag_words.h"
#include "policy/rules/requirements.h"

#define LONGEST_PATTERN 128
#define FULL_PARTS      3 /* parts of a version, unless the image has another number */

struct context {
    struct moor_buf *out;
    const struct moor_image_verdict *image;
    const struct moor_official_tags *official; /* the form of the image's tags, or NULL */
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

/* The text in place of the tag. */
enum hint {
    HINT_NONE, /* no tag meets the requirement */
    HINT_PATTERN,
    HINT_ANY,     /* each other tag */
    HINT_VERSION, /* the version that the tag begins */
    HINT_RELEASE, /* a version, because the tag has none that can be completed */
    HINT_DATE,
    HINT_CLEAN, /* the tag without `dirty` */
    HINT_COMMIT
};

/* The first pattern of the entry whose tags meet the requirement; empty if there is none. */
static struct moor_slice find_pattern(const struct moor_repository *entry,
                                      enum moor_requirement requirement)
{
    /* A build meets the requirement of a release too, so that its patterns come first. */
    const struct moor_pattern_list *patterns = &entry->patterns[MOOR_PATTERNS_BUILD];
    if (patterns->count == 0 && requirement != MOOR_REQUIREMENT_BUILD) {
        patterns = &entry->patterns[MOOR_PATTERNS_RELEASE];
    }
    return patterns->count > 0 ? patterns->items[0].text : (struct moor_slice){0};
}

/* Returns how many parts a version of the image has. */
static unsigned full_parts(const struct context *context)
{
    const struct moor_repository *entry = context->image->repair.entry;
    if (entry != NULL && entry->version_parts > 0) {
        return entry->version_parts;
    }
    return context->official != NULL ? context->official->parts : FULL_PARTS;
}

/* The tag before its last piece `dirty`; empty if it has no such piece. */
static struct moor_slice clean_tag(struct moor_slice tag)
{
    static const struct moor_slice dirty = {"-dirty", 6};
    return moor_slice_ends_with(tag, dirty) ? moor_slice_sub(tag, 0, tag.len - dirty.len)
                                            : (struct moor_slice){0};
}

/* The tag of a clean tree is better only if it meets the requirement itself. */
static bool is_clean_better(const struct moor_image_verdict *image)
{
    struct moor_slice tag = clean_tag(image->reference.tag);
    return tag.len > 0 &&
           moor_level_satisfies(moor_class_level(moor_tag_classify(tag).class), image->requirement);
}

/* Returns whether `variant` can follow the version in a tag of this form. */
static bool has_variant(const struct moor_official_tags *official, struct moor_slice variant)
{
    /*
     * A repair must name a tag that exists: if no such variant of a release is published, only the
     * digest helps.
     */
    return official == NULL || official->variant == NULL || variant.len == 0 ||
           moor_slice_is(variant, official->variant);
}

/* The hint for a tag with a part of a version. */
static enum hint hint_of_partial(const struct context *context)
{
    const struct moor_official_tags *official = context->official;
    struct moor_tag_version version;
    if (!moor_tag_find_version(&version, context->image->reference.tag)) {
        return HINT_RELEASE;
    }
    if (version.parts >= full_parts(context) && (official == NULL || official->end == NULL)) {
        /* A pattern says that 9.6 is not full; `10.1.2-temurin` moves for another reason. */
        bool is_short = context->image->class == MOOR_CLASS_REPOSITORY && version.parts == 2;
        return is_short ? HINT_VERSION : HINT_NONE;
    }
    bool is_other = official != NULL && official->is_8_other && moor_slice_is(version.before, "8");
    return is_other || !has_variant(official, version.after) ? HINT_NONE : HINT_VERSION;
}

/* `bookworm-backports` has no tag with a date. */
static bool can_be_dated(const struct context *context)
{
    struct moor_slice tag = context->image->reference.tag;
    const char *dash = tag.len > 0 ? memchr(tag.ptr, '-', tag.len) : NULL;
    size_t name = dash != NULL ? (size_t)(dash - tag.ptr) : tag.len;
    return has_variant(context->official, moor_slice_sub(tag, name, tag.len));
}

/* Returns whether the image of a change has no version, unlike that of a main branch. */
static bool needs_commit(const struct moor_image_verdict *image)
{
    bool is_trunk = (moor_tag_word_groups(image->reference.tag) & MOOR_WORD_TRUNK) != 0;
    return (image->class == MOOR_CLASS_BRANCH && !is_trunk) || image->class == MOOR_CLASS_AMBIGUOUS;
}

/* The hint for an image whose tag a form decides, and not an entry of the policy. */
static enum hint hint_of_form(const struct context *context)
{
    const struct moor_image_verdict *image = context->image;
    if (context->official != NULL && context->official->is_dated) {
        return can_be_dated(context) ? HINT_DATE : HINT_NONE;
    }
    if (context->official != NULL && context->official->parts == 0) {
        return HINT_NONE;
    }
    if (is_clean_better(image)) {
        return HINT_CLEAN;
    }
    if (image->class == MOOR_CLASS_PRERELEASE_CHANNEL && moor_official_is(&image->reference)) {
        return HINT_NONE;
    }
    if (needs_commit(image) && !moor_official_is(&image->reference)) {
        return HINT_COMMIT;
    }
    bool is_partial =
        image->class == MOOR_CLASS_PARTIAL_VERSION || image->class == MOOR_CLASS_REPOSITORY;
    return is_partial ? hint_of_partial(context) : HINT_RELEASE;
}

static enum hint find_hint(const struct context *context)
{
    const struct moor_image_verdict *image = context->image;
    const struct moor_repository *entry = image->repair.entry;
    bool needs_build = image->requirement == MOOR_REQUIREMENT_BUILD;
    /* Docker's official images have tags of releases only, so no such tag is suggested. */
    if (image->requirement == MOOR_REQUIREMENT_DIGEST || image->repair.by == MOOR_REPAIR_DIGEST ||
        (needs_build && moor_official_is(&image->reference))) {
        return HINT_NONE;
    }
    if (entry == NULL || entry->otherwise == MOOR_LEVEL_NONE) {
        return !needs_build             ? hint_of_form(context)
               : is_clean_better(image) ? HINT_CLEAN
                                        : HINT_COMMIT;
    }
    /* The entry decides about all other tags, and leaves nothing to their form. */
    if (moor_level_satisfies(entry->otherwise, image->requirement)) {
        return HINT_ANY;
    }
    if (find_pattern(entry, image->requirement).len > 0) {
        return HINT_PATTERN;
    }
    return entry->version_parts > 0 && !needs_build ? hint_of_partial(context) : HINT_NONE;
}

/* Appends the parts of a version from part `from` on. */
static void append_parts(const struct context *context, unsigned from)
{
    static const char *const names[] = {"<major>", ".<minor>", ".<patch>", ".<build>"};
    const char *last = context->official != NULL ? context->official->last : NULL;
    unsigned parts = full_parts(context);
    /* A tag with all parts that is not full lacks another one. */
    unsigned full = from >= parts && context->official == NULL ? from + 1 : parts;
    for (unsigned part = from; part < full; part++) {
        if (last != NULL && part + 2 >= full) {
            moor_buf_append_text(context->out, last);
            return;
        }
        moor_buf_append_text(context->out,
                             part < MOOR_ARRAY_SIZE(names) ? names[part] : ".<number>");
    }
}

static bool has_java_flavor(struct moor_slice variant)
{
    bool has_separator = variant.len > 0 && variant.ptr[0] == '-';
    struct moor_slice word = moor_slice_sub(variant, has_separator ? 1 : 0, variant.len);
    return moor_slice_starts_with(word, MOOR_SLICE("jdk")) ||
           moor_slice_starts_with(word, MOOR_SLICE("jre"));
}

/* Appends a version from part `from` on, and what follows it in a tag of the image. */
static void append_rest(const struct context *context, unsigned from, const char *separator,
                        struct moor_slice variant)
{
    const struct moor_official_tags *official = context->official;
    append_parts(context, from);
    if (official != NULL && official->after != NULL) {
        moor_buf_append_text(context->out, official->after);
    }
    /* `-jdk` and `-jre` are the flavors of Java. */
    if (official != NULL && official->flavor != NULL && !has_java_flavor(variant)) {
        moor_buf_append_text(context->out, official->flavor);
    }
    moor_buf_append_text(context->out, separator);
    moor_buf_append(context->out, variant);
    if (official != NULL && official->end != NULL) {
        moor_buf_append_text(context->out, official->end);
    }
}

/* `1.25.<patch>-alpine` for `1.25-alpine`, and `202410<dd>` for a month. */
static void append_version(const struct context *context)
{
    struct moor_tag_version version;
    if (!moor_tag_find_version(&version, context->image->reference.tag)) {
        return;
    }
    moor_buf_append(context->out, version.before);
    if (version.parts == 1 && moor_tag_is_month(version.before)) {
        moor_buf_append_text(context->out, "<dd>");
        moor_buf_append(context->out, version.after);
    } else {
        append_rest(context, version.parts, "", version.after);
    }
}

/*
 * `<major>.<minor>.<patch>-alpine` for `lts-alpine` of an official image.  The variants of other
 * images are not known to follow a version.
 */
static void append_release(const struct context *context)
{
    const struct moor_reference *reference = &context->image->reference;
    struct moor_slice variant = {0};
    bool has_variant_tag = moor_official_is(reference) && reference->tag.len > 0 &&
                           moor_tag_find_variant(&variant, reference->tag) && variant.len > 0 &&
                           has_variant(context->official, variant);
    append_rest(context, 0, has_variant_tag ? "-" : "", has_variant_tag ? variant : MOOR_SLICE(""));
}

/* `bookworm-<yyyymmdd>-slim` for `bookworm-slim`; a number does not tell the name. */
static void append_date(const struct context *context)
{
    struct moor_slice tag = context->image->reference.tag;
    struct moor_slice end = moor_slice_from(context->official->variant);
    bool has_end = moor_slice_ends_with(tag, end);
    struct moor_slice name = moor_slice_sub(tag, 0, tag.len - (has_end ? end.len : 0));
    if ((moor_tag_word_groups(name) & MOOR_WORD_CODENAME) != 0) {
        moor_buf_append(context->out, name);
    } else {
        moor_buf_append_text(context->out, "<codename>");
    }
    moor_buf_append_text(context->out, "-<yyyymmdd>");
    moor_buf_append(context->out, has_end ? end : MOOR_SLICE(""));
}

/*
 * The tag of a release is kept, with the commit of its build, and so is a branch.  A word that can
 * be a commit needs `sha-` before it; any other tag is replaced.
 */
static void append_commit(struct moor_buf *out, const struct moor_image_verdict *image)
{
    bool keeps = image->level == MOOR_LEVEL_RELEASE || image->class == MOOR_CLASS_BRANCH;
    const char *form = image->class == MOOR_CLASS_AMBIGUOUS ? "sha-<commit>" : "<commit>-<time>";
    if (keeps && image->reference.tag.len > 0) {
        moor_buf_append(out, image->reference.tag);
        form = "-<commit>";
    }
    moor_buf_append_text(out, form);
}

/* As the user wrote it, without `docker.io/library/`, so that the text can be pasted. */
static void append_repository(const struct context *context)
{
    moor_escape_append(context->out, context->image->reference.repository, context->max_image);
}

static void append_tag(const struct context *context, enum hint hint)
{
    switch (hint) {
    case HINT_NONE:
    case HINT_PATTERN:
        return;
    case HINT_ANY:
        moor_buf_append_text(context->out, "<version>");
        return;
    case HINT_VERSION:
        append_version(context);
        return;
    case HINT_RELEASE:
        append_release(context);
        return;
    case HINT_DATE:
        append_date(context);
        return;
    case HINT_CLEAN:
        moor_buf_append(context->out, clean_tag(context->image->reference.tag));
        return;
    case HINT_COMMIT:
        append_commit(context->out, context->image);
        return;
    }
}

/* Appends a tag that meets the requirement.  Returns false if no tag does. */
static bool append_better_tag(const struct context *context)
{
    const struct moor_image_verdict *image = context->image;
    struct moor_buf *out = context->out;
    enum hint hint = find_hint(context);
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
    append_tag(context, hint);
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
    /* An entry of the policy knows more about its repository than the table. */
    const struct moor_official_tags *official =
        image->repair.entry == NULL ? moor_official_tags_find(&image->reference) : NULL;
    const struct context context = {out, image, official, form, max_image};
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/values/mapping.h"

#include "cmd/input/values/text.h"
#include "policy/base/buf.h"

#include <ctype.h>

#define PARTS      (MOOR_VALUES_DIGEST + 1)
#define HEX_DIGITS 64 /* the length of a SHA-256 */

/* The members with the parts of one image; NULL for a part that the mapping lacks. */
struct group {
    const struct moor_values_member *parts[PARTS];
    const struct moor_values_member *lead; /* the member with the repository */
};

struct context {
    struct moor_values_found *found;
    const struct moor_values_mapping *mapping;
    struct moor_arena *arena;
    struct moor_error *err;
};

/* A reference under construction, from the text of the lead. */
struct draft {
    struct moor_reference own; /* the lead's text; unset if it is no reference */
    bool is_reference;
    bool has_host;   /* the lead or its registry names a registry */
    bool is_global;  /* only `global.imageRegistry` names it */
    bool has_suffix; /* the lead's text has a tag or a digest */
    const struct moor_values_member *tag;
    struct moor_slice digest;
};

/* --- texts ------------------------------------------------------------------------------------ */

static bool has_text(const struct moor_values_member *member)
{
    return member != NULL && member->text.len > 0;
}

static bool contains(struct moor_slice text, const char *part)
{
    return text.len > 0 && memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

static bool is_hex(struct moor_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!isxdigit((unsigned char)text.ptr[i])) {
            return false;
        }
    }
    return text.len == HEX_DIGITS;
}

/* --- members of one image --------------------------------------------------------------------- */

/* A later `imageTag` does not replace `tag`, unless the first one is empty. */
static void collect(struct group *out, const struct moor_values_mapping *mapping, size_t first)
{
    struct moor_slice prefix = mapping->members[first].key.prefix;
    *out = (struct group){0};
    for (size_t i = first; i < mapping->count; i++) {
        const struct moor_values_member *member = &mapping->members[i];
        const struct moor_values_member **part = &out->parts[member->key.part];
        if (moor_slice_equal(member->key.prefix, prefix) &&
            (*part == NULL || (*part)->text.len == 0)) {
            *part = member;
        }
    }
}

/* Each prefix is taken once, with its first member. */
static bool is_first(const struct moor_values_mapping *mapping, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (moor_slice_equal(mapping->members[i].key.prefix, mapping->members[index].key.prefix)) {
            return false;
        }
    }
    return true;
}

/*
 * Returns the member with the repository.  A `name` is one only if another key says so: all
 * containers, ports and volumes have names.
 */
static const struct moor_values_member *lead_of(const struct group *group,
                                                const struct moor_values_mapping *mapping)
{
    const struct moor_values_member *image = group->parts[MOOR_VALUES_IMAGE];
    const struct moor_values_member *repository = group->parts[MOOR_VALUES_REPOSITORY];
    const struct moor_values_member *name = group->parts[MOOR_VALUES_NAME];
    if (has_text(repository) && repository->is_text && !has_text(image)) {
        return repository;
    }
    if (has_text(image) && image->is_text) {
        return image;
    }
    bool is_name = has_text(name) && name->is_text && (name->key.says_image || mapping->is_image);
    return is_name ? name : NULL;
}

/* --- drafting --------------------------------------------------------------------------------- */

/* Charts join a registry with `/`, and the values of some already contain it. */
static int join(struct moor_slice *out, struct moor_slice left, const char *between,
                struct moor_slice right, struct context *context)
{
    struct moor_buf text;
    moor_buf_init(&text, MOOR_REFERENCE_MAX_BYTES + 2);
    moor_buf_append(&text, left);
    moor_buf_append_text(&text, between);
    moor_buf_append(&text, right);
    int status =
        text.failed
            ? moor_error_set(context->err, MOOR_ERROR_LIMIT, "an image in values is too long")
            : moor_arena_copy(context->arena, out, moor_buf_slice(&text), context->err);
    moor_buf_release(&text);
    return status;
}

/* `global.imageRegistry` replaces the registry of an image that has one of its own. */
static struct moor_slice registry_of(const struct group *group, const struct context *context,
                                     bool has_host)
{
    const struct moor_values_member *own = group->parts[MOOR_VALUES_REGISTRY];
    struct moor_slice global = context->mapping->registry;
    struct moor_slice registry = global.len > 0 && (own != NULL || !has_host)
                                     ? global
                                     : (own != NULL ? own->text : (struct moor_slice){0});
    while (registry.len > 0 && registry.ptr[registry.len - 1] == '/') {
        registry.len--;
    }
    return registry;
}

/* Puts the registry before the repository, and an `image` after its `repository`. */
static int write_base(struct moor_slice *out, struct draft *draft, const struct group *group,
                      struct context *context)
{
    const struct moor_values_member *repository = group->parts[MOOR_VALUES_REPOSITORY];
    struct moor_slice text = group->lead->text;
    if (group->lead != repository && has_text(repository) && !contains(text, "/") &&
        !contains(text, ":")) {
        if (join(&text, repository->text, "/", text, context) != 0) {
            return -1;
        }
    }
    draft->is_reference = moor_reference_parse(&draft->own, text, NULL) == 0;
    draft->has_host = draft->is_reference && moor_values_text_has_host(&draft->own);
    draft->is_global = !draft->has_host && !has_text(group->parts[MOOR_VALUES_REGISTRY]);
    struct moor_slice registry = registry_of(group, context, draft->has_host);
    if (registry.len > 0 && !(moor_slice_starts_with(text, registry) && draft->has_host)) {
        if (join(&text, registry, "/", text, context) != 0) {
            return -1;
        }
        draft->is_reference = moor_reference_parse(&draft->own, text, NULL) == 0;
        draft->has_host = draft->is_reference && moor_values_text_has_host(&draft->own);
    }
    draft->has_suffix =
        draft->is_reference && (draft->own.tag.len > 0 || draft->own.digest.len > 0);
    *out = text;
    return 0;
}

/* A digest is complete, or the bare hexadecimal digits of a SHA-256. */
static int read_digest(struct draft *draft, const struct group *group, struct context *context)
{
    const struct moor_values_member *digest = group->parts[MOOR_VALUES_DIGEST];
    if (!has_text(digest)) {
        return 0;
    }
    if (contains(digest->text, ":")) {
        draft->digest = digest->text;
        return 0;
    }
    return is_hex(digest->text)
               ? join(&draft->digest, MOOR_SLICE("sha256"), ":", digest->text, context)
               : 0;
}

/* Appends the tag and the digest to the base, unless its text has one. */
static int append_suffix(struct moor_slice *text, const struct draft *draft,
                         struct context *context)
{
    if (draft->tag != NULL && !draft->has_suffix &&
        join(text, *text, ":", draft->tag->text, context) != 0) {
        return -1;
    }
    if (draft->digest.len > 0 && draft->own.digest.len == 0) {
        return join(text, *text, "@", draft->digest, context);
    }
    return 0;
}

/* --- images ----------------------------------------------------------------------------------- */

/* Adds `text` as an image.  The position is that of the tag if there is one, since it matters. */
static int add(struct context *context, const struct group *group, struct moor_slice text,
               const struct draft *draft)
{
    const struct moor_values_mapping *mapping = context->mapping;
    const struct moor_values_member *name = group->parts[MOOR_VALUES_NAME];
    const struct moor_values_member *lead = group->lead != NULL ? group->lead : draft->tag;
    const struct moor_values_member *digest = group->parts[MOOR_VALUES_DIGEST];
    bool has_room = digest != NULL && digest->text.len == 0;
    bool has_tag = draft->tag != NULL && !draft->has_suffix;
    bool is_number = has_tag && !draft->tag->is_text;
    bool is_whole = lead->key.part != MOOR_VALUES_IMAGE && lead->key.prefix.len == 0 &&
                    (!lead->key.says_image || mapping->is_image);
    struct moor_object_image image = {.text = text,
                                      .where = mapping->path,
                                      .index = MOOR_OBJECT_NO_INDEX,
                                      .offset = has_tag ? draft->tag->offset : lead->offset};
    struct moor_image_note note = {
        .is_guessed = (!draft->has_host || draft->is_global) && draft->digest.len == 0 &&
                      draft->own.digest.len == 0,
        .rendered = is_number ? draft->tag->text : (struct moor_slice){0},
        .tag_offset = has_tag ? draft->tag->offset : 0,
        .digest_offset = has_room ? digest->offset : 0,
        .is_bare_digest = has_room && !moor_values_key_is_digest(digest->name)};
    if (!is_whole && lead->name.len > 0) {
        struct moor_slice path = mapping->path;
        if (join(&image.where, path, path.len > 0 ? "." : "", lead->name, context) != 0) {
            return -1;
        }
    }
    if (is_number && join(&note.tag_path, mapping->path, mapping->path.len > 0 ? "." : "",
                          draft->tag->name, context) != 0) {
        return -1;
    }
    image.name =
        name != NULL && name != lead && !mapping->is_image ? name->text : (struct moor_slice){0};
    return moor_values_found_add(context->found, &image, &note, context->arena, context->err);
}

/* Returns whether the keys alone make the lead an image, whatever its text is. */
static bool is_certain_key(const struct group *group, const struct moor_values_mapping *mapping)
{
    const struct moor_values_member *lead = group->lead;
    if (lead->key.part == MOOR_VALUES_REPOSITORY) {
        bool has_tag =
            group->parts[MOOR_VALUES_TAG] != NULL || group->parts[MOOR_VALUES_DIGEST] != NULL;
        return lead->key.says_image || mapping->is_image || (has_tag && !mapping->is_source);
    }
    return lead->key.part != MOOR_VALUES_NAME || lead->key.says_image || mapping->is_image;
}

/*
 * Decides about a lead without a tag.  In a container it is what runs.  Anywhere else the chart
 * may have the tag, and a bare word may be no image at all.
 */
static int take_untagged(struct context *context, const struct group *group, struct moor_slice text,
                         const struct draft *draft)
{
    const struct moor_values_member *lead = group->lead;
    bool is_plain = lead->key.part == MOOR_VALUES_IMAGE && lead->key.prefix.len == 0;
    bool has_tag_key = group->parts[MOOR_VALUES_TAG] != NULL;
    bool is_named_item = context->mapping->is_item && has_text(group->parts[MOOR_VALUES_NAME]) &&
                         contains(text, "/");
    if (is_plain && !has_tag_key && (context->mapping->is_container || is_named_item)) {
        return add(context, group, text, draft);
    }
    bool is_image = draft->has_host || has_tag_key ||
                    (lead->key.prefix.len == 0 && contains(text, "/")) ||
                    lead->key.part == MOOR_VALUES_REPOSITORY;
    if (is_image) {
        moor_values_found_untagged(context->found, lead->offset, context->arena);
    }
    return 0;
}

/* Decides about a text that is no reference, and in which no other program fills in a part. */
static int take_invalid(struct context *context, const struct group *group, struct moor_slice text,
                        const struct draft *draft)
{
    bool is_number = draft->tag != NULL && !draft->tag->is_text;
    bool is_container = group->lead->key.part == MOOR_VALUES_IMAGE &&
                        group->lead->key.prefix.len == 0 && context->mapping->is_container;
    if (is_number || is_container) {
        return add(context, group, text, draft);
    }
    if (group->lead->key.part == MOOR_VALUES_REPOSITORY && draft->tag != NULL &&
        !contains(text, "://")) {
        moor_values_found_unresolved(context->found, group->lead->offset, context->arena);
    }
    return 0;
}

/* The chart's own tag is used if `tag` is empty, so `version` counts only without a `tag`. */
static const struct moor_values_member *tag_of(const struct group *group)
{
    const struct moor_values_member *tag = group->parts[MOOR_VALUES_TAG];
    const struct moor_values_member *version = group->parts[MOOR_VALUES_VERSION];
    bool takes_version = group->lead == NULL || group->lead->key.part != MOOR_VALUES_REPOSITORY;
    if (has_text(tag)) {
        return tag;
    }
    return tag == NULL && takes_version && has_text(version) ? version : NULL;
}

static bool needs_filling(const struct group *group)
{
    for (size_t i = 0; i < PARTS; i++) {
        const struct moor_values_member *part = group->parts[i];
        bool is_used = i != MOOR_VALUES_NAME || part == group->lead;
        if (is_used && part != NULL && moor_values_text_is_unresolved(part->text)) {
            return true;
        }
    }
    return false;
}

static int take_lead(struct context *context, const struct group *group)
{
    struct moor_slice text = {0};
    struct moor_reference reference;
    struct draft draft = {.tag = tag_of(group)};
    if (!is_certain_key(group, context->mapping) || moor_values_text_is_file(group->lead->text) ||
        contains(group->lead->text, "://")) {
        return 0;
    }
    if (needs_filling(group)) {
        moor_values_found_unresolved(context->found, group->lead->offset, context->arena);
        return 0;
    }
    if (write_base(&text, &draft, group, context) != 0 ||
        read_digest(&draft, group, context) != 0) {
        return -1;
    }
    bool is_tagged = draft.has_suffix || draft.tag != NULL || draft.digest.len > 0;
    if (!draft.is_reference) {
        return take_invalid(context, group, text, &draft);
    }
    if (!is_tagged) {
        return take_untagged(context, group, text, &draft);
    }
    if (append_suffix(&text, &draft, context) != 0) {
        return -1;
    }
    return moor_reference_parse(&reference, text, NULL) == 0
               ? add(context, group, text, &draft)
               : take_invalid(context, group, text, &draft);
}

/* A tag alone belongs to the chart's repository.  A whole reference is also written as a tag. */
static int take_tag(struct context *context, const struct group *group)
{
    struct moor_slice text = {0};
    struct moor_reference reference;
    struct draft draft = {.tag = tag_of(group)};
    if (draft.tag == NULL || draft.tag->key.prefix.len > 0 ||
        !(draft.tag->key.says_image || context->mapping->is_image)) {
        return 0;
    }
    if (needs_filling(group)) {
        moor_values_found_unresolved(context->found, draft.tag->offset, context->arena);
        return 0;
    }
    if (contains(draft.tag->text, "/") &&
        moor_reference_parse(&draft.own, draft.tag->text, NULL) == 0) {
        draft.has_host = moor_values_text_has_host(&draft.own);
        return add(context, group, draft.tag->text, &draft);
    }
    if (read_digest(&draft, group, context) != 0 ||
        join(&text, MOOR_SLICE(MOOR_VALUES_CHART_DEFAULT), ":", draft.tag->text, context) != 0) {
        return -1;
    }
    bool is_valid = moor_reference_parse(&reference, text, NULL) == 0 || !draft.tag->is_text;
    return is_valid ? add(context, group, text, &draft) : 0;
}

int moor_values_mapping_take(struct moor_values_found *found,
                             const struct moor_values_mapping *mapping, struct moor_arena *arena,
                             struct moor_error *err)
{
    struct context context = {found, mapping, arena, err};
    if (mapping->count > MOOR_VALUES_MAX_MEMBERS) {
        return moor_error_set(err, MOOR_ERROR_LIMIT,
                              "a mapping has more than %d members with parts of images",
                              MOOR_VALUES_MAX_MEMBERS);
    }
    for (size_t i = 0; i < mapping->count; i++) {
        struct group group;
        if (!is_first(mapping, i)) {
            continue;
        }
        collect(&group, mapping, i);
        group.lead = lead_of(&group, mapping);
        int status = group.lead != NULL ? take_lead(&context, &group) : take_tag(&context, &group);
        if (status != 0) {
            return -1;
        }
    }
    return 0;
}

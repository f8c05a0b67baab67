/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/pin/sites.h"

#include "cmd/input/yaml/scalar.h"

#include <stdarg.h>
#include <stdlib.h>

#define MAX_TEXT ((size_t)4 * MOOR_REFERENCE_MAX_BYTES)

void moor_pin_sites_init(struct moor_pin_sites *out, const struct moor_pin_choice *choice)
{
    *out = (struct moor_pin_sites){.choice = *choice};
    moor_arena_init(&out->arena, MOOR_PIN_MAX_BYTES);
    moor_buf_init(&out->text, MAX_TEXT);
}

void moor_pin_sites_release(struct moor_pin_sites *sites)
{
    moor_arena_release(&sites->arena);
    moor_buf_release(&sites->text);
    free(sites->items);
}

void moor_pin_sites_clear(struct moor_pin_sites *sites)
{
    moor_arena_reset(&sites->arena);
    sites->count = 0;
    sites->pinned_before = 0;
    sites->failed = false;
}

bool moor_pin_site_has_edit(const struct moor_pin_site *site)
{
    return site->reason.len == 0;
}

/* --- texts ------------------------------------------------------------------------------------ */

/* Keeps a copy of the scratch text, and empties it. */
static struct moor_slice keep_text(struct moor_pin_sites *sites)
{
    struct moor_slice out = {0};
    sites->failed |= sites->text.failed ||
                     moor_arena_copy(&sites->arena, &out, moor_buf_slice(&sites->text), NULL) != 0;
    moor_buf_clear(&sites->text);
    return out;
}

void moor_pin_sites_leave(struct moor_pin_sites *sites, struct moor_pin_site *site,
                          const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    moor_buf_append_text(&sites->text, text);
    site->reason = keep_text(sites);
}

void moor_pin_site_append(struct moor_buf *out, const struct moor_pin_site *site)
{
    moor_buf_append(out, moor_slice_sub(site->scalar.text, 0, site->keep));
    moor_buf_append(out, site->added);
}

/* --- the bytes of the image ------------------------------------------------------------------- */

/* Returns whether the text is the image after what its format puts before it. */
static bool is_prefixed(struct moor_slice text, struct moor_slice image)
{
    struct moor_slice prefix =
        moor_slice_sub(text, 0, text.len > image.len ? text.len - image.len : 0);
    return prefix.len > 0 && moor_slice_ends_with(text, image) &&
           (moor_slice_is(prefix, "docker://") || prefix.ptr[prefix.len - 1] == '=');
}

static const char *why_different(struct moor_slice text)
{
    return memchr(text.ptr, '$', text.len) != NULL
               ? "a variable fills in a part of it"
               : "it is written in parts, or over several lines";
}

/* Finds which part of the image the scalar is.  Returns why that cannot be told, or NULL. */
static const char *find_part(struct moor_pin_site *site, const struct moor_reference *reference,
                             const struct moor_pin_choice *choice,
                             const struct moor_image_note *note)
{
    struct moor_slice text = site->scalar.text;
    if (moor_slice_equal(text, site->image) || is_prefixed(text, site->image)) {
        site->part = MOOR_PIN_REFERENCE;
        return NULL;
    }
    /*
     * The bytes must equal the image or its tag.  Anything else was assembled by a tool, and an
     * edit in the middle of it would have an unknown effect.
     */
    if (text.len == 0 || note == NULL || !moor_slice_equal(text, reference->tag)) {
        return why_different(text.len > 0 ? text : MOOR_SLICE(" "));
    }
    site->part = MOOR_PIN_TAG;
    return choice->is_tag_only || choice->joins_digests || note->is_entry
               ? NULL
               : "the chart gets repository and tag as two values, and there is no value for the "
                 "digest (--digest-in-tag writes it after the tag)";
}

/* Takes the empty member for the digest, of which only the quotes are in the file. */
static const char *find_digest(struct moor_pin_site *site, const struct moor_document *document)
{
    const char *why = moor_pin_scalar_find(&site->scalar, document, site->offset);
    site->part = MOOR_PIN_DIGEST;
    return why == NULL && site->scalar.text.len == 0 && !site->scalar.is_plain
               ? NULL
               : "its value for the digest is null: write \"\"";
}

static const char *find_bytes(struct moor_pin_site *site, const struct moor_observed_image *image,
                              const struct moor_pin_choice *choice)
{
    const struct moor_image_note *note = image->note;
    const struct moor_document *document = image->found->document;
    /*
     * `tag: 1.10` is the number 1.1 for Helm.  A digest after the bytes of the file would follow
     * another tag than the one that Helm renders.
     */
    if (note != NULL && note->rendered.len > 0) {
        return "its tag is a number in YAML: put it in quotes";
    }
    /* Such a string can have several documents, and templates between them. */
    if (image->found->is_member) {
        return "it is in a string of Helm values, which the chart fills in as a template";
    }
    if (site->string != MOOR_PIN_NO_STRING &&
        !moor_pin_scalar_is_literal(image->found->outer, site->string)) {
        return "it is in a string that is not a literal block scalar";
    }
    if (note != NULL && note->digest_offset > 0 && !choice->is_tag_only) {
        site->offset = image->found->offset + note->digest_offset;
        return find_digest(site, document);
    }
    const char *why = moor_pin_scalar_find(&site->scalar, document, site->offset);
    return why != NULL ? why : find_part(site, &image->verdict->reference, choice, note);
}

/* --- adding ----------------------------------------------------------------------------------- */

/* Returns why the image cannot be looked up in a lock, or NULL. */
static const char *why_unknown(const struct moor_image_verdict *verdict)
{
    struct moor_slice text = verdict->image->text;
    if (verdict->class == MOOR_CLASS_INVALID) {
        bool is_template = text.len > 1 && memmem(text.ptr, text.len, "{{", 2) != NULL;
        return is_template ? "it is a template" : "it is not an image reference";
    }
    return moor_slice_starts_with(text, MOOR_SLICE(MOOR_VALUES_CHART_DEFAULT ":"))
               ? "only the chart has its repository"
               : NULL;
}

static struct moor_pin_site *add(struct moor_pin_sites *sites)
{
    if (sites->count == sites->room) {
        size_t room = sites->room == 0 ? 64 : sites->room * 2;
        struct moor_pin_site *grown = reallocarray(sites->items, room, sizeof *grown);
        if (grown == NULL) {
            sites->failed = true;
            return NULL;
        }
        sites->items = grown;
        sites->room = room;
    }
    sites->items[sites->count] = (struct moor_pin_site){.string = MOOR_PIN_NO_STRING};
    return &sites->items[sites->count++];
}

/* Returns whether YAML reads the text without quotes as a string. */
static bool is_yaml_text(struct moor_slice text)
{
    /* A tag such as `1.27` would become a number if it were written without quotes. */
    struct moor_buf number;
    moor_buf_init(&number, MAX_TEXT);
    enum moor_yaml_scalar type = moor_yaml_scalar_resolve(text, &number);
    moor_buf_release(&number);
    return type == MOOR_YAML_TEXT;
}

/* Sets what is added after how many bytes of the scalar. */
static void set_edit(struct moor_pin_sites *sites, struct moor_pin_site *site,
                     const struct moor_observed_image *image, const struct moor_pin_target *target)
{
    struct moor_slice tag = image->verdict->reference.tag;
    size_t len = site->scalar.text.len;
    site->keep = len;
    if (target->tag.len > 0) {
        /*
         * A fixed tag replaces the old one, while a digest follows it: the tag stays readable
         * beside the digest.
         */
        site->keep = len - (site->part == MOOR_PIN_TAG ? len : tag.len);
        bool has_colon = site->part == MOOR_PIN_TAG || tag.len > 0;
        moor_buf_append_text(&sites->text, has_colon ? "" : ":");
        moor_buf_append(&sites->text, target->tag);
    } else if (site->part == MOOR_PIN_DIGEST && image->note->is_bare_digest) {
        /*
         * Some charts write `sha256:` in their template, and expect only the digits in the value.
         */
        const char *colon = memchr(target->digest.ptr, ':', target->digest.len);
        size_t start = colon != NULL ? (size_t)(colon - target->digest.ptr) + 1 : 0;
        moor_buf_append(&sites->text, moor_slice_sub(target->digest, start, target->digest.len));
    } else {
        moor_buf_append_text(&sites->text, site->part == MOOR_PIN_DIGEST ? "" : "@");
        moor_buf_append(&sites->text, target->digest);
    }
    site->added = keep_text(sites);
    moor_pin_site_append(&sites->text, site);
    site->is_quoted = site->scalar.is_plain && !is_yaml_text(moor_buf_slice(&sites->text));
    moor_buf_clear(&sites->text);
}

/* Sets the texts for the list: the image after the edit, and what is unsure about its digest. */
static void set_texts(struct moor_pin_sites *sites, struct moor_pin_site *site,
                      const struct moor_reference *reference, const struct moor_pin_target *target)
{
    if (target->tag.len > 0) {
        moor_buf_append(&sites->text, reference->repository);
        moor_buf_append_byte(&sites->text, ':');
        moor_buf_append(&sites->text, target->tag);
    } else {
        moor_buf_append(&sites->text, site->image);
        moor_buf_append_byte(&sites->text, '@');
        moor_buf_append(&sites->text, target->digest);
    }
    site->pinned = keep_text(sites);
    if (target->platforms.len > 0) {
        moor_buf_append_text(&sites->text, "the digest may be of one platform only: ");
        moor_buf_append(&sites->text, target->platforms);
        site->note = keep_text(sites);
    }
}

/* Sets the identity of the site, before anything is known about its bytes. */
static void set_place(struct moor_pin_sites *sites, struct moor_pin_site *site,
                      const struct moor_observed_image *image)
{
    const struct moor_images_found *found = image->found;
    sites->is_whole = found->document->is_whole;
    site->document = found->document->index;
    site->offset = found->offset + image->verdict->image->offset;
    site->position = moor_document_position(found->document, site->offset);
    if (found->outer != NULL) {
        site->string = found->outer_offset + found->string_offset;
    }
    moor_buf_append(&sites->text, image->verdict->image->text);
    site->image = keep_text(sites);
}

void moor_pin_sites_add(struct moor_pin_sites *sites, const struct moor_observed_image *image)
{
    const struct moor_image_verdict *verdict = image->verdict;
    struct moor_pin_target target;
    if (verdict->reference.digest.len > 0) {
        sites->pinned_before++;
        return;
    }
    /* A suppressed image was accepted by a user with its tag as it is. */
    if (image->is_suppressed || !moor_pin_choice_wants(&sites->choice, verdict)) {
        return;
    }
    struct moor_pin_site *site = add(sites);
    if (site == NULL) {
        return;
    }
    set_place(sites, site, image);
    const char *why = why_unknown(verdict);
    if (why == NULL && !moor_pin_choice_find(&target, &sites->choice, verdict, &sites->text)) {
        site->reason = keep_text(sites);
        return;
    }
    why = why != NULL ? why : find_bytes(site, image, &sites->choice);
    if (why != NULL) {
        moor_pin_sites_leave(sites, site, "%s", why);
        return;
    }
    site->value = moor_document_position(image->found->document, site->offset);
    set_edit(sites, site, image, &target);
    set_texts(sites, site, &verdict->reference, &target);
}

/* --- the edits of a file ---------------------------------------------------------------------- */

static int by_bytes(const void *left, const void *right)
{
    const struct moor_pin_site *a = left;
    const struct moor_pin_site *b = right;
    if (a->scalar.at != b->scalar.at) {
        return a->scalar.at < b->scalar.at ? -1 : 1;
    }
    /* qsort() is not stable, so the order of sites with the same bytes is made explicit. */
    if (a->document != b->document) {
        return a->document < b->document ? -1 : 1;
    }
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static bool is_same_edit(const struct moor_pin_site *a, const struct moor_pin_site *b)
{
    return a->keep == b->keep && moor_slice_equal(a->scalar.text, b->scalar.text) &&
           moor_slice_equal(a->added, b->added) && a->is_quoted == b->is_quoted;
}

/* Leaves the sites [first, end) of the same bytes unless all of them have one edit. */
static void settle(struct moor_pin_sites *sites, size_t first, size_t end)
{
    bool is_same = true;
    for (size_t i = first; i < end; i++) {
        is_same &= moor_pin_site_has_edit(&sites->items[i]) &&
                   is_same_edit(&sites->items[first], &sites->items[i]);
    }
    /*
     * One text in the file cannot have two digests, so all of its sites are left, not only the
     * later ones.
     */
    for (size_t i = first; i < end && !is_same; i++) {
        if (moor_pin_site_has_edit(&sites->items[i])) {
            moor_pin_sites_leave(sites, &sites->items[i],
                                 "images that share its value through an alias need another text");
        }
    }
}

/* Returns the end of the sites with the same bytes as the site `first`. */
static size_t end_of_value(const struct moor_pin_sites *sites, size_t first)
{
    /* An anchor and its aliases have one text in the file, and so the same offset. */
    size_t end = first;
    while (end < sites->count && sites->items[end].scalar.at == sites->items[first].scalar.at) {
        end++;
    }
    return end;
}

void moor_pin_sites_settle(struct moor_pin_sites *sites)
{
    if (sites->count == 0) {
        return;
    }
    qsort(sites->items, sites->count, sizeof *sites->items, by_bytes);
    for (size_t first = 0; first < sites->count;) {
        size_t end = end_of_value(sites, first);
        /* A site that was left before its bytes were found has none. */
        if (sites->items[first].scalar.at > 0) {
            settle(sites, first, end);
        }
        first = end;
    }
}

static void append_edit(struct moor_buf *out, const struct moor_pin_site *site)
{
    moor_buf_append_text(out, site->is_quoted ? "\"" : "");
    moor_pin_site_append(out, site);
    moor_buf_append_text(out, site->is_quoted ? "\"" : "");
}

void moor_pin_sites_apply(struct moor_buf *out, const struct moor_pin_sites *sites,
                          struct moor_slice text)
{
    size_t at = 0;
    size_t last = SIZE_MAX;
    for (size_t i = 0; i < sites->count; i++) {
        const struct moor_pin_site *site = &sites->items[i];
        /* Sites of the same bytes follow each other and have one edit. */
        if (!moor_pin_site_has_edit(site) || site->scalar.at == last) {
            continue;
        }
        last = site->scalar.at;
        moor_buf_append(out, moor_slice_sub(text, at, site->scalar.at));
        append_edit(out, site);
        at = site->scalar.at + site->scalar.text.len;
    }
    moor_buf_append(out, moor_slice_sub(text, at, text.len));
}

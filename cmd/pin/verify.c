/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/pin/verify.h"

#include "cmd/input/dockerfile/dockerfile.h"
#include "cmd/input/values/key.h"
#include "policy/json/reader.h"

#include <stdlib.h>

#define MAX_BYTES ((size_t)256 * 1024 * 1024)

/* A string that has changed and contains a document. */
struct changed_string {
    struct moor_slice json[2]; /* with its quotes, before and after */
    size_t offset;
};

struct context {
    struct moor_pin_verify *verify;
    struct moor_pin_sites *sites;
    /* The sites by the offset, and by the position, of their values. */
    struct moor_pin_site **by_offset;
    struct moor_pin_site **by_position;
    struct changed_string *strings; /* those of the current document */
    size_t string_count;
    size_t string_room;
    bool has_left; /* a site was left because its value is shared */
    struct moor_error *err;
};

/* A text in both versions: a document, or the document in a string of it. */
struct pair {
    const struct moor_document *documents[2];
    size_t string; /* offset of the string before the edits, or MOOR_PIN_NO_STRING */
};

int moor_pin_verify_init(struct moor_pin_verify *out, struct moor_error *err)
{
    *out = (struct moor_pin_verify){0};
    moor_source_init(&out->after);
    moor_arena_init(&out->arena, MAX_BYTES);
    for (size_t i = 0; i < 2; i++) {
        if (moor_documents_init(&out->documents[i], err) != 0 ||
            moor_embedded_init(&out->embedded[i], err) != 0) {
            return -1;
        }
    }
    return 0;
}

void moor_pin_verify_release(struct moor_pin_verify *verify)
{
    for (size_t i = 0; i < 2; i++) {
        moor_documents_release(&verify->documents[i]);
        moor_embedded_release(&verify->embedded[i]);
    }
    moor_source_release(&verify->after);
    moor_arena_release(&verify->arena);
}

static int fail(const struct context *context, const char *what)
{
    /*
     * The edits were made from offsets in the text.  A mistake in one of them is found here, before
     * the file is written, by reading both versions as a user of the file would.
     */
    return moor_error_set(context->err, MOOR_ERROR_VALUE,
                          "the edits would change %s: nothing was written", what);
}

/* --- sites ------------------------------------------------------------------------------------ */

static int order(size_t left, size_t right)
{
    return left < right ? -1 : left > right;
}

static int by_text(const struct moor_pin_site *a, const struct moor_pin_site *b)
{
    return a->document != b->document ? order(a->document, b->document)
                                      : order(a->string, b->string);
}

static int by_offset(const void *left, const void *right)
{
    const struct moor_pin_site *a = *(struct moor_pin_site *const *)left;
    const struct moor_pin_site *b = *(struct moor_pin_site *const *)right;
    int first = by_text(a, b);
    return first != 0 ? first : order(a->offset, b->offset);
}

static int by_position(const void *left, const void *right)
{
    const struct moor_pin_site *a = *(struct moor_pin_site *const *)left;
    const struct moor_pin_site *b = *(struct moor_pin_site *const *)right;
    int first = by_text(a, b);
    if (first == 0) {
        first = order(a->value.line, b->value.line);
    }
    return first != 0 ? first : order(a->value.column, b->value.column);
}

typedef int compare_sites(const void *left, const void *right);

static int sort_sites(struct moor_pin_site ***out, struct context *context, compare_sites *by)
{
    size_t count = context->sites->count;
    struct moor_pin_site **items = NULL;
    /* One more than the sites, because a file without sites must not ask the arena for nothing. */
    size_t bytes = (count + 1) * sizeof *items; // NOLINT(bugprone-sizeof-expression): pointers
    items = moor_arena_alloc(&context->verify->arena, bytes);
    if (items == NULL) {
        return moor_error_set(context->err, MOOR_ERROR_MEMORY, "no memory to verify a file");
    }
    for (size_t i = 0; i < count; i++) {
        context->sites->items[i].is_verified = false;
        items[i] = &context->sites->items[i];
    }
    qsort(items, count, sizeof(struct moor_pin_site *), by);
    *out = items;
    return 0;
}

/* Returns the index of the first site that is not before `wanted`. */
static size_t first_from(const struct context *context, struct moor_pin_site *const *items,
                         const struct moor_pin_site *wanted, compare_sites *by)
{
    size_t low = 0;
    size_t high = context->sites->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by(&items[middle], &wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/*
 * Returns the site of the value at `offset` in this text, or NULL.  Two images can have one value,
 * so that all of them become verified with it.
 */
static const struct moor_pin_site *find_site(const struct context *context, const struct pair *pair,
                                             size_t offset)
{
    const struct moor_pin_site wanted = {
        .document = pair->documents[0]->index, .string = pair->string, .offset = offset};
    const struct moor_pin_site *found = NULL;
    size_t at = first_from(context, context->by_offset, &wanted, by_offset);
    for (; at < context->sites->count; at++) {
        struct moor_pin_site *site = context->by_offset[at];
        if (by_text(site, &wanted) != 0 || site->offset != offset) {
            break;
        }
        if (moor_pin_site_has_edit(site)) {
            site->is_verified = true;
            found = site;
        }
    }
    return found;
}

/* Returns whether a site is in the string at `offset`. */
static bool has_sites(const struct context *context, const struct pair *pair, size_t offset)
{
    const struct moor_pin_site wanted = {.document = pair->documents[0]->index, .string = offset};
    size_t at = first_from(context, context->by_offset, &wanted, by_offset);
    return at < context->sites->count && by_text(context->by_offset[at], &wanted) == 0;
}

/* Returns whether the text is what the edit of the site makes of its value. */
static bool is_expected(const struct context *context, const struct moor_pin_site *site,
                        struct moor_slice text)
{
    struct moor_buf *wanted = &context->sites->text;
    moor_pin_site_append(wanted, site);
    bool is_equal = moor_slice_equal(moor_buf_slice(wanted), text);
    moor_buf_clear(wanted);
    return is_equal;
}

/*
 * Decides about a value that is not a site and has changed.  It is written where a site is written,
 * so it is an alias of it, or the site is an alias of this value.
 */
static int take_shared(struct context *context, const struct pair *pair, size_t offset,
                       struct moor_slice key)
{
    const struct moor_pin_site wanted = {.document = pair->documents[0]->index,
                                         .string = pair->string,
                                         .value =
                                             moor_document_position(pair->documents[0], offset)};
    size_t at = first_from(context, context->by_position, &wanted, by_position);
    const struct moor_pin_site *const pointer = &wanted;
    if (at == context->sites->count || by_position(&context->by_position[at], &pointer) != 0) {
        return fail(context, "a value that is no image");
    }
    bool is_image = moor_values_key_is_image(key);
    for (; at < context->sites->count; at++) {
        struct moor_pin_site *site = context->by_position[at];
        if (by_position(&context->by_position[at], &pointer) != 0 ||
            !moor_pin_site_has_edit(site) || (is_image && site->part == MOOR_PIN_REFERENCE)) {
            return 0;
        }
        moor_pin_sites_leave(context->sites, site,
                             "an alias gives its value also to a member that is no image");
        context->has_left = true;
    }
    return 0;
}

/* --- values ----------------------------------------------------------------------------------- */

/* Keeps a string whose document is compared after the document that contains the string. */
static int keep_string(struct context *context, const struct moor_json_token tokens[2])
{
    struct changed_string *grown =
        moor_arena_grow(&context->verify->arena, context->strings, context->string_count,
                        &context->string_room, context->string_count + 1, sizeof *grown);
    if (grown == NULL) {
        return moor_error_set(context->err, MOOR_ERROR_MEMORY, "no memory to verify a file");
    }
    context->strings = grown;
    struct changed_string *string = &grown[context->string_count++];
    string->offset = tokens[0].offset;
    for (size_t i = 0; i < 2; i++) {
        /* The token's text is between the quotes. */
        string->json[i] = (struct moor_slice){tokens[i].raw.ptr - 1, tokens[i].raw.len + 2};
    }
    return 0;
}

/* Decides about two strings that differ. */
static int take_change(struct context *context, const struct pair *pair,
                       const struct moor_json_token tokens[2], struct moor_slice key)
{
    const struct moor_pin_site *site = find_site(context, pair, tokens[0].offset);
    if (site != NULL) {
        return !tokens[1].escaped && is_expected(context, site, tokens[1].raw)
                   ? 0
                   : fail(context, "an image to another text than its own");
    }
    return pair->string == MOOR_PIN_NO_STRING && has_sites(context, pair, tokens[0].offset)
               ? keep_string(context, tokens)
               : take_shared(context, pair, tokens[0].offset, key);
}

/* Compares two events of the same type.  `key` is the key before them, or empty. */
static int compare_tokens(struct context *context, const struct pair *pair,
                          enum moor_json_event event, const struct moor_json_token tokens[2],
                          struct moor_slice key)
{
    if (moor_slice_equal(tokens[0].raw, tokens[1].raw)) {
        return 0;
    }
    return event == MOOR_JSON_STRING ? take_change(context, pair, tokens, key)
                                     : fail(context, "a value that is no text");
}

/* Compares the values of both texts one by one. */
static int compare(struct context *context, const struct pair *pair)
{
    struct moor_json_reader readers[2];
    struct moor_json_token tokens[2];
    struct moor_slice key = {0};
    enum moor_json_event event = MOOR_JSON_NULL;
    moor_json_reader_init(&readers[0], pair->documents[0]->text);
    moor_json_reader_init(&readers[1], pair->documents[1]->text);
    while (event != MOOR_JSON_END) {
        event = moor_json_next(&readers[0], &tokens[0]);
        /*
         * Both texts are read in step, so that a moved, added or lost value is found at the first
         * event that differs.
         */
        if (moor_json_next(&readers[1], &tokens[1]) != event || event == MOOR_JSON_ERROR) {
            return fail(context, "the structure of the file");
        }
        if (compare_tokens(context, pair, event, tokens, key) != 0) {
            return -1;
        }
        key = event == MOOR_JSON_KEY ? tokens[0].raw : (struct moor_slice){0};
    }
    return 0;
}

/* Compares the documents in one string. */
static int compare_string(struct context *context, const struct pair *pair,
                          const struct changed_string *string)
{
    struct moor_document inner[2];
    struct moor_error ignored = {0};
    for (size_t side = 0; side < 2; side++) {
        if (moor_embedded_read(&inner[side], &context->verify->embedded[side],
                               pair->documents[side], string->json[side], &ignored) <= 0) {
            return fail(context, "a text that contains images");
        }
    }
    const struct pair strings = {{&inner[0], &inner[1]}, string->offset};
    return compare(context, &strings);
}

/* Compares the documents in the strings that compare() found. */
static int compare_strings(struct context *context, const struct pair *pair)
{
    for (size_t i = 0; i < context->string_count; i++) {
        if (compare_string(context, pair, &context->strings[i]) != 0) {
            return -1;
        }
    }
    context->string_count = 0;
    return 0;
}

/* --- Dockerfiles ------------------------------------------------------------------------------ */

static bool is_same_image(const struct context *context, const struct pair *pair,
                          const struct moor_dockerfile_image *before,
                          const struct moor_dockerfile_image *after)
{
    const struct moor_pin_site *site = find_site(context, pair, before->offset);
    bool is_equal = site != NULL ? is_expected(context, site, after->image)
                                 : moor_slice_equal(before->image, after->image);
    return is_equal && before->state == after->state &&
           moor_slice_equal(before->where, after->where) &&
           moor_slice_equal(before->stage, after->stage);
}

static int compare_dockerfiles(struct context *context, const struct pair *pair)
{
    struct moor_dockerfile read[2];
    for (size_t i = 0; i < 2; i++) {
        if (moor_dockerfile_read(&read[i], pair->documents[i]->text, &context->verify->arena,
                                 context->err) != 0) {
            return -1;
        }
    }
    bool is_same =
        read[0].count == read[1].count && read[0].malformed.code == read[1].malformed.code;
    for (size_t i = 0; is_same && i < read[0].count; i++) {
        is_same = is_same_image(context, pair, &read[0].images[i], &read[1].images[i]);
    }
    return is_same ? 0 : fail(context, "more than the images of the Dockerfile");
}

/* --- files ------------------------------------------------------------------------------------ */

static int compare_files(struct context *context, bool is_whole)
{
    for (;;) {
        struct moor_document documents[2];
        struct moor_error ignored = {0};
        int before = moor_documents_next(&documents[0], &context->verify->documents[0], &ignored);
        int after = moor_documents_next(&documents[1], &context->verify->documents[1], &ignored);
        /*
         * An edit that makes a document unreadable is an error, and so is an input that already was
         * unreadable here: nothing can be compared in it.
         */
        if (before != after || before < 0) {
            return fail(context, "the documents of the file");
        }
        if (before == 0) {
            return 0;
        }
        const struct pair pair = {{&documents[0], &documents[1]}, MOOR_PIN_NO_STRING};
        int status = is_whole ? compare_dockerfiles(context, &pair) : compare(context, &pair);
        if (status != 0 || compare_strings(context, &pair) != 0) {
            return -1;
        }
    }
}

int moor_pin_verify_run(struct moor_pin_verify *verify, struct moor_pin_sites *sites,
                        struct moor_source *before, struct moor_slice after, bool is_whole,
                        struct moor_error *err)
{
    struct context context = {.verify = verify, .sites = sites, .err = err};
    moor_arena_reset(&verify->arena);
    moor_source_set(&verify->after, after);
    if (moor_buf_check(&verify->after.bytes, err) != 0 ||
        sort_sites(&context.by_offset, &context, by_offset) != 0 ||
        sort_sites(&context.by_position, &context, by_position) != 0) {
        return -1;
    }
    moor_documents_open(&verify->documents[0], before, MOOR_SLICE("before"), is_whole);
    moor_documents_open(&verify->documents[1], &verify->after, MOOR_SLICE("after"), is_whole);
    if (compare_files(&context, is_whole) != 0) {
        return -1;
    }
    for (size_t i = 0; i < sites->count; i++) {
        /*
         * Equal values do not suffice: an edit that landed in a comment changes no value, and is
         * found because its site was never verified.
         */
        if (moor_pin_site_has_edit(&sites->items[i]) && !sites->items[i].is_verified) {
            return fail(&context, "other bytes than those of an image");
        }
    }
    return context.has_left ? 0 : 1;
}

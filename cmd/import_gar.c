/* SPDX-License-Identifier: Apache-2.0 */
/* Google Artifact Registry: a repository of images is immutable as a whole, or not at all. */
#include "cmd/import_gar.h"

#include "policy/file/keys.h"
#include "policy/file/quote.h"

#include <stdlib.h>

/* The parts of `projects/PROJECT/locations/LOCATION/repositories/NAME`. */
struct place {
    struct moor_slice project;
    struct moor_slice location;
    struct moor_slice name;
};

/* Takes `literal` from the start of `rest`, and then a part up to the next slash. */
static bool take_part(struct moor_slice *out, struct moor_slice *rest, const char *literal)
{
    /*
     * Only bytes that are literal in a glob and in YAML are accepted, because the parts become an
     * entry.
     */
    static const char known[] = "abcdefghijklmnopqrstuvwxyz0123456789.:-";
    struct moor_slice text = moor_slice_from(literal);
    if (!moor_slice_starts_with(*rest, text)) {
        return false;
    }
    *rest = moor_slice_sub(*rest, text.len, rest->len);
    size_t len = 0;
    while (len < rest->len && rest->ptr[len] != '/') {
        if (memchr(known, rest->ptr[len], sizeof known - 1) == NULL) {
            return false;
        }
        len++;
    }
    *out = moor_slice_sub(*rest, 0, len);
    *rest = moor_slice_sub(*rest, len, rest->len);
    return len > 0;
}

static bool read_place(struct place *out, struct moor_slice rest)
{
    return take_part(&out->project, &rest, "projects/") &&
           take_part(&out->location, &rest, "/locations/") &&
           take_part(&out->name, &rest, "/repositories/") && rest.len == 0;
}

/* A project of an organization, `example.com:shop`, is a path of two parts in the registry. */
static void append_project(struct moor_buf *out, struct moor_slice project)
{
    for (size_t i = 0; i < project.len; i++) {
        moor_buf_append_byte(out, project.ptr[i] == ':' ? '/' : project.ptr[i]);
    }
}

static bool is_gcr(struct moor_slice name)
{
    return moor_slice_is(name, "gcr.io") || moor_slice_ends_with(name, MOOR_SLICE(".gcr.io"));
}

/* A repository named `eu.gcr.io` is reached under that name too. */
static void append_match(struct moor_import *import, const struct place *place)
{
    struct moor_buf path;
    moor_buf_init(&path, 4096);
    moor_buf_append(&path, place->location);
    moor_buf_append_text(&path, "-docker.pkg.dev/");
    append_project(&path, place->project);
    moor_buf_append_byte(&path, '/');
    moor_buf_append(&path, place->name);
    moor_import_match(import, "", moor_buf_slice(&path), "/**");
    if (is_gcr(place->name)) {
        moor_buf_clear(&path);
        moor_buf_append(&path, place->name);
        moor_buf_append_byte(&path, '/');
        append_project(&path, place->project);
        moor_import_match(import, "", moor_buf_slice(&path), "/**");
    }
    import->out.failed = import->out.failed || path.failed;
    moor_buf_release(&path);
}

/* Returns whether the repository gets an entry; notes one that is immutable, but gets none. */
static bool is_fixed(struct moor_import *import, const json_t *object)
{
    const json_t *config = json_object_get(object, "dockerConfig");
    struct moor_slice mode = moor_import_text(object, "mode");
    if (!moor_slice_is(moor_import_text(object, "format"), "DOCKER") ||
        !json_is_true(json_object_get(config, "immutableTags"))) {
        return false;
    }
    /* A remote or virtual repository serves images of others, whose tags can move. */
    if (mode.len > 0 && !moor_slice_is(mode, "STANDARD_REPOSITORY")) {
        moor_import_leave(import, moor_import_text(object, "name"), mode,
                          "the setting is about this repository, not about those behind it");
        return false;
    }
    return true;
}

static int compare_names(const void *left, const void *right)
{
    const char *const *first = left;
    const char *const *second = right;
    return strcmp(*first, *second);
}

/* Sorts the names, so that the result does not depend on the order of the list. */
static const char **sorted_names(struct moor_import *import, const json_t *root, size_t *count)
{
    const char **names = calloc(json_array_size(root) + 1, sizeof *names);
    for (size_t i = 0; names != NULL && i < json_array_size(root); i++) {
        const json_t *object = json_array_get(root, i);
        if (is_fixed(import, object)) {
            names[(*count)++] = json_string_value(json_object_get(object, "name"));
        }
    }
    if (names != NULL) {
        qsort(names, *count, sizeof *names, compare_names);
    }
    return names;
}

static void append_entries(struct moor_import *import, const char *const *names, size_t count)
{
    /* A name can have two globs. */
    static const size_t most = MOOR_KEYS_MAX_ITEMS / 2;

    for (size_t i = 0; i < count; i++) {
        struct place place = {0};
        /*
         * An entry has a limited number of globs, so that many repositories need several entries.
         */
        if (i % most == 0) {
            moor_import_begin(import);
        }
        if (read_place(&place, moor_slice_from(names[i]))) {
            append_match(import, &place);
        }
        if (i % most == most - 1 || i + 1 == count) {
            moor_import_reason(import, "Google Artifact Registry: immutable tags");
            moor_import_otherwise(import);
        }
    }
}

int moor_import_gar(struct moor_import *out, const json_t *root, struct moor_error *err)
{
    size_t count = 0;
    if (!json_is_array(root) || json_array_size(root) == 0) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "no list of repositories: give the output of "
                              "'gcloud artifacts repositories list --format=json'");
    }
    for (size_t i = 0; i < json_array_size(root); i++) {
        /* All names are checked first: a wrong file must fail before anything of it is trusted. */
        struct place place;
        struct moor_slice name = moor_import_text(json_array_get(root, i), "name");
        if (!read_place(&place, name)) {
            return moor_error_set(err, MOOR_ERROR_VALUE,
                                  "item %zu has no 'name' such as "
                                  "projects/shop/locations/europe-west1/repositories/apps: '%s'",
                                  i, moor_quote(name).text);
        }
    }
    const char **names = sorted_names(out, root, &count);
    if (names == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu repositories",
                              json_array_size(root));
    }
    append_entries(out, names, count);
    free(names);
    return 0;
}

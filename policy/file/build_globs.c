/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/build_globs.h"

#include "policy/file/image_glob_warn.h"
#include "policy/file/quote.h"
#include "policy/rules/image_glob.h"

static size_t count_texts(const char *const *texts)
{
    size_t count = 0;
    while (texts != NULL && texts[count] != NULL) {
        count++;
    }
    return count;
}

bool moor_build_charge(struct moor_arena *arena, size_t bytes, const struct moor_yaml_node *at,
                       struct moor_diagnostics *diagnostics)
{
    if (moor_arena_charge(arena, bytes, MOOR_BUILD_MAX_COMPILED)) {
        return true;
    }
    if (at != NULL) {
        moor_diagnostics_error(
            diagnostics, at,
            "the globs and patterns up to this one take more than %zu MiB of memory: use fewer or "
            "simpler ones",
            MOOR_BUILD_MAX_COMPILED >> 20);
    }
    return false;
}

/* `at` is NULL for a built-in glob.  An error keeps the item, so that indexes match the file's. */
static int add_glob(struct moor_glob_list *list, struct moor_slice text, struct moor_arena *arena,
                    const struct moor_yaml_node *at, struct moor_diagnostics *diagnostics)
{
    struct moor_error err = {0};
    struct moor_glob *glob = &list->items[list->count++];
    if (moor_glob_compile(glob, text, &err) == 0) {
        if (moor_build_charge(arena, moor_glob_size(glob), at, diagnostics)) {
            return 0;
        }
        /*
         * The text remains for later checks and messages, but the memory must not: the limit is
         * exceeded.
         */
        moor_glob_release(glob);
        *glob = (struct moor_glob){.text = text};
        return at == NULL ? -1 : 0;
    }
    *glob = (struct moor_glob){.text = text};
    if (at == NULL) {
        return -1;
    }
    moor_diagnostics_error(diagnostics, at, "%s", err.text);
    return 0;
}

int moor_build_globs(struct moor_glob_list *out, const char *const *builtin,
                     const struct moor_key_value *value, struct moor_arena *arena,
                     struct moor_diagnostics *diagnostics, struct moor_error *err)
{
    size_t builtins = count_texts(builtin);
    size_t count = builtins + (value->at != NULL ? value->at->count : 0);
    if (count == 0) {
        return 0;
    }
    out->items = moor_arena_alloc(arena, count * sizeof *out->items);
    if (out->items == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu globs", count);
    }
    for (size_t i = 0; i < builtins; i++) {
        if (add_glob(out, moor_slice_from(builtin[i]), arena, NULL, diagnostics) != 0) {
            return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the built-in globs");
        }
    }
    const struct moor_yaml_node *item = value->at != NULL ? value->at->first : NULL;
    for (; item != NULL; item = item->next) {
        struct moor_slice text;
        if (moor_arena_copy(arena, &text, item->text, err) != 0) {
            return -1;
        }
        (void)add_glob(out, text, arena, item, diagnostics);
    }
    return 0;
}

/* The canonical spelling of a registry is at most this many bytes longer. */
#define NAME_SLACK 16

int moor_build_respelled(struct moor_slice *out, const struct moor_yaml_node *item,
                         struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                         struct moor_error *err)
{
    struct moor_buf name;
    moor_buf_init(&name, item->text.len + NAME_SLACK);
    struct moor_slice text = item->text;
    if (moor_image_glob_respell(&name, item->text)) {
        text = moor_buf_slice(&name);
        moor_diagnostics_warning(diagnostics, item,
                                 "'%s' is read as '%s', the canonical spelling of the registry",
                                 moor_quote(item->text).text, moor_quote(text).text);
    }
    int status = moor_arena_copy(arena, out, text, err);
    moor_buf_release(&name);
    return status;
}

static int add_name_glob(struct moor_glob_list *out, const struct moor_yaml_node *item,
                         struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                         struct moor_error *err)
{
    struct moor_error wrong = {0};
    struct moor_slice text;
    if (moor_build_respelled(&text, item, arena, diagnostics, err) != 0) {
        return -1;
    }
    if (moor_image_glob_check_name(text, &wrong) != 0) {
        moor_diagnostics_error(diagnostics, item, "%s", wrong.text);
        return 0;
    }
    /* After the respelling, so that a warning about `INDEX.docker.io` is one about `docker.io`. */
    moor_image_glob_warn(item, text, diagnostics);
    (void)add_glob(out, text, arena, item, diagnostics);
    return 0;
}

int moor_build_name_globs(struct moor_glob_list *out, const struct moor_key_value *value,
                          struct moor_arena *arena, struct moor_diagnostics *diagnostics,
                          struct moor_error *err)
{
    if (value->at == NULL || value->at->count == 0) {
        return 0;
    }
    out->items = moor_arena_alloc(arena, value->at->count * sizeof *out->items);
    if (out->items == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu globs", value->at->count);
    }
    for (const struct moor_yaml_node *item = value->at->first; item != NULL; item = item->next) {
        if (add_name_glob(out, item, arena, diagnostics, err) != 0) {
            return -1;
        }
    }
    return 0;
}

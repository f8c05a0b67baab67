/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include "cmd/pin/pinning.h"

#include "cmd/command.h"
#include "cmd/pin/diff.h"
#include "cmd/pin/replace.h"
#include "cmd/report/page.h"

#include <stdlib.h>

/* --- links ------------------------------------------------------------------------------------ */

static bool is_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 &&
           (path[len] == '/' || path[len] == '\0' || (len > 0 && folder[len - 1] == '/'));
}

/* Returns whether the file, with all links resolved, is in an operand. */
static bool is_in_operands(const struct moor_pinning *pinning, const char *path)
{
    char *file = realpath(path, NULL);
    bool found = false;
    for (size_t i = 0; file != NULL && !found && i < pinning->operand_count; i++) {
        char *operand = realpath(pinning->operands[i], NULL);
        found = operand != NULL && is_below(file, operand);
        free(operand);
    }
    free(file);
    return found;
}

/*
 * Returns why a file that was found in a directory must not be written, or NULL.  The user named
 * the directory, and not the file to which a link in it leads.
 */
static const char *why_foreign(const struct moor_pinning *pinning,
                               const struct moor_files_item *item)
{
    struct stat status;
    if (item->is_operand) {
        return NULL;
    }
    if (lstat(item->path, &status) == 0 && S_ISLNK(status.st_mode)) {
        return "its file is a symbolic link: name the file itself";
    }
    return is_in_operands(pinning, item->path)
               ? NULL
               : "a symbolic link leads out of the directory: name the file itself";
}

static void leave_all(struct moor_pin_sites *sites, const char *why)
{
    for (size_t i = 0; i < sites->count; i++) {
        if (moor_pin_site_has_edit(&sites->items[i])) {
            moor_pin_sites_leave(sites, &sites->items[i], "%s", why);
        }
    }
}

/* --- the list --------------------------------------------------------------------------------- */

static int by_position(const void *left, const void *right)
{
    const struct moor_position *a = &((const struct moor_pin_site *)left)->position;
    const struct moor_position *b = &((const struct moor_pin_site *)right)->position;
    if (a->line != b->line) {
        return a->line < b->line ? -1 : 1;
    }
    return a->column < b->column ? -1 : a->column > b->column;
}

static void print_site(const struct moor_pinning *pinning, struct moor_slice path,
                       const struct moor_pin_site *site)
{
    FILE *out = pinning->list;
    bool has_edit = moor_pin_site_has_edit(site);
    const char *done = pinning->is_dry_run ? "to pin" : "pinned";
    moor_page_escape(out, path);
    (void)fprintf(out, ":%u:%u: %s ", site->position.line, site->position.column,
                  has_edit ? done : "left");
    moor_page_escape(out, has_edit ? site->pinned : site->image);
    if (!has_edit || site->note.len > 0) {
        (void)fputs(": ", out);
        moor_page_escape(out, has_edit ? site->note : site->reason);
    }
    (void)fputc('\n', out);
}

/* Prints and counts the sites.  An image that several aliases use is one. */
static void print_sites(struct moor_pinning *pinning, struct moor_slice path)
{
    struct moor_pin_sites *sites = &pinning->sites;
    if (sites->count > 0) {
        qsort(sites->items, sites->count, sizeof *sites->items, by_position);
    }
    for (size_t i = 0; i < sites->count; i++) {
        const struct moor_pin_site *site = &sites->items[i];
        if (i > 0 && by_position(site, site - 1) == 0 &&
            moor_slice_equal(site->image, (site - 1)->image) &&
            moor_slice_equal(site->reason, (site - 1)->reason)) {
            continue;
        }
        bool has_edit = moor_pin_site_has_edit(site);
        pinning->pinned += has_edit;
        pinning->left += !has_edit;
        print_site(pinning, path, site);
    }
}

/* --- files ------------------------------------------------------------------------------------ */

static bool has_edits(const struct moor_pin_sites *sites)
{
    bool found = false;
    for (size_t i = 0; i < sites->count && !found; i++) {
        found = moor_pin_site_has_edit(&sites->items[i]);
    }
    return found;
}

/*
 * Writes the file with its edits to `after`, and verifies it.  Each further round leaves at least
 * one site more, and the second is the last as a rule.
 */
static int edit(struct moor_pinning *pinning, struct moor_source *source, struct moor_error *err)
{
    struct moor_pin_sites *sites = &pinning->sites;
    int status = 0;
    while (status == 0) {
        moor_buf_clear(&pinning->after);
        moor_pin_sites_apply(&pinning->after, sites, moor_buf_slice(&source->bytes));
        if (moor_buf_check(&pinning->after, err) != 0) {
            return -1;
        }
        status = moor_pin_verify_run(&pinning->verify, sites, source,
                                     moor_buf_slice(&pinning->after), sites->is_whole, err);
    }
    return sites->failed ? moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to edit a file")
                         : (status > 0 ? 0 : -1);
}

static int write_file(struct moor_pinning *pinning, const struct moor_source *source,
                      const char *path, struct moor_slice shown, struct moor_error *err)
{
    struct moor_slice before = moor_buf_slice(&source->bytes);
    struct moor_slice after = moor_buf_slice(&pinning->after);
    if (moor_slice_equal(before, after)) {
        return 0;
    }
    /* The shown path is the end of the item's path, and ends as that does. */
    int status = pinning->is_dry_run ? moor_pin_diff_write(stdout, shown.ptr, before, after, err)
                                     : moor_pin_replace(path, before, after, err);
    pinning->files += status == 0;
    return status;
}

static void fail_file(struct moor_pinning *pinning, struct moor_slice path,
                      const struct moor_error *err)
{
    pinning->errors++;
    (void)moor_command_fail("pin: %.*s: %s", MOOR_SLICE_ARGS(path), err->text);
}

/* Reports and baselines name a file without a leading `./`; so do these lists. */
static struct moor_slice shown(const char *path)
{
    return moor_slice_from(strncmp(path, "./", 2) == 0 && path[2] != '\0' ? path + 2 : path);
}

static void take_file(void *context, struct moor_source *source, const struct moor_files_item *item,
                      bool has_errors)
{
    struct moor_pinning *pinning = context;
    struct moor_pin_sites *sites = &pinning->sites;
    struct moor_slice path = shown(item->path);
    struct moor_error err = {0};
    const char *why = has_errors ? "the file has an error" : why_foreign(pinning, item);
    if (sites->count > 0 && why != NULL) {
        leave_all(sites, why);
    }
    moor_pin_sites_settle(sites);
    if (sites->failed) {
        (void)moor_error_set(&err, MOOR_ERROR_MEMORY, "no memory to edit a file");
        fail_file(pinning, path, &err);
    } else if (!has_edits(sites) || (edit(pinning, source, &err) == 0 &&
                                     write_file(pinning, source, item->path, path, &err) == 0)) {
        print_sites(pinning, path);
    } else {
        fail_file(pinning, path, &err);
    }
    pinning->before += sites->pinned_before;
    moor_pin_sites_clear(sites);
}

static void take_image(void *context, const struct moor_observed_image *image)
{
    struct moor_pinning *pinning = context;
    moor_pin_sites_add(&pinning->sites, image);
}

int moor_pinning_init(struct moor_pinning *out, const struct moor_pin_choice *choice,
                      struct moor_error *err)
{
    *out = (struct moor_pinning){.list = stdout};
    out->observer = (struct moor_observer){out, take_image, take_file};
    moor_pin_sites_init(&out->sites, choice);
    moor_buf_init(&out->after, MOOR_SOURCE_MAX_BYTES);
    return moor_pin_verify_init(&out->verify, err);
}

void moor_pinning_release(struct moor_pinning *pinning)
{
    moor_pin_sites_release(&pinning->sites);
    moor_pin_verify_release(&pinning->verify);
    moor_buf_release(&pinning->after);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/hints.h"

#include "policy/base/escape.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LONGEST_NAMESPACE 256
#define HINT              ": --render evaluates the result"

/* Returns whether the kustomization changes images of this name. */
static bool changes(const struct moor_kustomization *item, struct moor_slice image)
{
    for (size_t i = 0; i < item->images.count; i++) {
        struct moor_slice name = moor_slice_from(item->images.items[i].path);
        if (name.len > 0 && moor_slice_starts_with(image, name) &&
            (image.len == name.len || strchr(":@", image.ptr[name.len]) != NULL)) {
            return true;
        }
    }
    return false;
}

/* Returns whether the kustomization moves the object of the finding to another namespace. */
static bool moves(const struct moor_kustomization *item, const struct moor_report_finding *finding)
{
    /* The images of an Application run in the namespace of its destination. */
    return item->namespace != NULL && !moor_slice_is(finding->namespace, item->namespace) &&
           !moor_slice_starts_with(finding->kind, MOOR_SLICE("Application"));
}

/* A finding has one hint at a namespace: each overlay of a base sets another one. */
static bool has_hint(const struct moor_report_finding *finding)
{
    return finding->repair.len > 0 &&
           memmem(finding->repair.ptr, finding->repair.len, HINT, sizeof HINT - 1) != NULL;
}

/* Adds a hint at what the kustomization does; `namespace` is empty if it changes the image. */
static void add_hint(struct moor_report *report, struct moor_report_finding *finding,
                     const struct moor_kustomization *item, const char *namespace)
{
    struct moor_buf text;
    moor_buf_init(&text, (size_t)16 * 1024);
    moor_buf_append(&text, finding->repair);
    moor_buf_append_text(&text, finding->repair.len > 0 ? "; " : "");
    moor_buf_append_text(&text, item->parts.items[0].path);
    moor_buf_append_text(&text, namespace[0] != '\0' ? " sets namespace " : " changes this image");
    moor_escape_append(&text, moor_slice_from(namespace), LONGEST_NAMESPACE);
    moor_buf_append_text(&text, HINT);
    moor_report_set_repair(report, finding, moor_buf_slice(&text));
    moor_buf_release(&text);
}

/* Hints at one kustomization: its findings are those in its files, except in its own file. */
static void hint_at(struct moor_report *report, const struct moor_kustomization *item,
                    struct moor_kustomization_parts *parts,
                    const struct moor_kustomization_part *files, bool by_namespace)
{
    moor_kustomization_sort(parts);
    for (size_t i = 0; i < report->finding_count; i++) {
        struct moor_report_finding *finding = &report->findings[i];
        if (!moor_kustomization_has(parts, files[i].device, files[i].inode) ||
            moor_slice_is(finding->file, item->parts.items[0].path)) {
            continue;
        }
        if (changes(item, finding->image)) {
            add_hint(report, finding, item, "");
        } else if (by_namespace && moves(item, finding) && !has_hint(finding)) {
            add_hint(report, finding, item, item->namespace);
        }
    }
}

/* Finds out which files the findings are in.  Findings of one file follow one another. */
static void identify(struct moor_kustomization_part *files, const struct moor_report *report)
{
    for (size_t i = 0; i < report->finding_count; i++) {
        struct moor_slice file = report->findings[i].file;
        struct moor_buf path;
        struct stat found;
        if (i > 0 && moor_slice_equal(file, report->findings[i - 1].file)) {
            files[i] = files[i - 1];
            continue;
        }
        moor_buf_init(&path, (size_t)8 * 1024);
        moor_buf_append(&path, file);
        moor_buf_append_byte(&path, '\0');
        if (!path.failed && stat(path.ptr, &found) == 0) {
            files[i].device = found.st_dev;
            files[i].inode = found.st_ino;
        }
        moor_buf_release(&path);
    }
}

void moor_hints_add(struct moor_kustomizations *list, struct moor_report *report, bool by_namespace)
{
    struct moor_kustomization_part *files = calloc(report->finding_count + 1, sizeof *files);
    struct moor_error ignored = {0};
    if (files == NULL) {
        report->failed = true;
        return;
    }
    identify(files, report);
    for (size_t i = 0; i < list->count && report->finding_count > 0; i++) {
        const struct moor_kustomization *item = &list->items[i];
        struct moor_kustomization_parts parts = {0};
        if ((item->images.count > 0 || (by_namespace && item->namespace != NULL)) &&
            item->parts.count > 0 && moor_kustomizations_collect(&parts, list, i, &ignored) == 0) {
            hint_at(report, item, &parts, files, by_namespace);
        }
        free(parts.items);
    }
    free(files);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/kustomization.h"

#include "cmd/input/file.h"
#include "policy/base/array_size.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#if !defined(__clang__)
    /* gcc 12 loses sight of a path in a list that is reallocated. */
    #pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

/* --- lists of parts --------------------------------------------------------------------------- */

static int fail_memory(struct moor_error *err)
{
    return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the kustomizations");
}

/* Makes room for one more item.  Returns false if memory is short. */
static bool reserve(void **items, size_t *room, size_t count, size_t size)
{
    if (count < *room) {
        return true;
    }
    /*
     * Doubling keeps the number of copies low; reallocarray() reports an overflow of the product.
     */
    size_t wanted = *room == 0 ? 8 : *room * 2;
    void *grown = reallocarray(*items, wanted, size);
    if (grown == NULL) {
        return false;
    }
    *items = grown;
    *room = wanted;
    return true;
}

int moor_kustomization_append(struct moor_kustomization_parts *parts,
                              struct moor_kustomization_part part, struct moor_error *err)
{
    void *items = parts->items;
    /* A null path is an strdup() that failed, so that callers need not check it themselves. */
    if (part.path == NULL || !reserve(&items, &parts->room, parts->count, sizeof part)) {
        (void)fail_memory(err);
        return -1;
    }
    parts->items = items;
    parts->items[parts->count++] = part;
    return 0;
}

static void release_parts(struct moor_kustomization_parts *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        free(parts->items[i].path);
    }
    free(parts->items);
}

/* --- identities ----------------------------------------------------------------------------- */

/* Device and inode identify a file.  Paths do not: links and `..` give one file several paths. */
static int by_identity(const void *left, const void *right)
{
    const struct moor_kustomization_part *a = left;
    const struct moor_kustomization_part *b = right;
    if (a->device != b->device) {
        return a->device < b->device ? -1 : 1;
    }
    return (a->inode > b->inode) - (a->inode < b->inode);
}

void moor_kustomization_sort(struct moor_kustomization_parts *parts)
{
    if (parts->count > 1) {
        qsort(parts->items, parts->count, sizeof *parts->items, by_identity);
    }
}

bool moor_kustomization_has(const struct moor_kustomization_parts *parts, dev_t device, ino_t inode)
{
    const struct moor_kustomization_part key = {.device = device, .inode = inode};
    return parts->count > 0 &&
           bsearch(&key, parts->items, parts->count, sizeof key, by_identity) != NULL;
}

/* --- paths ------------------------------------------------------------------------------------ */

/* Returns the length of a path without its last part, which ends with a slash. */
static size_t without_last(const char *path, size_t len, size_t fixed)
{
    for (len--; len > fixed && path[len - 1] != '/'; len--) {
    }
    return len;
}

/* Removes `.` and `x/..` from a path, in place.  The result is `.` if nothing is left. */
static void normalise(char *path)
{
    size_t len = path[0] == '/';
    size_t fixed = len; /* length of what no `..` can remove: the root, or `../..` */
    size_t size = 0;
    for (size_t at = len; path[at] != '\0'; at += size) {
        /* The slash belongs to the part before it, so that moving parts keeps the separators. */
        bool has_slash = path[at + strcspn(path + at, "/")] == '/';
        size = strcspn(path + at, "/") + has_slash;
        bool is_up = strncmp(path + at, "../", 3) == 0 || strcmp(path + at, "..") == 0;
        bool is_here =
            path[at] == '/' || strncmp(path + at, "./", 2) == 0 || strcmp(path + at, ".") == 0;
        if (is_up && len > fixed) {
            len = without_last(path, len, fixed);
        } else if (!is_here) {
            memmove(path + len, path + at, size);
            len += size;
            fixed = is_up ? len : fixed;
        }
    }
    len -= len > 1 && path[len - 1] == '/';
    path[0] = len > 0 ? path[0] : '.';
    path[len > 0 ? len : 1] = '\0';
}

/*
 * Returns the path of `name` in `directory`, or NULL if memory is short.  `base/../x` is shown as
 * `x`, unless `base` is a link to another place.
 */
static char *join(const char *directory, const char *name)
{
    char *path = NULL;
    struct stat raw;
    struct stat plain;
    bool is_here = strcmp(directory, ".") == 0;
    if (asprintf(&path, "%s%s%s", is_here ? "" : directory, is_here ? "" : "/", name) < 0) {
        return NULL;
    }
    char *shorter = strdup(path);
    if (shorter != NULL) {
        normalise(shorter);
    }
    /* The file system decides, because removing `base/..` is wrong if `base` is a link. */
    if (shorter != NULL && stat(path, &raw) == 0 && stat(shorter, &plain) == 0 &&
        raw.st_dev == plain.st_dev && raw.st_ino == plain.st_ino) {
        free(path);
        return shorter;
    }
    free(shorter);
    return path;
}

/* Adds the part `name` if it exists.  Its identity tells whether two paths are one file. */
static int add_part(struct moor_kustomization *item, const char *name, struct moor_error *err)
{
    struct stat found;
    /*
     * A list can also contain URLs and inline patches, which are texts of several lines.  Parts
     * that are not on this disk are left to kustomize.
     */
    bool is_path = name[0] != '\0' && name[0] != '/' && strpbrk(name, "\n") == NULL &&
                   strstr(name, "://") == NULL;
    if (!is_path || item->parts.count == MOOR_KUSTOMIZATION_MAX_PARTS) {
        return 0;
    }
    char *path = join(item->directory.path, name);
    if (path == NULL) {
        (void)fail_memory(err);
        return -1;
    }
    /* A missing file is an error of kustomize, which reports it with a better text. */
    if (stat(path, &found) != 0) {
        free(path);
        return 0;
    }
    struct moor_kustomization_part part = {path, found.st_dev, found.st_ino,
                                           S_ISDIR(found.st_mode)};
    if (moor_kustomization_append(&item->parts, part, err) != 0) {
        free(path);
        return -1;
    }
    return 0;
}

/* --- kustomization files ---------------------------------------------------------------------- */

/* Adds the paths in a list, whose items are texts or have the text in the member `path`. */
static int add_list(struct moor_kustomization *item, const json_t *list, struct moor_error *err)
{
    size_t i = 0;
    const json_t *value = NULL;
    json_array_foreach (list, i, value) {
        const json_t *path = json_is_object(value) ? json_object_get(value, "path") : value;
        if (json_is_string(path) && add_part(item, json_string_value(path), err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int add_images(struct moor_kustomization *item, const json_t *list, struct moor_error *err)
{
    size_t i = 0;
    const json_t *value = NULL;
    json_array_foreach (list, i, value) {
        const char *name = json_string_value(json_object_get(value, "name"));
        /* The limit of the parts bounds this list too, whatever the file contains. */
        if (name == NULL || item->images.count == MOOR_KUSTOMIZATION_MAX_PARTS) {
            continue;
        }
        struct moor_kustomization_part part = {.path = strdup(name)};
        if (moor_kustomization_append(&item->images, part, err) != 0) {
            free(part.path);
            return -1;
        }
    }
    return 0;
}

static int take_members(struct moor_kustomization *item, const json_t *root, struct moor_error *err)
{
    /*
     * The lists include those that kustomize deprecates, such as `bases` and `patchesJson6902`: it
     * still reads them, and many repositories still use them.
     */
    static const char *const lists[] = {
        "resources",
        "bases",
        "components",
        "patches",
        "patchesStrategicMerge",
        "generators",
        "patchesJson6902",
        "transformers",
        "configurations",
        "crds",
        "replacements",
        "validators",
    };
    const char *kind = json_string_value(json_object_get(root, "kind"));
    const char *namespace = json_string_value(json_object_get(root, "namespace"));
    item->is_component = kind != NULL && strcmp(kind, "Component") == 0;
    if (namespace != NULL && namespace[0] != '\0') {
        item->namespace = strdup(namespace);
        if (item->namespace == NULL) {
            return fail_memory(err);
        }
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(lists); i++) {
        if (add_list(item, json_object_get(root, lists[i]), err) != 0) {
            return -1;
        }
    }
    return add_images(item, json_object_get(root, "images"), err);
}

/* Reads the kustomization file at `path`.  Errors in it are ignored here: kustomize reports them.
 */
static int read_file(struct moor_kustomizations *list, struct moor_kustomization *item,
                     const char *path, struct moor_error *err)
{
    struct moor_document document;
    struct moor_error ignored = {0};
    if (moor_source_read(&list->source, path, &ignored) != 0) {
        return 0;
    }
    moor_documents_open(&list->documents, &list->source, moor_slice_from(path), false);
    /* A kustomization is one document, so only the first one is read. */
    if (moor_documents_next(&document, &list->documents, &ignored) <= 0) {
        return 0;
    }
    json_t *root = json_loadb(document.text.ptr, document.text.len, 0, NULL);
    int status = root != NULL ? take_members(item, root, err) : 0;
    json_decref(root);
    return status;
}

/* Fills a new item with the parts of its kustomization file. */
static int read_item(struct moor_kustomizations *list, struct moor_kustomization *item,
                     struct moor_error *err)
{
    /*
     * kustomize accepts these names only, and rejects a folder with two of them, so that the order
     * decides nothing.
     */
    static const char *const names[] = {"kustomization.yaml", "kustomization.yml", "Kustomization"};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(names); i++) {
        if (add_part(item, names[i], err) != 0) {
            return -1;
        }
        if (item->parts.count > 0) {
            struct moor_kustomization_part *file = &item->parts.items[0];
            /* Opening a named pipe would wait forever for a writer. */
            return moor_file_is_regular(file->path) ? read_file(list, item, file->path, err) : 0;
        }
    }
    return 0;
}

/* --- the list --------------------------------------------------------------------------------- */

int moor_kustomizations_init(struct moor_kustomizations *out, struct moor_error *err)
{
    *out = (struct moor_kustomizations){0};
    moor_source_init(&out->source);
    out->source.bytes.max = MOOR_KUSTOMIZATION_MAX_BYTES;
    return moor_documents_init(&out->documents, err);
}

void moor_kustomizations_release(struct moor_kustomizations *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].directory.path);
        free(list->items[i].namespace);
        release_parts(&list->items[i].parts);
        release_parts(&list->items[i].images);
    }
    free(list->items);
    moor_source_release(&list->source);
    moor_documents_release(&list->documents);
}

/* Returns the kustomization in the directory `found`, or NULL. */
static struct moor_kustomization *find(struct moor_kustomizations *list,
                                       const struct moor_kustomization_part *directory)
{
    /* The list has a limit, and a repository rarely has more than a few dozen kustomizations. */
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].directory.device == directory->device &&
            list->items[i].directory.inode == directory->inode) {
            return &list->items[i];
        }
    }
    return NULL;
}

/* Adds a kustomization unless it is in the list, and reads its file. */
static int add(struct moor_kustomizations *list, const char *directory, bool is_found,
               struct moor_error *err)
{
    struct stat found;
    void *items = list->items;
    /* Kustomizations beyond the limit are not linked. */
    if (stat(directory, &found) != 0 || list->count == MOOR_KUSTOMIZATIONS_MAX) {
        return 0;
    }
    struct moor_kustomization item = {
        .directory = {.device = found.st_dev, .inode = found.st_ino, .is_directory = true},
        .is_found = is_found};
    struct moor_kustomization *known = find(list, &item.directory);
    if (known != NULL) {
        /* A base can be referenced before the search finds it. */
        known->is_found |= is_found;
        return 0;
    }
    item.directory.path = strdup(directory);
    if (item.directory.path == NULL ||
        !reserve(&items, &list->room, list->count, sizeof *list->items)) {
        free(item.directory.path);
        return fail_memory(err);
    }
    list->items = items;
    list->items[list->count] = item;
    return read_item(list, &list->items[list->count++], err);
}

int moor_kustomizations_add(struct moor_kustomizations *list, const char *directory,
                            struct moor_error *err)
{
    return add(list, directory, true, err);
}

/* Adds the kustomization that a part names.  Adding moves the items, so the part is a copy. */
static int link_part(struct moor_kustomizations *list, struct moor_kustomization_part part,
                     struct moor_error *err)
{
    if (!part.is_directory) {
        return 0;
    }
    if (add(list, part.path, false, err) != 0) {
        return -1;
    }
    struct moor_kustomization *other = find(list, &part);
    if (other != NULL) {
        other->is_referenced = true;
    }
    return 0;
}

int moor_kustomizations_link(struct moor_kustomizations *list, struct moor_error *err)
{
    int status = 0;
    /*
     * The list grows during the loop: bases outside of the operands are added at its end and
     * visited in turn.
     */
    for (size_t i = 0; i < list->count; i++) {
        for (size_t k = 0; status == 0 && k < list->items[i].parts.count; k++) {
            status = link_part(list, list->items[i].parts.items[k], err);
        }
    }
    return status;
}

static int append_all(struct moor_kustomization_parts *out,
                      const struct moor_kustomization_parts *parts, struct moor_error *err)
{
    for (size_t i = 0; i < parts->count; i++) {
        if (moor_kustomization_append(out, parts->items[i], err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* The list `out` is also the list of directories to visit, so that nothing recurses. */
int moor_kustomizations_collect(struct moor_kustomization_parts *out,
                                struct moor_kustomizations *list, size_t index,
                                struct moor_error *err)
{
    size_t at = out->count;
    for (size_t i = 0; i < list->count; i++) {
        list->items[i].is_visited = false;
    }
    if (moor_kustomization_append(out, list->items[index].directory, err) != 0) {
        return -1;
    }
    for (; at < out->count; at++) {
        struct moor_kustomization *item =
            out->items[at].is_directory ? find(list, &out->items[at]) : NULL;
        /* Kustomizations that refer to each other in a circle are visited once. */
        if (item == NULL || item->is_visited) {
            continue;
        }
        item->is_visited = true;
        if (append_all(out, &item->parts, err) != 0) {
            return -1;
        }
    }
    return 0;
}

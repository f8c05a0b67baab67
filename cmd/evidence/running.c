/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/evidence/running.h"

#include <stdlib.h>

#define FIRST_ITEMS    1024
#define MAX_TEXT_BYTES ((size_t)512 * 1024 * 1024)
#define MAX_NAME_BYTES (MOOR_REFERENCE_MAX_BYTES + 64)
#define MAX_DIGESTS    4 /* in one sentence */
#define MAX_LIST_BYTES (MOOR_LOCK_MAX_LINE_BYTES / 2)
#define DATE_BYTES     10

static int no_memory(struct moor_error *err)
{
    return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for what the Pods run");
}

void moor_running_init(struct moor_running *running)
{
    *running = (struct moor_running){.unread = 0};
    moor_texts_init(&running->texts, MAX_TEXT_BYTES);
    moor_buf_init(&running->name, MAX_NAME_BYTES);
}

void moor_running_release(struct moor_running *running)
{
    free(running->items);
    moor_buf_release(&running->name);
    moor_texts_release(&running->texts);
}

/* --- objects ---------------------------------------------------------------------------------- */

/* Names that are printed in lists are those that Kubernetes allows; others are left out. */
static struct moor_slice plain(struct moor_slice text)
{
    /*
     * 253 bytes is the limit of Kubernetes for names.  A lock separates names by commas and columns
     * by blanks, which a forged object could contain.
     */
    bool is_plain = text.len <= 253;
    for (size_t i = 0; i < text.len && is_plain; i++) {
        char byte = text.ptr[i];
        is_plain = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
                   byte == '.' || byte == '_';
    }
    return is_plain ? text : (struct moor_slice){NULL, 0};
}

/* `amd64`, or `windows/amd64`: an image for Windows has another digest of its platform. */
static int add_node(struct moor_running *running, struct moor_slice name, struct moor_error *err)
{
    const struct moor_pod_status *status = &running->status;
    struct moor_slice architecture = plain(status->architecture);
    if (name.len == 0 || architecture.len == 0) {
        return 0;
    }
    moor_buf_clear(&running->name);
    if (status->system.len > 0 && !moor_slice_is(status->system, "linux")) {
        moor_buf_append(&running->name, plain(status->system));
        moor_buf_append_byte(&running->name, '/');
    }
    moor_buf_append(&running->name, architecture);
    /*
     * A Node can follow its Pods in the input.  Both share the text of the name, so that the Pods
     * get the architecture when it becomes known.
     */
    struct moor_text *node = moor_texts_get(&running->texts, name);
    struct moor_text *platform = moor_texts_get(&running->texts, moor_buf_slice(&running->name));
    if (node == NULL || platform == NULL) {
        return no_memory(err);
    }
    node->platform = platform;
    running->nodes++;
    return 0;
}

/* Returns an item to fill, or NULL if memory is short. */
static struct moor_running_item *new_item(struct moor_running *running)
{
    if (running->count == running->room) {
        size_t room = running->room == 0 ? FIRST_ITEMS : running->room * 2;
        struct moor_running_item *items =
            reallocarray(running->items, room, sizeof *running->items);
        if (items == NULL) {
            return NULL;
        }
        running->items = items;
        running->room = room;
    }
    struct moor_running_item *item = &running->items[running->count++];
    *item = (struct moor_running_item){.pod = running->pods};
    return item;
}

static bool is_date(struct moor_slice text)
{
    /* The day alone is kept: dates of this form are ordered as bytes. */
    bool is_date = text.len >= DATE_BYTES;
    for (size_t i = 0; i < DATE_BYTES && is_date; i++) {
        char byte = text.ptr[i];
        is_date = i == 4 || i == 7 ? byte == '-' : byte >= '0' && byte <= '9';
    }
    return is_date;
}

/* Only CRI-O reports the digest of a platform, and its old versions name no runtime. */
static bool reports_index(const struct moor_pod_container *container)
{
    return moor_slice_starts_with(container->container_id, MOOR_SLICE("containerd://")) ||
           moor_slice_starts_with(container->container_id, MOOR_SLICE("docker://"));
}

static int add_container(struct moor_running *running, struct moor_slice namespace,
                         const struct moor_pod_container *container, struct moor_error *err)
{
    struct moor_slice digest = {NULL, 0};
    moor_buf_clear(&running->name);
    enum moor_image_id result =
        moor_image_id_read(&digest, &running->name, container->image, container->image_id);
    /*
     * The limit bounds the memory for a cluster of millions of containers; the report says how many
     * are missing.
     */
    if (result == MOOR_IMAGE_ID_DIGEST && running->count == MOOR_RUNNING_MAX) {
        running->unread++;
        return 0;
    }
    running->counts[result]++;
    if (result != MOOR_IMAGE_ID_DIGEST) {
        return 0;
    }
    struct moor_running_item *item = new_item(running);
    if (item == NULL) {
        return no_memory(err);
    }
    item->reference = moor_texts_get(&running->texts, moor_buf_slice(&running->name));
    item->digest = moor_texts_get(&running->texts, digest);
    item->namespace = moor_texts_get(&running->texts, plain(namespace));
    item->node = moor_texts_get(&running->texts, running->status.node);
    item->is_of_index = reports_index(container);
    if (is_date(container->started)) {
        memcpy(item->seen, container->started.ptr, sizeof item->seen);
    }
    return item->reference != NULL && item->digest != NULL && item->namespace != NULL &&
                   item->node != NULL
               ? 0
               : no_memory(err);
}

static int add_pod(struct moor_running *running, struct moor_slice namespace,
                   struct moor_error *err)
{
    running->pods++;
    running->unread += running->status.unread;
    for (size_t i = 0; i < running->status.count; i++) {
        if (add_container(running, namespace, &running->status.containers[i], err) != 0) {
            return -1;
        }
    }
    return 0;
}

bool moor_running_is_node(const struct moor_manifest *manifest)
{
    return manifest->group.len == 0 && moor_slice_is(manifest->kind, "Node");
}

int moor_running_add(struct moor_running *running, const struct moor_manifest *manifest,
                     struct moor_arena *scratch, struct moor_error *err)
{
    bool is_node = moor_running_is_node(manifest);
    /* A custom resource of another group can have a kind of this name, and need not have Pods. */
    if (!is_node && (manifest->group.len > 0 || !moor_slice_is(manifest->kind, "Pod"))) {
        return 0;
    }
    if (moor_pod_status_read(&running->status, manifest->spec, manifest->status, scratch, err) !=
        0) {
        return -1;
    }
    return is_node ? add_node(running, manifest->name, err)
                   : add_pod(running, manifest->namespace, err);
}

/* --- order ------------------------------------------------------------------------------------ */

static int compare(const struct moor_text *left, const struct moor_text *right)
{
    /* Equal texts have one address, which decides most comparisons of a sort. */
    if (left == right) {
        return 0;
    }
    size_t shorter = left->text.len < right->text.len ? left->text.len : right->text.len;
    int order = shorter > 0 ? memcmp(left->text.ptr, right->text.ptr, shorter) : 0;
    return order != 0 ? order
                      : (left->text.len > right->text.len) - (left->text.len < right->text.len);
}

/* By reference, digest and Pod. */
static int by_digest(const void *left, const void *right)
{
    const struct moor_running_item *a = left;
    const struct moor_running_item *b = right;
    int order = compare(a->reference, b->reference);
    order = order != 0 ? order : compare(a->digest, b->digest);
    return order != 0 ? order : (a->pod > b->pod) - (a->pod < b->pod);
}

/* The architecture of the node, or the node itself; NULL if there is none. */
static const struct moor_text *group_of(const struct moor_running_item *item)
{
    const struct moor_text *node = item->node;
    return node->platform != NULL ? node->platform : node->text.len > 0 ? node : NULL;
}

/* By architecture and digest; items without an architecture come first. */
static int by_group(const void *left, const void *right)
{
    const struct moor_running_item *a = left;
    const struct moor_running_item *b = right;
    const struct moor_text *groups[] = {group_of(a), group_of(b)};
    if (groups[0] == NULL || groups[1] == NULL) {
        return (groups[0] != NULL) - (groups[1] != NULL);
    }
    int order = compare(groups[0], groups[1]);
    return order != 0 ? order : compare(a->digest, b->digest);
}

static int by_namespace(const void *left, const void *right)
{
    const struct moor_running_item *a = left;
    const struct moor_running_item *b = right;
    return compare(a->namespace, b->namespace);
}

static void sort(struct moor_running *running)
{
    if (running->count > 0) {
        qsort(running->items, running->count, sizeof *running->items, by_digest);
    }
}

bool moor_running_has_several(struct moor_running *running)
{
    sort(running);
    for (size_t i = 1; i < running->count; i++) {
        if (running->items[i].reference == running->items[i - 1].reference &&
            running->items[i].digest != running->items[i - 1].digest) {
            return true;
        }
    }
    return false;
}

/* --- digests ---------------------------------------------------------------------------------- */

/* The items of one digest or of one reference. */
struct span {
    struct moor_running_item *items;
    size_t count;
};

/* Returns the items from `first` on that have its reference, and its digest if asked for. */
static struct span span_of(const struct span *all, size_t first, bool of_digest)
{
    size_t end = first;
    const struct moor_running_item *one = &all->items[first];
    while (end < all->count && all->items[end].reference == one->reference &&
           (!of_digest || all->items[end].digest == one->digest)) {
        end++;
    }
    return (struct span){&all->items[first], end - first};
}

static size_t count_pods(const struct span *span)
{
    size_t pods = 0;
    /* The items are still in the order of by_digest(), where those of one Pod follow each other. */
    for (size_t i = 0; i < span->count; i++) {
        pods += i == 0 || span->items[i].pod != span->items[i - 1].pod;
    }
    return pods;
}

static struct moor_slice first_seen(const struct span *span)
{
    const char *first = NULL;
    /*
     * The first day of a digest is the oldest start among its containers: Pods that ended are not
     * in the input.
     */
    for (size_t i = 0; i < span->count; i++) {
        const char *seen = span->items[i].seen;
        if (seen[0] != '\0' && (first == NULL || memcmp(seen, first, DATE_BYTES) < 0)) {
            first = seen;
        }
    }
    return (struct moor_slice){first, first != NULL ? DATE_BYTES : 0};
}

/*
 * Lists the architectures.  A digest of one architecture that only CRI-O reports may be that of the
 * platform, which `?` says; on a second architecture it is that of an index.
 */
static void list_architectures(struct moor_buf *out, const struct span *span)
{
    const struct moor_text *last = NULL;
    size_t count = 0;
    bool is_of_index = false;
    qsort(span->items, span->count, sizeof *span->items, by_group);
    for (size_t i = 0; i < span->count; i++) {
        const struct moor_text *platform = span->items[i].node->platform;
        is_of_index = is_of_index || span->items[i].is_of_index;
        if (platform != NULL && platform != last) {
            moor_buf_append_text(out, count++ > 0 ? "," : "");
            moor_buf_append(out, platform->text);
            last = platform;
        }
    }
    moor_buf_append_text(out, !is_of_index && count < 2 ? "?" : "");
}

/* Lists the namespaces.  Their number is limited, because users read the lock. */
static void list_namespaces(struct moor_buf *out, const struct span *span)
{
    const struct moor_text *last = NULL;
    size_t count = 0;
    qsort(span->items, span->count, sizeof *span->items, by_namespace);
    for (size_t i = 0; i < span->count; i++) {
        const struct moor_text *namespace = span->items[i].namespace;
        if (namespace == last || namespace->text.len == 0) {
            continue;
        }
        if (count < MOOR_RUNNING_MAX_NAMESPACES) {
            moor_buf_append_text(out, count > 0 ? "," : "");
            moor_buf_append(out, namespace->text);
        }
        count++;
        last = namespace;
    }
    if (count > MOOR_RUNNING_MAX_NAMESPACES) {
        moor_buf_printf(out, ",+%zu", count - MOOR_RUNNING_MAX_NAMESPACES);
    }
}

static int set_entry(struct moor_lock_entry *out, struct moor_running *running,
                     const struct span *span, struct moor_error *err)
{
    struct moor_buf list;
    *out = (struct moor_lock_entry){.reference = span->items[0].reference->text,
                                    .digest = span->items[0].digest->text,
                                    .pods = count_pods(span)};
    /* Before the lists, whose sorting moves the items and with them the bytes of the days. */
    struct moor_slice seen = first_seen(span);
    if (seen.len > 0 && moor_arena_copy(&running->texts.arena, &out->seen, seen, err) != 0) {
        return -1;
    }
    moor_buf_init(&list, MAX_LIST_BYTES * 8);
    list_namespaces(&list, span);
    struct moor_slice namespaces = moor_buf_slice(&list);
    size_t end = namespaces.len;
    list_architectures(&list, span);
    struct moor_slice both = moor_buf_slice(&list);
    int status = moor_buf_check(&list, err);
    if (status == 0 && both.len > 0) {
        status = moor_arena_copy(&running->texts.arena, &both, both, err);
    }
    out->namespaces = moor_slice_sub(both, 0, end);
    out->architectures = moor_slice_sub(both, end, both.len);
    moor_buf_release(&list);
    return status;
}

/* --- references ------------------------------------------------------------------------------- */

/* Returns whether two digests ran on nodes of one architecture.  Changes the order of the items. */
static bool is_moved(const struct span *span)
{
    /*
     * Nodes of two architectures can run two digests of one tag that did not move, if the runtime
     * reports the digest of the platform.
     */
    qsort(span->items, span->count, sizeof *span->items, by_group);
    for (size_t i = 1; i < span->count; i++) {
        const struct moor_text *group = group_of(&span->items[i]);
        if (group != NULL && group == group_of(&span->items[i - 1]) &&
            span->items[i].digest != span->items[i - 1].digest) {
            return true;
        }
    }
    return false;
}

/* Sets the entries of one reference, which has `span` of the items. */
static int add_image(struct moor_running *running, const struct span *span, struct moor_error *err)
{
    struct moor_running_image *image = &running->images[running->image_count++];
    struct moor_lock *lock = &running->lock;
    *image = (struct moor_running_image){.entries = &lock->entries[lock->count]};
    for (size_t at = 0; at < span->count;) {
        struct span digest = span_of(span, at, true);
        at += digest.count;
        if (set_entry(&lock->entries[lock->count], running, &digest, err) != 0) {
            return -1;
        }
        lock->count++;
        image->count++;
    }
    /* After the entries, because is_moved() changes the order that span_of() needs. */
    if (image->count > 1) {
        image->is_moved = is_moved(span);
        running->moved += image->is_moved;
        running->undecided += !image->is_moved;
    }
    return 0;
}

/* Counts the references and the digests, so that the arrays need not grow. */
static void count_all(const struct moor_running *running, size_t *references, size_t *digests)
{
    const struct span all = {running->items, running->count};
    for (size_t at = 0; at < all.count; *digests += 1) {
        *references += at == 0 || all.items[at].reference != all.items[at - 1].reference;
        at += span_of(&all, at, true).count;
    }
}

int moor_running_finish(struct moor_running *running, struct moor_error *err)
{
    size_t references = 0;
    size_t digests = 0;
    const struct span all = {running->items, running->count};
    sort(running);
    count_all(running, &references, &digests);
    running->images =
        moor_arena_alloc(&running->texts.arena, (references + 1) * sizeof *running->images);
    running->lock.entries =
        moor_arena_alloc(&running->texts.arena, (digests + 1) * sizeof *running->lock.entries);
    if (running->images == NULL || running->lock.entries == NULL) {
        return no_memory(err);
    }
    for (size_t at = 0; at < all.count;) {
        struct span span = span_of(&all, at, false);
        at += span.count;
        if (add_image(running, &span, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* --- sentences -------------------------------------------------------------------------------- */

/* Docker Hub's names are short in what users write, so they are here. */
static struct moor_slice familiar(struct moor_slice reference)
{
    const struct moor_slice prefixes[] = {MOOR_SLICE("docker.io/library/"),
                                          MOOR_SLICE("docker.io/")};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (moor_slice_starts_with(reference, prefixes[i])) {
            return moor_slice_sub(reference, prefixes[i].len, reference.len);
        }
    }
    return reference;
}

/* Returns the entry of most Pods after `last`, or the first of all if it is NULL. */
static const struct moor_lock_entry *next_entry(const struct moor_running_image *image,
                                                const struct moor_lock_entry *last)
{
    const struct moor_lock_entry *next = NULL;
    for (size_t i = 0; i < image->count; i++) {
        const struct moor_lock_entry *entry = &image->entries[i];
        bool is_after =
            last == NULL || entry->pods < last->pods || (entry->pods == last->pods && entry > last);
        if (is_after && (next == NULL || entry->pods > next->pods)) {
            next = entry;
        }
    }
    return next;
}

void moor_running_append(struct moor_buf *out, const struct moor_running_image *image)
{
    const struct moor_lock_entry *entry = NULL;
    size_t shown = image->count > MAX_DIGESTS ? MAX_DIGESTS : image->count;
    moor_buf_append(out, familiar(image->entries[0].reference));
    moor_buf_append_text(out, " ran as ");
    for (size_t i = 0; i < shown && (entry = next_entry(image, entry)) != NULL; i++) {
        bool is_last = i + 1 == image->count;
        moor_buf_append_text(out, i == 0 ? "" : is_last ? " and " : ", ");
        moor_buf_append(out, entry->digest);
        moor_buf_printf(out, " on %zu", entry->pods);
        moor_buf_append_text(out, i > 0 ? "" : entry->pods == 1 ? " Pod" : " Pods");
    }
    if (shown < image->count) {
        moor_buf_printf(out, " and as %zu more digest%s", image->count - shown,
                        image->count - shown == 1 ? "" : "s");
    }
}

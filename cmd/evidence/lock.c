/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>

#include "cmd/evidence/lock.h"

#include "cmd/input/file.h"
#include "policy/base/timestamp.h"
#include "policy/image/reference_name.h"

#define VERSION_PREFIX  MOOR_SLICE("# tagmoor lock ")
#define VERSION         MOOR_SLICE("1")

/* Room for the entries and their texts, and for the old arrays of a growing one. */
#define MAX_ARENA_BYTES (MOOR_LOCK_MAX_BYTES * 4)

/* A canonical name is longer than its spelling by at most `docker.io/library/` and `:latest`. */
#define MAX_NAME_BYTES  (MOOR_REFERENCE_MAX_BYTES + 64)

enum {
    COLUMN_COUNT = 5
};

/* The words of a line: five that `scan` wrote, or one or two of a user. */
struct words {
    struct moor_slice items[COLUMN_COUNT];
    size_t count; /* COLUMN_COUNT + 1: more than these */
};

struct reading {
    struct moor_lock *lock;
    size_t cap;
    uint32_t number; /* number of the line, from 1 */
    struct moor_buf name;
};

static int fail_line(const struct reading *reading, const char *reason, struct moor_error *err)
{
    return moor_error_set(err, MOOR_ERROR_VALUE, "line %" PRIu32 " of the lock: %s",
                          reading->number, reason);
}

static int fail_memory(struct moor_error *err)
{
    return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the lock");
}

/* --- names ------------------------------------------------------------------------------------ */

bool moor_lock_append_name(struct moor_buf *out, const struct moor_reference *reference)
{
    bool has_tag = reference->tag.len > 0;
    /*
     * A digest alone identifies the image already, and there is no tag that an entry could resolve.
     */
    if (!has_tag && reference->digest.len > 0) {
        return false;
    }
    moor_reference_append_name(out, reference);
    moor_buf_append_byte(out, ':');
    moor_buf_append(out, has_tag ? reference->tag : MOOR_SLICE("latest"));
    return true;
}

static int compare(struct moor_slice left, struct moor_slice right)
{
    /*
     * By bytes and not by strcoll(), so that a lock has one order on all machines and its diffs
     * stay small.
     */
    size_t shorter = left.len < right.len ? left.len : right.len;
    int order = shorter > 0 ? memcmp(left.ptr, right.ptr, shorter) : 0;
    return order != 0 ? order : (left.len > right.len) - (left.len < right.len);
}

static int by_name(const void *left, const void *right)
{
    const struct moor_lock_entry *a = left;
    const struct moor_lock_entry *b = right;
    int order = compare(a->reference, b->reference);
    order = order != 0 ? order : compare(a->digest, b->digest);
    /* The line decides last, so that drop_copies() keeps the first of equal entries. */
    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

static void sort(struct moor_lock_entry *entries, size_t count)
{
    if (count > 0) {
        qsort(entries, count, sizeof *entries, by_name);
    }
}

/* --- lines ------------------------------------------------------------------------------------ */

/* A `-` is a column without a value.  Columns are printed, so that they hold plain bytes only. */
static bool read_column(struct moor_slice *out, struct moor_slice word)
{
    bool is_plain = word.len > 0;
    for (size_t i = 0; i < word.len; i++) {
        is_plain = is_plain && word.ptr[i] > ' ' && word.ptr[i] <= '~';
    }
    *out = moor_slice_is(word, "-") ? (struct moor_slice){NULL, 0} : word;
    return is_plain;
}

static bool is_time(struct moor_slice text)
{
    int64_t seconds = 0;
    struct moor_error ignored = {0};
    return text.len == 0 || moor_timestamp_parse(&seconds, text, &ignored) == 0;
}

static bool is_separator(char byte)
{
    return byte == ' ' || byte == '\t';
}

static struct words split(struct moor_slice line)
{
    struct words words = {.count = 0};
    for (size_t at = 0; at < line.len && words.count <= COLUMN_COUNT; words.count++) {
        while (at < line.len && is_separator(line.ptr[at])) {
            at++;
        }
        size_t start = at;
        while (at < line.len && !is_separator(line.ptr[at])) {
            at++;
        }
        if (start == at) {
            break;
        }
        if (words.count < COLUMN_COUNT) {
            words.items[words.count] = moor_slice_sub(line, start, at);
        }
    }
    return words;
}

/* Returns whether the text is a digest, by the grammar of references. */
static bool is_digest(struct moor_slice text)
{
    /*
     * The grammar has no rule for a digest alone, so the text is parsed as that of an image `a`.
     * The longest digest in use, sha512, has 135 bytes.
     */
    char room[256] = "a@";
    struct moor_reference reference;
    struct moor_error ignored = {0};
    if (text.len == 0 || text.len > sizeof room - 2) {
        return false;
    }
    memcpy(room + 2, text.ptr, text.len);
    return moor_reference_parse(&reference, (struct moor_slice){room, text.len + 2}, &ignored) ==
               0 &&
           moor_slice_equal(reference.digest, text);
}

/* Reads the reference of the line, and its digest, which may be a part of the reference. */
static int read_pair(struct moor_lock_entry *out, struct reading *reading,
                     const struct words *words, struct moor_error *err)
{
    struct moor_reference reference;
    struct moor_error why = {0};
    if (moor_reference_parse(&reference, words->items[0], &why) != 0) {
        return fail_line(reading, why.text, err);
    }
    /* With two digests in a line, one of them would be ignored without a word. */
    if (words->count > 1 && reference.digest.len > 0) {
        return fail_line(reading, "the reference has a digest of its own", err);
    }
    out->digest = words->count > 1 ? words->items[1] : reference.digest;
    if (!is_digest(out->digest)) {
        return fail_line(reading, "no digest, such as 'nginx:1.27.5 sha256:...'", err);
    }
    moor_buf_clear(&reading->name);
    if (!moor_lock_append_name(&reading->name, &reference)) {
        return fail_line(reading, "the reference has no tag, such as 'nginx:1.27.5@sha256:...'",
                         err);
    }
    return moor_buf_check(&reading->name, err);
}

static int read_columns(struct moor_lock_entry *out, const struct reading *reading,
                        const struct words *words, struct moor_error *err)
{
    if (words->count != COLUMN_COUNT) {
        return fail_line(reading, "has neither one, two nor five columns", err);
    }
    if (!read_column(&out->architectures, words->items[2]) ||
        !read_column(&out->namespaces, words->items[3]) ||
        !read_column(&out->seen, words->items[4])) {
        return fail_line(reading, "a column has a character that is not printable ASCII", err);
    }
    return is_time(out->seen) ? 0 : fail_line(reading, "the last column is no date", err);
}

/* Keeps the entry, with its texts in the arena. */
static int keep(struct reading *reading, struct moor_lock_entry *entry, struct moor_error *err)
{
    struct moor_lock *lock = reading->lock;
    /*
     * All texts are copied: the buffer of the name is used for the next line, and the file is
     * released after the last one.
     */
    entry->reference = moor_buf_slice(&reading->name);
    if (moor_arena_copy(&lock->arena, &entry->reference, entry->reference, err) != 0 ||
        moor_arena_copy(&lock->arena, &entry->digest, entry->digest, err) != 0 ||
        moor_arena_copy(&lock->arena, &entry->architectures, entry->architectures, err) != 0 ||
        moor_arena_copy(&lock->arena, &entry->namespaces, entry->namespaces, err) != 0 ||
        moor_arena_copy(&lock->arena, &entry->seen, entry->seen, err) != 0) {
        return -1;
    }
    struct moor_lock_entry *grown =
        moor_arena_grow(&lock->arena, lock->entries, lock->count, &reading->cap, lock->count + 1,
                        sizeof *lock->entries);
    if (grown == NULL) {
        return fail_memory(err);
    }
    lock->entries = grown;
    lock->entries[lock->count++] = *entry;
    return 0;
}

static int take_line(struct reading *reading, struct moor_slice line, struct moor_error *err)
{
    struct moor_lock_entry entry = {.line = reading->number};
    /*
     * Each line is compared, not only the first one, because users concatenate locks.  A newer
     * version may give the columns another meaning.
     */
    if (moor_slice_starts_with(line, VERSION_PREFIX) &&
        !moor_slice_equal(moor_slice_sub(line, VERSION_PREFIX.len, line.len), VERSION)) {
        return fail_line(reading, "this version of tagmoor reads version 1 only", err);
    }
    struct words words = split(line);
    if (words.count == 0 || words.items[0].ptr[0] == '#') {
        return 0;
    }
    if (read_pair(&entry, reading, &words, err) != 0 ||
        (words.count > 2 && read_columns(&entry, reading, &words, err) != 0)) {
        return -1;
    }
    return keep(reading, &entry, err);
}

static int take_lines(struct reading *reading, struct moor_slice text, struct moor_error *err)
{
    for (size_t at = 0; at < text.len;) {
        const char *newline = memchr(text.ptr + at, '\n', text.len - at);
        size_t end = newline != NULL ? (size_t)(newline - text.ptr) : text.len;
        /* Editors on Windows end lines with CR LF. */
        size_t stop = end > at && text.ptr[end - 1] == '\r' ? end - 1 : end;
        if (reading->number++ == MOOR_LOCK_MAX_LINES) {
            return moor_error_set(err, MOOR_ERROR_LIMIT, "the lock has more than %d lines",
                                  MOOR_LOCK_MAX_LINES);
        }
        if (stop - at > MOOR_LOCK_MAX_LINE_BYTES) {
            return moor_error_set(err, MOOR_ERROR_LIMIT,
                                  "line %" PRIu32 " of the lock is longer than %zu bytes",
                                  reading->number, MOOR_LOCK_MAX_LINE_BYTES);
        }
        if (take_line(reading, moor_slice_sub(text, at, stop), err) != 0) {
            return -1;
        }
        at = end + 1;
    }
    return 0;
}

/* Drops the later lines of the same reference and digest, as in two files of which one is a copy.
 */
static void drop_copies(struct moor_lock *lock)
{
    size_t kept = 0;
    for (size_t i = 0; i < lock->count; i++) {
        const struct moor_lock_entry *last = kept > 0 ? &lock->entries[kept - 1] : NULL;
        if (last == NULL || !moor_slice_equal(last->reference, lock->entries[i].reference) ||
            !moor_slice_equal(last->digest, lock->entries[i].digest)) {
            lock->entries[kept++] = lock->entries[i];
        }
    }
    lock->count = kept;
}

/* --- files ------------------------------------------------------------------------------------ */

int moor_lock_parse(struct moor_lock *out, struct moor_slice text, struct moor_error *err)
{
    struct reading reading = {.lock = out};
    *out = (struct moor_lock){.entries = NULL};
    moor_arena_init(&out->arena, MAX_ARENA_BYTES);
    /* A text can also come from memory, where moor_file_read() has not bounded it. */
    if (text.len > MOOR_LOCK_MAX_BYTES) {
        return moor_error_set(err, MOOR_ERROR_LIMIT, "the lock is larger than %zu bytes",
                              MOOR_LOCK_MAX_BYTES);
    }
    moor_buf_init(&reading.name, MAX_NAME_BYTES);
    int status = take_lines(&reading, text, err);
    moor_buf_release(&reading.name);
    if (status != 0) {
        moor_lock_release(out);
        return -1;
    }
    sort(out->entries, out->count);
    drop_copies(out);
    return 0;
}

int moor_lock_load(struct moor_lock *out, const char *path, struct moor_error *err)
{
    struct moor_buf text;
    struct moor_error why = {0};
    *out = (struct moor_lock){.entries = NULL};
    moor_buf_init(&text, MOOR_LOCK_MAX_BYTES);
    int status = moor_file_read(&text, path, err);
    if (status == 0 && moor_lock_parse(out, moor_buf_slice(&text), &why) != 0) {
        status = moor_error_set(err, why.code, "'%s': %s", moor_file_shown(path).text, why.text);
    }
    moor_buf_release(&text);
    return status;
}

void moor_lock_release(struct moor_lock *lock)
{
    moor_arena_release(&lock->arena);
    lock->entries = NULL;
    lock->count = 0;
}

/* --- questions -------------------------------------------------------------------------------- */

/* Returns the index of the first entry that is not before `name`. */
static size_t first_of(const struct moor_lock *lock, struct moor_slice name)
{
    size_t low = 0;
    size_t high = lock->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(lock->entries[middle].reference, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct moor_lock_found moor_lock_find(const struct moor_lock *lock, struct moor_slice image)
{
    struct moor_lock_found found = {NULL, 0};
    struct moor_reference reference;
    struct moor_error ignored = {0};
    struct moor_buf name;
    if (lock->count == 0 || moor_reference_parse(&reference, image, &ignored) != 0) {
        return found;
    }
    moor_buf_init(&name, MAX_NAME_BYTES);
    /* Entries have canonical names, so that `nginx` finds `docker.io/library/nginx:latest`. */
    if (moor_lock_append_name(&name, &reference) && !name.failed) {
        size_t first = first_of(lock, moor_buf_slice(&name));
        found.entries = &lock->entries[first];
        while (first + found.count < lock->count &&
               moor_slice_equal(found.entries[found.count].reference, moor_buf_slice(&name))) {
            found.count++;
        }
    }
    moor_buf_release(&name);
    return found;
}

bool moor_lock_is_of_platform(const struct moor_lock_entry *entry)
{
    return moor_slice_ends_with(entry->architectures, MOOR_SLICE("?"));
}

/* --- writing ---------------------------------------------------------------------------------- */

static void write_column(FILE *out, char before, struct moor_slice text)
{
    /*
     * split() takes several separators for one, so that an empty column would move the ones after
     * it.
     */
    struct moor_slice shown = text.len > 0 ? text : MOOR_SLICE("-");
    if (before != '\0') {
        (void)fputc(before, out);
    }
    (void)fwrite(shown.ptr, 1, shown.len, out);
}

void moor_lock_write(FILE *out, const struct moor_lock *lock)
{
    (void)fprintf(out, "%s%s\n", VERSION_PREFIX.ptr, VERSION.ptr);
    (void)fputs("# reference\tdigest\tarchitectures\tnamespaces\tseen\n", out);
    for (size_t i = 0; i < lock->count; i++) {
        const struct moor_lock_entry *entry = &lock->entries[i];
        write_column(out, '\0', entry->reference);
        write_column(out, '\t', entry->digest);
        write_column(out, '\t', entry->architectures);
        write_column(out, '\t', entry->namespaces);
        write_column(out, '\t', entry->seen);
        (void)fputc('\n', out);
    }
}

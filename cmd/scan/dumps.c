/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scan/dumps.h"

#include "cmd/command.h"
#include "cmd/scan/cluster.h"

#include <string.h>

void moor_dumps_init(struct moor_dumps *dumps)
{
    *dumps = (struct moor_dumps){0};
    moor_source_init(&dumps->source);
}

void moor_dumps_release(struct moor_dumps *dumps)
{
    moor_source_release(&dumps->source);
}

static void note_dump(struct moor_dumps *dumps, const char *path, size_t offset,
                      struct moor_error *err)
{
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    bool is_syntax = err->code == MOOR_ERROR_SYNTAX;
    struct moor_position place = moor_source_position(&dumps->source, offset, 1);
    struct moor_error said = {.line = place.line, .column = place.column};
    /* The reader's text begins with an offset, which the position replaces. */
    const char *text = is_syntax ? strstr(err->text, ": ") : NULL;
    (void)moor_error_set(&said, err->code, "%s%s", text != NULL ? text + 2 : err->text,
                         is_syntax ? " (expected the output of 'kubectl get -o json')" : "");
    moor_report_add_input_error(dumps->report, moor_slice_from(name), &said);
    (void)moor_command_fail("%s:%u:%u: %s", name, place.line, place.column, said.text);
}

/* A dump can contain Namespaces and roles in any place, so they are collected first. */
static void collect(struct moor_dumps *dumps, struct moor_slice text)
{
    struct moor_manifest_reader reader;
    struct moor_manifest manifest;
    struct moor_arena arena;
    struct moor_error err = {0};
    /* A search for the words is much faster than parsing a dump that has neither. */
    bool has_labels = moor_cluster_wants_labels(dumps->scanning) &&
                      memmem(text.ptr, text.len, "\"Namespace", 10) != NULL;
    bool has_roles = memmem(text.ptr, text.len, "RoleBinding", 11) != NULL;
    if (!has_labels && !has_roles) {
        return;
    }
    moor_arena_init(&arena, MOOR_NAMESPACES_MAX_BYTES);
    moor_manifest_open(&reader, text, &arena);
    while (moor_manifest_next(&manifest, &reader, &err) > 0) {
        if (moor_namespaces_add(dumps->namespaces, &manifest, &err) != 0 ||
            moor_operators_add(&dumps->scanning->operators, &manifest, &err) != 0) {
            break;
        }
        moor_arena_reset(&arena);
    }
    moor_arena_release(&arena);
    dumps->scanning->namespaces = dumps->namespaces;
}

/* The parts of a dump to read: the Namespaces and roles, the workloads, or both. */
enum reading {
    READING_BOTH,
    READING_FIRST,
    READING_SECOND
};

static int scan_dump(struct moor_dumps *dumps, const char *path, enum reading reading,
                     struct moor_error *err)
{
    size_t offset = 0;
    struct moor_error wrong = {0};
    if (moor_source_read(&dumps->source, path, err) != 0) {
        return -1;
    }
    struct moor_slice text = moor_buf_slice(&dumps->source.bytes);
    if (text.len == 0) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "%s is empty: check whether kubectl failed",
                              strcmp(path, "-") == 0 ? "standard input" : path);
    }
    if (reading != READING_SECOND) {
        collect(dumps, text);
    }
    if (reading == READING_FIRST) {
        return 0;
    }
    /* A dump of another tool must be an error, not a scan without findings. */
    dumps->scanning->stranger = NULL;
    int status = moor_scanning_list(dumps->scanning, text, &offset, &wrong);
    if (status == 0 && dumps->scanning->stranger != NULL) {
        offset = (size_t)(dumps->scanning->stranger - text.ptr);
        status = moor_error_set(&wrong, MOOR_ERROR_SYNTAX, "not a Kubernetes object");
    }
    if (status != 0) {
        note_dump(dumps, path, offset, &wrong);
    }
    return 0;
}

/*
 * A misspelled namespace must not look like a clean one.  An empty dump is accepted, because the
 * namespace can be empty.
 */
static int check_namespace(const struct moor_dumps *dumps, int count, struct moor_error *err)
{
    return dumps->scanning->of_namespace > 0 || dumps->scanning->namespace.len == 0 ||
                   dumps->scanning->items == 0 || dumps->report->input_error_count > 0
               ? 0
               : moor_error_set(err, MOOR_ERROR_VALUE,
                                "the dump%s no object in namespace '%.*s': check the name, and "
                                "whether the dump contains this namespace (kubectl get -A)",
                                count == 1 ? " contains" : "s contain",
                                MOOR_SLICE_ARGS(dumps->scanning->namespace));
}

int moor_dumps_scan(struct moor_dumps *dumps, struct moor_error *err)
{
    int status = 0;
    int count = dumps->count;
    /* With several dumps, roles in one can explain objects in another: all are read twice. */
    dumps->source.keeps_input = count > 1;
    for (int i = 0; i < count && count > 1 && status == 0; i++) {
        status = scan_dump(dumps, dumps->paths[i], READING_FIRST, err);
    }
    for (int i = 0; i < count && status == 0; i++) {
        status = scan_dump(dumps, dumps->paths[i], count > 1 ? READING_SECOND : READING_BOTH, err);
    }
    return status != 0 ? status : check_namespace(dumps, count, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings as Reports of openreports.io/v1alpha1, which Policy Reporter and other tools show: a
 * List for kubectl, with a Report for each namespace and a ClusterReport for objects without one.
 *
 * Only violations are listed, and a Report is split before it has 1 MB, because Reports fill etcd.
 */
#include "cmd/report/formats.h"
#include "cmd/report/json_output.h"
#include "policy/base/escape.h"

#include <stdlib.h>

#define LINES 4 /* levels with one line per item: List, items, Report, results */
#define MAX_REPORT                                                                           \
    ((size_t)700 * 1000)            /* bytes of results, of which the last one may exceed it \
                                     */
#define MAX_TEXT ((size_t)8 * 1024) /* bytes of one text */
#define NAME     "tagmoor"

/* A result: a finding in one of its namespaces. */
struct item {
    const struct moor_report_finding *finding;
    struct moor_slice namespace;
};

struct items {
    struct item *list;
    size_t count;
    size_t room;
    bool failed;
};

/* --- results by namespace --------------------------------------------------------------------- */

static void add(struct items *items, const struct moor_report_finding *finding,
                struct moor_slice namespace)
{
    if (items->count == items->room) {
        size_t room = items->room == 0 ? 64 : items->room * 2;
        struct item *list = reallocarray(items->list, room, sizeof *list);
        if (list == NULL) {
            items->failed = true;
            return;
        }
        items->list = list;
        items->room = room;
    }
    items->list[items->count++] = (struct item){finding, namespace};
}

/* A moved reference has a result in each of its namespaces; the number of further ones is none. */
static void add_each(struct items *items, const struct moor_report_finding *finding)
{
    struct moor_slice list = finding->namespaces;
    for (size_t at = 0; at < list.len;) {
        const char *comma = memchr(list.ptr + at, ',', list.len - at);
        size_t end = comma != NULL ? (size_t)(comma - list.ptr) : list.len;
        if (list.ptr[at] != '+') {
            add(items, finding, moor_slice_sub(list, at, end));
        }
        at = end + 1;
    }
}

/* By namespace; the order of the report breaks ties. */
static int by_namespace(const void *left, const void *right)
{
    const struct item *a = left;
    const struct item *b = right;
    size_t shorter = a->namespace.len < b->namespace.len ? a->namespace.len : b->namespace.len;
    int order = shorter > 0 ? memcmp(a->namespace.ptr, b->namespace.ptr, shorter) : 0;
    if (order != 0) {
        return order;
    }
    if (a->namespace.len != b->namespace.len) {
        return a->namespace.len < b->namespace.len ? -1 : 1;
    }
    return (a->finding > b->finding) - (a->finding < b->finding);
}

static void collect(struct items *out, const struct moor_report *report)
{
    *out = (struct items){.list = NULL};
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct moor_report_finding *finding = &report->findings[i];
        if (!moor_report_is_active(finding) || finding->decision < MOOR_DECISION_WARN) {
            continue;
        }
        if (finding->namespaces.len > 0) {
            add_each(out, finding);
        } else {
            add(out, finding, finding->namespace);
        }
    }
    if (out->count > 0) {
        qsort(out->list, out->count, sizeof *out->list, by_namespace);
    }
}

/* --- one result ------------------------------------------------------------------------------- */

/* A Report with a text of any length could exceed the limit. */
static void put_text(struct moor_json_writer *json, const char *name, struct moor_slice text)
{
    struct moor_buf scratch;
    moor_buf_init(&scratch, MAX_TEXT * 4 + 16);
    if (text.len > 0) {
        moor_json_member_string(json, name, moor_escaped(&scratch, text, MAX_TEXT));
    }
    moor_buf_release(&scratch);
}

/* A moved reference is in no object. */
static void put_resource(struct moor_json_writer *json, const struct item *item)
{
    if (item->finding->namespaces.len > 0) {
        return;
    }
    moor_json_output_array(json, "resources");
    moor_json_object_begin(json);
    put_text(json, "kind", item->finding->kind);
    put_text(json, "namespace", item->namespace);
    put_text(json, "name", item->finding->name);
    moor_json_object_end(json);
    moor_json_array_end(json);
}

static void put_properties(struct moor_json_writer *json, const struct moor_report_finding *finding)
{
    moor_json_output_object(json, "properties");
    put_text(json, "image", finding->image);
    put_text(json, "container", finding->container);
    put_text(json, "path", finding->path);
    put_text(json, "level", moor_slice_from(finding->level));
    moor_json_object_end(json);
}

static void put_result(struct moor_json_writer *json, const struct item *item, bool fails)
{
    const struct moor_report_finding *finding = item->finding;
    bool has_environment = finding->environment.len > 0;
    struct moor_buf text;
    moor_buf_init(&text, (size_t)256 * 1024);
    moor_report_append_message(&text, finding);
    moor_json_object_begin(json);
    moor_json_member_text(json, "source", NAME);
    put_text(json, "policy", has_environment ? finding->environment : MOOR_SLICE(NAME));
    moor_json_member_text(json, "rule", finding->class);
    moor_json_member_text(json, "category", "Image tags");
    moor_json_member_text(json, "severity",
                          finding->decision == MOOR_DECISION_DENY ? "high" : "medium");
    moor_json_member_text(json, "result", fails ? "fail" : "warn");
    moor_json_member_bool(json, "scored", true);
    put_resource(json, item);
    put_text(json, "message", moor_buf_slice(&text));
    put_properties(json, finding);
    moor_json_object_end(json);
    moor_buf_release(&text);
}

/* --- one Report ------------------------------------------------------------------------------- */

/* The labels tell which Reports a later scan replaces. */
static void begin_report(struct moor_json_writer *json, struct moor_slice namespace, size_t part)
{
    char name[64] = NAME;
    if (part > 1) {
        (void)snprintf(name, sizeof name, NAME "-%zu", part);
    }
    moor_json_object_begin(json);
    moor_json_member_text(json, "apiVersion", "openreports.io/v1alpha1");
    moor_json_member_text(json, "kind", namespace.len > 0 ? "Report" : "ClusterReport");
    moor_json_output_object(json, "metadata");
    moor_json_member_text(json, "name", name);
    put_text(json, "namespace", namespace);
    moor_json_output_object(json, "labels");
    moor_json_member_text(json, "app.kubernetes.io/managed-by", NAME);
    moor_json_object_end(json);
    moor_json_object_end(json);
    moor_json_member_text(json, "source", NAME);
    moor_json_output_array(json, "results");
}

static void end_report(struct moor_json_writer *json, size_t failed, size_t warned)
{
    moor_json_array_end(json);
    moor_json_output_object(json, "summary");
    moor_json_member_u64(json, "pass", 0);
    moor_json_member_u64(json, "fail", failed);
    moor_json_member_u64(json, "warn", warned);
    moor_json_member_u64(json, "error", 0);
    moor_json_member_u64(json, "skip", 0);
    moor_json_object_end(json);
    moor_json_object_end(json);
}

/* Writes one Report from the item `first` on.  Returns the index after its last item. */
static size_t put_report(struct moor_json_output *output, const struct moor_report *report,
                         const struct items *items, size_t first, size_t part)
{
    size_t at = first;
    size_t bytes = 0;
    size_t failed = 0;
    struct moor_slice namespace = items->list[first].namespace;
    begin_report(&output->json, namespace, part);
    for (; at < items->count && bytes < MAX_REPORT &&
           moor_slice_equal(items->list[at].namespace, namespace);
         at++) {
        bool fails = moor_report_fails(report, items->list[at].finding);
        moor_json_output_flush(output);
        put_result(&output->json, &items->list[at], fails);
        bytes += output->bytes.len;
        failed += fails;
    }
    end_report(&output->json, failed, at - first - failed);
    return at;
}

static void write(FILE *out, const struct moor_report *report, const struct moor_page_style *style)
{
    struct moor_json_output output;
    struct items items;
    size_t part = 0;
    (void)style;
    collect(&items, report);
    moor_json_output_init(&output, out, LINES);
    moor_json_object_begin(&output.json);
    moor_json_member_text(&output.json, "apiVersion", "v1");
    moor_json_member_text(&output.json, "kind", "List");
    moor_json_output_array(&output.json, "items");
    for (size_t at = 0; at < items.count;) {
        bool is_next =
            at > 0 && moor_slice_equal(items.list[at].namespace, items.list[at - 1].namespace);
        part = is_next ? part + 1 : 1;
        at = put_report(&output, report, &items, at, part);
    }
    moor_json_array_end(&output.json);
    moor_json_object_end(&output.json);
    output.bytes.failed = output.bytes.failed || items.failed;
    moor_json_output_end(&output);
    free(items.list);
}

const struct moor_report_format moor_report_format_openreports = {
    .name = "openreports",
    .description = "Reports of openreports.io, for kubectl and Policy Reporter",
    .write = write,
};

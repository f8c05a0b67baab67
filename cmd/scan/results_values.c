/* SPDX-License-Identifier: Apache-2.0 */
/* The results as one JSON object, an image a line. */
#include <jansson.h>

#include "cmd/report/page.h"
#include "cmd/report/values.h"
#include "cmd/scan/results_values.h"

/* Occasions with their decisions; those that there are not are missing. */
static json_t *decisions_value(const struct moor_workload *workload,
                               const struct moor_workload_image *image, size_t policy)
{
    json_t *value = json_object();
    for (int i = 0; i < MOOR_SCAN_WHEN_COUNT; i++) {
        enum moor_scan_when when = (enum moor_scan_when)i;
        if (moor_results_happens(workload, image, when)) {
            moor_report_set(value, moor_scan_when_name(when),
                            moor_slice_from(moor_decision_verb(image->decisions[policy].at[when])));
        }
    }
    return value;
}

static json_t *image_value(const struct moor_results *results, const struct moor_workload *workload,
                           const struct moor_workload_image *image)
{
    json_t *value = json_object();
    moor_report_set(value, "namespace", workload->key.namespace);
    moor_report_set(value, "group", workload->key.group);
    moor_report_set(value, "kind", workload->key.kind);
    moor_report_set(value, "name", workload->key.name);
    moor_report_set_number(value, "pods", workload->pods);
    moor_report_set(value, "path", image->path);
    moor_report_set(value, "container", image->container);
    moor_report_set(value, "image", image->image);
    moor_report_set(value, "class", moor_slice_from(image->class));
    moor_report_set(value, "level", moor_slice_from(image->level));
    moor_report_set(value, "environment", image->environment);
    (void)json_object_set_new(value, "decisions", decisions_value(workload, image, 0));
    if (results->compares) {
        (void)json_object_set_new(value, "before", decisions_value(workload, image, 1));
    }
    moor_report_set(value, "reason", image->reason);
    moor_report_set(value, "repair", image->repair);
    return value;
}

static void write_images(FILE *out, const struct moor_results *results)
{
    struct moor_results_cursor cursor = {0};
    bool is_first = true;
    (void)fputs("  \"findings\": [", out);
    for (; moor_results_next(results, &cursor); is_first = false) {
        (void)fputs(is_first ? "\n    " : ",\n    ", out);
        moor_report_write_value(out, image_value(results, cursor.workload, cursor.image));
    }
    (void)fputs(is_first ? "],\n" : "\n  ],\n", out);
}

static json_t *operator_value(const struct moor_scan_operator *unnamed)
{
    const struct moor_operators_answer *found = &unnamed->found;
    json_t *described = json_object();
    json_t *names = json_array();
    json_t *doubts = json_array();
    bool is_certain = found->count > 0 && found->users[0].doubt == MOOR_OPERATORS_CERTAIN;
    for (size_t i = 0; i < found->count; i++) {
        const char *doubt = moor_operators_doubt_text(found->users[i].doubt);
        (void)json_array_append_new(names, json_string(found->users[i].name));
        (void)json_array_append_new(doubts, json_string(doubt));
    }
    moor_report_set(described, "kind", unnamed->owner_kind);
    moor_report_set(described, "group", unnamed->owner_group);
    (void)json_object_set_new(described, "users", names);
    (void)json_object_set_new(described, "doubts", doubts);
    (void)json_object_set_new(described, "guess", json_boolean(!is_certain));
    moor_report_set_number(described, "accounts", found->total);
    moor_report_set_number(described, "pods", unnamed->pods);
    moor_report_set_number(described, "objects", unnamed->makes);
    return described;
}

static void write_operators(FILE *out, const struct moor_results *results)
{
    const struct moor_scanning *scanning = results->scanning;
    (void)fputs("  \"operators\": [", out);
    for (size_t i = 0; i < scanning->unnamed.count; i++) {
        (void)fputs(i > 0 ? ",\n    " : "\n    ", out);
        moor_report_write_value(out, operator_value(&scanning->unnamed.items[i]));
    }
    (void)fputs(scanning->unnamed.count > 0 ? "\n  ],\n" : "],\n", out);
}

static void write_faults(FILE *out, const struct moor_report *report)
{
    (void)fputs("  \"errors\": [", out);
    for (size_t i = 0; i < report->fault_count; i++) {
        json_t *value = json_object();
        moor_report_set(value, "list", report->faults[i].file);
        moor_report_set(value, "text", report->faults[i].text);
        (void)fputs(i > 0 ? ",\n    " : "\n    ", out);
        moor_report_write_value(out, value);
    }
    (void)fputs(report->fault_count > 0 ? "\n  ],\n" : "],\n", out);
}

static json_t *summary_value(const struct moor_results *results)
{
    const struct moor_scanning *scanning = results->scanning;
    json_t *summary = json_object();
    json_t *denied = json_object();
    json_t *unjudged = json_object();
    for (int when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
        json_t *counts = json_object();
        moor_report_set_number(counts, "workloads", results->workloads[when]);
        moor_report_set_number(counts, "images", results->images[when]);
        if (results->compares) {
            moor_report_set_number(counts, "noLonger", results->freed[when]);
        }
        (void)json_object_set_new(denied, moor_scan_when_name((enum moor_scan_when)when), counts);
    }
    (void)json_object_set_new(summary, "denied", denied);
    moor_report_set_number(summary, "warned", results->warned);
    moor_report_set_number(summary, "allowed", scanning->allowed);
    moor_report_set_number(summary, "workloads", scanning->objects);
    moor_report_set_number(summary, "pods", scanning->pods);
    moor_report_set_number(unjudged, "excludedNamespaces", scanning->excluded_objects);
    moor_report_set_number(unjudged, "staticPods", scanning->static_pods);
    moor_report_set_number(unjudged, "objectsBeingDeleted", scanning->deleting);
    moor_report_set_number(unjudged, "otherKinds", scanning->others);
    (void)json_object_set_new(summary, "notJudged", unjudged);
    return summary;
}

void moor_results_write_json(FILE *out, const struct moor_results *results)
{
    (void)fprintf(out, "{\n  \"version\": 1,\n  \"tagmoor\": \"%s\",\n", MOOR_VERSION);
    write_images(out, results);
    write_operators(out, results);
    write_faults(out, &results->report);
    (void)fputs("  \"summary\": ", out);
    moor_report_write_value(out, summary_value(results));
    (void)fputs("\n}\n", out);
}

/* --- lines of tab-separated values ------------------------------------------------------------ */

static void put_cell(FILE *out, struct moor_slice text)
{
    moor_page_escape(out, text);
    (void)fputc('\t', out);
}

static void put_line(FILE *out, const struct moor_results *results,
                     const struct moor_workload *workload, const struct moor_workload_image *image)
{
    const struct moor_slice texts[] = {workload->key.namespace,
                                       workload->key.kind,
                                       workload->key.name,
                                       image->path,
                                       image->container,
                                       image->image,
                                       moor_slice_from(image->class),
                                       moor_slice_from(image->level),
                                       image->environment};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        put_cell(out, texts[i]);
    }
    for (size_t policy = 0; policy < (results->compares ? 2 : 1); policy++) {
        for (int when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
            bool happens = moor_results_happens(workload, image, (enum moor_scan_when)when);
            enum moor_decision decision = image->decisions[policy].at[when];
            put_cell(out, moor_slice_from(happens ? moor_decision_verb(decision) : ""));
        }
    }
    (void)fprintf(out, "%zu\n", workload->pods);
}

void moor_results_write_tsv(FILE *out, const struct moor_results *results)
{
    struct moor_results_cursor cursor = {0};
    while (moor_results_next(results, &cursor)) {
        put_line(out, results, cursor.workload, cursor.image);
    }
}

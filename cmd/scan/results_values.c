/* SPDX-License-Identifier: Apache-2.0 */
/* The results as one JSON object with a line per image, or as tab-separated values. */
#include "cmd/scan/results_values.h"

#include "cmd/report/json_output.h"
#include "cmd/report/page.h"
#include "cmd/scan/groups.h"
#include "cmd/scan/moved.h"
#include "policy/base/array_size.h"

#define LINES 2 /* levels with one line per item: the object and its lists */

/* Writes the decision for each occasion that can occur.  Other occasions have no member. */
static void put_decisions(struct moor_json_writer *json, const char *name,
                          const struct moor_workload *workload,
                          const struct moor_workload_image *image, size_t policy)
{
    moor_json_output_object(json, name);
    for (int i = 0; i < MOOR_SCAN_WHEN_COUNT; i++) {
        enum moor_scan_when when = (enum moor_scan_when)i;
        if (moor_results_happens(workload, image, when)) {
            moor_json_member_text(json, moor_scan_when_name(when),
                                  moor_decision_verb(image->decisions[policy].at[when]));
        }
    }
    moor_json_object_end(json);
}

/* tagmoor-output(5) documents the members; a test compares both. */
static void put_image(struct moor_json_writer *json, const struct moor_results *results,
                      const struct moor_workload *workload, const struct moor_workload_image *image)
{
    moor_json_object_begin(json);
    moor_json_output_member(json, "namespace", workload->key.namespace);
    moor_json_output_member(json, "group", workload->key.group);
    moor_json_output_member(json, "kind", workload->key.kind);
    moor_json_output_member(json, "name", workload->key.name);
    moor_json_member_u64(json, "pods", workload->pods);
    moor_json_output_member(json, "path", image->path);
    moor_json_output_member(json, "container", image->container);
    moor_json_output_member(json, "image", image->image);
    moor_json_output_member(json, "class", moor_slice_from(image->class));
    moor_json_output_member(json, "level", moor_slice_from(image->level));
    moor_json_output_member(json, "environment", image->environment);
    put_decisions(json, "decisions", workload, image, 0);
    /* The member exists only with --compare, so that its absence cannot be read as `allow`. */
    if (results->compares) {
        put_decisions(json, "before", workload, image, 1);
    }
    moor_json_output_member(json, "digest",
                            moor_moved_digest(&results->scanning->running, image->image));
    moor_json_output_member(json, "reason", image->reason);
    moor_json_output_member(json, "repair", image->repair);
    moor_json_object_end(json);
}

static void put_images(struct moor_json_output *output, const struct moor_results *results)
{
    struct moor_results_cursor cursor = {0};
    moor_json_output_array(&output->json, "findings");
    while (moor_results_next(results, &cursor)) {
        put_image(&output->json, results, cursor.workload, cursor.image);
        moor_json_output_flush(output);
    }
    moor_json_array_end(&output->json);
}

static void put_users(struct moor_json_writer *json, const struct moor_operators_answer *found)
{
    moor_json_output_array(json, "users");
    for (size_t i = 0; i < found->count; i++) {
        moor_json_text(json, found->users[i].name);
    }
    moor_json_array_end(json);
    moor_json_output_array(json, "doubts");
    for (size_t i = 0; i < found->count; i++) {
        moor_json_text(json, moor_operators_doubt_text(found->users[i].doubt));
    }
    moor_json_array_end(json);
}

static void put_operator(struct moor_json_writer *json, const struct moor_scan_operator *unnamed)
{
    const struct moor_operators_answer *found = &unnamed->found;
    bool is_certain = found->count > 0 && found->users[0].doubt == MOOR_OPERATORS_CERTAIN;
    moor_json_object_begin(json);
    moor_json_output_member(json, "kind", unnamed->owner_kind);
    moor_json_output_member(json, "group", unnamed->owner_group);
    put_users(json, found);
    moor_json_member_bool(json, "guess", !is_certain);
    moor_json_member_u64(json, "accounts", found->total);
    moor_json_member_u64(json, "pods", unnamed->pods);
    moor_json_member_u64(json, "objects", unnamed->makes);
    moor_json_object_end(json);
}

static void put_operators(struct moor_json_writer *json, const struct moor_unnamed *unnamed)
{
    moor_json_output_array(json, "operators");
    for (size_t i = 0; i < unnamed->count; i++) {
        put_operator(json, &unnamed->items[i]);
    }
    moor_json_array_end(json);
}

static void put_input_errors(struct moor_json_writer *json, const struct moor_report *report)
{
    moor_json_output_array(json, "errors");
    for (size_t i = 0; i < report->input_error_count; i++) {
        moor_json_object_begin(json);
        moor_json_output_member(json, "list", report->input_errors[i].file);
        moor_json_output_member(json, "text", report->input_errors[i].text);
        moor_json_object_end(json);
    }
    moor_json_array_end(json);
}

/* Writes the groups of the images that the text lists, largest first. */
static void put_groups(struct moor_json_output *output, const struct moor_results *results,
                       enum moor_groups_by by)
{
    struct moor_json_writer *json = &output->json;
    struct moor_groups groups;
    if (moor_groups_init(&groups, results, by) != 0) {
        output->bytes.failed = true;
        return;
    }
    moor_json_output_array(json, moor_groups_by_name(by));
    for (size_t i = 0; i < groups.count; i++) {
        moor_json_object_begin(json);
        moor_json_output_member(json, "name", groups.items[i].name);
        moor_json_member_u64(json, "images", groups.items[i].findings);
        moor_json_member_u64(json, "workloads", groups.items[i].workloads);
        moor_json_member_u64(json, "pods", groups.items[i].pods);
        moor_json_object_end(json);
    }
    moor_json_array_end(json);
    moor_groups_release(&groups);
}

static void put_all_groups(struct moor_json_output *output, const struct moor_results *results)
{
    moor_json_output_object(&output->json, "groups");
    for (int by = 0; by < MOOR_GROUPS_BY_COUNT; by++) {
        put_groups(output, results, (enum moor_groups_by)by);
    }
    moor_json_object_end(&output->json);
}

static void put_denied(struct moor_json_writer *json, const struct moor_results *results)
{
    moor_json_output_object(json, "denied");
    for (int when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
        moor_json_output_object(json, moor_scan_when_name((enum moor_scan_when)when));
        moor_json_member_u64(json, "workloads", results->workloads[when]);
        moor_json_member_u64(json, "images", results->images[when]);
        if (results->compares) {
            moor_json_member_u64(json, "noLonger", results->freed[when]);
        }
        moor_json_object_end(json);
    }
    moor_json_object_end(json);
}

static void put_summary(struct moor_json_writer *json, const struct moor_results *results)
{
    const struct moor_scanning *scanning = results->scanning;
    moor_json_output_object(json, "summary");
    put_denied(json, results);
    moor_json_member_u64(json, "warned", results->warned);
    moor_json_member_u64(json, "allowed", scanning->allowed);
    moor_json_member_u64(json, "workloads", scanning->objects);
    moor_json_member_u64(json, "pods", scanning->pods);
    moor_json_output_object(json, "notEvaluated");
    moor_json_member_u64(json, "excludedNamespaces", scanning->excluded_objects);
    moor_json_member_u64(json, "staticPods", scanning->static_pods);
    moor_json_member_u64(json, "objectsBeingDeleted", scanning->deleting);
    moor_json_member_u64(json, "otherKinds", scanning->others);
    moor_json_object_end(json);
    moor_moved_put_counts(json, &scanning->running);
    moor_json_object_end(json);
}

void moor_results_write_json(FILE *out, const struct moor_results *results)
{
    struct moor_json_output output;
    moor_json_output_init(&output, out, LINES);
    moor_json_object_begin(&output.json);
    moor_json_member_u64(&output.json, "version", 1);
    moor_json_member_text(&output.json, "tagmoor", MOOR_VERSION);
    put_images(&output, results);
    if (results->is_summary) {
        put_all_groups(&output, results);
    }
    if (!results->compares) {
        moor_moved_put_json(&output, &results->scanning->running);
    }
    put_operators(&output.json, &results->scanning->unnamed);
    moor_exemption_uses_write(&output.json, &results->scanning->exemptions);
    put_input_errors(&output.json, &results->report);
    put_summary(&output.json, results);
    moor_json_object_end(&output.json);
    moor_json_output_end(&output);
}

/* --- lines of tab-separated values ------------------------------------------------------------ */

/*
 * A column is empty if the occasion cannot occur, such as the eviction of a Deployment without
 * Pods.
 */
static void put_line(FILE *out, const struct moor_results *results,
                     const struct moor_workload *workload, const struct moor_workload_image *image)
{
    const struct moor_slice texts[] = {workload->key.kind,
                                       workload->key.namespace,
                                       workload->key.name,
                                       image->path,
                                       image->container,
                                       image->image,
                                       moor_slice_from(image->class),
                                       moor_slice_from(image->level),
                                       image->environment};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(texts); i++) {
        moor_page_escape(out, texts[i]);
        (void)fputc('\t', out);
    }
    (void)fprintf(out, "%zu", workload->pods);
    for (size_t policy = 0; policy < (results->compares ? 2 : 1); policy++) {
        for (int when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
            bool happens = moor_results_happens(workload, image, (enum moor_scan_when)when);
            enum moor_decision decision = image->decisions[policy].at[when];
            (void)fprintf(out, "\t%s", happens ? moor_decision_verb(decision) : "");
        }
    }
    (void)fputc('\t', out);
    moor_page_escape(out, moor_moved_digest(&results->scanning->running, image->image));
    (void)fputc('\n', out);
}

/* Writes the names of the columns of put_line(). */
void moor_results_write_tsv_header(FILE *out, const struct moor_results *results)
{
    (void)fputs("kind\tnamespace\tname\tpath\tcontainer\timage\tclass\tlevel\tenvironment\tpods",
                out);
    for (int policy = 0; policy < (results->compares ? 2 : 1); policy++) {
        for (int when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
            (void)fprintf(out, "\t%s%s", policy > 0 ? "before-" : "",
                          moor_scan_when_name((enum moor_scan_when)when));
        }
    }
    (void)fputs("\tdigest\n", out);
}

void moor_results_write_tsv(FILE *out, const struct moor_results *results)
{
    struct moor_results_cursor cursor = {0};
    while (moor_results_next(results, &cursor)) {
        put_line(out, results, cursor.workload, cursor.image);
    }
    if (!results->compares) {
        moor_moved_put_tsv(out, &results->scanning->running, MOOR_SCAN_WHEN_COUNT);
    }
}

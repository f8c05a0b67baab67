/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings as SARIF 2.1.0 (OASIS) with the members that GitHub code scanning requires: rules with
 * help, regions, and fingerprints that do not depend on lines.  Known findings are suppressed, so
 * that code scanning closes their alerts.
 */
#include "cmd/report/fingerprint.h"
#include "cmd/report/formats.h"
#include "cmd/report/json_output.h"
#include "cmd/report/reasons.h"
#include "policy/base/array_size.h"
#include "policy/image/class.h"

#include <stdlib.h>

#define HOMEPAGE    "https://tagmoor.dev"
#define TEXT_MAX    ((size_t)64 * 1024)
#define MAX_RESULTS ((size_t)25000) /* GitHub rejects a run with more */
#define LINES       4               /* levels with one line per item: object, runs, run, lists */

/* The faults for which a whole object can be denied.  They are rules beside the classes. */
static const struct {
    const char *id;
    const char *meaning;
} more_rules[] = {
    {"malformed",
     "the object does not have the structure of its kind, so its images cannot be evaluated"},
    {"too-many-images", "the object has more images than are evaluated"},
    {"too-large", "the object is too large to be read completely"},
    {"too-costly",
     "matching the object against the policy takes more steps than a request may take"},
    {MOOR_REPORT_NUMBER_TAG,
     "YAML reads the tag as a number or boolean, so that another tag than the written one is used"},
    {MOOR_REPORT_MOVED, "the tag named two things: Pods of a cluster run it with two digests"},
};

static void put_message(struct moor_json_writer *json, const char *name, struct moor_slice text)
{
    moor_json_output_object(json, name);
    moor_json_key(json, "text");
    moor_json_output_string(json, text);
    moor_json_object_end(json);
}

/* Writes the section of the documentation as plain text and as Markdown. */
static void put_help(struct moor_json_writer *json, const char *id)
{
    struct moor_buf markdown;
    struct moor_buf text;
    moor_buf_init(&markdown, TEXT_MAX);
    moor_buf_init(&text, TEXT_MAX);
    moor_buf_append(&markdown, moor_reason_find(id));
    moor_buf_append_text(&markdown, "\n\nIn this text, T is the tag of the image. `tagmoor explain "
                                    "IMAGE` shows the class, the level and the decisions.");
    /* SARIF requires the plain text, and viewers that know no Markdown show it. */
    moor_reason_append_plain(&text, moor_buf_slice(&markdown));
    moor_json_output_object(json, "help");
    moor_json_member_string(json, "text", moor_buf_slice(&text));
    moor_json_member_string(json, "markdown", moor_buf_slice(&markdown));
    moor_json_object_end(json);
    moor_buf_release(&text);
    moor_buf_release(&markdown);
}

static void put_properties_of_rule(struct moor_json_writer *json)
{
    moor_json_output_object(json, "defaultConfiguration");
    moor_json_member_text(json, "level", "error");
    moor_json_object_end(json);
    moor_json_output_object(json, "properties");
    moor_json_output_array(json, "tags");
    moor_json_text(json, "security");
    moor_json_text(json, "supply-chain");
    moor_json_array_end(json);
    /*
     * GitHub orders alerts by severity and precision.  A class follows from the reference alone, so
     * that the same reference always gives the same result.
     */
    moor_json_member_text(json, "precision", "very-high");
    moor_json_object_end(json);
}

/* Each class is a rule, so that code scanning can filter and explain findings by class. */
static void put_rule(struct moor_json_writer *json, const char *id, const char *meaning,
                     const char *level)
{
    char full[256];
    char uri[128];
    (void)snprintf(full, sizeof full, "%s; level: %s", meaning, level);
    (void)snprintf(uri, sizeof uri, HOMEPAGE "/reasons#%s", id);
    moor_json_object_begin(json);
    moor_json_member_text(json, "id", id);
    put_message(json, "shortDescription", moor_slice_from(meaning));
    put_message(json, "fullDescription", moor_slice_from(full));
    put_help(json, id);
    moor_json_member_text(json, "helpUri", uri);
    put_properties_of_rule(json);
    moor_json_object_end(json);
}

static void put_tool(struct moor_json_writer *json)
{
    moor_json_output_object(json, "tool");
    moor_json_output_object(json, "driver");
    moor_json_member_text(json, "name", "tagmoor");
    moor_json_member_text(json, "version", MOOR_VERSION);
    /* A viewer can order semantic versions; `version` alone has no defined order. */
    moor_json_member_text(json, "semanticVersion", MOOR_VERSION);
    moor_json_member_text(json, "informationUri", HOMEPAGE);
    moor_json_output_array(json, "rules");
    for (size_t i = 0; i < MOOR_CLASS_COUNT; i++) {
        enum moor_class class = (enum moor_class)i;
        bool is_of_policy = class == MOOR_CLASS_REPOSITORY;
        put_rule(json, moor_class_name(class), moor_class_meaning(class),
                 is_of_policy ? "as in the policy" : moor_level_name(moor_class_level(class)));
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(more_rules); i++) {
        put_rule(json, more_rules[i].id, more_rules[i].meaning, moor_level_name(MOOR_LEVEL_NONE));
    }
    moor_json_array_end(json);
    moor_json_object_end(json);
    moor_json_object_end(json);
}

/* SARIF refers to a rule by name and index; the index must match the order of put_tool(). */
static size_t rule_index(const char *class)
{
    size_t count = MOOR_ARRAY_SIZE(more_rules);
    for (size_t i = 0; i < MOOR_CLASS_COUNT; i++) {
        if (strcmp(moor_class_name((enum moor_class)i), class) == 0) {
            return i;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(more_rules[i].id, class) == 0) {
            return MOOR_CLASS_COUNT + i;
        }
    }
    /* No finding has another class, so that this index is never used. */
    return 0;
}

/* Writes a path as a URI.  A relative path stays relative: GitHub resolves it in the repository. */
static void put_uri(struct moor_json_writer *json, struct moor_slice path)
{
    /*
     * RFC 3986 allows these bytes in a path.  A colon is escaped, because `a:b.yaml` would begin
     * with a scheme.
     */
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-._~/!$&'()*+,;=@";
    struct moor_buf uri;
    moor_buf_init(&uri, TEXT_MAX);
    if (moor_slice_is(path, "-")) {
        path = MOOR_SLICE("stdin");
    }
    if (moor_slice_starts_with(path, MOOR_SLICE("/"))) {
        /* An absolute path is a URI of this machine; viewers on other machines cannot open it. */
        moor_buf_append_text(&uri, "file://");
    }
    for (size_t i = 0; i < path.len; i++) {
        if (memchr(plain, path.ptr[i], sizeof plain - 1) != NULL) {
            moor_buf_append_byte(&uri, path.ptr[i]);
        } else {
            moor_buf_printf(&uri, "%%%02X", (unsigned)(unsigned char)path.ptr[i]);
        }
    }
    moor_json_output_member(json, "uri", moor_buf_slice(&uri));
    moor_buf_release(&uri);
}

static void put_region(struct moor_json_writer *json, const struct moor_position *position)
{
    moor_json_output_object(json, "region");
    moor_json_member_u64(json, "startLine", position->line);
    moor_json_member_u64(json, "startColumn", position->column);
    moor_json_member_u64(json, "endLine", position->line);
    moor_json_member_u64(json, "endColumn", (uint64_t)position->column + position->width);
    moor_json_object_end(json);
}

static void put_physical(struct moor_json_writer *json, struct moor_slice file,
                         const struct moor_position *position)
{
    moor_json_output_object(json, "physicalLocation");
    moor_json_output_object(json, "artifactLocation");
    put_uri(json, file);
    moor_json_object_end(json);
    /* A line of 0 is invalid in SARIF, and an error of a whole file has no line. */
    if (position->line > 0) {
        put_region(json, position);
    }
    moor_json_object_end(json);
}

/* The object's name helps in viewers that cannot open the file. */
static void put_logical(struct moor_json_writer *json, const struct moor_report_finding *finding)
{
    struct moor_buf name;
    moor_buf_init(&name, TEXT_MAX);
    moor_report_append_object(&name, finding);
    if (finding->path.len > 0) {
        moor_buf_append_byte(&name, ' ');
        moor_buf_append(&name, finding->path);
    }
    moor_json_output_array(json, "logicalLocations");
    moor_json_object_begin(json);
    moor_json_key(json, "fullyQualifiedName");
    moor_json_output_string(json, moor_buf_slice(&name));
    moor_json_member_text(json, "kind", "object");
    moor_json_object_end(json);
    moor_json_array_end(json);
    moor_buf_release(&name);
}

static void put_location(struct moor_json_writer *json, const struct moor_report_finding *finding)
{
    moor_json_output_array(json, "locations");
    moor_json_object_begin(json);
    put_physical(json, finding->file, &finding->position);
    put_logical(json, finding);
    moor_json_object_end(json);
    moor_json_array_end(json);
}

/* The key has a version, as SARIF recommends, for a later change of the algorithm. */
static void put_fingerprint(struct moor_json_writer *json,
                            const struct moor_fingerprint *fingerprint)
{
    moor_json_output_object(json, "partialFingerprints");
    moor_json_member_text(json, "tagmoor/v1", fingerprint->text);
    moor_json_object_end(json);
}

static void put_properties(struct moor_json_writer *json, const struct moor_report_finding *finding)
{
    moor_json_output_object(json, "properties");
    moor_json_output_member(json, "image", finding->image);
    moor_json_output_member(json, "container", finding->container);
    moor_json_output_member(json, "environment", finding->environment);
    moor_json_output_member(json, "imageLevel", moor_slice_from(finding->level));
    if (finding->is_guessed) {
        moor_json_member_bool(json, "guessed", true);
    }
    moor_json_object_end(json);
}

/* SARIF calls a comment or an annotation in a file `inSource`, and a baseline `external`. */
static void put_suppression(struct moor_json_writer *json,
                            const struct moor_report_finding *finding)
{
    bool is_in_source = finding->suppression != MOOR_SUPPRESSION_NONE;
    moor_json_output_array(json, "suppressions");
    moor_json_object_begin(json);
    moor_json_member_text(json, "kind", is_in_source ? "inSource" : "external");
    moor_json_output_member(json, "justification",
                            is_in_source ? finding->justification
                                         : MOOR_SLICE("listed in the baseline"));
    moor_json_object_end(json);
    moor_json_array_end(json);
}

static void put_result(struct moor_json_writer *json, const struct moor_report_finding *finding,
                       const struct moor_fingerprint *fingerprint)
{
    struct moor_buf text;
    moor_buf_init(&text, TEXT_MAX);
    moor_report_append_message(&text, finding);
    moor_json_object_begin(json);
    moor_json_member_text(json, "ruleId", finding->class);
    moor_json_member_u64(json, "ruleIndex", rule_index(finding->class));
    moor_json_member_text(json, "level", moor_decision_severity(finding->decision));
    put_message(json, "message", moor_buf_slice(&text));
    put_location(json, finding);
    if (fingerprint != NULL) {
        put_fingerprint(json, fingerprint);
    }
    put_properties(json, finding);
    if (!moor_report_is_active(finding)) {
        put_suppression(json, finding);
    }
    moor_json_object_end(json);
    moor_buf_release(&text);
}

/*
 * Writes the findings in their order.  If there are more than the limit, the most important ones
 * are written first, and put_invocation() says how many are missing.
 */
static void put_results(struct moor_json_output *output, const struct moor_report *report)
{
    /*
     * Without memory for the fingerprints, results are still written.  The upload action of GitHub
     * then computes its own.
     */
    struct moor_fingerprint *fingerprints = moor_fingerprints_of(report);
    unsigned ranks = report->finding_count > MAX_RESULTS ? MOOR_REPORT_RANKS : 1;
    size_t written = 0;
    moor_json_output_array(&output->json, "results");
    for (size_t n = 0; n < ranks * report->finding_count && written < MAX_RESULTS; n++) {
        size_t i = n % report->finding_count;
        const struct moor_report_finding *finding = &report->findings[i];
        if (ranks > 1 && moor_report_rank(finding) != n / report->finding_count) {
            continue;
        }
        put_result(&output->json, finding, fingerprints != NULL ? &fingerprints[i] : NULL);
        moor_json_output_flush(output);
        written++;
    }
    moor_json_array_end(&output->json);
    free(fingerprints);
}

/* Without this statement, a shortened report would look complete. */
static void put_remainder(struct moor_json_writer *json, size_t count)
{
    char text[160];
    if (count <= MAX_RESULTS) {
        return;
    }
    (void)snprintf(text, sizeof text,
                   "%zu more findings are not listed, because code scanning accepts %zu results: "
                   "use the format json or tsv",
                   count - MAX_RESULTS, MAX_RESULTS);
    moor_json_object_begin(json);
    moor_json_member_text(json, "level", "warning");
    put_message(json, "message", moor_slice_from(text));
    moor_json_object_end(json);
}

static void put_notifications(struct moor_json_writer *json,
                              const struct moor_report_input_error *errors, size_t count,
                              const char *level)
{
    for (size_t i = 0; i < count; i++) {
        const struct moor_position position = {
            .line = errors[i].line, .column = errors[i].column, .width = 1};
        moor_json_object_begin(json);
        moor_json_member_text(json, "level", level);
        put_message(json, "message", errors[i].text);
        moor_json_output_array(json, "locations");
        moor_json_object_begin(json);
        put_physical(json, errors[i].file, &position);
        moor_json_object_end(json);
        moor_json_array_end(json);
        moor_json_object_end(json);
    }
}

/* An input error means that the run is incomplete, which a result cannot express. */
static void put_invocation(struct moor_json_writer *json, const struct moor_report *report)
{
    moor_json_output_array(json, "invocations");
    moor_json_object_begin(json);
    /* A viewer must not take the results of files that were not read for fixed ones. */
    moor_json_member_bool(json, "executionSuccessful", report->input_error_count == 0);
    moor_json_output_array(json, "toolExecutionNotifications");
    put_notifications(json, report->input_errors, report->input_error_count, "error");
    put_notifications(json, report->stale, report->stale_count, "note");
    put_remainder(json, report->finding_count);
    moor_json_array_end(json);
    moor_json_object_end(json);
    moor_json_array_end(json);
}

static void put_run(struct moor_json_output *output, const struct moor_report *report)
{
    moor_json_object_begin(&output->json);
    put_tool(&output->json);
    /* The default of SARIF counts UTF-16 code units, which would shift marks after emoji. */
    moor_json_member_text(&output->json, "columnKind", "unicodeCodePoints");
    put_invocation(&output->json, report);
    put_results(output, report);
    moor_json_object_end(&output->json);
}

static void write(FILE *out, const struct moor_report *report, const struct moor_page_style *style)
{
    struct moor_json_output output;
    (void)style;
    moor_json_output_init(&output, out, LINES);
    moor_json_object_begin(&output.json);
    moor_json_member_text(&output.json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    moor_json_member_text(&output.json, "version", "2.1.0");
    moor_json_output_array(&output.json, "runs");
    put_run(&output, report);
    moor_json_array_end(&output.json);
    moor_json_object_end(&output.json);
    moor_json_output_end(&output);
}

const struct moor_report_format moor_report_format_sarif = {
    .name = "sarif",
    .description = "SARIF 2.1.0, for code scanning",
    .write = write,
};

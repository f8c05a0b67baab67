/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings as SARIF 2.1.0 (OASIS), with what GitHub's code scanning wants: rules with help,
 * regions, and fingerprints that survive a moved line.  What a baseline knows is suppressed.
 */
#include <jansson.h>

#include "cmd/report/fingerprint.h"
#include "cmd/report/sarif.h"
#include "cmd/report/values.h"
#include "policy/image/class.h"

#define TEXT_MAX ((size_t)64 * 1024)

/* What an object as a whole can be denied for. */
static const struct {
    const char *id;
    const char *meaning;
} more_rules[] = {
    {"malformed", "the object does not have the shape of its kind, so its images cannot be judged"},
    {"too-many-images", "the object has more images than are evaluated"},
    {"too-large", "the object is too large to be read completely"},
    {"too-costly", "matching the object against the policy takes more steps than a request has"},
};

static json_t *message_value(struct moor_slice text)
{
    return json_pack("{s:o}", "text", moor_report_text(text));
}

static json_t *rule_value(const char *id, const char *meaning)
{
    json_t *rule = json_object();
    moor_report_set(rule, "id", moor_slice_from(id));
    (void)json_object_set_new(rule, "shortDescription", message_value(moor_slice_from(meaning)));
    (void)json_object_set_new(rule, "fullDescription", message_value(moor_slice_from(meaning)));
    (void)json_object_set_new(
        rule, "help",
        message_value(MOOR_SLICE("Name the image by a version, a build or a digest, as the policy "
                                 "asks.  'tagmoor explain IMAGE' says what a reference names.")));
    (void)json_object_set_new(rule, "defaultConfiguration", json_pack("{s:s}", "level", "error"));
    (void)json_object_set_new(
        rule, "properties",
        json_pack("{s:[s,s],s:s}", "tags", "security", "supply-chain", "precision", "very-high"));
    return rule;
}

static size_t rule_index(const char *class)
{
    size_t count = sizeof more_rules / sizeof *more_rules;
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
    return 0;
}

static json_t *driver_value(void)
{
    json_t *rules = json_array();
    for (size_t i = 0; i < MOOR_CLASS_COUNT; i++) {
        (void)json_array_append_new(rules, rule_value(moor_class_name((enum moor_class)i),
                                                      moor_class_meaning((enum moor_class)i)));
    }
    for (size_t i = 0; i < sizeof more_rules / sizeof *more_rules; i++) {
        (void)json_array_append_new(rules, rule_value(more_rules[i].id, more_rules[i].meaning));
    }
    return json_pack("{s:{s:s,s:s,s:s,s:o}}", "driver", "name", "tagmoor", "version", MOOR_VERSION,
                     "semanticVersion", MOOR_VERSION, "rules", rules);
}

/* A path as the path of a URI: everything but its plain characters as `%XX`. */
static json_t *uri_value(struct moor_slice path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-._~/!$&'()*+,;=@";
    struct moor_buf uri;
    moor_buf_init(&uri, TEXT_MAX);
    if (moor_slice_is(path, "-")) {
        path = MOOR_SLICE("stdin");
    }
    if (moor_slice_starts_with(path, MOOR_SLICE("/"))) {
        moor_buf_append_text(&uri, "file://");
    }
    for (size_t i = 0; i < path.len; i++) {
        if (memchr(plain, path.ptr[i], sizeof plain - 1) != NULL) {
            moor_buf_append_byte(&uri, path.ptr[i]);
        } else {
            moor_buf_printf(&uri, "%%%02X", (unsigned)(unsigned char)path.ptr[i]);
        }
    }
    json_t *value = moor_report_text(moor_buf_slice(&uri));
    moor_buf_release(&uri);
    return value;
}

static json_t *physical_value(struct moor_slice file, uint32_t line, uint32_t column,
                              uint32_t width)
{
    json_t *physical = json_pack("{s:{s:o}}", "artifactLocation", "uri", uri_value(file));
    if (line > 0) {
        (void)json_object_set_new(physical, "region",
                                  json_pack("{s:I,s:I,s:I,s:I}", "startLine", (json_int_t)line,
                                            "startColumn", (json_int_t)column, "endLine",
                                            (json_int_t)line, "endColumn",
                                            (json_int_t)column + (json_int_t)width));
    }
    return physical;
}

static json_t *location_value(const struct moor_report_finding *finding)
{
    struct moor_buf name;
    moor_buf_init(&name, TEXT_MAX);
    moor_report_append_object(&name, finding);
    if (finding->path.len > 0) {
        moor_buf_append_byte(&name, ' ');
        moor_buf_append(&name, finding->path);
    }
    json_t *location = json_pack("{s:o,s:[{s:o,s:s}]}", "physicalLocation",
                                 physical_value(finding->file, finding->position.line,
                                                finding->position.column, finding->position.width),
                                 "logicalLocations", "fullyQualifiedName",
                                 moor_report_text(moor_buf_slice(&name)), "kind", "object");
    moor_buf_release(&name);
    return location;
}

static json_t *result_value(const struct moor_report_finding *finding)
{
    struct moor_buf text;
    char digest[33];
    moor_buf_init(&text, TEXT_MAX);
    moor_report_append_message(&text, finding);
    moor_fingerprint_digest(digest, finding);
    json_t *result = json_pack(
        "{s:s,s:I,s:s,s:o,s:[o],s:{s:s}}", "ruleId", finding->class, "ruleIndex",
        (json_int_t)rule_index(finding->class), "level", moor_decision_severity(finding->decision),
        "message", message_value(moor_buf_slice(&text)), "locations", location_value(finding),
        "partialFingerprints", "tagmoor/v1", digest);
    moor_buf_release(&text);
    json_t *properties = json_object();
    moor_report_set(properties, "image", finding->image);
    moor_report_set(properties, "container", finding->container);
    moor_report_set(properties, "environment", finding->environment);
    moor_report_set(properties, "imageLevel", moor_slice_from(finding->level));
    (void)json_object_set_new(result, "properties", properties);
    if (finding->is_known) {
        (void)json_object_set_new(result, "suppressions",
                                  json_pack("[{s:s,s:s}]", "kind", "external", "justification",
                                            "listed in the baseline"));
    }
    return result;
}

static json_t *notification_value(const struct moor_report_input_error *fault, const char *level)
{
    return json_pack("{s:s,s:o,s:[{s:o}]}", "level", level, "message", message_value(fault->text),
                     "locations", "physicalLocation",
                     physical_value(fault->file, fault->line, fault->column, 1));
}

static json_t *invocation_value(const struct moor_report *report)
{
    json_t *notifications = json_array();
    for (size_t i = 0; i < report->fault_count; i++) {
        (void)json_array_append_new(notifications, notification_value(&report->faults[i], "error"));
    }
    for (size_t i = 0; i < report->stale_count; i++) {
        (void)json_array_append_new(notifications, notification_value(&report->stale[i], "note"));
    }
    return json_pack("{s:b,s:o}", "executionSuccessful", report->fault_count == 0,
                     "toolExecutionNotifications", notifications);
}

static void write(FILE *out, const struct moor_report *report, const struct moor_page_style *style)
{
    (void)fputs("{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\","
                "\"version\":\"2.1.0\",\"runs\":[{\n\"tool\":",
                out);
    (void)style;
    moor_report_write_value(out, driver_value());
    (void)fputs(",\n\"columnKind\":\"unicodeCodePoints\",\n\"invocations\":[", out);
    moor_report_write_value(out, invocation_value(report));
    (void)fputs("],\n\"results\":[", out);
    for (size_t i = 0; i < report->finding_count; i++) {
        (void)fputs(i > 0 ? ",\n" : "\n", out);
        moor_report_write_value(out, result_value(&report->findings[i]));
    }
    (void)fputs("]\n}]}\n", out);
}

const struct moor_report_format moor_report_format_sarif = {
    .name = "sarif",
    .description = "SARIF 2.1.0, for code scanning",
    .write = write,
};

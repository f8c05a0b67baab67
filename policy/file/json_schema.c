/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdlib.h>

#include "policy/base/array_size.h"
#include "policy/base/pattern.h"
#include "policy/file/json_schema.h"
#include "policy/file/schema.h"

#include <ctype.h>
#include <string.h>

#define MOST_TABLES 16

/* One line of text; YAML may take it for a number or a truth value, the loader takes it as written.
 */
#define TEXT                                         \
    "{\"type\":[\"string\",\"number\",\"boolean\"]," \
    "\"minLength\":1,\"pattern\":\"^[^\\\\x00-\\\\x1f\\\\x7f]*$\"}"

#define LABEL      "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
#define LABEL_TEXT "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
#define PATTERNS   "{\"items\":{\"$ref\":\"#/$defs/text\",\"maxLength\":512}}"

_Static_assert(MOOR_PATTERN_MAX_BYTES == 512, "PATTERNS holds the limit");

/*
 * What the loader's tables do not say: what a key is for, and what is checked beside its type, as
 * members that are added to its schema.  No key: the mapping itself; no table: wherever it stands.
 */
static const struct detail {
    const char *table;
    const char *key;
    const char *description;
    const char *more;
} details[] = {
    {"policy", NULL, "What tagmoor asks of container images, and where: see tagmoor-policy(5).",
     NULL},
    {"policy", "version", "The version of the file's shape.", NULL},
    {"policy", "grammar", "The version of the tag classes that 'enforce' uses.", NULL},
    {"policy", "mode",
     "Caps every environment: warn makes warnings of denials, audit records of both.", NULL},
    {"policy", "environments",
     "In order: the first whose labels or namespaces match; one is the default.",
     "{\"contains\":{\"properties\":{\"default\":{\"const\":true}},\"required\":[\"default\"]},"
     "\"minContains\":1,\"maxContains\":1}"},
    {"policy", "controllers", "Users who only carry out what was judged when a person wrote it.",
     NULL},
    {"policy", "repositories",
     "What is known about the tags of some repositories; the first match holds.", NULL},
    {"policy", "exemptions", "Less is asked of what matches, for a time.", NULL},
    {"policy", "customResources", "Where images stand in kinds that Kubernetes does not know.",
     NULL},
    {"policy", "placeholders", "Images that something fills in before a Pod is made.", NULL},
    {"policy", "imageAnnotations",
     "Keys of annotations of Pods and Pod templates that an injector takes as images; added to the "
     "built-in ones.",
     "{\"items\":{\"$ref\":\"#/$defs/text\",\"pattern\":\"^([-a-z0-9.]{1,253}/)?" LABEL_TEXT
     "$\"}}"},
    {"environment", NULL, "Some namespaces, and what is asked there.",
     "{\"anyOf\":[{\"required\":[\"namespaces\"]},{\"required\":[\"namespaceLabels\"]},"
     "{\"properties\":{\"default\":{\"const\":true}},\"required\":[\"default\"]}]}"},
    {"environment", "name", "Stands in verdicts and in the path /validate/<name>.",
     "{\"pattern\":\"^" LABEL "$\"}"},
    {"environment", "default", "Takes what no other environment takes.", NULL},
    {"environment", "mode", "In place of the policy's.", NULL},
    {"environment", "namespaceLabels",
     "Labels that the namespace must have, each with one of its values.",
     "{\"propertyNames\":{\"pattern\":\"^([-a-z0-9.]{1,253}/)?" LABEL_TEXT "$\"},"
     "\"additionalProperties\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":256,\"items\":"
     "{\"$ref\":\"#/$defs/text\",\"pattern\":\"^" LABEL_TEXT "$\"}}}"},
    {"environment", "namespaces", "Globs over the namespace's name.", NULL},
    {"environment", "images", "Other levels for some images; the first match holds.", NULL},
    {"environment", "initContainers", "Other levels for init containers.", NULL},
    {"environment", "ephemeralContainers", "Other levels for 'kubectl debug'.", NULL},
    {"environment", "imageVolumes", "Other levels for image volumes.", NULL},
    {"environment", "unchanged", "Other levels for an image that the old object already had.",
     NULL},
    {"levels", NULL, "Levels of which those not given stay as they were.", NULL},
    {"images", NULL, "Levels for some images.", NULL},
    {"images", "match", "Globs over the canonical name without tag.", NULL},
    {"controllers", NULL, "Users who only carry out what was judged, and what is asked of them.",
     NULL},
    {"controllers", "users", "Globs over user names, added to the built-in controllers.", NULL},
    {"repositories", NULL, "What is known about the tags of some repositories.", NULL},
    {"repositories", "match", "Globs over the canonical name without tag.", NULL},
    {"repositories", "reason", "For people, shown by 'tagmoor explain'.", NULL},
    {"repositories", "rolling", "Regular expressions of tags that move.", PATTERNS},
    {"repositories", "build", "Regular expressions of tags that name one build.", PATTERNS},
    {"repositories", "release", "Regular expressions of tags that name one release.", PATTERNS},
    {"repositories", "versionParts", "How many parts make a version full (default: 3).", NULL},
    {"repositories", "otherwise", "What all other tags are; not given: what their form says.",
     NULL},
    {"exemption", NULL, "Less is asked of what matches, for a time.",
     "{\"oneOf\":[{\"required\":[\"expires\"]},"
     "{\"properties\":{\"permanent\":{\"const\":true}},\"required\":[\"permanent\"]}]}"},
    {"exemption", "name", "Stands in verdicts, logs and metrics.",
     "{\"pattern\":\"^[A-Za-z0-9][-A-Za-z0-9_.]{0,62}$\"}"},
    {"exemption", "reason", "Why, and where that is tracked.", "{\"minLength\":8}"},
    {"exemption", "expires", "A date, whose end in UTC counts, or an RFC 3339 time.",
     "{\"type\":\"string\",\"pattern\":\"^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt].+)?$\"}"},
    {"exemption", "permanent", "It has no end.", NULL},
    {"exemption", "match", "Every key must match, by any item of its list.", NULL},
    {"exemption", "enforce", "What is asked for instead (default: any).", NULL},
    {"match", NULL, "What is exempt.", "{\"minProperties\":1}"},
    {"match", "environments", "Globs over names of environments.", NULL},
    {"match", "namespaces", "Globs over names of namespaces.", NULL},
    {"match", "kinds", "Globs over Kind or Kind.group; the workload's for Pods of controllers.",
     NULL},
    {"match", "names", "Globs over the object's name; the workload's for Pods of controllers.",
     NULL},
    {"match", "fields", "containers, initContainers, ephemeralContainers, imageVolumes.", NULL},
    {"match", "containers", "Globs over names of containers and volumes.", NULL},
    {"match", "images", "Globs over the canonical reference; without a tag, all its tags.", NULL},
    {"match", "users", "Globs over user names.", NULL},
    {"match", "groups", "Globs over groups of the user.", NULL},
    {"resource", NULL, "A kind, and where images stand in it.",
     "{\"anyOf\":[{\"required\":[\"podSpecs\"]},{\"required\":[\"images\"]}]}"},
    {"resource", "resource", "The plural and the group, as in rollouts.argoproj.io.",
     "{\"pattern\":\"^" LABEL "(\\\\." LABEL ")+$\"}"},
    {"resource", "kind", "The kind, as in Rollout.",
     "{\"pattern\":\"^[A-Za-z][-A-Za-z0-9]{0,62}$\"}"},
    {"resource", "podSpecs", "Paths to Pod specifications, as in spec.template.spec.", NULL},
    {"resource", "images", "Paths to images, as in spec.containers[*].image.", NULL},
    {NULL, "enforce", "Deny below this level.", NULL},
    {NULL, "warn", "Admit with a warning below this level; as enforce where not given.", NULL},
    {NULL, "audit", "Admit and record below this level; as warn where not given.", NULL},
};

/* The last word of what a table is called: "an item of 'images'" is images. */
struct name {
    char text[32];
};

static struct name name_of(const struct moor_key_table *table)
{
    struct name name = {{0}};
    const char *space = strrchr(table->what, ' ');
    size_t len = 0;
    for (const char *at = space != NULL ? space : table->what; *at != '\0'; at++) {
        if (isalpha((unsigned char)*at) && len + 1 < sizeof name.text) {
            name.text[len++] = *at;
        }
    }
    return name;
}

static const struct detail *find_detail(const char *table, const char *key)
{
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(details); i++) {
        bool is_table = details[i].table == NULL || strcmp(details[i].table, table) == 0;
        bool is_key = key == NULL ? details[i].key == NULL
                                  : details[i].key != NULL && strcmp(details[i].key, key) == 0;
        if (is_table && is_key) {
            return &details[i];
        }
    }
    return NULL;
}

/* Adds what the details say; a description first, where editors' users see it. */
static json_t *detailed(json_t *schema, const char *table, const char *key)
{
    const struct detail *detail = find_detail(table, key);
    if (detail == NULL) {
        return schema;
    }
    json_t *whole = json_pack("{s:s}", "description", detail->description);
    (void)json_object_update(whole, schema);
    json_decref(schema);
    json_t *more = detail->more != NULL ? json_loads(detail->more, 0, NULL) : NULL;
    if (more != NULL) {
        (void)json_object_update(whole, more);
        json_decref(more);
    }
    return whole;
}

/* --- keys ---------------------------------------------------------------------------------------
 */

/* The tables that are still to be written, each once: a queue instead of recursion. */
struct queue {
    const struct moor_key_table *tables[MOST_TABLES];
    size_t count;
};

static json_t *reference(const char *name)
{
    return json_pack("{s:s+}", "$ref", "#/$defs/", name);
}

static json_t *reference_to(struct queue *queue, const struct moor_key_table *table)
{
    struct name name = name_of(table);
    size_t i = 0;
    while (i < queue->count && queue->tables[i] != table) {
        i++;
    }
    if (i == queue->count && queue->count < MOST_TABLES) {
        queue->tables[queue->count++] = table;
    }
    return reference(name.text);
}

static json_t *choice_schema(const struct moor_key *key)
{
    json_t *words = json_array();
    for (unsigned i = 0; key->choice(i) != NULL; i++) {
        (void)json_array_append_new(words, json_string(key->choice(i)));
    }
    return json_pack("{s:o}", "enum", words);
}

static int most(const struct moor_key *key)
{
    return key->max > 0 ? (int)key->max : MOOR_KEYS_MAX_ITEMS;
}

static json_t *list_schema(const struct moor_key *key, json_t *items)
{
    return json_pack("{s:s,s:i,s:i,s:o}", "type", "array", "minItems", 1, "maxItems", most(key),
                     "items", items);
}

/* The lists by name have no maximum of their own. */
static json_t *lists_schema(const struct moor_key *key)
{
    static const struct moor_key usual = {.max = 0};
    return json_pack("{s:s,s:i,s:i,s:o}", "type", "object", "minProperties", 1, "maxProperties",
                     most(key), "additionalProperties", list_schema(&usual, reference("text")));
}

static json_t *key_schema(struct queue *queue, const struct moor_key *key)
{
    switch (key->type) {
    case MOOR_KEY_TEXT:
        return reference("text");
    case MOOR_KEY_FLAG:
        return json_pack("{s:s}", "type", "boolean");
    case MOOR_KEY_NUMBER:
        return json_pack("{s:s,s:i,s:i}", "type", "integer", "minimum", (int)key->min, "maximum",
                         (int)key->max);
    case MOOR_KEY_CHOICE:
        return choice_schema(key);
    case MOOR_KEY_TEXTS:
        return list_schema(key, reference("text"));
    case MOOR_KEY_TEXTS_BY_NAME:
        return lists_schema(key);
    case MOOR_KEY_MAPPING:
        return reference_to(queue, key->table);
    case MOOR_KEY_MAPPINGS:
        return list_schema(key, reference_to(queue, key->table));
    }
    return NULL;
}

static json_t *table_schema(struct queue *queue, const struct moor_key_table *table)
{
    struct name name = name_of(table);
    json_t *properties = json_object();
    json_t *required = json_array();
    for (size_t i = 0; i < table->count; i++) {
        const struct moor_key *key = &table->keys[i];
        (void)json_object_set_new(properties, key->name,
                                  detailed(key_schema(queue, key), name.text, key->name));
        if (key->is_required) {
            (void)json_array_append_new(required, json_string(key->name));
        }
    }
    return detailed(json_pack("{s:s,s:b,s:o,s:o}", "type", "object", "additionalProperties", 0,
                              "required", required, "properties", properties),
                    name.text, NULL);
}

/* --- the whole ----------------------------------------------------------------------------------
 */

static json_t *whole_schema(void)
{
    struct queue queue = {{&moor_schema_policy_table}, 1};
    json_t *whole =
        json_pack("{s:s,s:s}", "$schema", "https://json-schema.org/draft/2020-12/schema", "title",
                  "Policy of tagmoor");
    json_t *root = table_schema(&queue, queue.tables[0]);
    json_t *definitions = json_object();
    (void)json_object_update(whole, root);
    json_decref(root);
    (void)json_object_set_new(definitions, "text", json_loads(TEXT, 0, NULL));
    for (size_t i = 1; i < queue.count; i++) {
        struct name name = name_of(queue.tables[i]);
        (void)json_object_set_new(definitions, name.text, table_schema(&queue, queue.tables[i]));
    }
    (void)json_object_set_new(whole, "$defs", definitions);
    return whole;
}

int moor_json_schema_write(FILE *out, struct moor_error *err)
{
    json_t *schema = whole_schema();
    char *text = schema != NULL ? json_dumps(schema, JSON_INDENT(2)) : NULL;
    json_decref(schema);
    if (text == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the schema");
    }
    (void)fprintf(out, "%s\n", text);
    free(text);
    return 0;
}

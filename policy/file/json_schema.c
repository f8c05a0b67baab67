/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdlib.h>

#include "policy/file/json_schema.h"
#include "policy/file/schema.h"

/* Maximum number of tables. */
#define MOST_TABLES 16

/*
 * A text on one line.  YAML may parse it as a number or a boolean, while the loader takes it as it
 * is written.
 */
#define TEXT                                         \
    "{\"type\":[\"string\",\"number\",\"boolean\"]," \
    "\"minLength\":1,\"pattern\":\"^[^\\\\x00-\\\\x1f\\\\x7f]*$\"}"

/* The description comes first, because editors show it. */
static json_t *detailed(json_t *schema, const char *description, const char *constraints)
{
    json_t *whole = json_pack("{s:s}", "description", description);
    (void)json_object_update(whole, schema);
    json_decref(schema);
    json_t *more = constraints != NULL ? json_loads(constraints, 0, NULL) : NULL;
    if (more != NULL) {
        (void)json_object_update(whole, more);
        json_decref(more);
    }
    return whole;
}

/* --- keys ------------------------------------------------------------------------------------- */

/* The tables that are not written yet, each once; a queue avoids recursion. */
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
    size_t i = 0;
    while (i < queue->count && queue->tables[i] != table) {
        i++;
    }
    if (i == queue->count && queue->count < MOST_TABLES) {
        queue->tables[queue->count++] = table;
    }
    return reference(table->name);
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

/* The lists of such a mapping have no maximum of their own in the table. */
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
    json_t *properties = json_object();
    json_t *required = json_array();
    for (size_t i = 0; i < table->count; i++) {
        const struct moor_key *key = &table->keys[i];
        (void)json_object_set_new(
            properties, key->name,
            detailed(key_schema(queue, key), key->description, key->constraints));
        if (key->is_required) {
            (void)json_array_append_new(required, json_string(key->name));
        }
    }
    return detailed(json_pack("{s:s,s:b,s:o,s:o}", "type", "object", "additionalProperties", 0,
                              "required", required, "properties", properties),
                    table->description, table->constraints);
}

/* --- the schema ------------------------------------------------------------------------------- */

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
        (void)json_object_set_new(definitions, queue.tables[i]->name,
                                  table_schema(&queue, queue.tables[i]));
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/keys.h"

#include "policy/base/nearest.h"
#include "policy/file/quote.h"
#include "policy/file/values.h"

static const struct moor_key *nearest_key(const struct moor_key_table *table,
                                          struct moor_slice written)
{
    const struct moor_key *nearest = NULL;
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < table->count; i++) {
        struct moor_slice known = moor_slice_from(table->keys[i].name);
        size_t distance = moor_nearest_distance(written, known);
        if (distance < best && moor_nearest_is_close(written, known, distance)) {
            best = distance;
            nearest = &table->keys[i];
        }
    }
    return nearest;
}

/* Returns the key that was probably meant, or NULL.  Skips the search if the error is not kept. */
static const struct moor_key *refuse_key(struct moor_key_reader *reader,
                                         const struct moor_key_table *table,
                                         const struct moor_yaml_node *key)
{
    if (!moor_diagnostics_would_keep(reader->diagnostics, key)) {
        /* Only the number of errors counts here: the text would not be kept. */
        moor_diagnostics_error(reader->diagnostics, key, "%s", "");
        return NULL;
    }
    struct moor_quoted name = moor_quote(key->text);
    const struct moor_key *nearest = nearest_key(table, key->text);
    if (nearest != NULL) {
        moor_diagnostics_error(reader->diagnostics, key, "unknown key '%s', did you mean '%s'?",
                               name.text, nearest->name);
        return nearest;
    }
    struct moor_words known = {{0}, 0};
    for (size_t i = 0; i < table->count; i++) {
        moor_words_add(&known, table->keys[i].name);
    }
    moor_diagnostics_error(reader->diagnostics, key, "unknown key '%s': %s has %s", name.text,
                           table->what, known.text);
    return NULL;
}

static size_t find_key(const struct moor_key_table *table, struct moor_slice name)
{
    size_t i = 0;
    while (i < table->count && !moor_slice_is(name, table->keys[i].name)) {
        i++;
    }
    return i;
}

/* The keys of the mapping by their index in the table. */
struct met {
    const struct moor_yaml_node *keys[MOOR_KEYS_MAX];
    bool is_misspelt[MOOR_KEYS_MAX];
};

/* A misspelled key was reported already, and must not be reported as missing too. */
static void require_keys(struct moor_key_reader *reader, const struct moor_key_task *task,
                         const struct met *met)
{
    for (size_t i = 0; i < task->table->count; i++) {
        const struct moor_key *key = &task->table->keys[i];
        if (key->is_required && met->keys[i] == NULL && !met->is_misspelt[i]) {
            moor_diagnostics_error(reader->diagnostics, task->node, "missing key '%s' in %s: %s",
                                   key->name, task->table->what, key->hint);
        }
    }
}

static int read_child(struct moor_key_reader *reader, const struct moor_key_task *task,
                      const struct moor_yaml_node *child, struct met *met)
{
    const struct moor_key_table *table = task->table;
    size_t i = find_key(table, child->key->text);
    if (i == table->count) {
        const struct moor_key *meant = refuse_key(reader, table, child->key);
        if (meant != NULL) {
            met->is_misspelt[meant - table->keys] = true;
        }
        return 0;
    }
    const struct moor_key *key = &table->keys[i];
    /*
     * YAML forbids duplicates, but tools take the first or the last one without a word, so that a
     * reviewer could read another policy than the one in force.
     */
    if (met->keys[i] != NULL) {
        moor_diagnostics_error(reader->diagnostics, child->key,
                               "duplicate key '%s', first on line %u", key->name,
                               (unsigned)met->keys[i]->line);
        return 0;
    }
    met->keys[i] = child->key;
    return moor_values_read(reader, key, child, (unsigned char *)task->record + key->offset);
}

static int read_record(struct moor_key_reader *reader, const struct moor_key_task *task)
{
    struct met met = {{NULL}, {false}};
    /* Every record begins with `at`; if it is NULL, the mapping was absent or no mapping. */
    *(const struct moor_yaml_node **)task->record = task->node;
    for (const struct moor_yaml_node *child = task->node->first; child != NULL;
         child = child->next) {
        if (read_child(reader, task, child, &met) != 0) {
            return -1;
        }
    }
    require_keys(reader, task, &met);
    return 0;
}

int moor_keys_read(void *record, const struct moor_key_table *table,
                   const struct moor_yaml_node *node, struct moor_diagnostics *diagnostics,
                   struct moor_arena *arena, struct moor_error *err)
{
    struct moor_key_reader reader = {.arena = arena, .diagnostics = diagnostics, .err = err};
    reader.last = &reader.first;
    if (node->kind != MOOR_YAML_MAPPING) {
        moor_diagnostics_error(diagnostics, node, "%s must be a mapping of keys, not %s",
                               table->what, moor_values_describe(node).text);
        return 0;
    }
    if (moor_values_push(&reader, node, table, record) != 0) {
        return -1;
    }
    /* Reading a mapping appends its inner mappings to the queue, which replaces recursion. */
    for (const struct moor_key_task *task = reader.first; task != NULL; task = task->next) {
        if (read_record(&reader, task) != 0) {
            return -1;
        }
    }
    return 0;
}

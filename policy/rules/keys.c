/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "policy/rules/keys.h"
#include "policy/rules/nearest.h"

/* A mapping that is still to be read: a queue instead of recursion over what the file holds. */
struct task {
    struct task *next;
    const struct moor_yaml_node *node;
    const struct moor_key_table *table;
    void *record;
};

struct reader {
    struct moor_arena *arena;
    struct moor_reports *reports;
    struct moor_error *err;
    struct task *first;
    struct task **last; /* where the next task is hung */
};

static int push(struct reader *reader, const struct moor_yaml_node *node,
                const struct moor_key_table *table, void *record)
{
    struct task *task = moor_arena_alloc(reader->arena, sizeof *task);
    if (task == NULL) {
        return moor_error_set(reader->err, MOOR_ERROR_MEMORY, "no memory for the file's values");
    }
    *task = (struct task){.node = node, .table = table, .record = record};
    *reader->last = task;
    reader->last = &task->next;
    return 0;
}

struct description {
    char text[sizeof(struct moor_quoted) + 2];
};

/* What stands there instead of what is wanted, for reports. */
static struct description describe(const struct moor_yaml_node *node)
{
    if (node->kind == MOOR_YAML_SEQUENCE) {
        return (struct description){"a list"};
    }
    if (node->kind == MOOR_YAML_MAPPING) {
        return (struct description){"a mapping"};
    }
    if (moor_yaml_is_null(node)) {
        return (struct description){"nothing"};
    }
    struct description text = {{0}};
    (void)snprintf(text.text, sizeof text.text, "'%s'", moor_quote(node->text).text);
    return text;
}

static void refuse(struct reader *reader, const struct moor_key *key,
                   const struct moor_yaml_node *value, const char *wanted)
{
    moor_reports_error(reader->reports, value, "'%s' must be %s, not %s", key->name, wanted,
                       describe(value).text);
}

static bool has_control(struct moor_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7F) {
            return true;
        }
    }
    return false;
}

/* Whether the node is a text that can be used; reports what is wrong with it. */
static bool check_text(struct reader *reader, const struct moor_yaml_node *node, const char *owner,
                       const char *role)
{
    if (node->kind != MOOR_YAML_SCALAR || moor_yaml_is_null(node)) {
        moor_reports_error(reader->reports, node, "%s'%s' must be a text, not %s", role, owner,
                           describe(node).text);
        return false;
    }
    if (node->text.len == 0) {
        moor_reports_error(reader->reports, node, "%s'%s' must not be empty", role, owner);
        return false;
    }
    if (has_control(node->text)) {
        moor_reports_error(reader->reports, node,
                           "%s'%s' must be one line without control characters", role, owner);
        return false;
    }
    return true;
}

static int read_text(struct reader *reader, const struct moor_key *key,
                     const struct moor_yaml_node *value, void *field)
{
    struct moor_key_value *out = field;
    if (check_text(reader, value, key->name, "")) {
        out->at = value;
    }
    return 0;
}

/* A word or number of a typed value is written without quotes. */
static bool is_bare(struct reader *reader, const struct moor_key *key,
                    const struct moor_yaml_node *value, const char *wanted)
{
    if (value->kind != MOOR_YAML_SCALAR || moor_yaml_is_null(value)) {
        refuse(reader, key, value, wanted);
        return false;
    }
    if (!value->is_plain) {
        moor_reports_error(reader->reports, value,
                           "'%s' must be %s, not a text: write %s without quotes", key->name,
                           wanted, describe(value).text);
        return false;
    }
    return true;
}

static int read_flag(struct reader *reader, const struct moor_key *key,
                     const struct moor_yaml_node *value, void *field)
{
    static const char *const words[] = {"false", "False", "FALSE", "true", "True", "TRUE"};
    struct moor_key_value *out = field;
    if (!is_bare(reader, key, value, "true or false")) {
        return 0;
    }
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (moor_slice_is(value->text, words[i])) {
            *out = (struct moor_key_value){value, i / 3};
            return 0;
        }
    }
    /* YAML 1.1 has more words for it, YAML 1.2 has not: only what both read is read. */
    refuse(reader, key, value, "true or false");
    return 0;
}

/* Decimal digits without a leading zero, which YAML 1.1 would take for octal. */
static bool parse_number(unsigned *out, struct moor_slice text)
{
    if (text.len == 0 || text.len > 9 || (text.len > 1 && text.ptr[0] == '0')) {
        return false;
    }
    unsigned number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        number = number * 10 + (unsigned)(text.ptr[i] - '0');
    }
    *out = number;
    return true;
}

static int read_number(struct reader *reader, const struct moor_key *key,
                       const struct moor_yaml_node *value, void *field)
{
    char wanted[64];
    if (key->min == key->max) {
        (void)snprintf(wanted, sizeof wanted, "%u", key->min);
    } else {
        (void)snprintf(wanted, sizeof wanted, "a number from %u to %u", key->min, key->max);
    }
    struct moor_key_value *out = field;
    unsigned number = 0;
    if (!is_bare(reader, key, value, wanted)) {
        return 0;
    }
    if (!parse_number(&number, value->text) || number < key->min || number > key->max) {
        refuse(reader, key, value, wanted);
        return 0;
    }
    *out = (struct moor_key_value){value, number};
    return 0;
}

/* Words with commas between; what does not fit is left out. */
struct words {
    char text[192];
    size_t len;
};

static void add_word(struct words *words, const char *word)
{
    const char *comma = words->len > 0 ? ", " : "";
    int len =
        snprintf(words->text + words->len, sizeof words->text - words->len, "%s%s", comma, word);
    if (len > 0 && (size_t)len < sizeof words->text - words->len) {
        words->len += (size_t)len;
    }
    words->text[words->len] = '\0';
}

static void refuse_choice(struct reader *reader, const struct moor_key *key,
                          const struct moor_yaml_node *value)
{
    if (!moor_reports_would_keep(reader->reports, value)) {
        moor_reports_error(reader->reports, value, "%s", "");
        return;
    }
    struct words words = {{0}, 0};
    char nearest[64] = "";
    for (unsigned i = 0; key->choice(i) != NULL; i++) {
        const char *word = key->choice(i);
        add_word(&words, word);
        struct moor_slice known = moor_slice_from(word);
        if (value->kind == MOOR_YAML_SCALAR &&
            moor_nearest_is_close(value->text, known, moor_nearest_distance(value->text, known))) {
            (void)snprintf(nearest, sizeof nearest, ", did you mean '%s'?", word);
        }
    }
    moor_reports_error(reader->reports, value, "'%s' must be one of %s, not %s%s", key->name,
                       words.text, describe(value).text, nearest);
}

static int read_choice(struct reader *reader, const struct moor_key *key,
                       const struct moor_yaml_node *value, void *field)
{
    struct moor_key_value *out = field;
    for (unsigned i = 0; value->kind == MOOR_YAML_SCALAR && key->choice(i) != NULL; i++) {
        if (moor_slice_is(value->text, key->choice(i))) {
            *out = (struct moor_key_value){value, i};
            return 0;
        }
    }
    refuse_choice(reader, key, value);
    return 0;
}

/* Whether the node is a list with something in it, and not too much. */
static bool check_list(struct reader *reader, const struct moor_key *key,
                       const struct moor_yaml_node *value)
{
    size_t most = key->max > 0 ? key->max : MOOR_KEYS_MAX_ITEMS;
    if (value->kind == MOOR_YAML_SCALAR && !moor_yaml_is_null(value) &&
        key->type != MOOR_KEY_MAPPINGS) {
        moor_reports_error(reader->reports, value, "'%s' must be a list, not %s: write ['%s']",
                           key->name, describe(value).text, moor_quote(value->text).text);
        return false;
    }
    if (value->kind != MOOR_YAML_SEQUENCE) {
        refuse(reader, key, value, "a list");
        return false;
    }
    if (value->count == 0) {
        moor_reports_error(reader->reports, value, "'%s' is an empty list: give it an item%s",
                           key->name, key->is_required ? "" : ", or leave the key out");
        return false;
    }
    if (value->count > most) {
        moor_reports_error(reader->reports, value, "'%s' has %zu items, more than %zu", key->name,
                           value->count, most);
        return false;
    }
    return true;
}

static bool check_texts(struct reader *reader, const struct moor_key *key,
                        const struct moor_yaml_node *value)
{
    if (!check_list(reader, key, value)) {
        return false;
    }
    bool is_good = true;
    for (const struct moor_yaml_node *item = value->first; item != NULL; item = item->next) {
        is_good = check_text(reader, item, key->name, "an item of ") && is_good;
    }
    return is_good;
}

static int read_texts(struct reader *reader, const struct moor_key *key,
                      const struct moor_yaml_node *value, void *field)
{
    struct moor_key_value *out = field;
    if (check_texts(reader, key, value)) {
        out->at = value;
    }
    return 0;
}

static bool check_name(struct reader *reader, const struct moor_key *key,
                       const struct moor_yaml_node *mapping, const struct moor_yaml_node *child)
{
    if (!check_text(reader, child->key, key->name, "a key of ")) {
        return false;
    }
    for (const struct moor_yaml_node *other = mapping->first; other != child; other = other->next) {
        if (moor_slice_equal(other->key->text, child->key->text)) {
            moor_reports_error(reader->reports, child->key,
                               "key '%s' stands twice, first in line %u",
                               moor_quote(child->key->text).text, (unsigned)other->key->line);
            return false;
        }
    }
    return true;
}

static int read_texts_by_name(struct reader *reader, const struct moor_key *key,
                              const struct moor_yaml_node *value, void *field)
{
    size_t most = key->max > 0 ? key->max : MOOR_KEYS_MAX_ITEMS;
    if (value->kind != MOOR_YAML_MAPPING) {
        refuse(reader, key, value, "a mapping of names to lists");
        return 0;
    }
    if (value->count == 0 || value->count > most) {
        moor_reports_error(reader->reports, value, "'%s' has %zu keys: give it 1 to %zu", key->name,
                           value->count, most);
        return 0;
    }
    bool is_good = true;
    for (const struct moor_yaml_node *child = value->first; child != NULL; child = child->next) {
        struct moor_key list = {.type = MOOR_KEY_TEXTS, .is_required = true};
        struct moor_quoted name = moor_quote(child->key->text);
        list.name = name.text;
        is_good = check_name(reader, key, value, child) && is_good;
        is_good = check_texts(reader, &list, child) && is_good;
    }
    struct moor_key_value *out = field;
    out->at = is_good ? value : NULL;
    return 0;
}

static int read_mapping(struct reader *reader, const struct moor_key *key,
                        const struct moor_yaml_node *value, void *field)
{
    if (value->kind != MOOR_YAML_MAPPING) {
        refuse(reader, key, value, "a mapping");
        return 0;
    }
    return push(reader, value, key->table, field);
}

static int read_mappings(struct reader *reader, const struct moor_key *key,
                         const struct moor_yaml_node *value, void *field)
{
    struct moor_key_list *out = field;
    if (!check_list(reader, key, value)) {
        return 0;
    }
    size_t size = key->table->size;
    unsigned char *items = moor_arena_alloc(reader->arena, value->count * size);
    if (items == NULL) {
        return moor_error_set(reader->err, MOOR_ERROR_MEMORY, "no memory for the file's values");
    }
    size_t place = 0;
    for (const struct moor_yaml_node *item = value->first; item != NULL; item = item->next) {
        if (item->kind != MOOR_YAML_MAPPING) {
            moor_reports_error(reader->reports, item, "an item of '%s' must be a mapping, not %s",
                               key->name, describe(item).text);
        } else if (push(reader, item, key->table, items + place * size) != 0) {
            return -1;
        }
        place++;
    }
    *out = (struct moor_key_list){value, items, value->count};
    return 0;
}

static int (*const read_value[])(struct reader *, const struct moor_key *,
                                 const struct moor_yaml_node *, void *) = {
    [MOOR_KEY_TEXT] = read_text,       [MOOR_KEY_FLAG] = read_flag,
    [MOOR_KEY_NUMBER] = read_number,   [MOOR_KEY_CHOICE] = read_choice,
    [MOOR_KEY_TEXTS] = read_texts,     [MOOR_KEY_TEXTS_BY_NAME] = read_texts_by_name,
    [MOOR_KEY_MAPPING] = read_mapping, [MOOR_KEY_MAPPINGS] = read_mappings,
};

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

/* Returns the key that was probably meant, or NULL. */
static const struct moor_key *refuse_key(struct reader *reader, const struct moor_key_table *table,
                                         const struct moor_yaml_node *key)
{
    if (!moor_reports_would_keep(reader->reports, key)) {
        moor_reports_error(reader->reports, key, "%s", "");
        return NULL;
    }
    struct moor_quoted name = moor_quote(key->text);
    const struct moor_key *nearest = nearest_key(table, key->text);
    if (nearest != NULL) {
        moor_reports_error(reader->reports, key, "unknown key '%s', did you mean '%s'?", name.text,
                           nearest->name);
        return nearest;
    }
    struct words known = {{0}, 0};
    for (size_t i = 0; i < table->count; i++) {
        add_word(&known, table->keys[i].name);
    }
    moor_reports_error(reader->reports, key, "unknown key '%s': %s has %s", name.text, table->what,
                       known.text);
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

/* A key that was misspelt is not missed too. */
static void require_keys(struct reader *reader, const struct task *task,
                         const struct moor_yaml_node *const *seen, const bool *is_misspelt)
{
    for (size_t i = 0; i < task->table->count; i++) {
        const struct moor_key *key = &task->table->keys[i];
        if (key->is_required && seen[i] == NULL && !is_misspelt[i]) {
            moor_reports_error(reader->reports, task->node, "missing key '%s' in %s: %s", key->name,
                               task->table->what, key->hint);
        }
    }
}

static int read_record(struct reader *reader, const struct task *task)
{
    const struct moor_yaml_node *seen[MOOR_KEYS_MAX] = {NULL};
    bool is_misspelt[MOOR_KEYS_MAX] = {false};
    *(const struct moor_yaml_node **)task->record = task->node;
    for (const struct moor_yaml_node *child = task->node->first; child != NULL;
         child = child->next) {
        size_t i = find_key(task->table, child->key->text);
        if (i == task->table->count) {
            const struct moor_key *meant = refuse_key(reader, task->table, child->key);
            if (meant != NULL) {
                is_misspelt[meant - task->table->keys] = true;
            }
            continue;
        }
        if (seen[i] != NULL) {
            moor_reports_error(reader->reports, child->key,
                               "key '%s' stands twice, first in line %u", task->table->keys[i].name,
                               (unsigned)seen[i]->line);
            continue;
        }
        seen[i] = child->key;
        const struct moor_key *key = &task->table->keys[i];
        void *field = (unsigned char *)task->record + key->offset;
        if (read_value[key->type](reader, key, child, field) != 0) {
            return -1;
        }
    }
    require_keys(reader, task, seen, is_misspelt);
    return 0;
}

int moor_keys_read(void *record, const struct moor_key_table *table,
                   const struct moor_yaml_node *node, struct moor_reports *reports,
                   struct moor_arena *arena, struct moor_error *err)
{
    struct reader reader = {.arena = arena, .reports = reports, .err = err};
    reader.last = &reader.first;
    if (node->kind != MOOR_YAML_MAPPING) {
        moor_reports_error(reports, node, "%s must be a mapping of keys, not %s", table->what,
                           describe(node).text);
        return 0;
    }
    if (push(&reader, node, table, record) != 0) {
        return -1;
    }
    for (const struct task *task = reader.first; task != NULL; task = task->next) {
        if (read_record(&reader, task) != 0) {
            return -1;
        }
    }
    return 0;
}

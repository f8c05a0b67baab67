/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/values.h"
#include "policy/base/array_size.h"
#include "policy/base/nearest.h"
#include "policy/file/quote.h"

#define SHORT_LIST 96 /* bytes of words, beside which an error has room for a suggestion */

int moor_values_push(struct moor_key_reader *reader, const struct moor_yaml_node *node,
                     const struct moor_key_table *table, void *record)
{
    struct moor_key_task *task = moor_arena_alloc(reader->arena, sizeof *task);
    if (task == NULL) {
        return moor_error_set(reader->err, MOOR_ERROR_MEMORY, "no memory for the file's values");
    }
    *task = (struct moor_key_task){.node = node, .table = table, .record = record};
    /* Appended at the end: the queue keeps the order of the file. */
    *reader->last = task;
    reader->last = &task->next;
    return 0;
}

void moor_words_add(struct moor_words *words, const char *word)
{
    const char *comma = words->len > 0 ? ", " : "";
    /* Room for the ellipsis is always reserved, so that a list is never cut inside a word. */
    size_t room = sizeof words->text - sizeof ", ..." - words->len;
    bool fits = strlen(comma) + strlen(word) < room;
    bool is_cut = words->len > 3 && strcmp(words->text + words->len - 3, "...") == 0;
    if (!is_cut) {
        words->len += (size_t)snprintf(words->text + words->len, sizeof words->text - words->len,
                                       "%s%s", comma, fits ? word : "...");
    }
}

struct moor_description moor_values_describe(const struct moor_yaml_node *node)
{
    if (node->kind == MOOR_YAML_SEQUENCE) {
        return (struct moor_description){"a list"};
    }
    if (node->kind == MOOR_YAML_MAPPING) {
        return (struct moor_description){"a mapping"};
    }
    if (moor_yaml_is_null(node)) {
        return (struct moor_description){"null"};
    }
    struct moor_description text = {{0}};
    (void)snprintf(text.text, sizeof text.text, "'%s'", moor_quote(node->text).text);
    return text;
}

static void refuse(struct moor_key_reader *reader, const struct moor_key *key,
                   const struct moor_yaml_node *value, const char *wanted)
{
    moor_diagnostics_error(reader->diagnostics, value, "'%s' must be %s, not %s", key->name, wanted,
                           moor_values_describe(value).text);
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

/* Control characters are rejected, because texts of the policy go to logs and terminals. */
static bool check_text(struct moor_key_reader *reader, const struct moor_yaml_node *node,
                       const char *owner, const char *role)
{
    if (node->kind != MOOR_YAML_SCALAR || moor_yaml_is_null(node)) {
        moor_diagnostics_error(reader->diagnostics, node, "%s'%s' must be a string, not %s", role,
                               owner, moor_values_describe(node).text);
        return false;
    }
    if (node->text.len == 0) {
        moor_diagnostics_error(reader->diagnostics, node, "%s'%s' must not be empty", role, owner);
        return false;
    }
    if (has_control(node->text)) {
        moor_diagnostics_error(reader->diagnostics, node,
                               "%s'%s' must be one line without control characters", role, owner);
        return false;
    }
    return true;
}

/* A value with an error stays absent (`at` is NULL), so that no builder uses it. */
static int read_text(struct moor_key_reader *reader, const struct moor_key *key,
                     const struct moor_yaml_node *value, void *field)
{
    struct moor_key_value *out = field;
    if (check_text(reader, value, key->name, "")) {
        out->at = value;
    }
    return 0;
}

/* Quotes make a value a string in YAML; other tools would reject `"true"` as a boolean. */
static bool is_bare(struct moor_key_reader *reader, const struct moor_key *key,
                    const struct moor_yaml_node *value, const char *wanted)
{
    if (value->kind != MOOR_YAML_SCALAR || moor_yaml_is_null(value)) {
        refuse(reader, key, value, wanted);
        return false;
    }
    if (!value->is_plain) {
        moor_diagnostics_error(reader->diagnostics, value,
                               "'%s' must be %s, not a string: write %s without quotes", key->name,
                               wanted, moor_values_describe(value).text);
        return false;
    }
    return true;
}

static int read_flag(struct moor_key_reader *reader, const struct moor_key *key,
                     const struct moor_yaml_node *value, void *field)
{
    static const char *const words[] = {"false", "False", "FALSE", "true", "True", "TRUE"};
    struct moor_key_value *out = field;
    if (!is_bare(reader, key, value, "true or false")) {
        return 0;
    }
    for (unsigned i = 0; i < MOOR_ARRAY_SIZE(words); i++) {
        if (moor_slice_is(value->text, words[i])) {
            *out = (struct moor_key_value){value, i / 3};
            return 0;
        }
    }
    /* YAML 1.1 also has yes and on, which YAML 1.2 reads as texts; only common words are allowed.
     */
    refuse(reader, key, value, "true or false");
    return 0;
}

/* A leading zero is rejected, because YAML 1.1 reads such a number as octal. */
static bool parse_number(unsigned *out, struct moor_slice text)
{
    /* Nine digits always fit into 32 bits. */
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

static int read_number(struct moor_key_reader *reader, const struct moor_key *key,
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

/* All words are searched only for an error that is kept: a bad file may have thousands. */
static void refuse_choice(struct moor_key_reader *reader, const struct moor_key *key,
                          const struct moor_yaml_node *value)
{
    if (!moor_diagnostics_would_keep(reader->diagnostics, value)) {
        moor_diagnostics_error(reader->diagnostics, value, "%s", "");
        return;
    }
    struct moor_words words = {{0}, 0};
    char nearest[64] = "";
    for (unsigned i = 0; key->choice(i) != NULL; i++) {
        const char *word = key->choice(i);
        moor_words_add(&words, word);
        struct moor_slice known = moor_slice_from(word);
        if (value->kind == MOOR_YAML_SCALAR &&
            moor_nearest_is_close(value->text, known, moor_nearest_distance(value->text, known))) {
            (void)snprintf(nearest, sizeof nearest, ", did you mean '%s'?", word);
        }
    }
    struct moor_description written = moor_values_describe(value);
    /* An error has room for a long list, or for the value and a suggestion, which is better. */
    if (words.len <= SHORT_LIST) {
        moor_diagnostics_error(reader->diagnostics, value, "'%s' must be one of %s, not %s%s",
                               key->name, words.text, written.text, nearest);
    } else if (nearest[0] != '\0') {
        moor_diagnostics_error(reader->diagnostics, value, "'%s' cannot be %s%s", key->name,
                               written.text, nearest);
    } else {
        moor_diagnostics_error(reader->diagnostics, value, "'%s' must be one of %s", key->name,
                               words.text);
    }
}

static int read_choice(struct moor_key_reader *reader, const struct moor_key *key,
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

/* An empty list is rejected: for many keys it would mean everything, or nothing. */
static bool check_list(struct moor_key_reader *reader, const struct moor_key *key,
                       const struct moor_yaml_node *value)
{
    size_t most = key->max > 0 ? key->max : MOOR_KEYS_MAX_ITEMS;
    if (value->kind == MOOR_YAML_SCALAR && !moor_yaml_is_null(value) &&
        key->type != MOOR_KEY_MAPPINGS) {
        moor_diagnostics_error(reader->diagnostics, value,
                               "'%s' must be a list, not %s: write ['%s']", key->name,
                               moor_values_describe(value).text, moor_quote(value->text).text);
        return false;
    }
    if (value->kind != MOOR_YAML_SEQUENCE) {
        refuse(reader, key, value, "a list");
        return false;
    }
    if (value->count == 0) {
        moor_diagnostics_error(reader->diagnostics, value, "'%s' is an empty list: add an item%s",
                               key->name, key->is_required ? "" : ", or remove the key");
        return false;
    }
    if (value->count > most) {
        moor_diagnostics_error(reader->diagnostics, value, "'%s' has %zu items, more than %zu",
                               key->name, value->count, most);
        return false;
    }
    return true;
}

static bool check_texts(struct moor_key_reader *reader, const struct moor_key *key,
                        const struct moor_yaml_node *value)
{
    if (!check_list(reader, key, value)) {
        return false;
    }
    bool is_good = true;
    for (const struct moor_yaml_node *item = value->first; item != NULL; item = item->next) {
        /* Checked first, so that one run reports the errors of all items. */
        is_good = check_text(reader, item, key->name, "an item of ") && is_good;
    }
    return is_good;
}

static int read_texts(struct moor_key_reader *reader, const struct moor_key *key,
                      const struct moor_yaml_node *value, void *field)
{
    struct moor_key_value *out = field;
    if (check_texts(reader, key, value)) {
        out->at = value;
    }
    return 0;
}

static bool check_name(struct moor_key_reader *reader, const struct moor_key *key,
                       const struct moor_yaml_node *mapping, const struct moor_yaml_node *child)
{
    if (!check_text(reader, child->key, key->name, "a key of ")) {
        return false;
    }
    /* Comparing all pairs is cheap, because the number of keys was limited before. */
    for (const struct moor_yaml_node *other = mapping->first; other != child; other = other->next) {
        if (moor_slice_equal(other->key->text, child->key->text)) {
            moor_diagnostics_error(reader->diagnostics, child->key,
                                   "duplicate key '%s', first on line %u",
                                   moor_quote(child->key->text).text, (unsigned)other->key->line);
            return false;
        }
    }
    return true;
}

static int read_texts_by_name(struct moor_key_reader *reader, const struct moor_key *key,
                              const struct moor_yaml_node *value, void *field)
{
    size_t most = key->max > 0 ? key->max : MOOR_KEYS_MAX_ITEMS;
    if (value->kind != MOOR_YAML_MAPPING) {
        refuse(reader, key, value, "a mapping of names to lists");
        return 0;
    }
    if (value->count == 0 || value->count > most) {
        moor_diagnostics_error(reader->diagnostics, value, "'%s' has %zu keys, not 1 to %zu",
                               key->name, value->count, most);
        return 0;
    }
    bool is_good = true;
    for (const struct moor_yaml_node *child = value->first; child != NULL; child = child->next) {
        /* Each list is checked like a key of its own, so that errors name it. */
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

static int read_mapping(struct moor_key_reader *reader, const struct moor_key *key,
                        const struct moor_yaml_node *value, void *field)
{
    if (value->kind != MOOR_YAML_MAPPING) {
        refuse(reader, key, value, "a mapping");
        return 0;
    }
    return moor_values_push(reader, value, key->table, field);
}

static int read_mappings(struct moor_key_reader *reader, const struct moor_key *key,
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
    size_t index = 0;
    for (const struct moor_yaml_node *item = value->first; item != NULL; item = item->next) {
        /* The record of such an item stays zeroed, so that indexes are those of the file. */
        if (item->kind != MOOR_YAML_MAPPING) {
            moor_diagnostics_error(reader->diagnostics, item,
                                   "an item of '%s' must be a mapping, not %s", key->name,
                                   moor_values_describe(item).text);
        } else if (moor_values_push(reader, item, key->table, items + index * size) != 0) {
            return -1;
        }
        index++;
    }
    *out = (struct moor_key_list){value, items, value->count};
    return 0;
}

static int (*const read_value[])(struct moor_key_reader *, const struct moor_key *,
                                 const struct moor_yaml_node *, void *) = {
    [MOOR_KEY_TEXT] = read_text,       [MOOR_KEY_FLAG] = read_flag,
    [MOOR_KEY_NUMBER] = read_number,   [MOOR_KEY_CHOICE] = read_choice,
    [MOOR_KEY_TEXTS] = read_texts,     [MOOR_KEY_TEXTS_BY_NAME] = read_texts_by_name,
    [MOOR_KEY_MAPPING] = read_mapping, [MOOR_KEY_MAPPINGS] = read_mappings,
};

int moor_values_read(struct moor_key_reader *reader, const struct moor_key *key,
                     const struct moor_yaml_node *value, void *field)
{
    return read_value[key->type](reader, key, value, field);
}

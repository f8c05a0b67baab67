/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key - the tables that say which keys a mapping of the policy file may have.
 *
 * A row has a key's name, its type, and where in the record its value goes.  Keys that hold
 * mappings point to further tables.
 *
 * A record is a struct whose first member is `const struct moor_yaml_node *at`, the mapping it was
 * read from.  Its fields are struct moor_key_value, struct moor_key_list or records; a field whose
 * `at` is NULL was not given, or was refused.
 *
 * Threads:  constant tables, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_FILE_KEY_H
#define MOOR_POLICY_FILE_KEY_H

#include "policy/file/yaml_tree.h"

#define MOOR_KEYS_MAX       32
#define MOOR_KEYS_MAX_ITEMS 256

/* A text, flag, number or choice; also a list of texts, whose items are the children of `at`. */
struct moor_key_value {
    const struct moor_yaml_node *at;
    unsigned number; /* a flag's 0 or 1, a number, the place of a choice */
};

/* A list of mappings. */
struct moor_key_list {
    const struct moor_yaml_node *at;
    void *items; /* records, one after the other, of the size that their table says */
    size_t count;
};

enum moor_key_type {
    MOOR_KEY_TEXT,          /* any scalar but null; struct moor_key_value */
    MOOR_KEY_FLAG,          /* true or false; struct moor_key_value */
    MOOR_KEY_NUMBER,        /* a whole number within min and max; struct moor_key_value */
    MOOR_KEY_CHOICE,        /* one of some words; struct moor_key_value */
    MOOR_KEY_TEXTS,         /* a list of texts; struct moor_key_value */
    MOOR_KEY_TEXTS_BY_NAME, /* a mapping of names to lists of texts; struct moor_key_value */
    MOOR_KEY_MAPPING,       /* a record */
    MOOR_KEY_MAPPINGS       /* a list of mappings; struct moor_key_list */
};

struct moor_key_table;

struct moor_key {
    const char *name;
    const char *description; /* one sentence, for the JSON Schema and tagmoor-policy(5) */
    const char *constraints; /* JSON Schema of what is checked beside the type; NULL: nothing */
    enum moor_key_type type;
    bool is_required;
    size_t offset;                         /* of the field in the record */
    const char *(*choice)(unsigned place); /* CHOICE: the words; NULL behind the last */
    unsigned min;                          /* NUMBER */
    unsigned max;                          /* NUMBER; lists: items, 0 for the usual */
    const struct moor_key_table *table;    /* MAPPING, MAPPINGS */
    const char *hint; /* said where the key is required and missing: "write 'version: 1'" */
};

struct moor_key_table {
    const char *name; /* in the `$defs` of the JSON Schema */
    const char *description;
    const char *constraints; /* as in struct moor_key */
    const char *what;        /* the mapping, for reports: "an environment" */
    const struct moor_key *keys;
    size_t count;
    size_t size; /* of a record */
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key - tables that define the keys of the mappings in a policy file.
 *
 * A row has the name of a key, its type, and where its value goes in the record.  Rows for mappings
 * point to further tables.
 *
 * A record is a struct whose first member is `const struct moor_yaml_node *at`, the mapping from
 * which it was read.  Its other members are struct moor_key_value, struct moor_key_list or records.
 * The `at` of a member is NULL if the key is absent or has an error.
 *
 * Threads:  constant tables, any thread.
 * Memory:   allocates nothing.
 * Limits:   MOOR_KEYS_MAX keys in a table.
 */
#ifndef MOOR_POLICY_FILE_KEY_H
#define MOOR_POLICY_FILE_KEY_H

#include "policy/base/glob.h"
#include "policy/file/yaml_tree.h"

/* Maximum number of keys in a table, and the default maximum number of items in a list. */
#define MOOR_KEYS_MAX       32
#define MOOR_KEYS_MAX_ITEMS 256

/* A text, flag, number or choice; or a list of texts, whose items are the children of `at`. */
struct moor_key_value {
    const struct moor_yaml_node *at;
    unsigned number; /* 0 or 1 for a flag, a number, or the index of a choice */
};

/* A list of mappings. */
struct moor_key_list {
    const struct moor_yaml_node *at;
    void *items;  /* records, one after another, with the size that their table gives */
    size_t count; /* number of records */
};

/* The types of values, with the member of the record that holds them. */
enum moor_key_type {
    MOOR_KEY_TEXT,          /* any scalar but null; struct moor_key_value */
    MOOR_KEY_FLAG,          /* true or false; struct moor_key_value */
    MOOR_KEY_NUMBER,        /* an integer between min and max; struct moor_key_value */
    MOOR_KEY_CHOICE,        /* one of some words; struct moor_key_value */
    MOOR_KEY_TEXTS,         /* a list of texts; struct moor_key_value */
    MOOR_KEY_TEXTS_BY_NAME, /* a mapping of names to lists of texts; struct moor_key_value */
    MOOR_KEY_MAPPING,       /* a record */
    MOOR_KEY_MAPPINGS       /* a list of mappings; struct moor_key_list */
};

struct moor_key_table;

/* A row: a key and its value. */
struct moor_key {
    const char *name;
    const char *description; /* a sentence, for the JSON Schema and tagmoor-policy(5) */
    const char *constraints; /* JSON Schema of checks in addition to the type; NULL: none */
    enum moor_key_type type;
    bool is_required;
    size_t offset;                         /* offset of the member in the record */
    const char *(*choice)(unsigned index); /* CHOICE: the words; returns NULL after the last */
    unsigned min;                          /* NUMBER: the minimum */
    unsigned max;                       /* NUMBER: the maximum; lists: maximum items, 0: default */
    bool is_plain;                      /* plain.h builds and shows the value */
    size_t plain;                       /* offset of the member that holds a plain value */
    const struct moor_key_table *table; /* MAPPING, MAPPINGS: the table of the mapping */
    const char *hint; /* advice if the key is required and missing: "write 'version: 1'" */
};

/*
 * The members of a row for a value that a policy holds as it is written, in `member` of `record`.
 * The compiler rejects a member of another type.
 */
#define MOOR_KEY_PLAIN_TEXT(record, member) \
    MOOR_KEY_PLAIN(MOOR_KEY_TEXT, struct moor_slice, record, member)
#define MOOR_KEY_PLAIN_FLAG(record, member) MOOR_KEY_PLAIN(MOOR_KEY_FLAG, bool, record, member)
#define MOOR_KEY_PLAIN_NUMBER(record, member) \
    MOOR_KEY_PLAIN(MOOR_KEY_NUMBER, unsigned, record, member)
#define MOOR_KEY_PLAIN_GLOBS(record, member) \
    MOOR_KEY_PLAIN(MOOR_KEY_TEXTS, struct moor_glob_list, record, member)
/* NOLINTBEGIN(bugprone-macro-parentheses): `held_as` is a type */
#define MOOR_KEY_PLAIN(key_type, held_as, record, member) \
    .type = (key_type), .is_plain = true,                 \
    .plain = _Generic(((record *)NULL)->member, held_as   \
                      : offsetof(record, member))

/* NOLINTEND(bugprone-macro-parentheses) */

/* A table: the keys of a mapping. */
struct moor_key_table {
    const char *name;        /* name in the `$defs` of the JSON Schema */
    const char *description; /* a sentence, for the JSON Schema */
    const char *constraints; /* as in struct moor_key */
    const char *what;        /* the mapping, for diagnostics: "an environment" */
    const struct moor_key *keys;
    size_t count;
    size_t size; /* size of a record in bytes */
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/builtin.h"
#include "policy/base/array_size.h"
#include "policy/file/keys.h"

/* default.c explains this form of embedding. */
__asm__(".section .rodata\n"
        ".balign 8\n"
        ".globl moor_builtin_size, moor_builtin_text\n"
        "moor_builtin_size:\n"
        ".quad 1f - moor_builtin_text\n"
        "moor_builtin_text:\n"
        ".incbin \"policy/file/builtin.yaml\"\n"
        "1: .byte 0\n"
        ".previous\n");

extern const uint64_t moor_builtin_size;
extern const char moor_builtin_text[];

/* The record of builtin.yaml, which has one key only. */
struct schema {
    const struct moor_yaml_node *at;
    struct moor_key_list repositories;
};

static const struct moor_key keys[] = {
    {.name = "repositories",
     .type = MOOR_KEY_MAPPINGS,
     .is_required = true,
     .offset = offsetof(struct schema, repositories),
     .table = &moor_schema_repository_table,
     .hint = "it is the only key"},
};

static const struct moor_key_table table = {
    .what = "the built-in list",
    .keys = keys,
    .count = MOOR_ARRAY_SIZE(keys),
    .size = sizeof(struct schema),
};

int moor_builtin_read(struct moor_key_list *out, struct moor_arena *arena,
                      struct moor_diagnostics *diagnostics, struct moor_error *err)
{
    const struct moor_slice text = {moor_builtin_text, (size_t)moor_builtin_size};
    const struct moor_yaml_node *root = NULL;
    struct schema schema = {0};
    if (moor_yaml_parse(&root, text, arena, err) != 0 ||
        moor_keys_read(&schema, &table, root, diagnostics, arena, err) != 0) {
        return -1;
    }
    *out = schema.repositories;
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/input/namespaces.h"
#include "policy/base/array_size.h"

#define TEXT_MAX ((size_t)64 * 1024)

/* A file, and what is read in it: `index text @line:column of its first value`, or `! error`. */
struct row {
    const char *name;
    const char *path;
    const char *file;
    const char *documents;
};

static const struct row rows[] = {
    {"empty", "a.yaml", "", ""},
    {"yaml", "a.yaml", "a: 1\n---\n- b\n", "1 {\"a\":1} @1:1\n2 [\"b\"] @3:1\n"},
    {"yaml_after_comment", "a.yaml", "# c\n\na: 1\n", "1 {\"a\":1} @3:1\n"},
    {"json", "a.json", " {\"a\": 1} ", "1 {\"a\": 1} @1:2\n"},
    {"json_texts_in_a_row", "a.json", "{}\n[1]\n", "1 {} @1:1\n2 [1] @2:1\n"},
    {"json_with_byte_order_mark", "a.json", "\xEF\xBB\xBF{}", "1 {} @1:1\n"},
    {"json_before_yaml", "a.yaml", "{\"a\":1}\n---\nb: 2\n",
     "1 {\"a\":1} @1:1\n2 {\"b\":2} @3:1\n"},
    {"flow_mapping_is_yaml", "a.yaml", "{a: 1}\n", "1 {\"a\":1} @1:1\n"},
    {"flow_mapping_in_json_file", "a.json", "{a: 1}\n", "! 1:2\n"},
    {"json_broken_after_the_first", "a.yaml", "{}\n{x}\n", "1 {} @1:1\n! 2:2\n"},
    {"text_is_yaml", "a.json", "x\n", "1 \"x\" @1:1\n"},
    {"yaml_broken_between", "a.yaml", "a: 1\n---\nb: [\n---\nc: 3\n",
     "1 {\"a\":1} @1:1\n! 4:1\n3 {\"c\":3} @5:1\n"},
    {"template_ends_the_reading", "a.yaml", "a: {{ .x }}\n---\nb: 1\n", "! 1:4\n"},
};

static void append_documents(struct moor_buf *out, struct moor_documents *documents)
{
    struct moor_document document;
    struct moor_error err = {0};
    int status = 0;
    while ((status = moor_documents_next(&document, documents, &err)) != 0) {
        if (status < 0) {
            moor_buf_printf(out, "! %u:%u\n", err.line, err.column);
        } else {
            struct moor_position position = moor_document_position(&document, 0);
            moor_buf_printf(out, "%zu %.*s @%u:%u\n", document.index,
                            MOOR_SLICE_ARGS(document.text), position.line, position.column);
        }
        err = (struct moor_error){0};
    }
}

static void next__row__these_documents(void **state)
{
    const struct row *row = *state;
    struct moor_documents documents;
    struct moor_source source;
    struct moor_buf said;
    moor_source_init(&source);
    moor_buf_init(&said, TEXT_MAX);
    assert_int_equal(moor_documents_init(&documents, NULL), 0);
    /* Twice with the same reader: nothing of the first file is left. */
    for (int i = 0; i < 2; i++) {
        moor_buf_clear(&said);
        moor_source_set(&source, moor_slice_from(row->file));
        moor_documents_open(&documents, &source, moor_slice_from(row->path), false);
        append_documents(&said, &documents);
        assert_slice_equal(moor_buf_slice(&said), row->documents);
    }
    struct moor_document document;
    assert_int_equal(moor_documents_next(&document, &documents, NULL), 0);
    moor_buf_release(&said);
    moor_documents_release(&documents);
    moor_source_release(&source);
}

static void next__whole__the_file_as_it_is(void **state)
{
    (void)state;
    struct moor_documents documents;
    struct moor_document document;
    struct moor_source source;
    moor_source_init(&source);
    moor_source_set(&source, MOOR_SLICE("{\nFROM nginx:1 AS x\n"));
    assert_int_equal(moor_documents_init(&documents, NULL), 0);
    moor_documents_open(&documents, &source, MOOR_SLICE("Dockerfile"), true);
    assert_int_equal(moor_documents_next(&document, &documents, NULL), 1);
    assert_true(document.is_whole);
    assert_slice_equal(document.text, "{\nFROM nginx:1 AS x\n");
    struct moor_position position = moor_document_position(&document, 7);
    assert_int_equal(position.line, 2);
    assert_int_equal(position.column, 6);
    assert_int_equal(position.width, 7);
    assert_int_equal(moor_documents_next(&document, &documents, NULL), 0);
    moor_documents_release(&documents);
    moor_source_release(&source);
}

static void position__json__as_wide_as_the_string(void **state)
{
    (void)state;
    struct moor_documents documents;
    struct moor_document document;
    struct moor_source source;
    moor_source_init(&source);
    moor_source_set(&source, MOOR_SLICE("{\"\xC3\xA9\":\n \"a\\\"b\"}"));
    assert_int_equal(moor_documents_init(&documents, NULL), 0);
    moor_documents_open(&documents, &source, MOOR_SLICE("a.json"), false);
    assert_int_equal(moor_documents_next(&document, &documents, NULL), 1);
    struct moor_position position = moor_document_position(&document, 8);
    assert_int_equal(position.line, 2);
    assert_int_equal(position.column, 2);
    assert_int_equal(position.width, 6);
    moor_documents_release(&documents);
    moor_source_release(&source);
}

/* --- namespaces ---------------------------------------------------------------------------------
 */

static void assert_labels(const struct moor_namespaces *namespaces, const char *name,
                          const char *labels)
{
    const struct moor_namespace *found = moor_namespaces_find(namespaces, moor_slice_from(name));
    struct moor_buf said;
    moor_buf_init(&said, TEXT_MAX);
    for (size_t i = 0; found != NULL && i < found->label_count; i++) {
        moor_buf_printf(&said, "%.*s=%.*s;", MOOR_SLICE_ARGS(found->labels[i].key),
                        MOOR_SLICE_ARGS(found->labels[i].value));
    }
    assert_slice_equal(moor_buf_slice(&said), labels);
    assert_int_equal(found != NULL, labels[0] != '\0');
    moor_buf_release(&said);
}

static void collect__file__labels_of_its_namespaces(void **state)
{
    (void)state;
    struct moor_namespaces namespaces;
    struct moor_documents documents;
    struct moor_source source;
    struct moor_arena arena;
    moor_source_init(&source);
    moor_arena_init(&arena, TEXT_MAX);
    moor_namespaces_init(&namespaces);
    assert_int_equal(moor_documents_init(&documents, NULL), 0);
    moor_source_set(
        &source,
        MOOR_SLICE(
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {t: x, u: y}}\n"
            "---\nbroken: [\n"
            "---\napiVersion: v1\nkind: List\nitems:\n"
            "- {apiVersion: v1, kind: Namespace, metadata: {name: b, labels: {t: z}}}\n"
            "- {apiVersion: v1, kind: Pod, metadata: {name: c, labels: {t: p}}}\n"
            "- {apiVersion: x/v1, kind: Namespace, metadata: {name: d, labels: {t: q}}}\n"
            "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {t: last}}\n"));
    moor_documents_open(&documents, &source, MOOR_SLICE("a.yaml"), false);
    assert_int_equal(moor_namespaces_collect(&namespaces, &documents, &arena, NULL), 0);
    assert_int_equal(namespaces.count, 3);
    assert_labels(&namespaces, "a", "t=last;");
    assert_labels(&namespaces, "b", "t=z;");
    assert_labels(&namespaces, "c", "");
    assert_labels(&namespaces, "d", "");
    moor_documents_release(&documents);
    moor_namespaces_release(&namespaces);
    moor_arena_release(&arena);
    moor_source_release(&source);
}

int main(void)
{
    enum {
        ROWS = MOOR_ARRAY_SIZE(rows)
    };
    struct CMUnitTest tests[ROWS + 3];
    for (size_t i = 0; i < ROWS; i++) {
        tests[i] = test_of_row(rows[i].name, next__row__these_documents, &rows[i]);
    }
    tests[ROWS] = (struct CMUnitTest)cmocka_unit_test(next__whole__the_file_as_it_is);
    tests[ROWS + 1] = (struct CMUnitTest)cmocka_unit_test(position__json__as_wide_as_the_string);
    tests[ROWS + 2] = (struct CMUnitTest)cmocka_unit_test(collect__file__labels_of_its_namespaces);
    return cmocka_run_group_tests_name("documents", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser of image references on the tables of distribution/reference and Kubernetes.
 */
#include "tests/unit/reference_text.h"

#include "policy/base/array_size.h"

#define CASES     "tests/data/reference-cases.tsv"
#define MAX_CASES 400

enum column {
    SOURCE,
    FUNCTION,
    INPUT,
    EXPECT,
    ERROR,
    DOMAIN,
    PATH,
    TAG,
    DIGEST,
    CANONICAL,
    NOTE
};

struct row {
    char *line;
    char name[512];
    struct moor_slice field[NOTE + 1];
};

/* References that tagmoor refuses although distribution/reference accepts them. */
static const struct {
    const char *input;
    const char *why;
} refused_beyond[] = {
    {"sha256:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "containerd runs the image with this ID from the node"},
};

/* Writes `\t` and `\n` of the table back as tab and line feed, in place. */
static struct moor_slice unescape(char *text, size_t len)
{
    size_t out = 0;
    for (size_t i = 0; i < len; i++) {
        bool escaped = text[i] == '\\' && i + 1 < len && (text[i + 1] == 't' || text[i + 1] == 'n');
        if (escaped) {
            i++;
            text[out++] = text[i] == 't' ? '\t' : '\n';
        } else {
            text[out++] = text[i];
        }
    }
    return (struct moor_slice){text, out};
}

static void split_row(struct row *row, size_t len)
{
    char *at = row->line;
    char *end = row->line + len;
    for (size_t i = 0; i <= NOTE; i++) {
        char *tab = memchr(at, '\t', (size_t)(end - at));
        char *stop = tab != NULL ? tab : end;
        row->field[i] = unescape(at, (size_t)(stop - at));
        at = stop < end ? stop + 1 : end;
    }
    (void)snprintf(row->name, sizeof row->name, "table__%.*s__%.*s", (int)(len < 80 ? len : 80),
                   row->line, MOOR_SLICE_ARGS(moor_slice_sub(row->field[INPUT], 0, 100)));
    for (char *c = row->name; *c != '\0'; c++) {
        *c = *c < ' ' || *c == '#' ? '?' : *c;
    }
}

static size_t read_cases(struct row *rows)
{
    FILE *file = fopen(CASES, "r");
    assert_non_null(file);
    size_t count = 0;
    size_t room = 0;
    char *line = NULL;
    ssize_t len = 0;
    assert_true(getline(&line, &room, file) > 0); /* the heading */
    while (count < MAX_CASES && (len = getline(&line, &room, file)) > 0) {
        rows[count].line = strndup(line, (size_t)len - 1);
        assert_non_null(rows[count].line);
        split_row(&rows[count++], (size_t)len - 1);
    }
    free(line);
    (void)fclose(file);
    return count;
}

/* The canonical form as the row's function gives it. */
static void append_canonical(struct moor_buf *out, const struct moor_reference *found,
                             struct moor_slice function)
{
    append_upstream_name(out, found);
    if (moor_slice_is(function, "k8s ParseImageName")) {
        return;
    }
    bool docker = !moor_slice_is(function, "ParseNormalizedNamed");
    if (found->tag.len > 0 && !(docker && found->digest.len > 0)) {
        moor_buf_printf(out, ":%.*s", MOOR_SLICE_ARGS(found->tag));
    } else if (docker && found->digest.len == 0) {
        moor_buf_append_text(out, ":latest");
    }
    if (found->digest.len > 0) {
        moor_buf_printf(out, "@%.*s", MOOR_SLICE_ARGS(found->digest));
    }
}

static void assert_components(const struct row *row, const struct moor_reference *found)
{
    struct moor_buf text;
    moor_buf_init(&text, 10000);
    moor_buf_append_text(&text, found->implies_library ? "library/" : "");
    moor_buf_append(&text, found->path);
    assert_slices_equal(moor_buf_slice(&text), row->field[PATH]);
    moor_buf_clear(&text);
    append_canonical(&text, found, row->field[FUNCTION]);
    assert_slices_equal(moor_buf_slice(&text), row->field[CANONICAL]);
    moor_buf_release(&text);
    assert_slices_equal(found->domain, row->field[DOMAIN]);
    assert_slices_equal(found->digest, row->field[DIGEST]);
    struct moor_slice tag = found->tag;
    bool named = tag.len > 0 || found->digest.len > 0;
    if (!named && moor_slice_is(row->field[FUNCTION], "k8s ParseImageName")) {
        tag = MOOR_SLICE("latest");
    }
    if (!moor_slice_is(row->field[FUNCTION], "ParseDockerRef")) { /* which drops or adds the tag */
        assert_slices_equal(tag, row->field[TAG]);
    }
}

static bool is_refused_beyond(struct moor_slice text)
{
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(refused_beyond); i++) {
        if (moor_slice_is(text, refused_beyond[i].input)) {
            return true;
        }
    }
    return false;
}

static void table__row__as_upstream(void **state)
{
    const struct row *row = *state;
    struct moor_reference found;
    struct moor_error err = {0};
    bool ok = moor_reference_parse(&found, row->field[INPUT], &err) == 0;
    if (is_refused_beyond(row->field[INPUT])) {
        assert_false(ok);
        assert_slices_equal(row->field[EXPECT], MOOR_SLICE("ok")); /* else the exception is stale */
        return;
    }
    assert_int_equal(ok, moor_slice_is(row->field[EXPECT], "ok"));
    if (ok) {
        assert_components(row, &found);
    }
}

int main(void)
{
    static struct row rows[MAX_CASES];
    static struct CMUnitTest tests[MAX_CASES];
    size_t count = read_cases(rows);
    for (size_t i = 0; i < count; i++) {
        tests[i] = test_of_row(rows[i].name, table__row__as_upstream, &rows[i]);
    }
    int failed = _cmocka_run_group_tests("reference_upstream", tests, count, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        free(rows[i].line);
    }
    return failed;
}

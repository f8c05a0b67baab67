/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/build_reach.h"
#include "policy/file/quote.h"

/* Maximum length of a namespace's name; longer texts match none and are not tried. */
#define MAX_NAMESPACE_BYTES 63

/*
 * Maximum number of matches with literal names, which keeps a file with thousands of globs from
 * delaying a reload.  Real policies have far fewer.  Beyond it, globs are only compared.
 */
#define MAX_TRIES           500000

/* The state of the search. */
struct search {
    const struct moor_policy *policy;
    struct moor_diagnostics *diagnostics;
    struct moor_matcher *matcher;
    size_t tries;
};

static void free_matcher(struct moor_matcher *const *matcher)
{
    moor_matcher_free(*matcher);
}

/* Returns whether `earlier` certainly matches every namespace that `later` matches. */
static bool covers(struct search *search, const struct moor_glob *earlier,
                   const struct moor_glob *later)
{
    if (moor_slice_equal(earlier->text, later->text) || moor_slice_is(earlier->text, "*") ||
        moor_slice_is(earlier->text, "**")) {
        return true;
    }
    if (earlier->kind == MOOR_GLOB_LITERAL || later->kind != MOOR_GLOB_LITERAL ||
        later->text.len > MAX_NAMESPACE_BYTES || search->tries == MAX_TRIES) {
        return false;
    }
    search->tries++;
    return moor_glob_match(earlier, later->text, search->matcher);
}

static const struct moor_glob *find_cover(struct search *search,
                                          const struct moor_glob_list *earlier,
                                          const struct moor_glob *later)
{
    for (size_t i = 0; i < earlier->count; i++) {
        if (covers(search, &earlier->items[i], later)) {
            return &earlier->items[i];
        }
    }
    return NULL;
}

/* The environment that shadows a glob, and its glob. */
struct taker {
    const struct moor_environment *environment; /* NULL: the glob is not shadowed */
    const struct moor_glob *glob;
};

/* Finds an environment before `index` that matches everything that `glob` matches. */
static struct taker find_taker(struct search *search, size_t index, const struct moor_glob *glob)
{
    for (size_t i = 0; i < index; i++) {
        const struct moor_environment *environment = &search->policy->environments[i];
        const struct moor_glob *taker = find_cover(search, &environment->namespaces, glob);
        if (taker != NULL) {
            return (struct taker){environment, taker};
        }
    }
    return (struct taker){0};
}

/* Returns whether no namespace's name can have a character of the glob.  Skips sets and escapes. */
static bool is_foreign(struct moor_slice glob)
{
    bool is_foreign = false;
    for (size_t i = 0; i < glob.len; i++) {
        char byte = glob.ptr[i];
        if (byte == '[' || byte == '\\') {
            return false;
        }
        is_foreign = is_foreign || !((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
                                     byte == '-' || byte == '*' || byte == '?');
    }
    return is_foreign;
}

/* Returns whether the glob has no effect, with a warning that explains it. */
static bool is_dead(struct search *search, size_t index, const struct moor_glob *glob,
                    const struct moor_yaml_node *item)
{
    struct moor_quoted text = moor_quote(item->text);
    if (is_foreign(item->text)) {
        moor_diagnostics_warning(search->diagnostics, item,
                                 "'%s' matches no namespace: names contain only a-z, 0-9 and '-'",
                                 text.text);
        return true;
    }
    struct taker taker = find_taker(search, index, glob);
    if (taker.environment == NULL) {
        return false;
    }
    moor_diagnostics_warning(
        search->diagnostics, item,
        "'%s' has no effect: '%s' of the earlier environment '%s' matches the same namespaces",
        text.text, moor_quote(taker.glob->text).text, moor_quote(taker.environment->name).text);
    return true;
}

/* Returns how many of the environment's globs have no effect; `list` has their positions. */
static size_t count_dead(struct search *search, size_t index, const struct moor_yaml_node *list)
{
    const struct moor_glob *glob = search->policy->environments[index].namespaces.items;
    size_t dead = 0;
    for (const struct moor_yaml_node *item = list->first; item != NULL; item = item->next) {
        dead += is_dead(search, index, glob++, item) ? 1 : 0;
    }
    return dead;
}

static void check_environment(struct search *search, size_t index,
                              const struct moor_schema_environment *schema)
{
    struct moor_quoted name = moor_quote(search->policy->environments[index].name);
    const struct moor_yaml_node *globs = schema->namespaces.at;
    size_t dead = globs != NULL ? count_dead(search, index, globs) : 0;
    /*
     * Labels select namespaces of any name.  If one of these keys has an error, that error is
     * enough.
     */
    if (schema->is_default.number != 0 ||
        (schema->is_default.at == NULL && moor_yaml_get(schema->at, "default") != NULL) ||
        moor_yaml_get(schema->at, "namespaceLabels") != NULL) {
        return;
    }
    if (moor_yaml_get(schema->at, "namespaces") == NULL) {
        moor_diagnostics_error(search->diagnostics, schema->at,
                               "no request can reach environment '%s': add 'namespaces' or "
                               "'namespaceLabels', or make it the default",
                               name.text);
    } else if (globs != NULL && dead == globs->count) {
        moor_diagnostics_error(
            search->diagnostics, globs,
            "no request can reach environment '%s': none of its 'namespaces' has an effect",
            name.text);
    }
}

/*
 * The path /validate/<name> could select any environment, but only through a webhook configuration
 * with that path.  An environment that is reachable only in this way would have no effect on the
 * command line and with the chart.  The policy itself must therefore select its namespaces.
 */
int moor_build_check_reach(const struct moor_policy *policy, const struct moor_key_list *list,
                           struct moor_diagnostics *diagnostics, struct moor_error *err)
{
    __attribute__((cleanup(free_matcher))) struct moor_matcher *matcher = moor_matcher_new();
    if (matcher == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to match globs");
    }
    struct search search = {.policy = policy, .diagnostics = diagnostics, .matcher = matcher};
    const struct moor_schema_environment *schemas = list->items;
    for (size_t i = 0; i < list->count; i++) {
        if (schemas[i].at != NULL) {
            check_environment(&search, i, &schemas[i]);
        }
    }
    return 0;
}

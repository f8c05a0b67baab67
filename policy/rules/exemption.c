/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rules/exemption.h"

#include "policy/base/array_size.h"
#include "policy/base/escape.h"

/* Longer than any `Kind.group` that Kubernetes accepts. */
#define KIND_BYTES 512

static const char *const key_names[MOOR_EXEMPTION_KEY_COUNT] = {
    [MOOR_EXEMPTION_ENVIRONMENTS] = "environments",
    [MOOR_EXEMPTION_NAMESPACES] = "namespaces",
    [MOOR_EXEMPTION_KINDS] = "kinds",
    [MOOR_EXEMPTION_NAMES] = "names",
    [MOOR_EXEMPTION_FIELDS] = "fields",
    [MOOR_EXEMPTION_CONTAINERS] = "containers",
    [MOOR_EXEMPTION_USERS] = "users",
    [MOOR_EXEMPTION_GROUPS] = "groups",
};

const char *moor_exemption_key_name(enum moor_exemption_key key)
{
    return key_names[key];
}

/* --- the workload of an object ---------------------------------------------------------------- */

struct workload {
    struct moor_slice kind;
    struct moor_slice group;
    struct moor_slice name;
    struct moor_slice stem; /* `generateName` without its hyphen; empty for other names */
};

/* The object's owner, and the owner's creator. */
struct workloads {
    struct workload items[2];
    size_t count;
};

static bool is_all_of(struct moor_slice text, struct moor_slice bytes)
{
    for (size_t i = 0; i < text.len; i++) {
        if (memchr(bytes.ptr, text.ptr[i], bytes.len) == NULL) {
            return false;
        }
    }
    return true;
}

/*
 * The controllers that derive the name of an object from their own.  An owner reference names only
 * the direct owner, so the workload above it is found by the suffix of the owner's name.
 */
static const struct {
    struct moor_slice made;
    struct moor_slice creator;
    struct moor_slice group;
    struct moor_slice suffix; /* bytes that may follow the last hyphen */
    size_t shortest;          /* limits of the length of the suffix */
    size_t longest;
} creators[] = {
    /* A hash of 32 bits in decimal, with each digit replaced by one of these characters. */
    {{"ReplicaSet", 10},
     {"Deployment", 10},
     {"apps", 4},
     {"bcdfghjklmnpqrstvwxz2456789", 27},
     5,
     10},
    /* The scheduled time in minutes since 1970. */
    {{"Job", 3}, {"CronJob", 7}, {"batch", 5}, {"0123456789", 10}, 1, 20},
};

/* A user could choose such a name for another owner, but only a built-in controller gets here. */
static bool find_creator(struct workload *out, const struct workload *owner)
{
    size_t end = owner->name.len;
    while (end > 0 && owner->name.ptr[end - 1] != '-') {
        end--;
    }
    struct moor_slice suffix = moor_slice_sub(owner->name, end, owner->name.len);
    for (size_t i = 0; end > 1 && i < MOOR_ARRAY_SIZE(creators); i++) {
        if (moor_slice_equal(owner->kind, creators[i].made) && suffix.len >= creators[i].shortest &&
            suffix.len <= creators[i].longest && is_all_of(suffix, creators[i].suffix)) {
            *out = (struct workload){.kind = creators[i].creator,
                                     .group = creators[i].group,
                                     .name = moor_slice_sub(owner->name, 0, end - 1)};
            return true;
        }
    }
    return false;
}

/* A user can set both `name` and `generateName`; the API server's names start with the latter. */
static struct moor_slice stem_of(const struct moor_request *request)
{
    struct moor_slice stem = request->object.generate_name;
    if (request->name.len > 0 && !moor_slice_starts_with(request->name, stem)) {
        return (struct moor_slice){0};
    }
    size_t end = stem.len;
    while (end > 0 && stem.ptr[end - 1] == '-') {
        end--;
    }
    return moor_slice_sub(stem, 0, end);
}

/*
 * Owner references are trusted only from built-in controllers: a user could add an owner to a Pod
 * to get the exemption of another workload.
 */
static struct workloads workloads_of(const struct moor_request *request, bool is_builtin_controller)
{
    const struct moor_object *object = &request->object;
    struct workloads found = {.count = 1};
    if (!is_builtin_controller || object->owner_kind.len == 0) {
        found.items[0] = (struct workload){.kind = request->holds->kind,
                                           .group = request->holds->group,
                                           .name = request->name,
                                           .stem = stem_of(request)};
        return found;
    }
    found.items[0] = (struct workload){
        .kind = object->owner_kind, .group = object->owner_group, .name = object->owner_name};
    found.count += find_creator(&found.items[1], &found.items[0]) ? 1 : 0;
    return found;
}

/* --- selecting -------------------------------------------------------------------------------- */

/* A key without globs matches everything. */
static bool matches(const struct moor_glob_list *globs, struct moor_slice subject,
                    struct moor_matcher *matcher)
{
    return globs->count == 0 || moor_glob_list_match(globs, subject, matcher);
}

bool moor_exemption_kind_matches(const struct moor_glob_list *globs, struct moor_slice kind,
                                 struct moor_slice group, struct moor_matcher *matcher)
{
    char text[KIND_BYTES];
    if (moor_glob_list_match(globs, kind, matcher)) {
        return true;
    }
    size_t len = kind.len + 1 + group.len;
    if (kind.len == 0 || group.len == 0 || kind.len >= sizeof text || len > sizeof text) {
        return false;
    }
    memcpy(text, kind.ptr, kind.len);
    text[kind.len] = '.';
    memcpy(text + kind.len + 1, group.ptr, group.len);
    return moor_glob_list_match(globs, (struct moor_slice){text, len}, matcher);
}

static bool kind_matches(const struct moor_glob_list *globs, const struct workload *workload,
                         struct moor_matcher *matcher)
{
    return globs->count == 0 ||
           moor_exemption_kind_matches(globs, workload->kind, workload->group, matcher);
}

/* The stem lets an exemption name a workload whose suffix the API server generates. */
static bool name_matches(const struct moor_glob_list *globs, const struct workload *workload,
                         struct moor_matcher *matcher)
{
    return matches(globs, workload->name, matcher) ||
           (workload->stem.len > 0 && moor_glob_list_match(globs, workload->stem, matcher));
}

static bool workloads_match(const struct moor_exemption *exemption,
                            const struct workloads *workloads, struct moor_matcher *matcher)
{
    for (size_t i = 0; i < workloads->count; i++) {
        if (kind_matches(&exemption->match[MOOR_EXEMPTION_KINDS], &workloads->items[i], matcher) &&
            name_matches(&exemption->match[MOOR_EXEMPTION_NAMES], &workloads->items[i], matcher)) {
            return true;
        }
    }
    return false;
}

static bool groups_match(const struct moor_glob_list *globs, const struct moor_request *request,
                         struct moor_matcher *matcher)
{
    for (size_t i = 0; i < request->group_count; i++) {
        if (moor_glob_list_match(globs, request->groups[i], matcher)) {
            return true;
        }
    }
    return globs->count == 0;
}

static bool request_matches(const struct moor_exemption *exemption,
                            const struct moor_exemption_case *asked,
                            const struct workloads *workloads, struct moor_matcher *matcher)
{
    const struct moor_glob_list *match = exemption->match;
    const struct moor_request *request = asked->request;
    return matches(&match[MOOR_EXEMPTION_ENVIRONMENTS], asked->environment, matcher) &&
           matches(&match[MOOR_EXEMPTION_NAMESPACES], request->namespace, matcher) &&
           matches(&match[MOOR_EXEMPTION_USERS], request->user, matcher) &&
           groups_match(&match[MOOR_EXEMPTION_GROUPS], request, matcher) &&
           workloads_match(exemption, workloads, matcher);
}

int moor_exemption_select(struct moor_exemption_list *out, const struct moor_policy *policy,
                          const struct moor_exemption_case *asked, struct moor_arena *arena,
                          struct moor_matcher *matcher, struct moor_error *err)
{
    *out = (struct moor_exemption_list){0};
    size_t count = policy->exemption_count;
    if (count == 0) {
        return 0;
    }
    out->index = &policy->exemption_index;
    out->holds = moor_arena_alloc(arena, count * sizeof *out->holds);
    if (out->holds == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu exemptions", count);
    }
    const struct workloads workloads = workloads_of(asked->request, asked->is_builtin_controller);
    for (size_t rank = 0; rank < count; rank++) {
        const struct moor_exemption *exemption = out->index->by_rank[rank];
        out->holds[rank] = moor_exemption_is_over(exemption, asked->now) == asked->wants_ended &&
                           request_matches(exemption, asked, &workloads, matcher);
        out->count += out->holds[rank] ? 1 : 0;
    }
    return 0;
}

/* Returns whether the exemption applies to the image's position, before its reference is matched.
 */
static bool holds_in_place(const struct moor_exemption_list *list, uint32_t rank,
                           const struct moor_object_image *image, struct moor_matcher *matcher)
{
    const struct moor_glob_list *match = list->index->by_rank[rank]->match;
    return list->holds[rank] &&
           matches(&match[MOOR_EXEMPTION_FIELDS], moor_slice_from(moor_field_name(image->field)),
                   matcher) &&
           matches(&match[MOOR_EXEMPTION_CONTAINERS], image->name, matcher);
}

/*
 * Returns the lowest rank among the exemptions without a list of images.  They cover every valid
 * reference and no other text, because a typo must not pass as an exempted image.
 */
static uint32_t find_unlisted(const struct moor_exemption_list *list,
                              const struct moor_object_image *image,
                              const struct moor_named_image *named, struct moor_matcher *matcher)
{
    const struct moor_exemption_index *index = list->index;
    for (size_t i = 0; named->name.len > 0 && i < index->unlisted_count; i++) {
        if (holds_in_place(list, index->unlisted[i], image, matcher)) {
            return index->unlisted[i];
        }
    }
    return UINT32_MAX;
}

const struct moor_exemption *moor_exemption_find(const struct moor_exemption_list *list,
                                                 const struct moor_object_image *image,
                                                 const struct moor_named_image *named,
                                                 struct moor_matcher *matcher)
{
    const struct moor_exemption_index *index = list->index;
    struct moor_glob_search search;
    const struct moor_glob_item *item = NULL;
    if (list->count == 0) {
        return NULL;
    }
    uint32_t below = find_unlisted(list, image, named, matcher);
    bool is_reference = named->name.len > 0;
    moor_glob_search_init(&search, is_reference ? &index->names : &index->texts,
                          is_reference ? named->name : named->text, below, matcher);
    while ((item = moor_glob_search_next(&search)) != NULL) {
        if (holds_in_place(list, item->rank, image, matcher) &&
            moor_image_glob_match_rest(index->globs[item->number], named, matcher)) {
            search.below = item->rank;
        }
    }
    return search.below < UINT32_MAX ? index->by_rank[search.below] : NULL;
}

/* An exemption does not lower `audit`, so that its use remains visible in the audit log. */
struct moor_requirements moor_exemption_lower(struct moor_requirements requirements,
                                              const struct moor_exemption *exemption,
                                              bool is_reference)
{
    enum moor_requirement most = is_reference ? exemption->enforce : MOOR_REQUIREMENT_IGNORE;
    requirements.enforce = requirements.enforce < most ? requirements.enforce : most;
    requirements.warn = requirements.warn < most ? requirements.warn : most;
    return requirements;
}

/* A permanent exemption for groups is meant for emergencies, and its use must not go unnoticed. */
bool moor_exemption_needs_notice(const struct moor_exemption *exemption, int64_t now)
{
    return exemption->is_permanent ? exemption->match[MOOR_EXEMPTION_GROUPS].count > 0
                                   : exemption->expires - now <= MOOR_EXEMPTION_NOTICE_S;
}

void moor_exemption_append_over(struct moor_buf *out, const struct moor_policy *policy,
                                const char *name, int64_t now)
{
    for (size_t i = 0; i < policy->exemption_count; i++) {
        const struct moor_exemption *exemption = &policy->exemptions[i];
        if (moor_exemption_is_over(exemption, now)) {
            moor_escape_append(out, moor_slice_from(name), SIZE_MAX);
            moor_buf_printf(out,
                            ":%u:%u: warning: exemption '%.*s' has expired and has no effect: "
                            "remove it, or extend 'expires'\n",
                            (unsigned)exemption->line, (unsigned)exemption->column,
                            MOOR_SLICE_ARGS(exemption->name));
        }
    }
}

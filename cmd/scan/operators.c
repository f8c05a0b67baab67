/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>

#include "cmd/scan/operators.h"

#include "policy/base/array_size.h"
#include "policy/base/buf.h"

#define KEY_MAX ((size_t)4096)

/* The rights of an account that indicate an operator.  Each bit is stronger evidence. */
enum trait {
    TRAIT_CREATES = 1, /* may create the object */
    TRAIT_ALL = 2,     /* may write every resource of every group */
    TRAIT_GROUP = 4,   /* may write the owner's group, by its name */
    TRAIT_EVERY = 8,   /* may write every resource of that group, by `*` */
    TRAIT_STATUS = 16  /* may write a status or finalizers of that group, by name */
};

#define NAMESPACED_BITS 8U /* offset of the same bits for a RoleBinding in the namespace */

static const char *const doubts[] = {
    [MOOR_OPERATORS_CERTAIN] = "",
    [MOOR_OPERATORS_SEVERAL] = "one of several accounts with the rights of an operator",
    [MOOR_OPERATORS_NO_STATUS] =
        "its role does not name a status of the group: it may be the role of a pipeline",
    [MOOR_OPERATORS_NAMESPACED] =
        "its rights come from a RoleBinding in that namespace, which a tenant can create",
    [MOOR_OPERATORS_EVERYTHING] = "a guess: the account may write everything",
};

const char *moor_operators_doubt_text(enum moor_operators_doubt doubt)
{
    return doubts[doubt];
}

int moor_operators_init(struct moor_operators *out, struct moor_error *err)
{
    *out = (struct moor_operators){json_object(), json_array(), json_object(), json_object()};
    return out->roles != NULL && out->bindings != NULL && out->answers != NULL && out->asked != NULL
               ? 0
               : moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for roles");
}

void moor_operators_release(struct moor_operators *operators)
{
    json_decref(operators->roles);
    json_decref(operators->bindings);
    json_decref(operators->answers);
    json_decref(operators->asked);
}

/* --- collecting ------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

/* Appends the key of a role: `ClusterRole//NAME` or `Role/NAMESPACE/NAME`. */
static void append_key(struct moor_buf *out, const char *kind, const char *namespace,
                       const char *name)
{
    bool is_namespaced = strcmp(kind, "Role") == 0;
    moor_buf_printf(out, "%s/%s/%s", kind, is_namespaced ? namespace : "", name);
}

/* Roles are kept by name, because bindings refer to them by name and may come first. */
static int keep_role(struct moor_operators *operators, const char *kind, json_t *role)
{
    const json_t *metadata = json_object_get(role, "metadata");
    json_t *rules = json_object_get(role, "rules");
    struct moor_buf key;
    moor_buf_init(&key, KEY_MAX);
    append_key(&key, kind, text_of(metadata, "namespace"), text_of(metadata, "name"));
    int status = json_is_array(rules) && !key.failed
                     ? json_object_setn(operators->roles, key.ptr, key.len, rules)
                     : 0;
    moor_buf_release(&key);
    return status;
}

int moor_operators_add(struct moor_operators *operators, const struct moor_manifest *manifest,
                       struct moor_error *err)
{
    static const char *const kinds[] = {"ClusterRole", "Role", "ClusterRoleBinding", "RoleBinding"};
    int status = 0;
    if (!moor_slice_is(manifest->group, "rbac.authorization.k8s.io")) {
        return 0;
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(kinds); i++) {
        if (!moor_slice_is(manifest->kind, kinds[i])) {
            continue;
        }
        json_t *object = json_loadb(manifest->json.ptr, manifest->json.len, JSON_ALLOW_NUL, NULL);
        if (object != NULL && i < 2) {
            status = keep_role(operators, kinds[i], object);
        } else if (object != NULL) {
            /* Items of a typed list have no kind of their own. */
            (void)json_object_set_new(object, "kind", json_string(kinds[i]));
            status = json_array_append(operators->bindings, object);
        }
        json_decref(object);
    }
    return status == 0 ? 0 : moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for roles");
}

/* --- asking ----------------------------------------------------------------------------------- */

static bool has_text(const json_t *list, struct moor_slice text)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const struct moor_slice found = {json_string_value(item), json_string_length(item)};
        if (json_is_string(item) && moor_slice_equal(found, text)) {
            return true;
        }
    }
    return false;
}

static bool has_any(const json_t *list, struct moor_slice text)
{
    return has_text(list, text) || has_text(list, MOOR_SLICE("*"));
}

static bool writes(const json_t *rule)
{
    const json_t *verbs = json_object_get(rule, "verbs");
    return has_any(verbs, MOOR_SLICE("update")) || has_text(verbs, MOOR_SLICE("patch"));
}

/* Returns the traits that the resources of a rule for the owner's group add. */
static unsigned traits_of_resources(const json_t *resources)
{
    unsigned traits = has_text(resources, MOOR_SLICE("*")) ? TRAIT_EVERY : 0U;
    for (size_t i = 0; i < json_array_size(resources); i++) {
        const char *text = json_string_value(json_array_get(resources, i));
        const char *slash = text != NULL ? strchr(text, '/') : NULL;
        if (slash != NULL && (strcmp(slash, "/status") == 0 || strcmp(slash, "/finalizers") == 0)) {
            traits |= TRAIT_STATUS;
        }
    }
    return traits;
}

static unsigned traits_of_rule(const json_t *rule, const struct moor_operators_question *question)
{
    const json_t *groups = json_object_get(rule, "apiGroups");
    const json_t *resources = json_object_get(rule, "resources");
    unsigned traits = 0;
    if (json_array_size(json_object_get(rule, "resourceNames")) > 0) {
        return 0; /* RBAC cannot restrict `create` by name, and operators write all objects. */
    }
    if (has_any(json_object_get(rule, "verbs"), MOOR_SLICE("create")) &&
        has_any(groups, question->group) && has_any(resources, question->resource)) {
        traits |= TRAIT_CREATES;
    }
    if (!writes(rule)) {
        return traits;
    }
    if (has_text(groups, question->owner_group)) {
        traits |= TRAIT_GROUP | traits_of_resources(resources);
    } else if (has_text(groups, MOOR_SLICE("*")) && has_text(resources, MOOR_SLICE("*"))) {
        traits |= TRAIT_ALL;
    }
    return traits;
}

static unsigned traits_of_role(const struct moor_operators *operators, const json_t *binding,
                               const struct moor_operators_question *question)
{
    const json_t *reference = json_object_get(binding, "roleRef");
    struct moor_buf key;
    unsigned traits = 0;
    moor_buf_init(&key, KEY_MAX);
    append_key(&key, text_of(reference, "kind"),
               text_of(json_object_get(binding, "metadata"), "namespace"),
               text_of(reference, "name"));
    const json_t *rules = key.failed ? NULL : json_object_getn(operators->roles, key.ptr, key.len);
    for (size_t i = 0; i < json_array_size(rules); i++) {
        traits |= traits_of_rule(json_array_get(rules, i), question);
    }
    moor_buf_release(&key);
    return traits;
}

#define SERVICE_ACCOUNT "system:serviceaccount:"

/* Returns whether the text is a name of the API server, and so contains no glob and no newline. */
static bool is_name(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
    return *text != '\0' && text[strspn(text, letters)] == '\0';
}

/* Appends the user name of a service account.  Other subjects append nothing. */
static void append_user(struct moor_buf *out, const json_t *subject)
{
    const char *kind = text_of(subject, "kind");
    const char *namespace = text_of(subject, "namespace");
    const char *name = text_of(subject, "name");
    if (strcmp(kind, "ServiceAccount") == 0 && is_name(namespace) && is_name(name)) {
        moor_buf_printf(out, SERVICE_ACCOUNT "%s:%s", namespace, name);
    }
    /* RBAC permits a service account to be written as a User with its full name. */
    const size_t len = sizeof SERVICE_ACCOUNT - 1;
    if (strcmp(kind, "User") == 0 && strncmp(name, SERVICE_ACCOUNT, len) == 0) {
        const char *colon = strchr(name + len, ':');
        bool is_account = colon != NULL && colon > name + len && is_name(colon + 1);
        moor_buf_append_text(out, is_account ? name : "");
    }
}

/* Adds the traits to every service account of the binding. */
static int add_subjects(json_t *accounts, const json_t *binding, unsigned traits)
{
    const json_t *subjects = json_object_get(binding, "subjects");
    struct moor_buf user;
    int status = 0;
    moor_buf_init(&user, KEY_MAX);
    for (size_t i = 0; i < json_array_size(subjects) && status == 0; i++) {
        moor_buf_clear(&user);
        append_user(&user, json_array_get(subjects, i));
        if (user.len > 0 && !user.failed) {
            json_int_t known = json_integer_value(json_object_getn(accounts, user.ptr, user.len));
            status = json_object_setn_new(accounts, user.ptr, user.len,
                                          json_integer(known | (json_int_t)traits));
        }
    }
    moor_buf_release(&user);
    return status;
}

static bool is_cluster_wide(const json_t *binding)
{
    return strcmp(text_of(binding, "kind"), "ClusterRoleBinding") == 0;
}

/* A RoleBinding grants rights in its own namespace only. */
static bool applies(const json_t *binding, struct moor_slice namespace)
{
    const char *where = text_of(json_object_get(binding, "metadata"), "namespace");
    return is_cluster_wide(binding) || *where == '\0' || moor_slice_is(namespace, where);
}

/* Built-in controllers may write everything, but never own custom resources. */
static bool is_kubernetes_own(const char *user)
{
    return strncmp(user, "system:serviceaccount:kube-system:", 34) == 0;
}

static bool has_all(unsigned traits, unsigned wanted)
{
    return (traits & wanted) == wanted;
}

/*
 * Returns whether the account is a candidate, with the doubt that applies if it is the only one.
 * SEVERAL marks a role for every resource of the group, which operators and pipelines can have.
 */
static bool is_candidate(enum moor_operators_doubt *out, const char *user, unsigned traits)
{
    unsigned here = traits | traits >> NAMESPACED_BITS;
    if (has_all(traits, TRAIT_CREATES | TRAIT_STATUS)) {
        *out = MOOR_OPERATORS_CERTAIN;
    } else if (has_all(traits, TRAIT_CREATES | TRAIT_EVERY)) {
        *out = MOOR_OPERATORS_SEVERAL;
    } else if (has_all(traits, TRAIT_CREATES | TRAIT_GROUP)) {
        *out = MOOR_OPERATORS_NO_STATUS;
    } else if (has_all(here, TRAIT_CREATES | TRAIT_GROUP)) {
        *out = MOOR_OPERATORS_NAMESPACED;
    } else {
        *out = MOOR_OPERATORS_EVERYTHING;
        return has_all(here, TRAIT_CREATES | TRAIT_ALL) && !is_kubernetes_own(user);
    }
    return true;
}

/* Appends the accounts with the doubt `wanted`, and lists them with the doubt `shown`. */
static void add_candidates(json_t *answer, json_t *accounts, enum moor_operators_doubt wanted,
                           enum moor_operators_doubt shown)
{
    const char *user = NULL;
    json_t *traits = NULL;
    json_object_foreach (accounts, user, traits) {
        enum moor_operators_doubt doubt = MOOR_OPERATORS_CERTAIN;
        if (is_candidate(&doubt, user, (unsigned)json_integer_value(traits)) && doubt == wanted) {
            (void)json_array_append_new(answer,
                                        json_pack("{s:s,s:i}", "user", user, "doubt", (int)shown));
        }
    }
}

/* Returns the number of accounts with this doubt. */
static size_t count_candidates(json_t *accounts, enum moor_operators_doubt wanted)
{
    const char *user = NULL;
    json_t *traits = NULL;
    size_t count = 0;
    json_object_foreach (accounts, user, traits) {
        enum moor_operators_doubt doubt = MOOR_OPERATORS_CERTAIN;
        count +=
            is_candidate(&doubt, user, (unsigned)json_integer_value(traits)) && doubt == wanted;
    }
    return count;
}

/* Returns the candidates with the strongest evidence, as a list of `{user, doubt}`. */
static json_t *choose(json_t *accounts)
{
    json_t *answer = json_array();
    size_t by_name = count_candidates(accounts, MOOR_OPERATORS_CERTAIN);
    size_t all = by_name + count_candidates(accounts, MOOR_OPERATORS_SEVERAL);
    enum moor_operators_doubt shown = all > 1        ? MOOR_OPERATORS_SEVERAL
                                      : by_name == 1 ? MOOR_OPERATORS_CERTAIN
                                                     : MOOR_OPERATORS_NO_STATUS;
    add_candidates(answer, accounts, MOOR_OPERATORS_CERTAIN, shown);
    add_candidates(answer, accounts, MOOR_OPERATORS_SEVERAL, shown);
    if (shown == MOOR_OPERATORS_NO_STATUS) {
        add_candidates(answer, accounts, shown, shown);
        add_candidates(answer, accounts, MOOR_OPERATORS_NAMESPACED, MOOR_OPERATORS_NAMESPACED);
    }
    if (json_array_size(answer) == 0) {
        add_candidates(answer, accounts, MOOR_OPERATORS_EVERYTHING, MOOR_OPERATORS_EVERYTHING);
    }
    return answer;
}

/* Traits of one account add up over all of its bindings, as its rights do. */
static json_t *answer_to(const struct moor_operators *operators,
                         const struct moor_operators_question *question)
{
    json_t *accounts = json_object();
    for (size_t i = 0; i < json_array_size(operators->bindings); i++) {
        const json_t *binding = json_array_get(operators->bindings, i);
        unsigned traits = applies(binding, question->namespace)
                              ? traits_of_role(operators, binding, question)
                              : 0;
        traits <<= is_cluster_wide(binding) ? 0 : NAMESPACED_BITS;
        if (traits != 0 && add_subjects(accounts, binding, traits) != 0) {
            json_decref(accounts);
            return NULL;
        }
    }
    json_t *answer = accounts != NULL ? choose(accounts) : NULL;
    json_decref(accounts);
    return answer;
}

static void read_answer(struct moor_operators_answer *out, const json_t *answer)
{
    *out = (struct moor_operators_answer){.total = json_array_size(answer)};
    for (; out->count < out->total && out->count < MOOR_OPERATORS_MAX_FOUND; out->count++) {
        const json_t *item = json_array_get(answer, out->count);
        struct moor_operators_user *user = &out->users[out->count];
        user->name = text_of(item, "user");
        user->doubt = (enum moor_operators_doubt)json_integer_value(json_object_get(item, "doubt"));
    }
}

/* Counts a question of a namespace, and returns whether it is answered. */
static bool may_ask(struct moor_operators *operators, struct moor_slice namespace)
{
    const char *key = namespace.len > 0 ? namespace.ptr : "";
    json_int_t asked = json_integer_value(json_object_getn(operators->asked, key, namespace.len));
    return asked < MOOR_OPERATORS_MAX_ASKED &&
           json_object_setn_new(operators->asked, key, namespace.len, json_integer(asked + 1)) == 0;
}

/* Thousands of Pods ask the same question, so answers are kept. */
int moor_operators_find(struct moor_operators_answer *out, struct moor_operators *operators,
                        const struct moor_operators_question *question, struct moor_error *err)
{
    struct moor_buf key;
    moor_buf_init(&key, KEY_MAX);
    moor_buf_printf(&key, "%.*s %.*s %.*s %.*s", MOOR_SLICE_ARGS(question->owner_group),
                    MOOR_SLICE_ARGS(question->group), MOOR_SLICE_ARGS(question->resource),
                    MOOR_SLICE_ARGS(question->namespace));
    json_t *answer = key.failed ? NULL : json_object_getn(operators->answers, key.ptr, key.len);
    if (answer == NULL && !key.failed) {
        answer =
            may_ask(operators, question->namespace) ? answer_to(operators, question) : json_array();
        if (json_object_setn_new(operators->answers, key.ptr, key.len, answer) != 0) {
            answer = NULL;
        }
    }
    moor_buf_release(&key);
    if (answer == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for roles");
    }
    read_answer(out, answer);
    return 0;
}

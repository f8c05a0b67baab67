/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>

#include "cmd/scan/operators.h"

#include "policy/base/buf.h"

#define KEY_MAX ((size_t)4096)

/* What an account may do that makes it an operator; later ones say more. */
enum trait {
    TRAIT_CREATES = 1, /* what was made */
    TRAIT_ALL = 2,     /* may write every group */
    TRAIT_GROUP = 4,   /* a role names the owner's group */
    TRAIT_STATUS = 8   /* and there its status or finalizers, or everything */
};

int moor_operators_init(struct moor_operators *out, struct moor_error *err)
{
    *out = (struct moor_operators){json_object(), json_array(), json_object()};
    return out->roles != NULL && out->bindings != NULL && out->answers != NULL
               ? 0
               : moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for roles");
}

void moor_operators_release(struct moor_operators *operators)
{
    json_decref(operators->roles);
    json_decref(operators->bindings);
    json_decref(operators->answers);
}

/* --- collecting ------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

/* `ClusterRole//name`, `Role/namespace/name` */
static void append_key(struct moor_buf *out, const char *kind, const char *namespace,
                       const char *name)
{
    bool is_namespaced = strcmp(kind, "Role") == 0;
    moor_buf_printf(out, "%s/%s/%s", kind, is_namespaced ? namespace : "", name);
}

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
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!moor_slice_is(manifest->kind, kinds[i])) {
            continue;
        }
        json_t *object = json_loadb(manifest->json.ptr, manifest->json.len, JSON_ALLOW_NUL, NULL);
        if (object != NULL && i < 2) {
            status = keep_role(operators, kinds[i], object);
        } else if (object != NULL) {
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

/* Whether it names a status or finalizers, or all there is. */
static bool has_inner_resources(const json_t *resources)
{
    for (size_t i = 0; i < json_array_size(resources); i++) {
        const char *text = json_string_value(json_array_get(resources, i));
        const char *slash = text != NULL ? strchr(text, '/') : NULL;
        bool is_inner =
            slash != NULL && (strcmp(slash, "/status") == 0 || strcmp(slash, "/finalizers") == 0);
        if (is_inner || (text != NULL && strcmp(text, "*") == 0)) {
            return true;
        }
    }
    return false;
}

static unsigned traits_of_rule(const json_t *rule, const struct moor_operators_question *question)
{
    const json_t *groups = json_object_get(rule, "apiGroups");
    const json_t *resources = json_object_get(rule, "resources");
    unsigned traits = 0;
    if (has_any(json_object_get(rule, "verbs"), MOOR_SLICE("create")) &&
        has_any(groups, question->group) && has_any(resources, question->resource)) {
        traits |= TRAIT_CREATES;
    }
    if (!writes(rule)) {
        return traits;
    }
    if (has_text(groups, question->owner_group)) {
        traits |= TRAIT_GROUP | (has_inner_resources(resources) ? TRAIT_STATUS : 0U);
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

/* Adds the traits to each service account of the binding. */
static int add_subjects(json_t *accounts, const json_t *binding, unsigned traits)
{
    const json_t *subjects = json_object_get(binding, "subjects");
    struct moor_buf user;
    int status = 0;
    moor_buf_init(&user, KEY_MAX);
    for (size_t i = 0; i < json_array_size(subjects) && status == 0; i++) {
        const json_t *subject = json_array_get(subjects, i);
        if (strcmp(text_of(subject, "kind"), "ServiceAccount") != 0) {
            continue;
        }
        moor_buf_clear(&user);
        moor_buf_printf(&user, "system:serviceaccount:%s:%s", text_of(subject, "namespace"),
                        text_of(subject, "name"));
        if (!user.failed) {
            json_int_t known = json_integer_value(json_object_getn(accounts, user.ptr, user.len));
            status = json_object_setn_new(accounts, user.ptr, user.len,
                                          json_integer(known | (json_int_t)traits));
        }
    }
    moor_buf_release(&user);
    return status;
}

/* A binding in a namespace counts there alone. */
static bool applies(const json_t *binding, struct moor_slice namespace)
{
    const char *kind = text_of(binding, "kind");
    const char *where = text_of(json_object_get(binding, "metadata"), "namespace");
    return strcmp(kind, "ClusterRoleBinding") == 0 || *where == '\0' ||
           moor_slice_is(namespace, where);
}

/* The controllers of Kubernetes itself own nothing of other groups. */
static bool is_kubernetes_own(const char *user)
{
    return strncmp(user, "system:serviceaccount:kube-system:", 34) == 0;
}

/* The accounts that may create, and have this trait too. */
static json_t *users_with(json_t *accounts, unsigned trait)
{
    json_t *users = json_array();
    const char *user = NULL;
    json_t *traits = NULL;
    json_object_foreach (accounts, user, traits) {
        unsigned has = (unsigned)json_integer_value(traits);
        bool is_wanted = (has & TRAIT_CREATES) != 0 && (has & trait) != 0;
        if (is_wanted && !(trait == TRAIT_ALL && is_kubernetes_own(user))) {
            (void)json_array_append_new(users, json_string(user));
        }
    }
    return users;
}

/* The accounts that say most: their names, and whether that is a guess. */
static json_t *choose(json_t *accounts)
{
    static const unsigned wanted[] = {TRAIT_STATUS, TRAIT_GROUP, TRAIT_ALL};
    json_t *users = NULL;
    size_t step = 0;
    do {
        json_decref(users);
        users = users_with(accounts, wanted[step++]);
    } while (json_array_size(users) == 0 && step < sizeof wanted / sizeof *wanted);
    return json_pack("{s:o,s:b}", "users", users, "guess", wanted[step - 1] == TRAIT_ALL);
}

static json_t *answer_to(const struct moor_operators *operators,
                         const struct moor_operators_question *question)
{
    json_t *accounts = json_object();
    for (size_t i = 0; i < json_array_size(operators->bindings); i++) {
        const json_t *binding = json_array_get(operators->bindings, i);
        unsigned traits = applies(binding, question->namespace)
                              ? traits_of_role(operators, binding, question)
                              : 0;
        if (traits != 0 && add_subjects(accounts, binding, traits) != 0) {
            json_decref(accounts);
            return NULL;
        }
    }
    json_t *answer = accounts != NULL ? choose(accounts) : NULL;
    json_decref(accounts);
    return answer;
}

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
        answer = answer_to(operators, question);
        if (json_object_setn_new(operators->answers, key.ptr, key.len, answer) != 0) {
            answer = NULL;
        }
    }
    moor_buf_release(&key);
    if (answer == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for roles");
    }
    const json_t *users = json_object_get(answer, "users");
    *out =
        (struct moor_operators_answer){.is_guess = json_is_true(json_object_get(answer, "guess"))};
    for (; out->count < json_array_size(users) && out->count < MOOR_OPERATORS_MAX_FOUND;
         out->count++) {
        out->users[out->count] = json_string_value(json_array_get(users, out->count));
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scan/cluster.h"
#include "policy/base/array_size.h"

#define TEXT_MAX  ((size_t)64 * 1024)
#define TABLE_MAX ((size_t)16 * 1024 * 1024) /* for the table of resources */
#define TOKEN_MAX ((size_t)1024 * 1024)

#define TEXT(literal)                   \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }
#define ROLES TEXT("rbac.authorization.k8s.io"), TEXT("v1")

static const struct moor_resource namespaces_resource = {TEXT("namespaces"), TEXT(""), TEXT("v1"),
                                                         TEXT("Namespace"), false};

static const struct moor_resource nodes_resource = {TEXT("nodes"), TEXT(""), TEXT("v1"),
                                                    TEXT("Node"), false};

static const struct moor_resource pods_resource = {TEXT("pods"), TEXT(""), TEXT("v1"), TEXT("Pod"),
                                                   true};

/* Names the table of resources in messages. */
static const struct moor_resource table_resource = {TEXT("api-resources"), TEXT(""), TEXT(""),
                                                    TEXT(""), false};

static const struct moor_resource role_resources[] = {
    {TEXT("clusterroles"), ROLES, TEXT("ClusterRole"), false},
    {TEXT("clusterrolebindings"), ROLES, TEXT("ClusterRoleBinding"), false},
    {TEXT("roles"), ROLES, TEXT("Role"), true},
    {TEXT("rolebindings"), ROLES, TEXT("RoleBinding"), true},
};

/* Processes one page of a list, or the answer for one object. */
typedef int take_function(struct moor_cluster *cluster, struct moor_slice json,
                          struct moor_error *err);

/* --- pages ------------------------------------------------------------------------------------ */

static int get(struct moor_buf *out, struct moor_cluster *cluster, struct moor_buf *path,
               struct moor_error *err)
{
    moor_buf_append_byte(path, '\0');
    if (moor_buf_check(path, err) != 0) {
        return -1;
    }
    const char *const arguments[] = {"get", "--raw", path->ptr, NULL};
    return moor_kubectl_run(out, &cluster->kubectl, arguments, err);
}

/* Requests one page, processes it and stores the token of the next page in `page`. */
static int take_page(struct moor_cluster *cluster, const struct moor_resource *resource,
                     struct moor_resource_page *page, struct moor_arena *arena, take_function *take,
                     struct moor_error *err)
{
    struct moor_buf path;
    struct moor_buf list;
    struct moor_slice token = {0};
    moor_buf_init(&path, TEXT_MAX + TOKEN_MAX);
    moor_buf_init(&list, MOOR_CLUSTER_MAX_PAGE);
    moor_resource_append_path(&path, resource, page);
    int status = get(&list, cluster, &path, err);
    if (status == 0) {
        status = take(cluster, moor_buf_slice(&list), err);
    }
    /* The arena holds the previous token, which the request above has used. */
    moor_arena_reset(arena);
    page->token = token;
    if (status == 0 && moor_resource_token(&token, moor_buf_slice(&list), arena, err) != 0) {
        status = -1;
    }
    if (status == 0 && token.len > 0) {
        status = moor_arena_copy(arena, &page->token, token, err);
    }
    moor_buf_release(&list);
    moor_buf_release(&path);
    return status;
}

/* The API server keeps the state of a list for some minutes only (410 Gone, reason Expired). */
static void explain_expiry(const struct moor_cluster *cluster, struct moor_error *err)
{
    if (strstr(cluster->kubectl.said, "(Expired)") != NULL) {
        *err = (struct moor_error){0};
        (void)moor_error_set(err, MOOR_ERROR_SYSTEM,
                             "the list has expired on the API server: scan again with a larger "
                             "--chunk-size");
    }
}

/* Pages bound the memory, however many objects a cluster has. */
static int for_each_page(struct moor_cluster *cluster, const struct moor_resource *resource,
                         take_function *take, struct moor_error *err)
{
    struct moor_resource_page page = {.namespace = cluster->namespace,
                                      .limit = cluster->chunk_size};
    struct moor_arena arena;
    int status = 0;
    moor_arena_init(&arena, TOKEN_MAX);
    do {
        if (cluster->progress != NULL) {
            cluster->progress(cluster->context, resource->name);
        }
        status = take_page(cluster, resource, &page, &arena, take, err);
    } while (status == 0 && page.token.len > 0);
    moor_arena_release(&arena);
    if (status != 0) {
        explain_expiry(cluster, err);
    }
    return status;
}

/* Reports a list that could not be read, under a name such as `deployments.apps`. */
static void note_input_error(struct moor_cluster *cluster, const struct moor_resource *resource,
                             const struct moor_error *err)
{
    struct moor_buf name;
    moor_buf_init(&name, TEXT_MAX);
    moor_buf_append(&name, resource->name);
    if (resource->group.len > 0) {
        moor_buf_append_byte(&name, '.');
        moor_buf_append(&name, resource->group);
    }
    /* kubectl has printed its error on standard error already, but a report needs it too. */
    const char *said = cluster->kubectl.said;
    struct moor_error whole = {0};
    (void)moor_error_set(&whole, err->code, "%s%s%s", err->text, said[0] != '\0' ? ": " : "", said);
    moor_report_add_input_error(cluster->report, moor_buf_slice(&name), &whole);
    if (cluster->input_error != NULL) {
        cluster->input_error(cluster->context, moor_buf_slice(&name), err);
    }
    moor_buf_release(&name);
}

/* --- namespaces and roles --------------------------------------------------------------------- */

/* Calls `add` for each object of a list. */
static int for_each_object(struct moor_cluster *cluster, struct moor_slice json,
                           int (*add)(struct moor_cluster *cluster,
                                      const struct moor_manifest *manifest, struct moor_error *err),
                           struct moor_error *err)
{
    struct moor_manifest_reader reader;
    struct moor_manifest manifest;
    struct moor_arena arena;
    int status = 0;
    moor_arena_init(&arena, TABLE_MAX);
    moor_manifest_open(&reader, json, &arena);
    while ((status = moor_manifest_next(&manifest, &reader, err)) > 0) {
        if (add(cluster, &manifest, err) != 0) {
            status = -1;
            break;
        }
        moor_arena_reset(&arena);
    }
    moor_arena_release(&arena);
    return status;
}

static int add_namespace(struct moor_cluster *cluster, const struct moor_manifest *manifest,
                         struct moor_error *err)
{
    return moor_namespaces_add(cluster->namespaces, manifest, err);
}

static int add_role(struct moor_cluster *cluster, const struct moor_manifest *manifest,
                    struct moor_error *err)
{
    return moor_operators_add(&cluster->scanning->operators, manifest, err);
}

static int take_namespaces(struct moor_cluster *cluster, struct moor_slice json,
                           struct moor_error *err)
{
    return for_each_object(cluster, json, add_namespace, err);
}

static int take_roles(struct moor_cluster *cluster, struct moor_slice json, struct moor_error *err)
{
    return for_each_object(cluster, json, add_role, err);
}

/* Without permission to read roles, the scan still works: the text output explains the gap. */
static void load_roles(void *context)
{
    struct moor_cluster *cluster = context;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(role_resources); i++) {
        struct moor_error err = {0};
        if (for_each_page(cluster, &role_resources[i], take_roles, &err) != 0) {
            cluster->lacks_roles = true;
        }
    }
}

static int add_node(struct moor_cluster *cluster, const struct moor_manifest *manifest,
                    struct moor_error *err)
{
    struct moor_arena *arena = &cluster->scanning->workspace.arena;
    moor_arena_reset(arena);
    return moor_running_add(&cluster->scanning->running, manifest, arena, err);
}

static int take_nodes(struct moor_cluster *cluster, struct moor_slice json, struct moor_error *err)
{
    return for_each_object(cluster, json, add_node, err);
}

/* Nodes are large and need permissions of their own, so they are read only if they matter. */
static void load_nodes(struct moor_cluster *cluster)
{
    struct moor_error err = {0};
    cluster->lacks_nodes = true;
    if (cluster->scanning->wants_nodes || moor_running_has_several(&cluster->scanning->running)) {
        cluster->lacks_nodes = for_each_page(cluster, &nodes_resource, take_nodes, &err) != 0;
    }
}

static bool has_labels(const struct moor_policy *policy)
{
    for (size_t i = 0; i < policy->environment_count; i++) {
        if (policy->environments[i].label_count > 0) {
            return true;
        }
    }
    return false;
}

bool moor_cluster_wants_labels(const struct moor_scanning *scanning)
{
    if (scanning->only_moved) {
        return false;
    }
    for (size_t i = 0; i < scanning->policy_count; i++) {
        if (has_labels(scanning->policies[i])) {
            return true;
        }
    }
    return false;
}

/* A user can be allowed to read one namespace without being allowed to list all of them. */
static int get_namespace(struct moor_cluster *cluster, struct moor_error *err)
{
    struct moor_buf path;
    struct moor_buf answer;
    moor_buf_init(&path, TEXT_MAX);
    moor_buf_init(&answer, TABLE_MAX);
    moor_buf_printf(&path, "/api/v1/namespaces/%.*s", MOOR_SLICE_ARGS(cluster->namespace));
    int status = get(&answer, cluster, &path, err);
    if (status == 0) {
        status = take_namespaces(cluster, moor_buf_slice(&answer), err);
    }
    moor_buf_release(&path);
    moor_buf_release(&answer);
    return status;
}

/* Without the permission to read namespaces the scan goes on, and says that labels are unknown. */
static void load_namespaces(struct moor_cluster *cluster)
{
    struct moor_error err = {0};
    if (!moor_cluster_wants_labels(cluster->scanning)) {
        return;
    }
    int status = cluster->namespace.len > 0
                     ? get_namespace(cluster, &err)
                     : for_each_page(cluster, &namespaces_resource, take_namespaces, &err);
    cluster->scanning->namespaces = cluster->namespaces;
    if (status != 0) {
        note_input_error(cluster, &namespaces_resource, &err);
    }
}

/*
 * The API server lists a missing namespace as empty, so a typo would look like a clean
 * scan. The check is skipped if the namespace was read already, or if an error was reported anyway.
 */
static void check_namespace(struct moor_cluster *cluster)
{
    struct moor_error err = {0};
    if (cluster->namespace.len == 0 || cluster->scanning->of_namespace > 0 ||
        cluster->report->input_error_count > 0 || moor_cluster_wants_labels(cluster->scanning)) {
        return;
    }
    cluster->kubectl.is_quiet =
        true; /* A missing permission to read the namespace is not an error. */
    int status = get_namespace(cluster, &err);
    cluster->kubectl.is_quiet = false;
    if (status != 0 && strstr(cluster->kubectl.said, "(NotFound)") != NULL) {
        moor_kubectl_pass_on(&cluster->kubectl);
        note_input_error(cluster, &namespaces_resource, &err);
    }
}

int moor_cluster_namespace(struct moor_buf *out, struct moor_cluster *cluster,
                           struct moor_error *err)
{
    static const char *const arguments[] = {
        "config", "view", "--minify", "-o", "jsonpath={..namespace}", NULL};
    return moor_kubectl_run(out, &cluster->kubectl, arguments, err);
}

/* --- workloads -------------------------------------------------------------------------------- */

static int take_workloads(struct moor_cluster *cluster, struct moor_slice json,
                          struct moor_error *err)
{
    size_t offset = 0;
    return moor_scanning_list(cluster->scanning, json, &offset, err);
}

/* Returns whether a policy knows images in this resource.  The namespace excludes cluster scope. */
static bool holds_images(const struct moor_cluster *cluster, const struct moor_resource *resource)
{
    const struct moor_scanning *scanning = cluster->scanning;
    for (size_t i = 0; i < scanning->policy_count; i++) {
        const struct moor_kind *kind = moor_policy_find_kind(scanning->policies[i], resource->group,
                                                             resource->name, resource->kind);
        if (kind != NULL && moor_slice_equal(kind->resource, resource->name)) {
            return resource->is_namespaced || cluster->namespace.len == 0;
        }
    }
    return false;
}

static bool is_pods(const struct moor_resource *resource)
{
    return resource->group.len == 0 && moor_slice_is(resource->name, "pods");
}

/* Pods are listed last, so that their owners are known.  Returns the number of lists. */
static size_t list_resources(struct moor_cluster *cluster, struct moor_slice table, bool pods)
{
    struct moor_resource resource;
    size_t count = 0;
    while (moor_resource_next(&resource, &table)) {
        struct moor_error err = {0};
        if (is_pods(&resource) != pods || !holds_images(cluster, &resource)) {
            continue;
        }
        count++;
        if (for_each_page(cluster, &resource, take_workloads, &err) != 0) {
            note_input_error(cluster, &resource, &err);
        }
    }
    return count;
}

/* Returns whether the error of kubectl names an API group whose objects contain images. */
static bool is_of_matter(const struct moor_cluster *cluster)
{
    const char *said = cluster->kubectl.said;
    bool is_named = strstr(said, " apps/") != NULL || strstr(said, " batch/") != NULL;
    for (size_t i = 0; i < cluster->scanning->policy_count; i++) {
        const struct moor_policy *policy = cluster->scanning->policies[i];
        for (size_t j = 0; j < policy->custom_resource_count; j++) {
            struct moor_slice group = policy->custom_resources[j].kind.group;
            is_named = is_named || memmem(said, strlen(said), group.ptr, group.len) != NULL;
        }
    }
    return is_named;
}

/*
 * Lists the resources of the cluster.  If one API group is unavailable, often the group of metrics,
 * kubectl fails but prints the others.  This is an input error only if the group contains images.
 */
static int list_table(struct moor_buf *table, struct moor_cluster *cluster, struct moor_error *err)
{
    static const char *const arguments[] = {"api-resources", "--verbs=list", "--no-headers", NULL};
    struct moor_error partly = {0};
    struct moor_resource resource;
    if (moor_kubectl_run(table, &cluster->kubectl, arguments, &partly) == 0) {
        return 0;
    }
    struct moor_slice text = moor_buf_slice(table);
    while (moor_resource_next(&resource, &text)) {
        if (!is_pods(&resource)) {
            continue;
        }
        if (is_of_matter(cluster)) {
            note_input_error(cluster, &table_resource, &partly);
        }
        return 0;
    }
    return moor_error_set(err, partly.code, "%s", partly.text);
}

/* Without an evaluation, only Pods are read. */
static void scan_pods(struct moor_cluster *cluster)
{
    struct moor_error err = {0};
    if (for_each_page(cluster, &pods_resource, take_workloads, &err) != 0) {
        note_input_error(cluster, &pods_resource, &err);
    }
    load_nodes(cluster);
    check_namespace(cluster);
}

/*
 * Pods come last: a Pod is evaluated with the workload that owns it, which must be known by then.
 */
int moor_cluster_scan(struct moor_cluster *cluster, struct moor_error *err)
{
    struct moor_buf table;
    if (cluster->scanning->only_moved) {
        scan_pods(cluster);
        return 0;
    }
    moor_buf_init(&table, TABLE_MAX);
    int status = list_table(&table, cluster, err);
    if (status == 0) {
        cluster->scanning->load_operators = load_roles;
        cluster->scanning->context = cluster;
        load_namespaces(cluster);
        (void)list_resources(cluster, moor_buf_slice(&table), false);
        if (list_resources(cluster, moor_buf_slice(&table), true) == 0) {
            status = moor_error_set(err, MOOR_ERROR_VALUE,
                                    "the cluster does not list the resource 'pods'");
        }
        load_nodes(cluster);
        check_namespace(cluster);
    }
    moor_buf_release(&table);
    return status;
}

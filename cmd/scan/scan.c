/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor scan`: reports running workloads that the policy would deny on re-creation. */
#include "cmd/command.h"
#include "cmd/input/source.h"
#include "cmd/policy_file.h"
#include "cmd/report/formats.h"
#include "cmd/report/outputs.h"
#include "cmd/report/page.h"
#include "cmd/report/progress.h"
#include "cmd/scan/cluster.h"
#include "cmd/scan/results_text.h"
#include "cmd/scan/results_values.h"
#include "policy/base/array_size.h"

#include <string.h>
#include <time.h>

#define NAMESPACE_MAX ((size_t)4096)

/* The values of the options. */
struct values {
    const char *namespace;
    bool all_namespaces;
    const char *policy;
    const char *compare;
    struct moor_option_list output;
    int color;
    bool warned;
    struct moor_option_list exclude;
    const char *context;
    const char *kubeconfig;
    const char *as;
    const char *request_timeout;
    unsigned chunk_size;
    const char *kubectl;
    const char *now;
    int64_t now_s; /* the time of `now` */
};

static const struct moor_option options[] = {
    {.name = "namespace",
     .letter = 'n',
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, namespace),
     .argument = "NAME",
     .help = "scan this namespace",
     .fallback = "the namespace of kubectl's context"},
    {.name = "all-namespaces",
     .letter = 'A',
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, all_namespaces),
     .help = "scan all namespaces"},
    MOOR_POLICY_OPTION(offsetof(struct values, policy)),
    {.name = "compare",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, compare),
     .argument = "FILE",
     .help = "show only images that --policy decides differently than this older policy",
     .completion = MOOR_COMPLETION_FILES},
    MOOR_OUTPUT_OPTION(offsetof(struct values, output)),
    MOOR_COLOR_OPTION(offsetof(struct values, color)),
    {.name = "warned",
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, warned),
     .help = "list warnings in the text output too"},
    {.name = "exclude",
     .type = MOOR_OPTION_LIST,
     .offset = offsetof(struct values, exclude),
     .argument = "NAMESPACE",
     .help = "namespace to leave out",
     .fallback = "kube-system, which the chart excludes"},
    {.name = "context",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, context),
     .argument = "NAME",
     .help = "kubectl context",
     .fallback = "the current context"},
    {.name = "kubeconfig",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, kubeconfig),
     .argument = "FILE",
     .help = "kubectl configuration file",
     .completion = MOOR_COMPLETION_FILES},
    {.name = "as",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, as),
     .argument = "USER",
     .help = "user to impersonate"},
    {.name = "request-timeout",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, request_timeout),
     .argument = "DURATION",
     .help = "maximum time for one page",
     .fallback = "the default of kubectl"},
    {.name = "chunk-size",
     .type = MOOR_OPTION_COUNT,
     .offset = offsetof(struct values, chunk_size),
     .argument = "N",
     .help = "number of objects per page"},
    {.name = "kubectl",
     .type = MOOR_OPTION_TEXT,
     .offset = offsetof(struct values, kubectl),
     .argument = "PROGRAM",
     .help = "kubectl program to run",
     .completion = MOOR_COMPLETION_FILES},
    MOOR_NOW_OPTION(offsetof(struct values, now)),
};

/* One scan.  One function releases all of it in every state. */
struct run {
    const struct values *values;
    struct moor_scanning scanning;
    struct moor_results results;
    struct moor_namespaces namespaces;
    struct moor_outputs outputs;
    struct moor_source source;
    struct moor_progress progress;
};

/* --- progress and errors ---------------------------------------------------------------------- */

static void clear_line(void *context)
{
    struct run *run = context;
    moor_progress_clear(&run->progress);
}

static void say_progress(void *context, struct moor_slice resource)
{
    struct run *run = context;
    if (moor_progress_is_due(&run->progress)) {
        (void)fprintf(stderr, "%zu workloads, %zu Pods; reading ", run->scanning.objects,
                      run->scanning.pods);
        moor_page_escape(stderr, resource);
    }
}

/* The error is printed at once, because a scan of a large cluster can take minutes. */
static void say_input_error(void *context, struct moor_slice list, const struct moor_error *err)
{
    clear_line(context);
    (void)moor_command_fail("scan: cannot read %.*s: %s", MOOR_SLICE_ARGS(list), err->text);
}

/* --- a live cluster --------------------------------------------------------------------------- */

/* Without -n and -A, kubectl uses the namespace of its context, and so does the scan. */
static int find_namespace(struct moor_buf *out, struct run *run, struct moor_cluster *cluster,
                          struct moor_error *err)
{
    if (run->values->all_namespaces) {
        return 0;
    }
    if (run->values->namespace != NULL) {
        moor_buf_append_text(out, run->values->namespace);
    } else if (moor_cluster_namespace(out, cluster, err) != 0) {
        return -1;
    }
    if (out->len == 0) {
        moor_buf_append_text(out, "default");
    }
    cluster->namespace = moor_buf_slice(out);
    return moor_resource_is_namespace(cluster->namespace)
               ? 0
               : moor_error_set(err, MOOR_ERROR_VALUE, "'%.*s' is not a valid namespace name",
                                MOOR_SLICE_ARGS(cluster->namespace));
}

static int scan_cluster(struct run *run, struct moor_error *err)
{
    const struct values *values = run->values;
    struct moor_buf namespace;
    struct moor_cluster cluster = {
        .kubectl = {.program = values->kubectl, .before_noise = clear_line, .context = run},
        .scanning = &run->scanning,
        .report = &run->results.report,
        .namespaces = &run->namespaces,
        .chunk_size = values->chunk_size,
        .progress = say_progress,
        .input_error = say_input_error,
        .context = run,
    };
    moor_kubectl_option(&cluster.kubectl, "--kubeconfig", values->kubeconfig);
    moor_kubectl_option(&cluster.kubectl, "--context", values->context);
    moor_kubectl_option(&cluster.kubectl, "--as", values->as);
    moor_kubectl_option(&cluster.kubectl, "--request-timeout", values->request_timeout);
    moor_buf_init(&namespace, NAMESPACE_MAX);
    int status = find_namespace(&namespace, run, &cluster, err);
    if (status == 0) {
        status = moor_cluster_scan(&cluster, err);
    }
    if (cluster.lacks_roles) {
        run->results.hint = "roles could not be read, so service accounts are missing";
    }
    moor_buf_release(&namespace);
    clear_line(run);
    return status;
}

/* --- dumps ------------------------------------------------------------------------------------ */

static void note_dump(struct run *run, const char *path, size_t offset, struct moor_error *err)
{
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    bool is_syntax = err->code == MOOR_ERROR_SYNTAX;
    struct moor_position place = moor_source_position(&run->source, offset, 1);
    struct moor_error said = {.line = place.line, .column = place.column};
    /* The reader's text begins with an offset, which the position replaces. */
    const char *text = is_syntax ? strstr(err->text, ": ") : NULL;
    (void)moor_error_set(&said, err->code, "%s%s", text != NULL ? text + 2 : err->text,
                         is_syntax ? " (expected the output of 'kubectl get -o json')" : "");
    moor_report_add_input_error(&run->results.report, moor_slice_from(name), &said);
    (void)moor_command_fail("%s:%u:%u: %s", name, place.line, place.column, said.text);
}

/* A dump can contain Namespaces and roles in any place, so they are collected first. */
static void collect(struct run *run, struct moor_slice text)
{
    struct moor_manifest_reader reader;
    struct moor_manifest manifest;
    struct moor_arena arena;
    struct moor_error err = {0};
    /* A search for the words is much faster than parsing a dump that has neither. */
    bool has_labels = moor_cluster_wants_labels(&run->scanning) &&
                      memmem(text.ptr, text.len, "\"Namespace", 10) != NULL;
    bool has_roles = memmem(text.ptr, text.len, "RoleBinding", 11) != NULL;
    if (!has_labels && !has_roles) {
        return;
    }
    moor_arena_init(&arena, MOOR_NAMESPACES_MAX_BYTES);
    moor_manifest_open(&reader, text, &arena);
    while (moor_manifest_next(&manifest, &reader, &err) > 0) {
        if (moor_namespaces_add(&run->namespaces, &manifest, &err) != 0 ||
            moor_operators_add(&run->scanning.operators, &manifest, &err) != 0) {
            break;
        }
        moor_arena_reset(&arena);
    }
    moor_arena_release(&arena);
    run->scanning.namespaces = &run->namespaces;
}

/* The parts of a dump to read: the Namespaces and roles, the workloads, or both. */
enum reading {
    READING_BOTH,
    READING_FIRST,
    READING_SECOND
};

static int scan_dump(struct run *run, const char *path, enum reading reading,
                     struct moor_error *err)
{
    size_t offset = 0;
    struct moor_error wrong = {0};
    if (moor_source_read(&run->source, path, err) != 0) {
        return -1;
    }
    struct moor_slice text = moor_buf_slice(&run->source.bytes);
    if (text.len == 0) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "%s is empty: check whether kubectl failed",
                              strcmp(path, "-") == 0 ? "standard input" : path);
    }
    if (reading != READING_SECOND) {
        collect(run, text);
    }
    if (reading == READING_FIRST) {
        return 0;
    }
    /* A dump of another tool must be an error, not a scan without findings. */
    run->scanning.stranger = NULL;
    int status = moor_scanning_list(&run->scanning, text, &offset, &wrong);
    if (status == 0 && run->scanning.stranger != NULL) {
        offset = (size_t)(run->scanning.stranger - text.ptr);
        status = moor_error_set(&wrong, MOOR_ERROR_SYNTAX, "not a Kubernetes object");
    }
    if (status != 0) {
        note_dump(run, path, offset, &wrong);
    }
    return 0;
}

/*
 * A misspelled namespace must not look like a clean one.  An empty dump is accepted, because the
 * namespace can be empty.
 */
static int check_namespace(const struct run *run, int count, struct moor_error *err)
{
    return run->scanning.of_namespace > 0 || run->scanning.namespace.len == 0 ||
                   run->scanning.items == 0 || run->results.report.input_error_count > 0
               ? 0
               : moor_error_set(err, MOOR_ERROR_VALUE,
                                "the dump%s no object in namespace '%.*s': check the name, and "
                                "whether the dump contains this namespace (kubectl get -A)",
                                count == 1 ? " contains" : "s contain",
                                MOOR_SLICE_ARGS(run->scanning.namespace));
}

/*
 * A dump has no context, so -n filters its objects.  The hint names the resources that a user can
 * add to the dump, so that operators are found.
 */
static int scan_dumps(struct run *run, int count, char **operands, struct moor_error *err)
{
    int status = 0;
    /* With several dumps, roles in one can explain objects in another: all are read twice. */
    run->source.keeps_input = count > 1;
    run->scanning.namespace = moor_slice_from(run->values->namespace);
    run->results.hint = "for service accounts, the dump needs clusterroles,clusterrolebindings,"
                        "roles,rolebindings";
    run->results.report.files = (size_t)count;
    for (int i = 0; i < count && count > 1 && status == 0; i++) {
        status = scan_dump(run, operands[i], READING_FIRST, err);
    }
    for (int i = 0; i < count && status == 0; i++) {
        status = scan_dump(run, operands[i], count > 1 ? READING_SECOND : READING_BOTH, err);
    }
    return status != 0 ? status : check_namespace(run, count, err);
}

/* --- the command ------------------------------------------------------------------------------ */

/* The formats of other commands show files; these show workloads and occasions instead. */
static void write_text(FILE *out, const void *results, const struct moor_page_style *style)
{
    moor_results_write_text(out, results, style);
}

static void write_json(FILE *out, const void *results, const struct moor_page_style *style)
{
    (void)style;
    moor_results_write_json(out, results);
}

static void write_tsv(FILE *out, const void *results, const struct moor_page_style *style)
{
    (void)style;
    moor_results_write_tsv(out, results);
}

static void write_tsv_with_header(FILE *out, const void *results,
                                  const struct moor_page_style *style)
{
    moor_results_write_tsv_header(out, results);
    write_tsv(out, results, style);
}

static int write_outputs(struct run *run, struct moor_error *err)
{
    static const struct moor_own_format formats[] = {
        {&moor_report_format_text, write_text},
        {&moor_report_format_json, write_json},
        {&moor_report_format_tsv, write_tsv},
        {&moor_report_format_tsv_header, write_tsv_with_header},
    };
    const struct moor_outputs_own own = {formats, MOOR_ARRAY_SIZE(formats), &run->results};
    return moor_outputs_write(&run->outputs, &run->results.report, &own, err);
}

/* Folding needs all lists, because an owner can be read after its objects. */
static int report(struct run *run)
{
    struct moor_error err = {0};
    if (moor_scanning_finish(&run->scanning, &err) != 0) {
        return moor_command_fail("scan: %s", err.text);
    }
    run->results.lists_warned = run->values->warned;
    moor_results_collect(&run->results, &run->scanning);
    if (run->results.report.failed) {
        return moor_command_fail("scan: no memory for the report");
    }
    if (write_outputs(run, &err) != 0) {
        return moor_command_fail("scan: %s", err.text);
    }
    return moor_command_flush(moor_report_status(&run->results.report));
}

static int set_up(struct run *run, const struct moor_policy *policy,
                  const struct moor_policy *older, struct moor_error *err)
{
    static const char *const excluded[] = {"kube-system"};
    const struct values *values = run->values;
    struct moor_scanning *scanning = &run->scanning;
    if (moor_scanning_init(scanning, err) != 0 ||
        moor_outputs_parse(&run->outputs, values->output.items, values->output.count, err) != 0) {
        return -1;
    }
    scanning->policies[0] = policy;
    scanning->policies[1] = older;
    scanning->now = values->now_s;
    scanning->policy_count = older != NULL ? 2 : 1;
    if (values->exclude.count > 0) {
        scanning->excluded = values->exclude.items;
        scanning->excluded_count = values->exclude.count;
    } else if (values->namespace == NULL) {
        /* A namespace that the user names is scanned even if it is excluded by default. */
        scanning->excluded = excluded;
        scanning->excluded_count = MOOR_ARRAY_SIZE(excluded);
    }
    run->outputs.colour = (enum moor_colour)values->color;
    moor_progress_start(&run->progress);
    return 0;
}

static int scan_by(const struct values *values, const struct moor_policy *policy,
                   const struct moor_policy *older, int count, char **operands)
{
    struct run run = {.values = values};
    struct moor_error err = {0};
    moor_results_init(&run.results);
    moor_namespaces_init(&run.namespaces);
    moor_source_init(&run.source);
    int status = set_up(&run, policy, older, &err);
    if (status == 0) {
        status = count > 0 ? scan_dumps(&run, count, operands, &err) : scan_cluster(&run, &err);
    }
    status = status != 0 ? moor_command_fail("scan: %s", err.text) : report(&run);
    moor_scanning_release(&run.scanning);
    moor_results_release(&run.results);
    moor_namespaces_release(&run.namespaces);
    moor_source_release(&run.source);
    return status;
}

/* Returns an option for kubectl, which has no effect on dumps, or NULL if none is set. */
static const char *find_idle(const struct values *values)
{
    const struct {
        const char *name;
        const char *value;
    } asking[] = {{"--context", values->context},
                  {"--kubeconfig", values->kubeconfig},
                  {"--as", values->as},
                  {"--request-timeout", values->request_timeout}};

    for (size_t i = 0; i < MOOR_ARRAY_SIZE(asking); i++) {
        if (asking[i].value != NULL) {
            return asking[i].name;
        }
    }
    return NULL;
}

static int run_scan(const struct moor_command *command, int argc, char **argv)
{
    struct values values = {.chunk_size = 500, .kubectl = "kubectl"};
    int first = 0;
    int status = 0;
    if (moor_command_parse(command, argc, argv, &values, &first, &status) != 0) {
        return status;
    }
    if (values.all_namespaces && values.namespace != NULL) {
        return moor_command_fail("scan: '-n' and '-A' are mutually exclusive: use one of them");
    }
    if (values.namespace != NULL &&
        !moor_resource_is_namespace(moor_slice_from(values.namespace))) {
        return moor_command_fail("scan: --namespace: '%s' is not a valid namespace name",
                                 values.namespace);
    }
    const char *idle = first < argc ? find_idle(&values) : NULL;
    if (idle != NULL) {
        return moor_command_fail("scan: option '%s' has no effect on the dump '%s'", idle,
                                 argv[first]);
    }
    struct moor_policy *policy = moor_policy_file_load_at(values.policy, values.now, &values.now_s);
    struct moor_policy *older = NULL;
    if (policy != NULL && values.compare != NULL) {
        older = moor_policy_file_load_at(values.compare, values.now, &values.now_s);
    }
    status = policy == NULL || (values.compare != NULL && older == NULL)
                 ? MOOR_EXIT_UNDECIDED
                 : scan_by(&values, policy, older, argc - first, argv + first);
    moor_policy_release(policy);
    moor_policy_release(older);
    return status;
}

const struct moor_command moor_command_scan = {
    .name = "scan",
    .operands = "[DUMP.json...|-]",
    .completion = MOOR_COMPLETION_FILES,
    .summary = "report running workloads that would be denied on re-creation",
    .about = "Reads all workloads with kubectl and evaluates them as the webhook would: when a\n"
             "user changes one, when a Pod is evicted, and when a workload is re-created.\n"
             "Findings are shown with the owner of an object.  Operators that the policy does\n"
             "not name are listed.  With operands, reads the output of 'kubectl get -A -o\n"
             "json' instead of the cluster.  The exit status is 1 if an image would be denied;\n"
             "with --compare, if one would be denied that the older policy admits.",
    .has_formats = true,
    .options = options,
    .option_count = MOOR_ARRAY_SIZE(options),
    .run = run_scan,
};

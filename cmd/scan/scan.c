/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor scan`: reports running workloads that the policy would deny on re-creation. */
#include "cmd/command.h"
#include "cmd/policy_file.h"
#include "cmd/report/formats.h"
#include "cmd/report/outputs.h"
#include "cmd/report/page.h"
#include "cmd/report/progress.h"
#include "cmd/scan/cluster.h"
#include "cmd/scan/dumps.h"
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
    bool moved;
    int fail_on; /* index in the words of the option: deny, moved */
    bool warned;
    bool summary;
    bool full;
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
    MOOR_OUTPUT_OPTION_OF(offsetof(struct values, output), moor_report_formats_of_scan_name_at),
    MOOR_COLOR_OPTION(offsetof(struct values, color)),
    {.name = "moved",
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, moved),
     .help = "report only moved tags, and evaluate no policy"},
    {.name = "fail-on",
     .type = MOOR_OPTION_CHOICE,
     .offset = offsetof(struct values, fail_on),
     .argument = "deny|moved",
     .help = "findings that fail the run: denials, or moved tags too"},
    {.name = "warned",
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, warned),
     .help = "list warnings in the text output too"},
    {.name = "summary",
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, summary),
     .help = "count findings by image, namespace and owner, largest first"},
    {.name = "full",
     .type = MOOR_OPTION_FLAG,
     .offset = offsetof(struct values, full),
     .help = "list everything in the text output, which otherwise lists 100 images"},
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
     .fallback = "kubectl's"},
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
        (void)fprintf(stderr, "%zu workloads, %zu Pods, %.1f MiB; reading ", run->scanning.objects,
                      run->scanning.pods, (double)run->scanning.bytes / (1024 * 1024));
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
    /* A context without a namespace means `default`, as in kubectl. */
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
    run->results.lacks_nodes = cluster.lacks_nodes;
    if (cluster.lacks_roles) {
        run->results.hint = "roles could not be read, so service accounts are missing";
    }
    moor_buf_release(&namespace);
    clear_line(run);
    return status;
}

/* The hint names the resources that a user can add to the dumps, so that operators are found. */
static int scan_dumps(struct run *run, int count, char **operands, struct moor_error *err)
{
    struct moor_dumps dumps;
    moor_dumps_init(&dumps);
    dumps.paths = (const char *const *)operands;
    dumps.count = count;
    dumps.scanning = &run->scanning;
    dumps.report = &run->results.report;
    dumps.namespaces = &run->namespaces;
    /*
     * A dump has all namespaces, so that the scan selects; a cluster is asked for one namespace
     * only.
     */
    run->scanning.namespace = moor_slice_from(run->values->namespace);
    run->results.report.files = (size_t)count;
    run->results.hint = "for service accounts, the dump needs clusterroles,clusterrolebindings,"
                        "roles,rolebindings";
    int status = moor_dumps_scan(&dumps, err);
    run->results.lacks_nodes = run->scanning.running.nodes == 0;
    moor_dumps_release(&dumps);
    return status;
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

static void write_lock(FILE *out, const void *results, const struct moor_page_style *style)
{
    const struct moor_results *of = results;
    (void)style;
    moor_lock_write(out, &of->scanning->running.lock);
}

static int write_outputs(struct run *run, struct moor_error *err)
{
    static const struct moor_own_format formats[] = {
        {&moor_report_format_text, write_text},
        {&moor_report_format_json, write_json},
        {&moor_report_format_tsv, write_tsv},
        {&moor_report_format_tsv_header, write_tsv_with_header},
        {&moor_report_format_lock, write_lock},
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
    run->results.is_summary = run->values->summary;
    run->results.is_full = run->values->full;
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
        moor_outputs_parse(&run->outputs, moor_report_formats_of_scan_at, values->output.items,
                           values->output.count, err) != 0) {
        return -1;
    }
    scanning->only_moved = values->moved;
    /*
     * The lock file needs the architectures of all digests.  Otherwise nodes are read only for a
     * tag with several digests, because reading them needs a cluster-wide permission.
     */
    scanning->wants_nodes = moor_outputs_has(&run->outputs, &moor_report_format_lock);
    run->results.report.fails_moved = values->fail_on == 1;
    /*
     * The first policy is the one that is tried; with --compare, only differences to the second one
     * are findings.
     */
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
    /*
     * Every part is initialized before the first step that can fail, so that one path releases all
     * of them.
     */
    struct run run = {.values = values};
    struct moor_error err = {0};
    moor_results_init(&run.results);
    moor_namespaces_init(&run.namespaces);
    int status = set_up(&run, policy, older, &err);
    if (status == 0) {
        status = count > 0 ? scan_dumps(&run, count, operands, &err) : scan_cluster(&run, &err);
    }
    status = status != 0 ? moor_command_fail("scan: %s", err.text) : report(&run);
    moor_scanning_release(&run.scanning);
    moor_results_release(&run.results);
    moor_namespaces_release(&run.namespaces);
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

/*
 * Options that have no effect on a dump are an error, because a user expects them to restrict it.
 */
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
    /* With --moved, no policy is evaluated, so there would be nothing to compare. */
    if (values.moved && values.compare != NULL) {
        return moor_command_fail("scan: '--moved' and '--compare' are mutually exclusive");
    }
    const char *idle = first < argc ? find_idle(&values) : NULL;
    if (idle != NULL) {
        return moor_command_fail("scan: option '%s' has no effect on the dump '%s'", idle,
                                 argv[first]);
    }
    struct moor_policy *policy = NULL;
    struct moor_policy *older = NULL;
    status = moor_policy_file_load_both(&policy, &older, values.policy, values.compare, values.now,
                                        &values.now_s)
                 ? scan_by(&values, policy, older, argc - first, argv + first)
                 : MOOR_EXIT_UNDECIDED;
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
    .format_at = moor_report_formats_of_scan_at,
    .options = options,
    .option_count = MOOR_ARRAY_SIZE(options),
    .run = run_scan,
};

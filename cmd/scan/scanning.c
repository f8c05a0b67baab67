/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scan/scanning.h"

#include "cmd/evidence/repair.h"
#include "cmd/scan/creator.h"
#include "cmd/scan/occasions.h"
#include "cmd/scan/owner.h"
#include "policy/base/array_size.h"
#include "policy/json/reader.h"
#include "policy/message.h"
#include "policy/object/reader.h"

#include <stdlib.h>

#define TEXT_MAX ((size_t)64 * 1024)

enum {
    TEXT_REASON,
    TEXT_REPAIR,
    TEXT_IMAGE,
    TEXT_PATH
};

int moor_scanning_init(struct moor_scanning *out, struct moor_error *err)
{
    *out = (struct moor_scanning){0};
    moor_workloads_init(&out->workloads);
    moor_running_init(&out->running);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(out->texts); i++) {
        moor_buf_init(&out->texts[i], TEXT_MAX);
    }
    return moor_workspace_init(&out->workspace, err) != 0
               ? -1
               : moor_operators_init(&out->operators, err);
}

void moor_scanning_release(struct moor_scanning *scanning)
{
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(scanning->texts); i++) {
        moor_buf_release(&scanning->texts[i]);
    }
    moor_workspace_release(&scanning->workspace);
    moor_operators_release(&scanning->operators);
    moor_workloads_release(&scanning->workloads);
    moor_running_release(&scanning->running);
    moor_exemption_uses_release(&scanning->exemptions);
}

/* --- one object ------------------------------------------------------------------------------- */

/* One object and the verdicts of the policies on it. */
struct subject {
    struct moor_scanning *scanning;
    const struct moor_manifest *manifest;
    struct moor_creator creator;
    struct moor_workload *workload; /* the workload that receives the findings */
    size_t policy;
    struct moor_request request;
    struct moor_occasions occasions;
};

static int no_memory(struct moor_error *err)
{
    return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for what is found");
}

static bool is_pod(const struct subject *subject)
{
    return subject->request.holds->is_template == false && !subject->request.holds->is_custom;
}

/* --- noting ----------------------------------------------------------------------------------- */

/* Texts of the workload replace those of its Pods, because users edit the workload. */
static int keep(struct subject *subject, struct moor_workload_image *found,
                const struct moor_scan_decisions *decisions, struct moor_error *err)
{
    struct moor_scanning *scanning = subject->scanning;
    struct moor_buf *texts = scanning->texts;
    bool is_own = subject->creator.kind == MOOR_CREATOR_PERSON || !is_pod(subject);
    bool is_whole = true;
    found->reason = moor_buf_slice(&texts[TEXT_REASON]);
    found->repair = moor_buf_slice(&texts[TEXT_REPAIR]);
    found->image = moor_buf_slice(&texts[TEXT_IMAGE]);
    struct moor_workload_image *image =
        moor_workloads_image(&scanning->workloads, subject->workload, found);
    if (image != NULL && is_own && !image->has_own_path) {
        is_whole = moor_workloads_settle(&scanning->workloads, image, found) == 0;
    }
    for (size_t i = 0; i < sizeof scanning->texts / sizeof *texts; i++) {
        is_whole = is_whole && !texts[i].failed;
        moor_buf_clear(&texts[i]);
    }
    if (image == NULL || !is_whole) {
        return no_memory(err);
    }
    moor_scan_decisions_merge(&image->decisions[subject->policy], decisions);
    return 0;
}

/* Texts are built in reused buffers first, and copied only if the workload is new. */
static int note_image(struct subject *subject, const struct moor_image_verdict *image,
                      const struct moor_scan_decisions *decisions, struct moor_error *err)
{
    struct moor_buf *texts = subject->scanning->texts;
    const struct moor_verdict *verdict = moor_occasions_of(&subject->occasions, image);
    moor_message_append_reason(&texts[TEXT_REASON], verdict, image);
    moor_message_append_image_repair(&texts[TEXT_REPAIR], image);
    moor_escape_append(&texts[TEXT_IMAGE], image->image->text, MOOR_MESSAGE_MAX_IMAGE);
    moor_object_append_path(&texts[TEXT_PATH], image->image);
    struct moor_workload_image found = {
        .field = image->image->field,
        .container = image->image->name,
        .path = moor_buf_slice(&texts[TEXT_PATH]),
        .class = moor_class_name(image->class),
        .level = moor_level_name(image->level),
        .environment = verdict->environment->name,
    };
    return keep(subject, &found, decisions, err);
}

/* Records a fault of the whole object, such as a malformed one. */
static int note_input_error(struct subject *subject, struct moor_scan_decisions *decisions,
                            struct moor_error *err)
{
    const struct moor_verdict *verdict = NULL;
    for (size_t when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
        if (subject->occasions.is_judged[when] &&
            subject->occasions.verdicts[when].fault != MOOR_FAULT_NONE) {
            verdict = &subject->occasions.verdicts[when];
            decisions->at[when] =
                verdict->fault_would_deny ? MOOR_DECISION_DENY : verdict->fault_decision;
        }
    }
    if (verdict == NULL) {
        return 0;
    }
    moor_message_append_fault(&subject->scanning->texts[TEXT_REASON], verdict);
    bool is_malformed = verdict->fault == MOOR_FAULT_MALFORMED;
    struct moor_workload_image found = {
        .path = is_malformed ? subject->request.object.malformed : (struct moor_slice){0},
        .class = moor_fault_name(verdict->fault),
        .level = moor_level_name(MOOR_LEVEL_NONE),
        .environment = verdict->environment->name,
    };
    return keep(subject, &found, decisions, err);
}

/*
 * Records the findings of all occasions at once, so that an image has one entry with a decision for
 * each occasion.  `worst` decides whether the operator of the object must be named.
 */
static int note_all(struct subject *subject, enum moor_decision *worst, struct moor_error *err)
{
    struct moor_scan_decisions decisions = {0};
    if (note_input_error(subject, &decisions, err) != 0) {
        return -1;
    }
    *worst = moor_scan_decisions_worst(&decisions);
    /* Images of a controller's Pods are not counted again: their workload has the same. */
    bool is_counted =
        subject->policy == 0 && (subject->creator.kind == MOOR_CREATOR_PERSON || !is_pod(subject));
    for (size_t i = 0; i < subject->request.object.image_count; i++) {
        decisions = (struct moor_scan_decisions){0};
        const struct moor_image_verdict *image =
            moor_occasions_weigh(&decisions, &subject->occasions, i);
        enum moor_decision own = moor_scan_decisions_worst(&decisions);
        *worst = own > *worst ? own : *worst;
        bool is_allowed = image != NULL && !image->is_skipped && own < MOOR_DECISION_WARN;
        subject->scanning->allowed += is_allowed && is_counted;
        if (image != NULL && is_counted) {
            moor_exemption_uses_add(&subject->scanning->exemptions, image);
        }
        if (image != NULL && own >= MOOR_DECISION_AUDIT &&
            note_image(subject, image, &decisions, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* --- operators -------------------------------------------------------------------------------- */

/* Records a denied operator that a line in `controllers.users` would allow. */
static int note_operator(struct subject *subject, enum moor_decision worst, struct moor_error *err)
{
    const struct moor_creator *creator = &subject->creator;
    if (creator->kind != MOOR_CREATOR_OPERATOR || creator->is_named || worst < MOOR_DECISION_DENY ||
        subject->policy != 0) {
        return 0;
    }
    struct moor_scanning *scanning = subject->scanning;
    struct moor_scan_operator *unnamed = moor_unnamed_get(
        &scanning->unnamed, &scanning->workloads.arena, &subject->request.object, &creator->answer);
    if (unnamed == NULL) {
        return no_memory(err);
    }
    *(is_pod(subject) ? &unnamed->pods : &unnamed->makes) += 1;
    return 0;
}

static int ask_for_operator(struct subject *subject, struct moor_error *err)
{
    struct moor_scanning *scanning = subject->scanning;
    const struct moor_operators_question question = {
        .owner_group = subject->request.object.owner_group,
        .group = subject->request.holds->group,
        .resource = subject->request.holds->resource,
        .namespace = subject->request.namespace,
    };
    /* Roles are read on first use only, because listing them needs permissions of its own. */
    if (!scanning->has_operators && scanning->load_operators != NULL) {
        scanning->load_operators(scanning->context);
    }
    scanning->has_operators = true;
    return moor_operators_find(&subject->creator.answer, &scanning->operators, &question, err);
}

/* --- evaluation ------------------------------------------------------------------------------- */

static int judge_when(struct subject *subject, enum moor_scan_when when, struct moor_error *err)
{
    struct moor_scanning *scanning = subject->scanning;
    const struct moor_judge_context occasion = {.now = scanning->now};
    /* A verdict borrows its request, and all verdicts are read together afterwards. */
    struct moor_request *kept = moor_arena_alloc(&scanning->workspace.arena, sizeof *kept);
    if (kept == NULL) {
        return no_memory(err);
    }
    bool is_change = when == MOOR_SCAN_CHANGE;
    *kept = subject->request;
    kept->operation = is_change ? MOOR_OPERATION_UPDATE : MOOR_OPERATION_CREATE;
    kept->old_object = is_change ? subject->request.object : (struct moor_object){0};
    subject->occasions.is_judged[when] = true;
    return moor_judge(&subject->occasions.verdicts[when], scanning->policies[subject->policy], kept,
                      &occasion, &scanning->workspace, err);
}

/* Evaluates the object by one policy, on each occasion that can occur for it. */
static int judge_by(struct subject *subject, struct moor_error *err)
{
    enum moor_decision worst = MOOR_DECISION_ALLOW;
    bool is_made = subject->creator.kind != MOOR_CREATOR_PERSON && is_pod(subject);
    memset(subject->occasions.is_judged, 0, sizeof subject->occasions.is_judged);
    moor_creator_sign(&subject->creator, &subject->request,
                      subject->scanning->policies[subject->policy],
                      subject->scanning->workspace.matcher);
    int status = judge_when(subject, is_made ? MOOR_SCAN_EVICTION : MOOR_SCAN_CHANGE, err);
    if (status == 0 && !is_made) {
        status = judge_when(subject, MOOR_SCAN_RECREATION, err);
    }
    /* A controller that is unknown is no controller of the policy: admission sees a user. */
    if (status == 0 && !is_made && is_pod(subject) && subject->request.object.owner_kind.len > 0) {
        status = judge_when(subject, MOOR_SCAN_EVICTION, err);
    }
    bool is_noted = status == 0 && note_all(subject, &worst, err) == 0 &&
                    note_operator(subject, worst, err) == 0;
    return is_noted ? 0 : -1;
}

static int read_object(struct subject *subject, size_t *offset, struct moor_error *err)
{
    struct moor_json_reader reader;
    struct moor_scanning *scanning = subject->scanning;
    const struct moor_manifest *manifest = subject->manifest;
    moor_json_reader_init(&reader, manifest->json);
    subject->request = (struct moor_request){
        .group = manifest->group,
        .kind = manifest->kind,
        .namespace = manifest->namespace,
        .name = manifest->name,
        .holds = moor_policy_find_kind(scanning->policies[subject->policy], manifest->group,
                                       (struct moor_slice){0}, manifest->kind),
    };
    if (subject->request.holds == NULL) {
        return 0;
    }
    subject->request.resource = subject->request.holds->resource;
    if (moor_object_read(&subject->request.object, &reader, subject->request.holds,
                         &scanning->policies[subject->policy]->annotations,
                         &scanning->workspace.arena, err) != 0) {
        *offset = (size_t)(reader.at - reader.start);
        return -1;
    }
    if (moor_owner_find(&subject->request.object, manifest->owners, &scanning->workspace.arena,
                        err) != 0) {
        return -1;
    }
    if (scanning->last != NULL) {
        subject->request.labels = scanning->last->labels;
        subject->request.label_count = scanning->last->label_count;
    }
    return 0;
}

/* Counts the object and finds the workload that receives its findings. */
static int place(struct subject *subject, struct moor_error *err)
{
    struct moor_scanning *scanning = subject->scanning;
    const struct moor_object *object = &subject->request.object;
    const struct moor_workload_key own = {subject->manifest->group, subject->manifest->kind,
                                          subject->manifest->namespace, subject->manifest->name};
    const struct moor_workload_key above = {object->owner_group, object->owner_kind,
                                            subject->manifest->namespace, object->owner_name};
    bool has_owner = object->owner_kind.len > 0;
    struct moor_workload *owner =
        has_owner ? moor_workloads_get(&scanning->workloads, &above) : NULL;
    bool is_one_of_many = subject->creator.kind != MOOR_CREATOR_PERSON && is_pod(subject);
    subject->workload = is_one_of_many ? owner : moor_workloads_get(&scanning->workloads, &own);
    if (subject->workload == NULL || (has_owner && owner == NULL)) {
        return no_memory(err);
    }
    scanning->pods += is_pod(subject);
    if (is_one_of_many) {
        owner->pods++;
        owner->remade++;
        return 0;
    }
    /* A Pod without an owner is not re-created; the controller of another owner is unknown. */
    subject->workload->pods += is_pod(subject);
    subject->workload->remade += is_pod(subject) && has_owner;
    subject->workload->is_seen = true;
    if (has_owner) {
        moor_workloads_own(subject->workload, owner);
    }
    scanning->objects += subject->creator.kind != MOOR_CREATOR_FOLDED;
    return 0;
}

/* Returns whether the object is evaluated: it is not being deleted, and no kubelet created it. */
static bool is_wanted(struct subject *subject)
{
    struct moor_scanning *scanning = subject->scanning;
    if (subject->request.object.is_deleting) {
        scanning->deleting++;
        return false;
    }
    moor_creator_find(&subject->creator, &subject->request, scanning->policies[subject->policy]);
    scanning->static_pods += subject->creator.kind == MOOR_CREATOR_NODE;
    return subject->creator.kind != MOOR_CREATOR_NODE;
}

/*
 * Two policies can know different custom resources, so the object is read once for each policy.  It
 * is placed and counted once, by the first policy that knows its kind.
 */
static int take_known(struct subject *subject, size_t *offset, struct moor_error *err)
{
    struct moor_scanning *scanning = subject->scanning;
    bool is_placed = false;
    for (; subject->policy < scanning->policy_count; subject->policy++) {
        if (read_object(subject, offset, err) != 0) {
            return -1;
        }
        if (subject->request.holds == NULL) {
            continue;
        }
        if (!is_placed && !is_wanted(subject)) {
            return 0;
        }
        if (!is_placed && ((subject->creator.kind == MOOR_CREATOR_OPERATOR &&
                            ask_for_operator(subject, err) != 0) ||
                           place(subject, err) != 0)) {
            return -1;
        }
        is_placed = true;
        if (subject->creator.kind != MOOR_CREATOR_FOLDED && judge_by(subject, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* --- lists ------------------------------------------------------------------------------------ */

static bool is_excluded(struct moor_scanning *scanning, struct moor_slice namespace)
{
    for (size_t i = 0; i < scanning->excluded_count; i++) {
        if (moor_slice_is(namespace, scanning->excluded[i])) {
            scanning->excluded_objects++;
            return true;
        }
    }
    return scanning->namespace.len > 0 && !moor_slice_equal(namespace, scanning->namespace);
}

/* Objects of unknown kinds are counted and not read further: a dump can contain any resource. */
static bool is_known(const struct moor_scanning *scanning, const struct moor_manifest *manifest)
{
    for (size_t i = 0; i < scanning->policy_count; i++) {
        if (moor_policy_find_kind(scanning->policies[i], manifest->group, (struct moor_slice){0},
                                  manifest->kind) != NULL) {
            return true;
        }
    }
    return false;
}

/* Lists are sorted by namespace, so the last result is usually the next one too. */
static void find_namespace(struct moor_scanning *scanning, struct moor_slice name)
{
    if (scanning->namespaces == NULL ||
        (scanning->last != NULL && moor_slice_equal(scanning->last->name, name))) {
        return;
    }
    scanning->last = name.len > 0 ? moor_namespaces_find(scanning->namespaces, name) : NULL;
}

/*
 * The first value that is no Kubernetes object is kept: a file without any object is the wrong
 * file.
 */
static int take_manifest(struct moor_scanning *scanning, const struct moor_manifest *manifest,
                         size_t *offset, struct moor_error *err)
{
    struct subject subject = {.scanning = scanning, .manifest = manifest};
    scanning->items++;
    if (!moor_manifest_is_kubernetes(manifest)) {
        scanning->stranger = scanning->stranger == NULL ? manifest->json.ptr : scanning->stranger;
        return 0;
    }
    scanning->of_namespace += moor_manifest_is_of(manifest, scanning->namespace);
    if (moor_running_is_node(manifest)) {
        return moor_running_add(&scanning->running, manifest, &scanning->workspace.arena, err);
    }
    if (!is_known(scanning, manifest)) {
        scanning->others++;
        return 0;
    }
    if (is_excluded(scanning, manifest->namespace)) {
        return 0;
    }
    if (moor_running_add(&scanning->running, manifest, &scanning->workspace.arena, err) != 0) {
        return -1;
    }
    if (scanning->only_moved) {
        return 0;
    }
    find_namespace(scanning, manifest->namespace);
    return take_known(&subject, offset, err);
}

int moor_scanning_list(struct moor_scanning *scanning, struct moor_slice list, size_t *offset,
                       struct moor_error *err)
{
    struct moor_manifest manifest;
    int status = 0;
    scanning->bytes += list.len;
    moor_arena_reset(&scanning->workspace.arena);
    moor_manifest_open(&scanning->manifests, list, &scanning->workspace.arena);
    while ((status = moor_manifest_next(&manifest, &scanning->manifests, err)) > 0) {
        size_t inside = 0;
        if (take_manifest(scanning, &manifest, &inside, err) != 0) {
            *offset = (size_t)(manifest.json.ptr - list.ptr) + inside;
            return -1;
        }
        moor_arena_reset(&scanning->workspace.arena);
    }
    *offset = scanning->manifests.error_offset;
    return status;
}

/* Completes the repairs of one workload by the digests that Pods run. */
static int complete(struct moor_scanning *scanning, struct moor_workload *workload,
                    struct moor_error *err)
{
    struct moor_buf *text = &scanning->texts[TEXT_REPAIR];
    for (struct moor_workload_image *at = workload->images; at != NULL; at = at->next) {
        bool is_rolling = strcmp(at->level, moor_level_name(MOOR_LEVEL_ROLLING)) == 0;
        if (moor_repair_append(text, &scanning->running.lock, at->image, is_rolling, at->repair) &&
            (moor_buf_check(text, err) != 0 ||
             moor_arena_copy(&scanning->workloads.arena, &at->repair, moor_buf_slice(text), err) !=
                 0)) {
            return -1;
        }
        moor_buf_clear(text);
    }
    return 0;
}

int moor_scanning_finish(struct moor_scanning *scanning, struct moor_error *err)
{
    struct moor_workloads *workloads = &scanning->workloads;
    moor_unnamed_sort(&scanning->unnamed);
    if (moor_running_finish(&scanning->running, err) != 0 ||
        moor_workloads_fold(workloads, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < workloads->root_count; i++) {
        if (complete(scanning, workloads->roots[i], err) != 0) {
            return -1;
        }
    }
    return 0;
}

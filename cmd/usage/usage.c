/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/usage/usage.h"

#include "cmd/usage/own_log.h"
#include "policy/image/reference_name.h"
#include "policy/json/reader.h"

#define NAME_MAX ((size_t)8 * 1024)

static void take_request(void *context, const struct moor_review_source *source,
                         const struct moor_evaluator *evaluator, enum moor_undecided undecided);

int moor_usage_init(struct moor_usage *out, const struct moor_policy *policy,
                    struct moor_error *err)
{
    *out = (struct moor_usage){0};
    moor_buf_init(&out->name, NAME_MAX);
    moor_tally_init(&out->uses, MOOR_USAGE_FIELD_COUNT, MOOR_USAGE_MAX_USES, MOOR_USAGE_MAX_BYTES);
    moor_tally_init(&out->exemptions, 1, MOOR_REPLAY_MAX_NAMES, MOOR_REPLAY_MAX_NAME_BYTES);
    if (moor_replay_init(&out->replay, policy, NULL, err) != 0) {
        return -1;
    }
    out->replay.request = take_request;
    out->replay.context = out;
    out->matcher = moor_matcher_new();
    return out->matcher != NULL ? 0
                                : moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to match with");
}

void moor_usage_release(struct moor_usage *usage)
{
    for (size_t i = 0; i < usage->image_count; i++) {
        moor_image_glob_release(&usage->images[i]);
    }
    for (size_t i = 0; i < usage->user_count; i++) {
        moor_glob_release(&usage->users[i]);
    }
    for (size_t i = 0; i < usage->namespace_count; i++) {
        moor_glob_release(&usage->namespaces[i]);
    }
    moor_replay_release(&usage->replay);
    moor_tally_release(&usage->uses);
    moor_tally_release(&usage->exemptions);
    moor_matcher_free(usage->matcher);
    moor_buf_release(&usage->name);
}

/* --- globs ------------------------------------------------------------------------------------ */

static int fail_on_count(struct moor_error *err)
{
    return moor_error_set(err, MOOR_ERROR_LIMIT, "more than %d globs", MOOR_USAGE_MAX_GLOBS);
}

int moor_usage_add_image(struct moor_usage *usage, const char *glob, struct moor_error *err)
{
    bool is_invalid = false;
    struct moor_error wrong = {0};
    if (usage->image_count == MOOR_USAGE_MAX_GLOBS) {
        return fail_on_count(err);
    }
    if (moor_image_glob_compile(&usage->images[usage->image_count], &is_invalid,
                                moor_slice_from(glob), &wrong) != 0) {
        return moor_error_set(err, wrong.code, "--image '%s': %s", glob, wrong.text);
    }
    usage->image_count++;
    return 0;
}

static int add_glob(struct moor_glob *globs, size_t *count, const char *glob, const char *option,
                    struct moor_error *err)
{
    struct moor_error wrong = {0};
    if (*count == MOOR_USAGE_MAX_GLOBS) {
        return fail_on_count(err);
    }
    if (moor_glob_compile(&globs[*count], moor_slice_from(glob), &wrong) != 0) {
        return moor_error_set(err, wrong.code, "%s '%s': %s", option, glob, wrong.text);
    }
    (*count)++;
    return 0;
}

int moor_usage_add_user(struct moor_usage *usage, const char *glob, struct moor_error *err)
{
    return add_glob(usage->users, &usage->user_count, glob, "--user", err);
}

int moor_usage_add_namespace(struct moor_usage *usage, const char *glob, struct moor_error *err)
{
    return add_glob(usage->namespaces, &usage->namespace_count, glob, "--namespace", err);
}

static bool matches(struct moor_glob *globs, size_t count, struct moor_slice text,
                    struct moor_matcher *matcher)
{
    const struct moor_glob_list list = {globs, count};
    return count == 0 || moor_glob_list_match(&list, text, matcher);
}

/* A reference without tag and digest means the tag `latest`, and a glob for that must find it. */
static bool image_matches(struct moor_usage *usage, struct moor_slice text)
{
    struct moor_reference reference;
    struct moor_error err = {0};
    struct moor_named_image named = {.text = text, .reference = &reference};
    if (usage->image_count == 0) {
        return true;
    }
    if (moor_reference_parse(&reference, text, &err) == 0) {
        moor_buf_clear(&usage->name);
        moor_reference_append_name(&usage->name, &reference);
        named.name = moor_buf_slice(&usage->name);
        if (reference.tag.len == 0 && reference.digest.len == 0) {
            reference.tag = MOOR_SLICE("latest");
        }
    }
    for (size_t i = 0; i < usage->image_count; i++) {
        const struct moor_image_glob *glob = &usage->images[i];
        bool is_name = named.name.len > 0 && !glob->is_invalid;
        if (is_name == !glob->is_invalid &&
            moor_glob_match(&glob->name, is_name ? named.name : text, usage->matcher) &&
            (!is_name || moor_image_glob_match_rest(glob, &named, usage->matcher))) {
            return true;
        }
    }
    return false;
}

/* --- audit events ----------------------------------------------------------------------------- */

/* Counts a use if it is wanted; the image is in `fields`. */
static void add_use(struct moor_usage *usage, const struct moor_slice *fields, int64_t time)
{
    if (matches(usage->users, usage->user_count, fields[MOOR_USAGE_USER], usage->matcher) &&
        matches(usage->namespaces, usage->namespace_count, fields[MOOR_USAGE_NAMESPACE],
                usage->matcher) &&
        image_matches(usage, fields[MOOR_USAGE_IMAGE])) {
        (void)moor_tally_add(&usage->uses, fields, 0, time);
    }
}

/* A verdict that depends on an unknown old object has the images, but uses no exemption surely. */
static bool has_images(enum moor_undecided undecided)
{
    return undecided == MOOR_UNDECIDED_NOT || undecided == MOOR_UNDECIDED_OLD_UNKNOWN ||
           undecided == MOOR_UNDECIDED_OLD_LOST || undecided == MOOR_UNDECIDED_OLD_LATER;
}

static void take_request(void *context, const struct moor_review_source *source,
                         const struct moor_evaluator *evaluator, enum moor_undecided undecided)
{
    struct moor_usage *usage = context;
    const struct moor_verdict *verdict = &evaluator->verdict;
    int64_t time = source->event->time;
    if (!has_images(undecided)) {
        usage->unread++;
        return;
    }
    struct moor_slice fields[MOOR_USAGE_FIELD_COUNT] = {
        [MOOR_USAGE_USER] = verdict->request->user,
        [MOOR_USAGE_NAMESPACE] = verdict->request->namespace,
        [MOOR_USAGE_KIND] = verdict->request->kind,
        [MOOR_USAGE_NAME] = source->name,
        [MOOR_USAGE_ANSWER] =
            moor_slice_from(moor_event_answer_name(moor_event_answer_of(source->event))),
    };
    for (size_t i = 0; i < verdict->image_count; i++) {
        const struct moor_image_verdict *image = &verdict->images[i];
        if (image->origin != MOOR_ORIGIN_UNCHANGED && !image->is_skipped) {
            fields[MOOR_USAGE_CONTAINER] = image->image->name;
            fields[MOOR_USAGE_IMAGE] = image->image->text;
            add_use(usage, fields, time);
        }
    }
    for (size_t i = 0; undecided == MOOR_UNDECIDED_NOT && i < verdict->exemption_count; i++) {
        (void)moor_tally_add(&usage->exemptions, &verdict->exemptions[i]->name, 0, time);
    }
}

/* --- tagmoor's log ---------------------------------------------------------------------------- */

/* Starts reading the items of a list; a value that is not a list has none. */
static void begin_items(struct moor_json_reader *reader, struct moor_slice list)
{
    struct moor_json_token token;
    bool is_list = list.len > 0 && list.ptr[0] == '[';
    moor_json_reader_init(reader, is_list ? list : MOOR_SLICE("[]"));
    (void)moor_json_next(reader, &token);
}

static int take_images(struct moor_usage *usage, const struct moor_own_log_review *review,
                       struct moor_error *err)
{
    struct moor_json_reader reader;
    struct moor_slice item;
    struct moor_own_log_image image;
    struct moor_slice fields[MOOR_USAGE_FIELD_COUNT] = {
        [MOOR_USAGE_USER] = review->user,
        [MOOR_USAGE_NAMESPACE] = review->namespace,
        [MOOR_USAGE_KIND] = review->kind,
        [MOOR_USAGE_NAME] = review->name,
    };
    begin_items(&reader, review->images);
    while (moor_json_skip(&reader, &item) == 0) {
        if (moor_own_log_image(&image, item, &usage->replay.arena, err) != 0) {
            return -1;
        }
        fields[MOOR_USAGE_CONTAINER] = image.container;
        fields[MOOR_USAGE_IMAGE] = image.image;
        fields[MOOR_USAGE_ANSWER] = image.decision;
        if (!moor_slice_is(image.origin, "unchanged") && image.image.len > 0) {
            add_use(usage, fields, review->time);
        }
    }
    return 0;
}

static int take_exemptions(struct moor_usage *usage, const struct moor_own_log_review *review,
                           struct moor_error *err)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    struct moor_slice name;
    begin_items(&reader, review->exemptions);
    while (moor_json_next(&reader, &token) == MOOR_JSON_STRING) {
        if (moor_json_token_text(&token, &usage->replay.arena, &name, err) != 0) {
            return -1;
        }
        (void)moor_tally_add(&usage->exemptions, &name, 0, review->time);
    }
    return 0;
}

static int take_own_line(struct moor_usage *usage, struct moor_slice object, struct moor_error *err)
{
    struct moor_own_log_review review;
    struct moor_replay *replay = &usage->replay;
    replay->lines++;
    moor_arena_reset(&replay->arena);
    int status = moor_own_log_read(&review, object, &replay->arena, err);
    if (status <= 0) {
        replay->damaged[MOOR_REPLAY_NO_JSON] += status < 0;
        return status;
    }
    usage->reviews++;
    if (review.time < replay->from || review.time >= replay->to) {
        return 0;
    }
    return take_images(usage, &review, err) != 0 ? -1 : take_exemptions(usage, &review, err);
}

int moor_usage_line(struct moor_usage *usage, struct moor_slice line, struct moor_error *err)
{
    struct moor_slice object = moor_own_log_find(line);
    return object.len > 0 ? take_own_line(usage, object, err)
                          : moor_replay_line(&usage->replay, line, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/shared.h"

#include <stdarg.h>
#include <unistd.h>

void moor_shared_init(struct moor_shared *out, const struct moor_server_config *config,
                      const struct moor_server_handler *handler)
{
    out->config = *config;
    out->handler = handler;
    (void)pthread_mutex_init(&out->tls_lock, NULL);
    (void)pthread_mutex_init(&out->life_lock, NULL);
    (void)pthread_cond_init(&out->life_changed, NULL);
}

void moor_shared_release(struct moor_shared *shared)
{
    moor_connection_table_release(&shared->connections);
    (void)pthread_cond_destroy(&shared->life_changed);
    (void)pthread_mutex_destroy(&shared->life_lock);
    (void)pthread_mutex_destroy(&shared->tls_lock);
}

/* The counters share one lock and one condition, because a waiting thread compares their sum. */
void moor_shared_report(struct moor_shared *shared, unsigned *counter)
{
    (void)pthread_mutex_lock(&shared->life_lock);
    (*counter)++;
    (void)pthread_cond_broadcast(&shared->life_changed);
    (void)pthread_mutex_unlock(&shared->life_lock);
}

unsigned moor_shared_wait_begun(struct moor_shared *shared, unsigned threads)
{
    (void)pthread_mutex_lock(&shared->life_lock);
    while (shared->begun + shared->failed < threads) {
        (void)pthread_cond_wait(&shared->life_changed, &shared->life_lock);
    }
    unsigned begun = shared->begun;
    (void)pthread_mutex_unlock(&shared->life_lock);
    return begun;
}

unsigned moor_shared_ended(struct moor_shared *shared)
{
    (void)pthread_mutex_lock(&shared->life_lock);
    unsigned ended = shared->finished + shared->failed;
    (void)pthread_mutex_unlock(&shared->life_lock);
    return ended;
}

void moor_shared_dismiss(struct moor_shared *shared)
{
    (void)pthread_mutex_lock(&shared->life_lock);
    shared->dismissed = true;
    (void)pthread_cond_broadcast(&shared->life_changed);
    (void)pthread_mutex_unlock(&shared->life_lock);
}

/*
 * Freeing a worker while another thread sends it a message would be a use after free.  Therefore
 * all threads wait here until the last loop has ended.
 */
void moor_shared_wait_dismissed(struct moor_shared *shared)
{
    (void)pthread_mutex_lock(&shared->life_lock);
    while (!shared->dismissed) {
        (void)pthread_cond_wait(&shared->life_changed, &shared->life_lock);
    }
    (void)pthread_mutex_unlock(&shared->life_lock);
}

/*
 * The line has a fixed size on the stack, because a failure to log must not depend on memory.
 * Longer lines are truncated.
 */
void moor_shared_log(const struct moor_shared *shared, enum moor_log_level level,
                     const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    shared->handler->log(shared->handler->context, level, text);
}

/* _exit() skips the handlers of exit(), which are not safe while other threads run. */
_Noreturn void moor_shared_end(const struct moor_shared *shared, int status)
{
    if (shared->handler->flush != NULL) {
        shared->handler->flush(shared->handler->context);
    }
    _exit(status);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <sched.h>
#include <sys/resource.h>

#include "policy/base/array_size.h"
#include "webhook/config.h"

/* libh2o moves bodies over 16 MiB to a temporary file. */
#define MAX_BODY_BYTES              ((size_t)15 << 20)
/* Descriptors for probes, threads, listeners, logs, and files that are reloaded. */
#define DESCRIPTORS_RESERVED        128U

#define DEFAULT(type, field, value) .field = (value),

struct moor_server_config moor_server_config_defaults(void)
{
    return (struct moor_server_config){.times = {MOOR_CONNECTION_TIMES(DEFAULT)},
                                       MOOR_SERVER_LIMITS(DEFAULT)};
}

/* The affinity mask respects cpusets of containers, unlike the number of CPUs of the machine. */
static unsigned usable_cpus(void)
{
    cpu_set_t cpus;
    /* The call fails on machines with more CPUs than `cpu_set_t` has bits. */
    if (sched_getaffinity(0, sizeof cpus, &cpus) != 0) {
        return 2;
    }
    return (unsigned)CPU_COUNT(&cpus);
}

/*
 * Without free descriptors accept() fails, and the level-triggered listener would wake the event
 * loops without end.  The soft limit is raised if the hard limit permits.
 */
static int check_descriptors(const struct moor_server_config *config, struct moor_error *err)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 0;
    }
    size_t wanted = config->max_connections + MOOR_SERVER_SPARE_CONNECTIONS + DESCRIPTORS_RESERVED;
    if (limit.rlim_cur < wanted && limit.rlim_max >= wanted) {
        limit.rlim_cur = wanted;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur >= wanted) {
        return 0;
    }
    return moor_error_set(err, MOOR_ERROR_LIMIT,
                          "%zu connections need %zu file descriptors and only %llu are allowed: "
                          "raise 'ulimit -n' or lower --max-connections",
                          config->max_connections, wanted, (unsigned long long)limit.rlim_cur);
}

static int check_range(const char *flag, size_t value, size_t low, size_t high,
                       struct moor_error *err)
{
    if (value >= low && value <= high) {
        return 0;
    }
    return moor_error_set(err, MOOR_ERROR_VALUE, "%s is %zu: use a value from %zu to %zu", flag,
                          value, low, high);
}

int moor_server_config_check(struct moor_server_config *config, struct moor_error *err)
{
    /*
     * A name in an unverified certificate proves nothing, so this combination would admit everyone.
     */
    if (config->client_name_count > 0 && config->tls.client_ca_file == NULL) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "--client-name requires --client-ca-file: clients prove their names "
                              "with certificates");
    }
    for (size_t i = 0; i < config->client_name_count; i++) {
        if (config->client_names[i][0] == '\0') {
            return moor_error_set(err, MOOR_ERROR_VALUE,
                                  "--client-name is empty: use a name of the client's certificate "
                                  "or omit the option");
        }
    }
    /* At least two threads, so that a large body does not delay all other requests. */
    if (config->threads == 0) {
        unsigned cpus = usable_cpus();
        config->threads = cpus < 2 ? 2 : cpus > 4 ? 4 : cpus;
    }

    const struct {
        const char *flag;
        size_t value;
        size_t low;
        size_t high;
    } ranges[] = {
        {"the number of --listen addresses", config->listen_count, 1, MOOR_SERVER_MAX_LISTENERS},
        {"--threads", config->threads, 1, MOOR_SERVER_MAX_THREADS},
        {"--max-body-bytes", config->max_body_bytes, 1, MAX_BODY_BYTES},
        {"--max-buffered-bytes", config->max_buffered_bytes, 1, SIZE_MAX / 4},
        {"--max-connections", config->max_connections, 1, 65536},
        {"--handshake-timeout in ms", config->times.handshake_timeout_ms, 1, INT32_MAX},
        {"--request-timeout in ms", config->times.request_timeout_ms, 1, INT32_MAX},
        {"--idle-timeout in ms", config->times.idle_timeout_ms, 1, INT32_MAX},
    };

    for (size_t i = 0; i < MOOR_ARRAY_SIZE(ranges); i++) {
        if (check_range(ranges[i].flag, ranges[i].value, ranges[i].low, ranges[i].high, err) != 0) {
            return -1;
        }
    }
    /* A body of the maximum size could otherwise never be received. */
    if (config->max_buffered_bytes < config->max_body_bytes) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "--max-buffered-bytes is %zu and less than --max-body-bytes (%zu): "
                              "raise --max-buffered-bytes or lower --max-body-bytes",
                              config->max_buffered_bytes, config->max_body_bytes);
    }
    return check_descriptors(config, err);
}

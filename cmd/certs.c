/* SPDX-License-Identifier: Apache-2.0 */
/* `tagmoor certs`: creates a throwaway CA and a serving certificate for trials and tests. */
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "cmd/command.h"
#include "policy/base/array_size.h"
#include "policy/base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_S        (24L * 60 * 60)
#define BACKDATED_S  (5L * 60) /* tolerates clients whose clock is slow */
#define SERIAL_BYTES 16
#define NAMES_MAX    4096
#define CA_NAME      "tagmoor throwaway CA"
#define CA_ID_BYTES  4
#define IN_NAMES     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789."

/* The values of the options. */
struct values {
    struct moor_option_list dns;
    struct moor_option_list ip;
    unsigned days;
};

static const struct moor_option options[] = {
    {.name = "dns",
     .type = MOOR_OPTION_LIST,
     .offset = offsetof(struct values, dns),
     .argument = "NAME",
     .help = "DNS name of the server",
     .fallback = "localhost and tagmoor.tagmoor.svc"},
    {.name = "ip",
     .type = MOOR_OPTION_LIST,
     .offset = offsetof(struct values, ip),
     .argument = "ADDRESS",
     .help = "IP address of the server",
     .fallback = "127.0.0.1 and ::1, without --dns"},
    {.name = "days",
     .type = MOOR_OPTION_COUNT,
     .offset = offsetof(struct values, days),
     .argument = "N",
     .help = "validity of both certificates in days"},
};

/* A certificate with its key. */
struct pair {
    EVP_PKEY *key;
    X509 *certificate;
};

static void release_pair(struct pair *pair)
{
    X509_free(pair->certificate);
    EVP_PKEY_free(pair->key);
}

static int set_serial(X509 *certificate)
{
    unsigned char bytes[SERIAL_BYTES];
    if (RAND_bytes(bytes, sizeof bytes) != 1) {
        return -1;
    }
    bytes[0] &= 0x7f; /* a serial number is positive */
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    int status =
        number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL
            ? 0
            : -1;
    BN_free(number);
    return status;
}

/* OpenSSL parses the value in the syntax of its configuration files: see append_names(). */
static int add_extension(X509 *certificate, X509 *issuer, int kind, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    int status = extension != NULL && X509_add_ext(certificate, extension, -1) == 1 ? 0 : -1;
    X509_EXTENSION_free(extension);
    return status;
}

struct extension {
    int kind;
    const char *value;
};

/* Fills in and signs a certificate.  For the CA, `issuer` is the pair itself. */
static int fill_pair(struct pair *pair, const struct pair *issuer, const char *name, unsigned days,
                     const struct extension *extensions, size_t count)
{
    X509 *certificate = pair->certificate;
    X509_NAME *subject = X509_get_subject_name(certificate);
    if (X509_set_version(certificate, X509_VERSION_3) != 1 || set_serial(certificate) != 0 ||
        X509_gmtime_adj(X509_getm_notBefore(certificate), -BACKDATED_S) == NULL ||
        X509_gmtime_adj(X509_getm_notAfter(certificate), (long)days * DAY_S) == NULL ||
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1,
                                   -1, 0) != 1 ||
        X509_set_issuer_name(certificate, X509_get_subject_name(issuer->certificate)) != 1 ||
        X509_set_pubkey(certificate, pair->key) != 1) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (add_extension(certificate, issuer->certificate, extensions[i].kind,
                          extensions[i].value) != 0) {
            return -1;
        }
    }
    return X509_sign(certificate, issuer->key, EVP_sha256()) > 0 ? 0 : -1;
}

static int make_pair(struct pair *out, const struct pair *issuer, const char *name, unsigned days,
                     const struct extension *extensions, size_t count)
{
    out->key = EVP_EC_gen("P-256");
    out->certificate = X509_new();
    if (out->key == NULL || out->certificate == NULL) {
        return -1;
    }
    return fill_pair(out, issuer != NULL ? issuer : out, name, days, extensions, count);
}

/*
 * Appends `DNS:localhost,IP:127.0.0.1`.  OpenSSL accepts any bytes as a DNS name, which no client
 * would match, and reads a comma as the start of another name.  A name with bytes outside of
 * `allowed` therefore fails.
 */
static void append_names(struct moor_buf *out, const char *kind, const char *allowed,
                         const struct moor_option_list *names)
{
    for (size_t i = 0; i < names->count; i++) {
        out->failed = out->failed || names->items[i][strspn(names->items[i], allowed)] != '\0';
        moor_buf_printf(out, "%s%s:%s", out->len > 0 ? "," : "", kind, names->items[i]);
    }
}

/*
 * Writes a name that no earlier CA has.  In a bundle with two CAs of one name, OpenSSL tries only
 * the first, and rejects certificates of the other.
 */
static int name_authority(char out[64])
{
    unsigned char id[CA_ID_BYTES];
    if (RAND_bytes(id, sizeof id) != 1) {
        return -1;
    }
    (void)snprintf(out, 64, CA_NAME " %02x%02x%02x%02x", id[0], id[1], id[2], id[3]);
    return 0;
}

/*
 * The key of the CA is never written: a second certificate cannot be signed with it.  Strict
 * verifiers require the identifiers of both keys in the leaf (RFC 5280, section 4.2.1).
 */
static int make_pairs(struct pair *authority, struct pair *leaf, const struct values *values)
{
    static const struct extension ca[] = {
        {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
        {NID_key_usage, "critical,keyCertSign,cRLSign"},
        {NID_subject_key_identifier, "hash"},
    };
    struct moor_buf names;
    moor_buf_init(&names, NAMES_MAX);
    append_names(&names, "DNS", IN_NAMES "-_*", &values->dns);
    append_names(&names, "IP", IN_NAMES ":", &values->ip);
    moor_buf_append_byte(&names, '\0');
    const struct extension server[] = {
        {NID_basic_constraints, "critical,CA:FALSE"},
        {NID_key_usage, "critical,digitalSignature"},
        {NID_ext_key_usage, "serverAuth"},
        {NID_subject_alt_name, names.ptr},
        {NID_subject_key_identifier, "hash"},
        {NID_authority_key_identifier, "keyid:always"},
    };
    char name[64];
    int status =
        names.failed || name_authority(name) != 0 ||
                make_pair(authority, NULL, name, values->days, ca, MOOR_ARRAY_SIZE(ca)) != 0 ||
                make_pair(leaf, authority, "tagmoor", values->days, server,
                          MOOR_ARRAY_SIZE(server)) != 0
            ? -1
            : 0;
    moor_buf_release(&names);
    return status;
}

/* Returns NULL unless tls.crt is a regular file, because a FIFO would keep the command waiting. */
static FILE *open_certificate(int folder)
{
    struct stat status;
    int fd = openat(folder, "tls.crt", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    bool is_file = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    FILE *file = is_file ? fdopen(fd, "r") : NULL;
    if (fd >= 0 && file == NULL) {
        (void)close(fd);
    }
    return file;
}

/* The issuer's name identifies a certificate of an earlier run. */
static bool is_throw_away(int folder)
{
    char name[128] = "";
    FILE *file = open_certificate(folder);
    X509 *certificate = file != NULL ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    if (certificate != NULL) {
        (void)X509_NAME_oneline(X509_get_issuer_name(certificate), name, sizeof name);
    }
    X509_free(certificate);
    if (file != NULL) {
        (void)fclose(file);
    }
    return strncmp(name, "/CN=" CA_NAME " ", strlen("/CN=" CA_NAME " ")) == 0;
}

/* Returns the name of a file that this command did not create and would overwrite, or NULL. */
static const char *find_precious(int folder)
{
    static const char *const names[] = {"tls.key", "tls.crt", "ca.crt"};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(names); i++) {
        if (faccessat(folder, names[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
            return is_throw_away(folder) ? NULL : names[i];
        }
    }
    return NULL;
}

/*
 * Writes a file completely or not at all, and replaces an earlier file.  The rename is atomic for a
 * server that watches the file, and O_EXCL does not follow a link that another user planted.
 */
static int write_file(int folder, const char *name, mode_t mode, BIO *content)
{
    char temporary[64];
    char *bytes = NULL;
    long len = BIO_get_mem_data(content, &bytes);
    (void)snprintf(temporary, sizeof temporary, ".%s.new", name);
    (void)unlinkat(folder, temporary, 0);
    int fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) {
        return -1;
    }
    bool is_written = len > 0 && write(fd, bytes, (size_t)len) == len;
    is_written = close(fd) == 0 && is_written;
    if (!is_written || renameat(folder, temporary, folder, name) != 0) {
        (void)unlinkat(folder, temporary, 0);
        return -1;
    }
    return 0;
}

static int write_certificate(int folder, const char *name, X509 *certificate)
{
    BIO *content = BIO_new(BIO_s_mem());
    int status = content != NULL && PEM_write_bio_X509(content, certificate) == 1
                     ? write_file(folder, name, 0644, content)
                     : -1;
    BIO_free(content);
    return status;
}

static int write_key(int folder, const char *name, EVP_PKEY *key)
{
    BIO *content = BIO_new(BIO_s_mem());
    int status = content != NULL &&
                         PEM_write_bio_PKCS8PrivateKey(content, key, NULL, NULL, 0, NULL, NULL) == 1
                     ? write_file(folder, name, 0600, content)
                     : -1;
    BIO_free(content);
    return status;
}

/* Prints the CA in base64 on one line, the form of caBundle in a webhook configuration. */
static int print_bundle(X509 *certificate)
{
    BIO *pem = BIO_new(BIO_s_mem());
    int status = -1;
    if (pem != NULL && PEM_write_bio_X509(pem, certificate) == 1) {
        char *bytes = NULL;
        long len = BIO_get_mem_data(pem, &bytes);
        size_t room = ((size_t)len + 2) / 3 * 4 + 1;
        unsigned char *encoded = malloc(room);
        if (encoded != NULL) {
            (void)EVP_EncodeBlock(encoded, (const unsigned char *)bytes, (int)len);
            (void)printf("caBundle: %s\n", (char *)encoded);
            status = 0;
        }
        free(encoded);
    }
    BIO_free(pem);
    return status;
}

static int write_all(int folder, const char *path, const struct values *values)
{
    struct pair authority = {0};
    struct pair leaf = {0};
    int status = MOOR_EXIT_CLEAN;
    if (make_pairs(&authority, &leaf, values) != 0) {
        const char *reason = ERR_reason_error_string(ERR_peek_last_error());
        status =
            moor_command_fail("certs: cannot create the certificates (%s): check the names and "
                              "addresses",
                              reason != NULL ? reason : "unknown reason");
    } else if (write_certificate(folder, "ca.crt", authority.certificate) != 0 ||
               write_key(folder, "tls.key", leaf.key) != 0 ||
               write_certificate(folder, "tls.crt", leaf.certificate) != 0) {
        status = moor_command_fail("certs: cannot write to '%s': %s", path, strerrordesc_np(errno));
    } else if (print_bundle(authority.certificate) != 0) {
        status = moor_command_fail("certs: no memory");
    }
    release_pair(&leaf);
    release_pair(&authority);
    return status == MOOR_EXIT_CLEAN ? moor_command_flush(status) : status;
}

static int run(const struct moor_command *command, int argc, char **argv)
{
    struct values values = {.days = 30};
    int first = 0;
    int status = 0;
    if (moor_command_parse(command, argc, argv, &values, &first, &status) != 0) {
        return status;
    }
    if (argc - first != 1) {
        return moor_command_misused(command, "expected one DIRECTORY");
    }
    if (values.dns.count == 0 && values.ip.count == 0) {
        values.dns = (struct moor_option_list){{"localhost", "tagmoor.tagmoor.svc"}, 2};
        values.ip = (struct moor_option_list){{"127.0.0.1", "::1"}, 2};
    }
    const char *path = argv[first];
    if (mkdir(path, 0755) != 0 && errno != EEXIST) {
        return moor_command_fail("certs: cannot create directory '%s': %s", path,
                                 strerrordesc_np(errno));
    }
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return moor_command_fail("certs: cannot open directory '%s': %s", path,
                                 strerrordesc_np(errno));
    }
    const char *precious = find_precious(folder);
    status = precious != NULL
                 ? moor_command_fail("certs: '%s' contains a %s that 'tagmoor certs' did not "
                                     "create: use another directory",
                                     path, precious)
                 : write_all(folder, path, &values);
    (void)close(folder);
    return status;
}

const struct moor_command moor_command_certs = {
    .name = "certs",
    .operands = "DIRECTORY",
    .completion = MOOR_COMPLETION_DIRECTORIES,
    .summary = "create a throwaway CA and certificate for trials and tests",
    .about = "Writes tls.crt, tls.key and ca.crt, and prints the CA as a caBundle line.  The\n"
             "key of the CA is discarded: in production, use cert-manager or your own CA.",
    .options = options,
    .option_count = MOOR_ARRAY_SIZE(options),
    .run = run,
};

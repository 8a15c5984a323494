#include "crypto/jobauthority.h"

#include "crypto/openssl.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace ovvoc {

namespace {

struct CertificateFree
{
    void operator()(X509 *certificate) const { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, CertificateFree>;

constexpr long day = 24 * 3600;

tl::unexpected<Error> failed()
{
    char words[256] = "";
    ERR_error_string_n(ERR_peek_last_error(), words, sizeof words);
    clearOpenSslErrors();
    return fail(ErrorCode::Internal, QStringLiteral("The job's own certificate could not be made."),
                QString::fromLatin1(words));
}

OpenSslKey newKey()
{
    return OpenSslKey(EVP_EC_gen("P-256"));
}

bool extend(X509 *certificate, X509 *issuer, int kind, const QByteArray &value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.constData());
    const bool done = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

/// A certificate for \a key, not yet signed.
Certificate begun(EVP_PKEY *key, const QByteArray &name)
{
    Certificate certificate(X509_new());
    unsigned char serial[16];
    if (!certificate || RAND_bytes(serial, sizeof serial) != 1)
        return {};
    serial[0] &= 0x7f; // positive, RFC 5280 section 4.1.2.2
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, nullptr);
    const bool numbered =
        number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
    BN_free(number);
    X509_NAME *subject = X509_get_subject_name(certificate.get());
    if (!numbered || X509_set_version(certificate.get(), X509_VERSION_3) != 1
        || !X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -day)
        || !X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 2 * day)
        || X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char *>(name.constData()),
                                      int(name.size()), -1, 0)
            != 1
        || X509_set_pubkey(certificate.get(), key) != 1)
        return {};
    return certificate;
}

/// HTTP/1.1 and nothing else: the endpoint speaks no other protocol (RFC 7301).
int chooseHttp(SSL *, const unsigned char **out, unsigned char *outSize, const unsigned char *in,
               unsigned int inSize, void *)
{
    static const unsigned char ours[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char *chosen = nullptr;
    if (SSL_select_next_proto(&chosen, outSize, ours, sizeof ours, in, inSize)
        != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

} // namespace

struct JobAuthority::Identity
{
    OpenSslKey key;
    Certificate certificate;
};

JobAuthority::JobAuthority()
    : m_identity(std::make_unique<Identity>())
{ }

JobAuthority::~JobAuthority()
{
    for (SSL_CTX *context : std::as_const(m_contexts))
        SSL_CTX_free(context);
}

Result<std::shared_ptr<JobAuthority>> JobAuthority::make()
{
    std::shared_ptr<JobAuthority> authority(new JobAuthority);
    Identity &own = *authority->m_identity;
    own.key = newKey();
    if (!own.key)
        return failed();
    own.certificate = begun(own.key.get(), "Ovvoc, for one job");
    X509 *certificate = own.certificate.get();
    if (!certificate || X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) != 1
        || !extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
        || !extend(certificate, certificate, NID_key_usage, "critical,keyCertSign")
        || !extend(certificate, certificate, NID_subject_key_identifier, "hash")
        || X509_sign(certificate, own.key.get(), EVP_sha256()) == 0)
        return failed();
    BIO *memory = BIO_new(BIO_s_mem());
    if (!memory || PEM_write_bio_X509(memory, certificate) != 1) {
        BIO_free(memory);
        return failed();
    }
    char *text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    authority->m_pem = QByteArray(text, qsizetype(size));
    BIO_free(memory);
    return authority;
}

Result<SSL_CTX *> JobAuthority::contextFor(const QString &host)
{
    if (SSL_CTX *known = m_contexts.value(host))
        return known;
    const OpenSslKey key = newKey();
    if (!key)
        return failed();
    // A common name has at most 64 characters; what counts is the subject's alternative name.
    const Certificate certificate = begun(key.get(), "Ovvoc gate");
    X509 *issuer = m_identity->certificate.get();
    if (!certificate || X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer)) != 1
        || !extend(certificate.get(), issuer, NID_basic_constraints, "critical,CA:FALSE")
        || !extend(certificate.get(), issuer, NID_key_usage, "critical,digitalSignature")
        || !extend(certificate.get(), issuer, NID_ext_key_usage, "serverAuth")
        || !extend(certificate.get(), issuer, NID_subject_alt_name, "DNS:" + host.toLatin1())
        || !extend(certificate.get(), issuer, NID_authority_key_identifier, "keyid:always")
        || X509_sign(certificate.get(), m_identity->key.get(), EVP_sha256()) == 0)
        return failed();
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1
        || SSL_CTX_use_certificate(context, certificate.get()) != 1
        || SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
        SSL_CTX_free(context);
        return failed();
    }
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(context, chooseHttp, nullptr);
    m_contexts.insert(host, context);
    return context;
}

} // namespace ovvoc

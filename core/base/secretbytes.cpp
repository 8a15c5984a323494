#include "base/secretbytes.h"

#include <algorithm>
#include <openssl/crypto.h>
#include <utility>

namespace ovvoc {

SecretBytes::SecretBytes(std::span<const char> bytes)
    : m_data(std::make_unique<char[]>(bytes.size()))
    , m_size(bytes.size())
{
    std::copy(bytes.begin(), bytes.end(), m_data.get());
}

SecretBytes SecretBytes::takeFrom(QByteArray &source)
{
    SecretBytes secret(std::span<const char>(source.constData(), std::size_t(source.size())));
    OPENSSL_cleanse(source.data(), std::size_t(source.size()));
    source.clear();
    return secret;
}

SecretBytes::SecretBytes(SecretBytes &&other) noexcept
    : m_data(std::move(other.m_data))
    , m_size(std::exchange(other.m_size, 0))
{ }

SecretBytes &SecretBytes::operator=(SecretBytes &&other) noexcept
{
    if (this != &other) {
        wipe();
        m_data = std::move(other.m_data);
        m_size = std::exchange(other.m_size, 0);
    }
    return *this;
}

SecretBytes::~SecretBytes()
{
    wipe();
}

void SecretBytes::wipe() noexcept
{
    if (m_data)
        OPENSSL_cleanse(m_data.get(), m_size);
}

} // namespace ovvoc

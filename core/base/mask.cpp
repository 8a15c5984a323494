#include "base/mask.h"

#include <QByteArrayList>
#include <algorithm>
#include <cstring>

namespace ovvoc {

namespace {

/// Something may still be about to log a token that has just died.
constexpr auto graceAfterDeath = std::chrono::minutes(10);

QByteArray percentEncoded(const QByteArray &raw)
{
    return raw.toPercentEncoding();
}

/// The base64 characters that \a raw alone decides when it stands at byte \a offset (0..2) of a
/// group of three: the first and last characters also depend on its neighbours and are left out.
QByteArray base64At(const QByteArray &raw, int offset, QByteArray::Base64Options options)
{
    const QByteArray padded = QByteArray(offset, '\0') + raw;
    QByteArray text = padded.toBase64(options | QByteArray::OmitTrailingEquals);
    static constexpr int dependentStart[3] = {0, 2, 3};
    text.remove(0, dependentStart[offset]);
    if (padded.size() % 3 != 0)
        text.chop(1);
    return text;
}

} // namespace

void SecretMask::add(const SecretBytes &secret, Clock::duration lifetime)
{
    if (secret.size() < minimumLength)
        return;
    QByteArray raw(secret.bytes().data(), qsizetype(secret.size()));
    QList<QByteArray> shapes{raw, percentEncoded(raw)};
    for (int offset = 0; offset < 3; ++offset) {
        shapes << base64At(raw, offset, QByteArray::Base64Encoding);
        shapes << base64At(raw, offset, QByteArray::Base64UrlEncoding);
    }
    const auto now = Clock::now();
    const bool lasts = lifetime == Clock::duration::max();
    const auto forgetAt = lasts ? Clock::time_point::max() : now + lifetime + graceAfterDeath;
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_patterns, [&](const Pattern &p) { return p.forgetAt < now; });
    for (QByteArray &shape : shapes) {
        const auto same = [&](const Pattern &p) {
            return p.bytes.size() == std::size_t(shape.size())
                && std::memcmp(p.bytes.bytes().data(), shape.constData(), p.bytes.size()) == 0;
        };
        if (std::none_of(m_patterns.begin(), m_patterns.end(), same))
            m_patterns.push_back({SecretBytes::takeFrom(shape), forgetAt});
    }
    // Longest first, so that a secret that contains another one is taken out whole.
    std::sort(m_patterns.begin(), m_patterns.end(),
              [](const Pattern &a, const Pattern &b) { return a.bytes.size() > b.bytes.size(); });
    SecretBytes::takeFrom(raw);
}

QByteArray SecretMask::masked(const QByteArray &text) const
{
    const std::lock_guard lock(m_mutex);
    QByteArray result = text;
    for (const Pattern &pattern : m_patterns) {
        const QByteArrayView needle(pattern.bytes.bytes().data(), qsizetype(pattern.bytes.size()));
        for (qsizetype at = result.indexOf(needle); at >= 0; at = result.indexOf(needle, at + 3))
            result.replace(at, needle.size(), "***");
    }
    return result;
}

qsizetype SecretMask::openTail(const QByteArray &text) const
{
    const std::lock_guard lock(m_mutex);
    qsizetype longest = 0;
    for (const Pattern &pattern : m_patterns) {
        const auto bytes = pattern.bytes.bytes();
        for (qsizetype n = std::min(qsizetype(bytes.size()) - 1, text.size()); n > longest; --n) {
            if (std::memcmp(text.constData() + text.size() - n, bytes.data(), std::size_t(n))
                == 0) {
                longest = n;
                break;
            }
        }
    }
    return longest;
}

QByteArray StreamMask::next(const QByteArray &chunk)
{
    const QByteArray clean = m_mask->masked(m_held + chunk);
    const qsizetype tail = m_mask->openTail(clean);
    m_held = clean.right(tail);
    return clean.chopped(tail);
}

QByteArray StreamMask::finish()
{
    const QByteArray held = std::exchange(m_held, {});
    // The better part of a secret whose end never came is still one.
    return held.size() >= qsizetype(SecretMask::minimumLength) ? QByteArray("***") : held;
}

} // namespace ovvoc

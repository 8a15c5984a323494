#pragma once

#include "base/secretbytes.h"

#include <QByteArray>
#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

namespace ovvoc {

/// The secrets that must never be seen in a log, and the one place that takes them out.
///
/// Each registered secret is known in four shapes: raw, base64 (standard and URL alphabet, at each
/// of the three byte alignments it can have inside a longer text), and percent-encoded.
/// Thread-safe: secrets are added on the core thread while any thread logs.
class SecretMask
{
public:
    /// Secrets shorter than this are not registered: masking them would tear ordinary text.
    static constexpr std::size_t minimumLength = 8;

    using Clock = std::chrono::steady_clock;
    /// \a lifetime: how long the secret is worth anything. It is forgotten some time after that, so
    /// that a program which runs for weeks does not look for thousands of dead tokens.
    void add(const SecretBytes &secret, Clock::duration lifetime = Clock::duration::max());
    /// \a text with every registered secret replaced by "***".
    QByteArray masked(const QByteArray &text) const;

    /// The length of the longest end of \a text that could be the beginning of a secret.
    qsizetype openTail(const QByteArray &text) const;

private:
    struct Pattern
    {
        SecretBytes bytes;
        Clock::time_point forgetAt;
    };
    mutable std::mutex m_mutex;
    std::vector<Pattern> m_patterns;
};

/// Masks a stream that arrives in pieces: a secret cut over two chunks is found all the same.
class StreamMask
{
public:
    explicit StreamMask(std::shared_ptr<const SecretMask> mask)
        : m_mask(std::move(mask))
    { }
    /// What may be shown after \a chunk arrived. Holds back at most one secret's length.
    QByteArray next(const QByteArray &chunk);
    /// The rest, when the stream has ended.
    QByteArray finish();

private:
    std::shared_ptr<const SecretMask> m_mask;
    QByteArray m_held;
};

} // namespace ovvoc

#pragma once

#include <QByteArray>
#include <cstddef>
#include <memory>
#include <span>

namespace ovvoc {

/// A secret in memory: owns its buffer, cannot be copied, printed or converted silently, and is
/// overwritten before it is freed. Movable between threads like any value.
class SecretBytes
{
public:
    SecretBytes() = default;
    explicit SecretBytes(std::span<const char> bytes);
    /// Takes the bytes of \a source and overwrites them there. \a source must not share its data
    /// with another QByteArray: a shared one is copied and only the copy could be wiped.
    static SecretBytes takeFrom(QByteArray &source);

    SecretBytes(SecretBytes &&other) noexcept;
    SecretBytes &operator=(SecretBytes &&other) noexcept;
    SecretBytes(const SecretBytes &) = delete;
    SecretBytes &operator=(const SecretBytes &) = delete;
    ~SecretBytes();

    bool isEmpty() const { return m_size == 0; }
    std::size_t size() const { return m_size; }
    std::span<const char> bytes() const { return {m_data.get(), m_size}; }
    SecretBytes clone() const { return SecretBytes(bytes()); }

private:
    void wipe() noexcept;
    std::unique_ptr<char[]> m_data;
    std::size_t m_size = 0;
};

} // namespace ovvoc

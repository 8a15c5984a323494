// The host's end of the HTTP/2 connection out of a cell, with a gate behind it that allows nothing:
// whatever the cell sends, the link ends or goes on, and no request gets through.

#include "cell/link.h"
#include "gate/gate.h"

#include <QCoreApplication>
#include <QIODevice>
#include <cstdlib>

using namespace ovvoc;

namespace {

/// What a cell sent, and nowhere for what goes back.
class CellBytes final : public QIODevice
{
public:
    explicit CellBytes(QByteArray bytes)
        : m_bytes(std::move(bytes))
    {
        open(QIODevice::ReadWrite | QIODevice::Unbuffered);
    }
    bool isSequential() const override { return true; }
    qint64 bytesAvailable() const override { return m_bytes.size() + QIODevice::bytesAvailable(); }
    void wake() { emit readyRead(); }

protected:
    qint64 readData(char *data, qint64 maximum) override
    {
        const qint64 size = std::min<qint64>(maximum, m_bytes.size());
        std::copy_n(m_bytes.constData(), size, data);
        m_bytes.remove(0, size);
        return size;
    }
    qint64 writeData(const char *, qint64 size) override { return size; }

private:
    QByteArray m_bytes;
};

class NoNames final : public Resolver
{
public:
    TaskResult<QList<QHostAddress>> resolve(QString) override
    {
        std::abort(); // nothing is allowed, so nothing is looked up
        co_return QList<QHostAddress>{};
    }
};

QByteArray frame(const QByteArray &payload)
{
    QByteArray header(8, '\0');
    header[0] = 1; // stdout
    for (int i = 0; i < 4; ++i)
        header[4 + i] = char(quint32(payload.size()) >> (24 - 8 * i));
    return header + payload;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int argc = 1;
    static char name[] = "fuzz", *argv[] = {name, nullptr};
    static QCoreApplication app(argc, argv);
    // The client's preface and its SETTINGS (RFC 9113 section 3.4), so that frames are reached.
    static const QByteArray preface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
    const QByteArray bytes(reinterpret_cast<const char *>(data), qsizetype(size));
    auto device = std::make_unique<CellBytes>(frame(preface) + frame(bytes));
    CellBytes *cell = device.get();
    Gate gate(std::make_shared<NoNames>(), ProxySetting{ProxySetting::Mode::Off, {}, 0});
    gate.open({});
    CellLink link(std::make_unique<ByteStream>(std::move(device)), &gate);
    cell->wake();
    for (int i = 0; i < 8; ++i) {
        QCoreApplication::processEvents();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
    return 0;
}

#pragma once

#include "gate/gitupstream.h"

#include <QHostAddress>
#include <QNetworkRequest>

class QNetworkAccessManager;
class QNetworkReply;

namespace ovvoc {

/// One file of Git LFS from a server: asks its batch API with the repository's own credential, and
/// reads the file from where that says, with what that says and nothing else. That place is https,
/// and no private address unless it is the server itself. The bytes are not checked here: whoever
/// asked knows their SHA-256.
/// https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md
class LfsDownload final : public GitExchange
{
public:
    /// \a batch: a request to ".../info/lfs/objects/batch" that carries the credential.
    LfsDownload(std::shared_ptr<QNetworkAccessManager> network, const QNetworkRequest &batch,
                const GitRequest &object);
    ~LfsDownload() override;
    void write(const QByteArray &bytes) override { emit taken(bytes.size()); }
    void endInput() override { }
    void setPaused(bool paused) override;

private:
    struct LaterDeleter
    {
        void operator()(QNetworkReply *reply) const;
    };
    void ask();
    void readBatch();
    void readPlace(const QByteArray &json);
    void connectTo(const QHostAddress &address);
    void fetch();
    void forward();
    void giveUp(const QString &message);
    std::shared_ptr<QNetworkAccessManager> m_network;
    QNetworkRequest m_batch, m_place;
    QByteArray m_id, m_answer;
    qint64 m_size, m_received = 0;
    std::unique_ptr<QNetworkReply, LaterDeleter> m_reply;
    bool m_headSent = false, m_paused = false, m_finished = false, m_done = false;
};

} // namespace ovvoc

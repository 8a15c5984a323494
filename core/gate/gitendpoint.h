#pragma once

#include "gate/gate.h"

#include <QElapsedTimer>
#include <QTimer>

namespace ovvoc {

/// What the git endpoint was asked for, or why not. Exactly three requests exist:
/// `GET /git/info/refs?service=git-upload-pack`, `POST /git/git-upload-pack`, and of a file that is
/// kept in Git LFS `GET /git/lfs/<SHA-256>/<size>`.
Result<GitRequest> parseGitRequest(const LinkStream &stream);

/// One request to the git endpoint under way: joins the cell's stream and the forge's exchange,
/// with backpressure both ways. Deletes itself.
class GitEndpoint : public QObject
{
    Q_OBJECT
public:
    GitEndpoint(Gate *gate, LinkStream *stream, std::unique_ptr<GitExchange> exchange,
                EgressRow row);

    /// Ends both sides at once, because the gate or the git endpoint closes.
    void cutOff();

private:
    void end(EgressRow::Verdict verdict, const QString &reason);
    void report();
    Gate *m_gate;
    QPointer<LinkStream> m_stream;
    std::unique_ptr<GitExchange> m_exchange;
    EgressRow m_row;
    QElapsedTimer m_clock;
    QTimer m_reporter;
    bool m_ended = false;
};

} // namespace ovvoc

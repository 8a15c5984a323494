#include "gate/resolver.h"

#include "base/completion.h"

#include <QHostInfo>

namespace ovvoc {

TaskResult<QList<QHostAddress>> SystemResolver::resolve(QString host)
{
    using Answer = Result<QList<QHostAddress>>;
    Completion<Answer> done;
    QObject context;
    QHostInfo::lookupHost(host, &context, [done, host](const QHostInfo &info) {
        if (info.error() != QHostInfo::NoError || info.addresses().isEmpty())
            done.set(fail(ErrorCode::NetworkDown,
                          QStringLiteral("The name %1 cannot be resolved. Check this machine's "
                                         "network and DNS.")
                              .arg(host),
                          info.errorString()));
        else
            done.set(info.addresses());
    });
    QTimer::singleShot(10'000, &context, [done, host] {
        done.set(fail(ErrorCode::Timeout,
                      QStringLiteral("The name %1 was not resolved within 10 s.").arg(host)));
    });
    co_return co_await done;
}

} // namespace ovvoc

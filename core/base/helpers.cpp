#include "base/helpers.h"

#include <QCoreApplication>
#include <QFileInfo>

namespace ovvoc {

Result<QString> findHelper(const QString &name)
{
    const QString folder = QCoreApplication::applicationDirPath();
    for (const char *place : {"/", "/../libexec/ovvoc/", "/../lib/ovvoc/"}) {
        const QFileInfo file(folder + QLatin1String(place) + name);
        if (file.isFile() && file.isExecutable())
            return file.absoluteFilePath();
    }
    return fail(ErrorCode::NotFound,
                QCoreApplication::translate(
                    "Helpers", "%1 is not beside the program. Install the program again.")
                    .arg(name));
}

} // namespace ovvoc

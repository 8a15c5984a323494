#include "engine/images/imagedefinition.h"

#include <QFile>
#include <QSysInfo>
#include <yaml-cpp/yaml.h>

namespace ovvoc {

namespace {

QString text(const YAML::Node &node)
{
    return QString::fromStdString(node.as<std::string>());
}

} // namespace

Result<ImageDefinition> parseImageDefinition(const QByteArray &yaml, const QString &architecture)
{
    try {
        const YAML::Node root = YAML::Load(yaml.toStdString());
        ImageDefinition definition;
        definition.name = text(root["image"]);
        definition.base = text(root["base"]);
        definition.suite = text(root["debian"]["suite"]);
        for (const YAML::Node &item : root["debian"]["include"])
            definition.include << text(item);
        const YAML::Node packages = root["packages"][architecture.toStdString()];
        if (!packages.IsDefined())
            return fail(ErrorCode::Unsupported,
                        QStringLiteral("There is no job image for %1 machines.").arg(architecture));
        for (const YAML::Node &item : packages)
            definition.packages << ImagePackage{text(item["name"]), text(item["version"]),
                                                text(item["integrity"]), text(item["place"])};
        return definition;
    } catch (const YAML::Exception &problem) {
        return fail(ErrorCode::InvalidInput,
                    QStringLiteral("The image definition cannot be read: line %1: %2.")
                        .arg(problem.mark.line + 1)
                        .arg(QString::fromStdString(problem.msg)));
    }
}

Result<ImageDefinition> builtinImageDefinition(const QString &name)
{
    QFile file(name == QLatin1String("npm") ? QStringLiteral(":/ecosystems/node/image.yml")
                                            : ":/images/" + name);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::NotFound, QStringLiteral("There is no image \"%1\".").arg(name));
    const QString cpu = QSysInfo::currentCpuArchitecture();
    return parseImageDefinition(file.readAll(),
                                cpu == QLatin1String("x86_64") ? QStringLiteral("amd64") : cpu);
}

} // namespace ovvoc

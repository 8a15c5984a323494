#pragma once

#include "engine/engineclient.h"
#include "engine/images/imagedefinition.h"

#include <functional>

namespace ovvoc {

/// A job image that is ready for use.
struct JobImage
{
    QString id; ///< "sha256:…": cells are made from this, and it is recorded with each job
    QString reference; ///< name and tag, for people
    QString base; ///< what it was built on: an image digest, or the Debian suite
    bool operator==(const JobImage &) const = default;
};

/// Prepares job images, and finds those that are prepared. An image is named after a fingerprint
/// of everything that goes into it (definition, cell-init, this machine's CA certificates), so
/// nothing is rebuilt or downloaded while that stays the same.
/// Lives on the core thread.
class ImageStore
{
public:
    using Progress = std::function<void(const QString &)>;
    /// \a cellInit: path of the cell-init binary that goes into every image.
    ImageStore(std::shared_ptr<EngineClient> engine, QString cellInit);

    /// The prepared image; ImageMissing when it has to be prepared first.
    TaskResult<JobImage> find(ImageDefinition definition);
    /// Finds or prepares it. Needs npm on this machine, and mmdebstrap where no image can be
    /// pulled. Errors: NotFound (a tool is missing), NetworkDown, DiskFull, EngineRefused.
    TaskResult<JobImage> prepare(ImageDefinition definition, Progress progress,
                                 std::shared_ptr<Stopper> stopper = {});

private:
    TaskResult<QString> prepareBase(ImageDefinition definition, Progress progress,
                                    std::shared_ptr<Stopper> stopper);
    TaskResult<> bootstrap(ImageDefinition definition, QString reference, Progress progress,
                           std::shared_ptr<Stopper> stopper);
    TaskResult<> stageOverlay(ImageDefinition definition, QString folder, Progress progress,
                              std::shared_ptr<Stopper> stopper);
    Result<QString> fingerprint(const ImageDefinition &definition) const;
    std::shared_ptr<EngineClient> m_engine;
    QString m_cellInit;
};

} // namespace ovvoc

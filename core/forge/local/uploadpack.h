#pragma once

#include "gate/gitupstream.h"

namespace ovvoc {

/// Serves a repository on disk with `git upload-pack --stateless-rpc`, which only reads, and the
/// LFS objects that lie in its git directory.
/// git's output is taken from a socket pair with a bounded buffer, so that a large repository and
/// a slow cell do not fill this program's memory.
class UploadPack final : public GitUpstream
{
public:
    explicit UploadPack(QString repositoryPath)
        : m_path(std::move(repositoryPath))
    { }
    std::unique_ptr<GitExchange> open(const GitRequest &request) override;
    QString name() const override;

private:
    QString m_path;
};

} // namespace ovvoc

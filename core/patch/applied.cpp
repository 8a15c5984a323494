#include "patch/applied.h"

#include "patch/libgit.h"

#include <QCoreApplication>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>

namespace ovvoc {

namespace {

using GitOdb = GitPointer<git_odb, git_odb_free>;

QString tr(const char *text)
{
    return QCoreApplication::translate("Patch", text);
}

QString hex(const git_oid *id)
{
    char text[GIT_OID_HEXSZ + 1];
    return QString::fromLatin1(git_oid_tostr(text, sizeof text, id));
}

tl::unexpected<Error> unreadable()
{
    return fail(ErrorCode::PolicyViolation, tr("The patch cannot be read."), lastGitError());
}

/// A repository that exists in memory only.
struct MemoryRepository
{
    GitOdb odb;
    GitRepository repository;
};

Result<MemoryRepository> newMemoryRepository()
{
    ensureLibgit();
    MemoryRepository memory;
    git_odb_backend *backend = nullptr;
    if (gitCall(memory.odb, git_odb_new) != 0 || git_mempack_new(&backend) != 0
        || git_odb_add_backend(memory.odb.get(), backend, 1) != 0
        || gitCall(memory.repository, git_repository_wrap_odb, memory.odb.get()) != 0)
        return fail(ErrorCode::OutOfMemory, tr("There is not enough memory."), lastGitError());
    return memory;
}

} // namespace

QString blobId(const QByteArray &content)
{
    ensureLibgit();
    git_oid id;
    if (git_odb_hash(&id, content.constData(), std::size_t(content.size()), GIT_OBJECT_BLOB) != 0)
        return {};
    return hex(&id);
}

Result<QHash<QString, QString>> baseBlobs(const SealedPatch &patch)
{
    ensureLibgit();
    GitDiff diff;
    if (gitCall(diff, git_diff_from_buffer, patch.diff.constData(), std::size_t(patch.diff.size()))
        != 0)
        return unreadable();
    QHash<QString, QString> blobs;
    for (std::size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i) {
        const git_diff_delta *delta = git_diff_get_delta(diff.get(), i);
        const bool added = delta->status == GIT_DELTA_ADDED;
        if (!added && delta->old_file.id_abbrev != GIT_OID_HEXSZ)
            return unreadable();
        blobs.insert(QString::fromUtf8(delta->new_file.path),
                     added ? QString() : hex(&delta->old_file.id));
    }
    return blobs;
}

Result<QList<AppliedFile>> applyInMemory(const SealedPatch &patch,
                                         const QHash<QString, BaseFile> &base)
{
    OVVOC_TRY(memory, newMemoryRepository());
    OVVOC_TRY(before, baseBlobs(patch));
    GitIndex index;
    if (gitCall(index, git_index_new) != 0)
        return unreadable();
    for (auto it = before.begin(); it != before.end(); ++it) {
        if (it.value().isEmpty())
            continue;
        const BaseFile file = base.value(it.key());
        git_index_entry entry = {};
        const QByteArray path = it.key().toUtf8();
        entry.path = path.constData();
        entry.mode = file.mode;
        if (git_blob_create_from_buffer(&entry.id, memory.repository.get(),
                                        file.content.constData(), std::size_t(file.content.size()))
                != 0
            || git_index_add(index.get(), &entry) != 0)
            return unreadable();
        if (!base.contains(it.key()) || hex(&entry.id) != it.value())
            return fail(
                ErrorCode::Conflict,
                tr("\"%1\" has changed since the job began. Run the update again.").arg(it.key()));
    }
    git_oid treeId;
    GitTree tree;
    GitDiff diff;
    GitIndex result;
    const git_apply_options *noOptions = nullptr;
    if (git_index_write_tree_to(&treeId, index.get(), memory.repository.get()) != 0
        || gitCall(tree, git_tree_lookup, memory.repository.get(), &treeId) != 0
        || gitCall(diff, git_diff_from_buffer, patch.diff.constData(),
                   std::size_t(patch.diff.size()))
            != 0)
        return unreadable();
    if (gitCall(result, git_apply_to_tree, memory.repository.get(), tree.get(), diff.get(),
                noOptions)
        != 0)
        return fail(ErrorCode::Conflict,
                    tr("The patch does not apply to the base any more. Run the update again."),
                    lastGitError());
    QList<AppliedFile> files;
    for (std::size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i) {
        const git_diff_delta *delta = git_diff_get_delta(diff.get(), i);
        const git_index_entry *entry = git_index_get_bypath(result.get(), delta->new_file.path, 0);
        const QString path = QString::fromUtf8(delta->new_file.path);
        if (!entry || delta->new_file.id_abbrev != GIT_OID_HEXSZ
            || git_oid_cmp(&entry->id, &delta->new_file.id) != 0)
            return fail(ErrorCode::PolicyViolation,
                        tr("The update was stopped: \"%1\" does not become what the sealed patch "
                           "says.")
                            .arg(path));
        using GitBlob = GitPointer<git_blob, git_blob_free>;
        GitBlob blob;
        if (gitCall(blob, git_blob_lookup, memory.repository.get(), &entry->id) != 0)
            return unreadable();
        AppliedFile file;
        file.path = path;
        file.mode = entry->mode;
        file.content = QByteArray(static_cast<const char *>(git_blob_rawcontent(blob.get())),
                                  qsizetype(git_blob_rawsize(blob.get())));
        file.blob = hex(&entry->id);
        files << file;
    }
    return files;
}

} // namespace ovvoc

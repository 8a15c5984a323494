#include "patch/sealedpatch.h"

#include "patch/libgit.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <algorithm>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Patch", text);
}

tl::unexpected<Error> violation(const QString &path, const QString &why)
{
    return fail(ErrorCode::PolicyViolation,
                tr("The update was stopped: the patch touches \"%1\", %2. Nothing was proposed.")
                    .arg(path.left(200), why));
}

bool sameText(const char *a, const char *b)
{
    return a && b && qstrcmp(a, b) == 0;
}

Result<FileChange> readDelta(git_diff *diff, std::size_t index)
{
    GitPatch patch;
    if (gitCall(patch, git_patch_from_diff, diff, index) != 0 || !patch)
        return fail(ErrorCode::PolicyViolation, tr("The patch cannot be read."), lastGitError());
    const git_diff_delta *delta = git_patch_get_delta(patch.get());
    FileChange change;
    const bool deleted = delta->status == GIT_DELTA_DELETED;
    const QByteArray name = deleted ? delta->old_file.path : delta->new_file.path;
    change.path = QString::fromUtf8(name);
    if (change.path.toUtf8() != name)
        return violation(change.path, tr("whose name is not valid UTF-8"));
    switch (delta->status) {
    case GIT_DELTA_MODIFIED:
        change.kind = FileChange::Kind::Modified;
        break;
    case GIT_DELTA_ADDED:
        change.kind = FileChange::Kind::Added;
        break;
    case GIT_DELTA_DELETED:
        change.kind = FileChange::Kind::Deleted;
        break;
    default:
        return violation(change.path, tr("in a way that is neither change, new nor removed"));
    }
    if (change.kind == FileChange::Kind::Modified
        && !sameText(delta->old_file.path, delta->new_file.path))
        return violation(change.path, tr("which it renames"));
    const auto ordinary = [](quint16 mode) { return mode == 0100644 || mode == 0100755; };
    const quint16 before = delta->old_file.mode, after = delta->new_file.mode;
    const bool hasBefore = change.kind != FileChange::Kind::Added;
    const bool hasAfter = change.kind != FileChange::Kind::Deleted;
    // A text patch without mode lines carries mode 0 on both sides: nothing changes then.
    if ((hasBefore && before != 0 && !ordinary(before))
        || (hasAfter && after != 0 && !ordinary(after)))
        return violation(change.path, tr("which is a link or a submodule"));
    if (hasBefore && hasAfter && before != after)
        return violation(change.path, tr("whose mode it changes"));
    change.binary = delta->flags & GIT_DIFF_FLAG_BINARY;
    std::size_t context = 0, added = 0, removed = 0;
    git_patch_line_stats(&context, &added, &removed, patch.get());
    change.added = int(std::min<std::size_t>(added, 1'000'000));
    change.removed = int(std::min<std::size_t>(removed, 1'000'000));
    return change;
}

/// The name a case-insensitive, Unicode-folding or 8.3 file system would see.
bool isGitFolder(QStringView component)
{
    QString plain;
    for (const QChar c : component) {
        // HFS+ ignores these, so ".g\u200cit" is ".git" there.
        if (c.category() != QChar::Other_Format && c != QChar(0x206A) && c != QChar(0xFEFF))
            plain += c;
    }
    plain = plain.toLower();
    // NTFS: trailing dots and spaces are dropped, and a stream name may follow.
    plain = plain.section(':', 0, 0);
    while (plain.endsWith('.') || plain.endsWith(' '))
        plain.chop(1);
    return plain == QLatin1String(".git") || plain == QLatin1String("git~1")
        || plain == QLatin1String(".gitmodules");
}

} // namespace

QString unsafePathReason(const QString &path)
{
    if (path.isEmpty() || path.startsWith('/') || path.contains('\\')
        || (path.size() > 1 && path[1] == ':'))
        return tr("which is not a relative path");
    if (std::any_of(path.begin(), path.end(),
                    [](QChar c) { return c.unicode() < 0x20 || c.unicode() == 0x7f; }))
        return tr("whose name has control characters");
    const auto components = QStringView(path).split('/');
    for (const QStringView component : components) {
        if (component.isEmpty() || component == u"." || component == u"..")
            return tr("which leaves the repository");
        if (isGitFolder(component))
            return tr("which belongs to git itself");
    }
    if (components.size() >= 2 && components[0].compare(u".github", Qt::CaseInsensitive) == 0
        && components[1].compare(u"workflows", Qt::CaseInsensitive) == 0)
        return tr("a workflow, which an update never changes");
    return {};
}

Result<SealedPatch> sealPatch(QByteArray diff)
{
    ensureLibgit();
    if (diff.size() > PatchLimits::bytes)
        return fail(ErrorCode::TooLarge,
                    tr("The patch is larger than %1 MiB. Update fewer packages at once.")
                        .arg(PatchLimits::bytes >> 20));
    SealedPatch patch;
    patch.sha256 = QCryptographicHash::hash(diff, QCryptographicHash::Sha256).toHex();
    if (!diff.trimmed().isEmpty()) {
        GitDiff parsed;
        if (gitCall(parsed, git_diff_from_buffer, diff.constData(), std::size_t(diff.size())) != 0)
            return fail(ErrorCode::PolicyViolation, tr("The patch cannot be read."),
                        lastGitError());
        const std::size_t count = git_diff_num_deltas(parsed.get());
        if (count > PatchLimits::files)
            return fail(ErrorCode::TooLarge,
                        tr("The patch touches more than %1 files.").arg(PatchLimits::files));
        if (count == 0)
            return fail(ErrorCode::PolicyViolation, tr("The patch cannot be read."));
        for (std::size_t i = 0; i < count; ++i) {
            OVVOC_TRY(change, readDelta(parsed.get(), i));
            const bool twice =
                std::any_of(patch.files.begin(), patch.files.end(),
                            [&](const FileChange &f) { return f.path == change.path; });
            if (twice)
                return violation(change.path, tr("which it changes twice"));
            patch.files << change;
        }
    }
    patch.diff = std::move(diff);
    return patch;
}

Result<> checkPolicy(const SealedPatch &patch, const PatchPolicy &policy)
{
    for (const FileChange &change : patch.files) {
        const QString reason = unsafePathReason(change.path);
        if (!reason.isEmpty())
            return violation(change.path, reason);
        if (!policy.mayTouch.contains(change.path))
            return violation(change.path, tr("which is not part of the plan"));
        if (change.kind == FileChange::Kind::Deleted)
            return violation(change.path, tr("which it removes"));
    }
    return {};
}

} // namespace ovvoc

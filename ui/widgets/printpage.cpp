#include "widgets/printpage.h"

#include <QAbstractTextDocumentLayout>
#include <QCoreApplication>
#include <QFile>
#include <QFont>
#include <QGuiApplication>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QTextDocument>

namespace ovvoc {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("PrintPage", text);
}

constexpr int marginMillimetres = 16, footerMillimetres = 8;
constexpr double bodyPoints = 10, footerPoints = 8;

} // namespace

Result<> printPage(const QString &html, const QString &path)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return fail(ErrorCode::ReadOnly,
                    tr("%1 cannot be written: %2").arg(path, file.errorString()));
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    {
        QPdfWriter writer(&file);
        writer.setPageSize(QPageSize(QPageSize::A4));
        writer.setPageMargins(
            QMarginsF(marginMillimetres, marginMillimetres, marginMillimetres, marginMillimetres),
            QPageLayout::Millimeter);
        writer.setResolution(300);
        writer.setCreator(QStringLiteral("Ovvoc Desktop"));
        QTextDocument document;
        document.documentLayout()->setPaintDevice(&writer);
        document.setDocumentMargin(0);
        // The program's own font has a size in pixels of the screen.
        QFont font = QGuiApplication::font();
        font.setPointSizeF(bodyPoints);
        document.setDefaultFont(font);
        document.setHtml(html);
        writer.setTitle(document.metaInformation(QTextDocument::DocumentTitle));
        const QRect paper = writer.pageLayout().paintRectPixels(writer.resolution());
        const int footer = int(footerMillimetres / 25.4 * writer.resolution());
        const QSizeF page(paper.width(), paper.height() - footer);
        document.setPageSize(page);
        QPainter painter(&writer);
        font.setPointSizeF(footerPoints);
        painter.setFont(font);
        const int pages = document.pageCount();
        for (int number = 0; number < pages; ++number) {
            if (number > 0)
                writer.newPage();
            painter.save();
            painter.translate(0, -number * page.height());
            document.drawContents(&painter,
                                  QRectF(0, number * page.height(), page.width(), page.height()));
            painter.restore();
            painter.drawText(QRectF(0, page.height(), page.width(), footer),
                             Qt::AlignRight | Qt::AlignBottom,
                             QStringLiteral("%1 / %2").arg(number + 1).arg(pages));
        }
    }
    if (!file.commit())
        return fail(ErrorCode::DiskFull,
                    tr("%1 cannot be written: %2").arg(path, file.errorString()));
    return {};
}

} // namespace ovvoc

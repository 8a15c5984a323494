#include "theme/theme.h"

#include <QApplication>
#include <QFontDatabase>
#include <QPalette>
#include <QStyleFactory>
#include <QWidget>
#include <algorithm>

namespace ovvoc {

namespace {

Theme &current()
{
    static Theme instance;
    return instance;
}

QString firstInstalled(const QStringList &families, const QString &otherwise)
{
    const QStringList installed = QFontDatabase::families();
    for (const QString &family : families) {
        if (installed.contains(family))
            return family;
    }
    return otherwise;
}

void setFonts(Theme &theme, double textScale)
{
    const QFont system = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
    theme.scale = std::clamp(
        textScale > 0 ? textScale : std::max(1.0, QFontInfo(system).pixelSize() / 13.0), 0.8, 3.0);
    theme.font = QFont(firstInstalled({"Inter", "Segoe UI", "SF Pro Text"}, system.family()));
    theme.font.setPixelSize(theme.px(13));
    theme.font.setHintingPreference(QFont::PreferNoHinting);
    theme.small = theme.font;
    theme.small.setPixelSize(theme.px(11));
    theme.strong = theme.font;
    theme.strong.setWeight(QFont::DemiBold);
    theme.title = theme.font;
    theme.title.setPixelSize(theme.px(17));
    theme.title.setWeight(QFont::DemiBold);
    theme.mono =
        QFont(firstInstalled({"JetBrains Mono", "Cascadia Mono", "SF Mono"},
                             QFontDatabase::systemFont(QFontDatabase::FixedFont).family()));
    theme.mono.setPixelSize(theme.px(12));
    theme.mono.setStyleHint(QFont::Monospace);
    theme.mono.setHintingPreference(QFont::PreferNoHinting);
    theme.mono.setFixedPitch(true);
    // A "→" or "!=" of a log must look as it was written.
    theme.mono.setStyleStrategy(QFont::PreferAntialias);
}

Theme lightTheme()
{
    Theme t;
    t.window = "#f4f5f7";
    t.panel = "#ffffff";
    t.raised = "#f7f8fa";
    t.border = "#e1e4ea";
    t.text = "#161b26";
    t.muted = "#5d6675";
    t.faint = "#c3c9d3";
    t.selection = "#e0eafc";
    t.accent = "#2260d3";
    t.onAccent = "#ffffff";
    t.good = "#157547";
    t.bad = "#bf312a";
    t.gate = "#8f5d09";
    t.sealed = "#6248c8";
    t.added = "#e3f5ea";
    t.removed = "#fbe9e8";
    return t;
}

Theme darkTheme()
{
    Theme t;
    t.dark = true;
    t.window = "#0d1015";
    t.panel = "#14171e";
    t.raised = "#1b1f28";
    t.border = "#272c36";
    t.text = "#e7eaf0";
    t.muted = "#98a1b0";
    t.faint = "#3b4250";
    t.selection = "#1d2b43";
    t.accent = "#5b96f7";
    t.onAccent = "#0b1220";
    t.good = "#43b97c";
    t.bad = "#f27068";
    t.gate = "#dba544";
    t.sealed = "#a594f5";
    t.added = "#15301f";
    t.removed = "#3a1d1f";
    return t;
}

Theme highContrastTheme()
{
    Theme t = darkTheme();
    t.highContrast = true;
    t.window = t.panel = "#000000";
    t.raised = "#1a1a1a";
    t.border = "#ffffff";
    t.text = t.muted = "#ffffff";
    t.faint = "#b0b0b0";
    t.selection = "#002a5c";
    t.accent = "#8cc8ff";
    t.onAccent = "#000000";
    t.good = "#4dff9e";
    t.bad = "#ffa199";
    t.gate = "#ffd24d";
    t.sealed = "#cbb8ff";
    t.added = "#002b14";
    t.removed = "#330808";
    return t;
}

QPalette paletteOf(const Theme &t)
{
    QPalette p;
    p.setColor(QPalette::Window, t.window);
    p.setColor(QPalette::WindowText, t.text);
    p.setColor(QPalette::Base, t.panel);
    p.setColor(QPalette::AlternateBase, t.raised);
    p.setColor(QPalette::Text, t.text);
    p.setColor(QPalette::PlaceholderText, t.muted);
    p.setColor(QPalette::Button, t.panel);
    p.setColor(QPalette::ButtonText, t.text);
    p.setColor(QPalette::Highlight, t.selection);
    p.setColor(QPalette::HighlightedText, t.text);
    p.setColor(QPalette::ToolTipBase, t.raised);
    p.setColor(QPalette::ToolTipText, t.text);
    p.setColor(QPalette::Link, t.accent);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, t.over(t.muted, 0.7));
    return p;
}

QString sheetOf(const Theme &t)
{
    QString sheet = QStringLiteral(R"(
QToolTip { background: @raised; color: @text; border: 1px solid @border; padding: 4px 6px; }
QFrame#card { background: @panel; border: 1px solid @border; border-radius: 8px; }
QFrame#sidebar { background: @panel; border: none; border-right: 1px solid @border; }
QFrame#header { background: @window; border: none; border-bottom: 1px solid @border; }
QLabel { background: transparent; }
QLabel[tone="plain"] { color: @text; }
QLabel[tone="muted"] { color: @muted; }
QLabel[tone="good"] { color: @good; }
QLabel[tone="bad"] { color: @bad; }
QLabel[tone="gate"] { color: @gate; }
QLabel[tone="sealed"] { color: @sealed; }
QLabel[tone="accent"] { color: @accent; }
QPushButton { background: @panel; border: 1px solid @border; border-radius: 6px;
    padding: 6px 14px; color: @text; }
QPushButton:hover { background: @raised; }
QPushButton:focus { border: 2px solid @accent; padding: 5px 13px; }
QPushButton:disabled { color: @muted; }
QPushButton[primary="true"] { background: @accent; border-color: @accent; color: @onAccent;
    font-weight: 600; }
QPushButton[primary="true"]:hover { background: @accentHover; }
QPushButton[primary="true"]:focus { border: 2px solid @text; }
QPushButton[primary="true"]:disabled { background: @faint; border-color: @faint; color: @muted; }
QLineEdit, QComboBox, QSpinBox, QDateEdit { background: @panel; border: 1px solid @border; border-radius: 6px;
    padding: 6px 8px; selection-background-color: @selection; selection-color: @text; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDateEdit:focus { border: 2px solid @accent; padding: 5px 7px; }
QComboBox::drop-down, QDateEdit::drop-down { border: none; width: 22px; }
QComboBox::down-arrow, QDateEdit::down-arrow { image: url(:/icons/@down); width: 10px; height: 10px; }
QComboBox QAbstractItemView { background: @panel; border: 1px solid @border; outline: none; }
QTabWidget::pane { border: none; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: @muted; padding: 9px 2px; margin-right: 18px;
    border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; font-weight: 600; }
QTabBar::tab:hover:!selected { color: @text; }
QTabBar::tab:focus { border-bottom: 2px solid @text; }
QTableView, QTreeView, QListView { background: @panel; border: none; outline: none;
    alternate-background-color: @panel; gridline-color: @border; }
QTableView::item, QTreeView::item { padding: 5px 8px; border-bottom: 1px solid @border; }
QTableView::item:selected, QTreeView::item:selected { background: @selection; color: @text; }
QHeaderView { background: @panel; }
QHeaderView::section { background: @panel; color: @muted; border: none;
    border-bottom: 1px solid @border; padding: 6px 11px; font-weight: 600; font-size: @smallpx; }
QPushButton[flat2="true"] { border: 1px solid transparent; background: transparent;
    padding: 4px 8px; text-align: left; }
QPushButton[tone="good"] { color: @good; }
QPushButton[tone="bad"] { color: @bad; }
QPushButton[tone="muted"] { color: @muted; }
QPushButton[flat2="true"]:hover { background: @raised; }
QPushButton[flat2="true"]:focus { border: 2px solid @accent; padding: 3px 7px; }
QPushButton[chip="true"] { border: 1px solid transparent; background: transparent; color: @muted;
    padding: 3px 9px; border-radius: 11px; }
QPushButton[chip="true"]:hover { color: @text; }
QPushButton[chip="true"]:checked { background: @selection; color: @text; font-weight: 600; }
QPushButton[chip="true"]:focus { border: 2px solid @accent; padding: 2px 8px; }
QPushButton[danger="true"] { color: @bad; }
QFrame#toast { background: @text; border-radius: 8px; }
QFrame#toast QLabel { color: @panel; }
QFrame#toast QPushButton { background: transparent; border: 1px solid @muted; color: @panel; }
QFrame#toast QPushButton:focus { border: 2px solid @accent; }
QFrame#banner { background: @raised; border: 1px solid @border; border-radius: 8px; }
QFrame#palette { background: @panel; border: 1px solid @muted; border-radius: 10px; }
QLabel#pill { border: 1px solid @border; border-radius: 10px; padding: 2px 9px; }
QFrame#line { background: @border; border: none; }
QDialog { background: @window; }
QProgressBar { background: @raised; border: 1px solid @border; border-radius: 4px; height: 8px;
    text-align: center; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QMenu { background: @panel; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 6px 22px; border-radius: 4px; }
QMenu::item:selected { background: @selection; color: @text; }
QMenu::separator { height: 1px; background: @border; margin: 4px 8px; }
QTableView:focus, QTreeView:focus, QListView:focus, QTextBrowser:focus { border: 1px solid @accent; }
QToolButton { border: 1px solid transparent; border-radius: 6px; padding: 4px; background: transparent; }
QToolButton:hover { background: @raised; }
QToolButton:focus { border: 2px solid @accent; }
QListView#nav { background: transparent; border: none; outline: none; }
QListView#nav::item { border-radius: 6px; padding: 7px 9px; color: @text; }
QListView#nav::item:selected { background: @selection; }
QListView#nav::item:hover:!selected { background: @raised; }
QPlainTextEdit, QTextBrowser { background: @panel; border: none;
    selection-background-color: @selection; selection-color: @text; }
QPlainTextEdit[field="true"] { border: 1px solid @border; border-radius: 6px; padding: 4px; }
QPlainTextEdit[field="true"]:focus { border: 2px solid @accent; padding: 3px; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @faint; border-radius: 4px; margin: 2px; min-height: 28px;
    min-width: 28px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: transparent; }
QCheckBox { spacing: 8px; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid @muted; border-radius: 4px;
    background: @panel; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent;
    image: url(:/icons/@check); }
QCheckBox::indicator:focus { border: 2px solid @accent; }
QCheckBox:focus { color: @accent; }
)");
    const std::pair<const char *, QColor> colours[] = {
        {"@accentHover", t.dark ? t.accent.lighter(112) : t.accent.darker(112)},
        {"@window", t.window},
        {"@panel", t.panel},
        {"@raised", t.raised},
        {"@border", t.border},
        {"@text", t.text},
        {"@muted", t.muted},
        {"@faint", t.faint},
        {"@selection", t.selection},
        {"@onAccent", t.onAccent},
        {"@accent", t.accent},
        {"@good", t.good},
        {"@bad", t.bad},
        {"@gate", t.gate},
        {"@sealed", t.sealed},
    };
    sheet.replace(QLatin1String("@down"),
                  t.highContrast ? "down-ffffff.png"
                      : t.dark   ? "down-98a1b0.png"
                                 : "down-5d6675.png");
    sheet.replace(QLatin1String("@check"), t.dark ? "check-dark.png" : "check-white.png");
    sheet.replace(QLatin1String("@small"), QString::number(t.small.pixelSize()));
    for (const auto &[name, colour] : colours)
        sheet.replace(QLatin1String(name), colour.name());
    return sheet;
}

} // namespace

QColor Theme::over(const QColor &colour, double opacity) const
{
    const auto mix = [opacity](int a, int b) { return int(a * opacity + b * (1 - opacity)); };
    return QColor(mix(colour.red(), panel.red()), mix(colour.green(), panel.green()),
                  mix(colour.blue(), panel.blue()));
}

QColor Theme::ansi(int index) const
{
    static const char *const light[] = {
        "#161b26", "#b3261e", "#16794a", "#855600", "#2463d8", "#8a3ab9", "#0e7490", "#5d6675",
        "#434b59", "#c5332b", "#178150", "#94610a", "#3670dc", "#9b4dca", "#0d7d93", "#161b26"};
    static const char *const night[] = {
        "#7d8698", "#f27068", "#43b97c", "#dba544", "#5b96f7", "#c792ea", "#4fc1d6", "#d3d8e1",
        "#98a1b0", "#ff8078", "#5fd39a", "#f0c168", "#7fb0ff", "#d8acf5", "#73d7e8", "#ffffff"};
    // Where more contrast is wanted, the bright half.
    return QColor((dark ? night : light)[(highContrast ? index | 8 : index) & 15]);
}

QColor Theme::client(int index) const
{
    static const char *const colours[] = {"#2f63c0", "#2a7f62", "#a8562a", "#7a45ad",
                                          "#0e7490", "#a1336b", "#5f6b1f", "#4c5566"};
    return QColor(colours[index & 7]);
}

const Theme &theme()
{
    return current();
}

void applyTheme(QApplication &app, ThemeMode mode, double textScale)
{
    Theme chosen = mode == ThemeMode::HighContrast ? highContrastTheme()
        : mode == ThemeMode::Dark                  ? darkTheme()
                                                   : lightTheme();
    setFonts(chosen, textScale);
    current() = chosen;
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QApplication::setFont(chosen.font);
    QApplication::setPalette(paletteOf(chosen));
    app.setStyleSheet(sheetOf(chosen));
    for (QWidget *widget : QApplication::allWidgets())
        widget->update();
}

} // namespace ovvoc

#pragma once

#include <QColor>
#include <QFont>

class QApplication;

namespace ovvoc {

/// Every colour, font and distance of the window. Colour has a meaning or is not there: accent
/// (what one can do), good, bad, warning and gate (amber), sealed (violet).
struct Theme
{
    bool dark = false;
    bool highContrast = false;
    double scale = 1; ///< of text, and of everything that must grow with it
    QColor window, panel, raised, border, text, muted, faint, selection;
    QColor accent, onAccent, good, bad, gate, sealed;
    QColor added, removed; ///< backgrounds in a diff
    QFont font, small, strong, title, mono;

    /// A distance that grows with the text, from one at scale 1, in pixels.
    int px(int distance) const { return qRound(distance * scale); }
    int rowHeight() const { return px(32); }
    /// One of the eight colours that tell clients apart; text on it is onClient.
    QColor client(int index) const;
    QColor onClient = "#ffffff";

    /// \a colour laid over the panel with this opacity (0 to 1).
    QColor over(const QColor &colour, double opacity) const;
    /// ANSI colour 0 to 15, readable on the panel.
    QColor ansi(int index) const;
};

enum class ThemeMode { Light, Dark, HighContrast };

/// The theme in use. Widgets read it when they paint.
const Theme &theme();

/// Chooses and applies a theme: palette, fonts, style sheet. Call on the GUI thread, before widgets
/// are made where \a textScale is to hold for their sizes; every widget is repainted.
/// \a textScale 0: as large as the system's own text, at least 1.
void applyTheme(QApplication &app, ThemeMode mode, double textScale = 0);

} // namespace ovvoc

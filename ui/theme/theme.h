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
    QColor window, panel, raised, border, text, muted, faint, selection;
    QColor accent, onAccent, good, bad, gate, sealed;
    QColor added, removed; ///< backgrounds in a diff
    QFont font, small, strong, title, mono;

    static constexpr int space = 8; ///< the unit of every distance, in pixels
    static constexpr int radius = 8;
    static constexpr int rowHeight = 32;

    /// \a colour laid over the panel with this opacity (0 to 1).
    QColor over(const QColor &colour, double opacity) const;
    /// ANSI colour 0 to 15, readable on the panel.
    QColor ansi(int index) const;
};

enum class ThemeMode { System, Light, Dark };

/// The theme in use. Widgets read it when they paint.
const Theme &theme();

/// Chooses and applies a theme: palette, fonts, style sheet. Call on the GUI thread; every widget
/// is repainted.
void applyTheme(QApplication &app, ThemeMode mode);

} // namespace ovvoc

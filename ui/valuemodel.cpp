#include "valuemodel.h"

#include "theme/theme.h"

namespace ovvoc {

QColor toneColour(Tone tone)
{
    switch (tone) {
    case Tone::Plain:
        return theme().text;
    case Tone::Muted:
        return theme().muted;
    case Tone::Good:
        return theme().good;
    case Tone::Bad:
        return theme().bad;
    case Tone::Gate:
        return theme().gate;
    case Tone::Sealed:
        return theme().sealed;
    case Tone::Accent:
        return theme().accent;
    }
    return theme().text;
}

} // namespace ovvoc

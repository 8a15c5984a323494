// Colours that can be read in every theme, and a window that follows its desktop: a stand-in for
// the settings portal on a private D-Bus.

#include "theme/systemappearance.h"
#include "theme/theme.h"

#include <QApplication>
#include <QDBusMetaType>
#include <QDBusVariant>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace ovvoc;

using Everything = QMap<QString, QVariantMap>;

/// org.freedesktop.portal.Settings, as far as it is asked.
class Portal : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.portal.Settings")
public:
    Everything values;
    int asked = 0;

public slots:
    Everything ReadAll(const QStringList &spaces)
    {
        ++asked;
        Everything found;
        for (const QString &space : spaces)
            found.insert(space, values.value(space));
        return found;
    }

signals:
    void SettingChanged(const QString &space, const QString &key, const QDBusVariant &value);
};

namespace {

const QString space = QStringLiteral("org.freedesktop.appearance");

/// WCAG 2.1, https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio
double luminance(const QColor &colour)
{
    const auto part = [](double c) {
        return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * part(colour.redF()) + 0.7152 * part(colour.greenF())
        + 0.0722 * part(colour.blueF());
}

double contrast(const QColor &a, const QColor &b)
{
    const double one = luminance(a), two = luminance(b);
    return (std::max(one, two) + 0.05) / (std::min(one, two) + 0.05);
}

} // namespace

class AppearanceTest : public QObject
{
    Q_OBJECT
    QTemporaryDir m_home;
    QProcess m_bus;
    QString m_address;
    int m_connections = 0;

    QDBusConnection connection()
    {
        return QDBusConnection::connectToBus(m_address,
                                             QStringLiteral("test-%1").arg(++m_connections));
    }
    void offer(Portal &portal, QDBusConnection bus)
    {
        QVERIFY(bus.registerObject("/org/freedesktop/portal/desktop", &portal,
                                   QDBusConnection::ExportAllSlots
                                       | QDBusConnection::ExportAllSignals));
        QVERIFY(bus.registerService("org.freedesktop.portal.Desktop"));
    }
    void withdraw(QDBusConnection bus)
    {
        bus.unregisterService("org.freedesktop.portal.Desktop");
        bus.unregisterObject("/org/freedesktop/portal/desktop");
    }

private slots:
    void initTestCase()
    {
        qDBusRegisterMetaType<Everything>();
        m_bus.start("dbus-daemon",
                    {"--session", "--nofork", "--print-address",
                     "--address=unix:path=" + m_home.path() + "/bus"});
        QVERIFY(m_bus.waitForReadyRead(10'000));
        m_address = QString::fromLocal8Bit(m_bus.readLine().trimmed());
    }
    void cleanupTestCase()
    {
        m_bus.kill();
        m_bus.waitForFinished();
    }

    void everyInkCanBeReadOnEveryGround_data()
    {
        QTest::addColumn<int>("mode");
        QTest::addColumn<double>("least");
        // Level AA, and AAA where more contrast is asked for.
        QTest::newRow("light") << int(ThemeMode::Light) << 4.5;
        QTest::newRow("dark") << int(ThemeMode::Dark) << 4.5;
        QTest::newRow("high contrast") << int(ThemeMode::HighContrast) << 7.0;
    }
    void everyInkCanBeReadOnEveryGround()
    {
        QFETCH(int, mode);
        QFETCH(double, least);
        applyTheme(*qApp, ThemeMode(mode), 1);
        const Theme &t = theme();
        const QHash<QString, QColor> grounds{{"window", t.window}, {"panel", t.panel},
                                             {"raised", t.raised}, {"selection", t.selection},
                                             {"added", t.added},   {"removed", t.removed}};
        const QHash<QString, QColor> inks{
            {"text", t.text}, {"muted", t.muted}, {"accent", t.accent}, {"good", t.good},
            {"bad", t.bad},   {"gate", t.gate},   {"sealed", t.sealed}};
        QStringList weak;
        const auto check = [&](const QString &ink, const QColor &a, const QString &ground,
                               const QColor &b, double wanted) {
            if (contrast(a, b) < wanted)
                weak << QStringLiteral("%1 on %2: %3").arg(ink, ground).arg(contrast(a, b));
        };
        for (auto ground = grounds.cbegin(); ground != grounds.cend(); ++ground) {
            for (auto ink = inks.cbegin(); ink != inks.cend(); ++ink)
                check(ink.key(), ink.value(), ground.key(), ground.value(), least);
        }
        for (int i = 0; i < 16; ++i)
            check("ansi " + QString::number(i), t.ansi(i), "panel", t.panel, least);
        check("onAccent", t.onAccent, "accent", t.accent, least);
        for (int i = 0; i < 8; ++i)
            check("onClient", t.onClient, "client " + QString::number(i), t.client(i), 4.5);
        QVERIFY2(weak.isEmpty(), qPrintable(weak.join("; ")));
    }

    void withoutAPortalThePaletteDecides()
    {
        SystemAppearance light(false, connection()), dark(true, connection());
        SystemAppearance nobody(true, QDBusConnection("not connected"));
        QVERIFY(light.mode() == ThemeMode::Light);
        QVERIFY(dark.mode() == ThemeMode::Dark);
        QVERIFY(nobody.mode() == ThemeMode::Dark);
    }

    void theDesktopIsFollowedLive()
    {
        Portal portal;
        portal.values[space] = {{"color-scheme", 1u}, {"contrast", 0u}, {"accent-color", "x"}};
        const QDBusConnection bus = connection();
        offer(portal, bus);
        SystemAppearance system(false, connection());
        QVERIFY(system.mode() == ThemeMode::Light);
        QTRY_VERIFY(system.mode() == ThemeMode::Dark);
        QSignalSpy changed(&system, &SystemAppearance::changed);
        const auto say = [&](const char *key, const QVariant &value) {
            emit portal.SettingChanged(space, key, QDBusVariant(value));
        };
        say("contrast", 1u);
        QTRY_VERIFY(system.mode() == ThemeMode::HighContrast);
        QCOMPARE(changed.count(), 1);
        say("color-scheme", 2u); // high contrast stays, whatever the scheme
        say("contrast", 0u);
        QTRY_VERIFY(system.mode() == ThemeMode::Light);
        QCOMPARE(changed.count(), 2);
        // The same again, of something else, or not a number: nothing changes.
        say("color-scheme", 2u);
        emit portal.SettingChanged("org.gnome.desktop.interface", "color-scheme", QDBusVariant(1u));
        say("color-scheme", QString("night"));
        say("contrast", 1u);
        QTRY_COMPARE(changed.count(), 3);
        QVERIFY(system.mode() == ThemeMode::HighContrast);
        QCOMPARE(portal.asked, 1);
        withdraw(bus);
        // Where the desktop has no preference, the palette's darkness holds.
        Portal none;
        none.values[space] = {{"color-scheme", 0u}, {"contrast", 1u}};
        offer(none, bus);
        SystemAppearance dark(true, connection());
        QTRY_VERIFY(dark.mode() == ThemeMode::HighContrast);
        emit none.SettingChanged(space, "contrast", QDBusVariant(0u));
        QTRY_VERIFY(dark.mode() == ThemeMode::Dark);
        withdraw(bus);
    }

    void aThemeIsChangedWhileTheWindowIsOpen()
    {
        applyTheme(*qApp, ThemeMode::Light, 1);
        QWidget window;
        window.resize(200, 100);
        window.setAutoFillBackground(true);
        window.show();
        const QColor before = window.grab().toImage().pixelColor(10, 10);
        applyTheme(*qApp, ThemeMode::Dark, 1);
        QTRY_VERIFY(window.grab().toImage().pixelColor(10, 10) != before);
        QVERIFY(theme().dark);
    }
};

QTEST_MAIN(AppearanceTest)
#include "tst_appearance.moc"

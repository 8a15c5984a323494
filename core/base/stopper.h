#pragma once

#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace ovvoc {

/// Tells long work that somebody wants it to end: a cancel, or a limit. Shared by who wants and who
/// works; all on one thread. What is registered is called once, at the latest when it is registered
/// after stop().
class Stopper
{
public:
    void stop()
    {
        if (m_stopped)
            return;
        m_stopped = true;
        // One may end what another belongs to: that one has then dropped its registration.
        while (!m_handlers.empty()) {
            const auto handler = m_handlers.extract(m_handlers.begin());
            handler.mapped()();
        }
    }
    bool isStopped() const { return m_stopped; }

    /// Calls \a handler at stop(), until the result is dropped.
    [[nodiscard]] static std::shared_ptr<void> onStop(const std::shared_ptr<Stopper> &stopper,
                                                      std::function<void()> handler)
    {
        if (!stopper)
            return nullptr;
        if (stopper->m_stopped) {
            handler();
            return nullptr;
        }
        const int id = ++stopper->m_next;
        stopper->m_handlers.emplace(id, std::move(handler));
        const std::weak_ptr<Stopper> weak = stopper;
        return std::shared_ptr<void>(nullptr, [weak, id](void *) {
            if (const auto alive = weak.lock())
                alive->m_handlers.erase(id);
        });
    }

private:
    std::map<int, std::function<void()>> m_handlers;
    int m_next = 0;
    bool m_stopped = false;
};

} // namespace ovvoc

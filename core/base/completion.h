#pragma once

#include <QTimer>
#include <coroutine>
#include <memory>
#include <optional>

namespace ovvoc {

/// A value that arrives once and that one coroutine may wait for.
///
/// Copies share the same state, so a signal handler may hold one and the coroutine another. The
/// waiter is resumed from the event loop of the thread that calls set(), never from inside set(),
/// so that a handler can complete a coroutine which then deletes the handler's object.
/// Not thread-safe: all copies live on one thread.
template <typename T> class Completion
{
public:
    /// The first call wins; later ones are ignored.
    void set(T value) const
    {
        if (m_state->value)
            return;
        m_state->value.emplace(std::move(value));
        if (auto waiter = std::exchange(m_state->waiter, {}))
            QTimer::singleShot(0, [waiter]() mutable { waiter.resume(); });
    }
    bool isSet() const { return m_state->value.has_value(); }

    auto operator co_await() const noexcept
    {
        struct Awaiter
        {
            std::shared_ptr<State> state;
            bool await_ready() const noexcept { return state->value.has_value(); }
            void await_suspend(std::coroutine_handle<> handle) noexcept { state->waiter = handle; }
            T await_resume() { return std::move(*state->value); }
        };
        return Awaiter{m_state};
    }

private:
    struct State
    {
        std::optional<T> value;
        std::coroutine_handle<> waiter;
    };
    std::shared_ptr<State> m_state = std::make_shared<State>();
};

/// A signal without a value that can be raised many times; one coroutine waits for the next raise.
/// A raise that comes before the wait is not lost, several raises before a wait count as one.
/// Not thread-safe.
class Wakeup
{
public:
    void raise() const
    {
        m_state->raised = true;
        if (auto waiter = std::exchange(m_state->waiter, {}))
            QTimer::singleShot(0, [waiter]() mutable { waiter.resume(); });
    }

    auto operator co_await() const noexcept
    {
        struct Awaiter
        {
            std::shared_ptr<State> state;
            bool await_ready() const noexcept { return state->raised; }
            void await_suspend(std::coroutine_handle<> handle) noexcept { state->waiter = handle; }
            void await_resume() { state->raised = false; }
        };
        return Awaiter{m_state};
    }

private:
    struct State
    {
        bool raised = false;
        std::coroutine_handle<> waiter;
    };
    std::shared_ptr<State> m_state = std::make_shared<State>();
};

} // namespace ovvoc

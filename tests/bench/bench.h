#pragma once

#include <QElapsedTimer>
#include <algorithm>
#include <cstdio>
#include <vector>

namespace ovvoc::bench {

/// The median of \a rounds runs of \a body, in milliseconds.
template <typename Body> double median(int rounds, Body &&body)
{
    std::vector<double> times;
    for (int i = 0; i < rounds; ++i) {
        QElapsedTimer clock;
        clock.start();
        body();
        times.push_back(double(clock.nsecsElapsed()) / 1e6);
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

/// One line: what, ours, the named baseline measured in the same run, and their ratio.
inline void report(const char *what, double ours, const char *baseline, double theirs)
{
    std::printf("%-44s %10.2f ms   %-36s %10.2f ms   ratio %.2f\n", what, ours, baseline, theirs,
                ours / theirs);
    std::fflush(stdout);
}

} // namespace ovvoc::bench

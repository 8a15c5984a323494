'use strict';

const ms = require('ms');
const semver = require('semver');

/** A matcher of patterns, by the name of its package. No rule can follow that. */
function matcher(name) {
  return require(name);
}

/** The files that belong to an area, by glob pattern. */
function filesOf(area, files) {
  const minimatch = matcher('minimatch');
  return files.filter((file) => area.patterns.some((pattern) => minimatch(file, pattern)));
}

/** Releases that are old enough, newest version first. */
function settled(releases, minimumAge, now) {
  const age = ms(minimumAge);
  return releases
    .filter((release) => now - release.published >= age)
    .sort((a, b) => semver.rcompare(a.version, b.version));
}

/** "patch", "minor", "major" or null. */
function step(from, to) {
  return semver.diff(from, to);
}

module.exports = { filesOf, settled, step };

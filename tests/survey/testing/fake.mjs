// A small registry for the tests: documents made from short descriptions, and the answers that go wrong.
import http from 'node:http';
import zlib from 'node:zlib';

const dayMs = 86400000;
export const now = Date.now();

/** {name: {latest, tags, versions: {v: {deprecated, engines, peers, age}}, repository}} */
export function document(name, about, full) {
  const versions = {}, time = { created: new Date(now - 3000 * dayMs).toISOString() };
  Object.entries(about.versions).forEach(([version, more]) => {
    versions[version] = { name, version, dist: { tarball: `http://127.0.0.1/${name}/-/${name}-${version}.tgz` } };
    if (more.deprecated) versions[version].deprecated = more.deprecated;
    if (more.engines) versions[version].engines = { node: more.engines };
    if (more.peers) versions[version].peerDependencies = more.peers;
    if (more.dependencies) versions[version].dependencies = more.dependencies;
    time[version] = new Date(now - (more.age ?? 100) * dayMs).toISOString();
  });
  const doc = { name, 'dist-tags': { latest: about.latest ?? Object.keys(versions).pop(), ...about.tags }, versions, modified: new Date().toISOString() };
  return full ? { ...doc, time, repository: about.repository ?? { type: 'git', url: `git+https://github.com/acme/${name.replace(/^@[^/]+\//, '')}.git` } } : doc;
}

export const plain = (...list) => ({ versions: Object.fromEntries(list.map((v) => [v, {}])) });

export function fakeHandler(packages, state) {
  return (request, answer) => {
    state.log.push(`${request.method} ${request.url} ${request.headers.accept?.includes('install-v1') ? 'short' : 'full'}`);
    const send = (status, body, headers = {}) => { answer.writeHead(status, { 'content-type': 'application/json', ...headers }); answer.end(body); };
    if (request.method === 'POST') {
      const parts = [];
      request.on('data', (p) => parts.push(p)).on('end', () => {
        const bytes = Buffer.concat(parts);
        const asked = JSON.parse((request.headers['content-encoding'] === 'gzip' ? zlib.gunzipSync(bytes) : bytes).toString());
        state.asked = asked;
        if (typeof state.advisories === 'number') return send(state.advisories, '');
        if (typeof state.advisories === 'string') return send(200, state.advisories);
        send(200, JSON.stringify(Object.fromEntries(Object.entries(state.advisories).filter(([name]) => name in asked))));
      });
      return;
    }
    const name = decodeURIComponent(request.url.slice(1));
    if (name === 'hangs') return;
    if (name === 'garbage') return send(200, '<html>no</html>');
    if (name === 'other-name') return send(200, JSON.stringify(document('evil', plain('9.9.9'), true)));
    if (name === 'oversize') return send(200, zlib.gzipSync(Buffer.alloc(49 << 20, 32)), { 'content-encoding': 'gzip' });
    if (name === 'bomb') return send(200, zlib.gzipSync(Buffer.alloc(400 << 20, 32), { level: 1 }), { 'content-encoding': 'gzip' });
    if (name === 'cut') { answer.writeHead(200, { 'content-length': 1000 }); answer.write('{"name"'); return setTimeout(() => request.socket.destroy(), 20); }
    if (name === 'flaky' && (state.flaky = (state.flaky ?? 0) + 1) < 3) return send(503, '');
    if (name === 'elsewhere') return send(302, '', { location: 'http://other.invalid/elsewhere' });
    if (name === 'secret') return send(403, '{}');
    if (!Object.prototype.hasOwnProperty.call(packages, name)) return send(404, '{"error":"Not found"}');
    const full = state.alwaysFull || !request.headers.accept.includes('install-v1');
    send(200, JSON.stringify(document(name, packages[name], full)));
  };
}

export async function startFake(packages) {
  const state = { log: [], advisories: 405, asked: null, alwaysFull: false };
  const server = http.createServer(fakeHandler(packages, state));
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return { state, packages, url: `http://127.0.0.1:${server.address().port}/`, stop: () => { server.closeAllConnections?.(); server.close(); } };
}

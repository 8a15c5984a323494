// The registry over HTTPS: one keep-alive agent, through the CONNECT proxy of the environment, everything bounded. Node's own client and not npm's, because
// the answer has to be capped while it comes and the same connections are used for all packages.
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import zlib from 'node:zlib';
import { promisify } from 'node:util';
import { clean, isObject, limits } from './text.mjs';

const gunzip = promisify(zlib.gunzip), unbrotli = promisify(zlib.brotliDecompress), inflate = promisify(zlib.inflate);
const width = 10, idle = 15000;

class Failed extends Error {
  constructor(code, text, again = false) { super(text); this.code = code; this.again = again; }
}

function proxyAddress() {
  const env = process.env;
  const text = env.npm_config_https_proxy || env.https_proxy || env.HTTPS_PROXY || '';
  if (!text) return null;
  try { return new URL(text.includes('://') ? text : `http://${text}`); } catch { return null; }
}

/** A TLS connection inside a CONNECT tunnel. */
function tunnel(proxy, options, callback) {
  const headers = { host: `${options.host}:${options.port}` };
  if (proxy.username) headers['proxy-authorization'] = `Basic ${Buffer.from(`${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`).toString('base64')}`;
  const ask = (proxy.protocol === 'https:' ? https : http).request({
    host: proxy.hostname.replace(/^\[|\]$/g, ''), port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80), method: 'CONNECT', path: `${options.host}:${options.port}`, headers, agent: false,
  });
  let over = false;
  const end = (failure, socket) => { if (!over) { over = true; callback(failure, socket); } else socket?.destroy(); };
  ask.setTimeout(idle, () => ask.destroy(new Error('the proxy does not answer')));
  ask.on('error', (failure) => end(failure));
  ask.on('connect', (answer, socket, head) => {
    ask.setTimeout(0);
    socket.setTimeout(0);
    if (answer.statusCode !== 200 || head.length) { socket.destroy(); return end(Object.assign(new Error(`the proxy refused ${options.host} (${answer.statusCode})`), { refused: true })); }
    const secure = tls.connect({ ...options, socket, servername: options.servername || options.host });
    secure.once('secureConnect', () => end(null, secure));
    secure.once('error', (failure) => end(failure));
  });
  ask.end();
}

export function openRegistry({ userAgent, deadline }) {
  const proxy = proxyAddress();
  const ca = process.env.npm_config_cafile;
  const options = { keepAlive: true, maxSockets: width, maxFreeSockets: width };
  if (ca) try { options.ca = fs.readFileSync(ca); } catch { /* as if it were not set; TLS will say so */ }
  const secure = new https.Agent(options);
  if (proxy) secure.createConnection = (opts, callback) => { tunnel(proxy, opts, callback); };
  const plain = new http.Agent({ keepAlive: true, maxSockets: width });
  const counts = { requests: 0, bytes: 0 };
  let row = 0; // failed connections since the last answer: after twenty nobody is there, and further tries only cost time

  /** One request: {status, body: Buffer, headers}; the body is already unpacked and never larger than `most`. */
  function once(url, { method = 'GET', headers = {}, body = null, most, until }) {
    return new Promise((resolve, reject) => {
      const target = new URL(url);
      const left = until - Date.now();
      if (left <= 0) return reject(new Failed('registry-error', 'there was no time left'));
      counts.requests++;
      const ask = (target.protocol === 'https:' ? https : http).request(target, {
        method, agent: target.protocol === 'https:' ? secure : plain, headers: { 'user-agent': userAgent, 'accept-encoding': 'gzip, br, deflate', ...headers, ...(body ? { 'content-length': body.length } : {}) },
      });
      const timer = setTimeout(() => ask.destroy(new Failed('registry-error', 'the answer took too long')), left);
      const stop = (failure) => { clearTimeout(timer); ask.destroy(); reject(failure); };
      ask.setTimeout(idle, () => ask.destroy(new Failed('registry-error', 'no answer came', true)));
      ask.on('error', (failure) => { clearTimeout(timer); reject(failure instanceof Failed ? failure : new Failed('registry-error', clean(failure.message, 150) || 'the connection failed', !failure.refused)); });
      ask.on('response', (answer) => {
        const parts = [];
        let size = 0;
        const said = Number(answer.headers['content-length']);
        if (said > most) return stop(new Failed('too-large', `the answer has ${said} bytes; more than ${most} are not read`));
        answer.on('data', (part) => {
          size += part.length;
          counts.bytes += part.length;
          if (size > most) return stop(new Failed('too-large', `the answer has more than ${most} bytes`));
          parts.push(part);
        });
        answer.on('aborted', () => stop(new Failed('registry-error', 'the answer broke off', true)));
        answer.on('error', (failure) => stop(failure instanceof Failed ? failure : new Failed('registry-error', clean(failure.message, 150), true)));
        answer.on('end', async () => {
          clearTimeout(timer);
          try { resolve({ status: answer.statusCode, headers: answer.headers, body: await unpack(Buffer.concat(parts), answer.headers['content-encoding'], most) }); } catch (failure) { reject(failure); }
        });
      });
      ask.end(body);
    });
  }

  /** With redirects inside the same origin, and two more tries where a second one can help. */
  async function request(url, what) {
    const until = Math.min(Date.now() + (what.budget ?? 60000), deadline);
    let target = url;
    for (let tries = 0, hops = 0; ;) {
      try {
        const answer = await once(target, { ...what, until });
        row = 0;
        if ([301, 302, 307, 308].includes(answer.status)) {
          const next = new URL(answer.headers.location ?? '', target);
          if (next.origin !== new URL(url).origin || what.method === 'POST' || ++hops > 3) throw new Failed('registry-error', `it sends elsewhere (${clean(next.host, 100)})`);
          target = next.href;
          continue;
        }
        if (answer.status === 429 || answer.status >= 500) throw new Failed('registry-error', `it answers ${answer.status}`, true);
        return answer;
      } catch (failure) {
        const known = failure instanceof Failed ? failure : new Failed('registry-error', clean(failure.message, 150));
        row++;
        if (!known.again || ++tries > 2 || row > 20 || Date.now() + 1000 > until) throw known;
        await new Promise((later) => setTimeout(later, 200 * 2 ** tries));
      }
    }
  }

  /** {document} or {code, text}. */
  async function packument(base, name, full, budget) {
    const host = new URL(base).host;
    try {
      const answer = await request(base + name.replace('/', '%2f'), { headers: { accept: full ? 'application/json' : 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*' }, most: limits.document, budget });
      if (answer.status === 404) return { code: 'not-found', text: `${name} is not in the registry ${host}.` };
      if (answer.status === 401 || answer.status === 403) return { code: 'forbidden', text: `The registry ${host} refuses ${name} (${answer.status}).` };
      if (answer.status !== 200) return { code: 'registry-error', text: `The registry ${host} answers ${answer.status} for ${name}.` };
      const document = JSON.parse(answer.body.toString('utf8'));
      if (!isObject(document) || document.name !== name || !isObject(document.versions)) return { code: 'registry-error', text: `The registry ${host} gives something that is not the document of ${name}.` };
      return { document };
    } catch (failure) {
      if (failure instanceof SyntaxError) return { code: 'registry-error', text: `The registry ${host} gives something that cannot be read for ${name}.` };
      return { code: failure.code === 'too-large' ? 'too-large' : 'registry-error', text: `${name} could not be asked for at ${host}: ${clean(failure.message, 200)}.` };
    }
  }

  return { packument, request, width, counts, close: () => { secure.destroy(); plain.destroy(); } };
}

async function unpack(bytes, encoding, most) {
  const how = { gzip: gunzip, 'x-gzip': gunzip, br: unbrotli, deflate: inflate }[encoding ?? ''];
  if (!how) return bytes;
  try {
    return await how(bytes, { maxOutputLength: most, chunkSize: Math.min(1 << 20, Math.max(1 << 14, bytes.length * 4)) });
  } catch (failure) {
    if (failure.code === 'ERR_BUFFER_TOO_LARGE') throw new Failed('too-large', `the answer has more than ${most} bytes`);
    throw new Failed('registry-error', 'the answer cannot be unpacked', true);
  }
}

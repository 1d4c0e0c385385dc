// A server that answers at once: it passes requests on to another one, keeps the answers, and from then on gives them from memory.
// What a page takes on it is what the browser and the UI's own JavaScript take, which no server can undercut.
import http from 'node:http';

export class Memory {
  #origin;
  #answers = new Map();
  #server;

  /** Requests that were passed on since the last call of `forget`. */
  passedOn = [];

  constructor(origin) {
    this.#origin = new URL(origin);
  }

  /** Listens on a free port and returns the URL. */
  async start() {
    this.#server = http.createServer((request, response) => {
      const pieces = [];
      request.on('data', (piece) => pieces.push(piece));
      request.on('end', () => this.#answer(request, Buffer.concat(pieces), response));
    });
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  stop() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(request, body, response) {
    const conditions = ['accept-encoding', 'if-none-match', 'if-modified-since'].map((name) => request.headers[name]);
    const key = [request.method, request.url, ...conditions, body.toString('latin1')].join('\n');
    const known = this.#answers.get(key);
    if (known) {
      response.writeHead(known.status, known.headers).end(known.body);
      return;
    }
    this.passedOn.push(`${request.method} ${request.url}`);
    const headers = { ...request.headers, host: this.#origin.host };
    // The other server takes requests only from pages of its own.
    delete headers.origin;
    delete headers.referer;
    const onward = http.request(this.#origin, { method: request.method, path: request.url, headers }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('end', () => {
        const whole = Buffer.concat(pieces);
        const kept = { ...answer.headers, 'content-length': whole.length };
        delete kept['transfer-encoding'];
        delete kept.connection;
        this.#answers.set(key, { status: answer.statusCode, headers: kept, body: whole });
        response.writeHead(answer.statusCode, kept).end(whole);
      });
    });
    onward.on('error', () => response.writeHead(502).end());
    onward.end(body);
  }
}

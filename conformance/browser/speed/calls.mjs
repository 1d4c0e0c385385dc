// The calls that the pages make, sent again without a browser, one at a time: what of a page's time is the server's.
import { PAGES } from './visit.mjs';

const TIMES = 15;

/**
 * Sends every call of every page to each server in turns.
 *
 * @returns for each call: page, method, path, and of each server the milliseconds of each time and the size of the answer
 */
export async function calls(visitors) {
  const measured = [];
  for (const page of Object.keys(PAGES)) {
    const recorded = [];
    for (const visitor of visitors) recorded.push(await visitor.record(page));
    // The same build of the UI asks both servers the same, if not in the same order.
    for (const { method, path } of recorded[0]) {
      const requests = recorded.map((list) => list.find((call) => call.method === method && call.path === path));
      if (requests.every(Boolean)) measured.push({ page, method, path, requests });
    }
  }
  for (const call of measured) {
    call.servers = visitors.map(({ name }) => ({ name, ms: [], bytes: 0 }));
    for (let i = 0; i < TIMES; i++) {
      for (const [n, { url, method, headers, body }] of call.requests.entries()) {
        const began = performance.now();
        const answer = await fetch(url, { method, headers, body });
        call.servers[n].bytes = (await answer.arrayBuffer()).byteLength;
        call.servers[n].ms.push(Math.round((performance.now() - began) * 100) / 100);
      }
    }
    delete call.requests;
  }
  return measured;
}

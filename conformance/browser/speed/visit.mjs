// Opens a page of the UI and tells how long it takes until it shows what a visitor came for.
import { button, table, until, VISITOR } from '../lib/ui.mjs';

const API = /^\/(ajax-api|graphql)/;
const PATIENCE = 120_000;
const TAB = { viewport: { width: 1920, height: 1080 }, reducedMotion: 'reduce' };

/** The pages: where they are, and when all is there that the window has room for. The conditions run in the browser. */
export const PAGES = {
  table: {
    path: (experiments) => table(experiments.table),
    isThere: () => {
      const rows = [...document.querySelectorAll('.ag-center-cols-container [row-index]')];
      const values = rows.flatMap((row) => [...row.querySelectorAll('[col-id*="metric_"]')].map((cell) => cell.innerText));
      return rows.length >= 15 && values.length >= rows.length && values.every((text) => /\d/.test(text));
    },
  },
  chart: {
    path: (experiments) => table(experiments.chart, { mode: 'CHART' }),
    isThere: () => {
      const lines = [...document.querySelectorAll('.scatterlayer path.js-line')];
      return lines.length >= 10 && lines.every((line) => (line.getAttribute('d') ?? '').length > 100);
    },
  },
};

export class Visitor {
  #browser;
  #kept;

  /**
   * @param name of the server
   * @param experiments ids
   */
  constructor(name, url, experiments) {
    this.name = name;
    this.url = url;
    this.experiments = experiments;
  }

  /** Comes for the first time, sees both pages and has the table show the metrics; that choice the UI keeps in the browser. */
  async arrive(browser) {
    this.#browser = browser;
    const context = await this.#context();
    const page = await context.newPage();
    await page.goto(this.#address('table'));
    await page.locator('[row-index="10"]').first().waitFor();
    await button(page, 'Columns').click();
    await page.getByTestId('column-selector-tree').locator('[title^="Metrics"]').click();
    await page.keyboard.press('Escape');
    await page.waitForFunction(PAGES.table.isThere);
    await this.#loadMore(page);
    const chart = await context.newPage();
    await chart.goto(this.#address('chart'));
    await chart.waitForFunction(PAGES.chart.isThere);
    this.#kept = await context.storageState();
    await context.close();
  }

  /**
   * One page in two ways: `first`, in a browser that has nothing of the UI yet, and `inside`, from the UI's list of experiments. From
   * the table, also what loading `more` takes.
   */
  async visit(name) {
    const context = await this.#context(this.#kept);
    try {
      const visits = { first: await this.#open(context, name) };
      const page = await context.newPage();
      await page.goto(`${this.url}/#/experiments`);
      await page.getByTestId('experiment-list-item').first().waitFor();
      await page.waitForLoadState('networkidle');
      visits.inside = await this.#time(page, PAGES[name].isThere, (hash) => (location.hash = hash), PAGES[name].path(this.experiments));
      if (name === 'table') visits.more = await this.#loadMore(page);
      return visits;
    } finally {
      await context.close();
    }
  }

  /** The calls of the API that a page makes, as requests that can be sent again. */
  async record(name) {
    const context = await this.#context(this.#kept);
    const page = await context.newPage();
    const calls = [];
    page.on('request', (request) => {
      const path = request.url().slice(this.url.length);
      if (!API.test(path)) return;
      const { origin, referer, ...headers } = request.headers();
      calls.push({ url: request.url(), method: request.method(), path: path.split('?')[0], headers, body: request.postData() ?? undefined });
    });
    await page.goto(this.#address(name));
    await page.waitForFunction(PAGES[name].isThere);
    await page.waitForLoadState('networkidle');
    await context.close();
    return calls;
  }

  #address(name) {
    return `${this.url}/#${PAGES[name].path(this.experiments)}`;
  }

  async #context(storageState) {
    const context = await this.#browser.newContext({ ...TAB, storageState });
    context.setDefaultTimeout(PATIENCE);
    await context.addInitScript((visitor) => {
      performance.setResourceTimingBufferSize(2000);
      for (const [key, value] of Object.entries(visitor)) localStorage.setItem(key, value);
    }, VISITOR);
    return context;
  }

  async #open(context, name) {
    const page = await context.newPage();
    await page.goto(this.#address(name), { waitUntil: 'commit' });
    const visit = await this.#time(page, PAGES[name].isThere);
    await page.close();
    return visit;
  }

  /** Scrolls to the end of the table and asks for the next hundred runs. */
  async #loadMore(page) {
    const more = button(page, 'Load more');
    await page.locator('[row-index="10"]').first().hover();
    await until(async () => {
      await page.mouse.wheel(0, 3000);
      return more.isVisible();
    }, 'there is a button to load more');
    const isThere = () => document.body.innerText.includes('200 matching runs');
    return this.#time(page, isThere, () => [...document.querySelectorAll('button')].find((b) => b.innerText === 'Load more').click());
  }

  /**
   * Waits for a condition, looked at before each frame.
   *
   * @param act what to do first, in the browser; else the clock runs since the page's address was entered
   * @returns milliseconds, and the calls of the API that had been answered by then, in milliseconds of the same clock
   */
  async #time(page, isThere, act, argument) {
    const times = await page.evaluate(`(${watch})(${isThere}, ${act}, ${JSON.stringify(argument)}, ${PATIENCE})`);
    const entries = await page.evaluate(() => performance.getEntriesByType('resource').map((entry) => entry.toJSON()));
    const calls = entries
      .filter(({ name, startTime, responseEnd }) => API.test(new URL(name).pathname) && startTime >= times.began && responseEnd > 0 && responseEnd <= times.ended)
      .map((entry) => ({
        path: new URL(entry.name).pathname,
        start: round(entry.startTime - times.began),
        waited: round(entry.responseStart - entry.startTime),
        took: round(entry.responseEnd - entry.startTime),
        bytes: entry.transferSize,
      }));
    return { ms: round(times.ended - times.began), calls, waiting: round(covered(calls)) };
  }
}

/** Runs in the browser. */
async function watch(isThere, act, argument, patience) {
  const began = act ? performance.now() : 0;
  act?.(argument);
  while (!isThere()) {
    if (performance.now() - began > patience) throw new Error('The page never showed all');
    await new Promise(requestAnimationFrame);
  }
  return { began, ended: performance.now() };
}

/** How long at least one of the calls was under way. */
function covered(calls) {
  let total = 0;
  let end = 0;
  for (const { start, took } of [...calls].sort((a, b) => a.start - b.start)) {
    total += Math.max(0, start + took - Math.max(start, end));
    end = Math.max(end, start + took);
  }
  return total;
}

function round(ms) {
  return Math.round(ms * 10) / 10;
}

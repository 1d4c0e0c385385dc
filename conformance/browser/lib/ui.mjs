// One browser; every lane of tests has a page of its own, which is watched.
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { ALLOWED, BROKEN } from './allowed.mjs';
import { Api } from './api.mjs';
import { seed } from './seed.mjs';

const SCREENSHOTS = new URL('../screenshots/', import.meta.url).pathname;

/** How long a page may take to show what it must, in milliseconds. Generous: the machine may be busy. */
export const PATIENCE = 30_000;

/** What a visitor has clicked away before: offers that cover the pages, and the telemetry. Entries of the local storage. */
export const VISITOR = {
  'mlflow.assistant.fab.autoOpenedOnFirstLoad_v1': 'true',
  'mlflow.assistant.panelOpen_v1': 'false',
  'mlflow.settings.telemetry.enabled_v1': 'false',
  'mlflow.telemetry.info.alert.dismissed_v1': 'true',
  'mlflow.workflowType_v1': '"machine_learning"',
  '_mlflow_model_registry_promo_modal_dismissed_v1': 'true',
};

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

export class Ui {
  #browser;
  #allowed = new Map();

  constructor(url) {
    this.url = url.replace(/\/+$/, '');
    this.api = new Api(this.url);
  }

  /** Starts the browser and seeds the store; `data` is what it holds. */
  async start() {
    const answer = await fetch(`${this.url}/health`);
    this.server = answer.headers.get('server') === 'uvicorn' ? 'mlflow' : 'millrace';
    for (const entry of ALLOWED) {
      if (entry.server === 'any' || entry.server === this.server) this.#allowed.set(entry, 0);
    }
    mkdirSync(SCREENSHOTS, { recursive: true });
    this.data = await seed(this.api);
    this.#browser = await launch();
  }

  async stop() {
    await this.#browser?.close();
  }

  /** A lane: its tests share one page, one after the other, as a visitor goes through the pages of one tab. */
  lane() {
    return new Lane(this);
  }

  /**
   * Opens a page in a window of its own: a browser draws what is behind another tab but once a second.
   *
   * @param report takes what goes wrong on the page
   */
  async open(report) {
    const context = await this.#browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
    context.setDefaultTimeout(PATIENCE);
    await context.addInitScript((visitor) => {
      if (window.origin === 'null') return; // A sandboxed preview of an artifact has no storage.
      for (const [key, value] of Object.entries(visitor)) {
        if (localStorage.getItem(key) === null) localStorage.setItem(key, value);
      }
    }, VISITOR);
    const page = await context.newPage();
    this.#watch(page, report);
    return page;
  }

  /** Entries of the allow-list that nothing has met. */
  unmet() {
    return [...this.#allowed].filter(([entry, met]) => met === 0 && !entry.optional).map(([entry]) => entry);
  }

  #watch(page, report) {
    const note = (problem, isMeant) => {
      for (const [entry, met] of this.#allowed) {
        if (isMeant(entry)) {
          this.#allowed.set(entry, met + 1);
          return;
        }
      }
      report(problem);
    };
    const local = (url) => (url.startsWith(this.url) ? new URL(url).pathname : url);
    page.on('response', async (response) => {
      const status = response.status();
      if (status < 400) return;
      const path = local(response.url());
      note(`${status} for ${response.request().method()} ${path}`, (e) => e.status === status && e.path.test(path));
    });
    page.on('request', (request) => {
      const url = request.url();
      if (/^https?:/.test(url) && !url.startsWith(this.url)) note(`a request elsewhere: ${url}`, (e) => e.elsewhere?.test(url));
    });
    page.on('requestfailed', (request) => {
      // What the page itself cancels, by leaving or by asking anew, is no failure of the server.
      const reason = request.failure()?.errorText;
      if (reason === 'net::ERR_ABORTED') return;
      note(`${reason} for ${request.method()} ${local(request.url())}`, () => false);
    });
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      const text = message.text();
      // The browser's own line for an answer that is an error: that was noted above.
      if (text.startsWith('Failed to load resource: the server responded with a status of')) return;
      note(`console: ${text.slice(0, 500)}`, (e) => e.console?.test(text));
    });
    page.on('pageerror', (error) => {
      note(`uncaught: ${String(error.stack ?? error).slice(0, 500)}`, (e) => e.console?.test(String(error)));
    });
  }
}

class Lane {
  #ui;
  #page;
  problems = [];

  constructor(ui) {
    this.#ui = ui;
  }

  /**
   * Declares a test: goes to `path` (behind /#), runs `body` and fails on any problem that the page showed meanwhile.
   * The body asserts on what must be visible.
   */
  test(name, path, body) {
    test(name, { timeout: 4 * PATIENCE }, async () => {
      const ui = this.#ui;
      this.problems = [];
      this.#page ??= await ui.open((problem) => this.problems.push(problem));
      const page = this.#page;
      let failed = false;
      try {
        await page.goto(`${ui.url}/#${typeof path === 'function' ? path(ui.data) : path}`);
        await body(page, ui.data, ui.api);
        const text = await page.innerText('body');
        this.problems.push(...BROKEN.filter((sign) => text.includes(sign)).map((sign) => `the page says "${sign}"`));
        if (this.problems.length) throw new Error(`The page showed:\n${this.problems.join('\n')}`);
      } catch (e) {
        if (!e.message.startsWith('The page showed') && this.problems.length) {
          e.message += `\nThe page had shown:\n${this.problems.join('\n')}`;
        }
        // What a failed test left behind, an open dialog say, must not fail the next.
        failed = true;
        throw e;
      } finally {
        await page.screenshot({ path: `${SCREENSHOTS}${name.replace(/[^a-z0-9]+/gi, '-')}.png` }).catch(() => {});
        if (failed) await this.#leave();
      }
    });
  }

  /** Closes the window. To go elsewhere in it would break off requests, and the UI complain of that as if the server failed. */
  async #leave() {
    await this.#page?.context().close();
    this.#page = undefined;
  }
}

/** Waits until each of the texts is visible somewhere in `place`, a page or a part of it. */
export async function see(place, ...texts) {
  for (const text of texts) {
    await place.getByText(text).filter({ visible: true }).first().waitFor();
  }
}

/** Waits until no such text is visible. */
export async function seeNot(place, text) {
  await until(async () => (await place.getByText(text).filter({ visible: true }).count()) === 0, `"${text}" is gone`);
}

/** The first visible part with this data-component-id, or one that ends so: the UI's own names for its parts. */
export function part(place, id) {
  return place.locator(`[data-component-id$="${id}"]`).filter({ visible: true }).first();
}

export function button(place, name) {
  return place.getByRole('button', { name, exact: typeof name === 'string' }).filter({ visible: true }).first();
}

/** Waits until `condition` holds. */
export async function until(condition, what, patience = PATIENCE) {
  const end = Date.now() + patience;
  let last;
  while (Date.now() < end) {
    last = await condition();
    if (last) return last;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`Waited in vain until ${what}`);
}

/** Goes to another page of the UI. */
export function go(page, path) {
  return page.goto(`${page.url().split('#')[0]}#${path}`);
}

/** The path of an experiment's table of runs, with its whole state: without it the page takes what it showed last. */
export function table(experimentId, { mode = 'TABLE', ascending = false } = {}) {
  const order = `orderByKey=attributes.start_time&orderByAsc=${ascending}`;
  const state = `searchFilter=&${order}&startTime=ALL&lifecycleFilter=Active`;
  return `/experiments/${experimentId}/runs?${state}&compareRunsMode=${mode}`;
}

/** The first of the charts that has this text. */
export function chart(page, text) {
  return page.getByTestId('experiment-view-compare-runs-card').filter({ hasText: text }).first();
}

/** Chooses an entry of the menu in a page's head. */
export async function menu(page, entry) {
  await part(page, 'pageheader.tsx_54').click();
  await page.getByRole('menuitem', { name: entry }).click();
}

/** In the dialog for tags: removes one, sets others, saves. */
export async function editTags(page, tags, remove) {
  const dialog = page.getByRole('dialog').filter({ hasText: 'Add/Edit tags' });
  if (remove) {
    await part(dialog.locator('[data-component-id$="keyvaluetag.tsx_60"]').filter({ hasText: remove }), 'tsx_60.close').click();
  }
  for (const [key, value] of Object.entries(tags)) {
    await dialog.getByRole('combobox').fill(key);
    await page.keyboard.press('Enter');
    await dialog.getByPlaceholder('Type a value').fill(value);
    await page.keyboard.press('Enter');
    await see(dialog, value);
  }
  await button(dialog, 'Save tags').click();
}

// The whole suite: UI_URL=http://127.0.0.1:5000 node --test
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Ui } from './lib/ui.mjs';
import { readRegistry } from './pages/reading-registry.mjs';
import { readTracking } from './pages/reading-tracking.mjs';
import { writeRegistry } from './pages/writing-registry.mjs';
import { writeTracking } from './pages/writing-tracking.mjs';

const url = process.env.UI_URL;
if (!url) throw new Error('UI_URL must be the address of the server, such as http://127.0.0.1:5000');
const ui = new Ui(url);

describe(`MLflow's web UI at ${url}`, () => {
  before(() => ui.start(), { timeout: 120_000 });
  after(() => ui.stop());

  // Two pages at once, and no more: one of each group.
  describe('pages', { concurrency: 2 }, () => {
    describe('tracking', { concurrency: 1 }, () => {
      readTracking(ui.lane());
    });
    describe('registry, writes', { concurrency: 1 }, () => {
      const lane = ui.lane();
      readRegistry(lane);
      writeRegistry(lane);
      writeTracking(lane);
    });
  });

  test('every entry of the allow-list is met', () => {
    assert.deepEqual(ui.unmet(), []);
  });
});

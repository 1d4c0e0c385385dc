// The whole suite: UI_URL=http://127.0.0.1:5000 node --test
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Ui } from './lib/ui.mjs';
import { readExperiments } from './pages/reading-experiments.mjs';
import { readRegistry } from './pages/reading-registry.mjs';
import { readRuns } from './pages/reading-runs.mjs';
import { writeRegistry } from './pages/writing-registry.mjs';
import { watchRun, writeTracking } from './pages/writing-tracking.mjs';

const url = process.env.UI_URL;
if (!url) throw new Error('UI_URL must be the address of the server, such as http://127.0.0.1:5000');
const ui = new Ui(url);

describe(`MLflow's web UI at ${url}`, () => {
  before(() => ui.start(), { timeout: 120_000 });
  after(() => ui.stop());

  // Two pages at once, and no more: one of each group.
  describe('pages', { concurrency: 2 }, () => {
    describe('experiments and runs', { concurrency: 1 }, () => {
      const lane = ui.lane();
      readExperiments(lane);
      readRuns(lane);
      writeTracking(lane);
    });
    describe('registry', { concurrency: 1 }, () => {
      const lane = ui.lane();
      readRegistry(lane);
      writeRegistry(lane);
      watchRun(lane);
    });
  });

  test('every entry of the allow-list is met', () => {
    assert.deepEqual(ui.unmet(), []);
  });
});

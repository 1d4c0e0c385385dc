// The lists of experiments and of runs, and the charts of many runs, as they are read.
import assert from 'node:assert/strict';
import { button, chart, part, see, table, until } from '../lib/ui.mjs';

export function readExperiments(lane) {
  lane.test('home', '/', async (page, data) => {
    await see(page, 'Welcome to MLflow', 'Recent Experiments', data.many.name);
  });

  lane.test('experiments', '/experiments', async (page, data) => {
    await see(page, data.many.name);
    const rows = page.getByTestId('experiment-list-item');
    assert.equal(await rows.count(), 25);

    await part(page, 'experiment_list_view.search').fill(`${data.word}-page`);
    await page.keyboard.press('Enter');
    await see(page, data.pages.at(-1));
    await until(async () => (await page.getByText(data.many.name).count()) === 0, 'the search leaves others out');
    await part(page, 'pagination.next_page').click();
    await until(async () => (await rows.count()) === 2, 'the second page has the last two');

    await part(page, 'experiment_list_view.search').fill(data.experiment.name);
    await page.keyboard.press('Enter');
    await see(page, data.experiment.name, `Note of ${data.word}`, 'team');
  });

  lane.test('runs table', (data) => table(data.experiment.id), async (page, data) => {
    await see(page, '33 matching runs', data.runs[29].name, 'train.py');
    await see(page, `Note of ${data.word}`, data.registered.name);

    await button(page, 'Columns').click();
    await page.getByPlaceholder('Search columns').fill('accuracy');
    await page.getByText('accuracy', { exact: true }).filter({ visible: true }).last().click();
    await page.keyboard.press('Escape');
    const header = page.getByTestId('sort-header-accuracy');
    await header.click();
    // Accuracy is 0.5 and a hundredth for each run, and 0.1 for the children.
    await see(page, '0.79');
    const first = page.locator('[row-index="0"]').getByRole('link').first();
    await until(async () => (await first.innerText()) === data.runs[29].name, 'the best run is first');
    await header.click();
    const worst = data.children.map((child) => child.name);
    await until(async () => worst.includes(await first.innerText()), 'the worst run is first');
  });

  lane.test('runs table, search', (data) => table(data.experiment.id), async (page, data) => {
    const search = page.getByTestId('runs-search-autocomplete').getByRole('combobox');
    const find = async (filter, count) => {
      await search.fill(filter);
      await search.press('Enter');
      await see(page, new RegExp(`^${count} matching runs?$`));
    };
    await see(page, data.runs[29].name);
    await find('metrics.accuracy > 0.775', 2);
    await find("params.solver = 'saga' and tags.stage = 'even'", 5);
    await find(`attributes.run_name like '%-run-1%'`, 10);
    await find("attributes.status = 'FAILED'", 1);
    await see(page, data.runs[27].name);
  });

  lane.test('runs table, more', (data) => table(data.many.id), async (page, data) => {
    await see(page, `${data.word}-m-104`, '100 matching runs');
    const more = button(page, 'Load more');
    await page.locator('[row-index="10"]').first().hover();
    await until(async () => {
      await page.mouse.wheel(0, 3000);
      return more.isVisible();
    }, 'there is a button to load more');
    await more.click();
    await see(page, `${data.many.runs} matching runs`, `${data.word}-m-000`);
  });

  lane.test('runs, nested', (data) => table(data.experiment.id, { ascending: true }), async (page, data) => {
    await see(page, data.parent.name);
    await part(page, 'runnamecellrenderer.tsx_46').click();
    await see(page, data.children[0].name);
  });

  lane.test('chart view', (data) => table(data.experiment.id, { mode: 'CHART' }), async (page, data) => {
    await see(page, 'accuracy', 'val/loss', data.runs[29].name);
    // Ten runs are shown at first; their lines run over 200 steps.
    await chart(page, 'Step').getByText('150', { exact: true }).first().waitFor();
    assert.ok((await page.locator('svg path').count()) > 20);
  });

  lane.test('experiments compared', comparedExperiments, async (page, data) => {
    await see(page, 'Displaying Runs from 2 Experiments', `${data.word}-m-104`);
  });
}

function comparedExperiments(data) {
  return `/compare-experiments/s?experiments=${encodeURIComponent(JSON.stringify([data.experiment.id, data.many.id]))}`;
}

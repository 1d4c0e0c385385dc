// Pages of experiments, runs and logged models, as they are read.
import assert from 'node:assert/strict';
import { button, part, see, table, until } from '../lib/ui.mjs';

const runs = (id) => `/experiments/${id}/runs`;
const run = (data, i, tab = '') => `${runs(data.experiment.id)}/${data.runs[i].id}${tab}`;
const chart = (page, name) => page.getByTestId('experiment-view-compare-runs-card').filter({ hasText: name }).first();

export function readTracking(lane) {
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

  lane.test('run', (data) => run(data, 0), async (page, data) => {
    await see(page, data.runs[0].name, 'It went well', 'Metrics (6)', '0.09132420091324202', 'Parameters (3)', 'saga');
    await see(page, 'c0ffeec', 'Finished', 'browser', data.runs[0].id, 'iris-train', 'colour');
    await see(page, 'system/system_memory_usage_megabytes', '4199');
    await part(page, 'runviewmetricstable.tsx_186').fill('val');
    await see(page, '0.18264840182648404');
    await part(page, 'experimentviewdatasetwithcontext.tsx_41').click();
    await see(page, '10a1b2c3', 'petal');
  });

  lane.test('run, model metrics', (data) => run(data, 0, '/model-metrics'), async (page, data) => {
    const loss = chart(page, `${data.runs[0].name} (val/loss)`);
    await loss.getByText('150', { exact: true }).first().waitFor();
    await see(page, 'Model metrics', 'accuracy');
    await button(page, 'Add chart').click();
    await page.getByRole('menuitem', { name: 'Image grid' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox').nth(1).click();
    await page.getByRole('option', { name: 'petals' }).click();
    await page.keyboard.press('Escape');
    await button(dialog, 'Add chart').click();
    await until(async () => (await page.locator('img').count()) > 0, 'the logged image is drawn');
  });

  lane.test('run, system metrics', (data) => run(data, 0, '/system-metrics'), async (page, data) => {
    await see(page, 'cpu_utilization_percentage', `${data.runs[0].name} (system/system_memory_usage_megabytes)`);
    await chart(page, 'system_memory').getByText('4100', { exact: true }).first().waitFor();
  });

  lane.test('run, artifacts', (data) => run(data, 0, '/artifacts'), async (page, data) => {
    const open = (name) => page.getByTestId('artifact-tree-node').getByText(name, { exact: true }).click();
    await see(page, 'answers.json', 'Select a file to preview');
    await open('notes.txt');
    await see(page, 'second line, with ünïcode', `${data.runs[0].artifacts}/notes.txt`);
    await open('confusion.png');
    await until(
      () => page.evaluate(() => [...document.querySelectorAll('img')].some((i) => i.naturalWidth === 64)),
      'the image of 64 pixels is shown',
    );
    await open('answers.json');
    await see(page, 'View as table', 'The water that drives a mill', '0.75');
    await open('config.json');
    await see(page, '"adam"');
    await open('report.html');
    await page.frameLocator('iframe').getByText('All is well').waitFor();
    await open('deep');
    await open('er');
    await open('species.csv');
    await see(page, 'virginica', '5.5');
    await open('model');
    await open('MLmodel');
    await see(page, 'pickled_model: model.pkl');
  });

  lane.test('compare runs', comparison, async (page, data) => {
    await see(page, 'Comparing 3 Runs from 1 Experiment', data.runs[2].name, 'lbfgs', 'notes.txt');
    await see(page, 'alpha', 'accuracy', 'NaN', 'Infinity');
    for (const plot of ['Scatter Plot', 'Box Plot', 'Contour Plot']) {
      await page.getByRole('tab', { name: plot }).click();
      await page.getByRole('tabpanel', { name: plot }).locator('svg').first().waitFor();
    }
  });

  lane.test('experiments compared', comparedExperiments, async (page, data) => {
    await see(page, 'Displaying Runs from 2 Experiments', `${data.word}-m-104`);
  });

  lane.test('logged models', (data) => `/experiments/${data.experiment.id}/models`, async (page, data) => {
    await see(page, ...data.loggedModels.map((model) => model.name), 'Ready', data.loggedModels[0].run.name);
    await see(page, data.registered.name);
  });

  lane.test('logged model', loggedModel, async (page, data) => {
    await see(page, data.loggedModels[0].name, 'Ready', '0.72', 'trees', 'iris-eval', data.loggedModels[0].run.name);
    await see(page, data.registered.name);
  });

  lane.test('logged model, artifacts', (data) => `${loggedModel(data)}/artifacts`, async (page) => {
    await page.getByTestId('artifact-tree-node').getByText('requirements.txt').click();
    await see(page, 'scikit-learn==1.6.1');
  });
}

function comparison(data) {
  const ids = data.runs.slice(0, 3).map((r) => r.id);
  return `/compare-runs?runs=${json(ids)}&experiments=${json([data.experiment.id])}`;
}

function comparedExperiments(data) {
  return `/compare-experiments/s?experiments=${json([data.experiment.id, data.many.id])}`;
}

function loggedModel(data) {
  return `/experiments/${data.experiment.id}/models/${data.loggedModels[0].id}`;
}

function json(value) {
  return encodeURIComponent(JSON.stringify(value));
}

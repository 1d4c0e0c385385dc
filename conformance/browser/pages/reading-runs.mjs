// The pages of runs and of logged models, as they are read.
import { button, chart, part, see, until } from '../lib/ui.mjs';

const run = (data, i, tab = '') => `/experiments/${data.experiment.id}/runs/${data.runs[i].id}${tab}`;

export function readRuns(lane) {
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

function loggedModel(data) {
  return `/experiments/${data.experiment.id}/models/${data.loggedModels[0].id}`;
}

function json(value) {
  return encodeURIComponent(JSON.stringify(value));
}

// What the UI writes to experiments and runs: after each write the store has it, and the page shows it.
import assert from 'node:assert/strict';
import { asObject } from '../lib/api.mjs';
import { PATIENCE, button, chart, editTags, menu, part, see, table, until } from '../lib/ui.mjs';

export function writeTracking(lane) {
  lane.test('create, rename and delete an experiment', '/experiments', async (page, data, api) => {
    const name = `${data.word}-made`;
    await button(page, 'Create').click();
    let dialog = page.getByRole('dialog');
    await dialog.getByPlaceholder('Input an experiment name').fill(name);
    await button(dialog, 'Create').click();
    await page.waitForURL(/experiments\/\d+/);
    const { experiment } = await api.get('experiments/get-by-name', { experiment_name: name });
    await see(page, name);

    await menu(page, 'Edit experiment');
    dialog = page.getByRole('dialog');
    await dialog.getByPlaceholder('Enter experiment name').fill(`${name}-again`);
    await dialog.getByTestId('text-area').fill('Its **note**');
    await button(dialog, 'Save').click();
    await until(async () => {
      const now = await api.experiment(experiment.experiment_id);
      return now.name === `${name}-again` && asObject(now.tags)['mlflow.note.content'] === 'Its **note**';
    }, 'the experiment has its new name and note');
    await see(page, `${name}-again`, 'Its note');

    await page.goto(`${page.url().split('#')[0]}#/experiments`);
    await part(page, 'experiment_list_view.search').fill(`${name}-again`);
    await page.keyboard.press('Enter');
    const row = page.getByTestId('experiment-list-item').filter({ hasText: `${name}-again` });
    await until(async () => (await page.getByTestId('experiment-list-item').count()) === 1, 'it alone is listed');
    await part(row, 'experiment.list.tag.add').click();
    await editTags(page, { team: 'geology' });
    await until(async () => asObject((await api.experiment(experiment.experiment_id)).tags).team === 'geology', 'the tag is stored');
    await see(row, 'geology');

    await row.getByRole('checkbox').click();
    await part(page, 'bulk_delete_button').click();
    await button(page.getByRole('dialog'), 'Delete').click();
    await until(
      async () => (await api.experiment(experiment.experiment_id)).lifecycle_stage === 'deleted',
      'the experiment is deleted',
    );
    await until(async () => (await row.count()) === 0, 'it is listed no more');
  });

  lane.test('rename, describe and tag a run', (data) => runPage(data, 5), async (page, data, api) => {
    const { id } = data.runs[5];
    const name = `${data.word}-renamed`;
    await see(page, data.runs[5].name);
    await menu(page, 'Rename');
    const dialog = page.getByRole('dialog');
    await dialog.getByPlaceholder('Input a run name').fill(name);
    await button(dialog, 'Save').click();
    await until(async () => (await api.run(id)).info.run_name === name, 'the run has its new name');
    assert.equal((await api.runTags(id))['mlflow.runName'], name);
    await see(page.getByRole('heading', { level: 2 }), name);

    await part(page, 'runviewdescriptionbox.tsx_46').click();
    await page.getByTestId('text-area').fill('Written *by hand*');
    await button(page, 'Save').click();
    await until(async () => (await api.runTags(id))['mlflow.note.content'] === 'Written *by hand*', 'the note is stored');
    await see(page, 'Written by hand');

    await part(page, 'overview.tags.edit_button').click();
    await editTags(page, { reviewer: 'Ada', stage: 'second' }, 'colour');
    await until(async () => (await api.runTags(id)).reviewer === 'Ada', 'the tag is stored');
    const tags = await until(async () => {
      const now = await api.runTags(id);
      return now.stage === 'second' && !('colour' in now) && now;
    }, 'one tag is changed and one is gone');
    assert.equal(tags.reviewer, 'Ada');
    await see(page, 'reviewer', 'Ada', 'second');
  });

  lane.test('delete and restore a run', (data) => table(data.experiment.id), async (page, data, api) => {
    const { id, name } = data.runs[26];
    const link = page.getByRole('link', { name, exact: true });
    const select = async () => {
      const row = await page.locator('[role="row"]').filter({ has: link }).first().getAttribute('row-index');
      await page.locator(`[row-index="${row}"] input[type="checkbox"]`).first().click();
    };
    await see(page, name);
    await select();
    await button(page, 'Delete').click();
    await button(page.getByRole('dialog'), 'Delete selected').click();
    await until(async () => (await api.run(id)).info.lifecycle_stage === 'deleted', 'the run is deleted');
    await until(async () => (await link.count()) === 0, 'it is listed no more');

    await page.getByTestId('lifecycle-filter').click();
    await page.getByRole('option', { name: 'Deleted' }).click();
    await see(page, '1 matching run', name);
    await select();
    await button(page, 'Restore').click();
    await button(page.getByRole('dialog'), /Restore/).click();
    await until(async () => (await api.run(id)).info.lifecycle_stage === 'active', 'the run is restored');
    await until(async () => (await link.count()) === 0, 'it is deleted no more');
  });
}

/** A run that is logged to while its page is open. */
export function watchRun(lane) {
  lane.test('a chart that grows', (data) => `${runPage(data, 'running')}/model-metrics`, async (page, data, api) => {
    const card = chart(page, 'live');
    await card.getByText('8', { exact: true }).first().waitFor();
    const steps = Array.from({ length: 190 }, (_, i) => i + 10);
    await api.logBatch(data.running.id, {
      metrics: steps.map((step) => ({ key: 'live', value: step, timestamp: Date.now(), step })),
    });
    // The page asks anew every half minute.
    await until(() => card.getByText('150', { exact: true }).first().isVisible(), 'the new points are drawn', 2 * PATIENCE);
  });
}

function runPage(data, which) {
  const id = which === 'running' ? data.running.id : data.runs[which].id;
  return `/experiments/${data.experiment.id}/runs/${id}`;
}

// Pages of registered models, prompts and settings, as they are read.
import { part, see, seeNot } from '../lib/ui.mjs';

export function readRegistry(lane) {
  lane.test('registered models', '/models', async (page, data) => {
    const search = part(page, 'modellistfilters.tsx_118');
    await search.fill(data.word);
    await search.press('Enter');
    await see(page, data.registered.name, 'Version 3', 'champion', 'botany');
    // Prompts are registered models too, but not here.
    await seeNot(page, data.prompt.name);
  });

  lane.test('registered model', (data) => `/models/${data.registered.name}`, async (page, data) => {
    await see(page, `Description of ${data.word}`, 'owner', 'Version 1', 'Version 2', 'Version 3', 'champion');
    await see(page, `Version of ${data.loggedModels[2].name}`, 'checked');
  });

  lane.test('model version', (data) => `/models/${data.registered.name}/versions/1`, async (page, data) => {
    await see(page, 'Promote model', data.loggedModels[0].name, data.loggedModels[0].run.name, 'Staging', 'checked');
    await see(page, `Version of ${data.loggedModels[0].name}`, 'Inputs (2)', 'Outputs (1)');
    await page.getByText('Inputs (2)').click();
    await see(page, 'petal length');
  });

  lane.test('compare model versions', comparison, async (page, data) => {
    await see(page, 'Comparing 2 Versions', data.loggedModels[0].run.id, data.loggedModels[1].run.id, 'solver');
  });

  lane.test('prompts', '/prompts', async (page, data) => {
    await part(page, 'prompts.global.list.search').fill(data.prompt.name);
    await see(page, data.prompt.name, 'Version 2');
    await seeNot(page, data.registered.name);
  });

  lane.test('prompt', (data) => `/prompts/${data.prompt.name}`, async (page, data) => {
    await see(page, 'Viewing version 2', 'commit message 2', 'at great length', 'production');
    await page.getByRole('row').filter({ hasText: 'Version 1' }).click();
    await see(page, 'Viewing version 1', 'commit message 1', 'Greet {{ name }} shortly');
    await page.getByText('Compare', { exact: true }).click();
    await see(page, 'commit message 1', 'commit message 2', 'Comparing version');
  });

  lane.test('prompts of an experiment', (data) => `/experiments/${data.experiment.id}/prompts`, async (page, data) => {
    await see(page, data.prompt.name);
  });

  lane.test('settings', '/settings', async (page) => {
    await see(page, 'Theme preference', 'Enable telemetry');
  });

  lane.test('webhooks', '/settings/webhooks', async (page) => {
    await see(page, 'Receive HTTP notifications', 'Create webhook');
  });
}

function comparison(data) {
  const runs = Object.fromEntries(data.loggedModels.slice(0, 2).map((model, i) => [String(i + 1), model.run.id]));
  const json = (value) => encodeURIComponent(JSON.stringify(value));
  return `/compare-model-versions?name=${json(data.registered.name)}&runs=${json(runs)}`;
}

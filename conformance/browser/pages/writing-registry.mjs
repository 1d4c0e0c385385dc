// What the UI writes to registered models and prompts: after each write the store has it, and the page shows it.
import assert from 'node:assert/strict';
import { asObject } from '../lib/api.mjs';
import { button, go, menu, part, see, seeNot, until } from '../lib/ui.mjs';

const made = (data) => `${data.word}-made`;

export function writeRegistry(lane) {
  lane.test('register a model of a run', artifacts, async (page, data, api) => {
    await page.getByTestId('artifact-tree-node').getByText('model', { exact: true }).click();
    await button(page, 'Register model').click();
    await choose(page, 'Create New Model');
    const dialog = page.getByRole('dialog');
    await dialog.getByPlaceholder('Input a model name').fill(made(data));
    await button(dialog, 'Register').click();
    const version = await until(() => version1(api, made(data)), 'the version is stored');
    assert.equal(version.run_id, data.runs[0].id);
    assert.equal(version.source, `runs:/${data.runs[0].id}/model`);
    assert.equal(version.status, 'READY');
    await go(page, `/models/${made(data)}/versions/1`);
    await see(page, made(data), data.runs[0].name);
  });

  lane.test('register a logged model', loggedModel, async (page, data, api) => {
    const model = data.loggedModels[1];
    await see(page, model.name);
    await button(page, 'Register model').click();
    await choose(page, made(data));
    await button(page.getByRole('dialog'), 'Register').click();
    const version = await until(
      () => api.modelVersion(made(data), '2').catch((e) => e.status === 404 ? undefined : Promise.reject(e)),
      'the second version is stored',
    );
    assert.equal(version.run_id, model.run.id);
    await go(page, `/models/${made(data)}`);
    await see(page, 'Version 1', 'Version 2');
  });

  lane.test('describe and tag a model, give an alias', (data) => `/models/${made(data)}`, async (page, data, api) => {
    await see(page, 'Version 2');
    await describe(page, 'modelview.tsx_467', 'Of _flowers_');
    await until(async () => (await api.registeredModel(made(data))).description === 'Of _flowers_', 'it is described');
    await see(page, 'Of flowers');

    await addTag(page, 'owner', 'geology');
    await until(async () => asObject((await api.registeredModel(made(data))).tags).owner === 'geology', 'it has a tag');
    await see(page, 'geology');

    const row = page.getByRole('row').filter({ hasText: 'Version 2' });
    await part(row, 'modelversiontablealiasescell.tsx_30').click();
    await setAlias(page, 'challenger');
    await until(async () => (await api.modelVersion(made(data), '2')).aliases?.includes('challenger'), 'it has an alias');
    await page.reload({ waitUntil: 'networkidle' });
    await see(page, 'challenger');
  });

  lane.test('describe and tag a version', '/settings', async (page, data, api) => {
    await see(page, 'Theme preference');
    // Beside its model the page of a version asks for the first hundred of all, to offer copies of it, and where there are more it
    // forgets the model, with the aliases, if those come later. So the model comes later here.
    const others = page.waitForResponse(/registered-models\/search/).then((response) => response.finished());
    await page.route(/registered-models\/get\?/, (route) => others.then(() => route.continue()));
    await go(page, `/models/${made(data)}/versions/2`);
    await see(page, 'challenger');
    await describe(page, 'modelversionview.tsx_516', 'The second');
    await until(async () => (await api.modelVersion(made(data), '2')).description === 'The second', 'it is described');
    await see(page, 'The second');
    await addTag(page, 'checked', 'by hand');
    await until(async () => asObject((await api.modelVersion(made(data), '2')).tags).checked === 'by hand', 'it has a tag');
    await see(page, 'by hand');
  });

  lane.test('set a stage', (data) => `/models/${made(data)}/versions/2`, async (page, data, api) => {
    const toggle = part(page, 'modelsnextuitoggleswitch.tsx_39');
    await toggle.click();
    await button(page.getByRole('dialog'), 'Disable').click();
    await page.getByText('None', { exact: true }).filter({ visible: true }).first().click();
    await page.getByText('Production', { exact: true }).filter({ visible: true }).first().click();
    await button(page.getByRole('dialog'), /OK|Save|Confirm|Transition/).click();
    await until(async () => (await api.modelVersion(made(data), '2')).current_stage === 'Production', 'it is in production');
    await see(page, 'Production');
    await toggle.click();
    await see(page, 'Aliases');
  });

  lane.test('delete a version and a model', (data) => `/models/${made(data)}/versions/1`, async (page, data, api) => {
    await see(page, data.runs[0].name);
    await menu(page, 'Delete');
    await button(page.getByRole('dialog'), 'Delete').click();
    await until(() => api.isGone(() => api.modelVersion(made(data), '1')), 'the version is gone');
    await see(page, 'Version 2');
    await seeNot(page, 'Version 1');

    // A model with a version in production cannot be deleted.
    await api.post('model-versions/transition-stage', {
      name: made(data),
      version: '2',
      stage: 'None',
      archive_existing_versions: false,
    });
    await page.reload();
    await see(page, 'Version 2');
    await menu(page, 'Delete');
    await button(page.getByRole('dialog'), 'Delete').click();
    await until(() => api.isGone(() => api.registeredModel(made(data))), 'the model is gone');
    await see(page, 'Registered Models', 'Create Model');
  });

  lane.test('create a model', '/models', async (page, data, api) => {
    const name = `${data.word}-empty`;
    await button(page, 'Create Model').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill(name);
    await button(dialog, 'Create').click();
    await until(() => api.registeredModel(name).catch(() => undefined), 'the model is stored');
    await see(page, name);
  });

  lane.test('create a prompt and a version', '/prompts', async (page, data, api) => {
    const name = `${data.word}-asked`;
    await button(page, 'Create prompt').click();
    let dialog = page.getByRole('dialog');
    await dialog.getByPlaceholder('Provide an unique prompt name').fill(name);
    await dialog.getByPlaceholder('Type prompt content here').fill('Say {{ word }}');
    await part(dialog, 'create.commit_message').fill('the first');
    await button(dialog, 'Create').click();
    const first = await until(() => version1(api, name), 'the prompt is stored');
    assert.equal(asObject(first.tags)['mlflow.prompt.text'], 'Say {{ word }}');
    assert.equal(first.description, 'the first');
    await see(page, 'Viewing version 1', 'Say {{ word }}', 'the first');

    await button(page, 'Create prompt version').click();
    dialog = page.getByRole('dialog');
    await dialog.getByPlaceholder('Type prompt content here').fill('Shout {{ word }}');
    await button(dialog, 'Create').click();
    const second = await until(
      () => api.modelVersion(name, '2').catch((e) => e.status === 404 ? undefined : Promise.reject(e)),
      'the second version is stored',
    );
    assert.equal(asObject(second.tags)['mlflow.prompt.text'], 'Shout {{ word }}');
    await see(page, 'Viewing version 2', 'Shout {{ word }}');

    await button(page, 'Delete version').click();
    await button(page.getByRole('dialog'), 'Delete').click();
    await until(() => api.isGone(() => api.modelVersion(name, '2')), 'the second version is gone');
    await see(page, 'Viewing version 1');
  });
}

function artifacts(data) {
  return `/experiments/${data.experiment.id}/runs/${data.runs[0].id}/artifacts`;
}

function loggedModel(data) {
  return `/experiments/${data.experiment.id}/models/${data.loggedModels[1].id}`;
}

function version1(api, name) {
  return api.modelVersion(name, '1').catch((e) => e.status === 404 ? undefined : Promise.reject(e));
}

/** Chooses a model in the dialog that registers one. */
async function choose(page, name) {
  const dialog = page.getByRole('dialog');
  const box = dialog.getByRole('combobox').first();
  await box.click();
  if (name !== 'Create New Model') await box.fill(name);
  await page.getByTitle(name, { exact: true }).or(page.getByText(name, { exact: true })).filter({ visible: true }).last().click();
}

async function describe(page, edit, text) {
  await part(page, edit).click();
  await page.getByTestId('text-area').filter({ visible: true }).fill(text);
  await button(page, 'Save').click();
}

/** Adds a tag on the page of a model or of a version, whose sections of tags are alike. */
async function addTag(page, key, value) {
  const section = page.getByTestId('tags-section');
  const field = part(section, 'editabletagstableview.tsx_107');
  // Closed as long as there are none; a page that draws itself anew closes it again.
  await until(async () => {
    if (!(await field.isVisible())) await page.getByText('Tags', { exact: true }).first().click();
    return field.waitFor({ timeout: 3000 }).then(() => true, () => false);
  }, 'the section of tags is open');
  await field.fill(key);
  await part(section, 'editabletagstableview.tsx_117').fill(value);
  await button(section, 'Add').click();
}

async function setAlias(page, alias) {
  const dialog = page.getByRole('dialog').filter({ hasText: 'alias' });
  await dialog.getByRole('combobox').fill(alias);
  await page.keyboard.press('Enter');
  await button(dialog, 'Save aliases').click();
}

// The data that the pages show. Every name carries a word of this run of the suite, so that a store with data will do.
import { randomUUID } from 'node:crypto';
import { each, pairs } from './api.mjs';
import * as files from './files.mjs';

const RUNS = 30;
const STEPS = 200;
const MANY_RUNS = 105; // The runs table loads 100 at first.
const MANY_EXPERIMENTS = 27; // A page of the list of experiments has 25.

/**
 * Seeds a store.
 *
 * @returns names and ids: what the tests look for.
 */
export async function seed(api) {
  const word = `ui${Date.now().toString(36)}`;
  const now = Date.now();
  const data = { word };

  data.experiment = { name: `${word}-iris` };
  data.experiment.id = await api.createExperiment(data.experiment.name, {
    'mlflow.note.content': `Note of ${word}: petals and sepals`,
    team: 'botany',
  });

  data.runs = await each(Array.from({ length: RUNS }), async (_, i) => {
    const info = await api.createRun(data.experiment.id, `${word}-run-${String(i).padStart(2, '0')}`, {
      startTime: now - (RUNS - i) * 60_000,
      tags: {
        stage: i % 2 ? 'odd' : 'even',
        'mlflow.note.content': i === 0 ? `## Note of run ${i}\n\nIt went **well**.` : `note ${i}`,
        'mlflow.source.git.commit': 'c0ffee'.repeat(6) + 'c0ff',
      },
    });
    await api.logBatch(info.run_id, {
      params: { alpha: i / 100, depth: i % 5, solver: i % 3 ? 'lbfgs' : 'saga' },
      tags: { colour: ['red', 'green', 'blue'][i % 3] },
      metrics: [
        { key: 'accuracy', value: 0.5 + i / 100, timestamp: now, step: 0 },
        ...history('loss', now, (step) => (1 + i / 10) / (1 + step / 20)),
        ...history('val/loss', now, (step) => (2 + i / 10) / (1 + step / 20)),
      ],
    });
    const status = i === 27 ? 'FAILED' : i === 28 ? 'KILLED' : 'FINISHED';
    if (i !== 29) await api.finish(info.run_id, status, now - (RUNS - i) * 60_000 + 30_000);
    return { id: info.run_id, name: info.run_name, artifacts: info.artifact_uri };
  });

  await seedDetails(api, data, now);
  await seedChildren(api, data, now);
  const running = await api.createRun(data.experiment.id, `${word}-running`, { startTime: now - 3_600_000 });
  await api.logBatch(running.run_id, { metrics: history('live', now, (step) => step).slice(0, 10) });
  data.running = { id: running.run_id, name: running.run_name };
  await seedModels(api, data);
  await seedPrompt(api, data);
  await seedLists(api, data, now);
  return data;
}

function history(key, now, value) {
  return Array.from({ length: STEPS }, (_, step) => ({ key, value: value(step), timestamp: now + step * 1000, step }));
}

/** The first run has of everything: system metrics, values that are no numbers, datasets, files, images. */
async function seedDetails(api, data, now) {
  const run = data.runs[0];
  await api.logBatch(run.id, {
    metrics: [
      ...history('system/cpu_utilization_percentage', now, (step) => 40 + 10 * Math.sin(step / 10)),
      ...history('system/system_memory_usage_megabytes', now, (step) => 4000 + step),
      { key: 'not-a-number', value: 'NaN', timestamp: now, step: 0 },
      { key: 'endless', value: 'Infinity', timestamp: now, step: 0 },
    ],
  });
  const dataset = (name, context) => ({
    tags: [{ key: 'mlflow.data.context', value: context }],
    dataset: {
      name,
      digest: `${name.length}a1b2c3`,
      source_type: 'http',
      source: JSON.stringify({ url: `https://example.org/${name}.csv` }),
      schema: JSON.stringify({ mlflow_colspec: [{ name: 'petal', type: 'double' }] }),
      profile: JSON.stringify({ num_rows: 150, num_elements: 600 }),
    },
  });
  await api.post('runs/log-inputs', {
    run_id: run.id,
    datasets: [dataset('iris-train', 'training'), dataset('iris-eval', 'eval')],
  });
  data.datasets = ['iris-train', 'iris-eval'];

  const put = (path, bytes) => api.putArtifact(run.artifacts, path, bytes);
  for (const { artifacts } of data.runs.slice(0, 3)) {
    await api.putArtifact(artifacts, 'notes.txt', 'First line of the notes\nsecond line, with ünïcode\n');
  }
  await put('confusion.png', files.png(64, 40));
  await put('answers.json', files.TABLE);
  await put('report.html', files.HTML);
  await put('deep/er/species.csv', files.CSV);
  await put('config.json', JSON.stringify({ optimiser: 'adam', rate: 0.01 }));
  await put('model/MLmodel', files.mlmodel(run.id, 'none'));
  await put('model/model.pkl', Buffer.alloc(100));
  for (let step = 0; step < 3; step++) {
    const name = `images/petals+step+${step}+timestamp+${now + step}+${randomUUID()}`;
    await put(`${name}.png`, files.png(32, step * 100));
    await put(`${name}+compressed.webp`, files.WEBP);
  }
  await api.logBatch(run.id, {
    tags: {
      'mlflow.loggedImages': 'True',
      'mlflow.loggedArtifacts': JSON.stringify([{ path: 'answers.json', type: 'table' }]),
    },
  });
}

/** Runs below the second run, two levels deep. */
async function seedChildren(api, data, now) {
  data.parent = data.runs[1];
  let parent = data.parent.id;
  data.children = [];
  for (const name of ['child', 'grandchild']) {
    const info = await api.createRun(data.experiment.id, `${data.word}-${name}`, {
      startTime: now,
      tags: { 'mlflow.parentRunId': parent },
    });
    await api.logBatch(info.run_id, { metrics: [{ key: 'accuracy', value: 0.1, timestamp: now, step: 0 }] });
    await api.finish(info.run_id);
    data.children.push({ id: info.run_id, name: info.run_name });
    parent = info.run_id;
  }
}

async function seedModels(api, data) {
  data.loggedModels = await each([2, 3, 4], async (i) => {
    const run = data.runs[i];
    const { model } = await api.post('logged-models', {
      experiment_id: data.experiment.id,
      name: `${data.word}-model-${i}`,
      model_type: 'classifier',
      source_run_id: run.id,
      params: pairs({ trees: i * 10 }),
      tags: pairs({ origin: 'seed' }),
    });
    const id = model.info.model_id;
    await api.putArtifact(model.info.artifact_uri, 'MLmodel', files.mlmodel(run.id, id));
    await api.putArtifact(model.info.artifact_uri, 'requirements.txt', 'scikit-learn==1.6.1\n');
    await api.send('PATCH', `logged-models/${id}`, { model_id: id, status: 'LOGGED_MODEL_READY' });
    await api.post('runs/outputs', { run_id: run.id, models: [{ model_id: id, step: 0 }] });
    await api.post('runs/log-batch', {
      run_id: run.id,
      metrics: [
        {
          key: 'f1',
          value: 0.7 + i / 100,
          timestamp: Date.now(),
          step: 0,
          model_id: id,
          dataset_name: 'iris-eval',
          dataset_digest: '9a1b2c3',
        },
      ],
    });
    return { id, name: model.info.name, run };
  });

  data.registered = { name: `${data.word}-registered`, versions: 3 };
  const { name } = data.registered;
  await api.post('registered-models/create', {
    name,
    description: `Description of ${data.word}`,
    tags: pairs({ owner: 'botany' }),
  });
  for (const model of data.loggedModels) {
    await api.post('model-versions/create', {
      name,
      source: `models:/${model.id}`,
      model_id: model.id,
      run_id: model.run.id,
      description: `Version of ${model.name}`,
      tags: pairs({ checked: 'yes' }),
    });
  }
  await api.post('registered-models/alias', { name, alias: 'champion', version: '2' });
  await api.post('model-versions/transition-stage', {
    name,
    version: '1',
    stage: 'Staging',
    archive_existing_versions: false,
  });
}

async function seedPrompt(api, data) {
  data.prompt = { name: `${data.word}-prompt`, texts: ['Greet {{ name }} shortly', 'Greet {{ name }} at great length'] };
  await api.post('registered-models/create', {
    name: data.prompt.name,
    tags: pairs({ 'mlflow.prompt.is_prompt': 'true', _mlflow_experiment_ids: `,${data.experiment.id},` }),
  });
  for (const [i, text] of data.prompt.texts.entries()) {
    await api.post('model-versions/create', {
      name: data.prompt.name,
      source: 'dummy-source',
      description: `commit message ${i + 1}`,
      tags: pairs({ 'mlflow.prompt.is_prompt': 'true', 'mlflow.prompt.text': text, _mlflow_prompt_type: 'text' }),
    });
  }
  await api.post('registered-models/alias', { name: data.prompt.name, alias: 'production', version: '1' });
}

/** More experiments and runs than one page shows. */
async function seedLists(api, data, now) {
  data.pages = Array.from({ length: MANY_EXPERIMENTS }, (_, i) => `${data.word}-page-${String(i).padStart(2, '0')}`);
  await each(data.pages, (name) => api.createExperiment(name));
  data.many = { name: `${data.word}-many`, runs: MANY_RUNS };
  data.many.id = await api.createExperiment(data.many.name);
  await each(Array.from({ length: MANY_RUNS }), (_, i) =>
    api.createRun(data.many.id, `${data.word}-m-${String(i).padStart(3, '0')}`, { startTime: now + i * 1000 }),
  );
}

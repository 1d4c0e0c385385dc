// The data of the measurement, the same for both servers: an experiment with many runs of 50 metrics, and one with ten runs whose
// one metric has many points. mlflow.sql says the same in SQL.
import { pairs } from '../lib/api.mjs';

export const TABLE = 'speed-table';
export const CHART = 'speed-chart';
const CHART_RUNS = 10;
const METRICS = 50;
const PARAMS = 5;
const BATCH = 900; // A request may have 1,000 metrics, params and tags.
const AT_ONCE = 8;
const BEGIN = 1_750_000_000_000;

/** Creates the two experiments, empty. */
export async function createExperiments(api) {
  return { table: await api.createExperiment(TABLE), chart: await api.createExperiment(CHART) };
}

/** Fills them through the API, `runs` in the table and `points` for each run of the chart. */
export async function fill(api, experiments, { runs, points }) {
  await concurrently(runs, async (n) => {
    const metrics = Array.from({ length: METRICS }, (_, k) => ({
      key: `metric_${String(k).padStart(2, '0')}`,
      value: ((n * 7919 + k * 104729) % 100_000) / 100_000,
      timestamp: BEGIN + n * 60_000,
      step: 0,
    }));
    await run(api, experiments.table, `table-${n}`, n, [metrics]);
  });
  await concurrently(CHART_RUNS, async (n) => {
    const batches = [];
    for (let first = 0; first < points; first += BATCH) {
      batches.push(
        Array.from({ length: Math.min(BATCH, points - first) }, (_, i) => ({
          key: 'loss',
          value: (n + 1) / (1 + (first + i) / 1000),
          timestamp: BEGIN + (first + i) * 1000,
          step: first + i,
        })),
      );
    }
    await run(api, experiments.chart, `chart-${n}`, n, batches);
  });
}

async function run(api, experimentId, name, n, batches) {
  const info = (
    await api.post('runs/create', {
      experiment_id: experimentId,
      user_id: 'speed',
      run_name: name,
      start_time: BEGIN + n * 60_000,
      tags: pairs({ 'mlflow.user': 'speed', 'mlflow.source.name': 'train.py', 'mlflow.source.type': 'LOCAL' }),
    })
  ).run.info;
  const params = Object.fromEntries(Array.from({ length: PARAMS }, (_, k) => [`param_${k}`, n * 31 + k]));
  for (const [i, metrics] of batches.entries()) {
    await api.logBatch(info.run_id, { metrics, params: i === 0 ? params : {} });
  }
  await api.finish(info.run_id, 'FINISHED', BEGIN + n * 60_000 + 30_000);
}

async function concurrently(count, work) {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

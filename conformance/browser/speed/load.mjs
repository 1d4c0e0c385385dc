// load.mjs URL [RUNS POINTS]: creates the two experiments and prints their ids; with the sizes, fills them as well.
import { Api } from '../lib/api.mjs';
import { createExperiments, fill } from './data.mjs';

const [url, runs, points] = process.argv.slice(2);
const api = new Api(url);
const experiments = await createExperiments(api);
if (runs) await fill(api, experiments, { runs: Number(runs), points: Number(points) });
console.log(experiments.table, experiments.chart);

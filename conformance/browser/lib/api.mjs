// A client of MLflow's REST API: what the tests seed their data with and read back what the UI stored.

/** An answer other than 200, with its status and the body. */
export class ApiError extends Error {
  constructor(method, path, status, body) {
    super(`${method} ${path} answered ${status}: ${body.slice(0, 500)}`);
    this.status = status;
  }
}

export class Api {
  constructor(url) {
    this.url = url.replace(/\/+$/, '');
  }

  /** Sends one request; `path` is below /api/2.0/mlflow/ unless it begins with a slash. */
  async send(method, path, body) {
    const relative = path.startsWith('/') ? path : `/api/2.0/mlflow/${path}`;
    const bytes = typeof body === 'string' || Buffer.isBuffer(body);
    const response = await fetch(this.url + relative, {
      method,
      body: body === undefined ? undefined : bytes ? body : JSON.stringify(body),
      headers: body === undefined ? {} : { 'Content-Type': bytes ? 'application/octet-stream' : 'application/json' },
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (response.status !== 200) throw new ApiError(method, relative, response.status, text);
    return text === '' ? {} : JSON.parse(text);
  }

  get(path, query = {}) {
    const search = new URLSearchParams(query).toString();
    return this.send('GET', search ? `${path}?${search}` : path);
  }

  post(path, body) {
    return this.send('POST', path, body);
  }

  async createExperiment(name, tags = {}) {
    return (await this.post('experiments/create', { name, tags: pairs(tags) })).experiment_id;
  }

  async experiment(id) {
    return (await this.get('experiments/get', { experiment_id: id })).experiment;
  }

  /** Creates a run and returns its run_info. */
  async createRun(experimentId, name, { tags = {}, startTime = Date.now() } = {}) {
    const answer = await this.post('runs/create', {
      experiment_id: experimentId,
      start_time: startTime,
      run_name: name,
      tags: pairs({ 'mlflow.user': 'browser', 'mlflow.source.name': 'train.py', 'mlflow.source.type': 'LOCAL', ...tags }),
    });
    return answer.run.info;
  }

  finish(runId, status = 'FINISHED', endTime = Date.now()) {
    return this.post('runs/update', { run_id: runId, status, end_time: endTime });
  }

  logBatch(runId, { metrics = [], params = {}, tags = {} }) {
    return this.post('runs/log-batch', { run_id: runId, metrics, params: pairs(params), tags: pairs(tags) });
  }

  async run(runId) {
    return (await this.get('runs/get', { run_id: runId })).run;
  }

  async runTags(runId) {
    return asObject((await this.run(runId)).data.tags);
  }

  /** Stores bytes below an artifact root such as mlflow-artifacts:/1/abc/artifacts. */
  putArtifact(root, path, bytes) {
    const folder = root.replace(/^mlflow-artifacts:\/+/, '');
    const encoded = `${folder}/${path}`.split('/').map(encodeURIComponent).join('/');
    return this.send('PUT', `/api/2.0/mlflow-artifacts/artifacts/${encoded}`, bytes);
  }

  async registeredModel(name) {
    return (await this.get('registered-models/get', { name })).registered_model;
  }

  async modelVersion(name, version) {
    return (await this.get('model-versions/get', { name, version })).model_version;
  }

  /** Whether the request that `read` sends is answered 404. */
  async isGone(read) {
    try {
      await read();
      return false;
    } catch (e) {
      if (e instanceof ApiError && e.status === 404) return true;
      throw e;
    }
  }
}

export function pairs(object) {
  return Object.entries(object).map(([key, value]) => ({ key, value: String(value) }));
}

export function asObject(keysAndValues = []) {
  return Object.fromEntries(keysAndValues.map(({ key, value }) => [key, value]));
}

/** Runs `work` on each of the items, at most four at once, and returns the results in order. */
export async function each(items, work) {
  const results = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const i = next++;
      results[i] = await work(items[i], i);
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return results;
}

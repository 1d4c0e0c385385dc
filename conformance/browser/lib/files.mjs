// Small files of the kinds that the artifact viewer previews.
import zlib from 'node:zlib';

function checksum(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(checksum(body), body.length + 4);
  return frame;
}

/** A square PNG whose colours run from corner to corner; `shade` (0..255) tells several apart. */
export function png(size, shade) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc(size * (size * 3 + 1));
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      rows.set([(x * 255) / size, (y * 255) / size, shade], y * (size * 3 + 1) + 1 + x * 3);
    }
  }
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', zlib.deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A WebP of one pixel: MLflow's clients store one beside every logged image, for the charts. */
export const WEBP = Buffer.from('UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA', 'base64');

/** What mlflow.log_table writes: pandas' "split" JSON. */
export const TABLE = JSON.stringify({
  columns: ['question', 'answer', 'score'],
  data: [
    ['What is a millrace?', 'The water that drives a mill', 0.75],
    ['And a tailrace?', 'The water that leaves it', 0.5],
  ],
});

export const CSV = 'species,petal\nsetosa,1.4\nvirginica,5.5\n';

export const HTML = '<!doctype html><html><body><h1>Report of the run</h1><p>All is well.</p></body></html>';

/** The MLmodel file of a scikit-learn model with a signature. */
export function mlmodel(runId, modelId) {
  const field = (name) => `{"type": "double", "name": "${name}", "required": true}`;
  return `artifact_path: model
flavors:
  python_function:
    loader_module: mlflow.sklearn
    model_path: model.pkl
    predict_fn: predict
    python_version: 3.11.7
  sklearn:
    pickled_model: model.pkl
    serialization_format: cloudpickle
    sklearn_version: 1.6.1
mlflow_version: 3.17.2
model_id: ${modelId}
model_uuid: ${modelId}
run_id: ${runId}
signature:
  inputs: '[${field('petal length')}, ${field('petal width')}]'
  outputs: '[{"type": "long", "required": true}]'
  params: null
utc_time_created: '2026-01-01 00:00:00.000000'
`;
}

-- The data of the measurement, written into the schema of MLflow 3.17.2 (store/tracking/dbmodels/models.py): by its API, the
-- runs alone would take the better part of an hour. What a run has and what it is worth is said in data.mjs, which this repeats.
-- Variables: table_id and chart_id, the two experiments; runs, how many the first has; points, how many each run of the second has.
\set ON_ERROR_STOP on
BEGIN;

CREATE TEMPORARY TABLE made AS
SELECT :table_id AS experiment_id, n, md5('table-' || n) AS run_uuid, 'table-' || n AS name FROM generate_series(0, :runs - 1) AS n
UNION ALL
SELECT :chart_id, n, md5('chart-' || n), 'chart-' || n FROM generate_series(0, 9) AS n;

INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time, source_version,
  lifecycle_stage, artifact_uri, experiment_id)
SELECT run_uuid, name, 'UNKNOWN', '', '', 'speed', 'FINISHED', 1750000000000 + n * 60000, 1750000030000 + n * 60000, '',
  'active', 'mlflow-artifacts:/' || experiment_id || '/' || run_uuid || '/artifacts', experiment_id
FROM made;

INSERT INTO tags (key, value, run_uuid)
SELECT key, value, run_uuid FROM made, LATERAL (VALUES
  ('mlflow.runName', name), ('mlflow.user', 'speed'), ('mlflow.source.name', 'train.py'), ('mlflow.source.type', 'LOCAL')) AS tag (key, value);

INSERT INTO params (key, value, run_uuid)
SELECT 'param_' || k, (n * 31 + k)::text, run_uuid FROM made, generate_series(0, 4) AS k;

INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
SELECT 'metric_' || lpad(k::text, 2, '0'), ((n * 7919 + k * 104729) % 100000) / 100000.0, 1750000000000 + n * 60000, 0, false, run_uuid
FROM made, generate_series(0, 49) AS k WHERE experiment_id = :table_id
UNION ALL
SELECT 'loss', (n + 1) / (1 + (:points - 1) / 1000.0), 1750000000000 + (:points - 1) * 1000, :points - 1, false, run_uuid
FROM made WHERE experiment_id = :chart_id;

INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid)
SELECT key, value, timestamp, step, is_nan, run_uuid FROM latest_metrics JOIN made USING (run_uuid) WHERE experiment_id = :table_id
UNION ALL
SELECT 'loss', (n + 1) / (1 + step / 1000.0), 1750000000000 + step * 1000, step, false, run_uuid
FROM made, generate_series(0::bigint, :points - 1) AS step WHERE experiment_id = :chart_id;

COMMIT;

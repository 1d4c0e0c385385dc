local common = require("common")

-- Create, log-batch, finish; one after the other, so run it with one connection a thread. Three requests are one life.
local run
local stage = 0

function init(args)
  common.start(args)
end

function request()
  local now = common.now()
  if stage == 0 then
    return common.post("runs/create", string.format(
      '{"experiment_id": "%s", "user_id": "bench", "run_name": "life", "start_time": %d, "tags": [{"key": "mlflow.user", "value": "bench"}, {"key": "mlflow.source.name", "value": "train.py"}, {"key": "mlflow.source.type", "value": "LOCAL"}]}',
      common.experiment, now))
  elseif stage == 1 then
    local metrics, params = {}, {}
    for i = 0, 19 do
      metrics[#metrics + 1] = string.format('{"key": "m%d", "value": %.6f, "timestamp": %d, "step": 0}', i, math.random(), now)
    end
    for i = 0, 9 do
      params[#params + 1] = string.format('{"key": "p%d", "value": "v%d"}', i, math.random(0, 9))
    end
    return common.post("runs/log-batch", string.format(
      '{"run_id": "%s", "metrics": [%s], "params": [%s], "tags": [{"key": "t0", "value": "x%d"}]}',
      run, table.concat(metrics, ", "), table.concat(params, ", "), math.random(0, 4)))
  end
  return common.post("runs/update", string.format(
    '{"run_id": "%s", "run_uuid": "%s", "status": "FINISHED", "end_time": %d}', run, run, now))
end

function response(status, headers, body)
  if status ~= 200 then
    stage = 0
    return
  end
  if stage == 0 then
    run = body:match('"run_id": ?"(%x+)"')
  end
  stage = (stage + 1) % 3
end

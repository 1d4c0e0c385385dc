local common = require("common")

-- The mix that mlflow-go publishes: runs are created, batches of 10, 100 and 500 metrics logged, runs and experiments searched.
-- The argument is the experiment whose runs are searched, not the one in which they are made: else the faster server would find more in them.
local run

function init(args)
  common.start(args)
  run = common.run()
end

local function batch(size)
  local now = common.now()
  local metrics = {}
  for i = 1, size do
    metrics[i] = string.format('{"key": "k%d", "value": %.6f, "timestamp": %d, "step": %d}', i, math.random(), now, common.count)
  end
  return common.post("runs/log-batch", string.format('{"run_id": "%s", "metrics": [%s]}', run, table.concat(metrics, ", ")))
end

function request()
  local turn = common.next() % 6
  if turn == 1 then
    return common.post("runs/create", string.format('{"experiment_id": "%s", "start_time": %d}', common.experiment, common.now()))
  elseif turn == 2 then
    return batch(10)
  elseif turn == 3 then
    return batch(100)
  elseif turn == 4 then
    return batch(500)
  elseif turn == 5 then
    return common.post("runs/search", string.format('{"experiment_ids": ["%s"], "max_results": 100}', common.argument))
  end
  return common.post("experiments/search", '{"max_results": 100}')
end

function response(status, headers, body)
  if status == 200 then
    run = body:match('^{"run": ?{"info": ?{"run_uuid": ?"(%x+)"') or run
  end
end

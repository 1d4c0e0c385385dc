local common = require("common")

local METRICS = 1000

function init(args)
  common.start(args)
end

-- New points of 100 metrics, ten steps of each.
function request()
  local n = common.next()
  local now = common.now()
  local metrics = {}
  for i = 0, METRICS - 1 do
    metrics[#metrics + 1] = string.format('{"key": "b%d", "value": %.6f, "timestamp": %d, "step": %d}', i % 100, math.random(), now, n * 10 + math.floor(i / 100))
  end
  return common.post("runs/log-batch", string.format(
    '{"run_id": "%s", "metrics": [%s], "params": [], "tags": []}', common.run(), table.concat(metrics, ", ")))
end

local common = require("common")

function init(args)
  common.start(args)
end

function request()
  local n = common.next()
  local run = common.run()
  return common.post("runs/log-metric", string.format(
    '{"run_id": "%s", "run_uuid": "%s", "key": "m%d", "value": %.6f, "timestamp": %d, "step": %d}',
    run, run, n % 20, math.random(), common.now(), n))
end

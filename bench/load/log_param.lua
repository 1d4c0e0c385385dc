local common = require("common")

function init(args)
  common.start(args)
end

-- Params that runs have not yet, as nobody may change one: a key for one run after the other, then the next key.
function request()
  local n = common.next() - 1
  local run = common.runs[n % #common.runs + 1]
  return common.post("runs/log-parameter", string.format(
    '{"run_id": "%s", "run_uuid": "%s", "key": "q%s%d", "value": "%.6f"}', run, run, common.unique, math.floor(n / #common.runs), math.random()))
end

local common = require("common")

function init(args)
  common.start(args)
end

-- A param that its run has not yet: nobody may change one.
function request()
  local run = common.run()
  return common.post("runs/log-parameter", string.format(
    '{"run_id": "%s", "run_uuid": "%s", "key": "q%s%d", "value": "%.6f"}', run, run, common.unique, common.next(), math.random()))
end

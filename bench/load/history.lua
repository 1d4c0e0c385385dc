local common = require("common")

-- The argument is the run whose metric "long" has the history.
local query

function init(args)
  common.start(args)
  query = common.get("metrics/get-history?run_uuid=" .. common.argument .. "&run_id=" .. common.argument .. "&metric_key=long")
end

function request()
  return query
end

local common = require("common")

-- The argument is the run whose artifacts are listed.
local query

function init(args)
  common.start(args)
  query = common.get("artifacts/list?run_uuid=" .. common.argument .. "&run_id=" .. common.argument)
end

function request()
  return query
end

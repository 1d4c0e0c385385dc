local common = require("common")

-- The argument is the path of the artifact.
local query

function init(args)
  common.start(args)
  query = wrk.format("GET", "/api/2.0/mlflow-artifacts/artifacts/" .. common.argument)
end

function request()
  return query
end

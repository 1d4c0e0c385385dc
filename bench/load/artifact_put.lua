local common = require("common")

-- The argument is the size in bytes.
local body

function init(args)
  common.start(args)
  body = string.rep("0123456789abcdef", tonumber(common.argument) / 16)
end

function request()
  local name = common.argument .. "-" .. number .. "-" .. (common.next() % 8) .. ".bin"
  return wrk.format("PUT", "/api/2.0/mlflow-artifacts/artifacts/bench/put/" .. name, { ["Content-Type"] = "application/octet-stream" }, body)
end

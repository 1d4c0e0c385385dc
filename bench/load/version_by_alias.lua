local common = require("common")

function init(args)
  common.start(args)
end

function request()
  return common.get("registered-models/alias?name=" .. common.argument .. "&alias=champion")
end

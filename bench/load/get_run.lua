local common = require("common")

function init(args)
  common.start(args)
end

function request()
  local run = common.run()
  return common.get("runs/get?run_uuid=" .. run .. "&run_id=" .. run)
end

local common = require("common")

-- The argument is the size of the page.
local query

function init(args)
  common.start(args)
  query = common.post("runs/search", string.format(
    '{"experiment_ids": ["%s"], "max_results": %s, "order_by": ["attributes.start_time DESC"], "run_view_type": "ACTIVE_ONLY"}',
    common.experiment, common.argument))
end

function request()
  return query
end

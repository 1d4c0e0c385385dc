local common = require("common")

function init(args)
  common.start(args)
end

function request()
  return common.post("runs/search", string.format(
    '{"experiment_ids": ["%s"], "filter": "metrics.m%d > 0.5 and params.p%d = \'v%d\' and tags.t0 = \'x%d\'", "max_results": 100, "order_by": ["metrics.m%d DESC"]}',
    common.experiment, math.random(0, 9), math.random(0, 9), math.random(0, 9), math.random(0, 4), math.random(10, 19)))
end

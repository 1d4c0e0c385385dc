local common = require("common")

function init(args)
  common.start(args)
end

function request()
  return common.post("model-versions/create", string.format(
    '{"name": "%s", "source": "s3://bucket/models/%s%d", "run_id": "%s"}', common.argument, common.unique, common.next(), common.run()))
end

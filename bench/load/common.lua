-- What every workload shares. wrk calls init with the arguments behind --: the experiment, the file with the ids of
-- runs (one a line), and what the workload needs beside. Each of wrk's threads has a Lua state of its own.
local common = {}

local threads = 0

-- wrk calls this once a thread, before init.
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function common.start(args)
  math.randomseed(os.time() * 1000 + number * 7919 + tonumber(args[3] or "0"))
  common.experiment = args[1]
  common.runs = {}
  for line in io.lines(args[2]) do
    common.runs[#common.runs + 1] = line
  end
  -- Keys and names must be new in every round and thread.
  common.unique = args[3] .. "_" .. number .. "_"
  common.argument = args[4]
  common.count = 0
end

function common.run()
  return common.runs[math.random(#common.runs)]
end

function common.next()
  common.count = common.count + 1
  return common.count
end

local JSON = { ["Content-Type"] = "application/json" }

function common.post(path, body)
  return wrk.format("POST", "/api/2.0/mlflow/" .. path, JSON, body)
end

function common.get(path)
  return wrk.format("GET", "/api/2.0/mlflow/" .. path)
end

-- Milliseconds, as clients send.
function common.now()
  return os.time() * 1000 + math.random(0, 999)
end

-- wrk prints this at the end; bench.py reads it.
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "microseconds": %d, "bytes": %d, "p50": %d, "p99": %d, "status": %d, "connect": %d, "read": %d, "write": %d, "timeout": %d}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect, errors.read, errors.write, errors.timeout))
end

return common

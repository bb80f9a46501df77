-- Drives GETs over random targets and checks every answer.
--   wrk … -s drive.lua URL -- TARGETS_FILE BODY_BYTES
-- TARGETS_FILE holds one path a line, already in random order. An answer is good when its status is 200 and its body is
-- `{"bytes":N,"pad":"…"}` of exactly N bytes. The last line printed is `summary {json}`, for the harness.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  bad_status, bad_body = 0, 0
  size = tonumber(arguments[2])
  beginning = '{"bytes":' .. size .. ',"pad":"'
  requests, at = {}, 0
  for line in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("GET", line)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function response(status, headers, body)
  if status ~= 200 then
    bad_status = bad_status + 1
  elseif #body ~= size or body:sub(1, #beginning) ~= beginning or body:sub(-2) ~= '"}' then
    bad_body = bad_body + 1
  end
end

function done(summary, latency, requests)
  local status, body = 0, 0
  for _, thread in ipairs(threads) do
    status = status + thread:get("bad_status")
    body = body + thread:get("bad_body")
  end
  local errors = summary.errors
  io.write(string.format(
    'summary {"requests":%d,"microseconds":%d,"bytes":%d,"bad_status":%d,"bad_body":%d,"socket_errors":%d}\n',
    summary.requests, summary.duration, summary.bytes, status, body,
    errors.connect + errors.read + errors.write + errors.timeout))
end

-- Drives requests over random targets.
--   wrk … -s drive.lua URL -- TARGETS_FILE BODY_BYTES REQUEST_BYTES PIPELINED CHECKED
-- TARGETS_FILE holds one path a line, already in random order. With REQUEST_BYTES a request is a POST with a body of so many
-- bytes. PIPELINED requests are sent at once. With CHECKED 1 every answer is looked at: it is good when its status is 200 and its
-- body is `{"bytes":N,"pad":"…"}` of exactly N bytes. That takes wrk longer than a fast server needs; with 0 wrk itself counts the
-- statuses above 399, and the harness compares the bytes. The last line printed is `summary {json}`, for the harness.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  bad_status, bad_body = 0, 0
  size = tonumber(arguments[2])
  beginning = '{"bytes":' .. size .. ',"pad":"'
  local sent, depth = tonumber(arguments[3]), tonumber(arguments[4])
  local method, body, headers = "GET", nil, nil
  if sent > 0 then
    method, body, headers = "POST", string.rep("x", sent), {["Content-Type"] = "application/octet-stream"}
    for name, value in pairs(wrk.headers) do
      headers[name] = value
    end
  end
  if arguments[5] == "1" then
    response = checked
  end
  requests, at = {}, 0
  local batch = {}
  for line in io.lines(arguments[1]) do
    batch[#batch + 1] = wrk.format(method, line, headers, body)
    if #batch == depth then
      requests[#requests + 1] = table.concat(batch)
      batch = {}
    end
    -- Large requests are kept in memory: a few of them are as good as many.
    if #requests * sent > 4000000 then
      break
    end
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function checked(status, headers, body)
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
  status = status + errors.status
  io.write(string.format(
    'summary {"requests":%d,"microseconds":%d,"bytes":%d,"bad_status":%d,"bad_body":%d,"socket_errors":%d}\n',
    summary.requests, summary.duration, summary.bytes, status, body,
    errors.connect + errors.read + errors.write + errors.timeout))
end

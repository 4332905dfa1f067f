-- SPDX-License-Identifier: MIT
-- post.lua -- for wrk: the POST of BENCH_BODY (a file), with the headers of BENCH_HEADERS (lines "Name: value");
-- without a body it is a GET. The result is one line of JSON.
local body = os.getenv("BENCH_BODY")

if body then
	local file = assert(io.open(body))

	wrk.method = "POST"
	wrk.body = file:read("*a")
	file:close()
end
for name, value in os.getenv("BENCH_HEADERS"):gmatch("([^:\n]+): ([^\n]+)") do
	wrk.headers[name] = value
end

function done(summary, latency, requests)
	local errors = summary.errors

	io.write(string.format(
		'{"rate": %.1f, "p50_us": %d, "p99_us": %d, "requests": %d, "wrong": %d}\n',
		summary.requests * 1e6 / summary.duration, latency:percentile(50),
		latency:percentile(99), summary.requests,
		errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end

-- Renews an instance's lease. Atomic, so that an instance learns for certain that its lease had lapsed meanwhile, and
-- that others may have counted its sockets as dropped.
-- KEYS  the sorted set of instances
-- ARGV  instance id, lease in ms, '1' when it was held before: then it has lapsed too if there is no trace of it
-- → 2 when it is new, 1 when the lease was still held, 0 when it had lapsed (and is not renewed: take a new id)

local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local ends = redis.call('ZSCORE', KEYS[1], ARGV[1])
if ends and tonumber(ends) < now or not ends and ARGV[3] == '1' then return 0 end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
return ends and 1 or 2

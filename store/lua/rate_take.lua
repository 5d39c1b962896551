-- Takes a part of a limit that all instances share. The bucket is one number, the time up to which it is used; it holds two
-- seconds, and its key goes when it is full again. Atomic: several instances take from it at once.
-- KEYS  the bucket
-- ARGV  what is taken, in ms of the limit
-- → {'ok'} or {'rate_limited', '', ms to wait}

local BURST_MS, LATE_MS = 2000, 50

local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local used = math.min(tonumber(redis.call('GET', KEYS[1]) or 0), now + BURST_MS + LATE_MS)
used = math.max(used, now) + tonumber(ARGV[1])
local early = used - now - BURST_MS
if early > LATE_MS then return {'rate_limited', '', string.format('%d', early)} end
redis.call('SET', KEYS[1], string.format('%.3f', used), 'PX', string.format('%d', used - now + 1))
return {'ok'}

-- The instances whose lease has ended, by the clock by which it was given.
-- KEYS  the sorted set of instances
-- ARGV  none
-- → instance id, ms at which its lease ended, …

local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. now, 'WITHSCORES')

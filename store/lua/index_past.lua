-- The members of a sorted set of times that are past, by the clock of the node that has it (a cluster's nodes have each their own).
-- KEYS  the sorted set: member → ms
-- ARGV  how many at most
-- → member, ms, …, the earliest first

local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. string.format('%d', now), 'WITHSCORES', 'LIMIT', 0, ARGV[1])

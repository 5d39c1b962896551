-- Writes fields of a booking, if nobody wrote in between. Atomic: the platform's pushes may overtake each other.
-- KEYS  the booking's hash
-- ARGV  expected revision ('0': it must be new), status, session uuid to use if the booking needs one, field, JSON text, …
-- → {'ok', revision, '1' when new} or {'stale_version', ''}

local revision = redis.call('HGET', KEYS[1], 'revision') or '0'
if revision ~= ARGV[1] then return {'stale_version', ''} end
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[1], 'f:' .. ARGV[i], ARGV[i + 1]) end
local before = redis.call('HGET', KEYS[1], 'status')
if ARGV[2] == 'confirmed' then
  local ended = before == 'cancelled' and redis.call('HGET', KEYS[1], 'session')
  if ended then
    redis.call('HSET', KEYS[1], 'replaced', ended) -- so that it is terminated even if that is still outstanding
    redis.call('HDEL', KEYS[1], 'session')
  end
  redis.call('HSETNX', KEYS[1], 'session', ARGV[3])
end
redis.call('HSET', KEYS[1], 'status', ARGV[2])
return {'ok', tostring(redis.call('HINCRBY', KEYS[1], 'revision', 1)), revision == '0' and '1' or '0'}

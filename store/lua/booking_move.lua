-- Confirms or cancels a booking. Atomic: of a confirm and a cancel at once, the later one sees what the first one did.
-- The same again changes nothing.
-- KEYS  the booking's hash
-- ARGV  new status (confirmed, cancelled), session uuid to use if it has none, reason (JSON text or '')
-- → {'ok'}, {'not_found', …}, {'booking_cancelled', …} or {'invalid_transition', …}

local status = redis.call('HGET', KEYS[1], 'status')
if not status then return {'not_found', 'There is no such booking.'} end
if status == ARGV[1] then return {'ok'} end
if status == 'cancelled' then return {'booking_cancelled', 'The booking was cancelled.'} end
if status ~= 'pending' and not (status == 'confirmed' and ARGV[1] == 'cancelled') then
  return {'invalid_transition', 'A booking that is ' .. status .. ' cannot become ' .. ARGV[1] .. '.'}
end
if ARGV[1] == 'confirmed' then redis.call('HSETNX', KEYS[1], 'session', ARGV[2]) end
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'f:cancel_reason', ARGV[3]) end
redis.call('HSET', KEYS[1], 'status', ARGV[1])
redis.call('HINCRBY', KEYS[1], 'revision', 1)
return {'ok'}

-- Refuses board events for a moment: an instance cannot deliver them as fast as they come (`store/relay.py`).
-- ARGV  brake_ms
-- → {'ok'}

if S then redis.call('HSET', K.session, 'braked_until', string.format('%d', NOW + tonumber(A.brake_ms))) end
return done()

-- Ends a grace period that ran out: the person is disconnected and off the others' lists. Run by whoever gets to it;
-- atomic, since the person may be coming back in this very moment.
-- ARGV  person
-- → {'ok', ms to wait still, '0' when there is nothing (more) to do}

if not S then return done('0') end
local p = person(A.person)
if not p or p.status ~= 'reconnecting' or not p.grace_until then return done('0') end
local remaining = tonumber(p.grace_until) - NOW
if remaining > 0 then return done(tostring(remaining)) end
log_seen('participant_leave', p, '{"reason":"timeout"}')
depart(p, 'disconnected', 'timeout')
return done('0')

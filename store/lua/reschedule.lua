-- The booking moved: a session that has not started moves with it.
-- ARGV  scheduled_start, scheduled_end (ms), expire_ms
-- → {'ok', ms at which it expires if never started, or ''}

if not S then return refuse('not_found') end
if S.status ~= 'scheduled' and S.status ~= 'waiting' then return done('') end
if S.scheduled_start ~= A.scheduled_start or S.scheduled_end ~= A.scheduled_end then
  set_session('scheduled_start', A.scheduled_start)
  set_session('scheduled_end', A.scheduled_end)
  tell_session()
end
return done(tostring(due_ms()))

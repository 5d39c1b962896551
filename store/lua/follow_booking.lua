-- The booking was changed: its session moves with it if it has not started, and lets the booking's student of now in. A
-- former one who never came is let in no more; one who came stays a participant.
-- ARGV  scheduled_start, scheduled_end (ms), student (key), student_id, student_name, student_avatar (JSON texts), expire_ms
-- → {'ok', ms at which it expires if never started, or ''}

if not S then return refuse('not_found') end
if OVER[S.status] then return done('') end
if S.student ~= A.student then
  local former = S.student and person(S.student)
  if former and former.status == 'invited' and former.key ~= S.host then
    redis.call('DEL', person_key(former.key))
    redis.call('ZREM', K.people, former.key)
  end
  set_session('student', A.student)
  if not person(A.student) then
    new_person(A.student, A.student_id, A.student_name, A.student_avatar, 'student', 'booking')
  end
end
if S.status ~= 'scheduled' and S.status ~= 'waiting' then return done('') end
if S.scheduled_start ~= A.scheduled_start or S.scheduled_end ~= A.scheduled_end then
  set_session('scheduled_start', A.scheduled_start)
  set_session('scheduled_end', A.scheduled_end)
  tell_session()
end
return done(tostring(due_ms()))

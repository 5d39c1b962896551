-- Counts a dead instance's sockets in this session as dropped. Harmless when run twice or by two.
-- ARGV  dead (instance id), grace_ms
-- → {'ok', {user key, ms at which their grace ends, …}} for everybody in a grace period, whoever began it: who runs
--    this takes those timers over.

if not S then return done({}) end
local waiting = {}
for _, p in ipairs(everybody()) do
  local sockets = sockets_key(p.key)
  local entries = redis.call('HGETALL', sockets)
  for i = 1, #entries, 2 do
    if string.match(entries[i + 1], '^%S+') == A.dead then redis.call('HDEL', sockets, entries[i]) end
  end
  update_peer(p)
  begin_grace(p)
  if p.grace_until and p.status == 'reconnecting' then
    waiting[#waiting + 1] = p.key
    waiting[#waiting + 1] = tostring(p.grace_until)
  end
end
return done(waiting)

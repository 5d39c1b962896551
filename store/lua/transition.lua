-- Moves the session through its states (contract §3). Atomic, since of two at once exactly one is legal.
-- ARGV  actor, actor_id, service?, action (start, pause, resume, complete, terminate, expire), reason? (JSON text),
--       expire_ms
-- → {'ok', session JSON}; for `expire` {'ok', ms at which it is due, or '' when it is over}

local MOVES = {
  start = {from = {scheduled = true, waiting = true}, to = 'active', needs = 'host', event = 'session_start'},
  pause = {from = {active = true}, to = 'paused', needs = 'can_pause', event = 'session_pause'},
  resume = {from = {paused = true}, to = 'active', needs = 'can_pause', event = 'session_resume'},
  complete = {from = {active = true, paused = true}, to = 'completed', needs = 'can_terminate', event = 'session_end'},
  terminate = {from = {scheduled = true, waiting = true, active = true, paused = true}, to = 'terminated',
    needs = 'can_terminate', event = 'session_end'},
  expire = {from = {scheduled = true, waiting = true}, to = 'expired', event = 'session_end'},
}
local KEPT_SECONDS = 86400 -- what only open sockets and repeated requests need, once the session is over

local move = MOVES[A.action]
local actor
if A.action == 'expire' then
  if not S or not move.from[S.status] then return done('') end
  if due_ms() > NOW then return done(tostring(due_ms())) end
else
  local no
  actor, no = actor_who_may(move.needs)
  if no then return no end
  if not move.from[S.status] then
    return refuse('invalid_transition', 'A session that is ' .. S.status .. ' cannot ' .. A.action .. '.')
  end
end

if S.active_since then
  add_to_session('active_ms', NOW - tonumber(S.active_since))
  redis.call('HDEL', K.session, 'active_since')
  S.active_since = nil
end
set_session('status', move.to)
if move.to == 'active' then set_session('active_since', string.format('%d', NOW)) end
if A.action == 'start' then set_session('actual_start', string.format('%d', NOW)) end
if OVER[move.to] then
  set_session('actual_end', string.format('%d', NOW))
  for _, p in ipairs(everybody()) do
    redis.call('EXPIRE', sockets_key(p.key), KEPT_SECONDS)
    if p.status == 'joining' then -- they had a seat and no socket, and cannot open one any more
      set_status(p, 'disconnected')
      set_person(p, 'left_at', NOW)
    end
  end
end
log_seen(move.event, actor, OVER[move.to]
  and '{"status":"' .. move.to .. '","reason":' .. (A.reason or 'null') .. '}' or nil)
tell_session(OVER[move.to] and 'over' or nil)
if OVER[move.to] then
  redis.call('EXPIRE', K.log, KEPT_SECONDS)
  redis.call('EXPIRE', K.large, KEPT_SECONDS)
  redis.call('EXPIRE', K.ids, KEPT_SECONDS)
end
if A.action == 'expire' then return done('') end
return done(session_json(actor.key))

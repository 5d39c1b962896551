-- Registers an open socket and reads, in the same instant, the state and position it starts from. Atomic, so that what
-- is broadcast afterwards is exactly what the new socket has not seen. The same connection again is harmless (an
-- instance whose lease had lapsed registers its sockets anew), but it brings nobody back who left meanwhile.
-- ARGV  actor, generation, connection, kind (full, system, board, webrtc, presence), instance, max_sockets,
--       joining_ms, since? (seq), epoch? (of `since`), again? ('1': it was registered before)
-- → {'ok', epoch, seq, sub, session JSON, participant JSON, role, permission bits, participants JSON, media states JSON,
--    board version, '1' recovered, missed entries (the first of them), the others who can be signalled as
--    JSON, '1' when more was missed}

local p, no = known_actor()
if no then return no end
if OVER[S.status] then return refuse('session_over') end
if A.again and p.status == 'left' then return refuse('left') end
local sockets = sockets_key(p.key)
if redis.call('HEXISTS', sockets, A.connection) == 0 and redis.call('HLEN', sockets) >= tonumber(A.max_sockets) then
  return refuse('too_many_sockets')
end
if p.status ~= 'connected' and p.status ~= 'reconnecting' then
  local full = take_seat(p)
  if full then return full end
end
redis.call('HSET', sockets, A.connection, A.instance .. ' ' .. A.kind)
redis.call('HDEL', person_key(p.key), 'grace_until')

local was = p.status
if was ~= 'connected' then
  set_status(p, 'connected')
  if p.announced ~= 'true' then
    set_person(p, 'announced', 'true')
    broadcast('s', '"type":"participant_joined","participant":' .. person_json(p, ',"userId":' .. p.user_id), p.key)
  elseif was == 'reconnecting' then
    tell_updated(p)
  end
end

update_peer(p)

local recovered, missed, more = false, {}, false
if A.since and is_of_this_log(A.epoch, A.since) then recovered, missed, more = log_after(tonumber(A.since), A.kind) end
local people, peers = everybody_shown(), {}
local list = people_json(people)
for _, other in ipairs(people) do
  if other.peer == 'true' and other.key ~= p.key then peers[#peers + 1] = other.user_id end
end
return done(S.epoch, S.seq, S.sub, session_json(nil, list), person_json(p), p.role, tostring(granted(p)),
  list, list_json(people, media_json), S.board_version, recovered and '1' or '0', missed,
  '[' .. table.concat(peers, ',') .. ']', more and '1' or '0')

-- Who is asking, and whether they may. A.actor is a user key; A.service marks the platform itself, which may do
-- anything; A.generation is the classroom token's (sockets), absent for platform tokens (REST).

local function known_actor()
  if not S then return nil, refuse('not_found', 'There is no such session.') end
  local p = person(A.actor)
  if p and p.status == 'kicked' and not A.service then return nil, refuse('kicked') end
  if p and A.generation and A.generation ~= p.generation then return nil, refuse('bad_token') end
  if not p and not A.service then return nil, refuse('forbidden', 'You have no access to this session.') end
  return p or {key = A.actor, user_id = A.actor_id, role = 'viewer', allow = 0, deny = 0}
end

-- What keeps the actor from what needs `needed` (`host`, or a permission's name; nil: nothing), if anything does.
local function lacks(p, needed)
  if A.service or not needed then return nil end
  if needed == 'host' then
    if p.key ~= S.host then return refuse('forbidden', 'Only the host may do this.') end
  elseif not may(p, needed) then
    return refuse('forbidden', 'You do not have the permission ' .. needed .. '.')
  end
  return nil
end

-- A person's pace, counted over all instances: A.pace is what is counted, A.pace_ms what is taken of it now. A bucket is
-- one number, the time up to which it is used (`pace_<what>` in the person's hash). It holds two seconds, and a little:
-- what an instance's own bucket lets pass must not fail here for having come late.
local BURST_MS, LATE_MS = 2000, 50
local function too_fast(p)
  if not A.pace or A.service then return nil end
  local field = 'pace_' .. A.pace
  local used = math.min(tonumber(p[field] or 0), NOW + BURST_MS + LATE_MS) -- a clock that was put back locks nobody out
  used = math.max(used, NOW) + tonumber(A.pace_ms)
  local early = used - NOW - BURST_MS
  if early > LATE_MS then return {'rate_limited', '', string.format('%d', early)} end
  redis.call('HSET', person_key(p.key), field, string.format('%.3f', used))
  return nil
end

-- What keeps a known actor from what needs `needed` now, if anything does.
local function hindrance(p, needed)
  if OVER[S.status] then return refuse('session_over') end
  return lacks(p, needed) or too_fast(p)
end

-- The actor, when the session is not over and nothing keeps them from it.
local function actor_who_may(needed)
  local p, no = known_actor()
  if no then return nil, no end
  no = hindrance(p, needed)
  if no then return nil, no end
  return p
end

-- Whether the person can be signalled: they are once a socket of theirs carries it. Looks, and tells the others.
local SIGNALLING = {webrtc = true, full = true}
local function update_peer(p)
  local is_peer = 'false'
  for _, socket in ipairs(redis.call('HVALS', sockets_key(p.key))) do
    if SIGNALLING[string.match(socket, '%S+$')] then is_peer = 'true' end
  end
  if is_peer ~= (p.peer or 'false') then
    set_person(p, 'peer', is_peer)
    write_between('p', '', p.key, '', '"type":"' .. (is_peer == 'true' and 'peer_joined' or 'peer_left')
      .. '","user_id":' .. p.user_id)
  end
end

-- Somebody is off the lists (left, kicked, timeout): their sockets forgotten, media off, the others told. What their own
-- sockets get (a message, or '' and the effect) goes first.
local function depart(p, status, reason, own_message, own_effect)
  redis.call('DEL', sockets_key(p.key))
  redis.call('HDEL', person_key(p.key), 'grace_until')
  reset_media(p)
  set_status(p, status)
  set_person(p, 'left_at', NOW)
  if own_effect then tell(p.key, own_message, own_effect) end
  update_peer(p)
  if p.announced == 'true' then
    set_person(p, 'announced', 'false')
    tell_left(p, reason)
  end
end

-- Whether there is a free seat. In a full session, the one of somebody who took it `joining_ms` ago and never opened a
-- socket is free again.
local function has_room()
  if tonumber(S.seats) < tonumber(S.max_participants) then return true end
  for _, p in ipairs(everybody()) do
    if p.status == 'joining' and p.key ~= S.host and tonumber(p.joined_at) + tonumber(A.joining_ms) <= NOW then
      log_seen('participant_leave', p, '{"reason":"timeout"}')
      set_person(p, 'announced', 'true') -- they were on the others' lists, if not by an arrival
      depart(p, 'left', 'timeout')
      return true
    end
  end
  return false
end

local function take_seat(p)
  if SEATED[p.status] and p.status ~= 'disconnected' then return nil end
  if not SEATED[p.status] and p.key ~= S.host and not has_room() then
    return refuse('session_full') -- the host counts, but is never locked out by the guests
  end
  set_status(p, 'joining')
  redis.call('HDEL', person_key(p.key), 'left_at')
  p.left_at = nil
  set_person(p, 'joined_at', NOW)
  log_seen('participant_join', p, '{"role":"' .. p.role .. '"}')
  return nil
end

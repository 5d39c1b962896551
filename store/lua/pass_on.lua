-- Sends on what is not kept: pointers, signalling, the presence relay. One round trip that looks the sender up first, so
-- that somebody who was removed is not heard any more.
-- ARGV  actor, generation?, pace?, pace_ms?, connection, kind (e, g, i, x: lib/5_log.lua), to? (user key; they must be on a socket that
--       carries signalling), message (JSON text)
-- → {'ok'} or {'peer_unavailable'}

local p, no = actor_who_may()
if no then return no end
if A.to then
  local target = person(A.to)
  if not target or target.peer ~= 'true' then return refuse('peer_unavailable') end
end
publish_ephemeral(A.kind, A.to or '', A.connection, A.message)
return done()

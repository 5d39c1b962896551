-- What happens when a person's last socket is gone: a grace period, in which they may come back unnoticed.

local function begin_grace(p)
  if p.status ~= 'connected' or redis.call('HLEN', sockets_key(p.key)) > 0 then return end
  if OVER[S.status] then
    set_status(p, 'disconnected')
    set_person(p, 'left_at', NOW)
    return
  end
  set_status(p, 'reconnecting')
  set_person(p, 'grace_until', NOW + tonumber(A.grace_ms))
  tell_updated(p)
end

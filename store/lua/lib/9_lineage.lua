-- Whether the store still is the one that wrote this session last. A replica that was promoted may lack the end of the log, and
-- nothing in its data says so. A.lineage names the history of the primary that is asked (absent where there is no failover);
-- where it differs from the one that the session was last touched in, the caller is asked first what it knows of that one:
-- A.continues (it is no primary's any more: what it had beyond this may be lost), or A.adopts (it is another primary's, from which
-- the session was moved to this one, as it was).

if S and A.lineage and S.lineage ~= A.lineage then
  local before = S.lineage or ''
  if before == A.continues then
    continue_log()
  elseif before ~= A.adopts then
    return {'lineage', before}
  end
  set_session('lineage', A.lineage)
end

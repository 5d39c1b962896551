-- What a reader that stands at `seq`-`sub` has not seen yet, or the first of it, in one instant with where the log stands. A
-- reader that is further than the log is the witness that the store lost the log's end: then the log goes on under another
-- epoch.
-- ARGV  seq, sub, epoch?, messages, bytes (so much at most, but one message in any case)
-- → {'ok', epoch, seq, sub, entries after the position, '1' when the position is one of this log} ; not_found when the session
--    is gone

if not S then return refuse('not_found') end
local seq, sub = tonumber(A.seq), tonumber(A.sub)
if A.epoch == S.epoch and (seq > tonumber(S.seq) or seq == tonumber(S.seq) and sub > tonumber(S.sub)) then
  continue_log()
end
local texts, bytes = {}, 0
for _, entry in ipairs(redis.call('XRANGE', K.log, '(' .. A.seq .. '-' .. A.sub, '+', 'COUNT', A.messages)) do
  local text = text_of(entry)
  if not text then break end -- what follows it does not continue what came before: the reader sees that
  bytes = bytes + #text
  if #texts > 0 and bytes > tonumber(A.bytes) then break end
  texts[#texts + 1] = text
end
return done(S.epoch, S.seq, S.sub, texts, A.epoch and is_of_this_log(A.epoch, seq) and '1' or '0')

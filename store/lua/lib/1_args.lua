-- Arguments by name, keys by name, and the two ways a script ends.
--
-- ARGV is a flat list name, value, name, value, …; absent means nil. KEYS always has the order of store/keys.py.
-- A script answers {'ok', …} or {code, sentence} with a code of schemas/errors.py, and checks before it writes.

local A = {}
for i = 1, #ARGV, 2 do A[ARGV[i]] = ARGV[i + 1] end

local K = {
  session = KEYS[1], log = KEYS[2], people = KEYS[3], events = KEYS[4], errors = KEYS[5], stats = KEYS[6],
  operation = KEYS[7], ops = KEYS[8], ids = KEYS[9], snapshots = KEYS[10], auto = KEYS[11], large = KEYS[12],
}

-- The same operation (Idempotency-Key) again gets its first outcome, and changes nothing.
if A.operation then
  local outcome = redis.call('GET', K.operation)
  if outcome then return cmsgpack.unpack(outcome) end
end

local OPERATION_SECONDS = 86400

local function done(...)
  local outcome = {'ok', ...}
  if A.operation then redis.call('SET', K.operation, cmsgpack.pack(outcome), 'EX', OPERATION_SECONDS) end
  return outcome
end

local function refuse(code, sentence) return {code, sentence or ''} end

local function as_table(flat)
  if #flat == 0 then return nil end
  local result = {}
  for i = 1, #flat, 2 do result[flat[i]] = flat[i + 1] end
  return result
end

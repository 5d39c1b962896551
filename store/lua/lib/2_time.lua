-- One clock for all instances: the store's. Milliseconds inside, RFC 3339 (a JSON text, or null) outside.

local function read_clock()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local NOW = read_clock()

-- Nobody waits for this any more: they were told that it may not have happened, and may have done something else since.
if A.not_after and NOW > tonumber(A.not_after) then return {'store_unavailable', ''} end

local function time_json(ms)
  ms = tonumber(ms)
  if not ms then return 'null' end
  local floor = math.floor
  local second = floor(ms / 1000)
  local day = floor(second / 86400)
  local shifted = day + 719468 -- days since 0000-03-01: the calendar repeats every 146097 days from there
  local era = floor(shifted / 146097)
  local day_of_era = shifted - era * 146097
  local year_of_era = floor((day_of_era - floor(day_of_era / 1460) + floor(day_of_era / 36524)
    - floor(day_of_era / 146096)) / 365)
  local day_of_year = day_of_era - (365 * year_of_era + floor(year_of_era / 4) - floor(year_of_era / 100))
  local shifted_month = floor((5 * day_of_year + 2) / 153)
  local month = shifted_month < 10 and shifted_month + 3 or shifted_month - 9
  return string.format('"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ"',
    year_of_era + era * 400 + (month <= 2 and 1 or 0), month,
    day_of_year - floor((153 * shifted_month + 2) / 5) + 1,
    floor(second / 3600) % 24, floor(second / 60) % 60, second % 60, ms % 1000)
end

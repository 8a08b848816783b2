/**
 * `countAttempt` and `refundAttempt` of src/lib/attempt-counter.ts, for Redis. It runs in one step and by the
 * clock of Redis, so that instances with different clocks count alike.
 *
 * Each key has four arguments, those of rate-limiter-flexible: change, seconds of the window, points of the rule, and
 * one that is not used. The answer has two numbers for each key: the count, and the milliseconds until there are points
 * again. It ends after the first refused key, and before a later key that cannot be counted: what was counted is told.
 */
const COUNT_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer = {}

local function countIn(index)
  local key, at = KEYS[index], 4 * index - 3
  local change, window, points = tonumber(ARGV[at]), tonumber(ARGV[at + 1]) * 1000, tonumber(ARGV[at + 2])
  local stored = redis.call('HMGET', key, 'endsAt', 'used', 'refused', 'freeAt', 'carried', 'carriedUntil')
  for i = 1, 6 do stored[i] = tonumber(stored[i] or 0) end
  local endsAt, used, refused, freeAt, carried, carriedUntil = unpack(stored)

  if change < 0 then
    if used + carried == 1 then redis.call('DEL', key)
    elseif carried > 0 then redis.call('HINCRBY', key, 'carried', -1)
    elseif used > 0 then redis.call('HINCRBY', key, 'used', -1) end
    answer = {0, 0}
    return false
  end

  local latest = now + window
  endsAt, freeAt, carriedUntil = math.min(endsAt, latest), math.min(freeAt, latest), math.min(carriedUntil, latest)
  if now >= endsAt then
    carriedUntil, carried = freeAt, 0
    if now < freeAt then carried = used end
    if carried == 0 then refused = 0 end
    used, endsAt = 0, latest
  end
  if carried > 0 and now >= carriedUntil then carried, refused = 0, 0 end

  local spent = carried + used
  local count = spent + 1
  if spent < points then
    used, freeAt = used + 1, latest
  else
    refused = refused + 1
    count = spent + refused
  end
  local resetAt = endsAt
  if count >= points then
    resetAt = freeAt
    if carried > 0 then resetAt = carriedUntil end
  end
  redis.call('HSET', key, 'endsAt', endsAt, 'used', used, 'refused', refused, 'freeAt', freeAt,
    'carried', carried, 'carriedUntil', carriedUntil)
  redis.call('PEXPIREAT', key, freeAt)
  answer[2 * index - 1], answer[2 * index] = count, resetAt - now
  return count <= points
end

local goesOn = countIn(1)
for index = 2, #KEYS do
  if goesOn then
    local counted, allowed = pcall(countIn, index)
    goesOn = counted and allowed
  end
end
return answer
`;

const COMMAND = "sallyportCount";

/** The members by which we recognise a client of `redis` or `ioredis`, or a compatible one. */
interface RedisClient {
  readonly defineCommand?: (name: string, definition: object) => void;
  readonly eval?: (script: string, options: object) => Promise<unknown>;
  readonly sendCommand?: unknown;
}

/** Runs the script on several keys, with four arguments for each. */
export type RunScript = (keys: readonly string[], args: readonly string[]) => Promise<unknown>;

export interface RedisScript {
  /** The options that make a Redis backend count exactly. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly run: RunScript;
}

/** Null: the client is not one of Redis. */
export function redisScript(client: unknown): RedisScript | null {
  if (!isRedisClient(client)) return null;
  const { options, run } = typeof client.defineCommand === "function" ? byCommand(client) : byEval(client);
  return { options: { customIncrTtlLuaScript: COUNT_SCRIPT, ...options }, run };
}

function isRedisClient(client: unknown): client is RedisClient & object {
  if (typeof client !== "object" || client === null) return false;
  const { defineCommand, eval: run, sendCommand } = client as RedisClient;
  return (
    typeof defineCommand === "function" || (typeof run === "function" && typeof sendCommand === "function")
  );
}

function byEval(client: RedisClient): RedisScript {
  const run: RunScript = async (keys, args) => client.eval?.(COUNT_SCRIPT, { keys, arguments: args });
  return { options: { useRedisPackage: true }, run };
}

// rate-limiter-flexible defines its script on the client under a fixed name. The application's limiters on the
// same client would run our script, or we theirs.
function byCommand(client: RedisClient & object): RedisScript {
  client.defineCommand?.(COMMAND, { lua: COUNT_SCRIPT });
  const run: RunScript = async (keys, args) =>
    (client as Record<string, (...args: readonly unknown[]) => unknown>)[COMMAND]?.(
      keys.length,
      ...keys,
      ...args,
    );
  const storeClient = Object.create(client, {
    defineCommand: { value: () => {} },
    rlflxIncr: { value: ([key, ...args]: readonly [string, ...string[]]) => run([key], args) },
  });
  return { options: { storeClient }, run };
}

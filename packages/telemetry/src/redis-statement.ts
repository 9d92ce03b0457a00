type Arguments = readonly (string | Buffer | number | unknown[])[]

/** Commands whose arguments are all keys. */
const KEYS_ONLY = /^(mget|del|unlink|exists|touch|watch|sunion|sinter|sdiff|pfcount)$/i

/** Scripts and functions: script, number of keys, keys, values. */
const SCRIPT = /^(eval|evalsha|fcall)(_ro)?$/i

/** Commands whose first argument may be a password. */
const CREDENTIALS = /^(auth|hello|acl|config)$/i

/** Enough to recognise a key; a script may touch hundreds. */
const MOST_KEYS = 8
const LONGEST_KEY = 80

/**
 * A Redis command for a span: its name and its keys, never a value. The instrumentation's own
 * serializer prints all arguments of EVAL, that is every object that the cache fills.
 */
export function redisStatement(name: string, parameters: Arguments): string {
  if (CREDENTIALS.test(name) || parameters.length === 0) return name
  if (SCRIPT.test(name)) {
    const [script, count] = parameters
    // A function's name or the beginning of a sha identifies a script; its text does not fit.
    const label = /^eval(_ro)?$/i.test(name)
      ? '<script>'
      : text(script).slice(0, /^evalsha/i.test(name) ? 8 : LONGEST_KEY)
    const keys = Math.max(0, Number(text(count)) || 0)
    return statement([name, label], parameters.slice(2, 2 + keys), parameters.length - 2 - keys)
  }
  if (KEYS_ONLY.test(name)) return statement([name], parameters, 0)
  return statement([name], parameters.slice(0, 1), parameters.length - 1)
}

function statement(head: string[], keys: Arguments, others: number): string {
  const shown = keys.slice(0, MOST_KEYS).map((key) => text(key).slice(0, LONGEST_KEY))
  const rest = keys.length > MOST_KEYS ? [`[${keys.length - MOST_KEYS} more keys]`] : []
  const values = others > 0 ? [`[${others} more arguments]`] : []
  return [...head, ...shown, ...rest, ...values].join(' ')
}

function text(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('utf8') : String(value)
}

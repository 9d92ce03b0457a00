import { z } from 'zod'
import { ConfigError, type ConfigProblem } from './config-error.ts'
import { quotable } from './mask.ts'

/** The variables to read: usually `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads every setting once, at start-up.
 *
 * Variables that the schema doesn't know are ignored. An empty or blank variable counts as unset:
 * that is what `NAME=` in a compose file or a shell script means.
 *
 * @throws {ConfigError} with all problems at once; no secret's value is in it.
 * @example
 * const config = loadConfig(subgraphEnvironment.extend({ PORT: port.default(4002) }), process.env)
 */
export function loadConfig<S extends z.ZodObject>(schema: S, env: Environment): Readonly<z.infer<S>> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => {
      const value = env[name]
      return value === undefined || value.trim() === '' ? [] : [[name, value]]
    }),
  )
  const parsed = schema.safeParse(given)
  if (parsed.success) return Object.freeze(parsed.data)
  throw new ConfigError(parsed.error.issues.map((issue) => describe(issue, schema, given)))
}

/** {@link loadConfig} for a process: prints the problems to stderr and exits with status 1. */
export function loadConfigOrExit<S extends z.ZodObject>(schema: S, env: Environment): Readonly<z.infer<S>> {
  try {
    return loadConfig(schema, env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

function describe(
  issue: z.core.$ZodIssue,
  schema: z.ZodObject,
  given: Record<string, string>,
): ConfigProblem {
  const [first, ...inside] = issue.path
  // A check over several variables that named none of them: the problem is the environment's.
  if (first === undefined) return { name: '(environment)', problem: issue.message }
  const name = String(first)
  if (isCrossCheck(issue)) return { name, problem: issue.message }
  const layers = schemaLayers(schema.shape[name])
  const expected = layers.map((layer) => layer.description).find((text) => text !== undefined)
  const ending = expected === undefined ? '' : `; expected ${expected}`
  const value = given[name]
  if (value === undefined) return { name, problem: `is not set${ending}` }
  if (inside.length > 0) return { name, problem: `at ${z.core.toDotPath(inside)}: ${issue.message}` }
  const quoted = quotable(name, value, layers)
  return {
    name,
    problem: `${quoted === undefined ? '' : `${quoted} `}${complaint(issue, expected)}${ending}`,
  }
}

/** This package's own messages are sentences about the value; zod's speak of types, and the description says more. */
function complaint(issue: z.core.$ZodIssue, expected: string | undefined): string {
  if (issue.code === 'custom' || !/^Invalid|^Too/.test(issue.message)) return issue.message
  return expected === undefined ? `is refused: ${issue.message}` : 'is refused'
}

/** Cross checks state their own expectation: see {@link crossCheck}. */
function isCrossCheck(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'custom' && issue.params?.crossCheck === true
}

/** A schema and what it wraps (optional, default, pipe): the description stands on any of them, outermost first. */
function schemaLayers(schema: z.core.$ZodType | undefined): z.ZodType[] {
  const layers: z.ZodType[] = []
  let layer = schema
  while (layer instanceof z.ZodType) {
    layers.push(layer)
    const definition = layer.def as { innerType?: z.core.$ZodType; in?: z.core.$ZodType }
    layer = definition.innerType ?? definition.in
  }
  return layers
}

/**
 * Adds a check over several variables. It runs as soon as those variables are valid on their own,
 * whatever else is wrong, so that its problem is listed together with all others. (A plain zod
 * `refine` on the object waits until everything else is right.)
 *
 * @param names the variables it reads; the first is the one that the problem is listed under.
 * @param problem what is wrong and what is expected, for a person; quote no secrets in it.
 * @example
 * crossCheck(schema, ['POOL_MIN', 'POOL_MAX'], (env) => env.POOL_MIN <= env.POOL_MAX, 'is above POOL_MAX')
 */
export function crossCheck<S extends z.ZodObject>(
  schema: S,
  names: readonly [keyof z.infer<S> & string, ...(keyof z.infer<S> & string)[]],
  holds: (env: z.infer<S>) => boolean,
  problem: string,
): S {
  return schema.refine((env) => holds(env as z.infer<S>), {
    path: [names[0]],
    error: problem,
    params: { crossCheck: true },
    when: ({ issues }) => !issues.some((issue) => names.includes(String(issue.path?.[0]) as never)),
  }) as S
}

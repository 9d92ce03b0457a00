import { z } from 'zod'

/** Schemas whose values must not be printed. A registry, so that zod's own metadata stays untouched. */
const sensitiveSchemas = z.registry<{ sensitive: true }>()

/** Marks a schema: a refused value of it is described but never quoted. */
export function sensitive<S extends z.ZodType>(schema: S): S {
  sensitiveSchemas.add(schema, { sensitive: true })
  return schema
}

/** Names that hold secrets whatever their schema says: a plain `z.string()` must not leak a token either. */
const SECRET_NAME = /secret|password|passwd|token|credential|private|api_?key|_key$|_url$|_dsn$/i

/** Text that carries credentials whatever its name is: `user:password@host`, `password=...`. */
const SECRET_TEXT = /@|passw|secret|token/i

/** The longest value that is quoted back; more would bury the list of problems. */
const LONGEST_QUOTED = 60

/**
 * The refused value, quoted for a person, or undefined where it may hold a secret.
 * `schemas` are the variable's schema and those inside it.
 */
export function quotable(name: string, value: string, schemas: readonly z.ZodType[]): string | undefined {
  if (schemas.some((schema) => sensitiveSchemas.has(schema))) return undefined
  if (SECRET_NAME.test(name) || SECRET_TEXT.test(value)) return undefined
  return JSON.stringify(value.length > LONGEST_QUOTED ? `${value.slice(0, LONGEST_QUOTED)}…` : value)
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { workspaceRoot } from '@freshet/local'
import { parse } from 'yaml'

/** What this test reads of a service; the rest is checked by the Compose schema. */
export interface ComposeService {
  readonly image?: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly environment?: Readonly<Record<string, string | number>>
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: object
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly command?: readonly string[]
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>
}

/** docker-compose.yml as Compose sees it: variables filled in, anchors and `<<` resolved. */
export function readCompose(env: Readonly<Record<string, string>> = {}): ComposeFile {
  const text = readFileSync(join(workspaceRoot, 'docker-compose.yml'), 'utf8')
  return parse(interpolate(text, env), { merge: true }) as ComposeFile
}

/** Every variable that the file takes from .env, with its default. */
export function composeVariables(): Record<string, string> {
  const text = readFileSync(join(workspaceRoot, 'docker-compose.yml'), 'utf8')
  return Object.fromEntries(
    [...text.matchAll(/\$\{(\w+):-([^}]*)\}/g)].map(([, name, value]) => [name!, value!]),
  )
}

function interpolate(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, fallback?: string) => {
    const value = env[name] ?? fallback
    if (value === undefined) throw new Error(`docker-compose.yml: ${name} has no default`)
    return value
  })
}

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { workspaceRoot } from '@freshet/local'

/**
 * What `docker build .` would send: the files that git knows (and new ones that it does not ignore), less those of
 * .dockerignore. A file that only one developer has must not be what makes an image work.
 */
export function buildContext(): string[] {
  const ignored = readFileSync(join(workspaceRoot, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((pattern) => [pattern, `${pattern}/**`])
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: workspaceRoot,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
    .split('\0')
    .filter((file) => file !== '' && !ignored.some((pattern) => matchesGlob(file, pattern)))
    .filter((file) => existsSync(join(workspaceRoot, file)))
}

/** The files that `COPY source` would copy; none if there is no such thing. */
export function filesOf(context: readonly string[], source: string): string[] {
  return context.filter((file) => file === source || file.startsWith(`${source}/`))
}

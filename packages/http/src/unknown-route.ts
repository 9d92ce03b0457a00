import type { FastifyInstance } from 'fastify'
import { errorBody } from './http-error.ts'

/** A path is shown back to whoever typed it, up to this length. */
const LONGEST_SHOWN_PATH = 100

/**
 * Answers 404 with what exists, and 405 (with `allow`) where only the method is wrong.
 * Routes under /internal are for other processes and are not listed.
 */
export function answerUnknownRoute(app: FastifyInstance): void {
  const methodsByPath = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ method, url }) => {
    const methods = methodsByPath.get(url) ?? new Set()
    for (const name of [method].flat()) if (name !== 'HEAD' && name !== 'OPTIONS') methods.add(name)
    if (methods.size > 0) methodsByPath.set(url, methods)
  })

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!
    const allowed = methodsByPath.get(path)
    if (allowed !== undefined) {
      const allow = [...allowed].join(', ')
      return reply
        .code(405)
        .header('allow', allow)
        .send(errorBody('METHOD_NOT_ALLOWED', `${path} answers ${allow}, not ${request.method}.`))
    }
    const routes = [...methodsByPath]
      .filter(([url]) => !url.startsWith('/internal'))
      .map(([url, methods]) => `${[...methods].join('|')} ${url}`)
      .sort()
    const shown = path.length > LONGEST_SHOWN_PATH ? `${path.slice(0, LONGEST_SHOWN_PATH)}…` : path
    return reply
      .code(404)
      .send(
        errorBody(
          'NOT_FOUND',
          `There is no ${request.method} ${shown} here. There is: ${routes.join(', ')}.`,
        ),
      )
  })
}

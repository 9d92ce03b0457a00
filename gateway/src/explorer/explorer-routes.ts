import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { Logger } from '@freshet/telemetry'
import type { FastifyInstance } from 'fastify'
import { assetsPath, ensureExplorer, explorerFolder } from './build-explorer.ts'

/** Nothing from any other host, no inline script. Monaco writes its styles inline. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

/**
 * Serves GraphiQL at `/`, from a bundle of our own. If the bundle is missing and can't be made
 * (an installation without development packages), the gateway works without it and says why.
 */
export async function addExplorer(
  app: FastifyInstance,
  logger: Logger,
  folder = explorerFolder,
): Promise<void> {
  const started = performance.now()
  let page: string
  try {
    const built = await ensureExplorer(folder)
    if (built) logger.info({ ms: Math.round(performance.now() - started) }, 'the explorer is bundled')
    page = await readFile(join(folder, 'index.html'), 'utf8')
  } catch (error) {
    logger.warn({ err: error }, 'there is no explorer: it is not bundled, and could not be')
    app.get('/', async (_request, reply) =>
      reply
        .code(503)
        .type('text/plain')
        .send('The explorer is not bundled. The GraphQL endpoint is at /graphql.\n'),
    )
    return
  }
  await app.register(fastifyStatic, {
    root: join(folder, 'assets'),
    prefix: assetsPath,
    // File names carry their content's hash.
    immutable: true,
    maxAge: '365d',
    preCompressed: true,
    index: false,
    setHeaders: (response) => void response.header('x-content-type-options', 'nosniff'),
  })
  app.get('/', async (_request, reply) =>
    reply
      .headers({ ...HEADERS, 'cache-control': 'no-cache' })
      .type('text/html; charset=utf-8')
      .send(page),
  )
}

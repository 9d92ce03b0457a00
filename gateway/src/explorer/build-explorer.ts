import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Plugin } from 'esbuild'

const sources = fileURLToPath(new URL('./browser/', import.meta.url))
const require = createRequire(import.meta.url)

/** Where the bundle is kept: made once for each state of its sources, in the image at build time. */
export const explorerFolder = fileURLToPath(new URL('../../dist/explorer/', import.meta.url))

/** Where the page's files are served; the page itself is at `/`. */
export const assetsPath = '/explorer/assets/'

/** The packages that end up in the bundle, or make it. */
const packages = [
  'esbuild',
  'graphiql',
  '@graphiql/toolkit',
  'graphql',
  'monaco-editor',
  'monaco-graphql',
  'react',
  'react-dom',
]

/** Builds the explorer unless `folder` holds the bundle of exactly these sources. Returns whether it built. */
export async function ensureExplorer(folder = explorerFolder): Promise<boolean> {
  const wanted = await fingerprint()
  if ((await stampOf(folder)) === wanted) return false
  await buildExplorer(folder, wanted)
  return true
}

/** Changes with the sources, with this file, and with the pinned versions of what is bundled. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256')
  for (const file of (await readdir(sources)).sort())
    hash.update(file).update(await readFile(join(sources, file)))
  hash.update(await readFile(fileURLToPath(import.meta.url)))
  const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  const pinned = { ...manifest.dependencies, ...manifest.devDependencies }
  for (const name of packages) hash.update(`${name}@${pinned[name]}\n`)
  return hash.digest('hex')
}

/** Everything is written beside the target and then moved there: nobody ever sees half a bundle. */
async function buildExplorer(folder: string, stamp: string): Promise<void> {
  const target = folder.replace(/\/$/, '')
  await mkdir(dirname(target), { recursive: true })
  const made = await mkdtemp(`${target}-`)
  try {
    const assets = join(made, 'assets')
    const workers = await bundle(assets, {
      editor: 'monaco-editor/esm/vs/editor/editor.worker.js',
      json: 'monaco-editor/esm/vs/language/json/json.worker.js',
      graphql: 'monaco-graphql/esm/graphql.worker.js',
    })
    const page = await bundle(assets, { explorer: join(sources, 'explorer.tsx') }, workers)
    const icon = await readFile(join(sources, 'favicon.svg'))
    const iconName = `favicon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`
    await writeFile(join(assets, iconName), icon)
    await writeFile(join(made, 'index.html'), html({ ...page, icon: iconName }))
    await compress(assets)
    await writeFile(join(made, 'fingerprint'), stamp)
    await replace(target, made, stamp)
  } catch (error) {
    await rm(made, { recursive: true, force: true })
    throw error
  }
}

async function stampOf(folder: string): Promise<string | undefined> {
  return readFile(join(folder, 'fingerprint'), 'utf8').catch(() => undefined)
}

/** Several processes may build at once, on a clean clone: the first one's bundle stays, the others' are the same. */
async function replace(target: string, made: string, stamp: string): Promise<void> {
  if ((await stampOf(target)) !== stamp) {
    await rm(target, { recursive: true, force: true })
    try {
      return await rename(made, target)
    } catch (error) {
      if ((await stampOf(target)) !== stamp) throw error
    }
  }
  await rm(made, { recursive: true, force: true })
}

/** Returns the entry points' file names (with their content's hash), by name; a style sheet is under `<name>.css`. */
async function bundle(
  outdir: string,
  entryPoints: Record<string, string>,
  workers: Record<string, string> = {},
): Promise<Record<string, string>> {
  const { build } = await import('esbuild')
  const { metafile } = await build({
    entryPoints: Object.entries(entryPoints).map(([out, path]) => ({
      out,
      in: path.startsWith('/') ? path : require.resolve(path),
    })),
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    metafile: true,
    jsx: 'automatic',
    legalComments: 'linked',
    logLevel: 'error',
    entryNames: '[name]-[hash]',
    // What is imported dynamically has an entry point in the metafile too: its name must not be taken for one of ours.
    chunkNames: 'chunk-[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.ttf': 'file', '.woff': 'file', '.woff2': 'file', '.svg': 'dataurl' },
    plugins: [prettierAsModules],
    define: { 'process.env.NODE_ENV': '"production"', EXPLORER_WORKERS: JSON.stringify(workers) },
  })
  const names: Record<string, string> = {}
  for (const [file, output] of Object.entries(metafile.outputs)) {
    if (output.entryPoint === undefined) continue
    const name = basename(file).split('-')[0] as string
    names[name] = basename(file)
    if (output.cssBundle !== undefined) names[`${name}.css`] = basename(output.cssBundle)
  }
  return names
}

/**
 * GraphiQL imports two of prettier's parsers by their old names, which are CommonJS: of such a chunk esbuild exports
 * nothing but `default`, GraphiQL finds no parser in it, and Prettify does nothing.
 */
const prettierAsModules: Plugin = {
  name: 'prettier-as-modules',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^prettier\/parser-(graphql|babel)$/ }, ({ path, kind, resolveDir, importer }) =>
      resolve(path.replace('parser-', 'plugins/'), { kind, resolveDir, importer }),
    )
  },
}

function html(page: Record<string, string>): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Freshet explorer</title>
<link rel="icon" type="image/svg+xml" href="${assetsPath}${page.icon}">
<link rel="stylesheet" href="${assetsPath}${page['explorer.css']}">
</head>
<body>
<div id="root"><p class="freshet-waiting">Loading the explorer …</p></div>
<noscript>The explorer needs JavaScript. The GraphQL endpoint is at /graphql.</noscript>
<script type="module" src="${assetsPath}${page.explorer}"></script>
</body>
</html>
`
}

/** Compressed once here, not on every request. */
async function compress(folder: string): Promise<void> {
  const zip = promisify(gzip)
  for (const file of await readdir(folder)) {
    if (!/\.(js|css|svg|ttf)$/.test(file)) continue
    const path = join(folder, file)
    await writeFile(`${path}.gz`, await zip(await readFile(path), { level: 9 }))
  }
}

if (import.meta.main) {
  const built = await ensureExplorer()
  console.log(built ? `The explorer is built: ${explorerFolder}` : 'The explorer is up to date.')
}

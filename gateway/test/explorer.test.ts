import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Browser, chromium, type Page } from 'playwright-core'
import { ensureExplorer, explorerFolder } from '../src/explorer/build-explorer.ts'
import type { Gateway } from '../src/gateway.ts'
import { type SmallGraph, startSmallGraph } from './graph/subgraphs.ts'
import { startTestGateway } from './graph/test-gateway.ts'

let graph: SmallGraph
let gateway: Gateway

beforeAll(async () => {
  graph = await startSmallGraph()
  gateway = await startTestGateway(graph, { EXPLORER_ENABLED: 'true' })
})
afterAll(async () => {
  await gateway?.close()
  await graph?.close()
})

test('the bundle is used as it is, and made anew when it is not the one of these sources', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'freshet-explorer-'))
  const folder = join(parent, 'explorer')
  // The gateway has made it.
  await cp(explorerFolder, folder, { recursive: true })
  expect(await ensureExplorer(folder)).toBe(false)

  await writeFile(join(folder, 'fingerprint'), 'of other sources')
  // Two processes at once, as on a clean clone.
  await Promise.all([ensureExplorer(folder), ensureExplorer(folder)])
  expect(await ensureExplorer(folder)).toBe(false)
  // Nothing half made is left beside it.
  expect(await readdir(parent)).toEqual(['explorer'])
  await rm(parent, { recursive: true })
})

test('the page refers to its own files only, and its policy allows nothing else', async () => {
  const response = await fetch(gateway.url)
  const page = await response.text()
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  const policy = response.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toMatch(/https?:|\*|unsafe-eval/)
  const references = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path as string)
  expect(references).toHaveLength(3)
  for (const path of references) {
    expect(path).toMatch(/^\/explorer\/assets\/[\w.-]+$/)
    const asset = await fetch(gateway.url + path, { headers: { 'accept-encoding': 'gzip' } })
    expect(asset.status).toBe(200)
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(asset.headers.get('content-encoding')).toBe('gzip')
  }
})

test.each([
  '/explorer/assets/../index.html',
  '/explorer/assets/%2e%2e/fingerprint',
  '/explorer/assets/nothing.js',
])('GET %s gives no file', async (path) => {
  expect((await fetch(gateway.url + path)).status).toBeGreaterThanOrEqual(400)
})

const executable = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
)
const inBrowser = executable === undefined ? test.skip : test

inBrowser('in a browser it runs a query, shows the schema, and asks no other host', async () => {
  const browser: Browser = await chromium.launch({
    executablePath: executable as string,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  try {
    const page: Page = await browser.newPage()
    const hosts = new Set<string>()
    const complaints: string[] = []
    page.on('request', (request) => hosts.add(new URL(request.url()).host))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    await page.goto(gateway.url)
    await page.locator('.graphiql-query-editor .view-line').first().waitFor()
    expect(await page.title()).toBe('Freshet explorer')
    await page.locator('.graphiql-query-editor').getByText('ProductPage').waitFor()

    // The examples are for the real graph; this one is small.
    await page.locator('.graphiql-query-editor .view-lines').click()
    await page.keyboard.press('Control+A')
    // Monaco closes the brace.
    await page.keyboard.insertText('{ views ')
    // What is typed counts after a moment.
    await page.getByText('<untitled>').waitFor()
    await page.keyboard.press('Control+Enter')
    await page.locator('.result-window').getByText('42').waitFor()

    // What it offers to complete may come late, and would lie over the button.
    await eventually(async () => {
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: /^Prettify/ }).click({ timeout: 1_000 })
    })
    const lines = page.locator('.graphiql-query-editor .view-line')
    const shown = async () => (await lines.allInnerTexts()).map((line) => line.trim()).filter(Boolean)
    await eventually(async () => expect(await shown()).toEqual(['{', 'views', '}']))

    await page.getByLabel('Show Documentation Explorer').click()
    await page.getByText('query: Query').waitFor()
    expect([...hosts]).toEqual([new URL(gateway.url).host])
    expect(complaints).toEqual([])
  } finally {
    await browser.close()
  }
})

test('no source map and nothing enormous is served', async () => {
  const folder = new URL('../dist/explorer/assets/', import.meta.url)
  const files = await readdir(folder)
  expect(files.filter((file) => file.endsWith('.map'))).toEqual([])
  const sizes = await Promise.all(files.map(async (file) => (await stat(new URL(file, folder))).size))
  expect(Math.max(...sizes)).toBeLessThan(4_000_000)
  expect((await readFile(new URL('../index.html', folder), 'utf8')).length).toBeLessThan(2_000)
})

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { ask } from '../supergraph.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const block = (language: string) =>
  new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1] ?? ''

/** The names of an answer, without its values: the demo data of a test is smaller than that of `npm start`. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]))
}

test("the README's first query is answered, in the shape that it shows", async () => {
  const { data, errors } = await ask(block('graphql'))
  expect(errors).toBeUndefined()
  expect(shapeOf(data)).toEqual(shapeOf(JSON.parse(block('json'))))
})

test('every file and folder that the README links to exists', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1] as string)
  expect(links.length).toBeGreaterThan(4)
  for (const link of links)
    expect(() => readFileSync(new URL(`../../${link}`, import.meta.url))).not.toThrow(/ENOENT/)
})

test('the README has no placeholder left', () => {
  expect(readme).not.toMatch(/^[A-Z]+(_[A-Z]+)+$/m)
})

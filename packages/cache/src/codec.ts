import { types } from 'node:util'

/**
 * Plain data to text and back, exactly: JSON, plus Dates, or an error for what JSON would silently change.
 *
 * A database row often holds Dates. JSON alone would return them as strings on a hit and as Dates on a miss:
 * so the text begins with the paths of the Dates, and only those are turned back. A value without Dates costs nothing more.
 */
export function encodePlainData(value: unknown): string {
  const dates: Path[] = []
  inspect(value, [], dates)
  return `${dates.length === 0 ? '' : JSON.stringify(dates)}\n${JSON.stringify(value)}`
}

/** The inverse of {@link encodePlainData}. @throws SyntaxError or TypeError on anything else. */
export function decodePlainData(text: string): unknown {
  const end = text.indexOf('\n')
  if (end === -1) throw new SyntaxError('The encoded value has no header')
  const root = { value: JSON.parse(text.slice(end + 1)) as unknown }
  if (end > 0) for (const path of JSON.parse(text.slice(0, end)) as Path[]) reviveDate(root, path)
  return root.value
}

type Path = (string | number)[]

function reviveDate(root: { value: unknown }, path: Path): void {
  let holder = root as Record<string | number, unknown>
  let name: string | number = 'value'
  for (const step of path) {
    holder = holder[name] as Record<string | number, unknown>
    name = step
  }
  holder[name] = new Date(holder[name] as string)
}

function inspect(value: unknown, path: Path, dates: Path[]): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return
    case 'number':
      if (Number.isFinite(value)) return
      break
    case 'undefined':
      // A property that is undefined and one that is absent read the same; in an array JSON would make it null.
      if (typeof path.at(-1) === 'string') return
      break
    case 'object': {
      if (value === null) return
      // Not instanceof: a Date may come from another realm (jest's, a worker's).
      if (types.isDate(value)) {
        if (Number.isNaN(value.getTime())) break
        dates.push([...path])
        return
      }
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) inspectAt(i, value[i], path, dates)
        return
      }
      const prototype: unknown = Object.getPrototypeOf(value)
      if (prototype !== null && Object.getPrototypeOf(prototype) !== null) break
      if ('toJSON' in value) break
      for (const name of Object.keys(value))
        inspectAt(name, (value as Record<string, unknown>)[name], path, dates)
      return
    }
    case 'bigint':
    case 'function':
    case 'symbol':
  }
  throw new TypeError(
    `${path.length === 0 ? 'The value' : path.join('.')} is not plain data: give the policy serialize and deserialize`,
  )
}

function inspectAt(step: string | number, value: unknown, path: Path, dates: Path[]): void {
  path.push(step)
  inspect(value, path, dates)
  path.pop()
}

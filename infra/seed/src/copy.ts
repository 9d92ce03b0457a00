import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ClientBase } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { seedTag } from './connection.ts'

export type CopyValue = string | number | boolean | Date | null | readonly string[] | readonly number[]

/** Streams rows into a table by COPY. Returns how many there were. */
export async function copyRows(
  client: ClientBase,
  table: string,
  columns: readonly string[],
  rows: Iterable<readonly CopyValue[]>,
  onRows: (done: number) => void = () => {},
): Promise<number> {
  let count = 0
  function* chunks() {
    let chunk = ''
    for (const row of rows) {
      chunk += `${row.map(encode).join('\t')}\n`
      count++
      // Larger chunks save turns of the event loop; this size keeps memory flat at any scale.
      if (chunk.length > 64 * 1024) {
        yield Buffer.from(chunk)
        chunk = ''
        onRows(count)
      }
    }
    if (chunk) yield Buffer.from(chunk)
    onRows(count)
  }
  const copy = client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin ${seedTag}`))
  await pipeline(Readable.from(chunks(), { objectMode: false, highWaterMark: 256 * 1024 }), copy)
  return count
}

/** COPY's text format. */
function encode(value: CopyValue): string {
  if (value === null) return '\\N'
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'object') return escapeText(`{${value.map((item) => arrayItem(item)).join(',')}}`)
  return escapeText(String(value))
}

function arrayItem(item: string | number): string {
  return typeof item === 'number' ? String(item) : `"${item.replace(/[\\"]/g, '\\$&')}"`
}

function escapeText(text: string): string {
  return text.replace(
    /[\\\t\n\r]/g,
    (char) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' })[char] as string,
  )
}

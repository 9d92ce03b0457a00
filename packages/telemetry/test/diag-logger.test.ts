import { expect, test } from '@jest/globals'
import { createDiagLogger } from '../src/diag-logger.ts'
import { createLogger } from '../src/index.ts'

test('logs what the SDK complains about, but not that a failed Redis command ended its span twice', () => {
  const lines: { msg: string }[] = []
  const logger = createLogger('test', { destination: { write: (line) => lines.push(JSON.parse(line)) } })
  const diag = createDiagLogger(logger)
  diag.error('mget 4bf92f35-00f067aa - You can only call end() on a span once.')
  diag.warn('Cannot execute the operation on ended Span {traceId: 4bf92f35, spanId: 00f067aa}')
  diag.warn('Can not execute the operation on ended Span {traceId: 4bf92f35, spanId: 00f067aa}')
  diag.error('something else')
  expect(lines.map(({ msg }) => msg)).toEqual(['something else'])
})

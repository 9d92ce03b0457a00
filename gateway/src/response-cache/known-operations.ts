import { createHash } from 'node:crypto'
import { type DocumentNode, Kind, parse } from 'graphql'
import { LRUCache } from 'lru-cache'

/** What is known of an operation before it is run. */
export interface KnownOperation {
  /** Names the text and, where it holds several operations, the one of them. */
  readonly id: string
  readonly name: string | undefined
  /** Of the variables that it declares: others have no say in its answer. */
  readonly variables: readonly string[]
  /** Its answer read the viewer at least once: from then on each audience has answers of its own. */
  isPrivate: boolean
  /** Its last answer could be stored. While it can't, Redis is not asked. */
  isStorable: boolean
}

/** Remembers operations by their text, or by its hash alone once the text was seen. */
export interface KnownOperations {
  /** The query that this request runs; undefined of anything else, and of what can't be told before it is run. */
  find(request: {
    query?: string | undefined
    hash?: string | undefined
    operationName?: string | undefined
  }): KnownOperation | undefined
}

const MOST = 5_000
const LONGEST_NAME = 200

/** @param options.tokens a longer text is not looked at: it is refused later. */
export function createKnownOperations(options: { schemaId: string; tokens: number }): KnownOperations {
  const queries = new LRUCache<string, KnownOperation | 'none'>({ max: MOST })

  function read(text: string, hash: string, operationName: string | undefined): KnownOperation | 'none' {
    let document: DocumentNode
    try {
      document = parse(text, { noLocation: true, maxTokens: options.tokens })
    } catch {
      // Whoever answers it will say what is wrong with it.
      return 'none'
    }
    const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION)
    const named =
      operationName === undefined ? operations : operations.filter((o) => o.name?.value === operationName)
    const [operation] = named
    if (operation === undefined || named.length !== 1 || operation.operation !== 'query') return 'none'
    return {
      id: `${options.schemaId}:${hash}${operations.length === 1 ? '' : `:${operationName}`}`,
      name: operation.name?.value,
      variables: (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value).sort(),
      isPrivate: false,
      isStorable: true,
    }
  }

  return {
    find({ query, hash: given, operationName }) {
      const hash = query === undefined ? given : createHash('sha256').update(query).digest('hex')
      if (hash === undefined) return undefined
      // No operation is called that. A long one would be a key of the client's making: thousands would fill the memory.
      if (operationName === '' || (operationName?.length ?? 0) > LONGEST_NAME) return undefined
      const key = `${hash} ${operationName ?? ''}`
      let known = queries.get(key)
      if (known === undefined && query !== undefined) {
        known = read(query, hash, operationName)
        queries.set(key, known)
      }
      return known === 'none' ? undefined : known
    },
  }
}

import { createGraphiQLFetcher } from '@graphiql/toolkit'
import { GraphiQL } from 'graphiql'
import 'graphiql/style.css'
import { createRoot } from 'react-dom/client'
import { examples } from './examples.ts'
import './explorer.css'

/** Monaco asks for its workers by name; all of them are files of this bundle. */
Object.assign(globalThis, {
  MonacoEnvironment: {
    getWorker(_id: string, label: string): Worker {
      const file =
        label === 'json'
          ? EXPLORER_WORKERS.json
          : label === 'graphql'
            ? EXPLORER_WORKERS.graphql
            : EXPLORER_WORKERS.editor
      return new Worker(new URL(file, import.meta.url), { type: 'module' })
    },
  },
})

const fetcher = createGraphiQLFetcher({ url: new URL('/graphql', location.href).href })

createRoot(document.getElementById('root') as HTMLElement).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={examples.map(({ query }) => ({ query, variables: null, headers: null }))}
    defaultEditorToolsVisibility="headers"
    inputValueDeprecation
    schemaDescription
    // A token is as good as a password: it stays in memory unless its owner decides otherwise in the settings.
    shouldPersistHeaders={false}
    showPersistHeadersSettings
  >
    <GraphiQL.Logo>
      <a className="freshet-logo" href="/">
        Freshet
      </a>
    </GraphiQL.Logo>
  </GraphiQL>,
)

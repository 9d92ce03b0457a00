import { codegen } from '@graphql-codegen/core'
import * as typescript from '@graphql-codegen/typescript'
import * as typescriptResolvers from '@graphql-codegen/typescript-resolvers'
import { readSchema } from '../schema.ts'

/** What {@link generateResolverTypes} needs to know. */
export interface ResolverTypesOptions {
  /** The folder of the `*.graphql` files. */
  schema: URL
  /**
   * The row that resolvers get for a GraphQL type: `{ Product: '../product/product.repository.ts#ProductRow' }`,
   * relative to `src/generated/`.
   */
  mappers?: Record<string, string>
  /** The context's type: `'../context.ts#Context'`. */
  contextType: string
}

const header = '// Generated from schema/*.graphql by `pnpm generate`. Do not edit.\n'

/** The TypeScript of a subgraph's resolvers: what a service keeps as `src/generated/graphql.ts`. */
export async function generateResolverTypes(options: ResolverTypesOptions): Promise<string> {
  const { mappers = {}, contextType } = options
  const text = await codegen({
    filename: 'graphql.ts',
    schema: await readSchema(options.schema),
    documents: [],
    plugins: [{ typescript: {} }, { typescriptResolvers: {} }],
    pluginMap: { typescript, typescriptResolvers },
    config: {
      federation: true,
      contextType,
      mappers,
      useIndexSignature: true,
      useTypeImports: true,
      enumsAsTypes: true,
      emitLegacyCommonJSImports: false,
      showUnusedMappers: true,
      strictScalars: true,
      // A field that may be null may also be left out of a row; an argument may be null or absent.
      maybeValue: 'T | null | undefined',
      inputMaybeValue: 'T | null | undefined',
      scalars: { DateTime: { input: 'Date', output: 'Date | string' }, _FieldSet: 'string' },
    },
  })
  return `${header}${text}`
}

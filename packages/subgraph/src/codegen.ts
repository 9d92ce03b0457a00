export type { ResolverTypesOptions } from './codegen/resolver-types.ts'
export { generateResolverTypes } from './codegen/resolver-types.ts'
export type { ServiceGeneration } from './codegen/service-files.ts'
export { generatedFiles, generateService, staleFiles } from './codegen/service-files.ts'

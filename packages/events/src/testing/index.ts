export { prefixedBus } from './prefixed-bus.ts'
export { publishOnlyBus } from './publish-only-bus.ts'

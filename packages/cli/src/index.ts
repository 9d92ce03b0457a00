export { type PreparedDatabase, type PrepareOptions, prepareDatabase } from './prepare-database.ts'
export { type System, type SystemOptions, startSystem } from './system.ts'

export { SCALES, type Scale, type ScaleName } from './scales.ts'
export { isSeeded, type SeedOptions, type SeedProgress, seed } from './seed.ts'
export { SeedError } from './seed-error.ts'
export { DEMO_ACCOUNTS, DEMO_PASSWORD } from './users.ts'

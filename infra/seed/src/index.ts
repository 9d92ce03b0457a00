export { createRandom, createZipf, type Random } from './random.ts'
export { SCALES, type Scale, type ScaleName } from './scales.ts'
export { isSeeded, SeedError, type SeedOptions, type SeedProgress, seed } from './seed.ts'
export { DEMO_ACCOUNTS, DEMO_PASSWORD } from './users.ts'

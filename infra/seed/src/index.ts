export {
  isSeeded,
  SCALES,
  type Scale,
  type ScaleName,
  SeedError,
  type SeedOptions,
  type SeedProgress,
  seed,
} from './seed.ts'
export { DEMO_ACCOUNTS, DEMO_PASSWORD } from './users.ts'

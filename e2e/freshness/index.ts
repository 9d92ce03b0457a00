/** What bench/freshness runs for long, and freshness.test.ts for seconds. */
export { type Doors, openDoors } from './doors.ts'
export { createFaults } from './faults.ts'
export { type ShakySystem, startShakySystem } from './shaky-system.ts'
export { openShop, type Shop } from './shop.ts'

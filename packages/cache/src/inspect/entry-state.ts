/**
 * Why an entry is served or not. `other_life`: stored before the domain's history began anew; `leased`: a process is loading it;
 * `not_storable`: loaded lately, but could not be stored; `unknown`: not an entry of this version.
 */
export type EntryState =
  | 'fresh'
  | 'past_ttl'
  | 'invalidated'
  | 'other_life'
  | 'leased'
  | 'not_storable'
  | 'unknown'
  | 'missing'

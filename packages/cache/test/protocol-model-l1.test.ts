import { testModelsOf } from './model/check.ts'

testModelsOf(
  'L1',
  'L1 is never older than its bound, than what it is asked for, and than what was written beside it',
)

import { testModelsOf } from './model/check.ts'

testModelsOf('one level', 'no read is older than what was acknowledged when it began')

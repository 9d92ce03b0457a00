import { testModelsOf } from './model/check.ts'

testModelsOf('two levels', 'no read at the gateway is older than what was acknowledged there when it began')

import { runGenerate } from '@freshet/subgraph/codegen'
import { generation } from './generation.ts'

await runGenerate(generation)

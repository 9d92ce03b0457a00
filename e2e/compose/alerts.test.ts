import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { workspaceRoot } from '@freshet/local'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'

const read = (path: string) => readFileSync(join(workspaceRoot, path), 'utf8')
const { groups } = parse(read('infra/prometheus/alerts.yml')) as {
  groups: { rules: { alert: string; expr: string; annotations: { summary: string; runbook: string } }[] }[]
}
const rules = groups.flatMap((group) => group.rules)

/** Instruments by the name that /metrics gives them; an exporter adds units and `_total`. */
const instruments = globSync(['packages/*/src/**/*.ts', 'services/*/src/**/*.ts', 'gateway/src/**/*.ts'], {
  cwd: workspaceRoot,
})
  .flatMap((file) => [...read(file).matchAll(/'(freshet[._][a-z._]+)'/g)])
  .map(([, name]) => (name as string).replaceAll('.', '_'))

test('every metric that an alert or the dashboard looks at is one that a service has', () => {
  const dashboard = read('infra/grafana/dashboards/freshet.json')
  const used = [...rules.map(({ expr }) => expr), dashboard].flatMap(
    (text) => text.match(/\bfreshet_[a-z_]+/g) ?? [],
  )
  expect(used.length).toBeGreaterThan(8)
  for (const name of used) {
    const base = name.replace(/_(bucket|count|sum|total)$/, '').replace(/_seconds$/, '')
    expect(instruments.some((instrument) => instrument === base || instrument === `${base}_seconds`)).toBe(
      true,
    )
  }
})

test('every alert names a chapter of the runbook that exists', () => {
  const headings = [...read('docs/OPERATIONS.md').matchAll(/^## (.+)$/gm)].map(
    ([, heading]) => `docs/OPERATIONS.md#${(heading as string).toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
  )
  for (const { annotations } of rules) expect(headings).toContain(annotations.runbook)
})

test('Prometheus reads the alerts', () => {
  expect(parse(read('infra/prometheus/prometheus.yml')).rule_files).toEqual(['alerts.yml'])
  expect(parse(read('docker-compose.yml')).services.prometheus.volumes).toContain(
    './infra/prometheus/alerts.yml:/etc/prometheus/alerts.yml:ro',
  )
})

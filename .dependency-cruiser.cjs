/** Who may import whom (docs/ARCHITECTURE.md). `npm test` fails on any violation. */
module.exports = {
  forbidden: [
    {
      name: 'services-share-nothing',
      comment:
        'Services share a supergraph and events, never code: what two of them need belongs in packages/.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/([^/]+)/', pathNot: '^services/$1/' },
    },
    {
      name: 'services-know-no-gateway',
      severity: 'error',
      from: { path: '^services/' },
      to: { path: '^(gateway|infra|e2e|bench)/' },
    },
    {
      name: 'gateway-knows-no-service',
      severity: 'error',
      from: { path: '^gateway/' },
      to: { path: '^(services|infra|e2e|bench)/' },
    },
    {
      name: 'packages-know-no-service',
      comment: 'Only the cli and testing may reach infra/, to start the parts and to seed them.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(services|gateway|e2e|bench)/' },
    },
    {
      name: 'only-cli-and-testing-know-infra',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/(cli|testing)/' },
      to: { path: '^infra/' },
    },
    {
      name: 'packages-through-their-exports',
      comment: 'A package is what its exports say; nothing reaches into its files by a relative path.',
      severity: 'error',
      from: { path: '^(packages|infra|services)/([^/]+)/' },
      to: { path: '^(packages|infra|services)/', pathNot: '^$1/$2/', dependencyTypes: ['local'] },
    },
    {
      name: 'testing-only-in-tests',
      severity: 'error',
      from: {
        path: '^(services|gateway|packages|infra)/',
        pathNot: [
          '/test/',
          '^packages/testing/',
          '^packages/(events|subgraph)/src/testing/',
          '^infra/local/',
        ],
      },
      to: { path: ['^packages/testing/', '^packages/(events|subgraph)/src/testing/'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { pathNot: 'node_modules' } },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(node_modules|/dist/|/generated/|\\.freshet)' },
    // TypeScript 7 has no compiler API that dependency-cruiser could use; swc reads the sources instead.
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}

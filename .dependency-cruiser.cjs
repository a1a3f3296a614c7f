/**
 * The floors of the house: imports run only downwards (docs: architecture). What a floor may import is said once, here.
 */
const floors = {
  domain: [],
  platform: ['domain'],
  db: ['domain', 'platform'],
  workflows: ['domain'],
  activities: ['domain', 'db', 'platform'],
  api: ['domain', 'db', 'platform'],
  workers: ['domain', 'platform', 'db', 'workflows', 'activities'],
  cli: ['domain'],
  devstack: ['platform', 'domain'],
  bench: ['domain', 'platform', 'db', 'workflows', 'activities', 'workers', 'devstack'],
};

const rooms = Object.keys(floors);
const pathOf = (names) => `^(${names.join('|')})/`;

/** Pure parts of other floors that a floor may see: names and shapes of messages, never behaviour. */
const exceptions = {
  api: ['^workflows/[^/]+/contract'],
  cli: ['^api/'],
};

const floorRules = rooms.map((room) => ({
  name: `floor-${room}`,
  comment: `${room}/ may import only ${[room, ...floors[room]].join(', ')}${exceptions[room] ? ' and workflows/*/contract' : ''}`,
  severity: 'error',
  from: { path: pathOf([room]), pathNot: '\\.test\\.ts$' },
  to: {
    path: pathOf(rooms),
    pathNot: [pathOf([room, ...floors[room]]), ...(exceptions[room] ?? [])],
    // Workflows see the types of activities, which vanish when compiled.
    ...(room === 'workflows' && { dependencyTypesNot: ['type-only'] }),
  },
}));

module.exports = {
  forbidden: [
    ...floorRules,
    {
      name: 'workflows-know-only-types-of-activities',
      comment: 'Workflow code may see nothing else than activities, not even as types',
      severity: 'error',
      from: { path: '^workflows/', pathNot: '\\.test\\.ts$' },
      to: { path: pathOf(rooms.filter((room) => !['domain', 'workflows', 'activities'].includes(room))) },
    },
    {
      name: 'cli-knows-only-types-of-the-api',
      comment: 'The command line is a client: it knows the shapes of answers, which vanish when compiled, and nothing else of the API',
      severity: 'error',
      from: { path: '^cli/', pathNot: '\\.test\\.ts$' },
      to: { path: '^api/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'workflows-stay-in-the-sandbox',
      comment: 'Workflow code has no Node. Rules that the API shares may hash, which is pure; the bundle refuses it where workflows would reach it',
      severity: 'error',
      from: { path: '^(workflows|domain)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or a third is missing',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-test-code-in-the-product',
      comment: 'Only tests may use the test harness',
      severity: 'error',
      from: { path: pathOf(rooms), pathNot: '\\.test\\.ts$' },
      to: { path: '^test/|\\.test\\.ts$' },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'A package that is used is in package.json, and what runs in production is no development package',
      severity: 'error',
      from: { path: pathOf(rooms), pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
    {
      name: 'no-unresolvable-imports',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    // Type-only imports count: floors hold for them too.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.datamcp)/' },
  },
};

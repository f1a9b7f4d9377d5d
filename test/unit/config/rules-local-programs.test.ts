import { expect, test } from 'vitest'
import { check } from './rules-support.ts'

const web = { command: ['npm', 'run', 'dev'], cwd: 'api' }

test.each([
  ['nothing wrong', { ...web, ports: [5173], watch: ['**/*.ts'], env: { PORT: '5173' }, dependsOn: ['db'] }, []],
  ['a shell string', { ...web, command: 'npm run dev' }, [expect.stringContaining('locals.web.command')]],
  ['no program', { ...web, command: [''] }, ['locals.web.command[0]: must name a program']],
  ['a folder that is not there', { ...web, cwd: 'apps' }, ['locals.web.cwd: there is no folder apps']],
  ['a port mapping', { ...web, ports: ['80:81'] }, [expect.stringContaining('locals.web.ports[0]')]],
  [
    'a port that is forwarded',
    { ...web, ports: [15432] },
    [
      'locals.web.ports[0]: uses local port 15432, which externals.db.forward uses too; let the program listen on another port',
    ],
  ],
  [
    'a variable that the system refuses',
    { ...web, env: { 'A=B': 'c' } },
    ['locals.web.env["A=B"]: is no name of an environment variable'],
  ],
  ['a pattern', { ...web, watch: ['[a'] }, [expect.stringContaining('locals.web.watch[0]: the pattern "[a"')]],
  [
    'what it cannot wait for',
    { ...web, dependsOn: ['dbb'] },
    ['locals.web.dependsOn[0]: "dbb" is not a service or an external; did you mean "db"?'],
  ],
  [
    'itself',
    { ...web, dependsOn: ['web'] },
    ['locals.web.dependsOn[0]: "web" is not a service or an external; did you mean "db"?'],
  ],
])('a program of this machine is checked: %s', (_name, given, problems) => {
  const externals = { db: { image: 'postgres', port: 5432, forward: '15432:5432' } }
  expect(check({ externals, locals: { web: given as typeof web } })).toEqual(problems)
})

test('no service can depend on one, and its name is its own', () => {
  const services = { api: { image: 'x', dependsOn: ['web'] }, other: { image: 'x' } }
  expect(check({ services, locals: { web, other: web } })).toEqual([
    'locals.other: is also the name of one of the services; use different names for services, externals, jobs and locals',
    'services.api.dependsOn[0]: "web" is not defined',
  ])
})

import { expect, test } from 'vitest'
import { check } from './rules-support.ts'
import { failure, folder, load } from './support.ts'

const seed = { local: true, command: ['npm', 'run', 'seed'] }
const services = { api: { image: 'x' } }
const noEffect = 'has no effect: `local` runs the job on this machine; remove it, or remove `local`'

test.each([
  ['nothing wrong', { ...seed, cwd: 'api', env: { ROWS: '5' } }, []],
  ['the folder of the configuration', seed, []],
  ['a shell string', { ...seed, command: 'npm run seed' }, [expect.stringContaining('jobs.seed.command')]],
  ['no program', { ...seed, command: [''] }, ['jobs.seed.command[0]: must name a program']],
  ['a folder that is not there', { ...seed, cwd: 'apps' }, ['jobs.seed.cwd: there is no folder apps']],
  [
    'a variable that the system refuses',
    { ...seed, env: { 'A=B': 'c' } },
    ['jobs.seed.env["A=B"]: is no name of an environment variable'],
  ],
  [
    'what is for the cluster',
    { ...seed, service: 'api', image: 'x', dependsOn: ['api'] },
    [`jobs.seed.service: ${noEffect}`, `jobs.seed.image: ${noEffect}`, `jobs.seed.dependsOn: ${noEffect}`],
  ],
  [
    'a folder for a job of the cluster',
    { ...seed, local: false, service: 'api', cwd: 'api' },
    ['jobs.seed.cwd: has no effect without `local`; remove it, or set local: true'],
  ],
])('a job of this machine is checked: %s', (_name, given, problems) => {
  expect(check({ services, jobs: { seed: given as typeof seed } })).toEqual(problems)
})

test('nothing can depend on one', () => {
  const dependsOn = ['seed']
  const fix = '"seed" runs on this machine, and only devk run runs it; remove it, or let the job run in the cluster'
  const jobs = { seed, more: { image: 'x', command: ['x'], dependsOn: [{ name: 'seed', wait: false }] } }
  expect(check({ services: { api: { image: 'x', dependsOn } }, jobs })).toEqual([
    `services.api.dependsOn[0]: ${fix}`,
    `jobs.more.dependsOn[0]: ${fix}`,
  ])
})

test('the folder is one of the configuration, and a problem has its line', async () => {
  const config = (more: string) => ({
    'platform.config.yaml': `name: it\njobs:\n  seed:\n    local: true\n    command: [x]\n    cwd: web\n${more}`,
    'web/x': '',
  })
  const root = folder(config(''))
  expect((await load(root)).jobs.seed).toMatchObject({ local: true, cwd: `${root}/web` })
  const { details } = await failure(load(folder(config('    image: x\n'))))
  expect(details.join('\n')).toContain('platform.config.yaml:7:5')
})

import { expect, test } from 'vitest'
import { runPreview } from '../../../../src/commands/actions/preview-run.ts'
import { configOf } from '../../stack/support.ts'

const config = configOf({
  services: { backend: { image: 'x' } },
  jobs: {
    seed: { service: 'backend', command: ['sh', '-c', 'echo $A'] },
    clean: { image: 'x', command: ['true'] },
    build: { local: true, command: ['npm', 'run', 'build all'], env: { A: 'b c' } },
  },
})

test.each([
  ['seed', "It runs sh -c 'echo $A', with the image and the environment of backend."],
  ['clean', 'It runs true.'],
  ['migrate', 'It runs what its manifest says.'],
])('running %s in the cluster says first what it runs, and in which image', (name, what) => {
  const { effects, command } = runPreview(name, config.jobs[name], config.root)
  expect(effects[0]).toContain(`Creates a Job for ${name}`)
  expect(effects.join(' ')).toContain(what)
  expect(command).toBe(`devk run ${name}`)
})

test('running a job of this machine says what it runs, where and with which variables', () => {
  const { effects, command } = runPreview('build', config.jobs.build, config.root)
  expect(effects).toEqual([
    "Runs npm run 'build all' on this machine, in the folder of the configuration, with 'A=b c'.",
    'It ends after 10 minutes at the latest, with everything that it has started. Its exit code and its last lines are the result.',
  ])
  expect(command).toBe('devk run build')
})

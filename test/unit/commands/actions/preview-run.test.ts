import { expect, test } from 'vitest'
import { runPreview } from '../../../../src/commands/actions/preview-run.ts'

const jobs = [
  { name: 'seed', service: 'backend', command: ['sh', '-c', 'echo $A'] },
  { name: 'clean', service: undefined, command: ['true'] },
]

test.each([
  ['seed', "It runs sh -c 'echo $A', with the image and the environment of backend."],
  ['clean', 'It runs true.'],
  // Added since the last up, or a service that is a Job.
  ['other', 'The configuration says what it runs.'],
])('running %s says first what it runs, and in which image', (name, what) => {
  const { effects, command } = runPreview({ record: { jobs } }, name)
  expect(effects.join(' ')).toContain(what)
  expect(command).toBe(`devk run ${name}`)
})

test('a record of an older version knows no jobs', () => {
  expect(runPreview({ record: {} }, 'seed').effects.join(' ')).toContain('The configuration says')
})

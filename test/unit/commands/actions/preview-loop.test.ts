import { expect, test } from 'vitest'
import { pausePreview, rebuildPreview, triggerPreview } from '../../../../src/commands/actions/preview-loop.ts'
import { session } from '../../../browser/support/states.ts'

const running = (waiting: readonly { service: string; files: number }[]) => ({
  socket: '',
  state: { ...session([]), waiting },
})

test('what is sent is counted', () => {
  const { effects, command } = triggerPreview(running([{ service: 'backend', files: 1 }]), 'backend')
  expect([effects[0], command]).toEqual(['Sends 1 file of backend that waits.', 'devk trigger backend'])
  expect(triggerPreview(running([]), 'backend').effects[0]).toBe('Nothing of backend waits now.')
})

test('what waited is one save when it goes on', () => {
  const both = running([
    { service: 'backend', files: 2 },
    { service: 'web', files: 3 },
  ])
  expect(pausePreview(both, 'resume')).toMatchObject({
    effects: ['Sends 5 files that waited, as one save.'],
    command: 'devk resume',
  })
  expect(pausePreview(both, 'pause').effects[0]).toBe('devk up (pid 7) keeps saves back from now on.')
})

test.each([
  ['build', rebuildPreview],
  ['watch', triggerPreview],
] as const)('a service that devk does not %s is refused', (does, preview) => {
  expect(() => preview(running([]), 'web')).toThrow(`devk up does not ${does} web`)
})

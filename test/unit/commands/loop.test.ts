import { expect, test } from 'vitest'
import { runPause, runResume, runTrigger } from '../../../src/commands/loop.ts'
import { servedStack } from './served-stack.ts'

test('without a devk that watches, the commands say what to run', async () => {
  const { ctx, serve } = await servedStack()
  const none = { code: 'NOT_READY', message: 'No devk watches this stack' }
  await expect(runTrigger(ctx, ['api'], {})).rejects.toMatchObject(none)
  await expect(runPause(ctx, [], {})).rejects.toMatchObject(none)
  const { of } = await serve()
  const yet = { code: 'NOT_READY', message: 'devk dev watches nothing yet' }
  await expect(runPause(ctx, [], {})).rejects.toMatchObject(yet)
  await expect(runResume(ctx, [], {})).rejects.toMatchObject(yet)
  of.event({ type: 'watching', services: ['web'] }, '')
  await expect(runTrigger(ctx, ['api'], {})).rejects.toMatchObject({
    code: 'USAGE',
    message: 'devk dev does not watch api',
    hint: 'It watches web.',
  })
})

test('they reach the devk that watches, and say what it does', async () => {
  const { ctx, serve, said } = await servedStack()
  const { of } = await serve()
  const asked: string[] = []
  of.onControl({
    rebuild: () => false,
    trigger: (service) => (asked.push(service) > 1 ? 'nothing' : 'sent'),
    pause: () => void asked.push('pause'),
    resume: () => void asked.push('resume'),
    isPaused: () => false,
  })
  expect(await runTrigger(ctx, ['api'], {})).toBe(0)
  expect(await runTrigger(ctx, ['web'], {})).toBe(0)
  expect(said()).toBe('devk dev sends api\nNothing of web waits\n')
  expect(await runPause(ctx, [], {})).toBe(0)
  of.event({ type: 'held', service: 'api', paused: true, again: false, waiting: [{ service: 'api', files: 2 }] }, '')
  expect(await runResume(ctx, [], {})).toBe(0)
  expect(said()).toBe('devk dev is paused: saves wait until devk resume\ndevk dev goes on: 2 files waited\n')
  expect(asked).toEqual(['api', 'web', 'pause', 'resume'])
})

import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { CliContext } from '../../../src/context.ts'
import { choose } from '../../../src/terminal/choose.ts'
import { ask, confirm } from '../../../src/terminal/confirm.ts'

/** A terminal on which the user presses these keys, each at one prompt. */
function terminal(...keys: readonly string[]) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
  let shown = ''
  const left = [...keys]
  const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  screen.on('data', (chunk) => {
    shown += chunk
    if (!/(\[y\/N\]|Number \[1\]:) /.test(String(chunk))) return
    const key = left.shift()
    if (key === undefined) stdin.end()
    else stdin.write(key)
  })
  const ctx = { stdin, screen, isTTY: true, yes: false, signal: new AbortController().signal }
  return { ctx: ctx as unknown as CliContext, shown: () => shown }
}

const questions = [
  ['ask', (ctx: CliContext) => ask(ctx, 'Go on?')],
  ['confirm', (ctx: CliContext) => confirm(ctx, 'Go on?')],
  ['choose', (ctx: CliContext) => choose(ctx, 'Which one?', ['a', 'b'])],
] as const

test.each(questions)('Ctrl-C at a question interrupts devk: %s', async (_name, question) => {
  await expect(question(terminal('\u0003').ctx)).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 })
})

test.each(questions)('so does Ctrl-D: %s', async (_name, question) => {
  await expect(question(terminal('\u0004').ctx)).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 })
})

test.each(questions)('so does an input that ends: %s', async (_name, question) => {
  await expect(question(terminal().ctx)).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 })
})

test('a signal ends a question with its own reason', async () => {
  const { ctx } = terminal('half')
  const controller = new AbortController()
  const answer = ask({ ...ctx, signal: controller.signal }, 'Go on?')
  controller.abort(new Error('Ended'))
  await expect(answer).rejects.toThrow('Ended')
})

test.each([
  [['\r'], 0],
  [['2\r'], 1],
  [[' 3 \r'], 2],
  [['4\r', '0\r', 'b\r', '2\r'], 1],
])('one of several answers is chosen by its number, and Enter takes the first: %j', async (keys, wanted) => {
  const { ctx, shown } = terminal(...keys)
  expect(await choose(ctx, 'Which one?', ['a', 'b\u001b[2J', 'c'])).toBe(wanted)
  expect(shown()).toContain('Which one?')
  expect(shown()).not.toContain('\u001b[2J')
  expect(shown().split('Type a number from 1 to 3').length).toBe(keys.length)
})

test.each([{ yes: true }, { isTTY: false }])('with %j nothing is asked', async (over) => {
  const { ctx, shown } = terminal()
  expect(await choose({ ...ctx, ...over }, 'Which one?', ['a', 'b'])).toBe(0)
  expect(shown()).toBe('')
})

import { expect, test, vi } from 'vitest'
import { type Progress, stepIfSlow } from '../../../src/terminal/progress.ts'

/** A progress display that keeps its lines. */
function display() {
  const lines: string[] = []
  const step: Progress['step'] = async (title, run) => {
    lines.push(title)
    const { value, note } = await run((line) => lines.push(`${title}: ${line}`))
    lines.push(note)
    return value
  }
  return { lines, progress: { step } }
}

test('what is over at once is not shown', async () => {
  const { lines, progress } = display()
  await stepIfSlow(progress, 'Cluster', 'there', async (say) => say('looks'))
  expect(lines).toEqual([])
})

test('what takes longer is shown from then on, with what it says', async () => {
  const { lines, progress } = display()
  const { promise, resolve } = Promise.withResolvers<void>()
  let say = (_line: string) => {}
  const shown = stepIfSlow(progress, 'Cluster', 'there', (own) => {
    say = own
    return promise
  })
  await vi.waitFor(() => expect(lines).toEqual(['Cluster']), 3000)
  say('starts again')
  resolve()
  await shown
  expect(lines).toEqual(['Cluster', 'Cluster: starts again', 'there'])
})

test('a failure is one, shown or not', async () => {
  const { lines, progress } = display()
  const failing = stepIfSlow(progress, 'Cluster', 'there', () => Promise.reject(new Error('gone')))
  await expect(failing).rejects.toThrow('gone')
  expect(lines).toEqual([])
})

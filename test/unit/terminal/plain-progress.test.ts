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

test('a step that ends at once is not shown', async () => {
  const { lines, progress } = display()
  await stepIfSlow(progress, 'Cluster', 'there', async (say) => say('looks'))
  expect(lines).toEqual([])
})

test('a step that takes longer is shown with its output', async () => {
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

test('a step that fails throws, whether it is shown or not', async () => {
  const { lines, progress } = display()
  const failing = stepIfSlow(progress, 'Cluster', 'there', () => Promise.reject(new Error('gone')))
  await expect(failing).rejects.toThrow('gone')
  expect(lines).toEqual([])
})

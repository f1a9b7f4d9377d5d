import { expect } from 'vitest'
import { eventually } from './eventually.ts'
import type { Monitoring, Trace } from './monitoring.ts'
import type { ExampleProject } from './projects/example-project.ts'

const page = 'examples/todo/frontend/app/page.jsx'

/** With `devk dev --trace-saves` a save is a trace in Jaeger, and the request that proves it is below it. */
export async function proveSaveTraces(todo: ExampleProject, { traces }: Monitoring): Promise<void> {
  const running = todo.start(['dev', '--yes', '--trace-saves'])
  try {
    await running.waitFor(/Watching backend, frontend/, 180_000)
    await todo.edit(page, '<h1>Todo</h1>', '<h1>Todo, traced</h1>')
    await running.waitFor(/frontend .* total /, 600_000)
    const isSave = ({ spans }: Trace) => spans.some(({ operationName }) => operationName === 'save of frontend')
    const names = await eventually('the save with its request', 120, async () => {
      const trace = (await traces('devk')).find(isSave)
      const spans = (trace?.spans ?? []).map(
        ({ processID, operationName }) => `${trace?.processes[processID]?.serviceName} ${operationName}`,
      )
      // The front end sends its spans some seconds after the answer.
      return spans.some((name) => name.startsWith('frontend GET')) ? spans : undefined
    })
    const steps = ['save of frontend', 'settled', 'planned', 'built', 'loaded', 'ready', 'first good answer']
    expect(names).toEqual(expect.arrayContaining(steps.map((name) => `devk ${name}`)))
  } finally {
    running.child.kill('SIGINT')
    await running.finished
    await todo.edit(page, '<h1>Todo, traced</h1>', '<h1>Todo</h1>')
  }
}

import { expect } from 'vitest'
import { eventually } from './eventually.ts'
import type { Monitoring, Trace } from './monitoring.ts'
import type { ExampleProject } from './projects/example-project.ts'
import { withPage } from './shown-page.ts'

const page = 'examples/todo/frontend/app/page.jsx'
const heading = (save: number) => (save === 0 ? '<h1>Todo</h1>' : `<h1>Todo, save ${save}</h1>`)
/**
 * One request in three reaches the pod of the old release that is about to end, since kube-proxy learns of its end later. Its
 * spans are lost.
 */
const mostSaves = 5

/**
 * With `devk dev --trace-saves` a save is a trace in Jaeger, and the request that proves it is below it. The page leads
 * from the save to it.
 */
export async function proveSaveTraces(todo: ExampleProject, { traces }: Monitoring): Promise<void> {
  const running = todo.start(['dev', '--yes', '--trace-saves'])
  /** The trace of a save, once the request is among them. The front end sends its own some seconds after the answer. */
  const traceOfSave = async () => {
    const all = await traces('devk')
    const found = all.find((trace) => namesIn(trace).some((name) => name.startsWith('frontend GET')))
    if (found === undefined)
      throw new Error(`${all.map((trace) => String(namesIn(trace))).join('\n')}\ndevk says:\n${running.output()}`)
    return found
  }
  let saves = 0
  try {
    await running.waitFor(/Watching backend, frontend/, 180_000)
    let trace: Trace | undefined
    while (trace === undefined) {
      await todo.edit(page, heading(saves), heading(saves + 1))
      saves += 1
      await running.waitFor(new RegExp(`(frontend [^\\n]* total [\\s\\S]*){${saves}}`), 600_000)
      trace = await eventually('the save with its request', 20, traceOfSave).catch((error) => {
        if (saves === mostSaves) throw error
        return undefined
      })
    }
    const steps = ['save of frontend', 'settled', 'planned', 'built', 'loaded', 'ready', 'first good answer']
    expect(namesIn(trace)).toEqual(expect.arrayContaining(steps.map((name) => `devk ${name}`)))
    await followLink(todo, trace.traceID)
  } finally {
    running.child.kill('SIGINT')
    await running.finished
    await todo.edit(page, heading(saves), heading(0))
  }
}

/** Opens the trace of a save from the view of the saves. */
async function followLink(todo: ExampleProject, id: string): Promise<void> {
  await withPage(todo, async (page) => {
    await page.getByRole('link', { name: 'Saves' }).click()
    await page.locator(`.save a[href$="${id}"]`).click()
    await page.getByRole('heading', { name: 'save of frontend' }).waitFor()
    const spans = page.getByRole('list', { name: 'Spans' })
    await spans.getByText('devk first good answer').waitFor()
    await spans.getByText('frontend GET').first().waitFor()
  })
}

/** The spans of a trace, each as its service and its name. */
export function namesIn({ spans, processes }: Trace): string[] {
  return spans.map(({ processID, operationName }) => `${processes[processID]?.serviceName} ${operationName}`)
}

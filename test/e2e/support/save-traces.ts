import { expect } from 'vitest'
import { eventually } from './eventually.ts'
import type { Monitoring, Trace } from './monitoring.ts'
import type { ExampleProject } from './projects/example-project.ts'

const page = 'examples/todo/frontend/app/page.jsx'
const heading = (save: number) => (save === 0 ? '<h1>Todo</h1>' : `<h1>Todo, save ${save}</h1>`)
/**
 * One request in three reaches the pod of the old release that is about to end, since kube-proxy learns of its end later. Its
 * spans are lost.
 */
const mostSaves = 5

/** With `devk dev --trace-saves` a save is a trace in Jaeger, and the request that proves it is below it. */
export async function proveSaveTraces(todo: ExampleProject, { traces }: Monitoring): Promise<void> {
  const running = todo.start(['dev', '--yes', '--trace-saves'])
  /** The spans of a save, once the request is among them. The front end sends its own some seconds after the answer. */
  const spansOfSave = async () => {
    const all = (await traces('devk')).map(namesIn)
    const found = all.find((names) => names.some((name) => name.startsWith('frontend GET')))
    if (found === undefined) throw new Error(`${all.map(String).join('\n')}\ndevk says:\n${running.output()}`)
    return found
  }
  let saves = 0
  try {
    await running.waitFor(/Watching backend, frontend/, 180_000)
    let names: string[] | undefined
    while (names === undefined) {
      await todo.edit(page, heading(saves), heading(saves + 1))
      saves += 1
      await running.waitFor(new RegExp(`(frontend [^\\n]* total [\\s\\S]*){${saves}}`), 600_000)
      names = await eventually('the save with its request', 20, spansOfSave).catch((error) => {
        if (saves === mostSaves) throw error
        return undefined
      })
    }
    const steps = ['save of frontend', 'settled', 'planned', 'built', 'loaded', 'ready', 'first good answer']
    expect(names).toEqual(expect.arrayContaining(steps.map((name) => `devk ${name}`)))
  } finally {
    running.child.kill('SIGINT')
    await running.finished
    await todo.edit(page, heading(saves), heading(0))
  }
}

/** The spans of a trace, each as its service and its name. */
export function namesIn({ spans, processes }: Trace): string[] {
  return spans.map(({ processID, operationName }) => `${processes[processID]?.serviceName} ${operationName}`)
}

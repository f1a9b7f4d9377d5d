import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repository } from '../devk.ts'
import { copyExample, type ExampleProject } from './example-project.ts'

/** The ports of this machine that a copy of the Todo example uses. */
export interface TodoPorts {
  /** Leads to the front end. */
  readonly frontend: number
  /** `devk dev` forwards it to the back end. */
  readonly backend: number
  /** HTTP through the ingress, if there is one; the next port is for HTTPS. */
  readonly web?: number
}

/** Copies the Todo example, whose configuration is that of the repository itself. Starts nothing. */
export function copyTodo(
  project: string,
  { frontend, backend, web }: TodoPorts,
  changes: readonly (readonly [string, string])[] = [],
): Promise<ExampleProject> {
  const ingress = web === undefined ? '' : `, '${web}:80', '${web + 1}:443'`
  return copyExample({
    name: 'todo',
    project,
    home: '.',
    parts: ['platform.config.ts', 'examples/todo'],
    changes: [
      ['ports: [30080]', `ports: ['${frontend}:30080'${ingress}]`],
      ['http://localhost:30080', `http://localhost:${frontend}`],
      ["ports: ['8000']", `ports: ['${backend}:8000']`],
      ...changes,
    ],
  })
}

/**
 * Copies the Todo example with the presets of `profile` (observability or full), and adds a scrape target, rules and a webhook
 * that receives alerts. The back end is told where metrics go, and logs if a preset takes them. Starts nothing.
 */
export async function copyMonitoredTodo(
  project: string,
  ports: Required<TodoPorts>,
  profile: string,
): Promise<ExampleProject> {
  const taking = ['jaeger', 'prometheus', ...(profile === 'full' ? ['logging'] : [])]
  const backend = '{ ...production.backend, presetEnv: '
  const todo = await copyTodo(project, ports, [
    ["profile: 'full'", `profile: '${profile}'`],
    [`${backend}['jaeger'] }`, `${backend}${JSON.stringify(taking)} }`],
  ])
  const manifests = await readFile(join(repository, 'test/e2e/support/projects/monitored-todo.yaml'), 'utf8')
  await todo.write('examples/todo/platform/monitored-todo.yaml', manifests)
  return todo
}

/** The Todo example, which the configuration of this repository deploys. */
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { UiState } from '../../../src/commands/ui/api.ts'
import { launchChromium } from '../../support/chromium.ts'
import { askPod, debugExample } from '../support/debug/example.ts'
import { stopPython } from '../support/debug/python-service.ts'
import { killGroup } from '../support/devk.ts'
import { eventually } from '../support/eventually.ts'
import { postJson } from '../support/http.ts'
import { leftovers } from '../support/leftovers.ts'
import { proveRepair } from '../support/mcp-repair.ts'
import { loseShell, useShell } from '../support/page-shell.ts'
import { useViews } from '../support/page-views.ts'
import type { ExampleProject } from '../support/projects/example-project.ts'
import { copyTodo } from '../support/projects/todo.ts'
import { savesShown } from '../support/shown-page.ts'

const project = 'todo-e2e'
const frontendUrl = 'http://localhost:30081'
let todo: ExampleProject

beforeAll(async () => {
  todo = await copyTodo(project, { frontend: 30081, backend: 18001 })
})
afterAll(() => todo?.dispose())

test('up deploys the whole project on a new cluster', async () => {
  const up = await todo.run(['up', '--yes', '--detach', '--timeout', '15m'])
  expect(up.stderr + up.stdout).toContain(frontendUrl)
  expect(up.exitCode).toBe(0)
}, 3_600_000)

test('a todo is created through the front end and stored in the database', async () => {
  // kube-proxy follows the readiness of a pod within about a second.
  await eventually('a todo made through the front end', 30, async () => {
    const created = await postJson(`${frontendUrl}/api/todos`, { title: 'buy bread' })
    return created.status === 201 ? true : undefined
  })
  const todos = (await (await fetch(`${frontendUrl}/api/todos`)).json()) as { title: string }[]
  expect(todos.map((todo) => todo.title)).toContain('buy bread')
  expect(await (await fetch(frontendUrl)).text()).toContain('<html')
})

test('the assistant reaches the external AI service through its ExternalName', async () => {
  const answer = await postJson(`${frontendUrl}/api/assistant`, { text: 'water the plants and call Ada' })
  expect(answer.status).toBe(201)
  expect(JSON.stringify(await answer.json())).toMatch(/water the plants/i)
})

test('status --json gives the state of each service and external', async () => {
  const status = JSON.parse((await todo.run(['status', '--json'])).stdout)
  expect(status.project).toBe(project)
  expect(status.services.map((s: { name: string; state: string }) => [s.name, s.state]).sort()).toEqual([
    ['backend', 'ready'],
    ['frontend', 'ready'],
  ])
  expect(status.externals.every((e: { state: string }) => e.state === 'ready')).toBe(true)
})

test('top without metrics names the preset that provides them', async () => {
  const top = await todo.run(['top'])
  expect(top.stderr).toContain('devk preset add metrics-server')
  expect(top.exitCode).toBe(1)
})

test('a second up changes nothing, and reports it', async () => {
  const before = await versions()
  const up = await todo.run(['up', '--yes', '--detach'])
  expect(up.exitCode).toBe(0)
  expect(up.stderr).toMatch(/nothing changed/i)
  expect(await versions()).toEqual(before)
})

test('up succeeds after an up that was killed', async () => {
  const first = todo.start(['up', '--yes'])
  await first.waitFor(/Tools/, 60_000)
  killGroup(first)
  const second = await todo.run(['up', '--yes', '--detach'])
  expect(second.exitCode).toBe(0)
})

test('dev syncs a save into the back end and the front end, and forwards a port', async () => {
  const dev = todo.start(['dev'])
  try {
    await dev.waitFor(/Watching/, 120_000)
    const forwarded = await fetch('http://127.0.0.1:18001/healthz')
    expect(forwarded.status).toBe(200)

    const main = 'examples/todo/backend/app/main.py'
    await todo.write(
      main,
      `${await todo.read(main)}\n\n@app.get("/devk-e2e")\ndef devk_e2e():\n    return {"saved": True}\n`,
    )
    await eventually('the new route', 60, async () => {
      const response = await fetch('http://127.0.0.1:18001/devk-e2e')
      return response.status === 200 ? true : undefined
    })

    await todo.edit('examples/todo/frontend/app/page.jsx', '<h1>Todo</h1>', '<h1>Todo saved by e2e</h1>')
    await eventually('the new page', 120, async () => {
      return (await (await fetch(frontendUrl)).text()).includes('Todo saved by e2e') ? true : undefined
    })

    // A saved requirement is installed in every container. The comment asks for nothing new, so that no package index is needed.
    const requirements = 'examples/todo/backend/requirements.txt'
    const touched = async () =>
      Number((await todo.run(['exec', 'backend', '--', 'stat', '-c', '%Y', 'app/main.py'])).stdout)
    const sooner = await touched()
    await todo.write(requirements, `${await todo.read(requirements)}\n# saved by e2e\n`)
    await dev.waitFor(/ran pip install[^\n]* in [\s\S]*ran pip install[^\n]* in /, 120_000)
    expect(await touched()).toBeGreaterThan(sooner)
    const freeze = await todo.run(['exec', 'backend', '--', 'tail', '-n', '1', 'requirements.txt'])
    expect(freeze.stdout).toBe('# saved by e2e\n')

    // The saves above are in the containers, not in the images: a rebuild of one service must not rebuild the other.
    const [frontend, backend] = [await generation('frontend'), await generation('backend')]
    const dockerfile = 'examples/todo/backend/Dockerfile'
    await todo.write(dockerfile, `${await todo.read(dockerfile)}\nLABEL saved.by=e2e\n`)
    await dev.waitFor(/backend .*ready .* · total/, 300_000)
    expect(await generation('backend')).not.toBe(backend)
    expect(await generation('frontend')).toBe(frontend)
    expect(await savesShown(todo, 4)).toEqual([
      ...['backend sync done', 'frontend sync done', 'backend sync done', 'backend rebuild done'],
    ])
  } finally {
    dev.child.kill('SIGINT')
  }
  expect((await dev.finished).exitCode).toBe(130)
})

test('the back end is debugged where it runs, and stops in a file of the example', async () => {
  const session = await debugExample(todo, 'todo/backend', 18678)
  const file = 'examples/todo/backend/app/main.py'
  const line = (await todo.read(file)).split('\n').indexOf('    return {"status": "ok"}') + 1
  const stopped = await stopPython({
    ...{ folder: todo.folder, entry: session.entry, port: 18678 },
    breakpoint: { path: join(todo.folder, file), line },
    lead: () => askPod(todo, `${session.pod}:8000`, '/healthz'),
  })
  expect(await stopped.read('settings.database_url')).toContain('postgres')
  stopped.close()
  await session.end()
}, 600_000)

test('exec gives the output and the exit code of the command', async () => {
  const done = await todo.run(['exec', 'backend', '--', 'python', '-c', 'print(6*7); raise SystemExit(7)'])
  expect(done.stdout.trim()).toBe('42')
  expect(done.exitCode).toBe(7)
})

test('logs of all services name the service of each line', async () => {
  const logs = await todo.run(['logs', '--tail', '5', '--json'])
  expect(logs.exitCode).toBe(0)
  const services = new Set(
    logs.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).service),
  )
  expect([...services].sort()).toEqual(['backend', 'frontend'])
})

test('ui shows the stack in a browser, with its logs, and ends with Ctrl-C', async () => {
  const ui = todo.start(['ui', '--json'])
  const browser = await launchChromium()
  try {
    const { url, api, token } = JSON.parse((await ui.waitFor(/^\{[\s\S]*?^\}/m))[0])
    const page = await browser.newPage()
    await page.goto(url)
    await page.getByRole('link', { name: /frontend.*ready/s }).waitFor()
    await page.getByRole('link', { name: 'Logs' }).click()
    await page.locator('.row').first().waitFor()
    const state = await (await fetch(`${api}/state`, { headers: { authorization: `Bearer ${token}` } })).json()
    const needs = (state as UiState).recorded.services.map(({ name, dependsOn }) => `${name}: ${dependsOn}`)
    expect(needs.sort()).toEqual(['backend: postgres,groq', 'frontend: backend'])
    const pictures = process.env.DEVK_SCREENSHOTS ?? join(todo.stateHome, 'pictures')
    await promisify(execFile)(process.execPath, ['scripts/screenshots.ts', url, pictures])
    expect((await readdir(pictures)).filter((name) => name.endsWith('.png'))).toHaveLength(6)
    await useShell(page, todo)
    await loseShell(browser, todo)
    // A change is shown without anybody asking for it.
    await page.getByRole('link', { name: 'Topology' }).click()
    await todo.kubectl('scale', 'deployment', '-n', 'todo', 'todo-backend', '--replicas=3')
    await page
      .getByRole('link', { name: /backend/ })
      .getByText('/3 pods')
      .waitFor()
    await useViews(page)
  } finally {
    await browser.close()
    ui.child.kill('SIGINT')
  }
  const { exitCode, stderr } = await ui.finished
  expect([exitCode, stderr]).toEqual([130, expect.not.stringContaining('✖')])
}, 240_000)

test(
  'a coding agent finds a broken service, mends it, and proves it, with the tools of devk mcp alone',
  () => proveRepair(todo),
  600_000,
)

test('down removes everything with a broken configuration, and a second down succeeds', async () => {
  await todo.write('platform.config.ts', 'export default {{{')
  const first = await todo.run(['down'])
  expect(first.stderr).toMatch(/removed/)
  expect(first.exitCode).toBe(0)
  expect(await leftovers(project)).toEqual([])
  const second = await todo.run(['down'])
  expect(second.exitCode).toBe(0)
})

/** The generation of a service's Deployment, which changes with each new version. */
function generation(service: string): Promise<string> {
  const only = `devk.dev/project=${project},devk.dev/service=${service}`
  return todo.kubectl('get', 'deployments', '-A', '-l', only, '-o', 'jsonpath={.items[*].metadata.generation}')
}

/** UIDs and generations of the project's objects, which change when something writes to them. */
function versions(): Promise<string> {
  return todo.kubectl(
    ...['get', 'deployments,services,secrets,namespaces,configmaps', '-A', '-l', `devk.dev/project=${project}`, '-o'],
    'jsonpath={range .items[*]}{.kind}/{.metadata.name}={.metadata.generation}:{.metadata.uid}{"\\n"}{end}',
  )
}

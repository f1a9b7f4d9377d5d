import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Devk, devkIn, killGroup, repository } from './support/devk.ts'
import { docker, leftovers } from './support/engine.ts'
import { eventually } from './support/eventually.ts'

/** The demo platform in a folder of its own, under another name and port, so that the user's own stays as it is. */
const project = 'todo-e2e'
const port = 30081
const site = `http://localhost:${port}`

let folder: string
let devk: Devk

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-todo-'))
  await cp(join(repository, 'examples/todo'), join(folder, 'examples/todo'), {
    recursive: true,
    filter: (path) => !/node_modules|\.next|__pycache__/.test(path),
  })
  const config = await readFile(join(repository, 'platform.config.ts'), 'utf8')
  const own = config
    .replace("name: 'todo'", `name: '${project}'`)
    .replace(/ports: \[30080\]/, `ports: ['${port}:30080']`)
    .replace('http://localhost:30080', site)
    .replace(/ports: \['8000'\]/, `ports: ['18001:8000']`)
  expect(own).not.toBe(config)
  await writeFile(join(folder, 'platform.config.ts'), own)
  devk = await devkIn(folder)
})

afterAll(async () => {
  await devk.run(['down'])
  await devk.dispose()
  await rm(folder, { recursive: true, force: true })
})

function post(path: string, body: object): Promise<Response> {
  return fetch(`${site}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

test('up brings the whole stack up from nothing', async () => {
  const up = await devk.run(['up', '--yes', '--detach', '--timeout', '15m'])
  expect(up.stderr + up.stdout).toContain(site)
  expect(up.exitCode).toBe(0)
}, 3_600_000)

test('a todo travels through front end, back end and database', async () => {
  // kube-proxy programs a Service up to a second after its pods are ready.
  await eventually('a todo made through the front end', 30, async () => {
    const created = await post('/api/todos', { title: 'buy bread' })
    return created.status === 201 ? true : undefined
  })
  const todos = (await (await fetch(`${site}/api/todos`)).json()) as { title: string }[]
  expect(todos.map((todo) => todo.title)).toContain('buy bread')
  expect(await (await fetch(site)).text()).toContain('<html')
})

test('the assistant reaches the external AI service through its ExternalName', async () => {
  const answer = await post('/api/assistant', { text: 'water the plants and call Ada' })
  expect(answer.status).toBe(201)
  expect(JSON.stringify(await answer.json())).toMatch(/water the plants/i)
})

test('status tells each service, and --json is one object', async () => {
  const status = JSON.parse((await devk.run(['status', '--json'])).stdout)
  expect(status.project).toBe(project)
  expect(status.services.map((s: { name: string; state: string }) => [s.name, s.state]).sort()).toEqual([
    ['backend', 'ready'],
    ['frontend', 'ready'],
  ])
  expect(status.externals.every((e: { state: string }) => e.state === 'ready')).toBe(true)
})

test('a second up changes nothing and says so', async () => {
  const before = await versions()
  const up = await devk.run(['up', '--yes', '--detach'])
  expect(up.exitCode).toBe(0)
  expect(up.stderr).toMatch(/nothing changed/i)
  expect(await versions()).toEqual(before)
})

test('a save is live in the back end and in the front end, and the forward holds', async () => {
  const dev = devk.start(['dev'])
  try {
    await dev.sees(/Watching/, 120_000)
    const forwarded = await fetch('http://127.0.0.1:18001/healthz')
    expect(forwarded.status).toBe(200)

    const main = join(folder, 'examples/todo/backend/app/main.py')
    const source = await readFile(main, 'utf8')
    await writeFile(main, `${source}\n\n@app.get("/devk-e2e")\ndef devk_e2e():\n    return {"saved": True}\n`)
    await eventually('the new route', 60, async () => {
      const response = await fetch('http://127.0.0.1:18001/devk-e2e')
      return response.status === 200 ? true : undefined
    })

    const page = join(folder, 'examples/todo/frontend/app/page.jsx')
    const markup = await readFile(page, 'utf8')
    const changed = markup.replace('<h1>Todo</h1>', '<h1>Todo saved by e2e</h1>')
    expect(changed).not.toBe(markup)
    await writeFile(page, changed)
    await eventually('the new page', 120, async () => {
      return (await (await fetch(site)).text()).includes('Todo saved by e2e') ? true : undefined
    })
  } finally {
    dev.child.kill('SIGINT')
  }
  expect((await dev.finished).exitCode).toBe(130)
})

test('exec passes the exit code on', async () => {
  const done = await devk.run(['exec', 'backend', '--', 'python', '-c', 'print(6*7); raise SystemExit(7)'])
  expect(done.stdout.trim()).toBe('42')
  expect(done.exitCode).toBe(7)
})

test('logs of all services carry their names', async () => {
  const logs = await devk.run(['logs', '--tail', '5', '--json'])
  expect(logs.exitCode).toBe(0)
  const services = new Set(
    logs.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).service),
  )
  expect([...services].sort()).toEqual(['backend', 'frontend'])
})

test('an up that is killed is taken up by the next', async () => {
  const first = devk.start(['up', '--yes'])
  await first.sees(/Tools/, 60_000)
  killGroup(first)
  const second = await devk.run(['up', '--yes', '--detach'])
  expect(second.exitCode).toBe(0)
})

test('down removes everything, twice in a row, even with a broken configuration', async () => {
  await writeFile(join(folder, 'platform.config.ts'), 'export default {{{')
  const first = await devk.run(['down'])
  expect(first.stderr).toMatch(/removed/)
  expect(first.exitCode).toBe(0)
  expect(await leftovers(project)).toEqual([])
  const second = await devk.run(['down'])
  expect(second.exitCode).toBe(0)
})

/** What a write to the API server would change: the resource versions of all that the project owns. */
async function versions(): Promise<string> {
  return docker(
    'exec',
    `${project}-control-plane`,
    'kubectl',
    '--kubeconfig=/etc/kubernetes/admin.conf',
    'get',
    'deployments,services,secrets,namespaces,configmaps',
    '-A',
    '-l',
    `devk.dev/project=${project}`,
    '-o',
    'jsonpath={range .items[*]}{.kind}/{.metadata.name}={.metadata.generation}:{.metadata.uid}{"\\n"}{end}',
  )
}

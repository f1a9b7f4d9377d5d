/** Code of a configuration runs only after its user agreed to exactly this code. */
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Hostile, hostileRepository } from './support/hostile.ts'

const isRun = async (hostile: Hostile) => (await hostile.marks()).includes('platform.config.ts')

test.each(['plan', 'config', 'fetch', 'run seed', 'preset add ingress', 'up --detach'])(
  'devk %s without a terminal runs no code, exits with 2 and says how to allow it',
  async (words) => {
    const hostile = await hostileRepository()
    const { exitCode, stderr } = await hostile.run(...words.split(' '))
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('devk allow')])
    expect(stderr).toContain(join(hostile.folder, 'platform.config.ts'))
    expect(await hostile.marks()).toEqual([])
  },
)

test.each(['doctor', 'doctor --json', 'init --yes', 'allow', 'deny', 'prune'])(
  'devk %s runs no code',
  async (words) => {
    const hostile = await hostileRepository()
    const { exitCode, stderr } = await hostile.run(...words.split(' '))
    expect([0, 1, 2], stderr).toContain(exitCode)
    expect(await hostile.marks()).toEqual([])
  },
)

test('doctor says that it does not know the ports of a configuration that is code', async () => {
  const hostile = await hostileRepository()
  expect((await hostile.run('doctor')).stdout).toMatch(/Ports.*not checked/)
})

test('what was allowed runs until it or one of its imports changes, or is denied', async () => {
  const hostile = await hostileRepository()
  const config = "import name from './name.ts'\nexport default { name }\n"
  await hostile.write({ 'platform.config.ts': config, 'name.ts': "export default 'one'\n" })
  const codes: (number | null)[] = []
  const show = async () => codes.push((await hostile.run('config')).exitCode)
  await show()
  expect((await hostile.run('allow')).exitCode).toBe(0)
  await show()
  await hostile.write({ 'name.ts': "export default 'two'\n" })
  await show()
  await hostile.write({ 'name.ts': "export default 'one'\n" })
  await show()
  await hostile.run('deny')
  await show()
  expect(codes).toEqual([2, 0, 2, 0, 2])
})

test('consent is for one folder: a copy elsewhere has none', async () => {
  const hostile = await hostileRepository()
  await hostile.run('allow')
  await mkdir(join(hostile.folder, 'copy'))
  await copyFile(join(hostile.folder, 'platform.config.ts'), join(hostile.folder, 'copy/platform.config.ts'))
  expect((await hostile.run('config', '--config', 'copy/platform.config.ts')).exitCode).toBe(2)
  expect(await isRun(hostile)).toBe(false)
})

test('up --yes is no consent for code outside of the folder that it is called in', async () => {
  const hostile = await hostileRepository()
  await mkdir(join(hostile.folder, 'below'))
  const from = { cwd: join(hostile.folder, 'below') }
  const above = await hostile.devk.run(['up', '--yes', '--detach'], from)
  await hostile.write({ 'below/platform.config.ts': "import '../platform.config.ts'\nexport default { name: 'a' }\n" })
  const imported = await hostile.devk.run(['up', '--yes', '--detach'], from)
  expect([above.exitCode, imported.exitCode, await isRun(hostile)]).toEqual([2, 2, false])
})

test('a terminal shows the files that would run and asks; no is the default', async () => {
  const hostile = await hostileRepository()
  const running = hostile.devk.start(['plan'], { columns: 100 })
  await running.waitFor(/Do you trust it\?/)
  expect(running.output()).toContain(join(hostile.folder, 'platform.config.ts'))
  running.type('\r')
  expect([(await running.finished).exitCode, await isRun(hostile)]).toEqual([2, false])
})

test('the consent that --yes gives is remembered', async () => {
  const hostile = await hostileRepository()
  await hostile.write({ 'platform.config.ts': "export default { name: 'it', unknown: 1 }\n" })
  const up = await hostile.run('up', '--yes', '--detach')
  expect(up.stderr).toContain('unknown')
  expect((await hostile.run('config')).stderr).toContain('unknown')
  expect(await readdir(join(hostile.devk.stateHome, 'devk/allowed'))).toHaveLength(1)
})

test('YAML is data, but a command in it for this machine runs only after consent', async () => {
  const hostile = await hostileRepository()
  const configuration = (...command: readonly string[]) => `name: it
services:
  api:
    build: { context: api, local: { command: ${JSON.stringify(command)}, outputs: [{ from: api/out, to: /out }] } }
`
  await rm(join(hostile.folder, 'platform.config.ts'))
  await hostile.write({
    'platform.config.yaml': configuration('sh', '-c', hostile.command),
    'api/Dockerfile': 'FROM scratch\n',
  })
  // In CI, up does not stay, and nothing is compiled.
  const env = { CI: undefined, DOCKER_HOST: 'unix:///nowhere/docker.sock', XDG_CACHE_HOME: hostile.cache }
  const up = () => hostile.devk.run(['up'], { env })
  const refused = await up()
  expect([refused.exitCode, refused.stderr]).toEqual([
    2,
    expect.stringContaining(`services.api: sh -c ${JSON.stringify(hostile.command)} in api`),
  ])
  expect((await hostile.run('allow')).stderr).toContain(hostile.command)
  await hostile.write({ 'platform.config.yaml': configuration('sh', '-c', hostile.command, 'again') })
  expect((await up()).exitCode).toBe(2)
  expect(await hostile.marks()).toEqual([])
})

test('nor does a program that a YAML configuration wants to run beside the pods', async () => {
  const hostile = await hostileRepository()
  const configuration = (...command: readonly string[]) =>
    `name: it\nlocals:\n  web: { command: ${JSON.stringify(command)}, cwd: api }\n`
  await rm(join(hostile.folder, 'platform.config.ts'))
  await hostile.write({ 'platform.config.yaml': configuration('sh', '-c', hostile.command), 'api/x': '' })
  const env = { CI: undefined, DOCKER_HOST: 'unix:///nowhere/docker.sock', XDG_CACHE_HOME: hostile.cache }
  for (const words of [['up'], ['up', '--no-watch'], ['up', 'web'], ['dev']]) {
    const { exitCode, stderr } = await hostile.devk.run(words, { env })
    // Without a stack, dev does not even read the configuration.
    const told = words[0] === 'dev' ? 'devk up' : `locals.web: sh -c ${JSON.stringify(hostile.command)} in api`
    expect([words, exitCode === 0, stderr]).toEqual([words, false, expect.stringContaining(told)])
  }
  await hostile.run('plan')
  expect((await hostile.run('allow')).stderr).toContain(hostile.command)
  await hostile.write({ 'platform.config.yaml': configuration('sh', '-c', hostile.command, 'again') })
  expect((await hostile.devk.run(['up'], { env })).exitCode).toBe(2)
  expect(await hostile.marks()).toEqual([])
})

test('nor does a command that makes an image, also for a devk that does not stay', async () => {
  const hostile = await hostileRepository()
  const configuration = (...command: readonly string[]) =>
    `name: it\nservices:\n  api:\n    build: { context: api, command: ${JSON.stringify(command)} }\n`
  await rm(join(hostile.folder, 'platform.config.ts'))
  await hostile.write({ 'platform.config.yaml': configuration('sh', '-c', hostile.command), 'api/x': '' })
  const env = { CI: undefined, DOCKER_HOST: 'unix:///nowhere/docker.sock', XDG_CACHE_HOME: hostile.cache }
  for (const words of [['up'], ['up', '--detach'], ['up', '--no-watch'], ['up', 'api']]) {
    const { exitCode, stderr } = await hostile.devk.run(words, { env })
    const told = `services.api: sh -c ${JSON.stringify(hostile.command)} in api`
    expect([words, exitCode, stderr]).toEqual([words, 2, expect.stringContaining(told)])
  }
  for (const words of [['plan'], ['config'], ['init', '--check']]) await hostile.devk.run(words, { env })
  expect((await hostile.run('allow')).stderr).toContain(hostile.command)
  await hostile.write({ 'platform.config.yaml': configuration('sh', '-c', hostile.command, 'again') })
  expect((await hostile.devk.run(['up', '--detach'], { env })).exitCode).toBe(2)
  expect(await hostile.marks()).toEqual([])
})

test('nor does a job of this machine, and consent to one is none to another', async () => {
  const hostile = await hostileRepository()
  const configuration = (...command: readonly string[]) =>
    `name: it\njobs:\n  seed: { local: true, cwd: api, command: ${JSON.stringify(command)} }\n  other: { local: true, command: [other] }\n`
  await rm(join(hostile.folder, 'platform.config.ts'))
  await hostile.write({ 'platform.config.yaml': configuration('sh', '-c', hostile.command), 'api/x': '' })
  for (const words of [
    ['run', 'seed'],
    ['run', 'seed', '--json'],
    ['run', 'seed', '--', 'more'],
  ]) {
    const { exitCode, stdout, stderr } = await hostile.run(...words)
    const told = `jobs.seed: sh -c ${JSON.stringify(hostile.command)} in api`
    const text = words.includes('--json') ? JSON.parse(stdout).error.details.join() : stderr
    expect([words, exitCode, text]).toEqual([words, 2, expect.stringContaining(told)])
  }
  const env = { DOCKER_HOST: 'unix:///nowhere/docker.sock', XDG_CACHE_HOME: hostile.cache }
  for (const words of [['plan'], ['config'], ['up', '--detach']]) await hostile.devk.run(words, { env })
  expect((await hostile.run('allow')).stderr).toContain(hostile.command)
  await hostile.write({ 'platform.config.yaml': configuration('sh', '-c', hostile.command, 'again') })
  expect((await hostile.run('run', 'seed')).exitCode).toBe(2)
  expect(await hostile.marks()).toEqual([])
  await hostile.write({ 'platform.config.yaml': configuration('sh', '-c', hostile.command) })
  expect((await hostile.run('run', 'seed')).exitCode).toBe(0)
  expect(await hostile.marks()).toEqual(['command'])
  await hostile.run('deny')
  expect((await hostile.run('run', 'seed')).exitCode).toBe(2)
})

test('a terminal shows the command of a job and asks; no is the default', async () => {
  const hostile = await hostileRepository()
  await rm(join(hostile.folder, 'platform.config.ts'))
  const command = JSON.stringify(['sh', '-c', hostile.command])
  await hostile.write({ 'platform.config.yaml': `name: it\njobs: { seed: { local: true, command: ${command} } }\n` })
  const running = hostile.devk.start(['run', 'seed'], { columns: 100 })
  await running.waitFor(/Do you trust them\?/)
  expect(running.output()).toContain('jobs.seed: sh -c')
  running.type('\r')
  expect([(await running.finished).exitCode, await hostile.marks()]).toEqual([2, []])
})

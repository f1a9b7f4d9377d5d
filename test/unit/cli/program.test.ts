import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { type Commands, commands as realCommands } from '../../../src/cli/commands.ts'
import { type CommonFlags, runProgram } from '../../../src/cli/program.ts'
import type { CliContext } from '../../../src/context.ts'

interface Call {
  readonly command: string
  readonly args: readonly string[]
  readonly flags: object
  readonly common: CommonFlags
}

/** Runs devk with commands that only record their call and return 7. */
async function devk(...args: string[]) {
  const calls: Call[] = []
  let output = ''
  let common: CommonFlags = {}
  const record =
    (command: string) =>
    async () =>
    async (_ctx: CliContext, words: readonly string[], flags: object): Promise<number> => {
      calls.push({ command, args: words, flags, common })
      return 7
    }
  const names = Object.keys(realCommands)
  const commands = Object.fromEntries(names.map((name) => [name, record(name)])) as unknown as Commands
  const exitCode = await runProgram(args, {
    commands,
    names: async (kind) => (kind === 'service' ? ['backend', 'frontend'] : ['migrate']),
    version: '1.2.3',
    columns: 80,
    write: (text) => {
      output += text
    },
    context: async (flags) => {
      common = flags
      return { stdout: new PassThrough() } as unknown as CliContext
    },
  })
  return { exitCode, output, call: calls[0], calls }
}

const upFlags = { keep: false, timing: false, traceSaves: false, fit: true, strict: false, pruneData: false }

test.each<[string, string, string[], object]>([
  ['up', 'up', [], { ...upFlags, detach: false, watch: true }],
  [
    'up backend -d --no-watch --timeout 90s',
    'up',
    ['backend'],
    { ...upFlags, detach: true, watch: false, timeout: 90_000 },
  ],
  ['up -p ci --timeout 1h30m', 'up', [], { ...upFlags, detach: false, watch: true, profile: 'ci', timeout: 5_400_000 }],
  ['down --keep-cluster --dry-run', 'down', [], { keepCluster: true, dryRun: true, pruneData: false }],
  ['up -d --json', 'up', [], { ...upFlags, detach: true, watch: true }],
  ['up -d --keep', 'up', [], { ...upFlags, detach: true, keep: true, watch: true }],
  ['down --json', 'down', [], { keepCluster: false, dryRun: false, pruneData: false }],
  ['dev --json', 'dev', [], { timing: false, traceSaves: false }],
  ['dev --timing', 'dev', [], { timing: true, traceSaves: false }],
  ['dev --trace-saves', 'dev', [], { timing: false, traceSaves: true }],
  ['trigger backend', 'trigger', ['backend'], {}],
  ['debug web --port 9300 --write vscode', 'debug', ['web'], { port: 9300, write: 'vscode' }],
  ['debug web --workload Deployment/web', 'debug', ['web'], { workload: 'Deployment/web' }],
  ['swap api', 'swap', ['api'], { port: [] }],
  [
    'swap api --port 8080 --port m=9100 -- npm run dev --json',
    'swap',
    ['api', 'npm', 'run', 'dev', '--json'],
    { port: ['8080', 'm=9100'] },
  ],
  ['pause', 'pause', [], {}],
  ['resume', 'resume', [], {}],
  ['attach --json', 'attach', [], {}],
  ['stop', 'stop', [], {}],
  ['status --json', 'status', [], {}],
  ['ui --no-open --port 9000', 'ui', [], { open: false, readOnly: false, port: 9000 }],
  ['mcp --allow restart rebuild', 'mcp', [], { allow: ['restart', 'rebuild'] }],
  ['logs -f --since 5m --tail 20 --grep a|b', 'logs', [], { follow: true, since: 300_000, tail: 20, grep: /a|b/ }],
  ['exec backend -- ls -la --json', 'exec', ['backend', 'ls', '-la', '--json'], { tty: true }],
  ['cp backend:/a . -c main --json', 'cp', ['backend:/a', '.'], { container: 'main' }],
  ['exec backend --no-tty -- sh -c id', 'exec', ['backend', 'sh', '-c', 'id'], { tty: false }],
  ['run migrate -- --rows 5', 'run', ['migrate', '--rows', '5'], {}],
  ['run migrate --json -- --json', 'run', ['migrate', '--json'], {}],
  ['restart', 'restart', [], {}],
  ['rollback backend --to 3', 'rollback', ['backend'], { to: 3 }],
  ['promote backend --full', 'promote', ['backend'], { full: true }],
  ['plan --overlay production', 'plan', [], { overlay: 'production' }],
  [
    'preset add argo --chart argo-cd --version ^8 --values a.yaml --values b.yaml',
    'preset add',
    ['argo'],
    { chart: 'argo-cd', version: '^8', values: ['a.yaml', 'b.yaml'], manifests: [] },
  ],
  ['preset update argo', 'preset update', ['argo'], {}],
  ['history', 'history', [], {}],
  ['switch gate green --watch 30s --path /x', 'switch', ['gate', 'green'], { watch: 30_000, path: '/x' }],
  ['fetch', 'fetch', [], { update: false }],
  ['fetch redis --update', 'fetch', ['redis'], { update: true }],
  ['doctor --fix', 'doctor', [], { fix: true, networkPolicies: false }],
  ['doctor --network-policies', 'doctor', [], { fix: false, networkPolicies: true }],
  ['config', 'config show', [], {}],
  ['config show -p ci', 'config show', [], { profile: 'ci' }],
  ['config show -p ci --profile big', 'config show', [], { profile: 'ci,big' }],
  ['config schema', 'config schema', [], {}],
  ['kit status', 'kit status', [], {}],
  ['kit build postgres:17 --force', 'kit build', ['postgres:17'], { force: true }],
])('devk %s runs its command', async (line, command, args, flags) => {
  const { exitCode, call } = await devk(...line.split(' '))
  expect(exitCode).toBe(7)
  expect(call).toMatchObject({ command, args })
  expect(call?.flags).toEqual(flags)
})

test('global flags may be before and after the command', async () => {
  const before = await devk('--config', 'a.yaml', '--project', 'todo', '--verbose', '--no-color', 'status', '--json')
  const behind = await devk('status', '--json', '--config', 'a.yaml', '--project', 'todo', '--verbose', '--no-color')
  const expected = { config: 'a.yaml', project: 'todo', verbose: true, color: false, json: true }
  expect(before.call?.common).toMatchObject(expected)
  expect(behind.call?.common).toMatchObject(expected)
})

test.each<[string, RegExp, RegExp]>([
  ['upp', /Unknown command "upp"/, /Did you mean "up"\?/],
  ['xyzzyxyzzy', /Unknown command/, /--help/],
  ['up --detch', /Unknown option '--detch'/, /--detach/],
  ['kit buld', /Unknown command 'buld'/, /build/],
  ['up --timeout soon', /soon.*Use the form 90s/, /--help/],
  ['logs --tail many', /many.*whole number/, /--help/],
  ['logs --grep [', /Invalid regular expression/, /--help/],
  ['exec', /Missing required argument 'service'/, /--help/],
  ['debug web --write emacs', /emacs.*vscode, jetbrains/, /--help/],
  ['status one', /Too many arguments/, /--help/],
  ['completion tcsh', /tcsh/, /--help/],
])('devk %s is a usage error', async (line, message, hint) => {
  await expect(devk(...line.split(' '))).rejects.toMatchObject({
    code: 'USAGE',
    exitCode: 2,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  })
})

test('help is written to stdout, has examples for each command, and succeeds', async () => {
  const general = await devk('--help')
  expect(general.exitCode).toBe(0)
  expect(general.output).toMatch(/Exit codes/)
  expect(general.output).not.toMatch(/__complete/)
  for (const command of [...Object.keys(realCommands), 'completion']) {
    const { output } = await devk(...command.split(' '), '--help')
    expect(output, command).toMatch(/Examples:\n {2}\$ devk /)
    expect(output, command).not.toContain('(default: false)')
  }
  expect((await devk()).output).toBe(general.output.slice(0, general.output.indexOf('\nExit codes')))
})

test('--version prints the version', async () => {
  expect(await devk('--version')).toMatchObject({ exitCode: 0, output: '1.2.3\n' })
})

test.each<[string[], string]>([
  [['u'], 'up\nui\n'],
  [['up', ''], 'backend\nfrontend\n'],
  [['up', 'backend', ''], 'frontend\n'],
  [['exec', 'f'], 'frontend\n'],
  [['run', ''], 'migrate\n'],
  [['kit', ''], 'status\nbuild\n'],
  [['completion', ''], 'bash\nzsh\nfish\n'],
  [['up', '--det'], '--detach\n'],
  [['up', '--ba'], ''],
  [['status', '--verb'], '--verbose\n'],
  [['up', '--profile', ''], ''],
  [['exec', 'backend', '--', 'l'], ''],
  [['down', ''], ''],
])('completes %j', async (words, output) => {
  expect((await devk('__complete', '--', ...words)).output).toBe(output)
})

test.each(['bash', 'zsh', 'fish'])('the completion script of %s calls devk', async (shell) => {
  expect((await devk('completion', shell)).output).toContain('devk __complete --')
})

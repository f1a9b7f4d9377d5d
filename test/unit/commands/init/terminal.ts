import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { onTestFinished } from 'vitest'
import { type InitFlags, runInit } from '../../../../src/commands/init/init.ts'
import type { CliContext } from '../../../../src/context.ts'
import { statePaths } from '../../../../src/state/paths.ts'

/** A folder named shop with these files, in one that is removed after the test. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const parent = mkdtempSync(join(tmpdir(), 'devk-init-'))
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }))
  const root = join(parent, 'shop')
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return root
}

/** What is different from a terminal in a project. */
type Setting = Partial<CliContext> & {
  readonly flags?: Partial<InitFlags>
  /** Changes the folder before devk starts. */
  readonly prepare?: (cwd: string) => void
  /** The home folder, relative to the project. */
  readonly home?: string
}

/** Runs `devk init` on a machine without kubectl and helm; at each prompt the user presses the next of these keys. */
export async function init(
  files: Readonly<Record<string, string>>,
  keys: readonly string[],
  { flags, prepare = () => {}, home, ...over }: Setting = {},
) {
  const cwd = folderWith(files)
  prepare(cwd)
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
  const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  const stdout = new PassThrough()
  const left = [...keys]
  let shown = ''
  screen.on('data', (chunk) => {
    shown += chunk
    if (/(\[y\/N\]|Number \[1\]:) /.test(String(chunk))) stdin.write(left.shift() ?? '\u0003')
  })
  const ctx = {
    ...{
      cwd,
      env: { HOME: home === undefined ? dirname(cwd) : join(cwd, home), PATH: '' },
      version: '0.0.0',
      isTTY: true,
      yes: false,
      json: false,
    },
    ...{ stdin, screen, stdout, stderr: new PassThrough(), signal: AbortSignal.timeout(20_000) },
    packageRoot: fileURLToPath(new URL('../../../..', import.meta.url)),
    paths: statePaths({ HOME: dirname(cwd) }),
    runner: { run: async () => ({ exitCode: 127, stdout: '', stderr: 'not found' }) },
    engine: () => ({ images: { inspect: async () => undefined } }),
    clock: () => 0,
    ...over,
  } as unknown as CliContext
  const code = await runInit(ctx, [], { analyze: false, check: false, ...flags })
  const file = join(cwd, 'platform.config.ts')
  const plain = stripVTControlCharacters(shown)
  const questions = [...plain.matchAll(/^.*\?(?= \[y\/N\]|$)/gm)].map(([question]) => question)
  const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  return { code, questions, shown, left, text, cwd, ctx, printed: String(stdout.read() ?? '') }
}

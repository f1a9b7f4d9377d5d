import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { collect, type Running, repository } from '../../e2e/support/devk.ts'
import { endProcesses } from './processes.ts'

/** How to start devk. */
export interface SiteOptions {
  /** On a terminal, as in the foreground of a shell. */
  readonly terminal?: boolean
  readonly env?: Readonly<Record<string, string | undefined>>
  /** What devk runs in, such as other namespaces. */
  readonly inside?: (words: readonly string[], cwd: string) => readonly string[]
}

/** A devk that runs, with what the terminal was set to. */
export interface SiteRun extends Running {
  /** The settings of the terminal before devk and after it, as stty(1) gives them. */
  terminal(): Promise<{ readonly before: string; readonly after: string }>
  /** Those before devk; empty or rejected until the shell has begun. */
  terminalBefore(): Promise<string>
}

/** The folder of a project with folders of its own for all that devk writes, so that a test sees what is left there. */
export interface Site {
  readonly folder: string
  /** A variable in the environment of every process that devk starts here. */
  readonly mark: string
  /** XDG_STATE_HOME and TMPDIR of devk. Its cache is that of this machine. */
  readonly state: string
  readonly temporary: string
  /** Folder of programs on PATH. It is outside of the project, whose own programs devk does not run. */
  readonly programs: string
  /** Writes a file below the folder of the project. */
  write(file: string, content: string): Promise<void>
  start(args: readonly string[], options?: SiteOptions): SiteRun
  /** Files that no devk needs any more: in the temporary folder, and half-written ones in the state folder. */
  litter(): Promise<string[]>
  /** Ends what still runs, and removes the folders. */
  dispose(): Promise<void>
}

type Five = [string, string, string, string, string]

/** Makes the folders. Starts nothing. */
export async function createSite(name: string): Promise<Site> {
  const base = await mkdtemp(join(tmpdir(), `devk-faults-${name}-`))
  const at = (leaf: string) => join(base, leaf)
  const [folder, state, temporary, notes, programs] = ['project', 'state', 'tmp', 'notes', 'bin'].map(at) as Five
  for (const each of [folder, state, temporary, notes, programs]) await mkdir(each)
  const mark = `DEVK_FAULTS_SITE=${base}`
  const home = { XDG_STATE_HOME: state, XDG_DATA_HOME: state, TMPDIR: temporary }
  const own = { ...home, DEVK_FAULTS_SITE: base, NO_COLOR: '1' }
  const PATH = `${programs}:${process.env.PATH}`
  let runs = 0
  return {
    folder,
    mark,
    state,
    temporary,
    programs,
    async write(file, content) {
      const path = join(folder, file)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, content)
    },
    start(args, { terminal = false, env = {}, inside = (words: readonly string[]) => words } = {}) {
      runs += 1
      const note = (when: string) => join(notes, `${runs}-${when}`)
      const [before, after] = [note('before'), note('after')]
      const words = [join(repository, 'bin/devk'), ...args]
      const [command = '', ...rest] = terminal ? onTerminal(words, before, after) : inside(words, folder)
      // With CI set, as it may be for these tests, devk would not stay.
      const all = { ...process.env, CI: undefined, ...own, PATH, TERM: 'xterm', ...env }
      const child = spawn(command, rest, { cwd: folder, env: all, detached: true })
      if (!terminal) child.stdin.end()
      return {
        ...collect(child),
        terminalBefore: () => readFile(before, 'utf8'),
        terminal: async () => ({ before: await readFile(before, 'utf8'), after: await readFile(after, 'utf8') }),
      }
    },
    async litter() {
      const states = await readdir(state, { recursive: true })
      return [...(await readdir(temporary)), ...states.filter((file) => file.endsWith('.tmp'))]
    },
    async dispose() {
      await endProcesses(mark)
      await rm(base, { recursive: true, force: true })
    },
  }
}

/** A shell in the foreground of a terminal that starts devk and stays after Ctrl-C. */
function onTerminal(words: readonly string[], before: string, after: string): string[] {
  const devk = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  const shell = `stty cols 100; trap : INT; stty -g >'${before}'; ${devk}; code=$?; stty -g >'${after}'; exit $code`
  return ['script', '--quiet', '--flush', '--return', '--command', shell, '/dev/null']
}

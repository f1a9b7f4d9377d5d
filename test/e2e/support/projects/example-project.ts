import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { type Devk, devkIn, repository } from '../devk.ts'
import { type Kubectl, kubectlIn } from '../kubectl.ts'

/** A copy of a project in a temporary folder, under a name and ports of its own so that the user's own project is not touched. */
export interface ExampleProject extends Devk {
  readonly folder: string
  /** The text of a file below the folder. */
  read(file: string): Promise<string>
  /** Writes a file below the folder. */
  write(file: string, text: string): Promise<void>
  /** Replaces all occurrences of a text in a file. Throws when there is none. */
  edit(file: string, from: string, to: string): Promise<void>
  /** kubectl of the first control-plane node. */
  readonly kubectl: Kubectl
  /** Runs `devk down` and removes the folder. */
  dispose(): Promise<void>
}

/** Which project is copied, and what is changed in the copy. */
export interface ExampleOptions {
  /** The name in its configuration. */
  readonly name: string
  /** The name in the copy. */
  readonly project: string
  /** Other changes of its configuration, each as `[from, to]`. */
  readonly changes: readonly (readonly [string, string])[]
  /** The folder of its configuration in the repository; without it `examples/NAME`. */
  readonly home?: string
  /** The files and folders of `home` to copy; without it all of them. */
  readonly parts?: readonly string[]
  /** kubectl of the cluster; without it that of a kind node. */
  readonly kubectl?: Kubectl
}

/** Files that are not copied: what other runs create, and secrets of the user. */
const notCopied = /node_modules|\.next|__pycache__|\.env$/

/** Copies a project and changes its configuration. Starts nothing. Throws when a text to change does not exist. */
export async function copyExample(options: ExampleOptions): Promise<ExampleProject> {
  const { name, project, changes, home = join('examples', name), parts = ['.'] } = options
  const folder = await mkdtemp(join(tmpdir(), `devk-${project}-`))
  for (const part of parts) {
    await cp(join(repository, home, part), join(folder, part), {
      recursive: true,
      filter: (path) => !notCopied.test(relative(repository, path)),
    })
  }
  const read: ExampleProject['read'] = (file) => readFile(join(folder, file), 'utf8')
  const write: ExampleProject['write'] = (file, text) => writeFile(join(folder, file), text)
  const edit: ExampleProject['edit'] = async (file, from, to) => {
    const text = await read(file)
    if (!text.includes(from)) throw new Error(`${file} of ${name} does not hold ${from}`)
    await write(file, text.replaceAll(from, to))
  }
  for (const [from, to] of [[`name: '${name}'`, `name: '${project}'`] as const, ...changes]) {
    await edit('platform.config.ts', from, to)
  }
  const devk = await devkIn(folder)
  return {
    ...devk,
    folder,
    read,
    write,
    edit,
    kubectl: options.kubectl ?? kubectlIn(`${project}-control-plane`),
    async dispose() {
      await devk.run(['down'])
      await devk.dispose()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { type Devk, devkIn, repository } from './devk.ts'
import { docker } from './engine.ts'

/** An example in a folder of its own, under another name and other ports, so that the user's own stays as it is. */
export interface Example extends Devk {
  readonly folder: string
  read(file: string): Promise<string>
  write(file: string, text: string): Promise<void>
  /** Replaces a text wherever a file has it; throws when it has it nowhere. */
  edit(file: string, from: string, to: string): Promise<void>
  /** kubectl in the first control-plane node, which owes nothing to devk; throws with its stderr. */
  kubectl(...args: string[]): Promise<string>
  /** Takes the stack away, with the folder. */
  dispose(): Promise<void>
}

export interface ExampleOptions {
  /** What its configuration calls it. */
  readonly name: string
  /** What it is called in the test. */
  readonly project: string
  /** What else is different in its configuration, each as `[from, to]`. */
  readonly changes: readonly (readonly [string, string])[]
  /** Where its configuration is, below the repository; `examples/NAME` when not given. */
  readonly home?: string
  /** What of `home` is copied; all of it when not given. */
  readonly parts?: readonly string[]
  /** The container of the first control plane, and kubectl in it; when not given, those of a node of kind. */
  readonly kubectl?: readonly string[]
}

/** What other runs leave in an example, and secrets of the user's own. */
const leftOut = /node_modules|\.next|__pycache__|\.env$/

/** Copies an example and changes its configuration. Nothing is started. */
export async function exampleProject(options: ExampleOptions): Promise<Example> {
  const { name, project, changes, home = join('examples', name), parts = ['.'] } = options
  const folder = await mkdtemp(join(tmpdir(), `devk-${project}-`))
  for (const part of parts) {
    await cp(join(repository, home, part), join(folder, part), {
      recursive: true,
      filter: (path) => !leftOut.test(relative(repository, path)),
    })
  }
  const read: Example['read'] = (file) => readFile(join(folder, file), 'utf8')
  const write: Example['write'] = (file, text) => writeFile(join(folder, file), text)
  const edit: Example['edit'] = async (file, from, to) => {
    const text = await read(file)
    if (!text.includes(from)) throw new Error(`${file} of ${name} does not hold ${from}`)
    await write(file, text.replaceAll(from, to))
  }
  for (const [from, to] of [[`name: '${name}'`, `name: '${project}'`] as const, ...changes]) {
    await edit('platform.config.ts', from, to)
  }
  const devk = await devkIn(folder)
  const ofKind = [`${project}-control-plane`, 'kubectl', '--kubeconfig=/etc/kubernetes/admin.conf']
  return {
    ...devk,
    folder,
    read,
    write,
    edit,
    kubectl: (...args) => docker('exec', ...(options.kubectl ?? ofKind), ...args),
    async dispose() {
      await devk.run(['down'])
      await devk.dispose()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

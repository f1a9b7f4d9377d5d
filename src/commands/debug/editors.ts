import { join } from 'node:path'
import type { CliContext } from '../../context.ts'
import { readEditorFile, writeEditorFile } from '../../debug/editor-file.ts'
import { canJetbrains, jetbrainsFile, jetbrainsText } from '../../debug/jetbrains.ts'
import { type Attachable, launchName } from '../../debug/launch.ts'
import { vscodeEntry, vscodeFile, withVscode } from '../../debug/vscode.ts'
import { isFolder } from '../../lib/paths.ts'
import { ask } from '../../terminal/confirm.ts'

/** The editors for which devk writes run configurations. */
export type EditorName = 'vscode' | 'jetbrains'

/** Writes the run configuration of one editor. */
export interface Editor {
  /** Relative to the folder of the configuration. */
  pathOf(service: string): string
  /** Throws USAGE if its file cannot be changed. Writes nothing. */
  check(service: string): Promise<void>
  /** Returns whether the file has changed. Throws USAGE. */
  write(about: Attachable): Promise<boolean>
}

/** The run configurations of an editor, below the folder of the project. */
export function editorOf(name: EditorName, root: string): Editor {
  const pathOf = (service: string) => (name === 'vscode' ? vscodeFile : jetbrainsFile(service))
  const textOf = (about: Attachable, before: string | undefined) =>
    name === 'vscode' ? withVscode(before, vscodeEntry(about)) : jetbrainsText(about)
  return {
    pathOf,
    async check(service) {
      const before = await readEditorFile({ root, path: pathOf(service) })
      textOf({ service, runtime: 'node', port: 0, mappings: [] }, before)
    },
    async write(about) {
      const file = { root, path: pathOf(about.service) }
      const before = await readEditorFile(file)
      const text = textOf(about, before)
      if (text === before) return false
      await writeEditorFile(file, text)
      return true
    },
  }
}

/** Asks whether to write the run configuration of the editor that the project is open in. */
export async function offerEditor(ctx: CliContext, root: string, about: Attachable): Promise<void> {
  const isJetbrains =
    canJetbrains(about.runtime) && (await isFolder(join(root, '.idea'))) && !(await isFolder(join(root, '.vscode')))
  const editor = editorOf(isJetbrains ? 'jetbrains' : 'vscode', root)
  const path = editor.pathOf(about.service)
  const before = await readEditorFile({ root, path })
  if (before?.includes(launchName(about.service))) return
  if (!(await ask(ctx, `Write the run configuration "${launchName(about.service)}" to ${path}?`))) return
  await editor.write(about)
  ctx.stderr.write(`wrote ${path}\n`)
}

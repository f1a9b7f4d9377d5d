import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DevkError } from '../errors.ts'
import { isWithin } from '../lib/paths.ts'

/** A file of an editor below the folder of the project. */
export interface EditorFile {
  readonly root: string
  readonly path: string
}

/** Its text; undefined if it does not exist. Throws USAGE for a link that leads out of the project. */
export async function readEditorFile(file: EditorFile): Promise<string | undefined> {
  await requireInside(file)
  return readFile(join(file.root, file.path), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw unusable(file, error)
  })
}

/** Replaces the file as a whole. Throws USAGE as above, and if it cannot be written. */
export async function writeEditorFile(file: EditorFile, text: string): Promise<void> {
  await requireInside(file)
  const path = join(file.root, file.path)
  const temporary = `${path}.devk-${crypto.randomUUID()}`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(temporary, text, { flag: 'wx' })
    // A link inside the project stays one.
    await rename(temporary, await realpath(path).catch(() => path))
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw unusable(file, error as NodeJS.ErrnoException)
  }
}

/** Whatever exists of the path must lie in the project. */
async function requireInside({ root, path }: EditorFile): Promise<void> {
  const home = await realpath(root)
  for (let at = path; at !== '.'; at = dirname(at)) {
    const real = await realpath(join(root, at)).catch(() => undefined)
    if (real === undefined || isWithin(real, home)) continue
    throw new DevkError('USAGE', `${path} leads out of the project, to ${real}`, {
      details: ['Nothing was changed.'],
      hint: 'Replace the link with a file, or run devk debug without --write.',
    })
  }
}

function unusable({ path }: EditorFile, error: NodeJS.ErrnoException): DevkError {
  return new DevkError('USAGE', `${path} cannot be used: ${error.message}`, {
    cause: error,
    hint: 'Correct the file, or run devk debug without --write.',
  })
}

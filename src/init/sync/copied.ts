import { posix } from 'node:path'
import type { ImageFacts } from '../../images/reload/image.ts'
import type { Program } from '../../images/reload/program.ts'
import type { Tree } from '../../images/reload/rules.ts'

/** The files of a repository by where an image has them: paths are relative to its working folder. */
export function copiedFiles(facts: ImageFacts, context: string, tree: Tree): Pick<Program, 'text' | 'folders'> {
  return {
    text: (file) => textIn(facts, context, tree, file),
    folders: (folder) => foldersIn(facts, context, tree, folder),
  }
}

/** Whether a path is a folder, or is in it. Pure. */
export function isInside(path: string, folder: string): boolean {
  return !posix.relative(folder, path).startsWith('..')
}

/** The paths in the repository of what lies at a path below the container's working folder. */
function sourcesOf({ copies, workdir }: ImageFacts, context: string, path: string): string[] {
  const wanted = posix.resolve(workdir, path)
  return copies.flatMap(({ sources, to, workdir: at }) => {
    const place = posix.resolve(at, to)
    return sources.flatMap((source) => {
      const isPattern = /[*?[]/.test(source)
      const from = posix.join(context, isPattern ? posix.dirname(source) : source)
      return [
        ...(isInside(wanted, place) ? [posix.join(from, posix.relative(place, wanted))] : []),
        ...([place, posix.join(place, posix.basename(from))].includes(wanted) ? [from] : []),
      ]
    })
  })
}

/** The text of a file of the repository that lies in the container's working folder. */
async function textIn(facts: ImageFacts, context: string, tree: Tree, file: string): Promise<string> {
  for (const path of sourcesOf(facts, context, file)) if ((await tree.kind(path)) === 'file') return tree.text(path)
  return ''
}

/** The folders in one below the container's working folder: those that are copied with it, and by themselves. */
async function foldersIn(facts: ImageFacts, context: string, tree: Tree, folder: string): Promise<string[]> {
  const wanted = posix.resolve(facts.workdir, folder)
  const inside = await Promise.all(sourcesOf(facts, context, folder).map((path) => tree.folders(path)))
  const alone = facts.copies.flatMap(({ to, workdir }) => {
    const place = posix.relative(wanted, posix.resolve(workdir, to))
    return place === '' || place.startsWith('..') ? [] : (place.split('/')[0] ?? [])
  })
  return [...new Set([...inside.flat(), ...alone])]
}
